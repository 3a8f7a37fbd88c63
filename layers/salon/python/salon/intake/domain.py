"""Uploads and jobs as values, and the rules they go by. Pure.

::

    upload   expected → arrived → (refused)        job   queued → processing → done
                     ↘ expired                                  ↘ queued again (twice at most) → failed
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from salon.identity.domain import Actor
from salon.intake.errors import FileTooLarge, FileTypeNotTaken

MAX_FILE_BYTES = 20_000_000
FILE_TYPES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/heic": "heic",
    "image/heif": "heif",
    "image/webp": "webp",
    "image/tiff": "tiff",
    "application/pdf": "pdf",
    "application/xml": "xml",
    "text/xml": "xml",
}
"""What is taken, and how such files are usually called."""

MAX_ATTEMPTS = 3
BACK_OFF = (timedelta(seconds=30), timedelta(minutes=3))
"""After the first attempt, after the second: what made it fail may pass."""

RESULT_SHOWN_FOR = timedelta(hours=24)
"""To whoever handed a document in and may not see money: long enough to look at what was read. Afterwards its sums are
the salon's, as those of a settled invoice are. The draft shows them to whoever works on it, by its own rule."""

_PREFIX = "documents"
_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"{_PREFIX}/(?P<tenant>{_ID})/(?P<upload>{_ID})")


class Reason(StrEnum):
    """Why a job has failed. `intake.ftl` and `upd.ftl` have words for each."""

    UPLOAD_EXPIRED = "UPLOAD_EXPIRED"
    FILE_MISSING = "FILE_MISSING"
    FILE_CHANGED = "FILE_CHANGED"  # between two attempts
    FILE_NOT_AS_STATED = "FILE_NOT_AS_STATED"
    DOCUMENT_EMPTY = "DOCUMENT_EMPTY"
    NOT_A_DOCUMENT = "NOT_A_DOCUMENT"
    DOCUMENT_TOO_LARGE = "DOCUMENT_TOO_LARGE"
    TOO_MANY_PAGES = "TOO_MANY_PAGES"
    PICTURE_BOMB = "PICTURE_BOMB"
    DOCUMENT_ENCRYPTED = "DOCUMENT_ENCRYPTED"
    DOCUMENT_DAMAGED = "DOCUMENT_DAMAGED"
    CORRECTION_NOT_READ = "CORRECTION_NOT_READ"
    FOREIGN_CURRENCY = "FOREIGN_CURRENCY"
    NOTHING_READ = "NOTHING_READ"
    DOCUMENT_REFUSED = "DOCUMENT_REFUSED"
    INTERRUPTED = "INTERRUPTED"  # each worker died before it could say why
    ENGINE_UNAVAILABLE = "ENGINE_UNAVAILABLE"
    STORAGE_UNAVAILABLE = "STORAGE_UNAVAILABLE"
    DATABASE_BUSY = "DATABASE_BUSY"
    PROCESSING_FAILED = "PROCESSING_FAILED"  # anything else of ours

    @classmethod
    def of(cls, code: str) -> Reason:
        """The reason that an error's code says."""
        return cls(code) if code in cls.__members__ else cls.PROCESSING_FAILED


class UploadStatus(StrEnum):
    """Whether a file came."""

    EXPECTED = "expected"
    ARRIVED = "arrived"
    EXPIRED = "expired"  # it never came; should it come late, it is taken all the same
    REFUSED = "refused"  # what came is not what was announced


class UploadSource(StrEnum):
    """How a file came."""

    FORM = "form"  # straight into the bucket, by a presigned form
    DIRECT = "direct"  # in the request itself
    MESSENGER = "messenger"


class JobStatus(StrEnum):
    """The life of a job (DESIGN §4)."""

    QUEUED = "queued"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"


UNSETTLED = frozenset({JobStatus.QUEUED, JobStatus.PROCESSING})


class Stage(StrEnum):
    """What a job is at, for whoever watches."""

    WAITING = "waiting"  # for the file
    QUEUED = "queued"
    FETCHING = "fetching"
    READING = "reading"
    MATCHING = "matching"
    SAVING = "saving"
    FINISHED = "finished"


