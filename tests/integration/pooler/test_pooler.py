"""Through a transaction pooler, as managed PostgreSQL has one: nothing of ours needs a session.

The controls show that a session's things do go wrong right here. Tests of other folders that are marked `pooled` run
through the same pooler.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager

import pytest
from pg8000.native import Connection, DatabaseError
from sqlalchemy import text

from salon.platform.errors import DatabaseUnavailable
from salon.platform.pg import PgDatabase, connection_arguments
from support import races
from support.consistency import find_contradictions
from support.factories import hold, make_client, make_salon
from support.fixtures import make_tenant

pytestmark = [pytest.mark.database, pytest.mark.pooled(only=True)]
CROWD, SEATS = 500, 7
TRIES = 20  # more than there are servers, which take turns
NO_SUCH_STATEMENT = "26000"


@pytest.fixture
def open_raw(database_settings):
    """Opens the driver's own connections, which promise nothing about sessions."""
    arguments = connection_arguments(database_settings)
    with ExitStack() as opened:
        yield lambda: opened.enter_context(closing(Connection(**arguments)))


@pytest.fixture
def on_all_servers(open_raw, pooler):
    """Runs a statement on every connection to PostgreSQL that the pooler may have; afterwards they take turns."""

    def run(statement):
        with ExitStack() as begun:
            held = [begun.enter_context(in_transaction(open_raw())) for _ in range(pooler.servers)]
            return [connection.run(statement)[0] for connection in held]

    return run


@contextmanager
def in_transaction(connection):
    connection.run("BEGIN")
    yield connection
    connection.run("ROLLBACK")


def server_of(connection):
    return connection.run("SELECT pg_backend_pid()")[0][0]


def pool_of(pooler, settings):
    name = connection_arguments(settings)["database"]
    (pool,) = [known for known in pooler.show("POOLS") if known["database"] == name]
    return pool


def test_many_clients_share_few_connections(pooler, open_raw, on_all_servers, owner_engine, database_settings):
    servers = {server for (server,) in on_all_servers("SELECT pg_backend_pid()")}
    assert len(servers) == pooler.servers
    one = open_raw()
    assert {server_of(one) for _ in range(TRIES)} == servers
    for _ in range(5 * pooler.servers):
        assert server_of(open_raw()) in servers
    pool = pool_of(pooler, database_settings)
    assert pool["pool_mode"] == "transaction"
    assert pool["cl_active"] > 5 * pooler.servers
    with owner_engine.connect() as owner:
        query = text("SELECT pid FROM pg_stat_activity WHERE usename = 'salon_app' AND datname = current_database()")
        assert set(owner.scalars(query)) == servers


def test_settings_end_with_their_transaction_and_control_a_session_s_are_found_by_somebody_else(
    database, tenant_id, on_all_servers, database_settings, open_raw
):
    settings = (
        "SELECT coalesce(current_setting('app.tenant_id', true), ''), current_setting('lock_timeout'),"
        " current_setting('statement_timeout')"
    )
    nothing = ["", "0", "0"]
    webhook = PgDatabase(database_settings)
    on_all_servers(settings)
    for _ in range(TRIES):
        with database.transaction(tenant_id) as session:
            assert session.scalar(text("SELECT count(*) FROM tenants")) == 1
        with database.read(tenant_id) as session:
            assert session.scalar(text("SELECT current_setting('transaction_read_only')")) == "on"
        with webhook.transaction() as transaction:
            webhook.enter(transaction, tenant_id)
            assert transaction.rows("SELECT count(*) FROM tenants") == [[1]]
    webhook.close()
    assert all(left == nothing for left in on_all_servers(settings))
    open_raw().run(f"SET app.tenant_id = '{tenant_id}'")
    assert [str(tenant_id), "0", "0"] in on_all_servers(settings)
    nobody = open_raw()
    assert [[1]] in [nobody.run("SELECT count(*) FROM tenants") for _ in range(TRIES)]


def test_tenants_who_share_connections_see_their_own_only(database, tenant_id, clock):
    tenants = [tenant_id, make_tenant(database, clock.now()), make_tenant(database, clock.now())]
    for tenant in tenants:
        with database.transaction(tenant) as session:
            make_client(session, now=clock.now(), name=f"Клиент {tenant}")

    def look(tenant):
        with database.read(tenant) as session:
            names = session.scalars(text("SELECT display_name FROM clients")).all()
            return tenant, names, session.scalar(text("SELECT pg_backend_pid()"))

    with ThreadPoolExecutor(24) as threads:
        seen = list(threads.map(look, tenants * 40))
    assert all(names == [f"Клиент {tenant}"] for tenant, names, _ in seen)
    served = {server: {tenant for tenant, _, one in seen if one == server} for *_, server in seen}
    assert any(len(by_turns) > 1 for by_turns in served.values())


def test_control_a_session_s_lock_keeps_not_everybody_out_a_transaction_s_does(on_all_servers, open_raw):
    one, other = open_raw(), open_raw()
    on_all_servers("SELECT 1")
    one.run("SELECT pg_advisory_lock(7)")
    tried = [other.run("SELECT pg_try_advisory_lock(7)") for _ in range(TRIES)]
    assert [[True]] in tried  # on the server that has the lock, whoever comes has it too
    one.run("BEGIN")
    one.run("SELECT pg_advisory_xact_lock(8)")
    tried = [other.run("SELECT pg_try_advisory_xact_lock(8)") for _ in range(TRIES)]
    assert tried == [[[False]]] * TRIES
    one.run("COMMIT")


def test_control_a_named_statement_is_gone_at_its_next_use(on_all_servers, open_raw):
    on_all_servers("SELECT 1")
    named = open_raw().prepare("SELECT 1")

    def use_again():
        for _ in range(TRIES):
            named.run()

    with pytest.raises(DatabaseError, match=NO_SUCH_STATEMENT):
        use_again()


def test_a_server_that_dies_is_a_fault_that_passes(database, tenant_id, owner_engine):
    killed = []

    def lose_the_server():
        with database.transaction(tenant_id) as session:
            killed.append(session.scalar(text("SELECT pg_backend_pid()")))
            with owner_engine.connect() as owner:
                owner.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": killed[0]})
            session.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnavailable):
        lose_the_server()
    with database.transaction(tenant_id) as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) not in killed


def test_five_hundred_clients_at_once_on_a_few_connections_take_exactly_the_seats(
    *, database, database_settings, master_keys, tenant_id, clock, owner_engine, pooler
):
    """Unlike a race without a pooler, every rival has a connection of its own, and asks for a transaction at once."""
    salon = make_salon(database, tenant_id, now=clock.now(), capacity=SEATS, days=1)
    slot = salon.slots()[0]
    with database.transaction(tenant_id) as session:
        clients = [make_client(session, now=salon.now).id for _ in range(CROWD)]
    are_inside = races.inside(owner_engine, pooler.servers)

    def has_begun():
        pool = pool_of(pooler, database_settings)
        return pool["cl_waiting"] == CROWD - pooler.servers and are_inside()

    with races.patient(database_settings, master_keys, CROWD) as many:

        def attempt(client_id):
            with many.transaction(tenant_id) as session:
                return hold(session, slot_id=slot.id, client_id=client_id, now=salon.now)

        attempts = [lambda client_id=client_id: attempt(client_id) for client_id in clients]
        outcomes = races.rush(owner_engine, [slot.id], attempts, has_begun=has_begun)
    assert races.refusals(outcomes) == {"SLOT_FULL": CROWD - SEATS}
    assert salon.slot(slot.id).held == SEATS
    assert find_contradictions(owner_engine) == {}
