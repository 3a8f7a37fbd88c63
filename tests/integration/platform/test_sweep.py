"""The sweep queues again what a crash left open, and measures the queues."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salon.platform import metrics as figures
from salon.platform import outbox
from salon.platform.metrics import MemoryMetrics
from salon.platform.outbox import OutboxQueue
from salon.platform.queues import MemoryQueue, QueueUnavailable
from salon.platform.settings import RetrySettings
from salon.platform.sweep import Sweep, Swept
from support.fixtures import make_tenant

pytestmark = pytest.mark.database


class Unmeasurable(MemoryQueue):
    """A queue that tells nobody how full it is."""

    def depth(self):
        raise QueueUnavailable("The queue refused.")


def test_open_rows_of_every_tenant_are_queued_again_when_they_are_old_enough(relayed, queues, clock, keep, tenant_id):
    inbound, metrics = MemoryQueue(), MemoryMetrics()
    sweep = Sweep(
        relayed,
        clock,
        RetrySettings(sweep_after_seconds=30),
        metrics,
        inbound=inbound,
        depths={"broken": Unmeasurable(), "inbound": inbound},
    )
    other = make_tenant(relayed, clock.now(), "Салон «Вторая проба»")
    inbox_id = keep("1").inbox_id
    rows = {}
    for owner in (tenant_id, other):
        with relayed.transaction(owner) as session:
            rows[owner] = outbox.enqueue(
                session, queue=OutboxQueue.TX, kind="message.send", payload={}, now=clock.now()
            )
    queues.tx.waiting.clear()  # the process died before it relayed them

    assert sweep() == Swept(0, 0)
    clock.advance(timedelta(seconds=31))
    assert sweep() == Swept(1, 2)

    assert inbound.bodies == [{"tenant_id": str(tenant_id), "inbox_id": str(inbox_id)}]
    assert queues.tx.bodies == [{"tenant_id": str(owner), "outbox_id": str(row)} for owner, row in rows.items()]
    assert metrics.total(figures.INBOX_REQUEUED) == 1
    assert metrics.total(figures.OUTBOX_REQUEUED) == 2
    sweep()
    assert metrics.total(figures.QUEUE_DEPTH, queue="inbound") == 1  # measured before anything is queued again

    with relayed.transaction(other) as session:
        outbox.mark_done(session, rows[other], clock.now())
    assert sweep() == Swept(1, 1)
