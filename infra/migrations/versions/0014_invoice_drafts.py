"""Invoice drafts: what was read from a document until a person confirms it, and what was learned."""

from __future__ import annotations

from alembic import op

from infra.migrations.support import enable_rls, guard_timeouts

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("invoice_drafts", "invoice_draft_lines", "supplier_aliases", "supplier_corrections")


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    _create_drafts()
    _create_lines()
    _create_learned()
    for table in TABLES:
        enable_rls(table)


def downgrade() -> None:
    """Back to 0013."""
    guard_timeouts()
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")


def _reference(table: str, column: str, target: str, rest: str = "") -> str:
    return (
        f"CONSTRAINT fk_{table}_tenant_id_{column}"
        f" FOREIGN KEY (tenant_id, {column}) REFERENCES {target} (tenant_id, id){rest}"
    )


def _create_drafts() -> None:
    op.execute(f"""
        CREATE TABLE invoice_drafts (
            id uuid CONSTRAINT pk_invoice_drafts PRIMARY KEY,
            tenant_id uuid NOT NULL,
            job_id uuid NOT NULL,
            result_id uuid NOT NULL,
            revision smallint NOT NULL,
            version integer NOT NULL,
            status varchar(16) NOT NULL CONSTRAINT ck_invoice_drafts_status
                CHECK (status IN ('draft', 'confirmed', 'reversed', 'discarded')),
            kind varchar(16) NOT NULL,
            source varchar(16) NOT NULL,
            read jsonb NOT NULL,
            flags varchar(32)[] NOT NULL,
            page_count smallint NOT NULL,
            supplier_id uuid,
            supplier_name text NOT NULL,
            supplier_inn varchar(12) NOT NULL,
            number text NOT NULL,
            number_key text NOT NULL,
            fiscal_key text,
            issued_on date,
            total_minor bigint CONSTRAINT ck_invoice_drafts_total CHECK (total_minor >= 0),
            vat_total_minor bigint CONSTRAINT ck_invoice_drafts_vat_total CHECK (vat_total_minor >= 0),
            location_id uuid,
            duplicate_of uuid,
            accuracy jsonb NOT NULL,
            created_at timestamptz NOT NULL,
            closed_at timestamptz,
            closed_by varchar(64),
            CONSTRAINT ck_invoice_drafts_counters CHECK (revision >= 1 AND version >= 1),
            CONSTRAINT ck_invoice_drafts_location CHECK (status IN ('draft', 'discarded') OR location_id IS NOT NULL),
            CONSTRAINT uq_invoice_drafts_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_invoice_drafts_job UNIQUE (tenant_id, job_id, revision),
            {_reference("invoice_drafts", "supplier_id", "inventory_suppliers")},
            {_reference("invoice_drafts", "location_id", "locations")},
            {_reference("invoice_drafts", "duplicate_of", "invoice_drafts")}
        )""")
    op.execute("CREATE INDEX ix_invoice_drafts_status ON invoice_drafts (tenant_id, status, id)")
    op.execute(
        "CREATE INDEX ix_invoice_drafts_number ON invoice_drafts (tenant_id, number_key, issued_on)"
        " WHERE number_key <> ''"
    )
    op.execute(
        "CREATE INDEX ix_invoice_drafts_fiscal_key ON invoice_drafts (tenant_id, fiscal_key)"
        " WHERE fiscal_key IS NOT NULL"
    )
    op.execute("CREATE INDEX ix_invoice_drafts_result ON invoice_drafts (tenant_id, result_id)")


