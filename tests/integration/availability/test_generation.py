"""Slots from rules: whose hours win, what a daylight-saving change does, what is never destroyed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from salon.availability import use_cases as availability
from salon.availability.domain import RuleDetails, RuleKind, SlotsGenerated
from salon.availability.errors import RuleNotFound, RulesOverlap
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Skill
from salon.catalog.errors import LocationNotFound, ServiceNotFound, StaffNotFound
from support.factories import (
    ACTOR,
    make_rule,
    make_service,
    make_staff,
)
from support.places import THURSDAY, Place, details_of

pytestmark = pytest.mark.database
NOBODY = UUID(int=404)
NOTHING = SlotsGenerated()


@pytest.fixture
def place(database, tenant_id, clock):
    return Place(database, tenant_id, clock.now())


class TestDaylightSaving:
    @pytest.mark.parametrize(
        ("zone", "on", "hours_and_starts"),
        [
            ("Asia/Dubai", date(2026, 3, 29), ("00:00", "04:00", ["00:00", "01:00", "02:00", "03:00"])),
            ("Asia/Kamchatka", date(2026, 3, 29), ("09:00", "11:00", ["09:00", "10:00"])),
            ("Europe/Berlin", date(2026, 3, 29), ("00:00", "05:00", ["00:00", "01:00", "03:00", "04:00"])),
            ("Europe/Berlin", date(2026, 10, 25), ("00:00", "04:00", ["00:00", "01:00", "02:00", "02:00", "03:00"])),
            ("Europe/Berlin", date(2026, 3, 29), ("10:00", "12:00", ["10:00", "11:00"])),
            ("Europe/Berlin", date(2026, 10, 25), ("10:00", "12:00", ["10:00", "11:00"])),
            ("America/Sao_Paulo", date(2018, 11, 4), ("00:00", "03:00", ["01:00", "02:00"])),
            ("America/Sao_Paulo", date(2018, 2, 17), ("21:00", "00:00", ["21:00", "22:00", "23:00", "23:00"])),
            # the clocks of Havana and Cairo change at midnight
            ("America/Havana", date(2026, 3, 8), ("00:00", "03:00", ["01:00", "02:00"])),
            ("Africa/Cairo", date(2026, 4, 24), ("00:00", "03:00", ["01:00", "02:00"])),
            ("Africa/Cairo", date(2026, 10, 29), ("22:00", "00:00", ["22:00", "23:00", "23:00"])),
        ],
    )
    def test_no_start_is_skipped_or_doubled(self, database, tenant_id, zone, on, hours_and_starts):
        opens, closes, expected = hours_and_starts
        place = Place(database, tenant_id, datetime(2018, 1, 1, tzinfo=UTC), timezone=zone)
        place.rule(hours=(opens, closes))
        place.generate(on)
        assert place.local_starts(on) == expected
        # the rule holds on the days around as well, and nothing may leak over the edges of the asked day
        assert place.local_starts(on - timedelta(days=1)) == place.local_starts(on + timedelta(days=1)) == []

    def test_a_hour_lasts_an_hour_over_the_change(self, database, tenant_id):
        place = Place(database, tenant_id, datetime(2026, 1, 1, tzinfo=UTC), timezone="Europe/Berlin", duration_min=120)
        place.rule(hours=("01:00", "04:00"))
        place.generate(date(2026, 3, 29))
        with place.database.read(tenant_id) as session:
            slots = availability.list_free_slots(
                session,
                service_id=place.service.id,
                from_at=datetime(2026, 3, 28, tzinfo=UTC),
                to_at=datetime(2026, 3, 30, tzinfo=UTC),
                now=place.now,
            )
        # 01:00 to 04:00 on the wall is two hours that night: one start, not two
        assert [(slot.starts_at, slot.ends_at) for slot in slots] == [
            (datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC))
        ]


class TestWhoseHoursWin:
    def test_weekly_rules_hold_on_their_weekdays(self, place):
        place.rule(hours=("10:00", "12:00"), days_of_week=[4])
        place.rule(hours=("15:00", "16:00"), days_of_week=[5])
        place.generate(THURSDAY, THURSDAY + timedelta(days=2))
        assert place.local_starts() == ["10:00", "11:00"]
        assert place.local_starts(THURSDAY + timedelta(days=1)) == ["15:00"]
        assert place.local_starts(THURSDAY + timedelta(days=2)) == []

    def test_a_date_range_goes_before_weekly_and_an_exception_before_both(self, place):
        place.rule(hours=("10:00", "14:00"))
        place.rule(
            kind=RuleKind.DATE_RANGE,
            hours=("16:00", "18:00"),
            valid_from=THURSDAY,
            valid_to=THURSDAY + timedelta(days=1),
        )
        place.rule(kind=RuleKind.EXCEPTION, hours=("20:00", "21:00"), valid_from=THURSDAY, valid_to=THURSDAY)
        place.generate(THURSDAY, THURSDAY + timedelta(days=2))
        assert place.local_starts() == ["20:00"]
        assert place.local_starts(THURSDAY + timedelta(days=1)) == ["16:00", "17:00"]
        assert place.local_starts(THURSDAY + timedelta(days=2)) == ["10:00", "11:00", "12:00", "13:00"]

    def test_a_closed_exception_takes_everything_or_a_part(self, place):
        place.rule(hours=("10:00", "14:00"))
        place.rule(kind=RuleKind.DATE_RANGE, hours=("10:00", "14:00"), valid_from=THURSDAY, valid_to=THURSDAY)
        place.rule(
            kind=RuleKind.EXCEPTION, hours=("11:30", "12:30"), valid_from=THURSDAY, valid_to=THURSDAY, is_closed=True
        )
        tomorrow = THURSDAY + timedelta(days=1)
        place.rule(kind=RuleKind.EXCEPTION, hours=None, valid_from=tomorrow, valid_to=tomorrow, is_closed=True)
        place.generate(THURSDAY, tomorrow)
        assert place.local_starts() == ["10:00", "13:00"]
        assert place.local_starts(tomorrow) == []

    def test_a_weekly_break_takes_from_weekly_hours_but_not_from_stronger_ones(self, place):
        place.rule(hours=("10:00", "14:00"))
        place.rule(hours=("12:00", "13:00"), is_closed=True)
        special = THURSDAY + timedelta(days=1)
        place.rule(kind=RuleKind.EXCEPTION, hours=("11:00", "14:00"), valid_from=special, valid_to=special)
        place.generate(THURSDAY, special)
        assert place.local_starts() == ["10:00", "11:00", "13:00"]
        assert place.local_starts(special) == ["11:00", "12:00", "13:00"]

    def test_own_rules_go_before_the_location_s_and_days_off_are_off(self, place):
        place.rule(hours=("10:00", "14:00"))
        place.rule(hours=("12:00", "16:00"), staff_id=place.anna.id, days_of_week=[4])
        with place.database.transaction(place.tenant_id) as session:
            boris = make_staff(
                session, now=place.now, location_id=place.location.id, service_ids=[place.service.id], name="Борис"
            )
        place.generate(THURSDAY, THURSDAY + timedelta(days=1))
        friday = THURSDAY + timedelta(days=1)
        assert place.local_starts(staff_id=place.anna.id) == ["12:00", "13:00", "14:00", "15:00"]
        assert place.local_starts(friday, staff_id=place.anna.id) == []
        assert place.local_starts(friday, staff_id=boris.id) == ["10:00", "11:00", "12:00", "13:00"]

    def test_short_hours_of_the_location_narrow_own_hours(self, place):
        place.rule(hours=("10:00", "20:00"), staff_id=place.anna.id)
        place.rule(kind=RuleKind.DATE_RANGE, hours=("09:00", "12:00"), valid_from=THURSDAY, valid_to=THURSDAY)
        place.generate()
        assert place.local_starts() == ["10:00", "11:00"]

    def test_a_vacation_is_a_closure_of_one_person(self, place):
        place.rule(hours=("10:00", "12:00"))
        place.rule(
            kind=RuleKind.DATE_RANGE,
            hours=None,
            is_closed=True,
            staff_id=place.anna.id,
            valid_from=THURSDAY,
            valid_to=THURSDAY,
        )
        place.generate(THURSDAY, THURSDAY + timedelta(days=1))
        assert place.local_starts() == []
        assert place.local_starts(THURSDAY + timedelta(days=1)) == ["10:00", "11:00"]

    def test_a_rule_for_one_service_replaces_the_general_one_for_it(self, place):
        with place.database.transaction(place.tenant_id) as session:
            colour = make_service(session, now=place.now, location_ids=[place.location.id], name="Окрашивание")
            skills = [Skill(place.service.id), Skill(colour.id)]
            catalog.assign_skills(session, place.anna.id, skills, actor=ACTOR, now=place.now)
        place.rule(hours=("10:00", "14:00"))
        place.rule(hours=("10:00", "11:00"), service_id=colour.id)
        place.generate()
        assert place.local_starts(service_id=colour.id) == ["10:00"]
        assert place.local_starts() == ["10:00", "11:00", "12:00", "13:00"]

    def test_a_shift_may_reach_over_midnight_into_the_asked_day(self, place):
        place.rule(hours=("22:00", "02:00"), days_of_week=[3])
        place.generate(THURSDAY)
        assert place.local_starts() == ["00:00", "01:00"]


class TestWhatIsMade:
    def test_a_service_fits_wholly_into_the_hours(self, database, tenant_id, clock):
        place = Place(database, tenant_id, clock.now(), duration_min=90, buffer_after_min=15)
        place.rule(hours=("10:00", "13:00"), granularity_min=30)
        place.generate()
        assert place.local_starts() == ["10:00", "10:30", "11:00", "11:30"]

    def test_a_person_may_have_a_time_of_their_own(self, place):
        with place.database.transaction(place.tenant_id) as session:
            own = [Skill(place.service.id, duration_min=120)]
            catalog.assign_skills(session, place.anna.id, own, actor=ACTOR, now=place.now)
        place.rule(hours=("10:00", "13:00"))
        place.generate()
        assert place.local_starts() == ["10:00", "11:00"]

    def test_what_needs_nobody_has_slots_of_the_location(self, database, tenant_id, clock):
        place = Place(database, tenant_id, clock.now(), requires_staff=False, duration_min=30)
        place.rule(hours=("10:00", "11:00"), granularity_min=30, capacity=2)
        place.rule(hours=("15:00", "16:00"), staff_id=place.anna.id)
        assert place.generate().created == 2
        assert place.generate() == NOTHING
        assert place.local_starts() == ["10:00", "10:30"]

    def test_the_past_is_left_alone(self, place):
        place.rule(hours=("10:00", "14:00"))
        noon = datetime(2026, 3, 12, 9, tzinfo=UTC)
        place.generate(now=noon)
        place.now = noon - timedelta(days=1)
        assert place.local_starts() == ["13:00"]

    def test_ids_are_of_version_seven(self, place):
        place.rule()
        place.generate()
        with place.database.read(place.tenant_id) as session:
            slots = availability.list_free_slots(
                session,
                service_id=place.service.id,
                from_at=place.now,
                to_at=place.now + timedelta(days=9),
                now=place.now,
            )
        assert {slot.id.version for slot in slots} == {7}
        made_at_ms = {slot.id.int >> 80 for slot in slots}
        assert made_at_ms == {int(place.now.timestamp() * 1000)}

    def test_nobody_works_for_what_is_out_of_use(self, place):
        place.rule()
        place.generate()
        with place.database.transaction(place.tenant_id) as session:
            catalog.deactivate_service(session, place.service.id, actor=ACTOR, now=place.now)
        assert place.local_starts() == []
        assert place.generate().removed == 4


class TestRules:
    def test_are_stored_as_they_are_said(self, place):
        rule = place.rule(hours=("22:00", "02:00"), days_of_week=[5, 6], capacity=4, granularity_min=20)
        with place.database.read(place.tenant_id) as session:
            assert availability.get_rule(session, rule.id) == rule
            assert availability.list_rules(session, place.location.id) == [rule]

    def test_overlapping_rules_are_refused(self, place):
        """The document's test matrix: «Admin validation: overlapping rules …»."""
        present = place.rule(hours=("10:00", "14:00"))
        with pytest.raises(RulesOverlap) as refused:
            place.rule(hours=("13:00", "15:00"), days_of_week=[2])
        assert refused.value.rule_id == present.id

    def test_name_what_exists(self, place):
        with pytest.raises(StaffNotFound):
            place.rule(staff_id=NOBODY)
        with pytest.raises(ServiceNotFound):
            place.rule(service_id=NOBODY)
        with place.database.transaction(place.tenant_id) as session:
            with pytest.raises(LocationNotFound):
                make_rule(session, now=place.now, location_id=NOBODY)
            for refused in (
                lambda: availability.get_rule(session, NOBODY),
                lambda: availability.remove_rule(session, NOBODY, actor=ACTOR, now=place.now),
            ):
                with pytest.raises(RuleNotFound):
                    refused()
        rule = place.rule()
        late = RuleDetails(**{**details_of(rule), "valid_from": date(2030, 1, 1), "staff_id": place.anna.id})
        with pytest.raises(RuleNotFound), place.database.transaction(place.tenant_id) as session:
            availability.change_rule(session, NOBODY, late, actor=ACTOR, now=place.now)
