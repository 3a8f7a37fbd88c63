"""Which booked visit would have to move, and where to, for another service to fit in. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from salon.booking.domain import Booking, BookingStatus
from salon.booking.errors import PolicySenseless
from salon.booking.shifts.errors import ShiftNotAllowed, ShiftNotOpen, ShiftWindowSenseless
from salon.platform.timeranges import TimeRange

SETTINGS = "shifts"
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)  # windows lie between these: near year 1 and 9999 there is no calculating
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_LIMITS = {
    "max_shift_min": (5, 12 * 60),
    "notice_min": (0, 7 * 24 * 60),
    "answer_min": (5, 24 * 60),
    "per_client_month": (1, 31),
    "incentive_minor": (0, 100_000_000),
}


class ShiftStatus(StrEnum):
    """proposed → accepted | declined | expired | withdrawn."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPolicy:
    """A tenant's rules: the settings section `shifts`.

    Attributes:
        enabled: whether anybody is asked to move.
        max_shift_min: how far, minutes.
        notice_min: nobody is asked later than so many minutes before the earlier of the two times.
        answer_min: how long an answer is waited for.
        per_client_month: how often one client is asked in 30 days; whoever declined is not asked again meanwhile.
        incentive_minor: taken off the price, unless the proposal says otherwise.
    """

    enabled: bool = True
    max_shift_min: int = 60
    notice_min: int = 180
    answer_min: int = 60
    per_client_month: int = 1
    incentive_minor: int = 0

    def settings(self) -> dict[str, Any]:
        """As the tenant's settings hold it; `policy_from` reads it back."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def policy_from(values: Mapping[str, Any]) -> ShiftPolicy:
    """The policy that settings describe; what they leave out has its default, what is not known here is passed over.

    Raises:
        PolicySenseless: a value is of the wrong type or out of its limits; says which.
    """
    said = {name: value for name, value in values.items() if name in ShiftPolicy.__dataclass_fields__}
    for name in said.keys() & _LIMITS.keys():
        least, most = _LIMITS[name]
        if type(said[name]) is not int or not least <= said[name] <= most:
            raise PolicySenseless(f"{SETTINGS}.{name}", f"is a whole number from {least} to {most}")
    if not isinstance(said.get("enabled", True), bool):
        raise PolicySenseless(f"{SETTINGS}.enabled", "is true or false")
    return ShiftPolicy(**said)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftProposal:
    """A question to a booked client.

    Attributes:
        waitlist_entry_id: who is let in by it.
        incentive_minor: what is taken off the price, minor units.
    """

    id: UUID
    booking_id: UUID
    old_slot_id: UUID
    new_slot_id: UUID
    waitlist_entry_id: UUID | None
    incentive_minor: int
    status: ShiftStatus
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """A slot as far as this calculation needs it: `busy` is what it takes of the staff member, buffers included."""

    slot_id: UUID
    service_id: UUID
    staff_id: UUID
    starts_at: datetime
    busy: TimeRange


@dataclass(frozen=True, slots=True)
class Claim:
    """Why a member of staff is busy; a slot may have several, around its processing time."""

    staff_id: UUID
    slot_id: UUID | None
    busy: TimeRange


@dataclass(frozen=True, slots=True)
class ShiftIdea:
    """One booking, moved from one slot to another, makes the wanted slot free.

    Attributes:
        moved: how far, signed.
    """

    booking: Booking
    old_slot_id: UUID
    new_slot_id: UUID
    new_starts_at: datetime
    wanted_slot_id: UUID
    wanted_starts_at: datetime
    moved: timedelta


def longer(busy: TimeRange, extra_min: int) -> TimeRange:
    """What a slot takes with the minutes that options add, or take off."""
    return TimeRange(busy.start, busy.end + timedelta(minutes=extra_min))


def find_ideas(
    wanted: Sequence[Start],
    claims: Collection[Claim],
    movable: Mapping[UUID, Booking],
    targets: Collection[Start],
    max_shift: timedelta,
) -> list[ShiftIdea]:
    """Single moves that make a wanted slot free, the smallest first; each booking with each wanted slot once.

    A slot that more than one claim stands in the way of would need two clients to move, and is left. Only the staff
    member's time is looked at here; chairs and devices are tried for real afterwards.

    Args:
        wanted: slots of the wanted service, with its options' minutes in `busy`.
        claims: everything the same people are busy with around then.
        movable: bookings that may be asked, by their slot.
        targets: slots that such bookings could move to, with each booking's own extra minutes still to be added.
        max_shift: how far a booking may move.
    """
    by_staff: dict[UUID, list[Claim]] = {}
    for claim in claims:
        by_staff.setdefault(claim.staff_id, []).append(claim)
    found: list[ShiftIdea] = []
    for slot in wanted:
        day = by_staff.get(slot.staff_id, [])
        blockers = {claim.slot_id for claim in day if claim.busy.overlaps(slot.busy)}
        if len(blockers) != 1:
            continue
        blocker = next(iter(blockers))
        if blocker is None or blocker not in movable:
            continue
        others = [claim.busy for claim in day if claim.slot_id != blocker]
        best = _nearest_target(movable[blocker], slot, [*others, slot.busy], targets, max_shift)
        if best is not None:
            found.append(best)
    return sorted(found, key=lambda idea: (abs(idea.moved), idea.wanted_starts_at, idea.booking.starts_at))


def _nearest_target(
    booking: Booking, wanted: Start, taken: Sequence[TimeRange], targets: Collection[Start], max_shift: timedelta
) -> ShiftIdea | None:
    possible = [
        target
        for target in targets
        if target.staff_id == wanted.staff_id
        and target.service_id == booking.service_id
        and target.slot_id != booking.slot_id
        and abs(target.starts_at - booking.starts_at) <= max_shift
        and not any(longer(target.busy, booking.extra_min).overlaps(other) for other in taken)
    ]
    if not possible:
        return None
    target = min(possible, key=lambda one: (abs(one.starts_at - booking.starts_at), one.starts_at))
    return ShiftIdea(
        booking=booking,
        old_slot_id=booking.active_slot_id,
        new_slot_id=target.slot_id,
        new_starts_at=target.starts_at,
        wanted_slot_id=wanted.slot_id,
        wanted_starts_at=wanted.starts_at,
        moved=target.starts_at - booking.starts_at,
    )


def check_window(from_at: datetime, to_at: datetime) -> None:
    """Refuse a window in which nothing can be looked for; an empty one is none.

    Raises:
        ShiftWindowSenseless: it ends before it begins, or lies in no sensible year.
    """
    if not (EARLIEST <= from_at <= LATEST and EARLIEST <= to_at <= LATEST):
        raise ShiftWindowSenseless(f"The window lies between the years {EARLIEST.year} and {LATEST.year}.")
    if to_at < from_at:
        raise ShiftWindowSenseless("The window ends before it begins.")


def check_may_ask(booking: Booking, new_starts_at: datetime, now: datetime, policy: ShiftPolicy) -> None:
    """Refuse to ask about a visit that is not agreed, too near, part of a row, or moved too far.

    Raises:
        ShiftNotAllowed: saying why.
    """
    if booking.status is not BookingStatus.CONFIRMED:
        raise ShiftNotAllowed(booking.id, "state")
    if booking.visit_id is not None:
        raise ShiftNotAllowed(booking.id, "visit")
    if min(booking.starts_at, new_starts_at) < now + timedelta(minutes=policy.notice_min):
        raise ShiftNotAllowed(booking.id, "notice")
    if not timedelta() < abs(new_starts_at - booking.starts_at) <= timedelta(minutes=policy.max_shift_min):
        raise ShiftNotAllowed(booking.id, "distance")


def answer_until(booking: Booking, new_starts_at: datetime, now: datetime, policy: ShiftPolicy) -> datetime:
    """How long the client has to answer: never beyond half of what is left until the earlier of the two times."""
    left = (min(booking.starts_at, new_starts_at) - now) / 2
    return now + min(timedelta(minutes=policy.answer_min), left)


def check_open(proposal: ShiftProposal, now: datetime) -> None:
    """Refuse to answer what was answered or has run out.

    Raises:
        ShiftNotOpen: it was.
    """
    if proposal.status is not ShiftStatus.PROPOSED:
        raise ShiftNotOpen(proposal.id, proposal.status)
    if proposal.expires_at <= now:
        raise ShiftNotOpen(proposal.id, ShiftStatus.EXPIRED)
