"""Several services in a row: found together, held together, agreed together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.booking import domain
from salon.booking.domain import Booking, BookingPolicy, BookingStatus, CancelReason, Visit, VisitOffer, VisitWish
from salon.booking.errors import VisitNotFound, VisitSenseless
from salon.booking.repository import bookings
from salon.booking.use_cases.changing import cancel_booking
from salon.booking.use_cases.drafting import Making
from salon.booking.use_cases.holding import choose_options, confirm_booking, hold_claimed
from salon.booking.use_cases.locking import Claim, lock_for_claim
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession
from salon.platform.ids import new_id

VISITS_SHOWN = 3
SLOTS_LOOKED_AT = 5000
MAX_GAP_MIN = 30


def find_visit_offers(
    session: ReadSession,
    *,
    wishes: Sequence[VisitWish],
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    location_id: UUID | None = None,
    max_gap_min: int = MAX_GAP_MIN,
    any_order: bool = False,
    min_notice: timedelta | None = None,
    limit: int = VISITS_SHOWN,
) -> list[VisitOffer]:
    """Chains of free slots for several services one after another, those with the least waiting, by time.

    Whether a chair is left for each of them is certain only when they are held.

    Args:
        session: reading is enough.
        wishes: services in the order in which they are to happen, each with a person or without, and with options.
        from_at: the first begins at this instant or later.
        to_at: the first begins before this instant.
        now: the current instant.
        location_id: at this branch; None for any, but all at the same one.
        max_gap_min: between two services the client waits so many minutes at most.
        any_order: whether the services may happen in another order too.
        min_notice: the first begins at least so much after `now`; None takes the tenant's.
        limit: so many at most.

    Raises:
        VisitSenseless: no wish, or more than a day holds.
        OptionNotFound, OptionNotOffered, OptionsExclusive: the options are not to be had together.
    """
    domain.check_wishes(wishes)
    wishes = [_with_extra(session, wish) for wish in wishes]
    last = to_at + timedelta(days=1)
    found_for = {
        wish: availability.list_free_slots(
            session,
            service_id=wish.service_id,
            staff_id=wish.staff_id,
            location_id=location_id,
            from_at=from_at,
            to_at=last,
            now=now,
            extra_min=wish.extra_min,
            limit=SLOTS_LOOKED_AT,
            min_notice=min_notice,
        )
        for wish in dict.fromkeys(wishes)
    }
    free = [found_for[wish] for wish in wishes]
    places = {slot.location_id for slots in free for slot in slots}
    found = [
        offer
        for place in sorted(places)
        for offer in domain.choose_visits(
            [[slot for slot in slots if slot.location_id == place] for slots in free],
            wishes,
            limit=limit,
            max_gap=timedelta(minutes=max_gap_min),
            any_order=any_order,
            before=to_at,
        )
    ]
    best = sorted(found, key=lambda offer: (offer.wait, offer.starts_at))[:limit]
    return sorted(best, key=lambda offer: offer.starts_at)


def hold_visit(
    session: WriteSession,
    *,
    slot_ids: Sequence[UUID],
    client_id: UUID,
    channel: str,
    actor: Actor,
    now: datetime,
    option_ids: Sequence[Sequence[UUID]] = (),
    policy: BookingPolicy | None = None,
    note: str | None = None,
    session_id: UUID | None = None,
    exposure_id: UUID | None = None,
    variant: str | None = None,
    hold_for: timedelta | None = None,
) -> Visit:
    """Hold several slots in a row, all or none of them. A second tap finds the visit of the first.

    Args:
        session: the transaction; a refusal leaves it usable.
        slot_ids: in the order in which they happen.
        client_id: for whom.
        channel: where.
        actor: who asks.
        now: the current instant.
        option_ids: those of each slot, in the same order; none for no options at all.
        policy: instead of the tenant's own.
        note: goes with the first of them.
        session_id: the API session that asks.
        exposure_id: the offer that it was chosen from.
        variant: of the rules of that offer.
        hold_for: instead of the tenant's own time.

    Raises:
        VisitSenseless: they do not follow one another.
        SlotNotFound, SlotAlreadyTaken, SlotNotOffered, …: whatever `hold_slot` refuses of any of them.
    """
    claim = lock_for_claim(session, slot_ids, client_id, now)
    present = _find_present(session, claim, slot_ids, client_id)
    if present is not None:
        return present
    chosen = list(option_ids) or [()] * len(slot_ids)
    _check_in_a_row(session, [claim.slots[slot_id] for slot_id in slot_ids], chosen)
    making = Making(
        client_id=client_id,
        channel=channel,
        actor=actor,
        now=now,
        policy=policy,
        note=note,
        session_id=session_id,
        exposure_id=exposure_id,
        variant=variant,
        hold_for=hold_for,
        visit_id=new_id(),
    )
    held: list[Booking] = []
    with session.begin_nested():  # all or none
        for position, (slot_id, options) in enumerate(zip(slot_ids, chosen, strict=True)):
            one = replace(making, visit_position=position, note=note if position == 0 else None)
            held.append(hold_claimed(session, claim, slot_id, options, one))
    return Visit(held[0].visit_id or held[0].id, tuple(held))


def confirm_visit(session: WriteSession, visit_id: UUID, *, actor: Actor, now: datetime) -> Visit:
    """Turn the holds of a visit into agreements, all or none of them. Confirming again changes nothing.

    Raises:
        VisitNotFound: there is none.
        HoldExpired, PaymentRequired, BookingAlreadyCancelled, BookingNotOpen: what `confirm_booking` refuses of one.
    """
    together = get_visit(session, visit_id).bookings
    order = (BookingStatus.HELD, BookingStatus.CONFIRMED)
    asked = min(together, key=lambda one: order.index(one.status) if one.status in order else len(order))
    confirm_booking(session, asked.id, actor=actor, now=now)
    return get_visit(session, visit_id)


def cancel_visit(
    session: WriteSession,
    visit_id: UUID,
    *,
    reason: CancelReason,
    actor: Actor,
    now: datetime,
    policy: BookingPolicy | None = None,
) -> Visit:
    """Give up all that is still ahead of a visit.

    Raises:
        VisitNotFound: there is none.
        BookingAlreadyCancelled, BookingNotOpen: nothing of it is open any more.
        VisitBegun: a client cancels what has begun.
    """
    first, *_ = get_visit(session, visit_id).bookings
    bookings.lock_with_slots(session, first.id)  # all at once, in the one order that everybody keeps
    together = get_visit(session, visit_id).bookings
    ahead = [booking for booking in together if booking.status in domain.ACTIVE]
    for booking in ahead or together[:1]:
        cancel_booking(session, booking.id, reason=reason, actor=actor, now=now, policy=policy)
    return get_visit(session, visit_id)


def get_visit(session: ReadSession, visit_id: UUID) -> Visit:
    """A visit with its bookings, in the order in which they happen.

    Raises:
        VisitNotFound: there is none.
    """
    found = bookings.list_visit(session, visit_id)
    if not found:
        raise VisitNotFound(visit_id)
    return Visit(visit_id, tuple(found))


def _with_extra(session: ReadSession, wish: VisitWish) -> VisitWish:
    options = choose_options(session, wish.service_id, wish.option_ids)
    return replace(wish, extra_min=sum(option.extra_min for option in options))


def _check_in_a_row(session: ReadSession, slots: Sequence[Slot], chosen: Sequence[Sequence[UUID]]) -> None:
    if len(chosen) != len(slots):
        raise VisitSenseless("Every service of a visit has its own options, or none of them has any.")
    spans = []
    for slot, option_ids in zip(slots, chosen, strict=True):
        extra = sum(option.extra_min for option in choose_options(session, slot.service_id, option_ids))
        spans.append((slot.starts_at, slot.ends_at + timedelta(minutes=extra)))
    domain.check_in_a_row(spans)


def _find_present(session: WriteSession, claim: Claim, slot_ids: Sequence[UUID], client_id: UUID) -> Visit | None:
    """The visit that holds exactly these slots for this client."""
    if not slot_ids or not all(claim.look.wanted[slot_id].is_mine for slot_id in slot_ids):
        return None
    first = bookings.find_active(session, slot_ids[0], client_id)
    if first is None or first.visit_id is None:
        return None
    visit = get_visit(session, first.visit_id)
    is_same = [booking.slot_id for booking in visit.bookings] == list(slot_ids)
    is_held = all(booking.status is BookingStatus.HELD for booking in visit.bookings)
    return visit if is_same and is_held else None
