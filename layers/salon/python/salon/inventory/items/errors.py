"""What items refuse."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, NotFound


class ItemNotFound(NotFound):
    """No such item in this tenant."""

    code = "ITEM_NOT_FOUND"

    def __init__(self, item_id: UUID) -> None:
        super().__init__("item", item_id)


class ItemNameTaken(Conflict):
    """Another active item has this name."""

    code = "ITEM_NAME_TAKEN"

    def __init__(self) -> None:
        super().__init__("Another item has this name.")


class ItemInStock(Conflict):
    """The item cannot be archived while some of it is there, or owed."""

    code = "ITEM_IN_STOCK"

    def __init__(self) -> None:
        super().__init__(
            "Some of it is in stock, or was used before it was received. Write it off or correct it first."
        )


class ItemUnitFixed(Conflict):
    """The unit cannot change once something has moved: the quantities in the ledger would mean something else."""

    code = "ITEM_UNIT_FIXED"

    def __init__(self) -> None:
        super().__init__("Stock of this item has moved in its unit. Make a new item for the new unit.")


class ItemInDraft(Conflict):
    """An invoice that nobody has confirmed yet has a line of it: confirmed, it would bring what nobody sees."""

    code = "ITEM_IN_DRAFT"

    def __init__(self) -> None:
        super().__init__("An invoice that is not confirmed yet has a line of this item. Settle the invoice first.")


class MinimumNotFound(NotFound):
    """Nobody has said how much of this item this location should have."""

    code = "MINIMUM_NOT_FOUND"

    def __init__(self, item_id: UUID, location_id: UUID) -> None:
        super().__init__("minimum", f"of {item_id} at {location_id}")
