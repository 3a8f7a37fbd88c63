"""Every query of booking."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Table, and_, insert, or_, select, text, update

from salon.booking.domain import ACTIVE, Booking, BookingChange, BookingStatus, CancelReason
from salon.booking.errors import AlreadyBooked, BookingNotFound
from salon.booking.models import BookingHistoryRow, BookingRow
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id
from salon.platform.money import Money

on_constraint("uq_bookings_active_slot_client", AlreadyBooked)

_bookings = cast("Table", BookingRow.__table__)
_history = cast("Table", BookingHistoryRow.__table__)


def _booking(row: Row[Any]) -> Booking:
    return Booking(
        id=row.id,
        client_id=row.client_id,
        location_id=row.location_id,
        service_id=row.service_id,
        staff_id=row.staff_id,
        slot_id=row.slot_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        status=BookingStatus(row.status),
        hold_expires_at=row.hold_expires_at,
        price=Money(row.price_minor, row.currency) if row.price_minor is not None else None,
        channel=row.channel,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        cancelled_at=row.cancelled_at,
        cancel_reason=CancelReason(row.cancel_reason) if row.cancel_reason is not None else None,
        version=row.version,
    )


def _values(booking: Booking) -> dict[str, Any]:
    return {
        "client_id": booking.client_id,
        "location_id": booking.location_id,
        "service_id": booking.service_id,
        "staff_id": booking.staff_id,
        "slot_id": booking.slot_id,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "status": booking.status,
        "hold_expires_at": booking.hold_expires_at,
        "price_minor": booking.price.minor if booking.price else None,
        "currency": booking.price.currency if booking.price else None,
        "channel": booking.channel,
        "created_at": booking.created_at,
        "confirmed_at": booking.confirmed_at,
        "cancelled_at": booking.cancelled_at,
        "cancel_reason": booking.cancel_reason,
        "version": booking.version,
    }


def add_booking(session: WriteSession, booking: Booking) -> None:
    """Store a new booking.

    Raises:
        AlreadyBooked: the client has this slot already.
    """
    session.execute(insert(_bookings).values(id=booking.id, tenant_id=tenant_of(session), **_values(booking)))


def update_booking(session: WriteSession, booking: Booking) -> None:
    """Store what a booking is now; its slot is locked, so nobody else changes it meanwhile."""
    session.execute(update(_bookings).where(_bookings.c.id == booking.id).values(**_values(booking)))


def add_history(session: WriteSession, booking: Booking, *, change: str, actor: Actor, now: datetime) -> None:
    """Append what a booking is after a change."""
    session.execute(
        insert(_history).values(
            id=new_id(),
            tenant_id=tenant_of(session),
            booking_id=booking.id,
            version=booking.version,
            change=change,
            status=booking.status,
            slot_id=booking.slot_id,
            staff_id=booking.staff_id,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            actor_kind=actor.kind,
            actor_id=actor.id,
            at=now,
        )
    )


def get_booking(session: ReadSession, booking_id: UUID) -> Booking:
    """A booking, as it is in the database now.

    Raises:
        BookingNotFound: there is none.
    """
    row = session.execute(select(_bookings).where(_bookings.c.id == booking_id)).one_or_none()
    if row is None:
        raise BookingNotFound(booking_id)
    return _booking(row)


def lock_booking(session: WriteSession, booking_id: UUID) -> Booking:
    """A booking, locked, as it is in the database now; its slot was locked before.

    Raises:
        BookingNotFound: there is none.
    """
    row = session.execute(select(_bookings).where(_bookings.c.id == booking_id).with_for_update()).one_or_none()
    if row is None:
        raise BookingNotFound(booking_id)
    return _booking(row)


def find_active(session: ReadSession, slot_id: UUID, client_id: UUID) -> Booking | None:
    """The held or confirmed booking of a client in a slot."""
    query = select(_bookings).where(
        _bookings.c.slot_id == slot_id,
        _bookings.c.client_id == client_id,
        _bookings.c.status.in_(sorted(ACTIVE)),
    )
    row = session.execute(query).one_or_none()
    return _booking(row) if row else None


def list_stale_slots(session: ReadSession, *, now: datetime, slot_id: UUID, staff_id: UUID | None) -> set[UUID]:
    """Slots whose holds have run out and stand in the way of a slot: its own, and all others of the same person."""
    in_the_way = _bookings.c.slot_id == slot_id
    if staff_id is not None:
        in_the_way = or_(in_the_way, _bookings.c.staff_id == staff_id)
    query = select(_bookings.c.slot_id).where(
        _bookings.c.status == BookingStatus.HELD, _bookings.c.hold_expires_at <= now, in_the_way
    )
    return set(session.scalars(query))


def list_stale_in_slots(session: WriteSession, slot_ids: Collection[UUID], now: datetime) -> list[Booking]:
    """Holds that have run out in slots that are locked; they cannot change any more."""
    query = select(_bookings).where(
        _bookings.c.slot_id.in_(slot_ids),
        _bookings.c.status == BookingStatus.HELD,
        _bookings.c.hold_expires_at <= now,
    )
    return [_booking(row) for row in session.execute(query.order_by(_bookings.c.id))]


def list_stale_slot_ids(session: ReadSession, now: datetime, limit: int) -> list[UUID]:
    """At most `limit` slots of this tenant that hold something which has run out, the longest overdue first."""
    query = (
        select(_bookings.c.slot_id)
        .where(_bookings.c.status == BookingStatus.HELD, _bookings.c.hold_expires_at <= now)
        .order_by(_bookings.c.hold_expires_at)
        .limit(limit)
    )
    return list(dict.fromkeys(session.scalars(query)))


def list_stale_holds(session: ReadSession, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, booking) of holds of all tenants that have run out: for the timer, the longest overdue first."""
    rows = session.execute(
        text("SELECT tenant_id, booking_id FROM stale_holds(:now, :limit)"), {"now": now, "limit": limit}
    )
    return [(row.tenant_id, row.booking_id) for row in rows]


