"""Two wishes in one message: the first is answered, the second is not dropped but taken up after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from salon.messaging.domain.cancelling import is_plain_cancelling
from salon.messaging.domain.later import drops_all, drops_deed, is_deed
from salon.messaging.domain.wishes import asks_to_move, is_declined
from salon.messaging.use_cases import cancel_talk, change_talk
from salon.messaging.use_cases.talk import Talk
from salon.understanding.domain import Intent, Understood

KEPT_FOR = timedelta(hours=1)
"""A wish that has waited longer is asked for again: «завтра» may mean another day by then."""

_QUESTIONS = frozenset((Intent.PRICES, Intent.SERVICES, Intent.ADDRESS, Intent.WHO, Intent.MY_BOOKINGS))
_TAKES_TURNS = frozenset((Intent.BOOK, Intent.RESCHEDULE, Intent.REPEAT, Intent.WAIT))


def take_apart(talk: Talk, understood: Understood) -> Understood:
    """Return the wish to answer now, questions before deeds, and keep the others for later."""
    questions = [wish for wish in understood.wishes if wish.intent in _QUESTIONS]
    first, *others = [*questions, *(wish for wish in understood.wishes if wish.intent not in _QUESTIONS)]
    talk.wait_with(tuple(wish.text for wish in others))
    if first.intent in _TAKES_TURNS:
        talk.add_footnote(talk.texts.say("clarify-later"))
    return first


def is_question(understood: Understood) -> bool:
    """Whether it is answered at once and leaves nothing open."""
    return understood.intent in _QUESTIONS


def take_back(talk: Talk, understood: Understood) -> bool:
    """Whether the message only takes back a wish that waits: «нет, стрижку оставьте»; what else ends it, ends it here.

    What waits is forgotten when it is declined, when everything is, and when another matter begins.
    """
    later, text = talk.state.later, understood.text
    if not later:
        return False
    if drops_all(text):
        talk.wait_with(())
        cancel_talk.keep(talk)
        return True
    if any(map(is_deed, later)) and (is_declined(text) or drops_deed(text)):
        talk.wait_with(())
        talk.say("clarify-later-dropped")
        return True
    if understood.intent is Intent.REJECT or _begins_anew(talk, understood):
        talk.wait_with(())
    return False


def _begins_anew(talk: Talk, understood: Understood) -> bool:
    if understood.intent in _QUESTIONS:
        return False
    service, state = understood.service, talk.state
    is_other = service is not None and state.service_id is not None and service.id != str(state.service_id)
    return (is_other and not state.row) or is_plain_cancelling(understood.text) or asks_to_move(understood.text)


def ask_first(talk: Talk, understood: Understood) -> bool:
    """Ask before a booking is given away or moved by a wish that has waited; False for a harmless wish."""
    match understood.intent:
        case Intent.CANCEL:
            cancel_talk.ask_whether_now(talk, understood)
        case Intent.RESCHEDULE:
            change_talk.ask_whether_now(talk, understood)
        case _:
            return False
    return True


def about_the_same(understood: Understood, before: Understood | None) -> Understood:
    """«…и запишите на неё же в пятницу»: a booking that names no service is of the one named just before."""
    if before is None or understood.service is not None or understood.intent is not Intent.BOOK:
        return understood
    return replace(understood, service=before.service, services=before.services)


def next_wish(talk: Talk, *, after_question: bool) -> str | None:
    """The next wish that waits, if what came before it is done; it waits no longer then."""
    state = talk.state
    if not state.later:
        return None
    if state.later_at is None or talk.now - state.later_at > KEPT_FOR:
        talk.wait_with(())
        return None
    is_open = bool(state.topic or state.expecting or state.pending or state.yes or state.listed)
    if is_open and not after_question:
        return None
    first, *others = state.later
    talk.wait_with(tuple(others))
    return first
