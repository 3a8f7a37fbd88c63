"""Taking in one event of a messenger: who it is, what came with it, what we answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from salon.identity.repository import IdentityRepository
from salon.identity.use_cases import mark_account_rejected
from salon.messaging import repository
from salon.messaging.domain import Attachment, Channel, ChannelCredentials, EventKind, InboundEvent, chat_of
from salon.messaging.people.domain import HandoverReason
from salon.messaging.people.use_cases import find_staff, open_handover, void_code
from salon.messaging.ports import ChannelAdapter
from salon.messaging.repository import inbound as inbound_log
from salon.messaging.use_cases.accounts import credentials_of
from salon.messaging.use_cases.receive_events import note_event
from salon.messaging.use_cases.receive_media import MediaKeeper, wanted_of
from salon.messaging.use_cases.receive_messages import ACTOR, Prepared, answer, open_chat
from salon.messaging.use_cases.receive_voice import hear, is_to_be_heard
from salon.messaging.use_cases.say import Reply, say
from salon.messaging.use_cases.talk import Links, Talk, salon_phone
from salon.platform import keys
from salon.platform import metrics as figures
from salon.platform.clock import Clock
from salon.platform.db import Database, ReadSession, WriteSession
from salon.platform.inbox import Hold, InboxItem
from salon.platform.inbox_receive import PAYLOAD_PURPOSE
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.settings import BookingSettings, VoiceSettings
from salon.platform.storage import ObjectStorage

log = logger(__name__)
ANSWERED = frozenset({EventKind.MESSAGE, EventKind.CALLBACK, EventKind.START, EventKind.EDIT})
"""Kinds by which a person speaks to us; the others tell us about people and messages."""

OTHER = "other"
REASON_CHARS = 60


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
        links: Links | None = None,
        voice: VoiceSettings | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._adapters = adapters
        self._media = MediaKeeper(storage, metrics, max_bytes=media_max_bytes)
        self._metrics = metrics
        self._booking = booking
        self._links = links
        self._voice = voice or VoiceSettings()

    def prepare(self, item: InboxItem) -> Prepared:
        """Open the event and fetch what came with it, before any lock is taken; may be repeated.

        Raises:
            RetryLater: the provider cannot be reached now.
        """
        adapter = self._adapters[Channel(item.source)]
        with self._database.read(item.tenant_id) as session:
            body = keys.open_bytes_for_tenant(session, item.payload, purpose=PAYLOAD_PURPOSE)
            credentials = credentials_of(session, item.account_id)
            event = adapter.normalise(body, credentials)
            prepared = Prepared(event, answers_groups=_answers_groups(session, item) if event.is_group else False)
            is_by_staff = wanted_of(event) is not None and _is_by_staff(session, item, event)
            taken_back = _stored_of(session, item, event) if event.kind is EventKind.DELETED else None
        if taken_back is not None:
            self._media.forget(taken_back)
        return self._with_media(adapter, item, prepared, credentials, is_by_staff=is_by_staff)

    def handle(self, session: WriteSession, item: InboxItem, prepared: Prepared) -> Hold | None:
        """Log the event, and answer it; or hold it, and what was written after it, until its words are there.

        Raises:
            RetryLater, DeliveryUnsettled: it is about a message that is just being sent; the inbox brings it back.
        """
        event, now = prepared.event, self._clock.now()
        why = _why_ignored(prepared)
        if why is not None:
            log.info("event.ignored", why=why)
            if event.is_group and event.text:  # a code that binds a chat, read by others, is no secret any more
                void_code(session, f"{item.account_id}:{event.chat_id}", event.text, now)
            self._metrics.count(figures.EVENT_IGNORED, channel=item.source, reason=_label(why))
            return None
        if event.kind not in ANSWERED:
            note_event(session, item, event, now, metrics=self._metrics)
            return None
        media_key = prepared.media.key
        heard = hear(session, item, event, media_key, settings=self._voice, metrics=self._metrics, now=now)
        if isinstance(heard, Hold):
            return heard
        prepared = replace(prepared, hearing=heard)
        conversation = open_chat(session, item, prepared, now)
        talk = Talk(session, conversation, now=now, settings=self._booking, metrics=self._metrics, links=self._links)
        answer(talk, item, prepared, max_bytes=self._media.max_bytes)
        return None

    def give_up(self, session: WriteSession, item: InboxItem) -> None:
        """Apologise for a message that could not be handled, where the chat is known."""
        chat_id = chat_of(item.conversation_key)
        conversation = repository.find_conversation(session, account_id=item.account_id, chat_id=chat_id)
        if conversation is not None:
            words = Talk(session, conversation, now=self._clock.now(), metrics=self._metrics).texts
            text = words.say("something-broke", phone=salon_phone(session, words))
            say(session, conversation, Reply(text), self._clock.now())
            open_handover(session, conversation, HandoverReason.FAILED, self._clock.now())

    def _with_media(
        self,
        adapter: ChannelAdapter,
        item: InboxItem,
        prepared: Prepared,
        credentials: ChannelCredentials,
        *,
        is_by_staff: bool,
    ) -> Prepared:
        wanted = wanted_of(prepared.event)
        if wanted is None or _why_ignored(prepared) is not None:
            return prepared
        media = self._media.keep(
            adapter,
            item,
            wanted,
            credentials,
            is_by_staff=is_by_staff,
            before_voice=partial(self._expect_words, item, prepared.event),
            before_document=partial(self._expect_document, item, prepared.event),
        )
        if media.is_account_rejected:
            with self._database.transaction(item.tenant_id) as session:
                mark_account_rejected(session, item.account_id, actor=ACTOR, now=self._clock.now())
        return Prepared(prepared.event, media, prepared.answers_groups)

    def _expect_document(self, item: InboxItem, event: InboundEvent, attachment: Attachment, kind: str) -> None:
        """Before a document is stored: its job must be there when its arrival is told."""
        from salon.messaging.people.use_cases.documents import expect_document  # here: few messages bring any

        with self._database.transaction(item.tenant_id) as session:
            conversation = repository.find_conversation(session, account_id=item.account_id, chat_id=event.chat_id)
            if conversation is not None:
                expect_document(session, item, conversation.id, attachment, kind, now=self._clock.now())

    def _expect_words(self, item: InboxItem, event: InboundEvent, key: str) -> None:
        """Before a recording is stored: its transcript must be there when its arrival is told."""
        from salon.understanding.speech.use_cases import expect_transcript  # here: most messages are written

        with self._database.transaction(item.tenant_id) as session:
            is_wanted = is_to_be_heard(session, item, event)
            expect_transcript(session, item.inbox_id, media_key=key, is_wanted=is_wanted, now=self._clock.now())


def _why_ignored(prepared: Prepared) -> str | None:
    """Why nothing is done about an event; None when something is."""
    event = prepared.event
    if event.kind is EventKind.IGNORED:
        return event.why_ignored or "unknown"
    if event.is_group and not prepared.answers_groups and event.kind is not EventKind.STATUS:
        return "group chat"
    if event.kind in ANSWERED and not (event.chat_id and (event.user_id or event.is_group)):
        return "nobody to answer"
    return None


def _label(why: str) -> str:
    """A reason as a metric's label: a few words of ours; whatever a provider's word came along with is left out."""
    words = "_".join(why.lower().split(":")[0].split())
    is_fit = words.isascii() and words.replace("_", "").isalpha() and len(words) <= REASON_CHARS
    return words if is_fit else OTHER


def _answers_groups(session: ReadSession, item: InboxItem) -> bool:
    return IdentityRepository(session).get_account(item.account_id).config.get("answers_groups") is True


def _is_by_staff(session: ReadSession, item: InboxItem, event: InboundEvent) -> bool:
    """Whether somebody of the salon sends it to the salon: not to a client whom they are talking with just now."""
    conversation = repository.find_conversation(session, account_id=item.account_id, chat_id=event.chat_id)
    contact = None if conversation is None or event.is_group else find_staff(session, conversation.id)
    return contact is not None and contact.handover_id is None


def _stored_of(session: ReadSession, item: InboxItem, event: InboundEvent) -> str | None:
    """Where the attachment of a message that was taken back lies."""
    about = event.reply_to or event.message_id
    logged = inbound_log.find_inbound(session, item.account_id, about) if about else None
    return logged.media_key if logged else None
