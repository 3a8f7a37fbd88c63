"""Real adapters for timer_campaigns."""

from __future__ import annotations

from collections.abc import Callable

from salon.messaging.campaigns.timers import PlanAndSendCampaigns
from salon.platform.clock import SystemClock
from salon.platform.wiring import open_database


def wire() -> Callable[[], object]:
    """What the timer runs.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    return PlanAndSendCampaigns(open_database(), SystemClock())
