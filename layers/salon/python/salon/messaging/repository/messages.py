"""Every query of the message log."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from salon.messaging.domain import Channel, OutboundKind, OutboundMessage, Purpose
from salon.messaging.events import LoggedStatus, MessageLogged
from salon.messaging.models import ConversationRow, MessageRow
from salon.messaging.repository.conversations import Conversation
from salon.platform import correlation, keys
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.errors import NotFound
from salon.platform.ids import new_id
from salon.platform.outbox import emit

RANKS = {"queued": 0, "unconfirmed": 0, "sent": 1, "delivered": 2, "read": 3}
"""How far a message has come; what is said of an earlier step changes nothing."""


@lru_cache(maxsize=1)
def _message_adapter() -> TypeAdapter[OutboundMessage]:
    return TypeAdapter(OutboundMessage)


def log_inbound(
    session: WriteSession,
    conversation: Conversation,
    *,
    kind: str,
    text_body: str,
    inbox_id: UUID,
    provider_message_id: str | None,
    media_key: str | None,
    now: datetime,
) -> None:
    """Log a message that came in, once per inbox row, and tell the others."""
    row_id = new_id()
    statement = (
        pg_insert(MessageRow)
        .values(
            id=row_id,
            tenant_id=tenant_of(session),
            conversation_id=conversation.id,
            client_id=conversation.client_id,
            account_id=conversation.account_id,
            direction="in",
            kind=kind,
            status="received",
            body=keys.seal_for_client(session, conversation.client_id, json.dumps({"text": text_body})),
            inbox_id=inbox_id,
            media_key=media_key,
            provider_message_id=provider_message_id,
            correlation_id=correlation.current_id(),
            created_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_message_log_inbox")
        .returning(MessageRow.id)
    )
    if session.execute(statement).scalar_one_or_none() is None:
        return
    fact = MessageLogged(
        occurred_at=now,
        message_id=row_id,
        conversation_id=conversation.id,
        client_id=conversation.client_id,
        channel=conversation.channel,
        direction="in",
        status=LoggedStatus.RECEIVED,
    )
    emit(session, fact, dedupe_key=f"logged:{row_id}")


def log_outbound(
    session: WriteSession,
    conversation: Conversation,
    message: OutboundMessage,
    now: datetime,
    *,
    purpose: Purpose = Purpose.REPLY,
    user_id: UUID | None = None,
    sealed_for: UUID | None = None,
) -> UUID:
    """Log a message that is to go out; the sender reads it from here.

    Args:
        session: the transaction.
        conversation: where it goes.
        message: what it says.
        now: the current instant.
        purpose: why.
        user_id: the human of the salon who wrote it.
        sealed_for: the client whom it is about, where that is not the client whom it goes to: their erasure erases it.
    """
    row_id, subject = new_id(), sealed_for or conversation.client_id
    session.add(
        MessageRow(
            id=row_id,
            tenant_id=tenant_of(session),
            conversation_id=conversation.id,
            client_id=subject,
            account_id=conversation.account_id,
            direction="out",
            kind=message.kind,
            status="queued",
            body=keys.seal_for_client(session, subject, json.dumps(asdict(message))),
            correlation_id=correlation.current_id(),
            created_at=now,
            purpose=purpose,
            user_id=user_id,
        )
    )
    session.flush()
    return row_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedMessage:
    """A message of ours, and where it goes, without what it says.

    Attributes:
        client_id: whom the chat is with.
        chat_id: where the chat is now.
        created_at: when the message was written.
    """

    id: UUID
    kind: OutboundKind
    purpose: Purpose
    conversation_id: UUID
    account_id: UUID
    channel: Channel
    client_id: UUID
    chat_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMessage(LoggedMessage):
    """A message to be sent.

    Attributes:
        last_inbound_at: when its person last wrote.
    """

    message: OutboundMessage
    last_inbound_at: datetime | None


def get_queued(session: ReadSession, message_id: UUID) -> QueuedMessage:
    """A message of the log, opened for sending to where its chat is now.

    Raises:
        NotFound: there is none.
        SubjectErased: its client was erased; it must not be sent any more.
    """
    row = session.get(MessageRow, message_id)
    if row is None:
        raise NotFound("message", message_id)
    conversation = session.get_one(ConversationRow, row.conversation_id)
    message = _message_adapter().validate_json(keys.open_for_client(session, row.client_id, row.body))
    return QueuedMessage(
        **_head(row, conversation),
        message=replace(message, chat_id=conversation.chat_id),
        last_inbound_at=conversation.last_inbound_at,
    )


def logged_message(session: ReadSession, row: MessageRow) -> LoggedMessage:
    """A row of the log with where it goes."""
    return LoggedMessage(**_head(row, session.get_one(ConversationRow, row.conversation_id)))


def find_logged(session: ReadSession, message_id: UUID) -> LoggedMessage | None:
    """A message of the log with where it goes."""
    row = session.get(MessageRow, message_id)
    return logged_message(session, row) if row else None


def find_waiting(session: ReadSession, message_id: UUID) -> UUID | None:
    """The conversation of a message that is still to go out; None once it has, or was called off."""
    query = select(MessageRow.conversation_id).where(MessageRow.id == message_id, MessageRow.status == "queued")
    return session.scalar(query)


def _head(row: MessageRow, conversation: ConversationRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": OutboundKind(row.kind),
        "purpose": Purpose(row.purpose),
        "conversation_id": conversation.id,
        "account_id": conversation.account_id,
        "channel": Channel(conversation.channel),
        "client_id": conversation.client_id,
        "chat_id": conversation.chat_id,
        "created_at": row.created_at,
    }


def mark_message(
    session: WriteSession, message_id: UUID, *, status: str, now: datetime, provider_id: str | None, error: str | None
) -> datetime:
    """Note what became of a message; returns when it was written, for the latency metric.

    That it was sent changes nothing about a message of which the provider has already said more.
    """
    row = session.get_one(MessageRow, message_id, with_for_update=True, populate_existing=True)
    if status == "sent":
        row.sent_at = row.sent_at or now
        row.provider_message_id = provider_id or row.provider_message_id
        if RANKS.get(row.status, 0) >= RANKS["sent"]:
            return row.created_at
    row.status, row.error = status, error
    return row.created_at


def note_template(session: WriteSession, message_id: UUID, name: str) -> None:
    """Which of the provider's approved texts a message goes out as."""
    session.get_one(MessageRow, message_id).template_name = name


