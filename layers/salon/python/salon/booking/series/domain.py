"""When the visits of a series are. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from salon.availability.domain import Slot
from salon.booking.domain import Booking
from salon.booking.series.errors import SeriesNotActive, SeriesSenseless
from salon.platform.timeranges import local_instant, zone

MAX_EVERY_DAYS = 366
MAX_OCCURRENCES = 104  # two years of weeks
MAX_TOLERANCE_MIN = 12 * 60
ALTERNATIVES = 3
BY_SALON = "console"  # the channel of what the salon's people book: their limits hold for it, not those of clients


class SeriesStatus(StrEnum):
    """active → finished (all visits made or found impossible) or cancelled."""

    ACTIVE = "active"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class MissReason(StrEnum):
    """Why a visit of a series was not booked: a word for the figures."""

    NO_SLOT = "no_slot"  # the salon does not work then, or everything near is taken
    REFUSED = "refused"  # there are slots, booking one was refused (taken meanwhile, booked already, a deposit is due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A wish that repeats.

    Attributes:
        staff_id: with this person only; None is anybody.
        first_on: local day of the first visit.
        local_time: wall time at the location; it stays when the clocks change.
        every_days: days from one visit to the next.
        occurrences: how many visits.
        tried: how many of them were booked or found impossible.
        tolerance_min: how far from `local_time` a visit may begin, minutes.
    """

    id: UUID
    client_id: UUID
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None
    option_ids: tuple[UUID, ...] = ()
    first_on: date
    local_time: time
    every_days: int
    occurrences: int
    tried: int = 0
    tolerance_min: int
    status: SeriesStatus
    channel: str
    created_at: datetime

    @property
    def is_by_salon(self) -> bool:
        """Whether the salon made it for the client, so that its visits are the salon's bookings whoever extends it."""
        return self.channel == BY_SALON

    def on(self, occurrence: int) -> date:
        """The local day of a visit, counted from 0."""
        return self.first_on + timedelta(days=occurrence * self.every_days)

    def occurrences_before(self, day: date) -> int:
        """How many of its visits lie before a local day."""
        if day <= self.first_on:
            return 0
        return min(self.occurrences, -(-(day - self.first_on).days // self.every_days))


@dataclass(frozen=True, slots=True)
class Miss:
    """A visit that could not be booked.

    Attributes:
        on: the local day.
        reason: why.
        alternative_slot_ids: the nearest free slots of that day, at most three.
    """

    on: date
    reason: MissReason
    alternative_slot_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """What trying some visits of a series came to; those beyond the horizon are made when it reaches them."""

    series: Series
    bookings: tuple[Booking, ...] = ()
    misses: tuple[Miss, ...] = ()


def check_series(series: Series, now: datetime, timezone: str) -> None:
    """Refuse a series without sense.

    Raises:
        SeriesSenseless: its numbers are out of range, or its first visit lies in the past.
    """
    if not 1 <= series.every_days <= MAX_EVERY_DAYS:
        raise SeriesSenseless(f"A series repeats every 1 to {MAX_EVERY_DAYS} days.")
    if not 1 <= series.occurrences <= MAX_OCCURRENCES:
        raise SeriesSenseless(f"A series has 1 to {MAX_OCCURRENCES} visits.")
    if not 0 <= series.tolerance_min <= MAX_TOLERANCE_MIN:
        raise SeriesSenseless(f"The tolerance is between 0 and {MAX_TOLERANCE_MIN} minutes.")
    if local_instant(series.first_on, series.local_time, timezone) <= now:
        raise SeriesSenseless("The first visit lies in the past.")


def check_active(series: Series) -> None:
    """Refuse to change what makes no more visits.

    Raises:
        SeriesNotActive: it does not.
    """
    if series.status is not SeriesStatus.ACTIVE:
        raise SeriesNotActive(series.id, series.status)


def due_occurrences(series: Series, now: datetime, timezone: str, horizon_days: int) -> range:
    """Which visits to try now: those not tried that lie within the horizon, counted from 0."""
    last_on = now.astimezone(zone(timezone)).date() + timedelta(days=horizon_days)
    reached = series.occurrences_before(last_on)  # a day less than the horizon: it moves with the minute
    return range(series.tried, max(series.tried, reached))


def nearest(slots: Sequence[Slot], wished_at: datetime) -> list[Slot]:
    """The slots by distance from a wish; of equally near ones the earlier."""
    return sorted(slots, key=lambda slot: (abs(slot.starts_at - wished_at), slot.starts_at, str(slot.staff_id)))


def within(slots: Sequence[Slot], wished_at: datetime, tolerance: timedelta) -> list[Slot]:
    """Those of the slots that begin near enough to a wish, the nearest first."""
    return [slot for slot in nearest(slots, wished_at) if abs(slot.starts_at - wished_at) <= tolerance]
