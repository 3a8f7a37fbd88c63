"""What has happened to a series. Its visits are bookings and tell their own facts."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from salon.booking.series.domain import MissReason
from salon.platform.facts import Fact


class SeriesFact(Fact):
    """What every fact about a series says."""

    series_id: UUID
    client_id: UUID
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None


class SeriesCreated(SeriesFact):
    """Somebody will come regularly."""

    name: ClassVar[str] = "series.created"

    first_on: date
    every_days: int
    occurrences: int


class SeriesChanged(SeriesFact):
    """The visits that are not made yet will be at another time, or with somebody else."""

    name: ClassVar[str] = "series.changed"


class SeriesCancelled(SeriesFact):
    """Nothing is booked any more from this local day on."""

    name: ClassVar[str] = "series.cancelled"

    from_on: date


class SeriesOccurrenceMissed(SeriesFact):
    """A visit of the series could not be booked; the nearest free slots, if any, are named."""

    name: ClassVar[str] = "series.occurrence_missed"

    on: date
    wished_at: datetime
    reason: MissReason
    alternative_slot_ids: tuple[UUID, ...]
