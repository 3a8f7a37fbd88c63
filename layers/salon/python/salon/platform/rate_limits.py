"""Token buckets in PostgreSQL: one statement takes a token or says how long to wait, correct under concurrency.

The webhook calls `take` on its bare connection; the APIs' edge has `rate_buckets`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from salon.platform.errors import TooManyRequests
from salon.platform.pg import PgTransaction

# The row's lock serialises concurrent takers. A bucket refills by time, never beyond its capacity; a refused taker
# changes nothing, so that hammering does not postpone the refill.
_TAKE = """
INSERT INTO rate_limits AS bucket (tenant_id, key, tokens, refilled_at)
VALUES (:tenant_id, :key, CAST(:capacity AS double precision) - {taken}, :now)
ON CONFLICT (tenant_id, key) DO UPDATE SET
    tokens = CASE WHEN {available} >= 1 THEN {available} - {taken} ELSE {available} END,
    refilled_at = GREATEST(bucket.refilled_at, EXCLUDED.refilled_at),
    refused = {available} < 1
RETURNING refused, tokens
"""
_AVAILABLE = (
    "LEAST(CAST(:capacity AS double precision), bucket.tokens + GREATEST(0, EXTRACT(EPOCH FROM"
    " (EXCLUDED.refilled_at - bucket.refilled_at))) * CAST(:per_second AS double precision))"
)
# The same expressions stand in several places; nothing from outside gets in.
TAKE_A_TOKEN = _TAKE.format(available=_AVAILABLE, taken="1")
_TAKE_TOKENS = _TAKE.format(available=_AVAILABLE, taken="CAST(:taken AS double precision)")


@dataclass(frozen=True, slots=True)
class Limit:
    """How much is allowed.

    Attributes:
        capacity: requests that may come at once.
        per_second: requests a second in the long run.
    """

    capacity: int
    per_second: float

    @classmethod
    def per_minute(cls, requests: int) -> Limit:
        """So many a minute, all of which may come at once."""
        return cls(capacity=requests, per_second=requests / 60)

    @classmethod
    def per_hour(cls, requests: int) -> Limit:
        """So many an hour, all of which may come at once."""
        return cls(capacity=requests, per_second=requests / 3600)


INBOUND = Limit(capacity=120, per_second=30.0)
"""Events of one channel account: Telegram itself keeps a bot to about 30 messages a second (facts/channels.md §1.6)."""

INBOUND_BATCHED = Limit(capacity=3_000, per_second=300.0)
"""Events of a WhatsApp or Instagram account: bodies of 1000, and three statuses for each of 80 messages a second
(facts/channels.md §4.2, §4.6)."""

INBOUND_MAX = Limit(capacity=400, per_second=100.0)
"""Events of a MAX account: at most 100 notifications a second (facts/channels.md §2.3)."""


def take(
    transaction: PgTransaction, *, tenant_id: UUID, key: str, limit: Limit, now: datetime, tokens: int = 1
) -> None:
    """Take tokens from the bucket `key` of a tenant.

    A bucket that holds one token gives as many as are asked for and owes the rest: what came in one body is taken or
    refused as a whole, and a body may hold more than the bucket does. Until it has paid, the bucket gives nothing.

    Raises:
        TooManyRequests: it is empty; says after how many seconds a token is there.
    """
    [[refused, left]] = transaction.rows(
        _TAKE_TOKENS,
        tenant_id=tenant_id,
        key=key,
        capacity=limit.capacity,
        per_second=limit.per_second,
        now=now,
        taken=tokens,
    )
    if refused:
        raise TooManyRequests(wait_s(limit, left))


def wait_s(limit: Limit, tokens: float) -> int:
    """Whole seconds until an empty bucket has a token again."""
    return max(1, math.ceil((1 - tokens) / limit.per_second))
