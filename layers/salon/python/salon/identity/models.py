"""Tables of identity."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, TenantOwned
from salon.platform.ids import new_id


class Tenant(Base):
    """A business. Its own id is its tenant, so the same row-level security holds for it."""

    __tablename__ = "tenants"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    locale: Mapped[str] = mapped_column(String(8), default="ru")
    quiet_from_min: Mapped[int]
    quiet_until_min: Mapped[int]
    brand_id: Mapped[str | None]  # the tenant's name in erxes
    team_id: Mapped[str | None]  # the tenant's name in Cal.com
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ChannelAccount(TenantOwned, Base):
    """A tenant's account at a messenger: a bot. `credentials` is sealed with the tenant's key."""

    __tablename__ = "channel_accounts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("channel", "account_key", name="uq_channel_accounts_key"),
    )

    channel: Mapped[str] = mapped_column(String(16))
    account_key: Mapped[str] = mapped_column(String(64))  # stands in the webhook's URL; not a secret
    credentials: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(16))
    paused_until: Mapped[datetime | None]  # the provider asked the whole account to slow down
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AuditEntry(TenantOwned, Base):
    """Who did what, when; append-only by trigger. Ids, states and instants only, so erasure need not touch it."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_subject", "tenant_id", "subject", "subject_id"),)

    action: Mapped[str] = mapped_column(String(64))  # dotted, past tense: booking.cancelled
    subject: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[UUID]
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    correlation_id: Mapped[str | None]
    at: Mapped[datetime]
