"""Every query of conversations and what was said in them, as the salon reads it."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_

from salon.messaging import repository as messaging
from salon.messaging.domain import OutboundKind, Purpose
from salon.messaging.models import ConversationRow, MessageRow
from salon.messaging.people.domain import LoggedMessage
from salon.messaging.people.errors import ConversationNotFound
from salon.messaging.repository import Conversation
from salon.platform import keys
from salon.platform.db import ReadSession, WriteSession

SAID = frozenset({OutboundKind.MESSAGE.value, OutboundKind.EDIT.value})
"""Kinds of our messages that say something; the rest are calls to a provider."""


def get_conversation(session: ReadSession, conversation_id: UUID) -> Conversation:
    """A conversation.

    Raises:
        ConversationNotFound: there is none.
    """
    if session.get(ConversationRow, conversation_id) is None:
        raise ConversationNotFound(conversation_id)
    return messaging.get_conversation(session, conversation_id)


def lock_conversation(session: WriteSession, conversation_id: UUID) -> Conversation:
    """A conversation, locked until the end of the transaction.

    Raises:
        ConversationNotFound: there is none.
    """
    query = select(ConversationRow).where(ConversationRow.id == conversation_id)
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    if session.scalars(query).one_or_none() is None:
        raise ConversationNotFound(conversation_id)
    return messaging.get_conversation(session, conversation_id)


def list_said(
    session: ReadSession, conversation_id: UUID, *, before: tuple[datetime, UUID] | None = None, limit: int
) -> list[LoggedMessage]:
    """What was said in a conversation, opened, the latest first; what was about an erased client says nothing.

    Notices to the salon's people about other clients are left out.
    """
    query = select(MessageRow).join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
    query = query.where(
        MessageRow.conversation_id == conversation_id,
        (MessageRow.direction == "in") | MessageRow.kind.in_(sorted(SAID)),
        (MessageRow.purpose != Purpose.NOTICE) | (MessageRow.client_id == ConversationRow.client_id),
    )
    if before is not None:
        query = query.where(tuple_(MessageRow.created_at, MessageRow.id) < before)
    query = query.order_by(MessageRow.created_at.desc(), MessageRow.id.desc()).limit(limit)
    return [_said(session, row) for row in session.scalars(query)]


def find_writer(session: ReadSession, message_id: UUID) -> UUID | None:
    """The human of the salon who wrote a message."""
    return session.scalar(select(MessageRow.user_id).where(MessageRow.id == message_id))


def _said(session: ReadSession, row: MessageRow) -> LoggedMessage:
    try:
        body = json.loads(keys.open_for_client(session, row.client_id, row.body)) if row.body else {}
    except keys.SubjectErased:
        body = {}
    return LoggedMessage(
        id=row.id,
        direction=row.direction,
        kind=row.kind,
        status=row.status,
        purpose=row.purpose,
        user_id=row.user_id,
        text=str(body.get("text") or ""),
        has_media=row.media_key is not None or bool(body.get("file")),
        at=row.created_at,
    )
