"""What a hold finds when it has waited for a lock: the world has changed since it looked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from salon.availability.errors import SlotNotFound
from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus, CancelReason
from salon.booking.errors import AlreadyBooked, TooManyBookings
from salon.identity.domain import Actor, ActorKind
from support.consistency import find_contradictions
from support.factories import ACTOR, hold, make_salon

pytestmark = [pytest.mark.database, pytest.mark.concurrency]


@pytest.fixture
def meanwhile(database, tenant_id, owner_engine):
    """Do the first in a transaction that commits only once the second waits for it; what the second gives."""

    def is_anybody_waiting():
        query = text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        with owner_engine.connect() as owner:
            return owner.scalar(query) > 0

    def run(first, second):
        def in_its_own_transaction():
            with database.transaction(tenant_id) as session:
                return second(session)

        with ThreadPoolExecutor(1) as pool:
            with database.transaction(tenant_id) as session:
                done = first(session)
                waiting = pool.submit(in_its_own_transaction)
                while not (is_anybody_waiting() or waiting.done()):
                    pass
                assert not waiting.done()
            return done, waiting.result()

    yield run
    assert find_contradictions(owner_engine) == {}


@pytest.mark.parametrize("capacity", [1, 3], ids=["alone", "in a group"])
def test_two_taps_at_the_same_moment_are_one_hold(database, tenant_id, clock, meanwhile, capacity):
    salon = make_salon(database, tenant_id, now=clock.now(), capacity=capacity, days=1)
    slot, client_id = salon.slots()[0], salon.client()

    def tap(session):
        return hold(session, slot_id=slot.id, client_id=client_id, now=salon.now)

    first, second = meanwhile(tap, tap)
    assert first == second
    assert salon.slot(slot.id).held == 1


def test_what_was_confirmed_meanwhile_is_not_held_again(database, tenant_id, clock, meanwhile):
    salon = make_salon(database, tenant_id, now=clock.now(), capacity=3, days=1)
    slot, client_id = salon.slots()[0], salon.client()

    def tap(session):
        return hold(session, slot_id=slot.id, client_id=client_id, now=salon.now)

    def book(session):
        return booking.confirm_booking(session, tap(session).id, actor=ACTOR, now=salon.now)

    with pytest.raises(AlreadyBooked):
        meanwhile(book, tap)
    assert (salon.slot(slot.id).booked, salon.slot(slot.id).held) == (1, 0)


def test_what_was_given_up_meanwhile_is_held_anew(database, tenant_id, clock, meanwhile):
    salon = make_salon(database, tenant_id, now=clock.now(), days=1)
    slot, client_id = salon.slots()[0], salon.client()
    held = salon.hold(slot.id, client_id)

    def cancel(session):
        return booking.cancel_booking(session, held.id, reason=CancelReason.CLIENT, actor=ACTOR, now=salon.now)

    def tap(session):
        return hold(session, slot_id=slot.id, client_id=client_id, now=salon.now)

    gone, anew = meanwhile(cancel, tap)
    assert gone.status is BookingStatus.CANCELLED
    assert (anew.status, anew.id != held.id) == (BookingStatus.HELD, True)


def test_a_slot_that_went_meanwhile_is_not_there(database, tenant_id, clock, meanwhile):
    salon = make_salon(database, tenant_id, now=clock.now(), days=1)
    slot, client_id = salon.slots()[0], salon.client()

    def remove(session):
        session.execute(text("DELETE FROM slot_instances WHERE id = :id"), {"id": slot.id})

    with pytest.raises(SlotNotFound):
        meanwhile(remove, lambda session: hold(session, slot_id=slot.id, client_id=client_id, now=salon.now))


def test_confirming_waits_for_the_cancellation_and_sees_it(database, tenant_id, clock, meanwhile):
    salon = make_salon(database, tenant_id, now=clock.now(), days=1)
    held = salon.hold(salon.slots()[0].id, salon.client())

    def confirm(session):
        return booking.confirm_booking(session, held.id, actor=ACTOR, now=salon.now)

    confirmed, cancelled = meanwhile(
        confirm,
        lambda session: booking.cancel_booking(
            session, held.id, reason=CancelReason.CLIENT, actor=ACTOR, now=salon.now
        ),
    )
    assert (confirmed.version, cancelled.version, cancelled.confirmed_at) == (2, 3, salon.now)


def test_so_many_visits_ahead_hold_for_two_at_once_too(database, tenant_id, clock, meanwhile):
    """Two different slots: no lock but the one on the client makes them wait for each other."""
    salon = make_salon(database, tenant_id, now=clock.now(), days=1)
    client_id = salon.client()
    with database.transaction(tenant_id) as session:
        booking.change_policy(session, {"max_active_per_client": 1}, actor=ACTOR, now=salon.now)
    first, second, *_ = salon.slots()

    def tap(slot):
        return lambda session: booking.hold_slot(
            session,
            slot_id=slot.id,
            client_id=client_id,
            channel="site",
            actor=Actor(ActorKind.CLIENT, str(client_id)),
            now=salon.now,
        )

    with pytest.raises(TooManyBookings):
        meanwhile(tap(first), tap(second))
