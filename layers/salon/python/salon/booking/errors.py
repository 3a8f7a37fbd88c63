"""What booking refuses. A slot that is taken is availability's refusal: `SlotAlreadyTaken`, code SLOT_FULL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.platform.errors import Conflict, Forbidden, Invalid, NotFound


class BookingNotFound(NotFound):
    """No such booking in this tenant."""

    code = "BOOKING_NOT_FOUND"

    def __init__(self, booking_id: UUID) -> None:
        super().__init__("booking", booking_id)


class HoldExpired(Conflict):
    """The hold ran out before it was confirmed."""

    code = "HOLD_EXPIRED"

    def __init__(self, booking_id: UUID) -> None:
        super().__init__(f"The hold {booking_id} has expired.")
        self.booking_id = booking_id


class BookingAlreadyCancelled(Conflict):
    """The booking was cancelled before."""

    code = "BOOKING_ALREADY_CANCELLED"

    def __init__(self, booking_id: UUID) -> None:
        super().__init__(f"Booking {booking_id} is cancelled already.")
        self.booking_id = booking_id


class BookingNotOpen(Conflict):
    """What is asked for cannot be done to a booking in this state.

    Attributes:
        status: the state it is in.
    """

    code = "BOOKING_NOT_OPEN"

    def __init__(self, booking_id: UUID, status: str) -> None:
        super().__init__(f"Booking {booking_id} is {status}.")
        self.booking_id = booking_id
        self.status = status


class BookingNotRestorable(Conflict):
    """Only a booking that was confirmed before it was cancelled, and that still lies ahead, comes back."""

    code = "BOOKING_NOT_RESTORABLE"

    def __init__(self, booking_id: UUID) -> None:
        super().__init__(f"Booking {booking_id} cannot be restored.")
        self.booking_id = booking_id


class AlreadyBooked(Conflict):
    """This client has this very slot already.

    Attributes:
        booking_id: the booking that is there; None when only the database noticed.
    """

    code = "ALREADY_BOOKED"

    def __init__(self, booking_id: UUID | None = None) -> None:
        super().__init__("This client has this slot already.")
        self.booking_id = booking_id


class SlotInThePast(Conflict):
    """The slot has begun."""

    code = "SLOT_IN_THE_PAST"

    def __init__(self, slot_id: UUID, starts_at: datetime) -> None:
        super().__init__(f"Slot {slot_id} began at {starts_at.isoformat()}.")
        self.slot_id = slot_id


class OutsideBookingHorizon(Conflict):
    """The slot lies further ahead than bookings are taken."""

    code = "OUTSIDE_BOOKING_HORIZON"

    def __init__(self, slot_id: UUID, days: int) -> None:
        super().__init__(f"Slot {slot_id} lies more than {days} days ahead.")
        self.slot_id = slot_id
        self.days = days


class VisitNotBegun(Conflict):
    """A visit that has not begun can be neither completed nor missed."""

    code = "VISIT_NOT_BEGUN"

    def __init__(self, booking_id: UUID, starts_at: datetime) -> None:
        super().__init__(f"Booking {booking_id} begins only at {starts_at.isoformat()}.")
        self.booking_id = booking_id
        self.starts_at = starts_at


class OtherService(Invalid):
    """A booking is moved to a slot of its own service; another service is another booking."""

    code = "OTHER_SERVICE"

    def __init__(self, booking_id: UUID, slot_id: UUID) -> None:
        super().__init__(f"Slot {slot_id} is of another service than booking {booking_id}.")
        self.booking_id = booking_id
        self.slot_id = slot_id


class PaymentRequired(Conflict):
    """The deposit has to be paid or waived before the hold can be confirmed."""

    code = "PAYMENT_REQUIRED"

    def __init__(self, booking_id: UUID) -> None:
        super().__init__(f"Booking {booking_id} waits for its deposit.")
        self.booking_id = booking_id


class DepositNotDue(Conflict):
    """What is said about a deposit does not follow from where it stands.

    Attributes:
        status: where it stands; None when none was asked for.
    """

    code = "DEPOSIT_NOT_DUE"

    def __init__(self, booking_id: UUID, status: str | None, outcome: str) -> None:
        super().__init__(f"The deposit of booking {booking_id} is {status or 'not asked for'} and cannot be {outcome}.")
        self.booking_id = booking_id
        self.status = status


class TooShortNotice(Conflict):
    """The slot begins sooner than clients may book.

    Attributes:
        minutes: how long ahead clients book.
    """

    code = "TOO_SHORT_NOTICE"

    def __init__(self, slot_id: UUID, minutes: int) -> None:
        super().__init__(f"Slot {slot_id} is booked at least {minutes} minutes ahead.")
        self.slot_id = slot_id
        self.minutes = minutes


class TooLateToReschedule(Conflict):
    """A client may not move a visit any more.

    Attributes:
        hours: until how many hours before the visit they might have.
    """

    code = "TOO_LATE_TO_RESCHEDULE"

    def __init__(self, booking_id: UUID, hours: int) -> None:
        super().__init__(f"Booking {booking_id} can be moved until {hours} hours before it begins.")
        self.booking_id = booking_id
        self.hours = hours


class RescheduleLimitReached(Conflict):
    """A client has moved this booking as often as is allowed.

    Attributes:
        limit: how often that is.
    """

    code = "RESCHEDULE_LIMIT_REACHED"

    def __init__(self, booking_id: UUID, limit: int) -> None:
        super().__init__(f"Booking {booking_id} can be moved {limit} times.")
        self.booking_id = booking_id
        self.limit = limit


class VisitBegun(Conflict):
    """A client cannot cancel a visit that has begun."""

    code = "VISIT_BEGUN"

    def __init__(self, booking_id: UUID, starts_at: datetime) -> None:
        super().__init__(f"Booking {booking_id} began at {starts_at.isoformat()}.")
        self.booking_id = booking_id
        self.starts_at = starts_at


class PhoneRequired(Conflict):
    """This salon takes bookings only from clients whose phone it knows."""

    code = "PHONE_REQUIRED"

    def __init__(self) -> None:
        super().__init__("A phone number is needed to book here.")


class TooManyBookings(Conflict):
    """A client has as many visits ahead as this salon allows.

    Attributes:
        limit: how many that is.
    """

    code = "TOO_MANY_BOOKINGS"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A client may have {limit} visits ahead.")
        self.limit = limit


class ClientBusy(Conflict):
    """The client is booked elsewhere at that time, and this salon does not allow that.

    Attributes:
        booking_id: the booking that is in the way.
    """

    code = "CLIENT_BUSY"

    def __init__(self, booking_id: UUID) -> None:
        super().__init__(f"The client has booking {booking_id} at that time.")
        self.booking_id = booking_id


class StaffOnly(Forbidden):
    """Only the salon may say this about a booking."""

    code = "STAFF_ONLY"

    def __init__(self) -> None:
        super().__init__("Only the salon may do this.")


class PolicySenseless(Invalid):
    """A setting of booking makes no sense.

    Attributes:
        setting: which; dotted inside a group, `deposit.percent`.
    """

    code = "POLICY_SENSELESS"

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(f"{setting} {reason}.")
        self.setting = setting


class NoteTooLong(Invalid):
    """A note to a booking is longer than anybody would read.

    Attributes:
        limit: characters that it may have.
    """

    code = "NOTE_TOO_LONG"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A note has {limit} characters at most.")
        self.limit = limit


class VisitNotFound(NotFound):
    """No such visit in this tenant."""

    code = "VISIT_NOT_FOUND"

    def __init__(self, visit_id: UUID) -> None:
        super().__init__("visit", visit_id)


class VisitSenseless(Invalid):
    """Services that cannot be had in a row: none, too many, or at the same time."""

    code = "VISIT_SENSELESS"
