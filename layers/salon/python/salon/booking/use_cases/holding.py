"""From a wish to an agreement: hold, pay, confirm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.availability.errors import SlotAlreadyTaken
from salon.booking import domain, events
from salon.booking.domain import (
    BookedOption,
    Booking,
    BookingPolicy,
    BookingStatus,
    CancelReason,
    is_client,
)
from salon.booking.errors import AlreadyBooked, ClientBusy, PhoneRequired, TooManyBookings
from salon.booking.repository import bookings, holds, recording
from salon.booking.repository.holds import Wanted
from salon.booking.use_cases.drafting import Making, draft, seal_note
from salon.booking.use_cases.locking import Claim, lock_booking, lock_for_claim
from salon.booking.use_cases.telling import about, change
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession


def hold_slot(
    session: WriteSession,
    *,
    slot_id: UUID,
    client_id: UUID,
    channel: str,
    actor: Actor,
    now: datetime,
    policy: BookingPolicy | None = None,
    option_ids: Sequence[UUID] = (),
    note: str | None = None,
    session_id: UUID | None = None,
    exposure_id: UUID | None = None,
    variant: str | None = None,
    incentive_minor: int = 0,
    visit_id: UUID | None = None,
    visit_position: int | None = None,
    series_id: UUID | None = None,
    hold_for: timedelta | None = None,
) -> Booking:
    """Claim a seat of a slot for a client until the hold expires; holds that have run out make room first.

    A second tap finds the hold of the first. With other options a new one takes its place, and a client's its expiry
    too, so that nobody keeps a slot for ever by wishing for something else; a refusal leaves the first one. The price
    is copied from the list that is valid on the day of the visit. The tenant's limits bind clients; staff and the
    system may go beyond them.

    Args:
        session: the transaction.
        slot_id: what is wanted.
        client_id: for whom.
        channel: where: a messenger, `console`, `site`.
        actor: who asks.
        now: the current instant.
        policy: instead of the tenant's own.
        option_ids: of the service; they change its length and its price.
        note: of the client or the front desk, sealed with the client's key.
        session_id: the API session that asks.
        exposure_id: the offer that it was chosen from.
        variant: of the rules of that offer.
        incentive_minor: minor units taken off the price, which does not fall below nothing.
        visit_id: what it shares with other bookings in a row; `hold_visit` makes these.
        visit_position: its place among them, from 0.
        series_id: the repeating wish that it comes from.
        hold_for: instead of the tenant's own time.

    Raises:
        SlotNotFound: there is no such slot any more.
        SlotAlreadyTaken: somebody was quicker (code SLOT_FULL).
        SlotNotOffered: the slot is blocked.
        SlotInThePast, TooShortNotice, OutsideBookingHorizon: not bookable now.
        AlreadyBooked: the client's booking of this slot is confirmed already.
        ClientErased: the client was erased.
        PhoneRequired, TooManyBookings, ClientBusy: the tenant's policy is against it.
        OptionNotFound, OptionNotOffered, OptionsExclusive: the options are not to be had together (catalog's errors).
        NoteTooLong: the note is.
    """
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
        incentive_minor=incentive_minor,
        visit_id=visit_id,
        visit_position=visit_position,
        series_id=series_id,
        hold_for=hold_for,
    )
    return hold_claimed(session, lock_for_claim(session, [slot_id], client_id, now), slot_id, option_ids, making)


def hold_claimed(
    session: WriteSession, claim: Claim, slot_id: UUID, option_ids: Sequence[UUID], making: Making
) -> Booking:
    """Hold a slot that is locked; see `hold_slot`."""
    claim.check_client_there()
    slot, wanted = claim.slots[slot_id], claim.look.wanted[slot_id]
    policy = claim.policy(making.policy)
    min_notice = wanted.min_notice if wanted.min_notice is not None else policy.min_notice
    domain.check_slot_time(
        slot_id, slot.starts_at, making.now, policy, min_notice=min_notice if is_client(making.actor) else None
    )
    if not wanted.is_mine:
        return _hold(session, slot, wanted, option_ids, making, policy=policy)
    present = _find_present(session, slot_id, making.client_id)
    is_same_visit = making.visit_id is None or (present is not None and present.visit_id == making.visit_id)
    if present is not None and is_same_visit and _has_options(session, present, option_ids):
        return present
    with session.begin_nested():  # a refusal leaves the hold that was to be replaced
        empty = _make_room(session, slot, present, making)
        if present is not None and is_client(making.actor):
            making = replace(making, until=present.hold_expires_at)
        return _hold(session, empty, wanted, option_ids, making, policy=policy)


def _hold(
    session: WriteSession,
    slot: Slot,
    wanted: Wanted,
    option_ids: Sequence[UUID],
    making: Making,
    *,
    policy: BookingPolicy,
) -> Booking:
    now = making.now
    options = choose_options(session, slot.service_id, option_ids)
    extra_min = sum(option.extra_min for option in options)
    if is_client(making.actor):
        check_client(session, making.client_id, slot, extra_min, policy, now=now, visit_id=making.visit_id)
    note = seal_note(session, making.client_id, making.note)
    booking = draft(session, slot, making, options, timezone=wanted.timezone, policy=policy)
    try:
        take_seat(session, slot, booking)
    except SlotAlreadyTaken:
        mine = bookings.find_active(session, slot.id, making.client_id)  # two taps at once: the other was quicker
        if mine is None or mine.status is not BookingStatus.HELD:
            raise
        return mine
    fact = events.BookingCreated.model_validate(
        {
            **about(booking, now),
            "hold_expires_at": booking.hold_expires_at,
            "exposure_id": making.exposure_id,
        }
    )
    if not recording.add_booking(session, booking, fact, note=note, actor=making.actor, now=now):
        return _take_back(session, slot, making.client_id)
    if options:
        bookings.add_options(session, booking.id, options)
    return booking


def confirm_booking(session: WriteSession, booking_id: UUID, *, actor: Actor, now: datetime) -> Booking:
    """Turn a hold into an agreement, and with it all others of its visit. Confirming again changes nothing.

    Raises:
        BookingNotFound: there is none.
        HoldExpired: the hold has run out.
        PaymentRequired: the deposit is neither paid nor waived.
        BookingAlreadyCancelled, BookingNotOpen: it is over.
    """
    together = bookings.lock_with_slots(session, booking_id)
    if not any(booking.id == booking_id for booking in together):
        together = [lock_booking(session, booking_id)]
    (asked,) = (booking for booking in together if booking.id == booking_id)
    others = [booking for booking in together if booking.status is BookingStatus.HELD and booking.id != booking_id]
    for booking in (asked, *others):
        domain.check_can_confirm(booking, now)
    for booking in others:
        _confirm(session, booking, actor, now)
    return asked if asked.status is BookingStatus.CONFIRMED else _confirm(session, asked, actor, now)


def choose_options(session: ReadSession, service_id: UUID, option_ids: Sequence[UUID]) -> list[BookedOption]:
    """What the options add to a service; their prices follow when slot and day are known.

    Raises:
        OptionNotFound, OptionNotOffered, OptionsExclusive: they are not to be had, or not together.
    """
    if not option_ids:
        return []
    chosen = catalog.choose_options(session, service_id, option_ids)
    return [BookedOption(option_id=option.id, extra_min=option.extra_min, price=None) for option in chosen]


def take_seat(session: WriteSession, slot: Slot, booking: Booking) -> None:
    """Claim a locked slot for as long as a booking takes.

    Raises:
        SlotAlreadyTaken, SlotNotOffered: it is not to be had.
    """
    availability.take_seat(
        session, slot, booking_id=booking.id, expires_at=booking.hold_expires_at, extra_min=booking.extra_min
    )


def check_client(
    session: WriteSession,
    client_id: UUID,
    slot: Slot,
    extra_min: int,
    policy: BookingPolicy,
    *,
    now: datetime,
    visit_id: UUID | None = None,
    moving_id: UUID | None = None,
) -> None:
    """Refuse what the tenant's policy allows no client.

    Args:
        session: the transaction; the slot is locked.
        client_id: who.
        slot: wanted.
        extra_min: what options add to it.
        policy: the tenant's.
        now: the current instant.
        visit_id: several services in a row count as one visit.
        moving_id: the booking that is being moved; it does not stand in its own way.

    Raises:
        PhoneRequired, TooManyBookings, ClientBusy: so it is.
    """
    if policy.phone_required and moving_id is None and clients.get_client(session, client_id).phone_last4 is None:
        raise PhoneRequired
    if not policy.looks_at_other_bookings:
        return
    ends_at = slot.ends_at + timedelta(minutes=extra_min)
    ahead = [one for one in holds.list_ahead_of_client(session, client_id, now) if one.id != moving_id]
    visits = {one.visit_id or one.id for one in ahead} - {visit_id}
    if policy.max_active_per_client is not None and len(visits) >= policy.max_active_per_client:
        raise TooManyBookings(policy.max_active_per_client)
    if not policy.allow_client_overlap:
        for one in ahead:
            if one.starts_at < ends_at and slot.starts_at < one.ends_at:
                raise ClientBusy(one.id)


def _confirm(session: WriteSession, booking: Booking, actor: Actor, now: datetime) -> Booking:
    availability.settle_seat(session, booking.active_slot_id)
    confirmed = replace(booking, status=BookingStatus.CONFIRMED, hold_expires_at=None, confirmed_at=now)
    return change(
        session,
        confirmed,
        events.BookingConfirmed,
        actor,
        now,
        visit_id=booking.visit_id,
        exposure_id=booking.exposure_id,
        hold_to_confirm_ms=confirmed.hold_to_confirm_ms,
    )


def _find_present(session: WriteSession, slot_id: UUID, client_id: UUID) -> Booking | None:
    """The client's hold of this very slot.

    Raises:
        AlreadyBooked: the client's booking of it is confirmed.
    """
    present = bookings.find_active(session, slot_id, client_id)
    if present is not None and present.status is not BookingStatus.HELD:
        raise AlreadyBooked(present.id)
    return present


def _has_options(session: ReadSession, booking: Booking, option_ids: Sequence[UUID]) -> bool:
    return {option.option_id for option in bookings.list_options(session, booking.id)} == set(option_ids)


def _make_room(session: WriteSession, slot: Slot, present: Booking | None, making: Making) -> Slot:
    """Give up the client's own hold of a slot, which another one with other options is to replace."""
    if present is not None:
        availability.free_seat(session, slot, was_held=True)
        reason = CancelReason.DUPLICATE
        replaced = replace(
            present,
            status=BookingStatus.CANCELLED,
            hold_expires_at=None,
            cancelled_at=making.now,
            cancel_reason=reason,
        )
        change(session, replaced, events.BookingCancelled, making.actor, making.now, reason=reason, was_confirmed=False)
    return availability.lock_slots(session, [slot.id])[slot.id]


def _take_back(session: WriteSession, slot: Slot, client_id: UUID) -> Booking:
    """Give the seat back that was taken for a client who has one here already: two taps at once in a group.

    Raises:
        AlreadyBooked: the other one is confirmed.
    """
    availability.free_seat(session, slot, was_held=True)
    mine = bookings.find_active(session, slot.id, client_id)
    if mine is None or mine.status is not BookingStatus.HELD:
        raise AlreadyBooked(mine.id if mine is not None else None)
    return mine
