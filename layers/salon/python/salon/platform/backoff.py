"""How long to wait before the next attempt at what has failed."""

from __future__ import annotations

from datetime import timedelta

STEPS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=3),
)
"""Between attempts at a message that its provider did not take; the first ones are for a person who waits for it."""


def patient(attempts: int, jitter: float) -> timedelta:
    """How long to wait for a provider after `attempts` failures: `STEPS`, plus up to a half of it by chance.

    Six attempts span three and a half hours at least (facts/channels.md §6: about six within a day).

    Args:
        attempts: failures so far, from 1.
        jitter: a random number in [0, 1), so that a thousand messages do not return in the same second.
    """
    return STEPS[min(attempts, len(STEPS)) - 1] * (1 + jitter / 2)


def exponential(attempts: int, jitter: float) -> timedelta:
    """How long to wait after `attempts` failures of our own: 2, 4, 8 … s, at most an hour, plus as much by chance.

    Args:
        attempts: failures so far, from 1.
        jitter: a random number in [0, 1), so that a thousand messages do not return in the same second.
    """
    base = min(2.0**attempts, 3600.0)
    return timedelta(seconds=base * (1 + jitter))
