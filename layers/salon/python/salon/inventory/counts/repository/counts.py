"""Queries about counts, their sections, entries and snapshots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from salon.inventory.counts.domain import (
    Cause,
    CountStatus,
    Entry,
    Place,
    Section,
    SectionKind,
    Snapshot,
    StockCount,
)
from salon.inventory.counts.errors import CountNotFound
from salon.inventory.counts.models import (
    StockCountEntryRow,
    StockCountRow,
    StockCountSectionRow,
    StockShelfRow,
    StockSnapshotRow,
)
from salon.inventory.items.models import ItemRow
from salon.inventory.ledger.models import PositionRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id

_BEING_COUNTED = text("""
    SELECT DISTINCT item.id AS item_id, count.location_id
    FROM stock_counts count
    JOIN inventory_items item ON item.tenant_id = count.tenant_id
    LEFT JOIN stock_shelves shelf ON shelf.item_id = item.id AND shelf.location_id = count.location_id
    WHERE count.status = 'open' AND count.is_blind AND (
        NOT EXISTS (SELECT FROM stock_count_sections section WHERE section.count_id = count.id)
        OR EXISTS (
            SELECT FROM stock_count_sections section
            WHERE section.count_id = count.id
                AND section.name =
                    CASE section.kind WHEN 'category' THEN item.category ELSE coalesce(shelf.name, '') END
        )
    ) AND (CAST(:counter_id AS text) IS NULL OR EXISTS (
        SELECT FROM stock_count_entries entry
        WHERE entry.count_id = count.id AND entry.counter_id = CAST(:counter_id AS text)
    ))
""")
_STALE = text("SELECT tenant_id, id FROM stale_stock_counts(:before, :max_rows)")
_CHANGING = ("status", "closings", "reason", "closed_at", "posted_at", "ended_at", "expires_at", "version")


def add_count(session: WriteSession, count: StockCount) -> None:
    """Store a new count with its sections."""
    session.add(
        StockCountRow(
            id=count.id,
            tenant_id=tenant_of(session),
            location_id=count.location_id,
            status=count.status.value,
            people=count.people,
            is_blind=count.is_blind,
            note=count.note,
            reason=count.reason,
            closings=count.closings,
            opened_by=count.opened_by,
            opened_at=count.opened_at,
            expires_at=count.expires_at,
            version=count.version,
        )
    )
    session.flush()
    session.add_all(
        StockCountSectionRow(
            id=new_id(), tenant_id=tenant_of(session), count_id=count.id, kind=section.kind.value, name=section.name
        )
        for section in count.sections
    )
    session.flush()


def get_count(session: ReadSession, count_id: UUID) -> StockCount:
    """A count.

    Raises:
        CountNotFound: there is none.
    """
    row = session.get(StockCountRow, count_id, populate_existing=True)
    if row is None:
        raise CountNotFound(count_id)
    return _count(row, _sections_of(session, [count_id])[count_id])


def lock_count(session: WriteSession, count_id: UUID) -> StockCount:
    """A count, locked until the transaction ends.

    Raises:
        CountNotFound: there is none.
    """
    row = session.get(StockCountRow, count_id, populate_existing=True, with_for_update=True)
    if row is None:
        raise CountNotFound(count_id)
    return _count(row, _sections_of(session, [count_id])[count_id])


def list_counts(
    session: ReadSession,
    *,
    location_id: UUID | None,
    statuses: Collection[CountStatus],
    before: UUID | None,
    limit: int,
) -> list[StockCount]:
    """Counts, the newest first; no statuses means all; `before` is the last one seen."""
    query = select(StockCountRow).order_by(StockCountRow.id.desc()).limit(limit)
    if location_id is not None:
        query = query.where(StockCountRow.location_id == location_id)
    if statuses:
        query = query.where(StockCountRow.status.in_([status.value for status in statuses]))
    if before is not None:
        query = query.where(StockCountRow.id < before)
    rows = list(session.scalars(query))
    sections = _sections_of(session, [row.id for row in rows])
    return [_count(row, sections[row.id]) for row in rows]


def update_count(session: WriteSession, count: StockCount) -> None:
    """Store what a count is now."""
    row = session.get_one(StockCountRow, count.id)
    for name in _CHANGING:
        value = getattr(count, name)
        setattr(row, name, value.value if isinstance(value, CountStatus) else value)
    session.flush()


def list_stale(session: ReadSession, *, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, count) of open counts that were left for too long, over all tenants, the stalest first."""
    found = session.execute(_STALE, {"before": now, "max_rows": limit})
    return [(row.tenant_id, row.id) for row in found]


