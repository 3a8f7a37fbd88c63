"""From what was understood to a wish that slots can be compared with."""

from __future__ import annotations

from datetime import date, time, timedelta

from salon.messaging.domain.dialogue import TimeWish
from salon.understanding.domain import Daypart, When

DAYPARTS: dict[Daypart, tuple[time, time]] = {
    Daypart.MORNING: (time(0, 0), time(11, 59)),
    Daypart.DAY: (time(12, 0), time(16, 59)),
    Daypart.LUNCH: (time(12, 0), time(14, 0)),
    Daypart.AFTERNOON: (time(12, 0), time(17, 59)),
    Daypart.EVENING: (time(17, 0), time(23, 59)),
    Daypart.NIGHT: (time(21, 0), time(23, 59)),
}
"""First and last start that a part of the day means to a salon's client."""

ASAP_DAYS = 2


def wish_of(when: When | None, today: date) -> TimeWish:
    """The wish in a message; empty when it has none."""
    if when is None:
        return TimeWish()
    earliest, latest = when.time_from, when.time_to
    if when.daypart is not None and when.time is None and earliest is None and latest is None:
        earliest, latest = DAYPARTS[when.daypart]
    soon = when.asap and when.date is None and when.date_from is None
    return TimeWish(
        on=when.date,
        days=when.dates,
        from_on=today if soon else when.date_from,
        to_on=today + timedelta(days=ASAP_DAYS) if soon else when.date_to,
        not_on=when.excluded_dates,
        at=when.time,
        from_at=earliest,
        to_at=latest,
        until_at=when.finish_by,
    )


def asked_times(when: When | None) -> tuple[time, ...]:
    """The readings of an ambiguous time («в 8»: 8:00 or 20:00); empty when there is nothing to ask."""
    for entry in when.ambiguous if when else ():
        field, _, readings = entry.partition(":")
        if field == "time" and readings:
            return tuple(time.fromisoformat(reading) for reading in readings.split("/"))
    return ()


def is_past(when: When | None) -> bool:
    """Whether the moment that was named is gone."""
    return when is not None and "past" in when.ambiguous
