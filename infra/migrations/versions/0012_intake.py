"""Intake: accounts with a password, uploads, jobs and their results."""

from __future__ import annotations

from alembic import op

from infra.migrations.support import definer_function, drop_function, enable_rls, guard_timeouts

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("user_credentials", "login_places", "invitations", "uploads", "jobs", "results")
_REFS = "TABLE (tenant_id uuid, id uuid)"
CREDENTIAL_REF = "credential_ref(of_index text)"
DUE_JOBS = "due_jobs(at timestamptz, max_rows int)"
EXPIRED_UPLOADS = "expired_uploads(at timestamptz, max_rows int)"
_OLD = "before timestamptz, floor uuid, after uuid, max_rows int"
OLD_ROWS = {
    f"old_uploads({_OLD})": ("uploads", "status <> 'expected' AND created_at <= before"),
    f"old_invitations({_OLD})": ("invitations", "expires_at <= before"),
    f"old_login_places({_OLD})": ("login_places", "tried_at <= before"),
}


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    _create_accounts()
    _create_intake()
    for table in TABLES:
        enable_rls(table)
    _create_functions()


def downgrade() -> None:
    """Back to 0011."""
    guard_timeouts()
    for signature in (*OLD_ROWS, EXPIRED_UPLOADS, DUE_JOBS, CREDENTIAL_REF):
        drop_function(signature)
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")


