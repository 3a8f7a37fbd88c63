"""A quantity that stands so close to the price that both were read as one figure: «5 363,77» is 5 × 363,77.

A column of quantities as narrow as its figures does so to every row; each row's own sum tells where to cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from salon.intake.documents.parsing.figures import clean, digits_for, product, readings
from salon.intake.documents.parsing.tables import Slot, Table
from salon.intake.documents.parsing.words import Cell, Word

_MOST = 4  # digits of a quantity


def unstuck(table: Table) -> Table | None:
    """The table with a column of quantities more; None where no column holds both."""
    for price in range(table.width - 1):
        cuts = [_cut(row[price].text, row[price + 1].text) for row in table.rows]
        held = sum(cut > 0 for cut in cuts)
        if held and held * 2 >= len(table.rows):
            return _with_quantities(table, price, cuts)
    return None


def _cut(text: str, total: str) -> int:
    """How many digits of a figure are the quantity, so that the rest makes the sum with it; 0 where none do."""
    match = re.fullmatch(r"(\d{2,12})[.,](\d{2})", re.sub(r"\s", "", clean(digits_for(clean(text)))))
    sums = {figure.value for figure in readings(total, is_quantity=False)}
    if not match:
        return 0
    whole, kopecks = match.groups()
    found = [
        digits for digits in range(1, min(_MOST, len(whole) - 1) + 1)
        if whole[digits] != "0" and product(Decimal(whole[:digits]), Decimal(f"{whole[digits:]}.{kopecks}")) in sums
    ]  # fmt: skip
    return found[0] if len(found) == 1 else 0


def _with_quantities(table: Table, price: int, cuts: Sequence[int]) -> Table:
    def parted(row: list[Slot], cut: int) -> list[Slot]:
        return [*row[:price], *_parted(row[price], cut), *row[price + 1 :]]

    return replace(
        table,
        headers=[*table.headers[:price], "", *table.headers[price:]],
        rows=[parted(row, cut or _before_space(row[price].text)) for row, cut in zip(table.rows, cuts, strict=True)],
        totals=[parted(row, 0) for row in table.totals],
        numbered=[],
        weak=[],
    )


def _before_space(text: str) -> int:
    """Where no cut makes the sum, the first group is the quantity: a person looks at such a row all the same."""
    first, _, rest = clean(text).partition(" ")
    return len(first) if first.isdigit() and rest else 0


def _parted(slot: Slot, cut: int) -> tuple[Slot, Slot]:
    """The slot of the quantity and that of the price."""
    text = re.sub(r"\s", "", slot.text)
    if not cut or not slot.words:
        return Slot(Cell(slot.cell.left, slot.cell.top, slot.cell.left, slot.cell.bottom)), slot
    cell, at = slot.cell, slot.cell.left + slot.cell.width * cut / max(1, len(text))
    sure = slot.confidence
    quantity = Word(cell.left, cell.top, at, cell.bottom, text=text[:cut], confidence=sure)
    rest = Word(at, cell.top, cell.right, cell.bottom, text=text[cut:], confidence=sure)
    return Slot(quantity, (quantity,)), Slot(rest, (rest,))
