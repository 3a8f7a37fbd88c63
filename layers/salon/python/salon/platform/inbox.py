"""What comes in, kept before it is acknowledged, handled once and in the order of its conversation (DESIGN law 2).

A webhook writes a row and puts its id on a queue. The worker drains the row's conversation: it claims the first open
row (the claim is committed, so attempts are counted even when handling kills the process), prepares what needs the
network, then handles the row in one transaction under the conversation's lock. A row that keeps failing is parked, and
the rows behind it go on. `timer_sweep` queues open rows again, so a crash between any two steps loses nothing.

A row whose handling waits for something that another worker makes is held (`Hold`): no attempt is counted, the rows
behind it wait, and it is handled again when the other worker frees it (`free`), or at a time at the latest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Identity,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform import correlation
from salon.platform import metrics as figures
from salon.platform.backoff import exponential
from salon.platform.clock import Clock
from salon.platform.db import Base, Database, ReadSession, TenantOwned, WriteSession
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.queues import MAX_DELAY_S, Queue, QueueUnavailable
from salon.platform.settings import RetrySettings

log = logger(__name__)
HELD = "held"
"""What stands in `last_error` of a row that waits for another worker."""

SHORTEST_HOLD = timedelta(seconds=1)
"""A row that is held until an instant which is over would come back before its worker has let go of it."""

LONGEST_WAIT_S = 600.0
"""However long a provider asks us to wait: the person's next messages wait behind this one."""


class InboxStatus(StrEnum):
    """The life of a row."""

    OPEN = "open"
    DONE = "done"
    PARKED = "parked"


class InboxRow(TenantOwned, Base):
    """One event from outside, sealed with the tenant's key."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("tenant_id", "source", "account_id", "external_id", name="uq_inbox_external"),
        Index("ix_inbox_open", "tenant_id", "conversation_key", "sequence", postgresql_where=text("status = 'open'")),
        Index("ix_inbox_due", "next_attempt_at", postgresql_where=text("status = 'open'")),
        Index("ix_inbox_parked", "tenant_id", "done_at", "id", postgresql_where=text("status = 'parked'")),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    source: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[UUID]
    external_id: Mapped[str]
    conversation_key: Mapped[str]
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    correlation_id: Mapped[str | None]
    status: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    lease_until: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime]
    last_error: Mapped[str | None]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A claimed row."""

    tenant_id: UUID
    inbox_id: UUID
    source: str
    account_id: UUID
    external_id: str
    conversation_key: str
    payload: bytes
    correlation_id: str | None
    attempts: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """What `handle` returns instead of handling a row, having written nothing: come back when it is freed, or then."""

    until: datetime


Prepare = Callable[[InboxItem], Any]
Handle = Callable[[WriteSession, InboxItem, Any], Hold | None]
GiveUp = Callable[[WriteSession, InboxItem], None]


class InboxNudge:
    """Queues an inbox row again; when the queue is down, the sweep does it."""

    def __init__(self, inbound: Queue) -> None:
        self._inbound = inbound

    def __call__(self, tenant_id: UUID, inbox_id: UUID, delay_s: int) -> None:
        """Queue the row, to be handled in `delay_s` seconds (the queue's own limit is 900)."""
        try:
            self._inbound.send(
                {"tenant_id": str(tenant_id), "inbox_id": str(inbox_id)}, delay_s=min(delay_s, MAX_DELAY_S)
            )
        except QueueUnavailable as error:
            log.warning("inbox.not_requeued", error=error, inbox_id=str(inbox_id))


