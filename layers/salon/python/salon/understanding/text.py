"""From a raw message to normalised words that still know where they stood."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

from salon.understanding.repository import Lexicon

MAX_CHARS = 600
"""A message longer than this is read up to here and marked: what follows could change the meaning."""

_CYRILLIC = "[а-яё]"
_PHONES = (
    r"(?<![\d.:+])(?:\+?7|8)[\s(.-]{0,3}\d{3}[\s).-]{0,3}\d{3}[\s.-]{0,3}\d{2}[\s.-]{0,3}\d{2}(?!\d)",
    r"(?<![\d.:+])(?:\+?7|8)\s?\(\d{3,5}\)\s?\d[\d\s-]{3,10}\d(?!\d)",
    r"\+\d[\d\s().-]{8,18}\d(?!\d)",
    r"(?<![\d.:+])\(?9\d{2}\)?[\s-]{0,2}\d{3}[\s-]{0,2}\d{2}[\s-]{0,2}\d{2}(?!\d)",
)
_EMAIL = r"[a-z0-9_][\w.+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
_RUSSIAN_DIGITS = 11
_MIN_SPOKEN_WORDS = 4
_LOOKALIKES = str.maketrans("aceopxykmthb", "асеорхукмтнв")
_SHORT_CHUNK = 3
_NOISE = (
    r"№\s*\d+|\b(?:краск\w*|оттен\w*|тон|цвет|номер|заказ\w*|карт\w*|кв|квартир\w*|дом)\s+№?\s*\d+(?:[.,/]\d+)*"
    r"|\b(?:улиц\w*|ул|площад\w*)\.?\s+\w+\s+(?:января|марта|мая|июля|октября|ноября)\b(?:,?\s*(?:дом|д)?\.?\s*\d+)?"
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
    email: str | None = None


def normalise(text: str) -> str:
    """Lower the case character by character and fold ё, so that the length and every position stay."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return lowered.replace("ё", "е")


def prepare(
    text: str, lexicon: Lexicon, known: frozenset[str], is_word: Callable[[str], bool] = lambda _: False
) -> Prepared:
    """Normalise a message, take phone and e-mail out, blank what is not about time, turn Latin words into Cyrillic.

    Args:
        text: Any string.
        lexicon: Supplies the keyboard layout and the transliteration.
        known: Words that prove that a Latin run is Russian typed in the wrong layout or transliterated.
        is_word: The same for words that only this salon has.
    """
    original = text[:MAX_CHARS]
    line = normalise(original)
    email = None
    if found := _compiled(_EMAIL).search(line):
        email = original[found.start() : found.end()].rstrip(".-")
        line = _blank(line, found.start(), found.end())
    phone, line = _take_phone(line, lexicon)
    line = _compiled(_NOISE).sub(lambda match: " " * len(match.group()), line)
    line = _unmix(line)
    proven = _Proof(known, is_word)
    if re.search("[a-z]", line):
        line = _swap_layout(line, lexicon, proven)
    words = tuple(
        Word(_cyrillic(_shortened(m.group()), lexicon, proven), m.start(), m.end())
        for m in _compiled(_WORD).finditer(line)
    )
    return Prepared(line, words, original, phone, truncated=len(text) > MAX_CHARS, email=email)


class _Proof(NamedTuple):
    """What proves that a Latin run was meant as Russian."""

    known: frozenset[str]
    is_word: Callable[[str], bool]

    def holds(self, word: str) -> bool:
        """Whether the word, or all but its ending, is Russian as far as we know."""
        return (
            word in self.known or any(word[:size] in self.known for size in range(5, len(word))) or self.is_word(word)
        )


def _shortened(word: str) -> str:
    """Read «срочноооо» and «неее» as they are spelt: hardly a Russian word has a letter three times in a row."""
    return _compiled(r"([^\W\d_])\1{2,}").sub(r"\1", word) if len(word) > _SHORT_CHUNK else word


def _blank(line: str, start: int, end: int) -> str:
    return line[:start] + " " * (end - start) + line[end:]


def _take_phone(line: str, lexicon: Lexicon) -> tuple[str | None, str]:
    """Return the first telephone number, written in digits or said in words, and the line without it."""
    for pattern in _PHONES:
        for found in _compiled(pattern).finditer(line):
            digits = re.sub(r"\D", "", found.group())
            if phone := _phone_of(digits, is_foreign=_is_foreign(found.group())):
                return phone, _blank(line, found.start(), found.end())
    return _take_spoken_phone(line, lexicon)


def _is_foreign(number: str) -> bool:
    return number.startswith("+") and not number.startswith("+7")


