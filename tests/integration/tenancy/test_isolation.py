"""No tenant sees or touches another's rows, in any table; and these tests would notice if one could."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Connection, Table, create_engine, text
from sqlalchemy.exc import DBAPIError

from infra.migrations.support import APP_ROLE
from salon.platform.ids import new_id
from support import rows
from support.fixtures import app_url

pytestmark = pytest.mark.database
OURS, THEIRS = new_id(), new_id()
# Tables that belong to no tenant: what they hold may be known to all.
SHARED = {"timer_leases"}
APPEND_ONLY = {
    "audit_log", "booking_history", "consents", "inventory_ledger", "stock_count_entries", "stock_snapshots",
}  # fmt: skip
# The heads of ledgers, which the ledger's own trigger moves and the application only locks.
READ_ONLY = {*APPEND_ONLY, "inventory_ledger_heads"}
REFUSED = "42501"  # insufficient_privilege: PostgreSQL's answer to a row that a policy forbids


@pytest.fixture
def tables(owner_engine) -> list[Table]:
    """Every table, with a row of ours and a row of theirs in each."""
    with owner_engine.begin() as connection:
        rows.fill(connection, OURS)
        rows.fill(connection, THEIRS)
        return rows.reflect(connection).sorted_tables


@pytest.fixture
def app_engine(owner_url, way):
    """The application role, without the application: what row-level security alone keeps apart."""
    engine = create_engine(app_url(owner_url))
    yield engine
    engine.dispose()


def tenant_column(table: Table) -> str | None:
    return "id" if table.name == "tenants" else "tenant_id" if "tenant_id" in table.columns else None


def be(connection: Connection, tenant_id: UUID | None) -> None:
    connection.execute(
        text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": str(tenant_id) if tenant_id else ""}
    )


def attempt(connection: Connection, statement: object, parameters: object = None) -> int | str:
    """How many rows a statement touched, or PostgreSQL's code for its refusal; leaves no trace."""
    savepoint = connection.begin_nested()
    try:
        return connection.execute(statement, parameters).rowcount
    except DBAPIError as error:
        return error.orig.args[0]["C"]
    finally:
        savepoint.rollback()


def leaks_of(connection: Connection, table: Table, tenant_id: UUID | None) -> list[str]:
    """What `tenant_id` (None: nobody in particular) can do with rows that are THEIRS in one table."""
    column = table.columns[tenant_column(table)]
    theirs = column == THEIRS
    be(connection, tenant_id)
    found = []
    if connection.execute(table.select().where(theirs)).all():
        found.append("reads")
    if tenant_id is None and connection.execute(table.select()).all():
        found.append("reads without a tenant")
    may_change = table.name not in READ_ONLY
    for name, statement in (
        ("updates", table.update().where(theirs).values({column: THEIRS})),
        ("deletes", table.delete().where(theirs)),
    ):
        if attempt(connection, statement) != (0 if may_change else REFUSED):
            found.append(name)
    values = {known.name: known for known in table.columns if known.computed is None and known.identity is None}
    copied = ", ".join(values)
    be(connection, THEIRS)
    original = text(f"SELECT {copied} FROM {table.name} WHERE {column.name} = :theirs")  # noqa: S608 - names from the catalogue
    row = connection.execute(original, {"theirs": THEIRS}).mappings().one()
    be(connection, tenant_id)
    fresh = dict(row) | {name: new_id() for name in ("id",) if name in values and table.name != "tenants"}
    if attempt(connection, table.insert().values(fresh)) != REFUSED:
        found.append("inserts")
    if tenant_id is not None and may_change:
        stolen = table.update().where(column == tenant_id).values({column: THEIRS})
        if attempt(connection, stolen) != REFUSED:
            found.append("gives its own row away")
    return [f"{table.name}: {'nobody' if tenant_id is None else 'another tenant'} {leak}" for leak in found]


def leaks(engine, tables: list[Table]) -> list[str]:
    with engine.connect() as connection:
        return [
            leak
            for table in tables
            if tenant_column(table)
            for tenant_id in (OURS, None)
            for leak in leaks_of(connection, table, tenant_id)
        ]


def test_every_table_belongs_to_a_tenant_or_is_known_to_be_shared(tables):
    assert {table.name for table in tables if not tenant_column(table)} == SHARED
    assert len(tables) > 15


@pytest.mark.pooled
def test_nobody_reaches_anothers_rows(app_engine, tables):
    assert leaks(app_engine, tables) == []


