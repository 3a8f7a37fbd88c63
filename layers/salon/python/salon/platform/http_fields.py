"""Fields that the APIs share: instants, days, time zones and decimal figures as they are written on the wire.

pydantic would take a number for an instant, and `1_000` for a figure; these take what the OpenAPI document shows. Days
and instants lie between FIRST_DAY and LAST_DAY: no reckoning with zones, notices and horizons leaves the calendar.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from salon.platform.timeranges import local_instant

FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2200, 12, 31)
_WITHIN = f"From {FIRST_DAY} to {LAST_DAY}."
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII)
_FIGURE = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_SHOWN_FIGURE = f"^{_FIGURE.pattern}$"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", re.ASCII)


def _written_as(pattern: re.Pattern[str], kind: type, example: str) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, kind):  # our own answers are checked too
            return value
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"write it as {example}")
        return value

    return BeforeValidator(check)


def _check_within(value: date) -> date:
    day = value.date() if isinstance(value, datetime) else value  # as written: an offset may leave it by a day
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"it is to lie between {FIRST_DAY} and {LAST_DAY}")
    return value


Day = Annotated[date, _written_as(_DAY, date, "2026-03-12"), AfterValidator(_check_within), Field(description=_WITHIN)]
"""A calendar day, between FIRST_DAY and LAST_DAY."""

WallTime = Annotated[time, _written_as(_TIME, time, "10:00")]
"""What a clock on the wall shows; without a zone."""

Instant = Annotated[
    datetime,
    _written_as(_INSTANT, datetime, "2026-03-12T10:00:00Z"),
    AfterValidator(_check_within),
    Field(description=f"With an offset; without one it is by the clock of `timezone`, else of the location. {_WITHIN}"),
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


class _PlainFigure:
    """Digits 0 to 9 and a point: Python would also read `1_000`, `1e3` and the digits of other scripts."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        shown = handler(schema)
        for kind in shown.get("anyOf", ()):  # in an answer it is a string of our own
            if kind.get("type") == "string":
                kind["pattern"] = _SHOWN_FIGURE
        return shown

    @staticmethod
    def _check(value: object) -> object:
        if isinstance(value, str) and not _FIGURE.fullmatch(value):
            raise ValueError("write it as 12.5")
        return value


DecimalField = Annotated[Decimal, _PlainFigure()]
"""A decimal figure: a number, or a string of plain digits."""


def instant_of(written: datetime, timezone: str) -> datetime:
    """The instant that was written with an offset, or else read off the wall in `timezone`.

    Raises:
        UnknownTimezone: no such zone.
    """
    return written if written.tzinfo is not None else local_instant(written.date(), written.time(), timezone)
