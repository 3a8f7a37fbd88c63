"""Queries about single slots."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from salon.availability.domain import Slot, SlotStatus
from salon.availability.errors import SlotNotFound
from salon.platform.db import ReadSession, WriteSession
from salon.platform.timeranges import TimeRange

# Only what Slot needs, and instants as whole seconds: reading a timestamp takes the driver 15 µs, a number none.
COLUMNS = """
    slot.id, slot.location_id, slot.service_id, slot.staff_id, slot.capacity, slot.booked, slot.held, slot.status,
    EXTRACT(epoch FROM slot.starts_at)::bigint AS starts_at, EXTRACT(epoch FROM slot.ends_at)::bigint AS ends_at,
    EXTRACT(epoch FROM slot.open_from)::bigint AS open_from, EXTRACT(epoch FROM slot.open_until)::bigint AS open_until,
    service.buffer_before_min, service.buffer_after_min, service.processing_from_min, service.processing_min,
    location.travel_min
"""
_WITH_REACH = f"""
SELECT {COLUMNS},
    EXISTS (SELECT FROM service_resources need WHERE need.service_id = slot.service_id) AS needs_units
FROM slot_instances slot JOIN services service ON service.id = slot.service_id
    JOIN locations location ON location.id = slot.location_id
"""  # noqa: S608 - our own words
_GET = text(f"{_WITH_REACH} WHERE slot.id = :slot_id")
_LOCK = text(f"{_WITH_REACH} WHERE slot.id = ANY(CAST(:slot_ids AS uuid[])) ORDER BY slot.id FOR UPDATE OF slot")
_BLOCK = text("UPDATE slot_instances SET blocked_by_hand = true, is_blocked = true WHERE id = :slot_id")
_UNBLOCK = text("UPDATE slot_instances SET blocked_by_hand = false WHERE id = :slot_id")


def slot_of(row: Row[Any]) -> Slot:
    """The slot in a row of `COLUMNS`."""
    starts_at, ends_at = _instant(row.starts_at), _instant(row.ends_at)
    rest = None
    if row.processing_min:
        rest_from = starts_at + timedelta(minutes=row.processing_from_min)
        rest = TimeRange(rest_from, rest_from + timedelta(minutes=row.processing_min))
    return Slot(
        id=row.id,
        location_id=row.location_id,
        service_id=row.service_id,
        staff_id=row.staff_id,
        starts_at=starts_at,
        ends_at=ends_at,
        busy=TimeRange(
            starts_at - timedelta(minutes=row.buffer_before_min),
            ends_at + timedelta(minutes=row.buffer_after_min),
        ),
        capacity=row.capacity,
        booked=row.booked,
        held=row.held,
        status=SlotStatus(row.status),
        open_from=_instant(row.open_from) if row.open_from is not None else None,
        open_until=_instant(row.open_until) if row.open_until is not None else None,
        rest=rest,
        travel=timedelta(minutes=row.travel_min),
        needs_units=row.needs_units,
    )


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def get_slot(session: ReadSession, slot_id: UUID) -> Slot:
    """A slot.

    Raises:
        SlotNotFound: there is none.
    """
    row = session.execute(_GET, {"slot_id": slot_id}).one_or_none()
    if row is None:
        raise SlotNotFound(slot_id)
    return slot_of(row)


def lock_slots(session: WriteSession, slot_ids: Iterable[UUID]) -> dict[UUID, Slot]:
    """Slots, locked in the order of their ids, so that two who lock the same ones cannot wait for each other.

    A slot that is gone is not in the answer.
    """
    return {row.id: slot_of(row) for row in session.execute(_LOCK, {"slot_ids": list(set(slot_ids))})}


def block_slot(session: WriteSession, slot_id: UUID) -> None:
    """Sell no further seat of a locked slot, whatever the rules say."""
    session.execute(_BLOCK, {"slot_id": slot_id})


def unblock_slot(session: WriteSession, slot_id: UUID) -> None:
    """Leave a locked slot to the rules again; whether they cover it, the next generation says."""
    session.execute(_UNBLOCK, {"slot_id": slot_id})
