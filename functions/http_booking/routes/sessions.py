"""Sessions of visitors."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from schemas import DoneOut, ManageIn, RenewalIn, SessionIn, SessionOut

from salon.booking.errors import BookingNotFound
from salon.booking.visitors.use_cases import client_of
from salon.identity.access import Permission
from salon.identity.edge import CHANGES, Api, reads
from salon.identity.errors import SessionRevoked, TenantNotFound, TokenExpired, TokenInvalid
from salon.identity.use_cases.sessions import end_session
from salon.platform.errors import TooManyRequests
from salon.platform.http import ApiResolver
from salon.platform.http_problems import refusals

_CREATED: dict[int, Any] = {HTTPStatus.CREATED: {"description": "Created"}}


def add_sessions(resolver: ApiResolver, api: Api) -> None:
    """Begin, renew, end."""

    @resolver.post(
        "/v1/sessions",
        status_code=HTTPStatus.CREATED,
        summary="Begin a visitor's session",
        tags=["sessions"],
        responses={**_CREATED, **refusals(TenantNotFound, TooManyRequests)},
        openapi_extensions={"x-public": True},
    )
    def post_session(body: SessionIn) -> SessionOut:
        return SessionOut.of(api.open_session(body.tenant_id))

    @resolver.post(
        "/v1/bookings/<booking_id>/session",
        status_code=HTTPStatus.CREATED,
        summary="Come back to a booking",
        tags=["sessions"],
        responses={**_CREATED, **refusals(TokenInvalid, BookingNotFound, TooManyRequests)},
        openapi_extensions={"x-public": True},
    )
    def reopen_session(booking_id: UUID, body: ManageIn) -> SessionOut:
        return SessionOut.of(api.reopen(body.manage_key, booking_id, lambda session: client_of(session, booking_id)))

    @resolver.post(
        "/v1/sessions/renew",
        summary="Get a new access token",
        tags=["sessions"],
        responses={
            HTTPStatus.OK: {"description": "OK"},
            **refusals(TokenInvalid, TokenExpired, SessionRevoked, TooManyRequests),
        },
        openapi_extensions={"x-public": True},
    )
    def renew_session(body: RenewalIn) -> SessionOut:
        return SessionOut.of(api.renew(body.renewal_token))

    @resolver.delete(
        "/v1/sessions/current",
        summary="End this session",
        tags=["sessions"],
        responses=reads(),
        openapi_extensions={"x-repeatable": True},
    )
    def delete_session() -> DoneOut:
        with api.touch(Permission.SELF_BOOK, quota=CHANGES) as call:
            end_session(call.session, call.principal.session_id, actor=call.actor, now=call.now)
            return DoneOut()
