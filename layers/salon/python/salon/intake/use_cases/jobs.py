"""Jobs as people watch them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.identity.domain import Actor
from salon.identity.use_cases.tenants import record_audit
from salon.intake import repository
from salon.intake.domain import Job, JobStatus, Reason, Stage, shows_result
from salon.intake.errors import JobHasNoFile, JobNotFailed, JobNotFound, ResultClosed
from salon.intake.repository import StoredResult
from salon.platform.db import ReadSession, WriteSession

_NO_FILE = frozenset({Reason.UPLOAD_EXPIRED, Reason.FILE_MISSING, Reason.FILE_NOT_AS_STATED, Reason.FILE_CHANGED})


def get_job(session: ReadSession, job_id: UUID) -> Job:
    """A job.

    Raises:
        JobNotFound: there is none.
    """
    return repository.get_job(session, job_id)


def list_jobs(session: ReadSession, *, before_id: UUID | None, limit: int) -> list[Job]:
    """Jobs, the latest first; after `before_id` in that order."""
    return repository.list_jobs(session, before_id=before_id, limit=limit)


def retry_job(session: WriteSession, job_id: UUID, *, actor: Actor, now: datetime) -> UUID:
    """Try a failed job again, from the beginning; of a copy, the job that it is the same as. Which one is tried.

    Raises:
        JobNotFound: there is none.
        JobNotFailed: it has not failed.
        JobHasNoFile: there is nothing to read.
        JobSuperseded: a newer job reads the same file.
    """
    job = repository.lock_job(session, job_id)
    if job is not None and job.same_as is not None:
        job = repository.lock_job(session, job.same_as)
    if job is None:
        raise JobNotFound(job_id)
    if job.status != JobStatus.FAILED:
        raise JobNotFailed
    if job.reason_code in _NO_FILE:
        raise JobHasNoFile
    job.status, job.stage, job.progress = JobStatus.QUEUED, Stage.QUEUED, 0
    job.attempts, job.reason_code, job.dead_letter = 0, None, None
    job.done_at, job.next_attempt_at = None, now
    session.flush()
    record_audit(session, action="job.retried", subject="job", subject_id=job.id, actor=actor, now=now)
    return job.id


def get_result(session: ReadSession, result_id: UUID) -> StoredResult:
    """What a job came to, for work on it; a person reads it by `show_result`.

    Raises:
        ResultNotFound: there is none.
    """
    return repository.get_result(session, result_id)


def show_result(
    session: ReadSession, result_id: UUID, *, actor: Actor, may_see_money: bool, now: datetime
) -> StoredResult:
    """What a job came to, for whoever may read it (`domain.shows_result`).

    Raises:
        ResultNotFound: there is none.
        ResultClosed: the actor did not hand it in, or too long ago, and may not see money.
    """
    found = repository.get_result(session, result_id)
    jobs = repository.list_jobs_of(session, found.job_id)
    if not shows_result(jobs, actor, may_see_money=may_see_money, now=now):
        raise ResultClosed
    return found
