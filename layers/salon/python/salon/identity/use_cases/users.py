"""Users of the console: who they are, what they may, and that they may no longer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.identity import repository
from salon.identity.access import CONSOLE_ROLES, Role, User, UserDetails, check_role_change
from salon.identity.domain import Actor, ActorKind
from salon.identity.errors import LastOwner, NotYourself, RoleUnsuitable
from salon.identity.use_cases.tenants import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import Invalid
from salon.platform.names import is_visible


def create_user(session: WriteSession, details: UserDetails, *, actor: Actor, actor_role: Role, now: datetime) -> User:
    """Let somebody of the salon in. That `staff_id` is a member of staff is for the caller to see (catalog).

    Raises:
        RoleNotYours: an owner is to be made by somebody who is none.
        RoleUnsuitable: a visitor's role, or a stylist who is nobody of the staff.
        Invalid: no name.
    """
    _check(details)
    check_role_change(actor_role, details.role)
    user = repository.add_user(session, details, now)
    _audit(session, "user.created", user.id, actor, now, role=user.role)
    return user


def get_user(session: ReadSession, user_id: UUID) -> User:
    """A user.

    Raises:
        UserNotFound: there is none.
    """
    return repository.get_user(session, user_id)


def list_users(session: ReadSession, *, active_only: bool = True) -> list[User]:
    """Users by name."""
    return repository.list_users(session, active_only=active_only)


def change_user(
    session: WriteSession, user_id: UUID, details: UserDetails, *, actor: Actor, actor_role: Role, now: datetime
) -> User:
    """Replace what is said about a user. With another role or diary the user has to sign in anew.

    Raises:
        UserNotFound: there is none.
        RoleNotYours: the user is or becomes an owner, and somebody else asks.
        LastOwner: nobody would be left who is one.
        RoleUnsuitable, Invalid: as for a new one.
    """
    _check(details)
    owners = repository.lock_owners(session)
    row = repository.lock_user(session, user_id)
    check_role_change(actor_role, Role(row.role), details.role)
    if details.role is not Role.OWNER and owners == [user_id]:
        raise LastOwner
    is_other_access = (row.role, row.staff_id) != (details.role.value, details.staff_id)
    row.name, row.role, row.staff_id = details.name, details.role.value, details.staff_id
    session.flush()
    if is_other_access:
        repository.revoke(session, now, user_id=user_id)
    _audit(session, "user.changed", user_id, actor, now, role=details.role)
    return repository.get_user(session, user_id)


def deactivate_user(session: WriteSession, user_id: UUID, *, actor: Actor, actor_role: Role, now: datetime) -> User:
    """Let a user in no more: sessions end with the next request of each. The row stays, because the audit log names it.

    Invitations that nobody has taken are void, and stay so when the user is let in again. Chats and clients in
    conversation are messaging's: `messaging.people.use_cases.leaving.let_go` does the whole.

    Raises:
        UserNotFound: there is none.
        RoleNotYours: an owner is deactivated by somebody who is none.
        LastOwner: nobody would be left who is one.
        NotYourself: the user asks for it.
    """
    owners = repository.lock_owners(session)
    row = repository.lock_user(session, user_id)
    check_role_change(actor_role, Role(row.role))
    if owners == [user_id]:
        raise LastOwner
    if actor == Actor(ActorKind.USER, str(user_id)):
        raise NotYourself
    if row.is_active:
        row.is_active = False
        session.flush()
        repository.revoke(session, now, user_id=user_id)
        _void_invitations(session, user_id)
        _audit(session, "user.deactivated", user_id, actor, now)
    return repository.get_user(session, user_id)


def activate_user(session: WriteSession, user_id: UUID, *, actor: Actor, actor_role: Role, now: datetime) -> User:
    """Let a user in again.

    Raises:
        UserNotFound: there is none.
        RoleNotYours: an owner is activated by somebody who is none.
    """
    row = repository.lock_user(session, user_id)
    check_role_change(actor_role, Role(row.role))
    if not row.is_active:
        row.is_active = True
        session.flush()
        _void_invitations(session, user_id)  # one that was made in the very moment of leaving
        _audit(session, "user.activated", user_id, actor, now)
    return repository.get_user(session, user_id)


def _void_invitations(session: WriteSession, user_id: UUID) -> None:
    from salon.identity.accounts.repository import void_invitations  # here: every function loads this module

    void_invitations(session, user_id)


def _check(details: UserDetails) -> None:
    if not is_visible(details.name):
        raise Invalid("A name is needed.")
    if details.role not in CONSOLE_ROLES:
        raise RoleUnsuitable("A visitor of the site is no user of the console.")
    if details.role is Role.STYLIST and details.staff_id is None:
        raise RoleUnsuitable("A stylist's diary is that of a member of staff: say whose.")


def _audit(session: WriteSession, action: str, user_id: UUID, actor: Actor, now: datetime, **data: object) -> None:
    record_audit(session, action=action, subject="user", subject_id=user_id, actor=actor, now=now, data=data or None)
