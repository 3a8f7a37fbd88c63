"""Five channels: accounts that look after themselves, delivery, people of the salon, consents, feedback, campaigns.

Its indexes on tables with rows are built with a lock: «nobody runs a release without it» holds for this one because no
salon's database has these tables filled yet, and for no later migration.
"""

from __future__ import annotations

from alembic import op

from infra.migrations.support import append_only, definer_function, drop_function, enable_rls, guard_timeouts

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ACCOUNT_BY_EXTERNAL = "channel_account_by_external(wanted_channel text, wanted_id text)"
ACCOUNTS_TO_CHECK = (
    "channel_accounts_to_check(before timestamptz, again_before timestamptz, again_for text[], max_rows int)"
)
DUE_CAMPAIGN_MESSAGES = "due_campaign_messages(until timestamptz, max_rows int)"
ACTIVE_CAMPAIGNS = "active_campaigns(max_rows int)"
STALE_HANDOVERS = "stale_handovers(before timestamptz, max_rows int)"
TABLES = (
    "message_templates", "handovers", "staff_contacts", "binding_codes", "client_links", "feedback", "campaigns",
    "campaign_messages",
)  # fmt: skip


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    _widen_accounts()
    _widen_messaging()
    _widen_outbox()
    _widen_clients()
    _create_templates()
    _create_people()
    _create_feedback()
    _create_campaigns()
    for table in TABLES:
        enable_rls(table)
    _create_functions()


def downgrade() -> None:
    """Back to 0009. It drops `consents`, a salon's proof of what it was allowed: only ever for a database of tests."""
    guard_timeouts()
    for function in (ACCOUNT_BY_EXTERNAL, ACCOUNTS_TO_CHECK, DUE_CAMPAIGN_MESSAGES, ACTIVE_CAMPAIGNS, STALE_HANDOVERS):
        drop_function(function)
    for table in ("consents", *reversed(TABLES)):
        op.execute(f"DROP TABLE {table}")
    op.execute("DELETE FROM reminders WHERE kind = 'feedback'")
    op.execute("ALTER TABLE reminders DROP CONSTRAINT ck_reminders_kind, DROP COLUMN answer, DROP COLUMN answered_at")
    op.execute(
        "ALTER TABLE reminders ADD CONSTRAINT ck_reminders_kind CHECK (kind IN ('day_before', 'soon')) NOT VALID"
    )
    op.execute("ALTER TABLE reminders VALIDATE CONSTRAINT ck_reminders_kind")
    for column in ("birth_day", "merged_into_id", "is_phone_verified", "marketing_asked_at"):
        op.execute(f"ALTER TABLE clients DROP COLUMN {column}")
    op.execute("DROP INDEX ix_channel_contacts_chat")
    op.execute("UPDATE message_log SET status = 'sent' WHERE status IN ('delivered', 'read')")
    op.execute("ALTER TABLE message_log DROP CONSTRAINT ck_message_log_status")
    op.execute(
        "ALTER TABLE message_log ADD CONSTRAINT ck_message_log_status CHECK (status IN"
        " ('received', 'queued', 'sent', 'unconfirmed', 'failed', 'cancelled')) NOT VALID"
    )
    op.execute("ALTER TABLE message_log VALIDATE CONSTRAINT ck_message_log_status")
    for index in ("ix_message_log_provider", "ix_outbox_unsettled", "ix_outbox_parked", "ix_inbox_parked"):
        op.execute(f"DROP INDEX {index}")
    op.execute("DROP INDEX ix_message_log_conversation")
    op.execute("CREATE INDEX ix_message_log_conversation ON message_log (tenant_id, conversation_id, created_at)")
    op.execute("UPDATE outbox SET status = 'cancelled' WHERE status = 'waiting'")
    op.execute("ALTER TABLE outbox DROP COLUMN not_after")
    op.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_status")
    op.execute(
        "ALTER TABLE outbox ADD CONSTRAINT ck_outbox_status"
        " CHECK (status IN ('open', 'done', 'parked', 'cancelled')) NOT VALID"
    )
    op.execute("ALTER TABLE outbox VALIDATE CONSTRAINT ck_outbox_status")
    for column in ("purpose", "user_id", "template_name", "delivered_at", "read_at", "account_id"):
        op.execute(f"ALTER TABLE message_log DROP COLUMN {column}")
    for column in ("last_inbound_at", "external_user_id", "is_group", "uses_text_keys"):
        op.execute(f"ALTER TABLE conversations DROP COLUMN {column}")
    op.execute("DROP INDEX ux_channel_accounts_external")
    for column in ("name", "external_id", "config", "webhook_url", "checked_at", "problems", "token_expires_at"):
        op.execute(f"ALTER TABLE channel_accounts DROP COLUMN {column}")


