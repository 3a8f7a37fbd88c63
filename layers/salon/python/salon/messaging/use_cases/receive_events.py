"""What providers tell us beside messages: what became of ours, who left, who was renumbered, what was taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from salon.clients import use_cases as clients
from salon.clients.domain import ConsentPurpose, Contact
from salon.clients.errors import PhoneInvalid
from salon.identity.domain import Actor, ActorKind, system
from salon.messaging import repository
from salon.messaging.domain import EventKind, InboundEvent
from salon.messaging.errors import RetryLater
from salon.messaging.people.use_cases import note_outside_answer
from salon.messaging.repository import Conversation
from salon.messaging.repository import inbound as inbound_log
from salon.messaging.use_cases.delivery import note_status
from salon.platform.db import ReadSession, WriteSession
from salon.platform.inbox import InboxItem
from salon.platform.logs import logger
from salon.platform.metrics import Metrics

log = logger(__name__)
ACTOR = system("queue_inbound")
ECHO_PATIENCE = 3
"""Attempts at an echo that may be of a message which is on its way: some fifteen seconds."""

ECHO_MEMORY = timedelta(minutes=10)
"""Within which an echo is recognised by its words, where the provider's id of our message never reached us."""

PROVIDERS_WORDING = "provider"
"""The edition of a consent that was given, or taken back, by the provider's own switch."""


def actor_of(contact: Contact) -> Actor:
    """The client, in the audit log."""
    return Actor(ActorKind.CLIENT, str(contact.client_id))


def person_of(event: InboundEvent) -> str:
    """Who it is, as their contact is called; a group chat counts as one person."""
    return f"group:{event.chat_id}" if event.is_group else event.user_id


def note_event(session: WriteSession, item: InboxItem, event: InboundEvent, now: datetime, *, metrics: Metrics) -> None:
    """Take in an event that is no message. Nobody becomes a client by it.

    Raises:
        RetryLater, DeliveryUnsettled: it may be about a message that is just being sent; not known yet.
    """
    match event.kind:
        case EventKind.STATUS if event.status is not None:
            note_status(session, item.account_id, event.status, event.chat_id, now, metrics=metrics)
        case EventKind.ECHO:
            _note_echo(session, item, event, now)
        case EventKind.DELETED:
            _forget(session, item, event)
        case EventKind.REACTION:
            _log_reaction(session, item, event, now)
        case _:
            _note_person(session, item, event, now)


def _note_person(session: WriteSession, item: InboxItem, event: InboundEvent, now: datetime) -> None:
    contact = clients.find_contact(
        session,
        channel=event.channel,
        account_id=item.account_id,
        external_user_id=person_of(event),
        chat_id=event.chat_id,
    )
    if contact is None:
        log.info("event.of_nobody", kind=event.kind)
        return
    match event.kind:
        case EventKind.BLOCKED:
            clients.mark_blocked(session, contact.id, actor=actor_of(contact), now=now)
        case EventKind.UNBLOCKED:
            clients.mark_unblocked(session, contact.id, actor=actor_of(contact), now=now)
        case EventKind.RENUMBERED:
            _renumber(session, item, event, contact, now)
        case _:
            _note_choice(session, event, contact, now)


def _note_choice(session: WriteSession, event: InboundEvent, contact: Contact, now: datetime) -> None:
    """The person has told the provider whether businesses may advertise."""
    is_given = event.kind is EventKind.OPTED_IN
    clients.set_consent(
        session,
        contact.client_id,
        ConsentPurpose.MARKETING,
        is_given=is_given,
        channel=event.channel,
        wording_version=PROVIDERS_WORDING,
        actor=actor_of(contact),
        now=now,
    )
    log.info("event.marketing_choice", is_given=is_given)


def _renumber(session: WriteSession, item: InboxItem, event: InboundEvent, contact: Contact, now: datetime) -> None:
    """The person goes on under another id: contact, conversation and, where it is a number, phone follow."""
    fresh = event.new_user_id
    if not fresh:
        log.warning("event.renumbered_to_nothing")
        return
    called = fresh if contact.external_user_id in {event.user_id, contact.chat_id} else contact.external_user_id
    conversation = _conversation(session, item, event)
    if not clients.renumber_contact(
        session, contact.id, external_user_id=called, chat_id=fresh, actor=actor_of(contact), now=now
    ):
        log.warning("event.renumbered_to_somebody")  # they have written from there before the provider told us
        return
    if conversation is not None:
        inbound_log.move_conversation(session, conversation.id, chat_id=fresh, external_user_id=called)
    if event.phone:
        save_vouched_phone(session, contact, event.phone, now)


def save_vouched_phone(session: WriteSession, contact: Contact, phone: str, now: datetime) -> None:
    """Store the number that the provider knows the person by."""
    try:
        clients.set_phone(session, contact.client_id, phone, actor=actor_of(contact), now=now, is_verified=True)
    except PhoneInvalid:
        log.info("event.phone_unreadable")


def _forget(session: WriteSession, item: InboxItem, event: InboundEvent) -> None:
    """The person took a message back: what it said is blanked, that there was one stays."""
    about = event.reply_to or event.message_id
    blanked = inbound_log.blank_inbound(session, item.account_id, about) if about else 0
    log.info("event.deleted", blanked=blanked)


def _log_reaction(session: WriteSession, item: InboxItem, event: InboundEvent, now: datetime) -> None:
    conversation = _conversation(session, item, event)
    if conversation is None:
        log.info("event.of_nobody", kind=event.kind)
        return
    repository.log_inbound(
        session,
        conversation,
        kind=event.kind,
        text_body=event.text,
        inbox_id=item.inbox_id,
        provider_message_id=event.reply_to,
        media_key=None,
        now=now,
    )


def _note_echo(session: WriteSession, item: InboxItem, event: InboundEvent, now: datetime) -> None:
    """A message of the account's: ours, or written by a human in the provider's own app, who has taken over then."""
    conversation = _conversation(session, item, event)
    if event.is_by_human is False or conversation is None:
        log.info("event.echo", of="nobody" if conversation is None else "ours")
        return
    if event.is_by_human is None and _is_ours(session, item, event, conversation, now):
        log.info("event.echo", of="ours")
        return
    inbound_log.log_outside_answer(
        session,
        conversation,
        text=event.text,
        inbox_id=item.inbox_id,
        provider_message_id=event.message_id,
        now=now,
    )
    note_outside_answer(session, conversation.id, now)
    log.info("event.echo", of="human")


def _is_ours(
    session: WriteSession, item: InboxItem, event: InboundEvent, conversation: Conversation, now: datetime
) -> bool:
    """Whether we have sent it. Its id says so, or its words, where an answer of the provider's was lost.

    Raises:
        RetryLater: a message of ours is just being sent, and this may be the one.
    """
    if event.message_id and inbound_log.is_of_ours(session, item.account_id, event.message_id):
        return True
    since = now - ECHO_MEMORY
    for status, text, has_file in inbound_log.list_said_since(session, conversation.id, since):
        if status == "cancelled" or not (text or has_file):
            continue
        if text.strip() == event.text.strip() or (has_file and not event.text):
            return True
    if item.attempts <= ECHO_PATIENCE and inbound_log.has_unsent(session, conversation.id, since):
        raise RetryLater("The echo may be of a message that is being sent.")
    return False


def _conversation(session: ReadSession, item: InboxItem, event: InboundEvent) -> Conversation | None:
    return repository.find_conversation(session, account_id=item.account_id, chat_id=event.chat_id)
