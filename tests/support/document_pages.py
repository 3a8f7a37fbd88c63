"""Pages of hand-made words, for tests of the reading of documents."""

from __future__ import annotations

from collections.abc import Sequence

from salon.intake.documents.domain import PageInfo, RecognisedDocument, SourceKind
from salon.intake.documents.parsing.assemble import assemble, read_page
from salon.intake.documents.parsing.names import Reread
from salon.intake.documents.parsing.words import Cell, Page, Word

Row = Sequence[tuple[str, float]]
HEIGHT = 20.0
STEP = 40.0


def words(text: str, left: float, top: float, confidence: float = 0.95) -> list[Word]:
    """Words side by side, of letters 12 wide."""
    found = []
    for part in text.split():
        found.append(Word(left, top, left + 12 * len(part), top + HEIGHT, text=part, confidence=confidence))
        left += 12 * len(part) + 8
    return found


def page(rows: Sequence[Row], grid: tuple[Cell, ...] = ()) -> Page:
    """Rows of phrases, each with its left edge."""
    found = [word for i, row in enumerate(rows) for text, left in row for word in words(text, left, 40.0 + STEP * i)]
    return Page(0, 1500, 1200, tuple(found), grid)


def grid(rows: range, *lefts: float, right: float = 1460) -> tuple[Cell, ...]:
    """Ruled cells of these rows of `page`."""
    return tuple(
        Cell(left, 36.0 + STEP * row, end, 72.0 + STEP * row)
        for row in rows
        for left, end in zip(lefts, (*lefts[1:], right), strict=True)
    )


def document(of: Page, reread: Reread | None = None) -> RecognisedDocument:
    """What a page says."""
    return assemble(
        [of], [read_page(of, reread)],
        infos=[PageInfo(1500, 1200)], qr=None, source=SourceKind.PHOTO, engine="t", engine_version="",
    )  # fmt: skip


def figures(of: RecognisedDocument) -> list[tuple[object, object, object]]:
    """Quantity, price and sum of each line."""
    return [(line.qty.value, line.price.value, line.sum_minor.value) for line in of.lines]
