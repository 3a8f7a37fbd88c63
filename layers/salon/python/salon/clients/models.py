"""Tables of the client register."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
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
            "ix_clients_merged_into",
            "tenant_id",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        Index("ix_clients_birth_day", "tenant_id", "birth_day", postgresql_where=text("birth_day IS NOT NULL")),
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
    birth_day: Mapped[str | None] = mapped_column(String(5))  # MM-DD: nobody asks a client's age
    merged_into_id: Mapped[UUID | None]  # this row is the same person as that one, who has the contacts now
    is_phone_verified: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    marketing_asked_at: Mapped[datetime | None]  # when we last asked whether they want our news


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
        Index("ix_channel_contacts_chat", "tenant_id", "account_id", "chat_id"),
    )

    client_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("channel_accounts.id"))
    external_user_id: Mapped[str] = mapped_column(Text)
    chat_id: Mapped[str] = mapped_column(Text)
    is_blocked: Mapped[bool]
    blocked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ConsentRow(TenantOwned, Base):
    """That a client agreed to something, or took it back; append-only, the latest row of a purpose counts."""

    __tablename__ = "consents"
    __table_args__ = (
        same_tenant("client_id", "clients"),
        Index("ix_consents_client", "tenant_id", "client_id", "purpose", "at"),
    )

    client_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(String(32))
    is_given: Mapped[bool]
    channel: Mapped[str] = mapped_column(String(16))  # where it was said; `desk` when it was told to the salon
    wording_version: Mapped[str] = mapped_column(String(32))  # of the text that was agreed to
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str]
    at: Mapped[datetime]


class ClientLinkRow(TenantOwned, Base):
    """A question whether two clients are one person, put to the one whose messenger vouches for the phone."""

    __tablename__ = "client_links"
    __table_args__ = (
        same_tenant("client_id", "clients"),
        same_tenant("other_client_id", "clients"),
        CheckConstraint("status IN ('open', 'accepted', 'declined', 'expired')", "status"),
        Index(
            "ux_client_links_open",
            "tenant_id",
            "client_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
    )

    client_id: Mapped[UUID]  # who was asked
    other_client_id: Mapped[UUID]  # who has the same phone
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
