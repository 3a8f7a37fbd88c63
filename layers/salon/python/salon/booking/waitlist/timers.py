"""What the timers do with the waiting list."""

from __future__ import annotations

from datetime import timedelta

from salon.booking.waitlist import use_cases
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.logs import logger
from salon.platform.single_flight import single_flight

log = logger(__name__)
LEASE = timedelta(minutes=5)
OFFERS_AT_ONCE = 50  # of one tenant in one run


class EndWaiting:
    """Every minute: ends entries whose window is over, and offers that ended without the list being told."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self) -> int:
        """How many entries changed, tenant by tenant; one run at a time."""
        changed = 0
        with single_flight(self._database, "waitlist_end", clock=self._clock, lease=LEASE) as mine:
            if not mine:
                return 0
            now = self._clock.now()
            with self._database.without_tenant() as session:
                due = use_cases.list_due_entries(session, now=now)
            for tenant_id in dict.fromkeys(tenant_id for tenant_id, _ in due):
                try:
                    with self._database.transaction(tenant_id) as session:
                        changed += use_cases.expire_entries(session, now=now)
                except Exception:  # one tenant's trouble must not keep the others' lists waiting
                    log.exception("waitlist.not_ended", tenant_id=str(tenant_id))
        return changed


class FillWaiting:
    """Every hour, after the slots are made: offers what is free and no event told of (new days, new rules, morning)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self) -> int:
        """How many offers were made, each in a transaction of its own; one run at a time."""
        made = 0
        with single_flight(self._database, "waitlist_fill", clock=self._clock, lease=LEASE) as mine:
            if not mine:
                return 0
            with self._database.without_tenant() as session:
                tenants = use_cases.list_waiting_tenants(session, now=self._clock.now())
            for tenant_id in tenants:
                try:
                    for _ in range(OFFERS_AT_ONCE):
                        with self._database.transaction(tenant_id) as session:
                            if use_cases.fill_from_waitlist(session, now=self._clock.now()) is None:
                                break
                        made += 1
                except Exception:  # as above
                    log.exception("waitlist.not_filled", tenant_id=str(tenant_id))
        return made
