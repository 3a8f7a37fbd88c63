"""Calendar arithmetic."""

from datetime import date

import pytest

from salon.understanding import days


@pytest.mark.parametrize(("year", "month", "day"), [(2024, 5, 5), (2025, 4, 20), (2026, 4, 12), (2027, 5, 2)])
def test_orthodox_easter(year, month, day):
    assert days.orthodox_easter(year) == date(year, month, day)


def test_days_that_months_lack_are_skipped():
    assert days.next_month_day(date(2027, 2, 19), 30) == date(2027, 3, 30)
    assert days.next_month_day(date(2027, 2, 19), 32) is None
    assert days.next_day_of_year(date(2026, 6, 1), 2, 29) == date(2028, 2, 29)
    assert days.next_day_of_year(date(2026, 6, 1), 4, 31) is None
    assert days.plus_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert days.plus_months(date(9999, 12, 1), 1) is None
    assert days.month_end(2026, 12) == date(2026, 12, 31)


def test_a_weekend_that_has_begun_is_what_is_left_of_it():
    assert days.weekend_of(date(2026, 3, 15), 0) == (date(2026, 3, 15), date(2026, 3, 15))
    assert days.weekend_of(date(2026, 3, 15), 1) == (date(2026, 3, 21), date(2026, 3, 22))


def test_holidays_move_to_their_next_year():
    assert days.holiday([3, 8], date(2026, 3, 9)) == (date(2027, 3, 8), date(2027, 3, 8))
    assert days.holiday({"easter": [-55, -49]}, date(2026, 1, 1)) == (date(2026, 2, 16), date(2026, 2, 22))
    assert days.holiday({"last_weekday": [11, 6]}, date(2026, 1, 1)) == (date(2026, 11, 29), date(2026, 11, 29))


def test_the_weekday_of_a_rank_in_a_month():
    assert days.ranked_weekday(2026, 12, 4, -1) == date(2026, 12, 25)
    assert days.ranked_weekday(2027, 1, 5, 1) == date(2027, 1, 2)
    assert days.ranked_weekday(2026, 2, 0, 5) is None
