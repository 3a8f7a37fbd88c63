"""The dialogue's switchboard: what a message or a tap is about, and who answers it."""

from __future__ import annotations

from dataclasses import replace

from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.clients.errors import PhoneInvalid
from salon.messaging.domain import InboundEvent
from salon.messaging.domain.dialogue import DialogueState, Expecting, Topic
from salon.messaging.domain.taps import Tap, TapPayload, read_tap
from salon.messaging.domain.wishes import is_relative
from salon.messaging.use_cases import booking_talk, cancel_talk, change_talk, info_talk
from salon.messaging.use_cases.say import retire_buttons
from salon.messaging.use_cases.talk import Talk
from salon.platform.logs import logger
from salon.understanding.domain import Catalogue, CatalogueEntry, Context, Intent, Understood
from salon.understanding.use_cases import understand

log = logger(__name__)
MISSES_BEFORE_A_PERSON = 2
SURE_ENOUGH = 0.4
"""Below this confidence nothing is done on a guess; the dialogue asks."""


def on_start(talk: Talk) -> None:
    """Somebody opened the conversation."""
    talk.remember(DialogueState())
    talk.say("greeting", salon=talk.salon, buttons=talk.menu())


def on_text(talk: Talk, text: str) -> None:
    """Somebody wrote."""
    understood = understand(text, context_of(talk))
    log.info("message.understood", intent=understood.intent, confidence=round(understood.intent_confidence, 2))
    if not _answer(talk, understood):
        if understood.phone is None:
            _ask_again(talk)
            return
        _save_phone(talk, understood.phone)
    if talk.state.misses:
        talk.remember(replace(talk.state, misses=0))


def on_tap(talk: Talk, event: InboundEvent) -> None:
    """Somebody tapped a button of ours, perhaps an old one, perhaps twice."""
    tapped = read_tap(event.payload)
    if tapped is None:
        talk.say("button-stale", buttons=talk.menu())
        return
    chosen = _carry_out(talk, tapped)
    if chosen and event.message_id:
        retire_buttons(
            talk.session,
            talk.conversation,
            event.message_id,
            talk.texts.say("tap-chosen", choice=chosen),
            talk.now,
        )


def context_of(talk: Talk) -> Context:
    """What understanding is given: the salon's words, hours, zone, and what we asked last."""
    lexicon = catalog.list_lexicon(talk.session)
    return Context(
        now=talk.now,
        timezone=talk.timezone,
        hours=talk.hours,
        catalogue=Catalogue(
            services=tuple(CatalogueEntry(str(thing.id), thing.name, thing.synonyms) for thing in lexicon.services),
            staff=tuple(CatalogueEntry(str(thing.id), thing.name, thing.synonyms) for thing in lexicon.staff),
        ),
        expecting=talk.state.expecting,
    )


def _answer(talk: Talk, understood: Understood) -> bool:
    """Answer what was understood; False when nothing was."""
    intent = understood.intent
    if intent is Intent.OTHER or understood.intent_confidence < SURE_ENOUGH:
        return _continue_topic(talk, understood)
    if _inform(talk, understood):
        return True
    match intent:
        case Intent.CANCEL:
            cancel_talk.cancel(talk, understood)
        case Intent.RESCHEDULE if _is_about_offers(talk, understood):
            booking_talk.shift_offers(talk, understood)
        case Intent.RESCHEDULE:
            change_talk.reschedule(talk, understood)
        case Intent.MY_BOOKINGS:
            cancel_talk.list_mine(talk)
        case Intent.REPEAT:
            booking_talk.repeat_last(talk, understood)
        case Intent.BOOK | Intent.CONFIRM | Intent.REJECT:
            return _continue_topic(talk, understood)
        case _:
            return False
    return True


def _is_about_offers(talk: Talk, understood: Understood) -> bool:
    """«А попозже?» right after offers is about them, not about a booking made before."""
    return talk.state.topic is Topic.BOOK and bool(talk.state.shown) and is_relative(understood.when)


