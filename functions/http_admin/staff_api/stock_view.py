"""What people say about stock, and how it is shown. Sums are null for whoever may not see money."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool
from pydantic.dataclasses import dataclass

from salon.inventory.items.domain import BaseUnit, Item, ItemDetails, MinimumDetails
from salon.inventory.ledger.domain import (
    BatchRef,
    BatchStock,
    LedgerEntry,
    MovementKind,
    Posted,
    PricePoint,
    PurchaseLine,
    StockOnHand,
    WriteOffReason,
)
from salon.inventory.ledger.use_cases import StockLine
from salon.inventory.suppliers.domain import SupplierDetails
from salon.platform.http_fields import Day, DecimalField
from staff_api.common import STRICT
from staff_api.counts_view import Hidden

MAX_LINES = 200
UNIT_COST_STEP = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ItemBody(ItemDetails):
    """What a person says about an item."""

    pack_quantity: DecimalField = Decimal(1)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SupplierBody(SupplierDetails):
    """What a person says about a supplier."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MinimumBody(MinimumDetails):
    """How much of an item a location should have."""

    minimum: DecimalField
    target: DecimalField


@dataclass(frozen=True, config=STRICT)
class BatchBody(BatchRef):
    """A batch: its lot, its expiry date, or both."""

    expires_on: Day | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LineBody(StockLine):
    """So much of an item, in its base unit."""

    quantity: DecimalField
    batch: BatchBody | None = None


class TransferBody(BaseModel):
    """What is carried from one location to another."""

    model_config = STRICT

    from_location_id: UUID
    to_location_id: UUID
    lines: list[LineBody] = Field(min_length=1, max_length=MAX_LINES)
    note: str | None = Field(default=None, max_length=1_000)


class WriteOffBody(BaseModel):
    """What is gone, and why."""

    model_config = STRICT

    location_id: UUID
    reason: WriteOffReason
    lines: list[LineBody] = Field(min_length=1, max_length=MAX_LINES)
    note: str | None = Field(default=None, max_length=1_000, description="Needed where the reason is another one.")


class UndoBody(BaseModel):
    """Why a transfer or a write-off is taken back."""

    model_config = STRICT

    reason: str = Field(min_length=1, max_length=1_000)
    despite_count: StrictBool = Field(
        default=False, description="Although a count has corrected some of it since: it may then be counted twice."
    )


class OnHandView(BaseModel):
    """What of an item lies at a location."""

    item_id: UUID
    location_id: UUID
    name: str
    category: str
    base_unit: BaseUnit
    quantity: Decimal | None = Field(description="Null while it is counted blindly, for whoever may not correct it.")
    is_overdrawn: bool | None = Field(description="More was used than received: somebody has forgotten an invoice.")
    value_minor: int | None
    unit_cost_minor: Decimal | None = Field(description="Of one base unit, kopecks; null about another time.")

    @classmethod
    def of(cls, line: StockOnHand, item: Item, *, with_sums: bool, hidden: Hidden) -> OnHandView:
        """From what lies there; `hidden` is what whoever asks may not know of now."""
        is_hidden = (line.item_id, line.location_id) in hidden
        unit_cost_minor = None if line.unit_cost_minor is None else _shown(line.unit_cost_minor)
        return cls(
            item_id=line.item_id,
            location_id=line.location_id,
            name=item.name,
            category=item.category,
            base_unit=item.base_unit,
            quantity=None if is_hidden else line.quantity,
            is_overdrawn=None if is_hidden else line.is_overdrawn,
            value_minor=line.value_minor if with_sums and not is_hidden else None,
            unit_cost_minor=unit_cost_minor if with_sums else None,
        )


class BatchView(BaseModel):
    """What is left of a batch at a location."""

    batch_id: UUID
    item_id: UUID
    location_id: UUID
    lot: str
    expires_on: date | None
    quantity: Decimal | None = Field(description="Null while it is counted blindly, for whoever may not correct it.")

    @classmethod
    def of(cls, batch: BatchStock, *, hidden: Hidden) -> BatchView:
        """From the batch."""
        values = {name: getattr(batch, name) for name in cls.model_fields}
        if (batch.item_id, batch.location_id) in hidden:
            values["quantity"] = None
        return cls(**values)