def list_counted_blindly(session: ReadSession, counter_id: str | None) -> frozenset[tuple[UUID, UUID]]:
    """(item, location) of everything that an open blind count is of, archived items too; of this counter's, or all."""
    found = session.execute(_BEING_COUNTED, {"counter_id": counter_id})
    return frozenset((row.item_id, row.location_id) for row in found)


def list_places(session: ReadSession, location_id: UUID, item_ids: Collection[UUID] | None = None) -> list[Place]:
    """Active items with where they stand in a location, by shelf, category and name; all, or these of them."""
    query = (
        select(ItemRow, StockShelfRow.name, PositionRow.id)
        .outerjoin(StockShelfRow, (StockShelfRow.item_id == ItemRow.id) & (StockShelfRow.location_id == location_id))
        .outerjoin(PositionRow, (PositionRow.item_id == ItemRow.id) & (PositionRow.location_id == location_id))
    )
    query = query.where(ItemRow.is_active) if item_ids is None else query.where(ItemRow.id.in_(list(item_ids)))
    found = [
        Place(
            item_id=item.id,
            name=item.name,
            category=item.category,
            brand=item.brand,
            shelf=shelf or "",
            base_unit=item.base_unit,
            pack_quantity=item.pack_quantity,
            is_there=bool(shelf or position_id),
        )
        for item, shelf, position_id in session.execute(query)
    ]
    return sorted(found, key=lambda place: (place.shelf, place.category, place.name, place.item_id))


def put_on_shelf(session: WriteSession, location_id: UUID, item_ids: Iterable[UUID], name: str | None) -> None:
    """Say where items stand in a location; None: nowhere in particular."""
    ids = sorted(set(item_ids))
    if name is None:
        session.execute(
            delete(StockShelfRow).where(StockShelfRow.location_id == location_id, StockShelfRow.item_id.in_(ids))
        )
        return
    statement = upsert(StockShelfRow)
    statement = statement.on_conflict_do_update(
        constraint="uq_stock_shelves_item", set_={"name": statement.excluded.name}
    )
    for item_id in ids:
        values = {"id": new_id(), "tenant_id": tenant_of(session), "location_id": location_id, "item_id": item_id}
        session.execute(statement, {**values, "name": name})


def add_entry(session: WriteSession, count: StockCount, entry: Entry) -> None:
    """Append an entry."""
    session.add(
        StockCountEntryRow(
            id=entry.id,
            tenant_id=tenant_of(session),
            count_id=count.id,
            item_id=entry.item_id,
            counter_id=entry.counter_id,
            closing=count.closings,
            is_recount=entry.is_recount,
            packs=entry.packs,
            remainder=entry.remainder,
            quantity=entry.quantity,
            ledger_seq=entry.ledger_seq,
            counted_at=entry.counted_at,
            entered_at=entry.entered_at,
        )
    )
    session.flush()


def list_counters(session: ReadSession, count_id: UUID) -> set[str]:
    """Who has begun to count; whoever only took the second look has not."""
    query = select(StockCountEntryRow.counter_id).where(
        StockCountEntryRow.count_id == count_id, ~StockCountEntryRow.is_recount
    )
    return set(session.scalars(query.distinct()))


def list_entries(session: ReadSession, count_id: UUID, item_id: UUID | None = None) -> dict[UUID, list[Entry]]:
    """The entries of a count by item, each in the order in which they came; of one item only, or of all."""
    query = (
        select(StockCountEntryRow)
        .where(StockCountEntryRow.count_id == count_id)
        .order_by(StockCountEntryRow.entered_at, StockCountEntryRow.id)
    )
    if item_id is not None:
        query = query.where(StockCountEntryRow.item_id == item_id)
    found: dict[UUID, list[Entry]] = defaultdict(list)
    for row in session.scalars(query):
        found[row.item_id].append(_entry(row))
    return dict(found)


def add_snapshots(session: WriteSession, snapshots: Iterable[Snapshot]) -> None:
    """Append what a closed count froze."""
    session.add_all(
        StockSnapshotRow(
            id=new_id(),
            tenant_id=tenant_of(session),
            count_id=one.count_id,
            closing=one.closing,
            location_id=one.location_id,
            item_id=one.item_id,
            expected=one.expected,
            counted=one.counted,
            unit_cost=one.unit_cost,
            variance_minor=one.variance_minor,
            used=one.used,
            since_at=one.since_at,
            is_flagged=one.is_flagged,
            causes=[cause.wire() for cause in one.causes],
            ledger_seq=one.ledger_seq,
            counted_at=one.counted_at,
            taken_at=one.taken_at,
        )
        for one in snapshots
    )
    session.flush()


