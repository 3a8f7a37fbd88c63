"""Queries about what a session has made."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from salon.booking.models import BookingRow
from salon.platform.db import ReadSession


def list_client_ids(session: ReadSession, session_id: UUID) -> set[UUID]:
    """The clients whom a session has booked as."""
    return set(session.scalars(select(BookingRow.client_id).where(BookingRow.session_id == session_id).distinct()))
