"""Every query of files that came with messages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from salon.messaging.models import MessageRow
from salon.platform.db import ReadSession, WriteSession

KEPT_FOR_THE_SALON = "documents/%"
"""Papers that were handed in; they are the salon's."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of somebody's, in the bucket."""

    message_id: UUID
    inbox_id: UUID | None
    media_key: str


def list_sent_files(session: ReadSession, client_id: UUID, *, since: datetime) -> list[SentFile]:
    """What a client sent with messages since an instant, as far as it is theirs."""
    rows = session.execute(
        select(MessageRow.id, MessageRow.inbox_id, MessageRow.media_key)
        .where(
            MessageRow.client_id == client_id,
            MessageRow.direction == "in",
            MessageRow.media_key.is_not(None),
            MessageRow.media_key.not_like(KEPT_FOR_THE_SALON),
            MessageRow.created_at >= since,
        )
        .order_by(MessageRow.id)
    )
    return [SentFile(row.id, row.inbox_id, row.media_key) for row in rows]


def blank_media_keys(session: WriteSession, message_ids: Collection[UUID]) -> None:
    """These messages' files are gone."""
    session.execute(update(MessageRow).where(MessageRow.id.in_(message_ids)).values(media_key=None))
