"""Migrations on an empty and on a filled database, up, down and up again."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from infra.migrations import database as migrations
from salon.platform.ids import new_id
from support import rows
from support.postgres import create_database, drop_database

pytestmark = [pytest.mark.database, pytest.mark.no_cover]  # of migrations nothing is measured
REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory.from_config(Config(migrations.INI)).walk_revisions()))
]
# What a migration could leave: tables, indexes, sequences, views; functions; types; policies. Extensions' own excepted.
LEFT_BEHIND = """
    SELECT 'relation ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND relname NOT LIKE 'alembic_version%'
    UNION ALL SELECT 'function ' || proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
    UNION ALL SELECT 'type ' || typname FROM pg_type t WHERE typnamespace = 'public'::regnamespace
        AND typname NOT LIKE '%alembic_version' AND NOT EXISTS (
            SELECT FROM pg_depend WHERE objid IN (t.oid, t.typelem) AND deptype = 'e')
    UNION ALL SELECT 'policy ' || polname FROM pg_policy
    UNION ALL SELECT 'schema ' || nspname FROM pg_namespace
        WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('public', 'information_schema')
"""


@pytest.fixture
def empty(cluster) -> Iterator[str]:
    """A prepared database without tables; the owner's URL."""
    name = f"empty{os.getpid()}"
    url = create_database(cluster, name)
    migrations.prepare(url, "test-app-password")
    yield migrations.with_driver(url)
    drop_database(cluster, name)


@pytest.fixture
def connect(empty):
    engine = create_engine(empty)
    yield engine.begin
    engine.dispose()


def left_behind(connect) -> list[str]:
    with connect() as connection:
        return sorted(connection.scalars(text(LEFT_BEHIND)))


def count(connect) -> dict[str, int]:
    with connect() as connection:
        tables = rows.reflect(connection).sorted_tables
        return {table.name: connection.scalar(text(f"SELECT count(*) FROM {table.name}")) for table in tables}  # noqa: S608 - names from the catalogue


def test_models_and_migrations_agree(empty):
    migrations.migrate(empty)
    assert migrations.check(empty) is None


def test_down_leaves_nothing_behind(empty, connect):
    assert left_behind(connect) == []
    migrations.migrate(empty)
    assert len(left_behind(connect)) > 20
    migrations.migrate_down(empty)
    assert left_behind(connect) == []
    migrations.migrate(empty)
    migrations.check(empty)


def test_rows_of_every_revision_survive_the_way_up(empty, connect):
    filled: dict[str, int] = {}
    for revision in REVISIONS:
        migrations.migrate(empty, revision)
        with connect() as connection:
            rows.fill(connection, new_id())
        now = count(connect)
        assert all(now[table] > 0 for table in now)
        assert all(now[table] >= filled[table] for table in filled)
        filled = now
    migrations.check(empty)


def test_each_step_goes_down_and_up_again_over_full_tables(empty, connect):
    migrations.migrate(empty)
    with connect() as connection:
        rows.fill(connection, new_id())
    for below in [*reversed(REVISIONS[:-1]), "base"]:
        migrations.migrate_down(empty, below)
        kept = count(connect)
        migrations.migrate(empty, REVISIONS[REVISIONS.index(below) + 1 if below != "base" else 0])
        now = count(connect)
        assert {table: now[table] for table in kept} == kept
        migrations.migrate_down(empty, below)
    assert left_behind(connect) == []


def test_preparing_twice_is_harmless(empty, connect):
    migrations.prepare(empty, "another-password")
    with connect() as connection:
        role = connection.execute(
            text("SELECT rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'salon_app'")
        ).one()
    assert tuple(role) == (True, False, False)
    migrations.prepare(empty, "test-app-password")
