"""Whatever may happen to bookings at the same moment, on real connections; crowds for one slot are in test_crowds.

A control proves that the race is a race. If one fails, the test above it proves nothing any more.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from salon.availability import use_cases as availability
from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus, CancelReason
from salon.booking.errors import HoldExpired
from salon.platform.errors import DatabaseBusy
from support.consistency import find_contradictions
from support.factories import ACTOR, hold, make_client, make_salon
from support.races import drop_exclusions, inside, race, refusals

pytestmark = [pytest.mark.database, pytest.mark.concurrency]
RIVALS = 50


def make_clients(salon, number):
    with salon.database.transaction(salon.tenant_id) as session:
        return [make_client(session, now=salon.now, name=f"Клиент {index}").id for index in range(number)]


def test_rivals_for_overlapping_slots_of_one_person_get_one(database, tenant_id, clock, owner_engine):
    salon, slots = overlapping(database, tenant_id, clock)
    clients = make_clients(salon, RIVALS)
    attempts = [
        lambda client=client, slot=slot: salon.hold(slot.id, client)
        for client, slot in zip(clients, itertools.cycle(slots), strict=False)
    ]
    assert refusals(race(*attempts)) == {"SLOT_FULL": RIVALS - 1}
    assert sum(salon.slot(slot.id).held for slot in slots) == 1
    assert find_contradictions(owner_engine) == {}


def test_control_without_the_exclusion_a_person_is_in_four_places(database, tenant_id, clock, owner_engine):
    salon, slots = overlapping(database, tenant_id, clock)
    drop_exclusions(owner_engine)
    clients = make_clients(salon, len(slots))
    pairs = zip(clients, slots, strict=True)
    outcomes = race(*[lambda client=client, slot=slot: salon.hold(slot.id, client) for client, slot in pairs])
    assert refusals(outcomes) == {}
    assert "nobody is busy twice" in find_contradictions(owner_engine)


def overlapping(database, tenant_id, clock):
    """A salon with one person, and the four slots that share 12:45 to 13:00."""
    salon = make_salon(database, tenant_id, now=clock.now(), granularity_min=15, days=1)
    return salon, salon.slots()[:4]


def test_rivals_find_the_seats_of_holds_that_ran_out(database, tenant_id, clock, owner_engine):
    salon = make_salon(database, tenant_id, now=clock.now(), granularity_min=30, days=1)
    slots = salon.slots()
    for slot in slots[::2]:  # every second one: the whole afternoon is taken
        salon.hold(slot.id, salon.client())
    later = salon.now + timedelta(minutes=10)
    clients = make_clients(salon, 24)
    attempts = [
        lambda client=client, slot=slot: salon.hold(slot.id, client, now=later)
        for client, slot in zip(clients, itertools.cycle(slots), strict=False)
    ]
    outcomes = race(*attempts)
    assert set(refusals(outcomes)) == {"SLOT_FULL"}
    assert {salon.slot(slot.id).held for slot in slots} == {0, 1}
    assert find_contradictions(owner_engine) == {}


def test_one_client_tapping_at_once_has_one_hold(database, tenant_id, clock, owner_engine):
    salon = make_salon(database, tenant_id, now=clock.now(), capacity=5, days=1)
    slot, client = salon.slots()[0], salon.client()
    outcomes = race(*[lambda: salon.hold(slot.id, client)] * 10)
    assert len({held.id for held in outcomes}) == 1
    assert salon.slot(slot.id).held == 1
    assert find_contradictions(owner_engine) == {}


def test_confirm_cancel_and_expiry_at_once_agree(database, tenant_id, clock, owner_engine):
    salon = make_salon(database, tenant_id, now=clock.now(), days=3)
    at_the_end = salon.now + timedelta(minutes=10)
    for slot in salon.slots()[:6]:
        held = salon.hold(slot.id, salon.client())

        def confirm(held=held):
            with database.transaction(tenant_id) as session:
                return booking.confirm_booking(session, held.id, actor=ACTOR, now=salon.now)

        def cancel(held=held):
            with database.transaction(tenant_id) as session:
                return booking.cancel_booking(session, held.id, reason=CancelReason.CLIENT, actor=ACTOR, now=salon.now)

        def expire():
            with database.transaction(tenant_id) as session:
                return booking.expire_holds(session, now=at_the_end)

        race(confirm, cancel, expire, confirm)
        assert salon.booking(held.id).status in {
            BookingStatus.CONFIRMED,
            BookingStatus.CANCELLED,
            BookingStatus.EXPIRED,
        }
        assert find_contradictions(owner_engine) == {}


def test_two_who_want_each_other_s_time_do_not_wait_for_ever(database, tenant_id, clock, owner_engine):
    salon = make_salon(database, tenant_id, now=clock.now(), days=1)
    first, second, *_ = salon.slots()
    mine, theirs = salon.book(first.id, salon.client()), salon.book(second.id, salon.client())

    def move(booking_id, slot_id):
        with database.transaction(tenant_id) as session:
            return booking.reschedule_booking(session, booking_id, slot_id=slot_id, actor=ACTOR, now=salon.now)

    outcomes = race(lambda: move(mine.id, second.id), lambda: move(theirs.id, first.id))
    assert outcomes == ["SLOT_FULL", "SLOT_FULL"]
    assert find_contradictions(owner_engine) == {}


def test_a_booking_that_moves_while_it_is_cancelled_asks_to_try_again(database, tenant_id, clock, owner_engine):
    salon = make_salon(database, tenant_id, now=clock.now(), days=1)
    first, second, *_ = salon.slots()
    booked = salon.book(first.id, salon.client())

    def cancel():
        with database.transaction(tenant_id) as session:
            booking.cancel_booking(session, booked.id, reason=CancelReason.CLIENT, actor=ACTOR, now=salon.now)

    is_waiting = inside(owner_engine, 1)
    with ThreadPoolExecutor(1) as pool:
        with database.transaction(tenant_id) as session:
            booking.reschedule_booking(session, booked.id, slot_id=second.id, actor=ACTOR, now=salon.now)
            cancelling = pool.submit(cancel)
            while not is_waiting():
                pass  # it has read the old slot and waits for it
        with pytest.raises(DatabaseBusy, match="moved meanwhile"):
            cancelling.result()
    cancel()
    assert salon.booking(booked.id).status is BookingStatus.CANCELLED
    assert find_contradictions(owner_engine) == {}


def test_generation_and_holds_at_once_lose_nothing(database, tenant_id, clock, owner_engine):
    salon = make_salon(database, tenant_id, now=clock.now(), days=1)
    slots, clients = salon.slots(), make_clients(salon, 6)
    today = salon.now.date()
    with database.transaction(tenant_id) as session:
        for rule in availability.list_rules(session, salon.location.id):
            availability.remove_rule(session, rule.id, actor=ACTOR, now=salon.now)

    def generate():
        with database.transaction(tenant_id) as session:
            return availability.generate_slots(
                session, location_id=salon.location.id, from_on=today, to_on=today, now=salon.now
            )

    holds = [
        lambda slot=slot, client=client: salon.hold(slot.id, client)
        for slot, client in zip(slots, clients, strict=True)
    ]
    outcomes = race(generate, *holds, generate)
    assert set(refusals(outcomes)) <= {"SLOT_NOT_FOUND", "SLOT_NOT_OFFERED"}
    held = [outcome for outcome in outcomes[1:-1] if not isinstance(outcome, str)]
    assert {salon.booking(one.id) for one in held} == set(held)
    assert find_contradictions(owner_engine) == {}


def test_a_hold_cannot_be_confirmed_after_somebody_else_has_the_time(database, tenant_id, clock, owner_engine):
    salon = make_salon(database, tenant_id, now=clock.now(), days=1)
    slot = salon.slots()[0]
    late = salon.hold(slot.id, salon.client())
    at_ten = salon.now + timedelta(minutes=10)
    rival = salon.client()

    def confirm():
        with database.transaction(tenant_id) as session:
            return booking.confirm_booking(session, late.id, actor=ACTOR, now=at_ten)

    outcomes = race(confirm, lambda: salon.hold(slot.id, rival, now=at_ten))
    assert outcomes[0] == HoldExpired.code
    assert outcomes[1].client_id == rival
    assert find_contradictions(owner_engine) == {}


def test_the_helpers_of_this_file_hold_like_everybody(database, tenant_id, clock):
    """`race` must not swallow what is no refusal."""
    salon = make_salon(database, tenant_id, now=clock.now(), days=1)
    with pytest.raises(ZeroDivisionError):
        race(lambda: 1 / 0, lambda: None)
    with database.transaction(tenant_id) as session:
        client_id = make_client(session, now=salon.now).id
        assert hold(session, slot_id=salon.slots()[0].id, client_id=client_id, now=salon.now).client_id == client_id
