"""Words to rows of text: by their vertical centres."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from salon.intake.documents.parsing.words import Cell, Word

_NEAR = 0.55  # of the height of a line


@dataclass(frozen=True, slots=True)
class Row:
    """Words that stand side by side, from left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """As one string."""
        return " ".join(word.text for word in self.words)

    @property
    def cell(self) -> Cell:
        """Around all of them."""
        return bounds(self.words)

    @property
    def middle(self) -> float:
        """Its vertical centre: that of its typical word."""
        return median(word.middle for word in self.words)


def bounds(words: Sequence[Cell]) -> Cell:
    """The rectangle around them."""
    return Cell(
        min(word.left for word in words),
        min(word.top for word in words),
        max(word.right for word in words),
        max(word.bottom for word in words),
    )


def line_height(words: Iterable[Word]) -> float:
    """The typical height of a word, pixels."""
    heights = [word.height for word in words if len(word.text) > 1]
    return median(heights) if heights else 20.0


def rows_of(words: Iterable[Word], height: float | None = None) -> tuple[Row, ...]:
    """Rows from top to bottom.

    Args:
        words: in any order.
        height: of a line; measured when None.
    """
    ordered = sorted(words, key=lambda word: word.middle)
    if not ordered:
        return ()
    near = _NEAR * (height or line_height(ordered))
    groups: list[list[Word]] = []
    for word in ordered:
        if groups and word.middle - sum(other.middle for other in groups[-1]) / len(groups[-1]) <= near:
            groups[-1].append(word)
        else:
            groups.append([word])
    return tuple(Row(tuple(sorted(group, key=lambda word: word.left))) for group in groups)


def text_in_order(words: Sequence[Word]) -> str:
    """The words of a cell as they are read: row by row."""
    letters = [word.height for word in words if len(word.text) > 2]  # noqa: PLR2004 - a dash or a point is no measure
    return " ".join(row.text for row in rows_of(words, median(letters) if letters else None))
