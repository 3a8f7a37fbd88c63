"""Tables of the catalogue."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
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
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("travel_min BETWEEN 0 AND 600", "travel_min"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(Text)
    timezone: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    opening_hours: Mapped[dict[str, Any]] = mapped_column(JSONB)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    travel_min: Mapped[int] = mapped_column(default=0, server_default="0")
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
        CheckConstraint("(processing_min = 0) = (processing_from_min IS NULL) AND processing_min >= 0", "processing"),
        CheckConstraint("COALESCE(processing_from_min, 1) BETWEEN 1 AND 1440", "processing_within"),
        CheckConstraint("processing_min <= 1440", "processing_most"),
        CheckConstraint("min_notice_min BETWEEN 0 AND 43200", "min_notice_min"),
        CheckConstraint("buffer_before_min <= 1440 AND buffer_after_min <= 1440", "buffers_most"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    synonyms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    duration_min: Mapped[int]
    buffer_before_min: Mapped[int]
    buffer_after_min: Mapped[int]
    requires_staff: Mapped[bool]
    processing_from_min: Mapped[int | None]
    processing_min: Mapped[int] = mapped_column(default=0, server_default="0")
    min_notice_min: Mapped[int | None]
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


class ServiceOptionRow(TenantOwned, Base):
    """What makes a service longer or dearer: the length of the hair, an add-on."""

    __tablename__ = "service_options"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "service_id", "choice", "name", name="uq_service_options_name"),
        same_tenant("service_id", "services"),
        CheckConstraint("extra_min BETWEEN -720 AND 720", "extra_min"),
    )

    service_id: Mapped[UUID]
    choice: Mapped[str] = mapped_column(Text)  # options of one choice exclude each other; empty for an add-on
    name: Mapped[str] = mapped_column(Text)
    extra_min: Mapped[int]
    position: Mapped[int] = mapped_column(SmallInteger)
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class OptionPriceRow(TenantOwned, Base):
    """What an option adds to the price in one list; may be negative."""

    __tablename__ = "option_prices"
    __table_args__ = (
        UniqueConstraint(
            "tenant_id",
            "price_list_id",
            "option_id",
            "staff_grade",
            name="uq_option_prices_one_price",
            postgresql_nulls_not_distinct=True,
        ),
        same_tenant("price_list_id", "price_lists"),
        same_tenant("option_id", "service_options"),
    )

    price_list_id: Mapped[UUID]
    option_id: Mapped[UUID]
    staff_grade: Mapped[str | None] = mapped_column(Text)
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))


class ResourcePoolRow(TenantOwned, Base):
    """Chairs, rooms or devices that are interchangeable."""

    __tablename__ = "resource_pools"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "name", name="uq_resource_pools_name"),
        CheckConstraint("kind IN ('chair', 'room', 'device')", "kind"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class ResourceRow(TenantOwned, Base):
    """One chair, room or device at a location."""

    __tablename__ = "resources"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "location_id", "name", name="uq_resources_name"),
        same_tenant("location_id", "locations"),
        same_tenant("pool_id", "resource_pools"),
        Index("ix_resources_pool", "tenant_id", "pool_id", "location_id"),
    )

    location_id: Mapped[UUID]
    pool_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class ServiceResourceRow(TenantOwned, Base):
    """A service needs one unit of a pool for its whole time, buffers included."""

    __tablename__ = "service_resources"
    __table_args__ = (
        UniqueConstraint("tenant_id", "service_id", "pool_id", name="uq_service_resources_pool"),
        same_tenant("service_id", "services"),
        same_tenant("pool_id", "resource_pools"),
    )

    service_id: Mapped[UUID]
    pool_id: Mapped[UUID]


class ConsumptionNormRow(TenantOwned, Base):
    """How much of an item a service uses, in base units; a norm for an option or a person goes before the general."""

    __tablename__ = "consumption_norms"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint(
            "tenant_id",
            "service_id",
            "option_id",
            "staff_id",
            "item",
            name="uq_consumption_norms_item",
            postgresql_nulls_not_distinct=True,
        ),
        same_tenant("service_id", "services"),
        same_tenant("option_id", "service_options"),
        same_tenant("staff_id", "staff"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("unit IN ('g', 'ml', 'pcs')", "unit"),
    )

    service_id: Mapped[UUID]
    option_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None]
    item: Mapped[str] = mapped_column(Text)
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    unit: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    item_id: Mapped[UUID | None]  # of the stock, said by a person there; no reference, the stock stands to the right
    by_length: Mapped[bool | None]  # whether it grows with the length of the hair; NULL: as such norms usually do
