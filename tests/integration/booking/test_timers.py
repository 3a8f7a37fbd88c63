from __future__ import annotations

from datetime import timedelta

import pytest

from salon.availability.timers import MakeSlots
from salon.booking.domain import BookingStatus
from salon.booking.timers import ExpireHolds
from salon.platform.metrics import MemoryMetrics
from salon.platform.settings import BookingSettings
from support.factories import make_salon
from support.fixtures import make_tenant

pytestmark = pytest.mark.database


def test_holds_of_every_tenant_end_and_one_s_trouble_is_its_own(database, tenant_id, clock, owner_engine):
    salons = [
        make_salon(database, tenant, now=clock.now()) for tenant in (tenant_id, make_tenant(database, clock.now()))
    ]
    holds = [salon.hold(salon.slots()[0].id, salon.client()) for salon in salons]
    metrics = MemoryMetrics()
    expire = ExpireHolds(database, clock, metrics)
    assert expire() == 0
    clock.advance(timedelta(minutes=10))
    assert expire() == 2
    assert {salon.booking(hold.id).status for salon, hold in zip(salons, holds, strict=True)} == {BookingStatus.EXPIRED}


def test_slots_are_made_for_every_active_location_up_to_the_horizon(database, tenant_id, clock):
    salon = make_salon(database, tenant_id, now=clock.now(), timezone="Asia/Kamchatka", days=1)
    other = make_salon(database, make_tenant(database, clock.now()), now=clock.now(), days=1)
    assert MakeSlots(database, clock, BookingSettings(slot_horizon_days=3))() == 2
    # it is evening of the 11th in Petropavlovsk already, noon in Moscow is ahead: three days here, four there
    assert len(salon.slots()) == 3 * 6
    assert len(other.slots()) == 4 * 6
