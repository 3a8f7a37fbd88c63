from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from salon.availability import use_cases as availability
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Skill
from salon.platform.errors import ConstraintViolated
from support.factories import ACTOR, free_slots, make_salon, make_service

pytestmark = pytest.mark.database
WEDNESDAY = date(2026, 3, 11)


@pytest.fixture
def salon(database, tenant_id, clock):
    """Two people, three afternoons of six one-hour slots each."""
    return make_salon(database, tenant_id, now=clock.now(), staff_names=("Анна", "Борис"))


def free(salon, **filters):
    with salon.database.read(salon.tenant_id) as session:
        window = {"from_at": salon.now, "to_at": salon.now + timedelta(days=9), "now": salon.now}
        return availability.list_free_slots(session, **{"service_id": salon.service.id, **window, **filters})


def test_filters_narrow_the_list(salon):
    anna, _ = salon.staff
    assert len(free(salon)) == 36
    assert {slot.staff_id for slot in free(salon, staff_id=anna.id)} == {anna.id}
    assert len(free(salon, location_id=salon.location.id)) == 36
    assert free(salon, location_id=anna.id) == []
    assert len(free(salon, limit=5)) == 5
    tomorrow = free(salon, from_at=salon.now + timedelta(days=1), to_at=salon.now + timedelta(days=2))
    assert {slot.starts_at.date() for slot in tomorrow} == {date(2026, 3, 12)}
    starts = [slot.starts_at for slot in free(salon)]
    assert starts == sorted(starts)


def test_notice_is_kept(salon):
    noon = datetime(2026, 3, 11, 9, tzinfo=UTC)  # 12:00 in Moscow, the first slot's start
    early = noon - timedelta(minutes=30)
    assert free(salon, now=early)[0].starts_at == noon
    assert free(salon, now=early + timedelta(seconds=1))[0].starts_at == noon + timedelta(hours=1)
    assert free(salon, now=early, min_notice=timedelta(hours=2))[0].starts_at == noon + timedelta(hours=2)


def test_somebody_busy_is_not_offered_buffers_included(database, tenant_id, clock):
    salon = make_salon(
        database, tenant_id, now=clock.now(), duration_min=60, buffer_after_min=15, granularity_min=15, days=1
    )
    before = [slot.starts_at for slot in salon.slots()]
    three = next(slot for slot in salon.slots() if slot.starts_at.hour == 12)  # 15:00 in Moscow
    salon.book(three.id, salon.client())
    gone = sorted(set(before) - {slot.starts_at for slot in salon.slots()})
    # an hour and a quarter on both sides: nothing may end within 15 min before, nothing start within 15 min after
    assert gone == [three.starts_at + timedelta(minutes=15 * step) for step in range(-4, 5)]


def test_another_service_of_a_busy_person_is_not_offered_either(salon, database, tenant_id):
    with database.transaction(tenant_id) as session:
        colour = make_service(session, now=salon.now, location_ids=[salon.location.id], name="Окрашивание")
        for person in salon.staff:
            skills = [Skill(salon.service.id), Skill(colour.id)]
            catalog.assign_skills(session, person.id, skills, actor=ACTOR, now=salon.now)
        availability.generate_slots(
            session, location_id=salon.location.id, from_on=WEDNESDAY, to_on=WEDNESDAY, now=salon.now
        )
    first = salon.slots()[0]
    salon.book(first.id, salon.client())
    with database.read(tenant_id) as session:
        left = free_slots(session, service_id=colour.id, now=salon.now)
    assert [slot.staff_id for slot in left if slot.starts_at == first.starts_at] == [
        person.id for person in salon.staff if person.id != first.staff_id
    ]


def test_a_hold_that_ran_out_no_longer_makes_a_person_busy(database, tenant_id, clock):
    salon = make_salon(database, tenant_id, now=clock.now(), granularity_min=30, days=1)
    first, overlapping, *_ = salon.slots()
    salon.hold(first.id, salon.client())
    assert overlapping.id not in {slot.id for slot in salon.slots()}
    later = salon.now + timedelta(minutes=10)
    assert overlapping.id in {slot.id for slot in salon.slots(now=later)}


def test_a_group_is_offered_until_it_is_full(database, tenant_id, clock):
    salon = make_salon(database, tenant_id, now=clock.now(), capacity=2, days=1)
    first = salon.slots()[0]
    salon.book(first.id, salon.client())
    assert salon.slots()[0].id == first.id
    salon.book(first.id, salon.client())
    assert salon.slots()[0].id != first.id


def test_a_group_keeps_its_person_busy_though_its_first_hold_ran_out(database, tenant_id, clock):
    salon = make_salon(database, tenant_id, now=clock.now(), capacity=2, granularity_min=30, days=1)
    first, overlapping, *_ = salon.slots()
    salon.hold(first.id, salon.client())
    salon.hold(first.id, salon.client(), now=salon.now + timedelta(minutes=5))
    when_one_is_left = salon.now + timedelta(minutes=10)
    assert overlapping.id not in {slot.id for slot in salon.slots(now=when_one_is_left)}


def test_days_are_counted_by_the_location_s_calendar(database, tenant_id, clock):
    salon = make_salon(database, tenant_id, now=clock.now(), timezone="Asia/Kamchatka", hours=("08:00", "12:00"))
    window = {"from_at": salon.now, "to_at": salon.now + timedelta(days=9), "now": salon.now}
    with database.read(tenant_id) as session:
        counts = availability.count_free_by_date(session, service_id=salon.service.id, **window)
    # 08:00 in Petropavlovsk is 20:00 UTC of the day before
    assert counts == {date(2026, 3, 12): 4, date(2026, 3, 13): 4}
    salon.book(salon.slots()[0].id, salon.client())
    with database.read(tenant_id) as session:
        counts = availability.count_free_by_date(session, service_id=salon.service.id, **window)
    assert counts[date(2026, 3, 12)] == 3


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("held = -1", "ck_slot_instances_held"),
        ("booked = -1, held = 1", "ck_slot_instances_booked"),
        ("booked = 1, held = 1", "ck_slot_instances_seats"),
        ("ends_at = starts_at", "ck_slot_instances_ends_at"),
    ],
)
def test_the_database_forbids_impossible_slots(salon, database, tenant_id, change, constraint):
    with pytest.raises(ConstraintViolated) as refused, database.transaction(tenant_id) as session:
        session.execute(text(f"UPDATE slot_instances SET {change}"))  # noqa: S608 - the cases are listed above
    assert refused.value.constraint == constraint
