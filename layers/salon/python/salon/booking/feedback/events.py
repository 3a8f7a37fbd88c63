"""What clients have said about visits. Ids and stars only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from salon.platform.facts import Fact


class FeedbackReceived(Fact):
    """A visit was rated, or rated anew within the day.

    Attributes:
        previous_rating: what it was before the change; None for the first time.
    """

    name: ClassVar[str] = "feedback.received"

    booking_id: UUID
    client_id: UUID
    service_id: UUID
    staff_id: UUID | None
    location_id: UUID
    rating: int
    previous_rating: int | None = None


class FeedbackCommented(Fact):
    """A client has said something about a visit that they had rated; what, is sealed."""

    name: ClassVar[str] = "feedback.commented"

    booking_id: UUID
    client_id: UUID
    service_id: UUID
    staff_id: UUID | None
    location_id: UUID
    rating: int
