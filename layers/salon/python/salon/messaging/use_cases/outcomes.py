"""What becomes of a message that does not simply go out; told by a call's answer, or later by the provider."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from salon.clients import use_cases as clients
from salon.identity.domain import system
from salon.messaging import repository
from salon.messaging.domain import OutboundKind, Purpose, TemplateUse
from salon.messaging.domain.limits import LIMITS
from salon.messaging.errors import RecipientGone, WindowClosed
from salon.messaging.events import LoggedStatus, MessageLogged, MessageUndeliverable, UndeliverableReason
from salon.messaging.repository import LoggedMessage, QueuedMessage
from salon.messaging.templates.domain import TemplateStatus
from salon.messaging.templates.repository import find_template
from salon.platform import outbox_turns
from salon.platform.db import ReadSession, WriteSession
from salon.platform.logs import logger
from salon.platform.outbox import OutboxQueue, emit, enqueue

log = logger(__name__)
ACTOR = system("queue_outbound")
EXPIRE_KIND = "message.expire"
"""The kind of an outbox row that ends a wait."""

WAITS_FOR = timedelta(days=7)
"""How long a message waits for its person to write; then it says nothing worth saying any more."""

WORTH_WAITING = frozenset({Purpose.REPLY, Purpose.NOTICE, Purpose.HUMAN})
WINDOW_MARGIN = timedelta(minutes=1)
"""What a provider would refuse a moment later is treated as refused already."""


def is_window_open(queued: QueuedMessage, now: datetime) -> bool:
    """Whether its provider lets this message be said freely."""
    limits = LIMITS[queued.channel]
    window = limits.human_window if queued.message.is_by_human and limits.human_window else limits.window
    if window is None:
        return True
    last = queued.last_inbound_at
    return last is not None and now < last + window - WINDOW_MARGIN


def find_approved(session: ReadSession, queued: QueuedMessage) -> TemplateUse | None:
    """What may be said instead when the window is closed: the template as the provider knows it."""
    wanted = queued.message.template
    if wanted is None or not LIMITS[queued.channel].has_templates:
        return None
    language = clients.get_client(session, queued.client_id).language
    found = find_template(session, account_id=queued.account_id, purpose=wanted.purpose, language=language)
    if found is None or found.status is not TemplateStatus.APPROVED:
        return None
    return TemplateUse(wanted.purpose, wanted.values, wanted.payloads, found.name, found.provider_language)


def close_window(session: WriteSession, outbox_id: UUID, message: LoggedMessage, now: datetime) -> bool:
    """It may not be said now: it waits until its person writes, or is dropped where it would be stale by then.

    Returns:
        Whether it waits.
    """
    reason, last_moment = WindowClosed.code, message.created_at + WAITS_FOR
    log.info("message.window_closed", message_id=str(message.id), purpose=message.purpose)
    note_undeliverable(session, message, reason, now)
    if message.purpose not in WORTH_WAITING or now >= last_moment:
        outbox_turns.cancel(session, outbox_id, now=now, reason=reason)
        _mark(session, message.id, "cancelled", now, reason)
        return False
    outbox_turns.hold_back(session, outbox_id, reason=reason)
    _mark(session, message.id, "queued", now, reason)
    enqueue(
        session,
        queue=OutboxQueue.TX,
        kind=EXPIRE_KIND,
        payload={"message_id": str(message.id), "outbox_id": str(outbox_id)},
        now=now,
        not_before=last_moment,
        dedupe_key=f"expire:{outbox_id}",
    )
    return True


def expire(session: WriteSession, outbox_id: UUID, message_id: UUID, now: datetime) -> None:
    """The person has not written for as long as a message waits: it is dropped, if it still waits."""
    if outbox_turns.cancel(session, outbox_id, now=now, reason=WindowClosed.code, only_waiting=True):
        _mark(session, message_id, "cancelled", now, WindowClosed.code)


def drop(session: WriteSession, outbox_id: UUID, message_id: UUID, reason: str, now: datetime) -> None:
    """It must not be said any more."""
    outbox_turns.cancel(session, outbox_id, now=now, reason=reason)
    _mark(session, message_id, "cancelled", now, reason)


def recipient_gone(session: WriteSession, message: LoggedMessage, now: datetime) -> None:
    """Mark the person, and drop what waits for them: it would be stale when they come back."""
    _mark(session, message.id, "failed", now, RecipientGone.code)
    outbox_turns.cancel_conversation(session, message.conversation_id, now=now, reason=RecipientGone.code)
    repository.cancel_queued(session, message.conversation_id)
    for contact in clients.list_contacts(session, message.client_id):
        if contact.account_id == message.account_id and contact.chat_id == message.chat_id:
            clients.mark_blocked(session, contact.id, actor=ACTOR, now=now)
    note_undeliverable(session, message, RecipientGone.code, now)


def give_up(session: WriteSession, message_id: UUID, reason: str, now: datetime) -> None:
    """Nobody will try again of themselves."""
    message = repository.find_logged(session, message_id)
    if message is None:
        return
    _mark(session, message_id, "failed", now, reason)
    note_undeliverable(session, message, reason, now)


def note_undeliverable(session: WriteSession, message: LoggedMessage, reason: str, now: datetime) -> None:
    """Tell the salon, once for each message; a notice that does not arrive must not bring about another."""
    if message.purpose is Purpose.NOTICE or message.kind is not OutboundKind.MESSAGE:
        return
    fact = MessageUndeliverable(
        occurred_at=now,
        message_id=message.id,
        conversation_id=message.conversation_id,
        client_id=message.client_id,
        channel=message.channel,
        purpose=message.purpose,
        reason=UndeliverableReason(reason),
    )
    emit(session, fact, dedupe_key=f"undeliverable:{message.id}")


def note_logged(session: WriteSession, message: LoggedMessage, status: str, now: datetime) -> None:
    """Tell the others that a message went out, once for each."""
    if message.kind is not OutboundKind.MESSAGE:
        return
    fact = MessageLogged(
        occurred_at=now,
        message_id=message.id,
        conversation_id=message.conversation_id,
        client_id=message.client_id,
        channel=message.channel,
        direction="out",
        purpose=message.purpose,
        status=LoggedStatus(status),
    )
    emit(session, fact, dedupe_key=f"logged:{message.id}")


def _mark(session: WriteSession, message_id: UUID, status: str, now: datetime, error: str) -> None:
    repository.mark_message(session, message_id, status=status, now=now, provider_id=None, error=error)
