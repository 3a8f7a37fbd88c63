"""The catalogue as salons need it: options of a service, resources of limited number, norms, travel, templates' prices.

A resource is one chair, room or device; a pool is what is interchangeable. A service needs one unit of each of its
pools. Options change duration and price; their prices stand in the versioned price lists like all others.

Clients are found by name with typos in an index of trigrams. Its operators are not leakproof, so that row-level
security would keep them from the index: `client_matches` looks with the owner's rights, and only in the tenant of the
transaction.
"""

from __future__ import annotations

from alembic import op

from infra.migrations.support import TENANT, definer_function, drop_function, enable_rls, guard_timeouts

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = (
    "service_options",
    "option_prices",
    "resource_pools",
    "resources",
    "service_resources",
    "consumption_norms",
)
COLUMNS = {
    "locations": ("travel_min integer NOT NULL DEFAULT 0",),
    "services": (
        "processing_from_min integer",
        "processing_min integer NOT NULL DEFAULT 0",
        "min_notice_min integer",
    ),
}
BUFFERS = "buffers_most"  # of columns that were there before
CHECKS = {
    "locations": (("travel_min", "travel_min BETWEEN 0 AND 600"),),
    "services": (
        ("processing", "(processing_min = 0) = (processing_from_min IS NULL) AND processing_min >= 0"),
        ("processing_within", "COALESCE(processing_from_min, 1) BETWEEN 1 AND 1440"),
        ("processing_most", "processing_min <= 1440"),
        ("min_notice_min", "min_notice_min BETWEEN 0 AND 43200"),
        (BUFFERS, "buffer_before_min <= 1440 AND buffer_after_min <= 1440"),
    ),
}
# As `salon.catalog.domain.words.plain` does to what is looked for.
CLIENT_NAME = "replace(lower(display_name), 'ё', 'е')"
CLIENT_MATCHES = "client_matches(words text, max_rows int)"
# The nearest names by the index; of them those that are like the words at all, and not much less than the best.
FIND_CLIENTS = f"""
    SELECT tenant_id, id FROM (
        SELECT tenant_id, id, far, whole, min(far) OVER () AS nearest FROM (
            SELECT tenant_id, id, {CLIENT_NAME} <->> words AS far, {CLIENT_NAME} <-> words AS whole
            FROM public.clients WHERE tenant_id = {TENANT} AND erased_at IS NULL
            ORDER BY {CLIENT_NAME} <->> words LIMIT max_rows
        ) near
    ) ranked
    WHERE far <= 0.7 AND far <= nearest + 0.25 ORDER BY far, whole, id
"""


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
        for name, check in CHECKS[table]:
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({check}) NOT VALID")
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
    _create_options()
    _create_resources()
    _create_norms()
    for table in TABLES:
        enable_rls(table)
    op.execute(
        f"CREATE INDEX ix_clients_name ON clients USING gist (tenant_id, ({CLIENT_NAME}) gist_trgm_ops (siglen='256'))"
        " WHERE erased_at IS NULL /* safe: nobody runs a release without it */"
    )
    definer_function(CLIENT_MATCHES, "TABLE (tenant_id uuid, id uuid)", FIND_CLIENTS)


def downgrade() -> None:
    """Back to 0005."""
    guard_timeouts()
    drop_function(CLIENT_MATCHES)
    op.execute("DROP INDEX ix_clients_name")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE services DROP CONSTRAINT ck_services_{BUFFERS}")
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")


def _reference(table: str, column: str, target: str) -> str:
    return (
        f"CONSTRAINT fk_{table}_tenant_id_{column}"
        f" FOREIGN KEY (tenant_id, {column}) REFERENCES {target} (tenant_id, id)"
    )


def _create_options() -> None:
    op.execute(f"""
        CREATE TABLE service_options (
            id uuid CONSTRAINT pk_service_options PRIMARY KEY,
            tenant_id uuid NOT NULL,
            service_id uuid NOT NULL,
            choice text NOT NULL,
            name text NOT NULL,
            extra_min integer NOT NULL CONSTRAINT ck_service_options_extra_min CHECK (extra_min BETWEEN -720 AND 720),
            position smallint NOT NULL,
            is_active boolean NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_service_options_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_service_options_name UNIQUE (tenant_id, service_id, choice, name),
            {_reference("service_options", "service_id", "services")}
        )""")
    op.execute(f"""
        CREATE TABLE option_prices (
            id uuid CONSTRAINT pk_option_prices PRIMARY KEY,
            tenant_id uuid NOT NULL,
            price_list_id uuid NOT NULL,
            option_id uuid NOT NULL,
            staff_grade text,
            price_minor integer NOT NULL,
            currency varchar(3) NOT NULL,
            CONSTRAINT uq_option_prices_one_price
                UNIQUE NULLS NOT DISTINCT (tenant_id, price_list_id, option_id, staff_grade),
            {_reference("option_prices", "price_list_id", "price_lists")},
            {_reference("option_prices", "option_id", "service_options")}
        )""")


def _create_resources() -> None:
    op.execute("""
        CREATE TABLE resource_pools (
            id uuid CONSTRAINT pk_resource_pools PRIMARY KEY,
            tenant_id uuid NOT NULL CONSTRAINT fk_resource_pools_tenant_id REFERENCES tenants (id),
            kind varchar(8) NOT NULL CONSTRAINT ck_resource_pools_kind CHECK (kind IN ('chair', 'room', 'device')),
            name text NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_resource_pools_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_resource_pools_name UNIQUE (tenant_id, name)
        )""")
    op.execute(f"""
        CREATE TABLE resources (
            id uuid CONSTRAINT pk_resources PRIMARY KEY,
            tenant_id uuid NOT NULL,
            location_id uuid NOT NULL,
            pool_id uuid NOT NULL,
            name text NOT NULL,
            is_active boolean NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_resources_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_resources_name UNIQUE (tenant_id, location_id, name),
            {_reference("resources", "location_id", "locations")},
            {_reference("resources", "pool_id", "resource_pools")}
        )""")
    op.execute("CREATE INDEX ix_resources_pool ON resources (tenant_id, pool_id, location_id)")
    op.execute(f"""
        CREATE TABLE service_resources (
            id uuid CONSTRAINT pk_service_resources PRIMARY KEY,
            tenant_id uuid NOT NULL,
            service_id uuid NOT NULL,
            pool_id uuid NOT NULL,
            CONSTRAINT uq_service_resources_pool UNIQUE (tenant_id, service_id, pool_id),
            {_reference("service_resources", "service_id", "services")},
            {_reference("service_resources", "pool_id", "resource_pools")}
        )""")


def _create_norms() -> None:
    op.execute(f"""
        CREATE TABLE consumption_norms (
            id uuid CONSTRAINT pk_consumption_norms PRIMARY KEY,
            tenant_id uuid NOT NULL,
            service_id uuid NOT NULL,
            option_id uuid,
            staff_id uuid,
            item text NOT NULL,
            quantity numeric(12, 3) NOT NULL CONSTRAINT ck_consumption_norms_quantity CHECK (quantity > 0),
            unit varchar(8) NOT NULL CONSTRAINT ck_consumption_norms_unit CHECK (unit IN ('g', 'ml', 'pcs')),
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_consumption_norms_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_consumption_norms_item
                UNIQUE NULLS NOT DISTINCT (tenant_id, service_id, option_id, staff_id, item),
            {_reference("consumption_norms", "service_id", "services")},
            {_reference("consumption_norms", "option_id", "service_options")},
            {_reference("consumption_norms", "staff_id", "staff")}
        )""")
