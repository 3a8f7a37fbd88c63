"""Words and digits to tokens with a one-letter class."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from salon.understanding.days import safe_date
from salon.understanding.repository import Lexicon
from salon.understanding.text import Prepared

CLASSES = {
    "weekday": "W", "weekdays": "W", "month": "M", "relative_day": "R", "daypart": "P", "number": "N",
    "ordinal": "O", "in": "v", "on": "n", "to": "k", "from": "s", "until": "d", "after": "p", "by": "i",
    "without": "b", "through": "x", "between": "z", "before": "r", "eve": "u", "and": "j", "or": "l", "but": "a",
    "not": "I", "hour": "h", "minute": "m", "day": "y", "week": "e", "month_unit": "o", "year": "g",
    "half_prefix": "f", "half": "F", "quarter": "q", "of_month": "c", "this": "E", "next": "Z", "nearest": "B",
    "last": "L", "ago": "G", "correction": "C", "approx": "A", "earlier": "Q", "later": "S", "weekend": "K",
    "workdays": "J", "edge": "Y", "finish": "V", "pair": "w", "one_and_half": "H", "condition": "t",
    "counted": "#", "occasion": "/", "price": "=", "asap": "X", "holiday": "%", "unable": "U", "not_earlier": "<",
    "not_later": ">", "noise": "~", "few_days": "1", "week_ahead": "1", "this_week": "1", "number_00": "0",
    "and_half": "5", "noon": "T", "midnight": "T", "after_noon": "6", "until_noon": "6",
}  # fmt: skip
_TYPO_CLASSES = {
    "weekday": 5, "month": 5, "relative_day": 5, "daypart": 5, "weekend": 6, "number": 7, "ordinal": 7, "next": 6,
    "nearest": 6,
}  # fmt: skip
"""Classes whose misspellings are read, and the least length: «потом» must not become «пятом»."""
_HALF = "пол"
_ABBREVIATIONS = frozenset(
    ("ч", "мин", "г", "след", "пн", "вт", "ср", "чт", "пт", "сб", "вс", "янв", "фев", "мар", "апр", "июн", "июл", "авг",
     "сен", "сент", "окт", "ноя", "дек")
)  # fmt: skip
_SHAPES = (
    r"(?P<iso>\d{4}-\d\d-\d\d)|(?P<dmy>\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d\d))(?!\d)"
    r"|(?P<hm>\d{1,2}:\d\d)(?!\d)|(?P<compact>\d{1,2}\s?ч(?:\d\d(?:\s?м(?:ин)?\.?)?|\.?\s?\d\d\s?м(?:ин)?\.?)?(?![а-я\d]))"
    r"|(?P<ordinal>\d{1,2}-?(?:ого|го|ое|ому|му|е))(?![а-я])|(?P<dotted>\d{1,2}[./]\d{1,2})(?!\d)"
    r"|(?P<dashed>\d{1,2}-\d\d)(?!\d)|(?P<digits>\d+)|(?P<word>[^\W\d_]+)|(?P<comma>,)|(?P<end>[;.!?…\n])|(?P<dash>[-–—])"
)


@dataclass(slots=True)
class Token:
    """A class letter, a value whose type belongs to the class, and the place in the text."""

    cls: str
    value: Any
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Point:
    """A time of day as said: whether the half of the day is known is still open.

    ``meridiem`` is the daypart said with it; ``loose`` marks «2 часа», which may be a duration.
    """

    hour: int
    minute: int = 0
    fixed: bool = False
    meridiem: str | None = None
    approx: bool = False
    loose: bool = False


class _Vocabulary(NamedTuple):
    words: dict[str, tuple[str, Any]]
    phrases: dict[str, list[tuple[tuple[str, ...], str, Any]]]
    typo_targets: dict[str, list[str]]
    protected: frozenset[str]


@cache
def _token_pattern() -> re.Pattern[str]:
    """Compile at first use: import time is a budget."""
    return re.compile(_SHAPES)


@lru_cache(maxsize=4)
def vocabulary(lexicon: Lexicon) -> _Vocabulary:
    """Build the look-up tables of a lexicon, once."""
    words: dict[str, tuple[str, Any]] = {}
    targets: dict[str, list[str]] = {}
    for name, forms in lexicon.calendar["words"].items():
        for form in forms:
            key = form.replace("ё", "е")
            words.setdefault(key, (name, forms[form] if isinstance(forms, dict) else None))
            if len(key) >= _TYPO_CLASSES.get(name, 99):
                targets.setdefault(key[0], []).append(key)
    phrases: dict[str, list[tuple[tuple[str, ...], str, Any]]] = {}
    for phrase, name, value in lexicon.calendar["phrases"]:
        parts = tuple(phrase.split())
        phrases.setdefault(parts[0], []).append((parts, name, value))
    for options in phrases.values():
        options.sort(key=lambda option: -len(option[0]))
    return _Vocabulary(words, phrases, targets, frozenset(lexicon.calendar["not_typos"]))


def known_words(lexicon: Lexicon) -> frozenset[str]:
    """Every word of the calendar: proof that a Latin run was meant as Russian."""
    return frozenset(word for word in vocabulary(lexicon).words if len(word) > 1)


def tokenise(prepared: Prepared, lexicon: Lexicon, masked: list[tuple[int, int]]) -> list[Token]:
    """Split a message into classified tokens; masked spans become one unknown word each."""
    words = {word.start: word.text for word in prepared.words}
    raw: list[tuple[str, str, int, int]] = []
    for match in _token_pattern().finditer(prepared.line):
        kind, start, end = match.lastgroup or "", match.start(), match.end()
        if any(start < stop and begin < end for begin, stop in masked):
            raw.append(("masked", "", start, end))
        else:
            raw.append((kind, words.get(start, match.group()) if kind == "word" else match.group(), start, end))
    return _classify(raw, vocabulary(lexicon))


def _classify(raw: list[tuple[str, str, int, int]], vocab: _Vocabulary) -> list[Token]:
    tokens: list[Token] = []
    index = 0
    while index < len(raw):
        kind, text, start, end = raw[index]
        if kind == "word":
            if phrase := _phrase_at(raw, index, vocab):
                parts, name, value, stop = phrase
                tokens.append(_named(name, value, " ".join(parts), start, raw[stop - 1][3]))
                index = stop
                continue
            tokens += _word(text, start, end, vocab)
        elif kind == "end" and text == "." and index and raw[index - 1][1] in _ABBREVIATIONS:
            pass
        elif kind == "dash":
            if not _is_hyphen(raw, index, vocab):
                tokens.append(Token("-", None, text, start, end))
        else:
            tokens += _digits(kind, text, start, end)
        index += 1
    return _merge_numbers(tokens)


def _phrase_at(
    raw: list[tuple[str, str, int, int]], index: int, vocab: _Vocabulary
) -> tuple[tuple[str, ...], str, Any, int] | None:
    for parts, name, value in vocab.phrases.get(raw[index][1], ()):
        position, matched = index, 0
        while position < len(raw) and matched < len(parts):
            kind, text, _, _ = raw[position]
            if kind == "dash" and matched:
                position += 1
                continue
            if text != parts[matched]:
                break
            position, matched = position + 1, matched + 1
        if matched == len(parts):
            return parts, name, value, position
    return None


def _is_hyphen(raw: list[tuple[str, str, int, int]], index: int, vocab: _Vocabulary) -> bool:
    """Tell «гель-лак» from «пять-шесть»: only between two words of time does a dash mean a range."""
    if not 0 < index < len(raw) - 1:
        return False
    before, after = raw[index - 1], raw[index + 1]
    if before[3] != raw[index][2] or after[2] != raw[index][3] or "word" not in {before[0], after[0]}:
        return False
    ranged = {"number", "ordinal", "weekday", "month", "relative_day", "half_prefix", "daypart"}
    return not all(
        side[0] != "word" or side[1].startswith(_HALF) or vocab.words.get(side[1], ("", None))[0] in ranged
        for side in (before, after)
    )


def _named(name: str, value: Any, text: str, start: int, end: int) -> Token:
    cls = CLASSES[name]
    if name in {"noon", "midnight"}:
        value = Point(12 if name == "noon" else 0, fixed=True)
    elif name in {"after_noon", "until_noon"}:
        noon = Point(12, fixed=True)
        value = (noon, None) if name == "after_noon" else (None, noon)
    elif cls == "1":
        value = name
    elif name == "weekdays":
        value, cls = (value, True), "W"
    elif name == "weekday":
        value = (value, False)
    return Token(cls, value, text, start, end)


def _word(text: str, start: int, end: int, vocab: _Vocabulary) -> list[Token]:
    if entry := vocab.words.get(text):
        return [_named(entry[0], entry[1], text, start, end)]
    if text in {"полчаса", "полчасика", "получаса"}:
        return [Token("N", 30, text, start, end), Token("m", None, "минут", end, end)]
    if text.startswith(_HALF) and (entry := vocab.words.get(text[3:])) and entry[0] == "ordinal":
        return [Token("f", None, _HALF, start, start + 3), Token("O", entry[1], text[3:], start + 3, end)]
    if len(text) > 4 and text not in vocab.protected and (targets := vocab.typo_targets.get(text[0])):  # noqa: PLR2004 - facts §1.3
        limit = 2 if len(text) > 8 else 1  # noqa: PLR2004 - two slips only in long words
        if found := extractOne(text, targets, scorer=OSA.distance, score_cutoff=limit):
            name, value = vocab.words[found[0]]
            return [_named(name, value, found[0], start, end)]
    return [Token("_", None, text, start, end)]


def _digits(kind: str, text: str, start: int, end: int) -> list[Token]:
    numbers = [int(part) for part in re.findall(r"\d+", text)[:3]]
    cls: str = "_"
    value: Any = None
    if kind == "iso":
        cls, value = "@", safe_date(*numbers)
    elif kind == "dmy":
        day, month, year = numbers
        cls, value = "@", safe_date(year if year > 99 else 2000 + year, month, day)  # noqa: PLR2004 - two-digit years
    elif kind in {"hm", "compact"}:
        point = _point(numbers[0], numbers[1] if len(numbers) > 1 else 0, text)
        point.loose = kind == "compact" and len(numbers) == 1
        cls, value = ("T", point) if _is_clock(point) else ("N", -1)
    elif kind == "dashed":
        return _dashed(text, start, end)
    elif kind == "digits":
        cls, value = "N", numbers[0] if len(text) < 5 else -1  # noqa: PLR2004 - no longer number is a time
    elif kind in {"ordinal", "dotted"}:
        cls, value = ("O", numbers[0]) if kind == "ordinal" else ("&", (numbers[0], numbers[1], text))
    else:
        cls = {"comma": ",", "end": ";"}.get(kind, "_")
    return [Token(cls, value, text, start, end)]


def _dashed(text: str, start: int, end: int) -> list[Token]:
    """Tell the time «17-45» from the range «12-15»."""
    first, second = (int(part) for part in text.split("-"))
    point = _point(first, second, text)
    if second % 5 == 0 and (second > 24 or second < first) and _is_clock(point):  # noqa: PLR2004 - no hour
        return [Token("T", point, text, start, end)]
    cut = start + text.index("-")
    low, high = text.split("-")
    return [
        Token("N", first, low, start, cut),
        Token("-", None, "-", cut, cut + 1),
        Token("N", second, high, cut + 1, end),
    ]


def _point(hour: int, minute: int, text: str) -> Point:
    return Point(hour, minute, fixed=hour > 12 or hour == 0 or text.startswith("0"))  # noqa: PLR2004 - the 12-hour dial


def _is_clock(point: Point) -> bool:
    return point.hour < 25 and point.minute < 60 and (point.hour < 24 or point.minute == 0)  # noqa: PLR2004 - a clock


def _merge_numbers(tokens: list[Token]) -> list[Token]:
    """Join «двадцать» + «пять» and «двадцать» + «пятого», but not in «без двадцати пять»."""
    merged: list[Token] = []
    for place, token in enumerate(tokens):
        last = merged[-1] if merged else None
        less = (
            len(merged) > 1
            and merged[-2].cls == "b"
            and (place + 1 == len(tokens) or tokens[place + 1].cls not in "Nh")
        )
        if (
            last is not None
            and not less
            and last.cls == "N"
            and not last.text.isdecimal()
            and last.value in {20, 30, 40, 50}
            and token.cls in "NO"
            and not token.text[0].isdecimal()
            and 0 < token.value < 10  # noqa: PLR2004 - units
        ):
            merged[-1] = Token(token.cls, last.value + token.value, f"{last.text} {token.text}", last.start, token.end)
        else:
            merged.append(token)
    return merged
