"""Sending what the outbox holds: once in the common case, never lost, in the order of the conversation.

The claim is committed before the call and the outcome after it. A process that dies in between leaves a claimed row;
when its lease ends the row is sent again. So at most one message per crash, the one in flight, can arrive twice: none
of the messengers takes an idempotency key (facts/channels.md §1.4, §6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from salon.clients import use_cases as clients
from salon.identity.domain import AccountStatus, system
from salon.identity.repository import IdentityRepository
from salon.identity.use_cases import mark_account_rejected, pause_account, read_credentials
from salon.messaging import repository
from salon.messaging.domain import Channel, ChannelCredentials
from salon.messaging.errors import AccountRejected, DeliveryFailed, RecipientGone, RequestRejected, RetryLater
from salon.messaging.ports import ChannelAdapter
from salon.messaging.repository import QueuedMessage
from salon.platform import correlation, outbox
from salon.platform import metrics as figures
from salon.platform.clock import Clock
from salon.platform.db import Database, WriteSession
from salon.platform.errors import NotFound
from salon.platform.keys import SubjectErased
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.outbox import ClaimedRow, OutboxQueue
from salon.platform.settings import RetrySettings

log = logger(__name__)
ACTOR = system("queue_outbound")
MAYBE_SENT_ATTEMPTS = {OutboxQueue.TX: 2, OutboxQueue.MK: 1, OutboxQueue.REMINDER: 1, OutboxQueue.EVENTS: 1}
"""Attempts at a message that may have arrived: a confirmation may come twice, a reminder not (facts/channels.md §6)."""

ACCOUNT_RETRY = timedelta(minutes=5)
"""How often a rejected or paused account is looked at again; each look counts as no attempt."""


class Deliver:
    """Works off the outbox rows of one conversation."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: RetrySettings,
        metrics: Metrics,
        *,
        adapters: Mapping[Channel, ChannelAdapter],
        jitter: Callable[[], float],
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings
        self._metrics = metrics
        self._adapters = adapters
        self._jitter = jitter

    def __call__(self, tenant_id: UUID, outbox_id: UUID) -> int:
        """Send this row and every row of its conversation that may go before or after it; how many went out."""
        sent = 0
        while (row := self._claim(tenant_id, outbox_id)) is not None:
            with correlation.bind(correlation_id=row.correlation_id, tenant_id=str(tenant_id)):
                sent += self._work(tenant_id, row)
        return sent

    def _claim(self, tenant_id: UUID, outbox_id: UUID) -> ClaimedRow | None:
        lease = timedelta(seconds=self._settings.send_lease_seconds)
        with self._database.transaction(tenant_id) as session:
            return outbox.claim(session, outbox_id, now=self._clock.now(), lease=lease)

    def _work(self, tenant_id: UUID, row: ClaimedRow) -> int:
        if row.attempts > self._settings.outbox_max_attempts:  # each of them ended before it could say so
            with self._database.transaction(tenant_id) as session:
                self._give_up(session, row, self._clock.now(), "NEVER_FINISHED")
            return 0
        found = self._open(tenant_id, row)
        if found is None:
            return 0
        queued, credentials = found
        try:
            provider_id = self._adapters[queued.channel].send(queued.message, credentials, reference=str(queued.id))
        except DeliveryFailed as failure:
            self._failed(tenant_id, row, queued, failure)
            return 0
        with self._database.transaction(tenant_id) as session:
            now = self._clock.now()
            written = repository.mark_message(
                session, queued.id, status="sent", now=now, provider_id=provider_id, error=None
            )
            outbox.mark_done(session, row.outbox_id, now)  # whatever another sender has made of it: it is out
        self._metrics.count(figures.OUTBOX_SENT, channel=queued.channel)
        latency_ms = (now - written).total_seconds() * 1000
        self._metrics.timing_ms(figures.SEND_LATENCY_MS, latency_ms, channel=queued.channel)
        return 1

    def _open(self, tenant_id: UUID, row: ClaimedRow) -> tuple[QueuedMessage, ChannelCredentials] | None:
        """The message and the account to send it by; None when it cannot be sent now, or never."""
        with self._database.transaction(tenant_id) as session:
            now = self._clock.now()
            try:
                queued = repository.get_queued(session, UUID(row.payload["message_id"]))
            except SubjectErased as gone:
                message_id = UUID(row.payload["message_id"])
                repository.mark_message(
                    session, message_id, status="cancelled", now=now, provider_id=None, error=gone.code
                )
                outbox.park(session, row.outbox_id, now=now, reason=gone.code)
                return None
            except NotFound as gone:
                outbox.park(session, row.outbox_id, now=now, reason=gone.code)
                return None
            account = IdentityRepository(session).get_account(queued.account_id)
            if account.status != AccountStatus.ACTIVE:
                self._wait_for_account(session, row, now + ACCOUNT_RETRY, now, f"account {account.status}")
                return None
            if account.paused_until is not None and account.paused_until > now:
                self._wait_for_account(session, row, account.paused_until, now, "account paused")
                return None
            stored = read_credentials(session, queued.account_id)
            return queued, ChannelCredentials(token=stored["token"])

    def _wait_for_account(
        self, session: WriteSession, row: ClaimedRow, until: datetime, now: datetime, reason: str
    ) -> None:
        outbox.postpone(session, row.outbox_id, until=until, now=now, reason=reason, counts=False)

    def _failed(self, tenant_id: UUID, row: ClaimedRow, queued: QueuedMessage, failure: DeliveryFailed) -> None:
        now = self._clock.now()
        log.warning("message.not_sent", outbox_id=str(row.outbox_id), reason=failure.code, attempts=row.attempts)
        self._metrics.count(figures.SEND_FAILED, channel=queued.channel, outcome=failure.code.lower())
        with self._database.transaction(tenant_id) as session:
            match failure:
                case RecipientGone():
                    self._recipient_gone(session, queued, now)
                case AccountRejected():
                    mark_account_rejected(session, queued.account_id, actor=ACTOR, now=now)
                    self._wait_for_account(session, row, now + ACCOUNT_RETRY, now, failure.code)
                case RequestRejected():
                    self._give_up(session, row, now, failure.code, channel=queued.channel)
                case RetryLater():
                    self._retry(session, row, queued, failure, now)
                case _:
                    self._retry(session, row, queued, RetryLater(failure.code), now)

    def _retry(
        self, session: WriteSession, row: ClaimedRow, queued: QueuedMessage, failure: RetryLater, now: datetime
    ) -> None:
        if failure.whole_account and failure.after_s:
            pause_account(session, queued.account_id, now + timedelta(seconds=failure.after_s))
        if failure.maybe_sent and row.attempts >= MAYBE_SENT_ATTEMPTS[row.queue]:
            self._leave_it_at_that(session, row, queued, now)
            return
        if row.attempts >= self._settings.outbox_max_attempts:
            self._give_up(session, row, now, failure.code, channel=queued.channel)
            return
        wait = max(timedelta(seconds=failure.after_s), outbox.exponential(row.attempts, self._jitter()))
        outbox.postpone(session, row.outbox_id, until=now + wait, now=now, reason=failure.code)

    def _leave_it_at_that(self, session: WriteSession, row: ClaimedRow, queued: QueuedMessage, now: datetime) -> None:
        """The provider took the call and did not say whether it carried it out: more copies would be worse."""
        log.warning("message.unconfirmed", outbox_id=str(row.outbox_id))
        if outbox.mark_done(session, row.outbox_id, now):
            repository.mark_message(
                session, queued.id, status="unconfirmed", now=now, provider_id=None, error=RetryLater.code
            )

    def _give_up(self, session: WriteSession, row: ClaimedRow, now: datetime, reason: str, channel: str = "") -> None:
        if not outbox.park(session, row.outbox_id, now=now, reason=reason):
            return  # our lease had run out, and another sender has settled it
        log.error("outbox.parked", outbox_id=str(row.outbox_id), reason=reason)
        labels = {"channel": channel} if channel else {}
        self._metrics.count(figures.OUTBOX_PARKED, 1, **labels)
        message_id = UUID(row.payload["message_id"])
        repository.mark_message(session, message_id, status="failed", now=now, provider_id=None, error=reason)

    def _recipient_gone(self, session: WriteSession, queued: QueuedMessage, now: datetime) -> None:
        """Mark the person, and drop what waits for them: it would be stale when they come back."""
        repository.mark_message(
            session, queued.id, status="failed", now=now, provider_id=None, error=RecipientGone.code
        )
        outbox.cancel_conversation(session, queued.conversation_id, now=now, reason=RecipientGone.code)
        repository.cancel_queued(session, queued.conversation_id)
        for contact in clients.list_contacts(session, queued.client_id):
            if contact.account_id == queued.account_id and contact.chat_id == queued.chat_id:
                clients.mark_blocked(session, contact.id, actor=ACTOR, now=now)
