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
from salon.inventory.counts import use_cases as counts
from salon.inventory.counts.domain import CountStatus
from salon.inventory.counts.errors import CountOutdated
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


COUNTED_STEPS = st.one_of(
    st.just(("visit", 0)),
    st.tuples(st.just("turn"), st.integers(0, 3)),
    st.tuples(st.just("turn, unheard"), st.integers(0, 3)),
    st.tuples(st.just("count"), st.integers(0, 900)),
    st.just(("close", 0)),
    st.just(("post", 0)),
    st.just(("uncount", 0)),
)


def close_if_open(world, count_id):
    if world.read(counts.get_count, count_id).status is CountStatus.OPEN:
        world.do(counts.close_count, count_id)


def post_count(world, count_id):
    """As people do it: closed anew where something became known since."""
    close_if_open(world, count_id)
    try:
        world.do(counts.post_count, count_id, reason="Пересчитали")
    except CountOutdated:
        world.do(counts.reopen_count, count_id)
        world.do(counts.close_count, count_id)
        world.do(counts.post_count, count_id, reason="Пересчитали")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(COUNTED_STEPS, min_size=2, max_size=12))
def test_what_was_counted_stands_whenever_visits_are_closed_or_undone(world, steps):
    """Stock is what the last standing count saw, less what completed visits have used after that moment."""
    world.examples = getattr(world, "examples", 0) + 1
    item = world.item(f"Краска {world.examples}")
    world.norm(item.name, str(NORM))
    visits, standing, pending = [world.visit()], [], None

    for step, what in steps:
        world.after(minutes=1)
        if step == "visit" and len(visits) < 4:
            visits.append(world.visit())
        elif step.startswith("turn"):
            visit = visits[what % len(visits)]
            is_done = world.salon.booking(visit.id).status is BookingStatus.COMPLETED
            (world.reopen if is_done else world.complete)(visit.id, heard=step == "turn")
        elif step == "count" and pending is None:
            opened = world.do(counts.open_count, location_id=world.location_id)
            seen = {"packs": Decimal(0), "remainder": Decimal(what)}
            world.do(counts.enter_count, opened.id, item_id=item.id, **seen)
            pending = (opened, world.now, Decimal(what))
        elif step == "close" and pending is not None:
            close_if_open(world, pending[0].id)
        elif step == "post" and pending is not None:
            post_count(world, pending[0].id)
            standing.append(pending)
            pending = None
        elif step == "uncount" and standing and pending is None:
            world.do(counts.reverse_count, standing.pop()[0].id, reason="Не то")
    for visit in visits:
        world.hear_all(visit.id)

    _, moment, seen = standing[-1] if standing else (None, None, Decimal(0))
    done = [one for one in visits if world.salon.booking(one.id).status is BookingStatus.COMPLETED]
    assert world.on_hand(item) == seen - NORM * sum(moment is None or one.ends_at >= moment for one in done)
    assert world.read(ledger.verify_ledger).broken is None
