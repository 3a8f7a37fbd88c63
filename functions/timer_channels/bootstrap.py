"""Real adapters for timer_channels."""

from __future__ import annotations

from collections.abc import Callable

from salon.integrations.channels import account_keepers
from salon.messaging.use_cases.accounts import AccountDesk, LookAfterAccounts
from salon.platform.clock import SystemClock
from salon.platform.metrics import LogMetrics
from salon.platform.settings import ChannelSettings, PublicSettings
from salon.platform.wiring import open_database


def wire() -> Callable[[], object]:
    """What the timer runs.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    database, clock, metrics = open_database(), SystemClock(), LogMetrics()
    desk = AccountDesk(
        database,
        clock,
        metrics,
        keepers=account_keepers(ChannelSettings.load()),
        public_url=PublicSettings.load().public_url,
    )
    return LookAfterAccounts(database, clock, metrics, desk=desk)
