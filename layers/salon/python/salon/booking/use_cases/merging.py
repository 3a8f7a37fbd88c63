"""Two clients turned out to be one person."""

from __future__ import annotations

from uuid import UUID

from salon.booking.repository import merging
from salon.platform.db import WriteSession


def move_client(session: WriteSession, from_id: UUID, into_id: UUID) -> None:
    """Whatever one client has booked, waits for or has said about a visit is the other's now.

    Raises:
        AlreadyBooked: both have booked the same slot.
    """
    merging.move_client(session, from_id, into_id)
