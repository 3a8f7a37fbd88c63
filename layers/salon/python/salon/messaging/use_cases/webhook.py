"""Accepting a provider's webhook: verify, keep, queue, acknowledge. No SQLAlchemy here (import budget, DESIGN §6).

A stranger is refused: 404 for an account that nobody has, 403 for a handshake, 401 for a secret or a signature. What
the provider itself sends is acknowledged once it is kept, however odd it is: a refusal would only bring the same body
back, and MAX and Meta end the subscription (facts/channels.md §0). The sole exceptions are a rate limit and a database
that is down, where the repeat is what we want.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from salon.messaging.domain import Channel, WireEvent, conversation_key
from salon.messaging.errors import HandshakeRefused
from salon.messaging.ports import ChannelAdapter
from salon.messaging.use_cases.webhook_accounts import Account, Accounts
from salon.platform import correlation, rate_limits
from salon.platform import metrics as figures
from salon.platform.clock import Clock
from salon.platform.crypto import MasterKeys
from salon.platform.errors import NotFound, Unauthenticated
from salon.platform.inbox_receive import Delivery, Received, Source, receive
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.pg import PgDatabase, PgTransaction
from salon.platform.queues import MessageTooLarge, Queue, QueueUnavailable
from salon.platform.settings import WebhookSettings

log = logger(__name__)
LIMITS = {
    Channel.TELEGRAM: rate_limits.INBOUND,
    Channel.MAX: rate_limits.INBOUND_MAX,
    Channel.VK: rate_limits.INBOUND_MAX,
    Channel.WHATSAPP: rate_limits.INBOUND_BATCHED,
    Channel.INSTAGRAM: rate_limits.INBOUND_BATCHED,
}
MAX_NUDGES = 200
"""Conversations queued by one call: twenty calls of the queue. The sweep queues the rest, so that the answer is in time
(Instagram waits five seconds; facts/channels.md §5.2)."""

MAX_ID_CHARS = 600
"""Longer ids of a stranger's making are digested: PostgreSQL indexes no text of kilobytes."""


class WrongSecret(Unauthenticated):
    """The webhook's secret or signature is missing or wrong, or the account has none to check it by."""

    code = "WRONG_SECRET"

    def __init__(self) -> None:
        super().__init__("The webhook's secret is missing or wrong.")


@dataclass(frozen=True, slots=True)
class WebhookCall:
    """One request of a provider.

    Attributes:
        query: of the address; of a repeated name the last value.
        headers: with lower-case names.
        body: as it came.
    """

    method: str
    query: Mapping[str, str] = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider wants to hear, with 200.

    Attributes:
        received: what became of the events, in their order; those that were not taken are left out.
    """

    body: str
    content_type: str
    received: tuple[Received, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A kept event, with what its nudge needs."""

    tenant_id: UUID
    conversation: str
    received: Received


