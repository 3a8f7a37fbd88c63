"""Queries that read the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from salon.inventory.items.models import ItemRow, MinimumRow
from salon.inventory.items.repository import AS_IT_IS
from salon.inventory.ledger.domain import (
    START,
    BatchStock,
    ChainLink,
    Head,
    LedgerEntry,
    MovementFilters,
    MovementKind,
    Position,
    PricePoint,
    Source,
    StockOnHand,
)
from salon.inventory.ledger.models import BatchRow, LedgerHeadRow, LedgerRow, PositionRow
from salon.inventory.ledger.repository.posting import Place, entry_of
from salon.platform.db import ReadSession

_TENANTS = text("SELECT tenant_id FROM tenant_ids() ORDER BY tenant_id")


def list_on_hand(
    session: ReadSession, *, item_ids: Collection[UUID] | None, location_id: UUID | None
) -> list[StockOnHand]:
    """What lies where now, by item and location; places where nothing ever lay are not among them."""
    query = select(PositionRow).order_by(PositionRow.item_id, PositionRow.location_id)
    if item_ids is not None:
        query = query.where(PositionRow.item_id.in_(list(item_ids)))
    if location_id is not None:
        query = query.where(PositionRow.location_id == location_id)
    return [
        StockOnHand(
            item_id=row.item_id,
            location_id=row.location_id,
            quantity=row.quantity,
            value_minor=row.value_minor,
            unit_cost_minor=_position(row).unit_cost_minor,
        )
        for row in session.scalars(query, execution_options=AS_IT_IS)
    ]


def list_on_hand_at(
    session: ReadSession, at: datetime, *, item_ids: Collection[UUID] | None, location_id: UUID | None
) -> list[StockOnHand]:
    """What lay where at a moment, as far as is known now: the sum of what had happened by then."""
    query = (
        select(
            LedgerRow.item_id,
            LedgerRow.location_id,
            func.sum(LedgerRow.quantity).label("quantity"),
            func.sum(LedgerRow.value_minor).label("value_minor"),
        )
        .where(LedgerRow.occurred_at <= at)
        .group_by(LedgerRow.item_id, LedgerRow.location_id)
        .order_by(LedgerRow.item_id, LedgerRow.location_id)
    )
    if item_ids is not None:
        query = query.where(LedgerRow.item_id.in_(list(item_ids)))
    if location_id is not None:
        query = query.where(LedgerRow.location_id == location_id)
    return [
        StockOnHand(
            item_id=row.item_id,
            location_id=row.location_id,
            quantity=row.quantity,
            value_minor=int(row.value_minor),
        )
        for row in session.execute(query)
    ]


def list_movements(
    session: ReadSession, filters: MovementFilters, *, before_seq: int | None, limit: int
) -> list[LedgerEntry]:
    """Rows of the ledger, the last first."""
    query = select(LedgerRow).order_by(LedgerRow.seq.desc()).limit(limit)
    for column, wanted in (
        (LedgerRow.item_id, filters.item_id),
        (LedgerRow.location_id, filters.location_id),
        (LedgerRow.kind, filters.kind),
        (LedgerRow.source_kind, filters.source_kind),
        (LedgerRow.source_id, filters.source_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if filters.from_at is not None:
        query = query.where(LedgerRow.occurred_at >= filters.from_at)
    if filters.to_at is not None:
        query = query.where(LedgerRow.occurred_at < filters.to_at)
    if before_seq is not None:
        query = query.where(LedgerRow.seq < before_seq)
    return [entry_of(row) for row in session.scalars(query)]


def list_links(session: ReadSession, *, after_seq: int, until_seq: int, limit: int) -> list[ChainLink]:
    """Rows and their hashes, in the order of the chain."""
    query = (
        select(LedgerRow)
        .where(LedgerRow.seq > after_seq, LedgerRow.seq <= until_seq)
        .order_by(LedgerRow.seq)
        .limit(limit)
    )
    found = [
        ChainLink(row.tenant_id, entry_of(row), bytes(row.prev_hash), bytes(row.hash)) for row in session.scalars(query)
    ]
    session.expunge_all()  # a whole ledger passes through here
    return found


def list_reversed_ids(session: ReadSession, *, until_seq: int) -> set[UUID]:
    """Rows that were reversed by a row up to this place."""
    query = select(LedgerRow.reverses_id).where(LedgerRow.reverses_id.is_not(None), LedgerRow.seq <= until_seq)
    return {key for key in session.scalars(query) if key is not None}


def find_link(session: ReadSession, seq: int) -> Head | None:
    """The hash at a place in the chain."""
    row = session.execute(select(LedgerRow.seq, LedgerRow.hash).where(LedgerRow.seq == seq)).one_or_none()
    return None if row is None else Head(row.seq, bytes(row.hash))


def last_seq(session: ReadSession) -> int:
    """The last place in the chain that a row has; 0 for none."""
    return session.execute(select(func.max(LedgerRow.seq))).scalar_one() or 0


def read_head_and_positions(session: ReadSession) -> tuple[Head, dict[Place, Position]]:
    """The end of the chain and every position, as of one and the same moment: by one statement."""
    query = (
        select(
            LedgerHeadRow.seq,
            LedgerHeadRow.hash,
            PositionRow.item_id,
            PositionRow.location_id,
            PositionRow.quantity,
            PositionRow.value_minor,
            PositionRow.basis_minor,
            PositionRow.basis_quantity,
        )
        .select_from(LedgerHeadRow)
        .outerjoin(PositionRow, PositionRow.tenant_id == LedgerHeadRow.tenant_id)
    )
    head, positions = START, {}
    for row in session.execute(query):
        head = Head(row.seq, bytes(row.hash))
        if row.item_id is not None:
            positions[row.item_id, row.location_id] = Position(
                quantity=row.quantity,
                value_minor=row.value_minor,
                basis_minor=row.basis_minor,
                basis_quantity=row.basis_quantity,
            )
    return head, positions


def list_tenants(session: ReadSession) -> list[UUID]:
    """Every tenant; for the check that walks all of them."""
    return list(session.scalars(_TENANTS))


def list_prices(
    session: ReadSession, *, item_id: UUID | None, supplier_id: UUID | None, limit: int
) -> list[PricePoint]:
    """What was paid, the last first."""
    query = _standing_receipts().order_by(LedgerRow.occurred_at.desc(), LedgerRow.seq.desc()).limit(limit)
    if item_id is not None:
        query = query.where(LedgerRow.item_id == item_id)
    if supplier_id is not None:
        query = query.where(LedgerRow.supplier_id == supplier_id)
    return [_price(row) for row in session.scalars(query)]


def list_last_prices(session: ReadSession, item_ids: Iterable[UUID]) -> dict[UUID, PricePoint]:
    """What was paid last for each of these items."""
    query = (
        _standing_receipts()
        .where(LedgerRow.item_id.in_(list(item_ids)))
        .ext(distinct_on(LedgerRow.item_id))
        .order_by(LedgerRow.item_id, LedgerRow.occurred_at.desc(), LedgerRow.seq.desc())
    )
    return {row.item_id: _price(row) for row in session.scalars(query)}


def list_batches(
    session: ReadSession,
    *,
    item_ids: Collection[UUID] | None = None,
    location_id: UUID | None = None,
    expires_by: date | None = None,
) -> list[BatchStock]:
    """Batches of which something is left, those that expire first first, those that never do last."""
    left = func.sum(LedgerRow.quantity)
    query = (
        select(
            BatchRow.id,
            BatchRow.item_id,
            BatchRow.lot,
            BatchRow.expires_on,
            LedgerRow.location_id,
            left.label("quantity"),
        )
        .join(LedgerRow, LedgerRow.batch_id == BatchRow.id)
        .group_by(BatchRow.id, BatchRow.item_id, BatchRow.lot, BatchRow.expires_on, LedgerRow.location_id)
        .having(left > 0)
        .order_by(BatchRow.expires_on.asc().nulls_last(), BatchRow.id, LedgerRow.location_id)
    )
    if item_ids is not None:
        query = query.where(BatchRow.item_id.in_(list(item_ids)))
    if location_id is not None:
        query = query.where(LedgerRow.location_id == location_id)
    if expires_by is not None:
        query = query.where(BatchRow.expires_on <= expires_by)
    return [
        BatchStock(
            batch_id=row.id,
            item_id=row.item_id,
            location_id=row.location_id,
            lot=row.lot,
            expires_on=row.expires_on,
            quantity=row.quantity,
        )
        for row in session.execute(query)
    ]


def list_short(session: ReadSession, *, location_id: UUID | None) -> list[tuple[ItemRow, MinimumRow, Decimal]]:
    """Active items of which less lies at a location than should at least: the item, its levels, what is there."""
    there = func.coalesce(PositionRow.quantity, 0)
    query = (
        select(ItemRow, MinimumRow, there)
        .join(MinimumRow, MinimumRow.item_id == ItemRow.id)
        .outerjoin(
            PositionRow,
            (PositionRow.item_id == MinimumRow.item_id) & (PositionRow.location_id == MinimumRow.location_id),
        )
        .where(ItemRow.is_active, there < MinimumRow.minimum)
        .order_by(ItemRow.name_key, ItemRow.id, MinimumRow.location_id)
    )
    if location_id is not None:
        query = query.where(MinimumRow.location_id == location_id)
    return [(item, minimum, quantity) for item, minimum, quantity in session.execute(query, execution_options=AS_IT_IS)]


def _standing_receipts() -> Select[LedgerRow]:
    taken_back = select(LedgerRow.reverses_id).where(LedgerRow.reverses_id.is_not(None))
    return select(LedgerRow).where(LedgerRow.kind == MovementKind.RECEIPT, LedgerRow.id.not_in(taken_back))


def _price(row: LedgerRow) -> PricePoint:
    return PricePoint(
        movement_id=row.id,
        item_id=row.item_id,
        supplier_id=row.supplier_id,
        occurred_at=row.occurred_at,
        quantity=row.quantity,
        cost_minor=row.value_minor,
        source=Source(row.source_kind, row.source_id, row.source_round),
    )


def _position(row: PositionRow) -> Position:
    return Position(
        quantity=row.quantity,
        value_minor=row.value_minor,
        basis_minor=row.basis_minor,
        basis_quantity=row.basis_quantity,
    )
