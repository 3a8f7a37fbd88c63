"""What has happened to bookings that cannot stay. Ids and instants only."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from salon.platform.facts import Fact


class BookingNeedsReschedule(Fact):
    """Who should serve this client will be absent; these slots could be offered instead. Nothing of them is held."""

    name: ClassVar[str] = "booking.needs_reschedule"

    booking_id: UUID
    client_id: UUID
    location_id: UUID
    service_id: UUID
    staff_id: UUID
    starts_at: datetime
    alternative_slot_ids: tuple[UUID, ...]
