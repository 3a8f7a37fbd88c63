"""Every query of identity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from salon.identity.access import Role, User, UserDetails
from salon.identity.domain import AuditRecord
from salon.identity.errors import ChannelAccountNotFound, ChannelAccountTaken, UserNotFound
from salon.identity.models import AuditEntry, ChannelAccount, SessionRow, Tenant, TenantSettingsRow, UserRow
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id

on_constraint("uq_channel_accounts_key", ChannelAccountTaken)
on_constraint("ux_channel_accounts_external", ChannelAccountTaken)


class IdentityRepository:
    """Tenants, channel accounts, the audit log."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    def get_tenant(self) -> Tenant:
        """The tenant of this transaction."""
        return self._session.get_one(Tenant, tenant_of(self._session))

    def find_tenant(self) -> Tenant | None:
        """The tenant of this transaction, None when the transaction was opened with an invented id."""
        return self._session.get(Tenant, tenant_of(self._session))

    def get_account(self, account_id: UUID) -> ChannelAccount:
        """A channel account.

        Raises:
            ChannelAccountNotFound: there is none of this id in the tenant.
        """
        account = self._session.get(ChannelAccount, account_id)
        if account is None:
            raise ChannelAccountNotFound(account_id)
        return account

    def find_account(self, channel: str, account_key: str) -> ChannelAccount | None:
        """A channel account by the key in its webhook's URL."""
        return self._session.scalars(
            select(ChannelAccount).where(ChannelAccount.channel == channel, ChannelAccount.account_key == account_key)
        ).one_or_none()

    def list_accounts(self) -> list[ChannelAccount]:
        """All channel accounts of the tenant."""
        return list(self._session.scalars(select(ChannelAccount).order_by(ChannelAccount.created_at)))

    def list_audit(self, subject: str, subject_id: UUID) -> list[AuditEntry]:
        """What happened to one thing, oldest first."""
        return list(
            self._session.scalars(
                select(AuditEntry)
                .where(AuditEntry.subject == subject, AuditEntry.subject_id == subject_id)
                .order_by(AuditEntry.at, AuditEntry.id)
            )
        )


# FOR NO KEY UPDATE: whoever writes a row that names a user, holding a lock that the change of the user waits for, does
# not wait for the user's own row; else the two would wait for each other.
_UNSHARED = {"key_share": True}


def list_accounts_to_check(
    session: ReadSession, *, before: datetime, again_before: datetime, again_for: Sequence[str], limit: int
) -> list[tuple[UUID, UUID]]:
    """(tenant_id, id) of accounts of all tenants that are due for a check, those that have waited longest first."""
    rows = session.execute(
        text("SELECT tenant_id, id FROM channel_accounts_to_check(:before, :again_before, :again_for, :limit)"),
        {"before": before, "again_before": again_before, "again_for": list(again_for), "limit": limit},
    )
    return [(row.tenant_id, row.id) for row in rows]


def add(session: WriteSession, row: Tenant | ChannelAccount | AuditEntry) -> None:
    """Add a row and let the database judge it at once."""
    session.add(row)
    session.flush()


def find_settings(session: ReadSession, section: str) -> tuple[dict[str, Any], int] | None:
    """A section's values and version."""
    row = session.execute(
        select(TenantSettingsRow.content, TenantSettingsRow.version).where(TenantSettingsRow.section == section)
    ).one_or_none()
    return (dict(row.content), row.version) if row is not None else None


def list_settings(session: ReadSession) -> dict[str, dict[str, Any]]:
    """Every section that was ever written."""
    rows = session.execute(select(TenantSettingsRow.section, TenantSettingsRow.content))
    return {row.section: dict(row.content) for row in rows}


def put_settings(session: WriteSession, section: str, content: dict[str, Any], now: datetime) -> tuple[UUID, int]:
    """Write a section, whether it was there or not; its row and its new version."""
    statement = insert(TenantSettingsRow).values(
        id=new_id(), tenant_id=tenant_of(session), section=section, content=content, version=1, updated_at=now
    )
    found = session.execute(
        statement.on_conflict_do_update(
            constraint="uq_tenant_settings_section",
            set_={"content": content, "version": TenantSettingsRow.version + 1, "updated_at": now},
        ).returning(TenantSettingsRow.id, TenantSettingsRow.version)
    ).one()
    return found.id, found.version


