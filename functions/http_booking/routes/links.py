"""What a link opens without a session: a booking's page and its calendar file. They name the salon, not the client."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from salon.booking.errors import BookingNotFound
from salon.booking.visitors.domain import CONTENT_SECURITY_POLICY
from salon.booking.visitors.use_cases import booking_calendar, booking_page
from salon.identity.edge import Api
from salon.identity.errors import TokenInvalid
from salon.platform.errors import TooManyRequests
from salon.platform.http import ApiResolver
from salon.platform.http_problems import refusals

Key = Annotated[str, Query(min_length=1, max_length=200, description="As `page_path` has it.")]
HTML, CALENDAR = "text/html; charset=utf-8", "text/calendar; charset=utf-8"


def _answers(media_type: str) -> dict[int, Any]:
    content = {media_type: {"schema": {"type": "string"}}}
    success: dict[int, Any] = {200: {"description": "OK", "content": content}}
    return {**success, **refusals(TokenInvalid, BookingNotFound, TooManyRequests)}


def add_links(resolver: ApiResolver, api: Api) -> None:
    """Both of them."""

    @resolver.get(
        "/v1/bookings/<booking_id>/page",
        summary="A booking's page",
        tags=["bookings"],
        responses=_answers(HTML),
        openapi_extensions={"x-public": True},
    )
    def get_page(booking_id: UUID, key: Key) -> Response[str]:
        with api.link(key, booking_id) as (session, now):
            page = booking_page(session, booking_id, now=now, calendar_path=f"calendar.ics?key={key}")
            return Response(200, HTML, page, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    @resolver.get(
        "/v1/bookings/<booking_id>/calendar.ics",
        summary="A booking as a calendar file",
        tags=["bookings"],
        responses=_answers(CALENDAR),
        openapi_extensions={"x-public": True},
    )
    def get_calendar(booking_id: UUID, key: Key) -> Response[str]:
        with api.link(key, booking_id) as (session, now):
            file = booking_calendar(session, booking_id, now=now)
            return Response(200, CALENDAR, file, headers={"Content-Disposition": 'attachment; filename="visit.ics"'})
