"""Real adapters that need no SQLAlchemy: all that the webhook's bootstrap may use."""

from __future__ import annotations

from collections.abc import Callable

from salon.platform.crypto import MasterKeys
from salon.platform.queues import Queue, SqsQueue, sqs_client
from salon.platform.secrets import secret_store
from salon.platform.settings import CloudSettings, RuntimeSettings, SecretSettings

MASTER_KEYS = "MASTER_KEYS"


def master_keys() -> Callable[[], MasterKeys]:
    """The master keys, read from the secret store at each use; the store decides how long it remembers."""
    RuntimeSettings.load()  # every function comes by here: a senseless stage or log level stops it at start
    store = secret_store(SecretSettings.load())
    return lambda: MasterKeys.parse(store.get(MASTER_KEYS))


def queue(url: str) -> Queue:
    """The queue at this URL."""
    settings = CloudSettings.load()
    return SqsQueue(lambda: sqs_client(settings), url)
