"""Every rule of `find_contradictions` notices what it is there for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.availability import use_cases as availability
from salon.booking import use_cases as booking
from support.consistency import RULES, find_contradictions
from support.factories import ACTOR
from support.small_salon import HORIZON_DAYS, furnish

pytestmark = pytest.mark.database
# What is done to the rows, by the rule that must notice it. `:held` is a hold, `:booked` a confirmed booking with a
# chair, `:free` a slot that nobody has; constraints and triggers are off.
BREAKS = {
    "seats are what the bookings say": "UPDATE slot_instances SET booked = booked + 1 WHERE id = :free",
    "no more seats are taken than there are, and no fewer than none": (
        "UPDATE slot_instances SET capacity = 0 FROM bookings WHERE slot_id = slot_instances.id AND bookings.id = :held"
    ),
    "a client has a slot once": (
        "INSERT INTO bookings SELECT (jsonb_populate_record(booking, jsonb_build_object('id', gen_random_uuid()))).*"
        " FROM bookings booking WHERE id = :held"
    ),
    "an active booking is where its slot is": (
        "UPDATE bookings SET starts_at = starts_at - interval '5 minutes' WHERE id = :booked"
    ),
    "nobody is busy twice": (
        "UPDATE busy_intervals SET resource_id = other.resource_id, starts_at = other.starts_at,"
        " ends_at = other.ends_at FROM busy_intervals other"
        " WHERE busy_intervals.booking_id = :held AND other.booking_id = :booked"
        " AND busy_intervals.resource_kind = 'staff' AND other.resource_kind = 'staff'"
    ),
    "nobody is at two locations without time for the way": (
        "INSERT INTO busy_intervals (id, tenant_id, resource_kind, resource_id, location_id, starts_at, ends_at)"
        " SELECT gen_random_uuid(), tenant_id, 'staff', resource_id, :far, ends_at + interval '5 minutes',"
        " ends_at + interval '10 minutes' FROM busy_intervals WHERE booking_id = :held AND resource_kind = 'staff'"
    ),
    "people are busy exactly for the seats that are taken": (
        "UPDATE busy_intervals SET ends_at = ends_at - interval '1 minute'"
        " WHERE booking_id = :booked AND resource_kind = 'staff'"
    ),
    "one unit of each pool is busy exactly for the seats that are taken": (
        "DELETE FROM busy_intervals WHERE booking_id = :booked AND resource_kind = 'chair'"
    ),
    "a claim of a hold ends by itself with it, and no other does": (
        "UPDATE busy_intervals SET expires_at = NULL WHERE booking_id = :held"
    ),
    "every change has its history, without a gap": "UPDATE bookings SET version = version + 1 WHERE id = :held",
    "the last of the history is what the booking is": (
        "UPDATE booking_history SET staff_id = gen_random_uuid() WHERE booking_id = :booked"
    ),
    "every change was told once": (
        "UPDATE outbox SET payload = payload || '{\"version\": 7}' WHERE payload ->> 'booking_id' = CAST(:held AS text)"
    ),
    "nothing was told that did not happen": (
        "UPDATE outbox SET kind = 'booking.completed' WHERE payload ->> 'booking_id' = CAST(:held AS text)"
    ),
    "every change was audited once": "DELETE FROM audit_log WHERE subject_id = :booked",
}
# Whoever is moved into somebody else's time is also missing from where they should be, and so on.
ALSO = {
    "no more seats are taken than there are, and no fewer than none": set(),
    "a client has a slot once": {"seats are what the bookings say", "every change has its history, without a gap"},
    "an active booking is where its slot is": {"the last of the history is what the booking is"},
    "nobody is busy twice": {"people are busy exactly for the seats that are taken"},
    "every change was told once": {"nothing was told that did not happen"},
    "nothing was told that did not happen": {"every change was told once"},
}


@pytest.fixture
def played(database, tenant_id, clock):
    """A small salon with a hold, a confirmed booking that has a chair, and a slot that is free."""
    now = clock.now()
    salon = furnish(database, tenant_id, now)
    cut, lesson = salon.services["Стрижка"], salon.services["Урок"]
    say = {"actor": ACTOR, "now": now}
    with database.transaction(tenant_id) as session:
        free = {
            service_id: availability.list_free_slots(
                session,
                service_id=service_id,
                staff_id=salon.staff[1],
                from_at=now,
                to_at=now + timedelta(days=HORIZON_DAYS),
                now=now,
            )
            for service_id in (cut, lesson)
        }
        held, booked = (
            booking.hold_slot(session, slot_id=slot.id, client_id=salon.clients[0], channel="console", **say)
            for slot in (free[cut][0], free[cut][2])
        )
        booking.confirm_booking(session, booked.id, **say)
    keys = {"held": held.id, "booked": booked.id, "free": free[lesson][3].id, "far": salon.locations[1]}
    return {name: str(key) for name, key in keys.items()}


def break_rows(owner_engine, statement, keys):
    """Change rows past everything that PostgreSQL has against it."""
    with owner_engine.begin() as owner:
        for table in ("bookings", "booking_history", "audit_log", "busy_intervals", "slot_instances"):
            owner.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
            query = (
                "SELECT conname FROM pg_constraint WHERE conrelid = CAST(:table AS regclass) AND contype IN ('c', 'x')"
            )
            for name in owner.scalars(text(query), {"table": table}).all():
                owner.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
        owner.execute(text("DROP INDEX uq_bookings_active_slot_client"))
        needed = {name: key for name, key in keys.items() if f":{name}" in statement}
        assert owner.execute(text(statement), needed).rowcount > 0


def test_every_rule_has_a_break_here():
    assert BREAKS.keys() == RULES
    assert ALSO.keys() <= RULES


@pytest.mark.parametrize("rule", BREAKS)
def test_a_broken_rule_is_noticed(rule, played, owner_engine, tenant_id):
    assert find_contradictions(owner_engine) == {}
    break_rows(owner_engine, BREAKS[rule], played)
    found = find_contradictions(owner_engine)
    assert set(found) == {rule} | ALSO.get(rule, set())
    assert find_contradictions(owner_engine, tenant_id) == found
