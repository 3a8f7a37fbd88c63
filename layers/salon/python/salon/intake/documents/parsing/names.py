"""Names of goods: without what stands beside them, each word in its own alphabet, and doubted where they should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise
from statistics import median

from rapidfuzz import fuzz

from salon.intake.documents.domain import Box, Flag, Read
from salon.intake.documents.parsing.rows import rows_of, text_in_order
from salon.intake.documents.parsing.scripts import (
    has_stray,
    is_garbled,
    is_known,
    is_lookalike,
    is_small_latin,
    is_unknown,
    may_be_latin,
    may_be_russian,
    may_begin,
    put_right,
)
from salon.intake.documents.parsing.tables import has_letters
from salon.intake.documents.parsing.words import Cell, Hint, Page, Word

Reread = Callable[[Sequence[tuple[Cell, Hint]]], Sequence[tuple[str, float]]]
"""Reads cells of a page again, each by itself."""

LATIN_SURE = 0.85
_SURELY_RUSSIAN = 0.92
_RATHER_RUSSIAN, _HARDLY_LATIN = 0.88, 0.8  # of 76 such words none was a brand; of 30 with more of Latin three were
_AS_SURE = 0.02  # Russian words are read so much surer than their letters as Latin ones
_LATIN_FAINT = 0.8  # two of a hundred Latin words that are right, and most that are wrong
NAME_SURE = 0.8
"""Mean confidence of a name's letters; below it a person looks."""
NAME_AGAIN = 0.86
"""Below it the name is read again by itself."""
_WORD_SURE = 0.55
"""Confidence of a word; below it its name is read again, and doubted where that gives no better."""
_NAME_SURE_AT_MOST = 0.6  # what is doubted
_FAINT = 0.5  # a first reading that says nothing of the name's length
_WHOLE = 12  # letters; a shorter first reading may be all that was read of the name
_POOR = 0.7
_AGREE = 95  # two readings that are alike confirm each other
_BRAND = re.compile(r"[A-Za-z][a-z'’\-]{2,}[.,]?|[A-Z][A-Z'’\-]{2,}[.,]?")  # «PocnuHea» is «Рослинея»
_TWO_NAMES = re.compile(r"\d\s?(?:мл|л|г|гр|кг|шт|пар)\b[.,]?\s[А-ЯЁ][а-яё]{3,}")  # «300 мл Сахарная паста»
_SIZE_FIRST = re.compile(r"[A-ZА-ЯЁ\d]{1,4},")  # «XS, розовые Перчатки»: rows in the wrong order
_JOINT = 3  # letters of «и», «для»: no name begins with these
_PRICED = re.compile(r"\d\s?[xхXХ×*]\s?\d+[.,]\d\d|\d{3}[.,]\d\d\W*$")
_ITEM_CODE = re.compile(
    r"^(?:[A-ZА-ЯЁ]{1,4}[\-‑]?\d{4,}|\d{5,})(?:\s+|\s*\|\s*)(?=\S*[A-Za-zА-Яа-яЁё])|^\d{4}\s+(?=[А-ЯЁ][а-яё]{2})"
)
_ROW_NUMBER = re.compile(r"^\W*\d{1,3}\s*[.):]?\s+(?=\S)")


def box_of(cell: Cell, page: Page) -> Box:
    """As fractions of the page."""

    def inside(value: float) -> float:
        return round(min(1.0, max(0.0, value)), 5)

    return Box(
        page.number,
        inside(cell.left / page.width), inside(cell.top / page.height),
        inside(cell.right / page.width), inside(cell.bottom / page.height),
    )  # fmt: skip


