"""Taking and giving back seats: the counters of a locked slot and the claims of everybody and everything it needs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from salon.availability.domain import Slot, staff_claims, whole_claim
from salon.availability.errors import SlotAlreadyTaken
from salon.platform.db import WriteSession, tenant_of

TRIES = 20  # each lost try means that another transaction took a unit; more units than that are no salon's

_INSERT_CLAIMS = """
    INSERT INTO busy_intervals (id, tenant_id, resource_kind, resource_id, starts_at, ends_at, slot_id, booking_id,
        expires_at, location_id, reach_from, reach_until)
"""
_STAFF_CLAIMS = f"""
WITH staff_claims AS (
    {_INSERT_CLAIMS}
    SELECT gen_random_uuid(), :tenant_id, 'staff', CAST(:staff_id AS uuid), claim.starts_at, claim.ends_at, :slot_id,
        CAST(:booking_id AS uuid), CAST(:expires_at AS timestamptz), :location_id,
        claim.starts_at - CAST(:travel AS interval), claim.ends_at + CAST(:travel AS interval)
    FROM (VALUES (CAST(:first_from AS timestamptz), CAST(:first_until AS timestamptz)),
        (CAST(:second_from AS timestamptz), CAST(:second_until AS timestamptz))) AS claim (starts_at, ends_at)
    WHERE claim.starts_at IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING id
),
"""  # noqa: S608 - our own words
# Everything or nothing in one round trip: the seat counts only if every claim was accepted. The exclusion constraints
# decide; which unit to try is only a guess, and the best one leaves the shortest gap before it.
_TAKE_WITH_UNITS = text(
    f"""
{_STAFF_CLAIMS}
units AS MATERIALIZED (
    SELECT pool.kind, chosen.id FROM service_resources need JOIN resource_pools pool ON pool.id = need.pool_id
    LEFT JOIN LATERAL (
        SELECT unit.id FROM resources unit
        WHERE unit.pool_id = pool.id AND unit.location_id = :location_id AND unit.is_active AND NOT EXISTS (
            SELECT FROM busy_intervals busy WHERE busy.resource_kind = pool.kind AND busy.resource_id = unit.id
                AND busy.ends_at > :whole_from AND busy.starts_at < :whole_until)
        ORDER BY (
            SELECT max(busy.ends_at) FROM busy_intervals busy WHERE busy.resource_kind = pool.kind
                AND busy.resource_id = unit.id AND busy.ends_at <= :whole_from
        ) DESC NULLS LAST, unit.name
        LIMIT 1
    ) chosen ON true
    WHERE need.service_id = :service_id
),
unit_claims AS (
    {_INSERT_CLAIMS}
    SELECT gen_random_uuid(), :tenant_id, units.kind, units.id, :whole_from, :whole_until, :slot_id,
        CAST(:booking_id AS uuid), CAST(:expires_at AS timestamptz), :location_id, :whole_from, :whole_until
    FROM units WHERE units.id IS NOT NULL
    ORDER BY units.id -- two that need the same two units take them in one order
    ON CONFLICT DO NOTHING
    RETURNING id
),
seat AS (
    UPDATE slot_instances SET held = held + 1 WHERE id = :slot_id
        AND (SELECT count(*) FROM staff_claims) = :claims
        AND (SELECT count(*) FROM unit_claims) = (SELECT count(*) FROM units)
    RETURNING id
)
SELECT EXISTS (SELECT FROM seat) AS is_taken,
    (SELECT count(*) FROM staff_claims) = :claims AND NOT EXISTS (SELECT FROM units WHERE id IS NULL) AS was_possible
