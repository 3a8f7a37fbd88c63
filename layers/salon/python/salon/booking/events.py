"""What has happened to a booking. Ids and instants only."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from salon.booking.domain import CancelReason, DepositStatus
from salon.platform.facts import Fact


class BookingFact(Fact):
    """What every fact about a booking says; `version` puts facts that arrive out of order into order."""

    booking_id: UUID
    version: int
    client_id: UUID
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None
    starts_at: datetime
    ends_at: datetime


class BookingCreated(BookingFact):
    """A slot is claimed until the hold expires."""

    name: ClassVar[str] = "booking.created"

    hold_expires_at: datetime | None
    exposure_id: UUID | None = None


class BookingConfirmed(BookingFact):
    """The client is coming; `hold_to_confirm_ms` is how long that took to decide."""

    name: ClassVar[str] = "booking.confirmed"

    visit_id: UUID | None = None
    exposure_id: UUID | None = None
    hold_to_confirm_ms: int | None = None


class BookingCancelled(BookingFact):
    """The client is not coming."""

    name: ClassVar[str] = "booking.cancelled"

    reason: CancelReason
    was_confirmed: bool
    is_late: bool = False
    fee_minor: int | None = None
    deposit_status: DepositStatus | None = None


class BookingRestored(BookingFact):
    """A cancellation was undone."""

    name: ClassVar[str] = "booking.restored"


class BookingRescheduled(BookingFact):
    """The booking has another slot."""

    name: ClassVar[str] = "booking.rescheduled"

    old_starts_at: datetime
    old_staff_id: UUID | None
    old_location_id: UUID


class BookingExpired(BookingFact):
    """A hold ran out."""

    name: ClassVar[str] = "booking.expired"


class BookingCompleted(BookingFact):
    """The client was served."""

    name: ClassVar[str] = "booking.completed"


class BookingNoShow(BookingFact):
    """The client did not come."""

    name: ClassVar[str] = "booking.no_show"


class BookingReopened(BookingFact):
    """That the client was served, or did not come, was said by mistake: the booking is confirmed again."""

    name: ClassVar[str] = "booking.reopened"


class BookingDepositRecorded(BookingFact):
    """What became of the deposit."""

    name: ClassVar[str] = "booking.deposit_recorded"

    deposit_status: DepositStatus


class BookingRepriced(BookingFact):
    """The client pays another sum than was agreed; minor units of the booking's currency."""

    name: ClassVar[str] = "booking.repriced"

    price_minor: int | None
    incentive_minor: int
