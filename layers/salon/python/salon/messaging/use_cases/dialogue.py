"""The dialogue's switchboard: what a message or a tap is about, and who answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.clients.errors import PhoneInvalid
from salon.messaging.domain import InboundEvent
from salon.messaging.domain.dialogue import DialogueState, Expecting, Topic
from salon.messaging.domain.questions import is_bare_phone, says_late
from salon.messaging.domain.taps import TapPayload, read_tap
from salon.messaging.domain.wishes import asks_to_move, is_mostly_digits, is_relative
from salon.messaging.people.domain import HandoverReason
from salon.messaging.people.use_cases.handing import hand_over
from salon.messaging.use_cases import (
    answers_talk,
    booking_talk,
    cancel_talk,
    change_talk,
    choose_talk,
    clarify_talk,
    courtesy_talk,
    erasure_talk,
    feedback_talk,
    info_talk,
    language_talk,
    late_talk,
    later_talk,
    linking,
    marketing_talk,
    reminders,
    series_talk,
    undo_talk,
    wait_talk,
)
from salon.messaging.use_cases.say import retire_buttons
from salon.messaging.use_cases.talk import Talk
from salon.messaging.use_cases.tapping import carry_out
from salon.platform.logs import logger
from salon.understanding.domain import Catalogue, CatalogueEntry, Context, Intent, Understood
from salon.understanding.intent_model import Judge
from salon.understanding.recurrence import Recurrence, find_recurrence
from salon.understanding.use_cases import understand

log = logger(__name__)
_MAY_REPEAT = frozenset({Intent.BOOK, Intent.REPEAT, Intent.CONFIRM, Intent.GREETING, Intent.OTHER})
SURE_ENOUGH = 0.4
"""Below this confidence nothing is done on a guess; the dialogue asks."""


def on_start(talk: Talk) -> None:
    """Somebody opened the conversation."""
    talk.remember(DialogueState())
    talk.say("greeting", salon=talk.salon, buttons=talk.menu())


def on_text(talk: Talk, text: str) -> None:
    """Somebody wrote."""
    _catch_up(talk)
    if language_talk.take_language_wish(talk, text):
        return
    text = language_talk.plain_words(talk, text)
    chosen = None if feedback_talk.expects_rating(talk) else choose_talk.chosen_by_place(talk, text)
    if chosen is not None:
        _take_question(talk)
        _carry_out(talk, chosen)
        _take_up_later(talk)
        return
    recurrence = find_recurrence(text, is_going_on=talk.state.topic is Topic.SERIES)
    judge = Judge(metrics=talk.metrics)
    understood = understand(recurrence.rest if recurrence else text, context_of(talk), judge=judge)
    log.info("message.understood", intent=understood.intent, confidence=round(understood.intent_confidence, 2))
    is_apart = bool(understood.wishes) and recurrence is None
    if not is_apart and later_talk.take_back(talk, understood):
        return
    if is_apart:
        understood = later_talk.take_apart(talk, understood)
        text = understood.text
    _take_turn(talk, text, understood, recurrence)
    is_asked = is_apart and later_talk.is_question(understood)
    _take_up_later(talk, after_question=is_asked, before=understood if is_apart else None)


def _take_up_later(talk: Talk, *, after_question: bool = False, before: Understood | None = None) -> None:
    """Go on with the other wishes of a message, as soon as the one before is done.

    A wish to cancel or to move that has waited for another turn is asked about, not carried out.
    """
    while (text := later_talk.next_wish(talk, after_question=after_question)) is not None:
        understood = understand(text, context_of(talk))
        after_question = later_talk.is_question(understood)
        if before is not None or not later_talk.ask_first(talk, understood):
            _take_turn(talk, text, later_talk.about_the_same(understood, before), None)


def _take_turn(talk: Talk, text: str, understood: Understood, recurrence: Recurrence | None) -> None:
    """Answer one wish."""
    asked, misses = _take_question(talk), talk.state.misses
    if undo_talk.is_way_back(asked[1]) and undo_talk.take_back(talk, text, asked[1]):
        return
    understood = clarify_talk.leave_open(understood)
    if _answer_what_was_asked(talk, text, understood) or answers_talk.take_email(talk, understood):
        return
    if understood.phone is None and _answer_shortly(talk, understood, asked):
        talk.remember(replace(talk.state, misses=0))
        return
    if understood.phone is not None and (talk.state.pending is not None or is_bare_phone(understood)):
        _save_phone(talk, understood.phone)
    elif talk.state.pending is not None and is_mostly_digits(text):
        talk.say("phone-invalid")
    elif not _answer_question(talk, understood, asked) and not _answer(talk, understood, recurrence):
        if understood.phone is None:
            _ask_again(talk, text)
            return
        _save_phone(talk, understood.phone)
    if 0 < talk.state.misses <= misses:
        talk.remember(replace(talk.state, misses=0))  # a question of ours has not counted another one


def _answer_what_was_asked(talk: Talk, text: str, understood: Understood) -> bool:
    """Stars, a remark beside them, or whether news are wanted; before all that, a wish to be forgotten."""
    if erasure_talk.take_erasure_wish(talk, text):
        return True
    if feedback_talk.take_rating(talk, understood) or feedback_talk.take_comment(talk, understood):
        return True
    return marketing_talk.take_news_wish(talk, text)


def _answer_shortly(talk: Talk, understood: Understood, asked: tuple[str | None, str | None]) -> bool:
    """What a few words mean by what was said before them: to a reminder, to a list, after a confirmation."""
    tapped = reminders.written_answer(talk, understood.text, asked)
    if tapped is not None:
        carry_out(talk, tapped)
        return True
    if answers_talk.take_question(talk, understood):
        return True
    if choose_talk.take_choice(talk, understood) or (not any(asked) and choose_talk.take_yes(talk, understood.text)):
        return True
    return asked[0] is None and courtesy_talk.take_courtesy(talk, understood.text)


def on_phone(talk: Talk) -> None:
    """The client's number is known now: go on with what waited for it."""
    pending = read_tap(talk.state.pending)
    if pending is None:
        talk.say("contact-saved")
    else:
        talk.remember(replace(talk.state, pending=None))
        talk.say("contact-saved-going-on")
        carry_out(talk, pending)
    linking.ask_whether_known(talk)


