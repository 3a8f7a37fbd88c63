"""Signing up and in, and ways to a password. Each is one transaction; `desk.AccountDesk` puts them in a row."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from salon.identity import repository as identity
from salon.identity.access import Role, User, UserDetails, check_role_change
from salon.identity.accounts import repository
from salon.identity.accounts.domain import (
    INVITATION_LASTS,
    Invitation,
    NewBusiness,
    check_password,
    checked_email,
    locked_until,
)
from salon.identity.accounts.errors import InvitationInvalid, NoPassword
from salon.identity.accounts.use_cases.passwords import hash_password, is_outdated, is_password
from salon.identity.domain import Actor, ActorKind, system
from salon.identity.errors import UserInactive
from salon.identity.models import CredentialRow, LoginPlaceRow
from salon.identity.tokens import IssuedTokens, Tokens
from salon.identity.use_cases.sessions import open_user_session
from salon.identity.use_cases.tenants import create_tenant, record_audit
from salon.platform.db import WriteSession, tenant_of
from salon.platform.errors import Invalid
from salon.platform.names import is_visible

SIGNUP = system("signup")
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody who has shown a password."""

    tenant_id: UUID
    user: User
    tokens: IssuedTokens = field(repr=False)


def sign_up(
    session: WriteSession,
    tokens: Tokens,
    new: NewBusiness,
    *,
    index: str,
    password_hash: str,
    place: str,
    now: datetime,
) -> SignedIn:
    """Make a business and its owner, who is signed in at once; the transaction is in the new tenant.

    Raises:
        EmailTaken: somebody signs in with the e-mail already.
        Invalid: a name is missing.
    """
    if not is_visible(new.business) or not is_visible(new.owner):
        raise Invalid("A name is needed, of the business and of its owner.")
    create_tenant(session, name=new.business.strip(), actor=SIGNUP, now=now)
    owner = identity.add_user(session, UserDetails(name=new.owner.strip(), role=Role.OWNER), now)
    added = repository.add_credential(
        session, owner.id, email=new.email, index=index, password_hash=password_hash, now=now
    )
    _note_entry(repository.lock_place(session, added, place, now), now)
    actor = Actor(ActorKind.USER, str(owner.id))
    record_audit(session, action="user.signed_up", subject="user", subject_id=owner.id, actor=actor, now=now)
    issued = open_user_session(session, tokens, owner.id, actor=actor, now=now)
    return SignedIn(tenant_id=tenant_of(session), user=owner, tokens=issued)


def sign_in(
    session: WriteSession, tokens: Tokens, credential_id: UUID, password: str, *, place: str, now: datetime
) -> SignedIn | None:
    """Compare a password and open a session; None when it is not the account's, and that has been counted.

    It returns rather than raises, so that the count is committed. Whatever the reason, it has cost one hash.

    Args:
        session: the transaction, in the account's tenant.
        tokens: issues.
        credential_id: of the account; of nobody's it is counted nowhere.
        password: as typed.
        place: where it is tried from: failures there lock the account for that place.
        now: the current instant.
    """
    row = repository.lock_credential(session, credential_id=credential_id)
    if not _is_shown(session, row, password, place, now) or row is None:
        return None
    user = identity.get_user(session, row.user_id)
    if not user.is_active:
        return None
    if is_outdated(row.password_hash):
        row.password_hash = hash_password(password)
    actor = Actor(ActorKind.USER, str(user.id))
    issued = open_user_session(session, tokens, user.id, actor=actor, now=now)
    return SignedIn(tenant_id=tenant_of(session), user=user, tokens=issued)


def _is_shown(session: WriteSession, row: CredentialRow | None, password: str, place: str, now: datetime) -> bool:
    """Whether it is the account's password; a failure is counted, and enough of them lock the account for the place."""
    tried = repository.lock_place(session, row.id, place, now) if row is not None else None
    is_right = is_password(row.password_hash if row is not None else None, password)
    if tried is None:
        return False
    tried.tried_at = now
    if tried.locked_until is not None and tried.locked_until > now:
        return False
    if not is_right:
        tried.failed_attempts += 1
        tried.locked_until = locked_until(tried.failed_attempts, now)
        return False
    _note_entry(tried, now)
    return True