def _widen_accounts() -> None:
    op.execute("""
        ALTER TABLE channel_accounts
            ADD COLUMN name varchar NOT NULL DEFAULT '',
            ADD COLUMN external_id varchar(64),
            ADD COLUMN config jsonb NOT NULL DEFAULT '{}',
            ADD COLUMN webhook_url varchar,
            ADD COLUMN checked_at timestamptz,
            ADD COLUMN problems jsonb NOT NULL DEFAULT '[]',
            ADD COLUMN token_expires_at timestamptz""")
    op.execute(
        "CREATE UNIQUE INDEX ux_channel_accounts_external ON channel_accounts (channel, external_id)"
        " WHERE external_id IS NOT NULL /* safe: the column is new, no row is indexed */"
    )


def _widen_messaging() -> None:
    op.execute("""
        ALTER TABLE conversations
            ADD COLUMN last_inbound_at timestamptz,
            ADD COLUMN external_user_id varchar,
            ADD COLUMN is_group boolean NOT NULL DEFAULT false,
            ADD COLUMN uses_text_keys boolean NOT NULL DEFAULT false""")
    op.execute("""
        ALTER TABLE message_log
            ADD COLUMN purpose varchar(16) NOT NULL DEFAULT 'reply',
            ADD COLUMN account_id uuid,
            ADD COLUMN user_id uuid,
            ADD COLUMN template_name varchar,
            ADD COLUMN delivered_at timestamptz,
            ADD COLUMN read_at timestamptz""")
    op.execute("ALTER TABLE message_log DROP CONSTRAINT ck_message_log_status")
    op.execute(
        "ALTER TABLE message_log ADD CONSTRAINT ck_message_log_status CHECK (status IN ('received', 'queued', 'sent',"
        " 'delivered', 'read', 'unconfirmed', 'failed', 'cancelled')) NOT VALID"
    )
    op.execute("ALTER TABLE message_log VALIDATE CONSTRAINT ck_message_log_status")
    op.execute(
        "CREATE INDEX ix_message_log_provider ON message_log (tenant_id, account_id, provider_message_id)"
        " WHERE provider_message_id IS NOT NULL /* safe: nobody runs a release without it */"
    )
    op.execute("DROP INDEX ix_message_log_conversation")
    op.execute(
        "CREATE INDEX ix_message_log_conversation ON message_log (tenant_id, conversation_id, created_at, id)"
        " /* safe: nobody runs a release without it */"
    )
    op.execute("ALTER TABLE reminders ADD COLUMN answer varchar(16), ADD COLUMN answered_at timestamptz")
    op.execute("ALTER TABLE reminders DROP CONSTRAINT ck_reminders_kind")
    op.execute(
        "ALTER TABLE reminders ADD CONSTRAINT ck_reminders_kind CHECK (kind IN ('day_before', 'soon', 'feedback'))"
        " NOT VALID"
    )
    op.execute("ALTER TABLE reminders VALIDATE CONSTRAINT ck_reminders_kind")


