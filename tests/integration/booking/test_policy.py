"""What a tenant allows its clients, and that its staff may go beyond it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.booking import use_cases as booking
from salon.booking.domain import BookingPolicy, BookingStatus, CancelReason, DepositStatus, NextStep
from salon.booking.errors import (
    ClientBusy,
    DepositNotDue,
    HoldExpired,
    PaymentRequired,
    PhoneRequired,
    PolicySenseless,
    RescheduleLimitReached,
    StaffOnly,
    TooLateToReschedule,
    TooManyBookings,
    TooShortNotice,
    VisitBegun,
)
from salon.catalog import use_cases as catalog
from salon.catalog.domain import ServiceDetails, StaffDetails
from salon.clients import use_cases as clients
from salon.identity.domain import Actor, ActorKind, system
from salon.platform.money import Money
from support.consistency import find_contradictions
from support.factories import ACTOR, make_price_list

pytestmark = pytest.mark.database
PRICE = 250_000
DEPOSIT = {"deposit": {"kind": "percent", "percent": 20}}


@pytest.fixture(autouse=True)
def consistent(owner_engine):
    yield
    assert find_contradictions(owner_engine) == {}


@pytest.fixture
def by_client():
    return lambda client_id: Actor(ActorKind.CLIENT, str(client_id))


@pytest.fixture
def allow(salon, act):
    """Set the tenant's policy; the service has a price."""
    act(make_price_list, now=salon.now, prices={(salon.service.id, None): PRICE})
    return lambda **values: act(booking.change_policy, values, actor=ACTOR, now=salon.now)


@pytest.fixture
def hold_as(salon, act):
    """Hold a slot: the client themselves, unless somebody else is named."""

    def call(slot_id, client_id, actor=None, now=None, **more):
        return act(
            booking.hold_slot,
            slot_id=slot_id,
            client_id=client_id,
            channel="site",
            actor=actor or Actor(ActorKind.CLIENT, str(client_id)),
            now=now or salon.now,
            **more,
        )

    return call


class TestPolicy:
    def test_it_is_the_tenant_s_own_and_audited(self, act, allow, owner_engine):
        assert act(booking.policy_of) == BookingPolicy()
        allow(hold_minutes=5)
        changed = allow(cancel_free_hours=24)
        assert (changed.hold_for, changed.cancel_free_hours) == (timedelta(minutes=5), 24)
        assert act(booking.policy_of) == changed
        with pytest.raises(PolicySenseless):
            allow(hold_minutes=0)
        assert act(booking.policy_of) == changed
        with owner_engine.connect() as owner:
            assert owner.scalar(text("SELECT count(*) FROM audit_log WHERE action = 'tenant.settings_changed'")) == 2

    def test_a_hold_lives_as_long_as_it_says(self, salon, allow, hold_as):
        allow(hold_minutes=5)
        held = hold_as(salon.slots()[0].id, salon.client())
        assert held.hold_expires_at == salon.now + timedelta(minutes=5)
        lasting = hold_as(salon.slots()[1].id, salon.client(), hold_for=timedelta(hours=2))
        assert lasting.hold_expires_at == salon.now + timedelta(hours=2)

    def test_clients_book_ahead_and_staff_when_they_like(self, salon, act, hold_as):
        slot, client_id = salon.slots()[0], salon.client()
        late = slot.starts_at - timedelta(minutes=29)
        with pytest.raises(TooShortNotice):
            hold_as(slot.id, client_id, now=late)
        assert hold_as(slot.id, client_id, actor=ACTOR, now=late).status is BookingStatus.HELD
        details = {"name": salon.service.name, "duration_min": 60, "min_notice_min": 10}
        act(catalog.change_service, salon.service.id, ServiceDetails(**details), actor=ACTOR, now=salon.now)
        other = next(one for one in salon.slots(now=late) if one.starts_at == slot.starts_at)
        assert hold_as(other.id, salon.client(), now=late).status is BookingStatus.HELD

    def test_a_salon_may_want_to_know_the_phone(self, salon, act, allow, hold_as):
        allow(phone_required=True)
        slot, client_id = salon.slots()[0], salon.client()
        with pytest.raises(PhoneRequired):
            hold_as(slot.id, client_id)
        act(clients.set_phone, client_id, "+79000000001", actor=ACTOR, now=salon.now)
        assert hold_as(slot.id, client_id).client_id == client_id

    def test_a_client_has_so_many_visits_ahead_and_no_more(self, salon, act, allow, hold_as):
        allow(max_active_per_client=2)
        slots, client_id = salon.slots(), salon.client()
        salon.book(slots[0].id, client_id)
        held = hold_as(slots[4].id, client_id)
        assert hold_as(slots[4].id, client_id) == held  # a second tap is no third visit
        with pytest.raises(TooManyBookings):
            hold_as(slots[8].id, client_id)
        hold_as(slots[8].id, client_id, actor=ACTOR)
        act(booking.cancel_booking, held.id, reason=CancelReason.CLIENT, actor=ACTOR, now=salon.now)
        after_the_other = salon.now + timedelta(minutes=10)
        assert hold_as(slots[10].id, client_id, now=after_the_other).status is BookingStatus.HELD

    def test_two_children_at_once_unless_the_salon_minds(self, salon, allow, hold_as):
        first, at_the_same_time, *_ = salon.slots()
        assert first.starts_at == at_the_same_time.starts_at
        mother, father = salon.client(), salon.client()
        hold_as(first.id, mother)
        hold_as(at_the_same_time.id, mother)
        allow(allow_client_overlap=False)
        third, fourth, fifth, _ = salon.slots()[:4]
        held = hold_as(third.id, father)
        with pytest.raises(ClientBusy) as refused:
            hold_as(fourth.id, father)
        assert refused.value.booking_id == held.id
        hold_as(fifth.id, father)


