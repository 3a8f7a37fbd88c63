"""Rules that make stretches of days: weeks, months, their parts, seasons, and days counted from today."""

from collections.abc import Sequence
from datetime import date, timedelta

from salon.understanding import days
from salon.understanding.grammar.engine import Day, Env, Span, atom, has, values
from salon.understanding.grammar.tokens import Token

DAYS_IN_WEEK = 7
_SOON = {
    "few_days": (0, 3), "week_ahead": (0, 7), "week_or_two": (7, 14), "day_or_two": (1, 2),
}  # fmt: skip
"""First and last day of «на днях» and the like, counted from today."""
_HALF_WEEK = {1: (0, 2), 2: (3, 6)}
_SEASON_MONTHS = 3
_LAST = -1


def one_day(
    taken: list[Token], found: date | None, *, weekday: int | None = None, approx: bool = False, doubt: str = ""
) -> list[Token]:
    """Make a day out of the tokens; no date when the calendar does not have it."""
    return [atom("D", Day(found, weekday=weekday, approx=approx, flags=(doubt,) if doubt else ()), taken)]


def stretch(
    taken: list[Token], first: date | None, last: date | None, *, approx: bool = False, doubt: str = ""
) -> list[Token]:
    """Make a stretch of days out of the tokens; None leaves an end open."""
    return [atom("2", Span(first, last, approx, flags=(doubt,) if doubt else ()), taken)]


def from_today(taken: list[Token], first: date, last: date, env: Env) -> list[Token]:
    """A stretch that has begun starts today; one that is over keeps that doubt."""
    if last < env.today:
        return stretch(taken, first, last, doubt="past")
    return stretch(taken, max(first, env.today), last)


def _amount(taken: list[Token]) -> int:
    numbers = values(taken, "N")
    return 2 if has(taken, "w") else (numbers[0] if numbers else 1)


def _moved(day: date, amount: int, unit: str) -> date | None:
    if unit in "og":
        return days.plus_months(day, amount * (12 if unit == "g" else 1))
    return days.plus_days(day, amount * (DAYS_IN_WEEK if unit == "e" else 1))


