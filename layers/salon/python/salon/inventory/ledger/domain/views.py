"""What is read out of the ledger. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from salon.inventory.ledger.domain.movements import MovementKind, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class StockOnHand:
    """What of an item lies at a location.

    Attributes:
        quantity: base units; less than nothing when more was used than received.
        value_minor: what it is worth, kopecks.
        unit_cost_minor: what a base unit costs on average, kopecks; None where the question was about another time.
    """

    item_id: UUID
    location_id: UUID
    quantity: Decimal
    value_minor: int
    unit_cost_minor: Decimal | None = None

    @property
    def is_overdrawn(self) -> bool:
        """Whether more was used than received."""
        return self.quantity < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStock:
    """What is left of a batch at a location."""

    batch_id: UUID
    item_id: UUID
    location_id: UUID
    lot: str
    expires_on: date | None
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchShare:
    """How much of a batch to use."""

    batch_id: UUID
    lot: str
    expires_on: date | None
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePoint:
    """What was paid for an item once.

    Attributes:
        quantity: received, base units.
        cost_minor: of all of it, kopecks.
        unit_cost_minor: of one base unit, kopecks.
    """

    movement_id: UUID
    item_id: UUID
    supplier_id: UUID | None
    occurred_at: datetime
    quantity: Decimal
    cost_minor: int
    source: Source

    @property
    def unit_cost_minor(self) -> Decimal:
        """Of one base unit, kopecks, to 28 digits."""
        return self.cost_minor / self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLine:
    """What to buy, because less is there than should be.

    Attributes:
        on_hand: base units.
        packs: whole packs that bring the stock up to its target at least.
        quantity: so many base units these are.
        supplier_id: whoever it was last bought from; None when it never was.
        pack_cost_minor: what a pack cost then, kopecks, rounded.
        cost_minor: what all packs would cost, kopecks, rounded.
    """

    item_id: UUID
    location_id: UUID
    on_hand: Decimal
    minimum: Decimal
    target: Decimal
    packs: int
    quantity: Decimal
    supplier_id: UUID | None = None
    pack_cost_minor: int | None = None
    cost_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementFilters:
    """Which movements to list; None does not narrow.

    Attributes:
        from_at: by when it happened, included.
        to_at: not included.
    """

    item_id: UUID | None = None
    location_id: UUID | None = None
    kind: MovementKind | None = None
    source_kind: str | None = None
    source_id: UUID | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