def add_user(session: WriteSession, details: UserDetails, now: datetime) -> User:
    """A new, active user."""
    row = UserRow(
        id=new_id(),
        tenant_id=tenant_of(session),
        name=details.name,
        role=details.role.value,
        staff_id=details.staff_id,
        is_active=True,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return _user(row)


def get_user(session: ReadSession, user_id: UUID) -> User:
    """A user.

    Raises:
        UserNotFound: the tenant has none of this id.
    """
    row = session.get(UserRow, user_id)
    if row is None:
        raise UserNotFound(user_id)
    return _user(row)


def lock_user(session: WriteSession, user_id: UUID) -> UserRow:
    """A user's row, to be changed.

    Raises:
        UserNotFound: the tenant has none of this id.
    """
    row = session.get(UserRow, user_id, with_for_update=_UNSHARED, populate_existing=True)
    if row is None:
        raise UserNotFound(user_id)
    return row


def lock_owners(session: WriteSession) -> list[UUID]:
    """Ids of the active owners, their rows locked in the order of their ids: two owners cannot leave at once."""
    return list(
        session.scalars(
            select(UserRow.id)
            .where(UserRow.role == Role.OWNER.value, UserRow.is_active)
            .order_by(UserRow.id)
            .with_for_update(key_share=True)
        )
    )


def list_users(session: ReadSession, *, active_only: bool) -> list[User]:
    """Users by name."""
    found = select(UserRow).order_by(UserRow.name, UserRow.id)
    if active_only:
        found = found.where(UserRow.is_active)
    return [_user(row) for row in session.scalars(found)]


def add_session(session: WriteSession, *, role: Role, user_id: UUID | None, now: datetime, until: datetime) -> UUID:
    """A new session; its id."""
    row = SessionRow(
        id=new_id(),
        tenant_id=tenant_of(session),
        user_id=user_id,
        role=role.value,
        created_at=now,
        expires_at=until,
    )
    session.add(row)
    session.flush()
    return row.id


def find_session(session: ReadSession, session_id: UUID) -> tuple[SessionRow, UserRow | None] | None:
    """A session with its user; visitors have none."""
    row = session.execute(
        select(SessionRow, UserRow)
        .outerjoin(UserRow, (UserRow.tenant_id == SessionRow.tenant_id) & (UserRow.id == SessionRow.user_id))
        .where(SessionRow.id == session_id)
    ).one_or_none()
    return (row[0], row[1]) if row is not None else None


def set_session_client(session: WriteSession, session_id: UUID, client_id: UUID) -> None:
    """Note whom a visitor has booked as."""
    session.execute(update(SessionRow).where(SessionRow.id == session_id).values(client_id=client_id))


def move_session_clients(session: WriteSession, from_id: UUID, into_id: UUID) -> None:
    """Visitors' sessions of one client are the other's."""
    session.execute(update(SessionRow).where(SessionRow.client_id == from_id).values(client_id=into_id))


def revoke(
    session: WriteSession,
    now: datetime,
    *,
    session_id: UUID | None = None,
    user_id: UUID | None = None,
    but: UUID | None = None,
) -> int:
    """End one session, or all of a user `but` one, that have not ended yet; how many."""
    target = SessionRow.id == session_id if session_id is not None else SessionRow.user_id == user_id
    if but is not None:
        target &= SessionRow.id != but
    ended = session.execute(
        update(SessionRow)
        .where(target, SessionRow.revoked_at.is_(None), SessionRow.expires_at > now)
        .values(revoked_at=now)
        .returning(SessionRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def count_sessions(session: ReadSession, user_id: UUID, now: datetime) -> int:
    """How many of a user's sessions live."""
    return (
        session.scalar(
            select(func.count())
            .select_from(SessionRow)
            .where(SessionRow.user_id == user_id, SessionRow.revoked_at.is_(None), SessionRow.expires_at > now)
        )
        or 0
    )


def _user(row: UserRow) -> User:
    return User(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        staff_id=row.staff_id,
        is_active=row.is_active,
        created_at=row.created_at,
    )


def list_audit(
    session: ReadSession, *, subject: str | None, subject_id: UUID | None, before_id: UUID | None, limit: int
) -> list[AuditRecord]:
    """Entries of the audit log, the latest first; ids are made in the order of time."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if subject_id is not None:
        query = query.where(AuditEntry.subject_id == subject_id)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return [
        AuditRecord(
            id=row.id,
            action=row.action,
            subject=row.subject,
            subject_id=row.subject_id,
            actor_kind=row.actor_kind,
            actor_id=row.actor_id,
            data=row.data,
            at=row.at,
        )
        for row in session.scalars(query)
    ]
