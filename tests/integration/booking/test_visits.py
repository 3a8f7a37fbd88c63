"""Several services in a row: found, held, agreed and given up together."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from salon.availability import use_cases as availability
from salon.availability.errors import SlotAlreadyTaken
from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus, CancelReason, NextStep, VisitWish
from salon.booking.errors import (
    AlreadyBooked,
    BookingAlreadyCancelled,
    HoldExpired,
    PaymentRequired,
    VisitNotFound,
    VisitSenseless,
)
from salon.catalog import use_cases as catalog
from salon.catalog.domain import (
    PoolKind,
    ResourceDetails,
    ResourcePoolDetails,
    ServiceOptionDetails,
    Skill,
)
from salon.identity.domain import Actor, ActorKind
from salon.platform.money import Money
from support.consistency import find_contradictions
from support.factories import ACTOR, make_price_list, make_salon, make_service
from support.races import race

pytestmark = pytest.mark.database
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def consistent(owner_engine):
    yield
    assert find_contradictions(owner_engine) == {}


@pytest.fixture
def salon(database, tenant_id, clock):
    """Anna cuts, Boris cuts; today and tomorrow from 12:00 to 18:00, starts every half hour."""
    return make_salon(database, tenant_id, now=clock.now(), staff_names=("Анна", "Борис"), granularity_min=30, days=2)


@pytest.fixture
def nails(salon, act):
    """A service of half an hour with ten minutes of cleaning; only Anna does it."""
    made = act(
        make_service,
        now=salon.now,
        location_ids=[salon.location.id],
        name="Маникюр",
        duration_min=30,
        buffer_after_min=10,
    )
    skills = [Skill(salon.service.id), Skill(made.id)]
    act(catalog.assign_skills, salon.staff[0].id, skills, actor=ACTOR, now=salon.now)
    generate(salon, act)
    return made


def generate(salon, act):
    today = salon.now.date()
    days = {"from_on": today, "to_on": today + timedelta(days=1)}
    act(availability.generate_slots, location_id=salon.location.id, now=salon.now, **days)


@pytest.fixture
def find(salon, act):
    def call(*wishes, **more):
        window = {"from_at": salon.now, "to_at": salon.now + timedelta(days=2), "now": salon.now}
        return act(booking.find_visit_offers, wishes=wishes, location_id=salon.location.id, **(window | more))

    return call


@pytest.fixture
def hold(salon, act):
    def call(slots, client_id, **more):
        more = {"actor": ACTOR, "now": salon.now, "channel": "site"} | more
        return act(booking.hold_visit, slot_ids=[slot.id for slot in slots], client_id=client_id, **more)

    return call


def bookings(owner_engine):
    with owner_engine.connect() as owner:
        return list(owner.scalars(text("SELECT status FROM bookings ORDER BY starts_at, id")))


class TestFinding:
    def test_the_services_follow_without_waiting(self, salon, nails, find):
        offers = find(VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        assert len(offers) == 3
        for offer in offers:
            cut, then = offer.slots
            assert (cut.service_id, then.service_id, offer.wait) == (salon.service.id, nails.id, timedelta())
        assert all(after.starts_at - before.starts_at >= HALF_AN_HOUR for before, after in pairwise(offers))

    def test_one_person_needs_her_time_in_between(self, salon, nails, find):
        anna = salon.staff[0].id
        offers = find(
            VisitWish(service_id=nails.id, staff_id=anna), VisitWish(service_id=salon.service.id, staff_id=anna)
        )
        assert {offer.wait for offer in offers} == {HALF_AN_HOUR}  # ten minutes of cleaning, starts every half hour
        assert {slot.staff_id for offer in offers for slot in offer.slots} == {anna}

    def test_in_another_order_when_the_client_does_not_mind(self, salon, nails, find):
        anna = salon.staff[0].id
        first = salon.slots()[0].starts_at
        for slot in salon.slots():
            if slot.staff_id == anna and slot.starts_at > first + HALF_AN_HOUR and slot.starts_at.minute == 0:
                salon.hold(slot.id, salon.client())  # what is left of Anna is the first half hour
        wishes = (VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        assert find(*wishes) == []
        (offer,) = find(*wishes, any_order=True)
        assert [slot.service_id for slot in offer.slots] == [nails.id, salon.service.id]
        assert (offer.starts_at, offer.wait) == (first, timedelta())

    def test_options_make_room_for_themselves(self, salon, act, nails, find):
        details = ServiceOptionDetails(name="Длинные", extra_min=30)
        option = act(catalog.create_option, salon.service.id, details, actor=ACTOR, now=salon.now)
        long_cut = VisitWish(service_id=salon.service.id, option_ids=(option.id,))
        for offer in find(long_cut, VisitWish(service_id=nails.id)):
            cut, then = offer.slots
            assert then.starts_at == cut.ends_at + HALF_AN_HOUR == offer.links[0].ends_at

    def test_no_wish_is_no_visit(self, find):
        with pytest.raises(VisitSenseless):
            find()


class TestHolding:
    def test_all_of_it_is_held_and_one_confirmation_confirms_all(self, salon, act, nails, find, hold):
        act(make_price_list, now=salon.now, prices={(salon.service.id, None): 250_000, (nails.id, None): 150_000})
        (offer, *_) = find(VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        visit = hold(offer.slots, salon.client(), note="Вдвоём")
        assert [(one.visit_id, one.visit_position) for one in visit.bookings] == [(visit.id, 0), (visit.id, 1)]
        assert (visit.price, visit.next_step) == (Money(400_000), NextStep.CONFIRM)
        assert (visit.starts_at, visit.ends_at) == (offer.starts_at, offer.ends_at)
        assert [one.has_note for one in visit.bookings] == [True, False]
        assert act(booking.get_visit, visit.id) == visit
        act(booking.confirm_booking, visit.bookings[1].id, actor=ACTOR, now=salon.now)
        confirmed = act(booking.confirm_visit, visit.id, actor=ACTOR, now=salon.now)
        assert [one.status for one in confirmed.bookings] == [BookingStatus.CONFIRMED] * 2
        assert [one.version for one in confirmed.bookings] == [2, 2]

    def test_a_second_tap_finds_the_visit(self, salon, nails, find, hold, act):
        (offer, *_) = find(VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        client_id = salon.client()
        visit = hold(offer.slots, client_id)
        assert visit.price is None  # no list says what it costs
        assert hold(offer.slots, client_id) == visit
        act(booking.confirm_visit, visit.id, actor=ACTOR, now=salon.now)
        with pytest.raises(AlreadyBooked):
            hold(offer.slots, client_id)

    def test_a_lone_hold_of_one_of_them_becomes_part_of_it(self, salon, nails, find, hold):
        (offer, *_) = find(VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        client_id = salon.client()
        alone = salon.hold(offer.slots[0].id, client_id)
        visit = hold(offer.slots, client_id)
        assert salon.booking(alone.id).status is BookingStatus.CANCELLED
        assert len(visit.bookings) == 2

    def test_all_or_nothing_and_the_transaction_goes_on(self, salon, nails, find, owner_engine):
        wishes = (VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        (first, *_) = find(*wishes)
        salon.hold(first.slots[1].id, salon.client())
        (*_, last) = find(*wishes)
        client_id = salon.client()
        with salon.database.transaction(salon.tenant_id) as session:
            making = {"client_id": client_id, "channel": "site", "actor": ACTOR, "now": salon.now}
            with pytest.raises(SlotAlreadyTaken):
                booking.hold_visit(session, slot_ids=[slot.id for slot in first.slots], **making)
            booking.hold_visit(session, slot_ids=[slot.id for slot in last.slots], **making)
        assert len(bookings(owner_engine)) == 3
        assert salon.slot(first.slots[0].id).taken == 0

    def test_stale_holds_make_room_for_all_of_it(self, salon, nails, find, hold):
        (offer, *_) = find(VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        stale = [salon.hold(slot.id, salon.client()) for slot in offer.slots]
        later = salon.now + timedelta(minutes=10)
        visit = hold(offer.slots, salon.client(), now=later)
        assert {salon.booking(one.id).status for one in stale} == {BookingStatus.EXPIRED}
        assert len(visit.bookings) == 2

    def test_nobody_sits_in_two_chairs(self, salon, hold):
        cut = salon.slots()[0]
        for slots in ([cut, cut], [], [cut] * 6):
            with pytest.raises(VisitSenseless):
                hold(slots, salon.client())
        with pytest.raises(VisitSenseless):
            hold([cut], salon.client(), option_ids=[(), ()])

    def test_each_service_claims_a_chair_of_its_own(self, *, salon, act, nails, find, hold, owner_engine):
        pool = act(
            catalog.create_resource_pool,
            ResourcePoolDetails(kind=PoolKind.CHAIR, name="Кресла"),
            actor=ACTOR,
            now=salon.now,
        )
        details = ResourceDetails(location_id=salon.location.id, pool_id=pool.id, name="Кресло 1")
        chair = act(catalog.create_resource, details, actor=ACTOR, now=salon.now)
        for service_id in (salon.service.id, nails.id):
            act(catalog.need_pools, service_id, [pool.id], actor=ACTOR, now=salon.now)
        (offer, *_) = find(VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        visit = hold(offer.slots, salon.client())
        with owner_engine.connect() as owner:
            claimed = owner.execute(
                text("SELECT booking_id, resource_id FROM busy_intervals WHERE resource_kind = 'chair'")
            ).all()
        assert {(one.id, chair.id) for one in visit.bookings} == {tuple(row) for row in claimed}

    def test_a_deposit_of_any_part_holds_up_all_of_it(self, salon, act, nails, find, hold):
        act(make_price_list, now=salon.now, prices={(salon.service.id, None): 250_000, (nails.id, None): 150_000})
        terms = {"kind": "fixed", "amount_minor": 50_000, "service_ids": [str(nails.id)]}
        act(booking.change_policy, {"deposit": terms}, actor=ACTOR, now=salon.now)
        client_id = salon.client()
        (offer, *_) = find(VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        visit = hold(offer.slots, client_id, actor=Actor(ActorKind.CLIENT, str(client_id)))
        assert visit.next_step is NextStep.PAY
        with pytest.raises(PaymentRequired):
            act(booking.confirm_booking, visit.bookings[0].id, actor=ACTOR, now=salon.now)
        assert salon.booking(visit.bookings[0].id).status is BookingStatus.HELD


class TestGivingUp:
    def test_what_is_ahead_of_it_is_cancelled(self, salon, act, nails, find, hold):
        (offer, *_) = find(VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        visit = hold(offer.slots, salon.client())
        act(booking.confirm_visit, visit.id, actor=ACTOR, now=salon.now)
        act(booking.complete_booking, visit.bookings[0].id, actor=ACTOR, now=visit.bookings[0].ends_at)
        cancel = {"reason": CancelReason.CLIENT, "actor": ACTOR, "now": visit.bookings[0].ends_at}
        gone = act(booking.cancel_visit, visit.id, **cancel)
        assert [one.status for one in gone.bookings] == [BookingStatus.COMPLETED, BookingStatus.CANCELLED]
        assert salon.slot(offer.slots[1].id).taken == 0

    def test_twice_is_once_too_often(self, salon, act, nails, find, hold):
        (offer, *_) = find(VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        visit = hold(offer.slots, salon.client())
        cancel = {"reason": CancelReason.CLIENT, "actor": ACTOR, "now": salon.now}
        act(booking.cancel_visit, visit.id, **cancel)
        with pytest.raises(BookingAlreadyCancelled):
            act(booking.cancel_visit, visit.id, **cancel)
        with pytest.raises(VisitNotFound):
            act(booking.get_visit, salon.tenant_id)

    def test_one_of_it_may_be_given_up_alone(self, salon, act, nails, find, hold):
        (offer, *_) = find(VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        visit = hold(offer.slots, salon.client())
        act(booking.cancel_booking, visit.bookings[0].id, reason=CancelReason.CLIENT, actor=ACTOR, now=salon.now)
        left = act(booking.confirm_visit, visit.id, actor=ACTOR, now=salon.now)
        assert [one.status for one in left.bookings] == [BookingStatus.CANCELLED, BookingStatus.CONFIRMED]

    def test_after_the_hold_ran_out_nothing_of_it_is_confirmed(self, *, salon, act, nails, find, hold, owner_engine):
        (offer, *_) = find(VisitWish(service_id=salon.service.id), VisitWish(service_id=nails.id))
        visit = hold(offer.slots, salon.client())
        with pytest.raises(HoldExpired):
            act(booking.confirm_visit, visit.id, actor=ACTOR, now=salon.now + timedelta(minutes=10))
        assert bookings(owner_engine) == ["held", "held"]


def test_a_part_is_not_moved_onto_another(salon, act, nails, find, hold):
    client_id = salon.client()
    chain = next(one.slots for one in find(VisitWish(service_id=nails.id), VisitWish(service_id=salon.service.id)))
    for_boris = [slot for slot in salon.slots() if slot.staff_id == salon.staff[1].id]
    visit = hold(chain, client_id)
    first, second = visit.bookings
    moving = {"actor": Actor(ActorKind.CLIENT, str(client_id)), "now": salon.now}
    onto = next(slot for slot in for_boris if slot.starts_at <= first.starts_at < slot.ends_at)
    for actor in (moving["actor"], ACTOR):
        with pytest.raises(VisitSenseless):
            act(booking.reschedule_booking, second.id, slot_id=onto.id, actor=actor, now=salon.now)
    after = next(slot for slot in for_boris if slot.starts_at >= first.ends_at and slot.id != second.slot_id)
    assert act(booking.reschedule_booking, second.id, slot_id=after.id, **moving).slot_id == after.id


@pytest.mark.concurrency
def test_rivals_for_crossing_visits_neither_deadlock_nor_share(salon, nails, find, database, owner_engine):
    """Each wants the same slots in another order of ids, and one of them confirms meanwhile."""
    offers = find(
        VisitWish(service_id=salon.service.id),
        VisitWish(service_id=nails.id),
        limit=8,
        max_gap_min=120,
    )
    clients = [salon.client() for _ in offers for _ in range(2)]

    def attempt(offer, client_id):
        with database.transaction(salon.tenant_id) as session:
            visit = booking.hold_visit(
                session,
                slot_ids=[slot.id for slot in offer.slots],
                client_id=client_id,
                channel="site",
                actor=ACTOR,
                now=salon.now,
            )
        with database.transaction(salon.tenant_id) as session:
            return booking.confirm_visit(session, visit.id, actor=ACTOR, now=salon.now)

    pairs = zip([*offers, *offers], clients, strict=True)
    outcomes = race(*[lambda offer=offer, client=client: attempt(offer, client) for offer, client in pairs])
    won = [outcome for outcome in outcomes if not isinstance(outcome, str)]
    assert won
    assert {outcome for outcome in outcomes if isinstance(outcome, str)} <= {"SLOT_FULL"}
    assert bookings(owner_engine) == ["confirmed"] * (2 * len(won))
