"""Rating a visit, saying something about it, and reading what was said."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from salon.booking import use_cases as booking
from salon.booking.feedback import domain, repository
from salon.booking.feedback.domain import Feedback, FeedbackFilters, Rated
from salon.booking.feedback.errors import FeedbackNotFound
from salon.booking.feedback.events import FeedbackCommented, FeedbackReceived
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import SalonError
from salon.platform.keys import SubjectErased, open_for_client, seal_for_client
from salon.platform.outbox import emit

PAGE = 50
LOW = 3


def rate_visit(
    session: WriteSession, booking_id: UUID, rating: int, *, channel: str, actor: Actor, now: datetime
) -> Feedback:
    """Give a visit so many stars. Within a day of the first rating it may be changed; the same again changes nothing.

    Raises:
        BookingNotFound: there is none.
        RatingSenseless: it is not 1 to 5.
        NothingToRate: the visit did not take place, or is still ahead.
        FeedbackSettled: it was rated a day ago.
    """
    domain.check_rating(rating)
    visit = booking.get_booking(session, booking_id)
    domain.check_rateable(visit, now)
    is_new = repository.add_feedback(
        session,
        booking_id=booking_id,
        client_id=visit.client_id,
        service_id=visit.service_id,
        staff_id=visit.staff_id,
        location_id=visit.location_id,
        rating=rating,
        channel=channel,
        now=now,
    )
    present = repository.lock_feedback(session, booking_id)
    if present is None:
        raise SalonError(f"The rating of booking {booking_id} was there and then was not.")
    if not is_new:
        if present.rating == rating:
            return present
        domain.check_changeable(present, now)
        repository.change_rating(session, booking_id, rating)
    emit(
        session,
        FeedbackReceived(
            occurred_at=now,
            booking_id=booking_id,
            client_id=visit.client_id,
            service_id=visit.service_id,
            staff_id=visit.staff_id,
            location_id=visit.location_id,
            rating=rating,
            previous_rating=None if is_new else present.rating,
        ),
    )
    record_audit(
        session,
        action="feedback.received",
        subject="booking",
        subject_id=booking_id,
        actor=actor,
        now=now,
        data={"rating": rating},
    )
    return get_feedback(session, booking_id)


def comment_visit(session: WriteSession, booking_id: UUID, comment: str, *, now: datetime) -> Feedback:
    """Add what the client wrote about a rated visit, sealed with their key; what was there before is replaced.

    Raises:
        FeedbackNotFound: the visit was not rated.
        FeedbackSettled: it was rated a day ago.
    """
    present = repository.lock_feedback(session, booking_id)
    if present is None:
        raise FeedbackNotFound(booking_id)
    domain.check_changeable(present, now)
    sealed = seal_for_client(session, present.client_id, comment[: domain.MAX_COMMENT_CHARS])
    repository.set_comment(session, booking_id, sealed, now)
    visit = booking.get_booking(session, booking_id)
    emit(
        session,
        FeedbackCommented(
            occurred_at=now,
            booking_id=booking_id,
            client_id=present.client_id,
            service_id=visit.service_id,
            staff_id=visit.staff_id,
            location_id=visit.location_id,
            rating=present.rating,
        ),
    )
    return get_feedback(session, booking_id)


def get_feedback(session: ReadSession, booking_id: UUID) -> Feedback:
    """What was said about a visit.

    Raises:
        FeedbackNotFound: nothing was.
    """
    found = repository.find_feedback(session, booking_id)
    if found is None:
        raise FeedbackNotFound(booking_id)
    return found


def find_feedback(session: ReadSession, booking_id: UUID) -> Feedback | None:
    """What was said about a visit; None when nothing was."""
    return repository.find_feedback(session, booking_id)


def list_feedback(
    session: ReadSession,
    filters: FeedbackFilters,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = PAGE,
) -> list[Feedback]:
    """Feedback, the newest first.

    Args:
        session: reading is enough.
        filters: which.
        after: `(rated_at, id)` of the last one of the page before.
        limit: at most so many.
    """
    return repository.list_feedback(session, filters, after=after, limit=limit)


def read_comments(session: ReadSession, booking_ids: Collection[UUID]) -> dict[UUID, str]:
    """Comments in the clear, by booking, for whoever may see them; those of erased clients are gone."""
    opened: dict[UUID, str] = {}
    for booking_id, (client_id, sealed) in repository.get_sealed_comments(session, booking_ids).items():
        try:
            opened[booking_id] = open_for_client(session, client_id, sealed)
        except SubjectErased:
            continue
    return opened


def rate_staff(session: ReadSession, filters: FeedbackFilters, *, low: int = LOW) -> list[Rated]:
    """How each member of staff is rated, the best first; `low` stars or fewer are counted apart."""
    return repository.rate_staff(session, filters, low=low)


def rate_services(session: ReadSession, filters: FeedbackFilters, *, low: int = LOW) -> list[Rated]:
    """How each service is rated, the best first; `low` stars or fewer are counted apart."""
    return repository.rate_services(session, filters, low=low)
