"""The platform's real adapters, put together from settings; called by the functions' bootstraps and nobody else."""

from __future__ import annotations

import random

from salon.platform.db import Database
from salon.platform.outbox import OutboxQueue, OutboxRelay
from salon.platform.queues import Queue
from salon.platform.settings import DatabaseSettings, OutboxQueueSettings
from salon.platform.wiring_light import master_keys, queue


def outbox_queues() -> dict[OutboxQueue, Queue]:
    """Where the outbox is relayed to."""
    urls = OutboxQueueSettings.load()
    return {
        OutboxQueue.TX: queue(urls.tx_queue_url),
        OutboxQueue.MK: queue(urls.mk_queue_url),
        OutboxQueue.REMINDER: queue(urls.reminder_queue_url),
        OutboxQueue.EVENTS: queue(urls.events_queue_url),
    }


def open_database() -> Database:
    """The database, with a relay for what its transactions put into the outbox."""
    return Database(DatabaseSettings.load(), master=master_keys(), after_commit=OutboxRelay(outbox_queues()))


def jitter() -> float:
    """A random number in [0, 1) for back-off; nothing secret hangs on it."""
    return random.random()  # noqa: S311 - spreads retries, protects nothing
