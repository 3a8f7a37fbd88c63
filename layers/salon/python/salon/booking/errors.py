"""What booking refuses. A slot that is taken is availability's refusal: `SlotAlreadyTaken`, code SLOT_FULL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from salon.platform.errors import Conflict, Invalid, NotFound


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
