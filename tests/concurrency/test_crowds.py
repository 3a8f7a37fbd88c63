"""Hundreds for a few seats. PostgreSQL itself says that they overlap, and each guard is taken away to see it fail.

Two guards keep a seat from being sold twice: the lock on the slot's row, and the constraints (more seats than there
are, a person or a chair taken twice). For one slot each is enough alone; between slots only the exclusion can see.
"""

from __future__ import annotations

import itertools

import pytest

from salon.availability import use_cases as availability
from salon.catalog import use_cases as catalog
from salon.catalog.domain import PoolKind, ResourceDetails, ResourcePoolDetails, Skill
from salon.platform.errors import ConstraintViolated, DatabaseBusy
from support import races
from support.consistency import find_contradictions
from support.factories import ACTOR, free_slots, hold, make_client, make_salon, make_service

pytestmark = [pytest.mark.database, pytest.mark.concurrency]
FEW, MANY = 50, 500
STOPPED = {"SLOT_FULL", ConstraintViolated.__name__, DatabaseBusy.__name__}
AS_IT_IS = pytest.param(True, id="as it is")
WITHOUT_EXCLUSION = pytest.param(False, id="control: no exclusion")


@pytest.fixture
def rush_for(database_settings, master_keys, owner_engine):
    """So many clients hold the slots in turn, the first `inside` of them while none of these has ended; outcomes."""

    def run(salon, slots, *, rivals, inside, has_locks=True):
        with salon.database.transaction(salon.tenant_id) as session:
            clients = [make_client(session, now=salon.now).id for _ in range(rivals)]
        with races.patient(database_settings, master_keys, inside) as many:
            if not has_locks:
                races.drop_row_locks(many.engine)

            def attempt(slot, client_id):
                with many.transaction(salon.tenant_id) as session:
                    return hold(session, slot_id=slot.id, client_id=client_id, now=salon.now)

            pairs = zip(itertools.cycle(slots), clients, strict=False)
            attempts = [lambda slot=slot, client_id=client_id: attempt(slot, client_id) for slot, client_id in pairs]
            has_begun = races.inside(owner_engine, inside)
            return races.rush(owner_engine, [slot.id for slot in slots], attempts, has_begun=has_begun)

    return run


@pytest.mark.parametrize("capacity", [1, 7])
def test_five_hundred_rivals_for_one_slot_take_exactly_its_seats(
    *, database, tenant_id, clock, owner_engine, rush_for, capacity, open_at_once
):
    salon = make_salon(database, tenant_id, now=clock.now(), capacity=capacity, days=1)
    slot = salon.slots()[0]
    outcomes = rush_for(salon, [slot], rivals=MANY, inside=open_at_once)  # the others wait for these connections
    assert races.refusals(outcomes) == {"SLOT_FULL": MANY - capacity}
    assert salon.slot(slot.id).held == capacity
    assert find_contradictions(owner_engine) == {}


@pytest.mark.pooled
@pytest.mark.parametrize(
    ("has_locks", "has_constraints"),
    [
        pytest.param(True, True, id="as it is"),
        pytest.param(True, False, id="the lock alone"),
        pytest.param(False, True, id="the constraints alone"),
        pytest.param(False, False, id="control: neither"),
    ],
)
@pytest.mark.parametrize("capacity", [1, 7])
def test_fifty_rivals_for_one_slot_with_and_without_its_guards(
    *, database, tenant_id, clock, owner_engine, rush_for, has_locks, has_constraints, capacity, open_at_once
):
    salon = make_salon(database, tenant_id, now=clock.now(), capacity=capacity, days=1)
    slot = salon.slots()[0]
    if not has_constraints:
        races.drop_seat_check(owner_engine)
        races.drop_exclusions(owner_engine)
    outcomes = rush_for(salon, [slot], rivals=FEW, inside=min(FEW, open_at_once), has_locks=has_locks)
    sold = FEW - races.refusals(outcomes).total()
    assert set(races.refusals(outcomes)) <= STOPPED
    assert salon.slot(slot.id).held == sold
    if has_locks:
        assert sold == capacity
    elif has_constraints:
        assert 1 <= sold <= capacity
    else:
        assert sold >= min(FEW, open_at_once) > capacity  # overbooked: whoever was inside has a seat
    is_sound = find_contradictions(owner_engine) == {}
    assert is_sound == (has_locks or has_constraints)