"""  # noqa: S608 - our own words
)
# Most services need only a person; planning the statement above would take longer than this one does.
_TAKE_ALONE = text(
    f"""
{_STAFF_CLAIMS}
seat AS (
    UPDATE slot_instances SET held = held + 1 WHERE id = :slot_id
        AND (SELECT count(*) FROM staff_claims) = :claims
    RETURNING id
)
SELECT EXISTS (SELECT FROM seat) AS is_taken, EXISTS (SELECT FROM seat) AS was_possible
"""  # noqa: S608 - our own words
)
# One of a group: its first seat made the claims. They are not one hold's any more, whatever the slot was then.
_TAKE_NEXT = text("""
WITH shared AS (
    UPDATE busy_intervals SET booking_id = NULL, expires_at = NULL
    WHERE slot_id = :slot_id AND (booking_id IS NOT NULL OR expires_at IS NOT NULL)
)
UPDATE slot_instances SET held = held + 1 WHERE id = :slot_id
""")
_SETTLE = text("""
WITH seat AS (
    UPDATE slot_instances SET held = held - 1, booked = booked + 1 WHERE id = :slot_id RETURNING id
)
UPDATE busy_intervals SET expires_at = NULL WHERE slot_id = (SELECT id FROM seat) AND expires_at IS NOT NULL
""")
_FREE_SEAT = text("""
WITH seat AS (
    UPDATE slot_instances SET held = held - :held, booked = booked - :booked WHERE id = :slot_id
    RETURNING id, booked + held AS taken
)
DELETE FROM busy_intervals WHERE slot_id = (SELECT id FROM seat WHERE taken = 0)
""")
_FREE_CLAIMS = text("DELETE FROM busy_intervals WHERE slot_id = :slot_id")


def take_seat(
    session: WriteSession, slot: Slot, *, booking_id: UUID, expires_at: datetime | None, extra_min: int
) -> None:
    """Count one more held seat of a locked slot; the first also claims the staff member and one unit of every pool.

    A refusal leaves nothing behind and does not break the transaction.

    Raises:
        SlotAlreadyTaken: the staff member, or every unit of a pool, is busy.
        OptionsNotForGroups, SlotTooShort: the options do not fit.
    """
    whole, pieces = whole_claim(slot, extra_min), staff_claims(slot, extra_min)
    if slot.taken:
        session.execute(_TAKE_NEXT, {"slot_id": slot.id})
        return
    first, second = (*pieces, None, None)[:2]
    is_alone = slot.capacity == 1
    parameters = {
        "tenant_id": tenant_of(session),
        "slot_id": slot.id,
        "staff_id": slot.staff_id,
        "location_id": slot.location_id,
        "booking_id": booking_id if is_alone else None,
        "expires_at": expires_at if is_alone else None,
        "travel": slot.travel,
        "claims": len(pieces),
        "first_from": first.start if first else None,
        "first_until": first.end if first else None,
        "second_from": second.start if second else None,
        "second_until": second.end if second else None,
    }
    if slot.needs_units:
        parameters |= {"service_id": slot.service_id, "whole_from": whole.start, "whole_until": whole.end}
    statement = _TAKE_WITH_UNITS if slot.needs_units else _TAKE_ALONE
    for _ in range(TRIES):
        answer = session.execute(statement, parameters).one()
        if answer.is_taken:
            return
        free_claims(session, slot.id)
        if not answer.was_possible:
            break
    raise SlotAlreadyTaken(slot.id)


def settle_seat(session: WriteSession, slot_id: UUID) -> None:
    """Turn one held seat of a locked slot into a booked one; its claims do not run out any more."""
    session.execute(_SETTLE, {"slot_id": slot_id})


def free_seat(session: WriteSession, slot_id: UUID, *, was_held: bool) -> None:
    """Give one seat of a locked slot back; the last one also ends its claims."""
    session.execute(_FREE_SEAT, {"slot_id": slot_id, "held": int(was_held), "booked": int(not was_held)})


def free_claims(session: WriteSession, slot_id: UUID) -> None:
    """Whoever and whatever was busy because of this slot is so no longer."""
    session.execute(_FREE_CLAIMS, {"slot_id": slot_id})
