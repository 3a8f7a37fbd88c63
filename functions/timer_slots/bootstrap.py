"""Real adapters for timer_slots."""

from __future__ import annotations

from collections.abc import Callable

from salon.availability.timers import MakeSlots
from salon.platform.clock import SystemClock
from salon.platform.settings import BookingSettings
from salon.platform.wiring import open_database


def wire() -> Callable[[], object]:
    """What the timer runs.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    return MakeSlots(open_database(), SystemClock(), BookingSettings.load())
