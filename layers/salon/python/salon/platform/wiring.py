"""The platform's real adapters, put together from settings; called by the functions' bootstraps and nobody else."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

from salon.platform.crypto import MasterKeys
from salon.platform.db import Database
from salon.platform.outbox import OutboxQueue, OutboxRelay
from salon.platform.queues import Queue, SqsQueue, sqs_client
from salon.platform.secrets import secret_store
from salon.platform.settings import CloudSettings, DatabaseSettings, OutboxQueueSettings, SecretSettings

MASTER_KEYS = "MASTER_KEYS"


def master_keys() -> Callable[[], MasterKeys]:
    """The master keys, read from the secret store on first use."""
    store = secret_store(SecretSettings.load())

    @cache
    def read() -> MasterKeys:
        return MasterKeys.parse(store.get(MASTER_KEYS))

    return read


def queue(url: str) -> Queue:
    """The queue at this URL."""
    return SqsQueue(sqs_client(CloudSettings.load()), url)


def outbox_queues() -> dict[OutboxQueue, Queue]:
    """Where the outbox is relayed to."""
    urls = OutboxQueueSettings.load()
    return {
        OutboxQueue.TX: queue(urls.tx_queue_url),
        OutboxQueue.REMINDER: queue(urls.reminder_queue_url),
        OutboxQueue.EVENTS: queue(urls.events_queue_url),
    }


def open_database() -> Database:
    """The database, with a relay for what its transactions put into the outbox."""
    return Database(DatabaseSettings.load(), master=master_keys(), after_commit=OutboxRelay(outbox_queues()))


def jitter() -> float:
    """A random number in [0, 1) for back-off; nothing secret hangs on it."""
    return random.random()  # noqa: S311 - spreads retries, protects nothing