def name_of(
    words: Sequence[Word], cell: Cell, page: Page, n: int, *, reread: Reread | None, again: Cell | None = None
) -> Read[str]:
    """The name that stands in a cell, without codes, row number and marks of the table.

    Args:
        words: what was read there.
        cell: where it stands.
        page: where the words come from.
        n: the line's number on the paper, which may stand before the name.
        reread: reads cells again; None when that cannot be done.
        again: what to read again; None for the cell itself.
    """
    box = box_of(cell, page)
    if reread:
        words = with_latin(words, reread)
    text = bare_name(text_in_order(words), n)
    sure = certainty(words) if words else 0.0
    if page.is_exact:
        return Read(text, sure, box, () if has_letters(text) else (Flag.NAME_UNSURE,))
    is_doubted = _is_doubted(words, text)
    if reread and (is_doubted or sure < NAME_AGAIN):
        [(other, surer)] = reread([(again or cell, Hint.NAME)])
        other = bare_name(other, n)
        same = fuzz.ratio(text.lower(), other.lower())
        if _is_name(other, text if sure > _FAINT and len(text) >= _WHOLE else None) and surer > (
            min(sure, _NAME_SURE_AT_MOST) if is_doubted else sure
        ):
            text, sure = _merged(words, other, n), surer
            is_doubted = is_doubted and surer < NAME_SURE and same < _AGREE
        elif sure < _POOR and surer > NAME_SURE and has_letters(other) and not _PRICED.search(other):
            text, is_doubted = other, True  # odd, but nearer than what was hardly read
    is_doubted = is_doubted or _is_foreign(text, words)
    flags = () if sure >= NAME_SURE and has_letters(text) and not is_doubted else (Flag.NAME_UNSURE,)
    return Read(text, round(min(sure, _NAME_SURE_AT_MOST) if flags else sure, 3), box, flags)


def _merged(words: Sequence[Word], other: str, n: int) -> str:
    """The second reading, but what the first was sure of as in the first."""
    ordered = [word for row in rows_of(words) for word in row.words]
    before, after = [put_right(word.text) for word in ordered], other.split(" ")
    merged: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "replace" and b - a == d - c:
            merged += [
                old if word.confidence >= NAME_AGAIN and not is_garbled(old) else new
                for word, old, new in zip(ordered[a:b], before[a:b], after[c:d], strict=True)
            ]
        else:
            merged += after[c:d]
    return bare_name(" ".join(merged), n)


def _is_foreign(text: str, words: Sequence[Word]) -> bool:
    """Whether a word may be in the wrong letters: the same model reads it so again and again."""
    known = {put_right(word.text): word.confidence for word in words}
    is_noun = bool(re.match("[A-Za-z]{3,} [а-яё]{3}", text))  # «Kpacwrens стойкий»: brands do not stand there
    begun = text.split(" ", 1)[0]
    return (
        is_noun
        or has_stray(text)
        or (is_known(begun) and not may_begin(begun))
        or bool(_TWO_NAMES.search(text) or _SIZE_FIRST.match(text))
        or any(
            (known.get(word, 1.0) < _LATIN_FAINT and re.fullmatch(r"[A-Za-z]{4,}", word))
            or is_lookalike(word)
            or is_small_latin(word)
            or (known.get(word, 1.0) < _LATIN_FAINT and is_unknown(word))  # «мата» is «Sivarra»
            or (
                known.get(word, 0.0) < _SURELY_RUSSIAN
                and (may_be_latin(word) or (word not in known and is_unknown(word)))
            )
            for word in text.split(" ")
        )
    )


def _is_name(other: str, text: str | None) -> bool:
    """Whether a second reading is that of the name, and not of what stands around it, too."""
    too_much = text is not None and len(other) > 1.6 * len(text) + 12
    is_odd = is_garbled(other) or any(may_be_russian(word) for word in other.split())
    return has_letters(other) and not is_odd and not too_much and not _PRICED.search(other)


