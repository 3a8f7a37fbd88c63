"""Sending what the outbox holds: once in the common case, never lost, in the order of the conversation.

The claim is committed before the call and the outcome after it. A process that dies in between leaves a claimed row;
when its lease ends the row is sent again. `infra/decisions/0013-sending.md` says how often a message may arrive twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from salon.booking.errors import BookingNotFound
from salon.booking.visitors.use_cases import booking_calendar
from salon.identity.domain import AccountStatus
from salon.identity.repository import IdentityRepository
from salon.identity.use_cases import mark_account_rejected, pause_account
from salon.messaging import repository
from salon.messaging.domain import Channel, ChannelCredentials, OutboundKind
from salon.messaging.errors import (
    AccountRejected,
    DeliveryFailed,
    RecipientGone,
    RequestRejected,
    RetryLater,
    WindowClosed,
)
from salon.messaging.ports import ChannelAdapter
from salon.messaging.repository import QueuedMessage
from salon.messaging.use_cases import outcomes, timeliness
from salon.messaging.use_cases.accounts import credentials_of
from salon.messaging.use_cases.outcomes import ACTOR, EXPIRE_KIND
from salon.messaging.use_cases.outgoing_media import OutgoingMedia
from salon.messaging.use_cases.pace import hold_for_rate
from salon.messaging.use_cases.say import BEGIN_KIND, begin
from salon.platform import correlation, outbox
from salon.platform import metrics as figures
from salon.platform.backoff import patient
from salon.platform.clock import Clock
from salon.platform.db import Database, WriteSession
from salon.platform.errors import NotFound
from salon.platform.keys import SubjectErased
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.outbox import ClaimedRow, OutboxQueue
from salon.platform.settings import RetrySettings
from salon.platform.storage import ObjectStorage

log = logger(__name__)
MAYBE_SENT_ATTEMPTS = {OutboxQueue.TX: 2, OutboxQueue.MK: 1, OutboxQueue.REMINDER: 1, OutboxQueue.EVENTS: 1}
"""Attempts at a message that may have arrived: a confirmation may come twice, a reminder not (facts/channels.md §6)."""

KNOWS_REPEATS = {Channel.VK: timedelta(minutes=55)}
"""For how long a provider recognises a message that it was given before: VK an hour, by `random_id` (§3.4)."""

ACCOUNT_RETRY = timedelta(minutes=5)
"""How often a rejected or paused account is looked at again; each look counts as no attempt."""

SAID_BY_TEMPLATE = "SAID_BY_TEMPLATE"
TOO_LATE = "TOO_LATE"
OUTDATED = "OUTDATED"
"""The visit was moved or called off since."""

ASKED_TO_WAIT = "ASKED_TO_WAIT"


@dataclass(frozen=True, slots=True)
class _Ready:
    """What can be sent now."""

    queued: QueuedMessage
    credentials: ChannelCredentials

    @property
    def template_name(self) -> str:
        """The provider's approved text that it goes out as; "" for a free one."""
        return self.queued.message.template.name if self.queued.message.template else ""


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
        storage: Callable[[], ObjectStorage] | None = None,
        has_time: Callable[[], bool] = lambda: True,
    ) -> None:
        """Wire it.

        Args:
            database: where the rows are; with a relay.
            clock: tells the time.
            settings: attempts and leases.
            metrics: counts what goes out and what does not.
            adapters: the messengers.
            jitter: random numbers in [0, 1) for the back-off.
            storage: opens the bucket with the files that go out; most messages have none.
            has_time: whether there is time left to send one more.
        """
        self._database = database
        self._clock = clock
        self._settings = settings
        self._metrics = metrics
        self._adapters = adapters
        self._jitter = jitter
        self._has_time = has_time
        self._media = OutgoingMedia(storage, self._calendar)

    def __call__(self, tenant_id: UUID, outbox_id: UUID) -> int:
        """Send this row and every row of its conversation that may go before or after it; how many went out.

        When time runs short the rest is left to another call.
        """
        sent = 0
        while (row := self._claim(tenant_id, outbox_id)) is not None:
            with correlation.bind(correlation_id=row.correlation_id, tenant_id=str(tenant_id)):
                sent += self._work(tenant_id, row)
            if not self._has_time():
                with self._database.transaction(tenant_id) as session:
                    outbox.nudge(session, outbox_id)
                break
        return sent

    def _claim(self, tenant_id: UUID, outbox_id: UUID) -> ClaimedRow | None:
        lease = timedelta(seconds=self._settings.send_lease_seconds)
        with self._database.transaction(tenant_id) as session:
            return outbox.claim(session, outbox_id, now=self._clock.now(), lease=lease)

    def _calendar(self, tenant_id: UUID, booking_id: UUID) -> bytes | None:
        with self._database.read(tenant_id) as session:
            try:
                return booking_calendar(session, booking_id, now=self._clock.now()).encode()
            except BookingNotFound:
                return None

    def _work(self, tenant_id: UUID, row: ClaimedRow) -> int:
        if row.kind == EXPIRE_KIND:
            self._expire(tenant_id, row)
            return 0
        if row.kind == BEGIN_KIND:
            self._begin(tenant_id, row)
            return 0
        if row.attempts > self._settings.outbox_max_attempts:  # each of them ended before it could say so
            with self._database.transaction(tenant_id) as session:
                self._give_up(session, row, self._clock.now(), "NEVER_FINISHED")
            return 0
        ready = self._open(tenant_id, row)
        if ready is None:
            return 0
        queued = ready.queued
        try:
            message, media = self._media.load(queued.message, queued.channel, tenant_id)
            adapter = self._adapters[queued.channel]
            provider_id = adapter.send(message, ready.credentials, reference=str(queued.id), media=media)
        except DeliveryFailed as failure:
            self._failed(tenant_id, row, ready, failure)
            return 0
        self._succeeded(tenant_id, row, ready, provider_id)
        return 1

    def _succeeded(self, tenant_id: UUID, row: ClaimedRow, ready: _Ready, provider_id: str | None) -> None:
        queued = ready.queued
        with self._database.transaction(tenant_id) as session:
            now = self._clock.now()
            repository.mark_message(session, queued.id, status="sent", now=now, provider_id=provider_id, error=None)
            if ready.template_name:
                repository.note_template(session, queued.id, ready.template_name)
            outbox.mark_done(session, row.outbox_id, now)  # whatever another sender has made of it: it is out
            outcomes.note_logged(session, queued, "sent", now)
        self._metrics.count(figures.OUTBOX_SENT, channel=queued.channel)
        latency_ms = (now - queued.created_at).total_seconds() * 1000
        self._metrics.timing_ms(figures.SEND_LATENCY_MS, latency_ms, channel=queued.channel)

    def _open(self, tenant_id: UUID, row: ClaimedRow) -> _Ready | None:
        """The message and the account to send it by; None when it cannot be sent now, or never."""
        with self._database.transaction(tenant_id) as session:
            now = self._clock.now()
            if row.is_late(now):
                log.warning("message.too_late", outbox_id=str(row.outbox_id), attempts=row.attempts)
                outcomes.drop(session, row.outbox_id, UUID(row.payload["message_id"]), TOO_LATE, now)
                return None
            queued = self._find(session, row, now)
            if queued is None or not self._is_timely(session, row, queued, now):
                return None
            account = IdentityRepository(session).get_account(queued.account_id)
            if account.status != AccountStatus.ACTIVE:
                self._put_off(session, row, now + ACCOUNT_RETRY, now, f"account {account.status}")
                return None
            if account.paused_until is not None and account.paused_until > now:
                self._put_off(session, row, account.paused_until, now, "account paused")
                return None
            credentials = credentials_of(session, queued.account_id)
            worded = self._word(session, row, queued, now)
            if worded is None:
                return None
            held = hold_for_rate(session, worded, account.config, row.queue, now)  # last: it keeps the buckets locked
            if held is not None:
                self._put_off(session, row, held.until, now, "rate")
                self._metrics.count(figures.SEND_THROTTLED, channel=queued.channel, kind=held.kind)
                return None
            return _Ready(worded, credentials)

    def _is_timely(self, session: WriteSession, row: ClaimedRow, queued: QueuedMessage, now: datetime) -> bool:
        """Whether it may be said now; else it waits for the morning, or is called off."""
        if timeliness.is_outdated(session, row.payload.get("visits", {})):
            outcomes.drop(session, row.outbox_id, queued.id, OUTDATED, now)
            return False
        quiet_until = timeliness.quiet_until(session, queued, now, visit_at=row.not_after)
        if quiet_until is not None:
            self._put_off(session, row, quiet_until, now, "quiet hours")
        return quiet_until is None

    def _find(self, session: WriteSession, row: ClaimedRow, now: datetime) -> QueuedMessage | None:
        message_id = UUID(row.payload["message_id"])
        try:
            return repository.get_queued(session, message_id)
        except SubjectErased as gone:
            repository.mark_message(session, message_id, status="cancelled", now=now, provider_id=None, error=gone.code)
            outbox.park(session, row.outbox_id, now=now, reason=gone.code)
        except NotFound as gone:
            outbox.park(session, row.outbox_id, now=now, reason=gone.code)
        return None

    def _word(
        self, session: WriteSession, row: ClaimedRow, queued: QueuedMessage, now: datetime
    ) -> QueuedMessage | None:
        """The message as its provider lets it be said now; None when it cannot be."""
        part_of = row.payload.get("part_of")
        if part_of is not None and repository.was_sent_as_template(session, UUID(part_of)):
            outcomes.drop(session, row.outbox_id, queued.id, SAID_BY_TEMPLATE, now)
            return None
        if queued.message.kind is not OutboundKind.MESSAGE or outcomes.is_window_open(queued, now):
            return replace(queued, message=replace(queued.message, template=None))
        approved = outcomes.find_approved(session, queued)
        if approved is not None:
            return replace(queued, message=replace(queued.message, template=approved))
        self._close_window(session, row, queued, now)
        return None

    def _close_window(self, session: WriteSession, row: ClaimedRow, queued: QueuedMessage, now: datetime) -> None:
        if outcomes.close_window(session, row.outbox_id, queued, now):
            self._metrics.count(figures.SEND_WAITING, channel=queued.channel)

    def _expire(self, tenant_id: UUID, row: ClaimedRow) -> None:
        with self._database.transaction(tenant_id) as session:
            now = self._clock.now()
            outcomes.expire(session, UUID(row.payload["outbox_id"]), UUID(row.payload["message_id"]), now)
            outbox.mark_done(session, row.outbox_id, now)

    def _begin(self, tenant_id: UUID, row: ClaimedRow) -> None:
        with self._database.transaction(tenant_id) as session:
            now = self._clock.now()
            if outbox.mark_done(session, row.outbox_id, now):
                begin(session, row.payload, now, not_after=row.not_after)

    def _put_off(self, session: WriteSession, row: ClaimedRow, until: datetime, now: datetime, reason: str) -> None:
        outbox.postpone(session, row.outbox_id, until=until, now=now, reason=reason, counts=False)

    def _failed(self, tenant_id: UUID, row: ClaimedRow, ready: _Ready, failure: DeliveryFailed) -> None:
        now, queued = self._clock.now(), ready.queued
        log.warning("message.not_sent", outbox_id=str(row.outbox_id), reason=failure.code, attempts=row.attempts)
        self._metrics.count(figures.SEND_FAILED, channel=queued.channel, outcome=failure.code.lower())
        with self._database.transaction(tenant_id) as session:
            match failure:
                case RecipientGone():
                    outcomes.recipient_gone(session, queued, now)
                case AccountRejected():
                    mark_account_rejected(session, queued.account_id, actor=ACTOR, now=now)
                    self._put_off(session, row, now + ACCOUNT_RETRY, now, failure.code)
                case WindowClosed():
                    self._window_was_closed(session, row, ready, now)
                case RequestRejected():
                    self._give_up(session, row, now, failure.code, channel=queued.channel)
                case RetryLater():
                    self._retry(session, row, queued, failure, now)
                case _:
                    self._retry(session, row, queued, RetryLater(failure.code), now)

    def _window_was_closed(self, session: WriteSession, row: ClaimedRow, ready: _Ready, now: datetime) -> None:
        """The provider counts otherwise than we did, or counts where we do not: its word holds."""
        if ready.template_name:  # what is said when the window is closed was refused because it is closed
            self._give_up(session, row, now, WindowClosed.code, channel=ready.queued.channel)
            return
        repository.forget_inbound(session, ready.queued.conversation_id)
        queued = repository.get_queued(session, ready.queued.id)
        if outcomes.find_approved(session, queued) is None:
            self._close_window(session, row, queued, now)
        else:
            self._put_off(session, row, now, now, WindowClosed.code)

    def _retry(
        self, session: WriteSession, row: ClaimedRow, queued: QueuedMessage, failure: RetryLater, now: datetime
    ) -> None:
        asked = timedelta(seconds=failure.after_s)
        wait = max(asked, patient(row.attempts, self._jitter()))
        if failure.whole_account:
            pause_account(session, queued.account_id, now + (asked or wait))
        known_until = row.created_at + KNOWS_REPEATS.get(queued.channel, timedelta())
        may_double = failure.maybe_sent and now + wait >= known_until
        if may_double and row.attempts >= MAYBE_SENT_ATTEMPTS[row.queue]:
            self._leave_it_at_that(session, row, queued, now)
            return
        if row.attempts >= self._settings.outbox_max_attempts:
            self._give_up(session, row, now, failure.code, channel=queued.channel)
            return
        reason = ASKED_TO_WAIT if wait == asked else RetryLater.code  # a wait of ours may be cut short
        outbox.postpone(session, row.outbox_id, until=now + wait, now=now, reason=reason)
        self._metrics.count(figures.SEND_RETRIED, channel=queued.channel)

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
        outcomes.give_up(session, UUID(row.payload["message_id"]), reason, now)
