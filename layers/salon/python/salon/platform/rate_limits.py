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
TAKE_A_TOKEN = """
INSERT INTO rate_limits AS bucket (tenant_id, key, tokens, refilled_at)
VALUES (:tenant_id, :key, CAST(:capacity AS double precision) - 1, :now)
ON CONFLICT (tenant_id, key) DO UPDATE SET
    tokens = CASE WHEN {available} >= 1 THEN {available} - 1 ELSE {available} END,
    refilled_at = GREATEST(bucket.refilled_at, EXCLUDED.refilled_at),
    refused = {available} < 1
RETURNING refused, tokens
""".format(  # the same expression stands in three places; nothing from outside gets in
    available=(
        "LEAST(CAST(:capacity AS double precision), bucket.tokens + GREATEST(0, EXTRACT(EPOCH FROM"
        " (EXCLUDED.refilled_at - bucket.refilled_at))) * CAST(:per_second AS double precision))"
    )
)


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


INBOUND = Limit(capacity=120, per_second=30.0)
"""Events of one channel account: Telegram itself keeps a bot to about 30 messages a second (facts/channels.md §1.6)."""


def take(transaction: PgTransaction, *, tenant_id: UUID, key: str, limit: Limit, now: datetime) -> None:
    """Take one token from the bucket `key` of a tenant.

    Raises:
        TooManyRequests: it is empty; says after how many seconds a token is there.
    """
    [[refused, tokens]] = transaction.rows(
        TAKE_A_TOKEN, tenant_id=tenant_id, key=key, capacity=limit.capacity, per_second=limit.per_second, now=now
    )
    if refused:
        raise TooManyRequests(wait_s(limit, tokens))


def wait_s(limit: Limit, tokens: float) -> int:
    """Whole seconds until an empty bucket has a token again."""
    return max(1, math.ceil((1 - tokens) / limit.per_second))