def _phone_of(digits: str, *, is_foreign: bool) -> str | None:
    if is_foreign:
        return "+" + digits if 10 <= len(digits) <= 15 else None  # noqa: PLR2004 - E.164
    if len(digits) == _RUSSIAN_DIGITS and digits[0] in "78":
        return "+7" + digits[1:]
    return "+7" + digits if len(digits) == _RUSSIAN_DIGITS - 1 and digits[0] == "9" else None


def _take_spoken_phone(line: str, lexicon: Lexicon) -> tuple[str | None, str]:
    """«Восемь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь», as a transcript has it."""
    numbers = lexicon.keyboard["digits"] | lexicon.keyboard["hundreds"]
    run: list[re.Match[str]] = []
    for found in [*_compiled(_WORD).finditer(line), None]:
        word = found.group() if found else ""
        joins = found is not None and not (run and _compiled("[.:/]").search(line, run[-1].end(), found.start()))
        if found is not None and joins and (word in numbers or word in {"плюс", "+"} or word.isdecimal()):
            run.append(found)
            continue
        if len(run) >= _MIN_SPOKEN_WORDS and (phone := _phone_of(_digits_of(run, numbers), is_foreign=False)):
            return phone, _blank(line, run[0].start(), run[-1].end())
        run = []
    return None, line


def _digits_of(run: list[re.Match[str]], numbers: dict[str, int]) -> str:
    """Write number words one after another, joining hundreds with tens and tens with units."""
    digits = ""
    room = 0
    for found in run:
        word = found.group()
        if word.isdecimal():
            digits, room = digits + word, 0
            continue
        value = numbers.get(word, -1)
        if value < 0:
            continue
        size = len(str(value))
        if value > 0 and size <= room:
            digits = digits[: len(digits) - size] + str(value)
        else:
            digits += str(value)
        filled = str(value).rstrip("0")
        room = size - len(filled) if value else 0
    return digits


def _unmix(line: str) -> str:
    """Read Latin letters that look Cyrillic inside a Cyrillic word as Cyrillic («cтрижка» with a Latin c)."""
    return _compiled(r"(?=\w*[а-яё])(?=\w*[a-z])\w+").sub(lambda match: match.group().translate(_LOOKALIKES), line)


def _swap_layout(line: str, lexicon: Lexicon, proven: _Proof) -> str:
    """Read «pfdnhf» as «завтра», a piece at a time; a line without Cyrillic as a whole where that proves more."""
    table = _layout(lexicon)
    chunks = re.split(r"(\s+)", line)
    readings = [_swapped(chunk, table, proven) if re.search("[a-z]", chunk) else None for chunk in chunks]
    latin = [place for place, chunk in enumerate(chunks) if re.search("[a-z]", chunk)]
    written = {
        place
        for place in latin
        if any(proven.holds(transliterate(word, lexicon)) for word in re.findall("[a-z']{3,}", chunks[place]))
    }
    either = {place for place in written if readings[place] is not None}
    typed = {place for place in latin if readings[place] is not None and place not in written}
    if not _compiled(_CYRILLIC).search(line):
        wrong = set(latin) if len(typed) > len(written - either) else set()
    else:
        wrong = typed | {
            place for place in latin if len(chunks[place]) <= _SHORT_CHUNK and {place - 2, place + 2} & typed
        }
    return "".join(
        (readings[place] or chunk.translate(table)) if place in wrong else chunk for place, chunk in enumerate(chunks)
    )


def _swapped(chunk: str, table: dict[int, str], proven: _Proof) -> str | None:
    """The chunk on the other layout when that gives a word; punctuation at its end may be just that."""
    for kept in range(3):
        body, tail = (chunk[:-kept], chunk[-kept:]) if kept else (chunk, "")
        if tail.strip(",.;:!?'\""):
            return None
        words = re.findall("[а-я]+", body.translate(table))
        if any(len(word) > _SHORT_CHUNK - 1 and proven.holds(word) for word in words):
            return body.translate(table) + tail
    return None


@lru_cache(maxsize=4)
def _layout(lexicon: Lexicon) -> dict[int, str]:
    keyboard = lexicon.keyboard
    return {ord(a): normalise(b) for a, b in zip(keyboard["layout_from"], keyboard["layout_to"], strict=True)}


def transliterate(word: str, lexicon: Lexicon) -> str:
    """Read Latin letters as the Russian ones that they are usually written for."""
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


def _cyrillic(word: str, lexicon: Lexicon, proven: _Proof) -> str:
    if not ("a" <= word[0] <= "z"):
        return word
    reading = transliterate(word, lexicon)
    if len(reading) == 1 or proven.holds(reading):
        return reading
    for latin, cyrillic in lexicon.keyboard["translit_also"]:
        other = reading.replace(latin, cyrillic)
        if other != reading and proven.holds(other):
            return other
    return word
