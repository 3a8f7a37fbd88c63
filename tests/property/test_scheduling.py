"""No sequence of holds, confirmations, expiries, cancellations, moves and changed rules breaks what must hold.

A run of hundreds of random sequences, other ones each time:

    pytest tests/property --hypothesis-seed=0
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from salon.availability import use_cases as availability
from salon.availability.domain import RuleDetails, RuleKind, Slot
from salon.booking import use_cases as booking
from salon.booking.domain import ACTIVE, Booking, BookingStatus, CancelReason
from salon.booking.errors import AlreadyBooked, HoldExpired
from salon.catalog import use_cases as catalog
from salon.platform.db import Database
from salon.platform.errors import Refusal
from support.consistency import find_contradictions
from support.factories import ACTOR
from support.fixtures import NOW, make_tenant
from support.races import drop_exclusions
from support.small_salon import HORIZON_DAYS, HOURS, SmallSalon, furnish, hours_of

pytestmark = pytest.mark.database
QUICK = settings(
    max_examples=25,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=400, derandomize=False)
ANY = st.integers(0, 2**16)
OTHER_HOURS = [HOURS, ("13:00", "16:00"), ("12:30", "15:30"), ("10:00", "19:00")]
WAITS = [1, 5, 10, 10, 60, 240]
OVER = {BookingStatus.COMPLETED, BookingStatus.NO_SHOW}


def pick(number, many):
    """One of many by any number; the order of `many` must not depend on chance."""
    return many[number % len(many)]


class Scheduling(RuleBasedStateMachine):
    """A small salon, played at random; every step is a transaction of its own."""

    database: Database
    owner_engine = None

    @initialize()
    def open(self):
        self.now = NOW
        self.salon: SmallSalon = furnish(self.database, make_tenant(self.database, NOW), NOW)
        self.booked: list[UUID] = []
        self.blocked: list[UUID] = []
        self.gone: set[UUID] = set()

    def act(self, use_case, *arguments, **keywords):
        """Call a use case as the front desk; its result, or its refusal."""
        try:
            with self.database.transaction(self.salon.tenant_id) as session:
                return use_case(session, *arguments, now=self.now, **keywords)
        except Refusal as refused:
            return refused

    def look(self, use_case, *arguments, **keywords):
        with self.database.read(self.salon.tenant_id) as session:
            return use_case(session, *arguments, **keywords)

    def offered(self, service_id, *, extra_min=0, leaving=None) -> list[Slot]:
        """What can be had, by time, person and place."""
        found = self.look(
            availability.list_free_slots,
            service_id=service_id,
            from_at=self.now,
            to_at=self.now + timedelta(days=HORIZON_DAYS),
            now=self.now,
            min_notice=timedelta(0),
            extra_min=extra_min,
            leaving_slot_id=leaving,
        )
        ahead = [slot for slot in found if slot.starts_at > self.now]
        return sorted(ahead, key=lambda slot: (slot.starts_at, self.name_of(slot)))

    def name_of(self, slot):
        person = self.salon.staff.index(slot.staff_id) if slot.staff_id else -1
        return self.salon.locations.index(slot.location_id), person

    def all_slots(self) -> list[UUID]:
        query = text("SELECT id, location_id, staff_id, starts_at, service_id FROM slot_instances")
        with self.database.read(self.salon.tenant_id) as session:
            rows = session.execute(query).all()
        services = list(self.salon.services.values())
        rows.sort(key=lambda row: (row.starts_at, services.index(row.service_id), self.name_of(row)))
        return [row.id for row in rows]

    def one_that(self, number, statuses) -> Booking:
        """A booking that is so, if there is one and most of the time; else any."""
        every = self.look(self.bookings)
        fitting = [one for one in every if one.status in statuses]
        return pick(number, every if number % 8 == 0 else fitting or every)

    def is_there(self, slot_id, client_id) -> bool:
        """Whether the client has an active booking of the slot."""
        every = self.look(self.bookings)
        return any((one.slot_id, one.client_id) == (slot_id, client_id) and one.status in ACTIVE for one in every)

    def bookings(self, session) -> list[Booking]:
        return [booking.get_booking(session, booking_id) for booking_id in self.booked]

    def hold_slot(self, slot_id, client_id, option_ids=()):
        made = self.act(
            booking.hold_slot,
            slot_id=slot_id,
            client_id=client_id,
            channel="console",
            option_ids=option_ids,
            actor=ACTOR,
        )
        if isinstance(made, Booking) and made.id not in self.booked:
            self.booked.append(made.id)
        return made

    @rule(service=ANY, slot=ANY, client=ANY, longer=st.booleans())
    def hold(self, service, slot, client, longer):
        self.hold_what_is_offered(service, slot, client, longer=longer)

    @rule(service=ANY, slot=ANY, client=ANY, longer=st.booleans())
    def book(self, service, slot, client, longer):
        held = self.hold_what_is_offered(service, slot, client, longer=longer)
        if held is not None:
            assert self.act(booking.confirm_booking, held.id, actor=ACTOR).status is BookingStatus.CONFIRMED

    def hold_what_is_offered(self, service, slot, client, *, longer):
        name = pick(service, list(self.salon.services))
        longer = longer and name == "Стрижка"
        free = self.offered(self.salon.services[name], extra_min=30 if longer else 0)
        if not free:
            return None
        wanted, client_id = pick(slot, free), pick(client, self.salon.clients)
        was_there = self.is_there(wanted.id, client_id)
        made = self.hold_slot(wanted.id, client_id, [self.salon.longer] if longer else ())
        if was_there and isinstance(made, AlreadyBooked):
            return None
        assert isinstance(made, Booking), made
        return made

    @rule(slot=ANY, client=ANY)
    def hold_whatever_there_is(self, slot, client):
        self.hold_slot(pick(slot, self.all_slots()), pick(client, self.salon.clients))

    @precondition(lambda self: self.booked)
    @rule(number=ANY)
    def confirm(self, number):
        before = self.one_that(number, {BookingStatus.HELD, BookingStatus.EXPIRED})
        after = self.act(booking.confirm_booking, before.id, actor=ACTOR)
        if before.status is BookingStatus.HELD and not before.is_stale(self.now):
            assert after.status is BookingStatus.CONFIRMED
        elif before.status in {BookingStatus.HELD, BookingStatus.EXPIRED}:
            assert isinstance(after, HoldExpired)

    @precondition(lambda self: self.booked)
    @rule(number=ANY)
    def cancel(self, number):
        before = self.one_that(number, ACTIVE)
        after = self.act(booking.cancel_booking, before.id, reason=CancelReason.CLIENT, actor=ACTOR)
        assert isinstance(after, Booking) == (before.status in ACTIVE)

    @precondition(lambda self: self.booked)
    @rule(number=ANY)
    def restore(self, number):
        before = self.one_that(number, {BookingStatus.CANCELLED})
        is_free = before.slot_id in {one.id for one in self.offered(before.service_id, extra_min=before.extra_min)}
        may_be = before.status is BookingStatus.CANCELLED and before.confirmed_at is not None
        was_there = self.is_there(before.slot_id, before.client_id)
        after = self.act(booking.restore_booking, before.id, actor=ACTOR)
        if may_be and is_free and not was_there:
            assert after.status is BookingStatus.CONFIRMED
        elif not may_be or was_there:
            assert isinstance(after, Refusal)

    @precondition(lambda self: self.booked)
    @rule(number=ANY, slot=ANY)
    def reschedule(self, number, slot):
        before = self.one_that(number, ACTIVE)
        is_open = before.status in ACTIVE and not before.is_stale(self.now) and before.starts_at > self.now
        leaving = before.slot_id if is_open else None
        free = self.offered(before.service_id, extra_min=before.extra_min, leaving=leaving)
        if not free:
            return
        wanted = pick(slot, free)
        was_there = self.is_there(wanted.id, before.client_id)
        after = self.act(booking.reschedule_booking, before.id, slot_id=wanted.id, actor=ACTOR)
        if is_open and not was_there:
            assert isinstance(after, Booking), after
            assert after.slot_id == wanted.id
        elif not is_open:
            assert isinstance(after, Refusal)

    @precondition(lambda self: self.booked)
    @rule(number=ANY, missed=st.booleans())
    def let_a_visit_begin(self, number, missed):
        before = self.one_that(number, {BookingStatus.CONFIRMED})
        self.now = max(self.now, before.starts_at + timedelta(minutes=1))
        after = self.act(booking.mark_no_show if missed else booking.complete_booking, before.id, actor=ACTOR)
        assert isinstance(after, Booking) == (before.status is BookingStatus.CONFIRMED)

    @precondition(lambda self: self.booked)
    @rule(number=ANY)
    def reopen(self, number):
        before = self.one_that(number, OVER)
        after = self.act(booking.reopen_booking, before.id, actor=ACTOR)
        assert isinstance(after, Refusal) or before.status in OVER

    @rule(minutes=st.sampled_from(WAITS), has_timer=st.booleans())
    def wait(self, minutes, has_timer):
        self.now += timedelta(minutes=minutes)
        if has_timer:
            assert not isinstance(self.act(booking.expire_holds), Refusal)
        if minutes >= 60:
            self.generate()

    @rule(slot=ANY, is_open=st.booleans())
    def block_or_unblock(self, slot, is_open):
        if is_open and self.blocked:
            self.act(availability.unblock_slot, pick(slot, self.blocked), actor=ACTOR)
        else:
            slot_id = pick(slot, self.all_slots())
            assert isinstance(self.act(availability.block_slot, slot_id, actor=ACTOR), Slot)
            self.blocked.append(slot_id)

    @rule(what=st.sampled_from(["hours", "day", "person", "chair"]), number=ANY)
    def change_the_salon(self, what, number):
        match what:
            case "hours":
                self.change_hours(pick(number, OTHER_HOURS), lesson_seats=1 + number % 3)
            case "day":
                self.close_or_open_a_day(number)
            case "person":
                person = pick(number, self.salon.staff)
                is_back = self.toggle(person)
                change = catalog.reactivate_staff if is_back else catalog.deactivate_staff
                assert self.act(change, person, actor=ACTOR) is None
                self.generate()  # what the subscriber of `catalog.changed` does
            case "chair":
                chair = pick(number, self.salon.chairs)
                change = catalog.reactivate_resource if self.toggle(chair) else catalog.deactivate_resource
                assert self.act(change, chair, actor=ACTOR) is None

    def toggle(self, one) -> bool:
        """Whether what was taken away comes back; else it is taken away now."""
        is_back = one in self.gone
        self.gone ^= {one}
        return is_back

    def change_hours(self, hours, *, lesson_seats):
        near, lessons = self.salon.locations[0], self.salon.services["Урок"]
        at_work = hours_of(near, hours)
        teaching = hours_of(near, HOURS, service_id=lessons, slot_capacity=lesson_seats)
        for known, details in ((self.salon.hours, at_work), (self.salon.lessons, teaching)):
            assert self.act(availability.change_rule, known.id, details, actor=ACTOR) is None

    def close_or_open_a_day(self, number):
        """Close the first location or somebody's day there; what is closed opens again."""
        near = self.salon.locations[0]
        closed = [known for known in self.look(availability.list_rules, near) if known.is_closed]
        if closed:
            assert self.act(availability.remove_rule, pick(number, closed).id, actor=ACTOR) is None
            return
        on = self.now.date() + timedelta(days=number % 2)
        details = RuleDetails(
            location_id=near,
            kind=RuleKind.EXCEPTION,
            staff_id=pick(number, [None, *self.salon.staff]),
            valid_from=on,
            valid_to=on,
            is_closed=True,
        )
        assert not isinstance(self.act(availability.create_rule, details, actor=ACTOR), Refusal)

    def generate(self):
        assert not isinstance(self.act(availability.refresh_locations, self.salon.locations), Refusal)

    @invariant()
    def nothing_contradicts_itself(self):
        if hasattr(self, "salon"):
            found = find_contradictions(self.owner_engine, self.salon.tenant_id)
            assert found == {}, found

    def teardown(self):
        """Whoever gives up all that is open leaves nobody and nothing busy but for visits that took place."""
        if not hasattr(self, "salon"):
            return
        for booking_id in self.booked:
            if self.look(booking.get_booking, booking_id).status in ACTIVE:
                after = self.act(booking.cancel_booking, booking_id, reason=CancelReason.SALON, actor=ACTOR)
                assert after.status is BookingStatus.CANCELLED
        self.nothing_contradicts_itself()
        over = text(
            "SELECT count(*) FROM busy_intervals busy WHERE tenant_id = :tenant AND NOT EXISTS (SELECT FROM bookings"
            " WHERE slot_id = busy.slot_id AND status IN ('completed', 'no_show'))"
        )
        with self.owner_engine.connect() as owner:
            assert owner.scalar(over, {"tenant": self.salon.tenant_id}) == 0


@pytest.fixture
def play(database, owner_engine):
    """Plays a small salon of this test's database."""
    machine = type("Play", (Scheduling,), {"database": database, "owner_engine": owner_engine})
    return lambda chosen: run_state_machine_as_test(machine, settings=chosen)


def test_whatever_happens_nothing_contradicts_itself(play, request):
    is_long = request.config.getoption("--hypothesis-seed") is not None
    play(LONG if is_long else QUICK)


def test_control_without_the_exclusions_it_is_soon_found_out(play, owner_engine):
    drop_exclusions(owner_engine)
    with pytest.raises(AssertionError, match="nobody is busy twice"):
        play(settings(QUICK, phases=[Phase.generate], report_multiple_bugs=False))
