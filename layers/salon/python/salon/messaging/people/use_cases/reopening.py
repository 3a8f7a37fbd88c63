"""Hand-overs whose human cannot or does not answer: they wait again, and both sides are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.messaging.domain import Purpose
from salon.messaging.people import events, repository
from salon.messaging.people.domain import Handover, HandoverStatus, Notice, NoticeKind, StaffContact, is_courtesy
from salon.messaging.people.use_cases.handovers import ACTOR, announce, record, remind_after
from salon.messaging.people.use_cases.notices import wants
from salon.messaging.use_cases.say import Reply, say
from salon.messaging.use_cases.words import texts_for
from salon.platform.db import ReadSession, WriteSession

RECENT = 20
"""Messages of a conversation that are looked through for one that nobody has answered."""


def reopen(
    session: WriteSession, handover: Handover, now: datetime, *, tells_client: bool, not_before: datetime | None = None
) -> Handover:
    """Have a locked hand-over that was taken wait again; the salon is told at once.

    Args:
        session: the transaction.
        handover: the hand-over, locked with its conversation.
        now: the current instant.
        tells_client: whether the client hears that the assistant is back; not where it answers them just now.
        not_before: when people may be told, at night.
    """
    waits = awaits_answer(session, handover)
    opened = handover.reopen(now, remind_after=remind_after(session))
    repository.update_handover(session, opened)
    repository.clear_current(session, opened.id)
    record(session, opened, events.HandoverReopened, ACTOR, now)
    text_id = "people-notice-still-waiting" if waits else "people-notice-reopened"
    told = announce(session, opened, now, text_id=text_id, not_before=not_before)
    if tells_client:
        _tell_client(session, opened, now, waits=waits, is_told=told > 0, not_before=not_before)
    return opened


def reopen_all_of(session: WriteSession, user_id: UUID, now: datetime) -> int:
    """A user has no chat any more: whoever writes to them there waits again; how many there are."""
    if repository.list_contacts(session, user_id=user_id):
        return 0
    taken = repository.list_handovers(session, statuses={HandoverStatus.TAKEN}, taken_by=user_id, limit=1000)
    for one in taken:
        handover, _ = repository.lock_handover(session, one.id)
        if handover.status is HandoverStatus.TAKEN and handover.taken_by == user_id:
            reopen(session, handover, now, tells_client=True)
    return len(taken)


def chats_of(session: ReadSession, handover: Handover) -> list[StaffContact]:
    """The chats that a taken hand-over's messages go to; none when whoever took it has only the console, or has left.

    The conversation itself is none of them.
    """
    if handover.taken_by is None:
        return []
    contacts = repository.list_contacts(session, user_id=handover.taken_by)
    return [one for one in contacts if one.conversation_id != handover.conversation_id]


def awaits_answer(session: ReadSession, handover: Handover) -> bool:
    """Whether the client has said something that no human has answered; «спасибо» needs no answer."""
    since = handover.last_activity_at if handover.is_outside else handover.opened_at - timedelta(microseconds=1)
    for one in repository.list_said(session, handover.conversation_id, limit=RECENT):
        if one.at <= since or one.purpose == Purpose.HUMAN:
            return False
        if one.direction == "in" and one.kind != "start" and not is_courtesy(one.text):
            return True
    return False


def is_somebody_told(session: ReadSession, conversation_id: UUID) -> bool:
    """Whether anybody of the salon hears in a chat of their own that a client waits."""
    notice = Notice(NoticeKind.HANDOVER, "people-notice-handover", conversation_id=conversation_id)
    return any(wants(one, notice) for one in repository.list_contacts(session))


def _tell_client(
    session: WriteSession,
    handover: Handover,
    now: datetime,
    *,
    waits: bool,
    is_told: bool,
    not_before: datetime | None,
) -> None:
    client = clients.get_client(session, handover.client_id)
    texts = texts_for(session, client.language)
    if waits:
        told = "yes" if is_told else "no"
        phones = [place.phone for place in catalog.list_locations(session) if place.phone]
        phone = phones[0] if phones else texts.say("salon-phone-unknown")
        words = texts.say("people-still-waiting", told=told, phone=phone)
    else:
        words = texts.say("people-returned-to-client")
    conversation = repository.get_conversation(session, handover.conversation_id)
    say(session, conversation, Reply(words), now, not_before=not_before)
