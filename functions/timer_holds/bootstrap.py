"""Real adapters for timer_holds."""

from __future__ import annotations

from collections.abc import Callable

from salon.booking.timers import ExpireHolds
from salon.platform.clock import SystemClock
from salon.platform.metrics import LogMetrics
from salon.platform.wiring import open_database


def wire() -> Callable[[], object]:
    """What the timer runs.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    return ExpireHolds(open_database(), SystemClock(), LogMetrics())
