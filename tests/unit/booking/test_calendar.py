"""Bookings as calendar files, read back by rules written down here from RFC 5545."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.booking.domain import Booking, BookingStatus, CalendarMethod, CalendarTexts, to_ics
from salon.platform.money import Money

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
BOOKING = Booking(
    id=UUID(int=1),
    client_id=UUID(int=2),
    location_id=UUID(int=3),
    service_id=UUID(int=4),
    staff_id=UUID(int=5),
    slot_id=UUID(int=6),
    starts_at=datetime(2026, 3, 12, 15, 0, tzinfo=timezone(timedelta(hours=3))),
    ends_at=datetime(2026, 3, 12, 13, 0, tzinfo=UTC),
    status=BookingStatus.CONFIRMED,
    hold_expires_at=None,
    price=Money(250_000),
    channel="telegram",
    created_at=NOW,
    version=3,
)


def read(ics):
    """The properties of a file, unfolded and unescaped."""
    lines = ics.replace("\r\n ", "").split("\r\n")
    found = {}
    for line in lines[:-1]:
        name, _, value = line.partition(":")
        found.setdefault(name, []).append(value)
    assert lines[-1] == ""
    return found


def unescaped(value):
    out, letters = "", iter(value)
    for letter in letters:
        out += {"n": "\n", "N": "\n"}.get(following := next(letters), following) if letter == "\\" else letter
    return out


def test_a_booking_is_one_event():
    texts = CalendarTexts(summary="Стрижка, Анна", location="ул. Пробная, 1; вход со двора", url="https://s.example/b")
    ics = to_ics(BOOKING, texts, now=NOW, host="salon.example", method=CalendarMethod.PUBLISH)
    assert read(ics) == {
        "BEGIN": ["VCALENDAR", "VEVENT"],
        "VERSION": ["2.0"],
        "PRODID": ["-//salon-core//booking//EN"],
        "CALSCALE": ["GREGORIAN"],
        "METHOD": ["PUBLISH"],
        "UID": ["00000000-0000-0000-0000-000000000001@salon.example"],
        "DTSTAMP": ["20260311T073000Z"],
        "DTSTART": ["20260312T120000Z"],
        "DTEND": ["20260312T130000Z"],
        "SEQUENCE": ["3"],
        "STATUS": ["CONFIRMED"],
        "SUMMARY": ["Стрижка\\, Анна"],
        "LOCATION": ["ул. Пробная\\, 1\\; вход со двора"],
        "URL": ["https://s.example/b"],
        "END": ["VEVENT", "VCALENDAR"],
    }


@pytest.mark.parametrize(
    ("status", "said"),
    [(BookingStatus.HELD, "TENTATIVE"), (BookingStatus.CANCELLED, "CANCELLED"), (BookingStatus.EXPIRED, "CANCELLED")],
)
def test_the_event_says_where_the_booking_stands(status, said):
    ics = to_ics(replace(BOOKING, status=status), CalendarTexts(summary="Стрижка"), now=NOW, host="salon.example")
    properties = read(ics)
    assert properties["STATUS"] == [said]
    assert "METHOD" not in properties
    assert "LOCATION" not in properties


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), min_size=1, max_size=300))
def test_any_text_survives_in_lines_that_every_reader_takes(words):
    ics = to_ics(BOOKING, CalendarTexts(summary=words, description=words), now=NOW, host="salon.example")
    assert all(len(line.encode()) <= 75 for line in ics.split("\r\n"))
    properties = read(ics)
    assert [unescaped(value) for value in properties["SUMMARY"] + properties["DESCRIPTION"]] == [words, words]


def test_nothing_in_a_text_makes_a_property_of_its_own():
    texts = CalendarTexts(summary="a\r\nATTENDEE:x\x00\x1b", url="https://s.example/\r\nATTENDEE:x")
    properties = read(to_ics(BOOKING, texts, now=NOW, host="salon.example\r\nATTENDEE:x"))
    assert "ATTENDEE" not in properties
    assert properties["SUMMARY"] == ["a\\nATTENDEE:x"]
