"""A booking as the salon sees it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from salon.booking.domain import Booking, BookingStatus, CancelReason, DepositStatus, NextStep
from salon.platform.money import Money


class BookingView(BaseModel):
    """The agreement that a client comes; instants are UTC."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    status: BookingStatus
    next_step: NextStep | None
    client_id: UUID
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None
    slot_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    hold_expires_at: datetime | None
    price: Money | None
    incentive_minor: int
    deposit: Money | None
    deposit_status: DepositStatus | None
    channel: str
    created_at: datetime
    confirmed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: CancelReason | None
    is_late_cancel: bool
    cancel_fee: Money | None
    visit_id: UUID | None
    visit_position: int | None
    series_id: UUID | None
    variant: str | None
    extra_min: int
    has_note: bool
    version: int

    @classmethod
    def of(cls, booking: Booking) -> BookingView:
        """The view of a booking."""
        return cls.model_validate(booking)
