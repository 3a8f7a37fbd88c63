"""Chains of services: which free slots follow one another."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.availability.domain import Slot, SlotStatus
from salon.booking.domain import VisitWish, check_in_a_row, check_wishes, choose_visits
from salon.booking.errors import VisitSenseless
from salon.platform.timeranges import TimeRange

NINE = datetime(2026, 3, 11, 9, tzinfo=UTC)
ANNA, BORIS = UUID(int=1), UUID(int=2)
CUT, COLOUR = VisitWish(service_id=UUID(int=10)), VisitWish(service_id=UUID(int=11))


def at(minute):
    return NINE + timedelta(minutes=minute)


def slot(start, minutes=60, staff_id=ANNA, clean=0):
    return Slot(
        id=UUID(int=(start + 1) * 1000 + staff_id.int),
        location_id=UUID(int=3),
        service_id=UUID(int=4),
        staff_id=staff_id,
        starts_at=at(start),
        ends_at=at(start + minutes),
        busy=TimeRange(at(start), at(start + minutes + clean)),
        capacity=1,
        booked=0,
        held=0,
        status=SlotStatus.OPEN,
    )


def starts(offers):
    return [tuple((one.starts_at - NINE) // timedelta(minutes=1) for one in offer.slots) for offer in offers]


def test_the_least_waiting_wins_and_starts_lie_apart():
    free = [[slot(minute) for minute in (0, 15, 60, 120)], [slot(minute, 30, BORIS) for minute in (75, 130, 180)]]
    offers = choose_visits(free, [CUT, COLOUR], limit=2)
    assert starts(offers) == [(15, 75), (120, 180)]
    assert [offer.wait for offer in offers] == [timedelta(), timedelta()]
    assert starts(choose_visits(free, [CUT, COLOUR], limit=3)) == [(15, 75), (60, 130), (120, 180)]
    assert starts(choose_visits(free, [CUT, COLOUR], limit=9)) == [(0, 75), (15, 75), (60, 130), (120, 180)]


def test_nobody_waits_longer_than_allowed():
    free = [[slot(0)], [slot(90, staff_id=BORIS), slot(91, staff_id=BORIS)]]
    assert starts(choose_visits(free, [CUT, COLOUR], limit=3, max_gap=timedelta(minutes=30))) == [(0, 90)]
    assert choose_visits(free, [CUT, COLOUR], limit=3, max_gap=timedelta(minutes=29)) == []


def test_one_person_cleans_up_in_between_and_two_need_not():
    free_of_anna = [[slot(0, clean=10)], [slot(60, 30), slot(75, 30)]]
    assert starts(choose_visits(free_of_anna, [CUT, COLOUR], limit=3)) == [(0, 75)]
    free_of_both = [[slot(0, clean=10)], [slot(60, 30, BORIS), slot(75, 30)]]
    assert starts(choose_visits(free_of_both, [CUT, COLOUR], limit=3)) == [(0, 60)]


def test_options_make_a_service_longer_for_client_and_staff():
    longer = VisitWish(service_id=UUID(int=10), extra_min=15)
    free = [[slot(0, clean=5)], [slot(60, 30), slot(75, 30), slot(80, 30), slot(75, 30, BORIS)]]
    assert starts(choose_visits(free, [longer, COLOUR], limit=1)) == [(0, 75)]
    assert choose_visits(free, [longer, COLOUR], limit=1)[0].slots[1].staff_id == BORIS


def test_another_order_is_taken_only_when_it_is_allowed():
    free = [[slot(60, staff_id=ANNA)], [slot(0, staff_id=BORIS)]]
    assert choose_visits(free, [CUT, COLOUR], limit=3) == []
    (offer,) = choose_visits(free, [CUT, COLOUR], limit=3, any_order=True)
    assert [link.wish for link in offer.links] == [1, 0]


def test_it_begins_in_the_time_that_was_asked_for():
    free = [[slot(0), slot(60)], [slot(60, staff_id=BORIS), slot(120, staff_id=BORIS)]]
    assert starts(choose_visits(free, [CUT, COLOUR], limit=3, before=at(60))) == [(0, 60)]


@given(
    free=st.lists(
        st.lists(st.tuples(st.integers(0, 40), st.integers(1, 8), st.sampled_from([ANNA, BORIS])), max_size=8),
        min_size=2,
        max_size=3,
    ),
    any_order=st.booleans(),
)
def test_whatever_is_offered_can_be_sat_through(free, any_order):
    slots = [[slot(15 * start, 15 * length, who, clean=5) for start, length, who in wish] for wish in free]
    wishes = [VisitWish(service_id=UUID(int=number)) for number in range(len(slots))]
    gap = timedelta(minutes=30)
    for offer in choose_visits(slots, wishes, limit=4, max_gap=gap, any_order=any_order):
        assert sorted(link.wish for link in offer.links) == list(range(len(wishes)))
        for before, after in pairwise(offer.links):
            assert before.ends_at <= after.slot.starts_at <= before.ends_at + gap
        for link in offer.links:
            others = [other for other in offer.links if other is not link and other.slot.staff_id == link.slot.staff_id]
            assert not any(link.slot.busy.overlaps(other.slot.busy) for other in others)


def test_what_is_no_visit_is_refused():
    for wishes in ([], [CUT] * 6):
        with pytest.raises(VisitSenseless):
            check_wishes(wishes)
    check_in_a_row([(at(0), at(60)), (at(60), at(90))])
    with pytest.raises(VisitSenseless):
        check_in_a_row([(at(0), at(60)), (at(59), at(90))])
    with pytest.raises(VisitSenseless):
        check_in_a_row([])


def steps_of(call, *, at_most):
    """Lines of the search that `call` runs; more than `at_most` end it, so that a slow search fails fast."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        if not frame.f_code.co_filename.endswith("booking/domain/visits.py"):
            return None
        count += event == "line"
        assert count <= at_most
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def test_five_services_in_any_order_are_found_in_few_steps():
    staff = [UUID(int=100 + number) for number in range(10)]
    day = range(0, 8 * 60, 15)
    free = [[slot(start, 30 + 15 * wish, who) for start in day for who in staff] for wish in range(5)]
    wishes = [VisitWish(service_id=UUID(int=number)) for number in range(5)]

    def search(wishes=wishes, free=free, **more):
        return choose_visits(free, wishes, limit=3, any_order=True, **more)

    (first, *_) = search()
    assert [link.wish for link in first.links] == [0, 1, 2, 3, 4]  # nothing is better than the order given
    # 120 orders of 5 times 320 slots, 30 of which may follow each, are millions
    in_any_order = steps_of(search, at_most=1_500_000)
    alike = steps_of(lambda: search([CUT] * 5, [free[0]] * 5), at_most=in_any_order // 4)
    near = steps_of(lambda: search(before=at(15)), at_most=in_any_order)
    assert alike > 0
    assert near < in_any_order


@given(
    free=st.lists(
        st.lists(st.tuples(st.integers(0, 16), st.integers(2, 4), st.sampled_from([ANNA, BORIS])), max_size=6),
        min_size=3,
        max_size=3,
    )
)
def test_no_start_is_lost_that_some_order_has(free):
    slots = [[slot(15 * start, 15 * length, who) for start, length, who in wish] for wish in free]
    wishes = [VisitWish(service_id=UUID(int=number)) for number in range(3)]
    found = {offer.starts_at: offer for offer in choose_visits(slots, wishes, limit=99, any_order=True)}
    expected = {}
    for order in permutations(range(3)):
        reordered = choose_visits([slots[number] for number in order], [wishes[number] for number in order], limit=99)
        for offer in reordered:
            badness = (offer.wait, offer.ends_at)
            expected[offer.starts_at] = min(expected.get(offer.starts_at, badness), badness)
    assert {start: (offer.wait, offer.ends_at) for start, offer in found.items()} == expected