def list_upcoming_for_client(session: ReadSession, client_id: UUID, now: datetime, limit: int) -> list[Booking]:
    """Confirmed bookings and running holds of a client that are not over, by time."""
    is_open = or_(
        _bookings.c.status == BookingStatus.CONFIRMED,
        and_(_bookings.c.status == BookingStatus.HELD, _bookings.c.hold_expires_at > now),
    )
    query = (
        select(_bookings)
        .where(_bookings.c.client_id == client_id, _bookings.c.ends_at > now, is_open)
        .order_by(_bookings.c.starts_at, _bookings.c.id)
        .limit(limit)
    )
    return [_booking(row) for row in session.execute(query)]


def find_last_visit(session: ReadSession, client_id: UUID) -> Booking | None:
    """The latest booking of a client that took place or is still to take place."""
    kept = (BookingStatus.CONFIRMED, BookingStatus.COMPLETED)
    query = (
        select(_bookings)
        .where(_bookings.c.client_id == client_id, _bookings.c.status.in_(kept))
        .order_by(_bookings.c.starts_at.desc(), _bookings.c.id)
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return _booking(row) if row is not None else None


def list_bookings(
    session: ReadSession,
    *,
    location_id: UUID | None,
    staff_id: UUID | None,
    from_at: datetime,
    to_at: datetime,
    statuses: Collection[BookingStatus],
    limit: int,
) -> list[Booking]:
    """Bookings that start in a stretch of time, by time."""
    query = select(_bookings).where(_bookings.c.starts_at >= from_at, _bookings.c.starts_at < to_at)
    if location_id is not None:
        query = query.where(_bookings.c.location_id == location_id)
    if staff_id is not None:
        query = query.where(_bookings.c.staff_id == staff_id)
    if statuses:
        query = query.where(_bookings.c.status.in_(sorted(statuses)))
    query = query.order_by(_bookings.c.starts_at, _bookings.c.id).limit(limit)
    return [_booking(row) for row in session.execute(query)]


def list_history(session: ReadSession, booking_id: UUID) -> list[BookingChange]:
    """What a booking was after each change, the first first."""
    query = select(_history).where(_history.c.booking_id == booking_id).order_by(_history.c.version)
    return [
        BookingChange(
            version=row.version,
            change=row.change,
            status=BookingStatus(row.status),
            slot_id=row.slot_id,
            staff_id=row.staff_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            actor_kind=row.actor_kind,
            actor_id=row.actor_id,
            at=row.at,
        )
        for row in session.execute(query)
    ]
