"""Tenants, channel accounts, the audit log."""

from __future__ import annotations

from alembic import op

from infra.migrations.support import append_only, definer_function, drop_function, enable_rls, guard_timeouts

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TENANT_IDS = "tenant_ids()"
ACCOUNT_REF = "channel_account_ref(of_channel text, of_key text)"


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    op.execute("""
        CREATE TABLE tenants (
            id uuid CONSTRAINT pk_tenants PRIMARY KEY,
            name varchar NOT NULL,
            locale varchar(8) NOT NULL DEFAULT 'ru',
            quiet_from_min integer NOT NULL CONSTRAINT ck_tenants_quiet_from CHECK (quiet_from_min BETWEEN 0 AND 1439),
            quiet_until_min integer NOT NULL
                CONSTRAINT ck_tenants_quiet_until CHECK (quiet_until_min BETWEEN 0 AND 1439),
            brand_id varchar,
            team_id varchar,
            created_at timestamptz NOT NULL DEFAULT now()
        )""")
    enable_rls("tenants", column="id")
    op.execute("""
        CREATE TABLE channel_accounts (
            id uuid CONSTRAINT pk_channel_accounts PRIMARY KEY,
            tenant_id uuid NOT NULL,
            channel varchar(16) NOT NULL,
            account_key varchar(64) NOT NULL,
            credentials bytea NOT NULL,
            status varchar(16) NOT NULL
                CONSTRAINT ck_channel_accounts_status CHECK (status IN ('active', 'rejected', 'disabled')),
            paused_until timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT uq_channel_accounts_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_channel_accounts_key UNIQUE (channel, account_key)
        )""")
    enable_rls("channel_accounts")
    op.execute("""
        CREATE TABLE audit_log (
            id uuid CONSTRAINT pk_audit_log PRIMARY KEY,
            tenant_id uuid NOT NULL,
            action varchar(64) NOT NULL,
            subject varchar(32) NOT NULL,
            subject_id uuid NOT NULL,
            actor_kind varchar(16) NOT NULL,
            actor_id varchar NOT NULL,
            data jsonb NOT NULL,
            correlation_id varchar,
            at timestamptz NOT NULL
        )""")
    op.execute("CREATE INDEX ix_audit_log_subject ON audit_log (tenant_id, subject, subject_id)")
    enable_rls("audit_log", writable=False)
    append_only("audit_log")
    definer_function(TENANT_IDS, "TABLE (tenant_id uuid)", "SELECT id FROM public.tenants ORDER BY id")
    definer_function(
        ACCOUNT_REF,
        "TABLE (tenant_id uuid, id uuid)",
        "SELECT tenant_id, id FROM public.channel_accounts WHERE channel = of_channel AND account_key = of_key",
    )


def downgrade() -> None:
    """Back to 0001."""
    guard_timeouts()
    drop_function(ACCOUNT_REF)
    drop_function(TENANT_IDS)
    for table in ("audit_log", "channel_accounts", "tenants"):
        op.execute(f"DROP TABLE {table}")
