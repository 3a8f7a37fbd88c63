"""Putting a message on its way: a row of the log and a row of the outbox, in the transaction that decided it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from salon.messaging import repository
from salon.messaging.domain import Button, OutboundKind, OutboundMessage
from salon.messaging.repository import Conversation
from salon.platform.db import WriteSession
from salon.platform.outbox import OutboxQueue, enqueue

SEND_KIND = "message.send"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the assistant says: text, and buttons in rows, or the messenger's own one that shares one's number."""

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    ask_phone: bool = False


def say(
    session: WriteSession,
    conversation: Conversation,
    reply: Reply,
    now: datetime,
    *,
    queue: OutboxQueue = OutboxQueue.TX,
) -> None:
    """Send a message to the conversation, after this transaction's commit."""
    message = OutboundMessage(
        OutboundKind.MESSAGE, conversation.chat_id, reply.text, reply.buttons, ask_phone=reply.ask_phone
    )
    _send(session, conversation, message, now, queue)


def answer_tap(session: WriteSession, conversation: Conversation, callback_id: str, now: datetime) -> None:
    """Stop the spinner on a tapped button."""
    message = OutboundMessage(OutboundKind.ANSWER_CALLBACK, conversation.chat_id, callback_id=callback_id)
    _send(session, conversation, message, now, OutboxQueue.TX)


def retire_buttons(
    session: WriteSession, conversation: Conversation, message_id: str, text: str, now: datetime
) -> None:
    """Replace a message whose button was tapped by what was chosen, so that it cannot be tapped again."""
    message = OutboundMessage(OutboundKind.EDIT, conversation.chat_id, text, message_id=message_id)
    _send(session, conversation, message, now, OutboxQueue.TX)


def _send(
    session: WriteSession, conversation: Conversation, message: OutboundMessage, now: datetime, queue: OutboxQueue
) -> None:
    message_id = repository.log_outbound(session, conversation, message, now)
    enqueue(
        session,
        queue=queue,
        kind=SEND_KIND,
        payload={"message_id": str(message_id)},
        now=now,
        conversation_id=conversation.id,
        dedupe_key=f"message:{message_id}",
    )
