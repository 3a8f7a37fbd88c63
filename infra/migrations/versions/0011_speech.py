"""Speech: what was said in voice messages, and room for what is cleared away after its time."""

from __future__ import annotations

from alembic import op

from infra.migrations.support import definer_function, drop_function, enable_rls, guard_timeouts

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_OLD = "before timestamptz, floor uuid, after uuid, max_rows int"
# Keys of what can happen once only, because they name a row that is made anew each time. Rows under other keys are the
# note that somebody was told something, and last longer (`old_told`).
_KIND_OF_KEY = "split_part(dedupe_key, ':', 1)"
_PASSING = "'logged', 'message', 'begin', 'expire', 'undeliverable'"
# Rows made before `floor`, from `after` on: a range of the primary key. What follows says when such a row is old.
OLD_ROWS = {
    f"old_transcripts({_OLD})": ("transcripts", "created_at <= before"),
    f"old_voice_words({_OLD})": (
        "message_log",
        "direction = 'in' AND kind = 'voice' AND body <> '' AND created_at <= before",
    ),
    f"old_inbox({_OLD}, of_status text)": ("inbox", "status = of_status AND done_at <= before"),
    f"old_outbox({_OLD}, of_status text)": (
        "outbox",
        f"status = of_status AND done_at <= before AND (dedupe_key IS NULL OR {_KIND_OF_KEY} IN ({_PASSING}))",
    ),
    f"old_told({_OLD})": ("outbox", "status NOT IN ('open', 'waiting') AND done_at <= before"),
    f"old_sessions({_OLD})": ("sessions", "expires_at <= before"),
    f"old_exposures({_OLD})": ("exposures", "expires_at <= before"),
    f"old_idempotency_keys({_OLD})": ("idempotency_keys", "expires_at <= before"),
    f"old_binding_codes({_OLD})": ("binding_codes", "expires_at <= before"),
}


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    op.execute("""
        CREATE TABLE transcripts (
            id uuid CONSTRAINT pk_transcripts PRIMARY KEY,
            tenant_id uuid NOT NULL,
            inbox_id uuid NOT NULL,
            media_key varchar,
            status varchar(16) NOT NULL CONSTRAINT ck_transcripts_status
                CHECK (status IN ('pending', 'working', 'done', 'unclear', 'failed', 'skipped')),
            reason varchar(24),
            body bytea NOT NULL,
            confidence double precision,
            duration_s double precision,
            engine varchar(32),
            engine_version varchar(64),
            elapsed_ms integer,
            attempts integer NOT NULL,
            lease_until timestamptz,
            created_at timestamptz NOT NULL,
            done_at timestamptz,
            CONSTRAINT uq_transcripts_inbox UNIQUE (tenant_id, inbox_id)
        )""")
    op.execute("CREATE INDEX ix_transcripts_created_at ON transcripts (tenant_id, created_at)")
    enable_rls("transcripts")
    op.execute(
        "CREATE INDEX ix_message_log_media ON message_log (tenant_id, client_id) WHERE media_key IS NOT NULL"
        " /* safe: one pass over a log that no salon has filled yet, seconds for a million messages */"
    )
    op.execute(
        "CREATE INDEX ix_message_log_voice ON message_log (id)"
        " WHERE direction = 'in' AND kind = 'voice' AND body <> '' /* safe: one pass, as the index before it */"
    )
    for signature, (table, is_old) in OLD_ROWS.items():
        definer_function(
            signature,
            "TABLE (tenant_id uuid, id uuid)",
            f"SELECT tenant_id, id FROM public.{table}"
            f" WHERE id > after AND id < floor AND {is_old} ORDER BY id LIMIT max_rows",
        )


def downgrade() -> None:
    """Back to 0010."""
    guard_timeouts()
    for signature in OLD_ROWS:
        drop_function(signature)
    op.execute("DROP INDEX ix_message_log_voice")
    op.execute("DROP INDEX ix_message_log_media")
    op.execute("DROP TABLE transcripts")
