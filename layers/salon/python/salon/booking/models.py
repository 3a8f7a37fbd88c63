"""Tables of booking."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from salon.availability import models as _availability  # noqa: F401 - the tables that these refer to must be known
from salon.catalog import models as _catalog  # noqa: F401 - the tables that these refer to must be known
from salon.clients import models as _clients  # noqa: F401 - the tables that these refer to must be known
from salon.platform.db import Base, TenantOwned, same_tenant

STATUSES = "('held', 'confirmed', 'completed', 'cancelled', 'no_show', 'expired')"


class BookingRow(TenantOwned, Base):
    """The agreement that a client comes."""

    __tablename__ = "bookings"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        same_tenant("client_id", "clients"),
        same_tenant("location_id", "locations"),
        same_tenant("service_id", "services"),
        same_tenant("staff_id", "staff"),
        same_tenant("slot_id", "slot_instances", ondelete="SET NULL (slot_id)"),
        CheckConstraint(f"status IN {STATUSES}", "status"),
        CheckConstraint("slot_id IS NOT NULL OR status NOT IN ('held', 'confirmed')", "active_slot"),
        CheckConstraint("status <> 'held' OR hold_expires_at IS NOT NULL", "hold_expires_at"),
        CheckConstraint("(price_minor IS NULL) = (currency IS NULL)", "price"),
        CheckConstraint("ends_at > starts_at", "ends_at"),
        Index(
            "uq_bookings_active_slot_client",
            "tenant_id",
            "slot_id",
            "client_id",
            unique=True,
            postgresql_where=text("status IN ('held', 'confirmed')"),
        ),
        Index("ix_bookings_slot", "tenant_id", "slot_id"),
        Index("ix_bookings_client", "tenant_id", "client_id", "starts_at"),
        Index("ix_bookings_location", "tenant_id", "location_id", "starts_at"),
        Index("ix_bookings_holds", "tenant_id", "hold_expires_at", postgresql_where=text("status = 'held'")),
        Index("ix_bookings_stale", "hold_expires_at", postgresql_where=text("status = 'held'")),
    )

    client_id: Mapped[UUID]
    location_id: Mapped[UUID]
    service_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    slot_id: Mapped[UUID | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(16))
    hold_expires_at: Mapped[datetime | None]
    price_minor: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    channel: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer)


class BookingHistoryRow(TenantOwned, Base):
    """What a booking was after each change; append-only by trigger."""

    __tablename__ = "booking_history"
    __table_args__ = (
        UniqueConstraint("tenant_id", "booking_id", "version"),
        same_tenant("booking_id", "bookings"),
    )

    booking_id: Mapped[UUID]
    version: Mapped[int]
    change: Mapped[str] = mapped_column(String(32))  # the fact's name: booking.rescheduled
    status: Mapped[str] = mapped_column(String(16))
    slot_id: Mapped[UUID | None]  # no reference: history outlives slots
    staff_id: Mapped[UUID | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str]
    at: Mapped[datetime]
