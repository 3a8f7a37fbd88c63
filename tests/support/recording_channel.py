"""A messenger that takes everything, remembers it, and fails when it is told to; and a desk that sends through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import text

from salon.clients.use_cases import find_or_create_by_contact
from salon.identity.domain import system
from salon.identity.use_cases import add_channel_account
from salon.messaging import repository
from salon.messaging.domain import Channel, ChannelCredentials, MediaContent, OutboundMessage
from salon.messaging.errors import DeliveryFailed
from salon.messaging.models import ConversationRow
from salon.messaging.repository import Conversation
from salon.messaging.use_cases.deliver import Deliver
from salon.messaging.use_cases.say import Reply, say
from salon.platform.clock import Clock, FrozenClock
from salon.platform.db import Database
from salon.platform.metrics import MemoryMetrics
from salon.platform.settings import RetrySettings
from salon.platform.storage import MemoryStorage

ACTOR = system("tests")


@dataclass(frozen=True)
class Sent:
    """One call that was carried out."""

    at: datetime
    message: OutboundMessage
    reference: str
    media: MediaContent | None
    token: str


@dataclass
class RecordingChannel:
    """The sending half of `messaging.ports.ChannelAdapter`; the other half is not asked by a sender."""

    clock: Clock
    channel: Channel = Channel.TELEGRAM
    sent: list[Sent] = field(default_factory=list)
    failures: list[DeliveryFailed] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def send(
        self,
        message: OutboundMessage,
        credentials: ChannelCredentials,
        *,
        reference: str = "",
        media: MediaContent | None = None,
    ) -> str | None:
        """Fail as told, or remember."""
        with self._lock:
            if self.failures:
                raise self.failures.pop(0)
            self.sent.append(Sent(self.clock.now(), message, reference, media, credentials.token))
            return f"mid.{len(self.sent)}"

    @property
    def words(self) -> list[str]:
        """What was said; of a template its values."""
        return [
            " ".join(("<", one.message.template.name, *one.message.template.values, ">"))
            if one.message.template
            else one.message.text
            for one in self.sent
        ]


class Counter:
    """A tenant that writes to people in any messenger, and the sender that works its outbox off."""

    def __init__(self, database: Database, tenant_id: UUID, clock: FrozenClock) -> None:
        self.database, self.tenant_id, self.clock = database, tenant_id, clock
        self.metrics, self.storage = MemoryMetrics(), MemoryStorage()
        self.channels = {channel: RecordingChannel(clock, channel) for channel in Channel}
        self.deliver = self.sender()

    def sender(self, **more: Any) -> Deliver:
        """One more function instance that sends."""
        return Deliver(
            self.database,
            self.clock,
            RetrySettings(),
            self.metrics,
            adapters=self.channels,
            jitter=lambda: 0.0,
            storage=lambda: self.storage,
            **more,
        )

    def account(self, channel: Channel, **config: Any) -> UUID:
        """An account at a messenger."""
        with self.database.transaction(self.tenant_id) as session:
            account_id = add_channel_account(
                session,
                channel=channel,
                account_key=f"{channel}-{self.tenant_id.hex[-8:]}",
                credentials={"token": f"token-{channel}", "webhook_secrets": ["s"]},
                actor=ACTOR,
                now=self.clock.now(),
            )
        if config:
            sql = "UPDATE channel_accounts SET config = CAST(:config AS jsonb) WHERE id = :id"
            import json

            self.do(lambda session: session.execute(text(sql), {"config": json.dumps(config), "id": account_id}))
        return account_id

    def chat(
        self, channel: Channel, account_id: UUID, user_id: str = "7", *, wrote: datetime | None = None
    ) -> Conversation:
        """A person's chat, who wrote at `wrote`."""
        now = self.clock.now()
        with self.database.transaction(self.tenant_id) as session:
            contact = find_or_create_by_contact(
                session,
                channel=channel,
                account_id=account_id,
                external_user_id=user_id,
                chat_id=user_id,
                actor=ACTOR,
                now=now,
            )
            opened = repository.open_conversation(
                session,
                channel=channel,
                account_id=account_id,
                chat_id=user_id,
                client_id=contact.client_id,
                now=now,
            )
            session.get_one(ConversationRow, opened.id).last_inbound_at = wrote
        return opened

    def do(self, work: Any) -> Any:
        """Do something in a transaction of its own."""
        with self.database.transaction(self.tenant_id) as session:
            return work(session)

    def say(self, conversation: Conversation, words: str | Reply, **more: Any) -> UUID:
        """Have the salon say something."""
        reply = words if isinstance(words, Reply) else Reply(words)

        def put(session: Any) -> UUID:
            fresh = repository.get_conversation(session, conversation.id)
            return say(session, fresh, reply, self.clock.now(), **more)

        return self.do(put)

    def open_rows(self) -> list[UUID]:
        """Rows that are to be sent."""
        rows = self.rows("SELECT id FROM outbox WHERE status = 'open' AND queue <> 'events' ORDER BY sequence")
        return [row[0] for row in rows]

    def send(self) -> int:
        """Nudge every open row; how many messages went out."""
        return sum(self.deliver(self.tenant_id, row) for row in self.open_rows())

    def rows(self, sql: str, **parameters: Any) -> Sequence[tuple[Any, ...]]:
        """Whatever the database says."""
        with self.database.read(self.tenant_id) as session:
            return [tuple(row) for row in session.execute(text(sql), parameters)]

    def messages(self, columns: str = "status, error") -> Sequence[tuple[Any, ...]]:
        """The log of what goes out."""
        return self.rows(f"SELECT {columns} FROM message_log WHERE direction = 'out' ORDER BY id")  # noqa: S608 - the test's own words

    def facts(self, name: str) -> list[dict[str, Any]]:
        """The facts of a kind that were told."""
        rows = self.rows("SELECT payload FROM outbox WHERE kind = :name ORDER BY sequence", name=name)
        return [row[0] for row in rows]
