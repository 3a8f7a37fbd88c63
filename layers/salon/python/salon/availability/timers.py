"""What the slot timer does."""

from __future__ import annotations

from datetime import timedelta

from salon.availability import use_cases
from salon.catalog import use_cases as catalog
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.logs import logger
from salon.platform.settings import BookingSettings
from salon.platform.single_flight import single_flight
from salon.platform.timeranges import zone

log = logger(__name__)
LEASE = timedelta(minutes=10)


class MakeSlots:
    """Makes the slots of every location up to the booking horizon; one run at a time."""

    def __init__(self, database: Database, clock: Clock, settings: BookingSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    def __call__(self) -> int:
        """Each location in a transaction of its own; how many were worked on."""
        done = 0
        with single_flight(self._database, "timer_slots", clock=self._clock, lease=LEASE) as mine:
            if not mine:
                return 0
            with self._database.without_tenant() as session:
                locations = use_cases.list_tenant_locations(session)
            for tenant_id, location_id in locations:
                try:
                    with self._database.transaction(tenant_id) as session:
                        now = self._clock.now()
                        today = now.astimezone(zone(catalog.get_location(session, location_id).timezone)).date()
                        last = today + use_cases.booking_horizon(session, self._settings.slot_horizon_days)
                        use_cases.generate_slots(session, location_id=location_id, from_on=today, to_on=last, now=now)
                    done += 1
                except Exception:  # one location's trouble must not keep the others without slots
                    log.exception("slots.not_made", location_id=str(location_id))
        return done