def lock_sent(
    session: WriteSession, account_id: UUID, *, message_id: UUID | None, provider_id: str
) -> MessageRow | None:
    """A message of ours by our own id, or by the provider's within the account, locked."""
    query = select(MessageRow).where(MessageRow.account_id == account_id, MessageRow.direction == "out")
    if message_id is not None:
        found = session.scalars(query.where(MessageRow.id == message_id).with_for_update()).one_or_none()
        if found is not None:
            return found
    if not provider_id:
        return None
    query = query.where(MessageRow.provider_message_id == provider_id).order_by(MessageRow.id.desc()).limit(1)
    return session.scalars(query.with_for_update()).one_or_none()


def lock_sent_until(session: WriteSession, conversation_id: UUID, until: datetime) -> list[MessageRow]:
    """Messages of ours that went out until an instant and are not known to have been read, locked."""
    return list(
        session.scalars(
            select(MessageRow)
            .where(
                MessageRow.conversation_id == conversation_id,
                MessageRow.direction == "out",
                MessageRow.kind == OutboundKind.MESSAGE,
                MessageRow.status.in_(("sent", "delivered")),
                MessageRow.sent_at <= until,
            )
            .order_by(MessageRow.id)
            .with_for_update()
        )
    )


def was_sent_as_template(session: ReadSession, message_id: UUID) -> bool:
    """Whether a message went out, or goes out, as one of the provider's approved texts."""
    return session.scalar(select(MessageRow.template_name).where(MessageRow.id == message_id)) is not None


def requeue_message(session: WriteSession, message_id: UUID) -> None:
    """A message that was given up on is to be sent after all."""
    row = session.get(MessageRow, message_id)
    if row is not None:
        row.status, row.error, row.provider_message_id, row.sent_at = "queued", None, None, None


def cancel_queued(session: WriteSession, conversation_id: UUID) -> None:
    """Nothing that waits for this conversation will be sent."""
    rows = session.scalars(
        select(MessageRow).where(MessageRow.conversation_id == conversation_id, MessageRow.status == "queued")
    )
    for row in rows:
        row.status = "cancelled"


def list_messages(session: ReadSession, conversation_id: UUID) -> list[tuple[str, str, dict[str, Any]]]:
    """(direction, status, body) of a conversation, oldest first; what was about an erased client says nothing."""
    rows = session.scalars(
        select(MessageRow).where(MessageRow.conversation_id == conversation_id).order_by(MessageRow.id)
    )
    return [(row.direction, row.status, _body(session, row)) for row in rows]


def _body(session: ReadSession, row: MessageRow) -> dict[str, Any]:
    if not row.body:  # it was said by voice, and has had its time
        return {"kind": row.kind, "text": "", "buttons": []}
    try:
        body: dict[str, Any] = json.loads(keys.open_for_client(session, row.client_id, row.body))
    except keys.SubjectErased:
        return {"kind": row.kind, "text": "", "buttons": []}
    return body
