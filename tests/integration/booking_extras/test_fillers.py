"""Several instances fill from one waiting list: no slot goes to two, nobody gets two; each with a negative control."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus
from salon.booking.waitlist import use_cases as waitlist
from salon.booking.waitlist.domain import WaitlistStatus
from salon.platform.errors import Refusal
from support.factories import ACTOR
from support.races import drop_exclusions, drop_row_locks, drop_seat_check, inside, race, rush

pytestmark = [pytest.mark.database, pytest.mark.concurrency]
HELD_OFFERS = "SELECT slot_id, client_id FROM bookings WHERE status = 'held' AND channel = 'waitlist'"


def held_offers(stage):
    return stage.act(lambda session: [tuple(row) for row in session.execute(text(HELD_OFFERS))])


def fill(stage):
    return stage.act(waitlist.fill_from_waitlist, now=stage.clock.now())


@pytest.fixture
def two_for_one(stage):
    """Two wait, one slot is free."""
    visits = stage.fill_day()
    waiting = [stage.join(), stage.join()]
    stage.cancel(visits[2])
    return visits[2].slot_id, waiting


@pytest.fixture
def one_for_two(stage):
    """One waits, two slots are free, two days apart; each filler is told of one of them."""
    for slot in stage.salon.slots():
        if slot.starts_at.day == 12 or slot.starts_at.hour > 9:  # all but 12:00 in Moscow on two of the three days
            stage.salon.book(slot.id, stage.salon.client())
    waiting = stage.join(to_at=stage.clock.now() + timedelta(days=3))
    free = stage.salon.slots()
    assert len(free) == 2

    def fill_at(slot):
        hint = {"location_id": slot.location_id, "from_at": slot.starts_at, "to_at": slot.ends_at}
        return stage.act(waitlist.fill_from_waitlist, **hint, now=stage.clock.now())

    return free, waiting, [lambda slot=slot: fill_at(slot) for slot in free]


def test_a_slot_is_offered_to_one(stage, two_for_one, owner_engine):
    slot_id, _ = two_for_one
    outcomes = rush(owner_engine, [slot_id], [lambda: fill(stage)] * 2, has_begun=inside(owner_engine, 2))
    assert sorted(outcome is not None for outcome in outcomes) == [False, True]
    assert [held for held, _ in held_offers(stage)] == [slot_id]
    stage.sound()


def test_control_without_locks_and_constraints_a_slot_is_offered_to_two(stage, two_for_one, engine, owner_engine):
    slot_id, waiting = two_for_one
    drop_row_locks(engine)
    drop_exclusions(owner_engine)
    drop_seat_check(owner_engine)
    rush(
        owner_engine,
        [slot_id],
        [lambda one=one: fill_other(stage, one) for one in waiting],
        has_begun=inside(owner_engine, 2),
    )
    assert [held for held, _ in held_offers(stage)] == [slot_id, slot_id]


def fill_other(stage, entry):
    return stage.act(waitlist.fill_entry, entry.id, now=stage.clock.now())


def test_an_entry_gets_one_offer(stage, one_for_two):
    _, waiting, fillers = one_for_two
    outcomes = race(*fillers * 4)
    assert len(held_offers(stage)) == sum(outcome is not None for outcome in outcomes) == 1
    assert stage.entry(waiting).status is WaitlistStatus.OFFERED
    stage.sound()


def test_control_without_its_lock_an_entry_gets_two_offers(stage, one_for_two, engine, owner_engine):
    free, _, fillers = one_for_two
    drop_row_locks(engine)
    rush(owner_engine, [slot.id for slot in free], fillers, has_begun=inside(owner_engine, 2))
    assert len(held_offers(stage)) == 2


def test_as_many_fillers_as_there_are_facts_offer_everything_once(stage):
    visits = stage.fill_day()
    waiting = [stage.join() for _ in range(5)]
    for visit in visits[:4]:
        stage.cancel(visit)

    def work():
        made = []
        while (offer := fill(stage)) is not None:
            made.append(offer)
        return made

    made = [offer for outcome in race(*[work] * 6) for offer in outcome]
    assert len({offer.slot.id for offer in made}) == len({offer.entry.id for offer in made}) == len(made) == 4
    assert [stage.entry(one).status is WaitlistStatus.OFFERED for one in waiting].count(True) == 4
    stage.sound()


def test_a_yes_and_a_no_at_once_have_one_outcome(stage, two_for_one):
    offer = fill(stage)
    now = stage.clock.now()
    race(
        lambda: stage.act(waitlist.accept_offer, offer.entry.id, actor=ACTOR, now=now),
        lambda: stage.act(waitlist.decline_offer, offer.entry.id, actor=ACTOR, now=now),
        lambda: stage.act(waitlist.leave_waitlist, offer.entry.id, actor=ACTOR, now=now),
    )
    ended = {BookingStatus.CONFIRMED: WaitlistStatus.BOOKED}
    status = stage.salon.booking(offer.booking_id).status
    assert stage.entry(offer.entry).status in {ended.get(status), WaitlistStatus.WAITING, WaitlistStatus.WITHDRAWN}
    assert (stage.entry(offer.entry).status is WaitlistStatus.BOOKED) is (status is BookingStatus.CONFIRMED)
    stage.sound()


class Walk:
    """A random day at the front desk."""

    def __init__(self, stage, seed):
        self.stage = stage
        self.chance = random.Random(seed)
        self.slots = stage.salon.slots(days=2)
        self.entries = []

    def step(self):
        steps = [self.join, self.book, self.book, self.cancel, self.answer, self.wait]
        with suppress(Refusal):  # what the day forbids is no step
            self.chance.choice(steps)()

    def join(self):
        self.entries.append(self.stage.join(day_from_min=self.chance.choice([None, 14 * 60])).id)

    def book(self):
        salon = self.stage.salon
        salon.book(self.chance.choice(self.slots).id, salon.client(), now=self.stage.clock.now())

    def cancel(self):
        query = text("SELECT id FROM bookings WHERE status IN ('held', 'confirmed') ORDER BY id")
        active = self.stage.act(lambda session: list(session.scalars(query)))
        if active:
            self.stage.cancel(self.stage.salon.booking(self.chance.choice(active)))

    def answer(self):
        answer = self.chance.choice([waitlist.accept_offer, waitlist.decline_offer, waitlist.leave_waitlist])
        if self.entries:
            self.stage.act(answer, self.chance.choice(self.entries), actor=ACTOR, now=self.stage.clock.now())

    def wait(self):
        self.stage.clock.advance(timedelta(minutes=self.chance.choice([3, 20, 45])))
        self.stage.act(booking.expire_holds, now=self.stage.clock.now())
        self.stage.act(waitlist.expire_entries, now=self.stage.clock.now())


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_an_open_offer_is_exactly_one_hold(stage, seed):
    walk = Walk(stage, seed)
    for number in range(40):
        walk.step()
        if walk.chance.random() < 0.6:
            stage.tell(seed=number)
            stage.sound()
    stage.tell()
    stage.sound()
    assert stage.facts("waitlist.offered"), "nothing was ever offered: the walk proves nothing"
