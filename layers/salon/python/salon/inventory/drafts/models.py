"""Tables of invoice drafts, and of what was learned from correcting them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Numeric, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from salon.catalog import models as _catalog  # noqa: F401 - the tables that these refer to must be known
from salon.inventory.items import models as _items  # noqa: F401 - as above
from salon.inventory.suppliers import models as _suppliers  # noqa: F401 - as above
from salon.platform.db import Base, TenantOwned, same_tenant

_NUMBERED = "number_key <> ''"
_FISCAL = "fiscal_key IS NOT NULL"


class InvoiceDraftRow(TenantOwned, Base):
    """A supplier's document on its way into the stock.

    `read` is the header as the reader gave it, with confidence and boxes; the columns hold what a person made of it.
    `revision` counts the drafts of one job: another one may begin when the one before was reversed or discarded.
    """

    __tablename__ = "invoice_drafts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "job_id", "revision", name="uq_invoice_drafts_job"),
        CheckConstraint("status IN ('draft', 'confirmed', 'reversed', 'discarded')", "status"),
        CheckConstraint("status IN ('draft', 'discarded') OR location_id IS NOT NULL", "location"),
        CheckConstraint("revision >= 1 AND version >= 1", "counters"),
        CheckConstraint("total_minor >= 0", "total"),
        CheckConstraint("vat_total_minor >= 0", "vat_total"),
        same_tenant("supplier_id", "inventory_suppliers"),
        same_tenant("location_id", "locations"),
        same_tenant("duplicate_of", "invoice_drafts"),
        Index("ix_invoice_drafts_status", "tenant_id", "status", "id"),
        Index("ix_invoice_drafts_number", "tenant_id", "number_key", "issued_on", postgresql_where=text(_NUMBERED)),
        Index("ix_invoice_drafts_fiscal_key", "tenant_id", "fiscal_key", postgresql_where=text(_FISCAL)),
        Index("ix_invoice_drafts_result", "tenant_id", "result_id"),
    )

    job_id: Mapped[UUID]
    result_id: Mapped[UUID]
    revision: Mapped[int] = mapped_column(SmallInteger)
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16))
    read: Mapped[dict[str, Any]] = mapped_column(JSONB)
    flags: Mapped[list[str]] = mapped_column(ARRAY(String(32)))
    page_count: Mapped[int] = mapped_column(SmallInteger)
    supplier_id: Mapped[UUID | None]
    supplier_name: Mapped[str] = mapped_column(Text)
    supplier_inn: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(Text)
    number_key: Mapped[str] = mapped_column(Text)
    fiscal_key: Mapped[str | None] = mapped_column(Text)
    issued_on: Mapped[date | None]
    total_minor: Mapped[int | None] = mapped_column(BigInteger)
    vat_total_minor: Mapped[int | None] = mapped_column(BigInteger)
    location_id: Mapped[UUID | None]
    duplicate_of: Mapped[UUID | None]
    accuracy: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(64))


class InvoiceDraftLineRow(TenantOwned, Base):
    """One line of a draft: as it was read, as it stands corrected, and what item of the stock it is.

    Attributes:
        read: as read, with confidence, boxes and flags; None for a line that a person added.
        price: roubles for one unit of the document, as printed: a УПД prints more than two decimals.
        proposal: the new item that would be made of it, from the model and from what the name says.
        takes_new: a person accepted the proposal; the item is made when the draft is confirmed.
        base_per_unit: base units of the item in one unit of the document.
        candidates: the items that are offered where none was certain enough to be chosen.
        lot, expires_on: the batch, as a person read it off the goods; empty and None where nobody looked.
    """

    __tablename__ = "invoice_draft_lines"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "draft_id", "position", name="uq_invoice_draft_lines_position"),
        CheckConstraint("position >= 1", "position"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("base_per_unit > 0", "base_per_unit"),
        CheckConstraint("price >= 0", "price"),
        CheckConstraint("sum_minor >= 0", "sum"),
        CheckConstraint("vat_minor >= 0", "vat"),
        CheckConstraint("sum_with_vat_minor >= 0", "sum_with_vat"),
        CheckConstraint("NOT takes_new OR (item_id IS NULL AND proposal IS NOT NULL)", "takes_new"),
        same_tenant("draft_id", "invoice_drafts", "CASCADE"),
        same_tenant("item_id", "inventory_items"),
        Index("ix_invoice_draft_lines_item", "tenant_id", "item_id", postgresql_where=text("item_id IS NOT NULL")),
    )

    draft_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(SmallInteger)
    read: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    flags: Mapped[list[str]] = mapped_column(ARRAY(String(32)))
    name: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(String(32))
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))
    price: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    sum_minor: Mapped[int | None] = mapped_column(BigInteger)
    vat_rate: Mapped[int | None] = mapped_column(SmallInteger)
    vat_minor: Mapped[int | None] = mapped_column(BigInteger)
    sum_with_vat_minor: Mapped[int | None] = mapped_column(BigInteger)
    item_id: Mapped[UUID | None]
    proposal: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    takes_new: Mapped[bool]
    base_per_unit: Mapped[Decimal | None] = mapped_column(Numeric(16, 4))
    match_method: Mapped[str] = mapped_column(String(16))
    match_confidence: Mapped[float | None]
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    is_checked: Mapped[bool]
    is_excluded: Mapped[bool]
    lot: Mapped[str] = mapped_column(Text, server_default=text("''"))
    expires_on: Mapped[date | None]


class SupplierAliasRow(TenantOwned, Base):
    """What one supplier calls an item of the stock, and how much of it one unit of the document holds.

    A row without a supplier was learned from documents that name none. `raw_name` is as it was read, folded for
    comparison; `name` is as a person left it, so that a misreading is shown right the next time.
    """

    __tablename__ = "supplier_aliases"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint(
            "tenant_id",
            "supplier_id",
            "raw_name",
            "unit",
            name="uq_supplier_aliases_name",
            postgresql_nulls_not_distinct=True,
        ),
        same_tenant("supplier_id", "inventory_suppliers"),
        same_tenant("item_id", "inventory_items"),
        CheckConstraint("base_per_unit > 0", "base_per_unit"),
        CheckConstraint("times_confirmed >= 1", "times_confirmed"),
        Index("ix_supplier_aliases_item", "tenant_id", "item_id"),
    )

    supplier_id: Mapped[UUID | None]
    raw_name: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(Text)
    item_id: Mapped[UUID]
    base_per_unit: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    times_confirmed: Mapped[int]
    last_used_at: Mapped[datetime]


class SupplierCorrectionRow(TenantOwned, Base):
    """A misreading that people keep correcting in one supplier's documents: a word of a name, or a unit."""

    __tablename__ = "supplier_corrections"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint(
            "tenant_id",
            "supplier_id",
            "field",
            "misread",
            name="uq_supplier_corrections_misread",
            postgresql_nulls_not_distinct=True,
        ),
        same_tenant("supplier_id", "inventory_suppliers"),
        CheckConstraint("field IN ('word', 'unit')", "field"),
        CheckConstraint("times >= 1", "times"),
    )

    supplier_id: Mapped[UUID | None]
    field: Mapped[str] = mapped_column(String(8))
    misread: Mapped[str] = mapped_column(Text)
    corrected: Mapped[str] = mapped_column(Text)
    times: Mapped[int]
    last_used_at: Mapped[datetime]
