"""Saying in plain words why something cannot be done. Nothing that booking refuses is called a stale button."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from salon.availability.errors import SlotAlreadyTaken, SlotNotFound, SlotNotOffered
from salon.booking import errors
from salon.booking import use_cases as booking
from salon.booking.series.errors import SeriesNeedsDeposit, SeriesSenseless
from salon.booking.shifts.errors import ShiftNotOpen
from salon.booking.waitlist.errors import (
    NothingOffered,
    WaitlistClosed,
    WaitlistEntryNotFound,
    WaitlistEntryNotOpen,
    WaitlistFull,
    WaitlistWindowSenseless,
)
from salon.clients import use_cases as clients
from salon.messaging.domain.dialogue import DialogueState, Topic
from salon.messaging.domain.taps import TapPayload
from salon.messaging.use_cases.talk import Talk
from salon.platform import metrics as figures
from salon.platform.errors import Refusal
from salon.platform.logs import logger

log = logger(__name__)
TAKEN = (SlotAlreadyTaken, SlotNotFound, SlotNotOffered)
"""Refusals after which something else is offered."""

_MINUTE = timedelta(minutes=1)


def say_refusal(talk: Talk, refusal: Refusal, *, again: TapPayload | None = None) -> None:
    """Answer with the reason, and with what the client can do about it.

    Args:
        talk: the turn.
        refusal: what a use case raised; `TAKEN` is for the caller, who has something else to offer.
        again: what goes on once the phone is known.
    """
    match refusal:
        case errors.PhoneRequired():
            ask_phone(talk, again)
        case errors.TooManyBookings():
            talk.say("too-many-bookings", limit=refusal.limit, phone=talk.phone, buttons=talk.menu()[1:])
        case errors.ClientBusy():
            other = booking.get_booking(talk.session, refusal.booking_id)
            talk.say("client-busy", booking=talk.booking_line(other))
        case errors.TooShortNotice():
            talk.say("too-short-notice", notice=talk.duration(refusal.minutes), phone=talk.phone)
        case errors.OutsideBookingHorizon():
            talk.say("beyond-horizon", until=talk.phrases.day_genitive(talk.last_day))
        case errors.TooLateToReschedule():
            talk.say("too-late-to-reschedule", hours=refusal.hours, phone=talk.phone)
        case errors.RescheduleLimitReached():
            talk.say("reschedule-limit", limit=refusal.limit, phone=talk.phone)
        case errors.VisitBegun():
            talk.say("visit-begun", phone=talk.phone)
        case _:
            _say_other(talk, refusal)


def ask_phone(talk: Talk, again: TapPayload | None) -> None:
    """Ask for the number that this salon wants, and remember what to go on with."""
    talk.remember(replace(talk.state, pending=again.encode() if again else None))
    talk.ask_phone("phone-needed")


def lacks_phone(talk: Talk) -> bool:
    """Whether this salon wants a number that we do not have."""
    client = clients.get_client(talk.session, talk.conversation.client_id)
    return talk.policy.phone_required and client.phone_last4 is None


def count_refusal(talk: Talk, refusal: Refusal) -> None:
    """Count what kept a client from booking; that somebody was quicker is a conflict."""
    outcome = refusal.code.lower()
    talk.metrics.count(figures.BOOKING_REFUSED, channel=talk.conversation.channel, outcome=outcome)


_OTHER: tuple[tuple[type[Refusal] | tuple[type[Refusal], ...], str], ...] = (
    (errors.AlreadyBooked, "already-booked"),
    (errors.SlotInThePast, "slot-past"),
    (errors.HoldExpired, "hold-over"),
    ((errors.BookingAlreadyCancelled, errors.BookingNotOpen, errors.BookingNotRestorable), "booking-not-active"),
    ((errors.BookingNotFound, errors.VisitNotFound, errors.OtherService), "booking-not-active"),
    (NothingOffered, "wait-offer-over"),
    ((WaitlistEntryNotFound, WaitlistEntryNotOpen), "wait-not-open"),
    (WaitlistClosed, "wait-closed"),
    (WaitlistWindowSenseless, "wait-window"),
    (ShiftNotOpen, "shift-over"),
    (SeriesNeedsDeposit, "series-deposit"),
    (SeriesSenseless, "series-none"),
)
_WITH_PHONE = frozenset({"wait-closed", "series-deposit", "series-none"})


def _say_other(talk: Talk, refusal: Refusal) -> None:
    if isinstance(refusal, WaitlistFull):
        talk.say("wait-full", limit=refusal.limit, buttons=talk.menu()[1:])
        return
    text_id = next((text_id for kinds, text_id in _OTHER if isinstance(refusal, kinds)), None)
    if text_id is None:
        log.warning("dialogue.refused", reason=refusal.code)
        text_id = "cannot-do"
    if text_id == "booking-not-active" and talk.state.topic is Topic.RESCHEDULE:
        talk.remember(DialogueState())
    if text_id in _WITH_PHONE or text_id == "cannot-do":
        talk.say(text_id, phone=talk.phone, buttons=talk.menu()[:1])
    else:
        talk.say(text_id, buttons=talk.menu())
