"""Real adapters that need no SQLAlchemy: all that the webhook's bootstrap may use."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from salon.platform.crypto import MasterKeys
from salon.platform.queues import Queue, SqsQueue, sqs_client
from salon.platform.secrets import secret_store
from salon.platform.settings import CloudSettings, SecretSettings

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
    settings = CloudSettings.load()
    return SqsQueue(lambda: sqs_client(settings), url)
