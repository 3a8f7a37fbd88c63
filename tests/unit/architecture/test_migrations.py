"""No migration endangers a database in use; shown on statements that would."""

from __future__ import annotations

import pytest

from infra.tools import migration_lint

DANGEROUS = [
    "CREATE INDEX ix_bookings_a ON bookings (a)",
    "CREATE UNIQUE INDEX uq_bookings_a ON bookings (a)",
    "ALTER TABLE bookings ADD COLUMN a integer NOT NULL",
    "ALTER TABLE bookings ADD COLUMN a uuid DEFAULT gen_random_uuid()",
    "ALTER TABLE bookings ALTER COLUMN a TYPE bigint",
    "ALTER TABLE bookings ALTER COLUMN a SET NOT NULL",
    "ALTER TABLE bookings ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES clients (id)",
    "ALTER TABLE bookings ADD CONSTRAINT ck CHECK (a > 0)",
    "ALTER TABLE bookings ADD CONSTRAINT uq UNIQUE (a)",
    "ALTER TABLE bookings DROP COLUMN a",
    "ALTER TABLE bookings RENAME COLUMN a TO b",
    "DROP TABLE bookings",
    "TRUNCATE TABLE bookings",
    "DROP TABLE bookings /* safe: */",
]
HARMLESS = [
    "CREATE INDEX CONCURRENTLY ix_bookings_a ON bookings (a)",
    "ALTER TABLE bookings ADD COLUMN a integer",
    "ALTER TABLE bookings ADD COLUMN a integer NOT NULL DEFAULT 0",
    "ALTER TABLE bookings ADD CONSTRAINT ck CHECK (a > 0) NOT VALID",
    "ALTER TABLE bookings VALIDATE CONSTRAINT ck",
    "ALTER TABLE bookings ADD CONSTRAINT uq UNIQUE USING INDEX uq_bookings_a",
    "ALTER TABLE bookings ENABLE ROW LEVEL SECURITY",
    "DROP TABLE bookings /* safe: nothing reads it since 1.4 */",
    "CREATE TABLE drafts (a integer)",
]


@pytest.mark.parametrize("statement", DANGEROUS)
def test_danger_is_found(statement):
    assert migration_lint.dangers([statement])


@pytest.mark.parametrize("statement", HARMLESS)
def test_what_is_harmless_passes(statement):
    assert migration_lint.dangers([statement]) == []


def test_a_new_table_may_be_shaped_at_will():
    assert migration_lint.dangers(["CREATE TABLE drafts (a integer)", "CREATE INDEX ix ON drafts (a)"]) == []


def test_a_migration_without_timeouts_is_found():
    sound = (
        "def upgrade():\n    '''Expand.'''\n    guard_timeouts()\n    op.execute('')\n\n"
        "def downgrade():\n    guard_timeouts()\n"
    )
    assert migration_lint.lacks_timeouts(sound) == []
    assert migration_lint.lacks_timeouts(sound.replace("'''\n    guard_timeouts()", "'''")) == ["upgrade"]
    assert migration_lint.lacks_timeouts("def upgrade():\n    guard_timeouts()\n") == ["downgrade"]


def test_no_migration_endangers_a_database_in_use():
    scripts = migration_lint.scripts()
    found = {script.revision: migration_lint.dangers(migration_lint.statements(script)) for script in scripts}
    assert len(found) >= 5
    assert {revision: dangers for revision, dangers in found.items() if dangers} == {}


def test_every_migration_limits_how_long_it_waits():
    assert migration_lint.unguarded() == []
    for script in migration_lint.scripts():
        for direction in ("upgrade", "downgrade"):
            assert migration_lint.statements(script, direction)[:2] == [
                "SET LOCAL lock_timeout = '4s'",
                "SET LOCAL statement_timeout = '60s'",
            ]
