"""What services used. Ids, quantities and kopecks only.

`stock.consumed` of the ledger says the same movement by movement; these say by whom and for what, which the ledger does
not know.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from salon.booking.events import BookingCompleted, BookingReopened
from salon.platform.facts import Fact


class UsedItem(BaseModel):
    """What of one item went into a visit: base units, what the norm says (None without one), and its cost, kopecks."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    item_id: UUID
    quantity: Decimal
    norm_quantity: Decimal | None
    cost_minor: int
    is_actual: bool


class ConsumptionFact(Fact):
    """What every fact about a visit's consumption says; `generation` tells one posting of a visit from the next."""

    booking_id: UUID
    generation: int
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None
    items: tuple[UsedItem, ...]


class VisitConsumed(ConsumptionFact):
    """A visit used something up. Told again with the same generation when a lost norm was caught up with: add up."""

    name: ClassVar[str] = "visit.consumed"


class VisitConsumptionReversed(ConsumptionFact):
    """What a visit had used was taken back: all that was told of this generation."""

    name: ClassVar[str] = "visit.consumption_reversed"


VISIT_FACTS = frozenset({BookingCompleted.name, BookingReopened.name})
"""After these a booking's consumption is worked out again."""
