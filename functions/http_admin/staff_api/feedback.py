"""What clients say about their visits; nobody edits it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel

from salon.booking.feedback import use_cases as feedback
from salon.booking.feedback.domain import Feedback, FeedbackFilters
from salon.catalog.errors import LocationNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, reads
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Instant, Zone
from salon.platform.pagination import CursorInvalid, decode_cursor, encode_cursor
from salon.platform.timeranges import UnknownTimezone
from staff_api.common import Page, ZoneNeeded, instant

Stars = Annotated[int | None, Query(ge=1, le=5)]


class FeedbackView(BaseModel):
    """How a client liked one visit, and what they wrote."""

    id: UUID
    booking_id: UUID
    client_id: UUID
    service_id: UUID
    staff_id: UUID | None
    location_id: UUID
    rating: int
    comment: str | None
    channel: str
    rated_at: datetime
    commented_at: datetime | None

    @classmethod
    def of(cls, said: Feedback, comment: str | None) -> FeedbackView:
        """From the feedback and its comment in the clear."""
        values = {name: getattr(said, name) for name in cls.model_fields if name != "comment"}
        return cls(**values, comment=comment)


def add_feedback_routes(resolver: ApiResolver, api: Api) -> None:
    """`/feedback`."""

    @resolver.get(
        "/admin/v1/feedback",
        tags=["feedback"],
        responses=reads(CursorInvalid, UnknownTimezone, ZoneNeeded, LocationNotFound),
    )
    def list_feedback(
        *,
        from_at: Annotated[Instant | None, Query()] = None,
        to_at: Annotated[Instant | None, Query()] = None,
        timezone: Annotated[Zone | None, Query()] = None,
        staff_id: Annotated[UUID | None, Query()] = None,
        service_id: Annotated[UUID | None, Query()] = None,
        location_id: Annotated[UUID | None, Query()] = None,
        client_id: Annotated[UUID | None, Query()] = None,
        min_rating: Stars = None,
        max_rating: Stars = None,
        has_comment: Annotated[bool | None, Query()] = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[FeedbackView]:
        with api.read(Permission.FEEDBACK_READ) as call:
            filters = FeedbackFilters(
                from_at=instant(call.session, from_at, timezone, location_id) if from_at else None,
                to_at=instant(call.session, to_at, timezone, location_id) if to_at else None,
                staff_id=staff_id,
                service_id=service_id,
                location_id=location_id,
                client_id=client_id,
                min_rating=min_rating,
                max_rating=max_rating,
                has_comment=has_comment,
            )
            after = decode_cursor(cursor, datetime) if cursor is not None else None
            found = feedback.list_feedback(call.session, filters, after=after, limit=limit + 1)
            shown = found[:limit]
            comments = feedback.read_comments(call.session, [one.booking_id for one in shown if one.has_comment])
            following = encode_cursor(shown[-1].rated_at, shown[-1].id) if len(found) > limit else None
            return Page(
                items=[FeedbackView.of(one, comments.get(one.booking_id)) for one in shown], next_cursor=following
            )
