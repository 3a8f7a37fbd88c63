"""Turns in the life of an outbox row: it waits for somebody, is called off, comes back, is tried again by a person."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, tuple_

from salon.platform.db import ReadSession, WriteSession
from salon.platform.outbox import (
    OutboxQueue,
    OutboxRef,
    OutboxRow,
    OutboxStatus,
    lock_unsettled,
    remember,
)

UNDECIDED = frozenset({OutboxStatus.OPEN, OutboxStatus.WAITING})
SHORT = timedelta(minutes=1)
"""A wait that is not worth cutting short."""


def hold_back(session: WriteSession, outbox_id: UUID, *, reason: str) -> bool:
    """It can go only after somebody else has done something: it waits for `release`, and counts no attempt."""
    row = lock_unsettled(session, outbox_id)
    if row is None:
        return False
    row.status, row.lease_until, row.last_error = OutboxStatus.WAITING, None, reason
    row.attempts -= 1
    return True


def release(session: WriteSession, conversation_id: UUID, now: datetime) -> int:
    """What a conversation's rows have waited for has happened; they go out in their old order. Returns how many."""
    rows = session.scalars(
        select(OutboxRow)
        .where(OutboxRow.conversation_id == conversation_id, OutboxRow.status == OutboxStatus.WAITING)
        .order_by(OutboxRow.sequence)
        .with_for_update()
    ).all()
    for row in rows:
        row.status, row.next_attempt_at, row.last_error = OutboxStatus.OPEN, now, None
        remember(session, OutboxRef(OutboxQueue(row.queue), row.tenant_id, row.id))
    return len(rows)


def hasten(session: WriteSession, conversation_id: UUID, now: datetime, *, reason: str) -> int:
    """Try again at once what waits long after failing for `reason`: its provider has just shown that it is there.

    The attempt is one more than a row has otherwise, so that whoever writes often during an outage loses nothing.
    Returns how many rows.
    """
    rows = session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.conversation_id == conversation_id,
            OutboxRow.status == OutboxStatus.OPEN,
            OutboxRow.lease_until.is_(None),
            OutboxRow.last_error == reason,
            OutboxRow.next_attempt_at > now + SHORT,
        )
        .order_by(OutboxRow.sequence)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.next_attempt_at, row.attempts = now, row.attempts - 1
        remember(session, OutboxRef(OutboxQueue(row.queue), row.tenant_id, row.id))
    return len(rows)


def cancel(session: WriteSession, outbox_id: UUID, *, now: datetime, reason: str, only_waiting: bool = False) -> bool:
    """It must not go out any more; False when it has gone, or was settled otherwise."""
    row = session.get_one(OutboxRow, outbox_id, with_for_update=True, populate_existing=True)
    if row.status not in ({OutboxStatus.WAITING} if only_waiting else UNDECIDED):
        return False
    row.status, row.done_at, row.lease_until, row.last_error = OutboxStatus.CANCELLED, now, None, reason
    return True


def cancel_conversation(session: WriteSession, conversation_id: UUID, *, now: datetime, reason: str) -> int:
    """Cancel everything that waits for a conversation: its person cannot be reached. Returns how many."""
    rows = session.scalars(
        select(OutboxRow).where(OutboxRow.conversation_id == conversation_id, OutboxRow.status.in_(UNDECIDED))
    ).all()
    for row in rows:
        row.status, row.done_at, row.lease_until, row.last_error = OutboxStatus.CANCELLED, now, None, reason
    return len(rows)


def lock_by_key(session: WriteSession, dedupe_key: str) -> OutboxRow | None:
    """The row that was written under a key, locked."""
    query = select(OutboxRow).where(OutboxRow.dedupe_key == dedupe_key).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def send_again(session: WriteSession, row: OutboxRow, *, until: datetime, now: datetime, reason: str) -> None:
    """What had gone out has come back: it goes out once more, not before `until`, with the attempts it has left."""
    row.status, row.done_at, row.lease_until, row.last_error = OutboxStatus.OPEN, None, None, reason
    row.next_attempt_at = until
    delay = max(0, math.ceil((until - now).total_seconds()))
    remember(session, OutboxRef(OutboxQueue(row.queue), row.tenant_id, row.id, delay))


def park_again(row: OutboxRow, *, now: datetime, reason: str) -> None:
    """What had gone out has come back for good; a person may send it again."""
    row.status, row.done_at, row.lease_until, row.last_error = OutboxStatus.PARKED, now, None, reason


def unpark(
    session: WriteSession, *, now: datetime, queue: OutboxQueue | None = None, only: UUID | None = None
) -> list[OutboxRow]:
    """Give parked rows of this tenant another round of attempts: all, a queue's, or one. Returns them."""
    query = select(OutboxRow).where(OutboxRow.status == OutboxStatus.PARKED)
    if queue is not None:
        query = query.where(OutboxRow.queue == queue)
    if only is not None:
        query = query.where(OutboxRow.id == only)
    rows = session.scalars(query.order_by(OutboxRow.sequence).with_for_update(skip_locked=True)).all()
    for row in rows:
        row.status, row.attempts, row.done_at, row.next_attempt_at = OutboxStatus.OPEN, 0, None, now
        remember(session, OutboxRef(OutboxQueue(row.queue), row.tenant_id, row.id))
    return list(rows)


def list_parked(
    session: ReadSession, *, limit: int, before: tuple[datetime, UUID] | None = None, queue: OutboxQueue | None = None
) -> list[OutboxRow]:
    """Rows of this tenant that were given up, the latest first, from `before` on (when it was parked, its id)."""
    query = select(OutboxRow).where(OutboxRow.status == OutboxStatus.PARKED)
    if queue is not None:
        query = query.where(OutboxRow.queue == queue)
    if before is not None:
        query = query.where(tuple_(OutboxRow.done_at, OutboxRow.id) < before)
    return list(session.scalars(query.order_by(OutboxRow.done_at.desc(), OutboxRow.id.desc()).limit(limit)))
