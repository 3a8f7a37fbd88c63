from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus, CancelReason
from salon.booking.errors import HoldExpired, PaymentRequired, PhoneRequired, PolicySenseless
from salon.booking.waitlist import use_cases as waitlist
from salon.booking.waitlist.domain import WaitlistStatus
from salon.booking.waitlist.errors import (
    NothingOffered,
    WaitlistClosed,
    WaitlistEntryNotFound,
    WaitlistEntryNotOpen,
    WaitlistFull,
    WaitlistWindowSenseless,
)
from salon.catalog.errors import ServiceNotFound
from salon.catalog.events import CatalogChanged
from salon.clients import use_cases as clients
from salon.identity.use_cases import read_settings
from salon.platform.ids import new_id
from salon.platform.outbox import emit
from support.factories import ACTOR, make_price_list, make_service, make_staff

pytestmark = pytest.mark.database
HOUR = timedelta(hours=1)


@pytest.fixture
def offered(stage, salon):
    """The day is full, somebody waits, the booking at 14 is cancelled: an entry with an offer."""
    visits, waiting = stage.fill_day(), stage.join()
    stage.cancel(visits[2])
    stage.tell()
    return stage.entry(waiting)


def test_an_entry_is_made_read_changed_left_and_joined_again(stage, salon):
    made = stage.join(day_from_min=15 * 60)
    assert stage.entry(made) == made
    assert stage.act(waitlist.list_waitlist, client_id=made.client_id, statuses=[WaitlistStatus.WAITING]) == [made]

    wish = replace(made.wanted, day_from_min=None, staff_id=salon.staff[0].id)
    changed = stage.act(waitlist.change_entry, made.id, wish, actor=ACTOR, now=stage.clock.now())
    assert (stage.entry(made).wanted, changed.version) == (wish, 2)

    left = stage.act(waitlist.leave_waitlist, made.id, actor=ACTOR, now=stage.clock.now())
    assert left.status is WaitlistStatus.WITHDRAWN
    assert stage.act(waitlist.leave_waitlist, made.id, actor=ACTOR, now=stage.clock.now()) == left
    with pytest.raises(WaitlistEntryNotOpen):
        stage.act(waitlist.change_entry, made.id, wish, actor=ACTOR, now=stage.clock.now())

    again = stage.act(waitlist.rejoin_waitlist, made.id, actor=ACTOR, now=stage.clock.now())
    assert (again.status, again.created_at) == (WaitlistStatus.WAITING, made.created_at)
    with pytest.raises(WaitlistEntryNotFound):
        stage.entry(new_id())


def test_pages_follow_each_other(stage):
    made = [stage.join() for _ in range(3)]
    first = stage.act(waitlist.list_waitlist, limit=2)
    rest = stage.act(waitlist.list_waitlist, limit=2, after=first[-1].id)
    assert [*first, *rest] == made
    assert stage.act(waitlist.list_waitlist, staff_id=new_id()) == []


def test_asking_for_the_same_again_finds_what_is_there(stage, salon):
    client_id = salon.client()
    assert stage.join(client_id) == stage.join(client_id)
    assert stage.join(client_id, day_to_min=900).id != stage.join(client_id).id


def test_what_makes_no_sense_is_refused(stage, salon):
    client_id = salon.client()
    with pytest.raises(WaitlistWindowSenseless):
        stage.join(client_id, from_at=stage.clock.now() - HOUR, to_at=stage.clock.now())
    with pytest.raises(ServiceNotFound):
        stage.join(client_id, service_id=new_id())
    stage.act(waitlist.change_waitlist_policy, {"max_entries": 2}, actor=ACTOR, now=stage.clock.now())
    for number in range(2):
        stage.join(client_id, day_from_min=number)
    with pytest.raises(WaitlistFull):
        stage.join(client_id)
    stage.act(waitlist.change_waitlist_policy, {"enabled": False}, actor=ACTOR, now=stage.clock.now())
    with pytest.raises(WaitlistClosed):
        stage.join()


