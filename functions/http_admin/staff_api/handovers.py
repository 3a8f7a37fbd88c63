"""Conversations that a human is to answer: the inbox of the salon's people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field, StrictInt

from salon.clients import use_cases as clients
from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.messaging.people import use_cases as people
from salon.messaging.people.domain import Handover, HandoverOutcome, HandoverReason, HandoverStatus, ReadPurpose
from salon.messaging.people.errors import (
    AnswerEmpty,
    HandoverClosed,
    HandoverNotFound,
    HandoverOutdated,
    HandoverTaken,
)
from salon.platform.db import ReadSession
from salon.platform.http import ApiResolver
from salon.platform.pagination import CursorInvalid, decode_cursor, encode_cursor
from staff_api.binding import user_of
from staff_api.common import STRICT, Page
from staff_api.conversations import MessageView

ALL = "/admin/v1/handovers"
ONE = "/admin/v1/handovers/<handover_id>"
SHOWN = 30
"""Messages that come with one hand-over; the rest is read page by page."""
TAKING = (HandoverNotFound, HandoverClosed, HandoverTaken, HandoverOutdated)


class HandoverView(BaseModel):
    """A conversation that a human is to answer; `taken` with `taken_by` null: in the provider's own app."""

    id: UUID
    number: int
    status: HandoverStatus
    reason: HandoverReason
    conversation_id: UUID
    channel: str
    client_id: UUID
    client_name: str
    messages: int = Field(description="What the client has written since it was opened.")
    opened_at: datetime
    reminded_at: datetime | None
    taken_at: datetime | None
    taken_by: UUID | None
    last_activity_at: datetime
    closed_at: datetime | None
    outcome: HandoverOutcome | None
    version: int

    @classmethod
    def of(cls, session: ReadSession, one: Handover) -> HandoverView:
        """The view of a hand-over."""
        said = {name: getattr(one, name) for name in cls.model_fields if name != "client_name"}
        return cls(**said, client_name=clients.get_client(session, one.client_id).display_name)


class HandoverWithMessages(HandoverView):
    """A hand-over with what was said last, the latest first."""

    recent: list[MessageView]


class VersionBody(BaseModel):
    """The version that was read; without one, whatever it is now is meant."""

    model_config = STRICT

    version: StrictInt | None = Field(default=None, ge=1)


class AnswerBody(VersionBody):
    """What the client reads."""

    text: str = Field(min_length=1, max_length=4_000)


def add_handover_routes(resolver: ApiResolver, api: Api) -> None:
    """`/handovers`."""
    _add_reading(resolver, api)
    _add_changing(resolver, api)


def _add_reading(resolver: ApiResolver, api: Api) -> None:
    @resolver.get(ALL, tags=["hand-overs"], responses=reads(CursorInvalid))
    def list_handovers(
        *,
        status: Annotated[list[HandoverStatus] | None, Query()] = None,
        taken_by: Annotated[UUID | None, Query()] = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[HandoverView]:
        with api.read(Permission.HANDOVERS_READ) as call:
            found = people.list_handovers(
                call.session,
                statuses=tuple(status or ()),
                taken_by=taken_by,
                before=decode_cursor(cursor, datetime) if cursor is not None else None,
                limit=limit,
            )
            following = encode_cursor(found[-1].opened_at, found[-1].id) if len(found) == limit else None
            return Page(items=[HandoverView.of(call.session, one) for one in found], next_cursor=following)

    @resolver.get(ONE, tags=["hand-overs"], responses=reads(HandoverNotFound))
    def get_handover(handover_id: UUID) -> HandoverWithMessages:
        with api.touch(Permission.HANDOVERS_READ) as call:
            one = people.get_handover(call.session, handover_id)
            recent = people.read_conversation(
                call.session,
                one.conversation_id,
                purpose=ReadPurpose.HANDOVER,
                actor=call.actor,
                now=call.now,
                limit=SHOWN,
            )
            return HandoverWithMessages(
                **HandoverView.of(call.session, one).model_dump(),
                recent=[MessageView.model_validate(message) for message in recent],
            )


def _add_changing(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(f"{ONE}/take", tags=["hand-overs"], responses=changes(*TAKING))
    def take(handover_id: UUID, body: Annotated[VersionBody, Body()]) -> HandoverView:
        with api.write(Permission.HANDOVERS_WRITE) as call:
            taken = people.take(call.session, handover_id, user_id=user_of(call), now=call.now, version=body.version)
            return call.answer(HandoverView.of(call.session, taken))

    @resolver.post(f"{ONE}/answer", tags=["hand-overs"], responses=changes(*TAKING, AnswerEmpty))
    def answer(handover_id: UUID, body: Annotated[AnswerBody, Body()]) -> HandoverView:
        with api.write(Permission.HANDOVERS_WRITE) as call:
            done = people.answer(
                call.session, handover_id, body.text, user_id=user_of(call), now=call.now, version=body.version
            )
            return call.answer(HandoverView.of(call.session, done))

    @resolver.post(
        f"{ONE}/return", tags=["hand-overs"], responses=changes(HandoverNotFound, HandoverClosed, HandoverOutdated)
    )
    def return_to_bot(handover_id: UUID, body: Annotated[VersionBody, Body()]) -> HandoverView:
        with api.write(Permission.HANDOVERS_WRITE) as call:
            closed = people.return_to_bot(
                call.session, handover_id, user_id=user_of(call), now=call.now, version=body.version
            )
            return call.answer(HandoverView.of(call.session, closed))
