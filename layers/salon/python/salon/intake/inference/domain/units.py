"""From what the name says and what the document counts in to base units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from salon.intake.inference.domain.packs import Pack
from salon.intake.inference.domain.values import BaseUnit, Category


class InvoiceUnit(StrEnum):
    """What a document counts in, as far as it matters here."""

    PIECE = "piece"
    BOX = "box"
    PAIR = "pair"
    SET = "set"
    KILOGRAM = "kg"
    GRAM = "g"
    LITRE = "l"
    MILLILITRE = "ml"
    UNKNOWN = "unknown"


_WORDS: tuple[tuple[InvoiceUnit, str], ...] = (
    (
        InvoiceUnit.PIECE,
        r"шт\w*|pcs|pc|wt|шг|шm|um|фл\w*|т[ую]б\w*|банк\w*|бан|бут\w*|кан(?:истр\w*)?|саше|амп\w*|ед|796|рул\w*|736",
    ),
    (InvoiceUnit.BOX, r"уп\w*|yn|yп|уn|ул|кор\w*|пач\w*|бл\w*|ящ\w*|кейс|pack|box|778"),
    (InvoiceUnit.PAIR, r"пар\w*|nap|715"),
    (InvoiceUnit.SET, r"наб\w*|компл\w*|к-т|set|839"),
    (InvoiceUnit.KILOGRAM, r"кг|kg|kr|кr|166"),
    (InvoiceUnit.GRAM, r"гр\w*|г|g|gr|163"),
    (InvoiceUnit.LITRE, r"л|литр\w*|l|112|дм3"),
    (InvoiceUnit.MILLILITRE, r"мл|ml|111"),
)
"""Words, what the recogniser makes of them, and the codes of the classifier of units (OKEI)."""

_MEASURED = {
    InvoiceUnit.KILOGRAM: (BaseUnit.GRAM, Decimal(1000)),
    InvoiceUnit.GRAM: (BaseUnit.GRAM, Decimal(1)),
    InvoiceUnit.LITRE: (BaseUnit.MILLILITRE, Decimal(1000)),
    InvoiceUnit.MILLILITRE: (BaseUnit.MILLILITRE, Decimal(1)),
}
_USUAL = {
    Category.HAIR_DYE: BaseUnit.MILLILITRE,
    Category.OXIDANT: BaseUnit.MILLILITRE,
    Category.BLEACH: BaseUnit.GRAM,
    Category.SHAMPOO: BaseUnit.MILLILITRE,
    Category.CONDITIONER: BaseUnit.MILLILITRE,
    Category.HAIR_MASK: BaseUnit.MILLILITRE,
    Category.HAIR_TREATMENT: BaseUnit.MILLILITRE,
}
"""What a salon measures out, and in what; everything else is counted in pieces unless its name says otherwise."""

_POURED = frozenset(_USUAL) | {
    Category.HAIR_CARE, Category.STYLING, Category.GEL_POLISH, Category.NAIL_BASE_TOP, Category.NAIL_POLISH,
    Category.NAIL_CARE, Category.SKIN_CARE,
}  # fmt: skip
"""What comes in something with a volume on it: where none was read, it was perhaps lost."""

_SMALL = frozenset({Category.GEL_POLISH, Category.NAIL_BASE_TOP, Category.NAIL_POLISH, Category.LASHES, Category.BROWS})
_MOST_IN_SMALL = 250
_MEASURED_THINGS = frozenset({Category.TOOLS, Category.EQUIPMENT})
"""Here a volume is a property of the thing («распылитель 250 мл»)."""

_NUMBERED = frozenset({Category.DISPOSABLES, Category.GLOVES, Category.DISINFECTANT})
"""Where «№50» is fifty pieces; on a dye or a polish it is a shade."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What one invoiced unit holds (see `LinePrediction`), and what of the name said so."""

    base_unit: BaseUnit
    pack_quantity: Decimal | None
    packs_per_unit: int
    is_sure: bool
    spans: tuple[tuple[int, int], ...] = ()


def invoice_unit(text: str) -> InvoiceUnit:
    """What a document's unit means."""
    word = text.strip(" .,|/").lower()
    return next((unit for unit, words in _WORDS if re.fullmatch(words, word)), InvoiceUnit.UNKNOWN)


def contents_of(pack: Pack, unit: InvoiceUnit, category: Category) -> Contents:
    """Work out what one invoiced unit holds.

    Args:
        pack: what the name says.
        unit: what the document counts in.
        category: of the line, `other` where nobody knows.
    """
    if unit in _MEASURED:
        base, quantity = _MEASURED[unit]
        return Contents(base, quantity, 1, is_sure=True, spans=pack.spans)
    if pack.numbered and category in _NUMBERED:
        return Contents(BaseUnit.PIECE, Decimal(pack.numbered), 1, is_sure=True, spans=pack.spans)
    is_property = category in _MEASURED_THINGS and pack.unit is not BaseUnit.PIECE
    if pack.unit is None or pack.quantity is None or is_property:
        return _unsaid(unit, category)
    packs = pack.packs
    if pack.boxed and unit is InvoiceUnit.BOX:
        packs *= pack.boxed
    is_odd = (
        (unit is InvoiceUnit.PAIR and pack.quantity not in {1, 2})
        or (pack.unit is BaseUnit.PIECE and category in _USUAL)
        or (category in _SMALL and pack.unit is not BaseUnit.PIECE and pack.quantity > _MOST_IN_SMALL)
    )
    is_sure = pack.is_sure and not is_odd
    return Contents(pack.unit, pack.quantity, packs, is_sure, pack.spans)


def _unsaid(unit: InvoiceUnit, category: Category) -> Contents:
    if unit is InvoiceUnit.PAIR:
        return Contents(BaseUnit.PIECE, Decimal(2), 1, is_sure=True)
    base = _USUAL.get(category, BaseUnit.PIECE)
    if base is not BaseUnit.PIECE or unit is InvoiceUnit.BOX:
        return Contents(base, None, 1, is_sure=False)
    is_sure = unit is not InvoiceUnit.UNKNOWN and category not in _POURED
    return Contents(base, Decimal(1), 1, is_sure)
