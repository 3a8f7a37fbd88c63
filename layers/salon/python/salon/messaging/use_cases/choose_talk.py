"""Choosing in words from what was shown: «первый вариант», «вторую», «стрижку», «завтрашнюю», «обе»."""

from __future__ import annotations

import re
from dataclasses import replace

from salon.booking.domain import Booking
from salon.messaging.domain import Button
from salon.messaging.domain.choices import CANCELS, MOVES
from salon.messaging.domain.dialogue import Topic
from salon.messaging.domain.fitting import numbered_choice
from salon.messaging.domain.plain_words import means_all
from salon.messaging.domain.questions import accepts_offer
from salon.messaging.domain.remarks import is_other_matter
from salon.messaging.domain.taps import Tap, TapPayload, read_tap
from salon.messaging.domain.wishes import is_declined, is_question, wish_of
from salon.messaging.use_cases.booking_talk import known_slot
from salon.messaging.use_cases.my_bookings import (
    ask_which,
    changeable,
    choice,
    costs_to_cancel,
    unit_choice,
    units,
)
from salon.messaging.use_cases.slots_talk import slot_label
from salon.messaging.use_cases.talk import Talk
from salon.messaging.use_cases.tapping import carry_out
from salon.understanding.domain import Intent, Understood

_BESIDE = {
    Tap.CANCEL: frozenset(
        {"отмени", "отмените", "отменить", "отменяй", "отменяйте", "запись", "визит", "только", "cancel"}
    ),
    Tap.RESCHEDULE: frozenset({"перенеси", "перенесите", "перенести", "запись", "визит", "только", "move"}),
}
_WISHES = re.compile(r"\b(?:хоч\w*|хотел\w*|можно|нужн\w*|надо|ещ[её])\b", re.IGNORECASE)


def chosen_by_place(talk: Talk, text: str) -> TapPayload | None:
    """The option that a number or an ordinal names; None when it names none."""
    written = read_tap(numbered_choice(text, talk.state.numbered))
    if written is not None:  # the options had been written out, with numbers for buttons
        return written
    tap = _listed_tap(talk)
    if tap is None:
        return None
    is_booking = tap in CANCELS | MOVES
    beside = _BESIDE[Tap.RESCHEDULE if tap in MOVES else Tap.CANCEL] if is_booking else ()
    return read_tap(numbered_choice(text, talk.state.listed, is_written=is_booking, beside=beside))


def take_yes(talk: Talk, text: str) -> bool:
    """Whether the message accepts what is offered: the one time that was asked for, else it is asked which of them.

    The list is not drawn anew: what is on the screen stays what is spoken of.
    """
    if talk.state.topic not in {Topic.BOOK, Topic.RESCHEDULE} or _listed_tap(talk) is not Tap.SLOT:
        return False
    if not accepts_offer(text):
        return False
    taps = [found for found in map(read_tap, talk.state.listed) if found is not None and found.subject is not None]
    slots = [slot for tap in taps if tap.subject and (slot := known_slot(talk, tap.subject)) is not None]
    wish = talk.state.wish
    starts = {slot.id: talk.local_at(slot, slot.starts_at).replace(tzinfo=None) for slot in slots}
    fitting = [
        slot
        for slot in slots
        if wish.at is not None and starts[slot.id].time() == wish.at and wish.admits(starts[slot.id], starts[slot.id])
    ]
    taken = fitting if len(fitting) == 1 else slots
    if len(taken) == 1:
        carry_out(talk, TapPayload(Tap.SLOT, taken[0].id))
        return True
    if not slots:
        return False
    rows = tuple((Button(slot_label(talk, slot), TapPayload(Tap.SLOT, slot.id).encode()),) for slot in slots)
    talk.say("clarify-which-of-these", buttons=rows)
    return True


