"""Accepting a webhook, where many come at once and what stands behind it fails."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from salon.integrations.telegram.adapter import TelegramAdapter
from salon.messaging.domain import Channel
from salon.messaging.use_cases.webhook import AcceptWebhook, WrongSecret
from salon.platform import correlation
from salon.platform import metrics as figures
from salon.platform.crypto import MasterKeys
from salon.platform.errors import NotFound
from salon.platform.metrics import MemoryMetrics
from salon.platform.pg import PgDatabase
from salon.platform.queues import MemoryQueue, MessageTooLarge, QueueUnavailable
from support.fixtures import MASTER_KEYS
from support.functions import SECOND_SECRET
from support.salon_world import SECRET

pytestmark = pytest.mark.database
BODY = json.dumps({"update_id": 9, "message": {"chat": {"id": 5}, "from": {"id": 5}, "text": "привет"}}).encode()


class BrokenQueue(MemoryQueue):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def send(self, *_body, **_options):
        raise self.error


@pytest.fixture
def accept(then_salons, clock):
    opened = []

    def make(inbound=None, metrics=None):
        opened.append(PgDatabase(then_salons._settings))
        found = AcceptWebhook(
            opened[-1],
            clock,
            metrics or MemoryMetrics(),
            master=lambda: MasterKeys.parse(MASTER_KEYS),
            adapters={Channel.TELEGRAM: TelegramAdapter()},
            inbound=inbound if inbound is not None else MemoryQueue(),
        )

        def call(world, secret=SECRET):
            headers = {"x-telegram-bot-api-secret-token": secret}
            return found(Channel.TELEGRAM, f"probe-{world.tenant_id.hex[-8:]}", headers, BODY)

        return call

    yield make
    for one in opened:
        one.close()


def kept(database, world):
    with database.read(world.tenant_id) as session:
        return session.execute(text("SELECT id, correlation_id, status FROM inbox")).all()


@pytest.mark.concurrency
def test_one_update_delivered_by_eight_instances_at_once_is_one_row(accept, then_salons, furnished_then):
    inbound = MemoryQueue()
    instances = [accept(inbound) for _ in range(8)]
    with correlation.bind(correlation_id="correlation-1"), ThreadPoolExecutor(8) as pool:
        received = list(pool.map(lambda instance: instance(furnished_then.first), instances))

    [row] = kept(then_salons, furnished_then.first)
    assert {one.inbox_id for one in received} == {row.id}
    assert sum(one.is_new for one in received) == 1
    assert all(body["inbox_id"] == str(row.id) for body in inbound.bodies)


@pytest.mark.parametrize("error", [QueueUnavailable("down"), MessageTooLarge("cannot be")])
def test_a_queue_that_fails_does_not_fail_the_provider(accept, then_salons, furnished_then, error):
    with correlation.bind(correlation_id="correlation-1"):
        assert accept(BrokenQueue(error))(furnished_then.first).is_new
    [row] = kept(then_salons, furnished_then.first)
    assert (row.correlation_id, row.status) == ("correlation-1", "open")


def test_a_refusal_is_counted_and_the_connection_serves_the_next(accept, then_salons, furnished_then):
    metrics = MemoryMetrics()
    call = accept(metrics=metrics)
    with pytest.raises(WrongSecret):
        call(furnished_then.first, SECOND_SECRET)
    assert metrics.total(figures.WEBHOOK_REFUSED, channel="telegram") == 1
    assert call(furnished_then.second, SECOND_SECRET).is_new
    assert kept(then_salons, furnished_then.first) == []
    with then_salons.transaction(furnished_then.first.tenant_id) as session:
        session.execute(text("UPDATE data_keys SET wrapped = NULL"))
    with pytest.raises(NotFound):  # a tenant that was erased has no account any more
        call(furnished_then.first)