def on_tap(talk: Talk, event: InboundEvent) -> None:
    """Somebody tapped a button of ours, perhaps an old one, perhaps twice."""
    _catch_up(talk)
    tapped = read_tap(event.payload)
    if tapped is None:
        talk.say("button-stale", buttons=talk.menu())
        return
    _take_question(talk)
    chosen = _carry_out(talk, tapped)
    if chosen and event.message_id:
        retire_buttons(
            talk.session,
            talk.conversation,
            event.message_id,
            talk.texts.say("tap-chosen", choice=chosen),
            talk.now,
        )
    _take_up_later(talk)


def _carry_out(talk: Talk, tapped: TapPayload) -> str | None:
    """Do what a button says; one that says which of two things a message meant has that message answered."""
    intent = clarify_talk.meant_by(tapped)
    if intent is None or not talk.state.unsure:
        return carry_out(talk, tapped)
    text = talk.state.unsure
    talk.remember(replace(talk.state, unsure="", listed=()))
    understood = understand(text, context_of(talk))
    _answer(talk, replace(understood, intent=intent, intent_confidence=1.0, intent_alternatives=()), None)
    return talk.texts.say(clarify_talk.text_of(intent))


def _catch_up(talk: Talk) -> None:
    """After a pause: what was wished for days that are over is no wish any more; everything else still holds."""
    wish = talk.state.wish.still_ahead(talk.today)
    if wish != talk.state.wish:
        talk.remember(replace(talk.state, wish=wish, shown=(), chains=(), nonce=""))


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


def _take_question(talk: Talk) -> tuple[str | None, str | None]:
    """What «да» and «нет» mean to this message; whatever it says, the question is over."""
    asked = (talk.state.yes, talk.state.no)
    if any(asked):
        talk.remember(replace(talk.state, yes=None, no=None))
    return asked


def _answer_question(talk: Talk, understood: Understood, asked: tuple[str | None, str | None]) -> bool:
    """«Да» and «нет», written instead of tapped; False when the message is neither."""
    yes, no = asked
    if undo_talk.take_back(talk, understood.text, no):
        return True
    if undo_talk.is_way_back(no):
        return False
    is_yes = understood.intent is Intent.CONFIRM or clarify_talk.is_sure_to_cancel(understood, yes)
    tapped = read_tap(yes) if is_yes else read_tap(no) if understood.intent is Intent.REJECT else None
    if tapped is None or understood.intent_confidence < SURE_ENOUGH:
        return False
    carry_out(talk, tapped)
    return True


def _answer(talk: Talk, understood: Understood, recurrence: Recurrence | None) -> bool:
    """Answer what was understood; False when nothing was."""
    if recurrence is not None and understood.intent in _MAY_REPEAT:
        series_talk.begin(talk, understood, recurrence)
        return True
    settled = _settle(talk, understood)
    if settled is None:
        return True
    understood, intent = settled, settled.intent
    if intent is Intent.OTHER or understood.intent_confidence < SURE_ENOUGH:
        return _continue_topic(talk, understood)
    if _inform(talk, understood):
        return True
    if intent is Intent.RESCHEDULE and _is_about_offers(talk, understood):
        booking_talk.shift_offers(talk, understood)
        return True
    if intent in {Intent.BOOK, Intent.CONFIRM, Intent.REJECT}:
        return _continue_topic(talk, understood)
    do = _ABOUT_INTENT.get(intent)
    if do is not None:
        do(talk, understood)
    return do is not None


