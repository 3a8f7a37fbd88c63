"""Looking at bookings."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from salon.booking import domain
from salon.booking.domain import (
    BookedOption,
    Booking,
    BookingChange,
    BookingFilters,
    BookingStatus,
    Page,
    Position,
    ScheduleEntry,
)
from salon.booking.repository import bookings, lists
from salon.platform.db import ReadSession

UPCOMING_SHOWN = 10
BOOKINGS_SHOWN = 500
PAGE = 50
SCHEDULE_SHOWN = 5000
IN_THE_DIARY = (BookingStatus.HELD, BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW)


def get_booking(session: ReadSession, booking_id: UUID) -> Booking:
    """A booking.

    Raises:
        BookingNotFound: there is none.
    """
    return bookings.get_booking(session, booking_id)


def list_booked_options(session: ReadSession, booking_id: UUID) -> list[BookedOption]:
    """What was chosen with a booking, in that order."""
    return bookings.list_options(session, booking_id)


def list_upcoming_for_client(
    session: ReadSession, client_id: UUID, *, now: datetime, limit: int = UPCOMING_SHOWN
) -> list[Booking]:
    """Confirmed bookings and running holds of a client that are not over, by time."""
    return lists.list_upcoming_for_client(session, client_id, now, limit)


def find_last_visit(session: ReadSession, client_id: UUID) -> Booking | None:
    """What «как в прошлый раз» means: the latest booking that took place or still will."""
    return lists.find_last_visit(session, client_id)


def list_bookings(
    session: ReadSession,
    *,
    from_at: datetime,
    to_at: datetime,
    location_id: UUID | None = None,
    staff_id: UUID | None = None,
    statuses: Collection[BookingStatus] = (),
    limit: int = BOOKINGS_SHOWN,
) -> list[Booking]:
    """Bookings that start from `from_at` to before `to_at`, by time; no statuses means all."""
    filters = BookingFilters(
        from_at=from_at, to_at=to_at, location_id=location_id, staff_id=staff_id, statuses=statuses
    )
    return lists.search_bookings(session, filters, after=None, limit=limit, newest_first=False)


def search_bookings(
    session: ReadSession,
    filters: BookingFilters,
    *,
    after: Position | None = None,
    limit: int = PAGE,
    newest_first: bool = False,
) -> Page:
    """A page of the bookings that are asked for, by time; what is added meanwhile neither shifts nor doubles a page.

    Args:
        session: reading is enough.
        filters: which.
        after: `Page.next` of the page before; None for the first.
        limit: bookings on a page.
        newest_first: the latest visit first, with the same order on every page.
    """
    found = lists.search_bookings(session, filters, after=after, limit=limit + 1, newest_first=newest_first)
    return domain.page_of(found, limit)


def list_schedule(
    session: ReadSession,
    *,
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    location_id: UUID | None = None,
    staff_id: UUID | None = None,
    statuses: Collection[BookingStatus] = IN_THE_DIARY,
    limit: int = SCHEDULE_SHOWN,
) -> list[ScheduleEntry]:
    """The diary: bookings that have some of their time from `from_at` to `to_at`, with names, by time.

    A hold that has run out is not among them, whether it was ended already or not.
    """
    return lists.list_schedule(
        session,
        from_at=from_at,
        to_at=to_at,
        now=now,
        location_id=location_id,
        staff_id=staff_id,
        statuses=statuses,
        limit=limit,
    )


def list_history(session: ReadSession, booking_id: UUID) -> list[BookingChange]:
    """What a booking was after each change, the first first."""
    return bookings.list_history(session, booking_id)


def list_slot_history(session: ReadSession, slot_id: UUID) -> list[BookingChange]:
    """Who did what on a slot, the first first: bookings that came, changed there, and left it for another."""
    return bookings.list_slot_history(session, slot_id)
