"""What the hold timer does."""

from __future__ import annotations

from datetime import timedelta

from salon.booking import use_cases
from salon.platform import metrics as figures
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.logs import logger
from salon.platform.metrics import Metrics
from salon.platform.single_flight import single_flight

log = logger(__name__)
LEASE = timedelta(minutes=5)


class ExpireHolds:
    """Ends holds that have run out, tenant by tenant; one run at a time."""

    def __init__(self, database: Database, clock: Clock, metrics: Metrics) -> None:
        self._database = database
        self._clock = clock
        self._metrics = metrics

    def __call__(self) -> int:
        """How many holds ended. A batch at a time: what is left waits for the next minute."""
        ended = 0
        with single_flight(self._database, "timer_holds", clock=self._clock, lease=LEASE) as mine:
            if not mine:
                return 0
            now = self._clock.now()
            with self._database.without_tenant() as session:
                stale = use_cases.list_stale_holds(session, now=now)
            for tenant_id in dict.fromkeys(tenant_id for tenant_id, _ in stale):
                try:
                    with self._database.transaction(tenant_id) as session:
                        ended += use_cases.expire_holds(session, now=now)
                except Exception:  # one tenant's trouble must not keep the others' holds alive
                    log.exception("holds.not_expired", tenant_id=str(tenant_id))
        if ended:
            self._metrics.count(figures.HOLD_EXPIRED, ended)
        return ended
