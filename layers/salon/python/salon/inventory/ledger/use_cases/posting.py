"""The only way into the ledger.

Lock order: the tenant's head first, by `post` and `reverse` themselves; whoever holds it owns all positions of the
tenant. So two postings never wait for each other crosswise, and the average is reckoned in the order of the chain. Post
as late in a transaction as may be: other postings of the salon wait until it ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from salon.identity.domain import Actor
from salon.inventory.items.repository import require_items
from salon.inventory.ledger.domain import (
    COVERED,
    QUANTITY_STEP,
    BatchRef,
    Change,
    LedgerEntry,
    Movement,
    MovementKind,
    Position,
    Posted,
    Source,
    move_at_average,
    take_in,
)
from salon.inventory.ledger.errors import NotEnoughInBatch, NotEnoughStock, PostedDifferently, TransferUnpaired
from salon.inventory.ledger.repository import posting
from salon.inventory.ledger.repository.posting import NewEntry, Place
from salon.inventory.ledger.use_cases import telling
from salon.platform.db import WriteSession
from salon.platform.ids import new_id

NOTHING = Position()
_Line = tuple[Source, int, MovementKind]
_Pair = tuple[Source, int, UUID, UUID | None]


def post(session: WriteSession, movements: Sequence[Movement], *, actor: Actor, now: datetime) -> tuple[Posted, ...]:
    """Post movements, all or none; each source's line and kind once, however often it is told.

    Args:
        session: whose transaction it is.
        movements: in this order. A `transfer_in` follows its `transfer_out` (same source, line, item, batch) and takes
            over what that one was worth.
        actor: who answers for it.
        now: when it is entered.

    Returns:
        One for each movement, in the same order; `is_repeat` where the line had been posted before.

    Raises:
        ItemNotFound: of one of the items.
        NotEnoughStock: a transfer or write-off would take more than is there.
        NotEnoughInBatch: more than is left of the batch.
        PostedDifferently: the line was posted before, and said something else.
        TransferUnpaired: a `transfer_in` without its other half.
        StockBeyondBelief: more than the ledger can hold.
    """
    if not movements:
        return ()
    posting.lock_head(session)
    require_items(session, {movement.item_id for movement in movements})
    known = _known(session, movements)
    _check_repeats(movements, known)
    fresh = [movement for movement in movements if _line(movement) not in known]
    batches = _batches(session, fresh, now)
    before = posting.read_positions(session, {_place(movement) for movement in movements})
    desk = _Desk(before, batches)
    done = {index: desk.take(movement) for index, movement in enumerate(movements) if _line(movement) not in known}
    desk.check(session)
    if desk.entries:
        telling.write_ahead(session, desk.entries, actor=actor, now=now)
        places = posting.append(session, desk.entries, actor=actor, now=now)
        posting.write_positions(session, desk.positions, now)
        done = {index: desk.number(one, places) for index, one in done.items()}
        telling.tell_posted(session, list(done.values()), now=now)
        telling.tell_minimums(session, before, desk.positions, now)
    return tuple(
        done[index] if index in done else _repeat(session, movement, known[_line(movement)])
        for index, movement in enumerate(movements)
    )


@dataclass
class _Desk:
    """One posting while it is worked out: positions, and the rows that will be appended."""

    before: Mapping[Place, Position]
    batches: Mapping[tuple[UUID, BatchRef], UUID]
    positions: dict[Place, Position] = field(default_factory=dict)
    entries: list[NewEntry] = field(default_factory=list)
    taken_of_batches: dict[tuple[UUID, UUID, UUID], Decimal] = field(default_factory=dict)
    _under_way: dict[_Pair, tuple[Decimal, int]] = field(default_factory=dict)

    def take(self, movement: Movement) -> Posted:
        """Work one movement out."""
        place = _place(movement)
        position = self.positions.get(place) or self.before.get(place, NOTHING)
        if movement.kind in COVERED and position.quantity + movement.quantity < 0:
            raise NotEnoughStock(movement.item_id, position.quantity)
        batch_id = self.batches[movement.item_id, movement.batch] if movement.batch else None
        if batch_id is not None:
            key = (batch_id, movement.location_id, movement.item_id)
            self.taken_of_batches[key] = self.taken_of_batches.get(key, Decimal(0)) + movement.quantity
        change = self._change(position, movement, batch_id)
        self.positions[place] = change.after
        entry = NewEntry(
            id=new_id(),
            item_id=movement.item_id,
            location_id=movement.location_id,
            kind=movement.kind,
            quantity=movement.quantity,
            value_minor=change.value_minor,
            source=movement.source,
            line=movement.line,
            occurred_at=movement.occurred_at,
            batch_id=batch_id,
            supplier_id=movement.supplier_id,
            reason=movement.reason,
            note=movement.note,
        )
        self.entries.append(entry)
        if change.variance_minor:
            self.entries.append(variance_of(entry, change.variance_minor))
        return posted_of(entry, change.variance_minor)

    def check(self, session: WriteSession) -> None:
        """Refuse to take more of a batch than is left of it."""
        drawn = {key: quantity for key, quantity in self.taken_of_batches.items() if quantity < 0}
        if not drawn:
            return
        left = posting.sum_batches(session, {batch_id for batch_id, _, _ in drawn})
        for (batch_id, location_id, item_id), quantity in drawn.items():
            there = left.get((batch_id, location_id), Decimal(0))
            if there + quantity < 0:
                raise NotEnoughInBatch(item_id, there)

    def number(self, posted: Posted, places: Mapping[UUID, int]) -> Posted:
        """Add what is known only now: the place in the chain, and what lies there in the end."""
        on_hand = self.positions[posted.item_id, posted.location_id].quantity
        return replace(posted, seq=places[posted.id], on_hand=on_hand.quantize(QUANTITY_STEP))

    def _change(self, position: Position, movement: Movement, batch_id: UUID | None) -> Change:
        pair = (movement.source, movement.line, movement.item_id, batch_id)
        if movement.kind is MovementKind.TRANSFER_IN:
            quantity, cost_minor = self._under_way.pop(pair, (Decimal(0), 0))
            if quantity != movement.quantity:
                raise TransferUnpaired
            return take_in(position, movement.quantity, cost_minor)
        if movement.kind is MovementKind.RECEIPT:
            cost_minor = movement.cost_minor if movement.cost_minor is not None else position.worth(movement.quantity)
            return take_in(position, movement.quantity, cost_minor)
        change = move_at_average(position, movement.quantity)
        if movement.kind is MovementKind.TRANSFER_OUT:
            self._under_way[pair] = (-movement.quantity, -change.value_minor)
        return change


def variance_of(entry: NewEntry, variance_minor: int) -> NewEntry:
    """The row beside a row: no goods, only the worth that the row itself does not account for."""
    return replace(
        entry,
        id=new_id(),
        kind=MovementKind.COST_VARIANCE,
        quantity=Decimal(0),
        value_minor=variance_minor,
        reverses_id=None,
        note=None,
    )


def posted_of(entry: NewEntry, variance_minor: int = 0) -> Posted:
    """What is answered about a row; its place in the chain is added later."""
    return Posted(
        id=entry.id,
        seq=0,
        item_id=entry.item_id,
        location_id=entry.location_id,
        kind=entry.kind,
        quantity=entry.quantity.quantize(QUANTITY_STEP),
        value_minor=entry.value_minor,
        variance_minor=variance_minor,
        on_hand=Decimal(0),
        source=entry.source,
        line=entry.line,
        batch_id=entry.batch_id,
    )


def _batches(
    session: WriteSession, movements: Sequence[Movement], now: datetime
) -> Mapping[tuple[UUID, BatchRef], UUID]:
    wanted = {(movement.item_id, movement.batch) for movement in movements if movement.batch is not None}
    if not wanted:
        return {}
    found = posting.find_batches(session, wanted)
    for movement in movements:
        if movement.batch is None or (movement.item_id, movement.batch) in found:
            continue
        if movement.quantity < 0:
            raise NotEnoughInBatch(movement.item_id, Decimal(0))
        found[movement.item_id, movement.batch] = posting.add_batch(session, movement.item_id, movement.batch, now)
    return found


def _known(session: WriteSession, movements: Sequence[Movement]) -> dict[_Line, list[LedgerEntry]]:
    """Of these sources' lines, what was posted before. A line that was split over batches is several rows."""
    known: dict[_Line, list[LedgerEntry]] = {}
    for entry in posting.list_of_sources(session, {movement.source for movement in movements}):
        known.setdefault((entry.source, entry.line, entry.kind), []).append(entry)
    return known


