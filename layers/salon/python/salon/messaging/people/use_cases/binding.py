"""Whose chat it is: a one-time code binds it to a user of the salon."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from salon.identity import use_cases as identity
from salon.identity.access import PERMISSIONS, Permission, Role, check_role_change
from salon.identity.domain import Actor, ActorKind
from salon.identity.errors import UserInactive
from salon.messaging.people import domain, repository
from salon.messaging.people.domain import BindingCode, NoticeKind, StaffContact
from salon.messaging.people.errors import (
    BindingCodeExpired,
    BindingCodeUnknown,
    BindingCodeUsed,
    BindingInGroup,
    BindingTriesExceeded,
)
from salon.messaging.people.use_cases.reopening import reopen_all_of
from salon.messaging.repository import Conversation
from salon.platform import keys
from salon.platform.db import ReadSession, WriteSession
from salon.platform.rate_buckets import Bucket, take_all
from salon.platform.rate_limits import Limit

TRIES = Limit(capacity=5, per_second=1 / 3600)
"""Codes tried in one conversation: never more than five within an hour, and one more each hour after that."""
PURPOSE = "binding_code"
_DESK = (NoticeKind.HANDOVER,)
_BOSS = (NoticeKind.HANDOVER, NoticeKind.LOW_RATING, NoticeKind.FAILED, NoticeKind.ACCOUNT, NoticeKind.STOCK)
DEFAULT_NOTICES: Mapping[Role, tuple[NoticeKind, ...]] = {
    Role.OWNER: _BOSS,
    Role.ADMIN: _BOSS,
    Role.MANAGER: (*_DESK, NoticeKind.STOCK),
    Role.FRONTDESK: _DESK,
}
"""What a person is told of until they choose; a stylist, of nothing."""


def issue_binding_code(
    session: WriteSession,
    user_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    actor_role: Role | None = None,
    choose: Callable[[Sequence[str]], str] = secrets.choice,
) -> BindingCode:
    """Make a code by which a user's chat is bound, once, within a day; codes of before are over. Only a digest is kept.

    Args:
        session: the transaction.
        user_id: whose chat it will be.
        actor: who asks.
        now: the current instant.
        actor_role: the role of whoever asks for somebody else: a code makes its bearer that user in the messenger.
        choose: draws one of several.

    Raises:
        UserNotFound: there is no such user.
        UserInactive: they were deactivated.
        RoleNotYours: an owner's chat would be bound by somebody who is none.
    """
    user = identity.get_user(session, user_id)
    if not user.is_active:
        raise UserInactive(user_id)
    if actor_role is not None:
        check_role_change(actor_role, user.role)
    repository.void_codes(session, user_id, now)
    code, expires_at = domain.draw_code(choose), now + domain.CODE_TTL
    digest = keys.blind_index(session, code, purpose=PURPOSE)
    repository.add_code(session, user_id, digest, created_by=actor.id, now=now, expires_at=expires_at)
    identity.record_audit(
        session, action="binding_code.issued", subject="user", subject_id=user_id, actor=actor, now=now
    )
    return BindingCode(domain.shown_code(code), expires_at)


def bind_by_code(
    session: WriteSession, conversation: Conversation, code: str, now: datetime, *, is_counted: bool = False
) -> StaffContact:
    """Bind the chat to the user whom the code was issued for; a user may have several chats.

    A chat that is another user's moves to this one. Whoever catches the refusal commits all the same: a try counts.

    Args:
        session: the transaction.
        conversation: the chat, locked.
        code: as `looks_like_binding` gave it.
        now: the current instant.
        is_counted: whether `is_issued` has counted the try.

    Raises:
        BindingTriesExceeded: too many codes were tried here.
        BindingCodeUnknown, BindingCodeUsed, BindingCodeExpired: this code binds nothing.
        BindingInGroup: several people read the chat.
        UserInactive: the user was deactivated meanwhile.
    """
    if conversation.is_group:
        raise BindingInGroup
    wait_s = 0 if is_counted else _has_tried_enough(session, str(conversation.id), now)
    if wait_s:
        raise BindingTriesExceeded(wait_s)
    row = repository.lock_code(session, _digest(session, code))
    if row is None:
        raise BindingCodeUnknown
    if row.used_at is not None:
        raise BindingCodeUsed
    if row.expires_at <= now:
        raise BindingCodeExpired
    user = identity.get_user(session, row.user_id)
    if not user.is_active:
        raise UserInactive(user.id)
    row.used_at = now
    known = repository.find_contact(session, conversation.id)
    notices = known.notices if known is not None and known.user_id == user.id else DEFAULT_NOTICES.get(user.role, ())
    _end(session, conversation.id, Actor(ActorKind.USER, str(user.id)), now)
    contact_id = repository.add_contact(
        session, user_id=user.id, conversation_id=conversation.id, notices=notices, now=now
    )
    identity.record_audit(
        session,
        action="staff_contact.bound",
        subject="staff_contact",
        subject_id=contact_id,
        actor=Actor(ActorKind.USER, str(user.id)),
        now=now,
        data={"user_id": user.id, "conversation_id": conversation.id},
    )
    bound = repository.find_contact(session, conversation.id)
    if bound is None:  # it was added a moment ago, for an active user
        raise BindingCodeUnknown
    return bound


def is_issued(session: WriteSession, conversation: Conversation, code: str, now: datetime) -> bool:
    """Whether a bare word is a code of ours, in whatever state. It counts as a try; after too many, nothing is one."""
    if conversation.is_group or _has_tried_enough(session, str(conversation.id), now):
        return False
    return repository.lock_code(session, _digest(session, code)) is not None


def void_code(session: WriteSession, where: str, words: str, now: datetime) -> bool:
    """Void a code that was written where others read it; False when there was none that works.

    Args:
        session: the transaction.
        where: the group, for counting tries.
        words: the message.
        now: the current instant.
    """
    code = domain.looks_like_binding(words)
    if not code or _has_tried_enough(session, where, now):
        return False
    row = repository.lock_code(session, _digest(session, code))
    if row is None or row.used_at is not None or row.expires_at <= now:
        return False
    row.expires_at = now
    session.flush()
    return True


def find_staff(session: ReadSession, conversation_id: UUID) -> StaffContact | None:
    """Who of the salon writes in this chat; None for a client, and for somebody who may no longer enter."""
    return repository.find_contact(session, conversation_id)


def may_answer(contact: StaffContact) -> bool:
    """Whether this person's role answers clients in the salon's name."""
    return Permission.HANDOVERS_WRITE in PERMISSIONS[Role(contact.role)]


def unbind(session: WriteSession, conversation_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """The chat is nobody's any more; False when it was nobody's.

    What a user has taken who has no other chat waits again, and the others are told.
    """
    return _end(session, conversation_id, actor, now)


def list_contacts(session: ReadSession, user_id: UUID) -> list[StaffContact]:
    """A user's chats.

    Raises:
        UserNotFound: there is no such user.
    """
    identity.get_user(session, user_id)
    return repository.list_contacts(session, user_id=user_id)


def end_contacts(
    session: WriteSession, user_id: UUID, *, actor: Actor, now: datetime, contact_id: UUID | None = None
) -> int:
    """Unbind one of a user's chats, or all of them; how many there were.

    Raises:
        UserNotFound: there is no such user.
        StaffContactNotFound: the user has no such chat.
    """
    identity.get_user(session, user_id)
    if contact_id is not None:
        row = repository.lock_contact(session, user_id, contact_id)
        return int(_end(session, row.conversation_id, actor, now))
    return sum(
        _end(session, one.conversation_id, actor, now) for one in repository.list_contacts(session, user_id=user_id)
    )


def choose_notices(
    session: WriteSession,
    user_id: UUID,
    contact_id: UUID,
    notices: Collection[NoticeKind],
    *,
    actor: Actor,
    now: datetime,
) -> StaffContact:
    """What a user is told of in one of their chats.

    Raises:
        StaffContactNotFound: the user has no such chat.
    """
    row = repository.lock_contact(session, user_id, contact_id)
    row.notices = [str(kind) for kind in NoticeKind if kind in notices]
    session.flush()
    identity.record_audit(
        session,
        action="staff_contact.notices_chosen",
        subject="staff_contact",
        subject_id=contact_id,
        actor=actor,
        now=now,
        data={"notices": row.notices},
    )
    return next(one for one in repository.list_contacts(session, user_id=user_id) if one.id == contact_id)


def _digest(session: WriteSession, code: str) -> bytes:
    return keys.blind_index(session, domain.read_code(code), purpose=PURPOSE)


def _has_tried_enough(session: WriteSession, where: str, now: datetime) -> int:
    """Count one more try; seconds until the next one, 0 when this one may be."""
    return take_all(session, [Bucket(f"bind:{where}", TRIES)], now=now)


def _end(session: WriteSession, conversation_id: UUID, actor: Actor, now: datetime) -> bool:
    contact = repository.find_contact(session, conversation_id)
    user_id = contact.user_id if contact is not None else None
    contact_id = repository.end_contact_of(session, conversation_id, now)
    if contact_id is None:
        return False
    identity.record_audit(
        session,
        action="staff_contact.ended",
        subject="staff_contact",
        subject_id=contact_id,
        actor=actor,
        now=now,
        data={"conversation_id": conversation_id},
    )
    if user_id is not None:
        reopen_all_of(session, user_id, now)
    return True
