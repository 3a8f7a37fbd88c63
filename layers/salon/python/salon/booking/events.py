"""What has happened to a booking. Ids and instants only."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from salon.booking.domain import CancelReason
from salon.platform.facts import Fact


class BookingFact(Fact):
    """What every fact about a booking says; `version` puts facts that arrive out of order into order."""

    booking_id: UUID
    version: int
    client_id: UUID
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None
    starts_at: datetime
    ends_at: datetime


class BookingHeld(BookingFact):
    """A slot is claimed until the hold expires."""

    name: ClassVar[str] = "booking.held"

    hold_expires_at: datetime | None


class BookingConfirmed(BookingFact):
    """The client is coming."""

    name: ClassVar[str] = "booking.confirmed"


class BookingCancelled(BookingFact):
    """The client is not coming."""

    name: ClassVar[str] = "booking.cancelled"

    reason: CancelReason
    was_confirmed: bool


class BookingRestored(BookingFact):
    """A cancellation was undone."""

    name: ClassVar[str] = "booking.restored"


class BookingRescheduled(BookingFact):
    """The booking has another slot."""

    name: ClassVar[str] = "booking.rescheduled"

    old_starts_at: datetime
    old_staff_id: UUID | None
    old_location_id: UUID


class BookingExpired(BookingFact):
    """A hold ran out."""

    name: ClassVar[str] = "booking.expired"


class BookingCompleted(BookingFact):
    """The client was served."""

    name: ClassVar[str] = "booking.completed"


class BookingMissed(BookingFact):
    """The client did not come."""

    name: ClassVar[str] = "booking.missed"
