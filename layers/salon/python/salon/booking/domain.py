"""A booking's life. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from salon.booking.errors import (
    BookingAlreadyCancelled,
    BookingNotOpen,
    BookingNotRestorable,
    HoldExpired,
    OutsideBookingHorizon,
    SlotInThePast,
    VisitNotBegun,
)
from salon.platform.errors import SalonError
from salon.platform.money import Money


class BookingStatus(StrEnum):
    """held → confirmed → completed | cancelled | no_show, or expired."""

    HELD = "held"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    EXPIRED = "expired"


ACTIVE = frozenset({BookingStatus.HELD, BookingStatus.CONFIRMED})


class CancelReason(StrEnum):
    """Why a booking was cancelled: a word for the figures, never a person's own text."""

    CLIENT = "client"
    SALON = "salon"
    STAFF_ABSENT = "staff_absent"
    DUPLICATE = "duplicate"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPolicy:
    """A tenant's periods (requirements/3: a hold lives 10 minutes, slots are made for 60 days)."""

    hold_for: timedelta = timedelta(minutes=10)
    horizon_days: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """The agreement that a client comes.

    Attributes:
        slot_id: None once the slot is gone, which only happens to bookings that are over.
        starts_at: copied from the slot, UTC.
        ends_at: copied from the slot, UTC.
        hold_expires_at: when a held booking ends by itself.
        price: copied from the price list that was valid for the day of the visit; None when there was none.
        channel: where it was made: a messenger, `console`, `site`.
        version: grows with every change.
    """

    id: UUID
    client_id: UUID
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None
    slot_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    status: BookingStatus
    hold_expires_at: datetime | None
    price: Money | None
    channel: str
    created_at: datetime
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: CancelReason | None = None
    version: int = 1

    @property
    def active_slot_id(self) -> UUID:
        """The slot of a held or confirmed booking; the database keeps it there."""
        if self.slot_id is None:
            raise SalonError(f"Booking {self.id} has no slot any more.")
        return self.slot_id

    def is_stale(self, now: datetime) -> bool:
        """Whether it is a hold that has run out."""
        return self.status is BookingStatus.HELD and self.hold_expires_at is not None and self.hold_expires_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingChange:
    """What a booking was after a change; `change` is the fact's name."""

    version: int
    change: str
    status: BookingStatus
    slot_id: UUID | None
    staff_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    actor_kind: str
    actor_id: str
    at: datetime


def check_slot_time(slot_id: UUID, starts_at: datetime, now: datetime, policy: BookingPolicy) -> None:
    """Refuse a slot that has begun, or that lies too far ahead.

    Raises:
        SlotInThePast: it has begun.
        OutsideBookingHorizon: it lies too far ahead.
    """
    if starts_at <= now:
        raise SlotInThePast(slot_id, starts_at)
    if starts_at > now + timedelta(days=policy.horizon_days):
        raise OutsideBookingHorizon(slot_id, policy.horizon_days)


def check_can_confirm(booking: Booking, now: datetime) -> None:
    """Refuse to confirm what is no hold, or no longer.

    Raises:
        HoldExpired: the hold has run out.
        BookingAlreadyCancelled, BookingNotOpen: it is over.
    """
    if booking.status is BookingStatus.EXPIRED or booking.is_stale(now):
        raise HoldExpired(booking.id)
    _check_active(booking)


def check_can_cancel(booking: Booking) -> None:
    """Refuse to cancel what is over.

    Raises:
        BookingAlreadyCancelled, BookingNotOpen: it is over.
    """
    _check_active(booking)


def check_can_move(booking: Booking, now: datetime) -> None:
    """Refuse to move what is over, has begun, or whose hold has run out.

    Raises:
        HoldExpired: the hold has run out.
        SlotInThePast: the visit has begun.
        BookingAlreadyCancelled, BookingNotOpen: it is over.
    """
    check_can_confirm(booking, now)
    if booking.starts_at <= now:
        raise SlotInThePast(booking.active_slot_id, booking.starts_at)


def check_can_restore(booking: Booking, now: datetime) -> None:
    """Refuse to bring back what was never agreed, is not cancelled or should have begun.

    Raises:
        BookingNotOpen: it is not cancelled.
        BookingNotRestorable: it was never confirmed, or lies in the past.
    """
    if booking.status is not BookingStatus.CANCELLED:
        raise BookingNotOpen(booking.id, booking.status)
    if booking.confirmed_at is None or booking.starts_at <= now:
        raise BookingNotRestorable(booking.id)


def check_visit_over(booking: Booking, now: datetime) -> None:
    """Refuse to close a visit that was not agreed or has not begun.

    Raises:
        VisitNotBegun: it lies ahead.
        BookingAlreadyCancelled, BookingNotOpen: it is not confirmed.
    """
    if booking.status is not BookingStatus.CONFIRMED:
        _check_active(booking)
        raise BookingNotOpen(booking.id, booking.status)
    if booking.starts_at > now:
        raise VisitNotBegun(booking.id, booking.starts_at)


def _check_active(booking: Booking) -> None:
    if booking.status is BookingStatus.CANCELLED:
        raise BookingAlreadyCancelled(booking.id)
    if booking.status not in ACTIVE:
        raise BookingNotOpen(booking.id, booking.status)
