"""Whether what was queued unasked may still be said, and now: an outage may keep it until the night, or for days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.domain import Booking, BookingStatus
from salon.booking.errors import BookingNotFound
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.identity.use_cases import quiet_hours
from salon.messaging.domain import Purpose
from salon.messaging.domain.quiet import waits_until
from salon.messaging.repository import QueuedMessage
from salon.platform.db import ReadSession

UNASKED = frozenset({Purpose.REMINDER, Purpose.FEEDBACK, Purpose.MARKETING})
"""Notices to the salon's people keep their own hours, and what somebody asked for or a human wrote keeps none."""


def visits_said(visits: Sequence[Booking]) -> dict[str, str]:
    """What a message says about visits, for `is_outdated`: which, and when each begins."""
    return {str(one.id): one.starts_at.isoformat() for one in visits}


def is_outdated(session: ReadSession, said: Mapping[str, Any]) -> bool:
    """Whether none of the visits that a message speaks of stands as it says; a message about none is never outdated.

    Args:
        session: reading is enough.
        said: `visits_said`, as it was when the message was written.
    """
    return bool(said) and not any(_stands(session, UUID(one), starts_at) for one, starts_at in said.items())


def quiet_until(
    session: ReadSession, queued: QueuedMessage, now: datetime, *, visit_at: datetime | None
) -> datetime | None:
    """When a message that nobody asked for may go out, by the client's clock; None for now.

    Args:
        session: reading is enough.
        queued: the message.
        now: the current instant.
        visit_at: when the visit begins that a reminder is about: shortly before it the night is no obstacle.
    """
    if queued.purpose not in UNASKED:
        return None
    places = catalog.list_locations(session)
    timezone = clients.get_client(session, queued.client_id).timezone or (
        places[0].timezone if places else "Europe/Moscow"
    )
    is_reminder = queued.purpose is Purpose.REMINDER
    return waits_until(now, timezone=timezone, quiet=quiet_hours(session), visit_at=visit_at if is_reminder else None)


def _stands(session: ReadSession, booking_id: UUID, starts_at: str) -> bool:
    try:
        found = booking.get_booking(session, booking_id)
    except BookingNotFound:
        return False
    return found.status is BookingStatus.CONFIRMED and found.starts_at == datetime.fromisoformat(starts_at)
