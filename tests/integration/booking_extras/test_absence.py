from __future__ import annotations

from datetime import timedelta

import pytest

from salon.booking.bulk import use_cases as bulk
from salon.booking.bulk.domain import AbsenceMode, Outcome
from salon.booking.domain import BookingStatus
from salon.catalog.errors import StaffNotFound
from salon.platform.errors import Invalid
from salon.platform.ids import new_id
from support.factories import ACTOR, make_salon

pytestmark = pytest.mark.database
HOUR = timedelta(hours=1)


@pytest.fixture
def salon(database, tenant_id, clock):
    """Анна and Борис, two afternoons of six one-hour slots each."""
    return make_salon(database, tenant_id, now=clock.now(), staff_names=("Анна", "Борис"), days=2)


@pytest.fixture
def day(stage):
    """Анна has 12:00, 13:00 and 14:00 today, Борис 13:00; then Анна falls ill until the evening."""
    anna, boris = (person.id for person in stage.salon.staff)
    free = {(slot.staff_id, slot.starts_at): slot for slot in stage.salon.slots()}

    def book(staff_id, hour):
        at = stage.salon.now + (hour - 10.5) * HOUR
        return stage.salon.book(free[staff_id, at].id, stage.salon.client())

    return [book(anna, 12), book(anna, 13), book(anna, 14), book(boris, 13)]


def absence(stage):
    return stage.salon.staff[0].id, stage.salon.now, stage.salon.now + 10 * HOUR


def carry_out(stage, mode):
    return stage.act(bulk.carry_out_absence, *absence(stage), mode=mode, actor=ACTOR, now=stage.clock.now())


def test_the_plan_offers_the_same_time_first_and_no_time_to_two(stage, day):
    plan = stage.act(bulk.plan_absence, *absence(stage), now=stage.clock.now())
    assert [one.booking for one in plan] == day[:3]
    assert [one.reason for one in plan] == [Outcome.SAME_TIME, Outcome.OTHER_TIME, Outcome.SAME_TIME]
    promised = [(slot.staff_id, slot.starts_at) for one in plan for slot in one.alternatives]
    assert len(set(promised)) == len(promised) == 9
    until = absence(stage)[2]
    assert all(
        slot.staff_id != stage.salon.staff[0].id or slot.starts_at >= until for one in plan for slot in one.alternatives
    )
    assert all(stage.salon.booking(visit.id) == visit for visit in day)


def test_only_what_shares_time_with_the_absence_is_affected(stage, day):
    staff_id, from_at, _ = absence(stage)
    at_two = stage.salon.now + 3.5 * HOUR
    plan = stage.act(bulk.plan_absence, staff_id, from_at, at_two - HOUR / 2, now=stage.clock.now())
    assert [one.booking.id for one in plan] == [day[0].id, day[1].id]
    begun = stage.act(bulk.plan_absence, staff_id, from_at, at_two, now=at_two - HOUR / 2)
    assert begun == []  # whoever sits there already is left alone
    with pytest.raises(StaffNotFound):
        stage.act(bulk.plan_absence, new_id(), from_at, at_two, now=stage.clock.now())
    with pytest.raises(Invalid):
        stage.act(bulk.plan_absence, staff_id, at_two, from_at, now=stage.clock.now())


def test_proposing_tells_everybody_once_and_moves_nobody(stage, day):
    first = carry_out(stage, AbsenceMode.PROPOSE)
    assert (first.moved, first.told) == (0, 3)
    told = stage.facts("booking.needs_reschedule")
    assert [one["booking_id"] for one in told] == [str(visit.id) for visit in day[:3]]
    plan = {str(one.booking.id): [str(slot.id) for slot in one.alternatives] for one in first.affected}
    assert {one["booking_id"]: one["alternative_slot_ids"] for one in told} == plan
    again = carry_out(stage, AbsenceMode.PROPOSE)
    assert (again.moved, again.told, again.affected) == (0, 0, first.affected)
    assert all(stage.salon.booking(visit.id) == visit for visit in day)
    stage.sound()


def test_moving_keeps_the_time_where_it_can_and_asks_the_others(stage, day):
    report = carry_out(stage, AbsenceMode.MOVE)
    assert (report.moved, report.told) == (2, 1)
    assert [one.reason for one in report.affected] == [Outcome.MOVED, Outcome.OTHER_TIME, Outcome.MOVED]
    for visit in (day[0], day[2]):
        now = stage.salon.booking(visit.id)
        assert (now.staff_id, now.starts_at) == (stage.salon.staff[1].id, visit.starts_at)
        assert now.status is BookingStatus.CONFIRMED
    assert stage.salon.booking(day[1].id) == day[1]
    again = carry_out(stage, AbsenceMode.MOVE)
    assert (again.moved, again.told, [one.booking.id for one in again.affected]) == (0, 0, [day[1].id])
    stage.sound()


def test_a_visit_of_several_services_is_asked_about_never_torn_apart(stage, day):
    with stage.owner_engine.begin() as owner:
        owner.exec_driver_sql("UPDATE bookings SET visit_id = id, visit_position = 0")
    report = carry_out(stage, AbsenceMode.MOVE)
    assert (report.moved, report.told) == (0, 3)
