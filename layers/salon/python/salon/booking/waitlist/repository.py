"""Every query of the waiting list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, func, insert, select, text, tuple_, update

from salon.availability.domain import SlotStatus
from salon.availability.models import SlotInstanceRow
from salon.booking.domain import BookingStatus
from salon.booking.models import BookingRow, WaitlistEntryRow
from salon.booking.waitlist.domain import OPEN, Freed, WaitlistEntry, WaitlistStatus, Wanted
from salon.booking.waitlist.errors import WaitlistEntryNotFound
from salon.platform.db import ReadSession, WriteSession, tenant_of

_entries = cast("Table", WaitlistEntryRow.__table__)
_bookings = cast("Table", BookingRow.__table__)
_slots = cast("Table", SlotInstanceRow.__table__)


def _entry(row: Row[Any]) -> WaitlistEntry:
    return WaitlistEntry(
        id=row.id,
        client_id=row.client_id,
        service_id=row.service_id,
        location_id=row.location_id,
        staff_id=row.staff_id,
        option_ids=tuple(row.option_ids),
        from_at=row.from_at,
        to_at=row.to_at,
        day_from_min=row.day_from_min,
        day_to_min=row.day_to_min,
        status=WaitlistStatus(row.status),
        offered_booking_id=row.offered_booking_id,
        offers=row.offers,
        declined_slot_ids=tuple(row.declined_slot_ids),
        channel=row.channel,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _wanted(wanted: Wanted) -> dict[str, Any]:
    return {
        "service_id": wanted.service_id,
        "location_id": wanted.location_id,
        "staff_id": wanted.staff_id,
        "option_ids": list(wanted.option_ids),
        "from_at": wanted.from_at,
        "to_at": wanted.to_at,
        "day_from_min": wanted.day_from_min,
        "day_to_min": wanted.day_to_min,
    }


def _values(entry: WaitlistEntry) -> dict[str, Any]:
    return {
        **_wanted(entry),
        "client_id": entry.client_id,
        "status": entry.status,
        "offered_booking_id": entry.offered_booking_id,
        "offers": entry.offers,
        "declined_slot_ids": list(entry.declined_slot_ids),
        "channel": entry.channel,
        "created_at": entry.created_at,
        "updated_at": entry.updated_at,
        "version": entry.version,
    }


def lock_client(session: WriteSession, client_id: UUID) -> None:
    """Have others who join for this client wait until the end of this transaction, so that they see each other."""
    session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"waitlist:{tenant_of(session)}:{client_id}", 0)))
    )


def add_entry(session: WriteSession, entry: WaitlistEntry) -> None:
    """Store a new entry."""
    session.execute(insert(_entries).values(id=entry.id, tenant_id=tenant_of(session), **_values(entry)))


def update_entry(session: WriteSession, entry: WaitlistEntry) -> None:
    """Store what a locked entry is now."""
    session.execute(update(_entries).where(_entries.c.id == entry.id).values(**_values(entry)))


def get_entry(session: ReadSession, entry_id: UUID) -> WaitlistEntry:
    """An entry.

    Raises:
        WaitlistEntryNotFound: there is none.
    """
    row = session.execute(select(_entries).where(_entries.c.id == entry_id)).one_or_none()
    if row is None:
        raise WaitlistEntryNotFound(entry_id)
    return _entry(row)


def lock_entry(session: WriteSession, entry_id: UUID) -> WaitlistEntry:
    """An entry, locked. Entries are locked before slots.

    Raises:
        WaitlistEntryNotFound: there is none.
    """
    row = session.execute(select(_entries).where(_entries.c.id == entry_id).with_for_update()).one_or_none()
    if row is None:
        raise WaitlistEntryNotFound(entry_id)
    return _entry(row)


def lock_if_waiting(session: WriteSession, entry_id: UUID) -> WaitlistEntry | None:
    """An entry, locked, if it still waits; None when it does not, or when somebody else is busy with it."""
    query = select(_entries).where(_entries.c.id == entry_id, _entries.c.status == WaitlistStatus.WAITING)
    row = session.execute(query.with_for_update(skip_locked=True)).one_or_none()
    return _entry(row) if row is not None else None


def find_by_offer(session: ReadSession, booking_id: UUID) -> UUID | None:
    """The entry to which this hold is offered."""
    return session.scalars(
        select(_entries.c.id).where(
            _entries.c.offered_booking_id == booking_id, _entries.c.status == WaitlistStatus.OFFERED
        )
    ).one_or_none()


def list_open(session: ReadSession, client_id: UUID) -> list[WaitlistEntry]:
    """What a client waits for, the oldest first."""
    query = select(_entries).where(_entries.c.client_id == client_id, _entries.c.status.in_(sorted(OPEN)))
    return [_entry(row) for row in session.execute(query.order_by(_entries.c.id))]


def list_entries(
    session: ReadSession,
    *,
    statuses: Collection[WaitlistStatus],
    client_id: UUID | None,
    service_id: UUID | None,
    location_id: UUID | None,
    staff_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> list[WaitlistEntry]:
    """Entries, the oldest first, after the one called `after`."""
    query = select(_entries)
    for column, value in (
        (_entries.c.client_id, client_id),
        (_entries.c.service_id, service_id),
        (_entries.c.location_id, location_id),
        (_entries.c.staff_id, staff_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if statuses:
        query = query.where(_entries.c.status.in_(sorted(statuses)))
    if after is not None:
        query = query.where(_entries.c.id > after)
    return [_entry(row) for row in session.execute(query.order_by(_entries.c.id).limit(limit))]


def list_waiting(
    session: ReadSession, freed: Freed, now: datetime, limit: int, *, after: WaitlistEntry | None = None
) -> list[WaitlistEntry]:
    """Who waits for something that may have become free, those who have waited longest first.

    Whoever waits for a service, a person or a place that has no open slot in their window is left out here, so that
    many of them do not stand before the others. `after` is the last entry of the page before.
    """
    query = select(_entries).where(
        _entries.c.status == WaitlistStatus.WAITING, _entries.c.to_at > now, _has_open_slot(freed, now)
    )
    if after is not None:
        query = query.where(tuple_(_entries.c.created_at, _entries.c.id) > (after.created_at, after.id))
    if freed.location_id is not None:
        query = query.where(_entries.c.location_id.is_(None) | (_entries.c.location_id == freed.location_id))
    if freed.service_id is not None:
        query = query.where(_entries.c.service_id == freed.service_id)
    if freed.from_at is not None:
        query = query.where(_entries.c.to_at >= freed.from_at)
    if freed.to_at is not None:
        query = query.where(_entries.c.from_at < freed.to_at)
    return [_entry(row) for row in session.execute(query.order_by(_entries.c.created_at, _entries.c.id).limit(limit))]


def _has_open_slot(freed: Freed, now: datetime) -> ColumnElement[bool]:
    """Whether a slot is open that an entry could mean; whether its people and devices are free is asked later."""
    query = select(_slots.c.id).where(
        _slots.c.service_id == _entries.c.service_id,
        _slots.c.status.in_([SlotStatus.OPEN, SlotStatus.PARTIAL]),
        _slots.c.starts_at > now,
        _slots.c.starts_at >= _entries.c.from_at,
        _slots.c.starts_at <= _entries.c.to_at,
        _entries.c.staff_id.is_(None) | (_slots.c.staff_id == _entries.c.staff_id),
        _entries.c.location_id.is_(None) | (_slots.c.location_id == _entries.c.location_id),
    )
    if freed.location_id is not None:
        query = query.where(_slots.c.location_id == freed.location_id)
    if freed.from_at is not None:
        query = query.where(_slots.c.starts_at >= freed.from_at)
    if freed.to_at is not None:
        query = query.where(_slots.c.starts_at <= freed.to_at)
    return query.exists()


def list_due_ids(session: ReadSession, now: datetime, limit: int) -> list[UUID]:
    """Entries of this tenant whose window is over, or whose offer has ended without the entry being told."""
    has_ended = _entries.c.offered_booking_id.in_(
        select(_bookings.c.id).where(_bookings.c.status != BookingStatus.HELD)
    )
    is_over = (_entries.c.status == WaitlistStatus.WAITING) & (_entries.c.to_at <= now)
    query = select(_entries.c.id).where(is_over | ((_entries.c.status == WaitlistStatus.OFFERED) & has_ended))
    return list(session.scalars(query.order_by(_entries.c.id).limit(limit)))


def list_starts(session: ReadSession, slot_ids: Collection[UUID]) -> list[datetime]:
    """When these slots begin; those that are gone are left out."""
    return list(session.scalars(select(_slots.c.starts_at).where(_slots.c.id.in_(slot_ids)))) if slot_ids else []


def list_due(session: ReadSession, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, entry) of all tenants whose window is over, or whose offer has ended: for the timer."""
    rows = session.execute(
        text("SELECT tenant_id, id FROM due_waitlist_entries(:now, :limit)"), {"now": now, "limit": limit}
    )
    return [(row.tenant_id, row.id) for row in rows]


def list_waiting_tenants(session: ReadSession, now: datetime, limit: int) -> list[UUID]:
    """Tenants in which anybody waits: for the timer."""
    rows = session.execute(text("SELECT tenant_id FROM waiting_tenants(:now, :limit)"), {"now": now, "limit": limit})
    return [row.tenant_id for row in rows]
