"""Items of the stock. Values only."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from salon.catalog.domain.names import require_name, require_short
from salon.platform.errors import Invalid

QUANTITY_STEP = Decimal("0.0001")
MAX_QUANTITY = Decimal(10**9)
MAX_CODE_CHARS = 64


class BaseUnit(StrEnum):
    """What stock is counted in: the units of consumption norms, so that nothing is converted between them."""

    GRAM = "g"
    MILLILITRE = "ml"
    PIECE = "pcs"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDetails:
    """What a person says about an item.

    Attributes:
        name: without volume and pack; two active items never share one, whatever their capitals, «ё» and blanks.
        base_unit: what it is counted in.
        pack_quantity: base units in one piece as it is bought: 60 of a tube of 60 ml.
        sku: the supplier's or the salon's own code.
        barcode: what a scanner reads.
    """

    name: str
    base_unit: BaseUnit
    pack_quantity: Decimal = Decimal(1)
    category: str = ""
    brand: str = ""
    sku: str | None = None
    barcode: str | None = None

    def __post_init__(self) -> None:
        """Refuse a nameless item, and a pack of nothing."""
        require_name(self.name)
        require_short(self.category, self.brand)
        require_short(self.sku or "", self.barcode or "", most=MAX_CODE_CHARS)
        require_level(self.pack_quantity)
        if self.pack_quantity == 0:
            raise Invalid("A pack holds more than nothing.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(ItemDetails):
    """A stored item."""

    id: UUID
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumDetails:
    """How much of an item a location should have.

    Attributes:
        minimum: below it somebody is told, base units.
        target: up to it is bought; not less than the minimum.
    """

    item_id: UUID
    location_id: UUID
    minimum: Decimal
    target: Decimal

    def __post_init__(self) -> None:
        """Refuse levels that make no sense together."""
        require_level(self.minimum)
        require_level(self.target)
        if self.target < self.minimum:
            raise Invalid("The target is not below the minimum.")


def require_level(quantity: Decimal) -> None:
    """Refuse what is less than nothing, too much, or too fine for the ledger.

    Raises:
        Invalid: it is so.
    """
    if not quantity.is_finite() or not 0 <= quantity <= MAX_QUANTITY:
        raise Invalid("A quantity is nothing or more, and not more than a thousand million.")
    if quantity != quantity.quantize(QUANTITY_STEP):
        raise Invalid("A quantity is given to a ten-thousandth at most.")


def name_key(name: str) -> str:
    """A name as names are compared: small letters, one blank between words, «е» for «ё», full-width forms narrowed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("ё", "е").split())
