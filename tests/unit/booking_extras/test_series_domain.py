from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from salon.booking.series import domain
from salon.booking.series.domain import Series, SeriesStatus
from salon.booking.series.errors import SeriesNotActive, SeriesSenseless
from salon.platform.ids import new_id

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
MOSCOW = "Europe/Moscow"
WEEKLY = Series(
    id=new_id(),
    client_id=new_id(),
    location_id=new_id(),
    service_id=new_id(),
    staff_id=None,
    first_on=date(2026, 3, 12),
    local_time=time(14),
    every_days=7,
    occurrences=10,
    tolerance_min=30,
    status=SeriesStatus.ACTIVE,
    channel="telegram",
    created_at=NOW,
)


@pytest.mark.parametrize(
    "changes",
    [
        {"every_days": 0},
        {"every_days": 367},
        {"occurrences": 0},
        {"occurrences": 105},
        {"tolerance_min": -1},
        {"tolerance_min": 721},
        {"first_on": date(2026, 3, 11), "local_time": time(10, 30)},  # this very moment
    ],
)
def test_a_series_without_sense_is_refused(changes):
    domain.check_series(WEEKLY, NOW, MOSCOW)
    with pytest.raises(SeriesSenseless):
        domain.check_series(replace(WEEKLY, **changes), NOW, MOSCOW)


@pytest.mark.parametrize(
    ("day", "number"),
    [
        (date(2026, 3, 11), 0),
        (date(2026, 3, 12), 0),
        (date(2026, 3, 13), 1),
        (date(2026, 3, 19), 1),
        (date(2026, 3, 20), 2),
        (date(2027, 1, 1), 10),
    ],
)
def test_visits_before_a_day_are_counted_without_that_day_s(day, number):
    assert WEEKLY.occurrences_before(day) == number
    assert sum(WEEKLY.on(one) < day for one in range(WEEKLY.occurrences)) == number


def test_only_what_lies_within_the_horizon_is_due_and_only_once():
    assert list(domain.due_occurrences(WEEKLY, NOW, MOSCOW, 15)) == [0, 1]
    assert list(domain.due_occurrences(WEEKLY, NOW, MOSCOW, 16)) == [0, 1, 2]
    tried = replace(WEEKLY, tried=2)
    assert list(domain.due_occurrences(tried, NOW, MOSCOW, 15)) == []
    assert list(domain.due_occurrences(tried, NOW + timedelta(days=7), MOSCOW, 15)) == [2]


def test_what_is_over_is_not_changed():
    domain.check_active(WEEKLY)
    for status in (SeriesStatus.FINISHED, SeriesStatus.CANCELLED):
        with pytest.raises(SeriesNotActive):
            domain.check_active(replace(WEEKLY, status=status))
