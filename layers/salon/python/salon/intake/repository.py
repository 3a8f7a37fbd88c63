"""Every query of intake."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import aliased

from salon.identity.domain import Actor, ActorKind
from salon.intake.domain import (
    DeadLetter,
    Job,
    JobStatus,
    NewUpload,
    Stage,
    UploadSource,
    UploadStatus,
)
from salon.intake.errors import JobNotFound, JobSuperseded, ResultNotFound
from salon.intake.models import JobRow, ResultRow, UploadRow
from salon.platform import correlation, keys
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id

if TYPE_CHECKING:  # whoever announces or watches reads no documents: their import is a cold start's time
    from salon.intake.documents.domain import RecognisedDocument

on_constraint("ux_jobs_contents", JobSuperseded)
NAME_PURPOSE, DOCUMENT_PURPOSE = "uploads.file_name", "results.document"


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result as it was stored."""

    id: UUID
    job_id: UUID
    document: RecognisedDocument
    predictions: list[dict[str, Any]]
    page_count: int
    model: str | None
    model_version: str | None
    created_at: datetime


def add_upload(
    session: WriteSession, new: NewUpload, *, status: UploadStatus, actor: Actor, now: datetime, expires_at: datetime
) -> UUID:
    """An upload, unless there is one of this id; the id."""
    upload_id = new.upload_id or new_id()
    session.execute(
        pg_insert(UploadRow)
        .values(
            id=upload_id,
            tenant_id=tenant_of(session),
            status=status,
            source=new.source,
            file_name=keys.seal_for_tenant(session, new.file_name, purpose=NAME_PURPOSE),
            content_type=new.content_type,
            size_bytes=new.size_bytes,
            sha256=new.sha256,
            actor_kind=actor.kind,
            actor_id=actor.id,
            conversation_id=new.conversation_id,
            created_at=now,
            expires_at=expires_at,
            arrived_at=now if status is UploadStatus.ARRIVED else None,
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )
    return upload_id


def add_job(session: WriteSession, upload_id: UUID, *, stage: Stage, due_at: datetime | None, now: datetime) -> UUID:
    """The job of an upload, unless there is one; its id."""
    session.execute(
        pg_insert(JobRow)
        .values(
            id=new_id(),
            tenant_id=tenant_of(session),
            upload_id=upload_id,
            status=JobStatus.QUEUED,
            stage=stage,
            progress=0,
            attempts=0,
            next_attempt_at=due_at,
            elapsed_ms=0,
            cost_micros=0,
            correlation_id=correlation.current_id(),
            created_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_jobs_upload")
    )
    return session.scalars(select(JobRow.id).where(JobRow.upload_id == upload_id)).one()


def lock_upload(session: WriteSession, upload_id: UUID) -> UploadRow | None:
    """An upload, locked; uploads are locked before their jobs."""
    query = select(UploadRow).where(UploadRow.id == upload_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def lock_job(session: WriteSession, job_id: UUID) -> JobRow | None:
    """A job, locked."""
    query = select(JobRow).where(JobRow.id == job_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def lock_job_of(session: WriteSession, upload_id: UUID) -> JobRow:
    """The job of an upload, locked."""
    query = select(JobRow).where(JobRow.upload_id == upload_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def get_upload(session: ReadSession, upload_id: UUID) -> UploadRow:
    """An upload that is there, because a job refers to it."""
    return session.get_one(UploadRow, upload_id)


def actor_of(upload: UploadRow) -> Actor:
    """Who handed it in."""
    return Actor(ActorKind(upload.actor_kind), upload.actor_id)


def file_name_of(session: ReadSession, upload: UploadRow) -> str:
    """What its sender calls the file."""
    return keys.open_for_tenant(session, upload.file_name, purpose=NAME_PURPOSE)


def note_progress(session: WriteSession, job_id: UUID, *, attempt: int, stage: Stage, progress: int) -> bool:
    """Say how far a job is; False where it is not this attempt's any more."""
    noted = session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.attempts == attempt, JobRow.status == JobStatus.PROCESSING)
        .values(stage=stage, progress=progress)
        .returning(JobRow.id)
        .execution_options(synchronize_session=False)
    )
    return noted.one_or_none() is not None


def lock_contents(session: WriteSession, sha256: str) -> None:
    """Have whoever else looks for the same contents wait for the end of this transaction."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"),
        {"what": f"intake:{tenant_of(session)}:{sha256}"},
    )


def lock_same(session: WriteSession, sha256: str, *, but: UUID) -> JobRow | None:
    """The other job that reads, or has read, these contents; locked, so that it does not end unnoticed."""
    query = select(JobRow).where(
        JobRow.sha256 == sha256, JobRow.same_as.is_(None), JobRow.status != JobStatus.FAILED, JobRow.id != but
    )
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def list_copies(session: ReadSession, job_id: UUID) -> list[JobRow]:
    """The jobs of equal files that say they are the same as this one."""
    return list(session.scalars(select(JobRow).where(JobRow.same_as == job_id).order_by(JobRow.id)))


def add_result(
    session: WriteSession, job_id: UUID, *, document: RecognisedDocument, predictions: Sequence[Any], pages: int,
    now: datetime,
) -> UUID:  # fmt: skip
    """What a job came to; its id."""
    from salon.intake.documents.codec import to_json

    first = predictions[0] if predictions else None
    row = ResultRow(
        id=new_id(),
        tenant_id=tenant_of(session),
        job_id=job_id,
        document=keys.seal_for_tenant(
            session, json.dumps(to_json(document), ensure_ascii=False), purpose=DOCUMENT_PURPOSE
        ),
        predictions=[json.loads(json.dumps(asdict(one), default=str)) for one in predictions],
        page_count=pages,
        engine=document.engine[:64],
        engine_version=document.engine_version[:200],
        reader_version=document.reader_version[:32],
        model=getattr(first, "model", None),
        model_version=getattr(first, "version", None),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def find_result_id(session: ReadSession, job_id: UUID) -> UUID | None:
    """The result of a job."""
    return session.scalars(select(ResultRow.id).where(ResultRow.job_id == job_id)).one_or_none()


def get_result(session: ReadSession, result_id: UUID) -> StoredResult:
    """A result.

    Raises:
        ResultNotFound: there is none of this id.
    """
    from salon.intake.documents.codec import from_json

    row = session.get(ResultRow, result_id)
    if row is None:
        raise ResultNotFound(result_id)
    opened: Mapping[str, Any] = json.loads(keys.open_for_tenant(session, row.document, purpose=DOCUMENT_PURPOSE))
    return StoredResult(
        row.id, row.job_id, from_json(opened), row.predictions, row.page_count, row.model, row.model_version,
        row.created_at,
    )  # fmt: skip


def get_job(session: ReadSession, job_id: UUID) -> Job:
    """A job as it may be shown.

    Raises:
        JobNotFound: there is none of this id.
    """
    found = session.execute(_shown().where(JobRow.id == job_id)).one_or_none()
    if found is None:
        raise JobNotFound(job_id)
    return _job(session, found)


def list_jobs_of(session: ReadSession, job_id: UUID) -> list[Job]:
    """The job that reads a document, and those of equal files."""
    query = _shown().where((JobRow.id == job_id) | (JobRow.same_as == job_id))
    return [_job(session, row) for row in session.execute(query)]


def list_jobs(session: ReadSession, *, before_id: UUID | None, limit: int) -> list[Job]:
    """Jobs as they may be shown, the latest first."""
    query = _shown().order_by(JobRow.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(JobRow.id < before_id)
    return [_job(session, row) for row in session.execute(query)]


def _shown() -> Select[JobRow, JobRow, UploadRow, UUID]:
    first = aliased(JobRow)  # not of the module: it would have every mapper configured at import
    return (
        select(JobRow, first, UploadRow, ResultRow.id)
        .join(UploadRow, UploadRow.id == JobRow.upload_id)
        .outerjoin(first, first.id == JobRow.same_as)
        .outerjoin(ResultRow, ResultRow.job_id == func.coalesce(JobRow.same_as, JobRow.id))
    )


def _job(session: ReadSession, found: Row[JobRow, JobRow | None, UploadRow, UUID | None]) -> Job:
    row, first, upload, result_id = found
    worked = first or row
    return Job(
        id=row.id,
        upload_id=row.upload_id,
        file_name=file_name_of(session, upload),
        content_type=upload.content_type,
        source=UploadSource(upload.source),
        handed_in_by=actor_of(upload),
        status=JobStatus(worked.status),
        stage=Stage(worked.stage),
        progress=worked.progress,
        attempts=worked.attempts,
        reason_code=worked.reason_code,
        same_as=row.same_as,
        result_id=result_id if worked.status == JobStatus.DONE else None,
        elapsed_ms=worked.elapsed_ms,
        cost_micros=worked.cost_micros,
        created_at=row.created_at,
        started_at=worked.started_at,
        done_at=max(worked.done_at, row.done_at) if worked.done_at and row.done_at else worked.done_at,
    )


def mark_letter_sent(session: WriteSession, job_id: UUID) -> None:
    """The dead letter of a job lies where operators look."""
    session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.dead_letter == DeadLetter.OWED)
        .values(dead_letter=DeadLetter.SENT)
    )


def list_due_jobs(session: ReadSession, *, at: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant_id, id) of jobs of all tenants that somebody should look at: due, stuck, or given up without a letter."""
    return _refs(session, "due_jobs", at, limit)


def list_expired_uploads(session: ReadSession, *, at: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant_id, id) of uploads of all tenants that never came."""
    return _refs(session, "expired_uploads", at, limit)


def put_off_nudges(session: WriteSession, job_ids: Sequence[UUID], until: datetime) -> None:
    """These have been queued: the next sweep need not."""
    session.execute(
        update(JobRow)
        .where(JobRow.id.in_(job_ids))
        .values(nudged_until=until)
        .execution_options(synchronize_session=False)
    )


def _refs(session: ReadSession, function: str, at: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    rows = session.execute(
        text(f"SELECT tenant_id, id FROM {function}(:at, :limit)"),  # noqa: S608 - the names are ours
        {"at": at, "limit": limit},
    )
    return [(row.tenant_id, row.id) for row in rows]
