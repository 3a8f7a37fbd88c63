"""From a raw message to normalised words that still know where they stood."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from salon.understanding.repository import Lexicon

MAX_CHARS = 600
"""A message longer than this is read up to here and marked: what follows could change the meaning."""

_CYRILLIC = "[а-яё]"
_PHONE = r"(?<![\d.:])(?:\+\d{1,3}|8|7)[\s(-]{0,3}\d{3}[\s)-]{0,3}\d{3}(?:[\s-]?\d{2}){2}(?!\d)"
_NOISE = (
    r"№\s*\d+|\b(?:краск\w*|оттен\w*|тон|цвет|номер|заказ\w*|карт\w*|кв|квартир\w*|дом)\s+№?\s*\d+(?:[.,/]\d+)*"
    r"|\bза\s+\d{3,6}\b|(?:\b(?:до|от|с|около|после|на)\s+)?\d+(?:[.,]\d+)?\s*(?:%|₽|(?:руб\w*|тыс\w*|см|мм|т\.?р)\b)|\b\d{5,}\b|(?<![\d.])\d+[.,]\d{3}(?!\d)"
)
_WORD = r"[^\W\d_]+|\d+|[+👍👎-]"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile at first use: import time is a budget."""
    return re.compile(pattern)


class Word(NamedTuple):
    """A run of letters or digits, lower case, ё as е, with its place in the original text."""

    text: str
    start: int
    end: int


class Prepared(NamedTuple):
    """A message ready to be read; ``line`` has the length of the text that was read."""

    line: str
    words: tuple[Word, ...]
    original: str
    phone: str | None
    truncated: bool


def normalise(text: str) -> str:
    """Lower the case character by character and fold ё, so that the length and every position stay."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return lowered.replace("ё", "е")


def prepare(text: str, lexicon: Lexicon, known: frozenset[str]) -> Prepared:
    """Normalise a message, take the phone out, blank what is not about time, turn Latin words into Cyrillic.

    Args:
        text: Any string.
        lexicon: Supplies the keyboard layout and the transliteration.
        known: Words that prove that a Latin run is Russian typed in the wrong layout or transliterated.
    """
    original = text[:MAX_CHARS]
    line = normalise(original)
    phone = None
    if found := _compiled(_PHONE).search(line):
        digits = re.sub(r"\D", "", found.group())
        phone = "+7" + digits[1:] if len(digits) == 11 and digits[0] in "78" else "+" + digits  # noqa: PLR2004 - digits of a Russian number
        line = _blank(line, found)
    line = _compiled(_NOISE).sub(lambda match: " " * len(match.group()), line)
    if not _compiled(_CYRILLIC).search(line):
        line = _swap_layout(line, lexicon, known)
    words = tuple(
        Word(_cyrillic(m.group(), lexicon, known), m.start(), m.end()) for m in _compiled(_WORD).finditer(line)
    )
    return Prepared(line, words, original, phone, truncated=len(text) > MAX_CHARS)


def _blank(line: str, match: re.Match[str]) -> str:
    return line[: match.start()] + " " * (match.end() - match.start()) + line[match.end() :]


def _swap_layout(line: str, lexicon: Lexicon, known: frozenset[str]) -> str:
    """Read «pfdnhf» as «завтра» if that gives a known word and the Latin reading is no transliteration."""
    table = _layout(lexicon)
    if any(_transliterate(word, lexicon) in known for word in re.findall("[a-z']{3,}", line)):
        return line
    swapped = []
    hits = 0
    for chunk in re.split(r"(\s+)", line):
        changed = chunk.translate(table) if re.search("[a-z]", chunk) else chunk
        if changed != chunk and any(_is_known(word, known) for word in re.findall("[а-я]+", changed)):
            hits += len(changed) > 3  # noqa: PLR2004 - short words collide by chance
        swapped.append(changed)
    return "".join(swapped) if hits else line


def _is_known(word: str, known: frozenset[str]) -> bool:
    return word in known or any(word[:size] in known for size in range(5, len(word)))


@lru_cache(maxsize=4)
def _layout(lexicon: Lexicon) -> dict[int, str]:
    keyboard = lexicon.keyboard
    return {ord(a): normalise(b) for a, b in zip(keyboard["layout_from"], keyboard["layout_to"], strict=True)}


def _transliterate(word: str, lexicon: Lexicon) -> str:
    result, position = [], 0
    while position < len(word):
        for latin, cyrillic in lexicon.keyboard["translit"]:
            if word.startswith(latin, position):
                result.append(cyrillic)
                position += len(latin)
                break
        else:
            result.append(word[position])
            position += 1
    return "".join(result)


def _cyrillic(word: str, lexicon: Lexicon, known: frozenset[str]) -> str:
    if not ("a" <= word[0] <= "z"):
        return word
    reading = _transliterate(word, lexicon)
    return reading if len(reading) == 1 or _is_known(reading, known) else word
