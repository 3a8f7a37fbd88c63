"""Rules that make days, stretches of days and excluded days."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from salon.understanding import days
from salon.understanding.grammar.engine import Day, Env, Rule, Span, atom, has, point_from, values
from salon.understanding.grammar.tokens import Token

_RECENT_DAYS = 60
_DAYS_IN_WEEK = 7
_FEW_DAYS = 3
_CENTURY = 2000


def _day(taken: list[Token], found: date | None, *, weekday: int | None = None, approx: bool = False) -> list[Token]:
    return [atom("D", Day(found, weekday=weekday, approx=approx), taken)]


def _span(taken: list[Token], first: date | None, last: date | None, *, approx: bool = False) -> list[Token]:
    return [atom("2", Span(first, last, approx), taken)]


def _of_year(env: Env, month: int, number: int, taken: list[Token]) -> Token:
    """Make a day of the year; one that has only just gone by may be a slip, so it is asked about."""
    found = days.next_day_of_year(env.today, month, number)
    before = days.safe_date(env.today.year, month, number)
    slip = before is not None and found != before and (env.today - before).days <= _RECENT_DAYS
    return atom("D", Day(found, flags=("past",) if slip else ()), taken)


def _date(taken: list[Token], env: Env) -> Sequence[Token] | None:
    number, month = values(taken, "NO")[0], values(taken, "M")[0]
    tail = taken[next(i for i, token in enumerate(taken) if token.cls == "M") + 1 :]
    year = tail[0].value if tail and tail[0].cls == "N" else None
    if year is not None and (year >= _CENTURY or (has(tail, "g") and year < 100)):  # noqa: PLR2004 - two-digit year
        return _day(taken, days.safe_date(year if year >= _CENTURY else _CENTURY + year, month, number))
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
    first, last = (_of_year(env, month, number, taken).value.date for number in values(taken, "NO"))
    return _ordered(taken, first, last)


def _ordered(taken: list[Token], first: date | None, last: date | None) -> Sequence[Token] | None:
    if first is None or last is None:
        return [atom("D", Day(None), taken)]
    if last < first:
        later = days.next_day_of_year(first, last.month, last.day)
        last = later or last
    return _span(taken, first, last)


def _list_of_days(taken: list[Token], env: Env) -> Sequence[Token] | None:
    found = [Day(days.next_month_day(env.today, number)) for number in values(taken, "NO")]
    return [atom("3", found, taken)]


def _span_of_days(taken: list[Token], env: Env) -> Sequence[Token] | None:
    first, last = values(taken, "NO")
    start = days.next_month_day(env.today, first)
    return _ordered_days(taken, start, days.next_month_day(start, last) if start else None)


def _ordered_days(taken: list[Token], first: date | None, last: date | None) -> Sequence[Token] | None:
    return _span(taken, first, last) if first and last else [atom("D", Day(None), taken)]


def _span_of_numbers(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«с 20 по 27»: days when a clock cannot show one of them."""
    return _span_of_days(taken, env) if max(values(taken, "N")) > 24 else None  # noqa: PLR2004 - hours end


def _month_day(taken: list[Token], env: Env) -> Sequence[Token] | None:
    number = values(taken, "NO")[0]
    head = [taken[0]] if taken[0].cls in "spdruI" else []
    return [*head, *_day(taken[len(head) :], days.next_month_day(env.today, number))]


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
        return _day(taken, days.plus_months(env.today, amount), approx=approx)
    if has(taken, "g"):
        return _day(taken, days.plus_months(env.today, 12 * amount), approx=approx)
    if has(taken, "y") and not values(taken, "Nw"):
        return [atom("D", Day(days.plus_days(env.today, 2), flags=("date",)), taken)]
    return _day(taken, days.plus_days(env.today, amount * (_DAYS_IN_WEEK if has(taken, "e") else 1)), approx=approx)


