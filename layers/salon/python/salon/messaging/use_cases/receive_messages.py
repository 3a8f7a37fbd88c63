"""Answering what a person wrote, sent, tapped or changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from salon.clients import use_cases as clients
from salon.clients.domain import ConsentPurpose, Contact
from salon.clients.errors import PhoneInvalid
from salon.identity.domain import system
from salon.messaging import repository
from salon.messaging.domain import Attachment, AttachmentKind, EventKind, InboundEvent
from salon.messaging.domain.taps import Tap, read_tap
from salon.messaging.people.domain import looks_like_binding
from salon.messaging.people.use_cases import find_staff, relay_inbound, staff_talk
from salon.messaging.repository import Conversation
from salon.messaging.repository import inbound as inbound_log
from salon.messaging.repository.inbound import LoggedInbound
from salon.messaging.use_cases import chats, dialogue, erasure_talk, info_talk, linking, marketing_talk, unsure_talk
from salon.messaging.use_cases.delivery import on_inbound
from salon.messaging.use_cases.language_talk import first_language
from salon.messaging.use_cases.marketing_talk import tell_about_personal_data
from salon.messaging.use_cases.receive_events import actor_of, person_of, save_vouched_phone
from salon.messaging.use_cases.receive_media import Media
from salon.messaging.use_cases.receive_voice import Hearing, answer_unheard
from salon.messaging.use_cases.say import answer_tap
from salon.messaging.use_cases.talk import Talk
from salon.messaging.use_cases.words import salon_texts
from salon.platform.db import WriteSession
from salon.platform.inbox import InboxItem
from salon.platform.logs import logger
from salon.platform.texts import DEFAULT_LOCALE
from salon.understanding.domain import Intent
from salon.understanding.use_cases import understand

log = logger(__name__)
ACTOR = system("queue_inbound")
BYTES_IN_MB = 1_000_000
GREETED_FOR = timedelta(minutes=1)
"""A press of «Start» may come twice, as an event and as a text (facts/channels.md §2.4): one greeting is enough."""

CORRECTED_FOR = timedelta(minutes=15)
"""How long after a message its change is read as what the person meant to say."""

ALBUM = timedelta(seconds=10)
"""Pictures that come one after another within this time are thanked for once: albums come as several messages."""

MEDIA_WORDS = {
    AttachmentKind.VOICE: "voice-unclear",
    AttachmentKind.AUDIO: "voice-unclear",
    AttachmentKind.IMAGE: "photo-saved",
    AttachmentKind.FILE: "photo-saved",
    AttachmentKind.VIDEO: "receiving-video",
}
"""What is answered to what cannot be read; the first kind that came with the message counts."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An event with what came with it.

    Attributes:
        media: what became of its attachment.
        answers_groups: the tenant has the assistant speak in group chats.
        hearing: what was made of a voice message.
    """

    event: InboundEvent
    media: Media = field(default_factory=Media)
    answers_groups: bool = False
    hearing: Hearing = field(default_factory=Hearing)

    @property
    def words(self) -> str:
        """What the person says: typed, or spoken and written down by the messenger or by us."""
        return self.event.text or self.hearing.words

    @property
    def is_spoken(self) -> bool:
        """Whether its words were not typed."""
        return not self.event.text and bool(self.hearing.words)

    @property
    def kind(self) -> str:
        """What the log calls it: the event's kind, or of a message without typed words what it consists of."""
        event = self.event
        if event.kind is not EventKind.MESSAGE or event.text or not event.attachments:
            return event.kind
        first = event.attachments[0].kind
        return AttachmentKind.VOICE if first is AttachmentKind.AUDIO else first


def open_chat(session: WriteSession, item: InboxItem, prepared: Prepared, now: datetime) -> Conversation:
    """Whose message it is, and the conversation that it belongs to; both are made by a first message.

    A group chat counts as one client: what is said in it is said to all, and no member's own chat is touched by it.
    """
    event = prepared.event
    is_new = _find(session, item, event) is None
    contact = clients.find_or_create_by_contact(
        session,
        channel=event.channel,
        account_id=item.account_id,
        external_user_id=person_of(event),
        chat_id=event.chat_id,
        actor=ACTOR,
        now=now,
        display_name=event.display_name,
        language=first_language(session, event.language) if is_new else DEFAULT_LOCALE,
    )
    clients.mark_unblocked(session, contact.id, actor=actor_of(contact), now=now)
    if is_new and event.phone and not event.is_group:
        save_vouched_phone(session, contact, event.phone, now)
    conversation = chats.open_conversation(
        session,
        channel=event.channel,
        account_id=item.account_id,
        chat_id=event.chat_id,
        client_id=contact.client_id,
        now=now,
    )
    if event.kind is not EventKind.EDIT:
        inbound_log.note_inbound(
            session,
            conversation.id,
            at=min(event.sent_at or now, now),
            external_user_id=event.user_id,
            is_group=event.is_group,
            uses_text_keys=None if event.can_tap is None else not event.can_tap,
        )
        on_inbound(session, conversation, now)
    return repository.get_conversation(session, conversation.id)


