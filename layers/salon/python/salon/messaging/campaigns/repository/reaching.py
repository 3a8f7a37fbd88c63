"""Where a person can be written to unasked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select

from salon.clients.models import ChannelContactRow
from salon.identity.domain import AccountStatus
from salon.identity.models import ChannelAccount
from salon.messaging.models import ConversationRow
from salon.messaging.people.models import HandoverRow
from salon.messaging.repository import Conversation, get_conversation
from salon.platform.db import ReadSession, WriteSession


def lock_reachable(session: WriteSession, client_ids: Collection[UUID]) -> Conversation | None:
    """The chat in which a person wrote last, of those where they can be reached, locked; None when there is none.

    A chat that was blocked, a group, and an account that is switched off are not. Whoever writes to somebody of itself
    locks the conversation first: two timers then agree on how often.
    """
    is_blocked = exists().where(
        ChannelContactRow.client_id == ConversationRow.client_id,
        ChannelContactRow.account_id == ConversationRow.account_id,
        ChannelContactRow.chat_id == ConversationRow.chat_id,
        ChannelContactRow.is_blocked,
    )
    is_off = exists().where(
        ChannelAccount.id == ConversationRow.account_id, ChannelAccount.status == AccountStatus.DISABLED
    )
    query = (
        select(ConversationRow)
        .where(ConversationRow.client_id.in_(client_ids), ~ConversationRow.is_group, ~is_blocked, ~is_off)
        .order_by(func.coalesce(ConversationRow.last_inbound_at, ConversationRow.updated_at).desc())
        .limit(1)
    )
    row = session.scalars(query.with_for_update(of=ConversationRow).execution_options(populate_existing=True)).first()
    return get_conversation(session, row.id) if row is not None else None


def has_conversation(session: ReadSession, client_ids: Collection[UUID]) -> bool:
    """Whether a person ever wrote to us in a messenger."""
    return (
        session.scalars(select(ConversationRow.id).where(ConversationRow.client_id.in_(client_ids)).limit(1)).first()
        is not None
    )


def is_in_talks(session: ReadSession, conversation_id: UUID) -> bool:
    """Whether a human of the salon is asked for, or speaks, in this chat just now."""
    query = select(HandoverRow.id).where(HandoverRow.conversation_id == conversation_id, HandoverRow.status != "closed")
    return session.scalars(query.limit(1)).first() is not None


def last_inbound_at(session: ReadSession, conversation_id: UUID) -> datetime | None:
    """When the person last wrote in this chat: providers' windows are counted from it."""
    return session.scalars(
        select(ConversationRow.last_inbound_at).where(ConversationRow.id == conversation_id)
    ).one_or_none()
