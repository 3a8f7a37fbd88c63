"""What happens to bookings.

Lock order, everywhere: slots first, all at once, by id; then bookings. Whoever holds a slot's lock owns its seats and
its bookings. Refusals leave the transaction usable, so a dialogue can offer something else in the same one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.availability.errors import SlotNotFound
from salon.booking import domain, events, repository
from salon.booking.domain import Booking, BookingChange, BookingPolicy, BookingStatus, CancelReason
from salon.booking.errors import AlreadyBooked, OtherService
from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor, system
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import DatabaseBusy
from salon.platform.ids import new_id
from salon.platform.money import Money
from salon.platform.outbox import emit
from salon.platform.timeranges import zone

DEFAULT_POLICY = BookingPolicy()
HOLDS_AT_ONCE = 100
UPCOMING_SHOWN = 10
BOOKINGS_SHOWN = 500


def hold_slot(
    session: WriteSession,
    *,
    slot_id: UUID,
    client_id: UUID,
    channel: str,
    actor: Actor,
    now: datetime,
    policy: BookingPolicy = DEFAULT_POLICY,
) -> Booking:
    """Claim a seat of a slot for a client until the hold expires; holds that have run out make room first.

    A second tap finds the hold of the first. The price is copied from the list that is valid on the day of the visit.

    Raises:
        SlotNotFound: there is no such slot any more.
        SlotAlreadyTaken: somebody was quicker (code SLOT_FULL).
        SlotNotOffered: the slot is blocked.
        SlotInThePast, OutsideBookingHorizon: not bookable now.
        AlreadyBooked: the client's booking of this slot is confirmed already.
    """
    slots = _lock_for_claim(session, slot_id, now)
    slot = slots[slot_id]
    domain.check_slot_time(slot.id, slot.starts_at, now, policy)
    present = repository.find_active(session, slot_id, client_id)
    if present is not None and present.status is BookingStatus.HELD:
        return present
    if present is not None:
        raise AlreadyBooked(present.id)
    expires_at = now + policy.hold_for
    booking_id = new_id()
    availability.take_seat(session, slot, booking_id=booking_id, expires_at=expires_at)
    booking = Booking(
        id=booking_id,
        client_id=client_id,
        location_id=slot.location_id,
        service_id=slot.service_id,
        staff_id=slot.staff_id,
        slot_id=slot.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        status=BookingStatus.HELD,
        hold_expires_at=expires_at,
        price=_price(session, slot),
        channel=channel,
        created_at=now,
    )
    repository.add_booking(session, booking)
    fact = events.BookingHeld.model_validate({**_about(booking, now), "hold_expires_at": expires_at})
    _record(session, booking, fact, actor, now)
    return booking


def confirm_booking(session: WriteSession, booking_id: UUID, *, actor: Actor, now: datetime) -> Booking:
    """Turn a hold into an agreement. Confirming again changes nothing.

    Raises:
        BookingNotFound: there is none.
        HoldExpired: the hold has run out.
        BookingAlreadyCancelled, BookingNotOpen: it is over.
    """
    booking, slot = _lock(session, booking_id)
    if booking.status is BookingStatus.CONFIRMED or slot is None:
        domain.check_can_confirm(booking, now)
        return booking
    domain.check_can_confirm(booking, now)
    availability.settle_seat(session, slot.id)
    confirmed = replace(booking, status=BookingStatus.CONFIRMED, hold_expires_at=None, confirmed_at=now)
    return _change(session, confirmed, events.BookingConfirmed, actor, now)


def cancel_booking(
    session: WriteSession, booking_id: UUID, *, reason: CancelReason, actor: Actor, now: datetime
) -> Booking:
    """Give up a hold or a confirmed booking; its seat and the staff member's time are free at once.

    Raises:
        BookingNotFound: there is none.
        BookingAlreadyCancelled, BookingNotOpen: it is over.
    """
    booking, slot = _lock(session, booking_id)
    domain.check_can_cancel(booking)
    was_held = booking.status is BookingStatus.HELD
    if slot is not None:
        availability.free_seat(session, slot, was_held=was_held)
    cancelled = replace(
        booking, status=BookingStatus.CANCELLED, hold_expires_at=None, cancelled_at=now, cancel_reason=reason
    )
    return _change(
        session, cancelled, events.BookingCancelled, actor, now, reason=reason.value, was_confirmed=not was_held
    )


def restore_booking(session: WriteSession, booking_id: UUID, *, actor: Actor, now: datetime) -> Booking:
    """Undo a cancellation, if the time is still free.

    Raises:
        BookingNotFound: there is none.
        BookingNotOpen: it is not cancelled.
        BookingNotRestorable: it was never confirmed, or lies in the past.
        SlotNotFound, SlotAlreadyTaken, SlotNotOffered: the time is not free any more.
        AlreadyBooked: the client has booked the slot anew.
    """
    seen = repository.get_booking(session, booking_id)
    domain.check_can_restore(seen, now)
    if seen.slot_id is None:
        raise SlotNotFound(None)
    slot = _lock_for_claim(session, seen.slot_id, now)[seen.slot_id]
    booking = repository.lock_booking(session, booking_id)
    domain.check_can_restore(booking, now)
    present = repository.find_active(session, slot.id, booking.client_id)
    if present is not None:
        raise AlreadyBooked(present.id)
    availability.take_seat(session, slot, booking_id=booking_id, expires_at=None)
    availability.settle_seat(session, slot.id)
    restored = replace(
        booking, status=BookingStatus.CONFIRMED, cancelled_at=None, cancel_reason=None, ends_at=slot.ends_at
    )
    return _change(session, restored, events.BookingRestored, actor, now)


def reschedule_booking(
    session: WriteSession,
    booking_id: UUID,
    *,
    slot_id: UUID,
    actor: Actor,
    now: datetime,
    policy: BookingPolicy = DEFAULT_POLICY,
) -> Booking:
    """Move a booking to another slot of its service: all or nothing, and its own old time is never in its way.

    A hold keeps its expiry. The agreed price stays, unless the member of staff or the location changes.

    Raises:
        BookingNotFound, SlotNotFound: there is none.
        OtherService: the slot is of another service.
        HoldExpired, BookingAlreadyCancelled, BookingNotOpen: the booking is over.
        SlotInThePast, OutsideBookingHorizon: either end is not bookable now.
        SlotAlreadyTaken, SlotNotOffered: the new time is not free; the old one is kept.
        AlreadyBooked: the client has another booking of that slot.
    """
    seen = repository.get_booking(session, booking_id)
    slots = _lock_for_claim(session, slot_id, now, also=seen.slot_id)
    booking = _relock(session, seen)
    domain.check_can_move(booking, now)
    old, new = slots[booking.active_slot_id], slots[slot_id]
    if new.service_id != booking.service_id:
        raise OtherService(booking_id, slot_id)
    if old.id == new.id:
        return booking
    domain.check_slot_time(new.id, new.starts_at, now, policy)
    present = repository.find_active(session, new.id, booking.client_id)
    if present is not None:
        raise AlreadyBooked(present.id)
    was_held = booking.status is BookingStatus.HELD
    with session.begin_nested():  # a refusal below takes back the freeing of the old seat, and nothing else
        availability.free_seat(session, old, was_held=was_held)
        availability.take_seat(session, new, booking_id=booking_id, expires_at=booking.hold_expires_at)
        if not was_held:
            availability.settle_seat(session, new.id)
    is_same_hand = (old.staff_id, old.location_id) == (new.staff_id, new.location_id)
    moved = replace(
        booking,
        slot_id=new.id,
        staff_id=new.staff_id,
        location_id=new.location_id,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        price=booking.price if is_same_hand else _price(session, new),
    )
    return _change(
        session,
        moved,
        events.BookingRescheduled,
        actor,
        now,
        old_starts_at=booking.starts_at,
        old_staff_id=booking.staff_id,
        old_location_id=booking.location_id,
    )


def complete_booking(session: WriteSession, booking_id: UUID, *, actor: Actor, now: datetime) -> Booking:
    """The client was served.

    Raises:
        BookingNotFound: there is none.
        VisitNotBegun: it lies ahead.
        BookingAlreadyCancelled, BookingNotOpen: it is not confirmed.
    """
    booking, _ = _lock(session, booking_id)
    domain.check_visit_over(booking, now)
    return _change(session, replace(booking, status=BookingStatus.COMPLETED), events.BookingCompleted, actor, now)


def mark_no_show(session: WriteSession, booking_id: UUID, *, actor: Actor, now: datetime) -> Booking:
    """The client did not come; the member of staff is free for somebody else at once.

    Raises:
        BookingNotFound: there is none.
        VisitNotBegun: it lies ahead.
        BookingAlreadyCancelled, BookingNotOpen: it is not confirmed.
    """
    booking, slot = _lock(session, booking_id)
    domain.check_visit_over(booking, now)
    if slot is not None and slot.capacity == 1:
        availability.free_staff(session, slot.id)
    return _change(session, replace(booking, status=BookingStatus.NO_SHOW), events.BookingMissed, actor, now)


def expire_holds(session: WriteSession, *, now: datetime, limit: int = HOLDS_AT_ONCE) -> int:
    """End this tenant's holds that have run out, the longest overdue first; how many. Free slots follow at once."""
    slot_ids = repository.list_stale_slot_ids(session, now, limit)
    return _expire(session, availability.lock_slots(session, slot_ids), now) if slot_ids else 0


