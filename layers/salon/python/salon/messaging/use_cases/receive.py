"""Taking in one event of a messenger: who it is, what came with it, what we answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from salon.clients import use_cases as clients
from salon.clients.domain import Contact
from salon.clients.errors import PhoneInvalid
from salon.identity.domain import Actor, ActorKind, system
from salon.identity.use_cases import read_credentials
from salon.messaging import repository
from salon.messaging.domain import (
    Attachment,
    AttachmentKind,
    Channel,
    ChannelCredentials,
    EventKind,
    InboundEvent,
    chat_of,
)
from salon.messaging.errors import MediaGone, MediaTooLarge
from salon.messaging.ports import ChannelAdapter
from salon.messaging.repository import Conversation
from salon.messaging.use_cases import dialogue
from salon.messaging.use_cases.say import Reply, answer_tap, say
from salon.messaging.use_cases.talk import Talk, salon_phone
from salon.platform import keys
from salon.platform.clock import Clock
from salon.platform.db import Database, WriteSession
from salon.platform.inbox import InboxItem
from salon.platform.inbox_receive import PAYLOAD_PURPOSE
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.settings import BookingSettings
from salon.platform.storage import ObjectMissing, ObjectStorage
from salon.platform.texts import texts

log = logger(__name__)
STORED = {AttachmentKind.VOICE: "voice", AttachmentKind.AUDIO: "voice", AttachmentKind.IMAGE: "photos"}
"""Attachments that are kept, by the bucket's prefix; everything else is acknowledged in words."""
BYTES_IN_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """An event with what came with it.

    Attributes:
        media_key: where the attachment lies in the bucket.
        media_problem: the id of the text that says why it does not.
    """

    event: InboundEvent
    media_key: str | None = None
    media_problem: str | None = None


