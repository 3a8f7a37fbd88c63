"""Who waits, for what, and which free slot goes to whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from salon.availability.domain import Slot
from salon.booking.errors import PolicySenseless
from salon.booking.waitlist.errors import NothingOffered, WaitlistEntryNotOpen, WaitlistWindowSenseless
from salon.platform.timeranges import TimeRange, zone

DAY_MIN = 24 * 60
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # windows lie between these: near year 1 and 9999 there is no calculating
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
MIN_HOLD = timedelta(minutes=5)  # nobody reads and answers faster
DECLINED_APART = timedelta(hours=1)  # a start this near to a declined one is the same answer


class WaitlistStatus(StrEnum):
    """waiting ⇄ offered → booked; or withdrawn, or expired."""

    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OPEN = frozenset({WaitlistStatus.WAITING, WaitlistStatus.OFFERED})


class Preference(StrEnum):
    """Who is asked first when one slot suits several."""

    OLDEST = "oldest"  # first come, first served
    BEST_FIT = "best_fit"  # the most minutes sold; of equal ones the one who has waited longest


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistPolicy:
    """A tenant's rules: the settings section `waitlist`.

    Attributes:
        enabled: whether there is a waiting list.
        hold_minutes: how long an offer is held; less when the visit is near.
        max_entries: open entries of one client.
        max_days: the longest window, days.
        max_unanswered: offers in a row that nobody answers before the entry expires.
        prefer: who is asked first.
    """

    enabled: bool = True
    hold_minutes: int = 30
    max_entries: int = 5
    max_days: int = 90
    max_unanswered: int = 3
    prefer: Preference = Preference.OLDEST

    def settings(self) -> dict[str, Any]:
        """As the tenant's settings hold it; `policy_from` reads it back."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


SETTINGS = "waitlist"
_LIMITS = {
    "hold_minutes": (5, 24 * 60),
    "max_entries": (1, 100),
    "max_days": (1, 366),
    "max_unanswered": (1, 20),
}


