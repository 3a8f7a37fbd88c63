"""What feedback refuses."""

from __future__ import annotations

from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound


class FeedbackNotFound(NotFound):
    """Nobody has rated that visit."""

    code = "FEEDBACK_NOT_FOUND"

    def __init__(self, booking_id: UUID) -> None:
        super().__init__("feedback on booking", booking_id)


class RatingSenseless(Invalid):
    """That is no number of stars."""

    code = "RATING_SENSELESS"

    def __init__(self, least: int, most: int) -> None:
        super().__init__(f"A rating is {least} to {most}.")


class NothingToRate(Conflict):
    """The visit did not take place, or is still ahead."""

    code = "NOTHING_TO_RATE"

    def __init__(self, booking_id: UUID) -> None:
        super().__init__(f"Booking {booking_id} is no visit that took place.")
        self.booking_id = booking_id


class FeedbackSettled(Conflict):
    """It was said a day ago, and the figures have it."""

    code = "FEEDBACK_SETTLED"

    def __init__(self, booking_id: UUID) -> None:
        super().__init__(f"The feedback on booking {booking_id} can no longer be changed.")
        self.booking_id = booking_id
