"""Token buckets in PostgreSQL: one statement takes a token or says how long to wait, correct under concurrency.

The webhook calls `take` on its bare connection, the APIs' edge `take_all` on a session. A limit that guards a request
is taken in a transaction of its own, so that it counts although the request rolls back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from salon.platform.errors import TooManyRequests
from salon.platform.pg import PgTransaction

if TYPE_CHECKING:
    from salon.platform.db import WriteSession

NOBODY = UUID(int=0)
"""The tenant of buckets that belong to none: an address is limited over all tenants, also where they are invented."""

# The row's lock serialises concurrent takers. A bucket refills by time, never beyond its capacity; a refused taker
# changes nothing, so that hammering does not postpone the refill.
_TAKE = """
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


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit and who it is for. Keys hold ids and digests, never an address."""

    key: str
    limit: Limit


INBOUND = Limit(capacity=120, per_second=30.0)
"""Events of one channel account: Telegram itself keeps a bot to about 30 messages a second (facts/channels.md §1.6)."""


def take(transaction: PgTransaction, *, tenant_id: UUID, key: str, limit: Limit, now: datetime) -> None:
    """Take one token from the bucket `key` of a tenant.

    Raises:
        TooManyRequests: it is empty; says after how many seconds a token is there.
    """
    [[refused, tokens]] = transaction.rows(
        _TAKE, tenant_id=tenant_id, key=key, capacity=limit.capacity, per_second=limit.per_second, now=now
    )
    if refused:
        raise TooManyRequests(max(1, math.ceil((1 - tokens) / limit.per_second)))


def take_all(session: WriteSession, buckets: Sequence[Bucket], *, now: datetime) -> int:
    """Take one token from each bucket, always in the same order; seconds until all of them have one, 0 for now.

    It refuses nothing itself: the caller commits first, so that the count is kept, and refuses then. Give the
    transaction nothing else to do.
    """
    from sqlalchemy import text

    from salon.platform.db import tenant_of

    wait_s = 0
    for bucket in buckets:
        refused, tokens = session.execute(
            text(_TAKE),
            {
                "tenant_id": tenant_of(session),
                "key": bucket.key,
                "capacity": bucket.limit.capacity,
                "per_second": bucket.limit.per_second,
                "now": now,
            },
        ).one()
        if refused:
            wait_s = max(wait_s, 1, math.ceil((1 - tokens) / bucket.limit.per_second))
    session.execute(text("SET LOCAL synchronous_commit = off"))  # a count lost in a crash costs nothing
    return wait_s


def purge_idle(session: WriteSession, *, now: datetime, idle: timedelta = timedelta(hours=1), limit: int = 500) -> int:
    """Forget buckets that nobody has touched for a while: they are full again; how many. For a timer."""
    from sqlalchemy import text

    from salon.platform.db import tenant_of

    gone = session.execute(
        text(
            "DELETE FROM rate_limits WHERE tenant_id = :tenant_id AND key IN (SELECT key FROM rate_limits"
            " WHERE tenant_id = :tenant_id AND refilled_at < :before LIMIT :limit) RETURNING key"
        ),
        {"tenant_id": tenant_of(session), "before": now - idle, "limit": limit},
    )
    return len(gone.all())
