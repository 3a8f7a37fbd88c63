"""Units by OKEI (ОК 015-94): codes, abbreviations and what Tesseract makes of them."""

from __future__ import annotations

import re

from rapidfuzz import fuzz, process

OKEI = {
    "796": "шт", "778": "уп", "166": "кг", "163": "г", "112": "л", "111": "мл", "006": "м", "6": "м", "736": "рул",
    "715": "пар", "839": "компл", "704": "набор", "872": "фл", "812": "ящ", "8751": "кор", "868": "бут", "876": "усл",
    "616": "боб", "625": "лист", "018": "пог. м", "55": "м2", "055": "м2", "113": "м3", "879": "усл", "875": "кор",
    "728": "пач", "870": "амп", "781": "100 уп", "797": "100 шт", "642": "ед",
}  # fmt: skip
"""Abbreviations by code."""

PIECE = "шт"
"""What is counted where no unit is printed."""

_SPELT = {
    "шт": "шт", "штук": "шт", "штука": "шт", "штуки": "шт", "уп": "уп", "упак": "уп", "упаковка": "уп", "кг": "кг",
    "г": "г", "гр": "г", "л": "л", "литр": "л", "мл": "мл", "м": "м", "рул": "рул", "рулон": "рул", "пар": "пар",
    "пара": "пар", "компл": "компл", "комплект": "компл", "набор": "набор", "наб": "набор", "фл": "фл", "флак": "фл",
    "флакон": "фл", "ящ": "ящ", "ящик": "ящ", "кор": "кор", "коробка": "кор", "короб": "кор", "бут": "бут",
    "бутылка": "бут", "туб": "туба", "туба": "туба", "тюб": "туба", "тюбик": "туба", "пач": "пач", "пачка": "пач",
    "пак": "пак", "пакет": "пак", "амп": "амп", "ампула": "амп", "бан": "бан", "банка": "бан", "ед": "ед",
    "лист": "лист", "лента": "лента", "усл": "усл", "пог": "пог. м", "м2": "м2", "канистра": "кан", "кан": "кан",
    "саше": "саше", "боб": "боб",
}  # fmt: skip
_CONFUSED = {
    "wt": "шт", "wr": "шт", "ut": "шт", "шг": "шт", "щт": "шт", "шr": "шт", "шi": "шт", "шl": "шт", "urr": "шт",
    "wrt": "шт", "ши": "шт", "шу": "шт", "шп": "шт", "ит": "шт", "iut": "шт", "lut": "шт", "um": "шт", "wm": "шт",
    "шm": "шт", "штt": "шт", "ml": "мл", "мn": "мл", "mn": "мл", "mл": "мл", "ma": "мл", "yn": "уп", "уn": "уп",
    "yп": "уп", "ул": "уп", "ун": "уп", "yr": "уп", "уm": "уп", "yi": "уп", "ynak": "уп", "ynaк": "уп",
    "уnак": "уп", "kr": "кг", "kг": "кг", "кr": "кг", "kt": "кг", "кт": "кг", "kop": "кор", "кop": "кор",
    "хор": "кор", "кер": "кор", "кср": "кор", "кр": "кор", "kор": "кор", "koр": "кор", "on": "фл", "фn": "фл",
    "dn": "фл",
    "фп": "фл", "cb": "фл", "ф": "фл", "фa": "фл", "фи": "фл", "фа": "фл", "r": "г", "n": "л", "п": "л", "m": "м",
    "wit": "шт", "ш": "шт", "шит": "шт", "шнт": "шт", "xan": "кан",
    "хан": "кан", "pyn": "рул", "рyл": "рул", "руп": "рул", "nap": "пар",
    "пaр": "пар",
}  # fmt: skip
_ODD = re.compile(r"[^a-zа-яё0-9]")
_SHAPES = str.maketrans("abcehkmnoprtuwxyz63", "авсенкмпоргтишхузбз")
"""The small Cyrillic letter that looks like a small or a capital Latin one, or like a figure: «6aH» is «бан»."""
_COUNTED = re.compile(r"\W*(\d[\d\s.,]*?)[\s|\[\]]*([A-Za-zА-Яа-яЁё]{1,9})\.?\W*")
_PIECES = re.compile(r"[A-Za-zА-Яа-яЁё]+")
_FIGURE_LIKE = "бзоilоoаabвs46"
"""Small letters that figures before a unit are read as: «6 уп» is «буп»."""
_MOST_STUCK = 3
_OKEI_DIGITS = 3
_LEAST = 75  # one letter of four, two of eight
_LONG = 4
_UNCUT = frozenset({
    "шт", "уп", "рул", "пар", "компл", "набор", "фл", "ящ", "кор", "бут", "туба", "пач", "пак", "амп", "бан", "лист",
    "лента", "кан", "саше",
})  # fmt: skip


