"""Slots made again: what is never destroyed or doubled, parts of a location, slots blocked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from salon.availability import use_cases as availability
from salon.availability.domain import RuleDetails, SlotsGenerated, SlotStatus
from salon.availability.errors import SlotNotFound, SlotNotOffered
from salon.booking import use_cases as booking
from salon.booking.domain import CancelReason
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Skill
from salon.platform.db import ReadSession
from support.factories import (
    ACTOR,
    Salon,
    hold,
    make_client,
    make_location,
    make_rule,
    make_salon,
    make_service,
    make_staff,
)
from support.fixtures import make_tenant
from support.places import THURSDAY, Place, details_of

pytestmark = pytest.mark.database
NOBODY = UUID(int=404)
NOTHING = SlotsGenerated()


@pytest.fixture
def place(database, tenant_id, clock):
    return Place(database, tenant_id, clock.now())


class TestWhereAndWhose:
    """Several locations, stretches of working time, and runs over a part."""

    def second_place(self, place, **location):
        with place.database.transaction(place.tenant_id) as session:
            other = make_location(session, now=place.now, name="Салон на Лесной", **location)
            catalog.offer_services(session, other.id, [place.service.id], actor=ACTOR, now=place.now)
        return other

    def rows(self, place, columns, where="true"):
        with place.database.read(place.tenant_id) as session:
            found = session.execute(text(f"SELECT {columns} FROM slot_instances WHERE {where} ORDER BY starts_at"))  # noqa: S608 - the tests' own words
            return [tuple(row) for row in found]

    def test_away_from_home_one_works_by_rules_of_ones_own(self, place):
        other = self.second_place(place, timezone="Asia/Kamchatka")
        with place.database.transaction(place.tenant_id) as session:
            make_rule(session, now=place.now, location_id=other.id, hours=("10:00", "14:00"))
            availability.generate_slots(session, location_id=other.id, from_on=THURSDAY, to_on=THURSDAY, now=place.now)
            assert self.count(session, other.id) == 0
            make_rule(session, now=place.now, location_id=other.id, hours=("11:00", "13:00"), staff_id=place.anna.id)
            availability.generate_slots(session, location_id=other.id, from_on=THURSDAY, to_on=THURSDAY, now=place.now)
            assert self.count(session, other.id) == 2

    def count(self, session, location_id):
        query = text("SELECT count(*) FROM slot_instances WHERE location_id = :location_id")
        return session.execute(query, {"location_id": location_id}).scalar_one()

    def test_a_slot_knows_the_stretch_it_lies_in(self, place):
        place.rule(hours=("10:00", "14:00"))
        place.rule(hours=("14:00", "16:00"))  # adjoining hours are one stretch
        place.rule(hours=("12:30", "13:00"), is_closed=True)
        place.generate()
        wall = "to_char({} AT TIME ZONE 'Europe/Moscow', 'HH24:MI')"
        shown = ", ".join(wall.format(column) for column in ("starts_at", "open_from", "open_until"))
        assert self.rows(place, shown) == [
            ("10:00", "10:00", "12:30"),
            ("11:00", "10:00", "12:30"),
            ("13:00", "13:00", "16:00"),
            ("14:00", "13:00", "16:00"),
            ("15:00", "13:00", "16:00"),
        ]

    def test_hours_that_grow_lengthen_the_stretch_of_sold_slots_too(self, place):
        rule = place.rule(hours=("10:00", "12:00"))
        place.generate()
        with place.database.transaction(place.tenant_id) as session:
            slot = availability.list_free_slots(
                session,
                service_id=place.service.id,
                from_at=place.now,
                to_at=place.now + timedelta(days=3),
                now=place.now,
            )[0]
            hold(session, slot_id=slot.id, client_id=make_client(session, now=place.now).id, now=place.now)
            later = RuleDetails(**{**details_of(rule), "end_time": rule.end_time.replace(hour=15)})
            availability.change_rule(session, rule.id, later, actor=ACTOR, now=place.now)
            assert availability.get_slot(session, slot.id).open_until == datetime(2026, 3, 12, 12, tzinfo=UTC)

    def test_a_run_for_one_person_or_service_touches_no_other(self, place):
        with place.database.transaction(place.tenant_id) as session:
            colour = make_service(session, now=place.now, location_ids=[place.location.id], name="Окрашивание")
            boris = make_staff(
                session,
                now=place.now,
                location_id=place.location.id,
                service_ids=[place.service.id, colour.id],
                name="Борис",
            )
        rule = place.rule(hours=("10:00", "12:00"))
        window = {"location_id": place.location.id, "from_on": THURSDAY, "to_on": THURSDAY, "now": place.now}
        with place.database.transaction(place.tenant_id) as session:
            assert availability.generate_slots(session, **window, staff_id=boris.id).created == 4
            assert availability.generate_slots(session, **window, service_id=place.service.id).created == 2
            assert availability.generate_slots(session, **window) == NOTHING
            availability.remove_rule(session, rule.id, actor=ACTOR, now=place.now, refresh=False)
            assert availability.generate_slots(session, **window, staff_id=place.anna.id).removed == 2
            assert availability.generate_slots(session, **window, service_id=colour.id).removed == 2
            assert availability.generate_slots(session, **window).removed == 2

    def test_overlapping_hours_of_two_days_make_no_start_twice(self, place):
        """A night shift and the next day's hours meet; the larger group wins."""
        place.rule(hours=("22:00", "03:00"), days_of_week=[3], capacity=1)
        with place.database.transaction(place.tenant_id) as session:
            # past the check for overlaps, as two people at the same moment could get
            session.execute(
                text(
                    "INSERT INTO availability_rules (id, tenant_id, location_id, kind, days_of_week, start_time,"
                    " end_time, slot_capacity, slot_granularity_min, is_closed, created_at) SELECT gen_random_uuid(),"
                    " tenant_id, location_id, kind, '{4}', '01:00', '04:00', 2, 60, false, created_at"
                    " FROM availability_rules"
                )
            )
        assert place.generate().created == 4
        assert place.generate() == NOTHING
        assert [capacity for (capacity,) in self.rows(place, "capacity")] == [1, 2, 2, 2]


