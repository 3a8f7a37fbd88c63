"""A table drawn with characters: its bars are read as letters, and joined to what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from salon.intake.documents.parsing.figures import digits_for, is_money
from salon.intake.documents.parsing.rows import Row, rows_of
from salon.intake.documents.parsing.units import unit_of
from salon.intake.documents.parsing.words import Word

_BARS = re.compile("[|¦│]")
_DRAWN = re.compile(r"[+\-—–_=~.,:;‚'’`]{2,}|[+_=~]")  # rules, and what their ends were read as
_FEW_BARS = 3  # in a row, and rows of such
_COUNTED = re.compile(r"([\dбзЗОо]{1,4})[.,]?([A-Za-zА-Яа-яё]{1,6}\.?)")  # «24уп», «буп»


def without_bars(words: Sequence[Word], height: float) -> tuple[list[Word], list[float]]:
    """Words of a table that is drawn with characters, less its bars, and where its columns meet.

    Several bars in each of its rows tell it; «1|Пудра» is a number, a rule and a name there. Another has no edges.
    """
    rows = rows_of(words, height)
    barred = [bars for bars in map(_bars_of, rows) if len(bars) >= _FEW_BARS]
    if len(barred) < _FEW_BARS:
        return list(words), []
    places = sorted(place for bars in barred for place in bars)
    groups = [[places[0]]]
    for place in places[1:]:
        if place - groups[-1][-1] < 0.6 * height:
            groups[-1].append(place)
        else:
            groups.append([place])
    edges = [median(group) for group in groups if len(group) * 2 >= len(barred)]
    kept = [row for row in rows if not any("---" in word.text for word in row.words)]
    pieces = [piece for row in kept for word in row.words for piece in _pieces(word, r"[^|¦│\[\]{}]+")]
    return [piece for piece in pieces if not _DRAWN.fullmatch(piece.text)], edges if len(edges) >= _FEW_BARS else []


def _bars_of(row: Row) -> list[float]:
    """Where its bars stand."""
    return [
        word.left + word.width * (bar.start() + 0.5) / len(word.text)
        for word in row.words for bar in _BARS.finditer(word.text)
    ]  # fmt: skip


def counted_apart(words: Sequence[Word], height: float) -> list[Word]:
    """A quantity and its unit printed as close as one word told apart: «24уп» in a place of its own."""
    found: list[Word] = []
    for row in rows_of(words, height):
        for before, word in zip((None, *row.words), row.words, strict=False):
            counted = _COUNTED.fullmatch(word.text)
            is_apart = before is not None and word.left - before.right > 1.1 * height
            priced = any(is_money(other.text) for other in row.words if other.left > word.right)
            if counted and is_apart and priced and unit_of(counted[2]):
                quantity, unit = _cut(word, len(counted[1]))
                found += [replace(quantity, text=digits_for(quantity.text)), unit]
            else:
                found.append(word)
    return found


def _pieces(word: Word, pattern: str) -> list[Word]:
    """The parts of a word that match, each in its place."""
    letter = word.width / max(1, len(word.text))
    return [
        replace(word, text=match[0], left=word.left + letter * match.start(), right=word.left + letter * match.end())
        for match in re.finditer(pattern, word.text)
    ]


def _cut(word: Word, at: int) -> tuple[Word, Word]:
    edge = word.left + word.width * at / len(word.text)
    return replace(word, right=edge, text=word.text[:at]), replace(word, left=edge, text=word.text[at:])
