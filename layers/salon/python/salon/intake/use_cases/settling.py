"""The end of a job, good or bad: its row, the copies that wait for it, and what is told of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.intake import repository
from salon.intake.domain import DeadLetter, JobStatus, Reason, Stage
from salon.intake.events import JobDone, JobFailed
from salon.intake.models import JobRow, UploadRow
from salon.platform.db import WriteSession
from salon.platform.outbox import emit


def finish_job(
    session: WriteSession, job: JobRow, upload: UploadRow, *, result_id: UUID, lines: int, now: datetime
) -> None:
    """It was read. Whoever handed in a copy meanwhile hears it as well."""
    _close(job, JobStatus.DONE, now)
    job.progress = 100
    session.flush()
    _tell_done(session, job, upload, result_id=result_id, lines=lines, now=now)
    for copy in repository.list_copies(session, job.id):
        _tell_done(session, copy, repository.get_upload(session, copy.upload_id), result_id=result_id, lines=lines,
                   now=now)  # fmt: skip


def fail_job(
    session: WriteSession, job: JobRow, upload: UploadRow, reason_code: Reason, *, now: datetime, is_ours: bool = False
) -> None:
    """It was not read, and will not be by itself.

    Args:
        session: the transaction.
        job: locked.
        upload: its file.
        reason_code: why.
        now: the current instant.
        is_ours: whether the fault is ours rather than the file's: operators get a dead letter then.
    """
    job.reason_code = reason_code
    job.dead_letter = DeadLetter.OWED if is_ours else None
    _close(job, JobStatus.FAILED, now)
    session.flush()
    _tell_failed(session, job, upload, reason_code, now=now)
    for copy in repository.list_copies(session, job.id):
        _tell_failed(session, copy, repository.get_upload(session, copy.upload_id), reason_code, now=now)


def join_job(session: WriteSession, copy: JobRow, upload: UploadRow, first: JobRow, *, now: datetime) -> None:
    """The contents are another job's: nothing more is done for this one, and what comes of the other is its own.

    Args:
        session: the transaction, which has locked the contents.
        copy: locked.
        upload: its file.
        first: the job that does, or did, the work; never a failed one.
        now: the current instant.
    """
    copy.same_as = first.id
    _close(copy, JobStatus.DONE, now)
    copy.progress = 100
    session.flush()
    if first.status == JobStatus.DONE:
        result_id = repository.find_result_id(session, first.id)
        if result_id is not None:
            lines = len(repository.get_result(session, result_id).document.lines)
            _tell_done(session, copy, upload, result_id=result_id, lines=lines, now=now)


def _close(job: JobRow, status: JobStatus, now: datetime) -> None:
    job.status, job.stage, job.done_at = status, Stage.FINISHED, now
    job.lease_until, job.next_attempt_at = None, None


def _tell_done(
    session: WriteSession, job: JobRow, upload: UploadRow, *, result_id: UUID, lines: int, now: datetime
) -> None:
    fact = JobDone(
        occurred_at=now,
        job_id=job.id,
        upload_id=job.upload_id,
        same_as=job.same_as,
        conversation_id=upload.conversation_id,
        result_id=result_id,
        lines=lines,
    )
    emit(session, fact, dedupe_key=f"job-done:{job.id}")


def _tell_failed(session: WriteSession, job: JobRow, upload: UploadRow, reason_code: Reason, *, now: datetime) -> None:
    fact = JobFailed(
        occurred_at=now,
        job_id=job.id,
        upload_id=job.upload_id,
        same_as=job.same_as,
        conversation_id=upload.conversation_id,
        reason_code=reason_code,
    )
    emit(session, fact, dedupe_key=f"job-failed:{job.id}:{now.isoformat()}")
