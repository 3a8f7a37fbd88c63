from __future__ import annotations

from datetime import timedelta

import pytest

from salon.booking import use_cases as booking
from salon.booking.domain import CancelReason
from salon.booking.visitors.use_cases import Who, hold_for_visitor, show_slots
from salon.identity import repository as identity
from salon.identity.access import Principal, Role
from support.factories import make_salon

pytestmark = pytest.mark.database


def test_a_seat_in_a_group_that_others_have_too_does_not_count_as_free_time(database, tenant_id, clock):
    salon = make_salon(database, tenant_id, now=clock.now(), duration_min=60, granularity_min=30, capacity=3)
    slot = salon.slots()[6]
    with database.transaction(tenant_id) as session:
        until = salon.now + timedelta(hours=24)
        session_id = identity.add_session(session, role=Role.USER, user_id=None, now=salon.now, until=until)
    visitor = Principal(tenant_id=tenant_id, session_id=session_id, role=Role.USER)
    with database.transaction(tenant_id) as session:
        held = hold_for_visitor(session, visitor, slot_id=slot.id, who=Who("Гостья"), now=salon.now)

    def gained():
        """How many more starts are shown to whoever leaves that seat."""
        totals = []
        for leaving in (held.id, None):
            with database.transaction(tenant_id) as session:
                shown = show_slots(
                    session,
                    visitor,
                    service_id=salon.service.id,
                    on=slot.starts_at.date(),
                    now=salon.now,
                    leaving_booking_id=leaving,
                )
                totals.append(shown.exposure.total)
        return totals[0] - totals[1]

    assert gained() > 0
    other = salon.book(slot.id, salon.client(name="Другая"))
    assert gained() == 0
    with database.transaction(tenant_id) as session:
        booking.cancel_booking(session, other.id, reason=CancelReason.CLIENT, actor=visitor.actor, now=salon.now)
    assert gained() > 0
