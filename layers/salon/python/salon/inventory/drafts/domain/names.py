"""What the name of a ware says: its words, and the figures that tell one ware from another. Pure.

Two names that differ in a figure are two wares, however alike their letters: «6/0» is not «6/1», «60 мл» is not
«100 мл», «3 %» is not «6 %». So the figures are taken out of the name first and compared exactly; only the words that
remain may be alike. Letters that look the same in both alphabets are one letter, because a reader of pictures cannot
tell them apart.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from salon.inventory.items.domain import BaseUnit

MAX_NAME_CHARS = 500
MIN_CODE_DIGITS = 5  # a number so long is a code of somebody's catalogue


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of what: 60 ml, 500 g."""

    value: Decimal
    unit: BaseUnit


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name.

    Attributes:
        folded: with letters that look the same in both alphabets as one.
        latin: written with Latin letters, so that «лонда» may be «londa».
        is_latin: whether it was written with Latin letters only.
        is_cut: whether a full stop ends it: «шамп.»
    """

    folded: str
    latin: str
    is_latin: bool
    is_cut: bool


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name taken apart.

    Attributes:
        folded: the whole of it, for looking up.
        words: without those that say nothing.
        sizes: volumes and weights in it, in base units; more than one is a set of things.
        counts: pieces in one package: «12 × 60 мл», «100 шт/уп».
        percents: concentrations; «20 vol» is 6 %.
        shades: «6/0», «7nb».
        letters: sizes of gloves and the like.
        numbers: whatever short numbers are left.
        codes: long numbers, which are somebody's article or bar code.
    """

    folded: str
    words: tuple[Word, ...]
    sizes: frozenset[Amount]
    counts: frozenset[int]
    percents: frozenset[Decimal]
    shades: frozenset[str]
    letters: frozenset[str]
    numbers: frozenset[str]
    codes: frozenset[str]

    @property
    def size(self) -> Amount | None:
        """The one volume or weight; None when there is none, or several."""
        return next(iter(self.sizes)) if len(self.sizes) == 1 else None

    @property
    def count(self) -> int | None:
        """The one number of pieces; None when there is none, or several."""
        return next(iter(self.counts)) if len(self.counts) == 1 else None


_LOOKALIKES = str.maketrans("авекмнорстухі", "abekmhopctyxi")
_TRANSLIT = {
    "кс": "x", "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "h", "ц": "c", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "u", "я": "a",
}  # fmt: skip
_TRANSLIT_RE = re.compile("|".join(_TRANSLIT))
_TIMES = "[x×х*]"
_UNITS = {
    "мл": (BaseUnit.MILLILITRE, 1), "ml": (BaseUnit.MILLILITRE, 1), "mл": (BaseUnit.MILLILITRE, 1),
    "мl": (BaseUnit.MILLILITRE, 1), "л": (BaseUnit.MILLILITRE, 1000), "l": (BaseUnit.MILLILITRE, 1000),
    "литр": (BaseUnit.MILLILITRE, 1000), "литра": (BaseUnit.MILLILITRE, 1000), "литров": (BaseUnit.MILLILITRE, 1000),
    "г": (BaseUnit.GRAM, 1), "гр": (BaseUnit.GRAM, 1), "g": (BaseUnit.GRAM, 1), "gr": (BaseUnit.GRAM, 1),
    "грамм": (BaseUnit.GRAM, 1), "кг": (BaseUnit.GRAM, 1000), "kg": (BaseUnit.GRAM, 1000),
}  # fmt: skip
_UNIT = "(" + "|".join(sorted(_UNITS, key=len, reverse=True)) + r")(?![a-zа-я])\.?"
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_ALONE = r"(?<![\d.,/])"
_PIECES = r"(?:шт|штук|штуки|pcs|pc|пар|пары|таб|саше|амп|ампул)(?![a-zа-я])\.?"
_PACKAGE = r"(?:уп|упак|упаковка|упаковке|кор|короб|коробка|коробке|пач|пачка|пачке|бл|блок|рул|рулон|набор)"
_COUNT_BEFORE = re.compile(rf"{_ALONE}(\d{{1,4}})\s*(?:{_PIECES})?\s*{_TIMES}\s*{_NUMBER}\s*{_UNIT}")
_COUNT_AFTER = re.compile(rf"{_ALONE}{_NUMBER}\s*{_UNIT}\s*{_TIMES}\s*(\d{{1,4}})(?!\d)\s*(?:{_PIECES})?")
_SIZE = re.compile(rf"{_ALONE}{_NUMBER}\s*{_UNIT}")
_PACKED = re.compile(rf"(?:{_PACKAGE}\.?\s*[(/]?\s*)?{_ALONE}(\d{{1,5}})\s*({_PIECES})(?:\s*[/в]\s*{_PACKAGE}\w*\.?)?")
_PERCENT = re.compile(rf"{_ALONE}{_NUMBER}\s*%")
_VOLUME_STRENGTH = re.compile(r"(?<!\d)(10|20|30|40)\s*vol(?:ume)?(?![a-zа-я])\.?")
_STRENGTHS = {"10": Decimal(3), "20": Decimal(6), "30": Decimal(9), "40": Decimal(12)}
_SHADE = re.compile(r"(?<![\d/.,-])(\d{1,2})\s?[/.,-]\s?(\d{1,4})(?![\d/])")
_SHADE_LETTERS = re.compile(r"(?<![\w/.])(\d{1,2})([a-zа-я]{1,3})(?![\w/])")
_ARTICLE = re.compile(r"(?<![a-zа-я])(?:арт|артикул|art|код|sku|ean)\b\.?:?\s*([\w-]*\d[\w-]*)")
_INTEGER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+\.?")
_LETTER_SIZES = frozenset({"xs", "s", "m", "l", "xl", "xxl"})
_SYNONYMS = {
    "оксидант": "окислитель", "оксид": "окислитель", "проявитель": "окислитель", "oxidant": "окислитель",
    "developer": "окислитель", "окислит": "окислитель", "shampoo": "шампунь", "conditioner": "кондиционер",
}  # fmt: skip
_EMPTY = frozenset(
    word
    for words in (
        "для и с в на из от по к без the of for and with волос волосы hair раз d д р x х vol",
        "проф профессиональный профессиональная профессиональное профессиональные professional professionnel prof",
        "арт артикул код тон оттенок цвет размер туба тюбик тюб флакон фл бутылка бут банка",
        "шт штук штуки уп упак упаковка кор коробка пач пачка пар пары мл ml л г гр кг",
    )
    for word in words.split()
)
"""Words that tell no ware from another."""


