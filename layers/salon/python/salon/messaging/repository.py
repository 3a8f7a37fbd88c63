"""Every query of messaging."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from salon.messaging.domain import Channel, OutboundMessage
from salon.messaging.domain.dialogue import DialogueState
from salon.messaging.domain.reminders import PlannedReminder, ReminderStatus
from salon.messaging.models import ConversationRow, MessageRow, ReminderRow
from salon.platform import correlation, keys
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.errors import NotFound
from salon.platform.ids import new_id
from salon.platform.logs import logger
from salon.platform.outbox import OutboxRow

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat and where its dialogue stands."""

    id: UUID
    channel: Channel
    account_id: UUID
    chat_id: str
    client_id: UUID
    state: DialogueState


@lru_cache(maxsize=1)
def _state_adapter() -> TypeAdapter[DialogueState]:
    return TypeAdapter(DialogueState)


@lru_cache(maxsize=1)
def _message_adapter() -> TypeAdapter[OutboundMessage]:
    return TypeAdapter(OutboundMessage)


def open_conversation(
    session: WriteSession, *, channel: Channel, account_id: UUID, chat_id: str, client_id: UUID, now: datetime
) -> Conversation:
    """The conversation of a chat, made if it is new, with its row locked until the end of the transaction."""
    tenant_id = tenant_of(session)
    session.execute(
        pg_insert(ConversationRow)
        .values(
            id=new_id(),
            tenant_id=tenant_id,
            channel=channel,
            account_id=account_id,
            chat_id=chat_id,
            client_id=client_id,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_conversations_chat")
    )
    row = session.scalars(
        select(ConversationRow)
        .where(ConversationRow.account_id == account_id, ConversationRow.chat_id == chat_id)
        .with_for_update()
    ).one()
    if row.client_id != client_id:  # the chat has a new person: an erased client who came back
        row.client_id, row.state = client_id, None
    return _conversation(session, row)


def find_conversation(session: ReadSession, *, account_id: UUID, chat_id: str) -> Conversation | None:
    """The conversation of a chat."""
    row = session.scalars(
        select(ConversationRow).where(ConversationRow.account_id == account_id, ConversationRow.chat_id == chat_id)
    ).one_or_none()
    return _conversation(session, row) if row else None


def get_conversation(session: ReadSession, conversation_id: UUID) -> Conversation:
    """A conversation.

    Raises:
        NotFound: there is none.
    """
    row = session.get(ConversationRow, conversation_id)
    if row is None:
        raise NotFound("conversation", conversation_id)
    return _conversation(session, row)


def lock_latest_conversation(session: WriteSession, client_id: UUID) -> Conversation | None:
    """Where the client wrote last, locked: what is said unasked may change what «да» means."""
    latest = find_latest_conversation(session, client_id)
    if latest is None:
        return None
    query = select(ConversationRow).where(ConversationRow.id == latest.id)
    row = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
    return _conversation(session, row)


def was_told(session: ReadSession, dedupe_key: str) -> bool:
    """Whether something was told, once, under this key."""
    return session.scalar(select(OutboxRow.id).where(OutboxRow.dedupe_key == dedupe_key)) is not None


def find_latest_conversation(session: ReadSession, client_id: UUID) -> Conversation | None:
    """Where the client wrote last."""
    row = session.scalars(
        select(ConversationRow)
        .where(ConversationRow.client_id == client_id)
        .order_by(ConversationRow.updated_at.desc())
        .limit(1)
    ).one_or_none()
    return _conversation(session, row) if row else None


def blank_conversations(session: WriteSession, client_id: UUID) -> list[UUID]:
    """Forget whose chats a client's conversations were; their ids."""
    rows = session.scalars(select(ConversationRow).where(ConversationRow.client_id == client_id)).all()
    for row in rows:
        row.chat_id, row.state = f"erased:{row.id}", None  # unique, and no longer anybody's
    return [row.id for row in rows]


def save_state(session: WriteSession, conversation: Conversation, state: DialogueState, now: datetime) -> None:
    """Remember where the dialogue stands."""
    row = session.get_one(ConversationRow, conversation.id)
    plain = _state_adapter().dump_json(state).decode()
    row.state = keys.seal_for_client(session, conversation.client_id, plain)
    row.updated_at = now


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
    """Log a message that came in, once per inbox row."""
    session.execute(
        pg_insert(MessageRow)
        .values(
            id=new_id(),
            tenant_id=tenant_of(session),
            conversation_id=conversation.id,
            client_id=conversation.client_id,
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
    )


def log_outbound(session: WriteSession, conversation: Conversation, message: OutboundMessage, now: datetime) -> UUID:
    """Log a message that is to go out; the sender reads it from here."""
    row_id = new_id()
    session.add(
        MessageRow(
            id=row_id,
            tenant_id=tenant_of(session),
            conversation_id=conversation.id,
            client_id=conversation.client_id,
            direction="out",
            kind=message.kind,
            status="queued",
            body=keys.seal_for_client(session, conversation.client_id, json.dumps(asdict(message))),
            correlation_id=correlation.current_id(),
            created_at=now,
        )
    )
    session.flush()
    return row_id


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message to be sent, with where it goes."""

    id: UUID
    conversation_id: UUID
    account_id: UUID
    channel: Channel
    client_id: UUID
    chat_id: str
    message: OutboundMessage


def get_queued(session: ReadSession, message_id: UUID) -> QueuedMessage:
    """A message of the log, opened for sending.

    Raises:
        NotFound: there is none.
        SubjectErased: its client was erased; it must not be sent any more.
    """
    row = session.get(MessageRow, message_id)
    if row is None:
        raise NotFound("message", message_id)
    conversation = session.get_one(ConversationRow, row.conversation_id)
    body = keys.open_for_client(session, row.client_id, row.body)
    return QueuedMessage(
        id=row.id,
        conversation_id=conversation.id,
        account_id=conversation.account_id,
        channel=Channel(conversation.channel),
        client_id=row.client_id,
        chat_id=conversation.chat_id,
        message=_message_adapter().validate_json(body),
    )


def mark_message(
    session: WriteSession, message_id: UUID, *, status: str, now: datetime, provider_id: str | None, error: str | None
) -> datetime:
    """Note what became of a message; returns when it was written, for the latency metric."""
    row = session.get_one(MessageRow, message_id)
    row.status, row.error = status, error
    if status == "sent":
        row.sent_at, row.provider_message_id = now, provider_id
    return row.created_at


def cancel_queued(session: WriteSession, conversation_id: UUID) -> None:
    """Nothing that waits for this conversation will be sent."""
    rows = session.scalars(
        select(MessageRow).where(MessageRow.conversation_id == conversation_id, MessageRow.status == "queued")
    )
    for row in rows:
        row.status = "cancelled"


def list_messages(session: ReadSession, conversation_id: UUID) -> list[tuple[str, str, dict[str, Any]]]:
    """(direction, status, body) of a conversation, oldest first."""
    rows = session.scalars(
        select(MessageRow).where(MessageRow.conversation_id == conversation_id).order_by(MessageRow.id)
    )
    return [
        (row.direction, row.status, json.loads(keys.open_for_client(session, row.client_id, row.body))) for row in rows
    ]


def add_reminders(
    session: WriteSession, booking_id: UUID, starts_at: datetime, planned: Iterable[PlannedReminder], now: datetime
) -> None:
    """Plan a booking's reminders; a repeat of the same plan changes nothing."""
    for reminder in planned:
        session.execute(
            pg_insert(ReminderRow)
            .values(
                id=new_id(),
                tenant_id=tenant_of(session),
                booking_id=booking_id,
                kind=reminder.kind,
                starts_at=starts_at,
                due_at=reminder.due_at,
                status=ReminderStatus.PLANNED,
                created_at=now,
            )
            .on_conflict_do_update(
                constraint="uq_reminders_once",
                set_={"status": ReminderStatus.PLANNED, "due_at": reminder.due_at, "done_at": None},
                where=ReminderRow.status == ReminderStatus.CANCELLED,
            )
        )


def cancel_reminders(session: WriteSession, booking_id: UUID, now: datetime) -> int:
    """Cancel what is still planned for a booking."""
    rows = session.scalars(
        select(ReminderRow).where(ReminderRow.booking_id == booking_id, ReminderRow.status == ReminderStatus.PLANNED)
    ).all()
    for row in rows:
        row.status, row.done_at = ReminderStatus.CANCELLED, now
    return len(rows)


def list_due_reminders(session: ReadSession, *, until: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant_id, id) of reminders of all tenants that are due."""
    rows = session.execute(
        text("SELECT tenant_id, id FROM due_reminders(:until, :limit)"), {"until": until, "limit": limit}
    )
    return [(row.tenant_id, row.id) for row in rows]


def delay_reminder(session: WriteSession, reminder_id: UUID, until: datetime) -> None:
    """Look at a reminder again later."""
    session.execute(
        update(ReminderRow)
        .where(ReminderRow.id == reminder_id, ReminderRow.status == ReminderStatus.PLANNED)
        .values(due_at=until)
    )


def lock_reminder(session: WriteSession, reminder_id: UUID) -> ReminderRow | None:
    """A reminder that is still planned, locked; None when another worker has it or it is done."""
    return session.scalars(
        select(ReminderRow)
        .where(ReminderRow.id == reminder_id, ReminderRow.status == ReminderStatus.PLANNED)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def _read_state(plain: str) -> DialogueState:
    """The dialogue's memory; a fresh one when another release wrote what this one cannot read."""
    try:
        return _state_adapter().validate_json(plain)
    except ValidationError as error:
        log.warning("dialogue.state_unreadable", error=error)
        return DialogueState()


def _conversation(session: ReadSession, row: ConversationRow) -> Conversation:
    state = DialogueState()
    if row.state is not None:
        state = _read_state(keys.open_for_client(session, row.client_id, row.state))
    return Conversation(
        id=row.id,
        channel=Channel(row.channel),
        account_id=row.account_id,
        chat_id=row.chat_id,
        client_id=row.client_id,
        state=state,
    )
