"""Words that may have been misheard: what they could give away, and how somebody says that they were not said. Pure."""

from __future__ import annotations

import re

from salon.messaging.domain.dialogue import DialogueState, Topic
from salon.messaging.domain.remarks import asks_for_news, asks_to_erase
from salon.understanding.domain import Intent, Understood

_GENTLE = frozenset({
    Intent.PRICES, Intent.SERVICES, Intent.ADDRESS, Intent.WHO, Intent.MY_BOOKINGS, Intent.GREETING, Intent.THANKS,
    Intent.PERSON, Intent.COMPLAINT, Intent.LATE,
})  # fmt: skip
"""What is answered in words, or by a person: a mistake does no harm."""

_BY_WHAT_STANDS_OPEN = frozenset({Intent.BOOK, Intent.REPEAT, Intent.OTHER, Intent.CONFIRM, Intent.REJECT})
"""What leads to offers, or answers what was asked: it does something only where something is to be chosen."""

_PROTEST = re.compile(
    r"\bне\s+(?:говорил|сказал|просил|заказывал)[аи]?\b"
    r"|\b(?:не\s+(?:так|то|правильно|верно)|неправильно|неверно|плохо)\s+(?:меня\s+)?(?:по|у|рас)(?:няли?|слышали?)\b"
    r"|\b(?:меня\s+)?(?:не\s+(?:так|то)|неправильно|неверно)\W+(?:вы\s+)?(?:поняли?|услышали?|расслышали?)\b"
    r"|\bвы\s+(?:меня\s+)?(?:не\s+расслышали|ослышались)\b|\bослышал\w*"
    r"|\bi\s+(?:did\s*n[o'’]?t|never)\s+(?:say|said|ask|asked)\b|\bmis(?:heard|understood)\b",
    re.IGNORECASE,
)
_NO = re.compile(r"\W*(?:нет|неа|no|nope)(?:\W+(?:нет|не\s+надо|не\s+нужно|не\s+верно|no))*\W*", re.IGNORECASE)
_WRONG = re.compile(r"\W*(?:нет\W+)?(?:не\s*верно|не\s*правильно|не\s+так|не\s+то|wrong)\W*", re.IGNORECASE)
_YES = re.compile(
    r"\W*(?:да|ага|угу|вс[её]|верно|правильно|точно|именно|так|конечно|yes|yep|right|correct)"
    r"(?:\W+(?:да|вс[её]|верно|правильно|точно|именно|так|конечно|yes|right|correct))*\W*",
    re.IGNORECASE,
)


def could_do_harm(understood: Understood, state: DialogueState) -> bool:
    """Whether acting on these words could cancel, move, stop, erase, choose or change something."""
    return any(_harms(wish, state) for wish in (understood, *understood.wishes))


def says_rightly(text: str) -> bool:
    """«Да», «всё верно»: to whether it was heard rightly."""
    return _YES.fullmatch(text) is not None


def says_wrongly(text: str) -> bool:
    """«Нет», «неверно», «я этого не говорила»: to the same."""
    return is_bare_no(text) or _WRONG.fullmatch(text) is not None or protests(text)


def is_bare_no(text: str) -> bool:
    """«Нет», and nothing that makes it polite: «нет, спасибо» declines what was offered."""
    return _NO.fullmatch(text) is not None


def protests(text: str) -> bool:
    """«Я этого не говорила», «вы не так услышали»."""
    return _PROTEST.search(text) is not None


def asks_something(state: DialogueState) -> bool:
    """Whether «нет» answers a question of ours."""
    return bool(state.yes or state.no or state.news_asked or state.rating_for)


def _harms(understood: Understood, state: DialogueState) -> bool:
    text = understood.text
    if asks_to_erase(text) or asks_for_news(text) or understood.phone or understood.email:
        return True
    if understood.intent in _GENTLE:
        return False
    return _is_choice_open(state) if understood.intent in _BY_WHAT_STANDS_OPEN else True


def _is_choice_open(state: DialogueState) -> bool:
    shown = state.listed or state.numbered or state.shown or state.chains
    goes_on = state.topic not in {None, Topic.BOOK} or state.pending or state.unsure or state.rated_id
    return bool(shown or goes_on) or asks_something(state)
