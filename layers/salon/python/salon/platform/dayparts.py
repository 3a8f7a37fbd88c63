"""The parts of a day and their borders: one table for whoever speaks of mornings and evenings.

What a client means by «вечером», what a message says back, and how a choice of times is spread over the day all go by
these borders. Times are of the clock on the wall, local to wherever they are applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from types import MappingProxyType

_LAST_MINUTE = time(23, 59)


class Daypart(StrEnum):
    """A part of the day. They overlap as words do: lunch lies in the day, the afternoon runs into the evening."""

    MORNING = "morning"
    DAY = "day"
    LUNCH = "lunch"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"


BORDERS: Mapping[Daypart, tuple[time, time]] = MappingProxyType(
    {
        Daypart.MORNING: (time(6), time(12)),
        Daypart.DAY: (time(12), time(17)),
        Daypart.LUNCH: (time(12), time(15)),
        Daypart.AFTERNOON: (time(12), time(18)),
        Daypart.EVENING: (time(17), time(22)),
        Daypart.NIGHT: (time(22), time(6)),
    }
)
"""From and until when, the end not included; the night ends on the next day (requirements/3 names the parts)."""

SPREAD = (Daypart.MORNING, Daypart.DAY, Daypart.EVENING)
"""The parts that share the day among them without a gap or an overlap; the night belongs to none of them."""


def holds(part: Daypart, at: time) -> bool:
    """Whether a time of day lies in a part of the day."""
    start, end = BORDERS[part]
    return start <= at < end if start < end else at >= start or at < end


def spread_part(at: time) -> Daypart | None:
    """The one of `SPREAD` that a time of day lies in; None at night."""
    return next((part for part in SPREAD if holds(part, at)), None)


def first_and_last(part: Daypart) -> tuple[time, time]:
    """The first and the last minute of a local day that a part names for somebody who wants to come then.

    Whoever says «вечером» does not mind that it gets late, so the evening lasts until midnight here, as the night does.
    """
    start, end = BORDERS[part]
    if part in {Daypart.EVENING, Daypart.NIGHT}:
        return start, _LAST_MINUTE
    return start, time(end.hour - (end.minute == 0), (end.minute - 1) % 60)
