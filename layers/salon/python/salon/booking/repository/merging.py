"""What was one client's becomes another's."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from salon.booking.feedback.models import FeedbackRow
from salon.booking.models import BookingRow, BookingSeriesRow, WaitlistEntryRow
from salon.platform.db import WriteSession
from salon.platform.keys import open_for_client, seal_for_client


def move_client(session: WriteSession, from_id: UUID, into_id: UUID) -> None:
    """Bookings, series, waiting list and feedback; what is sealed is sealed anew with the other client's key."""
    for booking in session.scalars(
        select(BookingRow).where(BookingRow.client_id == from_id).order_by(BookingRow.id).with_for_update()
    ):
        booking.note = _resealed(session, from_id, into_id, booking.note)
        booking.client_id = into_id
    for given in session.scalars(select(FeedbackRow).where(FeedbackRow.client_id == from_id).with_for_update()):
        given.comment = _resealed(session, from_id, into_id, given.comment)
        given.client_id = into_id
    for table in (BookingSeriesRow, WaitlistEntryRow):
        session.execute(update(table).where(table.client_id == from_id).values(client_id=into_id))
    session.flush()


def _resealed(session: WriteSession, from_id: UUID, into_id: UUID, sealed: bytes | None) -> bytes | None:
    if sealed is None:
        return None
    return seal_for_client(session, into_id, open_for_client(session, from_id, sealed))
