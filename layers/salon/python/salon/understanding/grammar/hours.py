"""Which half of the day is meant: what was said with the hour, then the salon's opening hours, then a question."""

from datetime import date, time
from typing import Protocol

from salon.platform.dayparts import BORDERS, Daypart, holds
from salon.understanding.grammar.engine import Env
from salon.understanding.grammar.tokens import Point

_MIDDAY = 12
_MIDNIGHT = time(0)
_EVENING_FROM = 4
_DAY_OF_VISITS = (9, 21)
"""When people come, where the opening hours tell nothing."""


class Clues(Protocol):
    """What else the message says about the time, and where a doubt is written down."""

    parts: list[str]

    def doubt(self, *entries: str) -> None:
        """Write doubts down."""


def _meridiem(point: Point, part: str | None) -> list[time]:
    """Return the readings of a time as said, before the opening hours choose."""
    hour, minute = point.hour, point.minute
    if point.fixed:
        return [time(hour % 24, minute)]
    early, late = time(hour % 12, minute), time(hour % 12 + 12, minute)
    match point.meridiem or part:
        case "morning":
            return [late if hour == _MIDDAY else early]
        case "day" | "lunch" | "afternoon":
            return [early if hour in {10, 11} else late]
        case "evening":
            return [late if _EVENING_FROM <= hour < _MIDDAY else early if hour == _MIDDAY else late]
        case "night":
            return [late if 9 <= hour < _MIDDAY else early]  # noqa: PLR2004 - night starts at nine
        case _:
            return [early, late]


def _is_open(moment: time, env: Env, *, closing: bool = False) -> bool:
    start, end = env.hours
    if start == end:
        return True
    inside = start <= moment < end if start < end else (moment >= start or moment < end)
    if closing:
        return moment == end or (inside and moment != start)
    return inside


def resolve(clues: Clues, point: Point, day: date | None, env: Env) -> time:
    """Return the time of day that was meant; doubts it when the opening hours do not settle the half of the day."""
    part = clues.parts[0] if len(clues.parts) == 1 else None
    readings = _meridiem(point, part)
    if len(readings) == 1:
        return readings[0]
    fitting = [reading for reading in readings if _is_open(reading, env)]
    if day == env.today and len(fitting) > 1:
        fitting = [reading for reading in fitting if reading > env.now.time()] or fitting
    if len(fitting) == 1:
        return fitting[0]
    likely = sorted(readings, key=lambda reading: not _DAY_OF_VISITS[0] <= reading.hour < _DAY_OF_VISITS[1])
    clues.doubt("time:" + "/".join(reading.strftime("%H:%M") for reading in readings))
    return likely[0]


def resolve_end(clues: Clues, point: Point, env: Env) -> time:
    """Return the time by which something ends: closing time itself will do."""
    readings = _meridiem(point, None)
    fitting = [reading for reading in readings if _is_open(reading, env, closing=True)]
    if len(fitting) > 1 and len(clues.parts) == 1:
        fitting = _meridiem(point, clues.parts[0])
    if len(readings) > 1 and len(fitting) != 1:
        clues.doubt("time:" + "/".join(reading.strftime("%H:%M") for reading in readings))
    return (fitting or readings)[-1]


def resolve_range(clues: Clues, start: Point | None, end: Point | None, env: Env) -> tuple[time | None, time | None]:
    """Return both ends of a stretch of the day, either of them open."""
    if start is None or end is None:
        if start is not None:
            return resolve(clues, start, None, env), None
        return None, resolve_end(clues, end, env) if end is not None else None
    part = clues.parts[0] if len(clues.parts) == 1 else None
    if end.meridiem and not start.meridiem and not start.fixed and start.hour < end.hour:
        start.meridiem = end.meridiem
    ends = _meridiem(end, part)
    pairs = [(low, high) for low in _meridiem(start, part) for high in ends if low < high or high == _MIDNIGHT] or [
        (_meridiem(start, part)[0], _meridiem(end, part)[-1])
    ]
    open_pairs = [pair for pair in pairs if _is_open(pair[0], env) and _is_open(pair[1], env, closing=True)]
    if len(pairs) > 1 and len(open_pairs) > 1:
        open_pairs.sort(key=lambda pair: (pair[1].hour - pair[0].hour, pair[0]))
        if open_pairs[0][1].hour - open_pairs[0][0].hour == open_pairs[1][1].hour - open_pairs[1][0].hour:
            clues.doubt("time")
    bare = len(_meridiem(start, part)) + len(_meridiem(end, part)) > 2  # noqa: PLR2004 - one reading each
    if (bare and not open_pairs) or (pairs[0][0] >= pairs[0][1] and pairs[0][1] != _MIDNIGHT):
        clues.doubt("time")
    return (open_pairs or pairs)[0]


def belongs(moment: time, part: Daypart) -> bool:
    """Whether an hour may be said of a part of the day: «к 14… с утра» contradicts itself, or speaks of two things.

    People are generous at the start («в 16:30 вечером»), and an evening lasts as long as they are up.
    """
    if holds(part, moment) or moment == BORDERS[part][1] or (part is Daypart.EVENING and moment >= BORDERS[part][1]):
        return True
    start = BORDERS[part][0]
    return time(start.hour - 1, start.minute) <= moment < start


def part_ahead(part: Daypart, env: Env) -> bool:
    """Whether something of today's part of the day is left."""
    start, end = BORDERS[part]
    return end < start or env.now.time() < end
