"""Real adapters for timer_reminders."""

from __future__ import annotations

from collections.abc import Callable

from salon.messaging.timers import SendDueReminders
from salon.platform.clock import SystemClock
from salon.platform.wiring import open_database


def wire() -> Callable[[], object]:
    """What the timer runs.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    return SendDueReminders(open_database(), SystemClock())
