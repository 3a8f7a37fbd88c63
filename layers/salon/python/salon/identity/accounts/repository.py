"""Every query of accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert

from salon.identity.accounts.domain import CredentialRef
from salon.identity.accounts.errors import EmailTaken
from salon.identity.models import CredentialRow, InvitationRow, LoginPlaceRow
from salon.platform import keys
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id

on_constraint("uq_user_credentials_email", EmailTaken)
INDEX_PURPOSE, EMAIL_PURPOSE, INVITATION_PURPOSE = "login.email", "user_credentials.email", "invitations.email"
PLACE_PURPOSE = "login.place"


def index_of(session: WriteSession, email: str, now: datetime) -> str:
    """The digest that an e-mail is looked up by over all tenants; the transaction is nobody's (`rate_buckets.NOBODY`).

    Its key belongs to no tenant and is wrapped by the master key as theirs are; it is made when it is first needed.
    """
    keys.ensure_tenant_key(session, now)
    return keys.blind_index(session, email, purpose=INDEX_PURPOSE).hex()


def find_credential(session: ReadSession, index: str) -> CredentialRef | None:
    """Where the account of an e-mail is; a SECURITY DEFINER function answers."""
    found = session.execute(text("SELECT tenant_id, id FROM credential_ref(:index)"), {"index": index}).one_or_none()
    return None if found is None else CredentialRef(found.tenant_id, found.id)


def lock_credential(
    session: WriteSession, *, credential_id: UUID | None = None, user_id: UUID | None = None
) -> CredentialRow | None:
    """An account's row, locked: attempts at it go one after another."""
    by = CredentialRow.id == credential_id if credential_id is not None else CredentialRow.user_id == user_id
    query = select(CredentialRow).where(by).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def add_credential(
    session: WriteSession, user_id: UUID, *, email: str, index: str, password_hash: str, now: datetime
) -> UUID:
    """Let a user sign in with an e-mail and a password; the account's id.

    Raises:
        EmailTaken: somebody else does.
    """
    row = CredentialRow(
        id=new_id(), tenant_id=tenant_of(session), user_id=user_id, email=_sealed(session, email), email_index=index,
        password_hash=password_hash, changed_at=now, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def replace_credential(
    session: WriteSession, row: CredentialRow, *, email: str, index: str, password_hash: str, now: datetime
) -> None:
    """Another e-mail and another password; what was tried before, from wherever, is forgotten.

    Raises:
        EmailTaken: somebody else signs in with it.
    """
    row.email, row.email_index, row.password_hash = _sealed(session, email), index, password_hash
    row.changed_at = now
    session.execute(delete(LoginPlaceRow).where(LoginPlaceRow.credential_id == row.id))
    session.flush()


def place_index(session: ReadSession, place: str) -> str:
    """The keyed digest that a place is known by; differs between tenants."""
    return keys.blind_index(session, place, purpose=PLACE_PURPOSE).hex()


def has_entered(session: ReadSession, credential_id: UUID, place: str) -> bool:
    """Whether somebody has signed in to the account from there, not too long ago to remember."""
    at_it = LoginPlaceRow.credential_id == credential_id, LoginPlaceRow.place_index == place_index(session, place)
    return bool(session.scalar(select(exists().where(*at_it, LoginPlaceRow.entered_at.is_not(None)))))


def lock_place(session: WriteSession, credential_id: UUID, place: str, now: datetime) -> LoginPlaceRow:
    """What is remembered of attempts at an account from a place, locked; made when it is the first one."""
    index = place_index(session, place)
    fresh = pg_insert(LoginPlaceRow).values(
        id=new_id(), tenant_id=tenant_of(session), credential_id=credential_id, place_index=index,
        failed_attempts=0, tried_at=now,
    )  # fmt: skip
    session.execute(fresh.on_conflict_do_nothing(constraint="uq_login_places_place"))
    query = select(LoginPlaceRow).where(
        LoginPlaceRow.credential_id == credential_id, LoginPlaceRow.place_index == index
    )
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def email_of(session: ReadSession, user_id: UUID) -> str | None:
    """The e-mail that a user signs in with."""
    row = session.scalars(select(CredentialRow).where(CredentialRow.user_id == user_id)).one_or_none()
    return None if row is None else keys.open_for_tenant(session, row.email, purpose=EMAIL_PURPOSE)


def add_invitation(
    session: WriteSession, user_id: UUID, *, email: str, token_hash: str, now: datetime, expires_at: datetime
) -> UUID:
    """An invitation; earlier ones of the user that nobody took are void."""
    void_invitations(session, user_id)
    row = InvitationRow(
        id=new_id(), tenant_id=tenant_of(session), user_id=user_id, token_hash=token_hash, created_at=now,
        expires_at=expires_at, email=keys.seal_for_tenant(session, email, purpose=INVITATION_PURPOSE),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def void_invitations(session: WriteSession, user_id: UUID) -> None:
    """Nobody takes an invitation of the user's any more."""
    session.execute(delete(InvitationRow).where(InvitationRow.user_id == user_id, InvitationRow.accepted_at.is_(None)))


def lock_invitation(session: WriteSession, token_hash: str) -> InvitationRow | None:
    """An invitation, locked: it is taken once."""
    query = select(InvitationRow).where(InvitationRow.token_hash == token_hash).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def invited_email(session: ReadSession, token_hash: str) -> str | None:
    """The e-mail that an invitation is for."""
    row = session.scalars(select(InvitationRow).where(InvitationRow.token_hash == token_hash)).one_or_none()
    return None if row is None else keys.open_for_tenant(session, row.email, purpose=INVITATION_PURPOSE)


def _sealed(session: ReadSession, email: str) -> bytes:
    return keys.seal_for_tenant(session, email, purpose=EMAIL_PURPOSE)
