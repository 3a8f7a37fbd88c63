"""Voice messages: whose words are waited for, and what is said when there are none.

The file is stored, and the inbox row is held until `storage_voice` has written it down, or for as long as a person
may be kept waiting (DESIGN law 2). Then the words go the way of typed ones. What stays unheard is answered in words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from salon.messaging import repository
from salon.messaging.domain import Attachment, AttachmentKind, EventKind, InboundEvent
from salon.messaging.people import repository as people
from salon.messaging.people.domain import HandoverReason, HandoverStatus
from salon.messaging.people.use_cases import find_staff
from salon.messaging.people.use_cases.handing import hand_over
from salon.messaging.use_cases.habits import habits_of
from salon.messaging.use_cases.receive_media import VOICE, written_down
from salon.messaging.use_cases.talk import Talk
from salon.platform import metrics as figures
from salon.platform.db import ReadSession, WriteSession
from salon.platform.inbox import Hold, InboxItem
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.settings import VoiceSettings

log = logger(__name__)
SPOKEN = frozenset({AttachmentKind.VOICE, AttachmentKind.AUDIO})
_WORDS = {"silent": "voice-silent", "too_long": "voice-too-long", "too_large": "voice-too-long"}
"""What is said to a message without words, by the reason; otherwise that it could not be made out."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was made of a voice message.

    Attributes:
        words: what was said, "" when it was not heard.
        is_sure: whether the words may be answered without repeating them.
        unheard: why there are no words; None for what is no voice message, or was heard.
    """

    words: str = ""
    is_sure: bool = True
    unheard: str | None = None


def is_to_be_heard(session: ReadSession, item: InboxItem, event: InboundEvent) -> bool:
    """Whether the words of a voice message are waited for: not when it comes with typed ones, or goes to a human.

    A human hears it as it is, without delay: a client whom somebody of the salon answers, and whoever answers them.
    """
    if event.text:
        return False
    conversation = repository.find_conversation(session, account_id=item.account_id, chat_id=event.chat_id)
    if conversation is None:
        return True
    contact = find_staff(session, conversation.id)
    if contact is not None and contact.handover_id is not None:
        return False
    handover = people.find_live(session, conversation.id)
    return handover is None or handover.status is not HandoverStatus.TAKEN


def hear(
    session: WriteSession,
    item: InboxItem,
    event: InboundEvent,
    media_key: str | None,
    *,
    settings: VoiceSettings,
    metrics: Metrics,
    now: datetime,
) -> Hearing | Hold:
    """The words of a voice message, or how long to wait for them; nothing for whatever is none.

    Args:
        session: the transaction that handles the message.
        item: its inbox row.
        event: the message.
        media_key: where its recording lies; None when it could not be had, which is answered elsewhere.
        settings: how long, and how sure.
        metrics: takes what came of it.
        now: the current instant.
    """
    spoken = _spoken_of(event)
    if spoken is None:
        return Hearing()
    from salon.understanding.speech.use_cases import (  # here: most messages are written
        Awaited,
        Unheard,
        note_messenger_transcript,
        take_transcript,
    )

    written = written_down(event, spoken)
    if written is not None:
        note_messenger_transcript(session, item.inbox_id, written, duration_s=spoken.duration_s, now=now)
        metrics.count(figures.VOICE_ANSWERED, channel=item.source, outcome="messenger")
        return Hearing(written.text, is_sure=written.confidence >= settings.voice_echo_below)
    if media_key is None or not media_key.startswith(f"{VOICE}/"):
        return Hearing()
    found = take_transcript(session, item.inbox_id, patience=timedelta(seconds=settings.voice_hold_seconds), now=now)
    if isinstance(found, Awaited):
        return Hold(found.until)
    if isinstance(found, Unheard):
        metrics.count(figures.VOICE_ANSWERED, channel=item.source, outcome=found.reason)
        return Hearing(unheard=found.reason)
    metrics.count(figures.VOICE_ANSWERED, channel=item.source, outcome="heard")
    waited_ms = (now - found.stored_at).total_seconds() * 1000
    metrics.timing_ms(figures.VOICE_WAITED_MS, waited_ms, channel=item.source)
    return Hearing(found.text, is_sure=found.confidence >= settings.voice_echo_below)


def answer_unheard(talk: Talk, reason: str) -> None:
    """Ask for it in writing; the second time in a row that nothing could be made of a message, offer a person."""
    log.info("voice.unheard", reason=reason)
    misses = talk.state.misses + 1
    talk.remember(replace(talk.state, misses=misses))
    talk.say(_WORDS.get(reason, "voice-unclear"))
    if misses >= habits_of(talk.session).misses_before_person:
        hand_over(talk, HandoverReason.VOICE)


def _spoken_of(event: InboundEvent) -> Attachment | None:
    """The recording that is the message."""
    if event.kind is not EventKind.MESSAGE or event.text:
        return None
    return next((one for one in event.attachments if one.kind in SPOKEN), None)
