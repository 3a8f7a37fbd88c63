"""Rules that make days, weeks, months and holidays."""

from collections.abc import Sequence
from datetime import date, timedelta

from salon.understanding import days
from salon.understanding.grammar.engine import Day, Env, Rule, Span, atom, has, point_from, values
from salon.understanding.grammar.tokens import Token

_RECENT_DAYS = 60
DAYS_IN_WEEK = 7
_FEW_DAYS = 3
_CENTURY = 2000


def one_day(taken: list[Token], found: date | None, *, weekday: int | None = None, approx: bool = False) -> list[Token]:
    """Make a day out of the tokens; no date when the calendar does not have it."""
    return [atom("D", Day(found, weekday=weekday, approx=approx), taken)]


def stretch(taken: list[Token], first: date | None, last: date | None, *, approx: bool = False) -> list[Token]:
    """Make a stretch of days out of the tokens; None leaves an end open."""
    return [atom("2", Span(first, last, approx), taken)]


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
    if year is not None and (year >= _CENTURY or (has(tail, "g") and year < 100)):  # noqa: PLR2004 - two-digit year
        return one_day(taken, days.safe_date(year if year >= _CENTURY else _CENTURY + year, month, number))
    rest = [token for token in tail if token.cls == "N"]
    return [_of_year(env, month, number, taken[: len(taken) - len(tail)]), *rest]


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
    head = [taken[0]] if taken[0].cls in "spdruI" else []
    return [*head, *one_day(taken[len(head) :], days.next_month_day(env.today, number))]


def _late_number(taken: list[Token], env: Env) -> Sequence[Token] | None:
    return _month_day(taken, env) if 25 <= taken[-1].value <= 31 else None  # noqa: PLR2004 - no hour, but a day


