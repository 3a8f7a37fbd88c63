"""The inbox: handled once, in the order of its conversation, whatever dies on the way."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.platform import correlation
from salon.platform import metrics as figures
from salon.platform.clock import FrozenClock
from salon.platform.db import Database, WriteSession
from salon.platform.inbox import Hold, InboxDrain, InboxItem, free, is_settled, list_overdue, unpark
from salon.platform.metrics import MemoryMetrics
from salon.platform.pg import PgDatabase
from salon.platform.settings import RetrySettings

pytestmark = pytest.mark.database
SETTINGS = RetrySettings(inbox_max_attempts=3, send_lease_seconds=60)


@dataclass
class Worker:
    """A drain whose handling is written down, and goes wrong when it is told to."""

    database: Database
    clock: FrozenClock
    tenant_id: UUID
    metrics: MemoryMetrics = field(default_factory=MemoryMetrics)
    handled: list[str] = field(default_factory=list)
    prepared: list[str] = field(default_factory=list)
    apologies: list[str] = field(default_factory=list)
    failing: dict[str, BaseException] = field(default_factory=dict)
    apology_fails: bool = False
    correlations: list[str | None] = field(default_factory=list)
    requeued: list[tuple[UUID, int]] = field(default_factory=list)
    holds: dict[str, Hold] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.drain = InboxDrain(
            self.database,
            self.clock,
            SETTINGS,
            self.metrics,
            prepare=self.prepare,
            handle=self.handle,
            give_up=self.give_up,
            jitter=lambda: 0.0,
            requeue=lambda _tenant, inbox_id, delay_s: self.requeued.append((inbox_id, delay_s)),
        )

    def prepare(self, item: InboxItem) -> str:
        self.prepared.append(item.external_id)
        return item.external_id

    def handle(self, session: WriteSession, item: InboxItem, prepared: Any) -> Hold | None:
        if item.external_id in self.holds:
            return self.holds[item.external_id]
        assert prepared == item.external_id
        session.execute(text("INSERT INTO timer_leases VALUES (:name, now())"), {"name": f"trace-{item.external_id}"})
        if item.external_id in self.failing:
            raise self.failing[item.external_id]
        self.handled.append(item.external_id)
        self.correlations.append(correlation.current_id())
        return None

    def give_up(self, _session: WriteSession, item: InboxItem) -> None:
        if self.apology_fails:
            raise RuntimeError("no words")
        self.apologies.append(item.external_id)

    def work(self, inbox_id: UUID) -> int:
        return self.drain.drain(self.tenant_id, inbox_id)

    def rows(self) -> list[tuple[str, str, int]]:
        with self.database.read(self.tenant_id) as session:
            found = session.execute(text("SELECT external_id, status, attempts FROM inbox ORDER BY sequence"))
            return [tuple(row) for row in found]


@pytest.fixture
def worker(database, clock, tenant_id):
    return Worker(database, clock, tenant_id)


def test_any_row_of_a_conversation_drains_all_of_it_in_order_and_nothing_else(worker, keep):
    ids = [keep(name).inbox_id for name in ("1", "2", "3")]
    keep("x", "telegram:a:6")

    assert worker.work(ids[2]) == 3
    assert worker.handled == ["1", "2", "3"]
    assert worker.correlations == ["correlation-1", "correlation-2", "correlation-3"]
    assert worker.rows() == [("1", "done", 1), ("2", "done", 1), ("3", "done", 1), ("x", "open", 0)]
    assert worker.work(ids[0]) == 0
    assert worker.work(UUID(int=7)) == 0


def test_a_repeat_is_told_from_a_new_event(worker, keep):
    first, again = keep("1"), keep("1")
    assert (first.is_new, first.is_open, again.is_new, again.is_open) == (True, True, False, True)
    assert again.inbox_id == first.inbox_id

    worker.work(first.inbox_id)

    assert keep("1").is_open is False


@pytest.mark.pooled
def test_the_same_event_delivered_twice_at_once_is_one_row(worker, keep, database_settings):
    def deliver(_number):
        own = PgDatabase(database_settings)
        try:
            return keep("1", by=own)
        finally:
            own.close()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(deliver, range(8)))

    assert sum(one.is_new for one in found) == 1
    assert len({one.inbox_id for one in found}) == 1
    assert len(worker.rows()) == 1


def test_a_failure_holds_up_its_conversation_backs_off_and_leaves_no_trace(worker, keep, clock):
    first = keep("1").inbox_id
    keep("2")
    worker.failing["1"] = ValueError("bug")

    with pytest.raises(ValueError, match="bug"):
        worker.work(first)

    assert worker.rows() == [("1", "open", 1), ("2", "open", 0)]
    assert worker.work(first) == 0  # not due yet
    with worker.database.without_tenant() as session:
        assert session.scalars(text("SELECT name FROM timer_leases")).all() == []
    clock.advance(timedelta(seconds=2))
    worker.failing.clear()
    assert worker.work(first) == 2
    assert worker.handled == ["1", "2"]


@pytest.mark.pooled
def test_a_held_row_keeps_its_conversation_waiting_and_costs_no_attempt(worker, keep, clock):
    now = clock.now()
    first, second = keep("1").inbox_id, keep("2").inbox_id
    elsewhere = keep("3", "telegram:a:6").inbox_id
    worker.holds["1"] = Hold(now + timedelta(seconds=60))

    assert [worker.work(one) for one in (first, second, elsewhere)] == [0, 0, 1]
    assert worker.rows() == [("1", "open", 0), ("2", "open", 0), ("3", "done", 1)]
    assert worker.requeued == [(first, 60)]
    assert worker.metrics.total(figures.INBOX_HELD, channel="telegram") == 1

    worker.holds.clear()
    assert worker.work(second) == 0
    with worker.database.transaction(worker.tenant_id) as session:
        assert [free(session, one, clock.now()) for one in (first, second, elsewhere, UUID(int=7))] == [
            True, True, False, False
        ]  # fmt: skip
        assert [is_settled(session, one) for one in (first, elsewhere, UUID(int=7))] == [False, True, True]
    assert worker.work(first) == 2
    assert worker.handled == ["3", "1", "2"]


def test_a_hold_that_nobody_ends_ends_by_itself_and_one_that_is_over_does_not_spin(worker, keep, clock):
    first = keep("1").inbox_id
    for _ in range(SETTINGS.inbox_max_attempts + 2):  # more often than it may fail
        worker.holds["1"] = Hold(clock.now() - timedelta(seconds=5))
        assert worker.work(first) == 0
        clock.advance(timedelta(seconds=1))
    worker.holds.clear()
    assert worker.work(first) == 1
    assert worker.rows() == [("1", "done", 1)]
    assert {wait for _, wait in worker.requeued} == {1}


def test_a_row_that_failed_is_not_freed_from_its_pause(worker, keep, clock):
    first = keep("1").inbox_id
    worker.failing["1"] = ValueError("bug")
    with pytest.raises(ValueError, match="bug"):
        worker.work(first)
    with worker.database.transaction(worker.tenant_id) as session:
        assert free(session, first, clock.now()) is True
    assert worker.work(first) == 0


@pytest.mark.pooled
def test_poison_is_parked_with_an_apology_and_the_rows_behind_it_go_on(worker, keep, clock):
    poison = keep("poison").inbox_id
    keep("good")
    worker.failing["poison"] = ValueError("bug")
    for _ in range(SETTINGS.inbox_max_attempts):
        with pytest.raises(ValueError, match="bug"):
            worker.work(poison)
        clock.advance(timedelta(minutes=1))

    assert worker.work(poison) == 1

    assert worker.rows() == [("poison", "parked", 4), ("good", "done", 1)]
    assert (worker.handled, worker.apologies) == (["good"], ["poison"])
    assert worker.metrics.total(figures.INBOX_PARKED, channel="telegram") == 1

    worker.failing.clear()
    with worker.database.transaction(worker.tenant_id) as session:
        assert unpark(session, now=clock.now()) == [poison]
    assert worker.work(poison) == 1
    assert worker.rows()[0] == ("poison", "done", 1)


def test_an_apology_that_fails_parks_all_the_same(worker, keep, clock):
    poison = keep("poison").inbox_id
    keep("good")
    worker.failing["poison"] = ValueError("bug")
    worker.apology_fails = True
    for _ in range(SETTINGS.inbox_max_attempts):
        with pytest.raises(ValueError, match="bug"):
            worker.work(poison)
        clock.advance(timedelta(minutes=1))

    assert worker.work(poison) == 1
    assert [row[1] for row in worker.rows()] == ["parked", "done"]


def test_handling_that_kills_the_process_is_counted_and_parked_in_the_end(worker, keep, clock):
    killer = keep("killer").inbox_id
    keep("good")
    worker.failing["killer"] = SystemExit(137)
    for attempt in range(1, SETTINGS.inbox_max_attempts + 1):
        with pytest.raises(SystemExit):
            worker.work(killer)
        assert worker.rows()[0] == ("killer", "open", attempt)
        assert worker.work(killer) == 0  # the dead worker's lease still holds
        clock.advance(timedelta(seconds=SETTINGS.send_lease_seconds))

    assert worker.work(killer) == 1
    assert [row[1] for row in worker.rows()] == ["parked", "done"]


def test_a_slow_worker_whose_lease_ran_out_is_overtaken_and_does_nothing_more(database, clock, tenant_id, keep):
    inbox_id = keep("1").inbox_id
    slow, quick = Worker(database, clock, tenant_id), Worker(database, clock, tenant_id)
    entered, go_on = threading.Event(), threading.Event()
    prepare = slow.prepare

    def dawdle(item):
        entered.set()
        assert go_on.wait(10)
        return prepare(item)

    slow.drain._prepare = dawdle
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(slow.work, inbox_id)
        assert entered.wait(10)
        assert quick.work(inbox_id) == 0  # leased
        clock.advance(timedelta(seconds=SETTINGS.send_lease_seconds))
        assert quick.work(inbox_id) == 1
        go_on.set()
        assert running.result(10) == 0

    assert (slow.handled, quick.handled) == ([], ["1"])
    assert quick.rows() == [("1", "done", 2)]


def test_a_row_whose_nudge_came_while_the_one_before_it_was_handled_is_not_left_to_the_sweep(
    database, clock, tenant_id, keep
):
    first = keep("1").inbox_id
    busy, kept_out = Worker(database, clock, tenant_id), Worker(database, clock, tenant_id)
    prepare = busy.prepare

    def meanwhile(item):
        if item.external_id == "1":
            assert kept_out.work(keep("2").inbox_id) == 0  # its message is deleted now
        return prepare(item)

    busy.drain._prepare = meanwhile
    assert busy.work(first) == 2
    assert busy.handled == ["1", "2"]


def test_a_handled_row_forgets_what_it_said_and_whose_chat_it_was(worker, keep):
    inbox_id = keep("1").inbox_id
    worker.work(inbox_id)
    assert worker.work(inbox_id) == 0
    with worker.database.read(worker.tenant_id) as session:
        [row] = session.execute(text("SELECT payload, conversation_key FROM inbox"))
        assert (bytes(row.payload), row.conversation_key) == (b"", "")


def test_a_row_that_failed_is_queued_again_for_when_it_is_due(worker, keep):
    inbox_id = keep("1").inbox_id
    worker.failing["1"] = RuntimeError("once")

    with pytest.raises(RuntimeError):
        worker.work(inbox_id)

    assert worker.requeued == [(inbox_id, 2)]


@dataclass
class Meeting:
    """Notices when two workers are inside the handling of one conversation at the same time."""

    barrier: threading.Barrier = field(default_factory=lambda: threading.Barrier(2, timeout=0.4))
    handled: list[str] = field(default_factory=list)
    met: int = 0

    def handle(self, name: str) -> None:
        try:
            self.barrier.wait()
            self.met += 1
        except threading.BrokenBarrierError:
            self.barrier.reset()
        self.handled.append(name)


@pytest.mark.concurrency
@pytest.mark.pooled
def test_two_drains_of_one_conversation_handle_each_row_once_one_after_another(database, clock, tenant_id, keep):
    ids = [keep(name).inbox_id for name in ("1", "2", "3")]
    meeting = Meeting()
    workers = [Worker(database, clock, tenant_id) for _ in range(2)]
    for worker in workers:
        worker.drain._handle = lambda _session, item, _prepared: meeting.handle(item.external_id)
    with ThreadPoolExecutor(2) as pool:
        done = sum(pool.map(lambda worker, inbox_id: worker.work(inbox_id), workers, ids[1:]))

    assert (done, meeting.met) == (3, 0)
    assert meeting.handled == ["1", "2", "3"]


@pytest.mark.concurrency
def test_the_same_without_lock_and_lease_handles_rows_twice(database, tenant_id, keep):
    """The negative control: the meeting above would be noticed if it took place."""
    keep("1")
    meeting = Meeting(threading.Barrier(2, timeout=20))  # they do meet; a slow machine must not hide it

    def careless(_number):
        with database.transaction(tenant_id) as session:
            [(row_id, name)] = session.execute(text("SELECT id, external_id FROM inbox WHERE status = 'open'")).all()
            meeting.handle(name)
            session.execute(text("UPDATE inbox SET status = 'done' WHERE id = :id"), {"id": row_id})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(careless, range(2)))

    assert (meeting.met, meeting.handled) == (2, ["1", "1"])


def test_overdue_are_open_rows_of_all_tenants_that_nobody_works_on(worker, keep, clock):
    old = keep("1").inbox_id
    leased = keep("2", "telegram:a:6").inbox_id
    worker.failing["2"] = SystemExit(1)
    clock.advance(timedelta(seconds=30))
    with pytest.raises(SystemExit):
        worker.work(leased)
    keep("3", "telegram:a:7")

    with worker.database.without_tenant() as session:
        found = list_overdue(session, before=clock.now() - timedelta(seconds=1), limit=10)
    assert found == [(worker.tenant_id, old)]

    clock.advance(timedelta(minutes=2))
    with worker.database.without_tenant() as session:
        assert len(list_overdue(session, before=clock.now(), limit=10)) == 3
        assert len(list_overdue(session, before=clock.now(), limit=2)) == 2
