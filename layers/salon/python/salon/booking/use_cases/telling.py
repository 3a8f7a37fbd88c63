"""Storing a booking's change, and what is told about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from salon.booking import events
from salon.booking.domain import Booking
from salon.booking.repository import recording
from salon.identity.domain import Actor
from salon.platform.db import WriteSession


def about(booking: Booking, now: datetime) -> dict[str, object]:
    """What every fact about a booking says."""
    return {
        "occurred_at": now,
        "booking_id": booking.id,
        "version": booking.version,
        "client_id": booking.client_id,
        "location_id": booking.location_id,
        "service_id": booking.service_id,
        "staff_id": booking.staff_id,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
    }


def change(
    session: WriteSession,
    booking: Booking,
    kind: type[events.BookingFact],
    actor: Actor,
    now: datetime,
    **more: object,
) -> Booking:
    """Store a changed booking and all that is told about the change."""
    changed = replace(booking, version=booking.version + 1)
    fact = kind.model_validate({**about(changed, now), **more})
    recording.change_booking(session, changed, fact, actor=actor, now=now)
    return changed
