"""Slots from rules, in one statement for a whole location and a stretch of days."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from salon.availability.domain import SlotsGenerated
from salon.platform.db import ReadSession, WriteSession

# Rules become local hours of a day, hours become instants by the location's zone, and only then starts are counted
# off: a start can be neither skipped nor doubled by a daylight-saving change. The day before the first is looked at
# too, for a shift over midnight.
_GENERATE = text("""
WITH place AS (
    SELECT id, tenant_id, timezone,
        (CAST(:from_on AS date) + time '00:00') AT TIME ZONE timezone AS range_start,
        (CAST(:to_on AS date) + 1 + time '00:00') AT TIME ZONE timezone AS range_end
    FROM locations WHERE id = :location_id
),
days AS (
    SELECT CAST(:from_on AS date) + step AS day
    FROM generate_series(-1, CAST(:to_on AS date) - CAST(:from_on AS date)) AS step
),
pairs AS (
    SELECT service.id AS service_id, person.staff_id,
        make_interval(mins => COALESCE(person.duration_min, service.duration_min)) AS duration
    FROM locations place
    JOIN location_services offered ON offered.location_id = place.id
    JOIN services service ON service.id = offered.service_id AND service.is_active
    LEFT JOIN (
        SELECT skill.service_id, skill.staff_id, skill.duration_min
        FROM staff_services skill
        JOIN staff ON staff.id = skill.staff_id AND staff.is_active AND staff.location_id = :location_id
    ) person ON service.requires_staff AND person.service_id = service.id
    WHERE place.id = :location_id AND place.is_active AND (NOT service.requires_staff OR person.staff_id IS NOT NULL)
),
valid_rules AS (
    SELECT days.day, rule.staff_id, rule.service_id, rule.is_closed, rule.slot_capacity, rule.slot_granularity_min,
        rule.days_of_week IS NULL OR EXTRACT(isodow FROM days.day)::int = ANY (rule.days_of_week) AS is_today,
        CASE rule.kind WHEN 'weekly' THEN 1 WHEN 'date_range' THEN 2 ELSE 3 END AS rank,
        (days.day + COALESCE(rule.start_time, time '00:00')) AT TIME ZONE place.timezone AS opens_at,
        (days.day + COALESCE(rule.end_time, time '00:00')
            + CASE WHEN COALESCE(rule.end_time, time '00:00') <= COALESCE(rule.start_time, time '00:00')
                THEN interval '1 day' ELSE interval '0' END) AT TIME ZONE place.timezone AS closes_at
    FROM days CROSS JOIN place
    JOIN availability_rules rule ON rule.location_id = place.id
        AND (rule.valid_from IS NULL OR rule.valid_from <= days.day)
        AND (rule.valid_to IS NULL OR rule.valid_to >= days.day)
),
opening AS MATERIALIZED (
    SELECT *, 2 * rank + (service_id IS NOT NULL)::int AS score
    FROM valid_rules WHERE is_today AND NOT is_closed AND closes_at > opens_at
),
closing AS MATERIALIZED (
    SELECT *, tstzrange(opens_at, closes_at) AS hours
    FROM valid_rules WHERE is_today AND is_closed AND closes_at > opens_at
),
own_rules AS MATERIALIZED (
    SELECT DISTINCT day, staff_id, service_id FROM valid_rules WHERE staff_id IS NOT NULL AND NOT is_closed
),
choices AS MATERIALIZED (
    SELECT days.day, pairs.*,
        EXISTS (
            SELECT 1 FROM own_rules own WHERE own.day = days.day AND own.staff_id = pairs.staff_id
                AND (own.service_id IS NULL OR own.service_id = pairs.service_id)
        ) AS has_own,
        (
            SELECT max(score) FROM opening own WHERE own.day = days.day AND own.staff_id = pairs.staff_id
                AND (own.service_id IS NULL OR own.service_id = pairs.service_id)
        ) AS own_score,
        (
            SELECT max(score) FROM opening house WHERE house.day = days.day AND house.staff_id IS NULL
                AND (house.service_id IS NULL OR house.service_id = pairs.service_id)
        ) AS house_score
    FROM days CROSS JOIN pairs
),
shifts AS MATERIALIZED (
    SELECT choice.service_id, choice.staff_id, choice.duration,
        shift.opens_at, shift.closes_at, shift.slot_capacity, shift.slot_granularity_min,
        CASE WHEN choice.has_own AND choice.house_score / 2 > choice.own_score / 2 THEN (
            SELECT range_agg(tstzrange(house.opens_at, house.closes_at)) FROM opening house
            WHERE house.day = choice.day AND house.staff_id IS NULL AND house.score = choice.house_score
                AND (house.service_id IS NULL OR house.service_id = choice.service_id)
        ) END AS house_hours,
        (
            SELECT range_agg(closed.hours) FROM closing closed
            WHERE closed.day = choice.day AND closed.rank >= shift.rank
                AND (closed.staff_id IS NULL OR closed.staff_id = choice.staff_id)
                AND (closed.service_id IS NULL OR closed.service_id = choice.service_id)
        ) AS closed_hours
    FROM choices choice
    JOIN opening shift ON shift.day = choice.day
        AND (shift.service_id IS NULL OR shift.service_id = choice.service_id)
        AND CASE WHEN choice.has_own THEN shift.staff_id = choice.staff_id AND shift.score = choice.own_score
            ELSE shift.staff_id IS NULL AND shift.score = choice.house_score END
),
wanted AS MATERIALIZED (
    SELECT DISTINCT ON (shift.service_id, shift.staff_id, start.at)
        shift.service_id, shift.staff_id, start.at AS starts_at, start.at + shift.duration AS ends_at,
        shift.slot_capacity AS capacity
    FROM place CROSS JOIN shifts shift
    CROSS JOIN LATERAL generate_series(
        shift.opens_at, shift.closes_at - shift.duration, make_interval(mins => shift.slot_granularity_min)
    ) AS start(at)
    WHERE start.at > :now AND start.at >= place.range_start AND start.at < place.range_end
        AND (shift.house_hours IS NULL OR shift.house_hours @> tstzrange(start.at, start.at + shift.duration))
        AND (shift.closed_hours IS NULL OR NOT shift.closed_hours && tstzrange(start.at, start.at + shift.duration))
    ORDER BY shift.service_id, shift.staff_id, start.at, shift.slot_capacity DESC
),
stored AS (
    INSERT INTO slot_instances AS slot
        (id, tenant_id, location_id, service_id, staff_id, starts_at, ends_at, capacity, booked, held, is_blocked)
    SELECT
        -- a UUIDv7 of this run: 48 bits of milliseconds, then chance
        CAST(encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
            PLACING substring(int8send(CAST(EXTRACT(epoch FROM CAST(:now AS timestamptz)) * 1000 AS bigint)) FROM 3)
            FROM 1 FOR 6), 52, 1), 53, 1), 'hex') AS uuid),
        place.tenant_id, place.id, wanted.service_id, wanted.staff_id, wanted.starts_at, wanted.ends_at,
        wanted.capacity, 0, 0, false
    FROM place CROSS JOIN wanted
    ON CONFLICT ON CONSTRAINT uq_slot_instances_start DO UPDATE SET
        capacity = GREATEST(EXCLUDED.capacity, slot.booked + slot.held),
        ends_at = CASE WHEN slot.booked + slot.held = 0 THEN EXCLUDED.ends_at ELSE slot.ends_at END,
        is_blocked = false
    WHERE slot.is_blocked OR slot.capacity <> GREATEST(EXCLUDED.capacity, slot.booked + slot.held)
        OR (slot.booked + slot.held = 0 AND slot.ends_at <> EXCLUDED.ends_at)
    RETURNING slot.xmax = 0 AS is_new
),
uncovered AS MATERIALIZED (
    -- NOT IN is always hashed; an outer join became a nested loop of minutes while the table had no statistics
    SELECT slot.id FROM place
    JOIN slot_instances slot ON slot.location_id = place.id
        AND slot.starts_at >= place.range_start AND slot.starts_at < place.range_end AND slot.starts_at > :now
    WHERE (slot.service_id, COALESCE(slot.staff_id, :nobody), slot.starts_at) NOT IN (
        SELECT wanted.service_id, COALESCE(wanted.staff_id, :nobody), wanted.starts_at FROM wanted
    )
),
removed AS (
    DELETE FROM slot_instances slot USING uncovered
    WHERE slot.id = uncovered.id AND slot.booked + slot.held = 0
    RETURNING slot.id
),
blocked AS (
    UPDATE slot_instances slot SET is_blocked = true FROM uncovered
    WHERE slot.id = uncovered.id AND slot.booked + slot.held > 0 AND NOT slot.is_blocked
    RETURNING slot.id
)
SELECT
    (SELECT count(*) FROM stored WHERE is_new) AS created,
    (SELECT count(*) FROM stored WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM removed) AS removed,
    (SELECT count(*) FROM blocked) AS blocked
""")
_NOBODY = UUID(int=0)


def generate_slots(
    session: WriteSession, location_id: UUID, from_on: date, to_on: date, now: datetime
) -> SlotsGenerated:
    """Make the stored slots of a location and some local days equal to what its rules say."""
    row = session.execute(
        _GENERATE,
        {"location_id": location_id, "from_on": from_on, "to_on": to_on, "now": now, "nobody": _NOBODY},
    ).one()
    return SlotsGenerated(row.created, row.changed, row.removed, row.blocked)


def list_tenant_locations(session: ReadSession) -> list[tuple[UUID, UUID]]:
    """(tenant, active location) of all tenants: for the timer, which then works in each tenant's transaction."""
    rows = session.execute(text("SELECT tenant_id, location_id FROM tenant_locations()"))
    return [(row.tenant_id, row.location_id) for row in rows]
