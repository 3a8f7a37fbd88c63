"""Queries about the messages of campaigns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from salon.messaging.campaigns.domain import CampaignMessageStatus
from salon.messaging.campaigns.models import CampaignMessageRow
from salon.messaging.domain import Purpose
from salon.messaging.models import ConversationRow, MessageRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id
from salon.platform.outbox import OutboxQueue, OutboxRow, OutboxStatus

_MAY_STILL_GO = (OutboxStatus.OPEN, OutboxStatus.WAITING, OutboxStatus.PARKED)  # `make redrive` sends what is parked


@dataclass(frozen=True, slots=True)
class Planned:
    """One message to be: to whom, on which occasion, when."""

    client_id: UUID
    occasion: str
    due_at: datetime


def add_planned(session: WriteSession, campaign_id: UUID, planned: Sequence[Planned], now: datetime) -> int:
    """Store messages to be; those of the same campaign, client and occasion are there once. How many are new."""
    if not planned:
        return 0
    rows = [
        {
            "id": new_id(),
            "tenant_id": tenant_of(session),
            "campaign_id": campaign_id,
            "client_id": one.client_id,
            "occasion": one.occasion,
            "status": CampaignMessageStatus.PLANNED,
            "due_at": one.due_at,
            "created_at": now,
        }
        for one in planned
    ]
    statement = (
        pg_insert(CampaignMessageRow).values(rows).on_conflict_do_nothing(constraint="uq_campaign_messages_once")
    )
    return len(session.execute(statement.returning(CampaignMessageRow.id)).all())


def list_due(session: ReadSession, *, until: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, message) of all tenants that are due, a turn for each tenant after another; for the timer."""
    rows = session.execute(
        text("SELECT tenant_id, id FROM due_campaign_messages(:until, :limit)"), {"until": until, "limit": limit}
    )
    return [(row.tenant_id, row.id) for row in rows]


def find_message(session: ReadSession, message_id: UUID) -> CampaignMessageRow | None:
    """A message that is still planned, to look at."""
    return session.scalars(_planned(message_id)).one_or_none()


def lock_message(session: WriteSession, message_id: UUID) -> CampaignMessageRow | None:
    """A message that is still planned, locked; None when another worker has it or it is done."""
    query = _planned(message_id).with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def delay_message(session: WriteSession, message_id: UUID, until: datetime) -> None:
    """Look at a message again later."""
    session.execute(
        update(CampaignMessageRow)
        .where(CampaignMessageRow.id == message_id, CampaignMessageRow.status == CampaignMessageStatus.PLANNED)
        .values(due_at=until)
    )


def count_sent(session: ReadSession, client_ids: Collection[UUID], since: datetime) -> int:
    """How many messages of any campaign a person has been sent after `since`."""
    query = select(func.count()).where(
        CampaignMessageRow.client_id.in_(client_ids),
        CampaignMessageRow.status == CampaignMessageStatus.SENT,
        CampaignMessageRow.done_at > since,
    )
    return int(session.scalar(query) or 0)


def is_anything_planned(session: ReadSession, campaign_id: UUID) -> bool:
    """Whether messages of a campaign still wait."""
    query = select(CampaignMessageRow.id).where(
        CampaignMessageRow.campaign_id == campaign_id, CampaignMessageRow.status == CampaignMessageStatus.PLANNED
    )
    return session.scalars(query.limit(1)).first() is not None


def cancel_planned(session: WriteSession, campaign_id: UUID, *, reason: str, now: datetime) -> int:
    """Cancel what a campaign has not sent yet; how many."""
    return _cancel(session, CampaignMessageRow.campaign_id == campaign_id, reason, now)


def cancel_for_clients(session: WriteSession, client_ids: Collection[UUID], *, reason: str, now: datetime) -> int:
    """Cancel what campaigns have planned for a person, and what of it waits in the queue; how many."""
    chats = select(ConversationRow.id).where(ConversationRow.client_id.in_(client_ids)).scalar_subquery()
    waiting = session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.conversation_id.in_(chats),
            OutboxRow.queue == OutboxQueue.MK,
            OutboxRow.status.in_(_MAY_STILL_GO),
        )
        .with_for_update()
    ).all()
    for row in waiting:
        row.status, row.done_at, row.lease_until, row.last_error = OutboxStatus.CANCELLED, now, None, reason
    stopped = session.scalars(
        update(MessageRow)
        .where(
            MessageRow.conversation_id.in_(chats),
            MessageRow.purpose == Purpose.MARKETING,
            MessageRow.status == "queued",
        )
        .values(status="cancelled", error=reason)
        .returning(MessageRow.id)
    ).all()
    session.flush()
    cancelled = _cancel(session, CampaignMessageRow.client_id.in_(client_ids), reason, now)
    if stopped:
        session.execute(
            update(CampaignMessageRow)
            .where(CampaignMessageRow.message_id.in_(stopped))
            .values(status=CampaignMessageStatus.CANCELLED, reason=reason, done_at=now)
        )
    return cancelled + len(stopped)


def _planned(message_id: UUID) -> Any:
    return select(CampaignMessageRow).where(
        CampaignMessageRow.id == message_id, CampaignMessageRow.status == CampaignMessageStatus.PLANNED
    )


def _cancel(session: WriteSession, which: Any, reason: str, now: datetime) -> int:
    result = session.execute(
        update(CampaignMessageRow)
        .where(which, CampaignMessageRow.status == CampaignMessageStatus.PLANNED)
        .values(status=CampaignMessageStatus.CANCELLED, reason=reason, done_at=now)
    )
    return cast("CursorResult[Any]", result).rowcount
