from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import text

from salon.availability.timers import MakeSlots
from salon.booking import use_cases as booking
from salon.booking.domain import CancelReason
from salon.booking.series import use_cases as series
from salon.booking.series.timers import ExtendSeries
from salon.booking.shifts import use_cases as shifts
from salon.booking.shifts.domain import ShiftStatus
from salon.booking.shifts.timers import ExpireShifts
from salon.booking.waitlist import use_cases as waitlist
from salon.booking.waitlist.domain import WaitlistStatus
from salon.booking.waitlist.timers import EndWaiting, FillWaiting
from salon.platform.settings import BookingSettings
from support.factories import ACTOR, make_salon
from support.fixtures import make_tenant

pytestmark = pytest.mark.database


@pytest.fixture
def salons(database, tenant_id, clock):
    """A salon each of two tenants, with slots on two days."""
    tenants = (tenant_id, make_tenant(database, clock.now()))
    return [make_salon(database, tenant, now=clock.now(), days=2) for tenant in tenants]


def act(salon, use_case, *arguments, **keywords):
    with salon.database.transaction(salon.tenant_id) as session:
        return use_case(session, *arguments, **keywords)


def join(salon, now):
    said = {"from_at": now, "to_at": now + timedelta(hours=10), "channel": "telegram", "actor": ACTOR, "now": now}
    return act(salon, waitlist.join_waitlist, client_id=salon.client(), service_id=salon.service.id, **said)


def status(salon, entry):
    return act(salon, waitlist.get_entry, entry.id).status


def break_updates(owner_engine, table, tenant_id):
    """Let every change of this tenant's rows of a table fail."""
    with owner_engine.begin() as owner:
        check = f"tenant_id <> '{tenant_id}'"
        owner.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT trouble CHECK ({check}) NOT VALID"))


@pytest.mark.parametrize("trouble", [False, True])
def test_what_is_free_is_offered_and_windows_end_in_every_tenant(database, salons, clock, owner_engine, trouble):
    entries = [join(salon, clock.now()) for salon in salons]
    if trouble:
        break_updates(owner_engine, "waitlist_entries", salons[0].tenant_id)
    fill, end = FillWaiting(database, clock), EndWaiting(database, clock)
    working = [1] if trouble else [0, 1]
    assert fill() == len(working)
    assert [status(salons[one], entries[one]) for one in working] == [WaitlistStatus.OFFERED] * len(working)
    assert fill() == 0
    clock.advance(timedelta(hours=11))
    for one in working:
        act(salons[one], booking.expire_holds, now=clock.now())
    assert end() == len(working)  # the offers have ended
    assert end() == len(working)  # and so have the windows
    assert [status(salons[one], entries[one]) for one in working] == [WaitlistStatus.EXPIRED] * len(working)


@pytest.mark.parametrize("trouble", [False, True])
def test_proposals_end_in_every_tenant(database, salons, clock, owner_engine, trouble):
    proposals = []
    for salon in salons:
        slots = [slot for slot in salon.slots() if slot.starts_at > clock.now() + timedelta(hours=12)]
        visit = salon.book(slots[0].id, salon.client())
        said = {"booking_id": visit.id, "new_slot_id": slots[1].id, "actor": ACTOR, "now": clock.now()}
        proposals.append(act(salon, shifts.propose_shift, **said))
    if trouble:
        break_updates(owner_engine, "shift_proposals", salons[0].tenant_id)
    expire = ExpireShifts(database, clock)
    assert expire() == 0
    clock.advance(timedelta(hours=1))
    assert expire() == (1 if trouble else 2)
    ended = act(salons[1], shifts.get_shift, proposals[1].id)
    assert ended.status is ShiftStatus.EXPIRED


@pytest.mark.parametrize("trouble", [False, True])
def test_series_follow_the_horizon_in_every_tenant(database, salons, clock, owner_engine, trouble):
    settings = BookingSettings(slot_horizon_days=10)
    made = [
        act(
            salon,
            series.create_series,
            client_id=salon.client(),
            location_id=salon.location.id,
            service_id=salon.service.id,
            first_on=date(2026, 3, 12),
            local_time=time(14),
            every_days=7,
            occurrences=3,
            channel="telegram",
            actor=ACTOR,
            now=clock.now(),
            horizon_days=2,
        )
        for salon in salons
    ]
    if trouble:
        break_updates(owner_engine, "booking_series", salons[0].tenant_id)
    MakeSlots(database, clock, settings)()
    extend = ExtendSeries(database, clock, settings)
    assert extend() == (1 if trouble else 2)
    assert extend() == 0
    visits = act(salons[1], series.get_series, made[1].series.id).bookings
    assert [visit.starts_at.day for visit in visits] == [12, 19]


def test_one_timer_runs_at_a_time(database, salons, clock, owner_engine):
    entry = join(salons[0], clock.now())
    with owner_engine.begin() as owner:
        for name in ("waitlist_fill", "waitlist_end", "shifts", "series"):
            owner.execute(
                text("INSERT INTO timer_leases (name, lease_until) VALUES (:name, :until)"),
                {"name": name, "until": clock.now() + timedelta(minutes=1)},
            )
    steps = [
        FillWaiting(database, clock),
        EndWaiting(database, clock),
        ExpireShifts(database, clock),
        ExtendSeries(database, clock, BookingSettings()),
    ]
    assert [step() for step in steps] == [0, 0, 0, 0]
    assert status(salons[0], entry) is WaitlistStatus.WAITING
    clock.advance(timedelta(minutes=1))
    assert steps[0]() == 1
    act(
        salons[0],
        booking.cancel_booking,
        act(salons[0], waitlist.get_entry, entry.id).offered_booking_id,
        reason=CancelReason.SALON,
        actor=ACTOR,
        now=clock.now(),
    )
    assert steps[1]() == 1
