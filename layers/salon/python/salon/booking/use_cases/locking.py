"""Locks, and holds that have run out.

Lock order, everywhere: slots first, all at once, by id; then bookings; last the client, where their other bookings
count. Whoever holds a slot's lock owns its seats and its bookings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.availability.errors import SlotNotFound
from salon.booking import events
from salon.booking.domain import Booking, BookingPolicy, BookingStatus, policy_from
from salon.booking.repository import bookings, holds
from salon.booking.repository.holds import Look
from salon.booking.use_cases.telling import change
from salon.clients.errors import ClientErased
from salon.identity.domain import system
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import DatabaseBusy

HOLDS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Claim:
    """Slots that are locked, and what was read about them."""

    slots: Mapping[UUID, Slot]
    look: Look

    def policy(self, given: BookingPolicy | None) -> BookingPolicy:
        """The policy that was handed in, else the tenant's own."""
        return given if given is not None else policy_from(self.look.settings)

    def check_client_there(self) -> None:
        """Refuse a client who was erased: nothing is booked for nobody.

        Raises:
            ClientErased: so it is.
        """
        if self.look.is_erased:
            raise ClientErased(self.look.client_id)


def lock_for_claim(
    session: WriteSession, slot_ids: Sequence[UUID], client_id: UUID, now: datetime, *, also: Iterable[UUID] = ()
) -> Claim:
    """Lock slots that are to be claimed, together with those whose stale holds stand in their way; these expire.

    Raises:
        SlotNotFound: one of them does not exist any more.
    """
    look = holds.look_at(session, slot_ids, client_id, now)
    _check_all_there(slot_ids, look.wanted)
    needed = {*slot_ids, *look.in_the_way, *also}
    slots = availability.lock_slots(session, needed)
    _check_all_there(slot_ids, slots)
    if look.in_the_way and expire_in(session, slots, now):
        slots = availability.lock_slots(session, needed)
    return Claim(slots, look)


def lock_booking(session: WriteSession, booking_id: UUID) -> Booking:
    """A booking and its slot, both locked.

    Raises:
        BookingNotFound: there is none.
        DatabaseBusy: it is being moved to another slot; trying again locks that one.
    """
    found = [booking for booking in bookings.lock_with_slots(session, booking_id) if booking.id == booking_id]
    if found:
        return found[0]
    seen = bookings.get_booking(session, booking_id)
    if seen.slot_id is not None:
        raise DatabaseBusy(f"Booking {booking_id} was moved meanwhile.")
    return bookings.lock_booking(session, booking_id)


def relock_booking(session: WriteSession, seen: Booking) -> Booking:
    """The booking as it is now that its slot is locked.

    Raises:
        DatabaseBusy: it was moved to another slot meanwhile; trying again locks that one.
    """
    booking = bookings.lock_booking(session, seen.id)
    if booking.slot_id != seen.slot_id:
        raise DatabaseBusy(f"Booking {seen.id} was moved meanwhile.")
    return booking


def locked_slot(session: WriteSession, booking: Booking) -> Slot | None:
    """The slot of a booking that was locked with it; None once it is gone."""
    if booking.slot_id is None:
        return None
    return availability.lock_slots(session, [booking.slot_id]).get(booking.slot_id)


def expire_in(session: WriteSession, slots: Mapping[UUID, Slot], now: datetime) -> int:
    """End the holds in locked slots that have run out; how many."""
    stale = holds.list_stale_in_slots(session, slots.keys(), now)
    for booking in stale:
        availability.free_seat(session, slots[booking.active_slot_id], was_held=True)
        expired = replace(booking, status=BookingStatus.EXPIRED)
        change(session, expired, events.BookingExpired, system("holds"), now)
    return len(stale)


def expire_holds(session: WriteSession, *, now: datetime, limit: int = HOLDS_AT_ONCE) -> int:
    """End this tenant's holds that have run out, the longest overdue first; how many. Free slots follow at once."""
    slot_ids = holds.list_stale_slot_ids(session, now, limit)
    return expire_in(session, availability.lock_slots(session, slot_ids), now) if slot_ids else 0


def list_stale_holds(session: ReadSession, *, now: datetime, limit: int = HOLDS_AT_ONCE) -> list[tuple[UUID, UUID]]:
    """(tenant_id, booking_id) of holds of all tenants that have run out; the timer works each tenant by itself."""
    return holds.list_stale_holds(session, now, limit)


def _check_all_there(slot_ids: Iterable[UUID], found: Mapping[UUID, object]) -> None:
    for slot_id in slot_ids:
        if slot_id not in found:
            raise SlotNotFound(slot_id)
