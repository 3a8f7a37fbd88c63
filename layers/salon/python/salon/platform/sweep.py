"""The safety net: what was left open by a crash between two steps is queued again (DESIGN law 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from salon.platform import inbox, outbox
from salon.platform import metrics as figures
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.queues import Queue, QueueUnavailable
from salon.platform.settings import RetrySettings
from salon.platform.single_flight import single_flight

log = logger(__name__)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows were queued again."""

    inbox: int
    outbox: int


class Sweep:
    """Queues open rows again, oldest first; a row that is queued twice is handled once."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: RetrySettings,
        metrics: Metrics,
        *,
        inbound: Queue,
        depths: Mapping[str, Queue],
    ) -> None:
        """Wire it.

        Args:
            database: with a relay, which queues outbox rows.
            clock: tells the time.
            settings: how old a row must be.
            metrics: takes queue depths and counts.
            inbound: the queue for inbox rows.
            depths: every queue by name, dead-letter queues included, to be measured.
        """
        self._database = database
        self._clock = clock
        self._settings = settings
        self._metrics = metrics
        self._inbound = inbound
        self._depths = depths

    def __call__(self) -> Swept:
        """Measure the queues and queue what is overdue; one run at a time."""
        lease = timedelta(seconds=self._settings.sweep_lease_seconds)
        with single_flight(self._database, "timer_sweep", clock=self._clock, lease=lease) as mine:
            if not mine:
                return Swept(0, 0)
            self._measure()  # first: in an outage the rest takes its time
            return self._requeue()

    def _requeue(self) -> Swept:
        before = self._clock.now() - timedelta(seconds=self._settings.sweep_after_seconds)
        with self._database.without_tenant() as session:
            stale_inbox = inbox.list_overdue(session, before=before, limit=BATCH)
            stale_outbox = outbox.list_overdue(session, before=before, limit=BATCH)
        self._requeue_inbox(stale_inbox)
        for tenant_id, rows in groupby(sorted(stale_outbox), key=itemgetter(0)):
            with self._database.transaction(tenant_id) as session:
                for _, outbox_id in rows:
                    outbox.relay_again(session, outbox_id)
        if stale_outbox:
            self._metrics.count(figures.OUTBOX_REQUEUED, len(stale_outbox))
        return Swept(len(stale_inbox), len(stale_outbox))

    def _requeue_inbox(self, stale: list[tuple[UUID, UUID]]) -> None:
        if not stale:
            return
        try:
            self._inbound.send_many([{"tenant_id": str(one), "inbox_id": str(row)} for one, row in stale])
        except QueueUnavailable as error:  # the outbox may fare better, and a minute later we are here again
            log.warning("inbox.not_requeued", error=error, rows=len(stale))
        else:
            self._metrics.count(figures.INBOX_REQUEUED, len(stale))

    def _measure(self) -> None:
        for name, queue in self._depths.items():
            try:
                self._metrics.gauge(figures.QUEUE_DEPTH, queue.depth().total, queue=name)
            except QueueUnavailable as error:
                log.warning("queue.not_measured", error=error, queue=name)