class TestBlockedByHand:
    def block(self, salon, slot_id):
        with salon.database.transaction(salon.tenant_id) as session:
            return availability.block_slot(session, slot_id, actor=ACTOR, now=salon.now)

    def unblock(self, salon, slot_id):
        with salon.database.transaction(salon.tenant_id) as session:
            return availability.unblock_slot(session, slot_id, actor=ACTOR, now=salon.now)

    def test_a_blocked_slot_sells_no_further_seat_and_keeps_those_it_sold(self, database, tenant_id, clock):
        salon = make_salon(database, tenant_id, now=clock.now(), capacity=3, days=1)
        slot = salon.slots()[0]
        held = salon.hold(slot.id, salon.client())
        assert self.block(salon, slot.id).status is SlotStatus.BLOCKED
        with pytest.raises(SlotNotOffered):
            salon.hold(slot.id, salon.client())
        with salon.database.transaction(tenant_id) as session:
            booking.confirm_booking(session, held.id, actor=ACTOR, now=salon.now)
        assert self.unblock(salon, slot.id).status is SlotStatus.PARTIAL
        actions = "SELECT action FROM audit_log WHERE subject = 'slot' ORDER BY at, id"
        with salon.database.read(tenant_id) as session:
            assert list(session.scalars(text(actions))) == ["slot.blocked", "slot.unblocked"]

    def test_neither_generation_nor_gone_rules_undo_it(self, database, tenant_id, clock):
        salon = make_salon(database, tenant_id, now=clock.now(), days=1)
        slot, *_ = salon.slots()
        self.block(salon, slot.id)
        window = {"location_id": salon.location.id, "from_on": salon.now.date(), "to_on": salon.now.date()}
        with salon.database.transaction(tenant_id) as session:
            assert availability.generate_slots(session, **window, now=salon.now) == NOTHING
            (rule,) = availability.list_rules(session, salon.location.id)
            availability.remove_rule(session, rule.id, actor=ACTOR, now=salon.now)
            assert availability.get_slot(session, slot.id).status is SlotStatus.BLOCKED
        assert self.unblock(salon, slot.id) is None
        with pytest.raises(SlotNotFound):
            self.unblock(salon, slot.id)


