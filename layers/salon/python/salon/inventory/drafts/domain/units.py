"""How much of an item one unit of a document holds. Pure, and never a guess: what is not said is asked.

Stricter than the proposal for a new item (`intake.inference`), which a person sees before it counts: this goes into the
stock of an item that is there already.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from salon.intake.inference.domain.units import InvoiceUnit, invoice_unit
from salon.inventory.drafts.domain.names import NameParts
from salon.inventory.items.domain import BaseUnit

QUANTITY_STEP = Decimal("0.0001")
MAX_UNIT_CHARS = 32
_MEASURED = {
    InvoiceUnit.KILOGRAM: (BaseUnit.GRAM, Decimal(1000)),
    InvoiceUnit.GRAM: (BaseUnit.GRAM, Decimal(1)),
    InvoiceUnit.LITRE: (BaseUnit.MILLILITRE, Decimal(1000)),
    InvoiceUnit.MILLILITRE: (BaseUnit.MILLILITRE, Decimal(1)),
}


def plain_unit(written: str) -> str:
    """A unit as it is compared: small letters without full stops and blanks."""
    return "".join(written.lower().replace("ё", "е").split()).replace(".", "")[:MAX_UNIT_CHARS]


def per_unit(written: str, parts: NameParts, base: BaseUnit, *, pack: Decimal | None = None) -> Decimal | None:
    """Base units of an item in one unit of the document; None where document and item do not say.

    A pair is one thing to some and two to others, a set holds what its maker put in: both are asked.

    Args:
        written: the document's unit: «шт», «кор», «кг».
        parts: the name beside it, which says «12 × 60 мл».
        base: what the item is counted in.
        pack: base units in one piece, where the item itself knows and the name is silent.
    """
    unit = invoice_unit(written)
    if unit in _MEASURED:
        measured, factor = _MEASURED[unit]
        return factor if measured is base else None
    one = _one(parts, base, pack)
    if one is None:
        return None
    if unit is InvoiceUnit.BOX:
        return one * parts.count if parts.count else None
    if unit is not InvoiceUnit.PIECE or parts.counts:
        return None  # a piece of «12 × 60 мл»: the tube or the box?
    return one


def _one(parts: NameParts, base: BaseUnit, pack: Decimal | None) -> Decimal | None:
    """Base units in one piece."""
    if base is BaseUnit.PIECE:
        return Decimal(1)
    if parts.sizes:
        return parts.size.value if parts.size is not None and parts.size.unit is base else None
    return pack


def base_quantity(quantity: Decimal, per_unit: Decimal) -> Decimal:
    """So many units of the document in base units, to four decimals."""
    return (quantity * per_unit).quantize(QUANTITY_STEP, ROUND_HALF_EVEN)