_MEASURES = frozenset({"кг", "г", "л", "мл", "м"})


def unit_of(text: str) -> tuple[str, bool] | None:
    """The unit that a cell says, and whether it is sure; None when it is not a unit.

    One spelling each, whatever is printed: «шт.» is «шт», «упак.» is «уп».
    """
    bare = _ODD.sub("", text.lower())
    if not bare:
        return None
    if bare in _SPELT:
        return _SPELT[bare], True
    if bare in _CONFUSED:
        return _CONFUSED[bare], False
    shaped = bare.translate(_SHAPES)
    return (_SPELT[shaped], False) if len(bare) > 1 and not bare.isdigit() and shaped in _SPELT else None


def unit_in(text: str) -> tuple[str, bool] | None:
    """The unit that stands in a cell with something else: «24 лента», «20уп», «1|бан», «бупак» (6 упак).

    Returns:
        As `unit_of`; None also where several units stand there.
    """
    said = unit_of(text)
    if said:
        return said
    pieces = _PIECES.findall(text)
    found = {unit for piece in pieces if len(piece) > 1 and (unit := unit_of(piece) or _stuck(piece) or _like(piece))}
    if not found and len(pieces) == 1 and is_spelt_unit(pieces[0]):
        found = {(pieces[0].lower(), True)}
    if len({unit for unit, _ in found}) != 1:
        return None
    return next(iter(found))[0], all(sure for _, sure in found)


def parted(text: str) -> tuple[str, str, bool] | None:
    """What a cell counts, its unit, and whether both are sure: «24 лента», «20уп», «1|бан», «бупак» (6 упак).

    None where it is not one count and one unit. A single letter is a measure only when it is one beyond doubt.
    """
    whole = _COUNTED.fullmatch(text)
    if whole:
        said = unit_of(whole[2]) or _like(whole[2])
        is_unit = said is not None and (len(whole[2]) > 1 or said[1] or not is_measure(said[0]))
        return (whole[1].strip(), said[0], said[1]) if said and is_unit else None
    piece = text.strip(" .|[]")
    said = _stuck(piece) if _PIECES.fullmatch(piece) and not unit_of(piece) else None
    return (piece[: _length_stuck(piece)], said[0], False) if said else None


def _stuck(piece: str) -> tuple[str, bool] | None:
    """A unit after figures that were read as letters."""
    length = _length_stuck(piece)
    said = unit_of(piece[length:]) if length else None
    return (said[0], False) if said else None


def _length_stuck(piece: str) -> int:
    """How many letters before a unit are figures; 0 where they are none, or where no unit follows."""
    low = piece.lower()
    for length in range(1, min(_MOST_STUCK, len(low) - 2) + 1):
        if low[length - 1] not in _FIGURE_LIKE:
            return 0
        if unit_of(low[length:]):
            return length
    return 0


def _like(piece: str) -> tuple[str, bool] | None:
    """A longer unit in which a letter was misread."""
    shaped = piece.lower().translate(_SHAPES)
    if len(shaped) < _LONG:
        return None
    found = process.extractOne(shaped, [word for word in _SPELT if len(word) >= _LONG], scorer=fuzz.ratio)
    return (_SPELT[found[0]], False) if found and found[1] >= _LEAST else None


def is_uncut(unit: str) -> bool:
    """Whether it is never sold by a part of it: half a bottle is a misread quantity, or a misread unit."""
    return unit in _UNCUT


def is_measure(unit: str) -> bool:
    """Whether it measures out: taken for another unit, the stock is wrong a thousandfold."""
    return unit in _MEASURES


def is_spelt_unit(text: str) -> bool:
    """Whether it is a unit beyond doubt."""
    return _ODD.sub("", text.lower()) in _SPELT


def code_of(text: str) -> str | None:
    """The OKEI code that a cell is; None when it is not one."""
    bare = re.sub(r"\D", "", text)
    if bare not in OKEI and bare[:1] == "1" and len(bare) == _OKEI_DIGITS + 1:
        bare = bare[1:]  # the rule before it was read as a one
    return bare if bare in OKEI and len(text.strip()) <= len(bare) + 2 else None
