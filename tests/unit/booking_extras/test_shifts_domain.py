from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from salon.booking.domain import Booking, BookingStatus
from salon.booking.errors import PolicySenseless
from salon.booking.shifts import domain
from salon.booking.shifts.domain import Claim, ShiftPolicy, ShiftProposal, ShiftStatus, Start
from salon.booking.shifts.errors import ShiftNotAllowed, ShiftNotOpen, ShiftWindowSenseless
from salon.platform.ids import new_id
from salon.platform.timeranges import TimeRange

DAY = datetime(2026, 3, 12, tzinfo=UTC)
ANNA, CUT, COLOUR = new_id(), new_id(), new_id()
HOUR = timedelta(hours=1)


def at(hour):
    return DAY + hour * HOUR


def start(hour, *, service=CUT, hours=1, staff=ANNA):
    return Start(new_id(), service, staff, at(hour), TimeRange(at(hour), at(hour + hours)))


def booked(slot):
    return Booking(
        id=new_id(),
        client_id=new_id(),
        location_id=new_id(),
        service_id=slot.service_id,
        staff_id=slot.staff_id,
        slot_id=slot.slot_id,
        starts_at=slot.starts_at,
        ends_at=slot.busy.end,
        status=BookingStatus.CONFIRMED,
        hold_expires_at=None,
        price=None,
        channel="telegram",
        created_at=DAY - 24 * HOUR,
    )


def claim(slot):
    return Claim(slot.staff_id, slot.slot_id, slot.busy)


def test_an_hour_in_the_middle_moves_so_that_three_fit():
    """10 to 14; a visit at 12 leaves two hours before and one after; moved to 13 it leaves three."""
    slots = [start(hour) for hour in (10, 11, 12, 13)]
    long = start(10, service=COLOUR, hours=3)
    visit = booked(slots[2])
    (idea,) = domain.find_ideas([long], [claim(slots[2])], {slots[2].slot_id: visit}, slots, HOUR)
    assert (idea.booking, idea.new_slot_id, idea.moved) == (visit, slots[3].slot_id, HOUR)


def test_a_move_that_is_too_far_or_meets_somebody_else_is_none():
    slots = [start(hour) for hour in (10, 11, 12, 13, 14)]
    long = start(10, service=COLOUR, hours=3)
    visit = booked(slots[1])
    movable = {slots[1].slot_id: visit}
    assert domain.find_ideas([long], [claim(slots[1])], movable, slots, HOUR) == []  # 13 is two hours away
    assert domain.find_ideas([long], [claim(slots[1])], movable, slots, 2 * HOUR) != []
    lunch = Claim(ANNA, None, slots[3].busy)
    (idea,) = domain.find_ideas([long], [claim(slots[1]), lunch], movable, slots, 3 * HOUR)
    assert idea.new_slot_id == slots[4].slot_id
    assert domain.find_ideas([long], [claim(slots[1]), lunch], movable, slots, 2 * HOUR) == []


def test_two_in_the_way_are_one_too_many():
    slots = [start(hour) for hour in (10, 11, 12, 13, 14)]
    long = start(10, service=COLOUR, hours=3)
    movable = {slot.slot_id: booked(slot) for slot in slots[1:3]}
    assert domain.find_ideas([long], [claim(slot) for slot in slots[1:3]], movable, slots, 3 * HOUR) == []


def test_who_is_not_to_be_asked_stays():
    slots = [start(hour) for hour in (10, 11, 12, 13)]
    long = start(10, service=COLOUR, hours=3)
    assert domain.find_ideas([long], [claim(slots[2])], {}, slots, HOUR) == []


def test_options_make_a_visit_longer_wherever_it_goes():
    slots = [start(hour / 2) for hour in range(20, 28)]  # 10:00 to 13:30
    long = start(10, service=COLOUR, hours=2.5)
    visit = replace(booked(slots[4]), extra_min=30)
    dinner = Claim(ANNA, None, TimeRange(at(13.5), at(14)))
    busy = Claim(ANNA, slots[4].slot_id, TimeRange(at(12), at(13.5)))
    movable = {slots[4].slot_id: visit}
    assert domain.find_ideas([long], [busy, dinner], movable, slots, HOUR) == []
    assert domain.find_ideas([long], [busy, dinner], {slots[4].slot_id: replace(visit, extra_min=0)}, slots, HOUR) != []


def test_of_several_the_smallest_move_comes_first():
    slots = [start(hour / 2) for hour in range(20, 30)]
    visit = booked(slots[4])  # at 12
    wishes = [start(10, service=COLOUR, hours=3), start(10, service=COLOUR, hours=2.5)]
    ideas = domain.find_ideas(wishes, [claim(slots[4])], {slots[4].slot_id: visit}, slots, HOUR)
    assert [idea.moved for idea in ideas] == [HOUR / 2, HOUR]


@pytest.mark.parametrize(
    ("changes", "to", "reason"),
    [
        ({"status": BookingStatus.HELD}, 13, "state"),
        ({"visit_id": new_id(), "visit_position": 0}, 13, "visit"),
        ({}, 12, "distance"),
        ({}, 14, "distance"),
        ({"starts_at": at(3)}, 4, "notice"),
    ],
)
def test_who_may_be_asked_what(changes, to, reason):
    visit = booked(start(12))
    now = at(2)
    domain.check_may_ask(visit, at(13), now, ShiftPolicy())
    with pytest.raises(ShiftNotAllowed) as refused:
        domain.check_may_ask(replace(visit, **changes), at(to), now, ShiftPolicy())
    assert refused.value.reason == reason


def test_an_answer_is_waited_for_until_half_of_what_is_left():
    visit = booked(start(12))
    assert domain.answer_until(visit, at(13), at(2), ShiftPolicy()) == at(3)
    assert domain.answer_until(visit, at(11), at(10), ShiftPolicy()) == at(10.5)


def test_a_proposal_is_open_until_it_runs_out_or_is_answered():
    open_one = ShiftProposal(
        id=new_id(),
        booking_id=new_id(),
        old_slot_id=new_id(),
        new_slot_id=new_id(),
        waitlist_entry_id=None,
        incentive_minor=0,
        status=ShiftStatus.PROPOSED,
        created_at=at(1),
        expires_at=at(2),
    )
    domain.check_open(open_one, at(1.9))
    with pytest.raises(ShiftNotOpen, match="expired"):
        domain.check_open(open_one, at(2))
    with pytest.raises(ShiftNotOpen, match="declined"):
        domain.check_open(replace(open_one, status=ShiftStatus.DECLINED), at(1))


def test_settings_make_the_round():
    other = ShiftPolicy(enabled=False, incentive_minor=20_000)
    assert domain.policy_from({**other.settings(), "of a newer release": 1}) == other
    for values in ({"answer_min": 1}, {"incentive_minor": -1}, {"enabled": "yes"}, {"enabled": []}, {"answer_min": {}}):
        with pytest.raises(PolicySenseless):
            domain.policy_from(values)


@pytest.mark.parametrize(
    ("from_at", "to_at"),
    [
        (datetime.min.replace(tzinfo=UTC), at(1)),
        (at(0), datetime.max.replace(tzinfo=UTC)),
        (at(1), at(0)),
    ],
)
def test_a_window_that_cannot_be_calculated_with_is_refused(from_at, to_at):
    domain.check_window(at(0), at(0))
    with pytest.raises(ShiftWindowSenseless):
        domain.check_window(from_at, to_at)