def test_a_tenant_reaches_its_own_rows(app_engine, tables):
    with app_engine.connect() as connection:
        be(connection, OURS)
        seen = {table.name: len(connection.execute(table.select()).all()) for table in tables}
        changed = {
            table.name: attempt(connection, table.update().values({tenant_column(table): OURS}))
            for table in tables
            if tenant_column(table) and table.name not in READ_ONLY
        }
    assert set(seen.values()) == {1}
    assert set(changed.values()) == {1}


@pytest.mark.parametrize("table", ["bookings", "clients", "audit_log", "tenants"])
def test_a_lost_policy_is_noticed(owner_engine, app_engine, tables, table):
    with owner_engine.begin() as connection:
        connection.execute(text(f"DROP POLICY tenant_isolation ON {table}"))
        connection.execute(text(f"CREATE POLICY tenant_isolation ON {table} USING (true) WITH CHECK (true)"))
    found = leaks(app_engine, tables)
    assert f"{table}: another tenant reads" in found
    assert f"{table}: another tenant inserts" in found or table == "tenants"
    assert f"{table}: nobody reads without a tenant" in found
    assert {leak.partition(":")[0] for leak in found} == {table}


def test_switched_off_security_is_noticed(owner_engine, app_engine, tables):
    with owner_engine.begin() as connection:
        connection.execute(text("ALTER TABLE message_log DISABLE ROW LEVEL SECURITY"))
    assert "message_log: another tenant deletes" in leaks(app_engine, tables)


def test_every_tenants_table_is_guarded(owner_engine, tables):
    with owner_engine.connect() as connection:
        guarded = {
            row.relname: (row.relrowsecurity, row.policies)
            for row in connection.execute(
                text(
                    "SELECT relname, relrowsecurity, (SELECT array_agg(polname) FROM pg_policy WHERE polrelid = c.oid)"
                    " AS policies FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
                )
            )
        }
    expected = {table.name: (True, ["tenant_isolation"]) for table in tables if tenant_column(table)}
    assert {name: guarded[name] for name in expected} == expected


def test_the_application_role_cannot_bypass_anything(owner_engine):
    with owner_engine.connect() as connection:
        role = connection.execute(
            text(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles"
                " WHERE rolname = :role"
            ),
            {"role": APP_ROLE},
        ).one()
        owned = connection.scalars(
            text("SELECT relname FROM pg_class WHERE relowner = to_regrole(:role)::oid"), {"role": APP_ROLE}
        ).all()
        memberships = connection.scalars(
            text("SELECT roleid::regrole::text FROM pg_auth_members WHERE member = to_regrole(:role)::oid"),
            {"role": APP_ROLE},
        ).all()
        granted = connection.scalars(
            text(
                "SELECT table_name || ' ' || privilege_type FROM information_schema.role_table_grants"
                " WHERE grantee = :role AND privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')"
            ),
            {"role": APP_ROLE},
        ).all()
        may_create = connection.scalar(
            text("SELECT has_schema_privilege(:role, 'public', 'CREATE')"), {"role": APP_ROLE}
        )
    assert (tuple(role), owned, memberships, granted, may_create) == ((False,) * 5, [], [], [], False)


def test_functions_that_look_over_all_tenants_answer_with_ids_only(owner_engine):
    with owner_engine.connect() as connection:
        functions = connection.execute(
            text(
                "SELECT proname, prosecdef, proconfig, pg_get_function_result(oid) AS result,"
                " has_function_privilege('public', oid, 'EXECUTE') AS is_public, provolatile"
                " FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prosecdef"
                " AND prorettype <> 'trigger'::regtype"  # called by its table alone, answers nobody
                " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')"
            )
        ).all()
    assert len(functions) >= 5
    for function in functions:
        assert function.result.startswith("TABLE("), function.proname
        columns = function.result.removeprefix("TABLE(").rstrip(")").split(", ")
        assert {column.split(" ")[1] for column in columns} == {"uuid"}, function.proname
        assert "tenant_id uuid" in columns, function.proname
        assert any(setting.startswith("search_path=pg_catalog") for setting in function.proconfig), function.proname
        assert not function.is_public, function.proname
        assert function.provolatile in "si", function.proname


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize("change", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_history_is_rewritten_by_nobody(owner_engine, app_engine, tables, table, change):
    del tables
    answers = {}
    for name, engine in (("owner", owner_engine), ("application", app_engine)):
        with engine.connect() as connection:
            be(connection, OURS)
            answers[name] = attempt(connection, text(change.format(table)))
    assert answers == {"owner": "23001", "application": REFUSED}


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_history_is_not_rewritten_by_replication_either(owner_engine, tables, table):
    del tables
    with owner_engine.connect() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert attempt(connection, text(f"DELETE FROM {table}")) == "23001"  # noqa: S608 - a name of this file
