"""What the ledger refuses."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound


class NotEnoughStock(Conflict):
    """A transfer or a write-off would take more than is there."""

    code = "NOT_ENOUGH_STOCK"

    def __init__(self, item_id: UUID, on_hand: Decimal) -> None:
        super().__init__(f"Of item {item_id} there is less at this location.")  # how much is not everybody's to know
        self.item_id = item_id
        self.on_hand = on_hand


class NotEnoughInBatch(Conflict):
    """More would be taken of a batch than is left of it at the location."""

    code = "NOT_ENOUGH_IN_BATCH"

    def __init__(self, item_id: UUID, left: Decimal) -> None:
        super().__init__(f"Of this batch of item {item_id} there is less at this location.")
        self.left = left


class PostedDifferently(Conflict):
    """The source has posted this line before, with another item, place or quantity; reverse it first."""

    code = "POSTED_DIFFERENTLY"

    def __init__(self) -> None:
        super().__init__("This line was posted before, and said something else. Reverse it, and post a new one.")


class TransferUnpaired(Invalid):
    """What comes in by a transfer must have gone out somewhere else in the same posting."""

    code = "TRANSFER_UNPAIRED"

    def __init__(self) -> None:
        super().__init__("A transfer takes from one location what it brings to another, line by line.")


class MovementNotFound(NotFound):
    """There is no such transfer or write-off."""

    code = "MOVEMENT_NOT_FOUND"

    def __init__(self, kind: str, source_id: UUID) -> None:
        super().__init__(kind.replace("_", "-"), source_id)


class AlreadyReversed(Conflict):
    """The transfer or the write-off was taken back before."""

    code = "ALREADY_REVERSED"

    def __init__(self, kind: str, source_id: UUID) -> None:
        super().__init__(f"The {kind.replace('_', '-')} {source_id} was taken back before.")


class MovedAndCounted(Conflict):
    """A count has corrected the goods since: taking the movement back now might count them twice.

    Attributes:
        item_ids: what was corrected.
    """

    code = "MOVED_AND_COUNTED"

    def __init__(self, item_ids: Collection[UUID]) -> None:
        super().__init__(
            f"{len(item_ids)} of the items were corrected by a count since. Take back the count first;"
            " or say `despite_count`, if what the count found has nothing to do with this movement."
        )
        self.item_ids = tuple(item_ids)


class StockBeyondBelief(Invalid):
    """A quantity or a worth that no salon has, and the ledger cannot hold."""

    code = "STOCK_BEYOND_BELIEF"

    def __init__(self) -> None:
        super().__init__("So much cannot be: look at the quantity and at the unit once more.")
