from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from salon.availability import use_cases as availability
from salon.availability.errors import SlotAlreadyTaken
from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus
from salon.booking.errors import OtherService, PolicySenseless
from salon.booking.shifts import use_cases as shifts
from salon.booking.shifts.domain import ShiftStatus
from salon.booking.shifts.errors import (
    ShiftAlreadyProposed,
    ShiftNotAllowed,
    ShiftNotFound,
    ShiftNotOpen,
    ShiftsOff,
    ShiftWindowSenseless,
)
from salon.booking.waitlist.domain import WaitlistStatus
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Skill
from salon.platform.ids import new_id
from salon.platform.money import Money
from support.factories import ACTOR, make_price_list, make_salon, make_service

pytestmark = pytest.mark.database
HOUR = timedelta(hours=1)
TOMORROW = date(2026, 3, 12)


@pytest.fixture
def salon(database, tenant_id, clock):
    """Анна from 12:00 to 18:00 on the half hour; a cut takes one hour and costs 2000 ₽."""
    return make_salon(database, tenant_id, now=clock.now(), granularity_min=30, days=2)


@pytest.fixture
def colour(stage):
    """A service of three hours."""
    salon = stage.salon
    with salon.database.transaction(salon.tenant_id) as session:
        made = make_service(
            session, now=salon.now, location_ids=[salon.location.id], name="Окрашивание", duration_min=180
        )
        skills = [Skill(salon.service.id), Skill(made.id)]
        catalog.assign_skills(session, salon.staff[0].id, skills, actor=ACTOR, now=salon.now)
        make_price_list(session, now=salon.now, prices={(salon.service.id, None): 200_000})
        availability.generate_slots(
            session, location_id=salon.location.id, from_on=salon.now.date(), to_on=TOMORROW, now=salon.now
        )
    return made


@pytest.fixture
def visit(stage, colour):
    """Tomorrow at 14:30: two and a half hours before it, and as many after it, where three are wanted."""
    return stage.salon.book(tomorrow(stage, 14.5).id, stage.salon.client())


def tomorrow(stage, hour):
    """The cut at an hour of Moscow's tomorrow, whether it is free or not."""
    query = text("SELECT id FROM slot_instances WHERE starts_at = :at AND service_id = :service")
    parameters = {"at": stage.salon.now + timedelta(hours=hour + 13.5), "service": stage.salon.service.id}
    return stage.salon.slot(stage.act(lambda session: session.scalars(query, parameters).one()))


def find(stage, colour, **changes):
    wish = {"service_id": colour.id, "from_at": stage.salon.now + 24 * HOUR, "to_at": stage.salon.now + 36 * HOUR}
    return stage.act(shifts.find_shifts, **{**wish, "now": stage.clock.now(), **changes})


def propose(stage, visit, hour=15, **changes):
    said = {"new_slot_id": tomorrow(stage, hour).id, "actor": ACTOR, "now": stage.clock.now(), **changes}
    return stage.act(shifts.propose_shift, booking_id=visit.id, **said)


def rows(stage):
    return len(stage.facts("booking.rescheduled")), len(stage.open_facts())


def test_a_visit_that_moves_a_little_lets_three_hours_in(stage, colour, visit):
    before = rows(stage)
    ideas = find(stage, colour, max_shift_min=30)
    assert {idea.booking.id for idea in ideas} == {visit.id}
    assert {(idea.new_starts_at - visit.starts_at, idea.wanted_starts_at - visit.starts_at) for idea in ideas} == {
        (HOUR / 2, -2.5 * HOUR),  # to 15:00, and the colour from 12:00 to 15:00
        (-HOUR / 2, HOUR / 2),  # to 14:00, and the colour from 15:00 to 18:00
    }
    assert stage.salon.booking(visit.id) == visit
    assert rows(stage) == before  # nothing of what was tried is left
    stage.sound()


def test_nobody_is_asked_for_what_is_free_anyway(stage, colour, visit):
    assert find(stage, colour, to_at=stage.salon.now + 36 * HOUR, from_at=stage.salon.now) == []  # today is free


def test_a_window_of_all_time_is_refused_and_not_calculated_with(stage, colour, visit):
    with pytest.raises(ShiftWindowSenseless):
        find(stage, colour, from_at=stage.salon.now, to_at=datetime.max.replace(tzinfo=UTC))


@pytest.mark.parametrize("change", ["off", "too far", "late", "moved", "declined", "in a group of services", "options"])
def test_who_is_not_to_be_asked(stage, colour, visit, change):
    assert find(stage, colour) != []
    limits = {}
    match change:
        case "off":
            stage.act(shifts.change_shift_policy, {"enabled": False}, actor=ACTOR, now=stage.clock.now())
        case "too far":
            limits = {"max_shift_min": 15}
        case "late":
            stage.act(shifts.change_shift_policy, {"notice_min": 48 * 60}, actor=ACTOR, now=stage.clock.now())
        case "moved":
            for hour in (15, 14.5):
                slot = tomorrow(stage, hour) if hour == 15 else stage.salon.slot(visit.slot_id)
                stage.act(booking.reschedule_booking, visit.id, slot_id=slot.id, actor=ACTOR, now=stage.clock.now())
        case "declined":
            proposal = propose(stage, visit)
            stage.act(shifts.decline_shift, proposal.id, actor=ACTOR, now=stage.clock.now())
        case "in a group of services":
            query = "UPDATE bookings SET visit_id = id, visit_position = 0"
            with stage.owner_engine.begin() as owner:
                owner.exec_driver_sql(query)
        case "options":
            limits = {"extra_min": 45}  # three hours and three quarters fit nowhere
    assert find(stage, colour, **limits) == []


