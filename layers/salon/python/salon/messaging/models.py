"""Tables of messaging."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from salon.booking import models as _booking  # noqa: F401 - the tables that these refer to must be known
from salon.catalog import models as _catalog  # noqa: F401 - the tables that these refer to must be known
from salon.clients import models as _clients  # noqa: F401 - as above
from salon.platform.db import Base, TenantOwned, same_tenant


class ConversationRow(TenantOwned, Base):
    """A chat of one person with one account; `state` is the dialogue's memory, sealed with the client's key."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "account_id", "chat_id", name="uq_conversations_chat"),
        same_tenant("account_id", "channel_accounts"),
        same_tenant("client_id", "clients"),
        Index(None, "tenant_id", "client_id"),
    )

    channel: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[UUID]
    chat_id: Mapped[str]
    client_id: Mapped[UUID]
    state: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime | None]  # providers' windows are counted from it
    external_user_id: Mapped[str | None]  # whom the chat is with, in the provider's words
    is_group: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    uses_text_keys: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class MessageRow(TenantOwned, Base):
    """One message, either way; `body` is sealed with the client's key."""

    __tablename__ = "message_log"
    __table_args__ = (
        UniqueConstraint("tenant_id", "inbox_id", name="uq_message_log_inbox"),
        CheckConstraint("direction IN ('in', 'out')", "direction"),
        CheckConstraint(
            "status IN ('received', 'queued', 'sent', 'delivered', 'read', 'unconfirmed', 'failed', 'cancelled')",
            "status",
        ),
        same_tenant("conversation_id", "conversations"),
        same_tenant("client_id", "clients"),
        Index("ix_message_log_conversation", "tenant_id", "conversation_id", "created_at", "id"),
        Index(
            "ix_message_log_provider",
            "tenant_id",
            "account_id",
            "provider_message_id",
            postgresql_where=text("provider_message_id IS NOT NULL"),
        ),
        Index("ix_message_log_media", "tenant_id", "client_id", postgresql_where=text("media_key IS NOT NULL")),
        Index(
            "ix_message_log_voice",
            "id",
            postgresql_where=text("direction = 'in' AND kind = 'voice' AND body <> ''"),
        ),
    )

    conversation_id: Mapped[UUID]
    client_id: Mapped[UUID]
    direction: Mapped[str] = mapped_column(String(3))
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    inbox_id: Mapped[UUID | None]
    media_key: Mapped[str | None]
    provider_message_id: Mapped[str | None]
    error: Mapped[str | None]
    correlation_id: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    purpose: Mapped[str] = mapped_column(String(16), server_default=text("'reply'"), default="reply")
    account_id: Mapped[UUID | None]  # the conversation's, so that a provider's id is found at once
    user_id: Mapped[UUID | None]  # the human of the salon who wrote it
    template_name: Mapped[str | None]  # the provider's template that it went out as
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]


class ReminderRow(TenantOwned, Base):
    """A reminder of one booking at one time; a moved booking gets new ones."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("tenant_id", "booking_id", "kind", "starts_at", name="uq_reminders_once"),
        CheckConstraint("status IN ('planned', 'sent', 'cancelled', 'skipped')", "status"),
        CheckConstraint("kind IN ('day_before', 'soon', 'feedback')", "kind"),
        same_tenant("booking_id", "bookings"),
        Index("ix_reminders_due", "due_at", postgresql_where=text("status = 'planned'")),
    )

    booking_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(16))
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(16))  # what the client said to it
    answered_at: Mapped[datetime | None]


class TemplateRow(TenantOwned, Base):
    """Which of a provider's approved texts says what, and whether it may be used."""

    __tablename__ = "message_templates"
    __table_args__ = (
        UniqueConstraint("tenant_id", "account_id", "purpose", "language", name="uq_message_templates_purpose"),
        CheckConstraint("status IN ('unknown', 'pending', 'approved', 'rejected', 'paused')", "status"),
        same_tenant("account_id", "channel_accounts"),
    )

    account_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8))  # ours, of the client
    name: Mapped[str] = mapped_column(String(512))
    provider_language: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(32), server_default=text("''"), default="")
    body: Mapped[str] = mapped_column(server_default=text("''"), default="")
    status: Mapped[str] = mapped_column(String(16))
    updated_at: Mapped[datetime]
