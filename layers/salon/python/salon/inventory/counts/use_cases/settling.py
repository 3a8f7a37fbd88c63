"""What the entries of a count come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from salon.inventory.counts import domain
from salon.inventory.counts.domain import Entry, Settled, StockCount, Unsettled
from salon.inventory.counts.repository import counts, evidence
from salon.inventory.counts.repository.evidence import Held
from salon.platform.db import ReadSession


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a count stands.

    Attributes:
        entries: by item, in the order in which they came.
        held: what the ledger held at each entry's moment, by the entry's id.
        outcome: of each item that was counted at all.
    """

    entries: Mapping[UUID, list[Entry]]
    held: Mapping[UUID, Held]
    outcome: Mapping[UUID, Settled | Unsettled]

    def unsettled(self) -> list[UUID]:
        """Items that nobody knows the quantity of yet."""
        return sorted(item_id for item_id, one in self.outcome.items() if isinstance(one, Unsettled))

    def to_recount(self) -> list[UUID]:
        """Items about which the two people differ."""
        return sorted(item_id for item_id, one in self.outcome.items() if isinstance(one, Unsettled) and one.differs)

    def was_recounted(self, item_id: UUID) -> bool:
        """Whether somebody has counted it again because two people differed."""
        return any(entry.is_recount for entry in self.entries.get(item_id, ()))


def standing_of(session: ReadSession, count: StockCount, item_id: UUID | None = None) -> Standing:
    """Where a count stands now; with one item only, or with all that was entered."""
    entries = counts.list_entries(session, count.id, item_id)
    places = {place.item_id: place for place in counts.list_places(session, count.location_id, entries.keys())}
    held = evidence.held_at(session, count.location_id, [one for same in entries.values() for one in same])
    expected = {entry_id: one.quantity for entry_id, one in held.items()}
    outcome = {
        item_id: domain.settle(
            same,
            expected=expected,
            people=count.people,
            base_unit=places[item_id].base_unit,
            pack_quantity=places[item_id].pack_quantity,
        )
        for item_id, same in entries.items()
    }
    return Standing(entries, held, outcome)
