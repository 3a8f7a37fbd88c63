"""Listing, cancelling and bringing back, in conversation."""

from __future__ import annotations

from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus, CancelReason
from salon.messaging.domain import Button, phrases
from salon.messaging.domain.dialogue import DialogueState
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.domain.wishes import is_declined, is_question
from salon.messaging.use_cases.my_bookings import (
    changeable,
    choice,
    is_changeable,
    meant,
    mine,
    say_not_active,
    say_nothing_booked,
)
from salon.messaging.use_cases.talk import Talk
from salon.platform.errors import Conflict, NotFound
from salon.understanding.domain import Understood

_LINE = ("service", "day", "time", "staff", "place")


def list_mine(talk: Talk) -> None:
    """«Когда я записана?»"""
    known = changeable(talk)
    if not known:
        say_nothing_booked(talk)
        return
    lines = [talk.texts.say("my-bookings")]
    buttons = []
    for one in known:
        facts = talk.booking_facts(one)
        lines.append("• " + talk.texts.say("booking-line-full", **{name: facts[name] for name in _LINE}))
        buttons.append(
            (
                Button(_label(talk, "button-reschedule", one, known), TapPayload(Tap.RESCHEDULE, one.id).encode()),
                Button(_label(talk, "button-cancel", one, known), TapPayload(Tap.CANCEL, one.id).encode()),
            )
        )
    talk.reply("\n".join(lines), tuple(buttons))


def cancel(talk: Talk, understood: Understood) -> None:
    """«Отмени», perhaps saying which. A question, a refusal or a contradiction cancels nothing."""
    found = meant(talk, understood, day=understood.when.date if understood.when else None)
    if not found.bookings:
        say_nothing_booked(talk)
    elif is_declined(understood.text):
        talk.say("kept", booking=talk.booking_line(found.bookings[0]))
    elif found.contradicts:
        talk.say("not-that-booking", buttons=choice(talk, found.bookings, Tap.CANCEL))
    elif is_question(understood.text) or len(found.bookings) > 1:
        talk.say("cancel-which", buttons=choice(talk, found.bookings, Tap.CANCEL))
    else:
        cancel_this(talk, found.bookings[0].id)


def cancel_this(talk: Talk, booking_id: UUID) -> str | None:
    """Cancel one booking, with a way back."""
    known = mine(talk, booking_id)
    if known is None or not is_changeable(talk, known):
        say_not_active(talk, known)
        return None
    line = talk.booking_line(known)
    try:
        booking.cancel_booking(talk.session, known.id, actor=talk.actor, now=talk.now, reason=CancelReason.CLIENT)
    except Conflict:
        say_not_active(talk, None)
        return None
    talk.remember(DialogueState())
    button = Button(talk.texts.say("restore-button"), TapPayload(Tap.RESTORE, known.id).encode())
    talk.say("cancelled", booking=line, buttons=((button,),))
    return line


def restore_this(talk: Talk, booking_id: UUID) -> str | None:
    """Undo a cancellation while the time is still free."""
    known = mine(talk, booking_id)
    if known is None or known.status is not BookingStatus.CANCELLED or known.starts_at <= talk.now:
        say_not_active(talk, None)
        return None
    try:
        with talk.session.begin_nested():
            restored = booking.restore_booking(talk.session, known.id, actor=talk.actor, now=talk.now)
    except (Conflict, NotFound):
        talk.say("restore-taken")
        return None
    line = talk.booking_line(restored)
    talk.say("restored", booking=line)
    return line


def _label(talk: Talk, text_id: str, one: Booking, known: list[Booking]) -> str:
    """«Отменить», with the day when there are several."""
    label = talk.texts.say(text_id)
    return label if len(known) == 1 else f"{label} {phrases.short_day(talk.local_of(one).date(), talk.today)}"
