"""Writing inbox rows without SQLAlchemy, for the webhook (its import budget is in DESIGN §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from salon.platform import crypto
from salon.platform.ids import new_id
from salon.platform.pg import PgTransaction

PAYLOAD_PURPOSE = "inbox"

# One statement for a thousand events. The rows are numbered in the order in which they are given, because that is the
# order in which a conversation's events are handled.
_INSERT = """
INSERT INTO inbox (id, tenant_id, source, account_id, external_id, conversation_key, payload, correlation_id,
                   status, attempts, next_attempt_at, received_at)
SELECT one.id, :tenant_id, :source, :account_id, one.external_id, one.conversation_key, one.payload, :correlation_id,
       'open', 0, :now, :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:external_ids AS text[]), CAST(:conversation_keys AS text[]),
            CAST(:payloads AS bytea[]))
     WITH ORDINALITY AS one (id, external_id, conversation_key, payload, place)
ORDER BY one.place
ON CONFLICT ON CONSTRAINT uq_inbox_external DO NOTHING
RETURNING id
"""
_EXISTING = """
SELECT external_id, id, status FROM inbox
WHERE source = :source AND account_id = :account_id AND external_id = ANY(CAST(:external_ids AS text[]))
"""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an event.

    Attributes:
        inbox_id: its row.
        is_new: whether this delivery wrote it.
        is_open: whether it still has to be handled; a provider's repeat queues such a row again.
    """

    inbox_id: UUID
    is_new: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Where events come from: one account of one tenant."""

    tenant_id: UUID
    source: str
    account_id: UUID


@dataclass(frozen=True, slots=True)
class Delivery:
    """An authentic event, as it arrived."""

    external_id: str
    conversation_key: str
    body: bytes = field(repr=False)


def receive(
    transaction: PgTransaction,
    source: Source,
    deliveries: Sequence[Delivery],
    *,
    key: bytes,
    correlation_id: str | None,
    now: datetime,
) -> list[Received]:
    """Keep events before they are acknowledged; a repeat of one that is kept, in the same call too, writes nothing.

    Args:
        transaction: inside the events' tenant.
        source: where all of them come from.
        deliveries: the events, in the order in which they are to be handled.
        key: the tenant's data key, which seals the bodies.
        correlation_id: of the call that brought them.
        now: the current instant.

    Returns:
        What became of each, in the same order.
    """
    first = {delivery.external_id: delivery for delivery in reversed(deliveries)}
    once = [delivery for delivery in deliveries if first[delivery.external_id] is delivery]
    ids = {delivery.external_id: new_id() for delivery in once}
    identity = {"source": source.source, "account_id": source.account_id}
    written = transaction.rows(
        _INSERT,
        **identity,
        tenant_id=source.tenant_id,
        ids=list(ids.values()),
        external_ids=list(ids),
        conversation_keys=[delivery.conversation_key for delivery in once],
        payloads=[crypto.seal(key, delivery.body, aad=PAYLOAD_PURPOSE.encode()) for delivery in once],
        correlation_id=correlation_id,
        now=now,
    )
    new = {row[0] for row in written}
    found = {name: Received(made, is_new=True, is_open=True) for name, made in ids.items() if made in new}
    known = [name for name in ids if name not in found]
    if known:
        for name, known_id, status in transaction.rows(_EXISTING, **identity, external_ids=known):
            found[name] = Received(known_id, is_new=False, is_open=status == "open")
    return [_as_delivered(delivery, first[delivery.external_id], found) for delivery in deliveries]


def _as_delivered(delivery: Delivery, first: Delivery, found: dict[str, Received]) -> Received:
    received = found[delivery.external_id]
    if delivery is first:
        return received
    return Received(received.inbox_id, is_new=False, is_open=received.is_open)
