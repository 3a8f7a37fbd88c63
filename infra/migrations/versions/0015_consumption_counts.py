"""Consumption by norm, counts and reconciliation."""

from __future__ import annotations

from alembic import op

from infra.migrations.support import append_only, definer_function, drop_function, enable_rls, guard_timeouts

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STALE = "stale_stock_counts(before timestamptz, max_rows int)"


def _reference(table: str, column: str, to: str, more: str = "") -> str:
    name = f"fk_{table}_tenant_id_{column}"
    return f"CONSTRAINT {name} FOREIGN KEY (tenant_id, {column}) REFERENCES {to} (tenant_id, id){more}"


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    op.execute("ALTER TABLE consumption_norms ADD COLUMN item_id uuid, ADD COLUMN by_length boolean")
    _create_consumption()
    _create_counts()
    for table in ("visit_consumptions", "visit_actuals", "consumption_lines", "stock_counts", "stock_count_sections"):
        enable_rls(table)
    enable_rls("stock_shelves")
    for table in ("stock_count_entries", "stock_snapshots"):
        enable_rls(table, writable=False)
        append_only(table)
    definer_function(
        STALE,
        "TABLE (tenant_id uuid, id uuid)",
        "SELECT tenant_id, id FROM public.stock_counts WHERE status = 'open' AND expires_at <= before"
        " ORDER BY expires_at LIMIT max_rows",
    )


def _create_consumption() -> None:
    op.execute(f"""
        CREATE TABLE visit_consumptions (
            id uuid CONSTRAINT pk_visit_consumptions PRIMARY KEY,
            tenant_id uuid NOT NULL,
            booking_id uuid NOT NULL,
            hair_length varchar(8) CONSTRAINT ck_visit_consumptions_hair_length
                CHECK (hair_length IN ('short', 'medium', 'long', 'extra')),
            generation integer NOT NULL CONSTRAINT ck_visit_consumptions_generation CHECK (generation >= 0),
            is_posted boolean NOT NULL,
            completed_version integer,
            location_id uuid,
            service_id uuid,
            staff_id uuid,
            posted_at timestamptz,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_visit_consumptions_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_visit_consumptions_booking UNIQUE (tenant_id, booking_id),
            CONSTRAINT ck_visit_consumptions_posted
                CHECK (NOT is_posted OR (generation > 0 AND completed_version IS NOT NULL)),
            {_reference("visit_consumptions", "booking_id", "bookings")}
        )""")
    op.execute("CREATE INDEX ix_visit_consumptions_posted ON visit_consumptions (tenant_id, posted_at) WHERE is_posted")
    op.execute(f"""
        CREATE TABLE visit_actuals (
            id uuid CONSTRAINT pk_visit_actuals PRIMARY KEY,
            tenant_id uuid NOT NULL,
            consumption_id uuid NOT NULL,
            item_id uuid NOT NULL,
            quantity numeric(16, 4) NOT NULL CONSTRAINT ck_visit_actuals_quantity CHECK (quantity >= 0),
            entered_by varchar NOT NULL,
            entered_at timestamptz NOT NULL,
            CONSTRAINT uq_visit_actuals_item UNIQUE (tenant_id, consumption_id, item_id),
            {_reference("visit_actuals", "consumption_id", "visit_consumptions", " ON DELETE CASCADE")},
            {_reference("visit_actuals", "item_id", "inventory_items")}
        )""")
    op.execute(f"""
        CREATE TABLE consumption_lines (
            id uuid CONSTRAINT pk_consumption_lines PRIMARY KEY,
            tenant_id uuid NOT NULL,
            consumption_id uuid NOT NULL,
            generation integer NOT NULL,
            position smallint NOT NULL,
            norm_id uuid,
            item_text text NOT NULL,
            item_id uuid,
            norm_quantity numeric(16, 4),
            norm_unit varchar(8) CONSTRAINT ck_consumption_lines_norm_unit CHECK (norm_unit IN ('g', 'ml', 'pcs')),
            by_length boolean NOT NULL,
            norm_base numeric(16, 4),
            used numeric(16, 4),
            is_actual boolean NOT NULL,
            state varchar(16) NOT NULL CONSTRAINT ck_consumption_lines_state
                CHECK (state IN ('posted', 'none', 'unlinked', 'other_unit')),
            cost_minor bigint,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_consumption_lines_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_consumption_lines_position UNIQUE (tenant_id, consumption_id, generation, position),
            CONSTRAINT ck_consumption_lines_used CHECK ((state IN ('posted', 'none')) = (used IS NOT NULL)),
            CONSTRAINT ck_consumption_lines_item CHECK (state <> 'posted' OR item_id IS NOT NULL),
            {_reference("consumption_lines", "consumption_id", "visit_consumptions")},
            {_reference("consumption_lines", "item_id", "inventory_items")}
        )""")
    op.execute(
        "CREATE INDEX ix_consumption_lines_item ON consumption_lines (tenant_id, item_id) WHERE item_id IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX ix_consumption_lines_lost ON consumption_lines (tenant_id)"
        " WHERE state IN ('unlinked', 'other_unit')"
    )