def answer(talk: Talk, item: InboxItem, prepared: Prepared, *, max_bytes: int) -> None:
    """Log what came in, and answer it unless a human does."""
    event, conversation = prepared.event, talk.conversation
    before = inbound_log.find_latest_inbound(talk.session, conversation.id)
    edited = _edited(talk, item, event) if event.kind is EventKind.EDIT else None
    said = _said(talk, item, prepared)
    repository.log_inbound(
        talk.session,
        conversation,
        kind=prepared.kind,
        text_body=said,
        inbox_id=item.inbox_id,
        provider_message_id=(event.reply_to or event.message_id) if edited else event.message_id,
        media_key=prepared.media.key,
        now=talk.now,
    )
    if event.callback_id:
        answer_tap(talk.session, conversation, event.callback_id, talk.now, user_id=event.user_id)
    if _is_by_staff(talk, prepared):
        log.info("event.by_staff")
        return
    if relay_inbound(talk.session, conversation, _told_text(talk, prepared, said), prepared.media.key, talk.now):
        log.info("event.relayed")
        _honour_wishes(talk, prepared)
        _save_own_phone(talk, event)
        return
    if before is None and not event.is_group:
        tell_about_personal_data(talk)
    _answer(talk, prepared, edited, before, max_bytes)
    if before is None and event.phone and not event.is_group:
        linking.ask_whether_known(talk)


def _answer(
    talk: Talk, prepared: Prepared, edited: LoggedInbound | None, before: LoggedInbound | None, max_bytes: int
) -> None:
    event = prepared.event
    match event.kind:
        case EventKind.CALLBACK:
            unsure_talk.on_tap(talk, event)
        case EventKind.START:
            _start(talk, event, before)
        case EventKind.EDIT:
            _correct(talk, event, edited, before)
        case _ if prepared.media.is_document:
            talk.say("intake-received")
        case _ if prepared.hearing.unheard is not None:
            answer_unheard(talk, prepared.hearing.unheard)
        case _ if prepared.words:
            unsure_talk.on_text(talk, prepared.words, is_sure=prepared.hearing.is_sure, is_spoken=prepared.is_spoken)
        case _:
            _answer_attachments(talk, prepared, before, max_bytes)


def _honour_wishes(talk: Talk, prepared: Prepared) -> None:
    """«Стоп» and «удалите мои данные», said to a human who answers, count as if the assistant had heard them.

    What was hardly heard is left to that human, who has the recording.
    """
    event = prepared.event
    tapped = read_tap(event.payload) if event.kind is EventKind.CALLBACK else None
    if tapped is not None and tapped.tap is Tap.NEWS_NO:
        _stop_quietly(talk)
    elif event.kind is EventKind.MESSAGE and prepared.words and prepared.hearing.is_sure:
        if erasure_talk.note_erasure_wish(talk, prepared.words):
            return
        understood = understand(prepared.words, dialogue.context_of(talk))
        if understood.intent is Intent.STOP and understood.intent_confidence >= dialogue.SURE_ENOUGH:
            _stop_quietly(talk)


def _stop_quietly(talk: Talk) -> None:
    """Whoever had agreed to our news hears that they get no more; to others «стоп» may have meant anything."""
    had_agreed = clients.has_consent(talk.session, talk.conversation.client_id, ConsentPurpose.MARKETING)
    if had_agreed:
        marketing_talk.stop_news(talk)
    else:
        marketing_talk.withdraw_news(talk)


def _is_by_staff(talk: Talk, prepared: Prepared) -> bool:
    """Whether it was a turn of the salon's own people, which is done then; what they change later changes nothing."""
    event = prepared.event
    if event.is_group:
        return event.kind is EventKind.MESSAGE and staff_talk.void_said_in_group(talk, prepared.words)
    if prepared.media.is_document:
        return False
    if event.kind is EventKind.EDIT:
        return find_staff(talk.session, talk.conversation.id) is not None
    return staff_talk.take_turn(talk, event, _told_words(prepared), prepared.media.key)


def _told_words(prepared: Prepared) -> str:
    """What somebody of the salon may have meant: commands and codes are typed, what sounds like one is none."""
    words = prepared.words
    is_order = prepared.is_spoken and (words.lstrip().startswith("/") or looks_like_binding(words) is not None)
    return "" if is_order else words


def _find(session: WriteSession, item: InboxItem, event: InboundEvent) -> Contact | None:
    return clients.find_contact(
        session,
        channel=event.channel,
        account_id=item.account_id,
        external_user_id=person_of(event),
        chat_id=event.chat_id,
    )