class DeadLetter(StrEnum):
    """Whether a job that was given up has been put where operators look."""

    OWED = "owed"
    SENT = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpload:
    """What is said of a file before it comes.

    Attributes:
        file_name: as a person calls it; may be empty.
        content_type: one of `FILE_TYPES`; of a messenger's file whatever it says.
        size_bytes: None where nobody knows.
        sha256: 64 hexadecimal digits; what comes is compared with it. None where nobody has counted.
        conversation_id: the chat that it came in and that hears what came of it.
        upload_id: where it has an id already: a messenger's file has that of its inbox row.
    """

    file_name: str = field(repr=False)
    content_type: str
    size_bytes: int | None = None
    sha256: str | None = None
    source: UploadSource = UploadSource.FORM
    conversation_id: UUID | None = None
    upload_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that is expected, and the job that waits for it."""

    upload_id: UUID
    job_id: UUID
    key: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it may be shown. Of equal files the status, the attempts and the result are those of the first's job.

    Attributes:
        handed_in_by: whoever announced the file.
        progress: per cent.
        reason_code: why it failed.
        same_as: the job of the same contents that did, or does, the work.
        result_id: there when it is done.
        elapsed_ms: worked on so far, all attempts.
        cost_micros: what that cost, in millionths of the currency's unit.
    """

    id: UUID
    upload_id: UUID
    file_name: str = field(repr=False)
    content_type: str
    source: UploadSource
    handed_in_by: Actor
    status: JobStatus
    stage: Stage
    progress: int
    attempts: int
    reason_code: str | None
    same_as: UUID | None
    result_id: UUID | None
    elapsed_ms: int
    cost_micros: int
    created_at: datetime
    started_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobLimits:
    """How a job is worked on.

    Attributes:
        max_bytes: of a file.
        lease: how long one worker has a job: as long as its function may run. After a crash another may have it then.
        micros_per_second: what a second of the function costs, in millionths of the currency's unit.
    """

    max_bytes: int = MAX_FILE_BYTES
    lease: timedelta = timedelta(minutes=5)
    micros_per_second: int = 0
    max_attempts: int = MAX_ATTEMPTS


def check_file(content_type: str, size_bytes: int | None, *, max_bytes: int = MAX_FILE_BYTES) -> None:
    """Refuse what is not taken, before it is sent.

    Raises:
        FileTypeNotTaken: no picture, PDF or XML.
        FileTooLarge: more bytes than are read.
    """
    if content_type not in FILE_TYPES:
        raise FileTypeNotTaken(sorted(FILE_TYPES))
    if size_bytes is not None and size_bytes > max_bytes:
        raise FileTooLarge(max_bytes)


def shows_result(jobs: Iterable[Job], actor: Actor, *, may_see_money: bool, now: datetime) -> bool:
    """Whether somebody may read what came of a document: its prices stand in it, and in its pictures.

    Args:
        jobs: the one that read it and those of equal files.
        actor: who wants to.
        may_see_money: whether they may see what the salon pays.
        now: the current instant.
    """
    return may_see_money or any(
        job.handed_in_by == actor and job.done_at is not None and now < job.done_at + RESULT_SHOWN_FOR for job in jobs
    )


def back_off(attempt: int) -> timedelta:
    """How long to wait after so many attempts, from 1."""
    return BACK_OFF[min(attempt, len(BACK_OFF)) - 1]


def key_of(tenant_id: UUID, upload_id: UUID) -> str:
    """Where an upload lies in the bucket."""
    return f"{_PREFIX}/{tenant_id}/{upload_id}"


def ids_of(key: str) -> tuple[UUID, UUID] | None:
    """The tenant and the upload that a key names; None for a key of another form."""
    named = _KEY.fullmatch(key)
    return None if named is None else (UUID(named["tenant"]), UUID(named["upload"]))


def preview_key(tenant_id: UUID, job_id: UUID, page: int) -> str:
    """Where the straightened picture of a page lies; pages count from 0."""
    return f"previews/{tenant_id}/{job_id}/{page}.jpg"


def share_of(percent: int, *, start: int, end: int) -> int:
    """A step's own per cent as a part of the whole job's."""
    return start + (end - start) * min(max(percent, 0), 100) // 100
