"""Inbox, outbox, data keys, rate limits, timers: what carries every event."""

from __future__ import annotations

from alembic import op

from infra.migrations.support import APP_ROLE, definer_function, drop_function, enable_rls, guard_timeouts

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OVERDUE_INBOX = "overdue_inbox(before timestamptz, max_rows int)"
OVERDUE_OUTBOX = "overdue_outbox(before timestamptz, max_rows int)"


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    op.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")
    op.execute(
        "CREATE FUNCTION deny_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute("""
        CREATE TABLE data_keys (
            id uuid CONSTRAINT pk_data_keys PRIMARY KEY,
            tenant_id uuid NOT NULL,
            subject_kind varchar NOT NULL,
            subject_id uuid NOT NULL,
            wrapped bytea,
            created_at timestamptz NOT NULL,
            destroyed_at timestamptz,
            CONSTRAINT uq_data_keys_tenant_id_subject_kind_subject_id UNIQUE (tenant_id, subject_kind, subject_id)
        )""")
    enable_rls("data_keys")
    op.execute("""
        CREATE TABLE inbox (
            id uuid CONSTRAINT pk_inbox PRIMARY KEY,
            tenant_id uuid NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY,
            source varchar(32) NOT NULL,
            account_id uuid NOT NULL,
            external_id varchar NOT NULL,
            conversation_key varchar NOT NULL,
            payload bytea NOT NULL,
            correlation_id varchar,
            status varchar(16) NOT NULL CONSTRAINT ck_inbox_status CHECK (status IN ('open', 'done', 'parked')),
            attempts integer NOT NULL,
            lease_until timestamptz,
            next_attempt_at timestamptz NOT NULL,
            last_error varchar,
            received_at timestamptz NOT NULL DEFAULT now(),
            done_at timestamptz,
            CONSTRAINT uq_inbox_external UNIQUE (tenant_id, source, account_id, external_id)
        )""")
    op.execute("CREATE INDEX ix_inbox_open ON inbox (tenant_id, conversation_key, sequence) WHERE status = 'open'")
    op.execute("CREATE INDEX ix_inbox_due ON inbox (next_attempt_at) WHERE status = 'open'")
    enable_rls("inbox")
    op.execute("""
        CREATE TABLE outbox (
            id uuid CONSTRAINT pk_outbox PRIMARY KEY,
            tenant_id uuid NOT NULL,
            sequence bigint GENERATED ALWAYS AS IDENTITY,
            queue varchar(16) NOT NULL,
            kind varchar(64) NOT NULL,
            conversation_id uuid,
            payload jsonb NOT NULL,
            dedupe_key varchar,
            correlation_id varchar,
            status varchar(16) NOT NULL
                CONSTRAINT ck_outbox_status CHECK (status IN ('open', 'done', 'parked', 'cancelled')),
            attempts integer NOT NULL,
            lease_until timestamptz,
            next_attempt_at timestamptz NOT NULL,
            last_error varchar,
            created_at timestamptz NOT NULL DEFAULT now(),
            done_at timestamptz,
            CONSTRAINT uq_outbox_dedupe UNIQUE (tenant_id, dedupe_key)
        )""")
    op.execute("CREATE INDEX ix_outbox_open ON outbox (tenant_id, conversation_id, sequence) WHERE status = 'open'")
    op.execute("CREATE INDEX ix_outbox_due ON outbox (next_attempt_at) WHERE status = 'open'")
    enable_rls("outbox")
    op.execute("""
        CREATE TABLE event_deliveries (
            tenant_id uuid NOT NULL,
            outbox_id uuid NOT NULL,
            subscriber varchar(64) NOT NULL,
            handled_at timestamptz NOT NULL,
            CONSTRAINT pk_event_deliveries PRIMARY KEY (tenant_id, outbox_id, subscriber)
        )""")
    enable_rls("event_deliveries")
    op.execute("""
        CREATE TABLE rate_limits (
            tenant_id uuid NOT NULL,
            key varchar NOT NULL,
            tokens double precision NOT NULL,
            refused boolean NOT NULL DEFAULT false,
            refilled_at timestamptz NOT NULL,
            CONSTRAINT pk_rate_limits PRIMARY KEY (tenant_id, key)
        )""")
    enable_rls("rate_limits")
    op.execute("""
        CREATE TABLE timer_leases (
            name varchar(64) CONSTRAINT pk_timer_leases PRIMARY KEY,
            lease_until timestamptz NOT NULL
        )""")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON timer_leases TO {APP_ROLE}")
    # The first open row of each conversation: the rows behind it follow by themselves, and a conversation that is
    # stuck does not fill the whole answer.
    for name, table, group in (
        (OVERDUE_INBOX, "inbox", "tenant_id, conversation_key"),
        (OVERDUE_OUTBOX, "outbox", "tenant_id, queue, COALESCE(conversation_id, id)"),
    ):
        definer_function(
            name,
            "TABLE (tenant_id uuid, id uuid)",
            f"SELECT tenant_id, id FROM (SELECT DISTINCT ON ({group}) * FROM public.{table} WHERE status = 'open'"
            f" ORDER BY {group}, sequence) first WHERE next_attempt_at <= before"
            " AND (lease_until IS NULL OR lease_until <= before) ORDER BY sequence LIMIT max_rows",
        )


def downgrade() -> None:
    """Back to an empty database."""
    guard_timeouts()
    drop_function(OVERDUE_INBOX)
    drop_function(OVERDUE_OUTBOX)
    for table in ("timer_leases", "rate_limits", "event_deliveries", "outbox", "inbox", "data_keys"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION deny_change()")
