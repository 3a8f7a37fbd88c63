"""Every query of feedback."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import InstrumentedAttribute

from salon.booking.feedback.domain import Feedback, FeedbackFilters, Rated
from salon.booking.feedback.models import FeedbackRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id


def find_feedback(session: ReadSession, booking_id: UUID) -> Feedback | None:
    """What was said about a visit."""
    row = session.scalars(_about(booking_id)).one_or_none()
    return _feedback(row) if row is not None else None


def lock_feedback(session: WriteSession, booking_id: UUID) -> Feedback | None:
    """What was said about a visit, locked."""
    query = _about(booking_id).with_for_update().execution_options(populate_existing=True)
    row = session.scalars(query).one_or_none()
    return _feedback(row) if row is not None else None


def add_feedback(
    session: WriteSession,
    *,
    booking_id: UUID,
    client_id: UUID,
    service_id: UUID,
    staff_id: UUID | None,
    location_id: UUID,
    rating: int,
    channel: str,
    now: datetime,
) -> bool:
    """Store a rating; False when another transaction has just rated the same visit."""
    added = session.execute(
        pg_insert(FeedbackRow)
        .values(
            id=new_id(),
            tenant_id=tenant_of(session),
            booking_id=booking_id,
            client_id=client_id,
            service_id=service_id,
            staff_id=staff_id,
            location_id=location_id,
            rating=rating,
            channel=channel,
            rated_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_feedback_booking")
        .returning(FeedbackRow.id)
    )
    return added.scalar_one_or_none() is not None


def change_rating(session: WriteSession, booking_id: UUID, rating: int) -> None:
    """Store another number of stars; the day in which it may be changed goes on counting from the first."""
    session.scalars(_about(booking_id)).one().rating = rating
    session.flush()


def set_comment(session: WriteSession, booking_id: UUID, sealed: bytes, now: datetime) -> None:
    """Store a sealed comment."""
    row = session.scalars(_about(booking_id)).one()
    row.comment, row.commented_at = sealed, now
    session.flush()


def get_sealed_comments(session: ReadSession, booking_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, bytes]]:
    """Whose key sealed the comment, and the comment, by booking; those without one are left out."""
    rows = session.execute(
        select(FeedbackRow.booking_id, FeedbackRow.client_id, FeedbackRow.comment).where(
            FeedbackRow.booking_id.in_(booking_ids), FeedbackRow.comment.is_not(None)
        )
    )
    return {row.booking_id: (row.client_id, row.comment) for row in rows}


def list_feedback(
    session: ReadSession, filters: FeedbackFilters, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Feedback]:
    """Feedback, the newest first, from where the last page ended."""
    query = _filtered(select(FeedbackRow), filters)
    if after is not None:
        # the first comparison alone may use an index
        query = query.where(
            FeedbackRow.rated_at <= after[0], tuple_(FeedbackRow.rated_at, FeedbackRow.id) < tuple_(*after)
        )
    ordered = query.order_by(FeedbackRow.rated_at.desc(), FeedbackRow.id.desc()).limit(limit)
    return [_feedback(row) for row in session.scalars(ordered)]


def rate_staff(session: ReadSession, filters: FeedbackFilters, *, low: int) -> list[Rated]:
    """Count and average of the ratings of each member of staff, the best first."""
    return _rate_by(session, FeedbackRow.staff_id, filters, low=low)


def rate_services(session: ReadSession, filters: FeedbackFilters, *, low: int) -> list[Rated]:
    """Count and average of the ratings of each service, the best first."""
    return _rate_by(session, FeedbackRow.service_id, filters, low=low)


def _rate_by(
    session: ReadSession, column: InstrumentedAttribute[Any], filters: FeedbackFilters, *, low: int
) -> list[Rated]:
    average = func.avg(FeedbackRow.rating)
    query = _filtered(
        select(
            column.label("id"),
            func.count().label("visits"),
            average.label("average"),
            func.count().filter(FeedbackRow.rating <= low).label("low"),
        ),
        filters,
    )
    rows = session.execute(query.group_by(column).order_by(average.desc(), func.count().desc(), column))
    return [Rated(id=row.id, count=row.visits, average=float(row.average), low=row.low) for row in rows]


def _about(booking_id: UUID) -> Select[FeedbackRow]:
    return select(FeedbackRow).where(FeedbackRow.booking_id == booking_id)


def _filtered(query: Select[Any], filters: FeedbackFilters) -> Select[Any]:
    for column, value in (
        (FeedbackRow.staff_id, filters.staff_id),
        (FeedbackRow.service_id, filters.service_id),
        (FeedbackRow.location_id, filters.location_id),
        (FeedbackRow.client_id, filters.client_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if filters.from_at is not None:
        query = query.where(FeedbackRow.rated_at >= filters.from_at)
    if filters.to_at is not None:
        query = query.where(FeedbackRow.rated_at < filters.to_at)
    if filters.min_rating is not None:
        query = query.where(FeedbackRow.rating >= filters.min_rating)
    if filters.max_rating is not None:
        query = query.where(FeedbackRow.rating <= filters.max_rating)
    if filters.has_comment is not None:
        query = query.where(FeedbackRow.comment.is_not(None) == filters.has_comment)
    return query


def _feedback(row: FeedbackRow) -> Feedback:
    return Feedback(
        id=row.id,
        booking_id=row.booking_id,
        client_id=row.client_id,
        service_id=row.service_id,
        staff_id=row.staff_id,
        location_id=row.location_id,
        rating=row.rating,
        has_comment=row.comment is not None,
        channel=row.channel,
        rated_at=row.rated_at,
        commented_at=row.commented_at,
    )
