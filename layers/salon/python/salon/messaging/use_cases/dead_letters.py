"""What was given up, and the way back: for the admin API and `make redrive` (infra/decisions/0007)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from salon.messaging import repository
from salon.messaging.use_cases.say import SEND_KIND
from salon.platform import inbox, outbox_turns
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import NotFound
from salon.platform.outbox import OutboxQueue, OutboxRow

INBOUND = "inbound"
QUEUES = (INBOUND, *(queue.value for queue in OutboxQueue))
Place = tuple[datetime, UUID]
"""Where a page ends: when its last letter was given up, and which that was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A row that was given up. Ids and words of ours only.

    Attributes:
        id: of the row in the inbox or the outbox.
        queue: `inbound`, or the outbox queue.
        kind: what was to be done: `message.send`, a fact's name; of inbound rows the channel.
        reason: why it was given up, None when no attempt could say it.
        parked_at: when.
        created_at: when it was written.
        conversation_id: of outgoing messages.
    """

    id: UUID
    queue: str
    kind: str
    reason: str | None
    attempts: int
    parked_at: datetime
    created_at: datetime
    conversation_id: UUID | None = None


def list_dead_letters(
    session: ReadSession, *, limit: int, before: Place | None = None, queue: str | None = None
) -> list[DeadLetter]:
    """What was given up, the latest first.

    Args:
        session: the transaction.
        limit: at most so many.
        before: the last letter of the page before.
        queue: of this queue only.
    """
    found: list[DeadLetter] = []
    if queue in {None, INBOUND}:
        found += [_came_in(row) for row in inbox.list_parked(session, limit=limit, before=before)]
    if queue != INBOUND:
        wanted = OutboxQueue(queue) if queue else None
        found += [_went_out(row) for row in outbox_turns.list_parked(session, limit=limit, before=before, queue=wanted)]
    return sorted(found, key=lambda letter: (letter.parked_at, letter.id), reverse=True)[:limit]


def redrive_row(session: WriteSession, row_id: UUID, now: datetime) -> str:
    """Give one row another round of attempts; the queue it belongs to.

    A row of the outbox is relayed after the commit. One of the inbox is for the caller to queue; or the sweep does it.

    Raises:
        NotFound: no such row was given up.
    """
    opened = outbox_turns.unpark(session, now=now, only=row_id)
    if opened:
        _requeue(session, opened)
        return opened[0].queue
    if inbox.unpark(session, now=now, only=row_id):
        return INBOUND
    raise NotFound("dead letter", row_id)


def redrive_all(session: WriteSession, queue: str, now: datetime) -> list[UUID]:
    """Give every row of a queue another round of attempts; their ids. See `redrive_row` for rows of the inbox."""
    if queue == INBOUND:
        return inbox.unpark(session, now=now)
    opened = outbox_turns.unpark(session, now=now, queue=OutboxQueue(queue))
    _requeue(session, opened)
    return [row.id for row in opened]


def _requeue(session: WriteSession, rows: list[OutboxRow]) -> None:
    for row in rows:
        if row.kind == SEND_KIND and "message_id" in row.payload:
            repository.requeue_message(session, UUID(row.payload["message_id"]))


def _came_in(row: inbox.InboxRow) -> DeadLetter:
    return DeadLetter(
        id=row.id,
        queue=INBOUND,
        kind=row.source,
        reason=row.last_error,
        attempts=row.attempts,
        parked_at=row.done_at or row.received_at,
        created_at=row.received_at,
    )


def _went_out(row: OutboxRow) -> DeadLetter:
    return DeadLetter(
        id=row.id,
        queue=row.queue,
        kind=row.kind,
        reason=row.last_error,
        attempts=row.attempts,
        parked_at=row.done_at or row.created_at,
        created_at=row.created_at,
        conversation_id=row.conversation_id,
    )