def _create_accounts() -> None:
    op.execute("""
        CREATE TABLE user_credentials (
            id uuid CONSTRAINT pk_user_credentials PRIMARY KEY,
            tenant_id uuid NOT NULL,
            user_id uuid NOT NULL,
            email bytea NOT NULL,
            email_index varchar(64) NOT NULL,
            password_hash varchar(200) NOT NULL,
            changed_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_user_credentials_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_user_credentials_user UNIQUE (tenant_id, user_id),
            CONSTRAINT uq_user_credentials_email UNIQUE (email_index),
            CONSTRAINT fk_user_credentials_tenant_id_user_id
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
        )""")
    op.execute("""
        CREATE TABLE login_places (
            id uuid CONSTRAINT pk_login_places PRIMARY KEY,
            tenant_id uuid NOT NULL,
            credential_id uuid NOT NULL,
            place_index varchar(64) NOT NULL,
            failed_attempts integer NOT NULL
                CONSTRAINT ck_login_places_failed_attempts CHECK (failed_attempts >= 0),
            locked_until timestamptz,
            entered_at timestamptz,
            tried_at timestamptz NOT NULL,
            CONSTRAINT uq_login_places_place UNIQUE (tenant_id, credential_id, place_index),
            CONSTRAINT fk_login_places_tenant_id_credential_id FOREIGN KEY (tenant_id, credential_id)
                REFERENCES user_credentials (tenant_id, id) ON DELETE CASCADE
        )""")
    op.execute("""
        CREATE TABLE invitations (
            id uuid CONSTRAINT pk_invitations PRIMARY KEY,
            tenant_id uuid NOT NULL,
            user_id uuid NOT NULL,
            email bytea NOT NULL,
            token_hash varchar(64) NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            accepted_at timestamptz,
            CONSTRAINT uq_invitations_token UNIQUE (tenant_id, token_hash),
            CONSTRAINT fk_invitations_tenant_id_user_id
                FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_invitations_user ON invitations (tenant_id, user_id)")


def _create_intake() -> None:
    op.execute("""
        CREATE TABLE uploads (
            id uuid CONSTRAINT pk_uploads PRIMARY KEY,
            tenant_id uuid NOT NULL,
            status varchar(16) NOT NULL
                CONSTRAINT ck_uploads_status CHECK (status IN ('expected', 'arrived', 'expired', 'refused')),
            source varchar(16) NOT NULL
                CONSTRAINT ck_uploads_source CHECK (source IN ('form', 'direct', 'messenger')),
            file_name bytea NOT NULL,
            content_type varchar(100) NOT NULL,
            size_bytes bigint CONSTRAINT ck_uploads_size CHECK (size_bytes >= 0),
            sha256 varchar(64),
            actor_kind varchar(16) NOT NULL,
            actor_id varchar NOT NULL,
            conversation_id uuid,
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            arrived_at timestamptz,
            CONSTRAINT uq_uploads_tenant_id_id UNIQUE (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_uploads_expected ON uploads (expires_at) WHERE status = 'expected'")
    op.execute("""
        CREATE TABLE jobs (
            id uuid CONSTRAINT pk_jobs PRIMARY KEY,
            tenant_id uuid NOT NULL,
            upload_id uuid NOT NULL,
            status varchar(16) NOT NULL
                CONSTRAINT ck_jobs_status CHECK (status IN ('queued', 'processing', 'done', 'failed')),
            stage varchar(16) NOT NULL,
            progress smallint NOT NULL CONSTRAINT ck_jobs_progress CHECK (progress BETWEEN 0 AND 100),
            attempts integer NOT NULL CONSTRAINT ck_jobs_attempts CHECK (attempts >= 0),
            reason_code varchar(40),
            sha256 varchar(64),
            same_as uuid,
            lease_until timestamptz,
            next_attempt_at timestamptz,
            nudged_until timestamptz,
            dead_letter varchar(8) CONSTRAINT ck_jobs_dead_letter CHECK (dead_letter IN ('owed', 'sent')),
            elapsed_ms bigint NOT NULL,
            cost_micros bigint NOT NULL,
            correlation_id varchar,
            created_at timestamptz NOT NULL,
            started_at timestamptz,
            done_at timestamptz,
            CONSTRAINT ck_jobs_settled CHECK (status IN ('queued', 'processing') OR done_at IS NOT NULL),
            CONSTRAINT ck_jobs_reason CHECK (status <> 'failed' OR reason_code IS NOT NULL),
            CONSTRAINT uq_jobs_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_jobs_upload UNIQUE (tenant_id, upload_id),
            CONSTRAINT fk_jobs_tenant_id_upload_id
                FOREIGN KEY (tenant_id, upload_id) REFERENCES uploads (tenant_id, id) ON DELETE CASCADE,
            CONSTRAINT fk_jobs_tenant_id_same_as
                FOREIGN KEY (tenant_id, same_as) REFERENCES jobs (tenant_id, id) ON DELETE CASCADE
        )""")
    op.execute("CREATE INDEX ix_jobs_due ON jobs (next_attempt_at) WHERE status = 'queued'")
    op.execute("CREATE INDEX ix_jobs_leased ON jobs (lease_until) WHERE status = 'processing'")
    op.execute("CREATE INDEX ix_jobs_owed ON jobs (done_at) WHERE dead_letter = 'owed'")
    op.execute("CREATE INDEX ix_jobs_same_as ON jobs (tenant_id, same_as) WHERE same_as IS NOT NULL")
    # The same contents are one job; what failed may be tried anew under a job of its own.
    op.execute(
        "CREATE UNIQUE INDEX ux_jobs_contents ON jobs (tenant_id, sha256) WHERE same_as IS NULL AND status <> 'failed'"
    )
    op.execute("""
        CREATE TABLE results (
            id uuid CONSTRAINT pk_results PRIMARY KEY,
            tenant_id uuid NOT NULL,
            job_id uuid NOT NULL,
            document bytea NOT NULL,
            predictions jsonb NOT NULL,
            page_count smallint NOT NULL,
            engine varchar(64) NOT NULL,
            engine_version varchar(200) NOT NULL,
            reader_version varchar(32) NOT NULL,
            model varchar(64),
            model_version varchar(64),
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_results_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_results_job UNIQUE (tenant_id, job_id),
            CONSTRAINT fk_results_tenant_id_job_id
                FOREIGN KEY (tenant_id, job_id) REFERENCES jobs (tenant_id, id) ON DELETE CASCADE
        )""")


def _create_functions() -> None:
    definer_function(
        CREDENTIAL_REF, _REFS, "SELECT tenant_id, id FROM public.user_credentials WHERE email_index = of_index"
    )
    definer_function(
        DUE_JOBS,
        _REFS,
        "SELECT tenant_id, id FROM public.jobs WHERE (status = 'queued' AND next_attempt_at <= at"
        " AND (nudged_until IS NULL OR nudged_until <= at))"
        " OR (status = 'processing' AND lease_until <= at) OR (dead_letter = 'owed' AND done_at <= at)"
        " ORDER BY id LIMIT max_rows",
    )
    definer_function(
        EXPIRED_UPLOADS,
        _REFS,
        "SELECT tenant_id, id FROM public.uploads WHERE status = 'expected' AND expires_at <= at"
        " ORDER BY expires_at LIMIT max_rows",
    )
    for signature, (table, is_old) in OLD_ROWS.items():
        definer_function(
            signature,
            _REFS,
            f"SELECT tenant_id, id FROM public.{table}"
            f" WHERE id > after AND id < floor AND {is_old} ORDER BY id LIMIT max_rows",
        )
