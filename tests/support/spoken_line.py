"""Somebody who speaks to a salon, and whoever writes down what they say."""

from __future__ import annotations

from dataclasses import replace

from salon.messaging.domain import Channel, MediaContent
from support.inbound_line import Line
from support.listener import VOICE, Listener

ASK = "что у вас есть?"


class Phone(Line):
    """Somebody who speaks, and `storage_voice`, which listens when a test has it told."""

    def __init__(self, salon):
        super().__init__(salon, Channel.WHATSAPP)
        self.listener = Listener(self.database, self.world.tenant_id, self.clock, self.storage)
        self.ear, self.tenant_id = self.listener.ear, self.world.tenant_id

    def speak(self, words=ASK, **content):
        """A voice message that is stored and, where its words are wanted, held; its inbox row."""
        recording = words.encode() if isinstance(words, str) else words
        ref = f"file-{len(self.script.files)}"
        self.script.files[ref] = MediaContent(recording, "audio/ogg", "voice.ogg")
        inbox_id = self.keep(self.event(attachments=(replace(VOICE, file_ref=ref),), **content))
        self.drain.drain(self.tenant_id, inbox_id)
        return inbox_id

    def hear(self, inbox_id):
        """Its object's arrival is told, and what that queued is worked off; what is answered."""
        before = len(self.said())
        self.listener.arrive(inbox_id)
        for queued in self.listener.nudged:
            self.drain.drain(self.tenant_id, queued)
        self.listener.nudged.clear()
        return "\n".join(self.said()[before:])

    def rows(self):
        return self.query("SELECT status, attempts FROM inbox ORDER BY sequence")

    def transcripts(self):
        return self.query("SELECT status, reason FROM transcripts ORDER BY created_at, id")

    def tell(self, words, confidence):
        """Somebody says something, and the engine hears it, so sure of it; what is answered."""
        self.listener.ear.confidence = confidence
        return self.hear(self.speak(words))
