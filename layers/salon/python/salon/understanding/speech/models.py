"""Tables of speech recognition."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, TenantOwned


class TranscriptStatus(StrEnum):
    """The life of a transcript: pending → working → done | unclear | failed; skipped from the start."""

    PENDING = "pending"
    WORKING = "working"
    DONE = "done"
    UNCLEAR = "unclear"  # listened to, and there is nothing to answer: see `reason`
    FAILED = "failed"  # could not be listened to, or not in time
    SKIPPED = "skipped"  # nobody needs the words: a human hears the message itself


class TranscriptRow(TenantOwned, Base):
    """What was said in one voice message, sealed with the tenant's key until the dialogue has used it.

    After that the words stand in the message log under the client's own key, and here only figures are left.
    """

    __tablename__ = "transcripts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "inbox_id", name="uq_transcripts_inbox"),
        CheckConstraint("status IN ('pending', 'working', 'done', 'unclear', 'failed', 'skipped')", "status"),
        Index("ix_transcripts_created_at", "tenant_id", "created_at"),
    )

    inbox_id: Mapped[UUID]
    media_key: Mapped[str | None]  # none where the messenger itself wrote it down
    status: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(24))  # why there are no words
    body: Mapped[bytes] = mapped_column(LargeBinary)
    confidence: Mapped[float | None] = mapped_column(Double)
    duration_s: Mapped[float | None] = mapped_column(Double)
    engine: Mapped[str | None] = mapped_column(String(32))
    engine_version: Mapped[str | None] = mapped_column(String(64))
    elapsed_ms: Mapped[int | None]
    attempts: Mapped[int]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
