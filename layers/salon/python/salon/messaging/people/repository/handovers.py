"""Every query of hand-overs.

Lock order: the client's conversation first, then its hand-over. Conversations are locked FOR NO KEY UPDATE: while the
salon's chat and the client's are each locked by their own turn, a message may still be written into the other.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, text, tuple_, update

from salon.messaging.models import ConversationRow
from salon.messaging.people.domain import Handover, HandoverOutcome, HandoverReason, HandoverStatus
from salon.messaging.people.errors import HandoverNotFound
from salon.messaging.people.models import HandoverRow
from salon.messaging.people.repository.messages import lock_conversation
from salon.messaging.repository import Conversation
from salon.platform.db import ReadSession, WriteSession, tenant_of


def add_handover(session: WriteSession, handover: Handover) -> None:
    """Store a new hand-over."""
    session.add(
        HandoverRow(
            id=handover.id,
            tenant_id=tenant_of(session),
            number=handover.number,
            conversation_id=handover.conversation_id,
            **_values(handover),
        )
    )
    session.flush()


def next_number(session: WriteSession) -> int:
    """What the tenant's next hand-over is called; others who ask wait until the end of this transaction."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"handovers:{tenant_of(session)}", 0))))
    return (session.scalar(select(func.max(HandoverRow.number))) or 0) + 1


def update_handover(session: WriteSession, handover: Handover) -> None:
    """Store what a locked hand-over is now."""
    session.execute(update(HandoverRow).where(HandoverRow.id == handover.id).values(**_values(handover)))


def count_message(session: WriteSession, handover_id: UUID) -> None:
    """The client has written once more."""
    changed = update(HandoverRow).where(HandoverRow.id == handover_id).values(messages=HandoverRow.messages + 1)
    session.execute(changed)


def touch(session: WriteSession, handover_id: UUID, now: datetime, *, due_at: datetime) -> None:
    """Somebody of the salon has written; the timer looks later."""
    session.execute(
        update(HandoverRow).where(HandoverRow.id == handover_id).values(last_activity_at=now, due_at=due_at)
    )


def get_handover(session: ReadSession, handover_id: UUID) -> Handover:
    """A hand-over.

    Raises:
        HandoverNotFound: there is none.
    """
    row = session.execute(_handovers().where(HandoverRow.id == handover_id)).one_or_none()
    if row is None:
        raise HandoverNotFound(handover_id)
    return _handover(row)


def lock_handover(session: WriteSession, handover_id: UUID) -> tuple[Handover, Conversation]:
    """A hand-over and its conversation, both locked, in their order.

    Raises:
        HandoverNotFound: there is none.
    """
    conversation = lock_conversation(session, get_handover(session, handover_id).conversation_id)
    query = _handovers().where(HandoverRow.id == handover_id).with_for_update(of=HandoverRow)
    return _handover(session.execute(query).one()), conversation


def find_by_number(session: ReadSession, number: int) -> Handover | None:
    """A hand-over by what the salon calls it."""
    row = session.execute(_handovers().where(HandoverRow.number == number)).one_or_none()
    return _handover(row) if row is not None else None


def find_live(session: ReadSession, conversation_id: UUID) -> Handover | None:
    """The hand-over of a conversation that is not closed. Lock the conversation first to change it."""
    query = _handovers().where(
        HandoverRow.conversation_id == conversation_id, HandoverRow.status != HandoverStatus.CLOSED
    )
    row = session.execute(query).one_or_none()
    return _handover(row) if row is not None else None


def list_handovers(
    session: ReadSession,
    *,
    statuses: Collection[HandoverStatus] = (),
    taken_by: UUID | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int,
    oldest_first: bool = False,
) -> list[Handover]:
    """Hand-overs, the latest first; `before` is where the page before ended."""
    query = _handovers()
    if statuses:
        query = query.where(HandoverRow.status.in_(sorted(statuses)))
    if taken_by is not None:
        query = query.where(HandoverRow.taken_by == taken_by)
    if before is not None:
        query = query.where(tuple_(HandoverRow.opened_at, HandoverRow.id) < before)
    order = (HandoverRow.opened_at, HandoverRow.id)
    query = query.order_by(*order) if oldest_first else query.order_by(*(column.desc() for column in order))
    return [_handover(row) for row in session.execute(query.limit(limit))]


def list_live_of_client(session: ReadSession, client_id: UUID) -> list[UUID]:
    """Ids of hand-overs of a client that are not closed."""
    return list(
        session.scalars(
            select(HandoverRow.id)
            .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
            .where(ConversationRow.client_id == client_id, HandoverRow.status != HandoverStatus.CLOSED)
            .order_by(HandoverRow.id)
        )
    )


def list_conversations_of(session: ReadSession, client_id: UUID) -> list[UUID]:
    """Ids of a client's conversations."""
    return list(session.scalars(select(ConversationRow.id).where(ConversationRow.client_id == client_id)))


def list_stale(session: ReadSession, *, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, hand-over) of all tenants at which the timer has to look: for the timer."""
    rows = session.execute(
        text("SELECT tenant_id, id FROM stale_handovers(:before, :limit)"), {"before": before, "limit": limit}
    )
    return [(row.tenant_id, row.id) for row in rows]


def delay_handover(session: WriteSession, handover_id: UUID, until: datetime) -> None:
    """Have the timer look later: it failed just now."""
    session.execute(update(HandoverRow).where(HandoverRow.id == handover_id).values(due_at=until))


def _handovers() -> Select[HandoverRow, str, UUID]:
    """With the conversation's channel and client: two clients may have turned out to be one person since."""
    return (
        select(HandoverRow, ConversationRow.channel, ConversationRow.client_id)
        .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
        .execution_options(populate_existing=True)
    )


def _handover(row: Row[HandoverRow, str, UUID]) -> Handover:
    handover, channel, client_id = row
    return Handover(
        id=handover.id,
        number=handover.number,
        conversation_id=handover.conversation_id,
        client_id=client_id,
        channel=channel,
        reason=HandoverReason(handover.reason),
        status=HandoverStatus(handover.status),
        opened_at=handover.opened_at,
        taken_at=handover.taken_at,
        taken_by=handover.taken_by,
        closed_at=handover.closed_at,
        closed_by=handover.closed_by,
        outcome=HandoverOutcome(handover.outcome) if handover.outcome else None,
        messages=handover.messages,
        last_activity_at=handover.last_activity_at,
        due_at=handover.due_at,
        reminded_at=handover.reminded_at,
        version=handover.version,
    )


def _values(handover: Handover) -> dict[str, Any]:
    return {
        "client_id": handover.client_id,
        "reason": handover.reason,
        "status": handover.status,
        "opened_at": handover.opened_at,
        "taken_at": handover.taken_at,
        "taken_by": handover.taken_by,
        "closed_at": handover.closed_at,
        "closed_by": handover.closed_by,
        "outcome": handover.outcome,
        "last_activity_at": handover.last_activity_at,
        "due_at": handover.due_at,
        "reminded_at": handover.reminded_at,
        "version": handover.version,
    }
