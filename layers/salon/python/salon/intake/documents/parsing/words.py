"""Words in places: what every source of text is turned into before anything is understood."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Hint(StrEnum):
    """What a cell is expected to hold when it is read again."""

    MONEY = "money"
    QUANTITY = "quantity"
    TEXT = "text"
    NAME = "name"
    """Words of both alphabets, in one or several lines."""
    LATIN = "latin"
    """One word, if it is of Latin letters; its confidence tells."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A rectangle in pixels of the page that is read."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In pixels."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """The vertical centre."""
        return (self.top + self.bottom) / 2

    @property
    def centre(self) -> float:
        """The horizontal centre."""
        return (self.left + self.right) / 2

    def union(self, other: Cell) -> Cell:
        """The smallest rectangle around both."""
        return Cell(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Word(Cell):
    """A word and where it stands.

    Attributes:
        text: as read, without spaces.
        confidence: 0..1.
    """

    text: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """All words of a page.

    Attributes:
        number: from 0.
        width: of the picture that the words were read from, in their pixels.
        height: as above.
        grid: cells of a ruled table if there is one.
        is_exact: the letters are certain (a text layer), so nothing is to be corrected.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    grid: tuple[Cell, ...] = ()
    is_exact: bool = False
