"""Real adapters for timer_reminders."""

from __future__ import annotations

from collections.abc import Callable

from salon.messaging.people.timers import ReturnStaleHandovers
from salon.messaging.timers import SendDueReminders
from salon.platform.clock import SystemClock
from salon.platform.wiring import open_database


def wire() -> Callable[[], object]:
    """What the timer runs.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    database, clock = open_database(), SystemClock()
    send_reminders, return_handovers = SendDueReminders(database, clock), ReturnStaleHandovers(database, clock)

    def run() -> None:
        send_reminders()
        return_handovers()

    return run