def test_the_policy_is_changed_by_name(stage):
    changed = stage.act(waitlist.change_waitlist_policy, {"hold_minutes": 20}, actor=ACTOR, now=stage.clock.now())
    assert stage.act(waitlist.waitlist_policy) == changed
    assert stage.act(read_settings, "waitlist")["hold_minutes"] == 20
    with pytest.raises(PolicySenseless, match=r"waitlist\.hold_minuets"):
        stage.act(waitlist.change_waitlist_policy, {"hold_minuets": 20}, actor=ACTOR, now=stage.clock.now())


def test_what_is_cancelled_is_held_for_whoever_waits_and_booked_by_a_yes(stage, salon, offered):
    assert offered.status is WaitlistStatus.OFFERED
    held = salon.booking(offered.offered_booking_id)
    assert (held.status, held.client_id) == (BookingStatus.HELD, offered.client_id)
    assert held.starts_at == salon.now + 3.5 * HOUR  # 14:00, which was cancelled
    assert held.hold_expires_at == stage.clock.now() + timedelta(minutes=30)
    stage.sound()
    confirmed = stage.act(waitlist.accept_offer, offered.id, actor=ACTOR, now=stage.clock.now())
    assert (confirmed.id, confirmed.status) == (held.id, BookingStatus.CONFIRMED)
    assert stage.act(waitlist.accept_offer, offered.id, actor=ACTOR, now=stage.clock.now()) == confirmed
    assert stage.entry(offered).status is WaitlistStatus.BOOKED
    with pytest.raises(NothingOffered):
        stage.act(waitlist.decline_offer, offered.id, actor=ACTOR, now=stage.clock.now())
    stage.sound()


def test_a_no_passes_the_slot_on_and_is_not_asked_about_again(stage, salon, offered):
    next_in_line = stage.join()
    waiting = stage.act(waitlist.decline_offer, offered.id, actor=ACTOR, now=stage.clock.now())
    assert (waiting.status, waiting.offers) == (WaitlistStatus.WAITING, 0)
    stage.tell()
    assert stage.entry(offered).status is WaitlistStatus.WAITING
    assert stage.entry(next_in_line).status is WaitlistStatus.OFFERED
    assert salon.booking(stage.entry(next_in_line).offered_booking_id).slot_id in waiting.declined_slot_ids
    stage.sound()


def test_silence_lets_the_offer_lapse_and_three_times_ends_the_wait(stage, salon):
    visits, waiting = stage.fill_day(), stage.join()
    for number in range(1, 4):  # 12:00, 14:00, 16:00: far enough apart to be asked about again
        stage.cancel(visits[2 * number - 1])
        stage.tell()
        assert (stage.entry(waiting).status, stage.entry(waiting).offers) == (WaitlistStatus.OFFERED, number)
        stage.clock.advance(timedelta(minutes=30))
        with pytest.raises(HoldExpired):
            stage.act(waitlist.accept_offer, waiting.id, actor=ACTOR, now=stage.clock.now())
        stage.act(booking.expire_holds, now=stage.clock.now())
        stage.tell()
    assert stage.entry(waiting).status is WaitlistStatus.EXPIRED
    stage.sound()


def test_the_timer_notices_what_no_fact_told(stage, offered):
    short = stage.join(to_at=stage.clock.now() + HOUR)
    stage.clock.advance(timedelta(minutes=30))
    stage.act(booking.expire_holds, now=stage.clock.now())  # and its fact is lost
    assert stage.act(waitlist.expire_entries, now=stage.clock.now()) == 1
    assert stage.entry(offered).status is WaitlistStatus.WAITING
    stage.clock.advance(HOUR)
    assert stage.act(waitlist.expire_entries, now=stage.clock.now()) == 1
    assert stage.act(waitlist.expire_entries, now=stage.clock.now()) == 0
    assert stage.entry(short).status is WaitlistStatus.EXPIRED


