"""Telling the worker that a job is due, and operators that one was given up. Best effort: the row is what counts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.platform.logs import logger
from salon.platform.queues import MAX_DELAY_S, Queue, QueueUnavailable

log = logger(__name__)


class JobNudge:
    """Puts jobs on the queue `documents`, and those that were given up into its dead-letter queue."""

    def __init__(self, jobs: Queue, dead: Queue | None = None) -> None:
        """Bind the queues.

        Args:
            jobs: what `storage_documents` works off.
            dead: where operators look; None for whoever only queues.
        """
        self._jobs = jobs
        self._dead = dead

    def __call__(self, tenant_id: UUID, job_id: UUID, *, delay_s: int = 0) -> bool:
        """Queue a job, to be worked on in `delay_s` seconds; False when the queue is down, and the sweep does it."""
        body = {"tenant_id": str(tenant_id), "job_id": str(job_id)}
        try:
            self._jobs.send(body, delay_s=min(delay_s, MAX_DELAY_S))
        except QueueUnavailable as error:
            log.warning("job.not_queued", error=error, job_id=str(job_id))
            return False
        return True

    def bury(self, tenant_id: UUID, job_id: UUID, *, reason_code: str, failed_at: datetime) -> bool:
        """Leave a letter about a job that was given up; whether it lies there.

        Sent back to the queue (`make redrive QUEUE=documents`) it has the job begin again: `failed_at` says which
        failure it is about, so that an old letter revives nothing.
        """
        if self._dead is None:
            return False
        body = {
            "tenant_id": str(tenant_id),
            "job_id": str(job_id),
            "reason_code": reason_code,
            "failed_at": failed_at.isoformat(),
        }
        try:
            self._dead.send(body)
        except QueueUnavailable as error:
            log.warning("job.not_buried", error=error, job_id=str(job_id))
            return False
        log.error("job.buried", job_id=str(job_id), reason=reason_code)
        return True
