"""Queries about campaigns themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update

from salon.messaging.campaigns.domain import (
    Campaign,
    CampaignDetails,
    CampaignKind,
    CampaignMessageStatus,
    CampaignStatus,
    Results,
    Segment,
    Wording,
)
from salon.messaging.campaigns.errors import CampaignNotFound
from salon.messaging.campaigns.models import CampaignMessageRow, CampaignRow
from salon.messaging.models import MessageRow
from salon.platform.db import ReadSession, WriteSession, tenant_of

_IDS = ("service_ids", "staff_ids", "location_ids")
_DATES = ("last_visit_before", "last_visit_after")


def add_campaign(
    session: WriteSession, campaign_id: UUID, details: CampaignDetails, *, created_by: str, now: datetime
) -> None:
    """Store a new draft."""
    session.add(
        CampaignRow(
            id=campaign_id,
            tenant_id=tenant_of(session),
            status=CampaignStatus.DRAFT,
            created_by=created_by,
            created_at=now,
            updated_at=now,
            version=1,
            **_values(details),
        )
    )
    session.flush()


def get_campaign(session: ReadSession, campaign_id: UUID) -> Campaign:
    """A campaign.

    Raises:
        CampaignNotFound: there is none.
    """
    return _campaign(_row(session, campaign_id))


def lock_campaign(session: WriteSession, campaign_id: UUID) -> Campaign:
    """A campaign, locked.

    Raises:
        CampaignNotFound: there is none.
    """
    query = select(CampaignRow).where(CampaignRow.id == campaign_id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise CampaignNotFound(campaign_id)
    return _campaign(row)


def list_campaigns(
    session: ReadSession, *, status: CampaignStatus | None, before: UUID | None, limit: int
) -> list[Campaign]:
    """Campaigns, the newest first."""
    query = select(CampaignRow)
    if status is not None:
        query = query.where(CampaignRow.status == status)
    if before is not None:
        query = query.where(CampaignRow.id < before)
    return [_campaign(row) for row in session.scalars(query.order_by(CampaignRow.id.desc()).limit(limit))]


def change_details(session: WriteSession, campaign_id: UUID, details: CampaignDetails, now: datetime) -> None:
    """Store what a person says about it now; whom it means is worked out anew."""
    row = _row(session, campaign_id)
    for name, value in _values(details).items():
        setattr(row, name, value)
    row.planned_at, row.updated_at, row.version = None, now, row.version + 1
    session.flush()


def change_status(session: WriteSession, campaign_id: UUID, status: CampaignStatus, now: datetime) -> None:
    """Store a step of its life."""
    row = _row(session, campaign_id)
    row.status, row.updated_at, row.version = status, now, row.version + 1
    session.flush()


def mark_planned(session: WriteSession, campaign_id: UUID, now: datetime) -> None:
    """Note that it was worked out to whom it is said."""
    session.execute(update(CampaignRow).where(CampaignRow.id == campaign_id).values(planned_at=now))


def list_active(session: ReadSession, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, campaign) of all tenants that are active, those first that have waited longest; for the timer."""
    rows = session.execute(text("SELECT tenant_id, id FROM active_campaigns(:limit)"), {"limit": limit})
    return [(row.tenant_id, row.id) for row in rows]


def count_results(session: ReadSession, campaign_id: UUID) -> Results:
    """What has become of its messages."""
    statuses = session.execute(
        select(CampaignMessageRow.status, CampaignMessageRow.reason, func.count().label("many"))
        .where(CampaignMessageRow.campaign_id == campaign_id)
        .group_by(CampaignMessageRow.status, CampaignMessageRow.reason)
    ).all()
    counts: dict[str, int] = {}
    skipped: dict[str, int] = {}
    for row in statuses:
        counts[row.status] = counts.get(row.status, 0) + row.many
        if row.status == CampaignMessageStatus.SKIPPED:
            skipped[row.reason or ""] = row.many
    arrived = session.execute(
        select(
            func.count().filter(MessageRow.status.in_(["delivered", "read"])).label("delivered"),
            func.count().filter(MessageRow.status == "read").label("read"),
            func.count().filter(MessageRow.status == "failed").label("failed"),
        )
        .join(CampaignMessageRow, CampaignMessageRow.message_id == MessageRow.id)
        .where(CampaignMessageRow.campaign_id == campaign_id, CampaignMessageRow.status == CampaignMessageStatus.SENT)
    ).one()
    return Results(
        planned=counts.get(CampaignMessageStatus.PLANNED, 0),
        sent=counts.get(CampaignMessageStatus.SENT, 0),
        cancelled=counts.get(CampaignMessageStatus.CANCELLED, 0),
        skipped=skipped,
        delivered=arrived.delivered,
        read=arrived.read,
        failed=arrived.failed,
    )


def _row(session: ReadSession, campaign_id: UUID) -> CampaignRow:
    row = session.get(CampaignRow, campaign_id)
    if row is None:
        raise CampaignNotFound(campaign_id)
    return row


def _values(details: CampaignDetails) -> dict[str, Any]:
    segment = {name: getattr(details.segment, name) for name in Segment.__dataclass_fields__}
    segment |= {name: [str(one) for one in segment[name]] for name in _IDS}
    segment |= {name: segment[name].isoformat() if segment[name] else None for name in _DATES}
    return {
        "name": details.name,
        "kind": details.kind,
        "segment": {name: value for name, value in segment.items() if value not in (None, [])},
        "wording": {
            language: {"text": wording.text, "link": wording.link} for language, wording in details.wording.items()
        },
        "template_purpose": details.template_purpose,
        "send_at": details.send_at,
    }


def _campaign(row: CampaignRow) -> Campaign:
    return Campaign(
        id=row.id,
        name=row.name,
        kind=CampaignKind(row.kind),
        segment=_segment(row.segment),
        wording={language: Wording(**wording) for language, wording in row.wording.items()},
        template_purpose=row.template_purpose,
        send_at=row.send_at,
        status=CampaignStatus(row.status),
        planned_at=row.planned_at,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _segment(stored: Mapping[str, Any]) -> Segment:
    values = {name: value for name, value in stored.items() if name in Segment.__dataclass_fields__}
    values |= {name: tuple(UUID(one) for one in values[name]) for name in _IDS if name in values}
    values |= {name: date.fromisoformat(values[name]) for name in _DATES if name in values}
    return Segment(**values)
