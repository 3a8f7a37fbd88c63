"""What our buttons do, wherever they stand and however old they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from uuid import UUID

from salon.messaging.domain.dialogue import DialogueState, Expecting, Topic
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.people.domain import HandoverReason
from salon.messaging.people.use_cases.handing import hand_over
from salon.messaging.use_cases import (
    booking_talk,
    calendar_talk,
    cancel_talk,
    change_talk,
    clarify_talk,
    feedback_talk,
    info_talk,
    linking,
    marketing_talk,
    series_talk,
    shift_talk,
    visit_talk,
    wait_talk,
)
from salon.messaging.use_cases.reminders import ANSWERING, ask_whether_not_coming, confirm_attendance, note_answer
from salon.messaging.use_cases.talk import Talk


def carry_out(talk: Talk, tapped: TapPayload) -> str | None:
    """Do what the button says; what was chosen, in words, when the tapped message should say so from now on."""
    if tapped.subject is not None:
        return _carry_out_with(talk, tapped, tapped.subject)
    match tapped.tap:
        case Tap.KEEP:
            return cancel_talk.keep(talk)
        case Tap.CHAIN:
            return visit_talk.take_chain(talk, tapped)
        case Tap.SERIES:
            return series_talk.create(talk, tapped)
        case Tap.EVERY if tapped.number is not None:
            return series_talk.choose_every(talk, tapped.number)
        case Tap.TIME if tapped.at is not None:
            return _go_on(talk, booking_talk.choose_time(talk, tapped.at))
        case Tap.DAY if tapped.number is not None:
            return _go_on(talk, clarify_talk.choose_day(talk, tapped.number))
        case _:
            return _show(talk, tapped.tap)


def _show(talk: Talk, tap: Tap) -> str | None:
    """Buttons without anything behind them: yes and no to news, the menu, other offers."""
    match tap:
        case Tap.NEWS_YES:
            return marketing_talk.accept_news(talk)
        case Tap.NEWS_NO:
            return marketing_talk.decline_news(talk)
        case Tap.MENU_BOOK:
            talk.remember(DialogueState(topic=Topic.BOOK))
            booking_talk.continue_booking(talk)
        case Tap.MENU_SERVICES:
            info_talk.list_services(talk)
        case Tap.PERSON:
            hand_over(talk, HandoverReason.ASKED)
        case Tap.MENU_MINE:
            cancel_talk.list_mine(talk)
        case Tap.MORE:
            booking_talk.offer_more(talk)
        case _:
            talk.say("button-stale", buttons=talk.menu())
    return None


def _carry_out_with(talk: Talk, tapped: TapPayload, subject: UUID) -> str | None:
    if tapped.tap in ANSWERING:
        note_answer(talk, tapped.tap, subject)
    match tapped.tap:
        case Tap.MOVE:
            slot = booking_talk.known_slot(talk, tapped.other) if tapped.other else None
            return change_talk.move_by_button(talk, subject, slot)
        case Tap.SERVICE:
            return _choose_service(talk, subject)
        case Tap.FEEDBACK if tapped.number is not None:
            feedback_talk.rate(talk, subject, tapped.number)
            return None
    do = _ABOUT.get(tapped.tap)
    if do is None:
        talk.say("button-stale", buttons=talk.menu())
        return None
    return do(talk, subject)


def _choose_service(talk: Talk, service_id: UUID) -> str | None:
    """A service was tapped: what for, the topic says."""
    is_known = service_id in talk.services
    if is_known and talk.state.topic is Topic.SERIES:
        return series_talk.choose_service(talk, service_id)
    if is_known and talk.state.topic is Topic.WAIT and talk.state.expecting is Expecting.SERVICE:
        return wait_talk.choose_service(talk, service_id)
    return booking_talk.choose_service(talk, service_id)


def _choose_staff(talk: Talk, staff_id: UUID) -> str | None:
    return _go_on(talk, clarify_talk.choose_staff(talk, staff_id))


def _go_on(talk: Talk, chosen: str | None) -> str | None:
    """What was left open is settled, a time, a day or a person: what it was for goes on."""
    if chosen is None:
        return None
    match talk.state.topic:
        case Topic.RESCHEDULE:
            change_talk.continue_reschedule(talk)
        case Topic.SERIES:
            series_talk.continue_series(talk)
        case Topic.WAIT:
            wait_talk.continue_waiting(talk)
        case _:
            booking_talk.continue_booking(talk)
    return chosen


_ABOUT: Mapping[Tap, Callable[[Talk, UUID], str | None]] = {
    Tap.SLOT: booking_talk.take_slot,
    Tap.STAFF: _choose_staff,
    Tap.CANCEL: cancel_talk.cancel_this,
    Tap.CANCEL_SURE: partial(cancel_talk.cancel_this, is_sure=True),
    Tap.CANCEL_VISIT: cancel_talk.cancel_visit_this,
    Tap.CANCEL_VISIT_SURE: partial(cancel_talk.cancel_visit_this, is_sure=True),
    Tap.CANCEL_SERIES: series_talk.cancel_this,
    Tap.CANCEL_SERIES_SURE: partial(series_talk.cancel_this, is_sure=True),
    Tap.GIVE_UP: cancel_talk.give_up_this,
    Tap.RESTORE: cancel_talk.restore_this,
    Tap.RESTORE_VISIT: cancel_talk.restore_visit_this,
    Tap.RESCHEDULE: change_talk.reschedule_this,
    Tap.WAIT: wait_talk.wait_by_button,
    Tap.WAIT_TAKE: wait_talk.take_offer,
    Tap.WAIT_LEAVE: wait_talk.decline_offer,
    Tap.UNWAIT: wait_talk.leave_this,
    Tap.REWAIT: wait_talk.rejoin_this,
    Tap.CALENDAR: calendar_talk.send_calendar,
    Tap.REMIND_CONFIRM: confirm_attendance,
    Tap.REMIND_REFUSE: ask_whether_not_coming,
    Tap.LINK_YES: linking.agree,
    Tap.LINK_NO: linking.decline,
    Tap.SHIFT_YES: shift_talk.accept,
    Tap.SHIFT_NO: shift_talk.decline,
}
