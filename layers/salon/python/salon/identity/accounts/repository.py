"""Every query of accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text

from salon.identity.accounts.domain import CredentialRef
from salon.identity.accounts.errors import EmailTaken
from salon.identity.models import CredentialRow, InvitationRow
from salon.platform import keys
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id

on_constraint("uq_user_credentials_email", EmailTaken)
INDEX_PURPOSE, EMAIL_PURPOSE, INVITATION_PURPOSE = "login.email", "user_credentials.email", "invitations.email"


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
) -> None:
    """Let a user sign in with an e-mail and a password.

    Raises:
        EmailTaken: somebody else does.
    """
    row = CredentialRow(
        id=new_id(), tenant_id=tenant_of(session), user_id=user_id, email=_sealed(session, email), email_index=index,
        password_hash=password_hash, failed_attempts=0, changed_at=now, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()


def replace_credential(
    session: WriteSession, row: CredentialRow, *, email: str, index: str, password_hash: str, now: datetime
) -> None:
    """Another e-mail and another password.

    Raises:
        EmailTaken: somebody else signs in with it.
    """
    row.email, row.email_index, row.password_hash = _sealed(session, email), index, password_hash
    row.failed_attempts, row.locked_until, row.changed_at = 0, None, now
    session.flush()


def email_of(session: ReadSession, user_id: UUID) -> str | None:
    """The e-mail that a user signs in with."""
    row = session.scalars(select(CredentialRow).where(CredentialRow.user_id == user_id)).one_or_none()
    return None if row is None else keys.open_for_tenant(session, row.email, purpose=EMAIL_PURPOSE)


def add_invitation(
    session: WriteSession, user_id: UUID, *, email: str, token_hash: str, now: datetime, expires_at: datetime
) -> UUID:
    """An invitation; earlier ones of the user that nobody took are void."""
    session.execute(delete(InvitationRow).where(InvitationRow.user_id == user_id, InvitationRow.accepted_at.is_(None)))
    row = InvitationRow(
        id=new_id(), tenant_id=tenant_of(session), user_id=user_id, token_hash=token_hash, created_at=now,
        expires_at=expires_at, email=keys.seal_for_tenant(session, email, purpose=INVITATION_PURPOSE),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


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
