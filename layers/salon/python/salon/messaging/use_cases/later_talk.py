"""Two wishes in one message: the first is answered, the second is not dropped but taken up after it."""

from __future__ import annotations

from datetime import timedelta

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
