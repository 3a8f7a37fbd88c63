from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from salon.availability.domain import (
    Rule,
    RuleDetails,
    RuleKind,
    Slot,
    SlotsGenerated,
    SlotStatus,
    find_overlap,
)
from salon.availability.errors import RuleSenseless
from salon.platform.timeranges import TimeRange

LOCATION, ANNA = UUID(int=1), UUID(int=2)
NINE = datetime(2026, 3, 12, 9, tzinfo=UTC)


def weekly(**changes):
    values = {
        "location_id": LOCATION,
        "kind": RuleKind.WEEKLY,
        "start_time": time(10),
        "end_time": time(20),
        "days_of_week": frozenset({1, 2, 3}),
    }
    return RuleDetails(**{**values, **changes})


def stored(details):
    return Rule(id=UUID(int=99), **{name: getattr(details, name) for name in RuleDetails.__dataclass_fields__})


def slot(start_min, staff_id=ANNA, **changes):
    start = NINE + timedelta(minutes=start_min)
    end = start + timedelta(hours=1)
    values = {
        "id": UUID(int=start_min * 10 + (staff_id.int if staff_id else 0) + 1000),
        "location_id": LOCATION,
        "service_id": UUID(int=9),
        "staff_id": staff_id,
        "starts_at": start,
        "ends_at": end,
        "busy": TimeRange(start, end),
        "capacity": 1,
        "booked": 0,
        "held": 0,
        "status": SlotStatus.OPEN,
    }
    return Slot(**{**values, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"end_time": None},
        {"start_time": None, "end_time": None},
        {"days_of_week": frozenset()},
        {"days_of_week": frozenset({0, 1})},
        {"days_of_week": frozenset({8})},
        {"days_of_week": None},
        {"kind": RuleKind.DATE_RANGE},
        {"kind": RuleKind.EXCEPTION, "valid_from": date(2026, 3, 8)},
        {"valid_from": date(2026, 3, 9), "valid_to": date(2026, 3, 8)},
        {"slot_capacity": 0},
        {"slot_capacity": 1001},
        {"slot_granularity_min": 0},
        {"slot_granularity_min": 1441},
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(changes):
    with pytest.raises(RuleSenseless):
        weekly(**changes)


def test_a_closed_day_needs_no_hours_and_lasts_a_day():
    closed = weekly(start_time=None, end_time=None, is_closed=True)
    assert closed.minutes == (0, 1440)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (time(10), time(20), (600, 1200)),
        (time(22), time(2), (1320, 1560)),
        (time(10), time(0), (600, 1440)),
    ],
)
def test_hours_may_reach_over_midnight(start, end, expected):
    assert weekly(start_time=start, end_time=end).minutes == expected


@pytest.mark.parametrize(
    ("changes", "overlaps"),
    [
        ({}, True),
        ({"start_time": time(19), "end_time": time(22)}, True),
        ({"start_time": time(20), "end_time": time(22)}, False),
        ({"days_of_week": frozenset({4, 5})}, False),
        ({"days_of_week": frozenset({3, 4})}, True),
        ({"staff_id": ANNA}, False),
        ({"service_id": UUID(int=9)}, False),
        ({"location_id": UUID(int=7)}, False),
        ({"is_closed": True}, False),
        ({"valid_from": date(2027, 1, 1)}, False),
        ({"valid_from": date(2026, 12, 30)}, True),
        ({"valid_from": date(2026, 12, 31)}, False),
        ({"kind": RuleKind.DATE_RANGE, "valid_from": date(2026, 1, 1), "valid_to": date(2026, 1, 9)}, False),
    ],
)
def test_only_rules_of_one_kind_and_reach_can_clash(changes, overlaps):
    present = stored(weekly(valid_to=date(2026, 12, 31)))
    assert (find_overlap(weekly(**changes), [present]) is present) is overlaps


def test_a_slot_knows_how_full_it_is():
    group = slot(0, capacity=3, booked=1, held=1, status=SlotStatus.PARTIAL)
    assert (group.taken, group.has_room) == (2, True)
    assert not replace(group, status=SlotStatus.BLOCKED).has_room


def test_runs_of_generation_add_up():
    assert SlotsGenerated(1, 2, 3, 4) + SlotsGenerated(1, 1, 1, 1) == SlotsGenerated(2, 3, 4, 5)
