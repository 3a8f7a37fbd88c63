"""What consumption refuses."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from salon.platform.errors import Conflict, Invalid


class ConsumptionSettingsSenseless(Invalid):
    """A setting of consumption makes no sense."""

    code = "CONSUMPTION_SETTINGS_SENSELESS"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} {why}.")
        self.name = name


class ActualSenseless(Invalid):
    """Nobody uses less than nothing, or a ton, of an item; and one item is said once."""

    code = "ACTUAL_SENSELESS"

    def __init__(self, item_id: UUID, why: str) -> None:
        super().__init__(f"What was used of item {item_id} {why}.")
        self.item_id = item_id


class ItemUnitUnfit(Invalid):
    """A norm in this unit says nothing about an item that is kept in that one."""

    code = "ITEM_UNIT_UNFIT"

    def __init__(self, norm_unit: str, item_unit: str) -> None:
        super().__init__(f"A norm in {norm_unit} cannot be taken from an item that is kept in {item_unit}.")


class ConsumptionCounted(Conflict):
    """A count has found out since what was there: what is said now of a visit before it would be taken away twice.

    Attributes:
        item_ids: what was counted.
    """

    code = "CONSUMPTION_COUNTED"

    def __init__(self, item_ids: Collection[UUID]) -> None:
        super().__init__(f"{len(item_ids)} of these items were counted after the visit, and the count was posted.")
        self.item_ids = tuple(item_ids)
