"""From what was shown to what was booked, by the rule set that chose."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from salon.availability.offers import use_cases as offers
from salon.booking import use_cases as booking
from salon.booking.domain import CancelReason
from salon.insights.domain import VariantFunnel
from salon.insights.use_cases import exposure_funnel
from support.factories import ACTOR, make_salon
from support.fixtures import make_tenant

pytestmark = pytest.mark.database
THURSDAY = date(2026, 3, 12)


def test_each_variant_has_its_funnel(database, tenant_id, clock):
    salon = make_salon(database, tenant_id, now=clock.now(), hours=("09:00", "21:00"), staff_names=("Анна", "Борис"))
    now = salon.now

    def look(subject, variant, at=now):
        with database.transaction(tenant_id) as session:
            return offers.expose_slots(
                session, subject=subject, service_id=salon.service.id, on=THURSDAY, now=at, variant=variant
            )

    def take(exposure, *, is_confirmed):
        with database.transaction(tenant_id) as session:
            free = {slot.id for slot in salon.slots()}
            slot = next(slot for slot in exposure.slots if slot.id in free)
            made = booking.hold_slot(
                session,
                slot_id=slot.id,
                client_id=salon.client(),
                channel="site",
                actor=ACTOR,
                now=now,
                exposure_id=exposure.exposure_id,
                variant=exposure.variant,
            )
            return booking.confirm_booking(session, made.id, actor=ACTOR, now=now) if is_confirmed else made

    look("one", "control", now - timedelta(days=1))  # before the report begins
    first = look("one", "control")
    assert look("one", "control").exposure_id == first.exposure_id  # the same set is not another exposure
    look("one", "control", now + timedelta(minutes=8))
    confirmed = take(first, is_confirmed=True)
    take(look("two", "control"), is_confirmed=False)
    look("three", "packed")
    salon.book(salon.slots()[0].id, salon.client())  # from no offer
    with database.transaction(tenant_id) as session:
        booking.cancel_booking(session, confirmed.id, reason=CancelReason.CLIENT, actor=ACTOR, now=now)

    period = {"from_at": now, "to_at": now + timedelta(hours=1)}
    with database.read(tenant_id) as session:
        found = exposure_funnel(session, **period)
    assert found == [
        VariantFunnel(variant="control", exposures=3, subjects=2, holds=2, confirmed=1),
        VariantFunnel(variant="packed", exposures=1, subjects=1, holds=0, confirmed=0),
    ]
    assert [one.conversion for one in found] == [0.5, 0.0]
    with database.read(make_tenant(database, now)) as session:
        assert exposure_funnel(session, **period) == []
