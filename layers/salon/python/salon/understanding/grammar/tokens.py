"""Words and digits to tokens with a one-letter class."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from salon.understanding.days import safe_date
from salon.understanding.grammar.vocabulary import (
    CLASSES,
    Vocabulary,
    compound,
    cyrillic_twin,
    meant,
    transliterated,
    unglue,
    vocabulary,
)
from salon.understanding.repository import Lexicon
from salon.understanding.text import Prepared

_HALF = "пол"
_MIN_LATIN = 4
_LONG_PHRASE = 4
_Raw = tuple[str, str, int, int]
_ABBREVIATIONS = frozenset(
    ("ч", "мин", "г", "суб", "субб", "воскр", "вскр", "пятн", "четв", "понед", "вторн", "нед", "веч", "утр", "след",
     "пн", "вт", "ср", "чт", "пт", "сб", "вс", "янв", "фев", "мар", "апр", "июн", "июл", "авг", "сен", "сент", "окт",
     "ноя", "дек")
)  # fmt: skip
_SHAPES = (
    r"(?P<iso>\d{4}-\d\d-\d\d)"
    r"|(?P<dmy>\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d\d)|\d{1,2}-\d{1,2}-20\d\d|\d{1,2} \d{1,2} 20\d\d)(?!\d)"
    r"|(?P<hm>\d{1,2}\s?:\s?\d\d)(?!\d)"
    r"|(?P<compact>\d{1,2}\s?ч(?:\d\d(?:\s?м(?:ин)?\.?)?|\.?\s?\d\d\s?м(?:ин)?\.?)?(?![а-я\d]))"
    r"|(?P<volume>\d[дd](?![а-яa-z]))"
    r"|(?P<ordinal>\d{1,2}\s?-?(?:ого|го|ое|ому|му|е))(?![а-я])"
    r"|(?P<rank>\d{1,2}-?(?:ая|я|ую|ю|ый|ий|й|ой|ей))(?![а-я])"
    r"|(?P<cardinal>\d{1,2}-?(?:ти|ть|ми|мь|и|х))(?![а-я])"
    r"|(?P<decimal>\d[.,]5)(?=\s*час)"
    r"|(?P<halved>(?<![\d,])\d{1,2},(?:00|15|30|45))(?!\d|,\d)"
    r"|(?P<dotted>\d{1,2}[./]\d{1,2})(?!\d)"
    r"|(?P<dashed>\d{1,2}-\d\d)(?!\d)|(?P<digits>\d+)|(?P<word>[^\W\d_]+)|(?P<comma>,)|(?P<end>[;.!?…\n])"
    r"|(?P<dash>[-–—])|(?P<slash>/)"
)
"""How digits and words stand in a message: the first shape that fits is taken."""


@dataclass(slots=True)
class Token:
    """A class letter, a value whose type belongs to the class, the place in the text; ``slip``: one was forgiven."""

    cls: str
    value: Any
    text: str
    start: int
    end: int
    slip: bool = False


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


@cache
def _token_pattern() -> re.Pattern[str]:
    """Compile at first use: import time is a budget."""
    return re.compile(_SHAPES)


@cache
def _foreign_pattern() -> re.Pattern[str]:
    """Addresses, nicknames and codes, whose digits are no time."""
    return re.compile(
        r"\S+@\S+|\b(?:[a-z]{2,}\.)+[a-z]{2,}/?\S*|\b(?!(?:na|do|po|ot|so|ko|vo)\d)[a-z]{2,}[_.]?\d[\w:]*"
        r"|\b(?:промокод|купон|логин|ник|код)[а-я]*\s+\S+"
    )


def tokenise(prepared: Prepared, lexicon: Lexicon, masked: list[tuple[int, int]]) -> list[Token]:
    """Split a message into classified tokens; masked spans become one unknown word each."""
    words = {word.start: word.text for word in prepared.words}
    vocab = vocabulary(lexicon)
    hidden = [*masked, *(found.span() for found in _foreign_pattern().finditer(prepared.line))]
    among_cyrillic = any("а" <= char <= "я" for char in prepared.line)
    raw: list[_Raw] = []
    slips: set[int] = set()
    for match in _token_pattern().finditer(prepared.line):
        kind, start, end = match.lastgroup or "", match.start(), match.end()
        if any(start < stop and begin < end for begin, stop in hidden):
            raw.append(("masked", "", start, end))
        elif kind != "word":
            raw.append((kind, match.group(), start, end))
        else:
            is_letter = end - start == 1 and match.group().isascii()
            word = match.group() if is_letter and among_cyrillic else words.get(start, match.group())
            word = cyrillic_twin(word, among_cyrillic=among_cyrillic)
            if word.isascii() and len(word) >= _MIN_LATIN and meant(reading := transliterated(word, lexicon), vocab):
                word = reading
            if (
                word not in vocab.words
                and word not in vocab.phrased
                and (found := meant(word, vocab))
                and found[2] != word
            ):
                word = found[2]
                slips.add(start)
            first, *rest = unglue(word, vocab) if start not in slips else (word,)
            raw.append(("word", first, start, start + len(first) if rest else end))
            if rest:
                raw.append(("word", rest[0], start + len(first), end))
    tokens = _classify(raw, vocab)
    for token in tokens:
        token.slip = token.start in slips
    return tokens


def _classify(raw: list[_Raw], vocab: Vocabulary) -> list[Token]:
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
        elif kind == "slash":
            if 0 < index < len(raw) - 1 and raw[index - 1][0] == raw[index + 1][0] == "word":
                tokens.append(Token("l", None, text, start, end))
        else:
            tokens += _digits(kind, text, start, end)
        index += 1
    return _merge_numbers(tokens)


def _phrase_at(raw: list[_Raw], index: int, vocab: Vocabulary) -> tuple[tuple[str, ...], str, Any, int] | None:
    for parts, name, value in vocab.phrases.get(raw[index][1], ()):
        position, matched = index, 0
        while position < len(raw) and matched < len(parts):
            kind, text, _, _ = raw[position]
            if matched and (kind == "dash" or (kind == "comma" and len(parts) >= _LONG_PHRASE)):
                position += 1
                continue
            if text != parts[matched]:
                break
            position, matched = position + 1, matched + 1
        if matched == len(parts):
            return parts, name, value, position
    return None


def _is_hyphen(raw: list[_Raw], index: int, vocab: Vocabulary) -> bool:
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


def _word(text: str, start: int, end: int, vocab: Vocabulary) -> list[Token]:
    if part := compound(text):
        return [Token("N", part[0], text, start, end), Token(part[1], None, text, end, end)]
    if text.startswith(_HALF) and (found := meant(text[3:], vocab)) and found[0] == "ordinal":
        return [Token("f", None, _HALF, start, start + 3), Token("O", found[1], text[3:], start + 3, end)]
    if found := meant(text, vocab):
        return [_named(found[0], found[1], found[2], start, end)]
    return [Token("_", None, text, start, end)]


def _digits(kind: str, text: str, start: int, end: int) -> list[Token]:
    if kind == "dashed":
        return _dashed(text, start, end)
    cls, value = _read_digits(kind, text, [int(part) for part in re.findall(r"\d+", text)[:3]])
    return [Token(cls, value, text, start, end)]


def _read_digits(kind: str, text: str, numbers: list[int]) -> tuple[str, Any]:
    match kind:
        case "iso":
            return "@", safe_date(*numbers)
        case "dmy":
            day, month, year = numbers
            return "@", safe_date(year if year > 99 else 2000 + year, month, day)  # noqa: PLR2004 - two-digit years
        case "hm" | "compact" | "halved":
            point = _point(numbers[0], numbers[1] if len(numbers) > 1 else 0, text)
            point.loose = kind == "compact" and len(numbers) == 1
            return ("T", point) if _is_clock(point) else ("N", -1)
        case "digits":
            return "N", numbers[0] if len(text) < 5 else -1  # noqa: PLR2004 - no longer number is a time
        case "dotted":
            return "&", (numbers[0], numbers[1], text)
        case "decimal":
            return "H", numbers[0] + 0.5
        case "rank" | "cardinal" | "ordinal":
            return {"rank": "α", "cardinal": "N", "ordinal": "O"}[kind], numbers[0]
        case _:
            return {"comma": ",", "end": ";"}.get(kind, "_"), None


def _dashed(text: str, start: int, end: int) -> list[Token]:
    """Tell the time «17-45» from the range «12-15»."""
    first, second = (int(part) for part in text.split("-"))
    point = _point(first, second, text)
    if second % 5 == 0 and (second > 24 or second < first) and _is_clock(point):  # noqa: PLR2004 - no hour
        return [Token("T", point, text, start, end)]
    if first > second > 0 and text[-2] == "0" and _is_date(first, second):
        return [Token("&", (first, second, text.replace("-", "/")), text, start, end)]
    cut = start + text.index("-")
    low, high = text.split("-")
    return [
        Token("N", first, low, start, cut),
        Token("-", None, "-", cut, cut + 1),
        Token("N", second, high, cut + 1, end),
    ]


def _is_date(day: int, month: int) -> bool:
    """«13-07» can be a day of a month, «25-00» can not."""
    return 1 <= day <= 31 and 1 <= month <= 12  # noqa: PLR2004 - the calendar


def _point(hour: int, minute: int, text: str) -> Point:
    return Point(hour, minute, fixed=hour > 12 or hour == 0 or text.startswith("0"))  # noqa: PLR2004 - the 12-hour dial


def _is_clock(point: Point) -> bool:
    return point.hour < 25 and point.minute < 60 and (point.hour < 24 or point.minute == 0)  # noqa: PLR2004 - a clock


def _merge_numbers(tokens: list[Token]) -> list[Token]:
    """Join «двадцать» + «пять», «двадцать» + «пятого», «ноль» + «пять», but not in «без двадцати пять»."""
    merged: list[Token] = []
    for token in tokens:
        last = merged[-1] if merged else None
        if last is not None and _is_tens(last) and _is_units(token) and not _stand_apart(merged, token):
            joined = Token(token.cls, last.value + token.value, f"{last.text} {token.text}", last.start, token.end)
            merged[-1:] = [_TWO_WAYS, joined] if token.cls == "O" and _ends_hour(merged[:-1], last) else [joined]
        elif last is not None and _is_zero(last) and token.cls in "NO" and _is_units(token):
            text = f"0{token.value}" if token.cls == "N" else token.text
            merged[-1] = Token(token.cls, token.value, text, last.start, token.end)
        else:
            merged.append(token)
    return merged


_TWO_WAYS = Token("θ", "date", "", 0, 0)
"""«в тринадцать двадцать первого» is 13:20 on the first or 13:00 on the twenty-first."""
_GENITIVE_UNITS = frozenset({"одной", "двух", "трех", "четырех", "пяти", "шести", "семи", "восьми", "девяти"})


def _is_tens(token: Token) -> bool:
    return token.cls == "N" and not token.text[:1].isdecimal() and token.value in {20, 30, 40, 50}


def _is_zero(token: Token) -> bool:
    return token.cls == "N" and not token.text[:1].isdecimal() and token.value == 0


def _ends_hour(before: list[Token], tens: Token) -> bool:
    """Whether the tens could be the minutes of an hour just said («в семь двадцать первого»), or the hour itself."""
    if not before:
        return False
    hour, more = before[-1], before[-2] if len(before) > 1 else None
    if hour.cls == "v":
        return bool(tens.value == 20)  # noqa: PLR2004 - the one hour among the tens
    if more is not None and more.cls in "Nb":
        return False
    spoken = hour.cls == "N" and not hour.text[:1].isdecimal() and hour.text not in _GENITIVE_UNITS
    return (spoken and 0 < hour.value < 24) or (hour.cls == "h" and hour.text == "час")  # noqa: PLR2004 - a clock


def _is_units(token: Token) -> bool:
    return token.cls in "NO" and not token.text[0].isdecimal() and 0 < token.value < 10  # noqa: PLR2004 - units


def _stand_apart(merged: list[Token], token: Token) -> bool:
    """«без двадцати пять» is 4:40, «минут двадцать шестого» 5:20, «десять пятьдесят седьмого» no day of a month."""
    before = merged[-2].cls if len(merged) > 1 else ""
    if token.cls == "O":
        return before == "m" or merged[-1].value + token.value > 31  # noqa: PLR2004 - a month's days
    return before == "b" and token.text not in _GENITIVE_UNITS
