"""Keeping to a rate by waiting: several token buckets taken together, or none of them, and a place in line.

The tokens are taken in the transaction that goes on to do the work, or to put it off; buckets are named in one order
everywhere, and a refused taker keeps nothing, so that one chat that is slow does not use up the rate of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from salon.platform.db import WriteSession, tenant_of
from salon.platform.rate_buckets import Bucket
from salon.platform.rate_limits import TAKE_A_TOKEN

_TAKE = text(TAKE_A_TOKEN)
_GIVE_BACK = text(
    "UPDATE rate_limits SET tokens = LEAST(CAST(:capacity AS double precision), tokens + 1)"
    " WHERE tenant_id = :tenant_id AND key = :key"
)
# A line is a bucket upside down: it holds those who wait, and drains at the rate.
_STAND_IN_LINE = text("""
INSERT INTO rate_limits AS line (tenant_id, key, tokens, refilled_at) VALUES (:tenant_id, :key, 1, :now)
ON CONFLICT (tenant_id, key) DO UPDATE SET
    tokens = 1 + GREATEST(0, line.tokens - GREATEST(0, EXTRACT(EPOCH FROM (EXCLUDED.refilled_at - line.refilled_at)))
        * CAST(:per_second AS double precision)),
    refilled_at = GREATEST(line.refilled_at, EXCLUDED.refilled_at)
RETURNING tokens
""")


@dataclass(frozen=True, slots=True)
class Held:
    """Why something has to wait.

    Attributes:
        bucket: the one that is empty.
        seconds: how long, more than 0.
    """

    bucket: Bucket
    seconds: float


def take_together(session: WriteSession, buckets: Sequence[Bucket], *, now: datetime) -> Held | None:
    """Take a token from each bucket; None when all had one, otherwise nothing is taken.

    Args:
        session: the transaction; it holds the buckets until it ends, so let it end soon.
        buckets: always in the same order.
        now: the current instant.
    """
    taken: list[Bucket] = []
    for bucket in buckets:
        refused, tokens = session.execute(
            _TAKE,
            {
                **_named(session, bucket.key),
                "capacity": bucket.limit.capacity,
                "per_second": bucket.limit.per_second,
                "now": now,
            },
        ).one()
        if refused:
            for other in taken:
                session.execute(_GIVE_BACK, {**_named(session, other.key), "capacity": other.limit.capacity})
            return Held(bucket, (1 - tokens) / bucket.limit.per_second)
        taken.append(bucket)
    return None


def stand_in_line(session: WriteSession, bucket: Bucket, *, now: datetime) -> float:
    """Seconds after which to try again, so that those whom a bucket refuses come back at its rate, not all at once."""
    named = {**_named(session, f"line:{bucket.key}"), "per_second": bucket.limit.per_second, "now": now}
    waiting = session.execute(_STAND_IN_LINE, named).scalar_one()
    return float(waiting) / bucket.limit.per_second


def _named(session: WriteSession, key: str) -> dict[str, object]:
    return {"tenant_id": tenant_of(session), "key": key}
