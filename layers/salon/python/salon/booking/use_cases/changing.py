"""Changing one's mind: cancel, restore, move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.availability.errors import SlotNotFound
from salon.booking import domain, events
from salon.booking.domain import Booking, BookingPolicy, BookingStatus, CancelReason, DepositStatus, is_client
from salon.booking.errors import AlreadyBooked, OtherService, VisitSenseless
from salon.booking.repository import bookings, holds
from salon.booking.use_cases.drafting import price_of
from salon.booking.use_cases.holding import check_client, take_seat
from salon.booking.use_cases.locking import (
    Claim,
    lock_booking,
    lock_for_claim,
    locked_slot,
    relock_booking,
)
from salon.booking.use_cases.policy import policy_of
from salon.booking.use_cases.telling import change
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession
from salon.platform.money import Money


@dataclass(frozen=True, slots=True)
class CancelTerms:
    """What cancelling now would mean for a client.

    Attributes:
        is_late: later than the tenant allows for free.
        fee: what it costs; None for nothing.
        keeps_deposit: whether the salon keeps what was paid.
    """

    is_late: bool
    fee: Money | None
    keeps_deposit: bool


FREE = CancelTerms(is_late=False, fee=None, keeps_deposit=False)


def cancel_terms(
    session: ReadSession, booking: Booking, *, now: datetime, policy: BookingPolicy | None = None
) -> CancelTerms:
    """What a client should be told before cancelling."""
    if booking.status is not BookingStatus.CONFIRMED:
        return FREE
    rules = policy if policy is not None else policy_of(session)
    if not domain.is_late_to_cancel(booking, now, rules):
        return FREE
    return CancelTerms(
        is_late=True,
        fee=domain.cancel_fee(booking, rules),
        keeps_deposit=booking.deposit_status is DepositStatus.PAID,
    )


def cancel_booking(
    session: WriteSession,
    booking_id: UUID,
    *,
    reason: CancelReason,
    actor: Actor,
    now: datetime,
    policy: BookingPolicy | None = None,
) -> Booking:
    """Give up a hold or a confirmed booking; its seat and the staff member's time are free at once.

    A client who cancels an agreed visit late owes the tenant's fee, and a deposit that was paid is kept. Staff cancel
    without a fee, whoever of the two wanted it; `reason` says who did.

    Raises:
        BookingNotFound: there is none.
        BookingAlreadyCancelled, BookingNotOpen: it is over.
        VisitBegun: a client cancels a visit that has begun.
    """
    booking = lock_booking(session, booking_id)
    by_client = is_client(actor)
    domain.check_can_cancel(booking, by_client=by_client, now=now)
    was_held = booking.status is BookingStatus.HELD
    terms = cancel_terms(session, booking, now=now, policy=policy) if by_client else FREE
    slot = locked_slot(session, booking)
    if slot is not None:
        availability.free_seat(session, slot, was_held=was_held)
    cancelled = replace(
        booking,
        status=BookingStatus.CANCELLED,
        hold_expires_at=None,
        cancelled_at=now,
        cancel_reason=reason,
        is_late_cancel=terms.is_late,
        cancel_fee=terms.fee,
        deposit_status=DepositStatus.KEPT if terms.keeps_deposit else booking.deposit_status,
    )
    return change(
        session,
        cancelled,
        events.BookingCancelled,
        actor,
        now,
        reason=reason,
        was_confirmed=not was_held,
        is_late=terms.is_late,
        fee_minor=terms.fee.minor if terms.fee is not None else None,
        deposit_status=cancelled.deposit_status,
    )


def restore_booking(session: WriteSession, booking_id: UUID, *, actor: Actor, now: datetime) -> Booking:
    """Undo a cancellation, and its fee, if the time is still free.

    Raises:
        BookingNotFound: there is none.
        BookingNotOpen: it is not cancelled.
        BookingNotRestorable: it was never confirmed, or lies in the past.
        ClientErased: the client was erased meanwhile.
        SlotNotFound, SlotAlreadyTaken, SlotNotOffered: the time is not free any more.
        AlreadyBooked: the client has booked the slot anew.
    """
    seen = bookings.get_booking(session, booking_id)
    domain.check_can_restore(seen, now)
    if seen.slot_id is None:
        raise SlotNotFound(None)
    claim = lock_for_claim(session, [seen.slot_id], seen.client_id, now)
    claim.check_client_there()
    slot = claim.slots[seen.slot_id]
    booking = bookings.lock_booking(session, booking_id)
    domain.check_can_restore(booking, now)
    _check_not_there(session, slot.id, booking.client_id)
    is_kept = booking.deposit_status is DepositStatus.KEPT
    restored = replace(
        booking,
        status=BookingStatus.CONFIRMED,
        cancelled_at=None,
        cancel_reason=None,
        is_late_cancel=False,
        cancel_fee=None,
        deposit_status=DepositStatus.PAID if is_kept else booking.deposit_status,
        ends_at=slot.ends_at + timedelta(minutes=booking.extra_min),
    )
    take_seat(session, slot, restored)
    availability.settle_seat(session, slot.id)
    return change(session, restored, events.BookingRestored, actor, now)


def reschedule_booking(
    session: WriteSession,
    booking_id: UUID,
    *,
    slot_id: UUID,
    actor: Actor,
    now: datetime,
    policy: BookingPolicy | None = None,
    incentive_minor: int | None = None,
) -> Booking:
    """Move a booking to another slot of its service: all or nothing, and its own old time is never in its way.

    A hold keeps its expiry, and every booking its options. The agreed price stays, unless the member of staff or the
    location changes. A client leaves the incentive behind with the inconvenient time that it was for. A deposit that is
    still to be paid follows the price; one that was paid stays what it was (`domain.deposit_after`).

    Args:
        session: the transaction.
        booking_id: which.
        slot_id: where to.
        actor: who asks; a client is bound by the tenant's policy.
        now: the current instant.
        policy: instead of the tenant's own.
        incentive_minor: taken off the price for the new time; None takes nothing off when a client moves it, and
            keeps what was agreed when anybody else does.

    Raises:
        BookingNotFound, SlotNotFound: there is none.
        OtherService: the slot is of another service.
        HoldExpired, BookingAlreadyCancelled, BookingNotOpen: the booking is over.
        SlotInThePast, TooShortNotice, OutsideBookingHorizon: either end is not bookable now.
        TooLateToReschedule, RescheduleLimitReached, ClientBusy: the tenant's policy is against it.
        VisitSenseless: another service of the same visit is at that time.
        SlotAlreadyTaken, SlotNotOffered: the new time is not free; the old one is kept.
        AlreadyBooked: the client has another booking of that slot.
    """
    seen = bookings.get_booking(session, booking_id)
    also = [seen.slot_id] if seen.slot_id is not None else []
    claim = lock_for_claim(session, [slot_id], seen.client_id, now, also=also)
    booking = relock_booking(session, seen)
    domain.check_can_move(booking, now)
    old, new = claim.slots[booking.active_slot_id], claim.slots[slot_id]
    if new.service_id != booking.service_id:
        raise OtherService(booking_id, slot_id)
    if old.id == new.id:
        return booking
    rules = claim.policy(policy)
    _check_move(session, claim, booking, new, rules, actor=actor, now=now)
    _check_not_there(session, new.id, booking.client_id)
    timezone = claim.look.wanted[slot_id].timezone
    kept = 0 if is_client(actor) else booking.incentive_minor
    incentive = incentive_minor if incentive_minor is not None else kept
    moved = _moved(session, booking, old, new, timezone=timezone, incentive_minor=incentive)
    deposit, deposit_status = domain.deposit_after(booking, moved.price, rules.deposit)
    moved = replace(moved, deposit=deposit, deposit_status=deposit_status)
    was_held = booking.status is BookingStatus.HELD
    with session.begin_nested():  # a refusal below takes back the freeing of the old seat, and nothing else
        availability.free_seat(session, old, was_held=was_held)
        take_seat(session, new, moved)
        if not was_held:
            availability.settle_seat(session, new.id)
    return change(
        session,
        moved,
        events.BookingRescheduled,
        actor,
        now,
        old_starts_at=booking.starts_at,
        old_staff_id=booking.staff_id,
        old_location_id=booking.location_id,
    )


def grant_incentive(
    session: WriteSession, booking_id: UUID, *, incentive_minor: int, actor: Actor, now: datetime
) -> Booking:
    """Take an incentive off the price that was agreed, in place of the present one: for coming at another time.

    Without a price nothing changes, because nothing can be taken off. A deposit that is still to be paid follows.

    Raises:
        BookingNotFound: there is none.
        HoldExpired, BookingAlreadyCancelled, BookingNotOpen: it is over.
    """
    booking = lock_booking(session, booking_id)
    domain.check_still_held(booking, now)
    price, incentive = domain.less_incentive(booking.list_price, incentive_minor)
    if (price, incentive) == (booking.price, booking.incentive_minor):
        return booking
    deposit, deposit_status = domain.deposit_after(booking, price, policy_of(session).deposit)
    repriced = replace(booking, price=price, incentive_minor=incentive, deposit=deposit, deposit_status=deposit_status)
    minor = price.minor if price is not None else None
    return change(session, repriced, events.BookingRepriced, actor, now, price_minor=minor, incentive_minor=incentive)


def _check_move(
    session: WriteSession,
    claim: Claim,
    booking: Booking,
    new: Slot,
    policy: BookingPolicy,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    _check_apart(session, booking, new, now)
    if not is_client(actor):
        domain.check_slot_time(new.id, new.starts_at, now, policy)
        return
    own = claim.look.wanted[new.id].min_notice
    min_notice = own if own is not None else policy.min_notice
    domain.check_slot_time(new.id, new.starts_at, now, policy, min_notice=min_notice)
    is_limited = policy.reschedule_limit is not None
    times_moved = bookings.count_moves_by_client(session, booking.id) if is_limited else 0
    domain.check_client_may_move(booking, now, policy, times_moved=times_moved)
    free_to_have = replace(policy, max_active_per_client=None)  # moving makes it no more
    check_client(
        session,
        booking.client_id,
        new,
        booking.extra_min,
        free_to_have,
        now=now,
        visit_id=booking.visit_id,
        moving_id=booking.id,
    )


def _check_apart(session: WriteSession, booking: Booking, new: Slot, now: datetime) -> None:
    """Refuse a time at which the client is being served in the same visit already.

    Raises:
        VisitSenseless: so it is.
    """
    if booking.visit_id is None:
        return
    ends_at = new.ends_at + timedelta(minutes=booking.extra_min)
    for one in holds.list_ahead_of_client(session, booking.client_id, now):
        is_other_part = one.visit_id == booking.visit_id and one.id != booking.id
        if is_other_part and one.starts_at < ends_at and new.starts_at < one.ends_at:
            raise VisitSenseless("The services of a visit follow one another.")


def _moved(
    session: ReadSession, booking: Booking, old: Slot, new: Slot, *, timezone: str, incentive_minor: int
) -> Booking:
    is_same_hand = (old.staff_id, old.location_id) == (new.staff_id, new.location_id)
    if is_same_hand:
        listed = booking.list_price
    else:
        chosen = [option.option_id for option in bookings.list_options(session, booking.id)]
        listed = price_of(session, new, timezone, chosen)
        paid_in = booking.deposit.currency if booking.deposit is not None else None
        if paid_in is not None and (listed is None or listed.currency != paid_in):
            listed = booking.list_price  # a deposit stands in the price's currency: what was agreed stays
    price, incentive = domain.less_incentive(listed, incentive_minor)
    return replace(
        booking,
        slot_id=new.id,
        staff_id=new.staff_id,
        location_id=new.location_id,
        starts_at=new.starts_at,
        ends_at=new.ends_at + timedelta(minutes=booking.extra_min),
        price=price,
        incentive_minor=incentive,
    )


def _check_not_there(session: WriteSession, slot_id: UUID, client_id: UUID) -> None:
    present = bookings.find_active(session, slot_id, client_id)
    if present is not None:
        raise AlreadyBooked(present.id)
