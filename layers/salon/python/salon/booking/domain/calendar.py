"""A booking as an iCalendar file (RFC 5545), for the calendar on somebody's phone. Pure.

These few lines instead of a library: one event without time zones or recurrence needs escaping and folding only, and a
function would pay for a library's import at every start.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from salon.booking.domain.bookings import Booking, BookingStatus

LINE_OCTETS = 75
PRODUCT = "-//salon-core//booking//EN"
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})
_STATUS = {
    BookingStatus.HELD: "TENTATIVE",
    BookingStatus.CONFIRMED: "CONFIRMED",
    BookingStatus.COMPLETED: "CONFIRMED",
    BookingStatus.CANCELLED: "CANCELLED",
    BookingStatus.NO_SHOW: "CONFIRMED",
    BookingStatus.EXPIRED: "CANCELLED",
}


class CalendarMethod(StrEnum):
    """What whoever gets the file is to do with it."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarTexts:
    """What the event says, in the reader's language.

    Attributes:
        summary: its title: «Стрижка, Анна».
        location: where; empty to leave it out.
        description: more; empty to leave it out.
        url: of the booking's page; empty to leave it out.
    """

    summary: str
    location: str = ""
    description: str = ""
    url: str = ""


def to_ics(
    booking: Booking, texts: CalendarTexts, *, now: datetime, host: str, method: CalendarMethod | None = None
) -> str:
    """A calendar with one event. Imported again after a change it replaces itself, by UID and SEQUENCE.

    Args:
        booking: the event; a cancelled one is an event that is off.
        texts: what it says.
        now: when the file is made.
        host: makes the UID unique in the world: the salon's domain.
        method: for files that are sent rather than downloaded; CANCEL takes an event out of a calendar.
    """
    event = [
        "BEGIN:VEVENT",
        f"UID:{booking.id}@{_plain(host)}",
        f"DTSTAMP:{_instant(now)}",
        f"DTSTART:{_instant(booking.starts_at)}",
        f"DTEND:{_instant(booking.ends_at)}",
        f"SEQUENCE:{booking.version}",
        f"STATUS:{_STATUS[booking.status]}",
        f"SUMMARY:{_text(texts.summary)}",
        *([f"LOCATION:{_text(texts.location)}"] if texts.location else []),
        *([f"DESCRIPTION:{_text(texts.description)}"] if texts.description else []),
        *([f"URL:{_plain(texts.url)}"] if texts.url else []),
        "END:VEVENT",
    ]
    calendar = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        *([f"METHOD:{method}"] if method is not None else []),
        *event,
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in calendar for part in _folded(line))


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A text with what RFC 5545 §3.3.11 wants escaped, and without control characters, which it forbids."""
    return "".join(letter for letter in value if letter >= " " or letter in "\n\t").translate(_ESCAPED)


def _plain(value: str) -> str:
    """A value that is no text: nothing in it may end the line."""
    return "".join(letter for letter in value if letter > " ")


def _folded(line: str) -> Iterable[str]:
    """A line in pieces of at most 75 octets; no letter is cut in two (RFC 5545 §3.1)."""
    piece, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > LINE_OCTETS:
            yield piece
            piece, size = " ", 1
        piece += letter
        size += octets
    yield piece
