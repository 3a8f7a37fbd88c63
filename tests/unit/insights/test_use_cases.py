"""Bookings are counted from their facts."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from salon.booking.domain import CancelReason
from salon.booking.events import BookingCancelled, BookingConfirmed
from salon.insights.use_cases import count_bookings
from salon.platform import metrics as figures
from salon.platform.metrics import MemoryMetrics

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
ABOUT = {
    "occurred_at": NOW,
    "booking_id": UUID(int=1),
    "version": 1,
    "client_id": UUID(int=2),
    "location_id": UUID(int=3),
    "service_id": UUID(int=4),
    "staff_id": None,
    "starts_at": NOW,
    "ends_at": NOW,
}


@pytest.mark.parametrize(
    ("fact", "counted"),
    [
        (BookingConfirmed(**ABOUT), (1, 0)),
        (BookingCancelled(**ABOUT, reason=CancelReason.CLIENT, was_confirmed=True), (0, 1)),
        (BookingCancelled(**ABOUT, reason=CancelReason.CLIENT, was_confirmed=False), (0, 0)),
    ],
)
def test_a_fact_is_counted_for_what_it_is(fact, counted):
    metrics = MemoryMetrics()

    count_bookings(metrics)(None, fact, NOW)

    assert (metrics.total(figures.BOOKING_SUCCESS), metrics.total(figures.BOOKING_CANCELLED)) == counted
