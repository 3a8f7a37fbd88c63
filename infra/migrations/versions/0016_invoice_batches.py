"""Lines of invoice drafts say their batch: the supplier's lot and the expiry date, as a person reads them off a box."""

from __future__ import annotations

from alembic import op

from infra.migrations.support import guard_timeouts

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: rows that are there have no batch, and need no rewriting."""
    guard_timeouts()
    op.execute("""
        ALTER TABLE invoice_draft_lines
            ADD COLUMN lot text NOT NULL DEFAULT '',
            ADD COLUMN expires_on date""")


def downgrade() -> None:
    """Back to 0015."""
    guard_timeouts()
    op.execute("ALTER TABLE invoice_draft_lines DROP COLUMN lot, DROP COLUMN expires_on")
