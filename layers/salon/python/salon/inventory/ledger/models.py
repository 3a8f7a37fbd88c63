"""Tables of the ledger, its heads, batches, and what lies where."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from salon.inventory.items import models as _items  # noqa: F401 - the tables that these refer to must be known
from salon.inventory.suppliers import models as _suppliers  # noqa: F401 - as above
from salon.platform.db import Base, TenantOwned, same_tenant

_KINDS = (
    "'receipt', 'consumption', 'transfer_out', 'transfer_in', 'write_off', 'correction', 'reversal', 'cost_variance'"
)
_SIGN = (
    "(kind IN ('receipt', 'transfer_in') AND quantity > 0 AND value_minor >= 0)"
    " OR (kind IN ('consumption', 'transfer_out', 'write_off') AND quantity < 0 AND value_minor <= 0)"
    " OR (kind IN ('correction', 'reversal') AND quantity <> 0)"
    " OR (kind = 'cost_variance' AND quantity = 0)"
)


class BatchRow(TenantOwned, Base):
    """Pieces of an item that were made together and expire together."""

    __tablename__ = "inventory_batches"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint(
            "tenant_id",
            "item_id",
            "lot",
            "expires_on",
            name="uq_inventory_batches_lot",
            postgresql_nulls_not_distinct=True,
        ),
        same_tenant("item_id", "inventory_items"),
    )

    item_id: Mapped[UUID]
    lot: Mapped[str] = mapped_column(Text)
    expires_on: Mapped[date | None]
    created_at: Mapped[datetime]


class LedgerHeadRow(Base):
    """The last row of a tenant's chain. Whoever posts locks it first; the ledger's trigger alone moves it."""

    __tablename__ = "inventory_ledger_heads"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, server_default="0")
    hash: Mapped[bytes] = mapped_column(LargeBinary, server_default=FetchedValue())
    locked_by: Mapped[str | None] = mapped_column(String(8))


class LedgerRow(TenantOwned, Base):
    """One movement; `seq`, `prev_hash` and `hash` are the trigger's."""

    __tablename__ = "inventory_ledger"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "seq", name="uq_inventory_ledger_seq"),
        UniqueConstraint("tenant_id", "reverses_id", name="uq_inventory_ledger_reverses"),
        CheckConstraint(f"kind IN ({_KINDS})", "kind"),
        CheckConstraint(_SIGN, "sign"),
        CheckConstraint("kind <> 'reversal' OR reverses_id IS NOT NULL", "reverses"),
        same_tenant("item_id", "inventory_items"),
        same_tenant("location_id", "locations"),
        same_tenant("batch_id", "inventory_batches"),
        same_tenant("supplier_id", "inventory_suppliers"),
        Index(
            "ux_inventory_ledger_source",
            "tenant_id",
            "source_kind",
            "source_id",
            "source_round",
            "source_line",
            "kind",
            "batch_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("kind <> 'reversal' AND kind <> 'cost_variance'"),
        ),
        Index("ix_inventory_ledger_source_id", "tenant_id", "source_kind", "source_id"),
        Index("ix_inventory_ledger_item", "tenant_id", "item_id", "location_id", "seq"),
        Index("ix_inventory_ledger_batch", "tenant_id", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("inventory_ledger_heads.tenant_id"))
    seq: Mapped[int] = mapped_column(BigInteger, server_default=FetchedValue())
    item_id: Mapped[UUID]
    location_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(16))
    quantity: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    value_minor: Mapped[int] = mapped_column(BigInteger)
    batch_id: Mapped[UUID | None]
    supplier_id: Mapped[UUID | None]
    source_kind: Mapped[str] = mapped_column(String(32))
    source_id: Mapped[UUID]
    source_round: Mapped[int]
    source_line: Mapped[int]
    reverses_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime]
    at: Mapped[datetime]
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary, server_default=FetchedValue())
    hash: Mapped[bytes] = mapped_column(LargeBinary, server_default=FetchedValue())


class PositionRow(TenantOwned, Base):
    """What of an item lies at a location, what that is worth, and at what cost a piece (see `domain.costing`)."""

    __tablename__ = "stock_positions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "item_id", "location_id", name="uq_stock_positions_place"),
        CheckConstraint("basis_minor >= 0", "basis_minor"),
        CheckConstraint("basis_quantity > 0", "basis_quantity"),
        CheckConstraint("quantity * value_minor >= 0", "value"),
        same_tenant("item_id", "inventory_items"),
        same_tenant("location_id", "locations"),
    )

    item_id: Mapped[UUID]
    location_id: Mapped[UUID]
    quantity: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    value_minor: Mapped[int] = mapped_column(BigInteger)
    basis_minor: Mapped[int] = mapped_column(BigInteger)
    basis_quantity: Mapped[Decimal] = mapped_column(Numeric(16, 4))
    updated_at: Mapped[datetime]
