"""A row of the database as a booking. The statements here are read by PostgreSQL only once they are put together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from salon.booking.domain import Booking, BookingStatus, CancelReason, DepositStatus
from salon.booking.errors import AlreadyBooked
from salon.platform.db import on_constraint
from salon.platform.money import Money

on_constraint("uq_bookings_active_slot_client", AlreadyBooked)

# Columns that a change may change; what is only said once, when the booking is made, comes after them.
CHANGING = {
    "location_id": "uuid",
    "staff_id": "uuid",
    "slot_id": "uuid",
    "starts_at": "timestamptz",
    "ends_at": "timestamptz",
    "status": "varchar",
    "hold_expires_at": "timestamptz",
    "price_minor": "integer",
    "currency": "varchar",
    "confirmed_at": "timestamptz",
    "cancelled_at": "timestamptz",
    "cancel_reason": "varchar",
    "version": "integer",
    "incentive_minor": "integer",
    "deposit_minor": "integer",
    "deposit_status": "varchar",
    "is_late_cancel": "boolean",
    "cancel_fee_minor": "integer",
}
LASTING = {
    "id": "uuid",
    "client_id": "uuid",
    "service_id": "uuid",
    "channel": "varchar",
    "created_at": "timestamptz",
    "visit_id": "uuid",
    "visit_position": "smallint",
    "series_id": "uuid",
    "session_id": "uuid",
    "exposure_id": "uuid",
    "variant": "varchar",
    "extra_min": "integer",
}
COLUMNS = ", ".join(f"booking.{name}" for name in (*LASTING, *CHANGING)) + ", booking.note IS NOT NULL AS has_note"


def booking_of(row: Row[Any]) -> Booking:
    """The booking that a row with `COLUMNS` holds."""
    currency = row.currency

    def money(minor: int | None) -> Money | None:
        return Money(minor, currency) if minor is not None and currency is not None else None

    return Booking(
        id=row.id,
        client_id=row.client_id,
        location_id=row.location_id,
        service_id=row.service_id,
        staff_id=row.staff_id,
        slot_id=row.slot_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        status=BookingStatus(row.status),
        hold_expires_at=row.hold_expires_at,
        price=money(row.price_minor),
        channel=row.channel,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        cancelled_at=row.cancelled_at,
        cancel_reason=CancelReason(row.cancel_reason) if row.cancel_reason is not None else None,
        version=row.version,
        visit_id=row.visit_id,
        visit_position=row.visit_position,
        series_id=row.series_id,
        session_id=row.session_id,
        exposure_id=row.exposure_id,
        variant=row.variant,
        extra_min=row.extra_min,
        incentive_minor=row.incentive_minor,
        deposit=money(row.deposit_minor),
        deposit_status=DepositStatus(row.deposit_status) if row.deposit_status is not None else None,
        is_late_cancel=row.is_late_cancel,
        cancel_fee=money(row.cancel_fee_minor),
        has_note=row.has_note,
    )


def changing_values(booking: Booking) -> dict[str, Any]:
    """What `CHANGING` names, for the driver: plain strings, because it takes long over a StrEnum."""
    return {
        "location_id": booking.location_id,
        "staff_id": booking.staff_id,
        "slot_id": booking.slot_id,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "status": booking.status.value,
        "hold_expires_at": booking.hold_expires_at,
        "price_minor": booking.price.minor if booking.price is not None else None,
        "currency": booking.price.currency if booking.price is not None else None,
        "confirmed_at": booking.confirmed_at,
        "cancelled_at": booking.cancelled_at,
        "cancel_reason": booking.cancel_reason.value if booking.cancel_reason is not None else None,
        "version": booking.version,
        "incentive_minor": booking.incentive_minor,
        "deposit_minor": booking.deposit.minor if booking.deposit is not None else None,
        "deposit_status": booking.deposit_status.value if booking.deposit_status is not None else None,
        "is_late_cancel": booking.is_late_cancel,
        "cancel_fee_minor": booking.cancel_fee.minor if booking.cancel_fee is not None else None,
    }


def lasting_values(booking: Booking) -> dict[str, Any]:
    """What `LASTING` names."""
    return {
        "id": booking.id,
        "client_id": booking.client_id,
        "service_id": booking.service_id,
        "channel": booking.channel,
        "created_at": booking.created_at,
        "visit_id": booking.visit_id,
        "visit_position": booking.visit_position,
        "series_id": booking.series_id,
        "session_id": booking.session_id,
        "exposure_id": booking.exposure_id,
        "variant": booking.variant,
        "extra_min": booking.extra_min,
    }