def test_leaving_gives_the_offer_up(stage, salon, offered):
    stage.act(waitlist.leave_waitlist, offered.id, actor=ACTOR, now=stage.clock.now())
    assert salon.booking(offered.offered_booking_id).status is BookingStatus.CANCELLED
    with pytest.raises(NothingOffered):
        stage.act(waitlist.accept_offer, offered.id, actor=ACTOR, now=stage.clock.now())
    stage.sound()


def test_a_hold_that_is_confirmed_or_cancelled_elsewhere_is_an_answer_too(stage, salon, offered):
    stage.cancel(salon.booking(offered.offered_booking_id))
    stage.tell()
    assert stage.entry(offered).status is WaitlistStatus.WAITING
    other = stage.join()
    stage.tell()
    assert stage.entry(other).status is WaitlistStatus.OFFERED
    stage.act(booking.confirm_booking, stage.entry(other).offered_booking_id, actor=ACTOR, now=stage.clock.now())
    stage.tell()
    assert stage.entry(other).status is WaitlistStatus.BOOKED
    stage.sound()


def test_first_come_first_served_and_each_gets_one(stage, salon):
    visits = stage.fill_day()
    waiting = [stage.join() for _ in range(3)]
    stage.cancel(visits[1])
    stage.cancel(visits[4])
    stage.tell(seed=5)
    assert [stage.entry(one).status for one in waiting] == [
        WaitlistStatus.OFFERED,
        WaitlistStatus.OFFERED,
        WaitlistStatus.WAITING,
    ]
    stage.sound()


def test_a_salon_may_prefer_who_fills_the_gap_best(stage, salon):
    with salon.database.transaction(salon.tenant_id) as session:
        long = make_service(
            session, now=salon.now, location_ids=[salon.location.id], name="Окрашивание", duration_min=120
        )
        skills = [salon.service.id, long.id]
        make_staff(session, now=salon.now, location_id=salon.location.id, service_ids=skills, name="Вера")
    stage.act(generate, salon)
    visits = [salon.book(slot.id, salon.client()) for slot in salon.slots() if slot.starts_at < salon.now + 12 * HOUR]
    stage.act(waitlist.change_waitlist_policy, {"prefer": "best_fit"}, actor=ACTOR, now=stage.clock.now())
    older, younger = stage.join(), stage.join(service_id=long.id)
    for visit in visits:
        if visit.staff_id != salon.staff[0].id and visit.starts_at in {salon.now + 1.5 * HOUR, salon.now + 2.5 * HOUR}:
            stage.cancel(visit)
    stage.tell(seed=1)  # the earlier hour is heard of first: nothing long begins in the later one
    assert stage.entry(younger).status is WaitlistStatus.OFFERED
    assert stage.entry(older).status is WaitlistStatus.WAITING


def generate(session, salon):
    from salon.availability.use_cases import generate_slots

    today = salon.now.date()
    generate_slots(session, location_id=salon.location.id, from_on=today, to_on=today, now=salon.now)


def test_of_free_slots_the_one_that_leaves_no_hole_is_offered(stage, salon):
    """The day is free; a start at either end touches the working time's edge, the ones between float."""
    waiting = stage.join(from_at=salon.now + 2 * HOUR)  # 13:00 to 17:00 begin later than this
    stage.tell()
    held = salon.booking(stage.entry(waiting).offered_booking_id)
    assert held.starts_at == salon.now + 6.5 * HOUR  # 17:00, the last of the day


@pytest.mark.parametrize(
    ("wish", "is_offered"),
    [
        ({"day_from_min": 14 * 60}, True),
        ({"day_from_min": 14 * 60 + 1}, False),
        ({"day_to_min": 14 * 60 - 1}, False),
        ({"staff_id": "Анна"}, True),
        ({"staff_id": "Вера"}, False),
    ],
)
def test_only_what_suits_is_offered(stage, salon, wish, is_offered):
    if "staff_id" in wish:
        with salon.database.transaction(salon.tenant_id) as session:
            vera = make_staff(session, now=salon.now, location_id=salon.location.id, name="Вера")
        wish = {"staff_id": salon.staff[0].id if wish["staff_id"] == "Анна" else vera.id}
    visits, waiting = stage.fill_day(), stage.join(**wish)
    stage.cancel(visits[2])  # 14:00
    stage.tell()
    assert (stage.entry(waiting).status is WaitlistStatus.OFFERED) is is_offered


