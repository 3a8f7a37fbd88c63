"""${message}

Expand/contract: this must run while the code before it still serves. Nothing is dropped that it reads.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.migrations.support import guard_timeouts

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    ${upgrades if upgrades else ""}


def downgrade() -> None:
    """Back to the revision before."""
    guard_timeouts()
    ${downgrades if downgrades else ""}
