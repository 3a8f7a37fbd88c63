"""Tables of campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from salon.messaging import models as _messaging  # noqa: F401 - the tables that these refer to must be known
from salon.platform.db import Base, TenantOwned, same_tenant


class CampaignRow(TenantOwned, Base):
    """Something to be said to a segment of clients, once or on an occasion."""

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("kind IN ('birthday', 'win_back', 'one_off')", "kind"),
        CheckConstraint("status IN ('draft', 'active', 'paused', 'finished')", "status"),
        Index("ix_campaigns_active", "planned_at", postgresql_where=text("status = 'active'")),
    )

    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    segment: Mapped[dict[str, Any]] = mapped_column(JSONB)
    wording: Mapped[dict[str, Any]] = mapped_column(JSONB)  # by language
    template_purpose: Mapped[str | None] = mapped_column(String(32))
    send_at: Mapped[datetime | None]
    planned_at: Mapped[datetime | None]  # when it was last worked out to whom it is said
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]


class CampaignMessageRow(TenantOwned, Base):
    """One campaign, one client, one occasion: said at most once."""

    __tablename__ = "campaign_messages"
    __table_args__ = (
        UniqueConstraint("tenant_id", "campaign_id", "client_id", "occasion", name="uq_campaign_messages_once"),
        CheckConstraint("status IN ('planned', 'sent', 'skipped', 'cancelled')", "status"),
        same_tenant("campaign_id", "campaigns"),
        same_tenant("client_id", "clients"),
        Index("ix_campaign_messages_due", "due_at", postgresql_where=text("status = 'planned'")),
        Index("ix_campaign_messages_client", "tenant_id", "client_id", "done_at"),
    )

    campaign_id: Mapped[UUID]
    client_id: Mapped[UUID]
    occasion: Mapped[str] = mapped_column(String(32))  # `2027`: the birthday of that year
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    message_id: Mapped[UUID | None]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
