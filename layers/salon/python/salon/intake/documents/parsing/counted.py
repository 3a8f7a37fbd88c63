"""What a line is counted in: by its unit's cell, its OKEI code, or what stands beside the quantity."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from salon.intake.documents.domain import Flag, Read
from salon.intake.documents.parsing.figures import clean
from salon.intake.documents.parsing.names import Reread, box_of
from salon.intake.documents.parsing.tables import Slot, has_letters
from salon.intake.documents.parsing.units import OKEI, PIECE, code_of, is_measure, is_uncut, parted, unit_in
from salon.intake.documents.parsing.words import Cell, Hint, Page

_SURE = 0.9
_UNSURE = 0.75
_INLINE = 0.8
_ASSUMED = 0.6
_WORD = 3


def unit_read(
    unit: Slot | None,
    okei: Slot | None,
    counted: Slot | None,
    page: Page,
    reread: Reread | None,
    *,
    inside: Cell | None,
) -> Read[str]:
    """The unit of a line: as printed, else by its code, else beside the quantity, else as read again.

    Where a document has no place for units, things are counted in pieces; such a unit has no box.

    Args:
        unit: the cell of units; None where there is no such column.
        okei: that of their codes.
        counted: that of the quantity.
        page: where they stand.
        reread: reads cells again; None when the letters are certain.
        inside: what of the unit's cell is read again.
    """
    by_code = OKEI.get(code_of(clean(okei.text)) or "") if okei else None
    coded = Read(by_code, _SURE, box_of(okei.cell, page)) if by_code is not None and okei is not None else None
    beside = _beside(counted, page)
    if unit is None:
        return coded or beside or Read(PIECE, _ASSUMED)
    box = box_of(unit.cell, page)
    said = unit_in(clean(unit.text))
    is_letter = len(re.sub(r"[\W_]", "", clean(unit.text))) == 1  # an «м» may be what is left of «шт»
    if said and said[1] and not (is_letter and coded is not None and coded.value != said[0]):
        return Read(said[0], max(_SURE, unit.confidence), box)
    if coded is not None:
        return _agreed(coded, Read(said[0] if said else "", _UNSURE, box), clean(unit.text))
    if beside is not None and not said:
        return beside
    if said and not is_measure(said[0]):
        return Read(said[0], _UNSURE, box)
    return _again(unit, said, page, reread, inside)


def _again(
    unit: Slot, said: tuple[str, bool] | None, page: Page, reread: Reread | None, inside: Cell | None
) -> Read[str]:
    """A cell that says no unit, or hardly a measure, read by itself; doubted where that gives no better."""
    box, bare = box_of(unit.cell, page), clean(unit.text)
    if page.is_exact:
        return Read(said[0] if said else bare if has_letters(bare) else "", unit.confidence, box)
    if reread and inside is not None:
        [(text, _)] = reread([(inside, Hint.TEXT)])
        again = unit_in(clean(text))
        if again and (again == said or again[1] or not is_measure(again[0])):
            return Read(again[0], _UNSURE, box)
    if said:
        return Read(said[0], _ASSUMED, box, (Flag.UNIT_UNSURE,))
    return Read(bare if has_letters(bare) else "", unit.confidence, box, (Flag.UNIT_UNSURE,))


def _agreed(coded: Read[str], said: Read[str], text: str) -> Read[str]:
    """The code's unit; where the word beside it is another one, a word of three letters is harder to misread."""
    if said.value in {"", coded.value}:
        return coded
    is_word = len(re.sub(r"[\W_]", "", text)) >= _WORD
    return replace(said if is_word else coded, confidence=_ASSUMED, flags=(Flag.UNIT_UNSURE,))


def _beside(counted: Slot | None, page: Page) -> Read[str] | None:
    """«24 шт» in the cell of the quantity."""
    said = parted(clean(counted.text)) if counted else None
    return Read(said[1], _INLINE, box_of(counted.cell, page)) if said and counted else None


def for_quantity(unit: Read[str], qty: Decimal | None) -> Read[str]:
    """The unit, doubted where the quantity contradicts it: 0,325 is no number of pieces, nor of bottles.

    A measure that was hardly read is one where the quantity is no whole number.
    """
    if qty is None or qty == qty.to_integral_value():
        return unit
    if is_measure(unit.value):
        return replace(unit, flags=tuple(flag for flag in unit.flags if flag is not Flag.UNIT_UNSURE))
    if not is_uncut(unit.value):
        return unit
    flags = tuple(dict.fromkeys((*unit.flags, Flag.UNIT_UNSURE)))
    return replace(unit, value="" if unit.box is None else unit.value, confidence=0.0, flags=flags)
