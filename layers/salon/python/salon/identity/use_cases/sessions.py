"""Sessions: a row for each, so that what a token says can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from salon.identity import repository
from salon.identity.access import Principal, Role, check_role_change
from salon.identity.domain import Actor
from salon.identity.errors import SessionRevoked, TenantNotFound, UserInactive
from salon.identity.repository import IdentityRepository
from salon.identity.tokens import MAX_SESSION, Claims, IssuedTokens, Tokens
from salon.identity.use_cases.tenants import record_audit
from salon.platform.db import ReadSession, WriteSession, tenant_of


def open_visitor_session(
    session: WriteSession,
    tokens: Tokens,
    *,
    now: datetime,
    lasts: timedelta = MAX_SESSION,
    client_id: UUID | None = None,
) -> IssuedTokens:
    """Let an anonymous visitor of the site in, as nobody's client yet unless one is named.

    Raises:
        TenantNotFound: the transaction is in a tenant that does not exist.
    """
    if IdentityRepository(session).find_tenant() is None:
        raise TenantNotFound(tenant_of(session))
    until = now + min(lasts, MAX_SESSION)
    session_id = repository.add_session(session, role=Role.USER, user_id=None, now=now, until=until)
    if client_id is not None:
        attach_client(session, session_id, client_id)
    return _issue(session, tokens, _Opened(session_id, Role.USER, None, until), now=now)


def open_user_session(
    session: WriteSession, tokens: Tokens, user_id: UUID, *, actor: Actor, now: datetime, lasts: timedelta = MAX_SESSION
) -> IssuedTokens:
    """Let a user of the console in; whoever calls has made sure that it is that user.

    Raises:
        UserNotFound: there is none.
        UserInactive: the user was deactivated.
    """
    user = repository.get_user(session, user_id)
    if not user.is_active:
        raise UserInactive(user_id)
    until = now + min(lasts, MAX_SESSION)
    session_id = repository.add_session(session, role=user.role, user_id=user_id, now=now, until=until)
    record_audit(
        session, action="session.opened", subject="user", subject_id=user_id, actor=actor, now=now,
        data={"session_id": session_id},
    )  # fmt: skip
    return _issue(session, tokens, _Opened(session_id, user.role, user_id, until), now=now)


def renew_session(session: ReadSession, tokens: Tokens, claims: Claims, *, now: datetime) -> IssuedTokens:
    """New tokens of a session that lives; `claims` are those of its renewal token.

    Raises:
        SessionRevoked: it does not live any more.
    """
    principal, until = _living(session, claims, now)
    opened = _Opened(principal.session_id, principal.role, principal.user_id, until)
    return _issue(session, tokens, opened, now=now)


def authenticate(session: ReadSession, claims: Claims, *, now: datetime) -> Principal:
    """Who asks, by the verified token's session; the transaction is in the tenant that the token names.

    Raises:
        SessionRevoked: the session was ended or has run out, or its user was deactivated.
    """
    return _living(session, claims, now)[0]


def end_session(session: WriteSession, session_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Sign out: the session's tokens are refused from now on. Whether it had lived."""
    ended = repository.revoke(session, now, session_id=session_id)
    if ended:
        record_audit(session, action="session.ended", subject="session", subject_id=session_id, actor=actor, now=now)
    return bool(ended)


def end_sessions_of(session: WriteSession, user_id: UUID, *, actor: Actor, actor_role: Role, now: datetime) -> int:
    """End every session of a user, on all devices; how many lived.

    Raises:
        UserNotFound: there is none.
        RoleNotYours: an owner is signed out by somebody who is none.
    """
    row = repository.lock_user(session, user_id)
    check_role_change(actor_role, Role(row.role))
    ended = repository.revoke(session, now, user_id=user_id)
    record_audit(
        session, action="user.sessions_ended", subject="user", subject_id=user_id, actor=actor, now=now,
        data={"sessions": ended},
    )  # fmt: skip
    return ended


def move_client(session: WriteSession, from_id: UUID, into_id: UUID) -> None:
    """Visitors who have booked as one client have booked as the other: the two are one person."""
    repository.move_session_clients(session, from_id, into_id)


def attach_client(session: WriteSession, session_id: UUID, client_id: UUID) -> None:
    """Note whom a visitor's session books as."""
    repository.set_session_client(session, session_id, client_id)


@dataclass(frozen=True, slots=True)
class _Opened:
    session_id: UUID
    role: Role
    user_id: UUID | None
    until: datetime


def _living(session: ReadSession, claims: Claims, now: datetime) -> tuple[Principal, datetime]:
    found = repository.find_session(session, claims.session_id)
    if found is None:
        raise SessionRevoked
    row, user = found
    if row.revoked_at is not None or row.expires_at <= now or (row.user_id is not None and user is None):
        raise SessionRevoked
    if user is not None and (not user.is_active or user.role != row.role):
        raise SessionRevoked
    principal = Principal(
        tenant_id=row.tenant_id,
        session_id=row.id,
        role=Role(row.role),
        user_id=row.user_id,
        staff_id=user.staff_id if user is not None else None,
        client_id=row.client_id,
    )
    return principal, row.expires_at


def _issue(session: ReadSession, tokens: Tokens, opened: _Opened, *, now: datetime) -> IssuedTokens:
    claims = Claims(
        tenant_id=tenant_of(session),
        session_id=opened.session_id,
        role=opened.role,
        subject=str(opened.user_id or opened.session_id),
    )
    return tokens.issue(claims, session_expires_at=opened.until, now=now)
