"""Queries about what the ledger held at a moment, and about what has happened around it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from salon.catalog.domain import NormUnit
from salon.inventory.counts.domain import Entry, ReceiptSeen, ServiceUse
from salon.platform.db import ReadSession

# What was recorded by then; and what was recorded later, but had happened before: the shelf knew of it already. A
# mirror happens when its original did, so what was taken back since is taken back here.
_AT_MOMENTS = text("""
    SELECT moment.number, coalesce(sum(row.quantity), 0) AS quantity, coalesce(sum(row.value_minor), 0) AS value_minor
    FROM unnest(CAST(:item_ids AS uuid[]), CAST(:seqs AS bigint[]), CAST(:moments AS timestamptz[]))
        WITH ORDINALITY AS moment (item_id, seq, at, number)
    LEFT JOIN inventory_ledger row ON row.item_id = moment.item_id AND row.location_id = :location_id
        AND (row.seq <= moment.seq OR row.occurred_at < moment.at)
    GROUP BY moment.number
""")
_SEQ_AT = text("SELECT coalesce(max(seq), 0) FROM inventory_ledger WHERE at <= :at")
_HEAD = text("SELECT coalesce(max(seq), 0) FROM inventory_ledger_heads")
_STANDING = "NOT EXISTS (SELECT FROM inventory_ledger mirror WHERE mirror.reverses_id = row.id)"
_USED = text(f"""
    SELECT span.item_id, coalesce(sum(-row.quantity), 0) AS used
    FROM unnest(CAST(:item_ids AS uuid[]), CAST(:since AS bigint[]), CAST(:until AS bigint[]))
        AS span (item_id, since, until)
    JOIN inventory_ledger row ON row.item_id = span.item_id AND row.location_id = :location_id
        AND row.seq > span.since AND row.seq <= span.until AND row.kind = 'consumption' AND {_STANDING}
    GROUP BY span.item_id
""")  # noqa: S608 - the condition is ours
_RECEIPTS = text(f"""
    SELECT row.item_id, row.id, row.source_id, row.quantity
    FROM unnest(CAST(:item_ids AS uuid[]), CAST(:since AS bigint[])) AS span (item_id, since)
    JOIN inventory_ledger row ON row.item_id = span.item_id AND row.location_id = :location_id
        AND row.seq > span.since AND row.kind = 'receipt' AND {_STANDING}
    ORDER BY row.seq
""")  # noqa: S608 - as above
_USES = text("""
    SELECT line.item_id, visit.staff_id, visit.service_id, count(DISTINCT visit.id) AS visits,
        coalesce(sum(line.norm_base), 0) AS norm,
        coalesce(sum(line.norm_base) FILTER (WHERE line.is_actual), 0) AS said_norm,
        coalesce(sum(line.used) FILTER (WHERE line.is_actual), 0) AS said
    FROM unnest(CAST(:item_ids AS uuid[]), CAST(:since AS timestamptz[])) AS span (item_id, since)
    JOIN consumption_lines line ON line.item_id = span.item_id AND line.used IS NOT NULL
    JOIN visit_consumptions visit ON visit.id = line.consumption_id AND visit.generation = line.generation
        AND visit.is_posted AND visit.location_id = :location_id AND visit.posted_at > span.since
    GROUP BY line.item_id, visit.staff_id, visit.service_id
""")
_LOST = text("""
    SELECT line.norm_id, line.norm_quantity, line.norm_unit, visit.staff_id, visit.service_id, visit.posted_at
    FROM consumption_lines line
    JOIN visit_consumptions visit ON visit.id = line.consumption_id AND visit.generation = line.generation
        AND visit.is_posted AND visit.location_id = :location_id AND visit.posted_at > :since
    WHERE line.state IN ('unlinked', 'other_unit') AND line.norm_id IS NOT NULL
    LIMIT :limit
""")
_UNDER_WAY = text("""
    SELECT row.item_id, booking.service_id, booking.staff_id, booking.starts_at, booking.ends_at, -row.quantity AS used
    FROM inventory_ledger row JOIN bookings booking ON booking.id = row.source_id
    WHERE row.source_kind = 'booking' AND row.kind = 'consumption' AND row.location_id = :location_id
        AND row.item_id = ANY(CAST(:item_ids AS uuid[])) AND row.seq > :seq
        AND booking.starts_at < :until AND NOT EXISTS (
            SELECT FROM inventory_ledger mirror WHERE mirror.reverses_id = row.id)
""")
_CORRECTED = text("""
    SELECT row.item_id, sum(row.quantity) AS quantity
    FROM inventory_ledger row
    JOIN unnest(CAST(:item_ids AS uuid[]), CAST(:seqs AS bigint[])) AS span (item_id, seq)
        ON row.item_id = span.item_id AND row.seq > span.seq
    WHERE row.location_id = :location_id AND row.source_kind = 'count' AND row.source_id <> :count_id
    GROUP BY row.item_id HAVING sum(row.quantity) <> 0
""")
# What differed and was left out of the corrections is not settled: the ledger goes on as if nobody had looked.
_SETTLED = text("""
    SELECT seen.item_id, seen.location_id, seen.count_id, seen.counted_at, seen.ledger_seq
    FROM unnest(CAST(:item_ids AS uuid[]), CAST(:location_ids AS uuid[])) AS place (item_id, location_id)
    JOIN stock_snapshots seen ON seen.item_id = place.item_id AND seen.location_id = place.location_id
    JOIN stock_counts count ON count.id = seen.count_id AND count.closings = seen.closing AND count.status = 'posted'
    WHERE seen.counted = seen.expected OR EXISTS (
        SELECT FROM inventory_ledger row
        WHERE row.source_kind = 'count' AND row.source_id = seen.count_id AND row.item_id = seen.item_id)
    ORDER BY seen.counted_at, seen.ledger_seq, seen.count_id
