"""The same question gets the same set for seven minutes, whatever the hour and whoever asks at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier

import pytest
from sqlalchemy import text

from salon.availability.offers import use_cases as offers
from salon.booking import use_cases as booking
from salon.platform.metrics import MemoryMetrics
from support.factories import make_salon

pytestmark = pytest.mark.database
THURSDAY = date(2026, 3, 12)
BEFORE_THE_HOUR = datetime(2026, 3, 11, 7, 57, tzinfo=UTC)
ON_THE_HOUR = datetime(2026, 3, 11, 8, tzinfo=UTC)
STRANGERS = 8


@pytest.fixture
def salon(database, tenant_id, clock):
    """One person, two days from nine to nine, half an hour each: 24 free slots a day, none in the way of another."""
    hours = ("09:00", "21:00")
    return make_salon(database, tenant_id, now=clock.now(), hours=hours, granularity_min=30, duration_min=30, days=2)


def expose(salon, subject="somebody", *, now=BEFORE_THE_HOUR, **how):
    with salon.database.transaction(salon.tenant_id) as session:
        return offers.expose_slots(session, subject=subject, service_id=salon.service.id, on=THURSDAY, now=now, **how)


def ids(exposure):
    return [slot.id for slot in exposure.slots]


def count(salon):
    with salon.database.read(salon.tenant_id) as session:
        return session.execute(text("SELECT count(*) FROM exposures")).scalar_one()


def test_a_set_outlives_the_hour_and_not_its_seven_minutes(salon):
    """Over many clients, because some draw the same set twice."""
    metrics = MemoryMetrics()
    clients = [f"client {number}" for number in range(12)]
    first = [expose(salon, client, metrics=metrics) for client in clients]
    counted = len(metrics.recorded)
    next_hour = [
        expose(salon, client, now=BEFORE_THE_HOUR + timedelta(minutes=6), metrics=metrics) for client in clients
    ]

    assert [ids(one) for one in next_hour] == [ids(one) for one in first]
    assert [one.exposure_id for one in next_hour] == [one.exposure_id for one in first]
    assert len(metrics.recorded) == counted == count(salon)

    expired = [expose(salon, client, now=BEFORE_THE_HOUR + timedelta(minutes=7)) for client in clients]
    assert [ids(one) for one in expired] != [ids(one) for one in first]
    assert count(salon) == 24


def test_everything_that_was_asked_is_part_of_the_question(salon):
    """Each of these calls answers another question, and leaves the first one's set alone."""
    first = expose(salon, variant="control")
    others = [
        expose(salon, "else", variant="control"),
        expose(salon, variant="random"),
        expose(salon, variant="control", staff_id=salon.staff[0].id),
        expose(salon, variant="control", location_id=salon.location.id),
        expose(salon, variant="control", wish=time(18)),
        expose(salon, variant="control", round=2),
    ]
    assert len({one.exposure_id for one in (first, *others)}) == 7
    assert expose(salon, variant="control").exposure_id == first.exposure_id


def test_what_was_taken_drops_out_and_the_rest_stays(salon):
    first = expose(salon)
    taken, *left = first.slots
    salon.book(taken.id, salon.client())

    again = expose(salon)
    assert again.exposure_id == first.exposure_id
    assert ids(again) == [slot.id for slot in left]
    assert (first.total, again.total) == (24, 23)


def test_a_dropped_slot_comes_back_when_its_hold_runs_out(salon):
    first = expose(salon)
    held = salon.hold(first.slots[0].id, salon.client(), now=BEFORE_THE_HOUR - timedelta(minutes=8))
    assert held.slot_id not in ids(expose(salon))

    later = BEFORE_THE_HOUR + timedelta(minutes=3)
    assert held.slot_id in ids(expose(salon, now=later, refresh=booking.expire_holds))


def test_a_set_that_others_emptied_is_filled_up(salon):
    first = expose(salon)
    for slot in first.slots[1:]:
        salon.book(slot.id, salon.client())

    again = expose(salon)
    assert first.slots[0].id in ids(again)
    assert len(again.slots) >= 3
    assert again.exposure_id != first.exposure_id
    assert ids(expose(salon)) == ids(again)
    assert not set(ids(again)) & {slot.id for slot in first.slots[1:]}


def test_an_empty_day_that_fills_again_is_shown(salon):
    """Nothing is free, then something is: the empty set does not stick."""
    with salon.database.transaction(salon.tenant_id) as session:
        session.execute(text("UPDATE slot_instances SET is_blocked = true"))
    assert not expose(salon).slots
    assert not expose(salon).slots
    assert count(salon) == 1
    with salon.database.transaction(salon.tenant_id) as session:
        session.execute(text("UPDATE slot_instances SET is_blocked = false"))
    assert expose(salon).slots


def race(salon, ask):
    """So many calls with the same question from so many connections: each set's id and what is in it."""
    with ThreadPoolExecutor(STRANGERS) as pool:
        shown = list(pool.map(ask, range(STRANGERS)))
    return {one.exposure_id: tuple(ids(one)) for one in shown}


def test_calls_at_the_same_moment_get_one_set_even_when_the_hour_changes_between_them(salon):
    everybody_is_here = Barrier(STRANGERS, timeout=20)

    def ask(number):
        now = ON_THE_HOUR + timedelta(seconds=number - STRANGERS // 2)
        everybody_is_here.wait()
        return expose(salon, now=now)

    assert len(race(salon, ask)) == 1
    assert count(salon) == 1


def test_control_without_the_lock_each_call_makes_its_own_set(salon, database, owner_engine):
    """Whoever has made a set waits for all others to have made theirs, which the lock would not let them."""
    with owner_engine.begin() as owner:
        nothing = "CREATE FUNCTION public.pg_advisory_xact_lock(bigint) RETURNS void LANGUAGE sql AS 'SELECT'"
        owner.execute(text(nothing))
        name = owner.execute(text("SELECT current_database()")).scalar_one()
        owner.execute(text(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog'))
    database.engine.dispose()
    everybody_has_one = Barrier(STRANGERS, timeout=20)

    class Waits(MemoryMetrics):
        def count(self, *figure, **labels):
            super().count(*figure, **labels)
            everybody_has_one.wait()

    assert len(race(salon, lambda _: expose(salon, metrics=Waits()))) == STRANGERS