def list_snapshots(session: ReadSession, count: StockCount) -> list[Snapshot]:
    """What the last closing of a count froze."""
    query = select(StockSnapshotRow).where(
        StockSnapshotRow.count_id == count.id, StockSnapshotRow.closing == count.closings
    )
    return [_snapshot(row) for row in session.scalars(query.order_by(StockSnapshotRow.item_id))]


def list_history(
    session: ReadSession, *, item_id: UUID | None, location_id: UUID | None, before: datetime | None, limit: int
) -> list[tuple[Snapshot, CountStatus]]:
    """Former comparisons, the newest first, with what became of the count; of the last closing of each count."""
    query = (
        select(StockSnapshotRow, StockCountRow.status)
        .join(StockCountRow, StockCountRow.id == StockSnapshotRow.count_id)
        .where(StockSnapshotRow.closing == StockCountRow.closings, StockCountRow.status != CountStatus.OPEN.value)
        .order_by(StockSnapshotRow.taken_at.desc(), StockSnapshotRow.id.desc())
        .limit(limit)
    )
    if item_id is not None:
        query = query.where(StockSnapshotRow.item_id == item_id)
    if location_id is not None:
        query = query.where(StockSnapshotRow.location_id == location_id)
    if before is not None:
        query = query.where(StockSnapshotRow.taken_at < before)
    return [(_snapshot(row), CountStatus(status)) for row, status in session.execute(query)]


def last_posted(session: ReadSession, location_id: UUID, item_ids: Collection[UUID]) -> dict[UUID, Snapshot]:
    """Of each item its last snapshot at a location that holds: of a count that was posted and not taken back."""
    query = (
        select(StockSnapshotRow)
        .join(StockCountRow, StockCountRow.id == StockSnapshotRow.count_id)
        .where(
            StockSnapshotRow.closing == StockCountRow.closings,
            StockSnapshotRow.location_id == location_id,
            StockSnapshotRow.item_id.in_(list(item_ids)),
            StockCountRow.status == CountStatus.POSTED.value,
        )
        .order_by(StockSnapshotRow.item_id, StockSnapshotRow.counted_at.desc())
        .ext(distinct_on(StockSnapshotRow.item_id))
    )
    return {row.item_id: _snapshot(row) for row in session.scalars(query)}


def _sections_of(session: ReadSession, count_ids: Collection[UUID]) -> dict[UUID, tuple[Section, ...]]:
    found: dict[UUID, list[Section]] = {count_id: [] for count_id in count_ids}
    query = select(StockCountSectionRow).where(StockCountSectionRow.count_id.in_(list(count_ids)))
    for row in session.scalars(query):
        found[row.count_id].append(Section(SectionKind(row.kind), row.name))
    return {count_id: tuple(sorted(sections)) for count_id, sections in found.items()}


def _count(row: StockCountRow, sections: tuple[Section, ...]) -> StockCount:
    return StockCount(
        id=row.id,
        location_id=row.location_id,
        status=CountStatus(row.status),
        sections=sections,
        people=row.people,
        is_blind=row.is_blind,
        note=row.note,
        reason=row.reason,
        closings=row.closings,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        closed_at=row.closed_at,
        posted_at=row.posted_at,
        ended_at=row.ended_at,
        version=row.version,
    )


def _entry(row: StockCountEntryRow) -> Entry:
    return Entry(
        id=row.id,
        item_id=row.item_id,
        counter_id=row.counter_id,
        packs=row.packs,
        remainder=row.remainder,
        quantity=row.quantity,
        is_recount=row.is_recount,
        ledger_seq=row.ledger_seq,
        counted_at=row.counted_at,
        entered_at=row.entered_at,
    )


def _snapshot(row: StockSnapshotRow) -> Snapshot:
    return Snapshot(
        item_id=row.item_id,
        expected=row.expected,
        counted=row.counted,
        unit_cost=row.unit_cost,
        used=row.used,
        since_at=row.since_at,
        ledger_seq=row.ledger_seq,
        counted_at=row.counted_at,
        count_id=row.count_id,
        closing=row.closing,
        location_id=row.location_id,
        causes=tuple(Cause.read(cause) for cause in row.causes),
        taken_at=row.taken_at,
    )
