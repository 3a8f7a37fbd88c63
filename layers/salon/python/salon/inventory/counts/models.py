"""Tables of counts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Numeric, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from salon.catalog import models as _catalog  # noqa: F401 - the tables that these refer to must be known
from salon.inventory.items import models as _items  # noqa: F401 - as above
from salon.platform.db import Base, TenantOwned, same_tenant

STATUSES = "('open', 'closed', 'posted', 'reversed', 'cancelled', 'expired')"


class StockShelfRow(TenantOwned, Base):
    """Where an item stands in a location; what stands nowhere is counted by its category, or with everything."""

    __tablename__ = "stock_shelves"
    __table_args__ = (
        UniqueConstraint("tenant_id", "location_id", "item_id", name="uq_stock_shelves_item"),
        same_tenant("location_id", "locations"),
        same_tenant("item_id", "inventory_items"),
    )

    location_id: Mapped[UUID]
    item_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(Text)


class StockCountRow(TenantOwned, Base):
    """Somebody counts what is on the shelves of a location."""

    __tablename__ = "stock_counts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        same_tenant("location_id", "locations"),
        CheckConstraint(f"status IN {STATUSES}", "status"),
        CheckConstraint("people BETWEEN 1 AND 2", "people"),
        CheckConstraint("closings >= 0", "closings"),
        Index("ix_stock_counts_location", "tenant_id", "location_id", "opened_at"),
        Index("ix_stock_counts_due", "expires_at", postgresql_where=text("status = 'open'")),
    )

    location_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(String(16))
    people: Mapped[int] = mapped_column(SmallInteger)
    is_blind: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)  # of the last step: why it was posted, cancelled, reversed
    closings: Mapped[int]  # how often it was closed; each has snapshots of its own
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # reversed, cancelled or expired
    version: Mapped[int]


class StockCountSectionRow(TenantOwned, Base):
    """A part of the shelves that is counted; a count without any is of everything."""

    __tablename__ = "stock_count_sections"
    __table_args__ = (
        UniqueConstraint("tenant_id", "count_id", "kind", "name", name="uq_stock_count_sections_name"),
        same_tenant("count_id", "stock_counts"),
        CheckConstraint("kind IN ('category', 'shelf')", "kind"),
    )

    count_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(Text)


class StockCountEntryRow(TenantOwned, Base):
    """What somebody saw of one item at one moment; append-only by trigger, the last one of a person holds."""

    __tablename__ = "stock_count_entries"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        same_tenant("count_id", "stock_counts"),
        same_tenant("item_id", "inventory_items"),
        CheckConstraint("packs >= 0", "packs"),
        CheckConstraint("remainder >= 0", "remainder"),
        CheckConstraint("quantity >= 0", "quantity"),
        CheckConstraint("ledger_seq >= 0", "ledger_seq"),
        Index("ix_stock_count_entries_item", "tenant_id", "count_id", "item_id", "entered_at"),
    )

    count_id: Mapped[UUID]
    item_id: Mapped[UUID]
    counter_id: Mapped[str]  # the user who counted
    closing: Mapped[int]  # how often the count had been closed before
    is_recount: Mapped[bool]  # after the two people were found to differ
    packs: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    remainder: Mapped[Decimal] = mapped_column(Numeric(16, 4))  # base units in what is opened
    quantity: Mapped[Decimal] = mapped_column(Numeric(16, 4))  # both together, base units
    ledger_seq: Mapped[int] = mapped_column(BigInteger)  # the last movement that the ledger held at that moment
    counted_at: Mapped[datetime]
    entered_at: Mapped[datetime]


class StockSnapshotRow(TenantOwned, Base):
    """What a closed count froze of one item: what was expected, what was there, what it is worth; append-only."""

    __tablename__ = "stock_snapshots"
    __table_args__ = (
        UniqueConstraint("tenant_id", "count_id", "closing", "item_id", name="uq_stock_snapshots_item"),
        same_tenant("count_id", "stock_counts"),
        same_tenant("item_id", "inventory_items"),
        same_tenant("location_id", "locations"),
        Index("ix_stock_snapshots_item", "tenant_id", "item_id", "location_id", "taken_at"),
    )

    count_id: Mapped[UUID]
    closing: Mapped[int]
    location_id: Mapped[UUID]
    item_id: Mapped[UUID]
    expected: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    counted: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    unit_cost: Mapped[Decimal | None] = mapped_column(Numeric(20, 8))  # moving average then, minor units a base unit
    variance_minor: Mapped[int | None] = mapped_column(BigInteger)
    used: Mapped[Decimal] = mapped_column(Numeric(16, 4))  # since the count before
    since_at: Mapped[datetime | None]  # that count's moment; None for the first
    is_flagged: Mapped[bool]
    causes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # ids and numbers only
    ledger_seq: Mapped[int] = mapped_column(BigInteger)
    counted_at: Mapped[datetime]
    taken_at: Mapped[datetime]
