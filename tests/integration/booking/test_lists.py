"""Lists of bookings page by page, the diary, and who did what on a slot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.availability import use_cases as availability
from salon.availability.errors import SlotAlreadyTaken, SlotNotFound
from salon.booking import use_cases as booking
from salon.booking.domain import BookingFilters, BookingStatus, CancelReason
from salon.booking.errors import BookingAlreadyCancelled, BookingNotOpen
from support.consistency import find_contradictions
from support.factories import ACTOR, make_salon

pytestmark = pytest.mark.database


@pytest.fixture
def booked(salon):
    """Twelve visits, most of them two at a time, one client for each person; the very first slot is free."""
    clients = {person.id: salon.client(name=f"Клиент {person.name}") for person in salon.staff}
    return [salon.book(slot.id, clients[slot.staff_id]) for slot in salon.slots()[1:13]]


def search(act, *, limit=50, newest_first=False, **filters):
    """All pages, one after another."""
    pages, after = [], None
    while True:
        page = act(
            booking.search_bookings, BookingFilters(**filters), after=after, limit=limit, newest_first=newest_first
        )
        pages.append([one.id for one in page.bookings])
        after = page.next
        if after is None:
            return pages


class TestSearch:
    def test_pages_are_the_list_without_gaps_and_doubles(self, act, booked):
        whole = sorted(booked, key=lambda one: (one.starts_at, one.id))
        ids = [one.id for one in whole]
        assert len({one.starts_at for one in whole}) < len(whole)  # some begin together: the id decides
        assert search(act) == [ids]
        pages = search(act, limit=5)
        assert [len(page) for page in pages] == [5, 5, 2]
        assert sum(pages, []) == ids  # noqa: RUF017 - three pages
        assert sum(search(act, limit=5, newest_first=True), []) == ids[::-1]  # noqa: RUF017 - as above
        assert search(act, limit=6) == [ids[:6], ids[6:]]

    def test_what_comes_in_between_shifts_no_page(self, salon, act, booked):
        first = act(booking.search_bookings, BookingFilters(), limit=5)
        earlier = salon.book(salon.slots()[0].id, salon.client())
        assert earlier.starts_at <= first.bookings[-1].starts_at
        rest = act(booking.search_bookings, BookingFilters(), after=first.next, limit=50)
        assert {one.id for one in (*first.bookings, *rest.bookings)} == {one.id for one in booked}

    def test_every_filter_narrows_it_down(self, salon, act, booked):
        anna, boris = salon.staff
        of_anna = [one for one in booked if one.staff_id == anna.id]
        act(booking.cancel_booking, of_anna[0].id, reason=CancelReason.OTHER, actor=ACTOR, now=salon.now)
        day = timedelta(days=1)
        cases = {
            "staff": ({"staff_id": anna.id}, [one.id for one in of_anna]),
            "status": ({"statuses": [BookingStatus.CANCELLED]}, [of_anna[0].id]),
            "client": ({"client_id": of_anna[0].client_id}, [one.id for one in of_anna]),
            "name": ({"text": "КЛИЕНТ ан"}, [one.id for one in of_anna]),
            "location": ({"location_id": salon.location.id, "staff_id": anna.id}, [one.id for one in of_anna]),
            "service": ({"service_id": salon.service.id, "staff_id": anna.id}, [one.id for one in of_anna]),
            "from": ({"from_at": of_anna[1].starts_at, "staff_id": anna.id}, [one.id for one in of_anna[1:]]),
            "to": ({"to_at": of_anna[1].starts_at, "staff_id": anna.id}, [of_anna[0].id]),
            "nobody": ({"client_id": salon.tenant_id}, []),
            "series": ({"series_id": salon.tenant_id}, []),
            "session": ({"session_id": salon.tenant_id}, []),
            "other day": ({"from_at": salon.now + 9 * day}, []),
        }
        assert boris.id != anna.id
        assert {name: search(act, **asked)[0] for name, (asked, _) in cases.items()} == {
            name: expected for name, (_, expected) in cases.items()
        }


class TestSchedule:
    def test_the_diary_has_names_and_whatever_is_going_on(self, salon, act, booked):
        anna = salon.staff[0]
        (first, *_) = [one for one in booked if one.staff_id == anna.id]
        window = {"from_at": first.starts_at + timedelta(minutes=30), "to_at": first.ends_at, "now": salon.now}
        (entry,) = act(booking.list_schedule, staff_id=anna.id, **window)
        assert entry.booking == first
        assert (entry.client_name, entry.service_name, entry.staff_name) == (
            "Клиент Анна",
            salon.service.name,
            "Анна",
        )
        touching = {"from_at": first.ends_at, "to_at": first.ends_at + timedelta(minutes=1), "now": salon.now}
        assert first not in [one.booking for one in act(booking.list_schedule, staff_id=anna.id, **touching)]

    def test_what_was_given_up_or_ran_out_is_not_in_it(self, salon, act, booked):
        act(booking.cancel_booking, booked[0].id, reason=CancelReason.OTHER, actor=ACTOR, now=salon.now)
        held = salon.hold(salon.slots()[0].id, salon.client())
        week = {"from_at": salon.now, "to_at": salon.now + timedelta(days=7), "location_id": salon.location.id}

        def shown(now):
            return {entry.booking.id for entry in act(booking.list_schedule, now=now, **week)}

        assert shown(salon.now) == {one.id for one in booked[1:]} | {held.id}
        assert shown(salon.now + timedelta(minutes=10)) == {one.id for one in booked[1:]}


class TestHistoryOfASlot:
    def test_it_tells_who_came_and_who_left(self, salon, act):
        first, *_, last = salon.slots()
        left = salon.book(first.id, salon.client())
        act(booking.reschedule_booking, left.id, slot_id=last.id, actor=ACTOR, now=salon.now + timedelta(minutes=1))
        gone = salon.book(first.id, salon.client(), now=salon.now + timedelta(minutes=2))
        late = salon.now + timedelta(minutes=3)
        act(booking.cancel_booking, gone.id, reason=CancelReason.CLIENT, actor=ACTOR, now=late)
        act(booking.cancel_booking, left.id, reason=CancelReason.CLIENT, actor=ACTOR, now=late)
        told = [(one.booking_id, one.change) for one in act(booking.list_slot_history, first.id)]
        assert told == [
            (left.id, "booking.created"),
            (left.id, "booking.confirmed"),
            (left.id, "booking.rescheduled"),
            (gone.id, "booking.created"),
            (gone.id, "booking.confirmed"),
            (gone.id, "booking.cancelled"),
        ]
        there = [(one.booking_id, one.change) for one in act(booking.list_slot_history, last.id)]
        assert there == [(left.id, "booking.rescheduled"), (left.id, "booking.cancelled")]
        assert {one.actor_id for one in act(booking.list_slot_history, first.id)} == {"test-user"}


class TestReopening:
    def test_a_visit_completed_by_mistake_is_open_again(self, salon, act, owner_engine):
        made = salon.book(salon.slots()[0].id, salon.client())
        act(booking.complete_booking, made.id, actor=ACTOR, now=made.ends_at)
        again = act(booking.reopen_booking, made.id, actor=ACTOR, now=made.ends_at)
        assert again.status is BookingStatus.CONFIRMED
        with pytest.raises(BookingNotOpen):
            act(booking.reopen_booking, made.id, actor=ACTOR, now=made.ends_at)
        act(booking.cancel_booking, made.id, reason=CancelReason.OTHER, actor=ACTOR, now=made.ends_at)
        with pytest.raises(BookingAlreadyCancelled):
            act(booking.reopen_booking, made.id, actor=ACTOR, now=made.ends_at)
        assert find_contradictions(owner_engine) == {}

    def test_a_client_who_came_after_all_gets_the_time_back(self, salon, act, owner_engine):
        slot = salon.slots()[0]
        made = salon.book(slot.id, salon.client())
        late = made.starts_at + timedelta(minutes=10)
        act(booking.mark_no_show, made.id, actor=ACTOR, now=late)
        act(booking.reopen_booking, made.id, actor=ACTOR, now=late)
        assert (salon.slot(slot.id).booked, salon.slot(slot.id).held) == (1, 0)
        act(booking.mark_no_show, made.id, actor=ACTOR, now=late)
        assert find_contradictions(owner_engine) == {}

    def test_unless_somebody_else_has_it_by_then(self, database, tenant_id, clock, owner_engine):
        salon = make_salon(database, tenant_id, now=clock.now(), granularity_min=30, days=1)
        first, second, *_ = salon.slots()
        made = salon.book(first.id, salon.client())
        late = made.starts_at + timedelta(minutes=20)
        with database.transaction(tenant_id) as session:
            booking.mark_no_show(session, made.id, actor=ACTOR, now=late)
        salon.hold(second.id, salon.client(), now=late)
        with database.transaction(tenant_id) as session:
            with pytest.raises(SlotAlreadyTaken):
                booking.reopen_booking(session, made.id, actor=ACTOR, now=late)
            assert booking.get_booking(session, made.id).status is BookingStatus.NO_SHOW
        assert salon.slot(first.id).booked == 1
        after_the_hold = late + timedelta(minutes=10)
        with database.transaction(tenant_id) as session:
            booking.reopen_booking(session, made.id, actor=ACTOR, now=after_the_hold)
        assert find_contradictions(owner_engine) == {}

    def test_a_slot_that_is_gone_does_not_come_back(self, salon, act, owner_engine):
        made = salon.book(salon.slots()[0].id, salon.client())
        act(booking.complete_booking, made.id, actor=ACTOR, now=made.ends_at)
        with salon.database.transaction(salon.tenant_id) as session:
            slot = availability.get_slot(session, made.slot_id)
            availability.free_seat(session, slot, was_held=False)
        forget_slot(owner_engine, made.slot_id)
        with pytest.raises(SlotNotFound):
            act(booking.reopen_booking, made.id, actor=ACTOR, now=made.ends_at)


def forget_slot(owner_engine, slot_id):
    with owner_engine.begin() as owner:
        owner.execute(text("DELETE FROM slot_instances WHERE id = :id"), {"id": slot_id})
