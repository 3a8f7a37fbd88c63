"""Rules that make days: of the month, of the week, counted from today, holidays."""

from collections.abc import Sequence
from datetime import date, timedelta

from salon.understanding import days
from salon.understanding.grammar import periods
from salon.understanding.grammar.engine import Day, Env, Rule, Span, atom, has, point_from, values
from salon.understanding.grammar.periods import DAYS_IN_WEEK, one_day, stretch
from salon.understanding.grammar.tokens import Token

_RECENT_DAYS = 60
_CENTURY = 2000
_TWO_DAYS = frozenset({"old_new_year"})
"""Holidays of the night between two days: which of them is meant is asked."""
_YEARS_AHEAD = 2
"""Nobody books further: «2 апреля 2030» is more likely half past eight, and asked about."""


def _of_year(env: Env, month: int, number: int, taken: list[Token]) -> Token:
    """Make a day of the year; one that has only just gone by may be a slip, so it is asked about."""
    found = days.next_day_of_year(env.today, month, number)
    before = days.safe_date(found.year - 1, month, number) if found else None
    slip = before is not None and (env.today - before).days <= _RECENT_DAYS
    return atom("D", Day(found, flags=("past",) if slip else ()), taken)


def _date(taken: list[Token], env: Env) -> Sequence[Token] | None:
    number, month = values(taken, "NO")[0], values(taken, "M")[0]
    tail = taken[next(i for i, token in enumerate(taken) if token.cls == "M") + 1 :]
    year = tail[0].value if tail and tail[0].cls == "N" else None
    if year is not None and year > env.today.year + _YEARS_AHEAD and year % 100 < 60 and not has(tail, "g"):  # noqa: PLR2004 - minutes
        point = point_from(year // 100, year % 100)
        said = [atom("T", point, [tail[0]]), Token("θ", "time", "", tail[0].start, tail[0].end)] if point else []
        return [_of_year(env, month, number, taken[: len(taken) - len(tail)]), *said]
    if year is not None and (year >= _CENTURY or (has(tail, "g") and year < 100)):  # noqa: PLR2004 - two-digit year
        return one_day(taken, days.safe_date(year if year >= _CENTURY else _CENTURY + year, month, number))
    rest = [token for token in tail if token.cls == "N"]
    return [_of_year(env, month, number, taken[: len(taken) - len(tail)]), *rest]


def _moved_in_month(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«с 15 декабря на 17»: to the seventeenth."""
    number = [token for token in taken if token.cls in "NO"][-1].value
    return [_of_year(env, values(taken, "M")[0], number, taken)] if 1 <= number <= 31 else None  # noqa: PLR2004 - a month's days


def _bounded_in_month(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«в мае после 20-го»."""
    place = next(index for index, token in enumerate(taken) if token.cls in "pdr<>s")
    return [taken[place], _of_year(env, values(taken, "M")[0], values(taken, "NO")[0], taken[place + 1 :])]


def _moved_to_week(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«с пятницы на следующую неделю», but «с пятницы на следующей неделе»."""
    return periods.week(taken[-2:], env) if taken[-1].text in {"неделю", "недельку"} else None


def _numeric(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«пятого двенадцатого», «12 числа 12 месяца»: the second number is a month."""
    number, month = values(taken, "NO")
    return [_of_year(env, month, number, taken)] if 1 <= month <= 12 else None  # noqa: PLR2004 - months


def _date_month_first(taken: list[Token], env: Env) -> Sequence[Token] | None:
    return [_of_year(env, values(taken, "M")[0], values(taken, "NO")[0], taken)]


def _list_of_month(taken: list[Token], env: Env) -> Sequence[Token] | None:
    month = values(taken, "M")[0]
    found = [_of_year(env, month, number, taken).value for number in values(taken, "NO")]
    return [atom("3", found, taken)]


def _span_of_month(taken: list[Token], env: Env) -> Sequence[Token] | None:
    month = values(taken, "M")[0]
    first, last = (_of_year(env, month, number, taken).value for number in values(taken, "NO"))
    return [atom("2", between(first, last, env), taken)]


def between(first: Day, last: Day, env: Env) -> Span:
    """Make a stretch between two days; what has begun already starts today, what is over keeps that doubt."""
    if first.date is None or last.date is None:
        return Span(None, None, flags=("date",))
    start, end, flags = first.date, last.date, (*first.flags, *last.flags)
    if "past" in first.flags and "past" not in last.flags:
        start, flags = env.today, last.flags
    if end < start and last.weekday is not None:
        end += timedelta(days=DAYS_IN_WEEK)
    elif end < start:
        end = days.next_day_of_year(start, end.month, end.day) or end
    return Span(start, end, flags=flags if end >= start else (*flags, "date"))


def _list_of_days(taken: list[Token], env: Env) -> Sequence[Token] | None:
    found = [Day(days.next_month_day(env.today, number)) for number in values(taken, "NO")]
    return [atom("3", found, taken)]


def _span_of_days(taken: list[Token], env: Env) -> Sequence[Token] | None:
    first, last = values(taken, "NO")
    start = days.next_month_day(env.today, first)
    return _ordered_days(taken, start, days.next_month_day(start, last) if start else None)


def _ordered_days(taken: list[Token], first: date | None, last: date | None) -> Sequence[Token] | None:
    return stretch(taken, first, last) if first and last else [atom("D", Day(None), taken)]


def _span_of_numbers(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«с 20 по 27»: days when a clock cannot show one of them."""
    return _span_of_days(taken, env) if max(values(taken, "N")) > 24 else None  # noqa: PLR2004 - hours end


def _month_day(taken: list[Token], env: Env) -> Sequence[Token] | None:
    number = values(taken, "NO")[0]
    head = [taken[0]] if taken[0].cls in "kspdruI" else []
    day = Day(days.next_month_day(env.today, number), number=number)
    return [*head, atom("D", day, taken[len(head) :])]


def _late_number(taken: list[Token], env: Env) -> Sequence[Token] | None:
    return _month_day(taken, env) if 25 <= taken[-1].value <= 31 else None  # noqa: PLR2004 - no hour, but a day


def _dotted(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«12.04»: a date if the second part can be a month and nothing points to a time (facts §1.3)."""
    pairs = values(taken, "&")
    timed = taken[0].cls in "vk" or any(text[-2:] == "00" or second > 12 for _, second, text in pairs)  # noqa: PLR2004 - months
    timed = timed or any(not _repeats(token, pairs[0], env) for token in taken[:-1] if token.cls in "DRW")
    result: list[Token] = []
    for token in taken:
        if token.cls != "&":
            result.append(token)
            continue
        first, second, text = token.value
        point = point_from(first, second, text=text) if timed and "/" not in text else None
        if point:
            result.append(atom("T", point, [token]))
        elif "/" in text or not timed:
            result.append(_of_year(env, second, first, [token]))
        else:
            return None
    return result


def _schedule(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«работаю 2/2», «график 5/2»."""
    return taken[:-1] if "/" in taken[-1].value[2] else None


def _repeats(token: Token, pair: tuple[int, int, str], env: Env) -> bool:
    """«сб 12.12»: the pair is that very day, said again, and no time."""
    found = days.next_day_of_year(env.today, pair[1], pair[0])
    if found is None or token.cls == "D":
        return False
    if token.cls == "R":
        return bool(found == env.today + timedelta(days=token.value))
    return found.weekday() == token.value[0] and (found - env.today).days <= _RECENT_DAYS


def _relative(taken: list[Token], env: Env) -> Sequence[Token] | None:
    shift = values(taken, "R")[0]
    found = env.today + timedelta(days=shift)
    return [atom("D" if shift >= 0 else "!", Day(found), taken)]


def _weekday(taken: list[Token], env: Env) -> Sequence[Token] | None:
    weekday, plural = taken[-1].value
    nearest = days.next_weekday(env.today, weekday)
    this_week = days.monday_of(env.today) + timedelta(days=weekday)
    kind = taken[0].cls
    if kind == "Z":
        following = this_week + timedelta(days=DAYS_IN_WEEK)
        return [atom("D", Day(following, weekday, week=days.monday_of(following)), taken)]
    if kind == "L":
        gone = this_week if this_week < env.today else this_week - timedelta(days=DAYS_IN_WEEK)
        return [atom("!", Day(gone), taken)]
    if kind == "E":
        gone_by = this_week < env.today
        return [atom("D", Day(nearest, weekday, flags=("date",) if gone_by else ()), taken)]
    if kind == "x":
        return [atom("D", Day(nearest + timedelta(days=DAYS_IN_WEEK), weekday, flags=("date",)), taken)]
    today = nearest == env.today
    return [atom("D", Day(nearest, weekday, today, ("date",) if plural else ()), taken)]


def _holiday(taken: list[Token], env: Env) -> Sequence[Token] | None:
    name = taken[-1].value
    found = days.holiday(env.holidays[name], env.today)
    if found is None:
        return None
    first, last = found
    kind = taken[0].cls
    if kind == "r":
        edge = first if name == "new_year" else first - timedelta(days=1)
        return stretch(taken, max(env.today, edge - timedelta(days=6)), edge, approx=True)
    if kind == "p":
        return stretch(taken, last + timedelta(days=1), None)
    if first == last:
        return one_day(taken, first, doubt="date" if name in _TWO_DAYS else "")
    return stretch(taken, max(first, env.today), last)


def _ago(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("!", Day(None), taken)]


def _around(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«числа десятого»: the turned order means about."""
    return [taken[-1], atom("A", None, taken[:1])]


def _about(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«числа 5-6 сентября»."""
    return [atom("A", None, taken)]


def _nothing(_: list[Token], __: Env) -> Sequence[Token] | None:
    """«не 20, а 21 августа»: the first is taken back."""
    return []


def _absolute(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return one_day(taken, taken[0].value)


def _number_of_month(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«в декабре числа 20», «числа с 20»: the turned order means about."""
    numbers = [token for token in taken if token.cls == "N"]
    if not 1 <= numbers[0].value <= 31:  # noqa: PLR2004 - days of a month
        return None
    return [atom("O", numbers[0].value, taken), atom("A", None, taken[:1])]


def _free_day(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«12 июня (выходной)»: what kind of day it is, not which."""
    day: Day = taken[0].value
    is_kind = taken[-1].text in {"выходной", "выходного"} or (day.date is not None and day.date.weekday() > 4)  # noqa: PLR2004 - Friday
    return taken[:1] if is_kind else None


def _number_before_time(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«на 22 в 15»: first the day, then the hour."""
    number = taken[-1].value
    if taken[0].cls == "N" and number <= 12:  # noqa: PLR2004 - «2 в 15» may be two people
        return None
    return one_day(taken, days.next_month_day(env.today, number)) if 1 <= number <= 31 else None  # noqa: PLR2004 - a month's days


def _number_of_weekday(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«23, чт»: the number is a day if that day is that weekday; the rules see it again when the weekday is read."""
    number = taken[-1].value
    return [Token("ν", number, taken[-1].text, taken[0].start, taken[-1].end)] if 1 <= number <= 31 else None  # noqa: PLR2004 - a month's days


def _weekday_with_number(taken: list[Token], env: Env) -> Sequence[Token] | None:
    number = taken[0]
    found = _weekday_with_day(taken, env)
    return found or [Token("N", number.value, number.text, number.start, number.end), *taken[1:]]


def _weekday_with_day(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«четверг 26 в 15»: the number is the day, if that day is a Thursday."""
    number = values(taken, "νN")[0]
    found = days.next_month_day(env.today, number)
    return one_day(taken, found) if found is not None and found.weekday() == values(taken, "W")[0][0] else None


def _weekday_with_late_day(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«в четверг 26»: no clock shows that."""
    return _weekday_with_day(taken, env) if taken[-1].value > 24 else None  # noqa: PLR2004 - hours end


def _gone_by(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«три дня спустя»."""
    return periods.later_days([taken[-1], *taken[:-1]], env) if taken[-1].text == "спустя" else None


def _after_from(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«через неделю после восьмого марта» is reckoned from that day, once it is known."""
    place = next(index for index, token in enumerate(taken) if token.cls == "p")
    return [atom("χ", taken[:place], taken[: place + 1]), *taken[place + 1 :]]


def _day_of_part(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«в конце мая, 29-го»: the day is said, and the part of the month says nothing more."""
    return [taken[-1]]


def _not_to_a_month(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«к Мае», «к Марте» is to somebody: a month would be «к маю», «к марту»."""
    name = taken[1]
    return [taken[0], Token("_", None, name.text, name.start, name.end)] if name.text.endswith("е") else None


_DAY = "(?=[NO]c?M|W|%|[NO]c|O|@|&|R)"
"""What a day looks like before it is read."""

_ALONE = "(?<![NOc])"
"""Before a month that has no day of its own."""

DATE_RULES: tuple[Rule, ...] = (
    ("@", _absolute),
    ("kM", _not_to_a_month),
    ("[vnk]?YM(?=,?[vn]?Oc?(?!M))", _day_of_part),
    ("[NwH]?[hyemog]G", _ago),
    ("L[eo]", _ago),
    ("I[vn]?N,?a?n?(?=[NO]c?M)", _nothing),
    ("(?<![NO])c(?=[NO](?:-|,?l)[NO])", _about),
    ("(?<![NO])c[vn]?O", _around),
    ("(?<![NO])c[vn]?N(?![hm])", _number_of_month),
    ("(?:s[NO]c?[id]|z[NO]j|[NO]-)[NO]c?M", _span_of_month),
    (f"{_ALONE}[vn]?M,?_?[pdr<>s](?:Oc?|Nc)(?![idM-])", _bounded_in_month),
    (f"{_ALONE}[vn]?M,?s(?:[NO]c?i[NO]c?|[NO]c?d[NO]c|OdO)(?![hmM])", _span_of_month),
    ("[vn]?(?:[NO]c?(?:,|,?[lj])[vn]?)+[NO]c?M", _list_of_month),
    ("(?:s[NO]c?[id]|[NO]-)[NO]c", _span_of_days),
    ("(?:s[O][id]|O-)O", _span_of_days),
    ("sNiN(?!M)", _span_of_numbers),
    ("[vn]?[NO]c?M,?[lj][vn]?O(?![Mh])|[vn]?[NO]c?M,?[lj]n?N(?![hm:Mc#])", _list_of_month),
    ("s[NO]c?M_?n[NO]c?(?![hmM#])", _moved_in_month),
    ("[NO]c?M(?:Ng?|g)?", _date),
    ("[NO]c[NO]o", _numeric),
    ("(?<![lj,])OO(?![hPMc])", _numeric),
    ("[vn]?M-M|sM[id]M", periods.months),
    ("M,?[vn]?[NO]c|M,?[vn]?O(?!W)|MN(?![hmg#yeoMN])", _date_month_first),
    ("[vn]?(?:[NO](?:,|,?l)[vn]?)+[NO]c|[vn]?(?:O(?:,|,?[lj])[vn]?)+O", _list_of_days),
    ("[=U]_?&", _schedule),
    ("s&[id]&|&-&", _dotted),
    ("[DRW],?[vknsdp]?&|[vknsdp]?&", _dotted),
    ("(?:x[Nw]?o|oxN)(?:,[vn]?|[vn])(?:Oc?|Nc)|x[Nw]?oOc?", periods.day_of_later_month),
    ("x[Nw]?o,?[vn]?Y", periods.later_month_part),
    ("[vnk]?[αO],?[vn]?W,?[vn]?(?:M|[ZE]?o)", periods.ranked_weekday),
    ("[vn]?M,?[vn]?[αO]W", periods.ranked_weekday),
    ("[vnk]?αe,?[vn]?(?:M|[ZE]?o)", periods.ranked_week),
    ("[vnk]?[αO]y,?[vn]?(?:M|[ZE]?o)", periods.ranked_day),
    ("[vnk]?[αO]F[ZE]?(?:e|o|M)", periods.half_of),
    ("[vnks]?[αO]F(?:y|P)?", periods.half_of),
    ("αW", periods.ranked_without_month),
    ("[vnkspdruI]?[NO]c|[vnkspdruI]?O(?![hM])", _month_day),
    ("[vn]N(?![hm#M])", _late_number),
    ("nN(?=,?v[NT])|^N(?=v[NT])", _number_before_time),
    ("(?<![vksdpzbx-])n?N(?=,?W)", _number_of_weekday),
    ("ν,?W", _weekday_with_number),
    ("W,?N(?=,?v[NT])", _weekday_with_day),
    ("W,?N(?![hm#MNcyeo-])", _weekday_with_late_day),
    ("I[vn]?W(?:,?[jl]{1,2}I?[vn]?W)*,?[vn][ZEB]e", periods.excluded_in_week),
    ("sW_?nZe", _moved_to_week),
    ("(?:[vn]?[ZB]e|Ee)[,_C]{0,3}[vn]?W", periods.weekday_in_week),
    ("W[,_]?[vn]?[ZEB]e", periods.weekday_in_week),
    ("x[Nw]?e[,_C]{0,3}[vn]?W|W,?x[Nw]?e", periods.weekday_in_week),
    ("[NwH]?[yeo]x(?![NwHhmyeo])", _gone_by),
    ("xN[-l]N[yeo]|[yeo]xN[-l]N|x[yeo][-l]N[yeo]?", periods.later_span),
    (f"x[NwH]?[yeo]p{_DAY}", _after_from),
    ("x[yeo]N(?![hmcM#])", periods.later_counted),
    ("(?:x[NwH]?|[yeo]xN?)[yeog]|[yeo]x[NH]", periods.later_days),
    ("[vndk]?Y[ZE]?e|[vn]?[ZE]e,?A?[vnk]?Y", periods.week),
    ("[vndk]?Y[ZE]?o|[vn]?[ZE]o,?[vnk]?Y|[vndk]?YZ?M|[vn]?Z?M,?A?[vnk]?Y", periods.month),
    ("D[,_]?K", _free_day),
    ("[vn]?[ZEB]?K", periods.weekend),
    ("[vni]?[ZEB]?J", periods.workdays),
    ("[vn]?[ZEB]e", periods.week),
    ("[vn]?[B](?:N|w)[yeo]", periods.next_days),
    ("[vn]?[ZE]o|[vn]?Z?M", periods.month),
    ("[vn]?[ZEB]?σ", periods.season),
    ("(?<=D),?a?I[vn]?N(?![hmM])", _nothing),
    ("1", periods.soon),
    ("[ZEBL];?W", _weekday),
    ("x[^NWe]?W", _weekday),
    ("W", _weekday),
    ("R", _relative),
    ("(?<!Zy)[rpu][%]|[%]", _holiday),
)  # fmt: skip
