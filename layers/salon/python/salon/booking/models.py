"""Tables of booking."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, SmallInteger, String, UniqueConstraint, text
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.dialects.postgresql import ARRAY
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
        same_tenant("series_id", "booking_series"),
        CheckConstraint("deposit_status IN ('required', 'paid', 'waived', 'refunded', 'kept')", "deposit_status"),
        CheckConstraint("(deposit_minor IS NULL) = (deposit_status IS NULL)", "deposit"),
        CheckConstraint("(visit_id IS NULL) = (visit_position IS NULL)", "visit"),
        Index("ix_bookings_visit_id", "tenant_id", "visit_id", postgresql_where=text("visit_id IS NOT NULL")),
        Index("ix_bookings_series_id", "tenant_id", "series_id", postgresql_where=text("series_id IS NOT NULL")),
        Index("ix_bookings_session_id", "tenant_id", "session_id", postgresql_where=text("session_id IS NOT NULL")),
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
        Index("ix_bookings_starts_at", "tenant_id", "starts_at", "id"),
        Index("ix_bookings_staff", "tenant_id", "staff_id", "starts_at"),
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
    visit_id: Mapped[UUID | None]  # several services in a row
    visit_position: Mapped[int | None] = mapped_column(SmallInteger)
    series_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]  # the API session that made it, which alone may see and change it there
    exposure_id: Mapped[UUID | None]  # the offer it was chosen from; no reference, offers are forgotten
    variant: Mapped[str | None] = mapped_column(String(32))
    extra_min: Mapped[int] = mapped_column(default=0, server_default="0")  # what the options add
    incentive_minor: Mapped[int] = mapped_column(default=0, server_default="0")  # taken off the price
    deposit_minor: Mapped[int | None]
    deposit_status: Mapped[str | None] = mapped_column(String(16))
    is_late_cancel: Mapped[bool] = mapped_column(default=False, server_default="false")
    cancel_fee_minor: Mapped[int | None]
    note: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed with the client's key


class BookingHistoryRow(TenantOwned, Base):
    """What a booking was after each change; append-only by trigger."""

    __tablename__ = "booking_history"
    __table_args__ = (
        UniqueConstraint("tenant_id", "booking_id", "version"),
        same_tenant("booking_id", "bookings"),
        Index("ix_booking_history_slot", "tenant_id", "slot_id"),
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


class BookingSeriesRow(TenantOwned, Base):
    """A wish that repeats: every third Tuesday at two. Its visits are bookings of their own."""

    __tablename__ = "booking_series"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        same_tenant("client_id", "clients"),
        same_tenant("location_id", "locations"),
        same_tenant("service_id", "services"),
        same_tenant("staff_id", "staff"),
        CheckConstraint("every_days BETWEEN 1 AND 366", "every_days"),
        CheckConstraint("occurrences BETWEEN 1 AND 104", "occurrences"),
        CheckConstraint("tried >= 0", "tried"),
        CheckConstraint("tolerance_min >= 0", "tolerance_min"),
        CheckConstraint("status IN ('active', 'finished', 'cancelled')", "status"),
        Index("ix_booking_series_client", "tenant_id", "client_id"),
    )

    client_id: Mapped[UUID]
    location_id: Mapped[UUID]
    service_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    option_ids: Mapped[list[UUID]] = mapped_column(ARRAY(SqlUuid(as_uuid=True)))
    first_on: Mapped[date]
    local_time: Mapped[time]
    every_days: Mapped[int] = mapped_column(SmallInteger)
    occurrences: Mapped[int] = mapped_column(SmallInteger)
    tried: Mapped[int] = mapped_column(SmallInteger)  # visits that were booked or found impossible
    tolerance_min: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]


class BookingOptionRow(TenantOwned, Base):
    """An option of the booked service, with its minutes and price as they were."""

    __tablename__ = "booking_options"
    __table_args__ = (
        UniqueConstraint("tenant_id", "booking_id", "option_id", name="uq_booking_options_option"),
        same_tenant("booking_id", "bookings"),
        same_tenant("option_id", "service_options"),
    )

    booking_id: Mapped[UUID]
    option_id: Mapped[UUID]
    extra_min: Mapped[int]
    price_minor: Mapped[int | None]


class WaitlistEntryRow(TenantOwned, Base):
    """Somebody wants to come when there is no room; what gets free is held for them and offered."""

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        same_tenant("client_id", "clients"),
        same_tenant("service_id", "services"),
        same_tenant("location_id", "locations"),
        same_tenant("staff_id", "staff"),
        same_tenant("offered_booking_id", "bookings"),
        CheckConstraint("day_from_min BETWEEN 0 AND 1440", "day_from_min"),
        CheckConstraint("day_to_min BETWEEN 0 AND 1440", "day_to_min"),
        CheckConstraint("status IN ('waiting', 'offered', 'booked', 'withdrawn', 'expired')", "status"),
        CheckConstraint("offers >= 0", "offers"),
        CheckConstraint("to_at >= from_at", "window"),
        Index(
            "ix_waitlist_entries_waiting",
            "tenant_id",
            "service_id",
            "from_at",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_waitlist_entries_client", "tenant_id", "client_id"),
        Index(
            "ix_waitlist_entries_session_id",
            "tenant_id",
            "session_id",
            postgresql_where=text("session_id IS NOT NULL"),
        ),
        Index(
            "ix_waitlist_entries_offered",
            "tenant_id",
            "offered_booking_id",
            postgresql_where=text("offered_booking_id IS NOT NULL"),
        ),
        Index("ix_waitlist_entries_due", "to_at", postgresql_where=text("status = 'waiting'")),
    )

    client_id: Mapped[UUID]
    service_id: Mapped[UUID]
    location_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None]
    option_ids: Mapped[list[UUID]] = mapped_column(ARRAY(SqlUuid(as_uuid=True)))
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    day_from_min: Mapped[int | None] = mapped_column(SmallInteger)  # of the local day; earliest start
    day_to_min: Mapped[int | None] = mapped_column(SmallInteger)  # latest start
    status: Mapped[str] = mapped_column(String(16))
    offered_booking_id: Mapped[UUID | None]
    offers: Mapped[int] = mapped_column(SmallInteger)  # in a row that nobody answered
    declined_slot_ids: Mapped[list[UUID]] = mapped_column(ARRAY(SqlUuid(as_uuid=True)))
    channel: Mapped[str] = mapped_column(String(16))
    session_id: Mapped[UUID | None]  # the API session that made it; of the users' site only
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]


class ShiftProposalRow(TenantOwned, Base):
    """A booked client is asked to come a little earlier or later, for an incentive, so that somebody else fits in."""

    __tablename__ = "shift_proposals"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        same_tenant("booking_id", "bookings"),
        same_tenant("waitlist_entry_id", "waitlist_entries"),
        CheckConstraint("incentive_minor >= 0", "incentive_minor"),
        CheckConstraint("status IN ('proposed', 'accepted', 'declined', 'expired', 'withdrawn')", "status"),
        Index("ix_shift_proposals_booking", "tenant_id", "booking_id"),
        Index(
            "uq_shift_proposals_open",
            "tenant_id",
            "booking_id",
            unique=True,
            postgresql_where=text("status = 'proposed'"),
        ),
        Index("ix_shift_proposals_due", "expires_at", postgresql_where=text("status = 'proposed'")),
    )

    booking_id: Mapped[UUID]
    old_slot_id: Mapped[UUID]
    new_slot_id: Mapped[UUID]
    waitlist_entry_id: Mapped[UUID | None]
    incentive_minor: Mapped[int]
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
