"""Every query of the salon's people in the messenger.

Lock order: the client's conversation first, then its hand-over. Conversations are locked FOR NO KEY UPDATE: while the
salon's chat and the client's are each locked by their own turn, a message may still be written into the other.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, text, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute

from salon.identity.models import UserRow
from salon.messaging import repository as messaging
from salon.messaging.domain import OutboundKind, Purpose
from salon.messaging.models import ConversationRow, MessageRow
from salon.messaging.people.domain import (
    Handover,
    HandoverOutcome,
    HandoverReason,
    HandoverStatus,
    LoggedMessage,
    StaffContact,
)
from salon.messaging.people.errors import ConversationNotFound, HandoverNotFound, StaffContactNotFound
from salon.messaging.people.models import BindingCodeRow, HandoverRow, StaffContactRow
from salon.messaging.repository import Conversation
from salon.platform import keys
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id

_Contacts = Select[StaffContactRow, str, str, str]
SAID = frozenset({OutboundKind.MESSAGE.value, OutboundKind.EDIT.value})
"""Kinds of our messages that say something; the rest are calls to a provider."""


def get_conversation(session: ReadSession, conversation_id: UUID) -> Conversation:
    """A conversation.

    Raises:
        ConversationNotFound: there is none.
    """
    if session.get(ConversationRow, conversation_id) is None:
        raise ConversationNotFound(conversation_id)
    return messaging.get_conversation(session, conversation_id)


def lock_conversation(session: WriteSession, conversation_id: UUID) -> Conversation:
    """A conversation, locked until the end of the transaction.

    Raises:
        ConversationNotFound: there is none.
    """
    query = select(ConversationRow).where(ConversationRow.id == conversation_id)
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    if session.scalars(query).one_or_none() is None:
        raise ConversationNotFound(conversation_id)
    return messaging.get_conversation(session, conversation_id)


# Binding


def add_code(
    session: WriteSession, user_id: UUID, digest: bytes, *, created_by: str, now: datetime, expires_at: datetime
) -> None:
    """Keep a code's digest."""
    session.add(
        BindingCodeRow(
            id=new_id(),
            tenant_id=tenant_of(session),
            user_id=user_id,
            code_hash=digest,
            created_by=created_by,
            created_at=now,
            expires_at=expires_at,
        )
    )
    session.flush()


def void_codes(session: WriteSession, user_id: UUID, now: datetime) -> None:
    """Codes of the user that were not used are too old from now on."""
    session.execute(
        update(BindingCodeRow)
        .where(BindingCodeRow.user_id == user_id, BindingCodeRow.used_at.is_(None), BindingCodeRow.expires_at > now)
        .values(expires_at=now)
    )


