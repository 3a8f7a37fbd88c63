"""Any interleaving of receipts, consumption, transfers, counts, corrections and reversals leaves the books right."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from salon.inventory.counts import use_cases as counts
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import Movement, MovementKind, Source
from salon.inventory.ledger.errors import NotEnoughStock
from salon.platform.ids import new_id
from support.factories import ACTOR
from support.shelf import C, F, R, W, make_shelf

pytestmark = pytest.mark.database
QUANTITY = st.decimals(Decimal("0.0001"), Decimal(300), places=4)
ITEM, PLACE = st.sampled_from(["dye", "foil"]), st.sampled_from(["here", "there"])
RECEIVE = st.tuples(st.just(R), ITEM, PLACE, QUANTITY, st.none() | st.integers(0, 500_000))
USE = st.tuples(st.sampled_from([C, W]), ITEM, PLACE, QUANTITY.map(lambda quantity: -quantity), st.none())
CORRECT = st.tuples(st.just(F), ITEM, PLACE, QUANTITY | QUANTITY.map(lambda quantity: -quantity), st.none())
TRANSFER = st.tuples(st.just("transfer"), ITEM, PLACE, QUANTITY, st.none())
REVERSE = st.tuples(st.just("reverse"), st.integers(0, 50))
REPEAT = st.tuples(st.just("repeat"), st.integers(0, 50))
COUNT = st.tuples(st.just("count"), ITEM, PLACE, QUANTITY | st.just(Decimal(0)))
POST_COUNT = st.tuples(st.just("post the count"))
MOVES = (RECEIVE, USE, USE, CORRECT, TRANSFER, REVERSE, REPEAT)
STEPS = st.lists(st.one_of(*MOVES, COUNT, POST_COUNT), min_size=1, max_size=18)
REVERSIBLE_STEPS = st.lists(st.one_of(*MOVES), min_size=1, max_size=14)
SUMS = text("""
    SELECT p.quantity = coalesce(l.quantity, 0) AND p.value_minor = coalesce(l.value_minor, 0) AS is_sum,
        p.quantity * p.value_minor >= 0 AND p.basis_minor >= 0 AS costs_something,
        p.quantity <> 0 OR p.value_minor = 0 AS is_empty_worth_nothing
    FROM stock_positions p LEFT JOIN (
        SELECT item_id, location_id, sum(quantity) quantity, sum(value_minor) value_minor
        FROM inventory_ledger WHERE tenant_id = :tenant GROUP BY item_id, location_id
    ) l USING (item_id, location_id) WHERE p.tenant_id = :tenant""")


class Player:
    """Plays steps on a shelf and keeps what was posted, as a person with a pencil would."""

    def __init__(self, shelf) -> None:
        self.shelf = shelf
        self.told: list[tuple[Source, list[Movement]]] = []
        self.reversed: set[Source] = set()
        self.pencil: dict[tuple, Decimal] = {}
        self.counted: tuple | None = None

    def step(self, kind, *rest) -> None:
        if kind == "reverse":
            self._reverse(*rest)
        elif kind == "repeat":
            self._repeat(*rest)
        elif kind == "count":
            self._open_count(*rest)
        elif kind == "post the count":
            self._post_count()
        else:
            self._post(self._movements(kind, *rest))

    def _movements(self, kind, item, place, quantity, cost_minor) -> list[Movement]:
        item_id, location_id = getattr(self.shelf, item), getattr(self.shelf, place)
        if kind != "transfer":
            place = {"item_id": item_id, "location_id": location_id}
            return [self.shelf.movement(kind, quantity, cost_minor=cost_minor, **place)]
        other = self.shelf.there if place == "here" else self.shelf.here
        source = Source("test", new_id())
        out, into = MovementKind.TRANSFER_OUT, MovementKind.TRANSFER_IN
        return [
            self.shelf.movement(out, -quantity, item_id=item_id, location_id=location_id, source=source),
            self.shelf.movement(into, quantity, item_id=item_id, location_id=other, source=source),
        ]

    def _post(self, movements: list[Movement]) -> None:
        first = movements[0]
        there = self.pencil.get((first.item_id, first.location_id), Decimal(0))
        may_not = first.kind in {W, MovementKind.TRANSFER_OUT} and there + first.quantity < 0
        if may_not:
            with pytest.raises(NotEnoughStock):
                self.shelf.post(*movements)
            return
        posted = self.shelf.post(*movements)
        assert not any(one.is_repeat for one in posted)
        if len(posted) == 2:  # a transfer neither makes money nor loses any
            assert sum(one.value_minor for one in posted) == 0
        self.told.append((first.source, movements))
        self._count(movements, 1)

    def _open_count(self, item, place, seen: Decimal) -> None:
        if self.counted is not None:
            return
        item_id, location_id = getattr(self.shelf, item), getattr(self.shelf, place)
        now = {"actor": ACTOR, "now": self.shelf.now}
        with self.shelf.write() as session:
            opened = counts.open_count(session, location_id=location_id, **now)
            counts.enter_count(session, opened.id, item_id=item_id, packs=Decimal(0), remainder=seen, **now)
        there = self.pencil.get((item_id, location_id), Decimal(0))
        self.counted = (opened.id, (item_id, location_id), seen - there)

    def _post_count(self) -> None:
        """What was moved since the item was counted is no difference."""
        if self.counted is None:
            return
        count_id, place, difference = self.counted
        now = {"actor": ACTOR, "now": self.shelf.now}
        with self.shelf.write() as session:
            counts.close_count(session, count_id, **now)
            counts.post_count(session, count_id, reason="Пересчитали", **now)
        self.pencil[place] = self.pencil.get(place, Decimal(0)) + difference
        self.counted = None

    def _reverse(self, index: int) -> None:
        if not self.told:
            return
        source, movements = self.told[index % len(self.told)]
        mirrors = self.shelf.reverse(source)
        if source in self.reversed:
            assert mirrors == ()
            return
        assert sorted(one.quantity for one in mirrors) == sorted(-one.quantity for one in movements)
        self.reversed.add(source)
        self._count(movements, -1)

    def _repeat(self, index: int) -> None:
        if not self.told:
            return
        source, movements = self.told[index % len(self.told)]
        again = self.shelf.post(*movements)
        assert all(one.is_repeat and one.is_reversed == (source in self.reversed) for one in again)

    def _count(self, movements: list[Movement], sign: int) -> None:
        for movement in movements:
            place = (movement.item_id, movement.location_id)
            self.pencil[place] = self.pencil.get(place, Decimal(0)) + sign * movement.quantity


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_stock_is_the_sum_of_its_movements_and_never_costs_less_than_nothing(database, owner_engine, clock, steps):
    shelf = make_shelf(database, clock.now())
    player = Player(shelf)
    for step in steps:
        player.step(*step)
    with shelf.read() as session:
        found = {(line.item_id, line.location_id): line.quantity for line in ledger.stock_on_hand(session)}
    assert {place: quantity for place, quantity in found.items() if quantity} == {
        place: quantity for place, quantity in player.pencil.items() if quantity
    }
    with owner_engine.connect() as owner:
        for row in owner.execute(SUMS, {"tenant": shelf.tenant_id}):
            assert all(row), row
    verdict = shelf.verify()
    assert verdict.broken is None  # the chain holds, and a reckoning from its rows comes to the very positions


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=REVERSIBLE_STEPS)
def test_taking_everything_back_leaves_nothing(database, clock, steps):
    shelf = make_shelf(database, clock.now())
    player = Player(shelf)
    for step in steps:
        player.step(*step)
    for source, _ in player.told:
        shelf.reverse(source)
    with shelf.write() as session:
        assert all(line.quantity == 0 and line.value_minor == 0 for line in ledger.stock_on_hand(session))
        assert ledger.post(session, (), actor=ACTOR, now=clock.now()) == ()
    assert shelf.verify().broken is None
