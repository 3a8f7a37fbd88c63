"""Who is offered what when a member of staff is absent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from salon.availability.domain import Slot
from salon.booking.domain import Booking
from salon.platform.timeranges import TimeRange

ALTERNATIVES = 3
APART = timedelta(minutes=30)  # two offers to one client begin at least so far apart, as in every other message


class AbsenceMode(StrEnum):
    """What is done about an absence."""

    PROPOSE = "propose"  # every client is asked
    MOVE = "move"  # whoever can be served at the same time by somebody else is moved, the others are asked


class Outcome(StrEnum):
    """What became of a booking, or would."""

    SAME_TIME = "same_time"  # somebody else is free at that very time
    OTHER_TIME = "other_time"  # only other times are free
    NOTHING = "nothing"  # nothing is free within reach
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class AffectedBooking:
    """A booking that cannot stay.

    Attributes:
        booking: as it is.
        alternatives: what to offer instead, the best first, at most three; no two clients have the same time of one
            person among theirs.
        reason: what the first of them is, or what was done.
    """

    booking: Booking
    alternatives: tuple[Slot, ...]
    reason: Outcome


@dataclass(frozen=True, slots=True)
class AbsenceReport:
    """What was done about an absence; running it again changes and tells nothing.

    Attributes:
        affected: those that are still with the absent person, or were just moved.
        moved: how many were moved now.
        told: how many clients are newly to be asked.
    """

    affected: tuple[AffectedBooking, ...]
    moved: int
    told: int


def is_affected(booking: Booking, absence: TimeRange) -> bool:
    """Whether a visit shares time with an absence."""
    return booking.starts_at < absence.end and absence.start < booking.ends_at


def order_alternatives(booking: Booking, slots: Sequence[Slot], absence: TimeRange) -> list[Slot]:
    """Free slots for a booking, the best first: the same time, then the nearest; the absent person only later."""

    def is_possible(slot: Slot) -> bool:
        extra = timedelta(minutes=booking.extra_min)
        is_absent = slot.staff_id == booking.staff_id and slot.starts_at < absence.end
        return not (is_absent and absence.start < slot.ends_at + extra)

    return sorted(
        (slot for slot in slots if is_possible(slot)),
        key=lambda slot: (abs(slot.starts_at - booking.starts_at), slot.starts_at, str(slot.staff_id)),
    )


def share_out(wishes: Mapping[UUID, Sequence[Slot]], bookings: Sequence[Booking]) -> list[AffectedBooking]:
    """Give each booking up to three of its slots, so that no two of them promise the same time of one person.

    First whoever could keep their time is given it, those with the fewest ways to do so first; then everybody gets a
    first offer before anybody gets a second.

    Args:
        wishes: booking id to its slots, the best first.
        bookings: in the order of the answer, and of who goes first among equals.
    """
    given: dict[UUID, list[Slot]] = {booking.id: [] for booking in bookings}
    promised: list[tuple[UUID, Slot]] = []

    def give(booking: Booking, slots: Sequence[Slot]) -> None:
        own = given[booking.id]
        for slot in slots:
            is_near = any(abs(slot.starts_at - other.starts_at) < APART for other in own)
            if not is_near and not any(holder != booking.id and _clash(slot, other) for holder, other in promised):
                own.append(slot)
                promised.append((booking.id, slot))
                return

    same = {
        booking.id: [slot for slot in wishes[booking.id] if slot.starts_at == booking.starts_at] for booking in bookings
    }
    for booking in sorted(bookings, key=lambda one: len(same[one.id])):
        give(booking, same[booking.id])
    for number in range(1, ALTERNATIVES + 1):
        for booking in bookings:
            if len(given[booking.id]) < number:
                give(booking, wishes[booking.id])
    return [
        AffectedBooking(booking, tuple(given[booking.id]), _outcome(booking, given[booking.id])) for booking in bookings
    ]


def moved(affected: AffectedBooking, booking: Booking) -> AffectedBooking:
    """The same, after its booking was moved to the first alternative."""
    return replace(affected, booking=booking, reason=Outcome.MOVED)


def dedupe_key(booking: Booking, starts_at: datetime) -> str:
    """What keeps a client from being asked twice about one visit; a visit that was moved is another one."""
    return f"needs-reschedule:{booking.id}:{booking.staff_id}:{starts_at.isoformat()}"


def _clash(slot: Slot, other: Slot) -> bool:
    if slot.id == other.id:
        return slot.capacity - slot.taken <= 1
    return slot.staff_id is not None and slot.staff_id == other.staff_id and slot.busy.overlaps(other.busy)


def _outcome(booking: Booking, slots: Sequence[Slot]) -> Outcome:
    if not slots:
        return Outcome.NOTHING
    return Outcome.SAME_TIME if slots[0].starts_at == booking.starts_at else Outcome.OTHER_TIME