""")


@dataclass(frozen=True, slots=True)
class Held:
    """What the ledger held of an item at a moment, and what that was worth, kopecks."""

    quantity: Decimal
    value_minor: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """That a posted count has said how much there is of an item: at which moment, and after which movement."""

    count_id: UUID
    counted_at: datetime
    ledger_seq: int


@dataclass(frozen=True, slots=True)
class LostLine:
    """A norm that a visit used and the ledger was not told of."""

    norm_id: UUID
    quantity: Decimal
    unit: NormUnit
    staff_id: UUID | None
    service_id: UUID
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class LateUse:
    """What a visit used, that was recorded after a moment and had begun before it."""

    item_id: UUID
    service_id: UUID
    staff_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    used: Decimal


def ledger_seq(session: ReadSession, at: datetime | None) -> int:
    """The last movement of the tenant that was recorded by a moment, None for now; 0 for none.

    Whoever posts holds the chain's head until the end: what this sees is whole, and all before it.
    """
    if at is None:
        return int(session.execute(_HEAD).scalar_one())
    return int(session.execute(_SEQ_AT, {"at": at}).scalar_one())


def held_at(session: ReadSession, location_id: UUID, entries: Sequence[Entry]) -> dict[UUID, Held]:
    """What the ledger held of each entry's item at the entry's moment, by the entry's id; as far as is known now."""
    if not entries:
        return {}
    found = session.execute(
        _AT_MOMENTS,
        {
            "item_ids": [entry.item_id for entry in entries],
            "seqs": [entry.ledger_seq for entry in entries],
            "moments": [entry.counted_at for entry in entries],
            "location_id": location_id,
        },
    )
    return {entries[row.number - 1].id: Held(Decimal(row.quantity), int(row.value_minor)) for row in found}


def sum_used(session: ReadSession, location_id: UUID, spans: Mapping[UUID, tuple[int, int]]) -> dict[UUID, Decimal]:
    """What services used of each item after one movement and up to another; what was taken back is left out."""
    found = session.execute(
        _USED,
        {
            "item_ids": list(spans),
            "since": [since for since, _ in spans.values()],
            "until": [until for _, until in spans.values()],
            "location_id": location_id,
        },
    )
    return {row.item_id: row.used for row in found}


def list_receipts(session: ReadSession, location_id: UUID, since: Mapping[UUID, int]) -> dict[UUID, list[ReceiptSeen]]:
    """Lines of invoices of each item after a movement, in order; what was taken back is left out."""
    found: dict[UUID, list[ReceiptSeen]] = {}
    values = {"item_ids": list(since), "since": list(since.values()), "location_id": location_id}
    for row in session.execute(_RECEIPTS, values):
        seen = ReceiptSeen(movement_id=row.id, source_id=row.source_id, quantity=row.quantity)
        found.setdefault(row.item_id, []).append(seen)
    return found


def list_uses(session: ReadSession, location_id: UUID, since: Mapping[UUID, datetime]) -> dict[UUID, list[ServiceUse]]:
    """Who used how much of each item in which service since a moment."""
    found: dict[UUID, list[ServiceUse]] = {}
    values = {"item_ids": list(since), "since": list(since.values()), "location_id": location_id}
    for row in session.execute(_USES, values):
        use = ServiceUse(
            staff_id=row.staff_id,
            service_id=row.service_id,
            visits=row.visits,
            norm=row.norm,
            said_norm=row.said_norm,
            said=row.said,
        )
        found.setdefault(row.item_id, []).append(use)
    return found


def list_lost(session: ReadSession, location_id: UUID, since: datetime, limit: int) -> list[LostLine]:
    """What visits used since a moment without the ledger knowing."""
    found = session.execute(_LOST, {"location_id": location_id, "since": since, "limit": limit})
    return [
        LostLine(row.norm_id, row.norm_quantity, NormUnit(row.norm_unit), row.staff_id, row.service_id, row.posted_at)
        for row in found
    ]


def list_late(
    session: ReadSession, location_id: UUID, item_ids: Iterable[UUID], *, after_seq: int, begun_before: datetime
) -> list[LateUse]:
    """What visits used that began before a moment, as far as it was recorded after a movement."""
    found = session.execute(
        _UNDER_WAY,
        {"location_id": location_id, "item_ids": list(item_ids), "seq": after_seq, "until": begun_before},
    )
    return [LateUse(row.item_id, row.service_id, row.staff_id, row.starts_at, row.ends_at, row.used) for row in found]


def list_corrected(
    session: ReadSession, location_id: UUID, count_id: UUID, seqs: Mapping[UUID, int]
) -> Collection[UUID]:
    """Items that another count has corrected after a movement of each."""
    values = {
        "item_ids": list(seqs),
        "seqs": list(seqs.values()),
        "location_id": location_id,
        "count_id": count_id,
    }
    return sorted(row.item_id for row in session.execute(_CORRECTED, values))


def list_settlements(
    session: ReadSession, places: Collection[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], list[Settlement]]:
    """The posted counts that have said how much there is at each (item, location), by the moment of counting."""
    if not places:
        return {}
    found: dict[tuple[UUID, UUID], list[Settlement]] = {}
    values = {
        "item_ids": [item_id for item_id, _ in places],
        "location_ids": [location_id for _, location_id in places],
    }
    for row in session.execute(_SETTLED, values):
        one = Settlement(row.count_id, row.counted_at, row.ledger_seq)
        found.setdefault((row.item_id, row.location_id), []).append(one)
    return found
