"""Half-open ranges of time, and the walk from a salon's wall clock to UTC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from salon.platform.errors import Invalid


@dataclass(frozen=True, slots=True, order=True)
class TimeRange:
    """Instants from `start` (included) to `end` (excluded); both aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse naive and empty ranges: both are bugs that otherwise surface as double bookings."""
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise Invalid("A time range needs aware datetimes.")
        if self.end <= self.start:
            raise Invalid(f"A time range must end after it starts: {self.start} … {self.end}.")

    @property
    def duration(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start

    def overlaps(self, other: TimeRange) -> bool:
        """Whether they share an instant; ranges that only touch do not."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: TimeRange) -> bool:
        """Whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end


def subtract(whole: TimeRange, taken: Iterable[TimeRange]) -> list[TimeRange]:
    """What is left of `whole` without `taken`, in order."""
    free: list[TimeRange] = []
    cursor = whole.start
    for busy in sorted(taken):
        if busy.end <= cursor or busy.start >= whole.end:
            continue
        if busy.start > cursor:
            free.append(TimeRange(cursor, busy.start))
        cursor = max(cursor, busy.end)
    if cursor < whole.end:
        free.append(TimeRange(cursor, whole.end))
    return free


class UnknownTimezone(Invalid):
    """No time zone of that name is in the IANA database."""

    code = "UNKNOWN_TIMEZONE"


class OutOfCalendar(Invalid):
    """A day or an instant lies beyond the calendar, or so near its end that some clock would show one beyond."""

    code = "OUT_OF_CALENDAR"

    def __init__(self) -> None:
        super().__init__("This day lies beyond the calendar.")


# Files beside the zones: PostgreSQL knows none of them, or none of them means the same on another machine.
_NO_ZONES = frozenset({"localtime", "posixrules", "Factory"})
_NO_FOLDERS = ("posix/", "right/")


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The time zone called `name` in the IANA database.

    Raises:
        UnknownTimezone: there is no such zone.
    """
    if name not in _zone_names():
        raise UnknownTimezone(_unknown(name))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimezone(_unknown(name)) from error


@cache
def _zone_names() -> frozenset[str]:
    """Names that every clock of ours takes: Python's files hold more than PostgreSQL's."""
    return frozenset(
        name for name in available_timezones() if name not in _NO_ZONES and not name.startswith(_NO_FOLDERS)
    )


def _unknown(name: str) -> str:
    return f"Unknown time zone {name!r}; use an IANA name such as Europe/Moscow."


def local_instant(on: date, at: time, timezone: str) -> datetime:
    """The UTC instant when a clock on the wall in `timezone` shows `at` on `on`.

    A wall time that a daylight-saving change skips moves forward by the gap; one that occurs twice is the first.

    Raises:
        UnknownTimezone: no such zone.
        OutOfCalendar: there is no such instant.
    """
    clock = zone(timezone)
    try:
        return datetime.combine(on, at, clock).astimezone(UTC)
    except (OverflowError, ValueError):
        raise OutOfCalendar from None


def local_day(on: date, timezone: str) -> TimeRange:
    """The local calendar day `on`: 23, 24 or 25 hours.

    Raises:
        UnknownTimezone: no such zone.
        OutOfCalendar: the day does not begin or end within the calendar.
    """
    try:
        following = on + timedelta(days=1)
    except OverflowError:
        raise OutOfCalendar from None
    return TimeRange(local_instant(on, time.min, timezone), local_instant(following, time.min, timezone))