def test_nobody_is_asked_about_a_time_at_which_they_come_already(stage, salon):
    visits = stage.fill_day()
    with salon.database.transaction(salon.tenant_id) as session:
        other = make_service(session, now=salon.now, location_ids=[salon.location.id], name="Маникюр")
        make_staff(session, now=salon.now, location_id=salon.location.id, service_ids=[other.id], name="Вера")
        generate(session, salon)
    waiting = stage.join(visits[2].client_id, service_id=other.id, day_from_min=14 * 60, day_to_min=14 * 60)
    stage.tell()
    assert stage.entry(waiting).status is WaitlistStatus.WAITING
    stage.cancel(visits[2])
    stage.tell()
    assert stage.entry(waiting).status is WaitlistStatus.OFFERED


def test_nobody_is_asked_at_night_but_in_the_morning(stage, salon):
    stage.fill_day()
    tomorrow = [slot for slot in salon.slots() if slot.starts_at < salon.now + 36 * HOUR]
    visits = [salon.book(slot.id, salon.client()) for slot in tomorrow]
    waiting = stage.join(to_at=salon.now + 36 * HOUR)
    stage.clock.advance(12 * HOUR)  # half past ten in the evening
    stage.cancel(visits[3])
    stage.tell()
    assert stage.entry(waiting).status is WaitlistStatus.WAITING
    stage.clock.advance(11 * HOUR)
    offer = stage.act(waitlist.fill_from_waitlist, now=stage.clock.now())
    assert offer.entry == stage.entry(waiting)
    assert offer.slot.id == visits[3].slot_id


def test_whoever_books_by_themselves_waits_no_longer(stage, salon):
    client_id, visits = salon.client(), stage.fill_day()
    waiting, for_another_day = (
        stage.join(client_id),
        stage.join(client_id, from_at=salon.now + 30 * HOUR, to_at=salon.now + 60 * HOUR),
    )
    stage.cancel(visits[2])
    visit = salon.book(visits[2].slot_id, client_id)
    stage.tell()
    assert (stage.entry(waiting).status, stage.entry(waiting).offered_booking_id) == (WaitlistStatus.BOOKED, visit.id)
    assert stage.entry(for_another_day).status is not WaitlistStatus.BOOKED


def test_a_deposit_is_asked_of_those_who_waited_too(stage, salon):
    with salon.database.transaction(salon.tenant_id) as session:
        make_price_list(session, now=salon.now, prices={(salon.service.id, None): 200_000})
    visits, waiting = stage.fill_day(), stage.join()
    deposit = {"deposit": {"kind": "percent", "percent": 50}}
    stage.act(booking.change_policy, deposit, actor=ACTOR, now=stage.clock.now())
    stage.cancel(visits[2])
    stage.tell()
    with pytest.raises(PaymentRequired):
        stage.act(waitlist.accept_offer, waiting.id, actor=ACTOR, now=stage.clock.now())
    assert stage.entry(waiting).status is WaitlistStatus.OFFERED


def test_a_move_and_a_client_who_does_not_come_free_time_as_well(stage, salon):
    visits, waiting = stage.fill_day(), stage.join()
    later = next(slot for slot in salon.slots() if slot.starts_at > salon.now + 12 * HOUR)
    stage.act(booking.reschedule_booking, visits[2].id, slot_id=later.id, actor=ACTOR, now=stage.clock.now())
    stage.tell()
    assert salon.booking(stage.entry(waiting).offered_booking_id).slot_id == visits[2].slot_id


def test_an_erased_client_waits_no_longer(stage, offered):
    stage.act(clients.erase_client, offered.client_id, actor=ACTOR, now=stage.clock.now())
    stage.tell()
    assert stage.entry(offered).status is WaitlistStatus.WITHDRAWN


