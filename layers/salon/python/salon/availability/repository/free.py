"""Which slots can be had: the one query behind dates, offers and the dialogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from salon.availability.domain import Slot
from salon.availability.repository.slots import COLUMNS, slot_of
from salon.catalog.domain.locations import MAX_TRAVEL_MIN
from salon.platform.db import ReadSession

# What is busy is read once and gathered into one multirange for each person at each location; `&&` then looks it up by
# halving. Claims at another location reach further: by the way from there and the way here. A slot that somebody has a
# seat of has its claims already. Whether a unit of each pool is free is asked last, once for each distinct time that
# somebody has. `room` is as narrow as can be: sixty days of it must not be written to disk.
_FREE = """
WITH service AS MATERIALIZED (
    SELECT id, buffer_before_min, buffer_after_min, processing_from_min, processing_min,
        make_interval(mins => buffer_before_min) AS before, make_interval(mins => buffer_after_min) AS after,
        make_interval(mins => processing_from_min) AS rest_from,
        make_interval(mins => processing_from_min + processing_min) AS rest_until,
        CAST(:now AS timestamptz)
            + COALESCE(:asked_notice, make_interval(mins => min_notice_min), :usual_notice) AS earliest,
        EXISTS (SELECT FROM service_resources need WHERE need.service_id = services.id) AS needs_units
    FROM services WHERE id = :service_id AND is_active
),
room AS MATERIALIZED (
    SELECT slot.location_id, slot.staff_id, slot.starts_at, slot.booked + slot.held > 0 AS is_joined,
        slot.starts_at - service.before AS busy_from, slot.ends_at + :extra + service.after AS busy_until{columns}
    FROM slot_instances slot CROSS JOIN service
    WHERE slot.service_id = :service_id AND slot.status IN ('open', 'partial')
        AND slot.starts_at >= :from_at AND slot.starts_at < :to_at AND slot.starts_at >= service.earliest
        AND (CAST(:staff_id AS uuid) IS NULL OR slot.staff_id = :staff_id)
        AND (CAST(:location_id AS uuid) IS NULL OR slot.location_id = :location_id)
        AND (CAST(:extra AS interval) = interval '0' OR slot.capacity = 1 AND slot.ends_at + :extra > slot.starts_at
            AND slot.ends_at + :extra <= slot.open_until)
),
people AS MATERIALIZED (
    SELECT staff_id, location_id, min(busy_from) AS busy_from, max(busy_until) AS busy_until FROM room GROUP BY 1, 2
),
busy AS MATERIALIZED (
    SELECT people.staff_id, people.location_id, (
        SELECT range_agg(CASE WHEN claim.location_id <> people.location_id
            THEN tstzrange(COALESCE(claim.reach_from, claim.starts_at) - make_interval(mins => location.travel_min),
                COALESCE(claim.reach_until, claim.ends_at) + make_interval(mins => location.travel_min))
            ELSE tstzrange(claim.starts_at, claim.ends_at) END)
        FROM busy_intervals claim WHERE claim.resource_kind = 'staff' AND claim.resource_id = people.staff_id
            AND claim.ends_at > people.busy_from - CAST(:ways AS interval)
            AND claim.starts_at < people.busy_until + CAST(:ways AS interval)
            AND (claim.expires_at IS NULL OR claim.expires_at > :now)
            AND (CAST(:leaving_slot_id AS uuid) IS NULL OR claim.slot_id IS DISTINCT FROM :leaving_slot_id)
    ) AS times
    FROM people JOIN locations location ON location.id = people.location_id
),
idle AS MATERIALIZED (
    SELECT room.* FROM room CROSS JOIN service
    LEFT JOIN busy ON busy.staff_id = room.staff_id AND busy.location_id = room.location_id
    WHERE room.is_joined OR busy.times IS NULL OR NOT CASE
        WHEN service.rest_from IS NULL THEN busy.times && tstzrange(room.busy_from, room.busy_until)
        ELSE busy.times && tstzrange(room.busy_from, LEAST(room.starts_at + service.rest_from, room.busy_until))
            OR room.starts_at + service.rest_until < room.busy_until
                AND busy.times && tstzrange(room.starts_at + service.rest_until, room.busy_until) END
),
units AS MATERIALIZED (
    SELECT unit.pool_id, unit.location_id, (
        SELECT range_agg(tstzrange(claim.starts_at, claim.ends_at)) FROM busy_intervals claim
        WHERE claim.resource_kind = pool.kind AND claim.resource_id = unit.id
            AND claim.ends_at > span.busy_from AND claim.starts_at < span.busy_until
            AND (claim.expires_at IS NULL OR claim.expires_at > :now)
            AND (CAST(:leaving_slot_id AS uuid) IS NULL OR claim.slot_id IS DISTINCT FROM :leaving_slot_id)
    ) AS times
    FROM service_resources need JOIN resource_pools pool ON pool.id = need.pool_id
    JOIN resources unit ON unit.pool_id = pool.id AND unit.is_active
    JOIN (SELECT location_id, min(busy_from) AS busy_from, max(busy_until) AS busy_until FROM people GROUP BY 1) span
        ON span.location_id = unit.location_id
    WHERE need.service_id = :service_id
),
served AS MATERIALIZED (
    SELECT span.location_id, span.busy_from, span.busy_until
    FROM (SELECT DISTINCT location_id, busy_from, busy_until FROM idle WHERE (SELECT needs_units FROM service)) span
    WHERE NOT EXISTS (
        SELECT FROM service_resources need WHERE need.service_id = :service_id AND NOT EXISTS (
            SELECT FROM units WHERE units.pool_id = need.pool_id AND units.location_id = span.location_id
                AND (units.times IS NULL OR NOT units.times && tstzrange(span.busy_from, span.busy_until))))
),
free AS (
    SELECT idle.* FROM idle CROSS JOIN service WHERE idle.is_joined OR NOT service.needs_units
        OR (idle.location_id, idle.busy_from, idle.busy_until) IN (SELECT * FROM served)
)
"""
_LISTED = """,
        slot.id, slot.service_id, slot.ends_at, slot.capacity, slot.booked, slot.held, slot.status, slot.open_from,
        slot.open_until"""
_LIST_FREE = text(
    f"{_FREE.format(columns=_LISTED)} SELECT {COLUMNS}, service.needs_units FROM free slot CROSS JOIN service"  # noqa: S608 - our own words
    " JOIN locations location ON location.id = slot.location_id ORDER BY slot.starts_at, slot.staff_id LIMIT :limit"
)
_COUNT_FREE = text(
    f"{_FREE.format(columns='')} SELECT (free.starts_at AT TIME ZONE location.timezone)::date AS on,"  # noqa: S608 - our own words
    " count(*) AS free_slots FROM free JOIN locations location ON location.id = free.location_id GROUP BY 1 ORDER BY 1"
)
WAYS = 2 * timedelta(minutes=MAX_TRAVEL_MIN)  # as far as a claim at another location can reach: there and back


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeSlotsQuery:
    """Which free slots are asked for; instants are UTC, `from_at` included, `to_at` excluded.

    Attributes:
        asked_notice: starts at least so much after `now`; None leaves it to the service and then to `usual_notice`.
        extra_min: minutes that the chosen options add.
        leaving_slot_id: whose claims do not count.
    """

    service_id: UUID
    staff_id: UUID | None
    location_id: UUID | None
    from_at: datetime
    to_at: datetime
    now: datetime
    asked_notice: timedelta | None
    usual_notice: timedelta
    extra_min: int = 0
    leaving_slot_id: UUID | None = None

    def parameters(self) -> dict[str, Any]:
        """As the statement names them."""
        return {
            "service_id": self.service_id,
            "staff_id": self.staff_id,
            "location_id": self.location_id,
            "from_at": self.from_at,
            "to_at": self.to_at,
            "now": self.now,
            "asked_notice": self.asked_notice,
            "usual_notice": self.usual_notice,
            "extra": timedelta(minutes=self.extra_min),
            "leaving_slot_id": self.leaving_slot_id,
            "ways": WAYS,
        }


def list_free_slots(session: ReadSession, query: FreeSlotsQuery, limit: int) -> list[Slot]:
    """Slots that can be had, by time."""
    return [slot_of(row) for row in session.execute(_LIST_FREE, {**query.parameters(), "limit": limit})]


def count_free_by_date(session: ReadSession, query: FreeSlotsQuery) -> dict[date, int]:
    """How many free slots each local day of the slot's location has; days without any are not in the answer."""
    return {row.on: row.free_slots for row in session.execute(_COUNT_FREE, query.parameters())}
