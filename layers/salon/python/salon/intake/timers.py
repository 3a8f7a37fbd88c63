"""What the sweep does for intake: jobs that are due or stuck are queued again, files that never came are given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from salon.intake import repository
from salon.intake.use_cases.nudging import JobNudge
from salon.intake.use_cases.uploads import expire_upload
from salon.platform import metrics as figures
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.logs import logger
from salon.platform.metrics import Metrics

log = logger(__name__)
BATCH = 100
AFTER = timedelta(seconds=30)
"""What is due for less has been queued, or is about to be, by whoever made it due."""

NEXT_NUDGE = timedelta(minutes=5)
"""A job that was queued by a sweep is not queued by the next ones for so long: it may wait behind others."""

GRACE = timedelta(minutes=2)
"""After a form has run out: a file that was sent at the last moment may still be told of."""


@dataclass(frozen=True, slots=True)
class JobsSwept:
    """How many."""

    queued: int
    expired: int


class SweepJobs:
    """Looks after jobs and uploads of all tenants, each in its own transaction; harmless when run twice at once."""

    def __init__(self, database: Database, clock: Clock, metrics: Metrics, *, nudge: JobNudge) -> None:
        """Wire it.

        Args:
            database: with a relay, for what is told of expired files.
            clock: tells the time.
            metrics: counts.
            nudge: queues jobs.
        """
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._nudge = nudge

    def __call__(self) -> JobsSwept:
        """Sweep once."""
        now = self._clock.now()
        with self._database.without_tenant() as session:
            due = repository.list_due_jobs(session, at=now - AFTER, limit=BATCH)
            late = repository.list_expired_uploads(session, at=now - GRACE, limit=BATCH)
        queued = 0
        for tenant_id, rows in groupby(sorted(due), key=itemgetter(0)):
            queued += self._queue(tenant_id, [job_id for _, job_id in rows])
        expired = sum(self._expire(tenant_id, upload_id) for tenant_id, upload_id in late)
        if queued:
            self._metrics.count(figures.JOBS_REQUEUED, queued)
        if expired:
            self._metrics.count(figures.UPLOADS_EXPIRED, expired)
        return JobsSwept(queued, expired)

    def _queue(self, tenant_id: UUID, job_ids: list[UUID]) -> int:
        sent = [job_id for job_id in job_ids if self._nudge(tenant_id, job_id)]
        if sent:
            with self._database.transaction(tenant_id) as session:
                repository.put_off_nudges(session, sent, self._clock.now() + NEXT_NUDGE)
        return len(sent)

    def _expire(self, tenant_id: UUID, upload_id: UUID) -> bool:
        try:
            with self._database.transaction(tenant_id) as session:
                return expire_upload(session, upload_id, now=self._clock.now())
        except Exception:  # one tenant's trouble must not keep the others' files for ever
            log.exception("upload.not_expired", upload_id=str(upload_id))
            return False
