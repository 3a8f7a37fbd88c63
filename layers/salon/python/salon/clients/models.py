"""Tables of the client register."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from salon.catalog import models as _catalog  # noqa: F401 - the tables that these refer to must be known
from salon.identity import models as _identity  # noqa: F401 - the tables that these refer to must be known
from salon.platform.db import Base, TenantOwned, same_tenant


class ClientRow(TenantOwned, Base):
    """Whoever is served; phone, e-mail and notes are sealed with the client's own key."""

    __tablename__ = "clients"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        Index("ix_clients_phone_index", "tenant_id", "phone_index"),
        Index("ix_clients_phone_last4", "tenant_id", "phone_last4"),
        Index(
            "ix_clients_name",
            "tenant_id",
            text("replace(lower(display_name), 'ё', 'е')"),  # gist_trgm_ops; looked in by client_matches
            postgresql_using="gist",
            postgresql_where=text("erased_at IS NULL"),
        ),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    display_name: Mapped[str] = mapped_column(Text)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_last4: Mapped[str | None] = mapped_column(String(4))
    email: Mapped[bytes | None] = mapped_column(LargeBinary)
    notes: Mapped[bytes | None] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(String(8))
    timezone: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class ChannelContactRow(TenantOwned, Base):
    """Where a client can be reached."""

    __tablename__ = "channel_contacts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint(
            "tenant_id", "channel", "account_id", "external_user_id", name="uq_channel_contacts_external_user"
        ),
        same_tenant("client_id", "clients"),
        Index(None, "tenant_id", "client_id"),
    )

    client_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("channel_accounts.id"))
    external_user_id: Mapped[str] = mapped_column(Text)
    chat_id: Mapped[str] = mapped_column(Text)
    is_blocked: Mapped[bool]
    blocked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
