from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.availability.domain import SlotStatus
from salon.availability.errors import SlotAlreadyTaken, SlotNotFound
from salon.booking import use_cases as booking
from salon.booking.domain import BookingPolicy, BookingStatus, CancelReason
from salon.booking.errors import (
    AlreadyBooked,
    BookingAlreadyCancelled,
    BookingNotFound,
    HoldExpired,
    OutsideBookingHorizon,
    SlotInThePast,
)
from salon.catalog import use_cases as catalog
from salon.catalog.domain import PoolKind, ResourceDetails, ResourcePoolDetails
from salon.platform.errors import ConstraintViolated, SalonError
from salon.platform.money import Money
from support.consistency import find_contradictions
from support.factories import ACTOR, free_slots, hold, make_client, make_price_list, make_salon
from support.fixtures import make_tenant

pytestmark = pytest.mark.database
NOBODY = UUID(int=404)
TEN_MINUTES = timedelta(minutes=10)


class TestHoldSlot:
    def test_claims_a_seat_and_the_person_s_time(self, salon, owner_engine):
        slot = salon.slots()[0]
        held = salon.hold(slot.id, salon.client())
        assert (held.status, held.hold_expires_at) == (BookingStatus.HELD, salon.now + TEN_MINUTES)
        assert (held.staff_id, held.starts_at, held.ends_at) == (slot.staff_id, slot.starts_at, slot.ends_at)
        assert (salon.slot(slot.id).held, salon.slot(slot.id).status) == (1, SlotStatus.FULL)
        assert salon.booking(held.id) == held
        assert len(salon.slots()) == 35
        assert find_contradictions(owner_engine) == {}

    def test_the_second_client_is_refused_and_may_take_another_in_the_same_transaction(self, salon, owner_engine):
        first, second, *_ = salon.slots()
        salon.hold(first.id, salon.client())
        client_id = salon.client()
        with salon.database.transaction(salon.tenant_id) as session:
            with pytest.raises(SlotAlreadyTaken) as refused:
                hold(session, slot_id=first.id, client_id=client_id, now=salon.now)
            other = hold(session, slot_id=second.id, client_id=client_id, now=salon.now)
        assert refused.value.code == "SLOT_FULL"
        assert salon.booking(other.id).slot_id == second.id
        assert find_contradictions(owner_engine) == {}

    def test_a_person_is_not_in_two_places(self, database, tenant_id, clock, owner_engine):
        salon = make_salon(database, tenant_id, now=clock.now(), granularity_min=30, days=1)
        first, overlapping, touching, *_ = salon.slots()
        salon.hold(first.id, salon.client())
        with database.transaction(tenant_id) as session:
            client_id = make_client(session, now=salon.now).id
            with pytest.raises(SlotAlreadyTaken):
                hold(session, slot_id=overlapping.id, client_id=client_id, now=salon.now)
            hold(session, slot_id=touching.id, client_id=client_id, now=salon.now)
        assert salon.slot(overlapping.id).held == 0
        assert find_contradictions(owner_engine) == {}

    def test_a_second_tap_finds_the_hold_of_the_first(self, salon):
        slot, client_id = salon.slots()[0], salon.client()
        held = salon.hold(slot.id, client_id)
        assert salon.hold(slot.id, client_id, now=salon.now + timedelta(minutes=1)) == held
        booked = salon.book(slot.id, client_id)
        with pytest.raises(AlreadyBooked) as refused:
            salon.hold(slot.id, client_id)
        assert refused.value.booking_id == booked.id == held.id

    def test_holds_that_ran_out_make_room_at_once(self, database, tenant_id, clock, owner_engine):
        salon = make_salon(database, tenant_id, now=clock.now(), granularity_min=30, days=1)
        first, overlapping, *_ = salon.slots()
        stale = salon.hold(first.id, salon.client())
        later = salon.now + TEN_MINUTES
        fresh = salon.hold(overlapping.id, salon.client(), now=later)
        assert salon.booking(stale.id).status is BookingStatus.EXPIRED
        assert (salon.slot(first.id).held, salon.slot(overlapping.id).held) == (0, 1)
        with pytest.raises(SlotAlreadyTaken):
            salon.hold(first.id, salon.client(), now=later)
        again = salon.hold(overlapping.id, salon.client(), now=later + TEN_MINUTES)
        assert salon.booking(fresh.id).status is BookingStatus.EXPIRED
        assert salon.booking(again.id).status is BookingStatus.HELD
        assert find_contradictions(owner_engine) == {}

    def test_a_chair_of_a_hold_that_ran_out_is_free_at_once(self, salon, act, owner_engine):
        as_now = {"actor": ACTOR, "now": salon.now}
        chairs = act(catalog.create_resource_pool, ResourcePoolDetails(kind=PoolKind.CHAIR, name="Кресла"), **as_now)
        only = ResourceDetails(location_id=salon.location.id, pool_id=chairs.id, name="Единственное")
        act(catalog.create_resource, only, **as_now)
        act(catalog.need_pools, salon.service.id, [chairs.id], **as_now)
        of_anna, of_boris, *_ = salon.slots()
        assert of_anna.starts_at == of_boris.starts_at
        assert of_anna.staff_id != of_boris.staff_id
        stale = salon.hold(of_anna.id, salon.client())
        with pytest.raises(SlotAlreadyTaken):
            salon.hold(of_boris.id, salon.client(), now=salon.now + TEN_MINUTES - timedelta(seconds=1))
        fresh = salon.hold(of_boris.id, salon.client(), now=salon.now + TEN_MINUTES)
        assert salon.booking(stale.id).status is BookingStatus.EXPIRED
        assert fresh.status is BookingStatus.HELD
        assert find_contradictions(owner_engine) == {}

    def test_a_group_has_as_many_seats_as_it_says(self, database, tenant_id, clock, owner_engine):
        salon = make_salon(database, tenant_id, now=clock.now(), capacity=2, granularity_min=30, days=1)
        first, overlapping, *_ = salon.slots()
        one, _ = salon.book(first.id, salon.client()), salon.hold(first.id, salon.client())
        for slot_id in (first.id, overlapping.id):
            with pytest.raises(SlotAlreadyTaken):
                salon.hold(slot_id, salon.client())
        assert find_contradictions(owner_engine) == {}
        with database.transaction(tenant_id) as session:
            booking.cancel_booking(session, one.id, reason=CancelReason.CLIENT, actor=ACTOR, now=salon.now)
        assert salon.slot(first.id).status is SlotStatus.PARTIAL
        with pytest.raises(SlotAlreadyTaken):
            salon.hold(overlapping.id, salon.client())
        assert find_contradictions(owner_engine) == {}

    def test_the_price_of_the_day_of_the_visit_is_copied(self, salon, act):
        rise = date(2026, 3, 12)
        prices = {(salon.service.id, None): 250_000}
        act(make_price_list, now=salon.now, prices=prices)
        act(make_price_list, now=salon.now, prices={(salon.service.id, None): 300_000}, valid_from=rise)
        today, tomorrow = salon.slots()[0], salon.slots()[12]
        assert salon.hold(today.id, salon.client()).price == Money(250_000)
        assert salon.hold(tomorrow.id, salon.client()).price == Money(300_000)
        free_of_charge = salon.booking(salon.hold(salon.slots()[-1].id, salon.client()).id)
        act(make_price_list, now=salon.now, prices={}, valid_from=date(2026, 3, 13))
        assert salon.booking(free_of_charge.id).price == Money(300_000)

    def test_time_sets_limits(self, salon, act):
        slot = salon.slots()[-1]
        client_id = salon.client()
        with pytest.raises(SlotInThePast):
            salon.hold(slot.id, client_id, now=slot.starts_at)
        with pytest.raises(OutsideBookingHorizon):
            act(
                booking.hold_slot,
                slot_id=slot.id,
                client_id=client_id,
                channel="site",
                actor=ACTOR,
                now=salon.now,
                policy=BookingPolicy(horizon_days=1),
            )
        with pytest.raises(SlotNotFound):
            salon.hold(NOBODY, client_id)


