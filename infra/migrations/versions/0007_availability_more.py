"""Availability as salons need it: chairs, rooms and devices, travel between locations, templates, what was offered.

Travel is half a padding on either side of a claim on a person: two claims at different locations may not come nearer
to each other than both paddings, which an exclusion constraint sees and no lock has to guard.
"""

from __future__ import annotations

from alembic import op

from infra.migrations.support import enable_rls, guard_timeouts

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("rule_templates", "exposures")
COLUMNS = {
    "availability_rules": ("purpose varchar(16) NOT NULL DEFAULT 'hours'", "template_id uuid", "group_id uuid"),
    "slot_instances": (
        "open_from timestamptz",
        "open_until timestamptz",
        "blocked_by_hand boolean NOT NULL DEFAULT false",
    ),
    "busy_intervals": ("location_id uuid", "reach_from timestamptz", "reach_until timestamptz"),
}


def upgrade() -> None:
    """Expand."""
    guard_timeouts()
    _create_templates()
    _create_exposures()
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    op.execute(
        "ALTER TABLE availability_rules ADD CONSTRAINT ck_availability_rules_purpose"
        " CHECK (purpose IN ('hours', 'shift', 'break', 'time_off')) NOT VALID"
    )
    op.execute("ALTER TABLE availability_rules VALIDATE CONSTRAINT ck_availability_rules_purpose")
    op.execute(
        "ALTER TABLE availability_rules ADD CONSTRAINT fk_availability_rules_tenant_id_template_id"
        " FOREIGN KEY (tenant_id, template_id) REFERENCES rule_templates (tenant_id, id) NOT VALID"
    )
    op.execute("ALTER TABLE availability_rules VALIDATE CONSTRAINT fk_availability_rules_tenant_id_template_id")
    _replace_resource_kinds("'staff', 'chair', 'room', 'device'")
    op.execute(
        "UPDATE busy_intervals claim SET location_id = slot.location_id, reach_from = claim.starts_at,"
        " reach_until = claim.ends_at FROM slot_instances slot"
        " WHERE slot.tenant_id = claim.tenant_id AND slot.id = claim.slot_id"
    )
    op.execute(
        "ALTER TABLE busy_intervals ADD CONSTRAINT ex_busy_intervals_travel EXCLUDE USING gist ("
        " tenant_id WITH =, resource_kind WITH =, resource_id WITH =, location_id WITH <>,"
        " tstzrange(reach_from, reach_until) WITH &&)"
    )
    for table in TABLES:
        enable_rls(table)


def downgrade() -> None:
    """Back to 0006."""
    guard_timeouts()
    op.execute("ALTER TABLE busy_intervals DROP CONSTRAINT ex_busy_intervals_travel")
    op.execute("UPDATE busy_intervals SET resource_kind = 'chair' WHERE resource_kind = 'room'")
    _replace_resource_kinds("'staff', 'chair', 'device'")
    op.execute("ALTER TABLE availability_rules DROP CONSTRAINT fk_availability_rules_tenant_id_template_id")
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")


def _replace_resource_kinds(kinds: str) -> None:
    op.execute("ALTER TABLE busy_intervals DROP CONSTRAINT ck_busy_intervals_resource_kind")
    op.execute(
        "ALTER TABLE busy_intervals ADD CONSTRAINT ck_busy_intervals_resource_kind"
        f" CHECK (resource_kind IN ({kinds})) NOT VALID"
    )
    op.execute("ALTER TABLE busy_intervals VALIDATE CONSTRAINT ck_busy_intervals_resource_kind")


def _create_templates() -> None:
    op.execute("""
        CREATE TABLE rule_templates (
            id uuid CONSTRAINT pk_rule_templates PRIMARY KEY,
            tenant_id uuid NOT NULL CONSTRAINT fk_rule_templates_tenant_id REFERENCES tenants (id),
            name text NOT NULL,
            cycle_days smallint NOT NULL
                CONSTRAINT ck_rule_templates_cycle_days CHECK (cycle_days BETWEEN 1 AND 56),
            entries jsonb NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT uq_rule_templates_tenant_id_id UNIQUE (tenant_id, id),
            CONSTRAINT uq_rule_templates_name UNIQUE (tenant_id, name)
        )""")


def _create_exposures() -> None:
    op.execute("""
        CREATE TABLE exposures (
            id uuid CONSTRAINT pk_exposures PRIMARY KEY,
            tenant_id uuid NOT NULL,
            key varchar(64) NOT NULL,
            subject varchar(64) NOT NULL,
            variant varchar(32) NOT NULL,
            location_id uuid,
            service_id uuid NOT NULL,
            staff_id uuid,
            on_date date NOT NULL,
            round smallint NOT NULL CONSTRAINT ck_exposures_round CHECK (round BETWEEN 1 AND 3),
            slot_ids uuid[] NOT NULL,
            total integer NOT NULL CONSTRAINT ck_exposures_total CHECK (total >= 0),
            created_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT uq_exposures_tenant_id_id UNIQUE (tenant_id, id)
        )""")
    op.execute("CREATE INDEX ix_exposures_key ON exposures (tenant_id, key, expires_at)")
    op.execute("CREATE INDEX ix_exposures_subject ON exposures (tenant_id, subject, created_at)")
    op.execute("CREATE INDEX ix_exposures_created_at ON exposures (tenant_id, created_at)")