@pytest.mark.parametrize("has_exclusion", [AS_IT_IS, WITHOUT_EXCLUSION])
def test_several_services_of_one_person_at_overlapping_times(
    *, database, tenant_id, clock, owner_engine, rush_for, has_exclusion, open_at_once
):
    salon, slots = several_services(database, tenant_id, clock)
    assert [len({slot.service_id for slot in slots}), len({slot.staff_id for slot in slots})] == [3, 1]
    assert max(slot.starts_at for slot in slots) < min(slot.ends_at for slot in slots)
    if not has_exclusion:
        races.drop_exclusions(owner_engine)
    outcomes = rush_for(salon, slots, rivals=FEW, inside=min(FEW, open_at_once))
    sold = FEW - races.refusals(outcomes).total()
    assert set(races.refusals(outcomes)) == {"SLOT_FULL"}
    assert sum(salon.slot(slot.id).held for slot in slots) == sold == (1 if has_exclusion else len(slots))
    assert ("nobody is busy twice" in find_contradictions(owner_engine)) != has_exclusion


@pytest.mark.pooled
@pytest.mark.parametrize("has_exclusion", [AS_IT_IS, WITHOUT_EXCLUSION])
def test_many_people_and_a_few_chairs(
    *, database, tenant_id, clock, owner_engine, rush_for, has_exclusion, open_at_once
):
    chairs, people = 3, 24
    salon = make_salon(database, tenant_id, now=clock.now(), staff_names=[f"Мастер {n}" for n in range(people)], days=1)
    put_chairs(salon, chairs)
    slots = salon.slots()[:people]
    assert [len({slot.starts_at for slot in slots}), len({slot.staff_id for slot in slots})] == [1, people]
    if not has_exclusion:
        races.drop_exclusions(owner_engine)
    outcomes = rush_for(salon, slots, rivals=people, inside=min(people, open_at_once))
    sold = people - races.refusals(outcomes).total()
    assert sum(salon.slot(slot.id).held for slot in slots) == sold
    if has_exclusion:
        assert races.refusals(outcomes) == {"SLOT_FULL": people - chairs}
        assert find_contradictions(owner_engine) == {}
    else:
        assert sold > chairs
        assert "nobody is busy twice" in find_contradictions(owner_engine)


def several_services(database, tenant_id, clock):
    """One person who can do three services of different lengths, and a slot of each around 13:00 local time."""
    salon = make_salon(database, tenant_id, now=clock.now(), granularity_min=30, days=1)
    today = salon.now.date()
    with database.transaction(tenant_id) as session:
        every = [salon.service.id] + [
            make_service(session, now=salon.now, location_ids=[salon.location.id], name=name, duration_min=minutes).id
            for name, minutes in (("Чёлка", 30), ("Окрашивание", 120))
        ]
        skills = [Skill(service_id) for service_id in every]
        catalog.assign_skills(session, salon.staff[0].id, skills, actor=ACTOR, now=salon.now)
        availability.generate_slots(session, location_id=salon.location.id, from_on=today, to_on=today, now=salon.now)
    with database.read(tenant_id) as session:
        found = [free_slots(session, service_id=service_id, now=salon.now) for service_id in every]
    at = found[1][2].starts_at  # 13:00, thirty minutes
    return salon, [next(slot for slot in known if slot.starts_at <= at < slot.ends_at) for known in found]


def put_chairs(salon, number):
    """The salon's service needs a chair, of which there are so many."""
    say = {"actor": ACTOR, "now": salon.now}
    with salon.database.transaction(salon.tenant_id) as session:
        pool = catalog.create_resource_pool(session, ResourcePoolDetails(kind=PoolKind.CHAIR, name="Кресла"), **say)
        for name in range(number):
            details = ResourceDetails(location_id=salon.location.id, pool_id=pool.id, name=str(name))
            catalog.create_resource(session, details, **say)
        catalog.need_pools(session, salon.service.id, [pool.id], **say)