class TestDeposit:
    def test_stands_between_hold_and_confirmation(self, salon, act, allow, hold_as):
        allow(**DEPOSIT, payment_hold_minutes=45)
        held = hold_as(salon.slots()[0].id, salon.client())
        assert (held.deposit, held.deposit_status) == (Money(PRICE // 5), DepositStatus.REQUIRED)
        assert held.next_step is NextStep.PAY
        assert held.hold_expires_at == salon.now + timedelta(minutes=45)
        with pytest.raises(PaymentRequired):
            act(booking.confirm_booking, held.id, actor=ACTOR, now=salon.now)
        paid = act(booking.record_deposit, held.id, outcome=DepositStatus.PAID, actor=system("payments"), now=salon.now)
        assert paid.next_step is NextStep.CONFIRM
        assert act(booking.record_deposit, held.id, outcome=DepositStatus.PAID, actor=ACTOR, now=salon.now) == paid
        assert act(booking.confirm_booking, held.id, actor=ACTOR, now=salon.now).status is BookingStatus.CONFIRMED
        with pytest.raises(DepositNotDue):
            act(booking.record_deposit, held.id, outcome=DepositStatus.WAIVED, actor=ACTOR, now=salon.now)

    def test_may_be_waived_by_the_salon_only(self, salon, act, allow, hold_as, by_client):
        allow(**DEPOSIT)
        client_id = salon.client()
        held = hold_as(salon.slots()[0].id, client_id)
        waive = {"outcome": DepositStatus.WAIVED, "now": salon.now}
        with pytest.raises(StaffOnly):
            act(booking.record_deposit, held.id, actor=by_client(client_id), **waive)
        act(booking.record_deposit, held.id, actor=ACTOR, **waive)
        assert act(booking.confirm_booking, held.id, actor=by_client(client_id), now=salon.now).status == "confirmed"

    def test_is_not_asked_of_what_staff_book(self, salon, allow, hold_as):
        allow(**DEPOSIT)
        assert hold_as(salon.slots()[0].id, salon.client(), actor=ACTOR).deposit is None
        for_a_client = hold_as(salon.slots()[1].id, salon.client(), actor=system("waitlist"))
        assert for_a_client.deposit == Money(PRICE // 5)

    def test_money_that_comes_too_late_is_not_lost(self, salon, act, allow, hold_as):
        allow(**DEPOSIT)
        held = hold_as(salon.slots()[0].id, salon.client())
        late = salon.now + timedelta(hours=1)
        act(booking.expire_holds, now=late)
        paid = act(booking.record_deposit, held.id, outcome=DepositStatus.PAID, actor=ACTOR, now=late)
        assert (paid.status, paid.deposit_status) == (BookingStatus.EXPIRED, DepositStatus.PAID)
        with pytest.raises(HoldExpired):
            act(booking.confirm_booking, held.id, actor=ACTOR, now=late)
        given_back = act(booking.record_deposit, held.id, outcome=DepositStatus.REFUNDED, actor=ACTOR, now=late)
        assert given_back.deposit_status is DepositStatus.REFUNDED

    def test_is_kept_when_the_client_does_not_come(self, salon, act, allow, hold_as):
        allow(**DEPOSIT)
        held = hold_as(salon.slots()[0].id, salon.client())
        act(booking.record_deposit, held.id, outcome=DepositStatus.PAID, actor=ACTOR, now=salon.now)
        act(booking.confirm_booking, held.id, actor=ACTOR, now=salon.now)
        missed = act(booking.mark_no_show, held.id, actor=ACTOR, now=held.ends_at)
        assert missed.deposit_status is DepositStatus.KEPT
        came = act(booking.reopen_booking, held.id, actor=ACTOR, now=held.ends_at)
        assert (came.status, came.deposit_status) == (BookingStatus.CONFIRMED, DepositStatus.PAID)

    def test_follows_the_price_until_it_is_paid(self, salon, act, allow, hold_as, by_client):
        allow(deposit={"kind": "percent", "percent": 50})
        dear = {(salon.service.id, None): 500_000, (salon.service.id, "юниор"): 100_000}
        details = StaffDetails(name="Борис", location_id=salon.location.id, grade="юниор")
        act(catalog.change_staff, salon.staff[1].id, details, actor=ACTOR, now=salon.now)
        act(make_price_list, now=salon.now, prices=dear, valid_from=salon.now.date())
        of = [[slot for slot in salon.slots() if slot.staff_id == person.id] for person in salon.staff]
        client_id = salon.client()
        held = hold_as(of[0][0].id, client_id)
        assert held.deposit == Money(250_000)

        def move(slot):
            moving = {"slot_id": slot.id, "actor": by_client(client_id), "now": salon.now}
            moved = act(booking.reschedule_booking, held.id, **moving)
            assert salon.booking(held.id) == moved
            return moved.price, moved.deposit, moved.deposit_status

        assert move(of[1][1]) == (Money(100_000), Money(50_000), DepositStatus.REQUIRED)
        act(booking.record_deposit, held.id, outcome=DepositStatus.PAID, actor=ACTOR, now=salon.now)
        assert move(of[0][2]) == (Money(500_000), Money(50_000), DepositStatus.PAID)

    def test_a_move_to_whom_no_list_prices_keeps_what_was_agreed_and_paid(
        self, salon, act, allow, hold_as, owner_engine
    ):
        allow(**DEPOSIT)
        held = hold_as(salon.slots()[0].id, salon.client())
        act(booking.record_deposit, held.id, outcome=DepositStatus.PAID, actor=ACTOR, now=salon.now)
        with owner_engine.begin() as owner:
            owner.execute(text("DELETE FROM price_list_items"))
        other = next(slot for slot in salon.slots() if slot.staff_id != held.staff_id)

        moved = act(booking.reschedule_booking, held.id, slot_id=other.id, actor=ACTOR, now=salon.now)

        assert (moved.price, moved.deposit, moved.deposit_status) == (held.price, held.deposit, DepositStatus.PAID)


class TestCancelling:
    def test_late_costs_a_client_the_fee_and_the_deposit(self, *, salon, act, allow, hold_as, by_client, owner_engine):
        allow(**DEPOSIT, cancel_free_hours=2, late_cancel_fee_percent=50)
        client_id = salon.client()
        held = hold_as(salon.slots()[0].id, client_id)
        act(booking.record_deposit, held.id, outcome=DepositStatus.PAID, actor=ACTOR, now=salon.now)
        made = act(booking.confirm_booking, held.id, actor=ACTOR, now=salon.now)
        assert made.starts_at - salon.now == timedelta(minutes=90)
        warned = act(booking.cancel_terms, made, now=salon.now)
        assert (warned.is_late, warned.fee, warned.keeps_deposit) == (True, Money(PRICE // 2), True)
        gone = act(
            booking.cancel_booking, made.id, reason=CancelReason.CLIENT, actor=by_client(client_id), now=salon.now
        )
        assert (gone.is_late_cancel, gone.cancel_fee) == (True, Money(PRICE // 2))
        assert gone.deposit_status is DepositStatus.KEPT
        with owner_engine.connect() as owner:
            told = owner.scalar(text("SELECT payload FROM outbox WHERE kind = 'booking.cancelled'"))
        assert (told["is_late"], told["fee_minor"], told["deposit_status"]) == (True, PRICE // 2, "kept")
        restored = act(booking.restore_booking, made.id, actor=ACTOR, now=salon.now)
        assert (restored.is_late_cancel, restored.cancel_fee) == (False, None)
        assert restored.deposit_status is DepositStatus.PAID

    def test_early_or_by_the_salon_costs_nothing(self, salon, act, allow, by_client):
        allow(cancel_free_hours=2, late_cancel_fee_percent=50)
        client_id = salon.client()
        soon, *_, far = salon.slots()
        for slot, actor in ((far, by_client(client_id)), (soon, ACTOR)):
            made = salon.book(slot.id, client_id)
            gone = act(booking.cancel_booking, made.id, reason=CancelReason.CLIENT, actor=actor, now=salon.now)
            assert (gone.is_late_cancel, gone.cancel_fee) == (False, None)

    def test_what_has_begun_only_the_salon_cancels(self, salon, act, by_client):
        client_id = salon.client()
        made = salon.book(salon.slots()[0].id, client_id)
        late = {"reason": CancelReason.CLIENT, "now": made.starts_at}
        with pytest.raises(VisitBegun):
            act(booking.cancel_booking, made.id, actor=by_client(client_id), **late)
        assert act(booking.cancel_booking, made.id, actor=ACTOR, **late).status is BookingStatus.CANCELLED


class TestMoving:
    def test_a_client_is_bound_and_staff_are_not(self, salon, act, allow, by_client):
        allow(reschedule_limit=1, reschedule_free_hours=2)
        client_id = salon.client()
        slots = [slot for slot in salon.slots() if slot.staff_id == salon.staff[0].id]
        made = salon.book(slots[6].id, client_id)

        def move(slot, actor, now=salon.now):
            return act(booking.reschedule_booking, made.id, slot_id=slot.id, actor=actor, now=now)

        move(slots[7], ACTOR)
        move(slots[8], by_client(client_id))
        with pytest.raises(RescheduleLimitReached):
            move(slots[9], by_client(client_id))
        moved = move(slots[9], ACTOR)
        allow(reschedule_limit=None)
        late = moved.starts_at - timedelta(hours=1)
        with pytest.raises(TooLateToReschedule):
            move(slots[-1], by_client(client_id), late)
        with pytest.raises(TooShortNotice):
            move(slots[0], by_client(client_id), slots[0].starts_at - timedelta(minutes=1))
        move(slots[-1], ACTOR, late)

    def test_the_fee_is_not_evaded_by_moving_the_visit_first(self, salon, act, allow, by_client):
        allow(cancel_free_hours=24, late_cancel_fee_percent=100)
        soon, *_, far = salon.slots()
        client_id = salon.client()
        made = salon.book(soon.id, client_id)
        with pytest.raises(TooLateToReschedule):
            act(booking.reschedule_booking, made.id, slot_id=far.id, actor=by_client(client_id), now=salon.now)
        with pytest.raises(PolicySenseless):
            allow(reschedule_free_hours=0)
        gone = act(
            booking.cancel_booking, made.id, reason=CancelReason.CLIENT, actor=by_client(client_id), now=salon.now
        )
        assert gone.cancel_fee == Money(PRICE)

    def test_a_hold_is_free_to_move_and_that_counts_for_nothing(self, salon, act, allow, hold_as, by_client):
        allow(reschedule_limit=1)
        client_id = salon.client()
        slots = salon.slots()
        held = hold_as(slots[2].id, client_id)
        moving = {"actor": by_client(client_id), "now": salon.now}
        for number in (4, 6):
            act(booking.reschedule_booking, held.id, slot_id=slots[number].id, **moving)
        act(booking.confirm_booking, held.id, **moving)
        act(booking.reschedule_booking, held.id, slot_id=slots[8].id, **moving)
        with pytest.raises(RescheduleLimitReached):
            act(booking.reschedule_booking, held.id, slot_id=slots[10].id, **moving)

    def test_nobody_is_at_two_places_by_moving(self, salon, act, allow, by_client):
        allow(allow_client_overlap=False, max_active_per_client=2)
        first, at_the_same_time, later, later_still, *_ = salon.slots()
        client_id = salon.client()
        salon.book(first.id, client_id)
        mine = salon.book(later.id, client_id)
        move = {"actor": by_client(client_id), "now": salon.now}
        with pytest.raises(ClientBusy):
            act(booking.reschedule_booking, mine.id, slot_id=at_the_same_time.id, **move)
        moved = act(booking.reschedule_booking, mine.id, slot_id=later_still.id, **move)  # over its own old time
        assert moved.starts_at == mine.starts_at


class TestClosing:
    def test_only_the_salon_says_what_became_of_a_visit(self, salon, act, by_client):
        client_id = salon.client()
        made = salon.book(salon.slots()[0].id, client_id)
        for say in (booking.complete_booking, booking.mark_no_show, booking.reopen_booking):
            with pytest.raises(StaffOnly):
                act(say, made.id, actor=by_client(client_id), now=made.ends_at)
