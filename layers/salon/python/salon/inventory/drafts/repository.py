"""Every query of invoice drafts and of what was learned from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, or_, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from salon.inventory.drafts.domain.accuracy import Misreading
from salon.inventory.drafts.domain.drafts import LIVE, Draft, DraftLine, DraftStatus, NewItem
from salon.inventory.drafts.domain.matching import Alias, Candidate, MatchMethod
from salon.inventory.drafts.domain.views import CountSeen
from salon.inventory.drafts.errors import InvoiceLineNotFound, InvoiceNotFound
from salon.inventory.drafts.models import (
    InvoiceDraftLineRow,
    InvoiceDraftRow,
    SupplierAliasRow,
    SupplierCorrectionRow,
)
from salon.inventory.items.domain import BaseUnit
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id

_LINE_FIELDS = (
    "position", "name", "unit", "quantity", "price", "sum_minor", "vat_rate", "vat_minor", "sum_with_vat_minor",
    "item_id", "takes_new", "base_per_unit", "match_method", "match_confidence", "is_checked", "is_excluded",
    "lot", "expires_on",
)  # fmt: skip
_HEADER_FIELDS = (
    "supplier_id", "supplier_name", "supplier_inn", "number", "number_key", "issued_on", "total_minor", "duplicate_of",
)  # fmt: skip

# What differed and was left out of the corrections is not settled: nothing of it stands in the stock. A count that is
# open, or closed and not yet posted, has seen the shelves, too, and will correct the stock to what stood there.
_COUNTED_SINCE = text("""
    WITH seen AS (
        SELECT found.item_id, count.location_id, found.count_id, found.counted_at
        FROM stock_snapshots found
        JOIN stock_counts count ON count.id = found.count_id AND count.closings = found.closing
        WHERE found.item_id = ANY(CAST(:item_ids AS uuid[])) AND (
            count.status = 'closed' OR count.status = 'posted' AND (found.counted = found.expected OR EXISTS (
                SELECT FROM inventory_ledger row
                WHERE row.source_kind = 'count' AND row.source_id = count.id AND row.item_id = found.item_id)))
        UNION ALL
        SELECT entry.item_id, count.location_id, entry.count_id, entry.counted_at
        FROM stock_count_entries entry
        JOIN stock_counts count ON count.id = entry.count_id AND count.status = 'open'
        WHERE entry.item_id = ANY(CAST(:item_ids AS uuid[]))
    )
    SELECT DISTINCT ON (seen.item_id, seen.location_id) seen.item_id, seen.location_id, seen.count_id,
        CAST(seen.counted_at AT TIME ZONE place.timezone AS date) AS counted_on
    FROM seen
    JOIN locations place ON place.id = seen.location_id
    WHERE CAST(seen.counted_at AT TIME ZONE place.timezone AS date) >= :since
    ORDER BY seen.item_id, seen.location_id, seen.counted_at DESC
""")


def list_counted_since(session: ReadSession, item_ids: Iterable[UUID], since: date) -> list[CountSeen]:
    """What counts, of whatever stage, say of these items since that day, by the location's clock; the last."""
    found = session.execute(_COUNTED_SINCE, {"item_ids": sorted(item_ids), "since": since})
    return [CountSeen(row.item_id, row.location_id, row.count_id, row.counted_on) for row in found]


def add_draft(session: WriteSession, draft: Draft) -> bool:
    """Store a draft with its lines; False when its job has a draft of this revision already."""
    columns = [column.key for column in InvoiceDraftRow.__table__.columns if column.key != "tenant_id"]
    fields = {name: getattr(draft, name) for name in columns}
    fields |= {"read": dict(draft.read), "flags": list(draft.flags), "accuracy": dict(draft.accuracy)}
    added = session.execute(
        pg_insert(InvoiceDraftRow)
        .values(tenant_id=tenant_of(session), **fields)
        .on_conflict_do_nothing(constraint="uq_invoice_drafts_job")
        .returning(InvoiceDraftRow.id)
    )
    if added.scalar_one_or_none() is None:
        return False
    for line in draft.lines:
        add_line(session, draft.id, line)
    return True


