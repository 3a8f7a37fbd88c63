"""What days look like: when people are busy, and when they work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text

from salon.platform.db import ReadSession

Stretches = dict[UUID, list[tuple[datetime, datetime]]]

_BUSY = text("""
SELECT staff_id, EXTRACT(epoch FROM lower(stretch))::bigint AS starts,
    EXTRACT(epoch FROM upper(stretch))::bigint AS ends
FROM (
    SELECT resource_id AS staff_id, range_agg(tstzrange(starts_at, ends_at)) AS times FROM busy_intervals
    WHERE resource_kind = 'staff' AND resource_id = ANY(CAST(:staff_ids AS uuid[]))
        AND ends_at > :from_at AND starts_at < :to_at AND (expires_at IS NULL OR expires_at > :now)
        AND (CAST(:leaving_slot_id AS uuid) IS NULL OR slot_id IS DISTINCT FROM :leaving_slot_id)
    GROUP BY 1
) busy CROSS JOIN LATERAL unnest(busy.times) AS stretch
ORDER BY 1, 2
""")
_OPEN = text("""
SELECT staff_id, EXTRACT(epoch FROM lower(stretch))::bigint AS starts,
    EXTRACT(epoch FROM upper(stretch))::bigint AS ends
FROM (
    SELECT staff_id, range_agg(tstzrange(open_from, open_until)) AS times FROM (
        SELECT DISTINCT staff_id, open_from, open_until FROM slot_instances
        WHERE staff_id = ANY(CAST(:staff_ids AS uuid[])) AND location_id IN (SELECT id FROM locations)
            AND starts_at >= :from_at AND starts_at < :to_at AND open_from IS NOT NULL
            AND (CAST(:service_id AS uuid) IS NULL OR service_id = :service_id)
            AND (NOT is_blocked OR blocked_by_hand)
    ) slots GROUP BY 1
) opened CROSS JOIN LATERAL unnest(opened.times) AS stretch
ORDER BY 1, 2
""")


def list_busy(
    session: ReadSession,
    *,
    staff_ids: Iterable[UUID],
    from_at: datetime,
    to_at: datetime,
    now: datetime,
    leaving_slot_id: UUID | None,
) -> Stretches:
    """Merged busy stretches that touch the window, by person and time; holds that have run out do not count."""
    window = {"from_at": from_at, "to_at": to_at, "now": now, "leaving_slot_id": leaving_slot_id}
    return _by_person(session, _BUSY, list(staff_ids), window)


def list_open(
    session: ReadSession,
    *,
    staff_ids: Iterable[UUID],
    from_at: datetime,
    to_at: datetime,
    service_id: UUID | None,
) -> Stretches:
    """Merged stretches of working time that have a slot starting in the window, by person and time."""
    window = {"from_at": from_at, "to_at": to_at, "service_id": service_id}
    return _by_person(session, _OPEN, list(staff_ids), window)


def _by_person(session: ReadSession, query: TextClause, staff_ids: list[UUID], window: dict[str, Any]) -> Stretches:
    found: Stretches = {staff_id: [] for staff_id in staff_ids}
    for row in session.execute(query, {"staff_ids": staff_ids, **window}):
        found[row.staff_id].append(_stretch(row))
    return found


def _stretch(row: Row[Any]) -> tuple[datetime, datetime]:
    return datetime.fromtimestamp(row.starts, UTC), datetime.fromtimestamp(row.ends, UTC)
