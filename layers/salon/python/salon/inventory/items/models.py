"""Tables of items and of how much of each should be where."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from salon.catalog import models as _catalog  # noqa: F401 - the tables that these refer to must be known
from salon.platform.db import Base, TenantOwned, same_tenant


class ItemRow(TenantOwned, Base):
    """Something that is bought and used up, or sold."""

    __tablename__ = "inventory_items"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("base_unit IN ('g', 'ml', 'pcs')", "base_unit"),
        CheckConstraint("pack_quantity > 0", "pack_quantity"),
        Index("ux_inventory_items_name", "tenant_id", "name_key", unique=True, postgresql_where=text("is_active")),
    )

    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text, server_default="")
    brand: Mapped[str] = mapped_column(Text, server_default="")
    base_unit: Mapped[str] = mapped_column(String(8))
    pack_quantity: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    sku: Mapped[str | None] = mapped_column(Text)
    barcode: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class MinimumRow(TenantOwned, Base):
    """How much of an item a location should have at least, and up to how much is bought."""

    __tablename__ = "inventory_minimums"
    __table_args__ = (
        UniqueConstraint("tenant_id", "item_id", "location_id", name="uq_inventory_minimums_place"),
        CheckConstraint("minimum >= 0 AND target >= minimum", "levels"),
        same_tenant("item_id", "inventory_items"),
        same_tenant("location_id", "locations"),
    )

    item_id: Mapped[UUID]
    location_id: Mapped[UUID]
    minimum: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    target: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    updated_at: Mapped[datetime]
