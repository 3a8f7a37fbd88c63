"""From a wish to what somebody waits for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from salon.identity.domain import QuietHours
from salon.messaging.domain.dialogue import TimeWish
from salon.messaging.domain.quiet import waits_until
from salon.messaging.domain.wishes import Window, waiting_windows, wish_of_window

TODAY, LAST = date(2026, 3, 11), date(2026, 4, 30)
FRIDAY, SATURDAY, MONDAY = date(2026, 3, 13), date(2026, 3, 14), date(2026, 3, 16)


@pytest.mark.parametrize(
    ("wish", "windows"),
    [
        (TimeWish(), [Window(TODAY, date(2026, 3, 24))]),
        (TimeWish(on=SATURDAY, at=time(12)), [Window(SATURDAY, SATURDAY, 720, 720)]),
        (TimeWish(on=SATURDAY, from_at=time(17), to_at=time(23, 59)), [Window(SATURDAY, SATURDAY, 1020, 1439)]),
        (TimeWish(days=(MONDAY, FRIDAY, SATURDAY)), [Window(FRIDAY, SATURDAY), Window(MONDAY, MONDAY)]),
        (TimeWish(from_on=date(2026, 3, 20)), [Window(date(2026, 3, 20), date(2026, 4, 2))]),
        (TimeWish(to_on=FRIDAY, until_at=time(18)), [Window(TODAY, FRIDAY, None, 990)]),
        (TimeWish(from_at=time(17), until_at=time(18)), [Window(TODAY, date(2026, 3, 24), 1020, None)]),
        (TimeWish(on=date(2026, 3, 1)), []),
        (TimeWish(from_on=date(2026, 3, 1), to_on=FRIDAY), [Window(TODAY, FRIDAY)]),
    ],
)
def test_the_windows_of_a_wish(wish, windows):
    assert waiting_windows(wish, TODAY, LAST, duration_min=90) == windows


def test_a_window_is_said_back_as_a_wish():
    assert wish_of_window(Window(SATURDAY, SATURDAY, 720, 720)) == TimeWish(on=SATURDAY, at=time(12))
    assert wish_of_window(Window(FRIDAY, MONDAY, 540, None)) == TimeWish(from_on=FRIDAY, to_on=MONDAY, from_at=time(9))


def at(day, hour):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "visit_at", "until"),
    [
        (at(11, 12), None, None),
        (at(11, 20), None, at(12, 6)),
        (at(11, 20), at(12, 7), None),
        (at(11, 20), at(12, 8), at(12, 6)),
        (at(12, 1), None, at(12, 6)),
    ],
)
def test_at_night_a_message_waits_unless_the_visit_is_near(now, visit_at, until):
    assert waits_until(now, timezone="Europe/Moscow", quiet=QuietHours(), visit_at=visit_at) == until
