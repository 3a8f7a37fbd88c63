"""A tenant's rules: money, hours, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from salon.booking import domain
from salon.booking.domain import (
    Booking,
    BookingPolicy,
    BookingStatus,
    DepositKind,
    DepositStatus,
    DepositTerms,
    NextStep,
)
from salon.booking.errors import (
    PaymentRequired,
    PolicySenseless,
    RescheduleLimitReached,
    TooLateToReschedule,
    TooShortNotice,
)
from salon.platform.money import Money
from salon.platform.timeranges import local_instant

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
HAIRCUT, NAILS = UUID(int=4), UUID(int=40)
CONFIRMED = Booking(
    id=UUID(int=1),
    client_id=UUID(int=2),
    location_id=UUID(int=3),
    service_id=HAIRCUT,
    staff_id=UUID(int=5),
    slot_id=UUID(int=6),
    starts_at=NOW + timedelta(hours=24),
    ends_at=NOW + timedelta(hours=25),
    status=BookingStatus.CONFIRMED,
    hold_expires_at=None,
    price=Money(250_050),
    channel="telegram",
    created_at=NOW,
    confirmed_at=NOW + timedelta(seconds=1.5),
)
HELD = replace(CONFIRMED, status=BookingStatus.HELD, hold_expires_at=NOW + timedelta(minutes=10), confirmed_at=None)


class TestSettings:
    def test_without_any_the_defaults_hold(self):
        assert domain.policy_from({}) == BookingPolicy()
        assert BookingPolicy().hold_for == timedelta(minutes=10)
        assert BookingPolicy().min_notice == timedelta(minutes=30)

    def test_they_are_read_as_they_are_written(self):
        policy = BookingPolicy(
            hold_for=timedelta(minutes=7),
            payment_hold_for=timedelta(hours=1),
            horizon_days=90,
            min_notice=timedelta(hours=2),
            cancel_free_hours=24,
            late_cancel_fee_percent=50,
            reschedule_limit=2,
            reschedule_free_hours=12,
            deposit=DepositTerms(kind=DepositKind.PERCENT, percent=30, service_ids=frozenset({HAIRCUT})),
            phone_required=True,
            max_active_per_client=3,
            allow_client_overlap=False,
        )
        assert domain.policy_from(policy.settings()) == policy

    def test_a_change_leaves_the_rest_alone_and_lifts_a_limit_with_nothing(self):
        settings = domain.changed_settings({"hold_minutes": 5, "reschedule_limit": 2}, {"reschedule_limit": None})
        policy = domain.policy_from(settings)
        assert (policy.hold_for, policy.reschedule_limit) == (timedelta(minutes=5), None)

    def test_what_a_newer_version_wrote_is_passed_over_when_read(self):
        assert domain.policy_from({"hold_minutes": 5, "loyalty": "gold"}).hold_for == timedelta(minutes=5)

    @pytest.mark.parametrize(
        ("values", "setting"),
        [
            ({"hold_minutes": 0}, "hold_minutes"),
            ({"hold_minutes": "10"}, "hold_minutes"),
            ({"hold_minutes": True}, "hold_minutes"),
            ({"hold_minutes": None}, "hold_minutes"),
            ({"horizon_days": 367}, "horizon_days"),
            ({"late_cancel_fee_percent": 101}, "late_cancel_fee_percent"),
            ({"reschedule_limit": -1}, "reschedule_limit"),
            ({"phone_required": 1}, "phone_required"),
            ({"loyalty": "gold"}, "loyalty"),
            ({"deposit": "none"}, "deposit"),
            ({"deposit": {"kind": ["percent"]}}, "deposit.kind"),
            ({"deposit": {"kind": {"percent": 1}}}, "deposit.kind"),
            ({"cancel_free_hours": 24, "reschedule_free_hours": 23}, "reschedule_free_hours"),
            ({"deposit": {"kind": "some"}}, "deposit.kind"),
            ({"deposit": {"kind": "percent"}}, "deposit.percent"),
            ({"deposit": {"kind": "percent", "percent": 101}}, "deposit.percent"),
            ({"deposit": {"kind": "fixed", "amount_minor": 0}}, "deposit.amount_minor"),
            ({"deposit": {"kind": "fixed", "amount_minor": 1.5}}, "deposit.amount_minor"),
            ({"deposit": {"kind": "none", "service_ids": "all"}}, "deposit.service_ids"),
            ({"deposit": {"kind": "none", "service_ids": ["haircut"]}}, "deposit.service_ids"),
            ({"deposit": {"kind": "none", "share": 5}}, "deposit.share"),
        ],
    )
    def test_what_makes_no_sense_is_refused_by_name(self, values, setting):
        with pytest.raises(PolicySenseless) as refused:
            domain.changed_settings({}, values)
        assert refused.value.setting == setting


class TestDeposit:
    @pytest.mark.parametrize(
        ("price", "percent", "due"),
        [
            (250_000, 30, 75_000),
            (333, 50, 167),  # 166.5 kopecks: half up
            (1, 49, None),  # 0.49 rounds to nothing, and nothing is not asked for
            (1, 50, 1),
            (250_000, 100, 250_000),
        ],
    )
    def test_a_share_is_rounded_half_up_to_whole_kopecks(self, price, percent, due):
        terms = DepositTerms(kind=DepositKind.PERCENT, percent=percent)
        assert terms.due_for(HAIRCUT, Money(price)) == (Money(due) if due is not None else None)

    def test_a_fixed_sum_is_never_more_than_the_price_and_in_its_currency(self):
        terms = DepositTerms(kind=DepositKind.FIXED, amount_minor=50_000)
        assert terms.due_for(HAIRCUT, Money(250_000, "AED")) == Money(50_000, "AED")
        assert terms.due_for(HAIRCUT, Money(30_000)) == Money(30_000)
        assert terms.due_for(HAIRCUT, Money(0)) is None
        assert terms.due_for(HAIRCUT, None) is None

    def test_it_may_be_asked_for_some_services_only(self):
        terms = DepositTerms(kind=DepositKind.FIXED, amount_minor=100, service_ids=frozenset({NAILS}))
        assert terms.due_for(HAIRCUT, Money(1000)) is None
        assert terms.due_for(NAILS, Money(1000)) == Money(100)

    def test_a_hold_waits_for_it_before_it_is_confirmed(self):
        waiting = replace(HELD, deposit=Money(100), deposit_status=DepositStatus.REQUIRED)
        assert waiting.next_step is NextStep.PAY
        with pytest.raises(PaymentRequired):
            domain.check_can_confirm(waiting, NOW)
        for settled in (DepositStatus.PAID, DepositStatus.WAIVED):
            done = replace(waiting, deposit_status=settled)
            assert done.next_step is NextStep.CONFIRM
            domain.check_can_confirm(done, NOW)
        assert CONFIRMED.next_step is None


class TestCancelling:
    POLICY = BookingPolicy(cancel_free_hours=24, late_cancel_fee_percent=50)

    def test_the_last_free_moment_is_exactly_so_many_hours_before(self):
        assert not domain.is_late_to_cancel(CONFIRMED, NOW, self.POLICY)
        assert domain.is_late_to_cancel(CONFIRMED, NOW + timedelta(microseconds=1), self.POLICY)

    def test_without_hours_it_is_free_until_the_visit(self):
        assert not domain.is_late_to_cancel(CONFIRMED, CONFIRMED.starts_at, BookingPolicy(late_cancel_fee_percent=50))

    def test_a_hold_was_never_agreed(self):
        assert not domain.is_late_to_cancel(HELD, HELD.starts_at, self.POLICY)

    def test_the_fee_is_a_share_of_the_price(self):
        assert domain.cancel_fee(CONFIRMED, self.POLICY) == Money(125_025)
        assert domain.cancel_fee(replace(CONFIRMED, price=Money(333, "KZT")), self.POLICY) == Money(167, "KZT")
        assert domain.cancel_fee(replace(CONFIRMED, price=None), self.POLICY) is None
        assert domain.cancel_fee(CONFIRMED, BookingPolicy()) is None

    @pytest.mark.parametrize(
        ("timezone", "day", "free_until"),
        [
            # the clock goes forward at 02:00 that night: a day before noon on the wall is 23 hours before
            ("Europe/Berlin", date(2026, 3, 29), time(11)),
            ("Europe/Berlin", date(2026, 10, 25), time(13)),  # and back: 25 hours
            ("Asia/Kamchatka", date(2026, 3, 29), time(12)),
            ("Asia/Dubai", date(2026, 3, 29), time(12)),
        ],
    )
    def test_hours_are_real_ones_over_a_change_of_the_clock(self, timezone, day, free_until):
        visit = replace(CONFIRMED, starts_at=local_instant(day, time(12), timezone))
        last_free = local_instant(day - timedelta(days=1), free_until, timezone)
        assert not domain.is_late_to_cancel(visit, last_free, self.POLICY)
        assert domain.is_late_to_cancel(visit, last_free + timedelta(seconds=1), self.POLICY)


class TestMoving:
    def test_a_client_moves_neither_too_late_nor_too_often(self):
        policy = BookingPolicy(reschedule_free_hours=24, reschedule_limit=2)
        domain.check_client_may_move(CONFIRMED, NOW, policy, times_moved=1)
        with pytest.raises(TooLateToReschedule):
            domain.check_client_may_move(CONFIRMED, NOW + timedelta(seconds=1), policy, times_moved=0)
        with pytest.raises(RescheduleLimitReached):
            domain.check_client_may_move(CONFIRMED, NOW, policy, times_moved=2)
        domain.check_client_may_move(HELD, HELD.starts_at, policy, times_moved=9)

    def test_a_visit_that_it_is_late_to_cancel_is_late_to_move(self):
        lax = BookingPolicy(cancel_free_hours=24, reschedule_free_hours=2)  # only code can say so; settings cannot
        for policy in (BookingPolicy(cancel_free_hours=24), lax):
            domain.check_client_may_move(CONFIRMED, NOW, policy, times_moved=0)
            late = NOW + timedelta(seconds=1)
            assert domain.is_late_to_cancel(CONFIRMED, late, policy)
            with pytest.raises(TooLateToReschedule) as refused:
                domain.check_client_may_move(CONFIRMED, late, policy, times_moved=0)
            assert refused.value.hours == 24

    def test_a_limit_of_nothing_means_never(self):
        with pytest.raises(RescheduleLimitReached):
            domain.check_client_may_move(CONFIRMED, NOW, BookingPolicy(reschedule_limit=0), times_moved=0)


@pytest.mark.parametrize(
    ("status", "price", "expected"),
    [
        (DepositStatus.REQUIRED, 100_000, (Money(50_000), DepositStatus.REQUIRED)),
        (DepositStatus.REQUIRED, 800_000, (Money(400_000), DepositStatus.REQUIRED)),
        (DepositStatus.REQUIRED, 0, (None, None)),
        (DepositStatus.REQUIRED, None, (None, None)),
        (DepositStatus.PAID, 100_000, (Money(125_000), DepositStatus.PAID)),
        (DepositStatus.PAID, 800_000, (Money(125_000), DepositStatus.PAID)),
        (DepositStatus.WAIVED, 800_000, (Money(125_000), DepositStatus.WAIVED)),
    ],
)
def test_what_is_still_to_be_paid_follows_the_price(status, price, expected):
    terms = DepositTerms(kind=DepositKind.PERCENT, percent=50)
    asked = replace(HELD, price=Money(250_000), deposit=Money(125_000), deposit_status=status)
    assert domain.deposit_after(asked, Money(price) if price is not None else None, terms) == expected


def test_notice_binds_whoever_is_bound_by_it():
    begins, notice = NOW + timedelta(minutes=30), timedelta(minutes=30)
    policy = BookingPolicy()
    domain.check_slot_time(UUID(int=6), begins, NOW, policy, min_notice=notice)
    with pytest.raises(TooShortNotice) as refused:
        domain.check_slot_time(UUID(int=6), begins, NOW + timedelta(seconds=1), policy, min_notice=notice)
    assert refused.value.minutes == 30
    domain.check_slot_time(UUID(int=6), begins, NOW + timedelta(minutes=29), policy)


def test_an_incentive_never_makes_a_price_less_than_nothing():
    assert domain.less_incentive(Money(1000), 300) == (Money(700), 300)
    assert domain.less_incentive(Money(1000), 3000) == (Money(0), 1000)
    assert domain.less_incentive(Money(1000), -5) == (Money(1000), 0)
    assert domain.less_incentive(None, 300) == (None, 0)
    assert replace(CONFIRMED, price=Money(700), incentive_minor=300).list_price == Money(1000)


def test_how_long_it_took_to_decide():
    assert CONFIRMED.hold_to_confirm_ms == 1500
    assert HELD.hold_to_confirm_ms is None
