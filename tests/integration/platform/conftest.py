"""Rows and queues for tests of the platform on a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from salon.platform import crypto
from salon.platform.clock import FrozenClock
from salon.platform.crypto import MasterKeys
from salon.platform.db import Database
from salon.platform.ids import new_id
from salon.platform.inbox_receive import Delivery, Received, Source, receive
from salon.platform.outbox import OutboxQueue, OutboxRelay
from salon.platform.pg import PgDatabase
from salon.platform.queues import MemoryQueue
from salon.platform.settings import DatabaseSettings
from support.furnished import furnished_then, then_salons

__all__ = ["furnished_then", "then_salons"]

ACCOUNT = new_id()
KEY = crypto.new_data_key()


@dataclass
class Queues:
    """The queues that the outbox is relayed to, in memory."""

    tx: MemoryQueue = field(default_factory=MemoryQueue)
    reminder: MemoryQueue = field(default_factory=MemoryQueue)
    events: MemoryQueue = field(default_factory=MemoryQueue)

    def relay(self) -> OutboxRelay:
        return OutboxRelay(
            {OutboxQueue.TX: self.tx, OutboxQueue.REMINDER: self.reminder, OutboxQueue.EVENTS: self.events}
        )


@pytest.fixture
def queues() -> Queues:
    return Queues()


@pytest.fixture
def relayed(database_settings: DatabaseSettings, engine, master_keys: MasterKeys, queues: Queues) -> Database:
    """The database as a bootstrap makes it, with a relay."""
    return Database(database_settings, engine=engine, master=lambda: master_keys, after_commit=queues.relay())


@pytest.fixture
def pg(database_settings: DatabaseSettings) -> Iterator[PgDatabase]:
    """The webhook's bare connection."""
    found = PgDatabase(database_settings)
    yield found
    found.close()


Keep = Callable[..., Received]


@pytest.fixture
def keep(pg: PgDatabase, tenant_id: UUID, clock: FrozenClock) -> Keep:
    """Keeps an event as the webhook does."""

    def keep_one(external_id: str, conversation: str = "telegram:a:5", *, by: PgDatabase = pg) -> Received:
        source = Source(tenant_id, "telegram", ACCOUNT)
        delivery = Delivery(external_id, conversation, external_id.encode())
        with by.transaction() as transaction:
            by.enter(transaction, tenant_id)
            named = f"correlation-{external_id}"
            [found] = receive(transaction, source, [delivery], key=KEY, correlation_id=named, now=clock.now())
            return found

    return keep_one