class TestConfirmBooking:
    def test_turns_the_hold_into_an_agreement_once(self, salon, act, owner_engine):
        slot = salon.slots()[0]
        held = salon.hold(slot.id, salon.client())
        confirmed = act(booking.confirm_booking, held.id, actor=ACTOR, now=salon.now)
        again = act(booking.confirm_booking, held.id, actor=ACTOR, now=salon.now + timedelta(hours=1))
        assert again == confirmed == salon.booking(held.id)
        assert (confirmed.status, confirmed.hold_expires_at, confirmed.version) == (BookingStatus.CONFIRMED, None, 2)
        assert (salon.slot(slot.id).booked, salon.slot(slot.id).held) == (1, 0)
        assert find_contradictions(owner_engine) == {}

    def test_it_stays_taken_after_the_hold_would_have_run_out(self, salon):
        slot = salon.slots()[0]
        salon.book(slot.id, salon.client())
        later = salon.now + TEN_MINUTES
        assert slot.starts_at not in {
            free.starts_at for free in salon.slots(now=later) if free.staff_id == slot.staff_id
        }
        with pytest.raises(SlotAlreadyTaken):
            salon.hold(slot.id, salon.client(), now=later)

    def test_a_hold_that_ran_out_is_refused(self, salon, act):
        held = salon.hold(salon.slots()[0].id, salon.client())
        later = salon.now + TEN_MINUTES
        with pytest.raises(HoldExpired):
            act(booking.confirm_booking, held.id, actor=ACTOR, now=later)
        act(booking.expire_holds, now=later)
        with pytest.raises(HoldExpired):
            act(booking.confirm_booking, held.id, actor=ACTOR, now=later)

    def test_what_is_cancelled_or_unknown_is_refused(self, salon, act):
        held = salon.hold(salon.slots()[0].id, salon.client())
        act(booking.cancel_booking, held.id, reason=CancelReason.CLIENT, actor=ACTOR, now=salon.now)
        with pytest.raises(BookingAlreadyCancelled):
            act(booking.confirm_booking, held.id, actor=ACTOR, now=salon.now)
        with pytest.raises(BookingNotFound):
            act(booking.confirm_booking, NOBODY, actor=ACTOR, now=salon.now)


