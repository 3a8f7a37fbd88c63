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
            r"|\b(?:сколько|что|какой)\b[^.!?]{0,30}\b(?:если|при|за)\s+(?:я\s+|мне\s+)?отмен\w*"
            r"|\b(?:можно|могу|смогу|получится)(?:\s+ли)?(?:\s+я|\s+потом)?\s+отмен\w*[^.!?]{0,30}"
            r"\b(?:если\s+что|в\s+случае|вдруг|потом)\b"
            r"|\bесли\s+(?:я\s+|вдруг\s+|вс[её]\s+же\s+)*отмен(?:ю|ить|им)\b"
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
    r"\b(?:до\s+скольк|за\s+сколько|в\s+какой\s+срок|как\s+поздно|можно\s+ли|до\s+какого|если\s+что|вдруг"
    r"|если\s+(?:я\s+|вдруг\s+|вс[её]\s+же\s+)*отмен|сколько\b.*\bотмен)",
    re.IGNORECASE,
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


_KIN = (
    r"(?:(?:мам|пап|доч|дочк|дочер|сестр|сестренк|бабушк|дедушк|подруг|подружк|мамочк|мамул|тет|тетк|дяд|жен|свекров"
    r"|тещ|внучк|племянниц|коллег|соседк|невест|девушк)(?:ы|и|е|у|ю|ой|ей)|(?:муж|сын|брат|друг|жених|внук|свекр|парн"
    r"|племянник|сосед)(?:а|я|у|ю)|сыночк(?:а|у)|ребен(?:ка|ку)|дет(?:ей|ям)"
    r"|(?:мам|пап|дочк|сестр|бабушк|подруг|подружк|жен|мужн|тет|дочер)ин(?:а|у|ы|ой|о)?|(?:брат|муж)ов(?:а|у)?)"
)
_BOOKED = r"(?:запис|визит|отмен|перенес|перенос|сдвин|передвин)\w*"
_ANOTHERS = re.compile(
    rf"(?<!\bс )(?<!\bк )(?<!\bот )(?<!из-за )\b{_KIN}(?:\s+\w+){{0,2}}?\s+{_BOOKED}"
    rf"|\b{_BOOKED}(?:\s+(?!с\b|к\b|от\b|из\b)\w+){{0,3}}?\s+{_KIN}\b"
    r"|\b(?:его|ее|их|чужую|чужой|не\s+(?:свою|мою|моей|моя|мне|меня|себе|себя))\s+(?:запис|визит|стрижк)\w*"
    r"|\bне\s+мою\b|\bмою\s+(?:запись\s+)?(?:не\b|остав)\w*|\bостав\w+\s+мою\b"
    r"|\b(?:отмен|перенес)\w*\s+(?:ему|ей|им)\b"
)


def is_about_another(text: str) -> bool:
    """«Отмени запись мамы», «мужу отмените», «не мою»: the booking may be somebody else's."""
    return _ANOTHERS.search(text.casefold().replace("ё", "е")) is not None


_NEWS = re.compile(
    r"\b(?:рассыл|новост|реклам|акци|предложени|спам|стоп|stop|отпи[сш]|подписк|маркетинг|unsubscrib|news|ads)\w*",
    re.IGNORECASE,
)
_CANCELS = re.compile(r"\b(?:отмен|аннулир)\w*", re.IGNORECASE)


def is_plain_stop(text: str) -> bool:
    """Whether a wish for no more messages is about news: «отмените рассылку», but not «отмените напоминание»."""
    return _NEWS.search(text) is not None or _CANCELS.search(text) is None


_ASKS_STATE = re.compile(r"\b(?:отменил(?!с)[аи]?|отмен[её]н\w*)\b", re.IGNORECASE)
_HAPPENED = re.compile(r"\bотменил(?:ась|ся|ись|ось)\b|\bотменяется\b", re.IGNORECASE)
_COMING = re.compile(r"(?<!не )\b(?:приду|прид[её]м|приеду|буду|будем|смогу)\b", re.IGNORECASE)


def asks_of_state(text: str) -> bool:
    """«Вы отменили мою запись?», «подруга отменила свою»: told, or asked, what became of it."""
    return _ASKS_STATE.search(text) is not None


def comes_all_the_same(text: str) -> bool:
    """«Отменилась встреча, приду вовремя»: something else was cancelled."""
    return _HAPPENED.search(text) is not None and _COMING.search(text) is not None


_ACCEPTS = re.compile(
    r"\W*(?:(?:да|ну|ага|угу|хорошо|ок|окей|супер|отлично|мне|меня|нас|нам|вполне|всё|все|это|тогда|конечно|можно|ладно"
    r"|спасибо|пожалуйста|да-да|давай|давайте|так|и|его|на)\W+)*"
    r"(?:да|ага|угу|давай|давайте|подходит|подойд[её]т|годится|пойд[её]т|беру|бер[её]м|устраивает|устроит|ок|окей|хорошо"
    r"|отлично|супер|согласна|согласен|можно|запишите|записывайте|бронируйте|ладно|конечно|yes|ok|okay|sure)"
    r"(?:\W+(?:спасибо|пожалуйста|мне|меня|нас|да|давайте|запишите|записывайте))*\W*",
    re.IGNORECASE,
)


def accepts_offer(text: str) -> bool:
    """«Да», «давай», «подходит», «ок»: right after times were offered, one of them is fine."""
    return _ACCEPTS.fullmatch(text) is not None
