"""Somebody who listens to voice messages: a decoder and an engine that hear what a test says they do."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from salon.messaging.domain import Attachment, AttachmentKind
from salon.platform.db import Database
from salon.platform.metrics import MemoryMetrics
from salon.platform.storage import MemoryStorage
from salon.understanding.speech.domain import Audio, Recognition, Segment
from salon.understanding.speech.errors import AudioSilent, AudioTooLong, AudioUndecodable
from salon.understanding.speech.models import TranscriptStatus
from salon.understanding.speech.use_cases import SpeechLimits, TranscribeVoice

VOICE = Attachment(AttachmentKind.VOICE, "voice-1", mime="audio/ogg", duration_s=3)
LIMITS: dict[str, Any] = {
    "max_bytes": 20_000_000,
    "timeout_s": 30.0,
    "lease": timedelta(seconds=60),
    "min_confidence": 0.4,
}
SILENT, LONG, BROKEN = b"silence", b"long", b"broken"


def let_a_minute_pass(database: Database, tenant_id: UUID) -> None:
    """As if every voice message that is waited for had come two minutes earlier, for functions with a real clock."""
    with database.transaction(tenant_id) as session:
        session.execute(text("UPDATE transcripts SET created_at = created_at - interval '2 minutes'"))
        session.execute(
            text("UPDATE inbox SET next_attempt_at = next_attempt_at - interval '2 minutes' WHERE status = 'open'")
        )


@dataclass
class Decoder:
    """Takes every file for a recording, but for the three whose bytes say what is wrong with them."""

    def decode(self, data: bytes, *, mime: str) -> Audio:
        if data == SILENT:
            raise AudioSilent(2.0)
        if data == LONG:
            raise AudioTooLong(60.0)
        if data == BROKEN:
            raise AudioUndecodable("corrupt")
        return Audio(memoryview(array("f", [0.1] * 16)), 3.0, data, mime)


@dataclass
class Ear:
    """An engine that hears a recording's own bytes, fails when told to, and can be met while it listens."""

    confidence: float = 0.9
    failures: list[BaseException] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    while_listening: Callable[[], Any] = lambda: None
    name: str = "whisper"
    version: str = "test"

    def recognise(self, audio: Audio, *, prompt: str, timeout_s: float) -> Recognition:
        assert timeout_s > 0
        self.prompts.append(prompt)
        self.while_listening()
        if self.failures:
            raise self.failures.pop(0)
        text = audio.original.decode()
        segments = (Segment(0.0, 3.0, text),)
        return Recognition(text, self.confidence, 0.0, segments, self.name, self.version, 0.25)


class Listener:
    """`storage_voice` of a test: its database, its bucket, and what it queued."""

    def __init__(self, database: Database, tenant_id: UUID, clock: Any, storage: MemoryStorage, **limits: Any) -> None:
        self.tenant_id, self.ear, self.metrics = tenant_id, Ear(), MemoryMetrics()
        self.nudged: list[UUID] = []
        self.transcribe = TranscribeVoice(
            database,
            clock,
            self.metrics,
            storage=storage,
            decoder=Decoder(),
            recogniser=self.ear,
            prompt_for=lambda _session: "Запись в салон красоты.",
            limits=SpeechLimits(**LIMITS | limits),
            nudge=lambda _tenant, inbox_id, _delay: self.nudged.append(inbox_id),
        )

    def arrive(self, inbox_id: UUID) -> TranscriptStatus:
        """The object of an inbox row is told to have arrived."""
        return self.transcribe(self.tenant_id, inbox_id, f"voice/{self.tenant_id}/{inbox_id}")