def _create_lines() -> None:
    op.execute(f"""
        CREATE TABLE invoice_draft_lines (
            id uuid CONSTRAINT pk_invoice_draft_lines PRIMARY KEY,
            tenant_id uuid NOT NULL,
            draft_id uuid NOT NULL,
            position smallint NOT NULL CONSTRAINT ck_invoice_draft_lines_position CHECK (position >= 1),
            read jsonb,
            flags varchar(32)[] NOT NULL,
            name text NOT NULL,
            unit varchar(32) NOT NULL,
            quantity numeric(16, 4) CONSTRAINT ck_invoice_draft_lines_quantity CHECK (quantity > 0),
            price numeric(18, 6) CONSTRAINT ck_invoice_draft_lines_price CHECK (price >= 0),
            sum_minor bigint CONSTRAINT ck_invoice_draft_lines_sum CHECK (sum_minor >= 0),
            vat_rate smallint,
            vat_minor bigint CONSTRAINT ck_invoice_draft_lines_vat CHECK (vat_minor >= 0),
            sum_with_vat_minor bigint CONSTRAINT ck_invoice_draft_lines_sum_with_vat CHECK (sum_with_vat_minor >= 0),
            item_id uuid,
            proposal jsonb,
            takes_new boolean NOT NULL,
            base_per_unit numeric(16, 4) CONSTRAINT ck_invoice_draft_lines_base_per_unit CHECK (base_per_unit > 0),
            match_method varchar(16) NOT NULL,
            match_confidence double precision,
            candidates jsonb NOT NULL,
            is_checked boolean NOT NULL,
            is_excluded boolean NOT NULL,
            CONSTRAINT ck_invoice_draft_lines_takes_new
                CHECK (NOT takes_new OR (item_id IS NULL AND proposal IS NOT NULL)),
            CONSTRAINT uq_invoice_draft_lines_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_invoice_draft_lines_position UNIQUE (tenant_id, draft_id, position),
            {_reference("invoice_draft_lines", "draft_id", "invoice_drafts", " ON DELETE CASCADE")},
            {_reference("invoice_draft_lines", "item_id", "inventory_items")}
        )""")
    op.execute(
        "CREATE INDEX ix_invoice_draft_lines_item ON invoice_draft_lines (tenant_id, item_id) WHERE item_id IS NOT NULL"
    )


def _create_learned() -> None:
    op.execute(f"""
        CREATE TABLE supplier_aliases (
            id uuid CONSTRAINT pk_supplier_aliases PRIMARY KEY,
            tenant_id uuid NOT NULL,
            supplier_id uuid,
            raw_name text NOT NULL,
            unit varchar(32) NOT NULL,
            name text NOT NULL,
            item_id uuid NOT NULL,
            base_per_unit numeric(16, 4) NOT NULL
                CONSTRAINT ck_supplier_aliases_base_per_unit CHECK (base_per_unit > 0),
            times_confirmed integer NOT NULL
                CONSTRAINT ck_supplier_aliases_times_confirmed CHECK (times_confirmed >= 1),
            last_used_at timestamptz NOT NULL,
            CONSTRAINT uq_supplier_aliases_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_supplier_aliases_name UNIQUE NULLS NOT DISTINCT (tenant_id, supplier_id, raw_name, unit),
            {_reference("supplier_aliases", "supplier_id", "inventory_suppliers")},
            {_reference("supplier_aliases", "item_id", "inventory_items")}
        )""")
    op.execute("CREATE INDEX ix_supplier_aliases_item ON supplier_aliases (tenant_id, item_id)")
    op.execute(f"""
        CREATE TABLE supplier_corrections (
            id uuid CONSTRAINT pk_supplier_corrections PRIMARY KEY,
            tenant_id uuid NOT NULL,
            supplier_id uuid,
            field varchar(8) NOT NULL CONSTRAINT ck_supplier_corrections_field CHECK (field IN ('word', 'unit')),
            misread text NOT NULL,
            corrected text NOT NULL,
            times integer NOT NULL CONSTRAINT ck_supplier_corrections_times CHECK (times >= 1),
            last_used_at timestamptz NOT NULL,
            CONSTRAINT uq_supplier_corrections_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_supplier_corrections_misread
                UNIQUE NULLS NOT DISTINCT (tenant_id, supplier_id, field, misread),
            {_reference("supplier_corrections", "supplier_id", "inventory_suppliers")}
        )""")
