"""Queries about what a session has made."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from salon.booking.domain import Booking, BookingStatus
from salon.booking.models import BookingRow, WaitlistEntryRow
from salon.booking.waitlist.domain import OPEN
from salon.platform.db import ReadSession, WriteSession, tenant_of


def list_client_ids(session: ReadSession, session_id: UUID) -> set[UUID]:
    """The clients whom a session has booked as, or waits as."""
    booked = select(BookingRow.client_id).where(BookingRow.session_id == session_id)
    waits = select(WaitlistEntryRow.client_id).where(WaitlistEntryRow.session_id == session_id)
    return set(session.scalars(booked.union(waits)))


def lock_session(session: WriteSession, session_id: UUID) -> None:
    """Have the session's other requests that claim something wait, so that each counts what the others made."""
    name = f"visitor:{tenant_of(session)}:{session_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def count_holds(session: ReadSession, session_id: UUID, now: datetime) -> int:
    """Running holds that a session made, a seat each."""
    query = select(func.count()).where(BookingRow.session_id == session_id, _is_held(now))
    return session.scalars(query).one()


def count_visits_ahead(session: ReadSession, session_id: UUID, client_ids: Collection[UUID], now: datetime) -> int:
    """Visits ahead, held or agreed, that a session made or that its clients have; several in a row are one."""
    query = select(func.count(func.distinct(func.coalesce(BookingRow.visit_id, BookingRow.id)))).where(
        or_(BookingRow.session_id == session_id, BookingRow.client_id.in_(client_ids)),
        BookingRow.starts_at > now,
        _is_taken(now),
    )
    return session.scalars(query).one()


def count_waiting(session: ReadSession, client_ids: Collection[UUID]) -> int:
    """Open entries of the waiting list of these clients."""
    query = select(func.count()).where(
        WaitlistEntryRow.client_id.in_(client_ids), WaitlistEntryRow.status.in_([one.value for one in OPEN])
    )
    return session.scalars(query).one()


def note_entry(session: WriteSession, entry_id: UUID, session_id: UUID) -> None:
    """Note which session an entry of the waiting list was made by."""
    session.execute(
        update(WaitlistEntryRow)
        .where(WaitlistEntryRow.id == entry_id)
        .values(session_id=func.coalesce(WaitlistEntryRow.session_id, session_id))
    )


def has_others_on_slot(session: ReadSession, booking: Booking, now: datetime) -> bool:
    """Whether somebody else has a seat of a booking's slot."""
    query = select(BookingRow.id).where(
        BookingRow.slot_id == booking.slot_id, BookingRow.id != booking.id, _is_taken(now)
    )
    return session.scalars(query.limit(1)).first() is not None


def _is_held(now: datetime) -> ColumnElement[bool]:
    """Holds without an end run until somebody ends them."""
    return and_(
        BookingRow.status == BookingStatus.HELD.value,
        or_(BookingRow.hold_expires_at.is_(None), BookingRow.hold_expires_at > now),
    )


def _is_taken(now: datetime) -> ColumnElement[bool]:
    return or_(BookingRow.status == BookingStatus.CONFIRMED.value, _is_held(now))
