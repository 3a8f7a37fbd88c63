"""What a seat claims: people in pieces, units of pools, ways between locations; and what a refusal leaves behind."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.availability import use_cases as availability
from salon.availability.errors import OptionsNotForGroups, SlotAlreadyTaken, SlotNotOffered, SlotTooShort
from salon.catalog import use_cases as catalog
from salon.identity.use_cases import write_settings
from salon.platform.ids import new_id
from support.factories import ACTOR
from support.studio import Studio, at

pytestmark = pytest.mark.database


@pytest.fixture
def studio(database, tenant_id, clock):
    return Studio(database, tenant_id, clock.now())


class TestProcessingTime:
    @pytest.fixture
    def colour(self, studio):
        """Two hours; from 30 to 90 minutes the colour works and Anna is free."""
        colour = studio.service(
            "Окрашивание", 120, processing_from_min=30, processing_min=60, buffer_before_min=15, buffer_after_min=15
        )
        studio.cut = studio.service("Чёлка", 60)
        studio.long = studio.service("Стрижка", 90)
        studio.person("Анна", [colour, studio.cut, studio.long])
        studio.open()
        return colour

    def test_a_short_service_lies_within_it_and_a_long_one_does_not(self, studio, colour):
        studio.take(studio.find(colour, at(12)))
        assert studio.claims() == [("staff", 11.75, 12.5), ("staff", 13.5, 14.25)]
        assert [start for start in studio.starts(studio.cut) if 10.5 < start < 14.5] == [12.5]
        assert [start for start in studio.starts(studio.long) if 10 < start < 14.5] == []
        studio.take(studio.find(studio.cut, at(12, 30)))
        assert [start for start in studio.starts(studio.cut) if 10.5 < start < 14.5] == []

    def test_two_of_them_may_be_woven_into_each_other(self, studio, colour):
        studio.take(studio.find(colour, at(12)))
        assert [start for start in studio.starts(colour) if 9.5 < start < 14.5] == [11, 13]
        with pytest.raises(SlotAlreadyTaken):  # its second piece would meet the other's second one
            studio.take(studio.find(colour, at(12, 30)))
        assert len(studio.claims()) == 2
        studio.take(studio.find(colour, at(13)))
        assert [piece[1:] for piece in studio.claims()] == [(11.75, 12.5), (12.75, 13.5), (13.5, 14.25), (14.5, 15.25)]

    def test_the_chair_is_taken_all_the_while(self, studio):
        chairs = studio.pool("chair", "Кресло", 1)
        colour = studio.service("Окрашивание", 120, processing_from_min=30, processing_min=60, pools=[chairs])
        cut = studio.service("Чёлка", 30, pools=[chairs])
        studio.person("Анна", [colour, cut])
        studio.open()
        studio.take(studio.find(colour, at(12)))
        assert studio.claims() == [("chair", 12, 14), ("staff", 12, 12.5), ("staff", 13.5, 14)]
        assert [start for start in studio.starts(cut) if 11.5 < start < 14] == []


class TestPools:
    @pytest.fixture
    def two(self, studio):
        """Three people, two services, two chairs."""
        studio.chairs = studio.pool("chair", "Кресло", 2)
        studio.first, studio.second = (
            studio.service(name, 60, pools=[studio.chairs], buffer_after_min=buffer)
            for name, buffer in (("Стрижка", 30), ("Укладка", 0))
        )
        studio.people = [studio.person(name, [studio.first, studio.second]) for name in ("Анна", "Борис", "Вера")]
        studio.open()
        return studio

    def test_limited_units_are_shared_by_all_services(self, two):
        anna, boris, vera = two.people
        two.take(two.find(two.first, at(12), anna))
        assert 12 in two.starts(two.second, staff_id=vera.id)
        two.take(two.find(two.second, at(12), boris))
        assert [start for start in two.starts(two.second, staff_id=vera.id) if 11 < start < 13.5] == [13]
        assert [start for start in two.starts(two.first, staff_id=vera.id) if 10 < start < 13.5] == [10.5, 13]
        with pytest.raises(SlotAlreadyTaken):
            two.take(two.find(two.second, at(12, 30), vera))
        assert two.claims() == [("chair", 12, 13), ("chair", 12, 13.5), ("staff", 12, 13), ("staff", 12, 13.5)]

    def test_a_refusal_for_want_of_a_unit_takes_back_the_person(self, two):
        anna, boris, vera = two.people
        for person in (anna, boris):
            two.take(two.find(two.second, at(12), person))
        with two.transaction() as session:
            slot_id = two.find(two.second, at(12), vera)
            slot = availability.lock_slots(session, [slot_id])[slot_id]
            with pytest.raises(SlotAlreadyTaken):
                availability.take_seat(session, slot, booking_id=new_id(), expires_at=None)
            other_id = two.find(two.second, at(13), vera)  # the transaction goes on
            other = availability.lock_slots(session, [other_id])[other_id]
            availability.take_seat(session, other, booking_id=new_id(), expires_at=None)
            assert availability.get_slot(session, slot_id).taken == 0
        assert len(two.claims()) == 6
        two.free(two.find(two.second, at(12), anna))
        two.take(slot_id)

    def test_a_moved_booking_s_own_chair_is_not_in_its_way(self, two):
        taken = [two.find(two.second, at(12), person) for person in two.people[:2]]
        for slot_id in taken:
            two.take(slot_id)
        vera = {"staff_id": two.people[2].id}
        assert 12.5 not in two.starts(two.second, **vera)
        assert 12.5 in two.starts(two.second, **vera, leaving_slot_id=taken[0])

    def test_the_unit_that_leaves_the_shortest_gap_is_taken(self, two):
        """One chair serves both in a row; the other stays whole for something long."""
        anna, boris, _ = two.people
        two.take(two.find(two.second, at(10), anna))
        two.take(two.find(two.second, at(11), boris))
        with two.database.read(two.tenant_id) as session:
            chairs = "SELECT count(DISTINCT resource_id) FROM busy_intervals WHERE resource_kind = 'chair'"
            assert session.execute(text(chairs)).scalar_one() == 1

    def test_without_a_unit_at_the_location_there_is_no_slot(self, studio):
        away = studio.location("Далеко")
        lasers = studio.pool("device", "Лазер", 1, location=away)
        rooms = studio.pool("room", "Кабинет", 1)
        service = studio.service("Эпиляция", 60, locations=[studio.home, away], pools=[lasers, rooms])
        studio.person("Анна", [service])
        studio.person("Борис", [service], location=away)
        studio.open(studio.home, away)
        assert studio.starts(service) == []  # here there is no laser, there no room
        with pytest.raises(SlotAlreadyTaken):
            studio.take(studio.find(service, at(12), location=studio.home))
        assert studio.claims() == []
        with studio.transaction() as session:
            studio.units(session, rooms, 1, away)
        assert len(studio.starts(service)) == 15
        studio.take(studio.find(service, at(12), location=away))
        assert [kind for kind, *_ in studio.claims()] == ["device", "room", "staff"]

    def test_a_unit_out_of_use_is_not_taken(self, two):
        with two.transaction() as session:
            for unit in catalog.list_resources(session, location_id=two.home.id):
                catalog.deactivate_resource(session, unit.id, actor=ACTOR, now=two.now)
        assert two.starts(two.first) == []

    def test_what_needs_nobody_needs_its_device(self, studio):
        beds = studio.pool("device", "Солярий", 1)
        sun = studio.service("Солярий", 30, requires_staff=False, pools=[beds])
        nap = studio.service("Отдых", 60, requires_staff=False, pools=[beds])
        studio.open()
        studio.take(studio.find(sun, at(12)))
        assert studio.claims() == [("device", 12, 12.5)]
        assert [start for start in studio.starts(nap) if 11 < start < 13] == [12.5]

    def test_who_was_slower_gets_another_unit_until_there_is_none(self, two):
        """Everybody tries the same chair first; three at once on two chairs: two get one, whoever they are."""
        slots = [two.find(two.second, at(12), person) for person in two.people]
        lost, barrier = [], threading.Barrier(3)

        def take(slot_id):
            barrier.wait()
            try:
                two.take(slot_id)
            except SlotAlreadyTaken:
                lost.append(slot_id)

        threads = [threading.Thread(target=take, args=(slot_id,)) for slot_id in slots]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(lost) == 1
        assert sorted(kind for kind, *_ in two.claims()) == ["chair", "chair", "staff", "staff"]


class TestTravel:
    """Between a claim here and one there lie both ways: 20 minutes from here and 25 from there."""

    @pytest.fixture
    def two_places(self, studio):
        studio.home = studio.location("Близко", travel_min=20)
        studio.away = studio.location("Далеко", travel_min=25)
        studio.cut = studio.service("Стрижка", 60, locations=[studio.home, studio.away])
        studio.anna = studio.person("Анна", [studio.cut])
        studio.open(studio.home, studio.away, staff=studio.anna)
        return studio

    def test_ways_are_kept_free_at_other_locations_only(self, two_places):
        two_places.take(two_places.find(two_places.cut, at(12), location=two_places.home))
        here, there = (
            two_places.starts(two_places.cut, location_id=place.id) for place in (two_places.home, two_places.away)
        )
        assert [start for start in here if 10.5 < start < 14] == [11, 13, 13.5]
        assert [start for start in there if 9 < start < 15] == [10, 14, 14.5]
        with pytest.raises(SlotAlreadyTaken):
            two_places.take(two_places.find(two_places.cut, at(13, 30), location=two_places.away))
        assert len(two_places.claims()) == 1
        two_places.take(two_places.find(two_places.cut, at(14), location=two_places.away))

    def test_it_is_the_constraint_that_keeps_them(self, two_places, owner_engine):
        """The negative control: without it Anna is sold at two places with no way between."""
        with owner_engine.begin() as owner:
            owner.execute(text("ALTER TABLE busy_intervals DROP CONSTRAINT ex_busy_intervals_travel"))
        two_places.take(two_places.find(two_places.cut, at(12), location=two_places.home))
        two_places.take(two_places.find(two_places.cut, at(13), location=two_places.away))
        assert two_places.claims() == [("staff", 12, 13), ("staff", 13, 14)]


class TestGroups:
    @pytest.fixture
    def yoga(self, studio):
        rooms = studio.pool("room", "Зал", 1)
        studio.yoga = studio.service("Йога", 60, pools=[rooms])
        studio.person("Анна", [studio.yoga])
        studio.person("Борис", [studio.yoga])
        studio.open(capacity=2)
        return studio

    def test_the_first_seat_claims_and_the_last_one_frees(self, yoga):
        slot_id = yoga.find(yoga.yoga, at(12), self.anna(yoga))
        yoga.take(slot_id, expires_at=at(11))
        yoga.take(slot_id)
        assert yoga.claims() == [("room", 12, 13), ("staff", 12, 13)]
        with pytest.raises(SlotAlreadyTaken):
            yoga.take(slot_id)
        yoga.free(slot_id)
        assert len(yoga.claims()) == 2
        assert yoga.starts(yoga.yoga).count(12) == 1  # the only room is theirs; a seat is left
        yoga.free(slot_id)
        assert yoga.claims() == []
        assert yoga.starts(yoga.yoga).count(12) == 2

    def test_options_that_change_the_length_are_refused(self, yoga):
        assert yoga.starts(yoga.yoga, extra_min=15) == []
        with pytest.raises(OptionsNotForGroups):
            yoga.take(yoga.find(yoga.yoga, at(12), self.anna(yoga)), extra_min=15)
        assert yoga.claims() == []

    def test_a_slot_that_became_a_group_keeps_its_claims_when_the_first_hold_runs_out(self, yoga):
        slot_id = yoga.find(yoga.yoga, at(12), self.anna(yoga))
        with yoga.transaction() as session:
            session.execute(text("UPDATE slot_instances SET capacity = 1 WHERE id = :id"), {"id": slot_id})
        yoga.take(slot_id, expires_at=at(11))
        with yoga.transaction() as session:
            session.execute(text("UPDATE slot_instances SET capacity = 2 WHERE id = :id"), {"id": slot_id})
        yoga.take(slot_id)
        with yoga.database.read(yoga.tenant_id) as session:
            assert (
                session.execute(text("SELECT count(*) FROM busy_intervals WHERE expires_at IS NULL")).scalar_one() == 2
            )

    def anna(self, studio):
        with studio.database.read(studio.tenant_id) as session:
            return next(person for person in catalog.list_staff(session) if person.name == "Анна")


class TestOptions:
    @pytest.fixture
    def cut(self, studio):
        cut = studio.service("Стрижка", 60, buffer_after_min=15)
        studio.person("Анна", [cut])
        studio.open()
        return cut

    def test_what_lengthens_a_service_needs_the_time_to_be_free_and_open(self, studio, cut):
        assert studio.starts(cut)[-1] == 17
        assert studio.starts(cut, extra_min=30)[-1] == 16.5
        assert studio.starts(cut, extra_min=-30)[-1] == 17
        assert studio.starts(cut, extra_min=-60) == []
        studio.take(studio.find(cut, at(13)), extra_min=30)
        assert studio.claims() == [("staff", 13, 14.75)]
        assert [start for start in studio.starts(cut) if 11 < start < 15.5] == [11.5, 15]
        assert [start for start in studio.starts(cut, extra_min=15) if 11 < start < 15.5] == [11.5, 15]
        assert [start for start in studio.starts(cut, extra_min=30) if 11 < start < 15.5] == [15]
        with pytest.raises(SlotTooShort):
            studio.take(studio.find(cut, at(17)), extra_min=30)

    def test_without_a_known_stretch_only_the_service_itself_fits(self, studio, cut):
        with studio.transaction() as session:
            session.execute(text("UPDATE slot_instances SET open_from = NULL, open_until = NULL"))
        assert studio.starts(cut, extra_min=15) == []
        assert len(studio.starts(cut)) == 15


class TestNotice:
    def test_the_service_s_goes_before_the_tenant_s_and_what_is_asked_before_both(self, studio):
        quick, slow = studio.service("Быстро", 30), studio.service("С разбором", 30, min_notice_min=120)
        studio.person("Анна", [quick, slow])
        studio.open()
        ten = at(10)

        def first(service, **asked):
            return studio.starts(service, now=ten, **{"min_notice": None, **asked})[0]

        assert (first(quick), first(slow)) == (10.5, 12)
        with studio.transaction() as session:
            write_settings(session, "booking", {"min_notice_min": 60}, actor=ACTOR, now=studio.now)
        assert (first(quick), first(slow)) == (11, 12)
        assert first(slow, min_notice=timedelta(0)) == 10


class TestDiaries:
    def test_shapes_and_stretches_of_a_day(self, studio):
        cut = studio.service("Стрижка", 60)
        anna, boris = (studio.person(name, [cut]) for name in ("Анна", "Борис"))
        studio.open()
        taken = studio.find(cut, at(11), anna)
        studio.take(taken)
        studio.take(studio.find(cut, at(12), anna))
        studio.take(studio.find(cut, at(15), anna), expires_at=at(9))
        window = {"staff_ids": [anna.id, boris.id], "from_at": at(3), "to_at": at(23)}
        with studio.database.read(studio.tenant_id) as session:
            shapes = availability.list_day_shapes(session, **window, now=studio.now)
            late = availability.list_day_shapes(session, **window, now=at(9), leaving_slot_id=taken)
            stretches = availability.list_open_stretches(session, **window)
            other = availability.list_open_stretches(session, **window, service_id=new_id())
        assert shapes == {anna.id: [(at(11), at(13)), (at(15), at(16))], boris.id: []}
        assert late == {anna.id: [(at(12), at(13))], boris.id: []}
        assert stretches == {person.id: [(at(10), at(18))] for person in (anna, boris)}
        assert other == {anna.id: [], boris.id: []}


def test_a_blocked_slot_cannot_be_taken(studio):
    cut = studio.service("Стрижка", 60)
    studio.person("Анна", [cut])
    studio.open()
    slot_id = studio.find(cut, at(12))
    with studio.transaction() as session:
        availability.block_slot(session, slot_id, actor=ACTOR, now=studio.now)
    assert 12 not in studio.starts(cut)
    with pytest.raises(SlotNotOffered):
        studio.take(slot_id)
    assert studio.claims() == []
