"""The accounts that a webhook's call may be for, on the webhook's bare connection. No SQLAlchemy here (DESIGN §6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from salon.messaging.domain import Channel, ChannelCredentials
from salon.platform import crypto
from salon.platform.crypto import MasterKeys
from salon.platform.errors import NotFound
from salon.platform.key_wrapping import unwrap_tenant_key
from salon.platform.pg import PgDatabase, PgTransaction

CREDENTIALS_AAD = b"channel_credentials"

_BY_KEY = "SELECT tenant_id, id FROM channel_account_ref(:channel, :account_key)"
_BY_EXTERNAL_ID = """
SELECT wanted.id, found.tenant_id, found.id
FROM unnest(CAST(:external_ids AS text[])) AS wanted (id)
CROSS JOIN LATERAL channel_account_by_external(:channel, wanted.id) AS found
"""
_ACCOUNT = """
SELECT account.credentials, account.external_id, account.config, key.wrapped
FROM channel_accounts AS account
JOIN data_keys AS key ON key.subject_kind = 'tenant' AND key.subject_id = account.tenant_id
WHERE account.id = :account_id AND account.status <> 'disabled' AND key.wrapped IS NOT NULL
"""
_NEEDED = {
    Channel.TELEGRAM: (),
    Channel.MAX: (),
    Channel.VK: ("confirmation",),
    Channel.WHATSAPP: ("verify_token", "external_id"),
    Channel.INSTAGRAM: ("verify_token", "external_id"),
}
"""What an account must have beside a webhook secret, which every one of them needs (facts/channels.md §0)."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account, with what is needed to check and keep an event of it."""

    tenant_id: UUID
    account_id: UUID
    credentials: ChannelCredentials
    tenant_key: bytes = field(repr=False)

    def is_meant(self, named: str) -> bool:
        """Whether an event that names `named` is this account's; one that names none, or whose id nobody knows, is."""
        own = self.credentials
        return not named or not own.external_id or named in {own.external_id, own.business_id}

    def lacks(self, channel: Channel, *, secrets: bool = True) -> list[str]:
        """What is missing in the configuration, by the names of the settings."""
        needed = (*(("webhook_secrets",) if secrets else ()), *_NEEDED[channel])
        return [name for name in needed if not any(getattr(self.credentials, name))]


class Accounts:
    """Finds accounts and opens their secrets."""

    def __init__(self, database: PgDatabase, master: Callable[[], MasterKeys]) -> None:
        self._database = database
        self._master = master

    def by_key(self, transaction: PgTransaction, channel: Channel, account_key: str) -> Account:
        """The account whose key stands in the webhook's URL; the transaction is inside its tenant then.

        Raises:
            NotFound: there is none, it is disabled, or its tenant was erased.
        """
        refs = transaction.rows(_BY_KEY, channel=channel.value, account_key=account_key)
        found = self._open(transaction, *refs[0]) if refs else None
        if found is None:
            raise NotFound("channel account", account_key)
        return found

    def by_external_ids(
        self, transaction: PgTransaction, channel: Channel, external_ids: Iterable[str]
    ) -> dict[str, Account]:
        """The accounts by the providers' ids of them; of any tenant, so that the transaction ends up in another."""
        refs = transaction.rows(_BY_EXTERNAL_ID, channel=channel.value, external_ids=sorted(external_ids))
        opened = {name: self._open(transaction, tenant_id, account_id) for name, tenant_id, account_id in refs}
        return {name: account for name, account in opened.items() if account is not None}

    def _open(self, transaction: PgTransaction, tenant_id: UUID, account_id: UUID) -> Account | None:
        self._database.enter(transaction, tenant_id)
        rows = transaction.rows(_ACCOUNT, account_id=account_id)
        if not rows:
            return None
        [[sealed, external_id, config, wrapped]] = rows
        tenant_key = unwrap_tenant_key(self._master(), tenant_id, wrapped)
        stored = json.loads(crypto.unseal(tenant_key, sealed, aad=CREDENTIALS_AAD))
        return Account(tenant_id, account_id, _credentials(stored, external_id, config or {}), tenant_key)


def _credentials(stored: dict[str, Any], external_id: str | None, config: dict[str, Any]) -> ChannelCredentials:
    """What a webhook is checked against: all but the token, which only sending needs (and MAX's contacts later)."""
    return ChannelCredentials(
        token="",
        webhook_secrets=tuple(stored.get("webhook_secrets") or ()),
        verify_token=str(stored.get("verify_token") or ""),
        confirmation=str(stored.get("confirmation") or ""),
        external_id=external_id or "",
        business_id=str(stored.get("business_id") or config.get("business_id") or ""),
        app_id=str(stored.get("app_id") or config.get("app_id") or ""),
    )
