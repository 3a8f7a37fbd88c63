"""Catalogue and clients: locations, staff, services, skills, prices; clients and where they can be reached.

A foreign key carries the tenant: row-level security does not guard references, so a plain one could lead into
another tenant.
"""

from __future__ import annotations

from alembic import op

from infra.migrations.support import definer_function, drop_function, enable_rls, guard_timeouts

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "locations",
    "staff",
    "services",
    "staff_services",
    "location_services",
    "price_lists",
    "price_list_items",
    "clients",
    "channel_contacts",
)
TENANT_LOCATIONS = "tenant_locations()"


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    _create_catalog()
    _create_prices()
    _create_clients()
    for table in TABLES:
        enable_rls(table)
    definer_function(
        TENANT_LOCATIONS,
        "TABLE (tenant_id uuid, location_id uuid)",
        "SELECT tenant_id, id FROM public.locations WHERE is_active ORDER BY id",
    )


def downgrade() -> None:
    """Back to 0002."""
    guard_timeouts()
    drop_function(TENANT_LOCATIONS)
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")


def _create_catalog() -> None:
    op.execute("""
        CREATE TABLE locations (
            id uuid CONSTRAINT pk_locations PRIMARY KEY,
            tenant_id uuid NOT NULL CONSTRAINT fk_locations_tenant_id REFERENCES tenants (id),
            name text NOT NULL,
            timezone text NOT NULL,
            address text NOT NULL,
            phone text NOT NULL,
            opening_hours jsonb NOT NULL,
            latitude double precision,
            longitude double precision,
            is_active boolean NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_locations_tenant_id_id UNIQUE (tenant_id, id)
        )""")
    op.execute("""
        CREATE TABLE staff (
            id uuid CONSTRAINT pk_staff PRIMARY KEY,
            tenant_id uuid NOT NULL,
            location_id uuid NOT NULL,
            name text NOT NULL,
            title text NOT NULL,
            speciality text NOT NULL,
            grade text,
            is_active boolean NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_staff_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT fk_staff_tenant_id_location_id
                FOREIGN KEY (tenant_id, location_id) REFERENCES locations (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_staff_tenant_id_location_id ON staff (tenant_id, location_id)")
    op.execute("""
        CREATE TABLE services (
            id uuid CONSTRAINT pk_services PRIMARY KEY,
            tenant_id uuid NOT NULL CONSTRAINT fk_services_tenant_id REFERENCES tenants (id),
            name text NOT NULL,
            category text NOT NULL,
            synonyms text[] NOT NULL,
            duration_min integer NOT NULL CONSTRAINT ck_services_duration_min CHECK (duration_min BETWEEN 1 AND 1440),
            buffer_before_min integer NOT NULL,
            buffer_after_min integer NOT NULL,
            requires_staff boolean NOT NULL,
            is_active boolean NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_services_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT ck_services_buffers CHECK (buffer_before_min >= 0 AND buffer_after_min >= 0)
        )""")
    op.execute("""
        CREATE TABLE staff_services (
            id uuid CONSTRAINT pk_staff_services PRIMARY KEY,
            tenant_id uuid NOT NULL,
            staff_id uuid NOT NULL,
            service_id uuid NOT NULL,
            duration_min integer CONSTRAINT ck_staff_services_duration_min CHECK (duration_min BETWEEN 1 AND 1440),
            CONSTRAINT uq_staff_services_tenant_id_staff_id_service_id UNIQUE (tenant_id, staff_id, service_id),
            CONSTRAINT fk_staff_services_tenant_id_staff_id
                FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id),
            CONSTRAINT fk_staff_services_tenant_id_service_id
                FOREIGN KEY (tenant_id, service_id) REFERENCES services (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_staff_services_tenant_id_service_id ON staff_services (tenant_id, service_id)")
    op.execute("""
        CREATE TABLE location_services (
            id uuid CONSTRAINT pk_location_services PRIMARY KEY,
            tenant_id uuid NOT NULL,
            location_id uuid NOT NULL,
            service_id uuid NOT NULL,
            CONSTRAINT uq_location_services_tenant_id_location_id_service_id
                UNIQUE (tenant_id, location_id, service_id),
            CONSTRAINT fk_location_services_tenant_id_location_id
                FOREIGN KEY (tenant_id, location_id) REFERENCES locations (tenant_id, id),
            CONSTRAINT fk_location_services_tenant_id_service_id
                FOREIGN KEY (tenant_id, service_id) REFERENCES services (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_location_services_tenant_id_service_id ON location_services (tenant_id, service_id)")


def _create_prices() -> None:
    op.execute("""
        CREATE TABLE price_lists (
            id uuid CONSTRAINT pk_price_lists PRIMARY KEY,
            tenant_id uuid NOT NULL CONSTRAINT fk_price_lists_tenant_id REFERENCES tenants (id),
            location_id uuid,
            name text NOT NULL,
            valid_from date NOT NULL,
            valid_to date,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_price_lists_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT ck_price_lists_validity CHECK (valid_to >= valid_from),
            CONSTRAINT fk_price_lists_tenant_id_location_id
                FOREIGN KEY (tenant_id, location_id) REFERENCES locations (tenant_id, id),
            CONSTRAINT ex_price_lists_validity EXCLUDE USING gist (
                tenant_id WITH =,
                (COALESCE(location_id, '00000000-0000-0000-0000-000000000000'::uuid)) WITH =,
                daterange(valid_from, valid_to, '[]') WITH &&
            )
        )""")
    op.execute("""
        CREATE TABLE price_list_items (
            id uuid CONSTRAINT pk_price_list_items PRIMARY KEY,
            tenant_id uuid NOT NULL,
            price_list_id uuid NOT NULL,
            service_id uuid NOT NULL,
            staff_grade text,
            price_minor integer NOT NULL CONSTRAINT ck_price_list_items_price_minor CHECK (price_minor >= 0),
            currency text NOT NULL,
            CONSTRAINT uq_price_list_items_one_price
                UNIQUE NULLS NOT DISTINCT (tenant_id, price_list_id, service_id, staff_grade),
            CONSTRAINT fk_price_list_items_tenant_id_price_list_id
                FOREIGN KEY (tenant_id, price_list_id) REFERENCES price_lists (tenant_id, id),
            CONSTRAINT fk_price_list_items_tenant_id_service_id
                FOREIGN KEY (tenant_id, service_id) REFERENCES services (tenant_id, id)
        )""")


def _create_clients() -> None:
    op.execute("""
        CREATE TABLE clients (
            id uuid CONSTRAINT pk_clients PRIMARY KEY,
            tenant_id uuid NOT NULL CONSTRAINT fk_clients_tenant_id REFERENCES tenants (id),
            display_name text NOT NULL,
            phone bytea,
            phone_index bytea,
            phone_last4 varchar(4),
            email bytea,
            notes bytea,
            language varchar(8) NOT NULL,
            timezone text,
            created_at timestamptz NOT NULL,
            erased_at timestamptz,
            CONSTRAINT uq_clients_tenant_id_id UNIQUE (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_clients_phone_index ON clients (tenant_id, phone_index)")
    op.execute("CREATE INDEX ix_clients_phone_last4 ON clients (tenant_id, phone_last4)")
    op.execute("""
        CREATE TABLE channel_contacts (
            id uuid CONSTRAINT pk_channel_contacts PRIMARY KEY,
            tenant_id uuid NOT NULL,
            client_id uuid NOT NULL,
            channel varchar(16) NOT NULL,
            account_id uuid NOT NULL CONSTRAINT fk_channel_contacts_account_id REFERENCES channel_accounts (id),
            external_user_id text NOT NULL,
            chat_id text NOT NULL,
            is_blocked boolean NOT NULL,
            blocked_at timestamptz,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_channel_contacts_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_channel_contacts_external_user UNIQUE (tenant_id, channel, account_id, external_user_id),
            CONSTRAINT fk_channel_contacts_tenant_id_client_id
                FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_channel_contacts_tenant_id_client_id ON channel_contacts (tenant_id, client_id)")
