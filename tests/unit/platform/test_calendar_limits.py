from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import available_timezones

import pytest
from pydantic import TypeAdapter, ValidationError

from salon.platform.http_fields import FIRST_DAY, LAST_DAY, Day, Instant
from salon.platform.pagination import CursorInvalid, decode_cursor, encode_cursor
from salon.platform.timeranges import OutOfCalendar, UnknownTimezone, local_day, local_instant, zone

ANY = UUID(int=7)


@pytest.mark.parametrize("written", ["0001-01-01", "1969-12-31", "2201-01-01", "9999-12-31"])
@pytest.mark.parametrize("more", ["", "T00:00:00", "T00:00:00+14:00", "T23:59:59-12:00"])
def test_fields_end_where_the_calendar_does(written, more):
    with pytest.raises(ValidationError):
        TypeAdapter(Instant if more else Day).validate_python(written + more)


@pytest.mark.parametrize("edge", [FIRST_DAY, LAST_DAY])
def test_its_first_and_last_day_are_within(edge):
    assert TypeAdapter(Day).validate_python(edge.isoformat()) == edge
    assert TypeAdapter(Instant).validate_python(f"{edge}T23:00:00-12:00").date() == edge


@pytest.mark.parametrize(
    "beyond",
    [
        lambda: local_instant(date.min, time.min, "Asia/Kamchatka"),
        lambda: local_instant(date.max, time.max, "Pacific/Pago_Pago"),
        lambda: local_day(date.max, "UTC"),
    ],
)
def test_beyond_the_calendar_is_a_refusal(beyond):
    with pytest.raises(OutOfCalendar):
        beyond()


def test_a_cursor_is_read_as_utc_or_refused():
    at = datetime(2026, 3, 12, 10, tzinfo=UTC)
    assert decode_cursor(encode_cursor(at, ANY), datetime) == (at, ANY)
    for forged in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        cursor = base64.urlsafe_b64encode(json.dumps([forged, str(ANY)]).encode()).decode()
        with pytest.raises(CursorInvalid):
            decode_cursor(cursor, datetime)
    east = base64.urlsafe_b64encode(json.dumps(["2026-03-12T13:00:00+03:00", str(ANY)]).encode()).decode()
    assert decode_cursor(east, datetime)[0].tzinfo is UTC


@pytest.mark.parametrize("name", ["posix/Europe/Moscow", "right/UTC", "localtime", "posixrules", "Factory", "../UTC"])
def test_files_beside_the_zones_are_no_zones(name):
    with pytest.raises(UnknownTimezone):
        zone(name)


def test_zones_are_zones():
    for name in ("UTC", "Europe/Moscow", "Asia/Kamchatka", "America/Argentina/Ushuaia"):
        assert name in available_timezones()
        assert zone(name).key == name
