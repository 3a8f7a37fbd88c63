"""What a hold has to know before it locks anything, and holds that have run out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from salon.booking.domain import Booking
from salon.booking.repository.rows import COLUMNS, booking_of
from salon.platform.db import ReadSession, WriteSession, tenant_of

# What stands in the way of a slot: stale holds of the slot itself and of the same person; and where the service needs a
# chair, a room or a device, those of its day at its location, whoever serves there. The counters and claims of all of
# them are freed before the slot is taken.
_IN_THE_WAY = """
    SELECT hold.slot_id FROM bookings hold
    WHERE hold.status = 'held' AND hold.hold_expires_at <= :now AND (
        hold.slot_id = wanted.id OR hold.staff_id = wanted.staff_id
        OR (hold.location_id = wanted.location_id AND hold.starts_at < wanted.ends_at + interval '1 day'
            AND hold.ends_at > wanted.starts_at - interval '1 day'
            AND EXISTS (SELECT FROM service_resources need WHERE need.service_id = wanted.service_id))
    )
"""
_LOOK = text(f"""
    SELECT wanted.id, location.timezone, service.min_notice_min,
        ARRAY({_IN_THE_WAY}) AS in_the_way,
        EXISTS (SELECT FROM bookings mine WHERE mine.slot_id = wanted.id AND mine.client_id = :client_id
            AND mine.status IN ('held', 'confirmed')) AS is_mine,
        (SELECT content FROM tenant_settings WHERE section = 'booking') AS settings,
        EXISTS (SELECT FROM clients WHERE id = :client_id AND erased_at IS NOT NULL) AS is_erased
    FROM slot_instances wanted
    JOIN locations location ON location.id = wanted.location_id
    JOIN services service ON service.id = wanted.service_id
    WHERE wanted.id = ANY(CAST(:slot_ids AS uuid[]))
""")  # noqa: S608 - the names are ours
_STALE_IN = text(f"""
    SELECT {COLUMNS} FROM bookings booking
    WHERE slot_id = ANY(CAST(:slot_ids AS uuid[])) AND status = 'held' AND hold_expires_at <= :now ORDER BY id
""")  # noqa: S608 - as above
_STALE_SLOTS = text("""
    SELECT slot_id FROM bookings WHERE status = 'held' AND hold_expires_at <= :now
    ORDER BY hold_expires_at LIMIT :limit
""")
_STALE_HOLDS = text("SELECT tenant_id, booking_id FROM stale_holds(:now, :limit)")
# Whoever counts a client's bookings before adding one keeps others from doing so until the end of the transaction.
_LOCK_CLIENT = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:tenant_id AS text) || :client_id, 0))")
_AHEAD = text(f"""
    SELECT {COLUMNS} FROM bookings booking WHERE client_id = :client_id AND ends_at > :now
        AND (status = 'confirmed' OR (status = 'held' AND hold_expires_at > :now))
    ORDER BY starts_at, id
""")  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of a slot before it is locked; none of it changes with a booking.

    Attributes:
        timezone: of its location.
        min_notice: what the service says; None leaves it to the tenant.
        in_the_way: slots whose stale holds may claim what this one needs.
        is_mine: whether the client has a booking there; what comes in between is noticed when it is added.
    """

    slot_id: UUID
    timezone: str
    min_notice: timedelta | None
    in_the_way: frozenset[UUID]
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of slots that are wanted, and of who wants them, and the tenant's settings of booking."""

    wanted: dict[UUID, Wanted]
    settings: dict[str, Any]
    client_id: UUID
    is_erased: bool

    @property
    def in_the_way(self) -> frozenset[UUID]:
        """Slots with stale holds that may stand in the way of any of them."""
        return frozenset[UUID]().union(*(one.in_the_way for one in self.wanted.values()))


def look_at(session: ReadSession, slot_ids: Sequence[UUID], client_id: UUID, now: datetime) -> Look:
    """What a hold needs to know of slots, in one statement; a slot that is gone is not in the answer."""
    parameters = {"slot_ids": list(slot_ids), "client_id": client_id, "now": now}
    rows = session.execute(_LOOK, parameters).all()
    wanted = {
        row.id: Wanted(
            row.id,
            row.timezone,
            timedelta(minutes=row.min_notice_min) if row.min_notice_min is not None else None,
            frozenset(row.in_the_way),
            row.is_mine,
        )
        for row in rows
    }
    settings = (rows[0].settings if rows else None) or {}
    return Look(wanted, settings, client_id, any(row.is_erased for row in rows))


def list_stale_in_slots(session: WriteSession, slot_ids: Collection[UUID], now: datetime) -> list[Booking]:
    """Holds that have run out in slots that are locked; they cannot change any more."""
    return [booking_of(row) for row in session.execute(_STALE_IN, {"slot_ids": list(slot_ids), "now": now})]


def list_stale_slot_ids(session: ReadSession, now: datetime, limit: int) -> list[UUID]:
    """At most `limit` slots of this tenant that hold something which has run out, the longest overdue first."""
    return list(dict.fromkeys(session.scalars(_STALE_SLOTS, {"now": now, "limit": limit})))


def list_stale_holds(session: ReadSession, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, booking) of holds of all tenants that have run out: for the timer, the longest overdue first."""
    rows = session.execute(_STALE_HOLDS, {"now": now, "limit": limit})
    return [(row.tenant_id, row.booking_id) for row in rows]


def list_ahead_of_client(session: WriteSession, client_id: UUID, now: datetime) -> list[Booking]:
    """A client's running holds and agreed visits that are not over; nobody else adds one before this commits."""
    session.execute(_LOCK_CLIENT, {"tenant_id": str(tenant_of(session)), "client_id": str(client_id)})
    return [booking_of(row) for row in session.execute(_AHEAD, {"client_id": client_id, "now": now})]
