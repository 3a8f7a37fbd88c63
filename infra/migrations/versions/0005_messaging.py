"""Conversations, the message log, reminders."""

from __future__ import annotations

from alembic import op

from infra.migrations.support import definer_function, drop_function, enable_rls, guard_timeouts

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DUE_REMINDERS = "due_reminders(until timestamptz, max_rows int)"


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    op.execute("""
        CREATE TABLE conversations (
            id uuid CONSTRAINT pk_conversations PRIMARY KEY,
            tenant_id uuid NOT NULL,
            channel varchar(16) NOT NULL,
            account_id uuid NOT NULL,
            chat_id varchar NOT NULL,
            client_id uuid NOT NULL,
            state bytea,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            CONSTRAINT uq_conversations_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_conversations_chat UNIQUE (tenant_id, account_id, chat_id),
            CONSTRAINT fk_conversations_tenant_id_account_id
                FOREIGN KEY (tenant_id, account_id) REFERENCES channel_accounts (tenant_id, id),
            CONSTRAINT fk_conversations_tenant_id_client_id
                FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_conversations_tenant_id_client_id ON conversations (tenant_id, client_id)")
    enable_rls("conversations")
    op.execute("""
        CREATE TABLE message_log (
            id uuid CONSTRAINT pk_message_log PRIMARY KEY,
            tenant_id uuid NOT NULL,
            conversation_id uuid NOT NULL,
            client_id uuid NOT NULL,
            direction varchar(3) NOT NULL CONSTRAINT ck_message_log_direction CHECK (direction IN ('in', 'out')),
            kind varchar(16) NOT NULL,
            status varchar(16) NOT NULL CONSTRAINT ck_message_log_status
                CHECK (status IN ('received', 'queued', 'sent', 'unconfirmed', 'failed', 'cancelled')),
            body bytea NOT NULL,
            inbox_id uuid,
            media_key varchar,
            provider_message_id varchar,
            error varchar,
            correlation_id varchar,
            created_at timestamptz NOT NULL,
            sent_at timestamptz,
            CONSTRAINT uq_message_log_inbox UNIQUE (tenant_id, inbox_id),
            CONSTRAINT fk_message_log_tenant_id_conversation_id
                FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
            CONSTRAINT fk_message_log_tenant_id_client_id
                FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_message_log_conversation ON message_log (tenant_id, conversation_id, created_at)")
    enable_rls("message_log")
    op.execute("""
        CREATE TABLE reminders (
            id uuid CONSTRAINT pk_reminders PRIMARY KEY,
            tenant_id uuid NOT NULL,
            booking_id uuid NOT NULL,
            kind varchar(16) NOT NULL CONSTRAINT ck_reminders_kind CHECK (kind IN ('day_before', 'soon')),
            starts_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            status varchar(16) NOT NULL CONSTRAINT ck_reminders_status
                CHECK (status IN ('planned', 'sent', 'cancelled', 'skipped')),
            created_at timestamptz NOT NULL,
            done_at timestamptz,
            CONSTRAINT uq_reminders_once UNIQUE (tenant_id, booking_id, kind, starts_at),
            CONSTRAINT fk_reminders_tenant_id_booking_id
                FOREIGN KEY (tenant_id, booking_id) REFERENCES bookings (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_reminders_due ON reminders (due_at) WHERE status = 'planned'")
    enable_rls("reminders")
    definer_function(
        DUE_REMINDERS,
        "TABLE (tenant_id uuid, id uuid)",
        "SELECT tenant_id, id FROM public.reminders WHERE status = 'planned' AND due_at <= until"
        " ORDER BY due_at LIMIT max_rows",
    )


def downgrade() -> None:
    """Back to 0004."""
    guard_timeouts()
    drop_function(DUE_REMINDERS)
    for table in ("reminders", "message_log", "conversations"):
        op.execute(f"DROP TABLE {table}")
