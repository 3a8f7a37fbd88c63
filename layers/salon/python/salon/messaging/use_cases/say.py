"""Putting a message on its way: rows of the log and of the outbox, in the transaction that decided it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from salon.clients import use_cases as clients
from salon.messaging import repository
from salon.messaging.domain import Button, OutboundFile, OutboundKind, OutboundMessage, Purpose, TemplateUse
from salon.messaging.domain.fitting import fit
from salon.messaging.domain.limits import LIMITS
from salon.messaging.repository import Conversation
from salon.messaging.use_cases.words import texts_for
from salon.platform.db import WriteSession
from salon.platform.logs import logger
from salon.platform.outbox import OutboxQueue, enqueue

log = logger(__name__)
SEND_KIND = "message.send"
BEGIN_KIND = "message.begin"
"""The kind of an outbox row that puts a message into its conversation's order once it may go out."""


def send_key(message_id: UUID) -> str:
    """The `dedupe_key` of the outbox row that sends a message."""
    return f"message:{message_id}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the assistant says.

    Attributes:
        text: the words.
        buttons: in rows.
        ask_phone: with the messenger's own button that shares one's number.
        phone_label: what that button says.
        file: a picture or a file that goes with it.
        is_listed: the buttons are a choice to be shown as a list rather than as keys, where a messenger knows lists.
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    ask_phone: bool = False
    phone_label: str = ""
    file: OutboundFile | None = None
    is_listed: bool = False


def say(
    session: WriteSession,
    conversation: Conversation,
    reply: Reply,
    now: datetime,
    *,
    queue: OutboxQueue = OutboxQueue.TX,
    purpose: Purpose = Purpose.REPLY,
    template: TemplateUse | None = None,
    file: OutboundFile | None = None,
    user_id: UUID | None = None,
    sealed_for: UUID | None = None,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    visits: Mapping[str, str] | None = None,
) -> UUID:
    """Send a message to the conversation, after this transaction's commit, in as many pieces as its messenger wants.

    Args:
        session: the transaction that decided it.
        conversation: where it goes.
        reply: what it says.
        now: the current instant.
        queue: marketing and reminders have queues of their own.
        purpose: why; says what becomes of the message when it cannot go now.
        template: what to say instead, when the provider's window is closed by then.
        file: the same as `reply.file`, for callers that have a reply already.
        user_id: the human of the salon who wrote it.
        sealed_for: the client whom it is about, where that is not the client whom it goes to.
        not_before: when it may go out at the earliest; until then it has no place in the conversation's order, so that
            nothing that is said meanwhile waits for it.
        not_after: from when on it says nothing worth saying; it is called off then, however long a provider was down.
        visits: which it speaks of (`timeliness.visits_said`); once none stands as it says it is not sent any more.

    Returns:
        The id of the last piece in the message log.
    """
    message = OutboundMessage(
        OutboundKind.MESSAGE,
        conversation.chat_id,
        reply.text,
        reply.buttons,
        ask_phone=reply.ask_phone,
        phone_label=reply.phone_label,
        user_id=conversation.external_user_id,
        file=file or reply.file,
        is_by_human=purpose is Purpose.HUMAN or user_id is not None,
        is_listed=reply.is_listed,
        uses_text_keys=conversation.uses_text_keys,
    )
    fitted = fit(message, LIMITS[conversation.channel], ask_number=lambda: _ask_number(session, conversation))
    if fitted.lost_file:
        log.warning("message.file_left_out", channel=conversation.channel, conversation_id=str(conversation.id))
    forgets = purpose is Purpose.REPLY
    repository.note_numbered(session, conversation, fitted.numbered, now, forgets=forgets)
    pieces = [
        repository.log_outbound(
            session,
            conversation,
            piece if position else replace(piece, template=template),  # it stands for the whole message
            now,
            purpose=purpose,
            user_id=user_id,
            sealed_for=sealed_for,
        )
        for position, piece in enumerate(fitted.pieces)
    ]
    if not pieces:
        raise ValueError("A message has at least one piece.")
    if not_before is None or not_before <= now:
        _enqueue(session, conversation.id, pieces, now, queue=queue, not_after=not_after, visits=visits)
    else:
        _begin_later(session, pieces, now, queue=queue, not_before=not_before, not_after=not_after)
    return pieces[-1]


