"""What must go out, as rows of the same transaction that decided it (DESIGN law 2).

`enqueue` and `emit` write rows; after the commit `OutboxRelay` puts their ids on a queue; a worker claims the row, does
the work and marks it. If the process dies between commit and relay, `timer_sweep` relays again: a row is what counts,
a queue message is only a nudge. Rows of one conversation go out in their order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, String, UniqueConstraint, exists, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Mapped, aliased, mapped_column

from salon.platform import correlation
from salon.platform.db import Base, ReadSession, TenantOwned, WriteSession, tenant_of
from salon.platform.facts import Fact
from salon.platform.ids import new_id
from salon.platform.logs import logger
from salon.platform.queues import MAX_DELAY_S, Queue

log = logger(__name__)


class OutboxQueue(StrEnum):
    """Where a row goes: transactional, marketing, reminders, facts; apart, so that one cannot hold up another."""

    TX = "tx"
    MK = "mk"
    REMINDER = "reminder"
    EVENTS = "events"


class OutboxStatus(StrEnum):
    """The life of a row."""

    OPEN = "open"
    WAITING = "waiting"  # for something that somebody else does; it holds up nothing behind it
    DONE = "done"
    PARKED = "parked"  # given up; a person decides (`make redrive`)
    CANCELLED = "cancelled"


class OutboxRow(TenantOwned, Base):
    """One thing that must go out; its payload holds ids only."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("tenant_id", "dedupe_key", name="uq_outbox_dedupe"),
        Index("ix_outbox_open", "tenant_id", "conversation_id", "sequence", postgresql_where=text("status = 'open'")),
        Index("ix_outbox_due", "next_attempt_at", postgresql_where=text("status = 'open'")),
        Index(
            "ix_outbox_unsettled",
            "tenant_id",
            "conversation_id",
            postgresql_where=text("status IN ('open', 'waiting', 'parked')"),
        ),
        Index("ix_outbox_parked", "tenant_id", "done_at", "id", postgresql_where=text("status = 'parked'")),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    queue: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(64))
    conversation_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    dedupe_key: Mapped[str | None]
    correlation_id: Mapped[str | None]
    status: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    lease_until: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime]
    not_after: Mapped[datetime | None]  # from then on it says nothing worth saying
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    done_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class OutboxRef:
    """A row, by reference: all that a queue message says."""

    queue: OutboxQueue
    tenant_id: UUID
    outbox_id: UUID
    delay_s: int = 0

    def body(self) -> dict[str, Any]:
        """The queue message; its schema is `shared/schemas/queue/outbox_ref_message.json`."""
        return {"tenant_id": str(self.tenant_id), "outbox_id": str(self.outbox_id)}


