"""Tables of consumption."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from salon.booking import models as _booking  # noqa: F401 - the tables that these refer to must be known
from salon.inventory.items import models as _items  # noqa: F401 - as above
from salon.platform.db import Base, TenantOwned, same_tenant


class VisitConsumptionRow(TenantOwned, Base):
    """What one booking used: one row each, locked by whoever makes the ledger agree with the booking."""

    __tablename__ = "visit_consumptions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "booking_id", name="uq_visit_consumptions_booking"),
        same_tenant("booking_id", "bookings"),
        CheckConstraint("hair_length IN ('short', 'medium', 'long', 'extra')", "hair_length"),
        CheckConstraint("generation >= 0", "generation"),
        CheckConstraint("NOT is_posted OR (generation > 0 AND completed_version IS NOT NULL)", "posted"),
        Index("ix_visit_consumptions_posted", "tenant_id", "posted_at", postgresql_where=text("is_posted")),
    )

    booking_id: Mapped[UUID]
    hair_length: Mapped[str | None] = mapped_column(String(8))
    generation: Mapped[int] = mapped_column(Integer)  # grows with each posting: completed, undone, completed again
    is_posted: Mapped[bool]  # whether the ledger holds the lines of this generation now
    completed_version: Mapped[int | None]  # of the booking, when it was completed; what that generation is of
    location_id: Mapped[UUID | None]  # where, by whom and with what it was posted; a booking may change afterwards
    service_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None]
    posted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class VisitActualRow(TenantOwned, Base):
    """What a visit really took of one item, as a person says: it stands in the place of the norm."""

    __tablename__ = "visit_actuals"
    __table_args__ = (
        UniqueConstraint("tenant_id", "consumption_id", "item_id", name="uq_visit_actuals_item"),
        same_tenant("consumption_id", "visit_consumptions", ondelete="CASCADE"),
        same_tenant("item_id", "inventory_items"),
        CheckConstraint("quantity >= 0", "quantity"),
    )

    consumption_id: Mapped[UUID]
    item_id: Mapped[UUID]
    quantity: Mapped[Decimal] = mapped_column(Numeric(16, 4))  # the item's base units; 0 for none of it
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]


class ConsumptionLineRow(TenantOwned, Base):
    """One norm or actual of one posting, and what became of it; lines of former generations stay as they were."""

    __tablename__ = "consumption_lines"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        same_tenant("consumption_id", "visit_consumptions"),
        same_tenant("item_id", "inventory_items"),
        CheckConstraint("state IN ('posted', 'none', 'unlinked', 'other_unit')", "state"),
        CheckConstraint("(state IN ('posted', 'none')) = (used IS NOT NULL)", "used"),
        CheckConstraint("state <> 'posted' OR item_id IS NOT NULL", "item"),
        CheckConstraint("norm_unit IN ('g', 'ml', 'pcs')", "norm_unit"),
        UniqueConstraint("tenant_id", "consumption_id", "generation", "position", name="uq_consumption_lines_position"),
        Index("ix_consumption_lines_item", "tenant_id", "item_id", postgresql_where=text("item_id IS NOT NULL")),
        Index("ix_consumption_lines_lost", "tenant_id", postgresql_where=text("state IN ('unlinked', 'other_unit')")),
    )

    consumption_id: Mapped[UUID]
    generation: Mapped[int]
    position: Mapped[int] = mapped_column(SmallInteger)  # the line of the movement in the ledger
    norm_id: Mapped[UUID | None]  # no reference: norms are changed and removed
    item_text: Mapped[str] = mapped_column(Text)  # the norm's words; empty for an actual without a norm
    item_id: Mapped[UUID | None]
    norm_quantity: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))  # as the norm was then
    norm_unit: Mapped[str | None] = mapped_column(String(8))
    by_length: Mapped[bool]
    norm_base: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))  # with the length, in the item's base units
    used: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))  # what the ledger was told, base units
    is_actual: Mapped[bool]
    state: Mapped[str] = mapped_column(String(16))
    cost_minor: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
