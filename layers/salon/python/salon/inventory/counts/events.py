"""What counts have found. Ids and kopecks only; the corrections themselves are the ledger's `stock.corrected`."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from salon.platform.facts import Fact


class StockCounted(Fact):
    """A count was posted: what is missing and what is over, kopecks at the average of then, both nothing or more."""

    name: ClassVar[str] = "stock.counted"

    count_id: UUID
    location_id: UUID
    items: int
    flagged: int
    shortage_minor: int
    surplus_minor: int
