"""Who may call the API: users, sessions, tenant settings; and the answers kept for repeated requests."""

from __future__ import annotations

from alembic import op

from infra.migrations.support import enable_rls, guard_timeouts

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("tenant_settings", "users", "sessions", "idempotency_keys")


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    op.execute("""
        CREATE TABLE tenant_settings (
            id uuid CONSTRAINT pk_tenant_settings PRIMARY KEY,
            tenant_id uuid NOT NULL CONSTRAINT fk_tenant_settings_tenant_id REFERENCES tenants (id),
            section varchar(32) NOT NULL,
            content jsonb NOT NULL,
            version integer NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT uq_tenant_settings_section UNIQUE (tenant_id, section)
        )""")
    op.execute("""
        CREATE TABLE users (
            id uuid CONSTRAINT pk_users PRIMARY KEY,
            tenant_id uuid NOT NULL CONSTRAINT fk_users_tenant_id REFERENCES tenants (id),
            name varchar NOT NULL,
            role varchar(16) NOT NULL CONSTRAINT ck_users_role
                CHECK (role IN ('owner', 'admin', 'manager', 'frontdesk', 'stylist')),
            staff_id uuid,
            is_active boolean NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_users_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT ck_users_diary CHECK (role <> 'stylist' OR staff_id IS NOT NULL)
        )""")
    op.execute("""
        CREATE TABLE sessions (
            id uuid CONSTRAINT pk_sessions PRIMARY KEY,
            tenant_id uuid NOT NULL CONSTRAINT fk_sessions_tenant_id REFERENCES tenants (id),
            user_id uuid,
            role varchar(16) NOT NULL CONSTRAINT ck_sessions_role
                CHECK (role IN ('owner', 'admin', 'manager', 'frontdesk', 'stylist', 'user')),
            client_id uuid,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            revoked_at timestamptz,
            CONSTRAINT uq_sessions_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT ck_sessions_lifetime
                CHECK (expires_at > created_at AND expires_at <= created_at + interval '24 hours'),
            CONSTRAINT ck_sessions_user CHECK ((role = 'user') = (user_id IS NULL)),
            CONSTRAINT fk_sessions_tenant_id_user_id
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_sessions_user ON sessions (tenant_id, user_id) WHERE user_id IS NOT NULL")
    op.execute("""
        CREATE TABLE idempotency_keys (
            id uuid CONSTRAINT pk_idempotency_keys PRIMARY KEY,
            tenant_id uuid NOT NULL,
            actor varchar(80) NOT NULL,
            key varchar(255) NOT NULL,
            payload_hash varchar(64) NOT NULL,
            status smallint,
            answer bytea,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT uq_idempotency_keys_key UNIQUE (tenant_id, actor, key)
        )""")
    op.execute("CREATE INDEX ix_idempotency_keys_expires_at ON idempotency_keys (tenant_id, expires_at)")
    for table in TABLES:
        enable_rls(table)


def downgrade() -> None:
    """Back to 0008."""
    guard_timeouts()
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")
