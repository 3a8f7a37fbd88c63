"""Every query of what providers tell us: who writes, and which logged message an event is about."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert

from salon.booking.models import BookingHistoryRow, BookingRow
from salon.messaging.domain import OutboundKind, OutboundMessage, Purpose
from salon.messaging.events import LoggedStatus, MessageLogged
from salon.messaging.models import ConversationRow, MessageRow
from salon.messaging.repository.conversations import Conversation
from salon.platform import correlation, keys
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id
from salon.platform.outbox import emit

COMMENTS = ("edit", "reaction")
"""Kinds of inbound rows that are about another message."""


@dataclass(frozen=True, slots=True)
class LoggedInbound:
    """A message that came in.

    Attributes:
        text: what it said, "" when it was taken back or its sender was erased.
    """

    id: UUID
    conversation_id: UUID
    kind: str
    text: str
    media_key: str | None
    created_at: datetime


def note_inbound(
    session: WriteSession,
    conversation_id: UUID,
    *,
    at: datetime,
    external_user_id: str,
    is_group: bool,
    uses_text_keys: bool | None,
) -> None:
    """Note that the person has written: the provider's window opens anew. An event that comes late closes nothing.

    Args:
        session: the transaction.
        conversation_id: where.
        at: when, by the provider's clock.
        external_user_id: who, in the provider's words.
        is_group: more people than one read the chat.
        uses_text_keys: the person's app shows no keys under messages; None says nothing new.
    """
    row = session.get_one(ConversationRow, conversation_id)
    row.last_inbound_at = max(at, row.last_inbound_at or at)
    row.is_group = is_group
    if external_user_id:
        row.external_user_id = external_user_id
    if uses_text_keys is not None:
        row.uses_text_keys = uses_text_keys
    session.flush()


def move_conversation(session: WriteSession, conversation_id: UUID, *, chat_id: str, external_user_id: str) -> bool:
    """The chat has another id from now on; False when there is a conversation of that id already."""
    row = session.get_one(ConversationRow, conversation_id)
    taken = select(ConversationRow.id).where(
        ConversationRow.account_id == row.account_id,
        ConversationRow.chat_id == chat_id,
        ConversationRow.id != conversation_id,
    )
    if session.scalar(taken) is not None:
        return False
    row.chat_id, row.external_user_id = chat_id, external_user_id
    session.flush()
    return True


def find_inbound(session: ReadSession, account_id: UUID, provider_message_id: str) -> LoggedInbound | None:
    """What a person wrote, by the provider's id of it."""
    row = session.scalars(
        select(MessageRow)
        .where(
            MessageRow.account_id == account_id,
            MessageRow.provider_message_id == provider_message_id,
            MessageRow.direction == "in",
            MessageRow.kind.not_in(COMMENTS),
        )
        .order_by(MessageRow.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else _inbound(session, row)


def find_latest_inbound(session: ReadSession, conversation_id: UUID) -> LoggedInbound | None:
    """What the person wrote, sent or tapped last."""
    row = session.scalars(
        select(MessageRow)
        .where(
            MessageRow.conversation_id == conversation_id,
            MessageRow.direction == "in",
            MessageRow.kind.not_in(COMMENTS),
        )
        .order_by(MessageRow.created_at.desc(), MessageRow.id.desc())  # as the index has them
        .limit(1)
    ).one_or_none()
    return None if row is None else _inbound(session, row)


def blank_inbound(session: WriteSession, account_id: UUID, provider_message_id: str) -> int:
    """Forget what a message said, and every edit of it; how many rows said something."""
    rows = session.scalars(
        select(MessageRow).where(
            MessageRow.account_id == account_id,
            MessageRow.provider_message_id == provider_message_id,
            MessageRow.direction == "in",
        )
    ).all()
    for row in rows:
        row.body, row.media_key = keys.seal_for_client(session, row.client_id, json.dumps({"text": ""})), None
    return len(rows)


def is_of_ours(session: ReadSession, account_id: UUID, provider_message_id: str) -> bool:
    """Whether we know this message as one that we have sent."""
    query = select(MessageRow.id).where(
        MessageRow.account_id == account_id,
        MessageRow.provider_message_id == provider_message_id,
        MessageRow.direction == "out",
    )
    return session.scalar(query.limit(1)) is not None


def find_button(session: ReadSession, account_id: UUID, provider_message_id: str, payload: str) -> str | None:
    """What a button of ours says, by the message that it stands under and what it carries."""
    query = select(MessageRow).where(
        MessageRow.account_id == account_id,
        MessageRow.provider_message_id == provider_message_id,
        MessageRow.direction == "out",
    )
    for row in session.scalars(query.order_by(MessageRow.id.desc()).limit(1)):
        body = _body(session, row)
        buttons = [button for line in body.get("buttons") or [] for button in line]
        return next((str(button["text"]) for button in buttons if button.get("payload") == payload), None)
    return None


def list_said_since(session: ReadSession, conversation_id: UUID, since: datetime) -> list[tuple[str, str, bool]]:
    """(status, text, has a file) of the messages that we have written to a chat since an instant."""
    rows = session.scalars(
        select(MessageRow).where(
            MessageRow.conversation_id == conversation_id,
            MessageRow.direction == "out",
            MessageRow.kind == OutboundKind.MESSAGE,
            MessageRow.created_at >= since,
        )
    )
    bodies = [(row.status, _body(session, row)) for row in rows]
    return [(status, str(body.get("text") or ""), body.get("file") is not None) for status, body in bodies]


def has_unsent(session: ReadSession, conversation_id: UUID, since: datetime) -> bool:
    """Whether a message of ours to a chat is on its way: the provider may have it before we know how it calls it."""
    query = select(MessageRow.id).where(
        MessageRow.conversation_id == conversation_id,
        MessageRow.direction == "out",
        MessageRow.status.in_(("queued", "unconfirmed")),
        MessageRow.created_at >= since,
    )
    return session.scalar(query.limit(1)) is not None


def log_outside_answer(
    session: WriteSession,
    conversation: Conversation,
    *,
    text: str,
    inbox_id: UUID,
    provider_message_id: str | None,
    now: datetime,
) -> None:
    """Log what a human of the salon wrote in the provider's own app, once per inbox row."""
    row_id, status = new_id(), "sent"
    message = OutboundMessage(OutboundKind.MESSAGE, conversation.chat_id, text, is_by_human=True)
    statement = (
        pg_insert(MessageRow)
        .values(
            id=row_id,
            tenant_id=tenant_of(session),
            conversation_id=conversation.id,
            client_id=conversation.client_id,
            account_id=conversation.account_id,
            direction="out",
            kind=OutboundKind.MESSAGE,
            status=status,
            body=keys.seal_for_client(session, conversation.client_id, json.dumps(asdict(message))),
            inbox_id=inbox_id,
            provider_message_id=provider_message_id,
            correlation_id=correlation.current_id(),
            created_at=now,
            sent_at=now,
            purpose=Purpose.HUMAN,
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
        direction="out",
        purpose=Purpose.HUMAN,
        status=LoggedStatus(status),
    )
    emit(session, fact, dedupe_key=f"logged:{row_id}")


def has_changed_bookings(session: ReadSession, client_id: UUID, since: datetime) -> bool:
    """Whether anything has happened to a client's bookings since an instant."""
    query = (
        select(BookingHistoryRow.id)
        .join(BookingRow, BookingRow.id == BookingHistoryRow.booking_id)
        .where(BookingRow.client_id == client_id, BookingHistoryRow.at >= since)
    )
    return session.scalar(query.limit(1)) is not None


def _inbound(session: ReadSession, row: MessageRow) -> LoggedInbound:
    text = str(_body(session, row).get("text") or "")
    return LoggedInbound(row.id, row.conversation_id, row.kind, text, row.media_key, row.created_at)


def _body(session: ReadSession, row: MessageRow) -> dict[str, Any]:
    if not row.body:  # it was said by voice, and has had its time
        return {}
    try:
        body: dict[str, Any] = json.loads(keys.open_for_client(session, row.client_id, row.body))
    except keys.SubjectErased:
        return {}
    return body
