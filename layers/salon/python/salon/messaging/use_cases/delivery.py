"""What the providers tell later: how far a message of ours has come, and that a person has written again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from salon.identity.use_cases import pause_account
from salon.messaging import repository
from salon.messaging.domain import DeliveryStatus, FailureClass, StatusReport
from salon.messaging.errors import DeliveryUnsettled, RequestRejected, RetryLater, WindowClosed
from salon.messaging.models import MessageRow
from salon.messaging.repository import RANKS, Conversation
from salon.messaging.use_cases import outcomes
from salon.messaging.use_cases.say import send_key
from salon.platform import metrics as figures
from salon.platform import outbox, outbox_turns
from salon.platform.db import WriteSession
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.outbox import OutboxRow

log = logger(__name__)
MOST_ATTEMPTS = 3
"""Attempts at a message, all told, after which one that came back is not sent again."""

AGAIN_AFTER = timedelta(seconds=30)
RESTRICTED_FOR = timedelta(hours=1)
"""How long an account stands still that its provider has restricted after it had taken a message."""


def on_inbound(session: WriteSession, conversation: Conversation, now: datetime) -> int:
    """A person has written: what waited for that goes out, in its old order. Returns how many messages.

    So does what their messenger did not take when it was down: the answer to what they wrote would wait behind it.
    """
    outbox_turns.hasten(session, conversation.id, now, reason=RetryLater.code)
    return outbox_turns.release(session, conversation.id, now)


def note_status(
    session: WriteSession,
    account_id: UUID,
    report: StatusReport,
    chat_id: str,
    now: datetime,
    *,
    metrics: Metrics | None = None,
) -> None:
    """Note what became of a message of ours. Repeatable, in any order; what we do not know is passed over.

    Args:
        session: the transaction.
        account_id: whose message it was.
        report: the provider's words; found by our reference, by the provider's id, or by its watermark.
        chat_id: where it went, for a watermark.
        now: the current instant.
        metrics: counts what came back.

    Raises:
        DeliveryUnsettled: the report has overtaken the call's own answer; it can be noted in a moment.
    """
    row = repository.lock_sent(session, account_id, message_id=_own_id(report.reference), provider_id=report.message_id)
    if report.status is DeliveryStatus.FAILED:
        if row is None:
            log.info("status.unknown", account_id=str(account_id), status=report.status)
            return
        _came_back(session, row, report, now, metrics)
        return
    if row is not None:
        _raise_to(session, row, report, now)
    if report.status is not DeliveryStatus.READ:
        if row is None:
            log.info("status.unknown", account_id=str(account_id), status=report.status)
        return
    conversation_id = row.conversation_id if row else _conversation_id(session, account_id, chat_id)
    until = report.up_to or (row.sent_at if row else None)
    if conversation_id is None or until is None:
        log.info("status.unknown", account_id=str(account_id), status=report.status)
        return
    for earlier in repository.lock_sent_until(session, conversation_id, until):
        _raise_to(session, earlier, report, now)


def _raise_to(session: WriteSession, row: MessageRow, report: StatusReport, now: datetime) -> None:
    """Note how far a message has come, unless more is known; that it went out settles its row as well."""
    if RANKS.get(row.status, 0) >= RANKS[report.status]:
        return
    if RANKS.get(row.status, 0) < RANKS[DeliveryStatus.SENT]:  # nobody has told us yet that it went out
        row.sent_at = row.sent_at or now
        row.provider_message_id = row.provider_message_id or report.message_id or None
        sending = outbox_turns.lock_by_key(session, send_key(row.id))
        if sending is not None:
            outbox.mark_done(session, sending.id, now)
        outcomes.note_logged(session, repository.logged_message(session, row), report.status, now)
    row.status, row.error = report.status, None
    if report.status in {DeliveryStatus.DELIVERED, DeliveryStatus.READ}:
        row.delivered_at = row.delivered_at or now
    if report.status is DeliveryStatus.READ:
        row.read_at = row.read_at or now


def _came_back(
    session: WriteSession, row: MessageRow, report: StatusReport, now: datetime, metrics: Metrics | None
) -> None:
    """A message that the provider had taken did not arrive."""
    is_other_copy = bool(report.message_id and row.provider_message_id) and report.message_id != row.provider_message_id
    if is_other_copy or row.status not in {"queued", "sent", "unconfirmed"}:
        return  # it has arrived, or this was noted before
    sending = outbox_turns.lock_by_key(session, send_key(row.id))
    if sending is None:
        return
    if row.status == "queued":
        if sending.lease_until is not None and sending.lease_until > now:
            raise DeliveryUnsettled
        return  # it will be sent again anyway
    failure = report.failure or FailureClass.REQUEST
    log.warning("message.came_back", message_id=str(row.id), reason=failure, provider_code=report.code)
    message = repository.logged_message(session, row)
    if metrics is not None:
        metrics.count(figures.SEND_FAILED, channel=message.channel, outcome=f"late_{failure}")
    match failure:
        case FailureClass.RECIPIENT:
            outcomes.recipient_gone(session, message, now)
        case FailureClass.WINDOW if row.template_name is None:
            repository.forget_inbound(session, row.conversation_id)
            _send_again(session, row, sending, WindowClosed.code, until=now, now=now)
        case FailureClass.RETRY if sending.attempts < MOST_ATTEMPTS:
            _send_again(session, row, sending, RetryLater.code, until=now + AGAIN_AFTER, now=now)
        case FailureClass.ACCOUNT if sending.attempts < MOST_ATTEMPTS:
            log.error("account.restricted", account_id=str(message.account_id), provider_code=report.code)
            pause_account(session, message.account_id, now + RESTRICTED_FOR)
            _send_again(session, row, sending, "ACCOUNT_RESTRICTED", until=now + RESTRICTED_FOR, now=now)
        case _:
            _refuse(session, row, sending, failure, now)


def _send_again(
    session: WriteSession, row: MessageRow, sending: OutboxRow, reason: str, *, until: datetime, now: datetime
) -> None:
    repository.requeue_message(session, row.id)
    row.error = reason
    outbox_turns.send_again(session, sending, until=until, now=now, reason=reason)


def _refuse(session: WriteSession, row: MessageRow, sending: OutboxRow, failure: FailureClass, now: datetime) -> None:
    reasons = {FailureClass.WINDOW: WindowClosed.code, FailureClass.RETRY: RetryLater.code}
    reason = reasons.get(failure, RequestRejected.code)
    outbox_turns.park_again(sending, now=now, reason=reason)
    outcomes.give_up(session, row.id, reason, now)


def _conversation_id(session: WriteSession, account_id: UUID, chat_id: str) -> UUID | None:
    found = repository.find_conversation(session, account_id=account_id, chat_id=chat_id)
    return found.id if found else None


def _own_id(reference: str) -> UUID | None:
    try:
        return UUID(reference) if reference else None
    except ValueError:
        return None