def _settle(talk: Talk, understood: Understood) -> Understood | None:
    """The message with its intent settled by what is going on; None when it had to be asked about."""
    is_later = understood.intent in {Intent.LATE, Intent.RESCHEDULE} and not says_late(understood.text)
    if is_later and _is_about_offers(talk, understood):
        return replace(understood, intent=Intent.RESCHEDULE, intent_alternatives=())
    if clarify_talk.ask_move_or_cancel(talk, understood):
        return None
    return clarify_talk.ask_which_intent(talk, understood) if understood.intent_alternatives else understood


def _is_about_offers(talk: Talk, understood: Understood) -> bool:
    """«А попозже?» right after offers is about them, not about a booking made before."""
    offered = talk.state.shown or talk.state.chains
    is_open = talk.state.topic is Topic.BOOK and bool(offered)
    return is_open and is_relative(understood.when) and not asks_to_move(understood.text)


def _inform(talk: Talk, understood: Understood) -> bool:
    """Questions and courtesies; they leave the topic as it is."""
    service = clarify_talk.named_service(talk, understood)
    if understood.intent is Intent.WHO and service is None and talk.state.service_id is not None:
        service = talk.services.get(talk.state.service_id)  # «а к кому можно?», of what is spoken of
    match understood.intent:
        case Intent.PRICES if service is not None:
            info_talk.tell_price(talk, service)
        case Intent.PRICES if info_talk.tell_price_of_this(talk, understood.text):
            pass
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
        case _:
            return _reach_somebody(talk, understood)
    return True


def _reach_somebody(talk: Talk, understood: Understood) -> bool:
    """What a person of the salon has to hear of, and what we shall not write any more."""
    match understood.intent:
        case Intent.STOP:
            marketing_talk.stop_news(talk)
        case Intent.LATE:
            late_talk.say_late(talk, understood.text)
        case Intent.PERSON:
            hand_over(talk, HandoverReason.ASKED)
        case Intent.COMPLAINT:
            hand_over(talk, HandoverReason.COMPLAINT)
        case _:
            return False
    return True


def _continue_topic(talk: Talk, understood: Understood) -> bool:
    """A wish, or a bare answer to what we asked: «в 3», «маникюр», «да»."""
    says_something = bool(understood.service or understood.staff or understood.when or understood.unknown_staff)
    if _is_about_series(talk, understood):
        series_talk.go_on(talk, understood)
        return True
    if talk.state.topic is Topic.WAIT and talk.state.expecting is not None and says_something:
        wait_talk.wait(talk, understood)
        return True
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
        if not change_talk.corrects_last(talk, understood):
            booking_talk.book(talk, understood)
        return True
    if understood.intent is Intent.REJECT:
        talk.remember(DialogueState())
        talk.say("what-else", buttons=talk.menu())
        return True
    return False


def _is_about_series(talk: Talk, understood: Understood) -> bool:
    """Whether the message answers what was asked about a series; other services are another matter."""
    state, service = talk.state, understood.service
    if state.topic is not Topic.SERIES or len(understood.services) > 1:
        return False
    is_other = bool(state.nonce) and service is not None and service.id != str(state.service_id)
    return not is_other and bool(service or understood.staff or understood.when)


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
        on_phone(talk)


def _ask_again(talk: Talk, text: str) -> None:
    """One helpful question; the second time in a row, a way to a person."""
    if clarify_talk.is_one_too_many(talk):
        return
    if talk.state.expecting is Expecting.WHEN:
        talk.reply(language_talk.offer_english(talk, text, talk.texts.say("ask-when-free-form")))
    else:
        talk.reply(language_talk.offer_english(talk, text, talk.texts.say("didnt-understand")), talk.menu())


def _list_mine(talk: Talk, _: Understood) -> None:
    cancel_talk.list_mine(talk)


def _leave(talk: Talk, _: Understood) -> None:
    wait_talk.leave(talk)


_ABOUT_INTENT: Mapping[Intent, Callable[[Talk, Understood], None]] = {
    Intent.CANCEL: cancel_talk.cancel,
    Intent.RESCHEDULE: change_talk.reschedule,
    Intent.MY_BOOKINGS: _list_mine,
    Intent.WAIT: wait_talk.wait,
    Intent.UNWAIT: _leave,
    Intent.REPEAT: booking_talk.repeat_last,
}