def _said(talk: Talk, item: InboxItem, prepared: Prepared) -> str:
    """What is kept of an event: its words, the button's, or the parameter of the deep link that it came by."""
    event = prepared.event
    if event.kind is EventKind.START and event.start_param:
        return f"/start {event.start_param}"
    if event.kind is EventKind.CALLBACK and event.payload and event.message_id and not event.text:
        found = inbound_log.find_button(talk.session, item.account_id, event.message_id, event.payload)
        return found or event.payload
    return prepared.words or event.payload or ""


def _told_text(talk: Talk, prepared: Prepared, said: str) -> str:
    """What a human who has the conversation reads of it, in the salon's language."""
    event = prepared.event
    if event.kind is EventKind.CALLBACK:
        return salon_texts(talk.session).say("receiving-relayed-tap", label=said)
    if event.kind is EventKind.EDIT:
        return salon_texts(talk.session).say("receiving-relayed-edit", words=said)
    kinds = [one.kind for one in event.attachments]
    if said or prepared.media.key is not None or not kinds:
        return said
    return salon_texts(talk.session).say("receiving-relayed-thing", thing=kinds[0])


def _start(talk: Talk, event: InboundEvent, before: LoggedInbound | None) -> None:
    """Somebody opened the conversation, perhaps by a link; told twice by the provider, greeted once."""
    log.info("conversation.started", conversation_id=str(talk.conversation.id), by_link=event.start_param is not None)
    if before is not None and before.kind == EventKind.START and talk.now - before.created_at < GREETED_FOR:
        return
    dialogue.on_start(talk)


def _edited(talk: Talk, item: InboxItem, event: InboundEvent) -> LoggedInbound | None:
    about = event.reply_to or event.message_id
    return inbound_log.find_inbound(talk.session, item.account_id, about) if about else None


def _correct(talk: Talk, event: InboundEvent, edited: LoggedInbound | None, last: LoggedInbound | None) -> None:
    """A changed message counts as what the person meant, as long as nothing came of the first wording.

    It must be the last one that they wrote, and recent; and no booking may have changed since: «да» that becomes «нет»
    an hour later cancels nothing, and «на 5» that becomes «на 6» must not book twice.
    """
    is_last = edited is not None and last is not None and edited.id == last.id
    if not is_last or edited is None or not event.text or event.text.strip() == edited.text.strip():
        log.info("event.edit_noted")
        return
    is_recent = talk.now - edited.created_at < CORRECTED_FOR
    is_plain = edited.kind in {EventKind.MESSAGE, AttachmentKind.VOICE}
    if (
        not is_recent
        or not is_plain
        or inbound_log.has_changed_bookings(talk.session, talk.conversation.client_id, edited.created_at)
    ):
        log.info("event.edit_noted")
        talk.say("receiving-edit-too-late")
        return
    log.info("event.edit_followed")
    unsure_talk.on_text(talk, event.text)


def _answer_attachments(talk: Talk, prepared: Prepared, before: LoggedInbound | None, max_bytes: int) -> None:
    """Words about what came without any."""
    if prepared.media.problem is not None:
        talk.say(prepared.media.problem, limit=max_bytes // BYTES_IN_MB)
        return
    attachments = prepared.event.attachments
    contact = next((one for one in attachments if one.kind is AttachmentKind.CONTACT), None)
    if contact is not None:
        _save_phone(talk, contact)
        return
    kinds = [one.kind for one in attachments]
    if AttachmentKind.LOCATION in kinds:
        talk.say("receiving-location")
        info_talk.tell_address(talk)
    elif AttachmentKind.STICKER in kinds:
        talk.say("receiving-sticker", buttons=talk.menu())
    elif _is_more_of_the_same(talk, prepared, before):
        log.info("event.album")
    elif kinds:
        talk.say(next((MEDIA_WORDS[kind] for kind in kinds if kind in MEDIA_WORDS), "attachment-unsupported"))
    else:
        log.info("event.empty")


def _is_more_of_the_same(talk: Talk, prepared: Prepared, before: LoggedInbound | None) -> bool:
    is_picture = prepared.kind == AttachmentKind.IMAGE
    return is_picture and before is not None and before.kind == prepared.kind and talk.now - before.created_at < ALBUM


def _save_phone(talk: Talk, contact: Attachment) -> None:
    """A shared number is stored when the messenger vouches that it is the sender's own."""
    if not contact.is_own_contact or contact.phone is None:
        talk.say("contact-foreign")
    elif _store(talk, contact.phone):
        dialogue.on_phone(talk)
    else:
        talk.say("phone-invalid")


def _save_own_phone(talk: Talk, event: InboundEvent) -> None:
    """A number that was shared with a human of the salon is the client's all the same."""
    for one in event.attachments:
        if one.is_own_contact and one.phone is not None:
            _store(talk, one.phone)


def _store(talk: Talk, phone: str) -> bool:
    client_id = talk.conversation.client_id
    try:
        clients.set_phone(talk.session, client_id, phone, actor=talk.actor, now=talk.now, is_verified=True)
    except PhoneInvalid:
        return False
    return True
