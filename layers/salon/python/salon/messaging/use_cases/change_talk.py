"""Moving a booking, in conversation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from salon.availability.domain import Slot
from salon.availability.offers import use_cases as offers
from salon.booking import use_cases as booking
from salon.booking.domain import Booking
from salon.booking.errors import TooLateToReschedule
from salon.identity.domain import system
from salon.messaging.domain import Button, phrases
from salon.messaging.domain.dialogue import DialogueState, Expecting, TimeWish, Topic
from salon.messaging.domain.questions import is_about_another
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.domain.wishes import (
    asked_times,
    corrects,
    is_declined,
    is_past,
    is_unclear,
    moves_instead,
    wish_of,
)
from salon.messaging.use_cases import clarify_talk
from salon.messaging.use_cases.my_bookings import (
    Meant,
    ask_which,
    changeable,
    choice,
    is_changeable,
    meant,
    mine,
    others_of_visit,
    say_not_active,
    say_nothing_booked,
    was_asked_to_move,
)
from salon.messaging.use_cases.refusals import TAKEN, count_refusal, say_refusal
from salon.messaging.use_cases.slots_talk import OFFERS, ROUNDS, clashes, find_exact, find_offers, offer_buttons
from salon.messaging.use_cases.talk import Talk
from salon.platform.errors import Refusal
from salon.platform.timeranges import local_instant, zone
from salon.understanding.domain import Understood, When

FRESH_FOR = timedelta(minutes=10)
"""«Нет, лучше в пятницу» means what was booked within this time."""


def reschedule(talk: Talk, understood: Understood) -> None:
    """«Перенеси на час позже», «можно в пятницу?»: choose the booking, then the time."""
    being_moved = mine(talk, talk.state.booking_id) if talk.state.topic is Topic.RESCHEDULE else None
    found = Meant([being_moved]) if being_moved else meant(talk, understood, staff_matters=False)
    if _keeps(understood.text) and found.bookings:
        talk.say("kept", booking=talk.booking_line(found.bookings[0]))
    elif not found.bookings and talk.state.topic is Topic.BOOK and talk.state.shown:
        talk.say("ask-when-free-form")  # «вечером не могу» right after offers is about them
    elif not found.bookings:
        say_nothing_booked(talk)
    elif found.contradicts:
        ask_which(talk, "not-that-booking", choice(talk, found.bookings, Tap.RESCHEDULE))
    elif len(found.bookings) > 1:
        before = talk.state.wish if talk.state.topic is Topic.RESCHEDULE else TimeWish()
        wish = before.merged_with(wish_of(understood.when, talk.today))
        talk.remember(DialogueState(topic=Topic.RESCHEDULE, wish=wish))
        ask_which(talk, "reschedule-which", choice(talk, found.bookings, Tap.RESCHEDULE))
    elif not is_changeable(talk, found.bookings[0]):
        say_not_active(talk, found.bookings[0])
    elif _is_too_late(talk, found.bookings[0]):
        return
    elif is_about_another(understood.text):
        _ask_whether(talk, found.bookings[0], understood, "clarify-whether-move")
    else:
        _begin_with(talk, found.bookings[0], understood)


def _keeps(text: str) -> bool:
    return is_declined(text) and not moves_instead(text)


def _begin_with(talk: Talk, known: Booking, understood: Understood) -> None:
    """Which booking is settled: to whom, and when."""
    _begin(talk, known)
    staff_id = clarify_talk.named_staff(talk, understood)
    if staff_id is not None:
        talk.remember(replace(talk.state, staff_id=staff_id))
    elif understood.staff is not None:
        talk.remember(replace(talk.state, wish=wish_of(understood.when, talk.today)))
        clarify_talk.ask_which_staff(talk, understood)
        return
    _move(talk, known, understood.when)


def ask_whether_now(talk: Talk, understood: Understood) -> None:
    """A wish to move that has waited for its turn: much may have changed since, so it is asked about."""
    found = meant(talk, understood, staff_matters=False)
    if len(found.bookings) == 1 and not found.contradicts:
        _ask_whether(talk, found.bookings[0], understood, "clarify-now-move")
    else:
        reschedule(talk, understood)  # which says that there is none, or asks which


def _ask_whether(talk: Talk, known: Booking, understood: Understood, text_id: str) -> None:
    """Ask before a booking is moved; when to, is remembered for the yes."""
    yes, no = TapPayload(Tap.RESCHEDULE, known.id), TapPayload(Tap.KEEP)
    wish = wish_of(understood.when, talk.today)
    talk.remember(DialogueState(topic=Topic.RESCHEDULE, wish=wish, yes=yes.encode(), no=no.encode()))
    buttons = ((talk.button("clarify-move-yes", yes), talk.button("button-no", no)),)
    talk.say(text_id, booking=talk.booking_line(known), buttons=buttons)


def corrects_last(talk: Talk, understood: Understood) -> bool:
    """Whether the message corrects what was booked a moment ago: «ой нет, лучше в пятницу»; it is moved, then."""
    if talk.state.topic is not None or understood.when is None or not corrects(understood.text):
        return False
    fresh = [one for one in changeable(talk) if talk.now - one.created_at < FRESH_FOR]
    if len(fresh) != 1 or (understood.service is not None and understood.service.id != str(fresh[0].service_id)):
        return False
    if len(changeable(talk)) == 1:
        reschedule(talk, understood)
        return True
    _begin(talk, fresh[0])
    _move(talk, fresh[0], understood.when)
    return True


def reschedule_this(talk: Talk, booking_id: UUID) -> str | None:
    """A booking was chosen to be moved."""
    known = mine(talk, booking_id)
    if known is None or not is_changeable(talk, known):
        say_not_active(talk, known)
        return None
    if _is_too_late(talk, known):
        return None
    wish = talk.state.wish if talk.state.topic is Topic.RESCHEDULE else None
    _begin(talk, known)
    if wish is not None and (wish.has_day or wish.has_time):
        talk.remember(replace(talk.state, wish=wish))
        continue_reschedule(talk)
    else:
        _ask_when(talk, known)
    return talk.booking_line(known)


def is_moving(talk: Talk) -> bool:
    """Whether the topic is a booking that can still be moved; a topic that is over is closed."""
    if talk.state.topic is not Topic.RESCHEDULE or talk.state.booking_id is None:
        return False  # which one, was asked, and not answered yet
    known = mine(talk, talk.state.booking_id)
    if known is None or not is_changeable(talk, known):
        talk.remember(DialogueState())
        return False
    return True


def continue_reschedule(talk: Talk) -> None:
    """Go on with the wish that the memory holds."""
    known = mine(talk, talk.state.booking_id)
    if known is None or not is_changeable(talk, known):
        say_not_active(talk, known)
        return
    wish, local = talk.state.wish, talk.local_of(known)
    if wish.has_time and not wish.has_day:
        wish = replace(wish, on=local.date())
    elif wish.on is not None and not wish.has_time:
        wish = replace(wish, at=local.time().replace(tzinfo=None))
    talk.remember(replace(talk.state, wish=wish))
    if wish.on is not None and wish.at is not None:
        _move_to_instant(talk, known, local_instant(wish.on, wish.at, talk.zone_of(known.location_id)))
    else:
        _offer(talk, known)


def move_to(talk: Talk, booking_id: UUID, slot: Slot) -> bool:
    """Move a booking to a slot; False when it cannot be: somebody was quicker (offers follow), or a rule is against it.

    What the salon has asked to be moved is bound by no rule for clients: it is the salon's wish.
    """
    known = mine(talk, booking_id)
    if known is None or not is_changeable(talk, known):
        say_not_active(talk, known)
        return False
    actor = system("absence") if was_asked_to_move(talk, known) else talk.actor
    less = offers.find_incentive(talk.session, slot)
    others = others_of_visit(talk, known)
    if clashes(slot, others):
        other = next(one for one in others if clashes(slot, [one]))
        talk.remember(replace(talk.state, wish=TimeWish(on=talk.local_at(slot, slot.starts_at).date())))
        _offer(talk, known, talk.texts.say("visit-clash", booking=talk.booking_line(other)))
        return False
    try:
        with talk.session.begin_nested():
            moved = booking.reschedule_booking(
                talk.session,
                known.id,
                slot_id=slot.id,
                actor=actor,
                now=talk.now,
                policy=talk.policy,
                incentive_minor=less.minor if less is not None else None,
            )
    except TAKEN as refusal:
        count_refusal(talk, refusal)
        _offer(talk, known, talk.texts.say("slot-taken"))
        return False
    except Refusal as refusal:
        talk.remember(DialogueState())
        say_refusal(talk, refusal)
        return False
    back = TapPayload(Tap.MOVE, known.id, other=known.slot_id) if known.slot_id else None
    talk.remember(DialogueState(no=back.encode() if back else None))
    text = talk.texts.say("rescheduled", **talk.booking_facts(moved))
    if others:
        text += "\n" + talk.texts.say("visit-others-stay", booking="; ".join(map(talk.booking_line, others)))
    talk.reply(text)
    return True


def move_by_button(talk: Talk, booking_id: UUID, slot: Slot | None) -> str | None:
    """A button that names both: what the salon proposes when somebody is ill."""
    known = mine(talk, booking_id)
    if known is None or not is_changeable(talk, known):
        say_not_active(talk, known)
        return None
    if slot is not None and slot.id == known.slot_id:
        talk.say("reschedule-same")
        return None
    _begin(talk, known)
    if slot is None:
        _ask_when(talk, known)
        return None
    return talk.booking_line(known) if move_to(talk, booking_id, slot) else None


def being_moved(talk: Talk) -> Booking | None:
    """The booking that is being moved, if one is."""
    return mine(talk, talk.state.booking_id)


def _is_too_late(talk: Talk, known: Booking) -> bool:
    """Say so before a time is looked for; what the salon wants moved is never too late."""
    hours = talk.policy.free_to_move_hours
    if known.starts_at - talk.now >= timedelta(hours=hours) or was_asked_to_move(talk, known):
        return False
    talk.remember(DialogueState())
    say_refusal(talk, TooLateToReschedule(known.id, hours))
    return True


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
        local = talk.local_of(known) + timedelta(days=when.shift_days or 0) + by
        _move_to_instant(talk, known, local_instant(local.date(), local.time(), talk.zone_of(known.location_id)))
        return
    if is_past(when):
        talk.say("past-date" if when is None or when.date != talk.today else "past-time")
        return
    wish = wish_of(when, talk.today)
    times = asked_times(when)
    talk.remember(replace(talk.state, wish=wish))
    if len(times) > 1:
        buttons = tuple(Button(phrases.clock(at), TapPayload(Tap.TIME, at=at).encode()) for at in times[:2])
        first, second = phrases.clock(times[0]), phrases.clock(times[1])
        talk.say("ask-time-of-day", first=first, second=second, buttons=(buttons,))
        return
    if clarify_talk.ask_which_day(talk, when):
        return
    if not (wish.has_day or wish.has_time):
        _ask_when(talk, known)
    elif is_unclear(when):
        _offer(talk, known, talk.texts.say("offers-pick"))  # nothing is moved on a guess
    else:
        continue_reschedule(talk)


def _move_to_instant(talk: Talk, known: Booking, starts_at: datetime) -> None:
    """Move at once when that very time is free; otherwise offer what lies near it."""
    if starts_at == known.starts_at and talk.state.staff_id == known.staff_id:
        talk.say("reschedule-same")
        return
    slot = find_exact(
        talk, service_id=known.service_id, staff_id=talk.state.staff_id, starts_at=starts_at, leaving=known.slot_id
    )
    if slot is not None and move_to(talk, known.id, slot):
        return
    if slot is None:
        local = starts_at.astimezone(zone(talk.zone_of(known.location_id)))
        talk.remember(
            replace(talk.state, wish=replace(talk.state.wish, on=local.date(), at=local.time().replace(tzinfo=None)))
        )
        _offer(talk, known)


def _offer(talk: Talk, known: Booking, header: str | None = None) -> None:
    """Offer times to move to, under a text that says why; by default, that the wished time is not free."""
    if talk.is_beyond_horizon(talk.state.wish):
        talk.say("beyond-horizon", until=talk.phrases.day_genitive(talk.last_day))
        return
    others = others_of_visit(talk, known)
    found = find_offers(talk, talk.state, leaving=known.slot_id, avoiding=others)
    if not found.slots:
        talk.say("offers-none", service=talk.booking_facts(known)["service"], phone=talk.phone)
        return
    wish = talk.phrases.wish(talk.state.wish, talk.today)
    if header is None and talk.state.wish.at is not None and wish:
        header = talk.texts.say("reschedule-offers", wish=_capital(wish))
    lines = [header or talk.texts.say("offers-pick")]
    if others:
        lines.append(talk.texts.say("visit-only-this", service=talk.service_name(known.service_id)))
    shown = (*talk.state.shown, *(slot.id for slot in found.slots))
    talk.remember(replace(talk.state, shown=shown, expecting=Expecting.WHEN))
    rounds_left = len(shown) < OFFERS * ROUNDS
    talk.reply("\n".join(lines), offer_buttons(talk, found, rounds_left=rounds_left))


def _ask_when(talk: Talk, known: Booking) -> None:
    talk.remember(replace(talk.state, expecting=Expecting.WHEN))
    talk.say("reschedule-when", booking=talk.booking_line(known))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