def take_choice(talk: Talk, understood: Understood) -> bool:
    """Whether the message says which of the listed bookings to cancel or to move; then that is done, or asked again."""
    tap = _listed_tap(talk)
    if tap is None or tap not in CANCELS | MOVES or is_declined(understood.text) or is_question(understood.text):
        return False
    listed = _listed(talk)
    if not listed:
        return False
    if means_all(understood.text):
        _take_all(talk, listed, is_moving=tap in MOVES)
        return True
    goes_on = tap in MOVES and understood.intent is Intent.RESCHEDULE
    if (is_other_matter(understood) and not goes_on) or _WISHES.search(understood.text):
        return False
    is_named = understood.service is not None or understood.staff is not None
    when = understood.when
    has_when = when is not None and (when.date is not None or bool(when.dates) or when.time is not None)
    if not (is_named or has_when):
        return False
    found = [one for one in listed if _fits(talk, one, understood)]
    if len(found) == 1:
        _take(talk, found[0], tap, is_by_service=understood.service is not None)
        return True
    if not found and understood.service is not None:
        return False  # of another service: another matter
    _ask_again(talk, found, listed, understood, is_moving=tap in MOVES)
    return True


def _ask_again(
    talk: Talk, found: list[Booking], listed: list[Booking], understood: Understood, *, is_moving: bool
) -> None:
    """Several fit, or none; whoever is to move one may have said when to."""
    left = found or listed
    if not is_moving:
        ask_which(talk, "cancel-which" if found else "not-that-booking", unit_choice(talk, units(left)))
        return
    if not found:
        wish = talk.state.wish.merged_with(wish_of(understood.when, talk.today))
        talk.remember(replace(talk.state, wish=wish))
    ask_which(talk, "reschedule-which", choice(talk, left, Tap.RESCHEDULE))


def _take(talk: Talk, one: Booking, tap: Tap, *, is_by_service: bool) -> None:
    if tap in MOVES:
        carry_out(talk, TapPayload(Tap.RESCHEDULE, one.id))
        return
    together = [read_tap(payload) for payload in talk.state.listed]
    is_visit = any(found and found.tap is Tap.CANCEL_VISIT and found.subject == one.visit_id for found in together)
    if is_visit and not is_by_service and one.visit_id is not None:
        carry_out(talk, TapPayload(Tap.CANCEL_VISIT, one.visit_id))
    else:
        carry_out(talk, TapPayload(Tap.CANCEL, one.id))


def _take_all(talk: Talk, listed: list[Booking], *, is_moving: bool) -> None:
    """Cancel every one that costs nothing; about the others is asked, one after another."""
    if is_moving:
        ask_which(talk, "answers-move-one-by-one", choice(talk, listed, Tap.RESCHEDULE))
        return
    groups = units(listed)
    dear = [unit for unit in groups if costs_to_cancel(talk, unit)]
    for unit in groups:
        if unit not in dear:
            carry_out(talk, _cancelling(unit))
    if len(dear) == 1:
        carry_out(talk, _cancelling(dear[0]))
    elif dear:
        ask_which(talk, "answers-cancel-one-by-one", unit_choice(talk, dear))


def _cancelling(unit: list[Booking]) -> TapPayload:
    first = unit[0]
    if len(unit) > 1 and first.visit_id is not None:
        return TapPayload(Tap.CANCEL_VISIT, first.visit_id)
    return TapPayload(Tap.CANCEL, first.id)


def _fits(talk: Talk, one: Booking, understood: Understood) -> bool:
    """Whether everything that the message names is so of this booking."""
    service, staff, when = understood.service, understood.staff, understood.when
    local = talk.local_of(one)
    if service is not None and str(one.service_id) not in {service.id, *service.alternatives}:
        return False
    if staff is not None and str(one.staff_id) not in {staff.id, *staff.alternatives}:
        return False
    if when is None:
        return True
    days = {when.date} if when.date is not None else set(when.dates)
    is_day = not days or local.date() in days
    return is_day and (when.time is None or when.time == local.time().replace(tzinfo=None))


def _listed_tap(talk: Talk) -> Tap | None:
    first = read_tap(talk.state.listed[0]) if talk.state.listed else None
    return first.tap if first else None


def _listed(talk: Talk) -> list[Booking]:
    """The bookings that are listed and can still be changed, by time."""
    taps = [found for found in map(read_tap, talk.state.listed) if found is not None]
    subjects = {found.subject for found in taps}
    return [one for one in changeable(talk) if one.id in subjects or (one.visit_id and one.visit_id in subjects)]