def test_a_yes_moves_the_visit_for_less_and_lets_the_waiting_client_in(stage, colour, visit):
    wish = {"service_id": colour.id, "from_at": stage.salon.now + 24 * HOUR, "to_at": stage.salon.now + 36 * HOUR}
    waiting = stage.join(**wish)
    stage.tell()
    assert stage.entry(waiting).status is WaitlistStatus.WAITING
    proposal = propose(stage, visit, incentive_minor=30_000, waitlist_entry_id=waiting.id)
    assert stage.act(shifts.get_shift, proposal.id) == proposal
    (told,) = stage.facts("shift.proposed")
    assert (told["booking_id"], told["incentive_minor"]) == (str(visit.id), 30_000)

    moved = stage.act(shifts.accept_shift, proposal.id, actor=ACTOR, now=stage.clock.now())
    assert (moved.starts_at - visit.starts_at, moved.price) == (HOUR / 2, Money(170_000))
    assert stage.act(shifts.accept_shift, proposal.id, actor=ACTOR, now=stage.clock.now()) == moved
    offer = stage.salon.booking(stage.entry(waiting).offered_booking_id)
    assert (offer.status, offer.starts_at) == (BookingStatus.HELD, visit.starts_at - 2.5 * HOUR)
    stage.tell()
    stage.sound()


def test_a_no_a_withdrawal_and_silence_leave_the_visit_alone(stage, colour, visit):
    for end, status in (
        (shifts.withdraw_shift, ShiftStatus.WITHDRAWN),
        (None, ShiftStatus.EXPIRED),
        (shifts.decline_shift, ShiftStatus.DECLINED),
    ):
        proposal = propose(stage, visit)
        if end is not None:
            ended = stage.act(end, proposal.id, actor=ACTOR, now=stage.clock.now())
            assert stage.act(end, proposal.id, actor=ACTOR, now=stage.clock.now()) == ended
        else:
            assert stage.act(shifts.expire_shifts, now=stage.clock.now()) == 0
            stage.clock.advance(HOUR)
            with pytest.raises(ShiftNotOpen, match="expired"):
                stage.act(shifts.accept_shift, proposal.id, actor=ACTOR, now=stage.clock.now())
            assert stage.act(shifts.expire_shifts, now=stage.clock.now()) == 1
        assert stage.act(shifts.get_shift, proposal.id).status is status
        with pytest.raises(ShiftNotOpen):
            stage.act(shifts.accept_shift, proposal.id, actor=ACTOR, now=stage.clock.now())
        assert len(stage.facts(f"shift.{status}")) == 1
    assert stage.salon.booking(visit.id) == visit
    assert len(stage.act(shifts.list_shifts, booking_id=visit.id)) == 3
    with pytest.raises(ShiftNotAllowed) as refused:
        propose(stage, visit)  # whoever declined is left in peace
    assert refused.value.reason == "asked"


def test_what_cannot_be_proposed(stage, colour, visit):
    propose(stage, visit)
    with pytest.raises(ShiftAlreadyProposed):
        propose(stage, visit)
    other = stage.salon.book(tomorrow(stage, 17).id, stage.salon.client())
    between = stage.salon.book(tomorrow(stage, 15.5).id, stage.salon.client())
    with pytest.raises(SlotAlreadyTaken):
        propose(stage, other, hour=16)  # the one at 15:30 is in the way
    stage.cancel(between)
    long = find_long(stage, colour)
    with pytest.raises(OtherService):
        propose(stage, other, new_slot_id=long[0].id)
    with pytest.raises(PolicySenseless, match="incentive"):
        propose(stage, other, hour=16, incentive_minor=-1)
    with pytest.raises(ShiftNotFound):
        stage.act(shifts.accept_shift, new_id(), actor=ACTOR, now=stage.clock.now())
    stage.act(shifts.change_shift_policy, {"enabled": False}, actor=ACTOR, now=stage.clock.now())
    with pytest.raises(ShiftsOff):
        propose(stage, other, hour=16)


def find_long(stage, colour):
    window = {"from_at": stage.salon.now, "to_at": stage.salon.now + 12 * HOUR, "now": stage.salon.now}
    return stage.act(availability.list_free_slots, service_id=colour.id, **window)


def test_a_visit_that_moved_or_ended_meanwhile_is_asked_about_no_more(stage, colour, visit):
    proposal = propose(stage, visit)
    stage.act(booking.reschedule_booking, visit.id, slot_id=tomorrow(stage, 17).id, actor=ACTOR, now=stage.clock.now())
    with pytest.raises(ShiftNotOpen, match="outdated"):
        stage.act(shifts.accept_shift, proposal.id, actor=ACTOR, now=stage.clock.now())


def test_a_new_time_that_is_taken_meanwhile_leaves_the_old_one(stage, colour, visit):
    proposal = propose(stage, visit, hour=15.5)
    stage.salon.book(tomorrow(stage, 16).id, stage.salon.client())
    with pytest.raises(SlotAlreadyTaken):
        stage.act(shifts.accept_shift, proposal.id, actor=ACTOR, now=stage.clock.now())
    assert stage.salon.booking(visit.id) == visit
    assert stage.act(shifts.get_shift, proposal.id).status is ShiftStatus.PROPOSED
    stage.sound()


def test_the_policy_is_changed_by_name(stage):
    changed = stage.act(shifts.change_shift_policy, {"answer_min": 30}, actor=ACTOR, now=stage.clock.now())
    assert stage.act(shifts.shift_policy) == changed
    with pytest.raises(PolicySenseless, match=r"shifts\.answer_minutes"):
        stage.act(shifts.change_shift_policy, {"answer_minutes": 30}, actor=ACTOR, now=stage.clock.now())
