"""Queries that post: the lock, positions, batches, rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from salon.identity.domain import Actor
from salon.inventory.items.models import MinimumRow
from salon.inventory.ledger.domain import (
    MADE_BY_THE_LEDGER,
    BatchRef,
    Head,
    LedgerEntry,
    MovementKind,
    Position,
    Source,
)
from salon.inventory.ledger.models import BatchRow, LedgerHeadRow, LedgerRow, PositionRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id

Place = tuple[UUID, UUID]
"""An item and a location."""
ROWS_AT_ONCE = 500
_OPEN = text("INSERT INTO inventory_ledger_heads (tenant_id) VALUES (:tenant) ON CONFLICT DO NOTHING")
_COUNTED = text("""
    SELECT DISTINCT own.item_id
    FROM inventory_ledger own
    JOIN stock_snapshots seen ON seen.item_id = own.item_id AND seen.location_id = own.location_id
        AND seen.counted_at >= own.occurred_at
    JOIN stock_counts count ON count.id = seen.count_id AND count.closings = seen.closing AND count.status = 'posted'
    WHERE own.source_kind = :source_kind AND own.source_id = :source_id
        AND own.kind <> 'reversal' AND own.kind <> 'cost_variance'
        AND NOT EXISTS (SELECT FROM inventory_ledger mirror WHERE mirror.reverses_id = own.id)
        AND (seen.counted = seen.expected OR EXISTS (
            SELECT FROM inventory_ledger correction
            WHERE correction.source_kind = 'count' AND correction.source_id = seen.count_id
                AND correction.item_id = seen.item_id AND correction.location_id = seen.location_id))
    ORDER BY own.item_id
""")
_LOCK = text("SELECT seq, hash FROM inventory_ledger_heads WHERE tenant_id = :tenant FOR UPDATE")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """A row to be appended; the trigger adds its place in the chain."""

    id: UUID
    item_id: UUID
    location_id: UUID
    kind: MovementKind
    quantity: Decimal
    value_minor: int
    source: Source
    line: int
    occurred_at: datetime
    batch_id: UUID | None = None
    supplier_id: UUID | None = None
    reverses_id: UUID | None = None
    reason: str | None = None
    note: str | None = None


def entry_of(row: LedgerRow) -> LedgerEntry:
    """A row as a value."""
    return LedgerEntry(
        id=row.id,
        seq=row.seq,
        item_id=row.item_id,
        location_id=row.location_id,
        kind=MovementKind(row.kind),
        quantity=row.quantity,
        value_minor=row.value_minor,
        batch_id=row.batch_id,
        supplier_id=row.supplier_id,
        source=Source(row.source_kind, row.source_id, row.source_round),
        line=row.source_line,
        reverses_id=row.reverses_id,
        reason=row.reason,
        note=row.note,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        occurred_at=row.occurred_at,
        at=row.at,
    )


def lock_head(session: WriteSession) -> Head:
    """The end of the tenant's chain, locked until the transaction ends: one posting at a time.

    Every statement after this one sees what the posting before has left.
    """
    tenant = {"tenant": tenant_of(session)}
    row = session.execute(_LOCK, tenant).one_or_none()
    if row is None:
        session.execute(_OPEN, tenant)
        row = session.execute(_LOCK, tenant).one()
    return Head(row.seq, bytes(row.hash))


def find_head(session: ReadSession) -> Head | None:
    """The end of the tenant's chain, as it is; None where nothing was ever posted."""
    row = session.execute(select(LedgerHeadRow.seq, LedgerHeadRow.hash)).one_or_none()
    return None if row is None or row.seq == 0 else Head(row.seq, bytes(row.hash))


def list_of_sources(session: ReadSession, sources: Iterable[Source]) -> list[LedgerEntry]:
    """Rows that these sources have posted in these rounds, in order, without reversals and variances."""
    keys = [(source.kind, source.id, source.round) for source in sources]
    query = (
        select(LedgerRow)
        .where(
            tuple_(LedgerRow.source_kind, LedgerRow.source_id, LedgerRow.source_round).in_(keys),
            LedgerRow.kind.not_in(MADE_BY_THE_LEDGER),
        )
        .order_by(LedgerRow.seq)
    )
    return [entry_of(row) for row in session.scalars(query)]


def list_standing(session: ReadSession, source_kind: str, source_id: UUID) -> list[LedgerEntry]:
    """Rows that a source has posted, in whichever round, and that were not reversed; in order."""
    query = (
        select(LedgerRow)
        .where(
            LedgerRow.source_kind == source_kind,
            LedgerRow.source_id == source_id,
            LedgerRow.kind.not_in(MADE_BY_THE_LEDGER),
            LedgerRow.id.not_in(_reversed()),
        )
        .order_by(LedgerRow.seq)
    )
    return [entry_of(row) for row in session.scalars(query)]


def list_standing_at(session: ReadSession, place: Place) -> list[LedgerEntry]:
    """Every row about an item at a location that was not reversed, in order."""
    query = (
        select(LedgerRow)
        .where(
            LedgerRow.item_id == place[0],
            LedgerRow.location_id == place[1],
            LedgerRow.kind.not_in(MADE_BY_THE_LEDGER),
            LedgerRow.id.not_in(_reversed()),
        )
        .order_by(LedgerRow.seq)
    )
    return [entry_of(row) for row in session.scalars(query)]


