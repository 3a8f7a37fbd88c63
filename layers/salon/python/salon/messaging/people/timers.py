"""What the timer does with conversations that a human is to answer."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from salon.messaging.people import use_cases
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.logs import logger
from salon.platform.single_flight import single_flight

log = logger(__name__)
LEASE = timedelta(minutes=5)
BATCH = 1000
AGAIN_AFTER = timedelta(minutes=5)
"""One that fails stands back so long, so that it does not keep the others waiting at the head of the line."""


class ReturnStaleHandovers:
    """Every minute: reminds the salon of whoever waits, and gives silent conversations back to the assistant."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self) -> int:
        """Look at what is due, each in its own transaction; how many changed. One run at a time."""
        with single_flight(self._database, "handovers", clock=self._clock, lease=LEASE) as mine:
            if not mine:
                return 0
            with self._database.without_tenant() as session:
                due = use_cases.list_stale(session, now=self._clock.now(), limit=BATCH)
            return sum(self._look_at(tenant_id, handover_id) for tenant_id, handover_id in due)

    def _look_at(self, tenant_id: UUID, handover_id: UUID) -> bool:
        now = self._clock.now()
        try:
            with self._database.transaction(tenant_id) as session:
                return use_cases.return_if_stale(session, handover_id, now)
        except Exception:  # one tenant's trouble must not keep the others' clients waiting
            log.exception("handover.not_looked_at", handover_id=str(handover_id))
        with self._database.transaction(tenant_id) as session:
            use_cases.delay_handover(session, handover_id, now + AGAIN_AFTER)
        return False
