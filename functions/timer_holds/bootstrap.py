"""Real adapters for timer_holds."""

from __future__ import annotations

from collections.abc import Callable

from salon.booking.shifts.timers import ExpireShifts
from salon.booking.timers import ExpireHolds
from salon.booking.waitlist.timers import EndWaiting
from salon.inventory.counts.timers import ExpireCounts
from salon.platform.clock import SystemClock
from salon.platform.metrics import LogMetrics
from salon.platform.wiring import open_database


def wire() -> Callable[[], object]:
    """What the timer runs.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    database, clock = open_database(), SystemClock()
    steps = (
        ExpireHolds(database, clock, LogMetrics()),
        EndWaiting(database, clock),  # after the holds: offers are holds
        ExpireShifts(database, clock),
        ExpireCounts(database, clock),
    )

    def run() -> None:
        for step in steps:
            step()

    return run
