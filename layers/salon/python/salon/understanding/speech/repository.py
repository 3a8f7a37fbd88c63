"""Every query of transcripts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from salon.platform import keys
from salon.platform.db import WriteSession, tenant_of
from salon.platform.ids import new_id
from salon.understanding.speech.domain import Recognition
from salon.understanding.speech.models import TranscriptRow, TranscriptStatus

PURPOSE = "transcripts"


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words for the dialogue.

    Attributes:
        confidence: 0 to 1.
        stored_at: when the recording was.
    """

    text: str = field(repr=False)
    confidence: float
    stored_at: datetime


def open_transcript(
    session: WriteSession,
    inbox_id: UUID,
    *,
    media_key: str | None,
    now: datetime,
    status: TranscriptStatus = TranscriptStatus.PENDING,
) -> None:
    """Make the transcript of a message unless there is one: whoever comes first makes it."""
    values = {"id": new_id(), "tenant_id": tenant_of(session), "inbox_id": inbox_id, "media_key": media_key}
    fresh = pg_insert(TranscriptRow).values(**values, status=status, body=b"", attempts=0, created_at=now)
    session.execute(fresh.on_conflict_do_nothing(constraint="uq_transcripts_inbox"))


def wait_anew(session: WriteSession, inbox_id: UUID, now: datetime) -> None:
    """The recording is stored only now: whoever was to store it has died after the transcript was made."""
    session.execute(
        update(TranscriptRow)
        .where(
            TranscriptRow.inbox_id == inbox_id,
            TranscriptRow.status == TranscriptStatus.PENDING,
            TranscriptRow.attempts == 0,
        )
        .values(created_at=now)
    )


def lock_transcript(session: WriteSession, inbox_id: UUID) -> TranscriptRow | None:
    """The transcript of a message, locked: whether it is there must not change while it is decided to wait."""
    query = select(TranscriptRow).where(TranscriptRow.inbox_id == inbox_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def keep_figures(row: TranscriptRow, recognition: Recognition, duration_s: float | None) -> None:
    """Note how sure an engine was and how long it took; nothing of what was said."""
    row.confidence, row.duration_s = recognition.confidence, duration_s
    row.engine, row.engine_version = recognition.engine, recognition.version
    row.elapsed_ms = round(recognition.elapsed_s * 1000)


def keep_words(session: WriteSession, row: TranscriptRow, words: str) -> None:
    """Keep what was said, sealed, until the dialogue takes it."""
    row.body = keys.seal_for_tenant(session, words, purpose=PURPOSE)


def take_words(session: WriteSession, row: TranscriptRow) -> Spoken:
    """What was said, and forget it: whoever takes it keeps it elsewhere in the same transaction."""
    words = keys.open_for_tenant(session, row.body, purpose=PURPOSE) if row.body else ""
    row.body = b""
    return Spoken(words, row.confidence if row.confidence is not None else 1.0, row.created_at)


def blank_words(session: WriteSession, inbox_ids: Collection[UUID], now: datetime) -> None:
    """Forget what was said in some messages, and where the recordings were; what is still awaited is not any more."""
    about = TranscriptRow.inbox_id.in_(inbox_ids)
    session.execute(
        update(TranscriptRow)
        .where(about, TranscriptRow.status.in_((TranscriptStatus.PENDING, TranscriptStatus.WORKING)))
        .values(status=TranscriptStatus.SKIPPED, lease_until=None, done_at=now)
    )
    session.execute(update(TranscriptRow).where(about).values(body=b"", media_key=None))


def settle(row: TranscriptRow, status: TranscriptStatus, now: datetime, *, reason: str | None = None) -> None:
    """Say what became of it; nobody works on it any more."""
    row.status, row.reason, row.done_at, row.lease_until = status, reason, now, None