def lock_code(session: WriteSession, digest: bytes) -> BindingCodeRow | None:
    """A code by its digest, locked: two chats cannot use it at once."""
    query = select(BindingCodeRow).where(BindingCodeRow.code_hash == digest)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def add_contact(
    session: WriteSession, *, user_id: UUID, conversation_id: UUID, notices: Collection[str], now: datetime
) -> UUID:
    """Bind a chat to a user; its id."""
    row = StaffContactRow(
        id=new_id(),
        tenant_id=tenant_of(session),
        user_id=user_id,
        conversation_id=conversation_id,
        notices=list(notices),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def find_contact(session: ReadSession, conversation_id: UUID) -> StaffContact | None:
    """Whose chat this is: of an active user, by a binding that was not ended."""
    query = _contacts().where(StaffContactRow.conversation_id == conversation_id)
    row = session.execute(_working(query)).one_or_none()
    return _contact(row) if row is not None else None


def end_contact_of(session: WriteSession, conversation_id: UUID, now: datetime) -> UUID | None:
    """The chat is nobody's any more; whose binding was ended, as its id."""
    return session.scalars(
        update(StaffContactRow)
        .where(StaffContactRow.conversation_id == conversation_id, StaffContactRow.ended_at.is_(None))
        .values(ended_at=now, handover_id=None)
        .returning(StaffContactRow.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()


def lock_contact(session: WriteSession, user_id: UUID, contact_id: UUID) -> StaffContactRow:
    """A living binding of a user, to be changed.

    Raises:
        StaffContactNotFound: there is none.
    """
    query = select(StaffContactRow).where(
        StaffContactRow.id == contact_id, StaffContactRow.user_id == user_id, StaffContactRow.ended_at.is_(None)
    )
    row = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise StaffContactNotFound(contact_id)
    return row


def list_contacts(session: ReadSession, *, user_id: UUID | None = None) -> list[StaffContact]:
    """Chats that work, of one user or of everybody, in the order in which they were bound."""
    query = _contacts() if user_id is None else _contacts().where(StaffContactRow.user_id == user_id)
    rows = session.execute(_working(query).order_by(StaffContactRow.created_at, StaffContactRow.id))
    return [_contact(row) for row in rows]


def set_current(session: WriteSession, contact_id: UUID, handover_id: UUID | None) -> None:
    """Whom a chat's plain messages go to from now on."""
    session.execute(update(StaffContactRow).where(StaffContactRow.id == contact_id).values(handover_id=handover_id))


def clear_current(session: WriteSession, handover_id: UUID) -> None:
    """No chat's plain messages go there any more."""
    session.execute(update(StaffContactRow).where(StaffContactRow.handover_id == handover_id).values(handover_id=None))


def _contacts() -> _Contacts:
    return (
        select(StaffContactRow, UserRow.name, UserRow.role, ConversationRow.channel)
        .join(UserRow, UserRow.id == StaffContactRow.user_id)
        .join(ConversationRow, ConversationRow.id == StaffContactRow.conversation_id)
        .execution_options(populate_existing=True)
    )


def _working(query: _Contacts) -> _Contacts:
    return query.where(StaffContactRow.ended_at.is_(None), UserRow.is_active)


def _contact(row: Row[StaffContactRow, str, str, str]) -> StaffContact:
    contact, name, role, channel = row
    return StaffContact(
        id=contact.id,
        user_id=contact.user_id,
        name=name,
        role=role,
        conversation_id=contact.conversation_id,
        channel=channel,
        notices=tuple(contact.notices),
        handover_id=contact.handover_id,
        created_at=contact.created_at,
        ended_at=contact.ended_at,
    )


# Hand-overs


def add_handover(session: WriteSession, handover: Handover) -> None:
    """Store a new hand-over."""
    session.add(
        HandoverRow(
            id=handover.id,
            tenant_id=tenant_of(session),
            number=handover.number,
            conversation_id=handover.conversation_id,
            **_values(handover),
        )
    )
    session.flush()


def next_number(session: WriteSession) -> int:
    """What the tenant's next hand-over is called; others who ask wait until the end of this transaction."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"handovers:{tenant_of(session)}", 0))))
    return (session.scalar(select(func.max(HandoverRow.number))) or 0) + 1


def update_handover(session: WriteSession, handover: Handover) -> None:
    """Store what a locked hand-over is now."""
    session.execute(update(HandoverRow).where(HandoverRow.id == handover.id).values(**_values(handover)))


def count_message(session: WriteSession, handover_id: UUID, now: datetime, *, due_at: datetime | None = None) -> None:
    """The client has written once more; with `due_at`, that is activity and the timer looks later."""
    changes: dict[InstrumentedAttribute[Any], Any] = {HandoverRow.messages: HandoverRow.messages + 1}
    if due_at is not None:
        changes |= {HandoverRow.last_activity_at: now, HandoverRow.due_at: due_at}
    session.execute(update(HandoverRow).where(HandoverRow.id == handover_id).values(changes))


def touch(session: WriteSession, handover_id: UUID, now: datetime, *, due_at: datetime) -> None:
    """Somebody of the salon has written, or a client has asked once more; the timer looks later."""
    session.execute(
        update(HandoverRow).where(HandoverRow.id == handover_id).values(last_activity_at=now, due_at=due_at)
    )


def get_handover(session: ReadSession, handover_id: UUID) -> Handover:
    """A hand-over.

    Raises:
        HandoverNotFound: there is none.
    """
    row = session.execute(_handovers().where(HandoverRow.id == handover_id)).one_or_none()
    if row is None:
        raise HandoverNotFound(handover_id)
    return _handover(row)


def lock_handover(session: WriteSession, handover_id: UUID) -> tuple[Handover, Conversation]:
    """A hand-over and its conversation, both locked, in their order.

    Raises:
        HandoverNotFound: there is none.
    """
    conversation = lock_conversation(session, get_handover(session, handover_id).conversation_id)
    query = _handovers().where(HandoverRow.id == handover_id).with_for_update(of=HandoverRow)
    return _handover(session.execute(query).one()), conversation


def find_by_number(session: ReadSession, number: int) -> Handover | None:
    """A hand-over by what the salon calls it."""
    row = session.execute(_handovers().where(HandoverRow.number == number)).one_or_none()
    return _handover(row) if row is not None else None


def find_live(session: ReadSession, conversation_id: UUID) -> Handover | None:
    """The hand-over of a conversation that is not closed. Lock the conversation first to change it."""
    query = _handovers().where(
        HandoverRow.conversation_id == conversation_id, HandoverRow.status != HandoverStatus.CLOSED
    )
    row = session.execute(query).one_or_none()
    return _handover(row) if row is not None else None


def list_handovers(
    session: ReadSession,
    *,
    statuses: Collection[HandoverStatus] = (),
    taken_by: UUID | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int,
    oldest_first: bool = False,
) -> list[Handover]:
    """Hand-overs, the latest first; `before` is where the page before ended."""
    query = _handovers()
    if statuses:
        query = query.where(HandoverRow.status.in_(sorted(statuses)))
    if taken_by is not None:
        query = query.where(HandoverRow.taken_by == taken_by)
    if before is not None:
        query = query.where(tuple_(HandoverRow.opened_at, HandoverRow.id) < before)
    order = (HandoverRow.opened_at, HandoverRow.id)
    query = query.order_by(*order) if oldest_first else query.order_by(*(column.desc() for column in order))
    return [_handover(row) for row in session.execute(query.limit(limit))]


def list_live_of_client(session: ReadSession, client_id: UUID) -> list[UUID]:
    """Ids of hand-overs of a client that are not closed."""
    return list(
        session.scalars(
            select(HandoverRow.id)
            .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
            .where(ConversationRow.client_id == client_id, HandoverRow.status != HandoverStatus.CLOSED)
            .order_by(HandoverRow.id)
        )
    )


def list_conversations_of(session: ReadSession, client_id: UUID) -> list[UUID]:
    """Ids of a client's conversations."""
    return list(session.scalars(select(ConversationRow.id).where(ConversationRow.client_id == client_id)))


def list_stale(session: ReadSession, *, before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, hand-over) of all tenants at which the timer has to look: for the timer."""
    rows = session.execute(
        text("SELECT tenant_id, id FROM stale_handovers(:before, :limit)"), {"before": before, "limit": limit}
    )
    return [(row.tenant_id, row.id) for row in rows]


def delay_handover(session: WriteSession, handover_id: UUID, until: datetime) -> None:
    """Have the timer look later: it failed just now."""
    session.execute(update(HandoverRow).where(HandoverRow.id == handover_id).values(due_at=until))


def _handovers() -> Select[HandoverRow, str, UUID]:
    """With the conversation's channel and client: two clients may have turned out to be one person since."""
    return (
        select(HandoverRow, ConversationRow.channel, ConversationRow.client_id)
        .join(ConversationRow, ConversationRow.id == HandoverRow.conversation_id)
        .execution_options(populate_existing=True)
    )


def _handover(row: Row[HandoverRow, str, UUID]) -> Handover:
    handover, channel, client_id = row
    return Handover(
        id=handover.id,
        number=handover.number,
        conversation_id=handover.conversation_id,
        client_id=client_id,
        channel=channel,
        reason=HandoverReason(handover.reason),
        status=HandoverStatus(handover.status),
        opened_at=handover.opened_at,
        taken_at=handover.taken_at,
        taken_by=handover.taken_by,
        closed_at=handover.closed_at,
        closed_by=handover.closed_by,
        outcome=HandoverOutcome(handover.outcome) if handover.outcome else None,
        messages=handover.messages,
        last_activity_at=handover.last_activity_at,
        due_at=handover.due_at,
        reminded_at=handover.reminded_at,
        version=handover.version,
    )


def _values(handover: Handover) -> dict[str, Any]:
    return {
        "client_id": handover.client_id,
        "reason": handover.reason,
        "status": handover.status,
        "opened_at": handover.opened_at,
        "taken_at": handover.taken_at,
        "taken_by": handover.taken_by,
        "closed_at": handover.closed_at,
        "closed_by": handover.closed_by,
        "outcome": handover.outcome,
        "last_activity_at": handover.last_activity_at,
        "due_at": handover.due_at,
        "reminded_at": handover.reminded_at,
        "version": handover.version,
    }


# What was said


def list_said(
    session: ReadSession, conversation_id: UUID, *, before: tuple[datetime, UUID] | None = None, limit: int
) -> list[LoggedMessage]:
    """What was said in a conversation, opened, the latest first; what was about an erased client says nothing.

    Notices to the salon's people about other clients are left out.
    """
    query = select(MessageRow).join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
    query = query.where(
        MessageRow.conversation_id == conversation_id,
        (MessageRow.direction == "in") | MessageRow.kind.in_(sorted(SAID)),
        (MessageRow.purpose != Purpose.NOTICE) | (MessageRow.client_id == ConversationRow.client_id),
    )
    if before is not None:
        query = query.where(tuple_(MessageRow.created_at, MessageRow.id) < before)
    query = query.order_by(MessageRow.created_at.desc(), MessageRow.id.desc()).limit(limit)
    return [_said(session, row) for row in session.scalars(query)]


def find_writer(session: ReadSession, message_id: UUID) -> UUID | None:
    """The human of the salon who wrote a message."""
    return session.scalar(select(MessageRow.user_id).where(MessageRow.id == message_id))


def _said(session: ReadSession, row: MessageRow) -> LoggedMessage:
    try:
        body = json.loads(keys.open_for_client(session, row.client_id, row.body))
    except keys.SubjectErased:
        body = {}
    return LoggedMessage(
        id=row.id,
        direction=row.direction,
        kind=row.kind,
        status=row.status,
        purpose=row.purpose,
        user_id=row.user_id,
        text=str(body.get("text") or ""),
        has_media=row.media_key is not None or bool(body.get("file")),
        at=row.created_at,
    )
