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
    DepositNotDue,
    HoldExpired,
    PaymentRequired,
    SlotInThePast,
    StaffOnly,
    VisitBegun,
    VisitNotBegun,
)
from salon.identity.domain import Actor, ActorKind
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


class DepositStatus(StrEnum):
    """required → paid | waived; what was paid is kept or refunded when the visit does not take place."""

    REQUIRED = "required"
    PAID = "paid"
    WAIVED = "waived"
    REFUNDED = "refunded"
    KEPT = "kept"


class NextStep(StrEnum):
    """What has to happen to a hold before it is an agreement."""

    PAY = "pay"
    CONFIRM = "confirm"


_DEPOSIT_STEPS = {
    DepositStatus.REQUIRED: frozenset({DepositStatus.PAID, DepositStatus.WAIVED}),
    DepositStatus.WAIVED: frozenset({DepositStatus.PAID}),
    DepositStatus.PAID: frozenset({DepositStatus.REFUNDED, DepositStatus.KEPT}),
    DepositStatus.KEPT: frozenset({DepositStatus.REFUNDED}),
    DepositStatus.REFUNDED: frozenset[DepositStatus](),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """The agreement that a client comes.

    Attributes:
        slot_id: None once the slot is gone, which only happens to bookings that are over.
        starts_at: copied from the slot, UTC.
        ends_at: copied from the slot, with the minutes that the options add, UTC.
        hold_expires_at: when a held booking ends by itself.
        price: what the client pays: copied from the price list that was valid for the day of the visit, with the
            options, less the incentive; None when there was none.
        channel: where it was made: a messenger, `console`, `site`.
        version: grows with every change.
        visit_id: what several bookings in a row have in common; with `visit_position`, which counts from 0.
        series_id: the repeating wish that it comes from.
        session_id: the API session that made it, which alone may see and change it there.
        exposure_id: the offer that it was chosen from, with the `variant` of the rules of that offer.
        extra_min: minutes that the options add; negative when they take some off.
        incentive_minor: minor units taken off the price for an inconvenient time.
        deposit: what has to be paid before a hold is confirmed; None when nothing has.
        is_late_cancel: cancelled by the client later than the tenant allows for free.
        cancel_fee: what the client owes for that; None for nothing.
        has_note: whether a note is sealed with it (`use_cases.read_note`).
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
    visit_id: UUID | None = None
    visit_position: int | None = None
    series_id: UUID | None = None
    session_id: UUID | None = None
    exposure_id: UUID | None = None
    variant: str | None = None
    extra_min: int = 0
    incentive_minor: int = 0
    deposit: Money | None = None
    deposit_status: DepositStatus | None = None
    is_late_cancel: bool = False
    cancel_fee: Money | None = None
    has_note: bool = False

    @property
    def active_slot_id(self) -> UUID:
        """The slot of a held or confirmed booking; the database keeps it there."""
        if self.slot_id is None:
            raise SalonError(f"Booking {self.id} has no slot any more.")
        return self.slot_id

    @property
    def next_step(self) -> NextStep | None:
        """What a hold waits for; None for what is no hold."""
        if self.status is not BookingStatus.HELD:
            return None
        return NextStep.PAY if self.deposit_status is DepositStatus.REQUIRED else NextStep.CONFIRM

    @property
    def hold_to_confirm_ms(self) -> int | None:
        """Milliseconds from the hold to the agreement, for the figure of that name; None before it is one."""
        if self.confirmed_at is None:
            return None
        return round((self.confirmed_at - self.created_at) / timedelta(milliseconds=1))

    @property
    def list_price(self) -> Money | None:
        """The price before the incentive."""
        return self.price + Money(self.incentive_minor, self.price.currency) if self.price is not None else None

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
    booking_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedOption:
    """An option of a booked service, with its minutes and its price as they were when it was booked."""

    option_id: UUID
    extra_min: int
    price: Money | None


def is_client(actor: Actor) -> bool:
    """Whether the client asks, so that the tenant's limits hold; staff and the system may go beyond them."""
    return actor.kind is ActorKind.CLIENT


def require_staff(actor: Actor) -> None:
    """Refuse a client what only the salon may say.

    Raises:
        StaffOnly: a client asks.
    """
    if is_client(actor):
        raise StaffOnly


def check_can_confirm(booking: Booking, now: datetime) -> None:
    """Refuse to confirm what is no hold, or no longer, or is to be paid for first.

    Raises:
        HoldExpired: the hold has run out.
        PaymentRequired: the deposit is neither paid nor waived.
        BookingAlreadyCancelled, BookingNotOpen: it is over.
    """
    check_still_held(booking, now)
    if booking.next_step is NextStep.PAY:
        raise PaymentRequired(booking.id)


def check_still_held(booking: Booking, now: datetime) -> None:
    """Refuse what is over or has run out.

    Raises:
        HoldExpired: the hold has run out.
        BookingAlreadyCancelled, BookingNotOpen: it is over.
    """
    if booking.status is BookingStatus.EXPIRED or booking.is_stale(now):
        raise HoldExpired(booking.id)
    _check_active(booking)


def check_can_cancel(booking: Booking, *, by_client: bool = False, now: datetime | None = None) -> None:
    """Refuse to cancel what is over; a client may not cancel a visit that has begun either.

    Raises:
        BookingAlreadyCancelled, BookingNotOpen: it is over.
        VisitBegun: a client asks too late.
    """
    _check_active(booking)
    is_agreed = booking.status is BookingStatus.CONFIRMED
    if by_client and is_agreed and now is not None and booking.starts_at <= now:
        raise VisitBegun(booking.id, booking.starts_at)


def check_can_move(booking: Booking, now: datetime) -> None:
    """Refuse to move what is over, has begun, or whose hold has run out.

    Raises:
        HoldExpired: the hold has run out.
        SlotInThePast: the visit has begun.
        BookingAlreadyCancelled, BookingNotOpen: it is over.
    """
    check_still_held(booking, now)
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


def check_can_reopen(booking: Booking) -> None:
    """Refuse to undo what was not said: only a completed or missed visit is opened again.

    Raises:
        BookingNotOpen: it is neither.
        BookingAlreadyCancelled: it was cancelled; that is restored instead.
    """
    if booking.status is BookingStatus.CANCELLED:
        raise BookingAlreadyCancelled(booking.id)
    if booking.status not in {BookingStatus.COMPLETED, BookingStatus.NO_SHOW}:
        raise BookingNotOpen(booking.id, booking.status)


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


def check_deposit(booking: Booking, outcome: DepositStatus) -> None:
    """Refuse what does not follow from where the deposit stands.

    Raises:
        DepositNotDue: nothing is asked for, or this does not follow.
    """
    if booking.deposit_status is None or outcome not in _DEPOSIT_STEPS[booking.deposit_status]:
        raise DepositNotDue(booking.id, booking.deposit_status, outcome)


def _check_active(booking: Booking) -> None:
    if booking.status is BookingStatus.CANCELLED:
        raise BookingAlreadyCancelled(booking.id)
    if booking.status not in ACTIVE:
        raise BookingNotOpen(booking.id, booking.status)
