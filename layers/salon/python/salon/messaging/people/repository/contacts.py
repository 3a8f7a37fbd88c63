"""Every query of chats that are bound to users."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, select, update

from salon.identity.models import UserRow
from salon.messaging.models import ConversationRow
from salon.messaging.people.domain import StaffContact
from salon.messaging.people.errors import StaffContactNotFound
from salon.messaging.people.models import BindingCodeRow, StaffContactRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id

_Contacts = Select[StaffContactRow, str, str, str, UUID]


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


def list_bound(session: ReadSession, user_id: UUID) -> list[UUID]:
    """The conversations that are bound to a user, whether or not they may enter."""
    query = select(StaffContactRow.conversation_id).where(
        StaffContactRow.user_id == user_id, StaffContactRow.ended_at.is_(None)
    )
    return list(session.scalars(query.order_by(StaffContactRow.created_at, StaffContactRow.id)))


def set_current(session: WriteSession, contact_id: UUID, handover_id: UUID | None) -> None:
    """Whom a chat's plain messages go to from now on."""
    session.execute(update(StaffContactRow).where(StaffContactRow.id == contact_id).values(handover_id=handover_id))


def clear_current(session: WriteSession, handover_id: UUID) -> None:
    """No chat's plain messages go there any more."""
    session.execute(update(StaffContactRow).where(StaffContactRow.handover_id == handover_id).values(handover_id=None))


def _contacts() -> _Contacts:
    return (
        select(StaffContactRow, UserRow.name, UserRow.role, ConversationRow.channel, ConversationRow.account_id)
        .join(UserRow, UserRow.id == StaffContactRow.user_id)
        .join(ConversationRow, ConversationRow.id == StaffContactRow.conversation_id)
        .execution_options(populate_existing=True)
    )


def _working(query: _Contacts) -> _Contacts:
    return query.where(StaffContactRow.ended_at.is_(None), UserRow.is_active)


def _contact(row: Row[StaffContactRow, str, str, str, UUID]) -> StaffContact:
    contact, name, role, channel, account_id = row
    return StaffContact(
        id=contact.id,
        user_id=contact.user_id,
        name=name,
        role=role,
        conversation_id=contact.conversation_id,
        account_id=account_id,
        channel=channel,
        notices=tuple(contact.notices),
        handover_id=contact.handover_id,
        created_at=contact.created_at,
        ended_at=contact.ended_at,
    )
