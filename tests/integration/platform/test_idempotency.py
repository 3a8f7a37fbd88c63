"""A key is carried out once, also when its requests come at the same moment; and these tests would notice if not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from salon.identity.domain import system
from salon.identity.use_cases import read_settings_version, write_settings
from salon.platform.errors import DatabaseBusy
from salon.platform.http_request import IdempotencyKeyReused
from salon.platform.idempotency import KEPT_FOR, Kept, claim_key, keep_answer, purge_expired
from support.fixtures import make_tenant

pytestmark = [pytest.mark.database, pytest.mark.pooled]
ACTOR = system("tests")
RIVALS = 20


@pytest.fixture
def carry_out(database, tenant_id, clock):
    """Does a piece of work under a key; whether it was done, and the answer."""

    def once(key="k", payload="p", actor="session:1", tenant=tenant_id, *, keyed=True):
        with database.transaction(tenant) as session:
            if keyed:
                claim = claim_key(session, actor=actor, key=key, payload_hash=payload, now=clock.now())
                if isinstance(claim, Kept):
                    return False, claim.content
            version = write_settings(session, "work", {}, actor=ACTOR, now=clock.now())
            if keyed:
                keep_answer(session, claim, status=201, content={"version": version})
            return True, {"version": version}

    return once


def race(work):
    barrier = Barrier(RIVALS)

    def run(_number):
        barrier.wait()
        return work()

    with ThreadPoolExecutor(RIVALS) as pool:
        return list(pool.map(run, range(RIVALS)))


def done(database, tenant_id) -> int:
    with database.read(tenant_id) as session:
        return read_settings_version(session, "work")


@pytest.mark.concurrency
def test_of_twenty_at_once_one_works_and_all_get_its_answer(carry_out, database, tenant_id):
    outcomes = race(carry_out)
    assert sum(was_done for was_done, _ in outcomes) == 1
    assert {answer["version"] for _, answer in outcomes} == {1}
    assert done(database, tenant_id) == 1


@pytest.mark.concurrency
def test_without_the_key_all_twenty_work(carry_out, database, tenant_id):
    """The negative control: the race above is one."""
    outcomes = race(lambda: carry_out(keyed=False))
    assert {answer["version"] for _, answer in outcomes} == set(range(1, RIVALS + 1))
    assert done(database, tenant_id) == RIVALS


@pytest.mark.concurrency
def test_when_the_first_fails_the_second_does_the_work(carry_out, database, tenant_id, clock):
    def begin_and_fail(pool):
        with database.transaction(tenant_id) as session:
            claim_key(session, actor="session:1", key="k", payload_hash="p", now=clock.now())
            waiting.append(pool.submit(carry_out))
            while not _somebody_waits(database, tenant_id):
                pass
            raise RuntimeError

    waiting = []
    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError):
        begin_and_fail(pool)
    [second] = waiting
    assert second.result() == (True, {"version": 1})


def _somebody_waits(database, tenant_id) -> bool:
    with database.read(tenant_id) as session:
        return bool(session.scalars(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).one())


def test_who_waits_too_long_is_asked_to_come_back(carry_out, database, tenant_id, clock):
    def claim(session):
        session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        claim_key(session, actor="session:1", key="k", payload_hash="p", now=clock.now())

    def wait():
        with database.transaction(tenant_id) as session:
            claim(session)

    with database.transaction(tenant_id) as session:
        claim(session)
        with pytest.raises(DatabaseBusy):
            wait()


def test_a_key_belongs_to_one_payload_one_actor_and_one_tenant(carry_out, database, clock):
    assert carry_out() == (True, {"version": 1})
    with pytest.raises(IdempotencyKeyReused):
        carry_out(payload="another")
    assert carry_out(actor="session:2") == (True, {"version": 2})
    assert carry_out(key="K") == (True, {"version": 3})
    assert carry_out(tenant=make_tenant(database, clock.now())) == (True, {"version": 1})


def test_a_key_is_free_again_after_a_day_even_for_another_payload(carry_out, clock):
    carry_out()
    clock.advance(KEPT_FOR - timedelta(seconds=1))
    assert carry_out() == (False, {"version": 1})
    clock.advance(timedelta(seconds=1))
    assert carry_out(payload="another") == (True, {"version": 2})


def test_old_keys_are_purged_some_at_a_time_and_only_old_ones(carry_out, database, tenant_id, clock):
    for number in range(3):
        carry_out(key=f"old-{number}")
    clock.advance(KEPT_FOR)
    carry_out(key="new")
    with database.transaction(tenant_id) as session:
        assert [purge_expired(session, now=clock.now(), limit=2) for _ in range(3)] == [2, 1, 0]
        assert session.scalars(text("SELECT key FROM idempotency_keys")).all() == ["new"]
