"""Real adapters for queue_inbound."""

from __future__ import annotations

from salon.integrations.channels import channel_adapters
from salon.messaging.use_cases.receive import Receive
from salon.platform.clock import SystemClock
from salon.platform.inbox import InboxDrain, InboxNudge
from salon.platform.metrics import LogMetrics
from salon.platform.settings import (
    BookingSettings,
    ChannelSettings,
    CloudSettings,
    InboundQueueSettings,
    MediaSettings,
    RetrySettings,
)
from salon.platform.storage import S3Storage, s3_client
from salon.platform.wiring import jitter, open_database
from salon.platform.wiring_light import queue


def wire() -> InboxDrain:
    """What works off the inbox.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    clock, metrics, database = SystemClock(), LogMetrics(), open_database()
    cloud, media = CloudSettings.load(), MediaSettings.load()
    receive = Receive(
        database,
        clock,
        metrics,
        adapters=channel_adapters(ChannelSettings.load()),
        storage=lambda: S3Storage(s3_client(cloud), media.media_bucket),  # most messages have no file
        media_max_bytes=media.media_max_bytes,
        booking=BookingSettings.load(),
    )
    return InboxDrain(
        database,
        clock,
        RetrySettings.load(),
        metrics,
        prepare=receive.prepare,
        handle=receive.handle,
        give_up=receive.give_up,
        jitter=jitter,
        requeue=InboxNudge(queue(InboundQueueSettings.load().inbound_queue_url)),
    )
