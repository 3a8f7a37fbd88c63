"""Which language somebody asks to be written to in, and what they say in English in so many words. Pure.

Understanding reads Russian; an English-speaking client books by buttons, and may write what stands here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

ENGLISH, RUSSIAN = "en", "ru"
MOST_WORDS = 8
_COMMANDS = {"/en": ENGLISH, "/english": ENGLISH, "/ru": RUSSIAN, "/russian": RUSSIAN}
_PLAIN = {
    "english": ENGLISH,
    "английский": ENGLISH,
    "russian": RUSSIAN,
    "русский": RUSSIAN,
}
"""Names of languages that may name another thing as well: «русский» is a manicure, too."""

_CLEAR = {
    "английском": ENGLISH,
    "по-английски": ENGLISH,
    "английски": ENGLISH,
    "русском": RUSSIAN,
    "по-русски": RUSSIAN,
    "русски": RUSSIAN,
}
_INTO = frozenset({
    "in", "to", "into", "speak", "write", "talk", "на", "по", "говорите", "пишите",
})  # fmt: skip
"""With one of these, a language's name can mean nothing else."""

_FILLERS = _INTO | frozenset({
    "answer", "can", "change", "could", "do", "does", "i", "it", "language", "lets", "let's", "let", "me", "my",
    "only", "pls", "please", "possible", "switch", "the", "us", "use", "we", "with", "would", "you", "like",
    "вы", "говори", "говорим", "давай", "давайте", "ли", "лучше", "мне", "можем", "можно", "нам", "общаться",
    "отвечай", "отвечайте", "перейдем", "перейди", "перейдите", "перейти", "переключи", "переключите",
    "переписываться", "пиши", "пожалуйста", "плиз", "со", "мной", "хочу", "хотелось", "бы", "язык", "языке", "я",
})  # fmt: skip
_NO_RUSSIAN = frozenset(
    {
        "i don't speak russian",
        "i do not speak russian",
        "i don't understand russian",
        "i do not understand russian",
        "no russian",
        "я не говорю по-русски",
        "не говорю по-русски",
        "я не понимаю по-русски",
        "не понимаю по-русски",
    }
)
_SIGNS = re.compile(r"[^\w/'-]+")
_LATIN, _CYRILLIC = re.compile(r"[a-z]{2,}", re.IGNORECASE), re.compile(r"[а-яё]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A language that was asked for.

    Attributes:
        language: `ru` or `en`.
        named: the stem of its name, where the words might mean something of the salon's that is called so.
    """

    language: str
    named: str = ""


def wanted_language(text: str) -> Wanted | None:
    """«English, please», «можно по-русски?», «/en»: only a message that says nothing else."""
    words = _words(text)
    if " ".join(words) in _NO_RUSSIAN:
        return Wanted(ENGLISH)
    command = text.strip().lower().partition("@")[0]  # in Telegram a command may name its bot
    if command in _COMMANDS:
        return Wanted(_COMMANDS[command])
    known = _PLAIN | _CLEAR
    named = [word for word in words if word in known]
    others = {word for word in words if word not in known}
    if len(named) != 1 or len(words) > MOST_WORDS or not others <= _FILLERS:
        return None
    is_plain = named[0] in _PLAIN and not others & _INTO
    return Wanted(known[named[0]], named[0] if is_plain else "")


def looks_english(text: str) -> bool:
    """Whether it is written in Latin letters, in words rather than in a code or an address."""
    return len(_LATIN.findall(text)) > 1 and _CYRILLIC.search(text) is None and "://" not in text


def in_russian(text: str) -> str:
    """What a short English message is to understanding; anything else as it is."""
    words = [word for word in _words(text) if word not in {"please", "pls"}]
    return _PHRASES.get(" ".join(words), text)


def _words(text: str) -> list[str]:
    plain = text.casefold().replace("ё", "е").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return [word for word in _SIGNS.sub(" ", plain.replace("по русски", "по-русски")).split() if word.strip("-'")]


_MEANT: Mapping[str, tuple[str, ...]] = {
    "записаться": ("book", "book a visit", "book an appointment", "i want to book", "appointment", "new booking"),
    "мои записи": ("my bookings", "my booking", "my appointments", "my appointment", "bookings"),
    "какие у вас услуги": ("services", "prices", "price list", "services and prices", "how much", "what do you do"),
    "какой у вас адрес": ("address", "where are you", "opening hours", "hours", "when are you open", "location"),
    "отмени": ("cancel", "cancel my booking", "cancel my appointment", "cancel it"),
    "перенеси": ("move", "reschedule", "move my booking", "move it", "reschedule my booking", "change my booking"),
    "да": ("yes", "yes please", "yep", "yeah", "sure", "ok", "okay", "of course"),
    "нет": ("no", "no thanks", "no thank you", "nope"),
    "спасибо": ("thanks", "thank you", "thank you very much", "thanks a lot"),
    "позовите человека": ("person", "human", "operator", "a person", "talk to a person", "front desk", "help"),
    "стоп": ("stop", "unsubscribe"),
    "подпишите обратно": ("subscribe", "subscribe me", "subscribe again"),
    "сегодня": ("today",),
    "завтра": ("tomorrow",),
    "послезавтра": ("the day after tomorrow", "day after tomorrow"),
    "утром": ("morning", "in the morning"),
    "днем": ("afternoon", "in the afternoon"),
    "вечером": ("evening", "in the evening"),
    "опаздываю": ("i am late", "i'm late", "running late", "i am running late", "i'm running late"),
    "как в прошлый раз": ("same as last time", "the same as last time", "repeat", "the usual"),
}
_PHRASES = {said: meant for meant, english in _MEANT.items() for said in english}
