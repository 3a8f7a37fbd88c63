"""The tenant's accounts at messengers, as their adapters want to know them."""

from __future__ import annotations

from uuid import UUID

from salon.identity.use_cases import read_credentials
from salon.messaging.domain import ChannelCredentials
from salon.platform.db import ReadSession

_SECRETS = ("verify_token", "confirmation", "external_id", "business_id", "app_id")


def credentials_of(session: ReadSession, account_id: UUID) -> ChannelCredentials:
    """What an adapter needs to speak for an account.

    Raises:
        ChannelAccountNotFound: the tenant has none of this id.
    """
    stored = read_credentials(session, account_id)
    return ChannelCredentials(
        token=str(stored.get("token", "")),
        webhook_secrets=tuple(stored.get("webhook_secrets", ())),
        **{name: str(stored.get(name) or "") for name in _SECRETS},
    )
