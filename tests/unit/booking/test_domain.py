from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from salon.booking import domain
from salon.booking.domain import Booking, BookingPolicy, BookingStatus
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

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
HELD = Booking(
    id=UUID(int=1),
    client_id=UUID(int=2),
    location_id=UUID(int=3),
    service_id=UUID(int=4),
    staff_id=UUID(int=5),
    slot_id=UUID(int=6),
    starts_at=NOW + timedelta(hours=2),
    ends_at=NOW + timedelta(hours=3),
    status=BookingStatus.HELD,
    hold_expires_at=NOW + timedelta(minutes=10),
    price=None,
    channel="telegram",
    created_at=NOW,
)
CONFIRMED = replace(HELD, status=BookingStatus.CONFIRMED, hold_expires_at=None, confirmed_at=NOW)
BEGUN = replace(CONFIRMED, starts_at=NOW, ends_at=NOW + timedelta(hours=1))


def in_state(status):
    return replace(CONFIRMED, status=status)


def outcome(check, *arguments):
    try:
        check(*arguments)
    except SalonError as error:
        return type(error)
    return None


def outcomes(booking):
    """What becomes of confirming, cancelling, moving, restoring and closing it."""
    return [
        outcome(domain.check_can_confirm, booking, NOW),
        outcome(domain.check_can_cancel, booking),
        outcome(domain.check_can_move, booking, NOW),
        outcome(domain.check_can_restore, booking, NOW),
        outcome(domain.check_visit_over, booking, NOW),
    ]


@pytest.mark.parametrize(
    ("booking", "expected"),
    [
        (HELD, [None, None, None, BookingNotOpen, BookingNotOpen]),
        (CONFIRMED, [None, None, None, BookingNotOpen, VisitNotBegun]),
        (BEGUN, [None, None, SlotInThePast, BookingNotOpen, None]),
        (in_state(BookingStatus.CANCELLED), [*[BookingAlreadyCancelled] * 3, None, BookingAlreadyCancelled]),
        (in_state(BookingStatus.EXPIRED), [HoldExpired, BookingNotOpen, HoldExpired, BookingNotOpen, BookingNotOpen]),
        (in_state(BookingStatus.COMPLETED), [BookingNotOpen] * 5),
        (in_state(BookingStatus.NO_SHOW), [BookingNotOpen] * 5),
    ],
    ids=["held", "confirmed", "begun", "cancelled", "expired", "completed", "no_show"],
)
def test_what_may_be_done_hangs_on_the_state(booking, expected):
    assert outcomes(booking) == expected


def test_a_hold_ends_at_its_very_instant():
    assert not HELD.is_stale(NOW + timedelta(minutes=10) - timedelta(microseconds=1))
    assert HELD.is_stale(NOW + timedelta(minutes=10))
    with pytest.raises(HoldExpired):
        domain.check_can_confirm(HELD, NOW + timedelta(minutes=10))


def test_what_was_never_agreed_or_is_past_is_not_restored():
    cancelled = in_state(BookingStatus.CANCELLED)
    with pytest.raises(BookingNotRestorable):
        domain.check_can_restore(replace(cancelled, confirmed_at=None), NOW)
    with pytest.raises(BookingNotRestorable):
        domain.check_can_restore(cancelled, cancelled.starts_at)


def test_only_the_future_within_the_horizon_is_bookable():
    policy = BookingPolicy(horizon_days=60)
    domain.check_slot_time(UUID(int=6), NOW + timedelta(days=60), NOW, policy)
    with pytest.raises(OutsideBookingHorizon):
        domain.check_slot_time(UUID(int=6), NOW + timedelta(days=60, seconds=1), NOW, policy)
    with pytest.raises(SlotInThePast):
        domain.check_slot_time(UUID(int=6), NOW, NOW, policy)


def test_a_booking_that_is_over_may_have_lost_its_slot():
    with pytest.raises(SalonError, match="no slot"):
        _ = replace(CONFIRMED, slot_id=None).active_slot_id
