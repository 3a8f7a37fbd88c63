"""Facts reach each subscriber once, whatever another subscriber does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import text

from salon.platform import correlation, outbox
from salon.platform import metrics as figures
from salon.platform.facts import Fact
from salon.platform.metrics import MemoryMetrics
from salon.platform.settings import RetrySettings
from salon.platform.subscribers import DeliverFact, Subscription

pytestmark = pytest.mark.database
SETTINGS = RetrySettings(outbox_max_attempts=3)


class ProbeHappened(Fact):
    """A fact of these tests."""

    name: ClassVar[str] = "probe.happened"
    number: int


class Ear:
    """A subscriber that writes down what it hears, and fails when told to."""

    def __init__(self, name, *facts):
        self.subscription = Subscription(name, frozenset(facts or {ProbeHappened.name}), self.react)
        self.name, self.heard, self.error = name, [], None

    def react(self, session, fact, now):
        session.execute(text("INSERT INTO timer_leases VALUES (:name, :now)"), {"name": f"{self.name}-x", "now": now})
        if self.error is not None:
            raise self.error
        self.heard.append((fact.number, correlation.current_id()))


@pytest.fixture
def emit(relayed, tenant_id, clock):
    def emit_one(number=1):
        with correlation.bind(correlation_id="correlation-1"), relayed.transaction(tenant_id) as session:
            outbox.emit(session, ProbeHappened(occurred_at=clock.now(), number=number))
        with relayed.read(tenant_id) as session:
            return session.scalars(text("SELECT id FROM outbox ORDER BY sequence DESC LIMIT 1")).one()

    return emit_one


@pytest.fixture
def metrics():
    return MemoryMetrics()


@pytest.fixture
def deliver(relayed, tenant_id, clock, metrics):
    def to(*ears):
        told = DeliverFact(
            relayed,
            clock,
            SETTINGS,
            metrics,
            subscriptions=[ear.subscription for ear in ears],
            jitter=lambda: 0.0,
        )
        return lambda outbox_id: told(tenant_id, outbox_id)

    return to


@pytest.fixture
def row(relayed, tenant_id):
    def read():
        with relayed.read(tenant_id) as session:
            return tuple(session.execute(text("SELECT status, attempts, last_error FROM outbox")).one())

    return read


def test_every_subscriber_of_a_fact_hears_it_once(emit, deliver, row):
    one, other, deaf = Ear("one"), Ear("other"), Ear("deaf", "something.else")
    outbox_id = emit(7)
    tell = deliver(one, other, deaf)
    tell(outbox_id)
    tell(outbox_id)

    assert one.heard == other.heard == [(7, "correlation-1")]
    assert deaf.heard == []
    assert row() == ("done", 1, None)


def test_one_that_fails_keeps_nobody_from_hearing_and_is_told_again_alone(emit, deliver, row, clock, relayed):
    one, other = Ear("one"), Ear("other")
    one.error = RuntimeError("bug")
    outbox_id, tell = emit(), deliver(one, other)
    tell(outbox_id)
    assert (one.heard, len(other.heard)) == ([], 1)
    assert row() == ("open", 1, "one")
    with relayed.without_tenant() as session:  # what the failed one wrote is gone
        assert session.scalars(text("SELECT name FROM timer_leases")).all() == ["other-x"]

    one.error = None
    tell(outbox_id)
    assert one.heard == []  # not due yet
    clock.advance(timedelta(seconds=2))
    tell(outbox_id)
    assert (len(one.heard), len(other.heard)) == (1, 1)
    assert row() == ("done", 2, None)


def test_one_that_always_fails_is_parked(emit, deliver, row, clock, metrics):
    one, other = Ear("one"), Ear("other")
    one.error = RuntimeError("bug")
    outbox_id, tell = emit(), deliver(one, other)
    for _ in range(SETTINGS.outbox_max_attempts):
        tell(outbox_id)
        clock.advance(timedelta(minutes=1))

    assert row() == ("parked", 3, "one")
    assert len(other.heard) == 1
    assert metrics.total(figures.OUTBOX_PARKED, queue="events") == 1


def test_one_that_kills_the_process_is_parked_too(emit, deliver, row, clock):
    killer = Ear("killer")
    killer.error = SystemExit(137)
    outbox_id, tell = emit(), deliver(killer)
    for _ in range(SETTINGS.outbox_max_attempts):
        with pytest.raises(SystemExit):
            tell(outbox_id)
        clock.advance(timedelta(minutes=2))
    tell(outbox_id)

    assert row()[0] == "parked"


def test_a_fact_that_nobody_here_can_read_is_kept_for_a_newer_version(*, emit, deliver, row, clock, relayed, tenant_id):
    outbox_id, tell = emit(), deliver(Ear("one"))
    with relayed.transaction(tenant_id) as session:
        session.execute(text("UPDATE outbox SET kind = 'probe.renamed'"))
    tell(outbox_id)
    assert row() == ("open", 1, "unreadable fact")

    with relayed.transaction(tenant_id) as session:
        session.execute(text("UPDATE outbox SET kind = 'probe.happened', payload = '{}'"))
    for _ in range(SETTINGS.outbox_max_attempts):
        clock.advance(timedelta(minutes=2))
        tell(outbox_id)
    assert row()[0] == "parked"


@pytest.mark.concurrency
def test_a_fact_told_by_many_at_once_is_heard_once(emit, deliver):
    one = Ear("one")
    outbox_id, tell = emit(), deliver(one)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(tell, [outbox_id] * 6))
    assert len(one.heard) == 1