def _widen_outbox() -> None:
    op.execute("ALTER TABLE outbox ADD COLUMN not_after timestamptz")
    op.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_status")
    op.execute(
        "ALTER TABLE outbox ADD CONSTRAINT ck_outbox_status"
        " CHECK (status IN ('open', 'waiting', 'done', 'parked', 'cancelled')) NOT VALID"
    )
    op.execute("ALTER TABLE outbox VALIDATE CONSTRAINT ck_outbox_status")
    op.execute(
        "CREATE INDEX ix_outbox_unsettled ON outbox (tenant_id, conversation_id)"
        " WHERE status IN ('open', 'waiting', 'parked') /* safe: nobody runs a release without it, and few rows are */"
    )
    for table in ("inbox", "outbox"):
        op.execute(
            f"CREATE INDEX ix_{table}_parked ON {table} (tenant_id, done_at, id) WHERE status = 'parked'"
            " /* safe: nobody runs a release without it */"
        )


def _widen_clients() -> None:
    op.execute("""
        ALTER TABLE clients
            ADD COLUMN birth_day varchar(5),
            ADD COLUMN merged_into_id uuid,
            ADD COLUMN is_phone_verified boolean NOT NULL DEFAULT false,
            ADD COLUMN marketing_asked_at timestamptz""")
    for index, column in (("merged_into", "merged_into_id"), ("birth_day", "birth_day")):
        op.execute(
            f"CREATE INDEX ix_clients_{index} ON clients (tenant_id, {column}) WHERE {column} IS NOT NULL"
            " /* safe: the column is new, no row has a value, and a salon's clients are thousands */"
        )
    op.execute(
        "CREATE INDEX ix_channel_contacts_chat ON channel_contacts (tenant_id, account_id, chat_id)"
        " /* safe: nobody runs a release without it */"
    )
    op.execute("""
        CREATE TABLE consents (
            id uuid CONSTRAINT pk_consents PRIMARY KEY,
            tenant_id uuid NOT NULL,
            client_id uuid NOT NULL,
            purpose varchar(32) NOT NULL,
            is_given boolean NOT NULL,
            channel varchar(16) NOT NULL,
            wording_version varchar(32) NOT NULL,
            actor_kind varchar(16) NOT NULL,
            actor_id varchar NOT NULL,
            at timestamptz NOT NULL,
            CONSTRAINT fk_consents_tenant_id_client_id
                FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_consents_client ON consents (tenant_id, client_id, purpose, at)")
    enable_rls("consents", writable=False)
    append_only("consents")
    op.execute("""
        CREATE TABLE client_links (
            id uuid CONSTRAINT pk_client_links PRIMARY KEY,
            tenant_id uuid NOT NULL,
            client_id uuid NOT NULL,
            other_client_id uuid NOT NULL,
            status varchar(16) NOT NULL CONSTRAINT ck_client_links_status
                CHECK (status IN ('open', 'accepted', 'declined', 'expired')),
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            done_at timestamptz,
            CONSTRAINT fk_client_links_tenant_id_client_id
                FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id),
            CONSTRAINT fk_client_links_tenant_id_other_client_id
                FOREIGN KEY (tenant_id, other_client_id) REFERENCES clients (tenant_id, id)
        )""")
    op.execute("CREATE UNIQUE INDEX ux_client_links_open ON client_links (tenant_id, client_id) WHERE status = 'open'")


def _create_templates() -> None:
    op.execute("""
        CREATE TABLE message_templates (
            id uuid CONSTRAINT pk_message_templates PRIMARY KEY,
            tenant_id uuid NOT NULL,
            account_id uuid NOT NULL,
            purpose varchar(32) NOT NULL,
            language varchar(8) NOT NULL,
            name varchar(512) NOT NULL,
            provider_language varchar(16) NOT NULL,
            category varchar(32) NOT NULL DEFAULT '',
            body varchar NOT NULL DEFAULT '',
            status varchar(16) NOT NULL CONSTRAINT ck_message_templates_status
                CHECK (status IN ('unknown', 'pending', 'approved', 'rejected', 'paused')),
            updated_at timestamptz NOT NULL,
            CONSTRAINT uq_message_templates_purpose UNIQUE (tenant_id, account_id, purpose, language),
            CONSTRAINT fk_message_templates_tenant_id_account_id
                FOREIGN KEY (tenant_id, account_id) REFERENCES channel_accounts (tenant_id, id)
        )""")


def _create_people() -> None:
    op.execute("""
        CREATE TABLE handovers (
            id uuid CONSTRAINT pk_handovers PRIMARY KEY,
            tenant_id uuid NOT NULL,
            number integer NOT NULL,
            conversation_id uuid NOT NULL,
            client_id uuid NOT NULL,
            reason varchar(24) NOT NULL,
            status varchar(16) NOT NULL CONSTRAINT ck_handovers_status CHECK (status IN ('open', 'taken', 'closed')),
            opened_at timestamptz NOT NULL,
            taken_at timestamptz,
            taken_by uuid,
            closed_at timestamptz,
            closed_by varchar,
            outcome varchar(24),
            messages integer NOT NULL DEFAULT 0,
            last_activity_at timestamptz NOT NULL,
            due_at timestamptz,
            reminded_at timestamptz,
            version integer NOT NULL,
            CONSTRAINT uq_handovers_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_handovers_number UNIQUE (tenant_id, number),
            CONSTRAINT fk_handovers_tenant_id_conversation_id
                FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
            CONSTRAINT fk_handovers_tenant_id_client_id
                FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
        )""")
    op.execute(
        "CREATE UNIQUE INDEX ux_handovers_live ON handovers (tenant_id, conversation_id) WHERE status <> 'closed'"
    )
    op.execute("CREATE INDEX ix_handovers_due ON handovers (due_at) WHERE due_at IS NOT NULL")
    op.execute("CREATE INDEX ix_handovers_opened_at ON handovers (tenant_id, opened_at)")
    op.execute("""
        CREATE TABLE staff_contacts (
            id uuid CONSTRAINT pk_staff_contacts PRIMARY KEY,
            tenant_id uuid NOT NULL,
            user_id uuid NOT NULL,
            conversation_id uuid NOT NULL,
            notices jsonb NOT NULL,
            handover_id uuid,
            created_at timestamptz NOT NULL,
            ended_at timestamptz,
            CONSTRAINT fk_staff_contacts_tenant_id_user_id
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
            CONSTRAINT fk_staff_contacts_tenant_id_conversation_id
                FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
            CONSTRAINT fk_staff_contacts_tenant_id_handover_id
                FOREIGN KEY (tenant_id, handover_id) REFERENCES handovers (tenant_id, id)
        )""")
    op.execute(
        "CREATE UNIQUE INDEX ux_staff_contacts_live ON staff_contacts (tenant_id, conversation_id)"
        " WHERE ended_at IS NULL"
    )
    op.execute("CREATE INDEX ix_staff_contacts_user ON staff_contacts (tenant_id, user_id)")
    op.execute("""
        CREATE TABLE binding_codes (
            id uuid CONSTRAINT pk_binding_codes PRIMARY KEY,
            tenant_id uuid NOT NULL,
            user_id uuid NOT NULL,
            code_hash bytea NOT NULL,
            created_by varchar NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz,
            CONSTRAINT uq_binding_codes_hash UNIQUE (tenant_id, code_hash),
            CONSTRAINT fk_binding_codes_tenant_id_user_id
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
        )""")


def _create_feedback() -> None:
    op.execute("""
        CREATE TABLE feedback (
            id uuid CONSTRAINT pk_feedback PRIMARY KEY,
            tenant_id uuid NOT NULL,
            booking_id uuid NOT NULL,
            client_id uuid NOT NULL,
            service_id uuid NOT NULL,
            staff_id uuid,
            location_id uuid NOT NULL,
            rating smallint NOT NULL CONSTRAINT ck_feedback_rating CHECK (rating BETWEEN 1 AND 5),
            comment bytea,
            channel varchar(16) NOT NULL,
            rated_at timestamptz NOT NULL,
            commented_at timestamptz,
            CONSTRAINT uq_feedback_booking UNIQUE (tenant_id, booking_id),
            CONSTRAINT fk_feedback_tenant_id_booking_id
                FOREIGN KEY (tenant_id, booking_id) REFERENCES bookings (tenant_id, id),
            CONSTRAINT fk_feedback_tenant_id_client_id
                FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_feedback_staff ON feedback (tenant_id, staff_id, rated_at)")
    op.execute("CREATE INDEX ix_feedback_rated_at ON feedback (tenant_id, rated_at)")


def _create_campaigns() -> None:
    op.execute("""
        CREATE TABLE campaigns (
            id uuid CONSTRAINT pk_campaigns PRIMARY KEY,
            tenant_id uuid NOT NULL,
            name varchar NOT NULL,
            kind varchar(16) NOT NULL CONSTRAINT ck_campaigns_kind CHECK (kind IN ('birthday', 'win_back', 'one_off')),
            status varchar(16) NOT NULL CONSTRAINT ck_campaigns_status
                CHECK (status IN ('draft', 'active', 'paused', 'finished')),
            segment jsonb NOT NULL,
            wording jsonb NOT NULL,
            template_purpose varchar(32),
            send_at timestamptz,
            planned_at timestamptz,
            created_by varchar NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            version integer NOT NULL,
            CONSTRAINT uq_campaigns_tenant_id_id UNIQUE (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_campaigns_active ON campaigns (planned_at) WHERE status = 'active'")
    op.execute("""
        CREATE TABLE campaign_messages (
            id uuid CONSTRAINT pk_campaign_messages PRIMARY KEY,
            tenant_id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            client_id uuid NOT NULL,
            occasion varchar(32) NOT NULL,
            status varchar(16) NOT NULL CONSTRAINT ck_campaign_messages_status
                CHECK (status IN ('planned', 'sent', 'skipped', 'cancelled')),
            reason varchar(32),
            message_id uuid,
            due_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL,
            done_at timestamptz,
            CONSTRAINT uq_campaign_messages_once UNIQUE (tenant_id, campaign_id, client_id, occasion),
            CONSTRAINT fk_campaign_messages_tenant_id_campaign_id
                FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id),
            CONSTRAINT fk_campaign_messages_tenant_id_client_id
                FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_campaign_messages_due ON campaign_messages (due_at) WHERE status = 'planned'")
    op.execute("CREATE INDEX ix_campaign_messages_client ON campaign_messages (tenant_id, client_id, done_at)")


def _create_functions() -> None:
    ids = "TABLE (tenant_id uuid, id uuid)"
    definer_function(
        ACCOUNT_BY_EXTERNAL,
        ids,
        "SELECT tenant_id, id FROM public.channel_accounts"
        " WHERE channel = wanted_channel AND external_id = wanted_id AND status <> 'disabled'",
    )
    definer_function(
        ACCOUNTS_TO_CHECK,
        ids,
        "SELECT tenant_id, id FROM public.channel_accounts WHERE status <> 'disabled'"
        " AND (checked_at IS NULL OR checked_at <= before OR (checked_at <= again_before AND EXISTS ("
        "SELECT FROM jsonb_array_elements(problems) problem WHERE problem->>'kind' = ANY (again_for))))"
        " ORDER BY checked_at NULLS FIRST, id LIMIT max_rows",
    )
    definer_function(
        DUE_CAMPAIGN_MESSAGES,
        ids,
        # each tenant's first, then each tenant's second: a salon with thousands to write to does not hold up the others
        "SELECT due.tenant_id, due.id FROM (SELECT message.tenant_id, message.id, message.due_at,"
        " row_number() OVER (PARTITION BY message.tenant_id ORDER BY message.due_at, message.id) AS turn"
        " FROM public.campaign_messages message JOIN public.campaigns campaign"
        " ON campaign.tenant_id = message.tenant_id AND campaign.id = message.campaign_id"
        " WHERE message.status = 'planned' AND message.due_at <= until AND campaign.status = 'active') due"
        " ORDER BY due.turn, due.due_at, due.id LIMIT max_rows",
    )
    definer_function(
        ACTIVE_CAMPAIGNS,
        ids,
        "SELECT tenant_id, id FROM public.campaigns WHERE status = 'active'"
        " ORDER BY planned_at NULLS FIRST, id LIMIT max_rows",
    )
    definer_function(
        STALE_HANDOVERS,
        ids,
        "SELECT tenant_id, id FROM public.handovers WHERE due_at <= before ORDER BY due_at, id LIMIT max_rows",
    )
