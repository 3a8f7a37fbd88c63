"""Changing what is booked, in conversation: list, move, cancel, bring back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from salon.availability.domain import Slot
from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus, CancelReason
from salon.messaging.domain import Button, phrases
from salon.messaging.domain.dialogue import DialogueState, Expecting, Tap, TapPayload, Topic
from salon.messaging.domain.wishes import asked_times, is_past, wish_of
from salon.messaging.use_cases.slots_talk import OFFERS, ROUNDS, find_exact, find_offers, offer_buttons
from salon.messaging.use_cases.talk import Talk
from salon.platform.errors import Conflict, NotFound
from salon.platform.timeranges import local_instant
from salon.understanding.domain import Understood, When


def list_mine(talk: Talk) -> None:
    """«Когда я записана?»"""
    mine = _upcoming(talk)
    if not mine:
        _nothing_booked(talk)
        return
    lines = [talk.texts.say("my-bookings")]
    buttons = []
    for known in mine:
        facts = talk.booking_facts(known)
        lines.append("• " + talk.texts.say("booking-line-full", **{name: facts[name] for name in _LINE}))
        buttons.append(
            (
                Button(_label(talk, "button-reschedule", known, mine), TapPayload(Tap.RESCHEDULE, known.id).encode()),
                Button(_label(talk, "button-cancel", known, mine), TapPayload(Tap.CANCEL, known.id).encode()),
            )
        )
    talk.reply("\n".join(lines), tuple(buttons))


_LINE = ("service", "day", "time", "staff", "place")


def cancel(talk: Talk, understood: Understood) -> None:
    """«Отмени», perhaps saying which."""
    mine = _meant(talk, understood)
    if not mine:
        _nothing_booked(talk)
    elif len(mine) == 1:
        cancel_this(talk, mine[0].id)
    else:
        talk.say("cancel-which", buttons=_choice(talk, mine, Tap.CANCEL))


def cancel_this(talk: Talk, booking_id: UUID) -> str | None:
    """Cancel one booking, with a way back."""
    known = _mine(talk, booking_id)
    if known is None or known.status is not BookingStatus.CONFIRMED:
        talk.say("booking-not-active", buttons=talk.menu())
        return None
    line = talk.booking_line(known)
    try:
        booking.cancel_booking(talk.session, known.id, actor=talk.actor, now=talk.now, reason=CancelReason.CLIENT)
    except Conflict:
        talk.say("booking-not-active", buttons=talk.menu())
        return None
    talk.remember(DialogueState())
    button = Button(talk.texts.say("restore-button"), TapPayload(Tap.RESTORE, known.id).encode())
    talk.say("cancelled", booking=line, buttons=((button,),))
    return line


def restore_this(talk: Talk, booking_id: UUID) -> str | None:
    """Undo a cancellation while the time is still free."""
    known = _mine(talk, booking_id)
    if known is None or known.status is not BookingStatus.CANCELLED or known.starts_at <= talk.now:
        talk.say("booking-not-active", buttons=talk.menu())
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


def reschedule(talk: Talk, understood: Understood) -> None:
    """«Перенеси на час позже», «можно в пятницу?»: choose the booking, then the time."""
    if talk.state.topic is Topic.RESCHEDULE and talk.state.booking_id is not None:
        chosen = _mine(talk, talk.state.booking_id)
        mine = [chosen] if chosen else []
    else:
        mine = _meant(talk, replace(understood, when=None))
    if not mine:
        _nothing_booked(talk)
        return
    wish = wish_of(understood.when, talk.today)
    if len(mine) > 1:
        talk.remember(DialogueState(topic=Topic.RESCHEDULE, wish=wish))
        talk.say("reschedule-which", buttons=_choice(talk, mine, Tap.RESCHEDULE))
        return
    _begin(talk, mine[0])
    _move(talk, mine[0], understood.when)


def reschedule_this(talk: Talk, booking_id: UUID) -> str | None:
    """A booking was chosen to be moved."""
    known = _mine(talk, booking_id)
    if known is None or known.status is not BookingStatus.CONFIRMED:
        talk.say("booking-not-active", buttons=talk.menu())
        return None
    wish = talk.state.wish if talk.state.topic is Topic.RESCHEDULE else None
    _begin(talk, known)
    if wish is not None and (wish.has_day or wish.has_time):
        talk.remember(replace(talk.state, wish=wish))
        continue_reschedule(talk)
    else:
        _ask_when(talk, known)
    return talk.booking_line(known)


def continue_reschedule(talk: Talk) -> None:
    """Go on with the wish that the memory holds."""
    known = _mine(talk, talk.state.booking_id) if talk.state.booking_id else None
    if known is None:
        talk.say("booking-not-active", buttons=talk.menu())
        return
    wish, local = talk.state.wish, talk.local(known.starts_at)
    if wish.has_time and not wish.has_day:
        wish = replace(wish, on=local.date())
    elif wish.on is not None and not wish.has_time:
        wish = replace(wish, at=local.time().replace(tzinfo=None))
    talk.remember(replace(talk.state, wish=wish))
    if wish.on is not None and wish.at is not None:
        _move_to_instant(talk, known, local_instant(wish.on, wish.at, talk.timezone))
    else:
        _offer(talk, known)


def move_to(talk: Talk, booking_id: UUID, slot: Slot) -> bool:
    """Move a booking to a slot; False when somebody was quicker (offers follow)."""
    known = _mine(talk, booking_id)
    if known is None:
        talk.say("booking-not-active", buttons=talk.menu())
        return False
    try:
        with talk.session.begin_nested():
            moved = booking.reschedule_booking(
                talk.session, known.id, slot_id=slot.id, actor=talk.actor, now=talk.now, policy=talk.policy
            )
    except (Conflict, NotFound):
        _offer(talk, known)
        return False
    talk.remember(DialogueState())
    talk.reply(talk.texts.say("rescheduled", **talk.booking_facts(moved)))
    return True


def slot_being_left(talk: Talk) -> UUID | None:
    """The slot of the booking that is being moved, if one is."""
    known = _mine(talk, talk.state.booking_id) if talk.state.booking_id else None
    return known.slot_id if known else None


def _nothing_booked(talk: Talk) -> None:
    talk.remember(DialogueState(topic=Topic.BOOK))  # so that «да» to «Записать вас?» goes on
    talk.say("no-bookings", buttons=talk.menu()[:1])


def _begin(talk: Talk, known: Booking) -> None:
    talk.remember(
        DialogueState(
            topic=Topic.RESCHEDULE,
            service_id=known.service_id,
            staff_id=known.staff_id,
            booking_id=known.id,
        )
    )


def _move(talk: Talk, known: Booking, when: When | None) -> None:
    if when is not None and (when.shift_minutes or when.shift_days):
        by = timedelta(minutes=when.shift_minutes or 0)
        local = talk.local(known.starts_at) + timedelta(days=when.shift_days or 0) + by
        _move_to_instant(talk, known, local_instant(local.date(), local.time(), talk.timezone))
        return
    if is_past(when):
        talk.say("past-date")
        return
    wish = wish_of(when, talk.today)
    times = asked_times(when)
    talk.remember(replace(talk.state, wish=wish))
    if len(times) > 1:
        buttons = tuple(Button(phrases.clock(at), TapPayload(Tap.TIME, at=at).encode()) for at in times[:2])
        first, second = phrases.clock(times[0]), phrases.clock(times[1])
        talk.say("ask-time-of-day", first=first, second=second, buttons=(buttons,))
        return
    if not (wish.has_day or wish.has_time):
        _ask_when(talk, known)
        return
    continue_reschedule(talk)


def _move_to_instant(talk: Talk, known: Booking, starts_at: datetime) -> None:
    """Move at once when that very time is free; otherwise offer what lies near it."""
    if starts_at == known.starts_at:
        talk.say("reschedule-same")
        return
    slot = find_exact(
        talk, service_id=known.service_id, staff_id=known.staff_id, starts_at=starts_at, leaving=known.slot_id
    )
    if slot is not None and move_to(talk, known.id, slot):
        return
    if slot is None:
        local = talk.local(starts_at)
        talk.remember(
            replace(talk.state, wish=replace(talk.state.wish, on=local.date(), at=local.time().replace(tzinfo=None)))
        )
        _offer(talk, known)


def _offer(talk: Talk, known: Booking) -> None:
    found = find_offers(talk, talk.state, leaving=known.slot_id)
    if not found.slots:
        talk.say("offers-none", service=talk.booking_facts(known)["service"], phone=talk.phone)
        return
    wish = phrases.wish(talk.state.wish, talk.today)
    asked_for_time = talk.state.wish.at is not None
    text = talk.texts.say("reschedule-offers", wish=_capital(wish)) if asked_for_time and wish else None
    shown = (*talk.state.shown, *(slot.id for slot in found.slots))
    talk.remember(replace(talk.state, shown=shown, expecting=Expecting.WHEN))
    rounds_left = len(shown) < OFFERS * ROUNDS
    talk.reply(text or talk.texts.say("offers-pick"), offer_buttons(talk, found, rounds_left=rounds_left))


def _ask_when(talk: Talk, known: Booking) -> None:
    talk.remember(replace(talk.state, expecting=Expecting.WHEN))
    talk.say("reschedule-when", booking=talk.booking_line(known))


def _upcoming(talk: Talk) -> list[Booking]:
    return booking.list_upcoming_for_client(talk.session, talk.conversation.client_id, now=talk.now)


def _mine(talk: Talk, booking_id: UUID) -> Booking | None:
    """A booking of this client; a forged button cannot reach another's."""
    try:
        known = booking.get_booking(talk.session, booking_id)
    except NotFound:
        return None
    return known if known.client_id == talk.conversation.client_id else None


def _meant(talk: Talk, understood: Understood) -> list[Booking]:
    """The upcoming bookings that the message can mean: by service, person and day, as far as it says."""
    mine = _upcoming(talk)
    for narrowed in (
        [known for known in mine if understood.service and str(known.service_id) == understood.service.id],
        [known for known in mine if understood.staff and str(known.staff_id) == understood.staff.id],
        [known for known in mine if understood.when and talk.local(known.starts_at).date() == understood.when.date],
    ):
        mine = narrowed or mine
    return mine


def _choice(talk: Talk, mine: list[Booking], tap: Tap) -> tuple[tuple[Button, ...], ...]:
    return tuple((Button(talk.booking_line(known), TapPayload(tap, known.id).encode()),) for known in mine)


def _label(talk: Talk, text_id: str, known: Booking, mine: list[Booking]) -> str:
    """«Отменить», with the day when there are several."""
    label = talk.texts.say(text_id)
    return label if len(mine) == 1 else f"{label} {phrases.short_day(talk.local(known.starts_at).date(), talk.today)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
