from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from salon.availability.timers import MakeSlots
from salon.booking.domain import BookingStatus
from salon.booking.timers import ExpireHolds
from salon.platform.metrics import HOLD_EXPIRED, MemoryMetrics
from salon.platform.settings import BookingSettings
from support.factories import make_salon
from support.fixtures import make_tenant

pytestmark = pytest.mark.database


@pytest.fixture
def salons(database, tenant_id, clock):
    """A salon each of two tenants."""
    tenants = (tenant_id, make_tenant(database, clock.now()))
    return [make_salon(database, tenant, now=clock.now(), days=1) for tenant in tenants]


def test_holds_of_every_tenant_end(database, salons, clock):
    holds = [salon.hold(salon.slots()[0].id, salon.client()) for salon in salons]
    metrics = MemoryMetrics()
    expire = ExpireHolds(database, clock, metrics)
    assert expire() == 0
    clock.advance(timedelta(minutes=10))
    assert expire() == 2
    assert metrics.total(HOLD_EXPIRED) == 2
    pairs = zip(salons, holds, strict=True)
    assert {salon.booking(hold.id).status for salon, hold in pairs} == {BookingStatus.EXPIRED}


def test_one_tenant_s_trouble_leaves_the_others_alone(database, salons, clock, owner_engine):
    troubled, other = salons
    stuck, ended = (salon.hold(salon.slots()[0].id, salon.client()) for salon in salons)
    with owner_engine.begin() as owner:
        check = f"status <> 'expired' OR tenant_id <> '{troubled.tenant_id}'"
        owner.execute(text(f"ALTER TABLE bookings ADD CONSTRAINT trouble CHECK ({check})"))
    clock.advance(timedelta(minutes=10))
    assert ExpireHolds(database, clock, MemoryMetrics())() == 1
    assert troubled.booking(stuck.id).status is BookingStatus.HELD
    assert other.booking(ended.id).status is BookingStatus.EXPIRED


def test_slots_are_made_for_every_active_location_up_to_the_horizon(database, tenant_id, clock):
    far = make_salon(database, tenant_id, now=clock.now(), timezone="Asia/Kamchatka", days=1)
    near = make_salon(database, make_tenant(database, clock.now()), now=clock.now(), days=1)
    assert MakeSlots(database, clock, BookingSettings(slot_horizon_days=3))() == 2
    # in Petropavlovsk the afternoon of the first day is over, in Moscow it lies ahead
    assert len(far.slots()) == 3 * 6
    assert len(near.slots()) == 4 * 6