class InboxDrain:
    """Works off the open rows of one conversation."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: RetrySettings,
        metrics: Metrics,
        *,
        prepare: Prepare,
        handle: Handle,
        give_up: GiveUp,
        jitter: Callable[[], float],
        requeue: Callable[[UUID, UUID, int], None],
    ) -> None:
        """Wire it.

        Args:
            database: where the rows are.
            clock: tells the time.
            settings: attempts and leases.
            metrics: counts parked rows.
            prepare: network work before the transaction (fetching media); must be repeatable.
            handle: the use case, inside the transaction; whoever frees the row must wait for a lock that it has taken
                before it decides to hold, or the row may be freed before it is held and wait for nothing.
            give_up: tells the person, when a row is parked.
            jitter: random numbers in [0, 1) for the back-off.
            requeue: queues (tenant, row) again after so many seconds, long before the queue itself or the sweep would.
        """
        self._database = database
        self._clock = clock
        self._settings = settings
        self._metrics = metrics
        self._prepare = prepare
        self._handle = handle
        self._give_up = give_up
        self._jitter = jitter
        self._requeue = requeue

    def drain(self, tenant_id: UUID, inbox_id: UUID) -> int:
        """Handle every open row of this row's conversation, in order; how many were handled.

        Raises:
            Exception: whatever handling a row raised; the row stays open and the queue or the sweep brings it back.
        """
        handled = 0
        conversation_key: str | None = None
        while (item := self._claim(tenant_id, inbox_id, conversation_key)) is not None:
            conversation_key = item.conversation_key  # the row forgets it; a nudge we kept out relies on us for its row
            with correlation.bind(correlation_id=item.correlation_id, tenant_id=str(tenant_id)):
                if item.attempts > self._settings.inbox_max_attempts:
                    self._park(item)
                    continue
                try:
                    handled += self._work(item)
                except Exception as error:
                    self._release(item, error)
                    raise
        return handled

    def _claim(self, tenant_id: UUID, inbox_id: UUID, conversation_key: str | None) -> InboxItem | None:
        now = self._clock.now()
        with self._database.transaction(tenant_id) as session:
            if conversation_key is None:
                wanted = session.get(InboxRow, inbox_id)
                if wanted is None or wanted.status != InboxStatus.OPEN:
                    return None  # whoever finished it went on to the rows behind it
                conversation_key = wanted.conversation_key
            _lock_conversation(session, conversation_key)
            row = _first_open(session, conversation_key)
            if row is None or row.next_attempt_at > now or (row.lease_until is not None and row.lease_until > now):
                return None
            row.attempts += 1
            row.lease_until = now + timedelta(seconds=self._settings.send_lease_seconds)
            return _item(row)

    def _work(self, item: InboxItem) -> int:
        prepared, wait_s = self._prepare(item), 0
        with self._database.transaction(item.tenant_id) as session:
            _lock_conversation(session, item.conversation_key)
            row = _first_open(session, item.conversation_key)
            if row is None or row.id != item.inbox_id:
                return 0  # our lease ran out and another worker was quicker
            hold = self._handle(session, item, prepared)
            if hold is None:
                _finish(row, self._clock.now())
            else:
                wait_s = self._hold(row, hold)
        if hold is None:
            return 1
        self._metrics.count(figures.INBOX_HELD, channel=item.source)
        self._requeue(item.tenant_id, item.inbox_id, wait_s)
        return 0

    def _hold(self, row: InboxRow, hold: Hold) -> int:
        """Keep a row waiting, and with it those behind it; the seconds until it is looked at again."""
        now = self._clock.now()
        row.next_attempt_at = max(hold.until, now + SHORTEST_HOLD)
        row.attempts, row.lease_until, row.last_error = row.attempts - 1, None, HELD
        return math.ceil((row.next_attempt_at - now).total_seconds())

    def _release(self, item: InboxItem, error: Exception) -> None:
        """Let go of a row until it is tried again: not before whoever failed it has asked for (`after_s`)."""
        now = self._clock.now()
        asked = timedelta(seconds=min(float(getattr(error, "after_s", 0.0)), LONGEST_WAIT_S))
        with self._database.transaction(item.tenant_id) as session:
            row = session.get_one(InboxRow, item.inbox_id)
            row.last_error, row.lease_until = type(error).__name__, None
            row.next_attempt_at = now + max(asked, exponential(item.attempts, self._jitter()))
            wait_s = math.ceil((row.next_attempt_at - now).total_seconds())
        self._requeue(item.tenant_id, item.inbox_id, wait_s)

    def _park(self, item: InboxItem) -> None:
        """Set a poisonous row aside; telling the person must not stop us, or the rows behind it would wait for ever."""
        log.error("inbox.parked", inbox_id=str(item.inbox_id), attempts=item.attempts)
        self._metrics.count(figures.INBOX_PARKED, channel=item.source)
        with self._database.transaction(item.tenant_id) as session:
            row = session.get_one(InboxRow, item.inbox_id)
            row.status, row.done_at, row.lease_until = InboxStatus.PARKED, self._clock.now(), None
        try:
            with self._database.transaction(item.tenant_id) as session:
                self._give_up(session, item)
        except Exception as error:  # noqa: BLE001 - the row is parked already; the apology is a courtesy
            log.warning("inbox.apology_failed", inbox_id=str(item.inbox_id), reason=type(error).__name__)


def free(session: WriteSession, inbox_id: UUID, now: datetime) -> bool:
    """What a row was held for is there; whether the row is still to be handled, and so to be queued by the caller."""
    session.execute(
        update(InboxRow)
        .where(InboxRow.id == inbox_id, InboxRow.status == InboxStatus.OPEN, InboxRow.last_error == HELD)
        .values(next_attempt_at=now, last_error=None)
    )
    return session.scalar(select(InboxRow.status).where(InboxRow.id == inbox_id)) == InboxStatus.OPEN


def is_settled(session: ReadSession, inbox_id: UUID) -> bool:
    """Whether a row has been handled, or there never was one (any more); a parked one may yet be."""
    status = session.scalar(select(InboxRow.status).where(InboxRow.id == inbox_id))
    return status is None or status == InboxStatus.DONE


def unpark(session: WriteSession, *, now: datetime, only: UUID | None = None) -> list[UUID]:
    """Give parked rows of this tenant, or one, another round of attempts; their ids, to be queued by the caller."""
    query = select(InboxRow).where(InboxRow.status == InboxStatus.PARKED)
    if only is not None:
        query = query.where(InboxRow.id == only)
    rows = session.scalars(query.order_by(InboxRow.sequence).with_for_update(skip_locked=True)).all()
    for row in rows:
        row.status, row.attempts, row.done_at, row.next_attempt_at = InboxStatus.OPEN, 0, None, now
    return [row.id for row in rows]


def list_unhandled_of(session: ReadSession, conversation_keys: Collection[str], *, until: datetime) -> list[UUID]:
    """Rows of some conversations that were given up, or came until then and wait; they still hold what was said."""
    query = select(InboxRow.id).where(
        InboxRow.conversation_key.in_(conversation_keys),
        or_(
            InboxRow.status == InboxStatus.PARKED,
            and_(InboxRow.status == InboxStatus.OPEN, InboxRow.received_at <= until),
        ),
    )
    return list(session.scalars(query))


def forget(session: WriteSession, inbox_ids: Collection[UUID], now: datetime) -> None:
    """Forget what rows say that were not handled: whoever said it was erased, and nobody answers it any more."""
    rows = session.scalars(
        select(InboxRow).where(InboxRow.id.in_(inbox_ids), InboxRow.status != InboxStatus.DONE).with_for_update()
    )
    for row in rows:
        _finish(row, now)


def list_parked(session: ReadSession, *, limit: int, before: tuple[datetime, UUID] | None = None) -> list[InboxRow]:
    """Rows of this tenant that were given up, the latest first, from `before` on (when it was parked, its id)."""
    query = select(InboxRow).where(InboxRow.status == InboxStatus.PARKED)
    if before is not None:
        query = query.where(tuple_(InboxRow.done_at, InboxRow.id) < before)
    return list(session.scalars(query.order_by(InboxRow.done_at.desc(), InboxRow.id.desc()).limit(limit)))


def list_overdue(session: ReadSession, *, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant_id, id) of open rows of all tenants that nobody has worked on since `before`."""
    rows = session.execute(
        text("SELECT tenant_id, id FROM overdue_inbox(:before, :limit)"), {"before": before, "limit": limit}
    )
    return [(row.tenant_id, row.id) for row in rows]