class TestWhatIsTold:
    def test_facts_carry_ids_and_instants_only(self, salon, owner_engine):
        booked = salon.book(salon.slots()[0].id, salon.client(name="Мария Тестова"))
        with owner_engine.connect() as connection:
            facts = connection.execute(
                text("SELECT kind, payload FROM outbox WHERE queue = 'events' ORDER BY sequence")
            ).all()
        assert [fact.kind for fact in facts] == ["client.upserted", "booking.created", "booking.confirmed"]
        assert facts[2].payload == {
            "occurred_at": "2026-03-11T07:30:00Z",
            "booking_id": str(booked.id),
            "version": 2,
            "client_id": str(booked.client_id),
            "location_id": str(booked.location_id),
            "service_id": str(booked.service_id),
            "staff_id": str(booked.staff_id),
            "starts_at": "2026-03-11T09:00:00Z",
            "ends_at": "2026-03-11T10:00:00Z",
            "visit_id": None,
            "exposure_id": None,
            "hold_to_confirm_ms": 0,
        }

    def test_history_shows_every_state(self, salon, act):
        booked = salon.book(salon.slots()[0].id, salon.client())
        history = act(booking.list_history, booked.id)
        assert [(change.version, change.change, change.status) for change in history] == [
            (1, "booking.created", BookingStatus.HELD),
            (2, "booking.confirmed", BookingStatus.CONFIRMED),
        ]
        assert {(change.actor_kind, change.actor_id) for change in history} == {("user", "test-user")}

    def test_history_cannot_be_rewritten(self, salon, owner_engine):
        salon.book(salon.slots()[0].id, salon.client())
        for change in (
            "UPDATE booking_history SET version = 9",
            "DELETE FROM booking_history",
            "TRUNCATE booking_history",
        ):
            with pytest.raises(Exception, match="append-only"), owner_engine.begin() as connection:
                connection.execute(text(change))

    def test_a_refusal_leaves_nothing_behind(self, salon, owner_engine):
        slot = salon.slots()[0]

        def fail_after_hold():
            with salon.database.transaction(salon.tenant_id) as session:
                hold(session, slot_id=slot.id, client_id=make_client(session, now=salon.now).id, now=salon.now)
                raise SalonError("The rest of the event failed.")

        with pytest.raises(SalonError, match="rest of the event"):
            fail_after_hold()
        assert salon.slot(slot.id).status is SlotStatus.OPEN
        with owner_engine.connect() as connection:
            for table in ("bookings", "busy_intervals", "booking_history", "outbox"):
                assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608 - listed above


