"""Taking and giving back seats. Who calls holds the slot's lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from salon.availability.domain import Slot, SlotStatus
from salon.availability.errors import SlotAlreadyTaken, SlotNotOffered
from salon.availability.repository import seats, slots
from salon.platform.db import WriteSession


def lock_slots(session: WriteSession, slot_ids: Iterable[UUID]) -> dict[UUID, Slot]:
    """Lock slots before their seats change; all that one transaction needs at once, or deadlocks follow.

    A slot that is gone is not in the answer.
    """
    return slots.lock_slots(session, slot_ids)


def take_seat(
    session: WriteSession, slot: Slot, *, booking_id: UUID, expires_at: datetime | None, extra_min: int = 0
) -> None:
    """Hold a seat of a locked slot; the first one claims the staff member and one chair, room or device of each pool.

    During processing time the staff member stays free for others. A refusal leaves nothing behind and the transaction
    usable.

    Args:
        session: the transaction that locked the slot.
        slot: as `lock_slots` returned it, and not changed since.
        booking_id: for whom.
        expires_at: when the hold ends by itself; None for a seat that is settled in the same transaction.
        extra_min: minutes that the chosen options add; negative takes some off.

    Raises:
        SlotAlreadyTaken: no seat is left, or the staff member or all units of a pool are busy, ways included.
        SlotNotOffered: the slot is blocked.
        SlotTooShort: the longer service does not fit into the working time.
        OptionsNotForGroups: the options change the length of a slot that is shared.
    """
    if slot.status is SlotStatus.BLOCKED:
        raise SlotNotOffered(slot.id)
    if not slot.has_room:
        raise SlotAlreadyTaken(slot.id)
    seats.take_seat(session, slot, booking_id=booking_id, expires_at=expires_at, extra_min=extra_min)


def settle_seat(session: WriteSession, slot_id: UUID) -> None:
    """Turn a held seat of a locked slot into a booked one."""
    seats.settle_seat(session, slot_id)


def free_seat(session: WriteSession, slot: Slot, *, was_held: bool) -> None:
    """Give a held or booked seat of a locked slot back, and with the last one everybody's and everything's time."""
    seats.free_seat(session, slot.id, was_held=was_held)


def free_staff(session: WriteSession, slot_id: UUID) -> None:
    """Free the staff member, chair, room and device of a slot whose client did not come; the seat stays counted."""
    seats.free_claims(session, slot_id)