def policy_from(values: Mapping[str, Any]) -> WaitlistPolicy:
    """The policy that settings describe; what they leave out has its default, what is not known here is passed over.

    Raises:
        PolicySenseless: a value is of the wrong type or out of its limits; says which.
    """
    said = {name: value for name, value in values.items() if name in WaitlistPolicy.__dataclass_fields__}
    for name in said.keys() & _LIMITS.keys():
        least, most = _LIMITS[name]
        if type(said[name]) is not int or not least <= said[name] <= most:
            raise PolicySenseless(f"{SETTINGS}.{name}", f"is a whole number from {least} to {most}")
    if not isinstance(said.get("enabled", True), bool):
        raise PolicySenseless(f"{SETTINGS}.enabled", "is true or false")
    if "prefer" in said:
        if not isinstance(said["prefer"], str) or said["prefer"] not in set(Preference):
            raise PolicySenseless(f"{SETTINGS}.prefer", "is oldest or best_fit")
        said["prefer"] = Preference(said["prefer"])
    return WaitlistPolicy(**said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody waits for.

    Attributes:
        location_id: None is any.
        staff_id: None is anybody.
        from_at: the visit begins at this instant or later, UTC.
        to_at: the visit begins at this instant or earlier, UTC.
        day_from_min: of the local day, the earliest start; None is any.
        day_to_min: of the local day, the latest start; None is any.
    """

    service_id: UUID
    location_id: UUID | None = None
    staff_id: UUID | None = None
    option_ids: tuple[UUID, ...] = ()
    from_at: datetime
    to_at: datetime
    day_from_min: int | None = None
    day_to_min: int | None = None

    def suits(self, starts_at: datetime, timezone: str) -> bool:
        """Whether a visit that begins then, at a place with this clock, is what is wanted."""
        if not self.from_at <= starts_at <= self.to_at:
            return False
        local = starts_at.astimezone(zone(timezone))
        minute = local.hour * 60 + local.minute
        return (self.day_from_min is None or minute >= self.day_from_min) and (
            self.day_to_min is None or minute <= self.day_to_min
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistEntry(Wanted):
    """Somebody waits.

    Attributes:
        offered_booking_id: the hold that is offered, or was the last time; the booking once it is booked.
        offers: offers in a row that nobody answered.
        declined_slot_ids: what was offered and not taken.
        version: grows with every change.
    """

    id: UUID
    client_id: UUID
    status: WaitlistStatus
    offered_booking_id: UUID | None = None
    offers: int = 0
    declined_slot_ids: tuple[UUID, ...] = ()
    channel: str
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def wanted(self) -> Wanted:
        """What it says about the visit."""
        return Wanted(**{name: getattr(self, name) for name in Wanted.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class WaitlistOffer:
    """What was just held for somebody."""

    entry: WaitlistEntry
    booking_id: UUID
    slot: Slot
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Freed:
    """Where something may have become free; None is anywhere, anything, any time."""

    location_id: UUID | None = None
    service_id: UUID | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """A free slot that suits an entry.

    Attributes:
        minutes: that would be sold, options included.
        idle: minutes of the free stretch that stay unsold, as far as they are known.
    """

    entry: WaitlistEntry
    slot: Slot
    minutes: int
    idle: int


def check_wanted(wanted: Wanted, now: datetime, policy: WaitlistPolicy) -> None:
    """Refuse what nobody could ever be offered.

    Raises:
        WaitlistWindowSenseless: the window is over, empty, too long or in no sensible year, or the hours of the day are
            impossible.
    """
    if not (EARLIEST <= wanted.from_at <= LATEST and EARLIEST <= wanted.to_at <= LATEST):
        raise WaitlistWindowSenseless(f"The window lies between the years {EARLIEST.year} and {LATEST.year}.")
    if wanted.to_at <= now:
        raise WaitlistWindowSenseless("The window is over.")
    if wanted.to_at < wanted.from_at:
        raise WaitlistWindowSenseless("The window ends before it begins.")
    if wanted.to_at - max(wanted.from_at, now) > timedelta(days=policy.max_days):
        raise WaitlistWindowSenseless(f"The window is longer than {policy.max_days} days.")
    if not 0 <= (wanted.day_from_min or 0) <= DAY_MIN or not 0 <= (wanted.day_to_min or 0) <= DAY_MIN:
        raise WaitlistWindowSenseless(f"Minutes of a day are between 0 and {DAY_MIN}.")
    if wanted.day_from_min is not None and wanted.day_to_min is not None and wanted.day_from_min > wanted.day_to_min:
        raise WaitlistWindowSenseless("The hours of the day end before they begin.")


def check_open(entry: WaitlistEntry) -> None:
    """Refuse to change what is over.

    Raises:
        WaitlistEntryNotOpen: it is.
    """
    if entry.status not in OPEN:
        raise WaitlistEntryNotOpen(entry.id, entry.status)


def offered_booking(entry: WaitlistEntry) -> UUID:
    """The hold that the client may take or leave.

    Raises:
        NothingOffered: there is none.
    """
    if entry.status is not WaitlistStatus.OFFERED or entry.offered_booking_id is None:
        raise NothingOffered(entry.id)
    return entry.offered_booking_id


def hold_for(starts_at: datetime, now: datetime, policy: WaitlistPolicy) -> timedelta | None:
    """How long an offer is held: never longer than half the time that is left; None when that is too short to ask."""
    left = min(timedelta(minutes=policy.hold_minutes), (starts_at - now) / 2)
    return left if left >= MIN_HOLD else None


def is_declined(slot: Slot, entry: WaitlistEntry, declined_starts: Iterable[datetime]) -> bool:
    """Whether the client has said no to this slot, or to one that begins almost at the same time."""
    return slot.id in entry.declined_slot_ids or any(
        abs(slot.starts_at - declined) < DECLINED_APART for declined in declined_starts
    )


def order_fits(fits: Sequence[Fit], prefer: Preference) -> list[Fit]:
    """Whom to ask first, and with what.

    By age: whoever has waited longest, with the slot that leaves the least idle time. By fit: the most minutes sold,
    then the least idle time; only then age.
    """

    def by_age(fit: Fit) -> tuple[object, ...]:
        return (fit.entry.created_at, fit.entry.id, fit.idle, fit.slot.starts_at, str(fit.slot.staff_id))

    def by_fit(fit: Fit) -> tuple[object, ...]:
        return (-fit.minutes, fit.idle, fit.entry.created_at, fit.entry.id, fit.slot.starts_at, str(fit.slot.staff_id))

    return sorted(fits, key=by_age if prefer is Preference.OLDEST else by_fit)


def idle_minutes(busy: TimeRange, day: Sequence[TimeRange], opening: TimeRange | None) -> int:
    """Minutes of the free stretch around `busy` that it would leave on its shorter side: 0 touches something.

    The gap to the nearest visit, or to the end of the working time where that is known, is what can become unsellable;
    the longer side stays useful. So a slot that touches anything beats one that floats in the middle.

    Args:
        busy: what the visit would take, buffers included.
        day: what is busy already.
        opening: the working time it lies in.
    """
    befores = [(busy.start - other.end) for other in day if other.end <= busy.start]
    afters = [(other.start - busy.end) for other in day if other.start >= busy.end]
    if opening is not None:
        befores.append(max(timedelta(), busy.start - opening.start))
        afters.append(max(timedelta(), opening.end - busy.end))
    gaps = [min(side) for side in (befores, afters) if side]
    return int(min(gaps) / timedelta(minutes=1)) if gaps else DAY_MIN