def later_days(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«через 3 дня», «недели через две», «через пару месяцев»."""
    amount = _amount(taken)
    approx = has(taken, "w") or taken[0].cls != "x"
    unit = next(token.cls for token in taken if token.cls in "yeog")
    if has(taken, "H"):  # a week and a half is ten days or eleven
        whole = _moved(env.today, 1, unit)
        return one_day(taken, days.plus_days(whole, 15 if unit == "o" else 3) if whole else None, doubt="date")
    if unit == "y" and not values(taken, "Nw"):
        return one_day(taken, days.plus_days(env.today, 2))  # «через день» is the day after tomorrow
    return [atom("D", Day(_moved(env.today, amount, unit), approx=approx, about=unit != "y"), taken)]


def later_counted(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«через дней пять», «через недельки две»: about so many."""
    if taken[1].text in {"день", "неделю", "месяц", "недельку", "денек"}:
        return None
    found = later_days([taken[0], taken[2], taken[1]], env)
    return None if found is None else [*found, Token("A", None, "", taken[0].start, taken[0].start)]


def later_span(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«через 2-3 дня», «недели через две-три»."""
    unit = next(token.cls for token in taken if token.cls in "yeo")
    amounts = sorted(values(taken, "N"))
    ends = [_moved(env.today, amount, unit) for amount in ([1, *amounts] if len(amounts) == 1 else amounts)]
    return stretch(taken, ends[0], ends[1], approx=True) if all(ends) else one_day(taken, None)


def day_of_later_month(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«через месяц, тридцатого»: the day of that month."""
    place = next(index for index, token in enumerate(taken) if token.cls in ",vnO")
    month = days.plus_months(env.today, _amount(taken[:place]))
    number = [token for token in taken if token.cls in "NO"][-1].value
    return one_day(taken, days.safe_date(month.year, month.month, number) if month else None)


def weekday_in_week(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """A weekday of this, the next or a later calendar week (Monday to Sunday)."""
    if any(token.cls == "C" and token.text != "лучше" for token in taken):
        return None
    weekday = values(taken, "W")[0][0]
    ahead = 0 if has(taken, "E") or has(taken, "B") else 1
    if has(taken, "x"):
        ahead = _amount(taken)
    found = days.plus_days(days.monday_of(env.today), ahead * DAYS_IN_WEEK + weekday)
    if found and found < env.today:
        return [atom("D", Day(days.next_weekday(env.today, weekday), weekday, flags=("date",)), taken)]
    week = days.monday_of(found) if found else None
    return [atom("D", Day(found, weekday, week=week), taken)]


def excluded_in_week(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«кроме понедельника и среды на следующей неделе»: the week is wanted, the days in it are not."""
    frame = week(taken[-3:], env)
    return None if frame is None else [*taken[:-3], Token(",", None, ",", taken[-3].start, taken[-3].start), *frame]


def ranked_weekday(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«в последнюю пятницу декабря», «первая суббота следующего месяца»."""
    rank, weekday = values(taken, "αO")[0], values(taken, "W")[0][0]
    month = _month_meant(taken, env)
    if month is None or not (rank == _LAST or 1 <= rank <= 5):  # noqa: PLR2004 - a month has five weeks at most
        return None
    found = days.ranked_weekday(month.year, month.month, weekday, rank)
    gone = found is not None and found < env.today
    return one_day(taken, found, doubt="past" if gone else "")


def ranked_without_month(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«в первую субботу»: of which month was not said."""
    weekday = values(taken, "W")[0][0]
    return one_day(taken, days.next_weekday(env.today, weekday), doubt="date")


def ranked_week(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«первая неделя января»: calendar weeks and sevens of days differ, so it is asked."""
    rank, month = values(taken, "αO")[0], _month_meant(taken, env)
    if month is None or not (rank == _LAST or 1 <= rank <= 5):  # noqa: PLR2004 - a month has five weeks at most
        return None
    end = days.month_end(month.year, month.month)
    if rank == _LAST:
        return stretch(taken, end - timedelta(days=6), end, doubt="date")
    first = month + timedelta(days=DAYS_IN_WEEK * (rank - 1))
    return stretch(taken, first, min(first + timedelta(days=6), end), doubt="date")


def ranked_day(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«в последний день месяца», «первый день января»."""
    rank, month = values(taken, "αO")[0], _month_meant(taken, env)
    if month is None:
        return None
    end = days.month_end(month.year, month.month)
    found = end if rank == _LAST else days.safe_date(month.year, month.month, rank)
    return one_day(taken, found, doubt="past" if found is not None and found < env.today else "")


def half_of(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«первая половина дня», «во второй половине декабря», «в первой половине недели»."""
    half = values(taken, "αO")[0]
    if half not in {1, 2}:
        return None
    last = taken[-1]
    if last.cls in "Fy" or (last.cls == "P" and last.value == "day"):
        return [atom("P", "morning" if half == 1 else "afternoon", taken)]
    if last.cls == "e":
        monday = days.monday_of(env.today) + timedelta(days=DAYS_IN_WEEK * has(taken, "Z"))
        low, high = (monday + timedelta(days=day) for day in _HALF_WEEK[half])
        if high < env.today and not has(taken, "E"):
            low, high = low + timedelta(days=DAYS_IN_WEEK), high + timedelta(days=DAYS_IN_WEEK)
        return from_today(taken, low, high, env)
    month = _month_meant(taken, env)
    if month is None:
        return None
    end = days.month_end(month.year, month.month)
    low, high = (month, month.replace(day=15)) if half == 1 else (month.replace(day=16), end)
    return from_today(taken, low, high, env)


def _month_meant(taken: list[Token], env: Env) -> date | None:
    """First day of the month named among the tokens: by name, «следующего месяца», «месяца»."""
    if has(taken, "M"):
        number = values(taken, "M")[0]
        year = env.today.year + (number < env.today.month) + (has(taken, "Z") and number >= env.today.month)
        return date(year, number, 1)
    return days.plus_months(env.today.replace(day=1), 1 if has(taken, "Z") else 0)


def week(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """This or the next calendar week, or the part of it that was named."""
    monday = days.monday_of(env.today) + timedelta(days=DAYS_IN_WEEK * has(taken, "Z"))
    first, last = monday, monday + timedelta(days=DAYS_IN_WEEK - 1)
    if taken[0].cls == "d":
        return stretch(taken, env.today, last)
    if has(taken, "Y"):
        edge = days.WEEK_THIRDS.get(values(taken, "Y")[0])
        if edge is None:
            return None
        first, last = monday + timedelta(days=edge[0]), monday + timedelta(days=edge[1])
        if first < env.today and not has(taken, "E"):
            first, last = first + timedelta(days=DAYS_IN_WEEK), last + timedelta(days=DAYS_IN_WEEK)
    return [*stretch(taken, max(first, env.today), last), *(token for token in taken if token.cls == "A")]


def month(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """A calendar month, or the part of it that was named."""
    first = _month_meant(taken, env)
    if first is None:
        return None
    last = days.month_end(first.year, first.month)
    if taken[0].cls == "d" and has(taken, "Y"):
        edge = values(taken, "Y")[0]
        return stretch(taken, env.today, last if edge == "end" else first.replace(day=days.MONTH_THIRDS[edge][0]))
    if has(taken, "Y"):
        low, high = days.MONTH_THIRDS[values(taken, "Y")[0]]
        last = last.replace(day=min(high, last.day))
        first = first.replace(day=low)
    marks = [token for token in taken if token.cls == "A"]
    return [*from_today(taken, first, last, env), *marks]


def months(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«в июле-августе»."""
    ends = [token for token in taken if token.cls == "M"]
    first, last = (_month_meant([token], env) for token in ends)
    if first is None or last is None:
        return None
    if last < first:
        last = last.replace(year=last.year + 1)
    return from_today(taken, first, days.month_end(last.year, last.month), env)


def later_month_part(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«через месяц, в первых числах»."""
    later = days.plus_months(env.today.replace(day=1), _amount(taken))
    if later is None:
        return None
    low, high = days.MONTH_THIRDS[values(taken, "Y")[0]]
    last = days.month_end(later.year, later.month)
    return stretch(taken, later.replace(day=low), last.replace(day=min(high, last.day)))


def season(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«летом»: its three months; of the winter that has begun, what is left."""
    start = values(taken, "σ")[0]
    for year in (env.today.year - 1, env.today.year, env.today.year + 1):
        first = date(year, start, 1)
        end = days.plus_months(first, _SEASON_MONTHS)
        last = end - timedelta(days=1) if end else first
        if last >= env.today:
            return stretch(taken, max(first, env.today), last)
    return None


def weekend(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """Saturday and Sunday of this or the next calendar week."""
    return stretch(taken, *days.weekend_of(env.today, 1 if has(taken, "Z") else 0))


def workdays(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """Monday to Friday of this week while more than today is left of it, else of the next."""
    monday = days.monday_of(env.today)
    if has(taken, "Z") or env.today.weekday() > 3:  # noqa: PLR2004 - on a Friday «в будни» means the next ones
        monday += timedelta(days=DAYS_IN_WEEK)
    return stretch(taken, max(monday, env.today), monday + timedelta(days=4))


def next_days(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«в ближайшие 2 дня», «в течение двух недель»: from today on."""
    unit = next(token.cls for token in taken if token.cls in "yeo")
    end = _moved(env.today, _amount(taken), unit)
    return stretch(taken, env.today, end, approx=True) if end else None


def soon(taken: list[Token], env: Env) -> Sequence[Token] | None:
    """«на днях», «в течение недели», «через неделю-другую»."""
    reach = _SOON.get(taken[-1].value)
    if reach is None:
        return week(taken, env)
    first, last = (env.today + timedelta(days=ahead) for ahead in reach)
    return stretch(taken, first, last, approx=True)