def _inform(talk: Talk, understood: Understood) -> bool:
    """Questions and courtesies; they leave the topic as it is."""
    service = booking_talk.named_service(talk, understood)
    match understood.intent:
        case Intent.PRICES if service is not None:
            info_talk.tell_price(talk, service)
        case Intent.SERVICES | Intent.PRICES:
            info_talk.list_services(talk)
        case Intent.ADDRESS:
            info_talk.tell_address(talk)
        case Intent.WHO:
            info_talk.tell_who(talk, service)
        case Intent.GREETING:
            talk.say("greeting", salon=talk.salon, buttons=talk.menu())
        case Intent.THANKS:
            talk.say("thanks")
        case Intent.STOP:
            talk.say("stop")
        case Intent.LATE:
            talk.say("late", phone=talk.phone)
        case Intent.PERSON | Intent.COMPLAINT:
            talk.say("to-person", phone=talk.phone)
        case _:
            return False
    return True


def _continue_topic(talk: Talk, understood: Understood) -> bool:
    """A wish, or a bare answer to what we asked: «в 3», «маникюр», «да»."""
    says_something = bool(understood.service or understood.staff or understood.when or understood.unknown_staff)
    if _goes_on_moving(talk, understood):
        change_talk.reschedule(talk, understood)
        return True
    if _is_about_offers(talk, understood):
        booking_talk.shift_offers(talk, understood)
        return True
    if understood.intent is Intent.CONFIRM and talk.state.topic is Topic.BOOK:
        booking_talk.continue_booking(talk)
        return True
    if says_something or understood.intent is Intent.BOOK:
        booking_talk.book(talk, understood)
        return True
    if understood.intent is Intent.REJECT:
        talk.remember(DialogueState())
        talk.say("greeting-short", buttons=talk.menu())
        return True
    return False


def _goes_on_moving(talk: Talk, understood: Understood) -> bool:
    """Whether the message says when to move a booking to; another service is another matter."""
    if not change_talk.is_moving(talk) or not (understood.when or understood.staff):
        return False
    return understood.service is None or understood.service.id == str(talk.state.service_id)


def _save_phone(talk: Talk, phone: str) -> None:
    """A number that was typed; nobody vouches for it, the salon may still call."""
    try:
        clients.set_phone(talk.session, talk.conversation.client_id, phone, actor=talk.actor, now=talk.now)
    except PhoneInvalid:
        talk.say("phone-invalid")
    else:
        talk.say("contact-saved")


def _ask_again(talk: Talk) -> None:
    """One helpful question; the second time in a row, a way to a person."""
    misses = talk.state.misses + 1
    talk.remember(replace(talk.state, misses=misses))
    if misses >= MISSES_BEFORE_A_PERSON:
        talk.say("didnt-understand-again", phone=talk.phone, buttons=talk.menu())
    elif talk.state.expecting is Expecting.WHEN:
        talk.say("ask-when-free-form")
    else:
        talk.say("didnt-understand", buttons=talk.menu())


def _carry_out(talk: Talk, tapped: TapPayload) -> str | None:
    """Do what the button says; what was chosen, in words, when the tapped message should say so from now on."""
    match tapped.tap:
        case Tap.MENU_BOOK:
            talk.remember(DialogueState(topic=Topic.BOOK))
            booking_talk.continue_booking(talk)
            return None
        case Tap.MENU_SERVICES:
            info_talk.list_services(talk)
            return None
        case Tap.MENU_MINE:
            cancel_talk.list_mine(talk)
            return None
        case Tap.MORE:
            booking_talk.offer_more(talk)
            return None
        case Tap.TIME if tapped.at is not None:
            return booking_talk.choose_time(talk, tapped.at)
        case _ if tapped.subject is not None:
            return _carry_out_with(talk, tapped)
        case _:
            return None


def _carry_out_with(talk: Talk, tapped: TapPayload) -> str | None:
    if tapped.subject is None:
        return None
    match tapped.tap:
        case Tap.SLOT:
            return booking_talk.take_slot(talk, tapped.subject)
        case Tap.SERVICE:
            return booking_talk.choose_service(talk, tapped.subject)
        case Tap.CANCEL:
            return cancel_talk.cancel_this(talk, tapped.subject)
        case Tap.RESTORE:
            return cancel_talk.restore_this(talk, tapped.subject)
        case _:
            return change_talk.reschedule_this(talk, tapped.subject)
