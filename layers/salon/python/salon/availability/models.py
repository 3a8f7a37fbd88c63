"""Tables of availability."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from salon.catalog import models as _catalog  # noqa: F401 - the tables that these refer to must be known
from salon.platform.db import Base, TenantOwned, same_tenant

SLOT_STATUS = (
    "CASE WHEN is_blocked THEN 'blocked' WHEN booked + held >= capacity THEN 'full'"
    " WHEN booked + held > 0 THEN 'partial' ELSE 'open' END"
)


class AvailabilityRuleRow(TenantOwned, Base):
    """When a location, or one person in it, works or does not."""

    __tablename__ = "availability_rules"
    __table_args__ = (
        same_tenant("location_id", "locations"),
        same_tenant("staff_id", "staff"),
        same_tenant("service_id", "services"),
        CheckConstraint("kind IN ('weekly', 'date_range', 'exception')", "kind"),
        CheckConstraint("days_of_week <@ '{1,2,3,4,5,6,7}' AND days_of_week <> '{}'", "days_of_week"),
        CheckConstraint("kind <> 'weekly' OR days_of_week IS NOT NULL", "weekly_days"),
        CheckConstraint("kind = 'weekly' OR (valid_from IS NOT NULL AND valid_to IS NOT NULL)", "dated"),
        CheckConstraint("valid_to >= valid_from", "validity"),
        CheckConstraint("(start_time IS NULL) = (end_time IS NULL)", "hours"),
        CheckConstraint("is_closed OR start_time IS NOT NULL", "open_hours"),
        CheckConstraint("slot_capacity BETWEEN 1 AND 1000", "slot_capacity"),
        CheckConstraint("slot_granularity_min BETWEEN 1 AND 1440", "slot_granularity_min"),
        CheckConstraint("purpose IN ('hours', 'shift', 'break', 'time_off')", "purpose"),
        same_tenant("template_id", "rule_templates"),
        Index(None, "tenant_id", "location_id"),
    )

    location_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    service_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(String(16))
    days_of_week: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    start_time: Mapped[time | None]
    end_time: Mapped[time | None]
    slot_capacity: Mapped[int] = mapped_column(SmallInteger)
    slot_granularity_min: Mapped[int] = mapped_column(SmallInteger)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    is_closed: Mapped[bool]
    purpose: Mapped[str] = mapped_column(String(16), default="hours", server_default="hours")
    template_id: Mapped[UUID | None]  # the template it was made from
    group_id: Mapped[UUID | None]  # rules that were made together and go together
    created_at: Mapped[datetime]


class SlotInstanceRow(TenantOwned, Base):
    """A bookable start of a service; the counters are seats, guarded by a CHECK and changed under the row's lock."""

    __tablename__ = "slot_instances"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint(
            "tenant_id",
            "location_id",
            "service_id",
            "staff_id",
            "starts_at",
            name="uq_slot_instances_start",
            postgresql_nulls_not_distinct=True,
        ),
        same_tenant("location_id", "locations"),
        same_tenant("staff_id", "staff"),
        same_tenant("service_id", "services"),
        CheckConstraint("booked >= 0", "booked"),
        CheckConstraint("held >= 0", "held"),
        CheckConstraint("booked + held <= capacity", "seats"),
        CheckConstraint("ends_at > starts_at", "ends_at"),
        Index(
            "ix_slot_instances_free",
            "tenant_id",
            "service_id",
            "starts_at",
            postgresql_where=text("status IN ('open', 'partial')"),
        ),
        Index("ix_slot_instances_location", "tenant_id", "location_id", "starts_at"),
    )

    location_id: Mapped[UUID]
    service_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int] = mapped_column(SmallInteger)
    booked: Mapped[int] = mapped_column(SmallInteger)
    held: Mapped[int] = mapped_column(SmallInteger)
    is_blocked: Mapped[bool]
    open_from: Mapped[datetime | None]  # the stretch of working time it lies in; NULL until the next generation
    open_until: Mapped[datetime | None]
    blocked_by_hand: Mapped[bool] = mapped_column(default=False, server_default="false")
    status: Mapped[str] = mapped_column(String(16), Computed(SLOT_STATUS, persisted=True))


class BusyIntervalRow(TenantOwned, Base):
    """Somebody or something is busy; PostgreSQL refuses a second claim on the same time.

    The range is two plain columns, because range operators are not leakproof: under row-level security they may not
    use an index, comparisons of timestamps may.
    """

    __tablename__ = "busy_intervals"
    __table_args__ = (
        same_tenant("slot_id", "slot_instances"),
        CheckConstraint("resource_kind IN ('staff', 'chair', 'room', 'device')", "resource_kind"),
        CheckConstraint("ends_at > starts_at", "ends_at"),
        ExcludeConstraint(
            ("tenant_id", "="),
            ("resource_kind", "="),
            ("resource_id", "="),
            (func.tstzrange(literal_column("starts_at"), literal_column("ends_at")), "&&"),
            name="ex_busy_intervals_overlap",
            using="gist",
        ),
        ExcludeConstraint(
            ("tenant_id", "="),
            ("resource_kind", "="),
            ("resource_id", "="),
            ("location_id", "<>"),
            (func.tstzrange(literal_column("reach_from"), literal_column("reach_until")), "&&"),
            name="ex_busy_intervals_travel",
            using="gist",
        ),
        Index("ix_busy_intervals_resource", "tenant_id", "resource_kind", "resource_id", "ends_at", "starts_at"),
        Index("ix_busy_intervals_slot", "tenant_id", "slot_id"),
    )

    resource_kind: Mapped[str] = mapped_column(String(8))
    resource_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    slot_id: Mapped[UUID | None]  # whose seats it stands for; NULL for what does not come from a slot
    booking_id: Mapped[UUID | None]  # the booking, where one booking fills the slot
    expires_at: Mapped[datetime | None]  # a hold's end; busy no longer after it
    location_id: Mapped[UUID | None]
    reach_from: Mapped[datetime | None]  # with the way there; at another location nothing may overlap it
    reach_until: Mapped[datetime | None]


class RuleTemplateRow(TenantOwned, Base):
    """A pattern of shifts that repeats, such as two days on and two off; applied, it becomes rules."""

    __tablename__ = "rule_templates"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "name", name="uq_rule_templates_name"),
        CheckConstraint("cycle_days BETWEEN 1 AND 56", "cycle_days"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(Text)
    cycle_days: Mapped[int] = mapped_column(SmallInteger)
    entries: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_at: Mapped[datetime]


class ExposureRow(TenantOwned, Base):
    """A set of slots that somebody was shown; the same set for some minutes, and the record for experiments."""

    __tablename__ = "exposures"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("round BETWEEN 1 AND 3", "round"),
        CheckConstraint("total >= 0", "total"),
        Index("ix_exposures_key", "tenant_id", "key", "expires_at"),
        Index("ix_exposures_subject", "tenant_id", "subject", "created_at"),
        Index("ix_exposures_created_at", "tenant_id", "created_at"),
    )

    key: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    variant: Mapped[str] = mapped_column(String(32))
    location_id: Mapped[UUID | None]
    service_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    on_date: Mapped[date]
    round: Mapped[int] = mapped_column(SmallInteger)
    slot_ids: Mapped[list[UUID]] = mapped_column(ARRAY(SqlUuid(as_uuid=True)))
    total: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
