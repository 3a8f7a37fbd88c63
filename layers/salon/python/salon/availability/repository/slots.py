"""Queries about slots and about who is busy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Select, Table, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from salon.availability.domain import ResourceKind, Slot, SlotStatus
from salon.availability.errors import SlotAlreadyTaken, SlotNotFound
from salon.availability.models import BusyIntervalRow, SlotInstanceRow
from salon.catalog.models import ServiceRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id
from salon.platform.timeranges import TimeRange

_slots = cast("Table", SlotInstanceRow.__table__)
_services = cast("Table", ServiceRow.__table__)
_busy = cast("Table", BusyIntervalRow.__table__)

# Timestamps are compared, not ranges: see BusyIntervalRow. `margin` is the longest service there can be.
_FREE = """
WITH room AS MATERIALIZED (
    SELECT slot.id, slot.location_id, slot.service_id, slot.staff_id, slot.starts_at, slot.ends_at, slot.capacity,
        slot.booked, slot.held, slot.status, service.buffer_before_min, service.buffer_after_min,
        slot.starts_at - make_interval(mins => service.buffer_before_min) AS busy_from,
        slot.ends_at + make_interval(mins => service.buffer_after_min) AS busy_until
    FROM slot_instances slot JOIN services service ON service.id = slot.service_id
    WHERE slot.service_id = :service_id AND service.is_active AND slot.status IN ('open', 'partial')
        AND slot.starts_at >= :from_at AND slot.starts_at < :to_at
        AND (CAST(:staff_id AS uuid) IS NULL OR slot.staff_id = :staff_id)
        AND (CAST(:location_id AS uuid) IS NULL OR slot.location_id = :location_id)
),
busy AS MATERIALIZED (
    SELECT resource_id, slot_id, starts_at, ends_at FROM busy_intervals
    WHERE resource_kind = 'staff' AND resource_id IN (SELECT staff_id FROM room)
        AND ends_at > :busy_from AND starts_at < :busy_until
        AND (expires_at IS NULL OR expires_at > :now)
        AND (CAST(:leaving_slot_id AS uuid) IS NULL OR slot_id <> :leaving_slot_id)
),
free AS (
    SELECT * FROM room WHERE NOT EXISTS (
        SELECT 1 FROM busy WHERE busy.resource_id = room.staff_id AND busy.slot_id IS DISTINCT FROM room.id
            AND busy.starts_at < room.busy_until AND busy.ends_at > room.busy_from
    )
)
"""
# Only what Slot needs: reading an instant takes the driver 15 µs.
_LIST_FREE = text(
    _FREE
    + """
SELECT id, location_id, service_id, staff_id, starts_at, ends_at, capacity, booked, held, status,
    buffer_before_min, buffer_after_min
FROM free ORDER BY starts_at, staff_id LIMIT :limit
"""
)
_COUNT_FREE = text(
    _FREE
    + """
