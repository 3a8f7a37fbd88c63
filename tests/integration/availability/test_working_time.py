"""Rules, templates, shifts and time off, and that the slots follow every change at once."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from salon.availability import use_cases as availability
from salon.availability.domain import RuleDetails, RuleKind, RulePurpose, TemplateDetails, TemplateEntry
from salon.availability.errors import (
    RuleSenseless,
    RulesOverlap,
    TemplateNameTaken,
    TemplateNotFound,
    TemplateSenseless,
    TimeOffNotFound,
)
from salon.availability.timers import MakeSlots
from salon.catalog import use_cases as catalog
from salon.catalog.errors import StaffNotFound
from salon.catalog.events import CatalogChanged
from salon.identity.use_cases import write_settings
from salon.platform.ids import new_id
from salon.platform.settings import BookingSettings
from support.factories import ACTOR, make_location, make_rule, make_service, make_staff

pytestmark = pytest.mark.database
TODAY = date(2026, 3, 11)  # a Wednesday
TEN, TWELVE, FOURTEEN = time(10), time(12), time(14)


def after(days):
    return TODAY + timedelta(days=days)


class Place:
    """A location with Anna; everything that is said is followed at once."""

    def __init__(self, database, tenant_id, now, timezone="Europe/Moscow"):
        self.database, self.tenant_id, self.now, self.zone = database, tenant_id, now, ZoneInfo(timezone)
        with self.transaction() as session:
            self.location = make_location(session, now=now, timezone=timezone)
            self.service = make_service(session, now=now, location_ids=[self.location.id])
            self.anna = make_staff(session, now=now, location_id=self.location.id, service_ids=[self.service.id])

    def transaction(self):
        return self.database.transaction(self.tenant_id)

    def rule(self, **details):
        with self.transaction() as session:
            return make_rule(session, now=self.now, location_id=self.location.id, refresh=True, **details)

    def say(self, use_case, *args, **details):
        with self.transaction() as session:
            return use_case(session, *args, actor=ACTOR, now=self.now, **details)

    def hours(self, on, location_id=None):
        """Local starts of all slots on a day."""
        query = text(
            "SELECT starts_at FROM slot_instances WHERE location_id = :location_id AND status <> 'blocked'"
            " ORDER BY starts_at"
        )
        with self.database.read(self.tenant_id) as session:
            starts = session.scalars(query, {"location_id": location_id or self.location.id})
            local = [start.astimezone(self.zone) for start in starts]
        return [start.hour for start in local if start.date() == on]

    def apply(self, template, **details):
        stretch = {
            "location_id": self.location.id,
            "staff_id": self.anna.id,
            "from_on": after(1),
            "anchor_on": after(1),
        }
        return self.say(availability.apply_template, template.id, **{**stretch, "to_on": after(8), **details})


@pytest.fixture
def place(database, tenant_id, clock):
    return Place(database, tenant_id, clock.now())


@pytest.fixture
def two_two(place):
    entries = (
        TemplateEntry(day=1, start=TEN, end=FOURTEEN, granularity_min=60),
        TemplateEntry(day=2, start=TEN, end=FOURTEEN, granularity_min=60),
        TemplateEntry(day=2, start=TWELVE, end=time(13), is_break=True),
    )
    return place.say(availability.create_template, TemplateDetails(name="2/2", cycle_days=4, entries=entries))


class TestSlotsFollow:
    def test_a_rule_from_its_first_to_its_last_word(self, place):
        rule = place.rule(hours=("10:00", "12:00"))
        assert place.hours(TODAY) == [11]  # 10:00 is over
        assert place.hours(after(60)) == [10, 11]
        assert place.hours(after(61)) == []
        details = {name: getattr(rule, name) for name in RuleDetails.__dataclass_fields__}
        shorter = RuleDetails(**{**details, "valid_to": after(30), "end_time": time(11)})
        place.say(availability.change_rule, rule.id, shorter)
        assert (place.hours(after(30)), place.hours(after(31))) == ([10], [])
        place.say(availability.remove_rule, rule.id)
        assert place.hours(after(30)) == []

    def test_a_night_shift_into_its_last_morning(self, place):
        night = place.rule(kind=RuleKind.EXCEPTION, hours=("22:00", "02:00"), valid_from=after(1), valid_to=after(1))
        assert (place.hours(after(1)), place.hours(after(2))) == ([22, 23], [0, 1])
        place.say(availability.remove_rule, night.id)
        assert (place.hours(after(1)), place.hours(after(2))) == ([], [])

    def test_to_the_tenant_s_own_horizon(self, place, clock):
        place.say(write_settings, "booking", {"horizon_days": 5})
        place.rule(hours=("10:00", "12:00"))
        assert (place.hours(after(5)), place.hours(after(6))) == ([10, 11], [])
        place.say(write_settings, "booking", {"horizon_days": "many"})  # makes no sense: the timer's own holds
        assert MakeSlots(place.database, clock, BookingSettings(slot_horizon_days=7))() == 1
        assert (place.hours(after(7)), place.hours(after(8))) == ([10, 11], [])

    def test_the_catalogue_when_it_tells(self, place):
        place.rule(hours=("10:00", "12:00"))
        place.say(catalog.deactivate_staff, place.anna.id)
        fact = CatalogChanged(occurred_at=place.now, location_ids=(place.location.id,))
        with place.transaction() as session:
            availability.on_catalog_changed(session, fact, place.now)
        assert place.hours(after(1)) == []


class TestTemplates:
    def test_two_days_on_and_two_off_over_the_hours_of_the_house(self, place, two_two):
        place.rule(hours=("08:00", "20:00"))
        place.apply(two_two)
        assert [place.hours(after(days)) for days in range(1, 6)] == [
            [10, 11, 12, 13],
            [10, 11, 13],
            [],
            [],
            [10, 11, 12, 13],
        ]
        assert place.hours(after(9))[0] == 8  # the stretch is over

    def test_applied_again_replaces_what_it_made_there(self, place, two_two):
        place.apply(two_two)
        place.apply(two_two, from_on=after(3), to_on=after(4), anchor_on=after(3))
        assert [len(place.hours(after(days))) for days in range(1, 6)] == [4, 3, 4, 3, 4]
        late = (TemplateEntry(day=1, start=FOURTEEN, end=time(16), granularity_min=60),)
        details = TemplateDetails(name="Поздно", cycle_days=2, entries=late)
        place.say(availability.change_template, two_two.id, details)
        assert len(place.hours(after(1))) == 4
        place.apply(two_two)
        assert [place.hours(after(days)) for days in range(1, 4)] == [[14, 15], [], [14, 15]]

    def test_taken_back_leaves_the_rest(self, place, two_two):
        place.apply(two_two)
        stretch = {"location_id": place.location.id, "staff_id": place.anna.id, "from_on": after(2), "to_on": after(5)}
        assert place.say(availability.unapply_template, two_two.id, **stretch) == 5
        assert [len(place.hours(after(days))) for days in range(1, 7)] == [4, 0, 0, 0, 0, 3]
        assert place.say(availability.unapply_template, two_two.id, **stretch) == 0

    def test_a_week_without_end_can_be_cut_in_the_middle(self, place):
        entries = tuple(TemplateEntry(day=day, start=TEN, end=TWELVE, granularity_min=60) for day in (1, 2))
        details = TemplateDetails(name="Неделя", cycle_days=7, entries=entries)
        week = place.say(availability.create_template, details)
        place.apply(week, to_on=None)
        assert [bool(place.hours(after(days))) for days in (1, 2, 3, 8, 9, 15)] == [True, True, False, True, True, True]
        stretch = {"location_id": place.location.id, "staff_id": place.anna.id, "from_on": after(8), "to_on": after(8)}
        place.say(availability.unapply_template, week.id, **stretch)
        assert [bool(place.hours(after(days))) for days in (1, 2, 3, 8, 9, 15)] == [
            True,
            True,
            False,
            False,
            True,
            True,
        ]

    def test_other_date_ranges_are_not_overwritten(self, place, two_two):
        present = place.rule(
            kind=RuleKind.DATE_RANGE,
            hours=("12:00", "13:00"),
            staff_id=place.anna.id,
            valid_from=after(2),
            valid_to=after(2),
        )
        with pytest.raises(RulesOverlap) as refused:
            place.apply(two_two)
        assert refused.value.rule_id == present.id
        assert place.hours(after(1)) == []

    def test_are_kept_changed_and_dropped(self, place, two_two):
        with place.transaction() as session:
            assert availability.get_template(session, two_two.id) == two_two
            assert availability.list_templates(session) == [two_two]
        with pytest.raises(TemplateNameTaken):
            place.say(
                availability.create_template, TemplateDetails(name="2/2", cycle_days=4, entries=two_two.entries[:1])
            )
        with pytest.raises(TemplateSenseless):
            place.apply(two_two, to_on=None)
        place.apply(two_two)
        place.say(availability.remove_template, two_two.id)
        assert place.hours(after(1)) == [10, 11, 12, 13]
        for use_case, arguments in (
            (availability.remove_template, ()),
            (availability.change_template, (two_two,)),
        ):
            with pytest.raises(TemplateNotFound):
                place.say(use_case, two_two.id, *arguments)
        with pytest.raises(TemplateNotFound):
            place.apply(two_two)


class TestShifts:
    def test_a_day_s_shift_goes_before_everything_and_can_be_taken_back(self, place, two_two):
        place.apply(two_two)
        day = {"location_id": place.location.id, "staff_id": place.anna.id, "on": after(3), "granularity_min": 60}
        place.say(availability.set_shift, **day, hours=(time(16), time(20)), breaks=[(time(17), time(18))])
        assert place.hours(after(3)) == [16, 18, 19]
        place.say(availability.set_shift, **{**day, "on": after(1)}, hours=None)
        assert place.hours(after(1)) == []
        place.say(availability.set_shift, **day, hours=(time(9), time(10)))
        assert place.hours(after(3)) == [9]
        del day["granularity_min"]
        assert place.say(availability.clear_shift, **day) == 1
        assert place.say(availability.clear_shift, **{**day, "on": after(1)}) == 1
        assert (place.hours(after(1)), place.hours(after(3))) == ([10, 11, 12, 13], [])
        assert place.say(availability.clear_shift, **day) == 0

    def test_changing_a_shift_leaves_a_time_off_alone(self, place):
        off = place.say(availability.add_time_off, place.anna.id, from_on=after(1), to_on=after(1))
        day = {"location_id": place.location.id, "staff_id": place.anna.id, "on": after(1)}
        place.say(availability.set_shift, **day, hours=(TEN, TWELVE))
        assert place.hours(after(1)) == []
        place.say(availability.remove_time_off, off.id)
        assert place.hours(after(1))[:1] == [10]


class TestTimeOff:
    @pytest.fixture
    def far(self, place):
        """Anna also works in Petropavlovsk, nine hours ahead of Moscow."""
        with place.transaction() as session:
            location = make_location(session, now=place.now, name="Камчатка", timezone="Asia/Kamchatka")
            catalog.offer_services(session, location.id, [place.service.id], actor=ACTOR, now=place.now)
            make_rule(
                session,
                now=place.now,
                location_id=location.id,
                hours=("00:00", "23:00"),
                staff_id=place.anna.id,
                refresh=True,
            )
        return location

    def test_is_kept_at_every_location_of_the_person(self, place, far):
        place.rule(hours=("10:00", "14:00"))
        off = place.say(availability.add_time_off, place.anna.id, from_on=after(2), to_on=after(3))
        assert (off.first_on, off.last_on, off.start_time, off.end_time) == (after(2), after(3), None, None)
        assert off.location_ids == {place.location.id, far.id}
        assert [bool(place.hours(after(days))) for days in (1, 2, 3, 4)] == [True, False, False, True]
        assert place.hours(after(2), far.id) == []
        assert place.hours(after(3), far.id) == list(range(15, 24))  # the next day has begun there
        purposes = "SELECT DISTINCT purpose FROM availability_rules WHERE is_closed"
        with place.transaction() as session:
            assert list(session.scalars(text(purposes))) == [RulePurpose.TIME_OFF]
            assert availability.list_time_off(session) == [off]
            assert availability.list_time_off(session, staff_id=place.anna.id, from_on=after(3)) == [off]
            assert availability.list_time_off(session, to_on=after(1)) == []
        place.say(availability.remove_time_off, off.id)
        assert bool(place.hours(after(2)))
        with pytest.raises(TimeOffNotFound):
            place.say(availability.remove_time_off, off.id)

    @pytest.mark.usefixtures("far")
    def test_between_two_instants_means_the_same_everywhere(self, place):
        place.rule(hours=("08:00", "20:00"))
        from_at = datetime(2026, 3, 12, 12, tzinfo=UTC)  # 15:00 in Moscow, midnight in Petropavlovsk
        to_at = datetime(2026, 3, 14, 7, tzinfo=UTC)  # 10:00 in Moscow, 19:00 in Petropavlovsk
        off = place.say(availability.add_time_off, place.anna.id, from_at=from_at, to_at=to_at)
        assert (off.first_on, off.last_on, off.start_time, off.end_time) == (after(1), after(3), time(15), TEN)
        with place.transaction() as session:
            starts = session.scalars(
                text(
                    "SELECT starts_at FROM slot_instances WHERE starts_at + interval '1 hour' > :a AND starts_at < :b"
                ),
                {"a": from_at, "b": to_at},
            )
            assert list(starts) == []
        assert place.hours(after(1)) == list(range(8, 15))
        assert place.hours(after(3)) == list(range(10, 20))

    def test_what_makes_no_sense_is_refused(self, place):
        noon = datetime(2026, 3, 12, 12, tzinfo=UTC)
        for senseless in (
            {},
            {"from_on": after(1)},
            {"from_at": noon, "to_at": noon},
            {"from_on": after(1), "to_on": after(2), "from_at": noon, "to_at": noon + timedelta(hours=1)},
            {"from_on": after(2), "to_on": after(1)},
        ):
            with pytest.raises(RuleSenseless):
                place.say(availability.add_time_off, place.anna.id, **senseless)
        place.say(availability.add_time_off, place.anna.id, from_at=noon, to_at=noon + timedelta(hours=1))
        with pytest.raises(RulesOverlap):
            place.say(availability.add_time_off, place.anna.id, from_on=after(1), to_on=after(1))
        with pytest.raises(StaffNotFound):
            place.say(availability.add_time_off, new_id(), from_on=after(1), to_on=after(1))


def test_two_at_once_cannot_write_overlapping_rules(place):
    """The check looks before it writes: whoever comes second must see what the first has written."""
    refused, barrier = [], threading.Barrier(4)

    def speak():
        barrier.wait()
        try:
            place.rule(hours=("10:00", "14:00"))
        except RulesOverlap:
            refused.append(1)

    threads = [threading.Thread(target=speak) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3
