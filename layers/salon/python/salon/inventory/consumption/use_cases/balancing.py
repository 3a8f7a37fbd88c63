"""Leaving the stock as a count has found it, whatever becomes of a visit from before.

A count that is posted has said how much there is, whether the ledger knew of every visit or not. A visit that had ended
by then and is closed only now was missing in the ledger, and the count has corrected that already; one that is undone
now was part of what the count was compared with. Either way the shelf is as it was counted: the ledger hears of the
use, for whoever asks what services take, and what that does to the stock is met by a correction for the count's sake.
The correction goes with the count: once that is reversed, the visits alone say what is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from salon.inventory.consumption import repository
from salon.inventory.counts.repository import evidence
from salon.inventory.counts.repository.evidence import Settlement
from salon.inventory.ledger.domain import LedgerEntry, Movement, MovementKind, Source
from salon.inventory.ledger.repository.posting import Place
from salon.platform.db import ReadSession

BALANCE = "count_balance"
"""The source of these corrections, with the count's id; not the count's own, which says what it found."""
REASON = "counted"


@dataclass(frozen=True, slots=True)
class Effect:
    """What is being done to the stock.

    Attributes:
        quantity: signed, base units.
        occurred_at: when the goods were used.
        seq: of the row that is taken back; None for a new one.
    """

    place: Place
    quantity: Decimal
    occurred_at: datetime
    seq: int | None = None

    def was_seen_by(self, count: Settlement) -> bool:
        """Whether a count's shelf knew of it, by the rule of `evidence.held_at`."""
        return self.occurred_at < count.counted_at or (self.seq is not None and self.seq <= count.ledger_seq)


def effect_of(movement: Movement) -> Effect:
    """What a movement will do."""
    return Effect((movement.item_id, movement.location_id), movement.quantity, movement.occurred_at)


def undoing(entry: LedgerEntry) -> Effect:
    """What taking a row back will do."""
    return Effect((entry.item_id, entry.location_id), -entry.quantity, entry.occurred_at, entry.seq)


def balance(session: ReadSession, effects: Iterable[Effect]) -> Sequence[Movement]:
    """The corrections that leave the stock as it was counted; the caller holds the ledger's head.

    Each effect is met for the first count that has seen it: a later one stands on that, and is reversed before it.
    """
    effects = list(effects)
    settlements = evidence.list_settlements(session, {effect.place for effect in effects})
    met: dict[UUID, dict[tuple[Place, datetime], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for effect in effects:
        first = next((one for one in settlements.get(effect.place, ()) if effect.was_seen_by(one)), None)
        if first is not None:
            met[first.count_id][effect.place, first.counted_at] -= effect.quantity
    movements = []
    for count_id, quantities in sorted(met.items()):
        source = Source(BALANCE, count_id, repository.last_round(session, BALANCE, count_id) + 1)
        movements += [
            Movement(
                item_id=item_id,
                location_id=location_id,
                kind=MovementKind.CORRECTION,
                quantity=quantity,
                source=source,
                line=line,
                reason=REASON,
                occurred_at=counted_at,
            )
            for line, (((item_id, location_id), counted_at), quantity) in enumerate(sorted(quantities.items()))
            if quantity
        ]
    return movements
