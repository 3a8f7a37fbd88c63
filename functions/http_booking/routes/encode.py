"""Bookings as the session that made them sees them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from schemas import BookingOut, MoneyOut, VisitOut, WhoIn

from salon.booking.domain import Booking, Visit
from salon.booking.visitors.use_cases import Who
from salon.catalog import use_cases as catalog
from salon.identity.access import Principal
from salon.identity.edge import Api
from salon.identity.tokens import Link
from salon.platform.db import ReadSession


def timezone_of(session: ReadSession, location_id: UUID) -> str:
    """The clock on a location's wall."""
    return catalog.get_location(session, location_id).timezone


def booking_out(api: Api, session: ReadSession, principal: Principal, booking: Booking) -> BookingOut:
    """One booking."""
    return BookingOut.of(booking, timezone_of(session, booking.location_id), _keys(api, principal, booking.id))


def bookings_out(api: Api, session: ReadSession, principal: Principal, bookings: Sequence[Booking]) -> list[BookingOut]:
    """Several bookings."""
    clocks = {place.id: place.timezone for place in catalog.list_locations(session, active_only=False)}
    return [BookingOut.of(one, clocks[one.location_id], _keys(api, principal, one.id)) for one in bookings]


def _keys(api: Api, principal: Principal, booking_id: UUID) -> tuple[str, str]:
    return api.link_key(principal, booking_id), api.link_key(principal, booking_id, Link.MANAGE)


def visit_out(api: Api, session: ReadSession, principal: Principal, visit: Visit) -> VisitOut:
    """Bookings that belong together."""
    return VisitOut(
        id=visit.id,
        next_step=visit.next_step.value if visit.next_step is not None else None,
        price=MoneyOut.of(visit.price),
        bookings=bookings_out(api, session, principal, visit.bookings),
    )


def who(given: WhoIn) -> Who:
    """Whom it is for."""
    return Who(name=given.name, phone=given.phone, email=given.email)
