from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from salon.availability.domain import Slot, SlotStatus
from salon.booking.bulk import domain
from salon.booking.bulk.domain import Outcome
from salon.booking.domain import Booking, BookingStatus
from salon.platform.ids import new_id
from salon.platform.timeranges import TimeRange

DAY = datetime(2026, 3, 12, tzinfo=UTC)
ANNA, BORIS, VERA = new_id(), new_id(), new_id()
HOUR = timedelta(hours=1)


def slot(hour, staff=BORIS, *, hours=1, capacity=1):
    starts_at, ends_at = DAY + hour * HOUR, DAY + (hour + hours) * HOUR
    return Slot(
        id=new_id(),
        location_id=new_id(),
        service_id=new_id(),
        staff_id=staff,
        starts_at=starts_at,
        ends_at=ends_at,
        busy=TimeRange(starts_at, ends_at),
        capacity=capacity,
        booked=0,
        held=0,
        status=SlotStatus.OPEN,
    )


def booked(hour):
    own = slot(hour, ANNA)
    return Booking(
        id=new_id(),
        client_id=new_id(),
        location_id=own.location_id,
        service_id=own.service_id,
        staff_id=ANNA,
        slot_id=own.id,
        starts_at=own.starts_at,
        ends_at=own.ends_at,
        status=BookingStatus.CONFIRMED,
        hold_expires_at=None,
        price=None,
        channel="telegram",
        created_at=DAY - HOUR,
    )


def share(*wishes):
    return domain.share_out({visit.id: slots for visit, slots in wishes}, [visit for visit, _ in wishes])


def test_the_same_time_comes_first_and_the_absent_person_only_later():
    visit = booked(10)
    absence = TimeRange(DAY + 9 * HOUR, DAY + 12 * HOUR)
    before, during, touching = slot(8, ANNA), slot(11, ANNA), slot(12, ANNA)
    same, later = slot(10, BORIS), slot(13, BORIS)
    ordered = domain.order_alternatives(visit, [before, during, touching, later, same], absence)
    assert ordered == [same, before, touching, later]
    longer = replace(visit, extra_min=30)  # with its options it would reach into the absence
    assert domain.order_alternatives(longer, [before, same], absence) == [same]


def test_one_free_colleague_is_promised_to_one_client():
    first, second = booked(10), booked(10)
    only, other = slot(10), slot(11)
    one, two = share((first, [only, other]), (second, [only, other]))
    assert (one.alternatives, one.reason) == ((only,), Outcome.SAME_TIME)
    assert (two.alternatives, two.reason) == ((other,), Outcome.OTHER_TIME)


def test_overlapping_times_of_one_person_are_one_promise():
    long, half = slot(10, hours=2), slot(11)
    one, two = share((booked(10), [long]), (booked(11), [half]))
    assert one.alternatives == (long,)
    assert (two.alternatives, two.reason) == ((), Outcome.NOTHING)


def test_who_has_fewer_ways_to_keep_the_time_goes_first():
    flexible, stuck = booked(10), booked(10)
    boris, vera = slot(10, BORIS), slot(10, VERA)
    one, two = share((flexible, [boris, vera]), (stuck, [boris]))
    assert (one.alternatives, two.alternatives) == ((vera,), (boris,))


def test_a_group_has_room_for_as_many_as_it_has_seats():
    group = slot(10, capacity=2)
    affected = share(*[(booked(10), [group]) for _ in range(2)])
    assert [one.reason for one in affected] == [Outcome.SAME_TIME] * 2


@given(
    st.lists(st.integers(8, 18), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(8, 18), st.sampled_from([BORIS, VERA])), max_size=14, unique=True),
)
def test_no_time_of_anybody_is_promised_twice(hours, free):
    slots = [slot(hour, staff) for hour, staff in free]
    visits = [booked(hour) for hour in hours]
    absence = TimeRange(DAY, DAY + 24 * HOUR)
    affected = share(*[(visit, domain.order_alternatives(visit, slots, absence)) for visit in visits])
    promised = [(one.booking.id, each) for one in affected for each in one.alternatives]
    assert len({each.id for _, each in promised}) == len(promised)
    assert all(len(one.alternatives) <= domain.ALTERNATIVES for one in affected)
    if len(visits) <= len({each.starts_at for each in slots}):
        assert promised  # something free is promised to somebody
