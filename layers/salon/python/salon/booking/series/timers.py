"""What the slot timer does with series, once the slots of the horizon are made."""

from __future__ import annotations

from datetime import timedelta

from salon.booking.series import use_cases
from salon.identity.domain import system
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.logs import logger
from salon.platform.settings import BookingSettings
from salon.platform.single_flight import single_flight

log = logger(__name__)
LEASE = timedelta(minutes=10)


class ExtendSeries:
    """Books the visits of series that the booking horizon has reached; one run at a time."""

    def __init__(self, database: Database, clock: Clock, settings: BookingSettings) -> None:
        self._database = database
        self._clock = clock
        self._settings = settings

    def __call__(self) -> int:
        """How many visits were booked, each series in a transaction of its own."""
        booked = 0
        with single_flight(self._database, "series", clock=self._clock, lease=LEASE) as mine:
            if not mine:
                return 0
            horizon = self._settings.slot_horizon_days
            until = self._clock.now().date() + timedelta(days=horizon + 1)  # the day is another one further east
            with self._database.without_tenant() as session:
                due = use_cases.list_due_series(session, until=until)
            for tenant_id, series_id in due:
                try:
                    with self._database.transaction(tenant_id) as session:
                        result = use_cases.extend_series(
                            session, series_id, actor=system("series"), now=self._clock.now(), horizon_days=horizon
                        )
                    booked += len(result.bookings)
                except Exception:  # one series' trouble must not keep the others waiting
                    log.exception("series.not_extended", series_id=str(series_id))
        return booked