class Receive:
    """Handles inbox rows of messengers; `prepare`, `handle` and `give_up` are what an `InboxDrain` asks for."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        metrics: Metrics,
        *,
        adapters: Mapping[Channel, ChannelAdapter],
        storage: Callable[[], ObjectStorage],
        media_max_bytes: int,
        booking: BookingSettings,
    ) -> None:
        self._database = database
        self._clock = clock
        self._adapters = adapters
        self._storage = storage
        self._media_max_bytes = media_max_bytes
        self._metrics = metrics
        self._booking = booking

    def prepare(self, item: InboxItem) -> Prepared:
        """Open the event and fetch what came with it, before any lock is taken; may be repeated.

        Raises:
            RetryLater: the provider cannot be reached now.
        """
        adapter = self._adapters[Channel(item.source)]
        with self._database.read(item.tenant_id) as session:
            body = keys.open_bytes_for_tenant(session, item.payload, purpose=PAYLOAD_PURPOSE)
            stored = read_credentials(session, item.account_id)
        credentials = ChannelCredentials(token=stored["token"])
        event = adapter.normalise(body, credentials)
        wanted = next((found for found in event.attachments if found.kind in STORED and found.file_ref), None)
        if wanted is None:
            return Prepared(event)
        return self._fetch(adapter, item, event, wanted, credentials)

    def handle(self, session: WriteSession, item: InboxItem, prepared: Prepared) -> None:
        """Log the event, and answer it."""
        event, now = prepared.event, self._clock.now()
        if event.kind is EventKind.IGNORED:
            log.info("event.ignored", why=event.why_ignored or "unknown")
            return
        contact = self._contact(session, item, event, now)
        if event.kind in {EventKind.BLOCKED, EventKind.UNBLOCKED}:
            self._note_blocked(session, event, contact, now)
            return
        clients.mark_unblocked(session, contact.id, actor=_actor(contact), now=now)
        conversation = self._log(session, item, prepared, contact, now)
        talk = Talk(session, conversation, now=now, settings=self._booking, metrics=self._metrics)
        self._answer(talk, prepared)

    def give_up(self, session: WriteSession, item: InboxItem) -> None:
        """Apologise for a message that could not be handled, where the chat is known."""
        chat_id = chat_of(item.conversation_key)
        conversation = repository.find_conversation(session, account_id=item.account_id, chat_id=chat_id)
        if conversation is not None:
            text = texts().say("something-broke", phone=salon_phone(session))
            say(session, conversation, Reply(text), self._clock.now())

    def _fetch(
        self,
        adapter: ChannelAdapter,
        item: InboxItem,
        event: InboundEvent,
        attachment: Attachment,
        credentials: ChannelCredentials,
    ) -> Prepared:
        """Store the attachment under a key made of our ids, so that a repeat overwrites itself."""
        key = f"{STORED[attachment.kind]}/{item.tenant_id}/{item.inbox_id}"
        if self._is_stored(key):
            return Prepared(event, media_key=key)
        try:
            media = adapter.fetch(attachment, credentials, max_bytes=self._media_max_bytes)
        except MediaGone:
            return Prepared(event, media_problem="media-gone")
        except MediaTooLarge:
            return Prepared(event, media_problem="media-too-large")
        self._storage().put(key, media.data, content_type=media.mime)
        return Prepared(event, media_key=key)

    def _is_stored(self, key: str) -> bool:
        try:
            self._storage().head(key)
        except ObjectMissing:
            return False
        return True

    def _contact(self, session: WriteSession, item: InboxItem, event: InboundEvent, now: datetime) -> Contact:
        return clients.find_or_create_by_contact(
            session,
            channel=event.channel,
            account_id=item.account_id,
            external_user_id=event.user_id,
            chat_id=event.chat_id,
            actor=system("queue_inbound"),
            now=now,
            display_name=event.display_name,
            language="ru",
        )

    def _note_blocked(self, session: WriteSession, event: InboundEvent, contact: Contact, now: datetime) -> None:
        change = clients.mark_blocked if event.kind is EventKind.BLOCKED else clients.mark_unblocked
        change(session, contact.id, actor=_actor(contact), now=now)

    def _log(
        self, session: WriteSession, item: InboxItem, prepared: Prepared, contact: Contact, now: datetime
    ) -> Conversation:
        event = prepared.event
        conversation = repository.open_conversation(
            session,
            channel=event.channel,
            account_id=item.account_id,
            chat_id=event.chat_id,
            client_id=contact.client_id,
            now=now,
        )
        repository.log_inbound(
            session,
            conversation,
            kind=event.kind,
            text_body=event.text or event.payload or "",
            inbox_id=item.inbox_id,
            provider_message_id=event.message_id,
            media_key=prepared.media_key,
            now=now,
        )
        return conversation

    def _answer(self, talk: Talk, prepared: Prepared) -> None:
        event = prepared.event
        match event.kind:
            case EventKind.CALLBACK:
                if event.callback_id:
                    answer_tap(talk.session, talk.conversation, event.callback_id, talk.now)
                dialogue.on_tap(talk, event)
            case EventKind.START:
                dialogue.on_start(talk)
            case EventKind.EDIT:
                log.info("event.edit_noted")
            case _ if event.text:
                dialogue.on_text(talk, event.text)
            case _:
                self._answer_attachment(talk, prepared)

    def _answer_attachment(self, talk: Talk, prepared: Prepared) -> None:
        if prepared.media_problem is not None:
            limit = self._media_max_bytes // BYTES_IN_MB
            talk.say(prepared.media_problem, limit=limit)
            return
        contact = next((found for found in prepared.event.attachments if found.phone), None)
        if contact is not None:
            self._save_phone(talk, contact)
            return
        kinds = {found.kind for found in prepared.event.attachments}
        if kinds & {AttachmentKind.VOICE, AttachmentKind.AUDIO}:
            talk.say("voice-saved")
        elif AttachmentKind.IMAGE in kinds:
            talk.say("photo-saved")
        else:
            talk.say("attachment-unsupported")

    def _save_phone(self, talk: Talk, contact: Attachment) -> None:
        if not contact.is_own_contact or contact.phone is None:
            talk.say("contact-foreign")
            return
        try:
            client_id = talk.conversation.client_id
            clients.set_phone(talk.session, client_id, contact.phone, actor=talk.actor, now=talk.now)
        except PhoneInvalid:
            talk.say("phone-invalid")
            return
        dialogue.on_phone(talk)


def _actor(contact: Contact) -> Actor:
    return Actor(ActorKind.CLIENT, str(contact.client_id))
