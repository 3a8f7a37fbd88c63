"""Conversations that a human answers: opened by the assistant, taken by one of the salon, given back.

Lock order: the client's conversation, then its hand-over (`repository.lock_handover`). A turn of the client holds the
conversation already; whoever of the salon takes, answers or returns locks it first.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from salon.clients import use_cases as clients
from salon.clients.domain import Client
from salon.identity import use_cases as identity
from salon.identity.domain import Actor, ActorKind, system
from salon.messaging.domain import OutboundFile, Purpose
from salon.messaging.domain.taps import Tap
from salon.messaging.people import events, repository
from salon.messaging.people.domain import (
    Handover,
    HandoverOutcome,
    HandoverReason,
    HandoverStatus,
    LoggedMessage,
    Notice,
    NoticeKind,
    ReadPurpose,
)
from salon.messaging.people.errors import AnswerEmpty
from salon.messaging.people.use_cases.notices import tap, tell, tell_salon, wants
from salon.messaging.repository import Conversation
from salon.messaging.use_cases.habits import habits_of
from salon.messaging.use_cases.say import Reply, say
from salon.messaging.use_cases.words import texts_for
from salon.platform.db import ReadSession, WriteSession
from salon.platform.ids import new_id
from salon.platform.outbox import emit

ACTOR = system("handovers")
MAX_WORDS = 300
"""Characters of a client's message that a notice quotes."""

SAID = frozenset({"message", "voice"})
"""Kinds of what a client says in words, typed or spoken."""


def open_handover(
    session: WriteSession, conversation: Conversation, reason: HandoverReason, now: datetime, *, tells: bool = True
) -> Handover:
    """A human is to answer in this conversation. One hand-over lives at a time: a repeat is noted in it.

    A graver reason takes the former one's place, and the salon is told once more.

    Args:
        session: the transaction.
        conversation: whose.
        reason: why.
        now: the current instant.
        tells: whether the salon is told; a caller that tells it more says no.
    """
    conversation = repository.lock_conversation(session, conversation.id)
    known = repository.find_live(session, conversation.id)
    if known is not None:
        return _repeat(session, known, reason, now, tells=tells)
    opened = Handover(
        id=new_id(),
        number=repository.next_number(session),
        conversation_id=conversation.id,
        client_id=conversation.client_id,
        channel=conversation.channel,
        reason=reason,
        status=HandoverStatus.OPEN,
        opened_at=now,
        last_activity_at=now,
        due_at=now + remind_after(session),
    )
    repository.add_handover(session, opened)
    record(session, opened, events.HandoverOpened, ACTOR, now)
    if tells:
        announce(session, opened, now)
    return opened


def _repeat(session: WriteSession, known: Handover, reason: HandoverReason, now: datetime, *, tells: bool) -> Handover:
    """Once more a reason for a human in a conversation that waits for one or has one."""
    raised = known.raised(reason, now, remind_after=remind_after(session))
    if raised.version != known.version:
        repository.update_handover(session, raised)
        _audit(session, "handover.raised", raised, ACTOR, now, reason=reason)
        if tells and raised.status is HandoverStatus.OPEN:
            announce(session, raised, now)
    return repository.get_handover(session, known.id)


def announce(
    session: WriteSession,
    handover: Handover,
    now: datetime,
    *,
    text_id: str = "people-notice-handover",
    not_before: datetime | None = None,
) -> int:
    """Tell the salon that somebody waits, with what they wrote last; how many chats were told."""
    client = clients.get_client(session, handover.client_id)
    notice = Notice(
        NoticeKind.HANDOVER,
        text_id,
        {
            "number": handover.number,
            "name": name_of(client),
            "channel": handover.channel,
            "reason": handover.reason,
            "words": last_words(session, handover.conversation_id),
        },
        sealed_for=handover.client_id,
        buttons=(
            (
                tap("people-button-take", Tap.HANDOVER_TAKE, handover.id),
                tap("people-button-show", Tap.HANDOVER_SHOW, handover.id),
            ),
        ),
        conversation_id=handover.conversation_id,
    )
    if not_before is None:
        return tell_salon(session, notice, now)
    told = [contact for contact in repository.list_contacts(session) if wants(contact, notice)]
    for contact in told:
        tell(session, contact, notice, now, not_before=not_before)
    return len(told)


def take(
    session: WriteSession, handover_id: UUID, *, user_id: UUID, now: datetime, version: int | None = None
) -> Handover:
    """This user answers the conversation from now on, and the assistant does not; twice is once.

    Raises:
        HandoverNotFound: there is none.
        HandoverClosed: it is over.
        HandoverTaken: somebody else was faster.
        HandoverOutdated: somebody has changed it since `version` was read.
    """
    handover, _ = repository.lock_handover(session, handover_id)
    if handover.taken_by == user_id and handover.status is HandoverStatus.TAKEN:
        return handover
    handover.check_version(version)
    taken = handover.take(user_id, now, return_after=return_after(session))
    repository.update_handover(session, taken)
    record(session, taken, events.HandoverTakenOver, user(user_id), now, user_id=user_id)
    return taken


