"""What somebody writes after they rated a visit: a remark on it, or another matter. Pure.

Understanding is made for wishes, and a remark is full of their words: «маникюр супер» names a service, «Анна опоздала»
a delay. So a message counts as another matter only when it says so in so many words.
"""

from __future__ import annotations

import re

from salon.understanding.domain import Intent, Understood

SURE = 0.5
POLITE_WORDS = 3
"""«Спасибо», «спасибо вам большое»: more words than these say something about the visit."""

_ALWAYS = frozenset({
    Intent.RESCHEDULE, Intent.REPEAT, Intent.MY_BOOKINGS, Intent.WAIT, Intent.UNWAIT, Intent.SERVICES, Intent.ADDRESS,
    Intent.PERSON, Intent.STOP,
})  # fmt: skip
_SAID_OUTRIGHT = {
    Intent.BOOK: re.compile(r"\?|\b(?:запиш|записат|запис[ьи]\b|заброн|свободн|окошк)\w*", re.IGNORECASE),
    Intent.CANCEL: re.compile(r"\bотмен\w*", re.IGNORECASE),
    Intent.LATE: re.compile(r"\b(?:опазд\w*|задержива\w*|задержусь|буду через)", re.IGNORECASE),
    Intent.PRICES: re.compile(r"\?|\bскольк\w*", re.IGNORECASE),
}
_NO = re.compile(r"\s*(?:нет|не хочу|не буду|ничего)\b", re.IGNORECASE)
_PLAIN_YES = re.compile(
    r"\W*(?:да|ага|угу|конечно|можно|давайте?|пишите|присылайте|хочу)(?:\W+(?:да|конечно|можно|пишите|присылайте|хочу"
    r"|спасибо))*\W*",
    re.IGNORECASE,
)
_PLAIN_NO = re.compile(
    r"\W*(?:нет|не надо|не нужно|не хочу|не стоит)(?:\W+(?:спасибо|не надо|не нужно))*\W*", re.IGNORECASE
)
_RESUMES = re.compile(
    r"\b(?:подпиши\w*|подписать\w*|верни\w*\s+(?:мне\s+)?(?:подписк|рассылк|новост)\w*"
    r"|(?:снова|опять|обратно)\s+(?:присыла|пиши|рассыла)\w*)",
    re.IGNORECASE,
)

_ERASES = re.compile(
    r"\b(?:удал|сотр|стер|уничтож|убер|убра)\w*\W+(?:(?:пожалуйста|мо[йюие]\w*|сво\w+|все|всю|вс[её]|эт\w+|обо|мне|меня"
    r"|персональн\w+|личн\w+|из|базы|и)\W+){0,5}(?:данны\w+|информаци\w+|номер|телефон|профиль|аккаунт|переписк\w+"
    r"|контакт\w*)"
    r"|\b(?:удал|сотр|стер|убер)\w*\W+(?:пожалуйста\W+)?(?:вс[её]|информацию)\W+(?:что\W+)?(?:\w+\W+){0,3}обо\W+мне\b"
    r"|\bудал\w+\W+(?:пожалуйста\W+)?меня\b(?!\W+(?:из|с|со)\W+(?:ваш\w+\W+)?(?:лист|спис|очеред|рассыл|подпис|запис|визит))"
    r"|\bзабудьте\W+(?:про\W+|обо\W+)?(?:меня|мне)\b",
    re.IGNORECASE,
)
_WITHDRAWS = re.compile(
    r"\b(?:отзыва\w*|отозвать|отзовите|забира\w+|аннулир\w*|отмен\w+)\W+(?:\w+\W+){0,2}?согласи\w*\b"
    r"(?!\W+на\W+(?:\w+\W+)?(?:рассыл|реклам|новост|маркетинг))"
    r"|\b(?:прекратите|запрещаю|против|не\s+соглас\w+\W+на)\W+(?:\w+\W+){0,2}?обработк\w+\W+(?:\w+\W+){0,2}?данных",
    re.IGNORECASE,
)


def is_other_matter(understood: Understood) -> bool:
    """Whether the message clearly wants something else than to remark on the visit."""
    if understood.intent_confidence < SURE:
        return False
    said = _SAID_OUTRIGHT.get(understood.intent)
    return understood.intent in _ALWAYS or (said is not None and said.search(understood.text) is not None)


def is_short(text: str) -> bool:
    """Whether it is no more than a courtesy could be."""
    return len(text.split()) <= POLITE_WORDS


def says_no(text: str) -> bool:
    """«Нет, спасибо»: there is nothing to add."""
    return _NO.match(text) is not None and is_short(text)


def asks_for_news(text: str) -> bool:
    """«Подпишите обратно»: whether somebody wants our news again."""
    return _RESUMES.search(text) is not None


def asks_to_erase(text: str) -> bool:
    """«Удалите мои данные», «отзываю согласие»: whether somebody wants us to keep nothing of them any more."""
    return _ERASES.search(text) is not None or withdraws_agreement(text)


def withdraws_agreement(text: str) -> bool:
    """«Отзываю согласие на обработку персональных данных»; agreement to news alone is another matter."""
    return _WITHDRAWS.search(text) is not None


def plain_answer(text: str) -> bool | None:
    """«Да, пишите», «нет, спасибо»: an answer that can be meant no other way; None for everything else."""
    if _PLAIN_YES.fullmatch(text):
        return True
    return False if _PLAIN_NO.fullmatch(text) else None
