"""Calendar arithmetic: weeks, months, holidays, local time across clock changes. Pure."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MONTH_THIRDS = {"start": (1, 10), "middle": (11, 20), "end": (21, 31), "tens": (10, 19), "twenties": (20, 29)}
WEEK_THIRDS = {"start": (0, 1), "middle": (2, 3), "end": (3, 4)}


def safe_date(year: int, month: int, day: int) -> date | None:
    """Return the date, or None when the calendar does not have it."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def plus_days(day: date, amount: int) -> date | None:
    """Add days; None beyond the calendar."""
    try:
        return day + timedelta(days=amount)
    except OverflowError:
        return None


def monday_of(day: date) -> date:
    """Return the Monday of the calendar week of ``day``."""
    return day - timedelta(days=day.weekday())


def next_weekday(today: date, weekday: int) -> date:
    """Return the next such weekday, today included."""
    return today + timedelta(days=(weekday - today.weekday()) % 7)


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return (date(year + month // 12, month % 12 + 1, 1)) - timedelta(days=1)


def plus_months(day: date, amount: int) -> date | None:
    """Move by calendar months, keeping to the last day of a shorter month; None beyond the calendar."""
    index = day.year * 12 + day.month - 1 + amount
    year, month = index // 12, index % 12 + 1
    if not date.min.year <= year < date.max.year:
        return None
    return date(year, month, min(day.day, month_end(year, month).day))


def next_month_day(today: date, day: int) -> date | None:
    """Return the next day of the month with this number, not before today; None for 0 or 32."""
    for ahead in range(13):
        month = plus_months(today.replace(day=1), ahead)
        found = safe_date(month.year, month.month, day) if month else None
        if found and found >= today:
            return found
    return None


def next_day_of_year(today: date, month: int, day: int) -> date | None:
    """Return the next such day, not before today; None for 31 April."""
    for year in range(today.year, today.year + 9):
        if (found := safe_date(year, month, day)) and found >= today:
            return found
    return None


def ranked_weekday(year: int, month: int, weekday: int, rank: int) -> date | None:
    """Return the first, second… such weekday of a month, the last for -1; None when the month has fewer."""
    end = month_end(year, month)
    if rank < 0:
        return end - timedelta(days=(end.weekday() - weekday) % 7)
    return safe_date(year, month, 1 + (weekday - date(year, month, 1).weekday()) % 7 + 7 * (rank - 1))


def orthodox_easter(year: int) -> date:
    """Return Orthodox Easter in the Gregorian calendar (Meeus' Julian algorithm; valid 1900 to 2099)."""
    lunar = (19 * (year % 19) + 15) % 30
    weekday = (2 * (year % 4) + 4 * (year % 7) - lunar + 34) % 7
    month, day = divmod(lunar + weekday + 114, 31)
    return date(year, month, day + 1) + timedelta(days=13)


def holiday(rule: Any, today: date) -> tuple[date, date] | None:
    """Return first and last day of the next occurrence of a holiday of the lexicon."""
    for year in (today.year, today.year + 1):
        first, last = _holiday_in(rule, year)
        if last >= today:
            return first, last
    return None


def _holiday_in(rule: Any, year: int) -> tuple[date, date]:
    if isinstance(rule, dict):
        if "last_weekday" in rule:
            month, weekday = rule["last_weekday"]
            last = month_end(year, month)
            day = last - timedelta(days=(last.weekday() - weekday) % 7)
            return day, day
        easter = orthodox_easter(year)
        shift = rule["easter"]
        first, last_shift = shift if isinstance(shift, list) else (shift, shift)
        return easter + timedelta(days=first), easter + timedelta(days=last_shift)
    if isinstance(rule[0], list):
        (month, day), (to_month, to_day) = rule
        return date(year, month, day), date(year, to_month, to_day)
    return date(year, rule[0], rule[1]), date(year, rule[0], rule[1])


def weekend_of(today: date, weeks_ahead: int) -> tuple[date, date]:
    """Return Saturday and Sunday of this or a later calendar week; on a Sunday only what is left."""
    saturday = monday_of(today) + timedelta(days=5 + 7 * weeks_ahead)
    return max(saturday, today), saturday + timedelta(days=1)


def later_local(now: datetime, zone: ZoneInfo, amount: timedelta) -> datetime:
    """Move by elapsed time, not by the clock on the wall: right across a clock change."""
    return (now.astimezone(UTC) + amount).astimezone(zone)


def exists_locally(moment: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a wall-clock time exists that day: a spring change skips an hour."""
    aware = moment.replace(tzinfo=zone)
    return aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment.replace(tzinfo=None)
