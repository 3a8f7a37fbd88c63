"""Rate limits on a session: the APIs' edge counts a request by several buckets at once.

A limit that guards a request is taken in a transaction of its own, so that it counts although the request rolls back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from salon.platform.db import WriteSession, tenant_of
from salon.platform.rate_limits import TAKE_A_TOKEN, Limit, wait_s

# A count that is lost in a crash costs nothing, so its commit need not wait for the disk.
_TAKE = text(
    f"WITH taken AS ({TAKE_A_TOKEN}) SELECT refused, tokens FROM taken, set_config('synchronous_commit', 'off', true)"  # noqa: S608 - our own words
)
NOBODY = UUID(int=0)
"""The tenant of buckets that belong to none: an address is limited over all tenants, also where they are invented."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit and who it is for. Keys hold ids and digests, never an address."""

    key: str
    limit: Limit


def take_all(session: WriteSession, buckets: Sequence[Bucket], *, now: datetime) -> int:
    """Take one token from each bucket, always in the same order; seconds until all of them have one, 0 for now.

    It refuses nothing itself: the caller commits first, so that the count is kept, and refuses then. Give the
    transaction nothing else to do.
    """
    longest = 0
    for bucket in buckets:
        refused, tokens = session.execute(
            _TAKE,
            {
                "tenant_id": tenant_of(session),
                "key": bucket.key,
                "capacity": bucket.limit.capacity,
                "per_second": bucket.limit.per_second,
                "now": now,
            },
        ).one()
        if refused:
            longest = max(longest, wait_s(bucket.limit, tokens))
    return longest


def purge_idle(session: WriteSession, *, now: datetime, idle: timedelta = timedelta(hours=1), limit: int = 500) -> int:
    """Forget buckets that nobody has touched for a while: they are full again; how many. For a timer."""
    gone = session.execute(
        text(
            "DELETE FROM rate_limits WHERE tenant_id = :tenant_id AND key IN (SELECT key FROM rate_limits"
            " WHERE tenant_id = :tenant_id AND refilled_at < :before LIMIT :limit) RETURNING key"
        ),
        {"tenant_id": tenant_of(session), "before": now - idle, "limit": limit},
    )
    return len(gone.all())
