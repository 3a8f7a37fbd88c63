"""When a visit is reminded of: a day and two hours before, never at night by the client's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from salon.identity.domain import QuietHours
from salon.messaging.domain.reminders import plan_reminders

MOSCOW = "Europe/Moscow"
QUIET = QuietHours()  # 22:00 to 9:00


def at(text: str, zone: str = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def plan(visit: str, booked: str, *, zone: str = MOSCOW, client: str | None = None, quiet: QuietHours = QUIET):
    client_zone = client or zone
    planned = plan_reminders(at(visit, zone), booked_at=at(booked, zone), timezone=client_zone, quiet=quiet)
    return {item.kind.value: f"{item.due_at.astimezone(ZoneInfo(client_zone)):%m-%d %H:%M}" for item in planned}


@pytest.mark.parametrize(
    ("visit", "booked", "expected"),
    [
        ("2026-03-12T17:00", "2026-03-11T10:30", {"day_before": "03-11 17:00", "soon": "03-12 15:00"}),
        ("2026-03-12T17:00", "2026-03-11T17:00", {"soon": "03-12 15:00"}),  # the confirmation said the same just now
        ("2026-03-12T17:00", "2026-03-12T15:00", {}),
        ("2026-03-12T10:00", "2026-03-10T12:00", {"day_before": "03-11 10:00", "soon": "03-11 21:59"}),
        ("2026-03-12T10:00", "2026-03-11T23:00", {"soon": "03-12 09:00"}),  # the evening is over: after the night
        ("2026-03-12T09:10", "2026-03-11T23:00", {}),  # too near when the night ends
        ("2026-03-12T09:15", "2026-03-11T23:00", {"soon": "03-12 09:00"}),
        ("2026-03-12T00:30", "2026-03-09T12:00", {"day_before": "03-10 21:59", "soon": "03-11 21:59"}),
        ("2026-03-13T00:00", "2026-03-09T12:00", {"day_before": "03-11 21:59", "soon": "03-12 21:59"}),
        ("2026-03-12T11:00", "2026-03-10T12:00", {"day_before": "03-11 11:00", "soon": "03-12 09:00"}),
    ],
)
def test_a_day_and_two_hours_before_but_not_at_night(visit, booked, expected):
    assert plan(visit, booked) == expected


def test_it_is_the_clients_night_that_counts():
    assert plan("2026-03-12T17:00", "2026-03-11T10:30", client="Asia/Vladivostok") == {
        "day_before": "03-11 21:59",  # midnight there
        "soon": "03-12 21:59",  # ten in the evening there
    }


@pytest.mark.parametrize(
    ("quiet", "expected"),
    [
        (QuietHours(14 * 60, 16 * 60), {"day_before": "03-11 17:00", "soon": "03-12 13:59"}),
        (QuietHours(15 * 60 + 1, 16 * 60), {"day_before": "03-11 17:00", "soon": "03-12 15:00"}),
        (QuietHours(0, 0), {"day_before": "03-11 17:00", "soon": "03-12 15:00"}),
    ],
)
def test_quiet_hours_within_a_day_or_none_at_all(quiet, expected):
    assert plan("2026-03-12T17:00", "2026-03-10T10:30", quiet=quiet) == expected


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        ("2026-03-29T10:00", {"day_before": "03-28 09:00", "soon": "03-28 21:59"}),  # a night of eleven hours less one
        ("2026-03-29T11:30", {"day_before": "03-28 10:30", "soon": "03-29 09:30"}),
        ("2026-10-25T10:00", {"day_before": "10-24 11:00", "soon": "10-24 21:59"}),
        ("2026-10-25T04:30", {"day_before": "10-23 21:59", "soon": "10-24 21:59"}),  # half past two comes twice
    ],
)
def test_clocks_that_change_in_the_night_before(visit, expected):
    assert plan(visit, visit[:8] + "20T12:00", zone="Europe/Berlin") == expected
