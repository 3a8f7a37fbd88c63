"""Cancelling, restoring, moving, expiring and closing bookings."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.availability import use_cases as availability
from salon.availability.domain import SlotStatus
from salon.availability.errors import SlotAlreadyTaken, SlotNotFound
from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus, CancelReason
from salon.booking.errors import (
    AlreadyBooked,
    BookingAlreadyCancelled,
    BookingNotOpen,
    BookingNotRestorable,
    HoldExpired,
    OtherService,
    SlotInThePast,
    VisitNotBegun,
)
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Skill
from salon.platform.money import Money
from support.consistency import find_contradictions
from support.factories import ACTOR, free_slots, make_price_list, make_salon, make_service
from support.fixtures import make_tenant

pytestmark = [pytest.mark.database, pytest.mark.pooled]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def consistent(owner_engine):
    """Whatever a test does, nothing may contradict itself afterwards."""
    yield
    assert find_contradictions(owner_engine) == {}


@pytest.fixture
def cancel(salon, act):
    def call(booking_id, now=None):
        return act(booking.cancel_booking, booking_id, reason=CancelReason.CLIENT, actor=ACTOR, now=now or salon.now)

    return call


@pytest.fixture
def move(salon, act):
    def call(booking_id, slot_id, now=None):
        return act(booking.reschedule_booking, booking_id, slot_id=slot_id, actor=ACTOR, now=now or salon.now)

    return call


def facts(owner_engine, kind):
    with owner_engine.connect() as connection:
        return list(connection.scalars(text("SELECT payload FROM outbox WHERE kind = :kind"), {"kind": kind}))


class TestCancelAndRestore:
    def test_a_seat_is_free_at_once_and_may_be_taken_back(self, salon, act, cancel, owner_engine):
        slot = salon.slots()[0]
        booked = salon.book(slot.id, salon.client())
        cancelled = cancel(booked.id)
        assert (cancelled.status, cancelled.cancel_reason) == (BookingStatus.CANCELLED, CancelReason.CLIENT)
        assert salon.slot(slot.id).status is SlotStatus.OPEN
        with pytest.raises(BookingAlreadyCancelled):
            cancel(booked.id)
        restored = act(booking.restore_booking, booked.id, actor=ACTOR, now=salon.now)
        assert (restored.status, restored.cancelled_at, restored.version) == (BookingStatus.CONFIRMED, None, 4)
        assert salon.slot(slot.id).booked == 1
        (told,) = facts(owner_engine, "booking.cancelled")
        assert (told["reason"], told["was_confirmed"]) == ("client", True)
        assert len(facts(owner_engine, "booking.restored")) == 1

    def test_the_same_client_may_book_the_slot_anew(self, salon, act, cancel):
        slot, client_id = salon.slots()[0], salon.client()
        first = salon.book(slot.id, client_id)
        cancel(first.id)
        second = salon.book(slot.id, client_id)
        assert second.id != first.id
        with pytest.raises(AlreadyBooked):
            act(booking.restore_booking, first.id, actor=ACTOR, now=salon.now)

    def test_what_somebody_else_has_is_not_taken_back(self, salon, act, cancel):
        slot = salon.slots()[0]
        first = salon.book(slot.id, salon.client())
        cancel(first.id)
        salon.hold(slot.id, salon.client())
        with pytest.raises(SlotAlreadyTaken):
            act(booking.restore_booking, first.id, actor=ACTOR, now=salon.now)
        after_the_hold = salon.now + timedelta(minutes=10)
        assert act(booking.restore_booking, first.id, actor=ACTOR, now=after_the_hold).status == "confirmed"

    def test_only_agreements_that_lie_ahead_come_back(self, salon, act, cancel):
        held = salon.hold(salon.slots()[0].id, salon.client())
        with pytest.raises(BookingNotOpen):
            act(booking.restore_booking, held.id, actor=ACTOR, now=salon.now)
        cancel(held.id)
        with pytest.raises(BookingNotRestorable):
            act(booking.restore_booking, held.id, actor=ACTOR, now=salon.now)

    def test_a_slot_that_is_gone_does_not_come_back(self, salon, act, cancel):
        booked = salon.book(salon.slots()[0].id, salon.client())
        cancel(booked.id)
        (rule,) = act(availability.list_rules, salon.location.id)
        act(availability.remove_rule, rule.id, actor=ACTOR, now=salon.now)
        today = salon.now.date()
        act(availability.generate_slots, location_id=salon.location.id, from_on=today, to_on=today, now=salon.now)
        with pytest.raises(SlotNotFound):
            act(booking.restore_booking, booked.id, actor=ACTOR, now=salon.now)


class TestReschedule:
    def test_the_booking_stays_and_its_slot_changes(self, salon, act, move, owner_engine):
        first, *_, last = salon.slots()
        booked = salon.book(first.id, salon.client())
        moved = move(booked.id, last.id)
        assert (moved.id, moved.status, moved.slot_id, moved.starts_at) == (
            booked.id,
            BookingStatus.CONFIRMED,
            last.id,
            last.starts_at,
        )
        assert (salon.slot(first.id).booked, salon.slot(last.id).booked) == (0, 1)
        assert [change.slot_id for change in act(booking.list_history, booked.id)] == [first.id, first.id, last.id]
        (told,) = facts(owner_engine, "booking.rescheduled")
        assert told["old_starts_at"] == "2026-03-11T09:00:00Z"
        assert told["old_staff_id"] == str(first.staff_id)

    def test_its_own_time_is_never_in_its_way(self, database, tenant_id, clock):
        salon = make_salon(database, tenant_id, now=clock.now(), duration_min=120, granularity_min=60, days=1)
        first, overlapping, *_ = salon.slots()
        booked = salon.book(first.id, salon.client())
        with database.transaction(tenant_id) as session:
            moved = booking.reschedule_booking(session, booked.id, slot_id=overlapping.id, actor=ACTOR, now=salon.now)
        assert moved.starts_at == first.starts_at + HOUR
        with database.transaction(tenant_id) as session:
            back = booking.reschedule_booking(session, booked.id, slot_id=first.id, actor=ACTOR, now=salon.now)
        assert back.starts_at == first.starts_at

    def test_a_refusal_keeps_the_old_time_and_the_transaction(self, database, tenant_id, clock):
        salon = make_salon(database, tenant_id, now=clock.now(), duration_min=120, granularity_min=60, days=1)
        first, _, third, *_ = salon.slots()
        mine, theirs = salon.book(first.id, salon.client()), salon.book(third.id, salon.client())
        # the slot between is free, but its second half belongs to somebody else
        with database.transaction(tenant_id) as session:
            between = availability.list_rules(session, salon.location.id) and first.starts_at + HOUR
            slot_id = session.execute(
                text("SELECT id FROM slot_instances WHERE starts_at = :at"), {"at": between}
            ).scalar_one()
            with pytest.raises(SlotAlreadyTaken):
                booking.reschedule_booking(session, mine.id, slot_id=slot_id, actor=ACTOR, now=salon.now)
            with pytest.raises(SlotAlreadyTaken):
                booking.reschedule_booking(session, mine.id, slot_id=third.id, actor=ACTOR, now=salon.now)
            assert booking.get_booking(session, mine.id) == mine
        assert salon.booking(mine.id) == mine
        assert salon.booking(theirs.id) == theirs
        assert (salon.slot(first.id).booked, salon.slot(slot_id).booked) == (1, 0)

    def test_a_hold_keeps_its_expiry(self, salon, move):
        first, *_, last = salon.slots()
        held = salon.hold(first.id, salon.client())
        moved = move(held.id, last.id, now=salon.now + timedelta(minutes=5))
        assert (moved.status, moved.hold_expires_at) == (BookingStatus.HELD, held.hold_expires_at)
        with pytest.raises(HoldExpired):
            move(held.id, first.id, now=salon.now + timedelta(minutes=10))

    def test_moving_to_the_same_slot_changes_nothing(self, salon, move):
        booked = salon.book(salon.slots()[0].id, salon.client())
        assert move(booked.id, booked.slot_id) == booked

    def test_the_agreed_price_stays_with_the_same_person_and_changes_with_another(self, salon, act, move):
        anna, boris = salon.staff
        prices = {(salon.service.id, None): 250_000}
        act(make_price_list, now=salon.now, prices=prices)
        of_anna = [slot for slot in salon.slots() if slot.staff_id == anna.id]
        of_boris = [slot for slot in salon.slots() if slot.staff_id == boris.id]
        booked = salon.book(of_anna[0].id, salon.client())
        dearer = {(salon.service.id, None): 300_000}
        act(make_price_list, now=salon.now, prices=dearer, valid_from=salon.now.date())
        assert move(booked.id, of_anna[1].id).price == Money(250_000)
        assert move(booked.id, of_boris[2].id).price == Money(300_000)

    def test_within_a_group_and_out_of_it(self, database, tenant_id, clock):
        salon = make_salon(database, tenant_id, now=clock.now(), capacity=2, days=1)
        first, second, *_ = salon.slots()
        one, _ = salon.book(first.id, salon.client()), salon.book(first.id, salon.client())
        with database.transaction(tenant_id) as session:
            booking.reschedule_booking(session, one.id, slot_id=second.id, actor=ACTOR, now=salon.now)
        assert (salon.slot(first.id).booked, salon.slot(second.id).booked) == (1, 1)

    def test_what_makes_no_sense_is_refused(self, salon, act, move, cancel):
        first, second, *_ = salon.slots()
        client_id = salon.client()
        booked = salon.book(first.id, client_id)
        with pytest.raises(SlotNotFound):
            move(booked.id, UUID(int=404))
        with pytest.raises(SlotInThePast):
            move(booked.id, second.id, now=first.starts_at)
        salon.book(second.id, client_id)
        with pytest.raises(AlreadyBooked):
            move(booked.id, second.id)
        colour = act(make_service, now=salon.now, location_ids=[salon.location.id], name="Окрашивание")
        skills = [Skill(salon.service.id), Skill(colour.id)]
        act(catalog.assign_skills, salon.staff[0].id, skills, actor=ACTOR, now=salon.now)
        today = salon.now.date()
        act(availability.generate_slots, location_id=salon.location.id, from_on=today, to_on=today, now=salon.now)
        other = act(free_slots, service_id=colour.id, now=salon.now)[-1]
        with pytest.raises(OtherService):
            move(booked.id, other.id)
        cancel(booked.id)
        with pytest.raises(BookingAlreadyCancelled):
            move(booked.id, salon.slots()[-1].id)


class TestExpireHolds:
    def test_ends_what_ran_out_and_nothing_else(self, salon, act, owner_engine):
        first, second, third, *_ = salon.slots()
        stale = [salon.hold(slot.id, salon.client()) for slot in (first, second)]
        salon.book(third.id, salon.client())
        later = salon.now + timedelta(minutes=5)
        running = salon.hold(salon.slots()[-1].id, salon.client(), now=later)
        at_ten = salon.now + timedelta(minutes=10)
        assert act(booking.expire_holds, now=at_ten - timedelta(microseconds=1)) == 0
        assert act(booking.expire_holds, now=at_ten, limit=1) == 1
        assert act(booking.expire_holds, now=at_ten) == 1
        assert act(booking.expire_holds, now=at_ten) == 0
        assert {salon.booking(hold.id).status for hold in stale} == {BookingStatus.EXPIRED}
        assert salon.booking(running.id).status is BookingStatus.HELD
        assert len(salon.slots(now=at_ten)) == 34
        assert len(facts(owner_engine, "booking.expired")) == 2

    def test_the_timer_is_told_pairs_of_all_tenants(self, salon, database, clock):
        mine = salon.hold(salon.slots()[0].id, salon.client())
        other = make_salon(database, make_tenant(database, clock.now()), now=clock.now())
        theirs = other.hold(other.slots()[0].id, other.client(), now=salon.now + timedelta(seconds=1))
        at = salon.now + timedelta(minutes=11)
        with database.without_tenant() as session:
            pairs = booking.list_stale_holds(session, now=at)
            assert pairs == [(salon.tenant_id, mine.id), (other.tenant_id, theirs.id)]
            assert booking.list_stale_holds(session, now=at, limit=1) == pairs[:1]
            assert booking.list_stale_holds(session, now=salon.now) == []


class TestTheVisit:
    def test_is_completed_once_it_has_begun(self, salon, act, cancel, owner_engine):
        slot = salon.slots()[0]
        booked = salon.book(slot.id, salon.client())
        with pytest.raises(VisitNotBegun):
            act(booking.complete_booking, booked.id, actor=ACTOR, now=salon.now)
        done = act(booking.complete_booking, booked.id, actor=ACTOR, now=slot.ends_at)
        assert done.status is BookingStatus.COMPLETED
        for refused in (
            lambda: act(booking.complete_booking, booked.id, actor=ACTOR, now=slot.ends_at),
            lambda: act(booking.confirm_booking, booked.id, actor=ACTOR, now=slot.ends_at),
            lambda: cancel(booked.id),
        ):
            with pytest.raises(BookingNotOpen):
                refused()
        assert len(facts(owner_engine, "booking.completed")) == 1

    def test_a_client_who_does_not_come_frees_the_person(self, database, tenant_id, clock, owner_engine):
        salon = make_salon(database, tenant_id, now=clock.now(), granularity_min=30, days=1)
        first, second, *_ = salon.slots()
        booked = salon.book(first.id, salon.client())
        late = first.starts_at + timedelta(minutes=20)
        with database.transaction(tenant_id) as session:
            missed = booking.mark_no_show(session, booked.id, actor=ACTOR, now=late)
        assert missed.status is BookingStatus.NO_SHOW
        walk_in = salon.hold(second.id, salon.client(), now=late)
        assert walk_in.starts_at < booked.ends_at
        assert len(facts(owner_engine, "booking.no_show")) == 1

    def test_a_group_goes_on_without_one(self, database, tenant_id, clock):
        salon = make_salon(database, tenant_id, now=clock.now(), capacity=2, granularity_min=30, days=1)
        first, second, *_ = salon.slots()
        missing = salon.book(first.id, salon.client())
        salon.book(first.id, salon.client())
        late = first.starts_at + timedelta(minutes=20)
        with database.transaction(tenant_id) as session:
            booking.mark_no_show(session, missing.id, actor=ACTOR, now=late)
        with pytest.raises(SlotAlreadyTaken):
            salon.hold(second.id, salon.client(), now=late)


class TestLists:
    def test_a_client_s_upcoming_bookings(self, salon, act, cancel):
        client_id = salon.client()
        slots = salon.slots()
        confirmed = salon.book(slots[4].id, client_id)
        held = salon.hold(slots[0].id, client_id)
        cancel(salon.book(slots[8].id, client_id).id)
        salon.book(slots[10].id, salon.client())
        upcoming = act(booking.list_upcoming_for_client, client_id, now=salon.now)
        assert [one.id for one in upcoming] == [held.id, confirmed.id]
        assert act(booking.list_upcoming_for_client, client_id, now=salon.now, limit=1) == [held]
        after_the_hold = salon.now + timedelta(minutes=10)
        assert act(booking.list_upcoming_for_client, client_id, now=after_the_hold) == [confirmed]
        assert act(booking.list_upcoming_for_client, client_id, now=confirmed.starts_at) == [confirmed]
        assert act(booking.list_upcoming_for_client, client_id, now=confirmed.ends_at) == []

    def test_the_last_visit_is_the_latest_that_took_place_or_still_will(self, salon, act, cancel):
        client_id = salon.client()
        slots = salon.slots()
        assert act(booking.find_last_visit, client_id) is None
        first, later = salon.book(slots[0].id, client_id), salon.book(slots[4].id, client_id)
        salon.hold(slots[8].id, client_id)
        assert act(booking.find_last_visit, client_id) == later
        cancel(later.id)
        assert act(booking.find_last_visit, client_id) == first

    def test_a_diary(self, salon, act):
        first, *_, last = salon.slots()
        one, other = salon.book(first.id, salon.client()), salon.hold(last.id, salon.client())
        week = {"from_at": salon.now, "to_at": salon.now + timedelta(days=7)}
        assert act(booking.list_bookings, **week) == [one, other]
        assert act(booking.list_bookings, **week, location_id=salon.location.id, staff_id=first.staff_id) == [one]
        assert act(booking.list_bookings, **week, statuses=[BookingStatus.HELD]) == [other]
        assert act(booking.list_bookings, **week, limit=1) == [one]
        assert act(booking.list_bookings, from_at=salon.now, to_at=first.starts_at) == []
