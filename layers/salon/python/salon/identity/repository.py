"""Every query of identity."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from salon.identity.errors import ChannelAccountNotFound, ChannelAccountTaken
from salon.identity.models import AuditEntry, ChannelAccount, Tenant
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of

on_constraint("uq_channel_accounts_key", ChannelAccountTaken)


class IdentityRepository:
    """Tenants, channel accounts, the audit log."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session

    def get_tenant(self) -> Tenant:
        """The tenant of this transaction."""
        return self._session.get_one(Tenant, tenant_of(self._session))

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


def add(session: WriteSession, row: Tenant | ChannelAccount | AuditEntry) -> None:
    """Add a row and let the database judge it at once."""
    session.add(row)
    session.flush()
