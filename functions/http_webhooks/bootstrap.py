"""Real adapters for http_webhooks. Nothing here may import SQLAlchemy: the import time is a budget (DESIGN §6)."""

from __future__ import annotations

from salon.integrations.channels import channel_adapters
from salon.messaging.use_cases.webhook import AcceptWebhook
from salon.platform.clock import SystemClock
from salon.platform.metrics import LogMetrics
from salon.platform.pg import PgDatabase
from salon.platform.queues import sqs_client
from salon.platform.settings import (
    ChannelSettings,
    CloudSettings,
    DatabaseSettings,
    InboundQueueSettings,
    WebhookSettings,
)
from salon.platform.wiring_light import master_keys, queue


def wire() -> AcceptWebhook:
    """The use case behind the routes.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    sqs_client(CloudSettings.load())  # every webhook needs it: better made at start than while a provider waits
    return AcceptWebhook(
        PgDatabase(DatabaseSettings.load()),
        SystemClock(),
        LogMetrics(),
        master=master_keys(),
        adapters=channel_adapters(ChannelSettings.load()),
        inbound=queue(InboundQueueSettings.load().inbound_queue_url),
        settings=WebhookSettings.load(),
    )
