"""Real adapters for queue_outbound."""

from __future__ import annotations

from salon.integrations.telegram.adapter import TelegramAdapter
from salon.messaging.domain import Channel
from salon.messaging.use_cases.deliver import Deliver
from salon.platform.clock import SystemClock
from salon.platform.metrics import LogMetrics
from salon.platform.settings import RetrySettings, TelegramSettings
from salon.platform.wiring import jitter, open_database


def wire() -> Deliver:
    """What works off the outbox.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    return Deliver(
        open_database(),
        SystemClock(),
        RetrySettings.load(),
        LogMetrics(),
        adapters={Channel.TELEGRAM: TelegramAdapter(TelegramSettings.load().telegram_api_base)},
        jitter=jitter,
    )
