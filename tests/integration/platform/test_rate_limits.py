"""Token buckets count exactly, also when many take at once, and refill by time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest

from salon.platform.errors import TooManyRequests
from salon.platform.pg import PgDatabase
from salon.platform.rate_buckets import Bucket, purge_idle, take_all
from salon.platform.rate_limits import Limit, take
from support.fixtures import make_tenant

pytestmark = pytest.mark.database
LIMIT = Limit(capacity=10, per_second=2.0)


@contextmanager
def inside(pg, tenant_id):
    with pg.transaction() as transaction:
        pg.enter(transaction, tenant_id)
        yield transaction


@pytest.fixture
def take_one(pg, tenant_id, clock):
    def take_it(*, tenant=tenant_id, key="probe", by=pg):
        with inside(by, tenant) as transaction:
            take(transaction, tenant_id=tenant, key=key, limit=LIMIT, now=clock.now())

    return take_it


@pytest.mark.concurrency
@pytest.mark.pooled
def test_of_forty_at_once_exactly_the_capacity_is_let_through(take_one, database_settings):
    def attempt(_number):
        own = PgDatabase(database_settings)
        waits = []
        try:
            for _ in range(5):
                try:
                    take_one(by=own)
                except TooManyRequests as refused:
                    waits.append(refused.retry_after_s)
        finally:
            own.close()
        assert set(waits) <= {1}
        return 5 - len(waits)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == LIMIT.capacity


def test_a_bucket_refills_by_time_up_to_its_capacity_and_hammering_does_not_postpone_it(take_one, clock):
    for _ in range(LIMIT.capacity):
        take_one()
    for _ in range(5):
        clock.advance(timedelta(milliseconds=90))
        with pytest.raises(TooManyRequests):
            take_one()
    clock.advance(timedelta(milliseconds=60))
    take_one()  # 510 ms at two a second are one token
    with pytest.raises(TooManyRequests):
        take_one()
    clock.advance(timedelta(days=1))
    for _ in range(LIMIT.capacity):
        take_one()
    with pytest.raises(TooManyRequests):
        take_one()


def test_the_wait_is_told_in_whole_seconds_and_a_clock_that_runs_behind_gives_nothing_away(pg, tenant_id, clock):
    slow = Limit(capacity=1, per_second=0.1)

    def take_it():
        with inside(pg, tenant_id) as transaction:
            take(transaction, tenant_id=tenant_id, key="slow", limit=slow, now=clock.now())

    take_it()
    clock.advance(timedelta(seconds=3))
    with pytest.raises(TooManyRequests) as refused:
        take_it()
    assert refused.value.retry_after_s == 7
    clock.advance(timedelta(seconds=-60))
    with pytest.raises(TooManyRequests):
        take_it()


def test_each_key_and_each_tenant_has_a_bucket_of_its_own(take_one, database, clock):
    other = make_tenant(database, clock.now())
    for _ in range(LIMIT.capacity):
        take_one()
    take_one(key="another")
    take_one(tenant=other)
    with pytest.raises(TooManyRequests):
        take_one()


def test_several_buckets_are_counted_at_once_and_the_longest_wait_is_told(database, tenant_id, clock):
    pair = [Bucket("fast", Limit(capacity=2, per_second=2.0)), Bucket("slow", Limit.per_minute(1))]

    def take_both():
        with database.transaction(tenant_id) as session:
            return take_all(session, pair, now=clock.now())

    assert [take_both() for _ in range(3)] == [0, 60, 60]
    clock.advance(timedelta(seconds=60))
    assert take_both() == 0


def test_buckets_that_nobody_touches_are_forgotten(database, tenant_id, clock, take_one):
    for number in range(3):
        take_one(key=f"idle-{number}")
    clock.advance(timedelta(hours=2))
    take_one(key="busy")
    with database.transaction(tenant_id) as session:
        assert [purge_idle(session, now=clock.now(), limit=2) for _ in range(3)] == [2, 1, 0]
