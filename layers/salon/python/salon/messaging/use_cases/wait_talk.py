"""The waiting list, in conversation: to wait, to take or leave what became free, to wait no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from uuid import UUID

from salon.booking.domain import Booking, BookingStatus
from salon.booking.errors import HoldExpired, PaymentRequired
from salon.booking.waitlist import use_cases as waitlist
from salon.booking.waitlist.domain import OPEN, WaitlistEntry, WaitlistStatus
from salon.booking.waitlist.errors import NothingOffered, WaitlistEntryNotFound
from salon.messaging.domain import Button
from salon.messaging.domain.dialogue import DialogueState, Expecting, Topic
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.domain.wishes import LAST_MIN, Window, is_past, waiting_windows, wish_of, wish_of_window
from salon.messaging.use_cases import clarify_talk, info_talk
from salon.messaging.use_cases.agreeing import count_step, say_booked, say_deposit
from salon.messaging.use_cases.my_bookings import mine
from salon.messaging.use_cases.refusals import say_refusal
from salon.messaging.use_cases.slots_talk import find_offers, offer_buttons, wait_button
from salon.messaging.use_cases.talk import Talk
from salon.platform.errors import Refusal
from salon.platform.ids import parse_id
from salon.platform.timeranges import local_instant, zone
from salon.understanding.domain import Understood

MAX_SERVICE_BUTTONS = 10


def wait(talk: Talk, understood: Understood) -> None:
    """«Запишите в лист ожидания», «сообщите, если освободится»: for what was just asked for, or says now."""
    state = talk.state if talk.state.topic in {Topic.BOOK, Topic.WAIT} else DialogueState()
    service = understood.service
    meant = [parse_id(one) for one in (service.id, *service.alternatives)] if service else []
    ids = [one for one in meant if one is not None]
    is_other = bool(ids) and state.service_id is not None and state.service_id not in ids
    wish = wish_of(understood.when, talk.today)
    before = DialogueState() if is_other else state
    row = state.row[0][0] if state.row and not ids else None
    talk.remember(
        replace(
            before,
            topic=Topic.WAIT,
            service_id=ids[0] if len(ids) == 1 else None if ids else before.service_id or row,
            staff_id=clarify_talk.named_staff(talk, understood) or before.staff_id,
            wish=before.wish.merged_with(wish),
            expecting=None,
            row=(),
        )
    )
    if is_past(understood.when):
        talk.remember(replace(talk.state, wish=before.wish, expecting=Expecting.WHEN))
        talk.say("past-date")
        return
    if len(ids) > 1:
        services = [talk.services[one] for one in ids if one in talk.services]
        talk.remember(replace(talk.state, expecting=Expecting.SERVICE))
        talk.say("ask-which-service", buttons=info_talk.service_buttons(services))
        return
    continue_waiting(talk)


def continue_waiting(talk: Talk) -> None:
    """Ask for the service, or join."""
    if talk.state.service_id is None:
        services = list(talk.services.values())[:MAX_SERVICE_BUTTONS]
        talk.remember(replace(talk.state, expecting=Expecting.SERVICE))
        talk.say("wait-for-what", buttons=info_talk.service_buttons(services))
        return
    if talk.is_beyond_horizon(talk.state.wish):
        talk.remember(replace(talk.state, expecting=Expecting.WHEN))
        talk.say("beyond-horizon", until=talk.phrases.day_genitive(talk.last_day))
        return
    if _offer_what_is_free(talk, talk.state.service_id):
        return
    _join(talk, talk.state.service_id)


def choose_service(talk: Talk, service_id: UUID) -> str | None:
    """The service to wait for was tapped."""
    talk.remember(replace(talk.state, service_id=service_id))
    continue_waiting(talk)
    return talk.service_name(service_id)


def wait_by_button(talk: Talk, service_id: UUID) -> str | None:
    """«В лист ожидания» under offers: for the wish that they were for."""
    if talk.state.service_id != service_id or talk.state.topic not in {Topic.BOOK, Topic.WAIT}:
        if service_id not in talk.services:
            talk.say("button-stale", buttons=talk.menu())
            return None
        talk.remember(DialogueState(service_id=service_id))
    talk.remember(replace(talk.state, topic=Topic.WAIT))
    return talk.texts.say("wait-button") if _join(talk, service_id) else None


def leave(talk: Talk) -> None:
    """«Уберите из листа ожидания»."""
    known = waiting(talk)
    if not known:
        talk.say("wait-none", buttons=talk.menu()[:1])
    elif len(known) > 1:
        rows = tuple((Button(describe(talk, entry), TapPayload(Tap.UNWAIT, entry.id).encode()),) for entry in known)
        talk.say("wait-which", buttons=rows)
    else:
        leave_this(talk, known[0].id)


def leave_this(talk: Talk, entry_id: UUID) -> str | None:
    """Wait for one thing no longer, with a way back."""
    entry = _own(talk, entry_id)
    if entry is None:
        talk.say("wait-not-open", buttons=talk.menu())
        return None
    try:
        with talk.session.begin_nested():
            left = waitlist.leave_waitlist(talk.session, entry_id, actor=talk.actor, now=talk.now)
    except Refusal as refusal:
        say_refusal(talk, refusal)
        return None
    back = talk.button("wait-again", TapPayload(Tap.REWAIT, entry_id))
    talk.say("wait-left", what=describe(talk, left), buttons=((back,),))
    return describe(talk, left)


def rejoin_this(talk: Talk, entry_id: UUID) -> str | None:
    """Undo leaving, with the old place."""
    entry = _own(talk, entry_id)
    if entry is None:
        talk.say("wait-not-open", buttons=talk.menu())
        return None
    try:
        with talk.session.begin_nested():
            again = waitlist.rejoin_waitlist(talk.session, entry_id, actor=talk.actor, now=talk.now)
    except Refusal as refusal:
        say_refusal(talk, refusal)
        return None
    talk.say("wait-joined", what=describe(talk, again))
    return describe(talk, again)


def take_offer(talk: Talk, booking_id: UUID) -> str | None:
    """«Беру»: the hold that was offered becomes a booking."""
    entry = _offered(talk, booking_id)
    held = mine(talk, booking_id)
    if held is not None and held.status is BookingStatus.CONFIRMED:
        talk.say("already-booked", buttons=talk.menu()[1:])
        return None
    if entry is None or held is None:
        _say_gone(talk, held)
        return None
    try:
        with talk.session.begin_nested():
            agreed = waitlist.accept_offer(talk.session, entry.id, actor=talk.actor, now=talk.now)
    except PaymentRequired:
        say_deposit(talk, [held])
        return None
    except (HoldExpired, NothingOffered):
        _say_gone(talk, held)
        return None
    except Refusal as refusal:
        say_refusal(talk, refusal, again=TapPayload(Tap.WAIT_TAKE, booking_id))
        return None
    count_step(talk, "confirmed", agreed)
    say_booked(talk, agreed)
    return talk.booking_line(agreed)


def decline_offer(talk: Talk, booking_id: UUID) -> str | None:
    """«Не подходит»: wait on."""
    entry, held = _offered(talk, booking_id), mine(talk, booking_id)
    if entry is None or held is None:
        _say_gone(talk, held)
        return None
    try:
        with talk.session.begin_nested():
            waiting_on = waitlist.decline_offer(talk.session, entry.id, actor=talk.actor, now=talk.now)
    except Refusal:
        _say_gone(talk, held)
        return None
    stop = talk.button("wait-stop", TapPayload(Tap.UNWAIT, entry.id))
    talk.say("wait-declined", what=describe(talk, waiting_on), buttons=((stop,),))
    return talk.texts.say("wait-leave")


def waiting(talk: Talk) -> list[WaitlistEntry]:
    """What this client waits for."""
    return waitlist.list_waitlist(talk.session, client_id=talk.conversation.client_id, statuses=OPEN)


def describe(talk: Talk, entry: WaitlistEntry) -> str:
    """«Маникюр, в субботу, 14 марта, после 12:00, мастер Ольга»."""
    timezone = zone(talk.zone_of(entry.location_id) if entry.location_id else talk.timezone)
    first, last = entry.from_at.astimezone(timezone).date(), entry.to_at.astimezone(timezone).date()
    window = Window(max(first, min(talk.today, last)), last, entry.day_from_min, entry.day_to_min)
    parts = [talk.service_name(entry.service_id), talk.phrases.wish(wish_of_window(window), talk.today)]
    if entry.staff_id is not None:
        parts.append(talk.texts.say("wait-staff", staff=talk.staff_names.get(entry.staff_id, "")))
    return ", ".join(part for part in parts if part)


def _join(talk: Talk, service_id: UUID) -> bool:
    """Join for the wish; whether it was possible."""
    state = talk.state
    duration = talk.services[service_id].duration_min if service_id in talk.services else 0
    windows = waiting_windows(state.wish, talk.today, talk.last_day, duration_min=duration)
    joined: list[WaitlistEntry] = []
    try:
        with talk.session.begin_nested():
            joined += [_join_window(talk, service_id, window) for window in windows]
    except Refusal as refusal:
        say_refusal(talk, refusal)
        return False
    if not joined:
        talk.say("past-date")
        return False
    talk.remember(DialogueState())
    talk.say("wait-joined", what="; ".join(describe(talk, entry) for entry in joined))
    return True


def _join_window(talk: Talk, service_id: UUID, window: Window) -> WaitlistEntry:
    return waitlist.join_waitlist(
        talk.session,
        client_id=talk.conversation.client_id,
        service_id=service_id,
        staff_id=talk.state.staff_id,
        from_at=local_instant(window.first_on, time.min, talk.timezone),
        to_at=local_instant(window.last_on, time(23, 59), talk.timezone),
        day_from_min=window.from_min,
        day_to_min=window.to_min if window.to_min != LAST_MIN else None,
        channel=talk.conversation.channel,
        actor=talk.actor,
        now=talk.now,
    )


def _offer_what_is_free(talk: Talk, service_id: UUID) -> bool:
    """Nobody need wait for what is free now: show it, with the button that waits all the same."""
    wish = talk.state.wish
    fitting = replace(talk.state, shown=()) if wish.has_day or wish.has_time else None
    found = find_offers(talk, fitting) if fitting else None
    if found is None or not (found.slots and found.kept_wish and found.kept_staff):
        return False
    shown = tuple(slot.id for slot in found.slots)
    talk.remember(replace(talk.state, topic=Topic.BOOK, shown=shown, expecting=Expecting.WHEN))
    buttons = (*offer_buttons(talk, found, rounds_left=True), *wait_button(talk, service_id))
    talk.say("wait-free-now", service=talk.service_name(service_id), buttons=buttons)
    return True


def _own(talk: Talk, entry_id: UUID) -> WaitlistEntry | None:
    """An entry of this client; a forged button cannot reach another's."""
    try:
        entry = waitlist.get_entry(talk.session, entry_id)
    except WaitlistEntryNotFound:
        return None
    return entry if entry.client_id == talk.conversation.client_id else None


def _offered(talk: Talk, booking_id: UUID) -> WaitlistEntry | None:
    """The entry to which this very hold is offered now; an old button is of another one."""
    return next(
        (
            entry
            for entry in waiting(talk)
            if entry.status is WaitlistStatus.OFFERED and entry.offered_booking_id == booking_id
        ),
        None,
    )


def _say_gone(talk: Talk, held: Booking | None) -> None:
    """The offer is over; whoever waits on is told so."""
    known = [entry for entry in waiting(talk) if held is not None and entry.service_id == held.service_id]
    if known:
        talk.say("wait-offer-over-waiting", what=describe(talk, known[0]))
    else:
        talk.say("wait-offer-over", buttons=talk.menu()[:1])
