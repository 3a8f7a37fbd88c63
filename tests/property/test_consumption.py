"""Whatever is done to visits, in whatever order it is heard of: the ledger holds what their last state takes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salon.booking import use_cases as booking
from salon.booking.domain import BookingStatus
from salon.inventory.consumption import use_cases as consumption
from salon.inventory.consumption.domain import HairLength
from salon.inventory.ledger import use_cases as ledger
from support.stock_world import make_stock_world

pytestmark = pytest.mark.database
NORM, FACTORS = Decimal(40), {None: 1, HairLength.SHORT: Decimal("0.7"), HairLength.LONG: Decimal("1.5")}
STEPS = st.one_of(
    st.just(("turn", None)),
    st.tuples(
        st.just("say"),
        st.tuples(
            st.none() | st.integers(0, 90).map(lambda tenths: Decimal(tenths) / 10),
            st.sampled_from(list(FACTORS)),
        ),
    ),
    st.tuples(st.just("hear"), st.integers(0, 20)),
)


@pytest.fixture
def world(database, tenant_id, clock):
    return make_stock_world(database, tenant_id, now=clock.now(), days=14)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=10), data=st.data())
def test_the_ledger_holds_what_the_last_state_takes(world, steps, data):
    paint = world.read(consumption.list_unlinked) or None  # nothing is lost on the way
    assert paint is None
    item = getattr(world, "paint", None)
    if item is None:
        item = world.paint = world.item()
        world.norm(item.name, str(NORM))
    before, visit = world.on_hand(item), world.visit()
    said, length = None, None
    for step, what in steps:
        if step == "turn":
            is_done = world.salon.booking(visit.id).status is BookingStatus.COMPLETED
            world.do(booking.reopen_booking if is_done else booking.complete_booking, visit.id)
        elif step == "say":
            said, length = what
            actuals = {} if said is None else {item.id: said}
            world.do(consumption.say_consumption, visit.id, actuals=actuals, hair_length=length)
        elif facts := world.visit_facts(visit.id):
            world.hear(facts[what % len(facts)])
    for fact in data.draw(st.permutations(world.visit_facts(visit.id))):
        world.hear(fact)

    is_done = world.salon.booking(visit.id).status is BookingStatus.COMPLETED
    used = (said if said is not None else NORM * FACTORS[length]) if is_done else 0
    assert before - world.on_hand(item) == used
    standing = world.read(ledger.list_standing, "booking", visit.id)
    assert -sum(entry.quantity for entry in standing) == used