class MovementView(BaseModel):
    """One row of the ledger."""

    id: UUID
    seq: int
    item_id: UUID
    location_id: UUID
    kind: MovementKind
    quantity: Decimal | None = Field(description="Null while it is counted blindly, for whoever may not correct it.")
    value_minor: int | None
    batch_id: UUID | None
    supplier_id: UUID | None
    source_kind: str
    source_id: UUID = Field(description="What posted it; by this id a transfer or a write-off is taken back.")
    line: int
    reverses_id: UUID | None
    is_reversed: bool = Field(description="It was taken back since.")
    reason: str | None
    note: str | None
    actor_kind: str
    actor_id: str
    occurred_at: datetime
    at: datetime

    @classmethod
    def of(cls, entry: LedgerEntry, *, with_sums: bool, hidden: Hidden, is_reversed: bool) -> MovementView:
        """From the row."""
        is_hidden = (entry.item_id, entry.location_id) in hidden
        own = {"quantity", "value_minor", "source_kind", "source_id", "is_reversed"}
        values = {name: getattr(entry, name) for name in cls.model_fields if name not in own}
        return cls(
            **values,
            quantity=None if is_hidden else entry.quantity,
            value_minor=entry.value_minor if with_sums and not is_hidden else None,
            source_kind=entry.source.kind,
            source_id=entry.source.id,
            is_reversed=is_reversed,
        )


class PostedView(BaseModel):
    """A movement that stands in the ledger now."""

    id: UUID
    seq: int
    item_id: UUID
    location_id: UUID
    kind: MovementKind
    quantity: Decimal
    value_minor: int | None
    on_hand: Decimal | None = Field(description="Null while it is counted blindly, for whoever may not correct it.")
    source_kind: str
    source_id: UUID

    @classmethod
    def of(cls, posted: Posted, *, with_sums: bool, hidden: Hidden) -> PostedView:
        """From what was posted."""
        is_hidden = (posted.item_id, posted.location_id) in hidden
        return cls(
            id=posted.id,
            seq=posted.seq,
            item_id=posted.item_id,
            location_id=posted.location_id,
            kind=posted.kind,
            quantity=posted.quantity,
            value_minor=posted.value_minor if with_sums else None,
            on_hand=None if is_hidden else posted.on_hand,
            source_kind=posted.source.kind,
            source_id=posted.source.id,
        )


class PurchaseView(BaseModel):
    """What to buy."""

    item_id: UUID
    location_id: UUID
    name: str
    base_unit: BaseUnit
    pack_quantity: Decimal
    on_hand: Decimal
    minimum: Decimal
    target: Decimal
    packs: int
    quantity: Decimal
    supplier_id: UUID | None = Field(description="Whoever it was last bought from.")
    pack_cost_minor: int | None = Field(description="What a pack cost then.")
    cost_minor: int | None

    @classmethod
    def of(cls, line: PurchaseLine, item: Item, *, with_sums: bool) -> PurchaseView:
        """From the suggestion."""
        return cls(
            item_id=line.item_id,
            location_id=line.location_id,
            name=item.name,
            base_unit=item.base_unit,
            pack_quantity=item.pack_quantity,
            on_hand=line.on_hand,
            minimum=line.minimum,
            target=line.target,
            packs=line.packs,
            quantity=line.quantity,
            supplier_id=line.supplier_id,
            pack_cost_minor=line.pack_cost_minor if with_sums else None,
            cost_minor=line.cost_minor if with_sums else None,
        )


class PriceView(BaseModel):
    """What was paid for an item once."""

    movement_id: UUID
    item_id: UUID
    supplier_id: UUID | None
    occurred_at: datetime
    quantity: Decimal
    cost_minor: int
    unit_cost_minor: Decimal = Field(description="Of one base unit, kopecks.")
    source_kind: str
    source_id: UUID

    @classmethod
    def of(cls, point: PricePoint) -> PriceView:
        """From the receipt."""
        return cls(
            movement_id=point.movement_id,
            item_id=point.item_id,
            supplier_id=point.supplier_id,
            occurred_at=point.occurred_at,
            quantity=point.quantity,
            cost_minor=point.cost_minor,
            unit_cost_minor=_shown(point.unit_cost_minor),
            source_kind=point.source.kind,
            source_id=point.source.id,
        )


def _shown(unit_cost_minor: Decimal) -> Decimal:
    """A unit's cost as it is shown: to a ten-thousandth of a kopeck."""
    return unit_cost_minor.quantize(UNIT_COST_STEP, ROUND_HALF_UP)