def _dotted(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«12.04»: a date if the second part can be a month and nothing points to a time (facts §1.3)."""
    pairs = values(taken, "&")
    timed = taken[0].cls in "vk" or any(text[-2:] == "00" or second > 12 for _, second, text in pairs)  # noqa: PLR2004 - months
    timed = timed or any(token.cls in "DRW" for token in taken[:-1])
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


def _relative(taken: list[Token], env: Env) -> Sequence[Token] | None:
    shift = values(taken, "R")[0]
    found = env.today + timedelta(days=shift)
    return [atom("D" if shift >= 0 else "!", Day(found), taken)]


def _later_days(taken: list[Token], env: Env) -> Sequence[Token] | None:
    amount = values(taken, "Nw")[0] if values(taken, "Nw") else 1
    approx = has(taken, "w") or taken[0].cls != "x"
    amount = 2 if has(taken, "w") else (amount or 0)
    if has(taken, "H"):
        return None
    if has(taken, "o"):
        return one_day(taken, days.plus_months(env.today, amount), approx=approx)
    if has(taken, "g"):
        return one_day(taken, days.plus_months(env.today, 12 * amount), approx=approx)
    if has(taken, "y") and not values(taken, "Nw"):
        return [atom("D", Day(days.plus_days(env.today, 2), flags=("date",)), taken)]
    return one_day(taken, days.plus_days(env.today, amount * (DAYS_IN_WEEK if has(taken, "e") else 1)), approx=approx)


def _weekday_in_week(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """A weekday of this, the next or a later calendar week (Monday to Sunday)."""
    weekday = values(taken, "W")[0][0]
    ahead = 0 if has(taken, "E") else 1
    if has(taken, "x"):
        ahead = 2 if has(taken, "w") else (values(taken, "N") or [1])[0]
    found = days.plus_days(days.monday_of(env.today), ahead * DAYS_IN_WEEK + weekday)
    if found and found < env.today:
        return [atom("D", Day(days.next_weekday(env.today, weekday), weekday, flags=("date",)), taken)]
    week = days.monday_of(found) if found else None
    return [atom("D", Day(found, weekday, week=week), taken)]


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


def _week(taken: list[Token], env: Env) -> Sequence[Token] | None:
    ahead = 1 if has(taken, "Z") else 0
    monday = days.monday_of(env.today) + timedelta(days=DAYS_IN_WEEK * ahead)
    first, last = monday, monday + timedelta(days=DAYS_IN_WEEK - 1)
    if taken[0].cls == "d":
        return stretch(taken, env.today, last)
    if has(taken, "Y"):
        low, high = days.WEEK_THIRDS[values(taken, "Y")[0]]
        first, last = monday + timedelta(days=low), monday + timedelta(days=high)
        if last < env.today:
            first, last = first + timedelta(days=DAYS_IN_WEEK), last + timedelta(days=DAYS_IN_WEEK)
    return stretch(taken, max(first, env.today), last)


def _month(taken: list[Token], env: Env) -> Sequence[Token] | None:
    if has(taken, "M"):
        number = values(taken, "M")[0]
        year = env.today.year + (number < env.today.month) + (has(taken, "Z") and number >= env.today.month)
        first = date(year, number, 1)
    else:
        moved = days.plus_months(env.today.replace(day=1), 1 if has(taken, "Z") else 0)
        if moved is None:
            return None
        first = moved
    last = days.month_end(first.year, first.month)
    if taken[0].cls == "d":
        return stretch(taken, env.today, last)
    if has(taken, "Y"):
        low, high = days.MONTH_THIRDS[values(taken, "Y")[0]]
        last = last.replace(day=min(high, last.day))
        first = first.replace(day=low)
        if last < env.today:
            return [atom("2", Span(first, last, flags=("past",)), taken)]
    return stretch(taken, max(first, env.today), last)


def _weekend(taken: list[Token], env: Env) -> Sequence[Token] | None:
    return stretch(taken, *days.weekend_of(env.today, 1 if has(taken, "Z") else 0))


def _workdays(taken: list[Token], env: Env) -> Sequence[Token] | None:
    monday = days.monday_of(env.today)
    if has(taken, "Z") or env.today.weekday() > 4:  # noqa: PLR2004 - the weekend
        monday += timedelta(days=DAYS_IN_WEEK)
    return stretch(taken, max(monday, env.today), monday + timedelta(days=4))


def _soon(taken: list[Token], env: Env) -> Sequence[Token] | None:
    reach = {"few_days": _FEW_DAYS, "week_ahead": DAYS_IN_WEEK}.get(taken[-1].value)
    if reach is None:
        return _week(taken, env)
    return stretch(taken, env.today, env.today + timedelta(days=reach), approx=True)


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
    return one_day(taken, first) if first == last else stretch(taken, max(first, env.today), last)


def _ago(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("!", Day(None), taken)]


def _around(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«числа десятого»: the turned order means about."""
    return [taken[-1], atom("A", None, taken[:1])]


def _absolute(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return one_day(taken, taken[0].value)


DATE_RULES: tuple[Rule, ...] = (
    ("@", _absolute),
    ("[NwH]?[hyemog]G", _ago),
    ("L[eo]", _ago),
    ("c[vn]?O", _around),
    ("(?:s[NO]c?[id]|z[NO]j|[NO]-)[NO]c?M", _span_of_month),
    ("[vn]?(?:[NO]c?(?:,|,?[lj])[vn]?)+[NO]c?M", _list_of_month),
    ("(?:s[NO]c?[id]|[NO]-)[NO]c", _span_of_days),
    ("(?:s[O][id]|O-)O", _span_of_days),
    ("sNiN(?!M)", _span_of_numbers),
    ("[NO]c?M(?:Ng?|g)?", _date),
    ("M,?[vn]?[NO]c|M,?[vn]?O", _date_month_first),
    ("[vn]?(?:[NO](?:,|,?l)[vn]?)+[NO]c|[vn]?(?:O(?:,|,?[lj])[vn]?)+O", _list_of_days),
    ("s&[id]&|&-&", _dotted),
    ("[DRW],?[vknsdp]?&|[vknsdp]?&", _dotted),
    ("[spdruI]?[NO]c|[vnkspdruI]?O(?![hPM])", _month_day),
    ("[vn]N(?![hm#M])", _late_number),
    ("(?:[vn]?Ze|Ee)[,_]?[vn]?W", _weekday_in_week),
    ("W[,_]?[vn]?(?:Z|E)e", _weekday_in_week),
    ("x[Nw]?e[,_]?[vn]?W|W,?x[Nw]?e", _weekday_in_week),
    ("(?:x[Nw]?|[yeo]xN?)[yeog]|[yeo]xN", _later_days),
    ("[vnd]?Y[ZE]?e", _week),
    ("[vndk]?Y[ZE]?o|[vndk]?YZ?M|[vn]?Z?M,?Y", _month),
    ("[vn]?[ZEB]?K", _weekend),
    ("[vni]?[ZE]?J", _workdays),
    ("[vn]?[ZEB]e", _week),
    ("[vn]?[ZE]o|[vn]?Z?M", _month),
    ("1", _soon),
    ("[ZEBL];?W", _weekday),
    ("x[^NWe]?W", _weekday),
    ("W", _weekday),
    ("R", _relative),
    ("[rpu]?[%]", _holiday),
)  # fmt: skip