def _weekday_in_week(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """A weekday of this, the next or a later calendar week (Monday to Sunday)."""
    weekday = values(taken, "W")[0][0]
    ahead = 0 if has(taken, "E") else 1
    if has(taken, "x"):
        ahead = 2 if has(taken, "w") else (values(taken, "N") or [1])[0]
    found = days.plus_days(days.monday_of(env.today), ahead * _DAYS_IN_WEEK + weekday)
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
        following = this_week + timedelta(days=_DAYS_IN_WEEK)
        return [atom("D", Day(following, weekday, week=days.monday_of(following)), taken)]
    if kind == "L":
        gone = this_week if this_week < env.today else this_week - timedelta(days=_DAYS_IN_WEEK)
        return [atom("!", Day(gone), taken)]
    if kind == "E":
        gone_by = this_week < env.today
        return [atom("D", Day(nearest, weekday, flags=("date",) if gone_by else ()), taken)]
    if kind == "x":
        return [atom("D", Day(nearest + timedelta(days=_DAYS_IN_WEEK), weekday, flags=("date",)), taken)]
    today = nearest == env.today
    return [atom("D", Day(nearest, weekday, today, ("date",) if plural else ()), taken)]


def _week(taken: list[Token], env: Env) -> Sequence[Token] | None:
    ahead = 1 if has(taken, "Z") else 0
    monday = days.monday_of(env.today) + timedelta(days=_DAYS_IN_WEEK * ahead)
    first, last = monday, monday + timedelta(days=_DAYS_IN_WEEK - 1)
    if taken[0].cls == "d":
        return _span(taken, env.today, last)
    if has(taken, "Y"):
        low, high = days.WEEK_THIRDS[values(taken, "Y")[0]]
        first, last = monday + timedelta(days=low), monday + timedelta(days=high)
        if last < env.today:
            first, last = first + timedelta(days=_DAYS_IN_WEEK), last + timedelta(days=_DAYS_IN_WEEK)
    return _span(taken, max(first, env.today), last)


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
        return _span(taken, env.today, last)
    if has(taken, "Y"):
        low, high = days.MONTH_THIRDS[values(taken, "Y")[0]]
        last = last.replace(day=min(high, last.day))
        first = first.replace(day=low)
        if last < env.today:
            return [atom("2", Span(first, last, flags=("past",)), taken)]
    return _span(taken, max(first, env.today), last)


def _weekend(taken: list[Token], env: Env) -> Sequence[Token] | None:
    return _span(taken, *days.weekend_of(env.today, 1 if has(taken, "Z") else 0))


def _workdays(taken: list[Token], env: Env) -> Sequence[Token] | None:
    monday = days.monday_of(env.today)
    if has(taken, "Z") or env.today.weekday() > 4:  # noqa: PLR2004 - the weekend
        monday += timedelta(days=_DAYS_IN_WEEK)
    return _span(taken, max(monday, env.today), monday + timedelta(days=4))


def _soon(taken: list[Token], env: Env) -> Sequence[Token] | None:
    reach = {"few_days": _FEW_DAYS, "week_ahead": _DAYS_IN_WEEK}.get(taken[-1].value)
    if reach is None:
        return _week(taken, env)
    return _span(taken, env.today, env.today + timedelta(days=reach), approx=True)


def _holiday(taken: list[Token], env: Env) -> Sequence[Token] | None:
    name = taken[-1].value
    found = days.holiday(env.holidays[name], env.today)
    if found is None:
        return None
    first, last = found
    kind = taken[0].cls
    if kind == "r":
        edge = first if name == "new_year" else first - timedelta(days=1)
        return _span(taken, max(env.today, edge - timedelta(days=6)), edge, approx=True)
    if kind == "p":
        return _span(taken, last + timedelta(days=1), None)
    return _day(taken, first) if first == last else _span(taken, max(first, env.today), last)


def _ago(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("!", Day(None), taken)]


def _edges(token: Token) -> tuple[date | None, date | None]:
    if token.cls == "D":
        return token.value.date, token.value.date
    return token.value.first, token.value.last


def _between(taken: list[Token], _: Env) -> Sequence[Token] | None:
    found = [token for token in taken if token.cls in "D2"]
    first, last = _edges(found[0])[0], _edges(found[1])[1]
    if first is None or last is None:
        return None
    if last < first:
        weekly = found[1].cls == "D" and found[1].value.weekday is not None
        if not weekly:
            return None
        last += timedelta(days=_DAYS_IN_WEEK)
    return _span(taken, first, last)


def _open_span(taken: list[Token], first: date | None, last: date | None) -> list[Token]:
    """A stretch that starts or ends at a day keeps that day's doubts."""
    return [atom("2", Span(first, last, flags=taken[-1].value.flags), taken)]


def _after(taken: list[Token], _: Env) -> Sequence[Token] | None:
    last = _edges(taken[-1])[1]
    return _open_span(taken, last + timedelta(days=1), None) if last else None


def _since(taken: list[Token], _: Env) -> Sequence[Token] | None:
    first = _edges(taken[-1])[0]
    return _open_span(taken, first, None) if first else None


def _up_to(taken: list[Token], env: Env) -> Sequence[Token] | None:
    last = _edges(taken[-1])[1]
    return _open_span(taken, env.today if taken[-1].cls == "2" else None, last) if last else None


def _ahead_of(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«за неделю до 8 марта»."""
    first = _edges(taken[-1])[0]
    if first is None or has(taken, "H"):
        return None
    amount = 2 if has(taken, "w") else (values(taken[:-1], "N") or [1])[0]
    found = days.plus_months(first, -amount) if has(taken, "o") else days.plus_days(
        first, -amount * (_DAYS_IN_WEEK if has(taken, "e") else 1)
    )  # fmt: skip
    return [atom("D", Day(found, flags=taken[-1].value.flags, approx=has(taken, "w")), taken)]


def _before(taken: list[Token], env: Env) -> Sequence[Token] | None:
    first = _edges(taken[-1])[0]
    if first is None:
        return None
    if taken[0].cls == "u":
        return [atom("D", Day(first - timedelta(days=1), flags=taken[-1].value.flags), taken)]
    last = first - timedelta(days=1)
    return _span(taken, max(env.today, last - timedelta(days=6)), last, approx=True)


def _members(taken: list[Token]) -> list[Day]:
    """Return the days said; a week named with one of several weekdays holds for all of them."""
    found: list[Day] = []
    for token in taken:
        if token.cls == "D":
            found.append(token.value)
        elif token.cls in "34":
            found += token.value
        elif token.cls == "2" and token.value.first and token.value.last:
            reach = min((token.value.last - token.value.first).days, 31)
            found += [Day(token.value.first + timedelta(days=ahead)) for ahead in range(reach + 1)]
    week = next((day.week for day in found if day.week), None)
    return [day.within(week) if week else day for day in found]


def _alternatives(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("3", _members(taken), taken)]


def _excluded(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return [atom("4", _members(taken), taken)]


def _around(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """«числа десятого»: the turned order means about."""
    return [taken[-1], atom("A", None, taken[:1])]


def _negated_time(taken: list[Token], _: Env) -> Sequence[Token] | None:
    """A time that does not suit cannot be written down as a wish: leave a mark to ask."""
    return [*(token for token in taken if token.cls == "4"), atom("I", "negation", taken)]


def _keep_last(classes: str) -> Callable[[list[Token], Env], Sequence[Token] | None]:
    def action(taken: list[Token], _: Env) -> Sequence[Token] | None:
        return [next(token for token in reversed(taken) if token.cls in classes)]

    return action


def _absolute(taken: list[Token], _: Env) -> Sequence[Token] | None:
    return _day(taken, taken[0].value)


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
    ("[vnd]?Y[ZE]?o|[vnd]?YZ?M", _month),
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

SPAN_RULES: tuple[Rule, ...] = (
    ("s[D2][vn]?[P6T]?_?n[D2]", _keep_last("D2")),
    ("s[D2](?:i|d|-)[D2]", _between),
    ("z[D2]j[D2]", _between),
    ("D-D", _between),
    ("=[NwH]?[yeo]d[D2]", _ahead_of),
    ("p[D2]", _after),
    ("[ur][D2]", _before),
    ("[<s][D2]", _since),
    ("[d>][D2]", _up_to),
    ("[D3][,]?[lj][vn]?D|D,[vn]?D(?=,?[lj][vn]?D)", _alternatives),
    ("I[vnk]?[D32]", _excluded),
    ("4,?[jI]{1,2}[vn]?[D3]", _excluded),
    ("[vn]?[D3][,_]?[_]?U", _excluded),
    ("U_?[vn]?[D3]", _excluded),
    ("U_?[T6P]|4[T6P]", _negated_time),
    ("[vn][D23]", _keep_last("D23")),
    ("k[D2]", _up_to),
)  # fmt: skip
