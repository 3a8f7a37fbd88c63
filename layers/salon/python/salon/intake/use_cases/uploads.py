"""Files that are announced, come, or never come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from salon.identity.domain import Actor, system
from salon.intake import repository
from salon.intake.domain import (
    Announced,
    JobStatus,
    NewUpload,
    Reason,
    Stage,
    UploadSource,
    UploadStatus,
    key_of,
)
from salon.intake.errors import UploadElsewhere
from salon.intake.models import JobRow, UploadRow
from salon.intake.use_cases.settling import fail_job
from salon.platform.db import WriteSession, tenant_of
from salon.platform.logs import logger

log = logger(__name__)
LASTS = timedelta(minutes=15)
"""How long a file is waited for: as long as its form is good for."""

FOUND = system("storage_documents")


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came of a file's coming.

    Attributes:
        is_due: whether its job is to be worked on now.
    """

    job_id: UUID
    is_due: bool


def announce_upload(
    session: WriteSession, new: NewUpload, *, actor: Actor, now: datetime, lasts: timedelta = LASTS
) -> Announced:
    """Expect a file and queue its job, before anybody can send the file.

    A second announcement under the same id changes nothing but what was not known: who sent it, and from which chat.

    Args:
        session: the transaction.
        new: what is said of the file; its type and size were checked (`domain.check_file`).
        actor: who hands it in.
        now: the current instant.
        lasts: how long it is waited for.
    """
    expires_at = now + lasts
    upload_id = repository.add_upload(
        session, new, status=UploadStatus.EXPECTED, actor=actor, now=now, expires_at=expires_at
    )
    upload = _locked(session, upload_id)
    if upload.conversation_id is None and new.conversation_id is not None:  # its arrival was told first
        upload.conversation_id = new.conversation_id
        upload.actor_kind, upload.actor_id = actor.kind, actor.id
    job_id = repository.add_job(session, upload_id, stage=Stage.WAITING, due_at=None, now=now)
    log.info("upload.announced", upload_id=str(upload_id), job_id=str(job_id), source=new.source)
    return Announced(upload_id, job_id, key_of(tenant_of(session), upload_id), upload.expires_at)


def settle_arrival(
    session: WriteSession, upload_id: UUID, *, size_bytes: int, content_type: str, now: datetime
) -> Arrival:
    """A file has come: its job may begin. Told twice, or late, or before it was announced, it comes to the same.

    Args:
        session: the transaction.
        upload_id: as the object's key names it; one that nobody has announced is taken for a messenger's.
        size_bytes: of the object.
        content_type: of the object.
        now: the current instant.
    """
    found = NewUpload(file_name="", content_type=content_type[:100], source=UploadSource.MESSENGER, upload_id=upload_id)
    repository.add_upload(session, found, status=UploadStatus.ARRIVED, actor=FOUND, now=now, expires_at=now)
    upload = _locked(session, upload_id)
    job_id = repository.add_job(session, upload_id, stage=Stage.QUEUED, due_at=now, now=now)
    job = repository.lock_job_of(session, upload_id)
    upload.size_bytes = size_bytes if upload.size_bytes is None else upload.size_bytes
    if upload.status in {UploadStatus.EXPECTED, UploadStatus.EXPIRED}:
        upload.status, upload.arrived_at = UploadStatus.ARRIVED, now
        _begin(job, now)
    is_due = job.status == JobStatus.QUEUED and job.next_attempt_at is not None and job.next_attempt_at <= now
    return Arrival(job_id, is_due)


def expire_upload(session: WriteSession, upload_id: UUID, *, now: datetime) -> bool:
    """Wait no longer for a file; its job has failed. False where it has come meanwhile."""
    upload = repository.lock_upload(session, upload_id)
    if upload is None or upload.status != UploadStatus.EXPECTED or upload.expires_at > now:
        return False
    upload.status = UploadStatus.EXPIRED
    job = repository.lock_job_of(session, upload_id)
    fail_job(session, job, upload, Reason.UPLOAD_EXPIRED, now=now)
    log.info("upload.expired", upload_id=str(upload_id), job_id=str(job.id))
    return True


def _begin(job: JobRow, now: datetime) -> None:
    if job.status == JobStatus.FAILED and job.reason_code == Reason.UPLOAD_EXPIRED:  # it is there after all
        job.status, job.reason_code, job.done_at = JobStatus.QUEUED, None, None
    if job.status == JobStatus.QUEUED:
        job.stage, job.next_attempt_at = Stage.QUEUED, now


def _locked(session: WriteSession, upload_id: UUID) -> UploadRow:
    row = repository.lock_upload(session, upload_id)
    if row is None:  # another tenant's: row-level security hides it, and its id is taken
        raise UploadElsewhere
    return row
