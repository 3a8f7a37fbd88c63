"""What a client writes to a human, and what a human writes where we do not see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from salon.clients import use_cases as clients
from salon.identity import use_cases as identity
from salon.messaging.domain import OutboundFile
from salon.messaging.domain.taps import Tap
from salon.messaging.people import events, repository
from salon.messaging.people.domain import (
    Handover,
    HandoverOutcome,
    HandoverReason,
    HandoverStatus,
    Notice,
    NoticeKind,
    StaffContact,
)
from salon.messaging.people.use_cases.handovers import (
    ACTOR,
    close,
    name_of,
    open_handover,
    record,
    remind_after,
    return_after,
)
from salon.messaging.people.use_cases.notices import tap, tell
from salon.messaging.people.use_cases.reopening import chats_of, reopen
from salon.messaging.repository import Conversation
from salon.messaging.use_cases.habits import habits_of
from salon.platform.db import WriteSession

MIME = {"photos": ("photo.jpg", "image/jpeg"), "voice": ("voice.ogg", "audio/ogg")}
"""What lies under a prefix of the bucket, as far as the prefix says."""


def relay_inbound(
    session: WriteSession, conversation: Conversation, event_text: str, media_key: str | None, now: datetime
) -> bool:
    """Give what a client wrote to whoever answers them; False when that is the assistant.

    Args:
        session: the client's turn, which holds the conversation.
        conversation: where it was written.
        event_text: the words.
        media_key: what came with them, in the bucket.
        now: the current instant.

    Returns:
        Whether a human has the conversation: then the assistant must not answer.
    """
    handover = repository.find_live(session, conversation.id)
    if handover is None:
        return False
    repository.count_message(session, handover.id)
    if handover.status is HandoverStatus.OPEN:
        return False
    if handover.is_outside:
        if handover.due_at is not None and handover.due_at <= now:
            close(session, handover, HandoverOutcome.STALE, ACTOR, now)
            return False
        return True
    chats = chats_of(session, handover)
    if not chats and not _is_read_in_console(session, handover, now):
        reopen(session, handover, now, tells_client=False)
        return False
    for contact in chats:
        _relay(session, handover, contact, event_text, media_key, now=now)
    return True


def _is_read_in_console(session: WriteSession, handover: Handover, now: datetime) -> bool:
    """Whether whoever took it, who has no chat, may still be at the console; the timer looks again soon."""
    if handover.taken_by is None or not identity.get_user(session, handover.taken_by).is_active:
        return False
    patience = remind_after(session)
    if handover.last_activity_at + patience <= now:
        return False
    looks_at = now + patience
    repository.delay_handover(session, handover.id, min(looks_at, handover.due_at or looks_at))
    return True


def _relay(
    session: WriteSession,
    handover: Handover,
    contact: StaffContact,
    text: str,
    media_key: str | None,
    *,
    now: datetime,
) -> None:
    client = clients.get_client(session, handover.client_id)
    is_current = contact.handover_id == handover.id
    here = () if is_current else ((tap("people-button-answer", Tap.HANDOVER_TAKE, handover.id),),)
    notice = Notice(
        NoticeKind.HANDOVER,
        "people-relayed" if text.strip() else "people-relayed-media",
        {"number": handover.number, "name": name_of(client), "words": text.strip()},
        sealed_for=handover.client_id,
        buttons=here,
    )
    tell(session, contact, notice, now, file=file_of(media_key))


def note_outside_answer(session: WriteSession, conversation_id: UUID, now: datetime) -> Handover:
    """A human has answered in the provider's own app: the assistant keeps silent for a while."""
    conversation = repository.lock_conversation(session, conversation_id)
    habits = habits_of(session)
    silent_for = timedelta(minutes=habits.outside_silence_minutes)
    known = repository.find_live(session, conversation_id)
    if known is not None and known.taken_by is not None:
        repository.touch(session, known.id, now, due_at=now + return_after(session))
        return repository.get_handover(session, known.id)
    if known is None:
        known = open_handover(session, conversation, HandoverReason.OTHER, now, tells=False)
    taken = known.take_outside(now, silent_for=silent_for)
    repository.update_handover(session, taken)
    if taken.version != known.version:
        record(session, taken, events.HandoverTakenOver, ACTOR, now, user_id=None)
    return taken


def file_of(media_key: str | None) -> OutboundFile | None:
    """What lies in the bucket, to be sent on."""
    if media_key is None:
        return None
    name, mime = MIME.get(media_key.partition("/")[0], ("file", "application/octet-stream"))
    return OutboundFile(media_key, name, mime)