def list_stale_holds(session: ReadSession, *, now: datetime, limit: int = HOLDS_AT_ONCE) -> list[tuple[UUID, UUID]]:
    """(tenant_id, booking_id) of holds of all tenants that have run out; the timer works each tenant by itself."""
    return repository.list_stale_holds(session, now, limit)


def get_booking(session: ReadSession, booking_id: UUID) -> Booking:
    """A booking.

    Raises:
        BookingNotFound: there is none.
    """
    return repository.get_booking(session, booking_id)


def list_upcoming_for_client(
    session: ReadSession, client_id: UUID, *, now: datetime, limit: int = UPCOMING_SHOWN
) -> list[Booking]:
    """Confirmed bookings and running holds of a client that are not over, by time."""
    return repository.list_upcoming_for_client(session, client_id, now, limit)


def find_last_visit(session: ReadSession, client_id: UUID) -> Booking | None:
    """What «как в прошлый раз» means: the latest booking that took place or still will."""
    return repository.find_last_visit(session, client_id)


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
    return repository.list_bookings(
        session,
        location_id=location_id,
        staff_id=staff_id,
        from_at=from_at,
        to_at=to_at,
        statuses=statuses,
        limit=limit,
    )


def list_history(session: ReadSession, booking_id: UUID) -> list[BookingChange]:
    """What a booking was after each change, the first first."""
    return repository.list_history(session, booking_id)


