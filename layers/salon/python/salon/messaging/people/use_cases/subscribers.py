"""What the salon is told of because it happened: a message that did not arrive, a visit that was not liked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from salon.booking import use_cases as booking
from salon.booking.feedback import use_cases as feedback
from salon.booking.feedback.events import FeedbackCommented, FeedbackReceived
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.identity.events import Breakage, ChannelBroken, ChannelRejected
from salon.identity.use_cases.channels import get_channel_account
from salon.messaging import repository as messaging
from salon.messaging.domain import Purpose, phrases
from salon.messaging.domain.taps import Tap
from salon.messaging.events import MessageUndeliverable
from salon.messaging.people import repository
from salon.messaging.people.domain import HandoverReason, Notice, NoticeKind
from salon.messaging.people.use_cases.handovers import MAX_WORDS, name_of, open_handover
from salon.messaging.people.use_cases.notices import tap, tell, tell_salon, wants
from salon.messaging.use_cases.habits import habits_of
from salon.platform.db import ReadSession, WriteSession
from salon.platform.facts import Fact
from salon.platform.timeranges import zone

MATTERS = frozenset({Purpose.REPLY, Purpose.REMINDER, Purpose.NOTICE, Purpose.HUMAN})
"""Messages that somebody has to make good for when they do not arrive; news and questions after a visit are lost."""


def on_salon_fact(session: WriteSession, fact: Fact, now: datetime) -> None:
    """A subscriber to `people.events.SALON_FACTS`."""
    match fact:
        case MessageUndeliverable():
            _tell_undeliverable(session, fact, now)
        case FeedbackReceived():
            _tell_low_rating(session, fact, now)
        case FeedbackCommented():
            _tell_comment(session, fact, now)
        case ChannelRejected() | ChannelBroken():
            _tell_account(session, fact, now)


def _tell_undeliverable(session: WriteSession, fact: MessageUndeliverable, now: datetime) -> None:
    """A message did not reach its client; the salon may call, and whoever wrote it is told."""
    if fact.purpose not in MATTERS:
        return
    if repository.find_contact(session, fact.conversation_id) is not None:
        return  # the salon's own chats: a notice about a lost notice would be lost as well
    conversation = repository.get_conversation(session, fact.conversation_id)
    client = clients.get_client(session, conversation.client_id)
    if client.is_erased:
        return
    phone = clients.read_secrets(session, client.id).phone
    notice = Notice(
        NoticeKind.FAILED,
        "people-notice-undeliverable",
        {
            "name": name_of(client),
            "phone": phone or "none",
            "channel": fact.channel,
            "purpose": fact.purpose,
            "reason": fact.reason.lower(),
        },
        sealed_for=client.id,
        conversation_id=conversation.id,
    )
    writer = repository.find_writer(session, fact.message_id)
    for contact in repository.list_contacts(session, user_id=writer) if writer is not None else ():
        if not wants(contact, notice):  # they are told below
            tell(session, contact, notice, now)
    tell_salon(session, notice, now)


def _tell_low_rating(session: WriteSession, fact: FeedbackReceived, now: datetime) -> None:
    """A visit was rated low; the owner is told, and may write to the client at once."""
    if not _is_low(session, fact):
        return
    if clients.get_client(session, fact.client_id).is_erased:
        return
    notice = _low_rating_notice(session, fact)
    latest = messaging.find_latest_conversation(session, fact.client_id)
    if latest is not None:
        opened = open_handover(session, latest, HandoverReason.LOW_RATING, now, tells=False)
        button = tap("people-button-write", Tap.HANDOVER_TAKE, opened.id)
        notice = replace(notice, buttons=((button,),), conversation_id=latest.id)
    tell_salon(session, notice, now)


def _tell_account(session: WriteSession, fact: ChannelRejected | ChannelBroken, now: datetime) -> None:
    """An account does not work any more; whoever may mend it is told, by another account where they have one."""
    problem = fact.problems[0] if isinstance(fact, ChannelBroken) else Breakage.TOKEN_REJECTED
    account = get_channel_account(session, fact.account_id)
    notice = Notice(
        NoticeKind.ACCOUNT,
        "people-notice-account",
        {"channel": fact.channel, "account": account.name or "none", "problem": problem},
    )
    tell_salon(session, notice, now, avoiding=fact.account_id)


def _tell_comment(session: WriteSession, fact: FeedbackCommented, now: datetime) -> None:
    """Somebody has said why they were not content; the owner is told every time, whatever waits already."""
    comment = feedback.read_comments(session, [fact.booking_id]).get(fact.booking_id, "")
    if fact.rating > habits_of(session).low_rating or not comment.strip():
        return
    words = comment if len(comment) <= MAX_WORDS else f"{comment[:MAX_WORDS]}…"
    about = {**_visit_words(session, fact), "words": words}
    notice = Notice(NoticeKind.LOW_RATING, "people-notice-comment", about, sealed_for=fact.client_id)
    latest = messaging.find_latest_conversation(session, fact.client_id)
    if latest is not None:
        opened = open_handover(session, latest, HandoverReason.LOW_RATING, now, tells=False)
        button = tap("people-button-write", Tap.HANDOVER_TAKE, opened.id)
        notice = replace(notice, buttons=((button,),), conversation_id=latest.id)
    tell_salon(session, notice, now)


def _is_low(session: ReadSession, fact: FeedbackReceived) -> bool:
    """Whether this rating is a matter for the owner, and was none before it was changed."""
    low = habits_of(session).low_rating
    return fact.rating <= low and (fact.previous_rating is None or fact.previous_rating > low)


def _low_rating_notice(session: ReadSession, fact: FeedbackReceived) -> Notice:
    """«Оценка 2 из 5: Лена, Стрижка, Анна, 12 марта»."""
    about = _visit_words(session, fact)
    return Notice(NoticeKind.LOW_RATING, "people-notice-low-rating", about, sealed_for=fact.client_id)


def _visit_words(session: ReadSession, fact: FeedbackReceived | FeedbackCommented) -> dict[str, object]:
    visit = booking.get_booking(session, fact.booking_id)
    place = catalog.get_location(session, fact.location_id)
    local = visit.starts_at.astimezone(zone(place.timezone))
    client = clients.get_client(session, fact.client_id)
    return {
        "rating": fact.rating,
        "name": name_of(client),
        "service": catalog.get_service(session, fact.service_id).name,
        "staff": catalog.get_staff(session, fact.staff_id).name if fact.staff_id else place.name,
        "date": f"{local:%d.%m}",
        "time": phrases.clock(local),
    }