def _check_repeats(movements: Sequence[Movement], known: Mapping[_Line, Sequence[LedgerEntry]]) -> None:
    """Refuse a repeat that says something else. Batches do not count: they are chosen anew each time."""
    told: dict[_Line, list[Movement]] = {}
    for movement in movements:
        told.setdefault(_line(movement), []).append(movement)
    for line, again in told.items():
        places = {_place(movement) for movement in again}
        if len({movement.batch for movement in again}) != len(again) or len(places) != 1:
            raise PostedDifferently
        if line not in known:
            continue
        same_places = places == {(entry.item_id, entry.location_id) for entry in known[line]}
        if not same_places or sum(one.quantity for one in again) != sum(one.quantity for one in known[line]):
            raise PostedDifferently


def _repeat(session: WriteSession, movement: Movement, entries: Sequence[LedgerEntry]) -> Posted:
    """What is answered about a line that had been posted: its row, or the first of them."""
    entry = next((one for one in entries if one.quantity == movement.quantity), entries[0])
    found = posting.read_positions(session, [_place(movement)]).get(_place(movement), NOTHING)
    return Posted(
        id=entry.id,
        seq=entry.seq,
        item_id=entry.item_id,
        location_id=entry.location_id,
        kind=entry.kind,
        quantity=entry.quantity,
        value_minor=entry.value_minor,
        on_hand=found.quantity,
        source=entry.source,
        line=entry.line,
        batch_id=entry.batch_id,
        is_repeat=True,
        is_reversed=bool(posting.list_reversed(session, [entry.id])),
    )


def _place(movement: Movement) -> Place:
    return (movement.item_id, movement.location_id)


def _line(movement: Movement) -> _Line:
    return (movement.source, movement.line, movement.kind)
