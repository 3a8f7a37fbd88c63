"""The table of suppliers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, TenantOwned


class SupplierRow(TenantOwned, Base):
    """Whom the salon buys from: known by a valid INN, else by name."""

    __tablename__ = "inventory_suppliers"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        Index("ux_inventory_suppliers_inn", "tenant_id", "inn", unique=True, postgresql_where=text("inn_valid")),
        Index(
            "ux_inventory_suppliers_name", "tenant_id", "name_key", unique=True, postgresql_where=text("NOT inn_valid")
        ),
    )

    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    inn: Mapped[str | None] = mapped_column(String(12))
    inn_valid: Mapped[bool]
    created_at: Mapped[datetime]
