"""Booking in conversation: from a wish to offers, from a tap to a booking."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from functools import partial
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import Slot
from salon.booking import use_cases as booking
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Service
from salon.messaging.domain import Button, phrases
from salon.messaging.domain.dialogue import DialogueState, Expecting, TimeWish, Topic
from salon.messaging.domain.questions import names_several_people, wants_soonest
from salon.messaging.domain.taps import Tap, TapPayload
from salon.messaging.domain.wishes import asked_times, is_past, is_unclear, names_no_day, still_to_come, wish_of
from salon.messaging.use_cases import change_talk, clarify_talk, info_talk, slots_talk, visit_talk
from salon.messaging.use_cases.agreeing import book_slot, say_booked
from salon.messaging.use_cases.my_bookings import others_of_visit
from salon.messaging.use_cases.refusals import TAKEN, say_refusal
from salon.messaging.use_cases.slots_talk import (
    OFFERS,
    ROUNDS,
    Found,
    find_offers,
    offer_buttons,
    slot_label,
    wait_button,
)
from salon.messaging.use_cases.talk import Talk
from salon.platform.errors import NotFound, Refusal
from salon.platform.ids import parse_id
from salon.understanding.domain import Match, Understood

MAX_SERVICE_BUTTONS = 10


def book(talk: Talk, understood: Understood) -> None:
    """Take in what the message adds to the wish, and go on."""
    service = clarify_talk.named_service(talk, understood)
    state = _state_with_row(talk, understood) or _state_for(talk, service, understood.negated_services)
    said = wish_of(understood.when, talk.today)
    wish = said if wants_soonest(understood.text) else state.wish.merged_with(said)
    wish = still_to_come(wish, talk.local(talk.now))
    state = replace(
        state,
        service_id=service.id if service and not state.row else state.service_id,
        wish=wish,
        shown=(),
        chains=(),
        nonce="",
    )
    ruled_out = tuple(one for one in map(parse_id, understood.negated_staff) if one is not None)
    if ruled_out:
        state = replace(state, not_staff=ruled_out, staff_id=None if state.staff_id in ruled_out else state.staff_id)
    talk.remember(state)
    talk.remember(replace(state, staff_id=clarify_talk.named_staff(talk, understood) or state.staff_id))
    if names_several_people(understood.text):
        talk.add_footnote(talk.texts.say("clarify-one-by-one"))
    if _ask_about(talk, understood):
        return
    continue_booking(talk)


def shift_offers(talk: Talk, understood: Understood) -> None:
    """«А попозже?» about offers: the same day, after (or before) what was shown."""
    when, state = understood.when, talk.state
    offered = [chain[0] for chain in state.chains] if state.row else state.shown
    shown = [slot for slot in map(partial(known_slot, talk), offered) if slot is not None]
    if not shown or when is None:
        talk.say("ask-when-free-form")
        return
    earlier = "earlier" in when.ambiguous or (when.shift_minutes or when.shift_days or 0) < 0
    starts = [talk.local(slot.starts_at) for slot in shown]
    edge = min(starts) if earlier else max(starts)
    edge += timedelta(days=when.shift_days or 0)
    wish = TimeWish(
        on=edge.date(),
        from_at=None if earlier else edge.time().replace(tzinfo=None),
        to_at=edge.time().replace(tzinfo=None) if earlier else None,
    )
    talk.remember(replace(state, wish=wish))
    if state.row:
        visit_talk.continue_row(talk)
    else:
        _offer(talk)


def continue_booking(talk: Talk) -> None:
    """Ask for what is missing, or offer."""
    state = talk.state
    if state.row:
        _continue_row(talk)
        return
    if state.service_id is None:
        talk.remember(replace(state, expecting=Expecting.SERVICE))
        talk.say("ask-service", buttons=info_talk.service_buttons(_services_to_show(talk, state.staff_id)))
        return
    if state.staff_id is not None and not _does(talk, state.staff_id, state.service_id):
        _say_who_does(talk, state.staff_id, state.service_id)
        talk.remember(replace(state, staff_id=None))
        return
    _offer(talk)


def offer_more(talk: Talk) -> None:
    """«Ещё варианты»; the first offers stay, for whoever comes back to them."""
    if talk.state.row:
        visit_talk.offer_more(talk)
        return
    if talk.state.service_id is None:
        talk.say("button-stale", buttons=talk.menu())
        return
    moving = change_talk.being_moved(talk)
    found = find_offers(
        talk,
        talk.state,
        leaving=moving.slot_id if moving else None,
        avoiding=others_of_visit(talk, moving) if moving else (),
    )
    if not found.slots:
        talk.say("offers-no-more")
        return
    service = catalog.get_service(talk.session, talk.state.service_id)
    _show(talk, found, talk.texts.say("offers-more-of", service=service.name))


def choose_service(talk: Talk, service_id: UUID) -> str | None:
    """A service was tapped."""
    service = talk.services.get(service_id)
    if service is None:
        talk.say("button-stale", buttons=talk.menu())
        return None
    state = talk.state if talk.state.topic is Topic.BOOK else DialogueState(topic=Topic.BOOK)
    row = visit_talk.narrowed(state.row, [service_id]) or ()
    service_id_alone = None if row else service_id
    talk.remember(replace(state, service_id=service_id_alone, row=row, chains=(), nonce="", shown=()))
    continue_booking(talk)
    return service.name


def choose_time(talk: Talk, at: time) -> str | None:
    """One reading of an ambiguous time was tapped: remember it; what it is for goes on."""
    if talk.state.topic is None:
        talk.say("button-stale", buttons=talk.menu())
        return None
    wish = replace(talk.state.wish, at=at, from_at=None, to_at=None)
    talk.remember(replace(talk.state, wish=wish, shown=(), chains=(), nonce=""))
    return phrases.clock(at)


def take_slot(talk: Talk, slot_id: UUID) -> str | None:
    """A slot was tapped: hold and confirm it, or move the booking that is being rescheduled."""
    slot = known_slot(talk, slot_id)
    if slot is None or slot.starts_at <= talk.now:
        _gone(talk, slot)
        return None
    label = slot_label(talk, slot)
    if change_talk.is_moving(talk) and talk.state.booking_id is not None:
        return label if change_talk.move_to(talk, talk.state.booking_id, slot) else None
    mine = booking.list_upcoming_for_client(talk.session, talk.conversation.client_id, now=talk.now)
    if any(known.slot_id == slot_id for known in mine):
        talk.say("already-booked")
        return None
    made = book_slot(talk, slot)
    if isinstance(made, TAKEN):
        _taken(talk, slot)
        return None
    if isinstance(made, Refusal):
        say_refusal(talk, made, again=TapPayload(Tap.SLOT, slot_id))
        return None
    talk.remember(DialogueState())
    say_booked(talk, made)
    return label


def _gone(talk: Talk, slot: Slot | None) -> None:
    """A button of long ago: offer the same service anew, to the same wish where it still lies ahead."""
    state = talk.state
    if slot is not None and not change_talk.is_moving(talk) and slot.service_id in talk.services:
        staff_id = state.staff_id if state.service_id == slot.service_id else None
        state = DialogueState(topic=Topic.BOOK, service_id=slot.service_id, staff_id=staff_id)
    if state.service_id is None:
        talk.say("button-stale" if slot is None else "slot-past", buttons=talk.menu())
        return
    talk.remember(replace(state, wish=TimeWish(), shown=()))
    talk.say("slot-gone")
    if change_talk.is_moving(talk):
        change_talk.continue_reschedule(talk)
    else:
        continue_booking(talk)


def repeat_last(talk: Talk, understood: Understood) -> None:
    """«Как в прошлый раз»: the same service with the same person."""
    last = booking.find_last_visit(talk.session, talk.conversation.client_id)
    if last is None:
        talk.remember(DialogueState(topic=Topic.BOOK, expecting=Expecting.SERVICE))
        services = info_talk.service_buttons(_services_to_show(talk, None))
        talk.say("nothing-to-repeat", buttons=services)
        return
    talk.remember(
        DialogueState(
            topic=Topic.BOOK,
            service_id=last.service_id,
            staff_id=last.staff_id,
            wish=wish_of(understood.when, talk.today),
        )
    )
    continue_booking(talk)


def _ask_about(talk: Talk, understood: Understood) -> bool:
    """Ask what was ambiguous in the message; False when nothing was."""
    if is_past(understood.when) and understood.when is not None and understood.when.date == talk.today:
        talk.remember(replace(talk.state, wish=TimeWish(on=talk.today)))
        talk.say("past-time")
        continue_booking(talk)
        return True
    if is_past(understood.when):
        talk.remember(replace(talk.state, wish=replace(talk.state.wish, on=None), expecting=Expecting.WHEN))
        talk.say("past-date")
        return True
    if talk.is_beyond_horizon(talk.state.wish):
        talk.remember(replace(talk.state, wish=TimeWish(), expecting=Expecting.WHEN))
        talk.say("beyond-horizon", until=talk.phrases.day_genitive(talk.last_day))
        return True
    if understood.unknown_staff:
        _say_nobody_is_called(talk, understood.unknown_staff)
        return True
    candidates = which_services(talk, understood) if not talk.state.row else []
    if candidates:
        talk.remember(replace(talk.state, expecting=Expecting.SERVICE))
        talk.say("ask-which-service", buttons=info_talk.service_buttons(candidates[:MAX_SERVICE_BUTTONS]))
        return True
    if clarify_talk.ask_whether_service(talk, understood) or clarify_talk.ask_which_staff(talk, understood):
        return True
    return _ask_about_time(talk, understood)


def _ask_about_time(talk: Talk, understood: Understood) -> bool:
    times = asked_times(understood.when)
    if len(times) > 1:
        first, second = times[0], times[1]
        buttons = tuple(Button(phrases.clock(at), TapPayload(Tap.TIME, at=at).encode()) for at in (first, second))
        talk.remember(replace(talk.state, expecting=Expecting.WHEN))
        talk.say("ask-time-of-day", first=phrases.clock(first), second=phrases.clock(second), buttons=(buttons,))
        return True
    if clarify_talk.ask_which_day(talk, understood.when):
        return True
    if is_unclear(understood.when) and not wish_of(understood.when, talk.today).has_day:
        talk.remember(replace(talk.state, expecting=Expecting.WHEN))
        talk.say("answers-no-such-day" if names_no_day(understood.text) else "ask-when-free-form")
        return True
    return False


def _say_nobody_is_called(talk: Talk, name: str) -> None:
    """Nobody of that name works here; a button goes on with anybody when the service is known."""
    buttons = talk.menu()[:1]
    if talk.state.service_id is not None:
        payload = TapPayload(Tap.SERVICE, talk.state.service_id).encode()
        buttons = ((Button(talk.texts.say("menu-anybody"), payload),),)
    talk.say("staff-unknown", name=name, names=", ".join(talk.staff_names.values()), buttons=buttons)


def _state_for(talk: Talk, service: Service | None, declined: tuple[str, ...]) -> DialogueState:
    """The wish so far; another service is another wish, unless we asked for it or it replaces a declined one."""
    state = talk.state
    if state.topic is not Topic.BOOK:
        return DialogueState(topic=Topic.BOOK)
    if service is None:
        return state
    is_other = bool(state.row) or (state.service_id is not None and service.id != state.service_id)
    is_other = is_other and str(state.service_id) not in declined
    return DialogueState(topic=Topic.BOOK) if is_other and state.expecting is not Expecting.SERVICE else state


def _state_with_row(talk: Talk, understood: Understood) -> DialogueState | None:
    """The wish for several services in a row, begun or said more exactly; None when the message is about one."""
    state = talk.state if talk.state.topic is Topic.BOOK else DialogueState(topic=Topic.BOOK)
    if state.row and understood.service is not None:
        said = [parse_id(one) for one in (understood.service.id, *understood.service.alternatives)]
        row = visit_talk.narrowed(state.row, [one for one in said if one is not None])
        if row is not None:
            return replace(state, row=row)
    row = visit_talk.wanted_row(talk, understood)
    if not row:
        return None
    goes_on = len(understood.services) == 1 or state.expecting is Expecting.SERVICE
    before = state if goes_on else DialogueState(topic=Topic.BOOK)
    keeps_order = visit_talk.keeps_order(understood.text)
    return replace(before, row=row, service_id=None, keeps_order=keeps_order)


def _continue_row(talk: Talk) -> None:
    """Offer a row; somebody who does none of its services is not asked for them."""
    staff_id, first = talk.state.staff_id, talk.state.row[0][0]
    if staff_id is not None and not any(_does(talk, staff_id, one) for row in talk.state.row for one in row):
        talk.remember(replace(talk.state, staff_id=None))
        _say_who_does(talk, staff_id, first)
    visit_talk.continue_row(talk)


def known_slot(talk: Talk, slot_id: UUID) -> Slot | None:
    """A slot; None when it is gone."""
    try:
        return availability.get_slot(talk.session, slot_id)
    except NotFound:
        return None


def which_services(talk: Talk, understood: Understood) -> list[Service]:
    """Services among which the message leaves a choice; empty when it leaves none."""
    named: list[Match] = list(understood.services) or ([understood.service] if understood.service else [])
    ids = [match.id for match in named] + [other for match in named for other in match.alternatives]
    if len(set(ids)) <= 1:
        return []
    services = [_service(talk, service_id) for service_id in dict.fromkeys(ids)]
    return [service for service in services if service is not None]


def _offer(talk: Talk) -> None:
    state = talk.state
    service = catalog.get_service(talk.session, state.service_id) if state.service_id else None
    found = find_offers(talk, state)
    if service is None or not found.slots:
        buttons = wait_button(talk, state.service_id)
        talk.say("offers-none", service=service.name if service else "", phone=talk.phone, buttons=buttons)
        return
    _show(talk, found, _header(talk, service, found))


def _header(talk: Talk, service: Service, found: Found) -> str:
    wish = talk.phrases.wish(talk.state.wish, talk.today)
    if not found.kept_staff and talk.state.staff_id is not None:
        staff = talk.staff_names.get(talk.state.staff_id, "")
        return talk.texts.say("offers-other-staff", service=service.name, staff=staff, wish=wish).replace("  ", " ")
    if not found.kept_wish and wish:
        return talk.texts.say("offers-other", service=service.name, wish=wish)
    if wish:
        return talk.texts.say("offers-exact", service=service.name, wish=wish)
    return talk.texts.say("offers-nearest", service=service.name)


def _show(talk: Talk, found: Found, header: str) -> None:
    shown = (*talk.state.shown, *(slot.id for slot in found.slots))
    rounds_left = len(shown) < OFFERS * ROUNDS
    talk.remember(replace(talk.state, shown=shown, expecting=Expecting.WHEN))
    buttons = offer_buttons(talk, found, rounds_left=rounds_left)
    is_wished = found.kept_wish and found.kept_staff
    talk.reply(header, buttons if is_wished else (*buttons, *wait_button(talk, talk.state.service_id)))


def _taken(talk: Talk, slot: Slot) -> None:
    """Somebody was quicker: offer again; from an old button, the same service about that time."""
    if talk.state.topic is not Topic.BOOK or talk.state.service_id is None:
        local = talk.local_at(slot, slot.starts_at)
        wish = TimeWish(on=local.date(), at=local.time().replace(tzinfo=None))
        talk.remember(DialogueState(topic=Topic.BOOK, service_id=slot.service_id, wish=wish))
    found = slots_talk.find_offers(talk, talk.state)
    if not found.slots:
        talk.say("slot-taken-last", buttons=wait_button(talk, talk.state.service_id))
        return
    _show(talk, found, talk.texts.say("slot-taken"))


def _services_to_show(talk: Talk, staff_id: UUID | None) -> list[Service]:
    services = list(talk.services.values())
    if staff_id is not None:
        skills = {skill.service_id for skill in catalog.list_skills(talk.session, staff_id)}
        services = [service for service in services if service.id in skills] or services
    return services[:MAX_SERVICE_BUTTONS]


def _does(talk: Talk, staff_id: UUID, service_id: UUID) -> bool:
    return any(skill.service_id == service_id for skill in catalog.list_skills(talk.session, staff_id))


def _say_who_does(talk: Talk, staff_id: UUID, service_id: UUID) -> None:
    others = ", ".join(person.name for person in catalog.list_staff_for(talk.session, service_id))
    button = Button(talk.texts.say("menu-book"), TapPayload(Tap.SERVICE, service_id).encode())
    talk.say(
        "staff-does-not-do",
        staff=talk.staff_names.get(staff_id, ""),
        service=catalog.get_service(talk.session, service_id).name,
        others=others or "—",
        buttons=((button,),),
    )


def _service(talk: Talk, service_id: str) -> Service | None:
    known = parse_id(service_id)
    return talk.services.get(known) if known else None
