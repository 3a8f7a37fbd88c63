"""Real adapters for timer_slots."""

from __future__ import annotations

from collections.abc import Callable

from salon.availability.timers import MakeSlots
from salon.booking.series.timers import ExtendSeries
from salon.booking.waitlist.timers import FillWaiting
from salon.platform.clock import SystemClock
from salon.platform.settings import BookingSettings
from salon.platform.wiring import open_database


def wire() -> Callable[[], object]:
    """What the timer runs.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    database, clock, settings = open_database(), SystemClock(), BookingSettings.load()
    steps = (
        MakeSlots(database, clock, settings),
        ExtendSeries(database, clock, settings),  # what was agreed long ago goes before what is waited for
        FillWaiting(database, clock),
    )

    def run() -> None:
        for step in steps:
            step()

    return run
