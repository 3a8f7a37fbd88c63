"""What people ask besides booking: until when cancelling is free, the Wi-Fi, discounts; and «не звоните мне». Pure."""

from __future__ import annotations

import re
from enum import StrEnum

from salon.understanding.domain import Understood


class Asked(StrEnum):
    """A question, or a wish, that has an answer of its own."""

    CANCEL_TERMS = "cancel_terms"
    WIFI = "wifi"
    DISCOUNT = "discount"
    NO_CALLS = "no_calls"


_CALLS = r"(?:звон\w*|перезван\w*|названив\w*|набир\w*)"
_PATTERNS = (
    (
        Asked.CANCEL_TERMS,
        (
            r"\b(?:до\s+(?:скольк\w+|какого)|за\s+сколько|когда|в\s+какой\s+срок|как\s+поздно|бесплатно)\b[^.!?]{0,40}"
            r"\b(?:отмен|перенес|перенос|аннулир)\w*"
            r"|\b(?:отмен|перенес|перенос)\w*\b[^.!?]{0,30}\b(?:бесплатн\w*|до\s+скольк\w+|за\s+сколько|штраф\w*|платн\w*)"
            r"|\b(?:штраф\w*|платн\w*|правил\w*|услови\w*)\b[^.!?]{0,20}\bотмен\w*"
        ),
    ),
    (
        Asked.WIFI,
        (
            r"\b(?:вай[\s-]?фа\w+|wi-?fi|вифи)\b|\bпарол\w*\b[^.!?]{0,20}\b(?:интернет\w*|сет\w+)\b"
            r"|^\W*(?:(?:а|какой|у|вас|подскажите|скажите|пожалуйста|можно)\s+)*парол\w*\W*$"
        ),
    ),
    (Asked.DISCOUNT, r"\b(?:скидк\w*|скидочк\w*|акци(?:я|и|ю|й|ях|ям)|промокод\w*|бонус\w*|абонемент\w*)\b"),
    (
        Asked.NO_CALLS,
        rf"\b(?:не\s+(?:(?:надо|нужно|стоит)\s+)?(?:мне\s+|больше\s+|пожалуйста\s+)*{_CALLS}|без\s+звонков)\b",
    ),
)
_NOT_A_QUESTION = re.compile(r"\b(?:дозвон\w*|позвон(?:ил|ю)\w*)\b", re.IGNORECASE)
_UNABLE = re.compile(
    r"\bне\s+(?:смогу|сможем|могу|можем|получится|получается|выйдет|успею|успеваю|успеваем)\b", re.IGNORECASE
)
_DECIDED = re.compile(
    r"\b(?:отмен|аннулир|перенес|перенос|перезапи|перепиш|сдвин|передвин|удали|убер|сним)\w*|\bне\s+(?:жди|прид)\w*",
    re.IGNORECASE,
)
_SOONEST = re.compile(r"\b(?:ближайш\w*|как\s+можно\s+(?:раньше|скорее|быстрее)|поскорее|побыстрее)\b", re.IGNORECASE)
_LATE = re.compile(r"\b(?:опазд|опозд|задерж)\w*", re.IGNORECASE)
_SEVERAL = re.compile(
    r"\b(?:мне|меня|себе|себя|нам|нас)\s+(?:и|с|вместе\s+с|плюс)\s+(?:\w+\s+)?(?:доч|сын|муж|мам|пап|подруг|подруж|сестр|ребен"
    r"|ребят|дет(?:ям|ей|ьми)|жен(?:е|ой|у)|парн|бабушк|внучк|коллег)\w*|\b(?:нас|нам)\s+(?:дво|тро)\w+|\bвдвоем\b|\bвтроем\b"
)
_LETTERS = re.compile(r"[^\W\d_]+")
_OTHER_NEAREST = re.compile(
    r"\bближайш\w*\s+(?:\w+\s+)?(?:понедельник|вторник|сред|четверг|пятниц|суббот|воскресень|выходн|недел|дн|метро)"
)


def question_in(text: str) -> Asked | None:
    """The question that a message asks, if it is one of these."""
    plain = text.casefold().replace("ё", "е")
    if _NOT_A_QUESTION.search(plain):
        return None
    return next((asked for asked, pattern in _PATTERNS if re.search(pattern, plain)), None)


def says_unable(text: str) -> bool:
    """«Не смогу завтра»: whether to move or to cancel is not said."""
    return _UNABLE.search(text) is not None and _DECIDED.search(text) is None


def says_late(text: str) -> bool:
    """«Опаздываю», «задержусь»; «а попозже?» is about other times."""
    return _LATE.search(text) is not None


def names_several_people(text: str) -> bool:
    """«Мне и дочке», «нас двое»: more than one person is to come."""
    return _SEVERAL.search(text.casefold().replace("ё", "е")) is not None


def wants_soonest(text: str) -> bool:
    """«Ближайшее», «как можно скорее»: whatever day was spoken of before, but not «в ближайшую пятницу»."""
    plain = text.casefold()
    return _SOONEST.search(plain) is not None and _OTHER_NEAREST.search(plain) is None


_TERMS = re.compile(
    r"\b(?:до\s+скольк|за\s+сколько|в\s+какой\s+срок|как\s+поздно|можно\s+ли|до\s+какого)", re.IGNORECASE
)


def is_question_of_terms(text: str) -> bool:
    """«За сколько можно отменить»: a question although it has the word that orders it."""
    return _TERMS.search(text) is not None


_BESIDE_WORDS = 4


def is_bare_phone(understood: Understood) -> bool:
    """«Мой номер 8 900 …»: a number and hardly anything beside it."""
    names_more = understood.service or understood.staff or understood.when
    return understood.phone is not None and not names_more and len(_LETTERS.findall(understood.text)) <= _BESIDE_WORDS


def is_bare_email(understood: Understood) -> bool:
    """«Моя почта anna@mail.ru»: an address and hardly anything beside it."""
    if understood.email is None or understood.service or understood.staff or understood.when:
        return False
    return len(_LETTERS.findall(understood.text.replace(understood.email, " "))) <= _BESIDE_WORDS