def _create_counts() -> None:
    op.execute(f"""
        CREATE TABLE stock_shelves (
            id uuid CONSTRAINT pk_stock_shelves PRIMARY KEY,
            tenant_id uuid NOT NULL,
            location_id uuid NOT NULL,
            item_id uuid NOT NULL,
            name text NOT NULL,
            CONSTRAINT uq_stock_shelves_item UNIQUE (tenant_id, location_id, item_id),
            {_reference("stock_shelves", "location_id", "locations")},
            {_reference("stock_shelves", "item_id", "inventory_items")}
        )""")
    op.execute(f"""
        CREATE TABLE stock_counts (
            id uuid CONSTRAINT pk_stock_counts PRIMARY KEY,
            tenant_id uuid NOT NULL,
            location_id uuid NOT NULL,
            status varchar(16) NOT NULL CONSTRAINT ck_stock_counts_status
                CHECK (status IN ('open', 'closed', 'posted', 'reversed', 'cancelled', 'expired')),
            people smallint NOT NULL CONSTRAINT ck_stock_counts_people CHECK (people BETWEEN 1 AND 2),
            is_blind boolean NOT NULL,
            note text NOT NULL,
            reason text NOT NULL,
            closings integer NOT NULL CONSTRAINT ck_stock_counts_closings CHECK (closings >= 0),
            opened_by varchar NOT NULL,
            opened_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            closed_at timestamptz,
            posted_at timestamptz,
            ended_at timestamptz,
            version integer NOT NULL,
            CONSTRAINT uq_stock_counts_tenant_id_id UNIQUE (tenant_id, id),
            {_reference("stock_counts", "location_id", "locations")}
        )""")
    op.execute("CREATE INDEX ix_stock_counts_location ON stock_counts (tenant_id, location_id, opened_at)")
    op.execute("CREATE INDEX ix_stock_counts_due ON stock_counts (expires_at) WHERE status = 'open'")
    op.execute(f"""
        CREATE TABLE stock_count_sections (
            id uuid CONSTRAINT pk_stock_count_sections PRIMARY KEY,
            tenant_id uuid NOT NULL,
            count_id uuid NOT NULL,
            kind varchar(16) NOT NULL CONSTRAINT ck_stock_count_sections_kind CHECK (kind IN ('category', 'shelf')),
            name text NOT NULL,
            CONSTRAINT uq_stock_count_sections_name UNIQUE (tenant_id, count_id, kind, name),
            {_reference("stock_count_sections", "count_id", "stock_counts")}
        )""")
    op.execute(f"""
        CREATE TABLE stock_count_entries (
            id uuid CONSTRAINT pk_stock_count_entries PRIMARY KEY,
            tenant_id uuid NOT NULL,
            count_id uuid NOT NULL,
            item_id uuid NOT NULL,
            counter_id varchar NOT NULL,
            closing integer NOT NULL,
            is_recount boolean NOT NULL,
            packs numeric(16, 4) NOT NULL CONSTRAINT ck_stock_count_entries_packs CHECK (packs >= 0),
            remainder numeric(16, 4) NOT NULL CONSTRAINT ck_stock_count_entries_remainder CHECK (remainder >= 0),
            quantity numeric(16, 4) NOT NULL CONSTRAINT ck_stock_count_entries_quantity CHECK (quantity >= 0),
            ledger_seq bigint NOT NULL CONSTRAINT ck_stock_count_entries_ledger_seq CHECK (ledger_seq >= 0),
            counted_at timestamptz NOT NULL,
            entered_at timestamptz NOT NULL,
            CONSTRAINT uq_stock_count_entries_tenant_id_id UNIQUE (tenant_id, id),
            {_reference("stock_count_entries", "count_id", "stock_counts")},
            {_reference("stock_count_entries", "item_id", "inventory_items")}
        )""")
    op.execute(
        "CREATE INDEX ix_stock_count_entries_item ON stock_count_entries (tenant_id, count_id, item_id, entered_at)"
    )
    op.execute(f"""
        CREATE TABLE stock_snapshots (
            id uuid CONSTRAINT pk_stock_snapshots PRIMARY KEY,
            tenant_id uuid NOT NULL,
            count_id uuid NOT NULL,
            closing integer NOT NULL,
            location_id uuid NOT NULL,
            item_id uuid NOT NULL,
            expected numeric(16, 4) NOT NULL,
            counted numeric(16, 4) NOT NULL,
            unit_cost numeric(20, 8),
            variance_minor bigint,
            used numeric(16, 4) NOT NULL,
            since_at timestamptz,
            is_flagged boolean NOT NULL,
            causes jsonb NOT NULL,
            ledger_seq bigint NOT NULL,
            counted_at timestamptz NOT NULL,
            taken_at timestamptz NOT NULL,
            CONSTRAINT uq_stock_snapshots_item UNIQUE (tenant_id, count_id, closing, item_id),
            {_reference("stock_snapshots", "count_id", "stock_counts")},
            {_reference("stock_snapshots", "item_id", "inventory_items")},
            {_reference("stock_snapshots", "location_id", "locations")}
        )""")
    op.execute("CREATE INDEX ix_stock_snapshots_item ON stock_snapshots (tenant_id, item_id, location_id, taken_at)")


def downgrade() -> None:
    """Undo."""
    guard_timeouts()
    drop_function(STALE)
    for table in (
        "stock_snapshots",
        "stock_count_entries",
        "stock_count_sections",
        "stock_counts",
        "stock_shelves",
        "consumption_lines",
        "visit_actuals",
        "visit_consumptions",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE consumption_norms DROP COLUMN by_length, DROP COLUMN item_id")
