"""What people ask the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from uuid import UUID

from salon.inventory.ledger.domain import (
    BatchRef,
    BatchShare,
    BatchStock,
    Head,
    LedgerEntry,
    Movement,
    MovementFilters,
    MovementKind,
    PricePoint,
    PurchaseLine,
    StockOnHand,
)
from salon.inventory.ledger.repository import posting, reading
from salon.platform.db import ReadSession

PRICES_AT_MOST = 200


def stock_on_hand(
    session: ReadSession,
    item_ids: Collection[UUID] | None = None,
    location_id: UUID | None = None,
    at: datetime | None = None,
) -> list[StockOnHand]:
    """What lies where, by item and location; where nothing ever lay, no line.

    Args:
        session: to read in.
        item_ids: these items only; None for all.
        location_id: this location only.
        at: as it was at this moment, by when things happened and as far as is known now; None for now.
    """
    if at is None:
        return reading.list_on_hand(session, item_ids=item_ids, location_id=location_id)
    return reading.list_on_hand_at(session, at, item_ids=item_ids, location_id=location_id)


def average_cost(session: ReadSession, item_id: UUID, location_id: UUID) -> Decimal:
    """What a base unit costs on average, kopecks; nothing for what was never received. For showing only."""
    place = (item_id, location_id)
    found = posting.read_positions(session, [place]).get(place)
    return Decimal(0) if found is None else found.unit_cost_minor


def list_movements(
    session: ReadSession, filters: MovementFilters, *, before_seq: int | None = None, limit: int = 50
) -> list[LedgerEntry]:
    """Rows of the ledger, the last first; `before_seq` is the place of the last one seen."""
    return reading.list_movements(session, filters, before_seq=before_seq, limit=limit)


def list_reversed(session: ReadSession, entry_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these rows were taken back."""
    return posting.list_reversed(session, entry_ids)


def list_standing(session: ReadSession, source_kind: str, source_id: UUID) -> list[LedgerEntry]:
    """What a source has posted and what was not taken back."""
    return posting.list_standing(session, source_kind, source_id)


def ledger_head(session: ReadSession) -> Head | None:
    """The end of the tenant's chain; None where nothing was ever posted."""
    return posting.find_head(session)


def price_history(
    session: ReadSession, item_id: UUID | None = None, *, supplier_id: UUID | None = None, limit: int = PRICES_AT_MOST
) -> list[PricePoint]:
    """What was paid for an item, the last first; receipts that were taken back are left out."""
    return reading.list_prices(session, item_id=item_id, supplier_id=supplier_id, limit=limit)


def list_batches(
    session: ReadSession,
    *,
    item_id: UUID | None = None,
    location_id: UUID | None = None,
    expires_by: date | None = None,
) -> list[BatchStock]:
    """Batches of which something is left, the first to expire first.

    Args:
        session: to read in.
        item_id: of this item only.
        location_id: at this location only.
        expires_by: only those that expire on this day or earlier.
    """
    item_ids = None if item_id is None else [item_id]
    return reading.list_batches(session, item_ids=item_ids, location_id=location_id, expires_by=expires_by)


def suggest_batches(
    session: ReadSession, item_id: UUID, location_id: UUID, quantity: Decimal, *, on: date
) -> tuple[BatchShare, ...]:
    """Which batches to use first: the first to expire; never one that has expired.

    Args:
        session: to read in.
        item_id: what is used.
        location_id: where.
        quantity: how much, more than nothing.
        on: the day; a batch may be used on the day on which it expires.

    Returns:
        Shares that come to the quantity, or to less where the batches do not have so much.
    """
    shares, wanted = [], quantity
    for batch in reading.list_batches(session, item_ids=[item_id], location_id=location_id):
        if wanted <= 0:
            break
        if batch.expires_on is not None and batch.expires_on < on:
            continue
        share = min(wanted, batch.quantity)
        wanted -= share
        shares.append(BatchShare(batch_id=batch.batch_id, lot=batch.lot, expires_on=batch.expires_on, quantity=share))
    return tuple(shares)


def spread_over_batches(session: ReadSession, movements: Sequence[Movement], *, on: date) -> tuple[Movement, ...]:
    """Consumption split over the batches that it should come from, the first to expire first.

    What no batch covers stays without one; what is no consumption, or names its batch, stays as it is. A repeat may be
    split in another way, and is recognised by `post` all the same.
    """
    wanted = {movement.item_id for movement in movements if _may_be_spread(movement)}
    if not wanted:
        return tuple(movements)
    batches = [
        batch
        for batch in reading.list_batches(session, item_ids=wanted)
        if batch.expires_on is None or batch.expires_on >= on
    ]
    left = {(batch.batch_id, batch.location_id): batch.quantity for batch in batches}
    spread: list[Movement] = []
    for movement in movements:
        if not _may_be_spread(movement):
            spread.append(movement)
            continue
        rest = -movement.quantity
        for batch in batches:
            key = (batch.batch_id, batch.location_id)
            if (batch.item_id, batch.location_id) == (movement.item_id, movement.location_id) and left[key] and rest:
                share = min(rest, left[key])
                left[key] -= share
                rest -= share
                spread.append(replace(movement, quantity=-share, batch=BatchRef(batch.lot, batch.expires_on)))
        if rest:
            spread.append(replace(movement, quantity=-rest))
    return tuple(spread)


def suggest_purchase(session: ReadSession, location_id: UUID | None = None) -> list[PurchaseLine]:
    """What to buy: whole packs up to the target of everything of which less is there than the minimum."""
    short = reading.list_short(session, location_id=location_id)
    last = reading.list_last_prices(session, {item.id for item, _, _ in short})
    lines = []
    for item, minimum, on_hand in short:
        packs = int(((minimum.target - on_hand) / item.pack_quantity).to_integral_value(ROUND_CEILING))
        price = last.get(item.id)
        unit = None if price is None else price.cost_minor * item.pack_quantity / price.quantity
        lines.append(
            PurchaseLine(
                item_id=item.id,
                location_id=minimum.location_id,
                on_hand=on_hand,
                minimum=minimum.minimum,
                target=minimum.target,
                packs=packs,
                quantity=packs * item.pack_quantity,
                supplier_id=None if price is None else price.supplier_id,
                pack_cost_minor=None if unit is None else int(unit.to_integral_value(ROUND_HALF_UP)),
                cost_minor=None if unit is None else int((unit * packs).to_integral_value(ROUND_HALF_UP)),
            )
        )
    return lines


def _may_be_spread(movement: Movement) -> bool:
    return movement.kind is MovementKind.CONSUMPTION and movement.batch is None