class AcceptWebhook:
    """Keeps authentic events and puts their ids on the inbound queue."""

    def __init__(
        self,
        database: PgDatabase,
        clock: Clock,
        metrics: Metrics,
        *,
        master: Callable[[], MasterKeys],
        adapters: Mapping[Channel, ChannelAdapter],
        inbound: Queue,
        settings: WebhookSettings | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._accounts = Accounts(database, master)
        self._adapters = adapters
        self._inbound = inbound
        self._settings = settings or WebhookSettings()

    def __call__(self, channel: Channel, account_key: str, call: WebhookCall) -> Answer:
        """Take in one webhook call, a handshake or events.

        Args:
            channel: whose webhook it is.
            account_key: from the URL.
            call: the request.

        Raises:
            NotFound: no account has this key, or it is a GET that is no handshake.
            HandshakeRefused: somebody who is not the provider asks who we are.
            WrongSecret: whoever called is not the provider.
            TooManyRequests: the account's rate limit; the provider repeats the events later.
            DatabaseUnavailable, DatabaseBusy: they could not be kept; the provider repeats them.
        """
        adapter = self._adapters[channel]
        with self._database.transaction() as transaction:
            account = self._accounts.by_key(transaction, channel, account_key)
            handshake = self._handshake(adapter, account, call)
            if handshake is not None:
                return Answer(handshake, "text/plain")
            self._demand_configuration(channel, account)
            self._demand_signature(adapter, account, call)
            shares = self._share_out(transaction, adapter, account, call)
            kept = self._keep(transaction, channel, shares, inside=account.tenant_id)
        self._nudge(kept)
        new = sum(one.received.is_new for one in kept)
        if new:
            self._metrics.count(figures.WEBHOOK_EVENTS, new, channel=channel)
        log.info("webhook.accepted", account_id=str(account.account_id), events=len(kept), new=new)
        said = adapter.acknowledgement
        return Answer(said.body, said.content_type, tuple(one.received for one in kept))

    def ping(self) -> None:
        """Whether the database answers; for `/readyz`."""
        with self._database.transaction() as transaction:
            transaction.rows("SELECT 1")

    def _demand_configuration(self, channel: Channel, account: Account) -> None:
        """An account that cannot tell its provider from a stranger, or itself from others, takes nothing in."""
        lacks = account.lacks(channel, secrets=self._settings.strict_webhook_signature)
        if not lacks:
            return
        log.warning("webhook.account_incomplete", account_id=str(account.account_id), lacks=lacks)
        if self._settings.strict_tenant_config:
            self._refused(channel, "incomplete")
            raise WrongSecret

    def _handshake(self, adapter: ChannelAdapter, account: Account, call: WebhookCall) -> str | None:
        try:
            answer = adapter.handshake(call.method, call.query, call.body, account.credentials)
        except HandshakeRefused:
            self._refused(adapter.channel, "handshake")
            raise
        if answer is not None:
            log.info("webhook.handshake", account_id=str(account.account_id))
        elif call.method != "POST":
            raise NotFound("handshake", adapter.channel)
        return answer

    def _demand_signature(self, adapter: ChannelAdapter, account: Account, call: WebhookCall) -> None:
        if not self._settings.strict_webhook_signature:
            log.warning("webhook.signature_not_checked", account_id=str(account.account_id))
        elif not adapter.verify(call.headers, call.body, account.credentials):
            self._refused(adapter.channel, "secret")
            raise WrongSecret

    def _share_out(
        self, transaction: PgTransaction, adapter: ChannelAdapter, account: Account, call: WebhookCall
    ) -> list[tuple[Account, list[WireEvent]]]:
        """The events by whose they are, in an order that is the same for every call: it decides who waits for whom.

        One app of Meta may serve several accounts, and all of their events come to the webhook of one. Another account
        gets its events only if its own secrets vouch for the request as well: nobody can name somebody else's.
        """
        events = [_fitted(event) for event in _unpacked(adapter, call.body)]
        foreign: dict[str, Account] = {}
        if self._settings.strict_tenant_config:
            named = {event.account for event in events if not account.is_meant(event.account)}
            if named:
                found = self._accounts.by_external_ids(transaction, adapter.channel, named)
                self._database.enter(transaction, account.tenant_id)
                foreign = {name: one for name, one in found.items() if self._vouches(adapter, one, call)}
            if refused := [event for event in events if event.account in named - foreign.keys()]:
                self._refused(adapter.channel, "foreign_account", len(refused))
                log.warning("webhook.foreign_account", account_id=str(account.account_id), events=len(refused))
            events = [event for event in events if event.account not in named - foreign.keys()]
        shares: dict[UUID, tuple[Account, list[WireEvent]]] = {}
        for event in events:
            owner = foreign.get(event.account, account)
            shares.setdefault(owner.account_id, (owner, []))[1].append(event)
        return [shares[account_id] for account_id in sorted(shares)]

    def _vouches(self, adapter: ChannelAdapter, account: Account, call: WebhookCall) -> bool:
        if not self._settings.strict_webhook_signature:
            return True
        return not account.lacks(adapter.channel) and adapter.verify(call.headers, call.body, account.credentials)

    def _keep(
        self,
        transaction: PgTransaction,
        channel: Channel,
        shares: Iterable[tuple[Account, list[WireEvent]]],
        *,
        inside: UUID,
    ) -> list[_Kept]:
        """Write the events. The bucket's row is locked first: calls for one account keep their events in turn."""
        now, kept = self._clock.now(), []
        for account, events in shares:
            if account.tenant_id != inside:
                inside = account.tenant_id
                self._database.enter(transaction, inside)
            rate_limits.take(
                transaction,
                tenant_id=account.tenant_id,
                key=f"inbound:{account.account_id}",
                limit=LIMITS[channel],
                now=now,
                tokens=len(events),
            )
            deliveries = [
                Delivery(
                    external_id=event.external_id,
                    conversation_key=conversation_key(channel, account.account_id, event.conversation),
                    body=event.body,
                )
                for event in events
            ]
            received = receive(
                transaction,
                Source(account.tenant_id, channel, account.account_id),
                deliveries,
                key=account.tenant_key,
                correlation_id=correlation.current_id(),
                now=now,
            )
            kept += [
                _Kept(account.tenant_id, delivery.conversation_key, one)
                for delivery, one in zip(deliveries, received, strict=True)
            ]
        return kept

    def _nudge(self, kept: Iterable[_Kept]) -> None:
        """Queue the first open row of each conversation: whoever handles it goes on to the rows behind it.

        When the queue is down, the sweep does it, so the provider need not repeat.
        """
        first: dict[str, _Kept] = {}
        for one in kept:
            if one.received.is_open:
                first.setdefault(one.conversation, one)
        bodies = [{"tenant_id": str(one.tenant_id), "inbox_id": str(one.received.inbox_id)} for one in first.values()]
        if len(bodies) > MAX_NUDGES:
            log.warning("webhook.left_to_the_sweep", conversations=len(bodies) - MAX_NUDGES)
        try:
            if len(bodies) == 1:
                self._inbound.send(bodies[0])
            elif bodies:
                self._inbound.send_many(bodies[:MAX_NUDGES])
        except (QueueUnavailable, MessageTooLarge) as error:
            log.warning("inbox.not_queued", error=error, conversations=len(bodies))

    def _refused(self, channel: Channel, reason: str, count: int = 1) -> None:
        self._metrics.count(figures.WEBHOOK_REFUSED, count, channel=channel, reason=reason)


def _unpacked(adapter: ChannelAdapter, body: bytes) -> list[WireEvent]:
    """The events of a body; whatever an adapter cannot take apart is one event, to be looked at by a person."""
    try:
        events = list(adapter.unpack(body))
    except Exception:
        log.exception("webhook.not_unpacked", bytes=len(body))
        events = []
    return events or [WireEvent(_digest(body), "", body)]


def _fitted(event: WireEvent) -> WireEvent:
    """The event with ids that can be stored and indexed, whatever a provider, or an adapter, made of them."""
    key, chat, named = _fit(event.external_id), _fit(event.conversation), _fit(event.account)
    if (key, chat, named) == (event.external_id, event.conversation, event.account) and key:
        return event
    return WireEvent(key or _digest(event.body), chat, event.body, named)


def _fit(name: str) -> str:
    is_text = name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)
    if len(name) <= MAX_ID_CHARS and is_text and "\x00" not in name:
        return name
    return _digest(name.encode("utf-8", "surrogatepass"))


def _digest(content: bytes) -> str:
    return "sha256:" + sha256(content).hexdigest()
