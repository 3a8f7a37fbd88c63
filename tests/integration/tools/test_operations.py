"""The operator's commands: the way back from dead letters, and a new master key."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import text

from infra.tools.redrive import redrive_queue
from infra.tools.rotate_master_key import rotate
from salon.platform import keys, outbox
from salon.platform.crypto import MasterKeys, UnknownMasterKey
from salon.platform.db import Database
from salon.platform.ids import new_id
from salon.platform.outbox import OutboxQueue, OutboxRelay
from salon.platform.queues import MemoryQueue
from support.fixtures import MASTER_KEYS, make_tenant

pytestmark = pytest.mark.database
NEW_KEY = "test2:" + base64.b64encode(bytes(range(32, 64))).decode()


@pytest.fixture
def now(clock):
    return clock.now()


@pytest.fixture
def live():
    return MemoryQueue()


@pytest.fixture
def dead():
    return MemoryQueue()


@pytest.fixture
def relayed(database_settings, engine, master_keys, live) -> Database:
    """A database whose outbox goes to the live queue."""
    relay = OutboxRelay(dict.fromkeys(OutboxQueue, live))
    return Database(database_settings, engine=engine, master=lambda: master_keys, after_commit=relay)


def park_outbox(database, tenant_id, now, queue):
    row = new_id()
    with database.transaction(tenant_id) as session:
        session.execute(
            text(
                "INSERT INTO outbox (id, tenant_id, queue, kind, payload, status, attempts, next_attempt_at, done_at)"
                " VALUES (:id, :tenant, :queue, 'message', '{}', 'parked', 6, :now, :now)"
            ),
            {"id": row, "tenant": tenant_id, "queue": queue, "now": now},
        )
    return row


def park_inbox(database, tenant_id, now):
    row = new_id()
    with database.transaction(tenant_id) as session:
        session.execute(
            text(
                "INSERT INTO inbox (id, tenant_id, source, account_id, external_id, conversation_key, payload, status,"
                " attempts, next_attempt_at) VALUES (:id, :tenant, 'telegram', :id, '1', '1', 'x', 'parked', 5, :now)"
            ),
            {"id": row, "tenant": tenant_id, "now": now},
        )
    return row


class TestRedrive:
    def test_moves_messages_and_opens_the_rows_of_that_queue_for_every_tenant(self, relayed, now, dead, live):
        tenants = [make_tenant(relayed, now), make_tenant(relayed, now)]
        parked = [park_outbox(relayed, tenant, now, "tx") for tenant in tenants]
        other = park_outbox(relayed, tenants[0], now, "reminder")
        dead.send({"tenant_id": "t", "outbox_id": "o"})
        back = redrive_queue("tx", dead=dead, live=live, database=relayed, now=now, limit=10)
        assert (back.messages, back.rows) == (1, 2)
        assert {body["outbox_id"] for body in live.bodies} == {"o", *map(str, parked)}
        assert dead.bodies == []
        for tenant, row, status in zip(
            [*tenants, tenants[0]], [*parked, other], ["open", "open", "parked"], strict=True
        ):
            with relayed.read(tenant) as session:
                found = session.get(outbox.OutboxRow, row)
                assert (found.status, found.attempts) == (status, 0 if status == "open" else 6)

    def test_queues_opened_inbox_rows(self, database, tenant_id, now, dead, live):
        row = park_inbox(database, tenant_id, now)
        back = redrive_queue("inbound", dead=dead, live=live, database=database, now=now, limit=10)
        assert (back.messages, back.rows) == (0, 1)
        assert live.bodies == [{"tenant_id": str(tenant_id), "inbox_id": str(row)}]

    def test_marketing_has_a_way_back_of_its_own(self, relayed, tenant_id, now, dead, live):
        row, other = park_outbox(relayed, tenant_id, now, "mk"), park_outbox(relayed, tenant_id, now, "tx")
        dead.send({"tenant_id": "t", "outbox_id": "o"})
        back = redrive_queue("mk", dead=dead, live=live, database=relayed, now=now, limit=10)
        assert (back.messages, back.rows) == (1, 1)
        assert {body["outbox_id"] for body in live.bodies} == {"o", str(row)}
        with relayed.read(tenant_id) as session:
            assert session.get(outbox.OutboxRow, other).status == "parked"

    def test_a_second_time_finds_nothing(self, relayed, tenant_id, now, dead, live):
        park_outbox(relayed, tenant_id, now, "tx")
        redrive_queue("tx", dead=dead, live=live, database=relayed, now=now, limit=10)
        again = redrive_queue("tx", dead=dead, live=live, database=relayed, now=now, limit=10)
        assert (again.messages, again.rows) == (0, 0)

    def test_moves_no_more_than_it_is_told(self, relayed, now, dead, live):
        dead.send_many([{"n": number} for number in range(25)])
        back = redrive_queue("tx", dead=dead, live=live, database=relayed, now=now, limit=12)
        assert (back.messages, len(live.bodies), dead.depth().visible) == (12, 12, 13)


class TestRotation:
    @pytest.fixture
    def with_keys(self, database_settings, engine):
        def open_database(named: str) -> Database:
            return Database(database_settings, engine=engine, master=lambda: MasterKeys.parse(named))

        return open_database

    def test_afterwards_the_old_key_is_not_needed(self, database, with_keys, now):
        tenants = [make_tenant(database, now), make_tenant(database, now)]
        with database.transaction(tenants[0]) as session:
            sealed = keys.seal_for_tenant(session, "тайна", purpose="test")
        assert rotate(with_keys(f"{NEW_KEY},{MASTER_KEYS}")) == (2, 2)
        with with_keys(NEW_KEY).read(tenants[0]) as session:
            assert keys.open_for_tenant(session, sealed, purpose="test") == "тайна"
        with with_keys(MASTER_KEYS).read(tenants[1]) as session, pytest.raises(UnknownMasterKey):
            keys.seal_for_tenant(session, "тайна", purpose="test")

    def test_a_second_time_finds_nothing(self, database, with_keys, now):
        make_tenant(database, now)
        both = with_keys(f"{NEW_KEY},{MASTER_KEYS}")
        assert rotate(both) == (1, 1)
        assert rotate(both) == (0, 1)
