"""What lists of bookings are asked for and made of. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from salon.booking.domain.bookings import Booking, BookingStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFilters:
    """Which bookings are asked for; what is not given does not narrow them down.

    Attributes:
        from_at: that begin at this instant or later.
        to_at: that begin before this instant.
        text: whose client's name contains this, whatever its case.
    """

    statuses: Collection[BookingStatus] = ()
    location_id: UUID | None = None
    staff_id: UUID | None = None
    service_id: UUID | None = None
    client_id: UUID | None = None
    series_id: UUID | None = None
    session_id: UUID | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of a list ended: the last booking on it."""

    starts_at: datetime
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class Page:
    """Some bookings of a list; `next` is where the following page goes on, None after the last."""

    bookings: tuple[Booking, ...]
    next: Position | None


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """A booking in the salon's diary, with the names that are shown."""

    booking: Booking
    client_name: str
    service_name: str
    staff_name: str | None


def page_of(found: list[Booking], limit: int) -> Page:
    """The first `limit` of what was found; one more than that tells that another page follows."""
    shown = tuple(found[:limit])
    more = len(found) > limit
    return Page(shown, Position(shown[-1].starts_at, shown[-1].id) if more and shown else None)
