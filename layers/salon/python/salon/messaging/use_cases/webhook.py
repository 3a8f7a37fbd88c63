"""Accepting a provider's webhook: verify, keep, queue, acknowledge. No SQLAlchemy here (import budget, DESIGN §6)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from salon.messaging.domain import Channel, ChannelCredentials, conversation_key
from salon.messaging.ports import ChannelAdapter
from salon.platform import correlation, crypto, rate_limits
from salon.platform import metrics as figures
from salon.platform.clock import Clock
from salon.platform.crypto import MasterKeys
from salon.platform.errors import NotFound, Unauthenticated
from salon.platform.inbox_receive import Delivery, Received, receive
from salon.platform.key_wrapping import unwrap_tenant_key
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.pg import PgDatabase, PgTransaction
from salon.platform.queues import MessageTooLarge, Queue, QueueUnavailable

log = logger(__name__)
CREDENTIALS_AAD = b"channel_credentials"

_ACCOUNT_REF = "SELECT tenant_id, id FROM channel_account_ref(:channel, :account_key)"
_ACCOUNT = """
SELECT account.credentials, key.wrapped
FROM channel_accounts AS account
JOIN data_keys AS key ON key.subject_kind = 'tenant' AND key.subject_id = account.tenant_id
WHERE account.id = :account_id AND account.status <> 'disabled' AND key.wrapped IS NOT NULL
"""


class WrongSecret(Unauthenticated):
    """The webhook's secret is missing or wrong."""

    code = "WRONG_SECRET"

    def __init__(self) -> None:
        super().__init__("The webhook's secret is missing or wrong.")


@dataclass(frozen=True, slots=True)
class Account:
    """The account that a webhook's URL names, with what is needed to check and keep an event."""

    tenant_id: UUID
    account_id: UUID
    credentials: ChannelCredentials
    tenant_key: bytes = field(repr=False)


class AcceptWebhook:
    """Keeps an authentic event and puts its id on the inbound queue."""

    def __init__(
        self,
        database: PgDatabase,
        clock: Clock,
        metrics: Metrics,
        *,
        master: Callable[[], MasterKeys],
        adapters: Mapping[Channel, ChannelAdapter],
        inbound: Queue,
    ) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._master = master
        self._adapters = adapters
        self._inbound = inbound

    def __call__(self, channel: Channel, account_key: str, headers: dict[str, str], body: bytes) -> Received:
        """Take in one webhook call.

        Args:
            channel: whose webhook it is.
            account_key: from the URL.
            headers: with lower-case names.
            body: as it came.

        Raises:
            NotFound: no account has this key.
            WrongSecret: whoever called is not the provider.
            TooManyRequests: the account's rate limit; the provider repeats the event later.
            DatabaseUnavailable: it could not be kept; the provider repeats it.
        """
        adapter = self._adapters[channel]
        with self._database.transaction() as transaction:
            account = self._account(transaction, channel, account_key)
            if not adapter.verify(headers, body, account.credentials):
                self._metrics.count(figures.WEBHOOK_REFUSED, channel=channel)
                raise WrongSecret
            now = self._clock.now()
            key = f"inbound:{account.account_id}"
            rate_limits.take(transaction, tenant_id=account.tenant_id, key=key, limit=rate_limits.INBOUND, now=now)
            [event] = adapter.unpack(body)
            delivery = Delivery(
                tenant_id=account.tenant_id,
                source=channel,
                account_id=account.account_id,
                external_id=event.external_id,
                conversation_key=conversation_key(channel, account.account_id, event.conversation),
                body=event.body,
                correlation_id=correlation.current_id(),
            )
            received = receive(transaction, delivery, key=account.tenant_key, now=now)
        if received.is_open:
            self._nudge(account.tenant_id, received.inbox_id)
        log.info("webhook.accepted", inbox_id=str(received.inbox_id), is_new=received.is_new)
        return received

    def ping(self) -> None:
        """Whether the database answers; for `/readyz`."""
        with self._database.transaction() as transaction:
            transaction.rows("SELECT 1")

    def _account(self, transaction: PgTransaction, channel: Channel, account_key: str) -> Account:
        refs = transaction.rows(_ACCOUNT_REF, channel=channel.value, account_key=account_key)
        if not refs:
            raise NotFound("channel account", account_key)
        [[tenant_id, account_id]] = refs
        self._database.enter(transaction, tenant_id)
        rows = transaction.rows(_ACCOUNT, account_id=account_id)
        if not rows:
            raise NotFound("channel account", account_key)
        [[sealed, wrapped]] = rows
        tenant_key = unwrap_tenant_key(self._master(), tenant_id, wrapped)
        stored = json.loads(crypto.unseal(tenant_key, sealed, aad=CREDENTIALS_AAD))
        credentials = ChannelCredentials(token="", webhook_secrets=tuple(stored.get("webhook_secrets", ())))
        return Account(tenant_id, account_id, credentials, tenant_key)

    def _nudge(self, tenant_id: UUID, inbox_id: UUID) -> None:
        """Queue the row; when the queue is down the sweep does it, so the provider need not repeat."""
        try:
            self._inbound.send({"tenant_id": str(tenant_id), "inbox_id": str(inbox_id)})
        except (QueueUnavailable, MessageTooLarge) as error:
            log.warning("inbox.not_queued", error=error, inbox_id=str(inbox_id))
