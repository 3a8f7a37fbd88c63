"""The outbox: written with what decided it, relayed after the commit, claimed in the order of its conversation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from salon.platform import correlation, outbox, outbox_turns
from salon.platform.db import Database
from salon.platform.ids import new_id
from salon.platform.outbox import OutboxQueue, OutboxRelay
from salon.platform.queues import MemoryQueue, QueueUnavailable

pytestmark = pytest.mark.database
LEASE = timedelta(seconds=60)


class DownQueue(MemoryQueue):
    """A queue service that does not answer."""

    def send(self, *_body, **_options):
        raise QueueUnavailable("The queue did not answer.")


@pytest.fixture
def put(relayed, tenant_id, clock):
    def put_one(conversation=None, *, queue=OutboxQueue.TX, **more):
        with relayed.transaction(tenant_id) as session:
            return outbox.enqueue(
                session,
                queue=queue,
                kind="message.send",
                payload={"message_id": "x"},
                now=clock.now(),
                conversation_id=conversation,
                **more,
            )

    return put_one


@pytest.fixture
def claim(relayed, tenant_id, clock):
    def claim_one(outbox_id):
        with relayed.transaction(tenant_id) as session:
            found = outbox.claim(session, outbox_id, now=clock.now(), lease=LEASE)
            return found.outbox_id if found else None

    return claim_one


@pytest.fixture
def rows(relayed, tenant_id):
    def read(columns="status"):
        with relayed.read(tenant_id) as session:
            sql = f"SELECT {columns} FROM outbox ORDER BY sequence"  # noqa: S608 - the test's own words
            return [tuple(row) for row in session.execute(text(sql))]

    return read


def done(relayed, tenant_id, clock, outbox_id):
    with relayed.transaction(tenant_id) as session:
        outbox.mark_done(session, outbox_id, clock.now())


def test_a_row_is_relayed_after_the_commit_with_ids_only(put, queues, tenant_id, rows):
    with correlation.bind(correlation_id="correlation-1"):
        row_id = put()
    put(queue=OutboxQueue.EVENTS)

    assert queues.tx.bodies == [{"tenant_id": str(tenant_id), "outbox_id": str(row_id)}]
    assert len(queues.events.bodies) == 1
    assert queues.reminder.bodies == []
    assert rows("correlation_id, attempts, status")[0] == ("correlation-1", 0, "open")


def test_what_is_rolled_back_was_never_said(relayed, tenant_id, clock, queues, rows):
    def change_our_mind():
        with relayed.transaction(tenant_id) as session:
            outbox.enqueue(session, queue=OutboxQueue.TX, kind="message.send", payload={}, now=clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_our_mind()
    assert rows() == []
    assert queues.tx.bodies == []


@pytest.mark.parametrize("dying", [False, True])
@pytest.mark.pooled
def test_a_relay_that_fails_after_the_commit_loses_nothing(
    *, dying, database_settings, engine, tenant_id, clock, rows, relayed, queues
):
    class Dying(MemoryQueue):
        def send(self, *_body, **_options):
            raise SystemExit(137)

    broken = Dying() if dying else DownQueue()
    database = Database(database_settings, engine=engine, after_commit=OutboxRelay({OutboxQueue.TX: broken}))
    try:
        with database.transaction(tenant_id) as session:
            outbox.enqueue(session, queue=OutboxQueue.TX, kind="message.send", payload={}, now=clock.now())
    except SystemExit:
        assert dying
    assert rows() == [("open",)]

    with relayed.without_tenant() as session:
        [(owner, row_id)] = outbox.list_overdue(session, before=clock.now(), limit=5)
    with relayed.transaction(owner) as session:
        outbox.relay_again(session, row_id)

    assert queues.tx.bodies == [{"tenant_id": str(tenant_id), "outbox_id": str(row_id)}]


def test_a_queue_that_is_not_wired_costs_a_warning(database_settings, engine, tenant_id, clock, rows):
    database = Database(database_settings, engine=engine, after_commit=OutboxRelay({}))
    with database.transaction(tenant_id) as session:
        outbox.enqueue(session, queue=OutboxQueue.TX, kind="message.send", payload={}, now=clock.now())
    assert rows() == [("open",)]


def test_the_same_key_is_written_once_and_a_late_row_is_delayed(put, queues, clock, rows):
    assert put(dedupe_key="once") is not None
    assert put(dedupe_key="once") is None
    put(not_before=clock.now() + timedelta(hours=2))

    assert len(rows()) == 2
    assert queues.tx.depth().delayed == 1
    with pytest.raises(ValueError, match="conversation's order"):
        put(new_id(), not_before=clock.now() + timedelta(hours=2))


def test_rows_of_a_conversation_are_claimed_one_after_another(put, claim, relayed, tenant_id, clock):
    chat, other = new_id(), new_id()
    first, second = put(chat), put(chat)
    elsewhere, reminder = put(other), put(chat, queue=OutboxQueue.REMINDER)

    assert claim(second) == first  # a nudge for any row starts with the oldest
    assert claim(second) is None  # which is leased
    assert claim(elsewhere) == elsewhere
    assert claim(reminder) == reminder  # another queue is another order
    done(relayed, tenant_id, clock, first)
    assert claim(first) == second
    done(relayed, tenant_id, clock, second)
    assert claim(second) is None
    assert claim(new_id()) is None


def test_rows_without_a_conversation_wait_for_nobody(put, claim, relayed, tenant_id, clock):
    first, second = put(), put()
    assert claim(second) == second
    assert claim(first) == first
    done(relayed, tenant_id, clock, first)
    assert claim(first) is None


def test_a_lease_ends_and_a_postponed_row_waits_with_those_behind_it(
    *, put, claim, relayed, tenant_id, clock, rows, queues
):
    chat = new_id()
    first, second = put(chat), put(chat)
    assert claim(first) == first
    clock.advance(LEASE)
    assert claim(first) == first  # whoever held it has died
    with relayed.transaction(tenant_id) as session:
        until = clock.now() + timedelta(seconds=30)
        outbox.postpone(session, first, until=until, now=clock.now(), reason="RETRY_LATER")

    assert rows("attempts, last_error") == [(2, "RETRY_LATER"), (0, None)]
    assert queues.tx.depth().delayed == 1
    assert claim(second) is None
    clock.advance(timedelta(seconds=30))
    assert claim(second) == first
    with relayed.transaction(tenant_id) as session:
        outbox.postpone(session, first, until=clock.now(), now=clock.now(), reason="account paused", counts=False)
    assert rows("attempts")[0] == (2,)


def test_parked_and_cancelled_rows_free_those_behind_them_and_can_come_back(
    *, put, claim, relayed, tenant_id, clock, rows
):
    chat = new_id()
    first, second, third = put(chat), put(chat), put(chat)
    with relayed.transaction(tenant_id) as session:
        outbox.park(session, first, now=clock.now(), reason="REQUEST_REJECTED")
    assert claim(first) == second
    with relayed.transaction(tenant_id) as session:
        assert outbox_turns.cancel_conversation(session, chat, now=clock.now(), reason="RECIPIENT_GONE") == 2
    assert claim(third) is None
    assert rows("status, last_error") == [
        ("parked", "REQUEST_REJECTED"),
        ("cancelled", "RECIPIENT_GONE"),
        ("cancelled", "RECIPIENT_GONE"),
    ]

    with relayed.transaction(tenant_id) as session:
        assert outbox_turns.unpark(session, now=clock.now(), queue=OutboxQueue.EVENTS) == []
        assert [row.id for row in outbox_turns.unpark(session, now=clock.now())] == [first]
    assert claim(first) == first
    with relayed.transaction(tenant_id) as session:
        outbox.relay_again(session, second)  # cancelled: nothing to relay
    assert rows("attempts")[0] == (1,)


@pytest.mark.concurrency
@pytest.mark.pooled
def test_of_many_workers_one_gets_the_row(put, relayed, tenant_id, clock):
    chat = new_id()
    ids = [put(chat) for _ in range(3)]
    start = Barrier(8)

    def work(number):
        start.wait(10)
        with relayed.transaction(tenant_id) as session:
            found = outbox.claim(session, ids[number % 3], now=clock.now(), lease=LEASE)
            return found.outbox_id if found else None

    with ThreadPoolExecutor(8) as pool:
        claimed = [row for row in pool.map(work, range(8)) if row]

    assert claimed == [ids[0]]