class TestSlotGenerationIdempotency:
    """The document's test matrix: «Admin validation: … slot generation idempotency»."""

    def test_changes_nothing(self, place):
        place.rule(hours=("10:00", "14:00"))
        assert place.generate(to_on=THURSDAY + timedelta(days=30)) == SlotsGenerated(created=31 * 4)
        assert place.generate(to_on=THURSDAY + timedelta(days=30)) == NOTHING

    def test_follows_the_rules_and_leaves_other_days_alone(self, place):
        rule = place.rule(hours=("10:00", "14:00"))
        place.generate(to_on=THURSDAY + timedelta(days=1))
        with place.database.transaction(place.tenant_id) as session:
            later = RuleDetails(**{**details_of(rule), "start_time": rule.start_time.replace(hour=12)})
            availability.change_rule(session, rule.id, later, actor=ACTOR, now=place.now, refresh=False)
        assert place.generate() == SlotsGenerated(removed=2, changed=2)  # the stretch of those that stay begins later
        assert place.local_starts() == ["12:00", "13:00"]
        assert place.local_starts(THURSDAY + timedelta(days=1)) == ["10:00", "11:00", "12:00", "13:00"]

    def test_follows_capacity_and_duration_of_what_is_free(self, place):
        rule = place.rule(hours=("10:00", "14:00"))
        place.generate()
        with place.database.transaction(place.tenant_id) as session:
            group = RuleDetails(**{**details_of(rule), "slot_capacity": 3})
            availability.change_rule(session, rule.id, group, actor=ACTOR, now=place.now, refresh=False)
        assert place.generate() == SlotsGenerated(changed=4)
        with place.database.transaction(place.tenant_id) as session:
            own = [Skill(place.service.id, duration_min=90)]
            catalog.assign_skills(session, place.anna.id, own, actor=ACTOR, now=place.now)
        assert place.generate() == SlotsGenerated(changed=3, removed=1)

    def test_never_destroys_what_somebody_has(self, database, tenant_id, clock):
        salon = make_salon(database, tenant_id, now=clock.now(), capacity=2, days=1)
        first, second, third, *_ = salon.slots()
        held, booked = salon.hold(first.id, salon.client()), salon.book(second.id, salon.client())
        cancelled = salon.book(third.id, salon.client())
        with database.transaction(tenant_id) as session:
            booking.cancel_booking(session, cancelled.id, reason=CancelReason.CLIENT, actor=ACTOR, now=salon.now)
            for rule in availability.list_rules(session, salon.location.id):
                availability.remove_rule(session, rule.id, actor=ACTOR, now=salon.now, refresh=False)
        assert self._generate(salon) == SlotsGenerated(removed=4, blocked=2)
        assert self._generate(salon) == NOTHING
        assert salon.slots() == []
        assert {salon.slot(slot.id).status for slot in (first, second)} == {SlotStatus.BLOCKED}
        assert salon.booking(held.id) == held
        assert salon.booking(booked.id) == booked
        assert salon.booking(cancelled.id).slot_id is None
        with pytest.raises(SlotNotOffered), database.transaction(tenant_id) as session:
            hold(session, slot_id=first.id, client_id=make_client(session, now=salon.now).id, now=salon.now)
        with database.transaction(tenant_id) as session:
            make_rule(session, now=salon.now, location_id=salon.location.id, hours=("12:00", "18:00"), capacity=2)
        assert self._generate(salon) == SlotsGenerated(created=4, changed=2)
        assert salon.slot(first.id).status is SlotStatus.PARTIAL

    def test_a_smaller_group_keeps_the_seats_that_are_taken(self, database, tenant_id, clock):
        salon = make_salon(database, tenant_id, now=clock.now(), capacity=3, days=1)
        slot = salon.slots()[0]
        salon.book(slot.id, salon.client())
        salon.hold(slot.id, salon.client())
        with database.transaction(tenant_id) as session:
            (rule,) = availability.list_rules(session, salon.location.id)
            alone = RuleDetails(**{**details_of(rule), "slot_capacity": 1})
            availability.change_rule(session, rule.id, alone, actor=ACTOR, now=salon.now, refresh=False)
        self._generate(salon)
        assert (salon.slot(slot.id).capacity, salon.slot(slot.id).status) == (2, SlotStatus.FULL)

    def _generate(self, salon: Salon) -> SlotsGenerated:
        with salon.database.transaction(salon.tenant_id) as session:
            return availability.generate_slots(
                session, location_id=salon.location.id, from_on=salon.now.date(), to_on=salon.now.date(), now=salon.now
            )


class TestTheTimer:
    def test_is_told_pairs_of_all_tenants_and_works_in_each_alone(self, database, tenant_id, clock):
        mine = Place(database, tenant_id, clock.now())
        other = Place(database, make_tenant(database, clock.now()), clock.now())
        with database.without_tenant() as session:
            pairs = availability.list_tenant_locations(session)
            assert session.execute(text("SELECT count(*) FROM locations")).scalar_one() == 0
        assert set(pairs) == {(tenant_id, mine.location.id), (other.tenant_id, other.location.id)}
        mine.rule()
        with database.transaction(other.tenant_id) as session:
            done = availability.generate_slots(
                session, location_id=mine.location.id, from_on=THURSDAY, to_on=THURSDAY, now=clock.now()
            )
        assert done == NOTHING

    def test_another_tenant_s_slot_cannot_be_seen(self, database, tenant_id, clock):
        salon = make_salon(database, tenant_id, now=clock.now())
        slot = salon.slots()[0]
        with database.read(make_tenant(database, clock.now())) as session, pytest.raises(SlotNotFound):
            _get(session, slot.id)


def _get(session: ReadSession, slot_id: UUID) -> None:
    availability.get_slot(session, slot_id)
