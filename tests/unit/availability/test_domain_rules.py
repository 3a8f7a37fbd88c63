"""Overlaps over midnight and within short validity; templates; what a seat claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.availability.domain import (
    Rule,
    RuleDetails,
    RuleKind,
    RulePurpose,
    Slot,
    SlotStatus,
    Template,
    TemplateDetails,
    TemplateEntry,
    find_overlap,
    rules_of,
    staff_claims,
    whole_claim,
)
from salon.availability.errors import OptionsNotForGroups, RuleSenseless, SlotTooShort, TemplateSenseless
from salon.platform.timeranges import TimeRange

LOCATION, ANNA = UUID(int=1), UUID(int=2)
MONDAY = date(2026, 3, 9)
NINE = datetime(2026, 3, 12, 9, tzinfo=UTC)
DAY_OF_WORK = TemplateEntry(day=1, start=time(10), end=time(22))


def rule(**changes):
    values = {"location_id": LOCATION, "kind": RuleKind.WEEKLY, "start_time": time(10), "end_time": time(20)}
    return RuleDetails(**{**values, "days_of_week": frozenset({1}), **changes})


def stored(details):
    return Rule(id=UUID(int=99), **{name: getattr(details, name) for name in RuleDetails.__dataclass_fields__})


def ends(after_min):
    return NINE + timedelta(minutes=after_min)


def slot(**changes):
    values = {
        "id": UUID(int=7),
        "location_id": LOCATION,
        "service_id": UUID(int=9),
        "staff_id": ANNA,
        "starts_at": NINE,
        "ends_at": ends(60),
        "busy": TimeRange(ends(-10), ends(75)),
        "capacity": 1,
        "booked": 0,
        "held": 0,
        "status": SlotStatus.OPEN,
        "open_from": NINE,
        "open_until": ends(90),
    }
    return Slot(**{**values, **changes})


def pattern(*entries, cycle_days=4, name="2/2"):
    return Template(id=UUID(int=5), name=name, cycle_days=cycle_days, entries=entries)


class TestOverlappingRules:
    @pytest.mark.parametrize(
        ("present", "new", "overlaps"),
        [
            # Sunday's night reaches into Monday, and the other way round
            (
                {"days_of_week": frozenset({7}), "start_time": time(22), "end_time": time(2)},
                {"start_time": time(1)},
                True,
            ),
            (
                {"days_of_week": frozenset({7}), "start_time": time(22), "end_time": time(2)},
                {"start_time": time(2)},
                False,
            ),
            (
                {"start_time": time(1)},
                {"days_of_week": frozenset({7}), "start_time": time(22), "end_time": time(2)},
                True,
            ),
            # both speak of Mondays, but never of the same one
            ({"valid_to": MONDAY}, {"valid_from": MONDAY + timedelta(days=1)}, False),
            ({"valid_to": MONDAY + timedelta(days=6)}, {"valid_from": MONDAY + timedelta(days=1)}, False),
            ({"valid_to": MONDAY + timedelta(days=7)}, {"valid_from": MONDAY + timedelta(days=1)}, True),
            # closures of different purpose add up
            ({"is_closed": True}, {"is_closed": True}, True),
            ({"is_closed": True}, {"is_closed": True, "purpose": RulePurpose.BREAK}, False),
            ({}, {"purpose": RulePurpose.SHIFT}, True),
        ],
    )
    def test_are_those_that_share_an_hour_of_a_day(self, present, new, overlaps):
        known = stored(rule(**present))
        assert (find_overlap(rule(**new), [known]) is known) is overlaps

    @given(
        st.tuples(
            st.integers(0, 95), st.integers(0, 95), st.frozensets(st.integers(1, 7), min_size=1), st.integers(0, 9)
        ),
        st.tuples(
            st.integers(0, 95), st.integers(0, 95), st.frozensets(st.integers(1, 7), min_size=1), st.integers(0, 9)
        ),
    )
    def test_agree_with_counting_quarters_of_an_hour(self, one, other):
        rules = [
            rule(
                start_time=time(start // 4, start % 4 * 15),
                end_time=time(end // 4, end % 4 * 15),
                days_of_week=days,
                valid_from=MONDAY,
                valid_to=MONDAY + timedelta(days=length),
            )
            for start, end, days, length in (one, other)
        ]
        quarters = [self.quarters(details) for details in rules]
        assert (find_overlap(rules[0], [stored(rules[1])]) is not None) is bool(quarters[0] & quarters[1])

    def quarters(self, details):
        days = [details.valid_from + timedelta(days=step) for step in range(10)]
        start, end = details.minutes
        return {
            (on.toordinal() * 1440 + minute) // 15
            for on in days
            if on <= details.valid_to and on.isoweekday() in details.days_of_week
            for minute in range(start, end, 15)
        }

    @pytest.mark.parametrize(
        "changes",
        [
            {"start_time": time(10, 0, 30)},
            {"start_time": time(10, tzinfo=UTC)},
            {"purpose": RulePurpose.BREAK},
            {"purpose": RulePurpose.TIME_OFF, "is_closed": True},
            {"purpose": RulePurpose.TIME_OFF, "staff_id": ANNA},
        ],
    )
    def test_a_rule_that_contradicts_itself_is_refused(self, changes):
        with pytest.raises(RuleSenseless):
            rule(**changes)


class TestTemplates:
    @pytest.mark.parametrize(
        "changes",
        [
            {"name": " "},
            {"cycle_days": 0},
            {"cycle_days": 57},
            {"entries": ()},
            {"entries": (replace(DAY_OF_WORK, is_break=True),)},
            {"entries": (replace(DAY_OF_WORK, day=5),)},
            {"entries": (replace(DAY_OF_WORK, day=0),)},
            {"entries": (replace(DAY_OF_WORK, granularity_min=0),)},
            {"entries": (DAY_OF_WORK, replace(DAY_OF_WORK, start=time(21), end=time(23)))},
            # a night on the last day of the cycle meets the morning of the first
            {"entries": (DAY_OF_WORK, TemplateEntry(day=4, start=time(22), end=time(11)))},
        ],
    )
    def test_that_contradict_themselves_are_refused(self, changes):
        with pytest.raises(TemplateSenseless):
            TemplateDetails(**{"name": "2/2", "cycle_days": 4, "entries": (DAY_OF_WORK,), **changes})

    def test_two_days_on_and_two_off(self):
        lunch = TemplateEntry(day=2, start=time(15), end=time(16), is_break=True)
        two_two = pattern(DAY_OF_WORK, replace(DAY_OF_WORK, day=2), lunch)
        made = rules_of(
            two_two,
            location_id=LOCATION,
            staff_id=ANNA,
            from_on=MONDAY,
            to_on=MONDAY + timedelta(days=5),
            anchor_on=MONDAY + timedelta(days=41),  # the anchor may lie anywhere
        )
        shown = [((one.valid_from - MONDAY).days, one.purpose.value, one.is_closed, one.start_time) for one in made]
        assert shown == [
            (0, "shift", True, None),
            (1, "shift", False, time(10)),
            (2, "shift", False, time(10)),
            (2, "break", True, time(15)),
            (3, "shift", True, None),
            (4, "shift", True, None),
            (5, "shift", False, time(10)),
        ]
        assert {one.valid_from == one.valid_to for one in made} == {True}

    def test_a_week_without_end_becomes_weekly_rules(self):
        week = pattern(DAY_OF_WORK, replace(DAY_OF_WORK, day=3), cycle_days=7, name="Пн, ср")
        (made,) = rules_of(
            week, location_id=LOCATION, staff_id=ANNA, from_on=MONDAY, to_on=None, anchor_on=MONDAY + timedelta(days=2)
        )
        assert (made.kind, made.days_of_week, made.valid_from, made.valid_to) == (
            RuleKind.WEEKLY,
            frozenset({3, 5}),
            MONDAY,
            None,
        )

    @pytest.mark.parametrize("to_on", [None, MONDAY - timedelta(days=1), MONDAY + timedelta(days=400)])
    def test_what_cannot_be_applied_is_refused(self, to_on):
        with pytest.raises(TemplateSenseless):
            rules_of(
                pattern(DAY_OF_WORK),
                location_id=LOCATION,
                staff_id=ANNA,
                from_on=MONDAY,
                to_on=to_on,
                anchor_on=MONDAY,
            )


class TestClaims:
    def test_a_seat_takes_buffers_and_options(self):
        assert staff_claims(slot()) == (TimeRange(ends(-10), ends(75)),)
        assert whole_claim(slot(), 30) == TimeRange(ends(-10), ends(105))
        assert whole_claim(slot(), -30) == TimeRange(ends(-10), ends(45))
        assert staff_claims(slot(staff_id=None)) == ()

    def test_processing_time_sets_the_staff_member_free_and_not_the_chair(self):
        colour = slot(rest=TimeRange(ends(20), ends(45)))
        assert staff_claims(colour, 15) == (TimeRange(ends(-10), ends(20)), TimeRange(ends(45), ends(90)))
        assert whole_claim(colour, 15) == TimeRange(ends(-10), ends(90))
        until_the_end = slot(rest=TimeRange(ends(20), ends(80)))
        assert staff_claims(until_the_end) == (TimeRange(ends(-10), ends(20)),)

    @pytest.mark.parametrize(
        ("changes", "extra_min", "refused"),
        [
            ({}, 31, SlotTooShort),
            ({}, -60, SlotTooShort),
            ({"open_until": None}, 1, SlotTooShort),
            ({"capacity": 2}, 15, OptionsNotForGroups),
        ],
    )
    def test_options_that_do_not_fit_are_refused(self, changes, extra_min, refused):
        with pytest.raises(refused):
            staff_claims(slot(**changes), extra_min)
        assert whole_claim(slot(**changes)) == slot().busy
