"""What must hold in the database after whatever has happened."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import Engine, text

# Slots whose seats claim somebody's or something's time: whoever came alone and did not come claims no more.
_CLAIMING = """
    SELECT slot.id, slot.tenant_id, slot.staff_id, slot.location_id, slot.service_id,
        slot.starts_at - make_interval(mins => service.buffer_before_min) AS busy_from,
        slot.ends_at + make_interval(mins => service.buffer_after_min + COALESCE(alone.extra_min, 0)) AS busy_until,
        CASE WHEN service.processing_min > 0 THEN tstzrange(
            slot.starts_at + make_interval(mins => service.processing_from_min),
            slot.starts_at + make_interval(mins => service.processing_from_min + service.processing_min)
        ) ELSE 'empty' END AS rest
    FROM slot_instances slot JOIN services service ON service.id = slot.service_id
    LEFT JOIN bookings alone ON alone.slot_id = slot.id AND slot.capacity = 1
        AND alone.status IN ('held', 'confirmed', 'completed')
    WHERE EXISTS (
        SELECT FROM bookings WHERE slot_id = slot.id AND (status IN ('held', 'confirmed', 'completed')
            OR (status = 'no_show' AND slot.capacity > 1))
    )
"""
# Each finds (key, tenant) of rows that break the rule.
_RULES = {
    "seats are what the bookings say": """
        SELECT id, tenant_id FROM slot_instances slot WHERE (booked, held) <> (
            SELECT count(*) FILTER (WHERE status IN ('confirmed', 'completed', 'no_show')),
                count(*) FILTER (WHERE status = 'held')
            FROM bookings WHERE slot_id = slot.id)""",
    "no more seats are taken than there are, and no fewer than none": """
        SELECT id, tenant_id FROM slot_instances WHERE booked < 0 OR held < 0 OR booked + held > capacity""",
    "a client has a slot once": """
        SELECT one.id, one.tenant_id FROM bookings one JOIN bookings other ON one.id < other.id
            AND one.slot_id = other.slot_id AND one.client_id = other.client_id
        WHERE one.status IN ('held', 'confirmed') AND other.status IN ('held', 'confirmed')""",
    "an active booking is where its slot is": """
        SELECT booking.id, booking.tenant_id FROM bookings booking
        LEFT JOIN slot_instances slot ON slot.id = booking.slot_id
        WHERE booking.status IN ('held', 'confirmed') AND (slot.id IS NULL
            OR (booking.service_id, booking.location_id, booking.starts_at, booking.ends_at)
                <> (slot.service_id, slot.location_id, slot.starts_at,
                    slot.ends_at + make_interval(mins => booking.extra_min))
            OR booking.staff_id IS DISTINCT FROM slot.staff_id)""",
    "nobody is busy twice": """
        SELECT one.id, one.tenant_id FROM busy_intervals one JOIN busy_intervals other ON one.id < other.id
            AND one.resource_kind = other.resource_kind AND one.resource_id = other.resource_id
            AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at""",
    "nobody is at two locations without time for the way": """
        SELECT one.id, one.tenant_id FROM busy_intervals one JOIN busy_intervals other ON one.id < other.id
            AND one.resource_kind = other.resource_kind AND one.resource_id = other.resource_id
            AND one.location_id <> other.location_id
        JOIN locations here ON here.id = one.location_id JOIN locations there ON there.id = other.location_id
        WHERE one.resource_kind = 'staff'
            AND one.starts_at < other.ends_at + make_interval(mins => here.travel_min + there.travel_min)
            AND other.starts_at < one.ends_at + make_interval(mins => here.travel_min + there.travel_min)""",
    "people are busy exactly for the seats that are taken": """
        WITH due AS (
            SELECT id, staff_id, tstzmultirange(tstzrange(busy_from, busy_until)) - tstzmultirange(rest) AS times
            FROM claiming WHERE staff_id IS NOT NULL
        ),
        claimed AS (
            SELECT slot_id AS id, resource_id AS staff_id, range_agg(tstzrange(starts_at, ends_at)) AS times
            FROM busy_intervals WHERE resource_kind = 'staff' GROUP BY 1, 2
        )
        SELECT slot.id, slot.tenant_id FROM due FULL JOIN claimed ON claimed.id = due.id
        JOIN slot_instances slot ON slot.id = COALESCE(due.id, claimed.id)
        WHERE due.staff_id IS DISTINCT FROM claimed.staff_id OR due.times IS DISTINCT FROM claimed.times""",
    "one unit of each pool is busy exactly for the seats that are taken": """
        WITH due AS (
            SELECT claiming.id, need.pool_id, claiming.location_id, tstzrange(busy_from, busy_until) AS times
            FROM claiming JOIN service_resources need ON need.service_id = claiming.service_id
        ),
        claimed AS (
            SELECT busy.slot_id AS id, unit.pool_id, unit.location_id, tstzrange(busy.starts_at, busy.ends_at) AS times,
                count(*) OVER (PARTITION BY busy.slot_id, unit.pool_id) AS units
            FROM busy_intervals busy LEFT JOIN resources unit ON unit.id = busy.resource_id
            WHERE busy.resource_kind <> 'staff'
        )
        SELECT slot.id, slot.tenant_id FROM due
        FULL JOIN claimed ON claimed.id = due.id AND claimed.pool_id = due.pool_id
        JOIN slot_instances slot ON slot.id = COALESCE(due.id, claimed.id)
        WHERE claimed.units IS DISTINCT FROM 1 OR due.location_id IS DISTINCT FROM claimed.location_id
            OR due.times IS DISTINCT FROM claimed.times""",
    "a claim of a hold ends by itself with it, and no other does": """
        SELECT busy.id, busy.tenant_id FROM busy_intervals busy
        LEFT JOIN bookings own ON own.id = busy.booking_id AND own.slot_id = busy.slot_id AND own.status = 'held'
        WHERE busy.expires_at IS DISTINCT FROM own.hold_expires_at""",
    "every change has its history, without a gap": """
        SELECT id, tenant_id FROM bookings WHERE (version, version, 1) <> (
            SELECT count(*), max(version), min(version) FROM booking_history WHERE booking_id = bookings.id)""",
    "the last of the history is what the booking is": """
        SELECT booking.id, booking.tenant_id FROM bookings booking JOIN booking_history last
            ON last.booking_id = booking.id AND last.version = booking.version
        WHERE (last.status, last.starts_at, last.ends_at) <> (booking.status, booking.starts_at, booking.ends_at)
            OR last.slot_id <> booking.slot_id OR last.staff_id IS DISTINCT FROM booking.staff_id""",
    "every change was told once": """
        SELECT id, tenant_id FROM booking_history history WHERE 1 <> (
            SELECT count(*) FROM outbox WHERE tenant_id = history.tenant_id AND kind = history.change
            AND payload ->> 'booking_id' = history.booking_id::text
            AND (payload ->> 'version')::int = history.version)""",
    "nothing was told that did not happen": """
        SELECT id, tenant_id FROM outbox told WHERE kind LIKE 'booking.%' AND payload ? 'version' AND NOT EXISTS (
            SELECT FROM booking_history WHERE change = told.kind AND told.payload ->> 'booking_id' = booking_id::text
            AND (told.payload ->> 'version')::int = version)""",
    "every change was audited once": """
        SELECT id, tenant_id FROM booking_history history WHERE 1 <> (
            SELECT count(*) FROM audit_log WHERE tenant_id = history.tenant_id AND action = history.change
            AND subject_id = history.booking_id AND (data ->> 'version')::int = history.version)""",
}
RULES = frozenset(_RULES)
_FOUND = " UNION ALL ".join(f"SELECT '{rule}' AS rule, wrong.* FROM ({query}) wrong" for rule, query in _RULES.items())  # noqa: S608 - our own words
_EVERYTHING = text(
    f"WITH claiming AS ({_CLAIMING}) SELECT rule, id FROM ({_FOUND}) found"  # noqa: S608 - as above
    " WHERE CAST(:tenant AS uuid) IS NULL OR tenant_id = :tenant"
)


def find_contradictions(owner_engine: Engine, tenant_id: UUID | None = None) -> dict[str, list[str]]:
    """Rows that contradict each other, by the rule they break; empty is good. Of one tenant, or of all."""
    found = defaultdict(list)
    with owner_engine.connect() as connection:
        for rule, key in connection.execute(_EVERYTHING, {"tenant": tenant_id}):
            found[rule].append(str(key))
    return dict(found)
