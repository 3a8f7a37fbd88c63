"""What a timer does with counts."""

from __future__ import annotations

from salon.inventory.counts import use_cases
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.logs import logger

log = logger(__name__)
AT_ONCE = 500


class ExpireCounts:
    """Ends counts that were left open for too long; each in its own transaction, so that one cannot hold up another."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self) -> int:
        """How many counts ended."""
        now, ended = self._clock.now(), 0
        with self._database.without_tenant() as session:
            stale = use_cases.list_stale(session, now=now, limit=AT_ONCE)
        for tenant_id, count_id in stale:
            try:
                with self._database.transaction(tenant_id) as session:
                    ended += use_cases.expire_count(session, count_id, now=now)
            except Exception:
                log.exception("count.not_expired", tenant_id=str(tenant_id), count_id=str(count_id))
        return ended
