"""Tables of intake."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, TenantOwned, same_tenant


class UploadRow(TenantOwned, Base):
    """A file that was announced: whether it came. Its object's key is made of the tenant's and the row's ids."""

    __tablename__ = "uploads"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("status IN ('expected', 'arrived', 'expired', 'refused')", "status"),
        CheckConstraint("source IN ('form', 'direct', 'messenger')", "source"),
        CheckConstraint("size_bytes >= 0", "size"),
        Index("ix_uploads_expected", "expires_at", postgresql_where=text("status = 'expected'")),
    )

    status: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16))
    file_name: Mapped[bytes] = mapped_column(LargeBinary)  # sealed with the tenant's key: people's names stand in it
    content_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))  # as its sender states it
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[str]
    conversation_id: Mapped[UUID | None]  # the chat that waits to hear; no reference: messaging stands to the right
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]


class JobRow(TenantOwned, Base):
    """The reading of one upload. Of equal files one job is worked on, and the others say `same_as`."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "upload_id", name="uq_jobs_upload"),
        same_tenant("upload_id", "uploads", "CASCADE"),
        same_tenant("same_as", "jobs", "CASCADE"),
        CheckConstraint("status IN ('queued', 'processing', 'done', 'failed')", "status"),
        CheckConstraint("progress BETWEEN 0 AND 100", "progress"),
        CheckConstraint("attempts >= 0", "attempts"),
        CheckConstraint("dead_letter IN ('owed', 'sent')", "dead_letter"),
        CheckConstraint("status IN ('queued', 'processing') OR done_at IS NOT NULL", "settled"),
        CheckConstraint("status <> 'failed' OR reason_code IS NOT NULL", "reason"),
        Index("ix_jobs_due", "next_attempt_at", postgresql_where=text("status = 'queued'")),
        Index("ix_jobs_leased", "lease_until", postgresql_where=text("status = 'processing'")),
        Index("ix_jobs_owed", "done_at", postgresql_where=text("dead_letter = 'owed'")),
        Index("ix_jobs_same_as", "tenant_id", "same_as", postgresql_where=text("same_as IS NOT NULL")),
        Index(
            "ux_jobs_contents",
            "tenant_id",
            "sha256",
            unique=True,
            postgresql_where=text("same_as IS NULL AND status <> 'failed'"),
        ),
    )

    upload_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16))
    progress: Mapped[int] = mapped_column(SmallInteger)
    attempts: Mapped[int]
    reason_code: Mapped[str | None] = mapped_column(String(40))
    sha256: Mapped[str | None] = mapped_column(String(64))  # of what arrived
    same_as: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]  # none while the file has not arrived, or nobody is to try again
    nudged_until: Mapped[datetime | None]  # a sweep has queued it: the next ones need not
    dead_letter: Mapped[str | None] = mapped_column(String(8))
    elapsed_ms: Mapped[int] = mapped_column(BigInteger)  # of all attempts
    cost_micros: Mapped[int] = mapped_column(BigInteger)  # of all attempts: millionths of the currency's unit
    correlation_id: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class ResultRow(TenantOwned, Base):
    """What a job came to: the document as it was read, sealed, and what the model made of its lines."""

    __tablename__ = "results"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "job_id", name="uq_results_job"),
        same_tenant("job_id", "jobs", "CASCADE"),
    )

    job_id: Mapped[UUID]
    document: Mapped[bytes] = mapped_column(LargeBinary)
    predictions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    page_count: Mapped[int] = mapped_column(SmallInteger)
    engine: Mapped[str] = mapped_column(String(64))
    engine_version: Mapped[str] = mapped_column(String(200))
    reader_version: Mapped[str] = mapped_column(String(32))
    model: Mapped[str | None] = mapped_column(String(64))
    model_version: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