def list_counted_since(session: ReadSession, source_kind: str, source_id: UUID) -> list[UUID]:
    """Items that a source has moved, and that a count has corrected since at the same place, and still does."""
    found = session.execute(_COUNTED, {"source_kind": source_kind, "source_id": source_id})
    return [row.item_id for row in found]


def list_reversed(session: ReadSession, entry_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these rows were reversed."""
    query = select(LedgerRow.reverses_id).where(LedgerRow.reverses_id.in_(list(entry_ids)))
    return {key for key in session.scalars(query) if key is not None}


def read_positions(session: ReadSession, places: Iterable[Place]) -> dict[Place, Position]:
    """What lies at these places; a place where nothing ever lay is not among them.

    Columns are asked for, not rows: a row that this session has seen before would be given back as it was.
    """
    query = select(
        PositionRow.item_id,
        PositionRow.location_id,
        PositionRow.quantity,
        PositionRow.value_minor,
        PositionRow.basis_minor,
        PositionRow.basis_quantity,
    ).where(tuple_(PositionRow.item_id, PositionRow.location_id).in_(list(places)))
    return {
        (row.item_id, row.location_id): Position(
            quantity=row.quantity,
            value_minor=row.value_minor,
            basis_minor=row.basis_minor,
            basis_quantity=row.basis_quantity,
        )
        for row in session.execute(query)
    }


def write_positions(session: WriteSession, positions: Mapping[Place, Position], now: datetime) -> None:
    """Store what lies at these places now."""
    tenant_id = tenant_of(session)
    statement = upsert(PositionRow)
    statement = statement.on_conflict_do_update(
        constraint="uq_stock_positions_place",
        set_={
            name: statement.excluded[name]
            for name in ("quantity", "value_minor", "basis_minor", "basis_quantity", "updated_at")
        },
    )
    values = [
        {
            "id": new_id(),
            "tenant_id": tenant_id,
            "item_id": item_id,
            "location_id": location_id,
            "quantity": position.quantity,
            "value_minor": position.value_minor,
            "basis_minor": position.basis_minor,
            "basis_quantity": position.basis_quantity,
            "updated_at": now,
        }
        for (item_id, location_id), position in sorted(positions.items())
    ]
    session.execute(statement, values)


def append(session: WriteSession, entries: Sequence[NewEntry], *, actor: Actor, now: datetime) -> dict[UUID, int]:
    """Append rows in this order; their places in the chain by id.

    Many rows go in one statement: PostgreSQL takes the rows of VALUES one after the other, and chains each to the one
    before.
    """
    about = {"tenant_id": tenant_of(session), "actor_kind": actor.kind.value, "actor_id": actor.id, "at": now}
    found: dict[UUID, int] = {}
    for first in range(0, len(entries), ROWS_AT_ONCE):
        values = [{**_values(entry), **about} for entry in entries[first : first + ROWS_AT_ONCE]]
        statement = insert(LedgerRow).values(values).returning(LedgerRow.id, LedgerRow.seq)
        found.update((row.id, row.seq) for row in session.execute(statement))
    return found


def _values(entry: NewEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "item_id": entry.item_id,
        "location_id": entry.location_id,
        "kind": entry.kind.value,
        "quantity": entry.quantity,
        "value_minor": entry.value_minor,
        "batch_id": entry.batch_id,
        "supplier_id": entry.supplier_id,
        "source_kind": entry.source.kind,
        "source_id": entry.source.id,
        "source_round": entry.source.round,
        "source_line": entry.line,
        "reverses_id": entry.reverses_id,
        "reason": entry.reason,
        "note": entry.note,
        "occurred_at": entry.occurred_at,
    }


def find_batches(session: ReadSession, wanted: Iterable[tuple[UUID, BatchRef]]) -> dict[tuple[UUID, BatchRef], UUID]:
    """Batches that are known, by item and reference."""
    wanted = set(wanted)
    query = select(BatchRow).where(BatchRow.item_id.in_({item_id for item_id, _ in wanted}))
    known = {(row.item_id, BatchRef(row.lot, row.expires_on)): row.id for row in session.scalars(query)}
    return {key: known[key] for key in wanted if key in known}


def add_batch(session: WriteSession, item_id: UUID, batch: BatchRef, now: datetime) -> UUID:
    """Store a batch that is not known yet. The head's lock keeps two postings from doing so at once."""
    row = BatchRow(
        id=new_id(),
        tenant_id=tenant_of(session),
        item_id=item_id,
        lot=batch.lot,
        expires_on=batch.expires_on,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def sum_batches(session: ReadSession, batch_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], Decimal]:
    """What is left of batches, by batch and location."""
    query = (
        select(LedgerRow.batch_id, LedgerRow.location_id, func.sum(LedgerRow.quantity).label("quantity"))
        .where(LedgerRow.batch_id.in_(list(batch_ids)))
        .group_by(LedgerRow.batch_id, LedgerRow.location_id)
    )
    return {(row.batch_id, row.location_id): row.quantity for row in session.execute(query)}


def read_minimums(session: ReadSession, places: Iterable[Place]) -> dict[Place, Decimal]:
    """How much there should be at least, where somebody has said."""
    query = select(MinimumRow.item_id, MinimumRow.location_id, MinimumRow.minimum).where(
        tuple_(MinimumRow.item_id, MinimumRow.location_id).in_(list(places))
    )
    return {(row.item_id, row.location_id): row.minimum for row in session.execute(query)}


def _reversed() -> Select[UUID | None]:
    return select(LedgerRow.reverses_id).where(LedgerRow.reverses_id.is_not(None))
