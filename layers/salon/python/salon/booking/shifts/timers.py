"""What the minute timer does with proposals."""

from __future__ import annotations

from datetime import timedelta

from salon.booking.shifts import use_cases
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.logs import logger
from salon.platform.single_flight import single_flight

log = logger(__name__)
LEASE = timedelta(minutes=5)


class ExpireShifts:
    """Ends proposals that nobody answered in time, tenant by tenant; one run at a time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self) -> int:
        """How many ended. A batch at a time: what is left waits for the next minute."""
        ended = 0
        with single_flight(self._database, "shifts", clock=self._clock, lease=LEASE) as mine:
            if not mine:
                return 0
            now = self._clock.now()
            with self._database.without_tenant() as session:
                due = use_cases.list_due_shifts(session, now=now)
            for tenant_id in dict.fromkeys(tenant_id for tenant_id, _ in due):
                try:
                    with self._database.transaction(tenant_id) as session:
                        ended += use_cases.expire_shifts(session, now=now)
                except Exception:  # one tenant's trouble must not keep the others' proposals open
                    log.exception("shifts.not_expired", tenant_id=str(tenant_id))
        return ended
