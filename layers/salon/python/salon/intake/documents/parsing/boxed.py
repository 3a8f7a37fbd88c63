"""The number of a form that stands in a box of its own: «Номер документа» above, «УТ000345» below."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from salon.intake.documents.domain import Flag, Read
from salon.intake.documents.parsing.figures import digits_for
from salon.intake.documents.parsing.names import Reread, box_of, certainty
from salon.intake.documents.parsing.rows import bounds, line_height
from salon.intake.documents.parsing.words import Cell, Hint, Page, Word

_ALIKE = 80  # one letter of «документа»
_SURE = 0.85
_LEAST = 0.6  # half of those below are wrong
_DEEP = 2.4  # heights of a line in which the number stands
_TALL = 4.0
_NUMBER = re.compile(r"[\w/\-]{1,20}")
_CYRILLIC = str.maketrans("ABCEHKMOPTXY®", "АВСЕНКМОРТХУФ")
_DIGITS = str.maketrans("OОoоQ", "00000")
_BASE = re.compile(r"[0OО]{2}[БВ65B](?:[ПМНЛN]|II|Il|ll)(?=-\d)")


def boxed_number(page: Page, reread: Reread | None) -> Read[str | None] | None:
    """The number in the box under «Номер документа»; None when there is no such box or nothing in it."""
    height = line_height(page.words)
    for title in page.words:
        if fuzz.ratio(title.text.lower().strip("|[]"), "документа") < _ALIKE:
            continue
        beside = [word for word in page.words if abs(word.middle - title.middle) < 1.5 * height]
        dates = [word for word in beside if word.left > title.right and _is_date_title(word)]
        if not dates or min(word.left for word in dates) - title.right > 12 * height:
            continue
        numbers = [word for word in beside if _is_number_title(word) and -height < title.left - word.right < 3 * height]
        around = bounds([title, *numbers])
        edge = (title.right + min(word.left for word in dates)) / 2
        return _in_box(page, _box_under(page, around, edge, height), reread)
    return None


def _is_date_title(word: Word) -> bool:
    low = word.text.lower().strip("|[]")
    return low == "дата" or fuzz.ratio(low, "составления") >= _ALIKE


def _is_number_title(word: Word) -> bool:
    return fuzz.ratio(word.text.lower().strip("|[]"), "номер") >= _ALIKE


def _box_under(page: Page, around: Cell, edge: float, height: float) -> Cell:
    for cell in page.grid:
        is_under = cell.left < around.centre < cell.right and cell.top < around.bottom + 1.3 * height < cell.bottom
        if is_under and cell.height < _TALL * height and cell.top > around.middle:
            return Cell(cell.left + 4, cell.top + 3, cell.right - 4, cell.bottom - 3)
    return Cell(around.left - height, around.bottom + 0.2 * height, edge - 4, around.bottom + _DEEP * height)


def _in_box(page: Page, cell: Cell, reread: Reread | None) -> Read[str | None] | None:
    words = [w for w in page.words if cell.left < w.centre < cell.right and cell.top < w.middle < cell.bottom]
    text = _number_of(words)
    sure = certainty(words) if text else 0.0
    if reread and sure < _SURE:
        [(again, surer)] = reread([(cell, Hint.TEXT)])
        other = _picked(again.split())
        if other and (not text or surer > sure):
            text, sure = other, surer
    if not text:
        return None
    flags = () if page.is_exact or (sure >= _LEAST and not is_ambiguous(text)) else (Flag.NUMBER_UNSURE,)
    return Read(text if page.is_exact else number_right(text), round(sure, 3), box_of(cell, page), flags)


def _number_of(words: Sequence[Word]) -> str:
    return _picked([word.text for word in sorted(words, key=lambda word: word.left)])


def _picked(tokens: Sequence[str]) -> str:
    """The one token with a digit; nothing when there are several."""
    bare = [token.strip("|[](){}_‘’'\"«».,:;=~-—") for token in tokens]
    found = [token for token in bare if re.search(r"\d", token) and _NUMBER.fullmatch(token)]
    return found[0] if len(found) == 1 else ""


def is_ambiguous(text: str) -> bool:
    """Whether its one letter is a B, which «Б» and «В» are both read as: nothing else of a number tells them apart."""
    return bool(re.match(r"[BВ](?=[\-\d])", text))


def number_right(text: str) -> str:
    """Letters before the digits are Russian capitals, and an O among digits is a zero.

    «00БП-000123» is how the commonest accounting program of the country numbers by default.
    """
    text = _BASE.sub("00БП", text.translate(_CYRILLIC) if re.match(r"[0OО]{2}[5-6\D]\D{1,2}-", text) else text)
    if text.startswith("00БП"):
        return text
    text = re.sub(r"^[a-zа-я](?=[A-ZА-Я]{2}\d)", "", text)  # «yYT» is a letter read twice
    match = re.fullmatch(r"([^\d]*?)([0-9OОoоQ]{3,})(.*)", text)
    if not match:
        return digits_for(text) if re.fullmatch(r"[\dOОоoЗз]+", text) and re.search(r"\d", text) else text
    letters = match[1].upper() if len(match[1]) <= 4 else match[1]  # noqa: PLR2004 - «УТ», «НФ-»; more is a word
    return letters.translate(_CYRILLIC) + match[2].translate(_DIGITS) + match[3]