def test_a_client_s_own_hold_is_nobody_s_offer(stage, salon):
    """The only free slot is held by the very client who waits: nothing else is theirs to be offered."""
    visits = stage.fill_day()
    client_id = salon.client()
    stage.cancel(visits[2])
    held = salon.hold(visits[2].slot_id, client_id)
    waiting = stage.join(client_id)
    stage.tell()
    assert stage.entry(waiting).status is WaitlistStatus.WAITING
    assert salon.booking(held.id).status is BookingStatus.HELD
    stage.sound()


def test_cancelling_reasons_stay_the_client_s(stage, salon, offered):
    stage.act(waitlist.decline_offer, offered.id, actor=ACTOR, now=stage.clock.now())
    assert salon.booking(offered.offered_booking_id).cancel_reason is CancelReason.CLIENT


def test_what_new_working_hours_bring_is_offered_too(stage):
    salon = stage.salon
    stage.fill_day()
    waiting = stage.join()
    stage.tell()
    assert stage.entry(waiting).status is WaitlistStatus.WAITING
    with salon.database.transaction(salon.tenant_id) as session:
        make_staff(session, now=salon.now, location_id=salon.location.id, service_ids=[salon.service.id], name="Вера")
        generate(session, salon)
        emit(session, CatalogChanged(occurred_at=salon.now, location_ids=(salon.location.id,)))
    stage.tell()
    assert stage.entry(waiting).status is WaitlistStatus.OFFERED


def test_a_client_whom_the_policy_refuses_stands_in_nobody_s_way(stage, salon):
    """Whoever has as many visits as may be, or no phone, waits on; the next is asked, though many slots are free."""
    full, nameless, welcome = (salon.client() for _ in range(3))
    for client_id, last in ((full, 1), (welcome, 2)):
        stage.act(clients.set_phone, client_id, f"+7900000010{last}", actor=ACTOR, now=salon.now)
    salon.book(salon.slots()[-1].id, full)
    blocked = [stage.join(full), stage.join(nameless)]
    stage.act(booking.change_policy, {"phone_required": True, "max_active_per_client": 1}, actor=ACTOR, now=salon.now)
    waiting = stage.join(welcome)
    for client_id in (salon.client(), nameless):
        with pytest.raises(PhoneRequired):
            stage.join(client_id, day_from_min=1)

    offer = stage.act(waitlist.fill_from_waitlist, now=salon.now)

    assert offer is not None
    assert offer.entry.id == waiting.id
    assert [stage.entry(one) for one in blocked] == blocked
    stage.sound()


COPIES = """
    INSERT INTO waitlist_entries
    SELECT (jsonb_populate_record(entry, jsonb_build_object('id', gen_random_uuid()))).*
    FROM waitlist_entries entry CROSS JOIN generate_series(1, :copies) WHERE entry.id = :id"""


@pytest.mark.parametrize("prefer", ["oldest", "best_fit"])
@pytest.mark.parametrize("wish", ["of a service that nobody does", "at night"])
def test_many_whom_nothing_suits_do_not_starve_whoever_came_later(stage, salon, wish, prefer):
    with salon.database.transaction(salon.tenant_id) as session:
        other = make_service(session, now=salon.now, location_ids=[salon.location.id], name="Маникюр")
    early = stage.join(**({"day_from_min": 23 * 60} if wish == "at night" else {"service_id": other.id}))
    stage.act(waitlist.change_waitlist_policy, {"prefer": prefer}, actor=ACTOR, now=salon.now)
    stage.act(lambda session: session.execute(text(COPIES), {"copies": 119, "id": early.id}))
    stage.clock.advance(timedelta(minutes=1))
    late = stage.join()
    assert len(stage.act(waitlist.list_waitlist, limit=200)) == 121

    hint = {"location_id": salon.location.id, "from_at": salon.now, "to_at": salon.now + 8 * HOUR}
    assert stage.act(waitlist.fill_from_waitlist, **hint, now=stage.clock.now()).entry.id == late.id
    assert stage.act(waitlist.fill_from_waitlist, now=stage.clock.now()) is None