def _is_doubted(words: Sequence[Word], text: str) -> bool:
    """Whether something of a name was lost or misread: a faint word, a torn line, a word that is no word."""
    if not words or is_garbled(text) or has_stray(text) or not has_letters(text):
        return True
    if any(may_be_russian(word) for word in text.split()):
        return True
    if any(is_garbled(word.text) and not is_known(put_right(word.text)) for word in words):
        return True
    faint = any(word.confidence < _WORD_SURE and re.search(r"[A-Za-zА-Яа-яЁё0-9]{2}", word.text) for word in words)
    height = median(word.height for word in words)
    tall = any(word.height > 1.7 * height and re.search(r"\w", word.text) for word in words)  # across two lines
    rows = rows_of(words)
    mixed = any(abs(a.middle - b.middle) > 0.6 * height for row in rows for a, b in pairwise(row.words))  # two lines
    begun = text.split(" ", 1)[0]
    headless = bool(re.match("[а-яё]|\\d+$", begun)) and (len(begun) <= _JOINT or not may_begin(begun))
    starts = [row.cell.left for row in rows_of([word for word in words if re.search(r"\w", word.text)])]
    torn = bool(starts) and starts[0] - min(starts) > 1.5 * height
    return faint or tall or torn or mixed or headless


def with_latin(words: Sequence[Word], reread: Reread) -> tuple[Word, ...]:
    """Brands that were read with Russian letters read again with Latin ones: «Агаежа» is «Ardexia».

    A Russian word read so gets little confidence: at most 0.75 where a brand gets 0.9.
    """
    doubtful = [
        word for word in words
        if may_be_latin(word.text) or (word.confidence < _SURELY_RUSSIAN and is_unknown(word.text))
    ]  # fmt: skip
    if not doubtful:
        return tuple(words)
    cells = [(Cell(word.left - 6, word.top - 5, word.right + 6, word.bottom + 5), Hint.LATIN) for word in doubtful]
    better = {}
    for word, (text, sure) in zip(doubtful, reread(cells), strict=True):
        bare = text.strip("|[]{}_~ ")
        surer = word.confidence < _SURELY_RUSSIAN or sure >= word.confidence
        if sure >= LATIN_SURE and surer and _BRAND.fullmatch(bare):
            better[word] = replace(word, text=bare, confidence=sure)
        elif sure >= word.confidence - _AS_SURE and _BRAND.fullmatch(bare):  # «Майогу» 0.926, «Nailory» 0.92: doubted
            better[word] = replace(word, text=bare, confidence=_LATIN_FAINT - 0.01)
        elif word.confidence >= _RATHER_RUSSIAN and sure < _HARDLY_LATIN:
            better[word] = replace(word, confidence=max(word.confidence, _SURELY_RUSSIAN))
    return tuple(better.get(word, word) for word in words)


def bare_name(text: str, n: int) -> str:
    """Without what stands in the same place but is not the name."""
    text = re.sub(r"(?<=[\w»)])[|¦]+(?=[\w«(])", " ", text)  # a rule between a code and the name
    text = re.sub(r"(?<!\S)(?=\S*[\\^~<>])[\\/|_~^<>=]+(?!\S)", "", text)  # a tick beside the name
    text = text.replace("\N{SOFT HYPHEN}", "-")  # what text layers made by word processors have for hyphens
    text = re.sub(r"\s+", " ", re.sub(r"(?:^|(?<=\s))[|\[\]_{}‘’~=]+|[|\]_{}~]+(?=\s|$)", " ", text)).strip()
    numbered = _ROW_NUMBER.match(text)
    if numbered and re.sub(r"\D", "", numbered[0]) == str(n):
        text = text[numbered.end() :]
    text = _ITEM_CODE.sub("", text)
    return put_right(re.sub(r"^[—–\-‚,'`*^]+\s*(?=\S)", "", text.strip(" |_‘’“”~=;")))


def certainty(words: Sequence[Word]) -> float:
    """Mean confidence of letters."""
    weights = [max(1, len(word.text)) for word in words]
    return sum(word.confidence * weight for word, weight in zip(words, weights, strict=True)) / max(1, sum(weights))
