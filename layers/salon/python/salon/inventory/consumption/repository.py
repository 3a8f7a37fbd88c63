"""Every query of consumption."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert

from salon.catalog.domain import Norm, NormUnit
from salon.inventory.consumption.domain import LOST, HairLength, Line, LineState, VisitConsumption
from salon.inventory.consumption.models import ConsumptionLineRow, VisitActualRow, VisitConsumptionRow
from salon.inventory.counts.models import StockCountRow, StockSnapshotRow
from salon.inventory.items import repository as items
from salon.inventory.items.domain import Item, name_key
from salon.inventory.items.models import ItemRow
from salon.inventory.ledger.models import LedgerRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id

_LOST = [state.value for state in LOST]


def lock_visit(session: WriteSession, booking_id: UUID, now: datetime) -> VisitConsumption:
    """A booking's consumption, made if it is the first time, and locked until the transaction ends."""
    session.execute(
        upsert(VisitConsumptionRow)
        .values(
            id=new_id(),
            tenant_id=tenant_of(session),
            booking_id=booking_id,
            generation=0,
            is_posted=False,
            created_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_visit_consumptions_booking")
    )
    query = select(VisitConsumptionRow).where(VisitConsumptionRow.booking_id == booking_id).with_for_update()
    return _visit(session.scalars(query.execution_options(populate_existing=True)).one())


def find_visit(session: ReadSession, booking_id: UUID) -> VisitConsumption | None:
    """A booking's consumption; None where nobody has said or used anything yet."""
    row = session.scalars(select(VisitConsumptionRow).where(VisitConsumptionRow.booking_id == booking_id)).one_or_none()
    return _visit(row) if row is not None else None


def update_visit(session: WriteSession, visit: VisitConsumption) -> None:
    """Store what a consumption is now."""
    row = session.get_one(VisitConsumptionRow, visit.id)
    row.hair_length = visit.hair_length.value if visit.hair_length is not None else None
    row.generation, row.is_posted, row.completed_version = visit.generation, visit.is_posted, visit.completed_version
    row.location_id, row.service_id, row.staff_id = visit.location_id, visit.service_id, visit.staff_id
    row.posted_at = visit.posted_at
    session.flush()


def read_actuals(session: ReadSession, consumption_id: UUID) -> dict[UUID, Decimal]:
    """What people have said was used, base units by item."""
    query = (
        select(VisitActualRow.item_id, VisitActualRow.quantity)
        .where(VisitActualRow.consumption_id == consumption_id)
        .order_by(VisitActualRow.item_id)
    )
    return {row.item_id: row.quantity for row in session.execute(query)}


def replace_actuals(
    session: WriteSession, consumption_id: UUID, actuals: Mapping[UUID, Decimal], entered_by: str, now: datetime
) -> None:
    """Put these in the place of what was said before."""
    session.execute(delete(VisitActualRow).where(VisitActualRow.consumption_id == consumption_id))
    session.add_all(
        VisitActualRow(
            id=new_id(),
            tenant_id=tenant_of(session),
            consumption_id=consumption_id,
            item_id=item_id,
            quantity=quantity,
            entered_by=entered_by,
            entered_at=now,
        )
        for item_id, quantity in actuals.items()
    )
    session.flush()


def list_lines(session: ReadSession, visit: VisitConsumption) -> list[Line]:
    """The lines of the present generation, by position."""
    return [_line(row) for row in session.scalars(_lines_of(visit))]


def list_costs(session: ReadSession, visit: VisitConsumption) -> list[int | None]:
    """What the lines of the present generation cost, kopecks, by position; None where the ledger knows nothing."""
    return [row.cost_minor for row in session.scalars(_lines_of(visit))]


def add_lines(
    session: WriteSession, visit: VisitConsumption, lines: Sequence[Line], costs: Mapping[int, int], now: datetime
) -> None:
    """Store the lines of a generation; `costs` by position, of those that the ledger has."""
    session.add_all(
        ConsumptionLineRow(
            id=new_id(),
            tenant_id=tenant_of(session),
            consumption_id=visit.id,
            generation=visit.generation,
            position=position,
            norm_id=line.norm_id,
            item_text=line.item_text,
            item_id=line.item_id,
            norm_quantity=line.norm_quantity,
            norm_unit=line.norm_unit.value if line.norm_unit is not None else None,
            by_length=line.by_length,
            norm_base=line.norm_base,
            used=line.used,
            is_actual=line.is_actual,
            state=line.state.value,
            cost_minor=costs.get(position),
            created_at=now,
        )
        for position, line in enumerate(lines)
    )
    session.flush()


def mend_line(
    session: WriteSession, visit: VisitConsumption, position: int, line: Line, cost_minor: int | None
) -> None:
    """Store that a lost line was found out about."""
    row = session.scalars(_lines_of(visit).where(ConsumptionLineRow.position == position)).one()
    row.item_id, row.norm_base, row.used = line.item_id, line.norm_base, line.used
    row.state, row.cost_minor = line.state.value, cost_minor
    session.flush()


def find_items(session: ReadSession, norms: Collection[Norm], item_ids: Collection[UUID] = ()) -> list[Item]:
    """The items that these norms may mean, by their links and by their names, and some more by their ids."""
    ids = {norm.item_id for norm in norms if norm.item_id is not None} | set(item_ids)
    names = {name_key(norm.item) for norm in norms if norm.item_id is None}
    named = select(ItemRow.id).where(ItemRow.is_active, ItemRow.name_key.in_(names))
    return list(items.read_items(session, ids | set(session.scalars(named))).values())


def propose_items(session: ReadSession, words: str, limit: int) -> list[Item]:
    """Active items whose names have something in common with these words, the likest first."""
    alike = func.similarity(ItemRow.name_key, name_key(words))
    query = select(ItemRow.id).where(ItemRow.is_active, alike > 0).order_by(alike.desc(), ItemRow.name_key)
    found = list(session.scalars(query.limit(limit)))
    known = items.read_items(session, found)
    return [known[item_id] for item_id in found]


def count_lost(session: ReadSession) -> dict[UUID, int]:
    """How many visits used what the ledger does not know of, by norm."""
    query = (
        select(ConsumptionLineRow.norm_id, func.count(func.distinct(ConsumptionLineRow.consumption_id)))
        .join(
            VisitConsumptionRow,
            (VisitConsumptionRow.id == ConsumptionLineRow.consumption_id)
            & (VisitConsumptionRow.generation == ConsumptionLineRow.generation),
        )
        .where(
            ConsumptionLineRow.state.in_(_LOST),
            ConsumptionLineRow.norm_id.is_not(None),
            VisitConsumptionRow.is_posted,
        )
        .group_by(ConsumptionLineRow.norm_id)
    )
    return {norm_id: count for norm_id, count in session.execute(query) if norm_id is not None}


def list_lost_bookings(session: ReadSession, norm_id: UUID, item_id: UUID, limit: int) -> list[UUID]:
    """Bookings that used what this norm says without the ledger knowing, the oldest first.

    Not those from before the item was last counted there: the count has found out what was missing.
    """
    counted = (
        select(func.max(StockSnapshotRow.counted_at))
        .join(StockCountRow, StockCountRow.id == StockSnapshotRow.count_id)
        .where(
            StockSnapshotRow.item_id == item_id,
            StockSnapshotRow.location_id == VisitConsumptionRow.location_id,
            StockSnapshotRow.closing == StockCountRow.closings,
            StockCountRow.status == "posted",
        )
        .scalar_subquery()
    )
    query = (
        select(VisitConsumptionRow.booking_id)
        .join(
            ConsumptionLineRow,
            (ConsumptionLineRow.consumption_id == VisitConsumptionRow.id)
            & (ConsumptionLineRow.generation == VisitConsumptionRow.generation),
        )
        .where(
            ConsumptionLineRow.norm_id == norm_id,
            ConsumptionLineRow.state.in_(_LOST),
            VisitConsumptionRow.is_posted,
            or_(counted.is_(None), VisitConsumptionRow.posted_at > counted),
        )
        .order_by(VisitConsumptionRow.posted_at, VisitConsumptionRow.booking_id)
        .limit(limit)
    )
    return list(session.scalars(query))


def last_round(session: ReadSession, source_kind: str, source_id: UUID) -> int:
    """The last round in which a source has posted; 0 for none."""
    query = select(func.coalesce(func.max(LedgerRow.source_round), 0)).where(
        LedgerRow.source_kind == source_kind, LedgerRow.source_id == source_id
    )
    return session.scalars(query).one()


def _lines_of(visit: VisitConsumption) -> Select[ConsumptionLineRow]:
    return (
        select(ConsumptionLineRow)
        .where(
            ConsumptionLineRow.consumption_id == visit.id,
            ConsumptionLineRow.generation == visit.generation,
        )
        .order_by(ConsumptionLineRow.position)
    )


def _visit(row: VisitConsumptionRow) -> VisitConsumption:
    return VisitConsumption(
        id=row.id,
        booking_id=row.booking_id,
        hair_length=HairLength(row.hair_length) if row.hair_length is not None else None,
        generation=row.generation,
        is_posted=row.is_posted,
        completed_version=row.completed_version,
        location_id=row.location_id,
        service_id=row.service_id,
        staff_id=row.staff_id,
        posted_at=row.posted_at,
    )


def _line(row: ConsumptionLineRow) -> Line:
    return Line(
        norm_id=row.norm_id,
        item_text=row.item_text,
        item_id=row.item_id,
        norm_quantity=row.norm_quantity,
        norm_unit=NormUnit(row.norm_unit) if row.norm_unit is not None else None,
        by_length=row.by_length,
        norm_base=row.norm_base,
        used=row.used,
        is_actual=row.is_actual,
        state=LineState(row.state),
    )
