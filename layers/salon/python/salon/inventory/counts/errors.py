"""What counting refuses."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from salon.platform.errors import Conflict, Forbidden, Invalid, NotFound


class CountNotFound(NotFound):
    """No such count in this tenant."""

    code = "COUNT_NOT_FOUND"

    def __init__(self, count_id: UUID) -> None:
        super().__init__("count", count_id)


class CountNotOpen(Conflict):
    """Counting is over, or the step does not follow from where the count stands."""

    code = "COUNT_NOT_OPEN"

    def __init__(self, count_id: UUID, status: str) -> None:
        super().__init__(f"Count {count_id} is {status}.")
        self.status = status


class CountStillOpen(Conflict):
    """What was expected is shown when the counting is over, to nobody before."""

    code = "COUNT_STILL_OPEN"

    def __init__(self, count_id: UUID) -> None:
        super().__init__(f"Count {count_id} is not closed yet.")


class CountExpired(Conflict):
    """It was left open for too long: what was seen then says nothing about now. Open a new one."""

    code = "COUNT_EXPIRED"

    def __init__(self, count_id: UUID) -> None:
        super().__init__(f"Count {count_id} was left open for too long.")


class CountersComplete(Conflict):
    """As many people as were to count have begun to."""

    code = "COUNTERS_COMPLETE"

    def __init__(self, people: int) -> None:
        super().__init__(f"This count is by {people}, and they have begun.")


class SecondLookNotYours(Forbidden):
    """Two people differ about an item, and whoever asks may not decide between them."""

    code = "SECOND_LOOK_NOT_YOURS"

    def __init__(self, item_id: UUID) -> None:
        super().__init__(
            f"Two people differ about item {item_id}: somebody who has not counted it and may correct the stock looks"
            " once more, or the two themselves do until they agree."
        )
        self.item_id = item_id


class CountUnsettled(Conflict):
    """Something was counted by one of two people only, or they differ, and nobody has decided."""

    code = "COUNT_UNSETTLED"

    def __init__(self, item_ids: Collection[UUID]) -> None:
        super().__init__(f"{len(item_ids)} items are not settled: count them again, or leave them out.")
        self.item_ids = tuple(item_ids)


class CountEmpty(Conflict):
    """Nothing was counted."""

    code = "COUNT_EMPTY"

    def __init__(self, count_id: UUID) -> None:
        super().__init__(f"Nothing was counted in {count_id}.")


class CountOutdated(Conflict):
    """Another count has corrected the same things since: these figures would correct them a second time."""

    code = "COUNT_OUTDATED"

    def __init__(self, item_ids: Collection[UUID]) -> None:
        super().__init__(f"{len(item_ids)} items were corrected by another count since.")
        self.item_ids = tuple(item_ids)


class BeingCounted(Conflict):
    """A blind count of it is under way: put elsewhere, it would fall out of what is counted."""

    code = "BEING_COUNTED"

    def __init__(self, item_ids: Collection[UUID]) -> None:
        super().__init__(f"{len(item_ids)} of these items are being counted.")
        self.item_ids = tuple(item_ids)


class ItemNotCounted(Invalid):
    """The item is not among those that this count is of."""

    code = "ITEM_NOT_COUNTED"

    def __init__(self, item_id: UUID) -> None:
        super().__init__(f"Item {item_id} is not part of this count.")


class EntrySenseless(Invalid):
    """A quantity below nothing or beyond belief, or a moment outside the count."""

    code = "ENTRY_SENSELESS"


class CountSenseless(Invalid):
    """A count is by one or two people, of everything or of sections that have a name."""

    code = "COUNT_SENSELESS"