def begin(session: WriteSession, payload: Mapping[str, Any], now: datetime, *, not_after: datetime | None) -> int:
    """Put a message that has waited for its time into its conversation's order; how many pieces of it go out.

    Args:
        session: the transaction.
        payload: of the row of `BEGIN_KIND`.
        now: the current instant.
        not_after: of that row.
    """
    pieces = [UUID(one) for one in payload["message_ids"]]
    conversation_id = repository.find_waiting(session, pieces[0])
    if conversation_id is None:
        return 0  # called off meanwhile: the person has left, or was erased
    _enqueue(session, conversation_id, pieces, now, queue=OutboxQueue(payload["queue"]), not_after=not_after)
    return len(pieces)


def answer_tap(
    session: WriteSession, conversation: Conversation, callback_id: str, now: datetime, *, user_id: str = ""
) -> None:
    """Stop the spinner on a tapped button, where a messenger shows one; `user_id` tapped it."""
    if not LIMITS[conversation.channel].can_edit:
        return
    message = OutboundMessage(
        OutboundKind.ANSWER_CALLBACK,
        conversation.chat_id,
        callback_id=callback_id,
        user_id=user_id or conversation.external_user_id,
    )
    _send(session, conversation, message, now)


def retire_buttons(
    session: WriteSession, conversation: Conversation, message_id: str, text: str, now: datetime
) -> None:
    """Replace a message whose button was tapped by what was chosen, so that it cannot be tapped again.

    Nothing happens where a message that was sent cannot be changed.
    """
    limits = LIMITS[conversation.channel]
    if not limits.can_edit:
        return
    message = OutboundMessage(OutboundKind.EDIT, conversation.chat_id, text, message_id=message_id)
    [piece] = fit(message, limits).pieces
    _send(session, conversation, piece, now)


def _send(session: WriteSession, conversation: Conversation, message: OutboundMessage, now: datetime) -> None:
    message_id = repository.log_outbound(session, conversation, message, now)
    _enqueue(session, conversation.id, [message_id], now, queue=OutboxQueue.TX)


def _enqueue(
    session: WriteSession,
    conversation_id: UUID,
    pieces: Sequence[UUID],
    now: datetime,
    *,
    queue: OutboxQueue,
    not_after: datetime | None = None,
    visits: Mapping[str, str] | None = None,
) -> None:
    about = {"visits": dict(visits)} if visits else {}
    for piece in pieces:
        part_of = {} if piece == pieces[0] else {"part_of": str(pieces[0])}
        enqueue(
            session,
            queue=queue,
            kind=SEND_KIND,
            payload={"message_id": str(piece), **part_of, **about},
            now=now,
            conversation_id=conversation_id,
            dedupe_key=send_key(piece),
            not_after=not_after,
        )


def _begin_later(
    session: WriteSession,
    pieces: Sequence[UUID],
    now: datetime,
    *,
    queue: OutboxQueue,
    not_before: datetime,
    not_after: datetime | None,
) -> None:
    enqueue(
        session,
        queue=queue,
        kind=BEGIN_KIND,
        payload={"message_ids": [str(piece) for piece in pieces], "queue": queue.value},
        now=now,
        dedupe_key=f"begin:{pieces[0]}",
        not_before=not_before,
        not_after=not_after,
    )


def _ask_number(session: WriteSession, conversation: Conversation) -> str:
    language = clients.get_client(session, conversation.client_id).language
    return texts_for(session, language).say("sending-type-number")
