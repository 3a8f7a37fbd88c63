"""What must hold in the database after whatever has happened."""

from __future__ import annotations

from sqlalchemy import Engine, text

_WRONG = {
    "seats are what the bookings say": """
        SELECT slot.id FROM slot_instances slot WHERE (slot.booked, slot.held) <> (
            SELECT count(*) FILTER (WHERE status IN ('confirmed', 'completed', 'no_show')),
                count(*) FILTER (WHERE status = 'held')
            FROM bookings WHERE slot_id = slot.id)""",
    "a member of staff is busy exactly while a seat is taken": """
        SELECT slot.id FROM slot_instances slot WHERE staff_id IS NOT NULL
        AND (booked + held > 0) <> EXISTS (SELECT 1 FROM busy_intervals WHERE slot_id = slot.id)
        AND NOT EXISTS (SELECT 1 FROM bookings WHERE slot_id = slot.id AND status = 'no_show')""",
    "nobody is busy twice": """
        SELECT one.id FROM busy_intervals one JOIN busy_intervals other ON one.id < other.id
        AND one.resource_id = other.resource_id AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at""",
    "every change has its history": """
        SELECT id FROM bookings
        WHERE version <> (SELECT count(*) FROM booking_history WHERE booking_id = bookings.id)""",
    "every change was told": """
        SELECT id FROM booking_history WHERE NOT EXISTS (
            SELECT 1 FROM outbox WHERE kind = change AND payload ->> 'booking_id' = booking_id::text
            AND (payload ->> 'version')::int = version)""",
    "nothing was told that did not happen": """
        SELECT id FROM outbox WHERE kind LIKE 'booking.%' AND NOT EXISTS (
            SELECT 1 FROM booking_history WHERE change = kind AND payload ->> 'booking_id' = booking_id::text)""",
    "every change was audited": """
        SELECT id FROM booking_history WHERE NOT EXISTS (
            SELECT 1 FROM audit_log WHERE action = change AND subject_id = booking_id)""",
}


def find_contradictions(owner_engine: Engine) -> dict[str, list[str]]:
    """Rows that contradict each other, by the rule they break; empty is good."""
    with owner_engine.connect() as connection:
        found = {rule: [str(key) for key in connection.scalars(text(query))] for rule, query in _WRONG.items()}
    return {rule: keys for rule, keys in found.items() if keys}