def find_of_job(session: ReadSession, job_id: UUID) -> UUID | None:
    """The latest draft of a job."""
    query = select(InvoiceDraftRow.id).where(InvoiceDraftRow.job_id == job_id)
    return session.scalars(query.order_by(InvoiceDraftRow.revision.desc()).limit(1)).one_or_none()


def get_draft(session: ReadSession, draft_id: UUID) -> Draft:
    """A draft with its lines.

    Raises:
        InvoiceNotFound: there is none.
    """
    row = session.get(InvoiceDraftRow, draft_id, populate_existing=True)
    if row is None:
        raise InvoiceNotFound(draft_id)
    return _draft(row, list_lines(session, draft_id))


def lock_draft(session: WriteSession, draft_id: UUID) -> Draft:
    """A draft with its lines, locked against everybody else who would change it.

    Raises:
        InvoiceNotFound: there is none.
    """
    [draft, *_] = _locked(session, [InvoiceDraftRow.id == draft_id], draft_id)
    return draft


def lock_with_twins(session: WriteSession, draft_id: UUID) -> tuple[Draft, list[Draft]]:
    """A draft, and those that name the same document, all locked in one order; the others come without their lines.

    So of two drafts of one paper that are confirmed at the same moment, the second sees the first confirmed.

    Raises:
        InvoiceNotFound: there is none.
    """
    row = session.get(InvoiceDraftRow, draft_id)
    if row is None:
        raise InvoiceNotFound(draft_id)
    [draft, *others] = _locked(session, [InvoiceDraftRow.id == draft_id, *_same_paper(row)], draft_id)
    return draft, others


def _locked(session: WriteSession, clauses: Sequence[ColumnElement[bool]], draft_id: UUID) -> list[Draft]:
    """Rows locked by id, the draft itself first in the answer, with its lines as they stand under the lock."""
    query = select(InvoiceDraftRow).where(or_(*clauses)).order_by(InvoiceDraftRow.id)
    locked = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    own = [row for row in locked if row.id == draft_id]
    if not own:
        raise InvoiceNotFound(draft_id)
    others = [_draft(row, ()) for row in locked if row.id != draft_id]
    return [_draft(own[0], list_lines(session, draft_id)), *others]


def _same_paper(row: InvoiceDraftRow | Draft) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if row.number_key and row.issued_on is not None:
        clauses.append(and_(InvoiceDraftRow.number_key == row.number_key, InvoiceDraftRow.issued_on == row.issued_on))
    if row.fiscal_key is not None:
        clauses.append(InvoiceDraftRow.fiscal_key == row.fiscal_key)
    return clauses


def list_twins(session: ReadSession, draft: Draft) -> list[Draft]:
    """Invoices that are alive and name the same document, by number and day or by fiscal code, the first one first.

    Whether the supplier is the same is for `domain.twins` to judge.
    """
    clauses = _same_paper(draft)
    if not clauses:
        return []
    query = select(InvoiceDraftRow).where(
        or_(*clauses), InvoiceDraftRow.id != draft.id, InvoiceDraftRow.status.in_(sorted(LIVE))
    )
    return [_draft(row, ()) for row in session.scalars(query.order_by(InvoiceDraftRow.id))]


def list_drafts(
    session: ReadSession, *, status: DraftStatus | None, job_id: UUID | None, before_id: UUID | None, limit: int
) -> list[Draft]:
    """Drafts with their lines, the latest first."""
    query = select(InvoiceDraftRow)
    if job_id is not None:
        query = query.where(InvoiceDraftRow.job_id == job_id)
    if status is not None:
        query = query.where(InvoiceDraftRow.status == status)
    if before_id is not None:
        query = query.where(InvoiceDraftRow.id < before_id)
    rows = session.scalars(query.order_by(InvoiceDraftRow.id.desc()).limit(limit)).all()
    lines: dict[UUID, list[DraftLine]] = {row.id: [] for row in rows}
    found = select(InvoiceDraftLineRow).where(InvoiceDraftLineRow.draft_id.in_(lines))
    for line in session.scalars(found.order_by(InvoiceDraftLineRow.draft_id, InvoiceDraftLineRow.position)):
        lines[line.draft_id].append(_line(line))
    return [_draft(row, lines[row.id]) for row in rows]


