"""A timer runs once at a time, however many instances the cloud starts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from salon.platform.single_flight import single_flight

pytestmark = pytest.mark.database
LEASE = timedelta(minutes=5)


@pytest.mark.concurrency
def test_of_many_at_once_one_runs(database, clock):
    start, end = Barrier(6), Barrier(6)

    def run(_number):
        start.wait(10)
        with single_flight(database, "probe", clock=clock, lease=LEASE) as mine:
            end.wait(10)  # all of them are inside the block at the same time
            return mine

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(run, range(6))) == 1


def test_the_lease_is_given_back_also_by_one_that_fails_and_others_have_their_own(database, clock):
    def flight(name="probe"):
        return single_flight(database, name, clock=clock, lease=LEASE)

    def fail():
        with flight() as mine, flight() as second, flight("other") as unrelated:
            assert (mine, second, unrelated) == (True, False, True)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with flight() as mine:
        assert mine


def test_the_lease_of_a_dead_one_ends_and_whoever_was_overtaken_takes_nothing_away(database, clock):
    overtaken = single_flight(database, "probe", clock=clock, lease=LEASE)
    assert overtaken.__enter__()
    clock.advance(LEASE)
    with single_flight(database, "probe", clock=clock, lease=LEASE) as mine:
        assert mine
        overtaken.__exit__(None, None, None)
        with single_flight(database, "probe", clock=clock, lease=LEASE) as third:
            assert not third