def _lock_for_claim(session: WriteSession, slot_id: UUID, now: datetime, also: UUID | None = None) -> dict[UUID, Slot]:
    """Lock a slot that is to be claimed, together with those whose stale holds stand in its way; these expire."""
    wanted = availability.get_slot(session, slot_id)
    in_the_way = repository.list_stale_slots(session, now=now, slot_id=slot_id, staff_id=wanted.staff_id)
    needed = {slot_id, *in_the_way} | ({also} if also is not None else set())
    slots = availability.lock_slots(session, needed)
    if slot_id not in slots:
        raise SlotNotFound(slot_id)
    if in_the_way and _expire(session, slots, now):
        slots = availability.lock_slots(session, needed)
    return slots


def _lock(session: WriteSession, booking_id: UUID) -> tuple[Booking, Slot | None]:
    """A booking and its slot, both locked."""
    seen = repository.get_booking(session, booking_id)
    slots = availability.lock_slots(session, [seen.slot_id]) if seen.slot_id is not None else {}
    booking = _relock(session, seen)
    return booking, slots.get(booking.slot_id) if booking.slot_id is not None else None


def _relock(session: WriteSession, seen: Booking) -> Booking:
    """The booking as it is now that its slot is locked.

    Raises:
        DatabaseBusy: it was moved to another slot meanwhile; trying again locks that one.
    """
    booking = repository.lock_booking(session, seen.id)
    if booking.slot_id != seen.slot_id:
        raise DatabaseBusy(f"Booking {seen.id} was moved meanwhile.")
    return booking


def _expire(session: WriteSession, slots: dict[UUID, Slot], now: datetime) -> int:
    stale = repository.list_stale_in_slots(session, slots.keys(), now)
    for booking in stale:
        availability.free_seat(session, slots[booking.active_slot_id], was_held=True)
        expired = replace(booking, status=BookingStatus.EXPIRED)
        _change(session, expired, events.BookingExpired, system("holds"), now)
    return len(stale)


def _price(session: ReadSession, slot: Slot) -> Money | None:
    location = catalog.get_location(session, slot.location_id)
    on = slot.starts_at.astimezone(zone(location.timezone)).date()
    return catalog.price_of(
        session, service_id=slot.service_id, location_id=slot.location_id, staff_id=slot.staff_id, on=on
    )


def _about(booking: Booking, now: datetime) -> dict[str, object]:
    return {
        "occurred_at": now,
        "booking_id": booking.id,
        "version": booking.version,
        "client_id": booking.client_id,
        "location_id": booking.location_id,
        "service_id": booking.service_id,
        "staff_id": booking.staff_id,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
    }


def _change(
    session: WriteSession,
    booking: Booking,
    kind: type[events.BookingFact],
    actor: Actor,
    now: datetime,
    **more: object,
) -> Booking:
    """Store a changed booking and all that is told about the change."""
    changed = replace(booking, version=booking.version + 1)
    repository.update_booking(session, changed)
    _record(session, changed, kind.model_validate({**_about(changed, now), **more}), actor, now)
    return changed


def _record(session: WriteSession, booking: Booking, fact: events.BookingFact, actor: Actor, now: datetime) -> None:
    repository.add_history(session, booking, change=fact.name, actor=actor, now=now)
    record_audit(
        session,
        action=fact.name,
        subject="booking",
        subject_id=booking.id,
        actor=actor,
        now=now,
        data={"status": booking.status, "slot_id": booking.slot_id, "version": booking.version},
    )
    emit(session, fact)
