"""Slots from rules, in one statement for a whole location and a stretch of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from salon.availability.domain import SlotsGenerated
from salon.platform.db import ReadSession, WriteSession

# One at a time for each location: two would make the same slots, or wait for each other's rows crosswise. A statement
# of its own, so that the next one sees what the other has made. The first filling of a large salon (400,000 slots) may
# take longer than a statement usually may.
_BEGIN = text("""
SELECT current_setting('statement_timeout') AS usual_timeout,
    pg_advisory_xact_lock(hashtextextended('slots:' || CAST(:location_id AS text), 0)),
    set_config('statement_timeout', :timeout, true)
""")
_TIMEOUT = "60s"
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('slots:' || CAST(:location_id AS text), 0))")
# Rules become local hours of a day, hours become instants by the location's zone, and only then starts are counted
# off: a start can be neither skipped nor doubled by a daylight-saving change. The day before the first is looked at
# too, for a shift over midnight. Joins on what PostgreSQL cannot estimate (rules of a day) are avoided for windows,
# because a nested loop over them takes minutes; a full join never is one.
_GENERATE = text("""
WITH place AS MATERIALIZED (
    SELECT id, tenant_id, timezone,
        (CAST(:from_on AS date) + time '00:00') AT TIME ZONE timezone AS range_start,
        (CAST(:to_on AS date) + 1 + time '00:00') AT TIME ZONE timezone AS range_end
    FROM locations WHERE id = :location_id
),
days AS (
    SELECT CAST(:from_on AS date) + step AS day
    FROM generate_series(-1, CAST(:to_on AS date) - CAST(:from_on AS date)) AS step
),
skills AS (
    SELECT skill.service_id, skill.staff_id, skill.duration_min, staff.location_id = :location_id AS is_home
    FROM staff_services skill JOIN staff ON staff.id = skill.staff_id AND staff.is_active
    WHERE staff.location_id = :location_id OR staff.id IN (
        SELECT own.staff_id FROM availability_rules own WHERE own.location_id = :location_id AND NOT own.is_closed)
),
pairs AS MATERIALIZED (
    SELECT row_number() OVER ()::int AS pair, service.id AS service_id, person.staff_id,
        COALESCE(person.is_home, true) AS is_home,
        make_interval(mins => COALESCE(person.duration_min, service.duration_min)) AS duration
    FROM locations place
    JOIN location_services offered ON offered.location_id = place.id
    JOIN services service ON service.id = offered.service_id AND service.is_active
    LEFT JOIN skills person ON service.requires_staff AND person.service_id = service.id
    WHERE place.id = :location_id AND place.is_active AND (NOT service.requires_staff OR person.staff_id IS NOT NULL)
        AND (CAST(:service_id AS uuid) IS NULL OR service.id = :service_id)
        AND (CAST(:staff_id AS uuid) IS NULL OR person.staff_id = :staff_id)
),
rules AS MATERIALIZED (
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
matches AS (
    SELECT pairs.*, rule.day, rule.rank, 2 * rule.rank + (rule.service_id IS NOT NULL)::int AS score,
        rule.staff_id IS NOT NULL AS is_own, rule.is_closed, rule.is_today AND rule.closes_at > rule.opens_at AS counts,
        rule.opens_at, rule.slot_capacity, rule.slot_granularity_min,
        CASE WHEN rule.closes_at > rule.opens_at THEN tstzrange(rule.opens_at, rule.closes_at) END AS hours
    FROM rules rule JOIN pairs ON (rule.staff_id IS NULL OR rule.staff_id = pairs.staff_id)
        AND (rule.service_id IS NULL OR rule.service_id = pairs.service_id)
),
judged AS (
    SELECT *, bool_or(is_own AND NOT is_closed) OVER same AS has_own,
        max(score) FILTER (WHERE counts AND NOT is_closed AND is_own) OVER same AS own_score,
        max(score) FILTER (WHERE counts AND NOT is_closed AND NOT is_own) OVER same AS house_score
    FROM matches WINDOW same AS (PARTITION BY pair, day)
),
weighed AS (
    SELECT *, counts AND NOT is_closed AND CASE WHEN has_own THEN is_own AND score = own_score
            ELSE NOT is_own AND is_home AND score = house_score END AS is_shift,
        range_agg(hours) FILTER (WHERE counts AND NOT is_closed AND NOT is_own AND score = house_score
            AND has_own AND house_score / 2 > own_score / 2) OVER same AS house_hours,
        range_agg(hours) FILTER (WHERE counts AND is_closed
            AND rank >= CASE WHEN has_own THEN own_score ELSE house_score END / 2) OVER same AS closed_hours
    FROM judged WINDOW same AS (PARTITION BY pair, day)
),
parts AS (
    SELECT shift.*, part, range_agg(part) OVER (PARTITION BY pair, day) AS day_hours,
        max(upper(part)) OVER (PARTITION BY pair ORDER BY lower(part)
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > lower(part) AS reaches_back,
        min(lower(part)) OVER (PARTITION BY pair ORDER BY lower(part)
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) < upper(part) AS reaches_on
    FROM weighed shift CROSS JOIN LATERAL unnest(
        tstzmultirange(hours) * COALESCE(house_hours, '{(,)}') - COALESCE(closed_hours, '{}')) AS part
    WHERE is_shift
),
starts AS (
    SELECT part.service_id, COALESCE(part.staff_id, :nobody) AS somebody, part.staff_id, start.at,
        start.at + part.duration AS ends_at, part.slot_capacity,
        lower(stretch.hours) AS open_from, upper(stretch.hours) AS open_until,
        COALESCE(reaches_back, false) OR COALESCE(reaches_on, false) AS is_doubled
    FROM place CROSS JOIN parts part
    CROSS JOIN LATERAL (SELECT hours FROM unnest(part.day_hours) AS hours WHERE hours @> part.part) AS stretch
    CROSS JOIN LATERAL generate_series(
        part.opens_at + make_interval(mins => part.slot_granularity_min * GREATEST(0, ceil(
            EXTRACT(epoch FROM GREATEST(lower(part.part), place.range_start, :now) - part.opens_at)
            / (60 * part.slot_granularity_min)))::int),
        LEAST(upper(part.part) - part.duration, place.range_end - interval '1 second'),
        make_interval(mins => part.slot_granularity_min)
    ) AS start(at)
    WHERE start.at > :now
),
wanted AS (
    SELECT * FROM starts WHERE NOT is_doubled
    UNION ALL
    SELECT * FROM (
        SELECT DISTINCT ON (service_id, somebody, at) * FROM starts WHERE is_doubled
        ORDER BY service_id, somebody, at, slot_capacity DESC, open_until DESC, open_from
    ) doubled
),
present AS (
    SELECT slot.*, slot.booked + slot.held AS taken, COALESCE(slot.staff_id, :nobody) AS somebody
    FROM place JOIN slot_instances slot ON slot.location_id = place.id
        AND slot.starts_at >= place.range_start AND slot.starts_at < place.range_end AND slot.starts_at > :now
    WHERE (CAST(:service_id AS uuid) IS NULL OR slot.service_id = :service_id)
        AND (CAST(:staff_id AS uuid) IS NULL OR slot.staff_id = :staff_id)
),
difference AS MATERIALIZED (
    SELECT present.id, wanted.*
    FROM wanted FULL JOIN present ON present.service_id = wanted.service_id AND present.somebody = wanted.somebody
        AND present.starts_at = wanted.at
    WHERE present.id IS NULL
        OR CASE WHEN wanted.at IS NULL THEN present.taken = 0 AND NOT present.blocked_by_hand
                OR present.taken > 0 AND NOT present.is_blocked
            ELSE present.is_blocked <> present.blocked_by_hand
                OR present.capacity <> GREATEST(wanted.slot_capacity, present.taken)
                OR present.taken = 0 AND present.ends_at <> wanted.ends_at
                OR present.open_from IS DISTINCT FROM wanted.open_from
                OR present.open_until IS DISTINCT FROM wanted.open_until END
),
touched AS MATERIALIZED (
    SELECT difference.* FROM difference JOIN slot_instances slot ON slot.id = difference.id
    ORDER BY slot.id FOR UPDATE OF slot
),
created AS (
    INSERT INTO slot_instances (id, tenant_id, location_id, service_id, staff_id, starts_at, ends_at, capacity,
        booked, held, is_blocked, open_from, open_until)
    SELECT
        CAST(:id_prefix || substring(CAST(gen_random_uuid() AS text) FROM 16) AS uuid),
        place.tenant_id, place.id, wanted.service_id, wanted.staff_id, wanted.at, wanted.ends_at,
        wanted.slot_capacity, 0, 0, false, wanted.open_from, wanted.open_until
    FROM place CROSS JOIN difference wanted WHERE wanted.id IS NULL
    RETURNING 1
),
changed AS (
    UPDATE slot_instances slot SET
        capacity = GREATEST(wanted.slot_capacity, slot.booked + slot.held),
        ends_at = CASE WHEN slot.booked + slot.held = 0 THEN wanted.ends_at ELSE slot.ends_at END,
        is_blocked = slot.blocked_by_hand, open_from = wanted.open_from, open_until = wanted.open_until
    FROM touched wanted WHERE slot.id = wanted.id AND wanted.at IS NOT NULL
    RETURNING 1
),
removed AS (
    DELETE FROM slot_instances slot USING touched gone
    WHERE slot.id = gone.id AND gone.at IS NULL AND slot.booked + slot.held = 0 AND NOT slot.blocked_by_hand
    RETURNING 1
),
blocked AS (
    UPDATE slot_instances slot SET is_blocked = true FROM touched gone
    WHERE slot.id = gone.id AND gone.at IS NULL AND slot.booked + slot.held > 0 AND NOT slot.is_blocked
    RETURNING 1
)
SELECT
    (SELECT count(*) FROM created) AS created,
    (SELECT count(*) FROM changed) AS changed,
    (SELECT count(*) FROM removed) AS removed,
    (SELECT count(*) FROM blocked) AS blocked,
    set_config('statement_timeout', :usual_timeout, true)
""")
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What to make slots of: local days `from_on` to `to_on` included; of one person or service, or of all."""

    location_id: UUID
    from_on: date
    to_on: date
    staff_id: UUID | None = None
    service_id: UUID | None = None


def generate_slots(session: WriteSession, stretch: Stretch, now: datetime) -> SlotsGenerated:
    """Make the stored slots of a stretch equal to what the rules say."""
    begun = session.execute(_BEGIN, {"location_id": stretch.location_id, "timeout": _TIMEOUT}).one()
    parameters = {
        "location_id": stretch.location_id,
        "from_on": stretch.from_on,
        "to_on": stretch.to_on,
        "staff_id": stretch.staff_id,
        "service_id": stretch.service_id,
        "now": now,
        "nobody": _NOBODY,
        "id_prefix": _id_prefix(now),
        "usual_timeout": begun.usual_timeout,
    }
    row = session.execute(_GENERATE, parameters).one()
    return SlotsGenerated(row.created, row.changed, row.removed, row.blocked)


def _id_prefix(now: datetime) -> str:
    """The beginning of this run's UUIDv7s: 48 bits of milliseconds and the version; the rest is chance."""
    digits = f"{int(now.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}-7"


def lock_generation(session: WriteSession, location_id: UUID) -> None:
    """Keep others from generating slots of a location until the transaction ends; before any of its slots is locked."""
    session.execute(_LOCK, {"location_id": location_id})


def list_tenant_locations(session: ReadSession) -> list[tuple[UUID, UUID]]:
    """(tenant, active location) of all tenants: for the timer, which then works in each tenant's transaction."""
    rows = session.execute(text("SELECT tenant_id, location_id FROM tenant_locations()"))
    return [(row.tenant_id, row.location_id) for row in rows]
