"""How much a service uses of what. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from salon.catalog.domain.names import require_name
from salon.platform.errors import Invalid

QUANTITY_STEP = Decimal("0.001")
MAX_QUANTITY = Decimal(10**9)


class NormUnit(StrEnum):
    """Base units, so that nothing is converted on the way to the stock."""

    GRAM = "g"
    MILLILITRE = "ml"
    PIECE = "pcs"


@dataclass(frozen=True, slots=True, kw_only=True)
class NormDetails:
    """What a person says about consumption.

    Attributes:
        option_id: only with this option of the service; None for the service itself.
        staff_id: only when this person does it; None for everybody else.
        item: what is used, in the salon's words; inventory matches it to its items.
        quantity: per visit, in base units, to a thousandth.
    """

    service_id: UUID
    item: str
    quantity: Decimal
    unit: NormUnit
    option_id: UUID | None = None
    staff_id: UUID | None = None

    def __post_init__(self) -> None:
        """Refuse nothing, and what the stock could not hold."""
        require_name(self.item)
        if not self.quantity.is_finite() or not 0 < self.quantity < MAX_QUANTITY:
            raise Invalid("A norm is more than nothing, and less than a thousand million.")
        if self.quantity != self.quantity.quantize(QUANTITY_STEP):
            raise Invalid("A norm is given to a thousandth at most.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm(NormDetails):
    """A stored norm; one for an option or a person goes before the general one.

    Attributes:
        item_id: what it is in the stock, when a person has said so there; None leaves it to the name.
        by_length: whether it grows with the length of the client's hair; None when nobody has said.
    """

    id: UUID
    item_id: UUID | None = None
    by_length: bool | None = None