def _note_entry(place: LoginPlaceRow, now: datetime) -> None:
    place.failed_attempts, place.locked_until, place.entered_at, place.tried_at = 0, None, now, now


def change_password(
    session: WriteSession, user_id: UUID, *, old: str, new: str, actor: Actor, now: datetime, keep_session: UUID
) -> bool:
    """Replace a password; every other session of the user ends. False when the old one is wrong: that is counted.

    The session is the place that failures are counted for: whoever has got hold of one guesses no faster from many
    addresses.

    Raises:
        NoPassword: the user has none.
        PasswordUnsuitable: the new one.
    """
    row = repository.lock_credential(session, user_id=user_id)
    if row is None:
        raise NoPassword
    check_password(new, repository.email_of(session, user_id) or "")
    if not _is_shown(session, row, old, f"session:{keep_session}", now):
        return False
    row.password_hash, row.changed_at = hash_password(new), now
    identity.revoke(session, now, user_id=user_id, but=keep_session)
    record_audit(session, action="user.password_changed", subject="user", subject_id=user_id, actor=actor, now=now)
    return True


def invite_user(
    session: WriteSession, user_id: UUID, email: str, *, actor: Actor, actor_role: Role, now: datetime
) -> Invitation:
    """A way to a (new) password for a user; whoever invites hands the token over. Earlier ones are void.

    The e-mail is theirs only once they accept: nobody can take another's by inviting it.

    Raises:
        UserNotFound: there is none.
        UserInactive: the user was deactivated.
        RoleNotYours: an owner is invited by somebody who is none.
        EmailInvalid: it cannot be an e-mail.
    """
    user = identity.get_user(session, user_id)
    check_role_change(actor_role, user.role)
    if not user.is_active:
        raise UserInactive(user_id)
    token = f"{tenant_of(session).hex}.{secrets.token_urlsafe(TOKEN_BYTES)}"
    expires_at = now + INVITATION_LASTS
    invitation_id = repository.add_invitation(
        session, user_id, email=checked_email(email), token_hash=digest_of(token), now=now, expires_at=expires_at
    )
    record_audit(session, action="user.invited", subject="user", subject_id=user_id, actor=actor, now=now)
    return Invitation(invitation_id, user_id, token, expires_at)


def accept_invitation(
    session: WriteSession,
    tokens: Tokens,
    token: str,
    *,
    email: str,
    index: str,
    password_hash: str,
    place: str,
    now: datetime,
) -> SignedIn:
    """Take an invitation, once: its e-mail and this password are the user's, who is signed in, here and nowhere else.

    Args:
        session: the transaction, in the tenant that the token names.
        tokens: issues.
        token: as it was handed over.
        email: the invitation's.
        index: what that e-mail is looked up by.
        password_hash: of a password that was checked.
        place: where it is taken from.
        now: the current instant.

    Raises:
        InvitationInvalid: not ours, used, or run out; or the user was deactivated.
        EmailTaken: somebody else signs in with the e-mail.
    """
    invitation = repository.lock_invitation(session, digest_of(token))
    if invitation is None or invitation.accepted_at is not None or invitation.expires_at <= now:
        raise InvitationInvalid
    user = identity.get_user(session, invitation.user_id)
    if not user.is_active:
        raise InvitationInvalid
    invitation.accepted_at = now
    row = repository.lock_credential(session, user_id=user.id)
    if row is None:
        credential_id = repository.add_credential(
            session, user.id, email=email, index=index, password_hash=password_hash, now=now
        )
    else:
        credential_id = row.id
        repository.replace_credential(session, row, email=email, index=index, password_hash=password_hash, now=now)
    _note_entry(repository.lock_place(session, credential_id, place, now), now)
    identity.revoke(session, now, user_id=user.id)
    actor = Actor(ActorKind.USER, str(user.id))
    record_audit(session, action="user.invitation_accepted", subject="user", subject_id=user.id, actor=actor, now=now)
    issued = open_user_session(session, tokens, user.id, actor=actor, now=now)
    return SignedIn(tenant_id=tenant_of(session), user=user, tokens=issued)


def digest_of(token: str) -> str:
    """What is kept of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
