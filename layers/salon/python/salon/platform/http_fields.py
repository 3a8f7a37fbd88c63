"""Fields that the APIs share: instants, days and time zones as they are written on the wire.

pydantic would take a number for an instant, which no document says; these take what the OpenAPI document shows.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated

from pydantic import BeforeValidator, Field

from salon.platform.timeranges import local_instant

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", re.ASCII)


def _written_as(pattern: re.Pattern[str], kind: type, example: str) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, kind):  # our own answers are checked too
            return value
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"write it as {example}")
        return value

    return BeforeValidator(check)


Day = Annotated[date, _written_as(_DAY, date, "2026-03-12")]
"""A calendar day."""

WallTime = Annotated[time, _written_as(_TIME, time, "10:00")]
"""What a clock on the wall shows; without a zone."""

Instant = Annotated[
    datetime,
    _written_as(_INSTANT, datetime, "2026-03-12T10:00:00Z"),
    Field(description="With an offset; without one it is by the clock of `timezone`, else of the location."),
]
"""An instant, perhaps on somebody's wall: pass it through `instant_of`."""

Zone = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        description="IANA name, such as Europe/Moscow.",
        json_schema_extra={"format": "iana-time-zone"},
    ),
]
"""A time zone by name; `timeranges.zone` refuses unknown ones with UNKNOWN_TIMEZONE."""


def instant_of(written: datetime, timezone: str) -> datetime:
    """The instant that was written with an offset, or else read off the wall in `timezone`.

    Raises:
        UnknownTimezone: no such zone.
    """
    return written if written.tzinfo is not None else local_instant(written.date(), written.time(), timezone)