SELECT (free.starts_at AT TIME ZONE location.timezone)::date AS on, count(*) AS free_slots
FROM free JOIN locations location ON location.id = free.location_id GROUP BY 1 ORDER BY 1
"""
)
MARGIN = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeSlotsQuery:
    """Which free slots are asked for; instants are UTC, `from_at` included, `to_at` excluded."""

    service_id: UUID
    staff_id: UUID | None
    location_id: UUID | None
    from_at: datetime
    to_at: datetime
    now: datetime
    leaving_slot_id: UUID | None = None

    def parameters(self) -> dict[str, Any]:
        """As the statement names them."""
        return {
            "service_id": self.service_id,
            "staff_id": self.staff_id,
            "location_id": self.location_id,
            "from_at": self.from_at,
            "to_at": self.to_at,
            "now": self.now,
            "leaving_slot_id": self.leaving_slot_id,
            "busy_from": self.from_at - MARGIN,
            "busy_until": self.to_at + MARGIN,
        }


def _slot(row: Row[Any]) -> Slot:
    return Slot(
        id=row.id,
        location_id=row.location_id,
        service_id=row.service_id,
        staff_id=row.staff_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        busy=TimeRange(
            row.starts_at - timedelta(minutes=row.buffer_before_min),
            row.ends_at + timedelta(minutes=row.buffer_after_min),
        ),
        capacity=row.capacity,
        booked=row.booked,
        held=row.held,
        status=SlotStatus(row.status),
    )


def _with_buffers() -> Select[Any]:
    return select(_slots, _services.c.buffer_before_min, _services.c.buffer_after_min).join(
        _services, _services.c.id == _slots.c.service_id
    )


def get_slot(session: ReadSession, slot_id: UUID) -> Slot:
    """A slot.

    Raises:
        SlotNotFound: there is none.
    """
    row = session.execute(_with_buffers().where(_slots.c.id == slot_id)).one_or_none()
    if row is None:
        raise SlotNotFound(slot_id)
    return _slot(row)


def lock_slots(session: WriteSession, slot_ids: Iterable[UUID]) -> dict[UUID, Slot]:
    """Slots, locked in the order of their ids, so that two who lock the same ones cannot wait for each other.

    A slot that is gone is not in the answer.
    """
    query = _with_buffers().where(_slots.c.id.in_(set(slot_ids))).order_by(_slots.c.id).with_for_update(of=_slots)
    return {row.id: _slot(row) for row in session.execute(query)}


def list_free_slots(session: ReadSession, query: FreeSlotsQuery, limit: int) -> list[Slot]:
    """Slots with a seat left whose staff member is not busy, by time."""
    return [_slot(row) for row in session.execute(_LIST_FREE, {**query.parameters(), "limit": limit})]


def count_free_by_date(session: ReadSession, query: FreeSlotsQuery) -> dict[date, int]:
    """How many free slots each local day of the slot's location has; days without any are not in the answer."""
    return {row.on: row.free_slots for row in session.execute(_COUNT_FREE, query.parameters())}


def take_seat(session: WriteSession, slot: Slot, booking_id: UUID, expires_at: datetime | None) -> None:
    """Count one more held seat of a locked slot; the first also makes the staff member busy.

    The claim does not break the transaction when it fails, so the caller can offer something else at once.

    Raises:
        SlotAlreadyTaken: the staff member is busy.
    """
    if slot.taken == 0 and slot.staff_id is not None:
        is_alone = slot.capacity == 1
        claim = (
            insert(BusyIntervalRow)
            .values(
                id=new_id(),
                tenant_id=tenant_of(session),
                resource_kind=ResourceKind.STAFF,
                resource_id=slot.staff_id,
                starts_at=slot.busy.start,
                ends_at=slot.busy.end,
                slot_id=slot.id,
                booking_id=booking_id if is_alone else None,
                expires_at=expires_at if is_alone else None,
            )
            .on_conflict_do_nothing(constraint="ex_busy_intervals_overlap")
            .returning(BusyIntervalRow.id)
        )
        if session.execute(claim).first() is None:
            raise SlotAlreadyTaken(slot.id)
    session.execute(update(_slots).where(_slots.c.id == slot.id).values(held=_slots.c.held + 1))


def settle_seat(session: WriteSession, slot_id: UUID) -> None:
    """Turn one held seat of a locked slot into a booked one."""
    session.execute(
        update(_slots).where(_slots.c.id == slot_id).values(held=_slots.c.held - 1, booked=_slots.c.booked + 1)
    )
    session.execute(
        update(_busy).where(_busy.c.slot_id == slot_id, _busy.c.expires_at.is_not(None)).values(expires_at=None)
    )


def free_seat(session: WriteSession, slot: Slot, *, was_held: bool) -> None:
    """Give one seat of a locked slot back; the last one also frees the staff member."""
    column = _slots.c.held if was_held else _slots.c.booked
    query = update(_slots).where(_slots.c.id == slot.id).values({column: column - 1})
    left = session.execute(query.returning(_slots.c.booked + _slots.c.held)).scalar_one()
    if left == 0:
        free_staff(session, slot.id)


def free_staff(session: WriteSession, slot_id: UUID) -> None:
    """Whoever was busy because of this slot is so no longer."""
    session.execute(delete(_busy).where(_busy.c.slot_id == slot_id))
