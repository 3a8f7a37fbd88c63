from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from salon.availability.domain import Slot, SlotStatus
from salon.booking.errors import PolicySenseless
from salon.booking.waitlist import domain
from salon.booking.waitlist.domain import Fit, Preference, WaitlistEntry, WaitlistPolicy, WaitlistStatus, Wanted
from salon.booking.waitlist.errors import WaitlistWindowSenseless
from salon.platform.ids import new_id
from salon.platform.timeranges import TimeRange

NOW = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
POLICY = WaitlistPolicy()


def wanted(**changes):
    return replace(Wanted(service_id=new_id(), from_at=NOW, to_at=NOW + timedelta(days=3)), **changes)


def entry(*, waited=timedelta(), **changes):
    made = WaitlistEntry(
        id=new_id(),
        client_id=new_id(),
        service_id=new_id(),
        from_at=NOW,
        to_at=NOW + timedelta(days=3),
        status=WaitlistStatus.WAITING,
        channel="telegram",
        created_at=NOW - waited,
        updated_at=NOW,
    )
    return replace(made, **changes)


def slot(hours, *, minutes=60):
    starts_at = NOW + timedelta(hours=hours)
    ends_at = starts_at + timedelta(minutes=minutes)
    return Slot(
        id=new_id(),
        location_id=new_id(),
        service_id=new_id(),
        staff_id=new_id(),
        starts_at=starts_at,
        ends_at=ends_at,
        busy=TimeRange(starts_at, ends_at),
        capacity=1,
        booked=0,
        held=0,
        status=SlotStatus.OPEN,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"to_at": NOW},
        {"from_at": NOW + timedelta(days=4)},
        {"to_at": NOW + timedelta(days=91)},
        {"day_from_min": 600, "day_to_min": 540},
        {"day_to_min": 1441},
        {"from_at": datetime.min.replace(tzinfo=UTC)},
        {"from_at": datetime.max.replace(tzinfo=UTC), "to_at": datetime.max.replace(tzinfo=UTC)},
    ],
)
def test_a_window_in_which_nothing_could_be_offered_is_refused(changes):
    domain.check_wanted(wanted(), NOW, POLICY)
    with pytest.raises(WaitlistWindowSenseless):
        domain.check_wanted(wanted(**changes), NOW, POLICY)


@pytest.mark.parametrize(
    ("timezone", "suits"),
    [("Europe/Moscow", True), ("Asia/Kamchatka", False)],  # 15:30 UTC is 18:30 in the one and 03:30 in the other
)
def test_hours_of_the_day_are_the_location_s(timezone, suits):
    evening = wanted(day_from_min=18 * 60, day_to_min=21 * 60)
    assert evening.suits(NOW + timedelta(hours=8), timezone) is suits


def test_both_ends_of_the_window_and_of_the_day_are_included():
    exact = wanted(from_at=NOW, to_at=NOW, day_from_min=630, day_to_min=630)
    assert exact.suits(NOW, "Europe/Moscow")
    assert not exact.suits(NOW + timedelta(minutes=1), "Europe/Moscow")


@pytest.mark.parametrize(
    ("ahead", "held"),
    [
        (timedelta(days=1), timedelta(minutes=30)),
        (timedelta(minutes=40), timedelta(minutes=20)),
        (timedelta(minutes=10), timedelta(minutes=5)),
        (timedelta(minutes=9), None),
    ],
)
def test_the_nearer_the_visit_the_shorter_the_offer(ahead, held):
    assert domain.hold_for(NOW + ahead, NOW, POLICY) == held


def test_a_no_to_three_o_clock_is_a_no_to_half_past_three():
    declined = slot(5)
    who = entry(declined_slot_ids=(declined.id,))
    assert domain.is_declined(declined, who, [])
    assert domain.is_declined(slot(5.5), who, [declined.starts_at])
    assert not domain.is_declined(slot(6), who, [declined.starts_at])


def test_who_is_asked_first_is_the_tenant_s_choice():
    first, second = entry(waited=timedelta(hours=2)), entry(waited=timedelta(hours=1))
    short = Fit(entry=first, slot=slot(5), minutes=60, idle=0)
    long = Fit(entry=second, slot=slot(5), minutes=120, idle=0)
    loose = Fit(entry=first, slot=slot(4), minutes=60, idle=15)
    same_but_later = Fit(entry=second, slot=slot(3), minutes=60, idle=0)
    assert domain.order_fits([long, loose, short], Preference.OLDEST) == [short, loose, long]
    assert domain.order_fits([loose, short, same_but_later, long], Preference.BEST_FIT) == [
        long,
        short,  # as good as the next, but it has waited longer
        same_but_later,
        loose,
    ]


def test_idle_time_is_the_smaller_gap():
    free = slot(5).busy
    opening = TimeRange(NOW, NOW + timedelta(hours=10))
    assert domain.idle_minutes(free, [], opening) == 240
    assert domain.idle_minutes(free, [slot(7).busy], opening) == 60
    assert domain.idle_minutes(free, [slot(7).busy, slot(4).busy], None) == 0
    assert domain.idle_minutes(free, [], None) == domain.DAY_MIN


def test_settings_make_the_round():
    assert domain.policy_from({}) == POLICY
    other = WaitlistPolicy(hold_minutes=45, prefer=Preference.BEST_FIT, enabled=False)
    assert domain.policy_from({**other.settings(), "of a newer release": 1}) == other


@pytest.mark.parametrize(
    "values",
    [
        {"hold_minutes": 0},
        {"hold_minutes": True},
        {"max_days": "7"},
        {"enabled": 1},
        {"prefer": "youngest"},
        {"prefer": ["oldest"]},
        {"prefer": {}},
    ],
)
def test_a_senseless_setting_is_named(values):
    with pytest.raises(PolicySenseless, match=f"waitlist.{next(iter(values))}"):
        domain.policy_from(values)