@dataclass(frozen=True, slots=True)
class ClaimedRow:
    """A row that this worker holds until its lease ends."""

    outbox_id: UUID
    queue: OutboxQueue
    kind: str
    conversation_id: UUID | None
    payload: dict[str, Any]
    correlation_id: str | None
    attempts: int
    created_at: datetime
    not_after: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Whether it says nothing worth saying any more."""
        return self.not_after is not None and now >= self.not_after


def enqueue(
    session: WriteSession,
    *,
    queue: OutboxQueue,
    kind: str,
    payload: Mapping[str, Any],
    now: datetime,
    conversation_id: UUID | None = None,
    dedupe_key: str | None = None,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> UUID | None:
    """Write a row in this transaction; it is relayed after the commit.

    Args:
        session: the transaction that decides it.
        queue: where it goes.
        kind: what the worker does with it; for facts the fact's name.
        payload: ids, never personal data.
        now: the current instant.
        conversation_id: rows of one conversation go out one after another.
        dedupe_key: a second row with the same key is not written.
        not_before: when it may go out at the earliest; not with a conversation, whose other rows would wait for it.
        not_after: from when on it is of no use; its worker calls it off then.

    Returns:
        The row's id, or None when `dedupe_key` was there already.

    Raises:
        ValueError: a row of a conversation is to wait for its time.
    """
    if conversation_id is not None and not_before is not None:
        raise ValueError("A row that waits for its time must have no place in a conversation's order.")
    row_id, tenant_id = new_id(), tenant_of(session)
    statement = (
        pg_insert(OutboxRow)
        .values(
            id=row_id,
            tenant_id=tenant_id,
            queue=queue,
            kind=kind,
            conversation_id=conversation_id,
            payload=dict(payload),
            dedupe_key=dedupe_key,
            correlation_id=correlation.current_id(),
            status=OutboxStatus.OPEN,
            attempts=0,
            next_attempt_at=not_before or now,
            not_after=not_after,
            created_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_outbox_dedupe")
        .returning(OutboxRow.id)
    )
    if session.execute(statement).scalar_one_or_none() is None:
        return None
    delay = max(0, math.ceil(((not_before or now) - now).total_seconds()))
    remember(session, OutboxRef(queue, tenant_id, row_id, delay))
    return row_id


def emit(session: WriteSession, fact: Fact, *, dedupe_key: str | None = None) -> None:
    """Tell the other modules a fact, if and when this transaction commits."""
    enqueue(
        session,
        queue=OutboxQueue.EVENTS,
        kind=fact.name,
        payload=fact.model_dump(mode="json"),
        now=fact.occurred_at,
        dedupe_key=dedupe_key,
    )


def remember(session: WriteSession, ref: OutboxRef) -> None:
    """Have a row relayed after this transaction's commit."""
    session.info.setdefault("outbox", []).append(ref)


class OutboxRelay:
    """Puts the ids of fresh rows on their queues; called by `db.Database` after each commit."""

    def __init__(self, queues: Mapping[OutboxQueue, Queue]) -> None:
        self._queues = queues

    def __call__(self, session: WriteSession) -> None:
        """Relay what the committed transaction wrote; a failure is logged and left to the sweep."""
        self.publish(session.info.pop("outbox", []))

    def publish(self, refs: list[OutboxRef]) -> None:
        """Relay rows, those of one queue together; a queue that is down costs time once, and no messages."""
        groups: dict[tuple[OutboxQueue, int], list[OutboxRef]] = {}
        for ref in refs:
            groups.setdefault((ref.queue, min(ref.delay_s, MAX_DELAY_S)), []).append(ref)
        down: set[OutboxQueue] = set()
        for (name, delay_s), group in groups.items():
            if name in down or not self._send(name, delay_s, group):
                down.add(name)

    def _send(self, name: OutboxQueue, delay_s: int, refs: list[OutboxRef]) -> bool:
        queue = self._queues.get(name)
        if queue is None:
            log.warning("outbox.no_queue", queue=name, rows=len(refs))
            return False
        try:
            if len(refs) == 1:
                queue.send(refs[0].body(), delay_s=delay_s)
            else:
                queue.send_many([ref.body() for ref in refs], delay_s=delay_s)
        except Exception as error:  # noqa: BLE001 - whatever broke, the rows are safe and the sweep relays them
            log.warning("outbox.relay_failed", queue=name, rows=len(refs), reason=type(error).__name__)
            return False
        return True


