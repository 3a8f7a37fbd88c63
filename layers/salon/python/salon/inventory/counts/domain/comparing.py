"""Two people's entries against each other, and what was settled against the ledger. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from salon.inventory.counts.domain.causes import Cause
from salon.inventory.counts.domain.counting import Entry

PIECES = "pcs"
TOLERATED = Decimal("0.05")
"""Two people who look at an opened tube agree to a twentieth of a pack; a guess of ours, not measured."""
OF_USE = Decimal("0.05")
ONE_UNIT = Decimal(1)


@dataclass(frozen=True, slots=True)
class Settled:
    """What an item comes to: the entry that holds."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Nobody knows yet: the two differ, or only one of them has counted."""

    item_id: UUID
    differs: bool


def agree(one: Decimal, other: Decimal, *, base_unit: str, pack_quantity: Decimal) -> bool:
    """Whether two variances are the same for all that people can see: pieces exactly, the rest nearly."""
    tolerance = Decimal(0) if base_unit == PIECES else pack_quantity * TOLERATED
    return abs(one - other) <= tolerance


def settle(
    entries: Sequence[Entry], *, expected: Mapping[UUID, Decimal], people: int, base_unit: str, pack_quantity: Decimal
) -> Settled | Unsettled:
    """What one item's entries come to.

    The last entry of each person holds. Of two people not what they saw is compared but how far it is from the ledger
    at the moment of each: in between something may have been used. Where they agree the later one holds, at first or
    after both have looked again; where they differ, the second look of whoever may decide (`enter_count`).

    Args:
        entries: of one item, in the order in which they were entered; at least one.
        expected: what the ledger said at each entry's moment, by the entry's id.
        people: how many were to count.
        base_unit: of the item.
        pack_quantity: base units in a pack.
    """
    recounts = [entry for entry in entries if entry.is_recount]
    if recounts:
        return Settled(recounts[-1])
    last = {entry.counter_id: entry for entry in entries}
    if len(last) < people:
        return Unsettled(entries[0].item_id, differs=False)
    variances = [entry.quantity - expected[entry.id] for entry in last.values()]
    if all(agree(variances[0], one, base_unit=base_unit, pack_quantity=pack_quantity) for one in variances[1:]):
        return Settled(max(last.values(), key=lambda entry: (entry.counted_at, entry.entered_at, entry.id)))
    return Unsettled(entries[0].item_id, differs=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An item's count against the ledger.

    Attributes:
        expected: what the ledger held at the moment of counting, base units.
        counted: what was there.
        unit_cost: moving average then, kopecks a base unit; None where the item never cost anything.
        used: consumption since the count before.
        since_at: that count's moment; None for the first.
        ledger_seq: up to which movement the ledger was looked at.
    """

    item_id: UUID
    expected: Decimal
    counted: Decimal
    unit_cost: Decimal | None
    used: Decimal
    since_at: datetime | None
    ledger_seq: int
    counted_at: datetime

    @property
    def variance(self) -> Decimal:
        """More than nothing for what is there and nobody expected; less for what is missing."""
        return self.counted - self.expected

    @property
    def variance_minor(self) -> int | None:
        """The same in kopecks; None where the cost is not known."""
        if self.unit_cost is None:
            return None
        return int((self.variance * self.unit_cost).quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def is_flagged(self) -> bool:
        """Whether somebody should look: more than a twentieth of what was used and than one unit (domain.md §5.2)."""
        return abs(self.variance) > max(self.used * OF_USE, ONE_UNIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(Compared):
    """What a closed count froze of an item."""

    count_id: UUID
    closing: int
    location_id: UUID
    causes: tuple[Cause, ...]
    taken_at: datetime
