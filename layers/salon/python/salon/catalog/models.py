"""Tables of the catalogue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from salon.identity import models as _identity  # noqa: F401 - the tables that these refer to must be known
from salon.platform.db import Base, TenantOwned, same_tenant


class LocationRow(TenantOwned, Base):
    """A branch."""

    __tablename__ = "locations"
    __table_args__ = (UniqueConstraint("tenant_id", "id"),)

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(Text)
    timezone: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    opening_hours: Mapped[dict[str, Any]] = mapped_column(JSONB)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class StaffRow(TenantOwned, Base):
    """Whoever serves."""

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        same_tenant("location_id", "locations"),
        Index(None, "tenant_id", "location_id"),
    )

    location_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    speciality: Mapped[str] = mapped_column(Text)
    grade: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class ServiceRow(TenantOwned, Base):
    """What is sold as work."""

    __tablename__ = "services"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("duration_min BETWEEN 1 AND 1440", "duration_min"),
        CheckConstraint("buffer_before_min >= 0 AND buffer_after_min >= 0", "buffers"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    synonyms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    duration_min: Mapped[int]
    buffer_before_min: Mapped[int]
    buffer_after_min: Mapped[int]
    requires_staff: Mapped[bool]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class StaffServiceRow(TenantOwned, Base):
    """A skill: who can do what, and in which time of their own."""

    __tablename__ = "staff_services"
    __table_args__ = (
        UniqueConstraint("tenant_id", "staff_id", "service_id"),
        same_tenant("staff_id", "staff"),
        same_tenant("service_id", "services"),
        CheckConstraint("duration_min BETWEEN 1 AND 1440", "duration_min"),
        Index(None, "tenant_id", "service_id"),
    )

    staff_id: Mapped[UUID]
    service_id: Mapped[UUID]
    duration_min: Mapped[int | None]


class LocationServiceRow(TenantOwned, Base):
    """A location offers a service."""

    __tablename__ = "location_services"
    __table_args__ = (
        UniqueConstraint("tenant_id", "location_id", "service_id"),
        same_tenant("location_id", "locations"),
        same_tenant("service_id", "services"),
        Index(None, "tenant_id", "service_id"),
    )

    location_id: Mapped[UUID]
    service_id: Mapped[UUID]


class PriceListRow(TenantOwned, Base):
    """One version of the prices; of one reach (a location, or the tenant) only one is valid on any day."""

    __tablename__ = "price_lists"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        same_tenant("location_id", "locations"),
        CheckConstraint("valid_to >= valid_from", "validity"),
        ExcludeConstraint(
            ("tenant_id", "="),
            (literal_column("COALESCE(location_id, '00000000-0000-0000-0000-000000000000'::uuid)"), "="),
            (func.daterange(literal_column("valid_from"), literal_column("valid_to"), literal_column("'[]'")), "&&"),
            name="ex_price_lists_validity",
            using="gist",
        ),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    location_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    created_at: Mapped[datetime]


class PriceListItemRow(TenantOwned, Base):
    """The price of a service in one list."""

    __tablename__ = "price_list_items"
    __table_args__ = (
        UniqueConstraint(
            "tenant_id",
            "price_list_id",
            "service_id",
            "staff_grade",
            name="uq_price_list_items_one_price",
            postgresql_nulls_not_distinct=True,
        ),
        same_tenant("price_list_id", "price_lists"),
        same_tenant("service_id", "services"),
        CheckConstraint("price_minor >= 0", "price_minor"),
    )

    price_list_id: Mapped[UUID]
    service_id: Mapped[UUID]
    staff_grade: Mapped[str | None] = mapped_column(Text)
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(Text)
