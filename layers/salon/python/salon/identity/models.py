"""Tables of identity."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, TenantOwned, same_tenant
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
        Index(
            "ux_channel_accounts_external",
            "channel",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
    )

    channel: Mapped[str] = mapped_column(String(16))
    account_key: Mapped[str] = mapped_column(String(64))  # stands in the webhook's URL; not a secret
    credentials: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(16))
    paused_until: Mapped[datetime | None]  # the provider asked the whole account to slow down
    name: Mapped[str] = mapped_column(server_default=text("''"))
    external_id: Mapped[str | None] = mapped_column(String(64))  # the account at the provider; nobody else's
    config: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), default=dict)  # no secrets
    webhook_url: Mapped[str | None]  # where the provider was last told to send events
    checked_at: Mapped[datetime | None]
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"), default=list)
    token_expires_at: Mapped[datetime | None]
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


class TenantSettingsRow(TenantOwned, Base):
    """One section of a tenant's settings; the module that owns the section says what it means."""

    __tablename__ = "tenant_settings"
    __table_args__ = (UniqueConstraint("tenant_id", "section", name="uq_tenant_settings_section"),)

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    section: Mapped[str] = mapped_column(String(32))
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int]
    updated_at: Mapped[datetime]


class UserRow(TenantOwned, Base):
    """Somebody of the salon who uses the API or the console."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("role IN ('owner', 'admin', 'manager', 'frontdesk', 'stylist')", "role"),
        CheckConstraint("role <> 'stylist' OR staff_id IS NOT NULL", "diary"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[UUID | None]  # whose diary a stylist sees; no reference: catalog stands to the right
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class SessionRow(TenantOwned, Base):
    """A token that was issued; it can be revoked, and lives 24 hours at most."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        same_tenant("user_id", "users"),
        CheckConstraint("role IN ('owner', 'admin', 'manager', 'frontdesk', 'stylist', 'user')", "role"),
        CheckConstraint("expires_at > created_at AND expires_at <= created_at + interval '24 hours'", "lifetime"),
        CheckConstraint("(role = 'user') = (user_id IS NULL)", "user"),
        Index("ix_sessions_user", "tenant_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    user_id: Mapped[UUID | None]
    role: Mapped[str] = mapped_column(String(16))
    client_id: Mapped[UUID | None]  # whom a visitor of the site has booked as
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class CredentialRow(TenantOwned, Base):
    """How a user of the console signs in. The e-mail is sealed; its index is keyed, and one for all tenants."""

    __tablename__ = "user_credentials"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "user_id", name="uq_user_credentials_user"),
        UniqueConstraint("email_index", name="uq_user_credentials_email"),
        same_tenant("user_id", "users"),
    )

    user_id: Mapped[UUID]
    email: Mapped[bytes] = mapped_column(LargeBinary)
    email_index: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(200))  # argon2id, with its parameters
    changed_at: Mapped[datetime]
    created_at: Mapped[datetime]


class LoginPlaceRow(TenantOwned, Base):
    """From where an account was tried: wrong passwords lock it for that place alone, not for its owner elsewhere."""

    __tablename__ = "login_places"
    __table_args__ = (
        UniqueConstraint("tenant_id", "credential_id", "place_index", name="uq_login_places_place"),
        same_tenant("credential_id", "user_credentials", "CASCADE"),
        CheckConstraint("failed_attempts >= 0", "failed_attempts"),
    )

    credential_id: Mapped[UUID]
    place_index: Mapped[str] = mapped_column(String(64))  # keyed digest of an address; IPv6 by its /64
    failed_attempts: Mapped[int]  # since the last success from there
    locked_until: Mapped[datetime | None]
    entered_at: Mapped[datetime | None]  # the last success from there
    tried_at: Mapped[datetime]


class InvitationRow(TenantOwned, Base):
    """A way to a password, once: of the token only a digest is kept."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash", name="uq_invitations_token"),
        same_tenant("user_id", "users"),
        Index("ix_invitations_user", "tenant_id", "user_id"),
    )

    user_id: Mapped[UUID]
    email: Mapped[bytes] = mapped_column(LargeBinary)
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
