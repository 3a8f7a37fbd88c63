"""One account of a salon at some messenger, whose events a test writes in our own words; they go through the inbox."""

from __future__ import annotations

from itertools import count

from sqlalchemy import text

from salon.messaging.domain import Channel, EventKind, InboundEvent, MediaContent, conversation_key
from salon.messaging.repository import list_messages
from salon.messaging.use_cases.receive import Receive
from salon.platform.ids import new_id
from salon.platform.inbox import InboxDrain
from salon.platform.inbox_receive import PAYLOAD_PURPOSE
from salon.platform.keys import seal_for_tenant
from salon.platform.metrics import MemoryMetrics
from salon.platform.settings import BookingSettings, RetrySettings
from salon.platform.storage import MemoryStorage

PERSON, CHAT = "79000000042", "79000000042"


class Script:
    """An adapter that has read the event already; files are what a test says they are."""

    channel = Channel.WHATSAPP

    def __init__(self):
        self.events, self.files, self.fetched = {}, {}, []

    def normalise(self, body, _credentials):
        return self.events[body.decode()]

    def fetch(self, attachment, _credentials, *, max_bytes):
        self.fetched.append((attachment.file_ref, max_bytes))
        found = self.files.get(attachment.file_ref, MediaContent(b"bytes", attachment.mime or "image/jpeg", "x"))
        if isinstance(found, Exception):
            raise found
        return found


class Line:
    """One account of the salon; events go through the inbox."""

    def __init__(self, salon, channel):
        self.salon, self.channel, self.script = salon, channel, Script()
        self.database, self.world, self.clock = salon.database, salon.world, salon.clock
        self.storage, self.metrics, self._numbers = MemoryStorage(), MemoryMetrics(), count(1)
        receive = Receive(
            salon.database,
            salon.clock,
            self.metrics,
            adapters={channel: self.script},
            storage=lambda: self.storage,
            media_max_bytes=1_000_000,
            booking=BookingSettings(slot_horizon_days=20),
        )
        self.drain = InboxDrain(
            salon.database,
            salon.clock,
            RetrySettings(sweep_after_seconds=0),
            self.metrics,
            prepare=receive.prepare,
            handle=receive.handle,
            give_up=receive.give_up,
            jitter=lambda: 0.0,
            requeue=lambda *_: None,
        )

    def event(self, kind=EventKind.MESSAGE, **content):
        number = f"event-{next(self._numbers)}"
        known = {"chat_id": CHAT, "user_id": PERSON, "message_id": f"message-{number}"}
        return InboundEvent(self.channel, number, kind, **{**known, **content})

    def keep(self, event):
        inbox_id = new_id()
        self.script.events[event.external_id] = event
        with self.database.transaction(self.world.tenant_id) as session:
            session.execute(
                text(
                    "INSERT INTO inbox (id, tenant_id, source, account_id, external_id, conversation_key, payload,"
                    " status, attempts, next_attempt_at, received_at) VALUES (:id, :tenant, :source, :account,"
                    " :external, :key, :payload, 'open', 0, :now, :now)"
                ),
                {
                    "id": inbox_id,
                    "tenant": self.world.tenant_id,
                    "source": self.channel,
                    "account": self.world.account_id,
                    "external": event.external_id,
                    "key": conversation_key(self.channel, self.world.account_id, event.chat_id),
                    "payload": seal_for_tenant(session, event.external_id, purpose=PAYLOAD_PURPOSE),
                    "now": self.clock.now(),
                },
            )
        return inbox_id

    def take(self, kind=EventKind.MESSAGE, **content):
        """An event comes in; what is answered, in words."""
        return self.work(self.keep(self.event(kind, **content)))

    def work(self, inbox_id):
        before = len(self.said())
        self.drain.drain(self.world.tenant_id, inbox_id)
        return "\n".join(self.said()[before:])

    def said(self):
        with self.database.read(self.world.tenant_id) as session:
            ids = session.scalars(text("SELECT id FROM conversations ORDER BY created_at, id")).all()
            return [
                body["text"]
                for one in ids
                for way, _, body in list_messages(session, one)
                if way == "out" and body["kind"] == "message"
            ]

    def heard(self):
        """(kind, text) of what was logged as having come in."""
        with self.database.read(self.world.tenant_id) as session:
            kinds = session.scalars(text("SELECT kind FROM message_log WHERE direction = 'in' ORDER BY id")).all()
            ids = session.scalars(text("SELECT id FROM conversations ORDER BY created_at, id")).all()
            texts = [body["text"] for one in ids for way, _, body in list_messages(session, one) if way == "in"]
            return list(zip(kinds, texts, strict=True))

    def query(self, sql, **parameters):
        with self.database.read(self.world.tenant_id) as session:
            return [tuple(row) for row in session.execute(text(sql), parameters)]

    def change(self, sql, **parameters):
        with self.database.transaction(self.world.tenant_id) as session:
            session.execute(text(sql), parameters)
