"""Tables of the salon's people in the messenger."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from salon.messaging import models as _messaging  # noqa: F401 - the tables that these refer to must be known
from salon.platform.db import Base, TenantOwned, same_tenant


class HandoverRow(TenantOwned, Base):
    """A conversation that a human of the salon is to answer; one at a time for each conversation."""

    __tablename__ = "handovers"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("status IN ('open', 'taken', 'closed')", "status"),
        same_tenant("conversation_id", "conversations"),
        same_tenant("client_id", "clients"),
        Index(
            "ux_handovers_live",
            "tenant_id",
            "conversation_id",
            unique=True,
            postgresql_where=text("status <> 'closed'"),
        ),
        UniqueConstraint("tenant_id", "number", name="uq_handovers_number"),
        Index("ix_handovers_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_handovers_opened_at", "tenant_id", "opened_at"),
    )

    number: Mapped[int]  # counts up within the tenant; what people call it by
    conversation_id: Mapped[UUID]
    client_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(String(24))
    status: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[UUID | None]  # a user; None when the human answers in the provider's own app
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None] = mapped_column(String(24))
    messages: Mapped[int] = mapped_column(server_default=text("0"), default=0)  # of the client, since it was opened
    last_activity_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # when the timer looks at it next
    reminded_at: Mapped[datetime | None]
    version: Mapped[int]


class StaffContactRow(TenantOwned, Base):
    """A chat that belongs to a user of the salon: proven by a one-time code, until it is ended."""

    __tablename__ = "staff_contacts"
    __table_args__ = (
        same_tenant("user_id", "users"),
        same_tenant("conversation_id", "conversations"),
        same_tenant("handover_id", "handovers"),
        Index(
            "ux_staff_contacts_live",
            "tenant_id",
            "conversation_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_staff_contacts_user", "tenant_id", "user_id"),
    )

    user_id: Mapped[UUID]
    conversation_id: Mapped[UUID]
    notices: Mapped[list[str]] = mapped_column(JSONB)  # what this person is told of
    handover_id: Mapped[UUID | None]  # whom the person's plain messages go to just now
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BindingCodeRow(TenantOwned, Base):
    """A code that binds a chat to a user, once; only its digest is kept."""

    __tablename__ = "binding_codes"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code_hash", name="uq_binding_codes_hash"),
        same_tenant("user_id", "users"),
    )

    user_id: Mapped[UUID]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
