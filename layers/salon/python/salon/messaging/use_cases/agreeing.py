"""Hold and confirm in one go, for a slot or for several in a row, and what is said then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from salon.availability.domain import Slot
from salon.availability.offers import use_cases as offers
from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus, Visit
from salon.booking.errors import PaymentRequired
from salon.messaging.domain import phrases
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.use_cases.calendar_talk import calendar_button
from salon.messaging.use_cases.refusals import count_refusal
from salon.messaging.use_cases.talk import Talk
from salon.platform import metrics as figures
from salon.platform.errors import Refusal
from salon.platform.money import Money

NO_VARIANT = "none"


def book_slot(talk: Talk, slot: Slot) -> Booking | Refusal:
    """Hold and confirm a slot, or the refusal, which undoes only this and not the whole turn.

    A booking that waits for its deposit comes back held.
    """
    try:
        with talk.session.begin_nested():
            origin = offers.find_origin(talk.session, subject=str(talk.conversation.client_id), slot=slot, now=talk.now)
            held = booking.hold_slot(
                talk.session,
                slot_id=slot.id,
                client_id=talk.conversation.client_id,
                channel=talk.conversation.channel,
                actor=talk.actor,
                now=talk.now,
                policy=talk.policy,
                exposure_id=origin.exposure_id,
                variant=origin.variant,
                incentive_minor=origin.incentive_minor,
            )
            count_step(talk, "held", held)
            return _confirmed(
                talk, held, lambda: booking.confirm_booking(talk.session, held.id, actor=talk.actor, now=talk.now)
            )
    except Refusal as refusal:
        count_refusal(talk, refusal)
        return refusal


def book_row(talk: Talk, slot_ids: Sequence[UUID]) -> Visit | Refusal:
    """Hold and confirm slots in a row, all or none; a visit that waits for its deposit comes back held."""
    try:
        with talk.session.begin_nested():
            held = booking.hold_visit(
                talk.session,
                slot_ids=slot_ids,
                client_id=talk.conversation.client_id,
                channel=talk.conversation.channel,
                actor=talk.actor,
                now=talk.now,
                policy=talk.policy,
            )
            for one in held.bookings:
                count_step(talk, "held", one)
            _confirmed(
                talk,
                held.bookings[0],
                lambda: booking.confirm_visit(talk.session, held.id, actor=talk.actor, now=talk.now).bookings[0],
                together=[one.id for one in held.bookings],
            )
            return booking.get_visit(talk.session, held.id)
    except Refusal as refusal:
        count_refusal(talk, refusal)
        return refusal


def count_step(talk: Talk, step: str, one: Booking) -> None:
    """A step of the funnel; how long the decision took, once it is made."""
    variant = one.variant or NO_VARIANT
    talk.metrics.count(figures.BOOKING_FUNNEL, kind=step, variant=variant)
    if step == "confirmed" and one.hold_to_confirm_ms is not None:
        talk.metrics.timing_ms(figures.HOLD_TO_CONFIRM_MS, one.hold_to_confirm_ms, variant=variant)


def say_booked(talk: Talk, one: Booking) -> None:
    """What was agreed; or what is held until the deposit is paid."""
    if one.status is BookingStatus.HELD:
        say_deposit(talk, [one])
        return
    talk.reply(talk.texts.say("booked", **talk.booking_facts(one)), calendar_button(talk, one))


def say_visit_booked(talk: Talk, visit: Visit) -> None:
    """Services in a row that were agreed, with the sum; or what is held until the deposit is paid."""
    if any(one.status is BookingStatus.HELD for one in visit.bookings):
        say_deposit(talk, visit.bookings)
        return
    first = talk.booking_facts(visit.bookings[0])
    talk.say(
        "visit-booked",
        day=first["day"],
        lines="\n".join(visit_line(talk, one) for one in visit.bookings),
        place=first["place"],
        price=talk.price(visit.price),
    )


def visit_line(talk: Talk, one: Booking) -> str:
    """«14:00 — Стрижка, мастер Анна, 2 500 ₽»."""
    facts = talk.booking_facts(one)
    return talk.texts.say(
        "visit-line", time=facts["time"], service=facts["service"], staff=facts["staff"], price=facts["price"]
    )


def say_deposit(talk: Talk, bookings: Sequence[Booking]) -> None:
    """What is held, until when, and that somebody will be in touch about the deposit."""
    due = [one.deposit for one in bookings if one.deposit is not None]
    total = sum(due[1:], start=due[0]) if due else Money(0)
    until = min(one.hold_expires_at for one in bookings if one.hold_expires_at is not None)
    talk.say(
        "deposit-needed",
        bookings="\n".join(f"• {talk.booking_line(one)}" for one in bookings),
        deposit=talk.price(total),
        until=phrases.clock(talk.local(until)),
        phone=talk.phone,
        buttons=((talk.button("button-cancel", _cancelling(bookings[0])),),),
    )


def _cancelling(one: Booking) -> TapPayload:
    return TapPayload(Tap.CANCEL_VISIT, one.visit_id) if one.visit_id else TapPayload(Tap.CANCEL, one.id)


def _confirmed(talk: Talk, held: Booking, confirm: Callable[[], Booking], *, together: Sequence[UUID] = ()) -> Booking:
    """The booking as agreed, or as held when a deposit stands between."""
    try:
        with talk.session.begin_nested():
            agreed = confirm()
    except PaymentRequired:
        return held
    for booking_id in together or [agreed.id]:
        count_step(talk, "confirmed", booking.get_booking(talk.session, booking_id))
    return agreed
