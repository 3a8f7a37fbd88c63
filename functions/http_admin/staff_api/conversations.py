"""What was said in a conversation, for whoever needs to know; that it was read, and what for, is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, ConfigDict

from salon.identity.access import Permission
from salon.identity.edge import Api, reads
from salon.messaging.people import use_cases as people
from salon.messaging.people.domain import ReadPurpose
from salon.messaging.people.errors import ConversationNotFound
from salon.platform.http import ApiResolver
from salon.platform.pagination import CursorInvalid, decode_cursor, encode_cursor
from staff_api.common import Page


class MessageView(BaseModel):
    """One message; `user_id` wrote it for the salon, null is the client (`in`) or the assistant (`out`)."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    direction: str
    kind: str
    status: str
    purpose: str
    user_id: UUID | None
    text: str
    has_media: bool
    at: datetime


def add_conversation_routes(resolver: ApiResolver, api: Api) -> None:
    """`/conversations/<conversation_id>/messages`."""

    @resolver.get(
        "/admin/v1/conversations/<conversation_id>/messages",
        tags=["hand-overs"],
        responses=reads(ConversationNotFound, CursorInvalid),
    )
    def read_messages(
        *,
        conversation_id: UUID,
        purpose: Annotated[ReadPurpose, Query(description="What it is read for; the audit log keeps it.")],
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[MessageView]:
        with api.touch(Permission.HANDOVERS_READ) as call:
            said = people.read_conversation(
                call.session,
                conversation_id,
                purpose=purpose,
                actor=call.actor,
                now=call.now,
                before=decode_cursor(cursor, datetime) if cursor is not None else None,
                limit=limit,
            )
            following = encode_cursor(said[-1].at, said[-1].id) if len(said) == limit else None
            return Page(items=[MessageView.model_validate(one) for one in said], next_cursor=following)