def list_lines(session: ReadSession, draft_id: UUID) -> list[DraftLine]:
    """The lines of a draft, in their order."""
    query = select(InvoiceDraftLineRow).where(InvoiceDraftLineRow.draft_id == draft_id)
    ordered = query.order_by(InvoiceDraftLineRow.position).execution_options(populate_existing=True)
    return [_line(row) for row in session.scalars(ordered)]


def put_header(session: WriteSession, draft: Draft) -> None:
    """Store what a person said about the document."""
    row = session.get_one(InvoiceDraftRow, draft.id)
    for name in _HEADER_FIELDS:
        setattr(row, name, getattr(draft, name))
    session.flush()


def touch(session: WriteSession, draft_id: UUID) -> None:
    """Count a change of the locked draft."""
    row = session.get_one(InvoiceDraftRow, draft_id)
    row.version += 1
    session.flush()


def put_status(session: WriteSession, draft: Draft) -> None:
    """Store that a locked draft was confirmed, reversed or discarded."""
    row = session.get_one(InvoiceDraftRow, draft.id)
    row.status, row.version = draft.status, row.version + 1
    row.closed_at, row.closed_by = draft.closed_at, draft.closed_by
    row.location_id, row.supplier_id, row.duplicate_of = draft.location_id, draft.supplier_id, draft.duplicate_of
    row.accuracy = dict(draft.accuracy)
    session.flush()


def note_spurious(session: WriteSession, draft_id: UUID) -> None:
    """Count a line that was read and is not on the paper."""
    row = session.get_one(InvoiceDraftRow, draft_id)
    row.accuracy = {**row.accuracy, "spurious": int(row.accuracy.get("spurious", 0)) + 1}
    session.flush()


def add_line(session: WriteSession, draft_id: UUID, line: DraftLine) -> None:
    """Store a line."""
    session.add(
        InvoiceDraftLineRow(
            id=line.id,
            tenant_id=tenant_of(session),
            draft_id=draft_id,
            read=dict(line.read) if line.read is not None else None,
            **_line_values(line),
        )
    )
    session.flush()


def put_line(session: WriteSession, line: DraftLine) -> None:
    """Store what a line says now; what was read stays."""
    row = session.get_one(InvoiceDraftLineRow, line.id)
    for name, value in _line_values(line).items():
        setattr(row, name, value)
    session.flush()


def remove_line(session: WriteSession, draft_id: UUID, line_id: UUID) -> None:
    """Delete a line.

    Raises:
        InvoiceLineNotFound: the draft has no such line.
    """
    row = session.get(InvoiceDraftLineRow, line_id)
    if row is None or row.draft_id != draft_id:
        raise InvoiceLineNotFound(line_id)
    session.delete(row)
    session.flush()


def list_aliases(session: ReadSession, supplier_id: UUID | None) -> list[Alias]:
    """What a supplier calls things; without a supplier, what was learned from documents that name none."""
    query = select(SupplierAliasRow).where(SupplierAliasRow.supplier_id.is_not_distinct_from(supplier_id))
    rows = session.scalars(query.order_by(SupplierAliasRow.last_used_at.desc(), SupplierAliasRow.id))
    return [
        Alias(row.raw_name, row.unit, row.name, row.item_id, row.base_per_unit.normalize(), row.times_confirmed)
        for row in rows
    ]


