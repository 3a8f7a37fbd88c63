"""Writing an inbox row without SQLAlchemy, for the webhook (its import budget is in DESIGN §6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from salon.platform import crypto
from salon.platform.ids import new_id
from salon.platform.pg import PgTransaction

PAYLOAD_PURPOSE = "inbox"

_INSERT = """
INSERT INTO inbox (id, tenant_id, source, account_id, external_id, conversation_key, payload, correlation_id,
                   status, attempts, next_attempt_at, received_at)
VALUES (:id, :tenant_id, :source, :account_id, :external_id, :conversation_key, :payload, :correlation_id,
        'open', 0, :now, :now)
ON CONFLICT ON CONSTRAINT uq_inbox_external DO NOTHING
RETURNING id
"""
_EXISTING = """
SELECT id, status FROM inbox
WHERE source = :source AND account_id = :account_id AND external_id = :external_id
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
class Delivery:
    """An authentic event, as it arrived."""

    tenant_id: UUID
    source: str
    account_id: UUID
    external_id: str
    conversation_key: str
    body: bytes
    correlation_id: str | None


def receive(transaction: PgTransaction, delivery: Delivery, *, key: bytes, now: datetime) -> Received:
    """Keep an event before it is acknowledged; a repeat of one that is kept writes nothing.

    Args:
        transaction: inside the event's tenant.
        delivery: the event.
        key: the tenant's data key, which seals the body.
        now: the current instant.
    """
    inbox_id = new_id()
    identity = {
        "source": delivery.source,
        "account_id": delivery.account_id,
        "external_id": delivery.external_id,
    }
    written = transaction.rows(
        _INSERT,
        id=inbox_id,
        tenant_id=delivery.tenant_id,
        conversation_key=delivery.conversation_key,
        payload=crypto.seal(key, delivery.body, aad=PAYLOAD_PURPOSE.encode()),
        correlation_id=delivery.correlation_id,
        now=now,
        **identity,
    )
    if written:
        return Received(inbox_id, is_new=True, is_open=True)
    [[known_id, status]] = transaction.rows(_EXISTING, **identity)
    return Received(known_id, is_new=False, is_open=status == "open")
