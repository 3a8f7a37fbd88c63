"""Listing, cancelling and bringing back, in conversation."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus, CancelReason
from salon.booking.errors import VisitNotFound
from salon.identity.domain import system
from salon.messaging.domain import Button, phrases
from salon.messaging.domain.cancelling import is_plain_cancelling
from salon.messaging.domain.dialogue import DialogueState
from salon.messaging.domain.questions import asks_of_state, comes_all_the_same, is_about_another
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.domain.wishes import is_declined, is_question
from salon.messaging.use_cases import series_talk, wait_talk
from salon.messaging.use_cases.my_bookings import (
    ask_which,
    changeable,
    cost_of_cancelling,
    fee_of,
    is_changeable,
    meant,
    mine,
    others_of_visit,
    say_not_active,
    say_nothing_booked,
    unit_choice,
    units,
    was_asked_to_move,
)
from salon.messaging.use_cases.refusals import say_refusal
from salon.messaging.use_cases.talk import Talk
from salon.platform.errors import Refusal
from salon.understanding.domain import Understood

_LINE = ("service", "day", "time", "staff", "place")
_ALL = re.compile(r"\b(вс[её]|все|всю|сери[юия]\w*|регулярн\w+)\b", re.IGNORECASE)


def list_mine(talk: Talk) -> None:
    """«Когда я записана?», «жду ли я?»"""
    known, waiting = changeable(talk), wait_talk.waiting(talk)
    if not known and not waiting:
        say_nothing_booked(talk)
        return
    lines = [talk.texts.say("my-bookings")] if known else []
    buttons: list[tuple[Button, ...]] = []
    for unit in units(known):
        lines += [_line(talk, one) for one in unit]
        buttons += _buttons(talk, unit, known)
    for one in series_talk.open_series(talk):
        lines.append("• " + talk.texts.say("my-series", what=series_talk.describe(talk, one)))
        buttons.append((talk.button("series-cancel", TapPayload(Tap.CANCEL_SERIES, one.id)),))
    if waiting:
        lines.append(talk.texts.say("my-waiting"))
    for entry in waiting:
        lines.append(f"• {wait_talk.describe(talk, entry)}")
        label = talk.texts.say("wait-stop") if len(waiting) == 1 else wait_talk.describe(talk, entry)
        text = label if len(waiting) == 1 else talk.texts.say("wait-stop-this", what=label)
        buttons.append((Button(text, TapPayload(Tap.UNWAIT, entry.id).encode()),))
    talk.reply("\n".join(lines), tuple(buttons))


def cancel(talk: Talk, understood: Understood) -> None:
    """«Отмени», perhaps saying which. A question, a refusal or a contradiction cancels nothing."""
    if _is_about_series(talk, understood):
        return
    found = meant(talk, understood, day=understood.when.date if understood.when else None)
    named_one = understood.service is not None
    groups = [[one] for one in found.bookings] if named_one else units(found.bookings)
    if not found.bookings:
        say_nothing_booked(talk)
    elif is_declined(understood.text) or comes_all_the_same(understood.text):
        talk.say("kept", booking=talk.booking_line(found.bookings[0]))
    elif asks_of_state(understood.text) and not is_plain_cancelling(understood.text):
        list_mine(talk)
    elif found.contradicts:
        ask_which(talk, "not-that-booking", unit_choice(talk, groups))
    elif is_question(understood.text) or len(groups) > 1:
        ask_which(talk, "cancel-which", unit_choice(talk, groups))
    elif not is_plain_cancelling(understood.text) or is_about_another(understood.text):
        _ask_whether(talk, groups[0])
    elif len(groups[0]) > 1 and groups[0][0].visit_id is not None:
        cancel_visit_this(talk, groups[0][0].visit_id)
    else:
        cancel_this(talk, groups[0][0].id)


def ask_whether_now(talk: Talk, understood: Understood) -> None:
    """A wish to cancel that has waited for its turn: much may have changed since, so it is asked about."""
    found = meant(talk, understood, day=understood.when.date if understood.when else None)
    groups = [[one] for one in found.bookings] if understood.service is not None else units(found.bookings)
    if len(groups) == 1 and not found.contradicts:
        _ask_whether(talk, groups[0], "clarify-now-cancel")
    else:
        cancel(talk, understood)  # which says that there is none, or asks which


def _ask_whether(talk: Talk, unit: list[Booking], text_id: str = "cancel-whether") -> None:
    """«Не смогу дозвониться»: it may be about something else, so it is asked; what cancelling costs is said after."""
    first = unit[0]
    yes = TapPayload(Tap.CANCEL, first.id)
    if len(unit) > 1 and first.visit_id is not None:
        yes = TapPayload(Tap.CANCEL_VISIT, first.visit_id)
    no = TapPayload(Tap.KEEP)
    talk.remember(replace(talk.state, yes=yes.encode(), no=no.encode()))
    line = "; ".join(talk.booking_line(one) for one in unit)
    buttons = ((talk.button("cancel-yes", yes), talk.button("button-no", no)),)
    talk.say(text_id, booking=line, buttons=buttons)


def _remember_way_back(talk: Talk, back: TapPayload) -> None:
    """«Верни», written to what is said now, means this."""
    talk.remember(replace(talk.state, no=back.encode()))


def cancel_this(talk: Talk, booking_id: UUID, *, is_sure: bool = False) -> str | None:
    """Cancel one booking, with a way back; what it costs is said before."""
    known = mine(talk, booking_id)
    if known is None or not is_changeable(talk, known):
        say_not_active(talk, known)
        return None
    if not is_sure and cost_of_cancelling(talk, [known], TapPayload(Tap.CANCEL_SURE, known.id)):
        return None
    line, others = talk.booking_line(known), others_of_visit(talk, known)
    try:
        with talk.session.begin_nested():
            cancelled = booking.cancel_booking(
                talk.session, known.id, actor=talk.actor, now=talk.now, reason=CancelReason.CLIENT, policy=talk.policy
            )
    except Refusal as refusal:
        say_refusal(talk, refusal)
        return None
    talk.remember(DialogueState())
    lines = [_cancelled(talk, line, [cancelled])]
    buttons: list[tuple[Button, ...]] = []
    if known.status is BookingStatus.CONFIRMED:
        back = TapPayload(Tap.RESTORE, known.id)
        buttons.append((talk.button("restore-button", back),))
        _remember_way_back(talk, back)
    if others:
        lines.append(talk.texts.say("visit-rest", booking=talk.booking_line(others[0])))
    if known.series_id is not None and any(one.id == known.series_id for one in series_talk.open_series(talk)):
        lines.append(talk.texts.say("series-rest"))
        buttons.append((talk.button("series-cancel", TapPayload(Tap.CANCEL_SERIES, known.series_id)),))
    talk.reply("\n".join(lines), tuple(buttons))
    return line


def cancel_visit_this(talk: Talk, visit_id: UUID, *, is_sure: bool = False) -> str | None:
    """Cancel all services of a visit that are still ahead, with a way back."""
    ahead = [one for one in changeable(talk) if one.visit_id == visit_id]
    if not ahead:
        say_not_active(talk, None)
        return None
    if not is_sure and cost_of_cancelling(talk, ahead, TapPayload(Tap.CANCEL_VISIT_SURE, visit_id)):
        return None
    line = "; ".join(talk.booking_line(one) for one in ahead)
    try:
        with talk.session.begin_nested():
            after = booking.cancel_visit(
                talk.session, visit_id, reason=CancelReason.CLIENT, actor=talk.actor, now=talk.now, policy=talk.policy
            )
    except Refusal as refusal:
        say_refusal(talk, refusal)
        return None
    talk.remember(DialogueState())
    were_agreed = all(one.status is BookingStatus.CONFIRMED for one in ahead)
    back = TapPayload(Tap.RESTORE_VISIT, visit_id)
    if were_agreed:
        _remember_way_back(talk, back)
    ids = {one.id for one in ahead}
    said = _cancelled(talk, line, [one for one in after.bookings if one.id in ids])
    talk.reply(said, ((talk.button("restore-button", back),),) if were_agreed else ())
    return line


def give_up_this(talk: Talk, booking_id: UUID) -> str | None:
    """Cancel a visit that the salon cannot keep: nobody pays for that."""
    known = mine(talk, booking_id)
    if known is None or not is_changeable(talk, known):
        say_not_active(talk, known)
        return None
    if not was_asked_to_move(talk, known):
        return cancel_this(talk, booking_id)
    line = talk.booking_line(known)
    try:
        with talk.session.begin_nested():
            booking.cancel_booking(
                talk.session, known.id, actor=system("absence"), now=talk.now, reason=CancelReason.STAFF_ABSENT
            )
    except Refusal as refusal:
        say_refusal(talk, refusal)
        return None
    talk.remember(DialogueState())
    talk.say("given-up", booking=line, buttons=talk.menu()[:1])
    return line


def restore_this(talk: Talk, booking_id: UUID) -> str | None:
    """Undo a cancellation while the time is still free."""
    known = mine(talk, booking_id)
    if known is not None and is_changeable(talk, known):  # a second tap
        return _say_it_stands(talk, [known])
    if known is None or known.status is not BookingStatus.CANCELLED or known.starts_at <= talk.now:
        say_not_active(talk, None)
        return None
    try:
        with talk.session.begin_nested():
            restored = booking.restore_booking(talk.session, known.id, actor=talk.actor, now=talk.now)
    except Refusal:
        talk.say("restore-taken")
        return None
    line = talk.booking_line(restored)
    talk.say("restored", booking=line)
    return line


def restore_visit_this(talk: Talk, visit_id: UUID) -> str | None:
    """Undo the cancellation of a visit: what was cancelled last, all or nothing."""
    try:
        visit = booking.get_visit(talk.session, visit_id)
    except VisitNotFound:
        say_not_active(talk, None)
        return None
    together = [one for one in visit.bookings if mine(talk, one.id) is not None]
    last = max((one.cancelled_at for one in together if one.cancelled_at is not None), default=None)
    gone = [one for one in together if last is not None and one.cancelled_at == last]
    standing = [one for one in together if is_changeable(talk, one)]
    if standing and not gone:  # a second tap
        return _say_it_stands(talk, standing)
    if not gone or min(one.starts_at for one in gone) <= talk.now:
        say_not_active(talk, None)
        return None
    try:
        with talk.session.begin_nested():
            for one in gone:
                booking.restore_booking(talk.session, one.id, actor=talk.actor, now=talk.now)
    except Refusal:
        talk.say("restore-taken")
        return None
    line = "; ".join(talk.booking_line(one) for one in gone)
    talk.say("restored", booking=line)
    return line


def _say_it_stands(talk: Talk, bookings: list[Booking]) -> str:
    line = "; ".join(talk.booking_line(one) for one in bookings)
    talk.say("restored-already", booking=line)
    return line


def keep(talk: Talk) -> str | None:
    """«Нет» to a question: everything stays as it is."""
    talk.remember(replace(DialogueState(), done=talk.state.done))
    talk.say("left-alone", buttons=talk.menu()[1:])
    return talk.texts.say("button-no")


def _is_about_series(talk: Talk, understood: Understood) -> bool:
    if not is_plain_cancelling(understood.text):
        return False
    if not _ALL.search(understood.text) or is_declined(understood.text) or is_question(understood.text):
        return False
    return series_talk.cancel(talk)


def _cancelled(talk: Talk, line: str, cancelled: list[Booking]) -> str:
    fee = fee_of([one.cancel_fee for one in cancelled])
    if fee is None:
        return talk.texts.say("cancelled", booking=line)
    return talk.texts.say("cancelled-fee", booking=line, fee=talk.price(fee))


def _line(talk: Talk, one: Booking) -> str:
    facts = talk.booking_facts(one)
    line = "• " + talk.texts.say("booking-line-full", **{name: facts[name] for name in _LINE})
    if one.status is BookingStatus.HELD and one.hold_expires_at is not None:
        until = phrases.clock(talk.local(one.hold_expires_at))
        line += " — " + talk.texts.say("waits-for-deposit", until=until, deposit=talk.price(one.deposit))
    return line


def _buttons(talk: Talk, unit: list[Booking], known: list[Booking]) -> list[tuple[Button, ...]]:
    """Of one booking, to move and to cancel; of a visit, to move each and to cancel all."""
    if len(unit) == 1:
        one = unit[0]
        move = Button(_label(talk, "button-reschedule", one, known), TapPayload(Tap.RESCHEDULE, one.id).encode())
        off = Button(_label(talk, "button-cancel", one, known), TapPayload(Tap.CANCEL, one.id).encode())
        return [(move, off)]
    rows: list[tuple[Button, ...]] = []
    for one in unit:
        label = f"{talk.texts.say('button-reschedule')}: {talk.service_name(one.service_id)}"
        rows.append((Button(label, TapPayload(Tap.RESCHEDULE, one.id).encode()),))
    label = talk.texts.say("visit-cancel")
    if len(units(known)) > 1:
        label = f"{label} {talk.phrases.short_day(talk.local_of(unit[0]).date(), talk.today)}"
    rows.append((Button(label, TapPayload(Tap.CANCEL_VISIT, unit[0].visit_id).encode()),))
    return rows


def _label(talk: Talk, text_id: str, one: Booking, known: list[Booking]) -> str:
    """«Отменить», with the day when there are several."""
    label = talk.texts.say(text_id)
    return label if len(known) == 1 else f"{label} {talk.phrases.short_day(talk.local_of(one).date(), talk.today)}"
