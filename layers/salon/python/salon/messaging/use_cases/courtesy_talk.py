"""«Ок», «супер», «до встречи»: short kind words that ask for nothing, answered as shortly."""

from __future__ import annotations

from salon.messaging.domain import plain_words
from salon.messaging.use_cases.my_bookings import changeable
from salon.messaging.use_cases.talk import Talk


def take_courtesy(talk: Talk, text: str) -> bool:
    """Whether the message is a courtesy and nothing else; in the middle of something «хорошо» is the answer to that."""
    state = talk.state
    is_open = bool(state.topic or state.expecting or state.pending)
    if plain_words.is_farewell(text):
        _answer(talk)
        return True
    if is_open or not plain_words.agrees(text):
        return False
    if plain_words.is_bare_yes(text) and not changeable(talk):
        return False  # «да» to nothing that was asked
    _answer(talk)
    return True


def _answer(talk: Talk) -> None:
    visits = changeable(talk)
    if not visits:
        talk.say("answers-fine")
        return
    facts = talk.booking_facts(visits[0])
    talk.say("answers-fine-booked", day=facts["day"], time=facts["time"])