def fold(text: str) -> str:
    """A name as it is looked up: small letters, one form of letters that look alike, single blanks."""
    return " ".join(_WORDS_AND_FIGURES.findall(_lower(text).translate(_LOOKALIKES)))


_WORDS_AND_FIGURES = re.compile(r"[^\W_]+(?:[/.,%-][^\W_]+)*%?")


def _lower(text: str) -> str:
    shown = text[:MAX_NAME_CHARS].replace("№", " ")  # which NFKC would spell as letters
    return unicodedata.normalize("NFKC", shown).lower().replace("ё", "е")


def take_apart(name: str) -> NameParts:
    """The words and the figures of a name."""
    rest = _lower(name)
    codes = frozenset(found.casefold() for found in _ARTICLE.findall(rest))
    rest = _ARTICLE.sub(" ", rest)
    rest, sizes, counts = _take_sizes(rest)
    percents = {Decimal(found.replace(",", ".")).normalize() for found in _PERCENT.findall(rest)}
    percents |= {_STRENGTHS[found] for found in _VOLUME_STRENGTH.findall(rest)}
    rest = _VOLUME_STRENGTH.sub(" ", _PERCENT.sub(" ", rest))
    shades = {f"{tone}/{nuance}" for tone, nuance in _SHADE.findall(rest)}
    rest = _SHADE.sub(" ", rest)
    shades |= {tone + letters.translate(_LOOKALIKES) for tone, letters in _SHADE_LETTERS.findall(rest)}
    rest = _SHADE_LETTERS.sub(" ", rest)
    integers = _INTEGER.findall(rest)
    codes |= {found for found in integers if len(found) >= MIN_CODE_DIGITS}
    words, letters = _words(_INTEGER.sub(" ", rest))
    return NameParts(
        folded=fold(name),
        words=words,
        sizes=frozenset(sizes),
        counts=frozenset(counts),
        percents=frozenset(percents),
        shades=frozenset(shades),
        letters=letters,
        numbers=frozenset(found.lstrip("0") or "0" for found in integers if len(found) < MIN_CODE_DIGITS),
        codes=codes,
    )


def amount(number: str, unit: str) -> Amount:
    """A number with a unit of volume or weight, in base units."""
    base, factor = _UNITS[unit]
    return Amount((Decimal(number.replace(",", ".")) * factor).normalize(), base)


def _take_sizes(rest: str) -> tuple[str, set[Amount], set[int]]:
    sizes: set[Amount] = set()
    counts: set[int] = set()
    for found in _COUNT_BEFORE.findall(rest):
        counts.add(int(found[0]))
        sizes.add(amount(found[1], found[2]))
    rest = _COUNT_BEFORE.sub(" ", rest)
    for found in _COUNT_AFTER.findall(rest):
        counts.add(int(found[2]))
        sizes.add(amount(found[0], found[1]))
    rest = _COUNT_AFTER.sub(" ", rest)
    sizes |= {amount(number, unit) for number, unit in _SIZE.findall(rest)}
    rest = _SIZE.sub(" ", rest)
    for number, pieces in _PACKED.findall(rest):
        if int(number) > 1:
            counts.add(int(number))
        if pieces.startswith("пар"):
            counts.add(2 * int(number))  # fifty to some, and a hundred gloves to others: so none is certain
    return _PACKED.sub(" ", rest), {size for size in sizes if size.value > 0}, {count for count in counts if count > 0}


def _words(rest: str) -> tuple[tuple[Word, ...], frozenset[str]]:
    words: list[Word] = []
    letters: set[str] = set()
    found = _WORD.findall(rest)
    for place, written in enumerate(found):
        plain = written.rstrip(".")
        folded = plain.translate(_LOOKALIKES)
        if folded in _LETTER_SIZES:
            letters.add(folded)
        elif plain == "крем" and found[place + 1 : place + 2] == ["краска"]:
            continue  # «крем-краска» is what everybody calls paint
        elif plain not in _EMPTY:
            word = _SYNONYMS.get(plain, plain)
            is_latin = word.isascii()
            words.append(Word(word.translate(_LOOKALIKES), _latin(word), is_latin, written.endswith(".")))
    return tuple(words), frozenset(letters)


def _latin(word: str) -> str:
    return _TRANSLIT_RE.sub(lambda found: _TRANSLIT[found[0]], word)
