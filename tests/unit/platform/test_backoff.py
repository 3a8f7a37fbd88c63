"""Waiting after failures: longer each time, up to a limit, and spread by chance."""

from __future__ import annotations

from datetime import timedelta

from salon.platform.backoff import exponential, patient


def test_waiting_doubles_up_to_an_hour_and_chance_spreads_it():
    assert [exponential(n, 0.0).total_seconds() for n in (1, 2, 3, 12, 40)] == [2, 4, 8, 3600, 3600]
    assert exponential(3, 0.5).total_seconds() == 12


def test_six_attempts_at_a_provider_span_hours_and_chance_spreads_them():
    waits = [patient(failures, 0.0) for failures in range(1, 7)]
    assert waits[0] == timedelta(seconds=5)
    assert sum(waits[:5], timedelta()) > timedelta(hours=3)
    assert waits == sorted(waits)
    assert patient(1, 0.5) == timedelta(seconds=6.25)
