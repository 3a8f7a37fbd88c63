"""Slots, and whose time a seat of one takes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from salon.availability.errors import OptionsNotForGroups, SlotTooShort
from salon.platform.timeranges import TimeRange, subtract

OFFER_GAP = timedelta(minutes=30)
"""Starts that are offered together lie so far apart, as long as enough do: less is no choice."""


class SlotStatus(StrEnum):
    """How full a slot is; PostgreSQL works it out from the counters."""

    OPEN = "open"
    PARTIAL = "partial"
    FULL = "full"
    BLOCKED = "blocked"  # by hand; or no rule covers it any more, but somebody has a seat


class ResourceKind(StrEnum):
    """What can be busy."""

    STAFF = "staff"
    CHAIR = "chair"
    ROOM = "room"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A bookable start of a service with a member of staff.

    Attributes:
        staff_id: None for a service that needs nobody.
        starts_at: when the client sits down, UTC.
        ends_at: when the client gets up, UTC, without options.
        busy: from preparation to cleaning, without options: what a chair cannot be given to anybody else in.
        open_from: start of the continuous stretch of working time that the slot lies in; None until it is known.
        open_until: end of that stretch; nothing that makes the service longer may reach beyond it.
        rest: processing time, in which the staff member is free for somebody else and the chair is not.
        travel: the staff member's way to and from this location.
        needs_units: whether the service needs a chair, room or device of some pool.
    """

    id: UUID
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    busy: TimeRange
    capacity: int
    booked: int
    held: int
    status: SlotStatus
    open_from: datetime | None = None
    open_until: datetime | None = None
    rest: TimeRange | None = None
    travel: timedelta = timedelta()
    needs_units: bool = True

    @property
    def taken(self) -> int:
        """Seats that are gone."""
        return self.booked + self.held

    @property
    def has_room(self) -> bool:
        """Whether a seat is left; the staff member may still be busy with something else."""
        return self.status in {SlotStatus.OPEN, SlotStatus.PARTIAL}


def whole_claim(slot: Slot, extra_min: int = 0) -> TimeRange:
    """What a chair, room or device is taken for: from preparation to cleaning, options included.

    Args:
        slot: which is to be taken.
        extra_min: minutes that the chosen options add; negative takes some off.

    Raises:
        OptionsNotForGroups: options change the length, and others share the slot.
        SlotTooShort: the working time ends before the longer service does, or nothing is left of the shorter one.
    """
    if extra_min == 0:
        return slot.busy
    if slot.capacity > 1:
        raise OptionsNotForGroups(slot.id)
    extra = timedelta(minutes=extra_min)
    if slot.ends_at + extra <= slot.starts_at or slot.open_until is None or slot.ends_at + extra > slot.open_until:
        raise SlotTooShort(slot.id)
    return TimeRange(slot.busy.start, slot.busy.end + extra)


def staff_claims(slot: Slot, extra_min: int = 0) -> tuple[TimeRange, ...]:
    """What the staff member is taken for: the same in one piece, or in two around the processing time.

    Raises:
        OptionsNotForGroups, SlotTooShort: as `whole_claim`.
    """
    whole = whole_claim(slot, extra_min)
    if slot.staff_id is None:
        return ()
    return tuple(subtract(whole, [slot.rest] if slot.rest is not None else []))


@dataclass(frozen=True, slots=True)
class SlotsGenerated:
    """What a run of slot generation changed."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    blocked: int = 0

    def __add__(self, other: SlotsGenerated) -> SlotsGenerated:
        return SlotsGenerated(
            self.created + other.created,
            self.changed + other.changed,
            self.removed + other.removed,
            self.blocked + other.blocked,
        )