def learn_alias(session: WriteSession, supplier_id: UUID | None, alias: Alias, now: datetime) -> None:
    """Remember what a name and a unit are. The last word counts; after another word the count begins anew."""
    statement = pg_insert(SupplierAliasRow).values(
        id=new_id(),
        tenant_id=tenant_of(session),
        supplier_id=supplier_id,
        raw_name=alias.raw_name,
        unit=alias.unit,
        name=alias.name,
        item_id=alias.item_id,
        base_per_unit=alias.base_per_unit,
        times_confirmed=1,
        last_used_at=now,
    )
    new = statement.excluded
    is_same = and_(SupplierAliasRow.item_id == new.item_id, SupplierAliasRow.base_per_unit == new.base_per_unit)
    session.execute(
        statement.on_conflict_do_update(
            constraint="uq_supplier_aliases_name",
            set_={
                "name": new.name,
                "item_id": new.item_id,
                "base_per_unit": new.base_per_unit,
                "times_confirmed": case((is_same, SupplierAliasRow.times_confirmed + 1), else_=1),
                "last_used_at": new.last_used_at,
            },
        )
    )


def list_corrections(session: ReadSession, supplier_id: UUID | None, *, times: int) -> dict[tuple[str, str], str]:
    """What was corrected so often at least, by field and misreading."""
    query = select(SupplierCorrectionRow).where(
        SupplierCorrectionRow.supplier_id.is_not_distinct_from(supplier_id), SupplierCorrectionRow.times >= times
    )
    return {(row.field, row.misread): row.corrected for row in session.scalars(query)}


def learn_correction(session: WriteSession, supplier_id: UUID | None, found: Misreading, now: datetime) -> None:
    """Count a misreading; corrected otherwise than before, it starts to be counted anew."""
    statement = pg_insert(SupplierCorrectionRow).values(
        id=new_id(),
        tenant_id=tenant_of(session),
        supplier_id=supplier_id,
        field=found.field,
        misread=found.misread,
        corrected=found.corrected,
        times=1,
        last_used_at=now,
    )
    new = statement.excluded
    is_same = SupplierCorrectionRow.corrected == new.corrected
    session.execute(
        statement.on_conflict_do_update(
            constraint="uq_supplier_corrections_misread",
            set_={
                "corrected": new.corrected,
                "times": case((is_same, SupplierCorrectionRow.times + 1), else_=1),
                "last_used_at": new.last_used_at,
            },
        )
    )


def _line_values(line: DraftLine) -> dict[str, Any]:
    values = {name: getattr(line, name) for name in _LINE_FIELDS}
    return values | {
        "flags": list(line.flags),
        "proposal": _plain(line.proposal) if line.proposal is not None else None,
        "candidates": [_plain(candidate) for candidate in line.candidates],
    }


def _plain(value: NewItem | Candidate) -> dict[str, Any]:
    return {
        name: str(content) if isinstance(content, Decimal | UUID) else content
        for name, content in asdict(value).items()
    }


def _draft(row: InvoiceDraftRow, lines: Iterable[DraftLine]) -> Draft:
    names = set(Draft.__dataclass_fields__) - {"lines", "status", "flags"}
    values = {name: getattr(row, name) for name in names}
    return Draft(**values, status=DraftStatus(row.status), flags=tuple(row.flags), lines=tuple(lines))


def _line(row: InvoiceDraftLineRow) -> DraftLine:
    values = {name: getattr(row, name) for name in _LINE_FIELDS if name != "match_method"}
    return DraftLine(
        **values,
        id=row.id,
        read=row.read,
        flags=tuple(row.flags),
        match_method=MatchMethod(row.match_method),
        proposal=_new_item(row.proposal) if row.proposal is not None else None,
        candidates=tuple(_candidate(one) for one in row.candidates),
    )


def _new_item(stored: dict[str, Any]) -> NewItem:
    pack = stored["pack_quantity"]
    return NewItem(
        **{
            **stored,
            "base_unit": BaseUnit(stored["base_unit"]),
            "pack_quantity": Decimal(pack) if pack is not None else None,
        }
    )


def _candidate(stored: dict[str, Any]) -> Candidate:
    held = stored["base_per_unit"]
    return Candidate(UUID(stored["item_id"]), stored["score"], Decimal(held) if held is not None else None)
