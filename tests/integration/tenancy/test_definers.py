"""SECURITY DEFINER functions read our tables and nobody else's objects of the same name."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from salon.platform.errors import SalonError

pytestmark = pytest.mark.database

EXPLOIT = (
    """CREATE FUNCTION pg_temp.steal() RETURNS uuid LANGUAGE plpgsql AS $$
       BEGIN EXECUTE 'ALTER ROLE salon_app BYPASSRLS'; RETURN NULL; END $$""",
    "CREATE TEMP VIEW tenants AS SELECT pg_temp.steal() AS id",
    "GRANT SELECT ON tenants TO PUBLIC",
    "SELECT * FROM tenant_ids()",
)


def test_a_temporary_view_of_a_tables_name_is_not_read_with_the_owners_rights(database, owner_engine, tenant_id):
    with database.without_tenant() as session:
        rows = []
        for statement in EXPLOIT:
            try:
                result = session.execute(text(statement))
                rows = list(result) if result.returns_rows else rows
            except (DBAPIError, SalonError):
                break  # refused outright is as good

    with owner_engine.connect() as owner:
        assert owner.scalar(text("SELECT rolbypassrls FROM pg_roles WHERE rolname = 'salon_app'")) is False
    assert [tuple(row) for row in rows] in ([], [(tenant_id,)])


def test_every_body_names_its_tables_in_full(owner_engine):
    with owner_engine.connect() as owner:
        bodies = owner.execute(
            text(
                "SELECT proname, prosrc, proconfig FROM pg_proc"
                " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
            )
        ).all()
    assert bodies
    for body in bodies:
        assert "FROM public." in body.prosrc or "FROM (SELECT" in body.prosrc, body.proname
        assert body.proconfig == ["search_path=pg_catalog, public, pg_temp"]


TENANTS_OWN = {"client_matches"}  # of one tenant, that of the transaction; the others look over all for timers and such


def test_a_function_that_looks_for_a_persons_words_stays_in_the_tenant_of_the_transaction(owner_engine):
    with owner_engine.connect() as owner:
        bodies = dict(
            owner.execute(
                text(
                    "SELECT proname, prosrc FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
                    " AND pg_get_function_arguments(oid) ~ 'text'"
                )
            ).all()
        )
    assert set(bodies) & TENANTS_OWN == TENANTS_OWN
    for name in TENANTS_OWN:
        assert "tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid" in bodies[name]
