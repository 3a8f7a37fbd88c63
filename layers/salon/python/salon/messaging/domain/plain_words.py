"""Short answers that mean one thing wherever they are read: «буду», «ок», «до встречи», «пять», «⭐⭐⭐». Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MOST_WORDS = 7
_SIGNS = " !.,;:)—–-\n\t"
_WORD = re.compile(r"[^\W_]+|[+👍👌🙏❤🔥😊😍🥰]")
_COMING = frozenset({
    "буду", "будем", "приду", "придем", "подтверждаю", "подтверждаем", "силе", "обязательно", "помню", "coming",
    "confirm",
    "confirmed",
})  # fmt: skip
_YES = frozenset({"да", "ага", "угу", "конечно", "+", "yes", "yep", "sure"})
_FINE = frozenset({
    "ок", "оке", "окей", "окэй", "ok", "okay", "хорошо", "супер", "отлично", "понятно", "понял", "поняла", "ясно",
    "ладно",
    "принято", "класс", "здорово", "круто", "прекрасно", "замечательно", "чудесно", "договорились", "жду", "ждем",
    "👍", "👌",
    "🙏", "❤", "🔥", "😊", "😍", "🥰", "great", "perfect", "fine", "cool", "good",
})  # fmt: skip
_AROUND = frozenset({
    "спасибо", "вам", "вас", "большое", "огромное", "я", "мы", "все", "в", "тогда", "ну", "очень", "точно",
    "вовремя", "и",
    "за", "напоминание", "завтра", "сегодня", "до", "вечера", "здравствуйте", "день", "добрый", "как",
    "договаривались", "thanks",
    "thank", "you", "will", "be", "there", "i", "ll",
})  # fmt: skip
_FAREWELL = re.compile(
    r"(?:(?:ок|окей|хорошо|отлично|супер|понятно|ясно|да|спасибо|тогда|все|ну)\W+)*"
    r"(?:до (?:встречи|свидания|скорого|связи|завтра|скорой встречи|понедельника|вторника|среды|четверга|пятницы"
    r"|субботы|воскресенья)|увидимся|всего (?:доброго|хорошего)|хорошего (?:дня|вечера)|пока"
    r"|see you(?: \w+)?|bye(?: bye)?)"
    r"(?:\W+(?:спасибо|тогда|завтра))*"
)
_NOT_COMING = re.compile(
    r"(?:(?:нет|увы|к сожалению|простите|извините|я|мы|уже|здравствуйте)\W+)*"
    r"(?:не (?:приду|придем|буду|смогу|сможем|получится|получается)(?: (?:прийти|приехать|быть|подойти))?|отмен\w{0,5})"
    r"(?:\W+(?:к сожалению|простите|извините|спасибо|сегодня|завтра|пожалуйста))*"
)
_BOTH = frozenset({"обе", "оба", "все", "both", "all"})
_AROUND_BOTH = frozenset(
    {"записи", "отмени", "отмените", "отменить", "отменяй", "отменяйте", "да", "пожалуйста", "сразу", "их"}
)
_MARKS = {
    "кол": 1, "единица": 1, "единицу": 1, "один": 1, "одна": 1, "двойка": 2, "двойку": 2, "два": 2, "две": 2,
    "тройка": 3, "тройку": 3, "три": 3, "четверка": 4, "четверку": 4, "четверочка": 4, "четверочку": 4,
    "четыре": 4, "пятерка": 5,
    "пятерку": 5, "пятерочка": 5, "пятерочку": 5, "пять": 5, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
}  # fmt: skip
_RATING = re.compile(
    r"\W*(?:(?:моя|ставлю|оценка|твердая|твердую|твердое|на|вам|мастеру|все|спасибо)\W+){0,3}"
    rf"(?P<mark>[1-5]|{'|'.join(_MARKS)})(?!\w)(?!\s*[.,:]\s*\d)(?:\s*(?:/|из)\s*(?P<most>5|пяти|\d+))?"
    r"(?:\s*(?:зв[её]зд\w*|балл\w*|с плюсом|\+|stars?))*(?P<rest>(?:\s*[!.,;:)—–-].*|\s*|\s+спасибо.*))",
    re.DOTALL,
)
_STARS = re.compile(r"\s*((?:[⭐🌟★]\ufe0f?\s*){1,5})(?![⭐🌟★])(?P<rest>.*)", re.DOTALL)
_PRAISE = re.compile(
    r"отличн|супер|понрав|прекрасн|класс|довольн|замечательн|хорош|чудесн|шикарн|превосходн|великолепн|идеальн|здорово|лучш"
    r"|красив|в восторге|👍|🔥|❤|😍|🥰|\bgreat\b|\bgood\b|\blove|\bperfect",
    re.IGNORECASE,
)
_NOT_PRAISE = re.compile(r"\?|\bне\b|\bно\b|\bнет\b|\bхотел|\bжаль|\bnot\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rating:
    """Stars that were written.

    Attributes:
        stars: 1 to 5.
        rest: what was written beside them.
    """

    stars: int
    rest: str = ""


def says_coming(text: str) -> bool:
    """«Буду», «подтверждаю, спасибо»: coming, in so many words."""
    words = _words(text)
    return bool(words & _COMING) and words <= _COMING | _YES | _FINE | _AROUND


def agrees(text: str) -> bool:
    """«Да», «ок», «👍», «хорошо, спасибо», «буду»: whatever was asked or told is fine."""
    words = _words(text)
    return bool(words & (_COMING | _YES | _FINE)) and words <= _COMING | _YES | _FINE | _AROUND


def says_not_coming(text: str) -> bool:
    """«Не приду», «к сожалению, не смогу», «отмена», and nothing beside it."""
    return _NOT_COMING.fullmatch(_plain(text)) is not None


def is_farewell(text: str) -> bool:
    """«До встречи», «хорошо, до завтра»."""
    return _FAREWELL.fullmatch(_plain(text)) is not None


def is_bare_yes(text: str) -> bool:
    """«Да» and its like, which answer a question and are no courtesy of themselves."""
    words = _words(text)
    return bool(words) and words <= _YES


def means_all(text: str) -> bool:
    """«Обе», «отмените все»: every one of a list."""
    words = _words(text)
    return bool(words & _BOTH) and words <= _BOTH | _AROUND_BOTH


def rating_in(text: str) -> Rating | None:
    """The stars in «5», «пять», «твёрдая пятёрка», «5/5», «⭐⭐⭐⭐⭐», «4, всё хорошо»; None where there are none.

    «5 минут опоздали» and «8/10» are no stars.
    """
    drawn = _STARS.fullmatch(text)
    if drawn:
        return Rating(sum(drawn[1].count(star) for star in "⭐🌟★"), _bare(drawn["rest"]))
    found = _RATING.fullmatch(text.replace("\ufe0f", "").replace("\u20e3", "").casefold().replace("ё", "е"))
    if found is None or (found["most"] or "5") not in {"5", "пяти"}:
        return None
    mark = found["mark"]
    rest = _bare(found["rest"])
    return Rating(int(mark) if mark.isdigit() else _MARKS[mark], _as_written(text, rest))


def is_praise(text: str) -> bool:
    """«Всё отлично!»: a kind word without a figure."""
    return _PRAISE.search(text) is not None and _NOT_PRAISE.search(text) is None


def _as_written(text: str, rest: str) -> str:
    """The same end of the message, with its capitals."""
    bare = text.rstrip(_SIGNS)
    return bare[-len(rest) :] if rest else ""


def _bare(rest: str) -> str:
    return rest.strip(_SIGNS)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").strip(" !.,;:)(—–-👍🙏❤\ufe0f😊🌸\n\t").split())


def _words(text: str) -> frozenset[str]:
    """The words and signs; nothing for a longer message, which says more than this."""
    found = _WORD.findall(text.casefold().replace("ё", "е"))
    return frozenset(found) if len(found) <= _MOST_WORDS else frozenset()