class TestWhatTheDatabaseForbids:
    def test_one_client_twice_in_one_slot(self, database, tenant_id, clock):
        salon = make_salon(database, tenant_id, now=clock.now(), capacity=3, days=1)
        salon.hold(salon.slots()[0].id, salon.client())
        with pytest.raises(AlreadyBooked), database.transaction(tenant_id) as session:
            session.execute(
                text("""INSERT INTO bookings SELECT gen_random_uuid(), tenant_id, client_id, location_id, service_id,
                    staff_id, slot_id, starts_at, ends_at, status, hold_expires_at, price_minor, currency, channel,
                    created_at, confirmed_at, cancelled_at, cancel_reason, version FROM bookings""")
            )

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("slot_id = NULL", "ck_bookings_active_slot"),
            ("hold_expires_at = NULL", "ck_bookings_hold_expires_at"),
            ("price_minor = 1", "ck_bookings_price"),
            ("status = 'lost'", "ck_bookings_status"),
            ("ends_at = starts_at", "ck_bookings_ends_at"),
        ],
    )
    def test_an_impossible_booking(self, salon, change, constraint):
        salon.hold(salon.slots()[0].id, salon.client())
        with pytest.raises(ConstraintViolated) as refused, salon.database.transaction(salon.tenant_id) as session:
            session.execute(text(f"UPDATE bookings SET {change}"))  # noqa: S608 - the cases are listed above
        assert refused.value.constraint == constraint


def test_another_tenant_can_neither_see_nor_touch_anything(salon, database, clock):
    slot = salon.slots()[0]
    booked = salon.book(slot.id, salon.client())
    free = salon.slots()[0]
    other = make_tenant(database, clock.now())
    for refused, error in (
        (lambda session: booking.get_booking(session, booked.id), BookingNotFound),
        (
            lambda session: booking.cancel_booking(
                session, booked.id, reason=CancelReason.OTHER, actor=ACTOR, now=salon.now
            ),
            BookingNotFound,
        ),
        (lambda session: hold(session, slot_id=free.id, client_id=booked.client_id, now=salon.now), SlotNotFound),
    ):
        with pytest.raises(error), database.transaction(other) as session:
            refused(session)
    with database.read(other) as session:
        assert free_slots(session, service_id=salon.service.id, now=salon.now) == []
        assert booking.list_upcoming_for_client(session, booked.client_id, now=salon.now) == []
        window = {"from_at": datetime(2026, 1, 1, tzinfo=UTC), "to_at": datetime(2027, 1, 1, tzinfo=UTC)}
        assert booking.list_bookings(session, **window) == []
        for table in ("bookings", "booking_history", "busy_intervals", "slot_instances", "availability_rules"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0  # noqa: S608 - listed above
