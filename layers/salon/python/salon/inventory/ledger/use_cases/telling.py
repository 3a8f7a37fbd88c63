"""What every posting leaves behind: a line in the audit log before the movement, facts after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.inventory.ledger import events
from salon.inventory.ledger.domain import MovementKind, Position, Posted, Source
from salon.inventory.ledger.repository import posting
from salon.inventory.ledger.repository.posting import NewEntry, Place
from salon.platform.db import WriteSession
from salon.platform.outbox import emit

FACTS: Mapping[MovementKind, type[events.StockFact]] = {
    MovementKind.RECEIPT: events.StockReceived,
    MovementKind.CONSUMPTION: events.StockConsumed,
    MovementKind.TRANSFER_OUT: events.StockTransferred,
    MovementKind.TRANSFER_IN: events.StockTransferred,
    MovementKind.WRITE_OFF: events.StockWrittenOff,
    MovementKind.CORRECTION: events.StockCorrected,
}


def write_ahead(session: WriteSession, entries: Sequence[NewEntry], *, actor: Actor, now: datetime) -> None:
    """Say in the audit log who is about to move what: one line for each source.

    It stands before the movements themselves, and commits or is rolled back with them.
    """
    by_source: dict[Source, list[NewEntry]] = {}
    for entry in entries:
        by_source.setdefault(entry.source, []).append(entry)
    for source, of_source in by_source.items():
        is_reversal = any(entry.kind is MovementKind.REVERSAL for entry in of_source)
        record_audit(
            session,
            action="stock.reversal_posted" if is_reversal else "stock.posted",
            subject=source.kind,
            subject_id=source.id,
            actor=actor,
            now=now,
            data={
                "round": source.round,
                "movements": [
                    {
                        "id": entry.id,
                        "kind": entry.kind.value,
                        "item_id": entry.item_id,
                        "location_id": entry.location_id,
                        "quantity": entry.quantity,
                        "value_minor": entry.value_minor,
                        "reason": entry.reason,
                    }
                    for entry in of_source
                ],
            },
        )


def tell_posted(session: WriteSession, posted: Sequence[Posted], *, now: datetime) -> None:
    """Emit a fact for each source and kind."""
    grouped: dict[tuple[Source, type[events.StockFact]], list[Posted]] = {}
    for one in posted:
        grouped.setdefault((one.source, FACTS[one.kind]), []).append(one)
    for (source, kind), of_kind in grouped.items():
        emit(
            session,
            kind(occurred_at=now, source_kind=source.kind, source_id=source.id, lines=tuple(map(_line, of_kind))),
        )


def tell_reversed(
    session: WriteSession, source: Source, posted: Sequence[Posted], kinds: Sequence[MovementKind], now: datetime
) -> None:
    """Emit that all a source had posted was taken back."""
    emit(
        session,
        events.StockReversed(
            occurred_at=now,
            source_kind=source.kind,
            source_id=source.id,
            lines=tuple(map(_line, posted)),
            kinds=tuple(sorted(set(kinds))),
        ),
    )


def tell_minimums(
    session: WriteSession, before: Mapping[Place, Position], after: Mapping[Place, Position], now: datetime
) -> None:
    """Emit for each place where the stock has just sunk below its minimum."""
    sunk = {place for place in after if after[place].quantity < _quantity(before, place)}
    if not sunk:
        return
    for place, minimum in sorted(posting.read_minimums(session, sunk).items()):
        if after[place].quantity < minimum <= _quantity(before, place):
            emit(
                session,
                events.StockBelowMinimum(
                    occurred_at=now,
                    item_id=place[0],
                    location_id=place[1],
                    on_hand=after[place].quantity,
                    minimum=minimum,
                ),
            )


def _quantity(positions: Mapping[Place, Position], place: Place) -> Decimal:
    return positions[place].quantity if place in positions else Decimal(0)


def _line(posted: Posted) -> events.StockLine:
    return events.StockLine(
        movement_id=posted.id,
        item_id=posted.item_id,
        location_id=posted.location_id,
        quantity=posted.quantity,
        value_minor=posted.value_minor,
        variance_minor=posted.variance_minor,
    )
