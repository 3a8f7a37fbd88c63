"""What somebody says about a visit, and the figures that come of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from salon.booking.domain import Booking, BookingStatus
from salon.booking.feedback.errors import FeedbackSettled, NothingToRate, RatingSenseless

LEAST, MOST = 1, 5
MAX_COMMENT_CHARS = 2_000
CHANGEABLE_FOR = timedelta(hours=24)
"""A rating may be tapped anew, and a comment added, for a day; then it is what the figures say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """How a client liked one visit.

    Attributes:
        rating: 1 to 5 stars.
        has_comment: whether something was written as well (`use_cases.read_comment`).
        channel: the messenger that it was said in.
        rated_at: of the first rating.
    """

    id: UUID
    booking_id: UUID
    client_id: UUID
    service_id: UUID
    staff_id: UUID | None
    location_id: UUID
    rating: int
    has_comment: bool
    channel: str
    rated_at: datetime
    commented_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackFilters:
    """Which feedback is wanted; None is any. `from_at` is included, `to_at` is not."""

    from_at: datetime | None = None
    to_at: datetime | None = None
    staff_id: UUID | None = None
    service_id: UUID | None = None
    location_id: UUID | None = None
    client_id: UUID | None = None
    min_rating: int | None = None
    max_rating: int | None = None
    has_comment: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """How a member of staff, or a service, is liked.

    Attributes:
        id: whose; None for services that nobody in particular gives.
        count: visits that were rated.
        average: of their stars.
        low: of them those with at most as many stars as were asked for.
    """

    id: UUID | None
    count: int
    average: float
    low: int


def check_rating(rating: int) -> None:
    """Refuse what is no number of stars.

    Raises:
        RatingSenseless: it is not 1 to 5.
    """
    if not LEAST <= rating <= MOST:
        raise RatingSenseless(LEAST, MOST)


def check_rateable(booking: Booking, now: datetime) -> None:
    """Refuse to rate a visit that did not take place or is still ahead.

    Raises:
        NothingToRate: that.
    """
    took_place = booking.status is BookingStatus.COMPLETED
    if not took_place and not (booking.status is BookingStatus.CONFIRMED and booking.ends_at <= now):
        raise NothingToRate(booking.id)


def check_changeable(feedback: Feedback, now: datetime) -> None:
    """Refuse to change what was said a day ago.

    Raises:
        FeedbackSettled: that.
    """
    if now - feedback.rated_at >= CHANGEABLE_FOR:
        raise FeedbackSettled(feedback.booking_id)
