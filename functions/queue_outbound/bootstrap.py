"""Real adapters for queue_outbound."""

from __future__ import annotations

from salon.integrations.channels import channel_adapters
from salon.messaging.use_cases.deliver import Deliver
from salon.platform.clock import SystemClock
from salon.platform.metrics import LogMetrics
from salon.platform.settings import ChannelSettings, CloudSettings, MediaSettings, RetrySettings
from salon.platform.storage import S3Storage, s3_client
from salon.platform.triggers import has_time
from salon.platform.wiring import jitter, open_database


def wire() -> Deliver:
    """What works off the outbox.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    cloud, media = CloudSettings.load(), MediaSettings.load()
    return Deliver(
        open_database(),
        SystemClock(),
        RetrySettings.load(),
        LogMetrics(),
        adapters=channel_adapters(ChannelSettings.load()),
        jitter=jitter,
        storage=lambda: S3Storage(s3_client(cloud), media.media_bucket),  # most messages have no file
        has_time=has_time,
    )