def _first_open(session: WriteSession, conversation_key: str) -> InboxRow | None:
    return session.scalars(
        select(InboxRow)
        .where(InboxRow.conversation_key == conversation_key, InboxRow.status == InboxStatus.OPEN)
        .order_by(InboxRow.sequence)
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _finish(row: InboxRow, now: datetime) -> None:
    """Mark a row done and forget what it said and whose chat it was.

    The message log has it under the client's own key; here it lies under the tenant's, which no erasure drops.
    """
    row.status, row.done_at, row.lease_until, row.last_error = InboxStatus.DONE, now, None, None
    row.payload, row.conversation_key = b"", ""


def _lock_conversation(session: WriteSession, conversation_key: str) -> None:
    """Serialise the workers of one conversation; the lock ends with the transaction (poolers allow no other kind)."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(current_setting('app.tenant_id') || :key, 0))"),
        {"key": conversation_key},
    )


def _item(row: InboxRow) -> InboxItem:
    return InboxItem(
        tenant_id=row.tenant_id,
        inbox_id=row.id,
        source=row.source,
        account_id=row.account_id,
        external_id=row.external_id,
        conversation_key=row.conversation_key,
        payload=row.payload,
        correlation_id=row.correlation_id,
        attempts=row.attempts,
        received_at=row.received_at,
    )
