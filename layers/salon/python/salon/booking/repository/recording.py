"""A booking's change with all that is told about it: the row, its history, the audit log, the outbox, in one statement.

Every change writes these four rows, and a statement costs more than a row: together they are half of what a hold takes
otherwise (`make bench`). The rows are those that `identity.record_audit` and `outbox.emit` write, which a test compares
column by column; nobody but booking has a path hot enough for this.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text

from salon.booking.domain import Booking
from salon.booking.repository.rows import CHANGING, LASTING, changing_values, lasting_values
from salon.identity.domain import Actor
from salon.platform import correlation
from salon.platform.db import WriteSession, tenant_of
from salon.platform.facts import Fact
from salon.platform.ids import new_id
from salon.platform.outbox import OutboxQueue, OutboxRef, remember

_NAMES = (*LASTING, *CHANGING)
_TOLD = """,
history AS (
    INSERT INTO booking_history (id, tenant_id, booking_id, version, change, status, slot_id, staff_id, starts_at,
        ends_at, actor_kind, actor_id, at)
    SELECT :history_id, tenant_id, id, version, :change, status, slot_id, staff_id, starts_at, ends_at, :actor_kind,
        :actor_id, :now
    FROM booking
),
audit AS (
    INSERT INTO audit_log (id, tenant_id, action, subject, subject_id, actor_kind, actor_id, data, correlation_id, at)
    SELECT :audit_id, tenant_id, :change, 'booking', id, :actor_kind, :actor_id,
        jsonb_build_object('status', status, 'slot_id', slot_id, 'version', version), :correlation_id, :now
    FROM booking
),
told AS (
    INSERT INTO outbox (id, tenant_id, queue, kind, payload, correlation_id, status, attempts, next_attempt_at,
        created_at)
    SELECT :outbox_id, tenant_id, 'events', :change, CAST(:payload AS jsonb), :correlation_id, 'open', 0, :now, :now
    FROM booking
)
SELECT id FROM booking
"""
_ADD = text(f"""
WITH booking AS (
    INSERT INTO bookings (tenant_id, note, {", ".join(_NAMES)})
    VALUES (:tenant_id, :note, {", ".join(f":{name}" for name in _NAMES)})
    ON CONFLICT (tenant_id, slot_id, client_id) WHERE status IN ('held', 'confirmed') DO NOTHING
    RETURNING *
){_TOLD}""")  # noqa: S608 - the names are ours
_CHANGE = text(f"""
WITH booking AS (
    UPDATE bookings SET {", ".join(f"{name} = :{name}" for name in CHANGING)} WHERE id = :id RETURNING *
){_TOLD}""")  # noqa: S608 - as above


def add_booking(
    session: WriteSession, booking: Booking, fact: Fact, *, note: bytes | None, actor: Actor, now: datetime
) -> bool:
    """Store a new booking and tell of it; False, and nothing stored, when the client has this slot already."""
    parameters = {
        "tenant_id": tenant_of(session),
        "note": note,
        **lasting_values(booking),
        **changing_values(booking),
        **_told(fact, actor, now),
    }
    if session.execute(_ADD, parameters).first() is None:
        return False
    _relay(session, parameters)
    return True


def change_booking(session: WriteSession, booking: Booking, fact: Fact, *, actor: Actor, now: datetime) -> None:
    """Store what a booking is now and tell of it; its slot is locked, so nobody else changes it meanwhile."""
    parameters = {"id": booking.id, **changing_values(booking), **_told(fact, actor, now)}
    session.execute(_CHANGE, parameters).one()
    _relay(session, parameters)


def _told(fact: Fact, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "history_id": new_id(),
        "audit_id": new_id(),
        "outbox_id": new_id(),
        "change": fact.name,
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "payload": json.dumps(fact.model_dump(mode="json")),
        "correlation_id": correlation.current_id(),
        "now": now,
    }


def _relay(session: WriteSession, parameters: dict[str, Any]) -> None:
    remember(session, OutboxRef(OutboxQueue.EVENTS, tenant_of(session), parameters["outbox_id"]))
