"""Inventory: items, suppliers, batches and the append-only ledger (infra/decisions/0021)."""

from __future__ import annotations

from alembic import op

from infra.migrations.support import APP_ROLE, append_only, enable_rls, guard_timeouts

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("inventory_items", "inventory_suppliers", "inventory_minimums", "inventory_batches", "stock_positions")


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    _create_things()
    _create_heads()
    _create_ledger()
    _create_positions()
    _chain()
    for table in TABLES:
        enable_rls(table)


def downgrade() -> None:
    """Back to 0012. It drops the ledger: only ever for a database of tests."""
    guard_timeouts()
    for table in (
        "stock_positions",
        "inventory_ledger",
        "inventory_ledger_heads",
        "inventory_batches",
        "inventory_minimums",
        "inventory_suppliers",
        "inventory_items",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION chain_ledger()")


def _reference(table: str, column: str, target: str) -> str:
    return (
        f"CONSTRAINT fk_{table}_tenant_id_{column}"
        f" FOREIGN KEY (tenant_id, {column}) REFERENCES {target} (tenant_id, id)"
    )


def _create_things() -> None:
    op.execute("""
        CREATE TABLE inventory_items (
            id uuid CONSTRAINT pk_inventory_items PRIMARY KEY,
            tenant_id uuid NOT NULL,
            name text NOT NULL,
            name_key text NOT NULL,
            category text NOT NULL DEFAULT '',
            brand text NOT NULL DEFAULT '',
            base_unit varchar(8) NOT NULL
                CONSTRAINT ck_inventory_items_base_unit CHECK (base_unit IN ('g', 'ml', 'pcs')),
            pack_quantity numeric(16, 4) NOT NULL
                CONSTRAINT ck_inventory_items_pack_quantity CHECK (pack_quantity > 0),
            sku text,
            barcode text,
            is_active boolean NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_inventory_items_tenant_id_id UNIQUE (tenant_id, id)
        )""")
    op.execute("CREATE UNIQUE INDEX ux_inventory_items_name ON inventory_items (tenant_id, name_key) WHERE is_active")
    op.execute("""
        CREATE TABLE inventory_suppliers (
            id uuid CONSTRAINT pk_inventory_suppliers PRIMARY KEY,
            tenant_id uuid NOT NULL,
            name text NOT NULL,
            name_key text NOT NULL,
            inn varchar(12),
            inn_valid boolean NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_inventory_suppliers_tenant_id_id UNIQUE (tenant_id, id)
        )""")
    op.execute("CREATE UNIQUE INDEX ux_inventory_suppliers_inn ON inventory_suppliers (tenant_id, inn) WHERE inn_valid")
    op.execute(
        "CREATE UNIQUE INDEX ux_inventory_suppliers_name ON inventory_suppliers (tenant_id, name_key)"
        " WHERE NOT inn_valid"
    )
    op.execute(f"""
        CREATE TABLE inventory_minimums (
            id uuid CONSTRAINT pk_inventory_minimums PRIMARY KEY,
            tenant_id uuid NOT NULL,
            item_id uuid NOT NULL,
            location_id uuid NOT NULL,
            minimum numeric(16, 4) NOT NULL,
            target numeric(16, 4) NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT ck_inventory_minimums_levels CHECK (minimum >= 0 AND target >= minimum),
            CONSTRAINT uq_inventory_minimums_place UNIQUE (tenant_id, item_id, location_id),
            {_reference("inventory_minimums", "item_id", "inventory_items")},
            {_reference("inventory_minimums", "location_id", "locations")}
        )""")
    op.execute(f"""
        CREATE TABLE inventory_batches (
            id uuid CONSTRAINT pk_inventory_batches PRIMARY KEY,
            tenant_id uuid NOT NULL,
            item_id uuid NOT NULL,
            lot text NOT NULL,
            expires_on date,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_inventory_batches_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_inventory_batches_lot UNIQUE NULLS NOT DISTINCT (tenant_id, item_id, lot, expires_on),
            {_reference("inventory_batches", "item_id", "inventory_items")}
        )""")


def _create_heads() -> None:
    op.execute("""
        CREATE TABLE inventory_ledger_heads (
            tenant_id uuid CONSTRAINT pk_inventory_ledger_heads PRIMARY KEY,
            seq bigint NOT NULL DEFAULT 0,
            hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
            locked_by varchar(8)
        )""")
    enable_rls("inventory_ledger_heads", writable=False)
    # The application may open a tenant's chain and lock its head, for which PostgreSQL wants the right to update some
    # column; the head itself is written by the ledger's trigger alone.
    op.execute(f"REVOKE INSERT ON inventory_ledger_heads FROM {APP_ROLE}")
    op.execute(f"GRANT INSERT (tenant_id), UPDATE (locked_by) ON inventory_ledger_heads TO {APP_ROLE}")


def _create_ledger() -> None:
    op.execute(f"""
        CREATE TABLE inventory_ledger (
            id uuid CONSTRAINT pk_inventory_ledger PRIMARY KEY,
            tenant_id uuid NOT NULL
                CONSTRAINT fk_inventory_ledger_tenant_id REFERENCES inventory_ledger_heads (tenant_id),
            seq bigint NOT NULL,
            item_id uuid NOT NULL,
            location_id uuid NOT NULL,
            kind varchar(16) NOT NULL CONSTRAINT ck_inventory_ledger_kind CHECK (kind IN ('receipt', 'consumption',
                'transfer_out', 'transfer_in', 'write_off', 'correction', 'reversal', 'cost_variance')),
            quantity numeric(16, 4) NOT NULL,
            value_minor bigint NOT NULL,
            batch_id uuid,
            supplier_id uuid,
            source_kind varchar(32) NOT NULL,
            source_id uuid NOT NULL,
            source_round integer NOT NULL,
            source_line integer NOT NULL,
            reverses_id uuid,
            reason text,
            note text,
            actor_kind varchar(16) NOT NULL,
            actor_id text NOT NULL,
            occurred_at timestamptz NOT NULL,
            at timestamptz NOT NULL,
            prev_hash bytea NOT NULL,
            hash bytea NOT NULL,
            CONSTRAINT ck_inventory_ledger_sign CHECK (
                (kind IN ('receipt', 'transfer_in') AND quantity > 0 AND value_minor >= 0)
                OR (kind IN ('consumption', 'transfer_out', 'write_off') AND quantity < 0 AND value_minor <= 0)
                OR (kind IN ('correction', 'reversal') AND quantity <> 0)
                OR (kind = 'cost_variance' AND quantity = 0)),
            CONSTRAINT ck_inventory_ledger_reverses CHECK (kind <> 'reversal' OR reverses_id IS NOT NULL),
            CONSTRAINT uq_inventory_ledger_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_inventory_ledger_seq UNIQUE (tenant_id, seq),
            CONSTRAINT uq_inventory_ledger_reverses UNIQUE (tenant_id, reverses_id),
            {_reference("inventory_ledger", "item_id", "inventory_items")},
            {_reference("inventory_ledger", "location_id", "locations")},
            {_reference("inventory_ledger", "batch_id", "inventory_batches")},
            {_reference("inventory_ledger", "supplier_id", "inventory_suppliers")}
        )""")
    op.execute(
        "CREATE UNIQUE INDEX ux_inventory_ledger_source ON inventory_ledger"
        " (tenant_id, source_kind, source_id, source_round, source_line, kind, batch_id) NULLS NOT DISTINCT"
        " WHERE kind <> 'reversal' AND kind <> 'cost_variance'"
    )
    op.execute("CREATE INDEX ix_inventory_ledger_source_id ON inventory_ledger (tenant_id, source_kind, source_id)")
    op.execute("CREATE INDEX ix_inventory_ledger_item ON inventory_ledger (tenant_id, item_id, location_id, seq)")
    op.execute(
        "CREATE INDEX ix_inventory_ledger_batch ON inventory_ledger (tenant_id, batch_id) WHERE batch_id IS NOT NULL"
    )
    enable_rls("inventory_ledger", writable=False)
    append_only("inventory_ledger")


def _create_positions() -> None:
    op.execute(f"""
        CREATE TABLE stock_positions (
            id uuid CONSTRAINT pk_stock_positions PRIMARY KEY,
            tenant_id uuid NOT NULL,
            item_id uuid NOT NULL,
            location_id uuid NOT NULL,
            quantity numeric(16, 4) NOT NULL,
            value_minor bigint NOT NULL,
            basis_minor bigint NOT NULL CONSTRAINT ck_stock_positions_basis_minor CHECK (basis_minor >= 0),
            basis_quantity numeric(16, 4) NOT NULL
                CONSTRAINT ck_stock_positions_basis_quantity CHECK (basis_quantity > 0),
            updated_at timestamptz NOT NULL,
            CONSTRAINT ck_stock_positions_value CHECK (quantity * value_minor >= 0),
            CONSTRAINT uq_stock_positions_place UNIQUE (tenant_id, item_id, location_id),
            {_reference("stock_positions", "item_id", "inventory_items")},
            {_reference("stock_positions", "location_id", "locations")}
        )""")


def _chain() -> None:
    """Each row's hash is that of its predecessor's hash and its own values, in text forms that no setting changes.

    Python says the same in `salon.inventory.ledger.domain.chain`. Quantities are ten-thousandths and instants
    microseconds as whole numbers; words go in as the hexadecimal digits of their UTF-8, so that no separator can be
    part of them.
    """
    op.execute("""
        CREATE FUNCTION chain_ledger() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $body$
        DECLARE
            head public.inventory_ledger_heads;
        BEGIN
            INSERT INTO public.inventory_ledger_heads (tenant_id) VALUES (NEW.tenant_id) ON CONFLICT DO NOTHING;
            SELECT * INTO head FROM public.inventory_ledger_heads WHERE tenant_id = NEW.tenant_id FOR UPDATE;
            NEW.seq := head.seq + 1;
            NEW.prev_hash := head.hash;
            NEW.hash := sha256(head.hash || convert_to(concat_ws('|',
                'v1', NEW.tenant_id, NEW.seq, NEW.id, NEW.item_id, NEW.location_id, NEW.kind,
                (NEW.quantity * 10000)::bigint, NEW.value_minor,
                coalesce(NEW.batch_id::text, '-'), coalesce(NEW.supplier_id::text, '-'),
                encode(convert_to(NEW.source_kind, 'UTF8'), 'hex'), NEW.source_id, NEW.source_round, NEW.source_line,
                coalesce(NEW.reverses_id::text, '-'),
                coalesce(encode(convert_to(NEW.reason, 'UTF8'), 'hex'), '-'),
                coalesce(encode(convert_to(NEW.note, 'UTF8'), 'hex'), '-'),
                encode(convert_to(NEW.actor_kind, 'UTF8'), 'hex'), encode(convert_to(NEW.actor_id, 'UTF8'), 'hex'),
                (extract(epoch FROM NEW.occurred_at) * 1000000)::bigint,
                (extract(epoch FROM NEW.at) * 1000000)::bigint), 'UTF8'));
            UPDATE public.inventory_ledger_heads SET seq = NEW.seq, hash = NEW.hash WHERE tenant_id = NEW.tenant_id;
            RETURN NEW;
        END $body$""")
    op.execute("REVOKE ALL ON FUNCTION chain_ledger() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER inventory_ledger_is_chained BEFORE INSERT ON inventory_ledger"
        " FOR EACH ROW EXECUTE FUNCTION chain_ledger()"
    )
    op.execute("ALTER TABLE inventory_ledger ENABLE ALWAYS TRIGGER inventory_ledger_is_chained")