def answer(
    session: WriteSession,
    handover_id: UUID,
    text: str,
    *,
    user_id: UUID,
    now: datetime,
    version: int | None = None,
    file: OutboundFile | None = None,
) -> Handover:
    """Answer the client in the salon's name, with words or a file; an open conversation is taken by it.

    Raises:
        AnswerEmpty: it says nothing.
        HandoverNotFound, HandoverClosed, HandoverTaken, HandoverOutdated: as for `take`.
    """
    if not text.strip() and file is None:
        raise AnswerEmpty
    taken = take(session, handover_id, user_id=user_id, now=now, version=version)
    conversation = repository.get_conversation(session, taken.conversation_id)
    message_id = say(session, conversation, Reply(text.strip(), file=file), now, purpose=Purpose.HUMAN, user_id=user_id)
    repository.touch(session, taken.id, now, due_at=now + return_after(session))
    _audit(session, "handover.answered", taken, user(user_id), now, message_id=message_id)
    return repository.get_handover(session, handover_id)


def return_to_bot(
    session: WriteSession, handover_id: UUID, *, user_id: UUID, now: datetime, version: int | None = None
) -> Handover:
    """The assistant answers again, and says so to a client who was answered by a human.

    Raises:
        HandoverNotFound: there is none.
        HandoverClosed: it does already.
        HandoverOutdated: somebody has changed it since `version` was read.
    """
    handover, conversation = repository.lock_handover(session, handover_id)
    handover.check_version(version)
    closed = close(session, handover, HandoverOutcome.RETURNED, user(user_id), now)
    if handover.taken_by is not None:
        client = clients.get_client(session, conversation.client_id)
        words = texts_for(session, client.language).say("people-returned-to-client")
        say(session, conversation, Reply(words), now)
    return closed


def close(session: WriteSession, handover: Handover, outcome: HandoverOutcome, actor: Actor, now: datetime) -> Handover:
    """End a locked hand-over; nobody's plain messages go there any more.

    Raises:
        HandoverClosed: it is over already.
    """
    closed = handover.close(outcome, actor.id, now)
    repository.update_handover(session, closed)
    repository.clear_current(session, closed.id)
    record(session, closed, events.HandoverEnded, actor, now, outcome=outcome)
    return closed


def list_handovers(
    session: ReadSession,
    *,
    statuses: Collection[HandoverStatus] = (),
    taken_by: UUID | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
    oldest_first: bool = False,
) -> list[Handover]:
    """Hand-overs, the latest first, before the instant and id that a page ended with."""
    return repository.list_handovers(
        session, statuses=statuses, taken_by=taken_by, before=before, limit=limit, oldest_first=oldest_first
    )


def get_handover(session: ReadSession, handover_id: UUID) -> Handover:
    """A hand-over.

    Raises:
        HandoverNotFound: there is none.
    """
    return repository.get_handover(session, handover_id)


def read_conversation(
    session: WriteSession,
    conversation_id: UUID,
    *,
    purpose: ReadPurpose,
    actor: Actor,
    now: datetime,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[LoggedMessage]:
    """What was said in a conversation, in the clear, the latest first; the audit log keeps who read it and what for.

    Raises:
        ConversationNotFound: there is none.
    """
    repository.get_conversation(session, conversation_id)
    identity.record_audit(
        session,
        action="conversation.read",
        subject="conversation",
        subject_id=conversation_id,
        actor=actor,
        now=now,
        data={"purpose": purpose},
    )
    return repository.list_said(session, conversation_id, before=before, limit=limit)


def forget_client(session: WriteSession, client_id: UUID, now: datetime) -> None:
    """A client was erased: nobody answers them any more, and their chats are nobody's of the salon."""
    for handover_id in repository.list_live_of_client(session, client_id):
        handover, _ = repository.lock_handover(session, handover_id)
        if handover.status is not HandoverStatus.CLOSED:
            close(session, handover, HandoverOutcome.ERASED, ACTOR, now)
    for conversation_id in repository.list_conversations_of(session, client_id):
        repository.end_contact_of(session, conversation_id, now)


def last_words(session: ReadSession, conversation_id: UUID) -> str:
    """What the client wrote last, as far as a notice quotes it; a dash when they wrote nothing."""
    recent = repository.list_said(session, conversation_id, limit=10)
    said = next((one.text.strip() for one in recent if one.direction == "in" and one.kind in SAID), "")
    return (said if len(said) <= MAX_WORDS else f"{said[:MAX_WORDS]}…") or "—"


def name_of(client: Client) -> str:
    """What a client is called."""
    return client.display_name or "—"


def user(user_id: UUID) -> Actor:
    """A user, for the audit log."""
    return Actor(ActorKind.USER, str(user_id))


def remind_after(session: ReadSession) -> timedelta:
    """How long a hand-over may wait before the salon is reminded."""
    return timedelta(minutes=habits_of(session).handover_remind_minutes)


def return_after(session: ReadSession, handover: Handover | None = None) -> timedelta:
    """How long a conversation that was taken may be silent before the assistant answers again."""
    habits = habits_of(session)
    is_outside = handover is not None and handover.is_outside
    return timedelta(minutes=habits.outside_silence_minutes if is_outside else habits.handover_return_minutes)


def record(
    session: WriteSession,
    handover: Handover,
    kind: type[events.HandoverFact],
    actor: Actor,
    now: datetime,
    **more: object,
) -> None:
    """Tell and audit what a hand-over has become."""
    about = {
        "occurred_at": now,
        "handover_id": handover.id,
        "version": handover.version,
        "conversation_id": handover.conversation_id,
        "client_id": handover.client_id,
        "reason": handover.reason,
    }
    _audit(session, kind.name, handover, actor, now, **more)
    emit(session, kind.model_validate({**about, **more}))


def _audit(session: WriteSession, action: str, handover: Handover, actor: Actor, now: datetime, **more: object) -> None:
    identity.record_audit(
        session,
        action=action,
        subject="handover",
        subject_id=handover.id,
        actor=actor,
        now=now,
        data={"status": handover.status, "version": handover.version, **more},
    )
