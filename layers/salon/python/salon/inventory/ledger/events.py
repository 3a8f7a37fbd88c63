"""What has happened to the stock. Ids, quantities and kopecks only."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from salon.inventory.ledger.domain import MovementKind
from salon.platform.facts import Fact

Quantity = Annotated[Decimal, WithJsonSchema({"type": "string", "format": "decimal"})]
"""Base units; less than nothing for what went out."""
SourceKind = Annotated[str, Field(pattern="^[a-z][a-z_]{0,31}$", json_schema_extra={"format": "source-kind"})]
"""A word of our own, such as `booking`; never anybody's text."""


class StockLine(BaseModel):
    """One movement: signed base units, and by how much the worth of the stock changed with it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    movement_id: UUID
    item_id: UUID
    location_id: UUID
    quantity: Quantity
    value_minor: int
    variance_minor: int = 0


class StockFact(Fact):
    """What every fact about movements says: where they come from, and each of them."""

    source_kind: SourceKind
    source_id: UUID
    lines: tuple[StockLine, ...]


class StockReceived(StockFact):
    """Goods came in from a supplier."""

    name: ClassVar[str] = "stock.received"


class StockConsumed(StockFact):
    """Services have used something up."""

    name: ClassVar[str] = "stock.consumed"


class StockTransferred(StockFact):
    """Goods went from one location to another: for each, a line out and a line in."""

    name: ClassVar[str] = "stock.transferred"


class StockWrittenOff(StockFact):
    """Something was expired, damaged, lost, or used without being entered."""

    name: ClassVar[str] = "stock.written_off"


class StockCorrected(StockFact):
    """A count has found another quantity than the ledger."""

    name: ClassVar[str] = "stock.corrected"


class StockReversed(StockFact):
    """What a source had posted was taken back: mirrors of its lines, whatever their kinds."""

    name: ClassVar[str] = "stock.reversed"

    kinds: tuple[MovementKind, ...]


class StockBelowMinimum(Fact):
    """Less of an item is there now than there should be at least; told once, when the level is crossed."""

    name: ClassVar[str] = "stock.below_minimum"

    item_id: UUID
    location_id: UUID
    on_hand: Quantity
    minimum: Quantity