def claim(session: WriteSession, outbox_id: UUID, *, now: datetime, lease: timedelta) -> ClaimedRow | None:
    """Take the next row that may go out: this one, or an earlier one of its conversation.

    The claim is committed before the work begins, so that attempts are counted even when the work kills the process.

    Returns:
        The row, or None when there is nothing to do now: done, held by another worker, or not due yet.
    """
    wanted = session.get(OutboxRow, outbox_id)
    if wanted is None or (wanted.conversation_id is None and wanted.status != OutboxStatus.OPEN):
        return None
    query = select(OutboxRow).where(OutboxRow.status == OutboxStatus.OPEN)
    if wanted.conversation_id is None:
        query = query.where(OutboxRow.id == outbox_id)
    else:
        earlier = aliased(OutboxRow)
        query = query.where(
            OutboxRow.conversation_id == wanted.conversation_id,
            OutboxRow.queue == wanted.queue,
            ~exists().where(
                earlier.conversation_id == OutboxRow.conversation_id,
                earlier.queue == OutboxRow.queue,
                earlier.status == OutboxStatus.OPEN,
                earlier.sequence < OutboxRow.sequence,
            ),
        )
    row = session.scalars(query.with_for_update(skip_locked=True).execution_options(populate_existing=True)).first()
    if row is None or row.next_attempt_at > now or (row.lease_until is not None and row.lease_until > now):
        return None
    row.attempts += 1
    row.lease_until = now + lease
    return ClaimedRow(
        outbox_id=row.id,
        queue=OutboxQueue(row.queue),
        kind=row.kind,
        conversation_id=row.conversation_id,
        payload=row.payload,
        correlation_id=row.correlation_id,
        attempts=row.attempts,
        created_at=row.created_at,
        not_after=row.not_after,
    )


def mark_done(session: WriteSession, outbox_id: UUID, now: datetime) -> bool:
    """It went out. False when another worker has settled the row meanwhile: this one's lease had run out."""
    row = lock_unsettled(session, outbox_id)
    if row is None:
        return False
    row.status, row.done_at, row.lease_until, row.last_error = OutboxStatus.DONE, now, None, None
    return True


def postpone(
    session: WriteSession, outbox_id: UUID, *, until: datetime, now: datetime, reason: str, counts: bool = True
) -> bool:
    """It failed in a way that trying again may cure; it is relayed again for `until`.

    Args:
        session: the transaction.
        outbox_id: the row.
        until: the next attempt.
        now: the current instant.
        reason: a word for whoever looks at the row.
        counts: whether this was an attempt; waiting for an account that is paused is none.

    Returns:
        False when another worker has settled the row meanwhile.
    """
    row = lock_unsettled(session, outbox_id)
    if row is None:
        return False
    row.next_attempt_at, row.lease_until, row.last_error = until, None, reason
    if not counts:
        row.attempts -= 1
    delay = max(0, math.ceil((until - now).total_seconds()))  # a nudge that comes too early moves nothing
    remember(session, OutboxRef(OutboxQueue(row.queue), row.tenant_id, row.id, delay))
    return True


def park(session: WriteSession, outbox_id: UUID, *, now: datetime, reason: str) -> bool:
    """Give up on it; it stays, and a person may send it again (`make redrive`). False when another has settled it."""
    row = lock_unsettled(session, outbox_id)
    if row is None:
        return False
    row.status, row.done_at, row.lease_until, row.last_error = OutboxStatus.PARKED, now, None, reason
    return True


def lock_unsettled(session: WriteSession, outbox_id: UUID) -> OutboxRow | None:
    """A row that is still to be worked on, locked; None when somebody has settled it."""
    row = session.get_one(OutboxRow, outbox_id, with_for_update=True, populate_existing=True)
    return row if row.status == OutboxStatus.OPEN else None


def list_overdue(session: ReadSession, *, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant_id, id) of open rows of all tenants that nobody has worked on since `before`."""
    rows = session.execute(
        text("SELECT tenant_id, id FROM overdue_outbox(:before, :limit)"), {"before": before, "limit": limit}
    )
    return [(row.tenant_id, row.id) for row in rows]


def nudge(session: WriteSession, outbox_id: UUID) -> None:
    """Queue a row's id anew, whatever has become of the row: others of its conversation may be left."""
    row = session.get(OutboxRow, outbox_id)
    if row is not None:
        remember(session, OutboxRef(OutboxQueue(row.queue), row.tenant_id, row.id))


def relay_again(session: WriteSession, outbox_id: UUID) -> None:
    """Queue a row anew if it is still open; for the sweep."""
    row = session.get(OutboxRow, outbox_id)
    if row is not None and row.status == OutboxStatus.OPEN:
        remember(session, OutboxRef(OutboxQueue(row.queue), row.tenant_id, row.id))
