"""The moving average: values add up to the worth, to the kopeck, whatever the order."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.inventory.ledger.domain import Position, move_at_average, take_in
from salon.inventory.ledger.domain.costing import round_half_up
from salon.inventory.ledger.errors import StockBeyondBelief

QUANTITIES = st.decimals(Decimal("0.0001"), Decimal(5000), places=4)
COSTS = st.integers(0, 10_000_000)
STEPS = st.lists(st.one_of(st.tuples(QUANTITIES, COSTS), st.tuples(QUANTITIES.map(lambda q: -q), st.none())))


def walk(*steps, start=Position()):  # noqa: B008 - frozen
    """Values and variances of steps (quantity, cost or None), and the position they lead to."""
    position, values = start, []
    for quantity, cost_minor in steps:
        change = (
            move_at_average(position, Decimal(quantity))
            if cost_minor is None
            else take_in(position, Decimal(quantity), cost_minor)
        )
        values.append((change.value_minor, change.variance_minor))
        position = change.after
    return position, values


def test_the_average_of_two_receipts():
    position, values = walk((10, 1000), (30, 5000), (-4, None))
    assert position.unit_cost_minor == 150
    assert (position.quantity, position.value_minor) == (36, 5400)
    assert values == [(1000, 0), (5000, 0), (-600, 0)]


def test_a_kopeck_in_three_goes_out_whole():
    position, values = walk((3, 100), (-1, None), (-1, None), (-1, None))
    assert [value for value, _ in values] == [100, -33, -34, -33]  # 66.67 → 67, then 33.33 → 33, then 0
    assert (position.quantity, position.value_minor) == (0, 0)


def test_a_kopeck_does_not_stick_to_the_last_drop():
    steps = [(-9, None)] * 11 + [(Decimal("-0.9999"), None)]
    position, values = walk((100, 1), *steps)
    assert position.quantity == Decimal("0.0001")
    assert position.value_minor == 0
    assert sum(value for value, _ in values) == 0
    _, overdrawn = walk((-1000, None), start=position)
    assert overdrawn == [(-10, 0)]  # at a hundredth of a kopeck each, not at ten thousand kopecks


def test_half_a_kopeck_is_rounded_away_from_zero_on_both_sides():
    assert [round_half_up(n, 2) for n in (-3, -1, 1, 3)] == [-2, -1, 1, 2]
    assert [round_half_up(n, 3) for n in (-2, -1, 1, 2)] == [-1, 0, 0, 1]


def test_stock_used_before_it_came_is_a_debt_at_the_last_cost_and_the_receipt_says_the_difference():
    position, values = walk((10, 1000), (-15, None), (20, 2400))
    assert values == [(1000, 0), (-1500, 0), (2400, -100)]  # five were booked at 100 and have cost 120
    assert (position.quantity, position.value_minor, position.unit_cost_minor) == (15, 1800, 120)


def test_a_receipt_that_does_not_cover_the_debt_revalues_it():
    position, values = walk((10, 1000), (-15, None), (2, 300))
    assert (position.quantity, position.value_minor) == (-3, -450)
    assert values[-1] == (300, -250)
    position, values = walk((10, 1000), (-15, None), (5, 700))
    assert (position.quantity, position.value_minor) == (0, 0)
    assert values[-1] == (700, -200)


def test_what_was_never_received_costs_nothing_until_it_is():
    position, values = walk((-4, None), (10, 1000))
    assert values == [(0, 0), (1000, -400)]
    assert (position.quantity, position.value_minor) == (6, 600)


def test_gifts_make_the_rest_cheaper():
    position, _ = walk((10, 1000), (10, 0))
    assert position.unit_cost_minor == 50


def test_empty_stock_remembers_its_cost():
    _, values = walk((10, 1000), (-10, None), (3, None))
    assert values[-1] == (300, 0)


def test_what_no_salon_has_is_refused():
    with pytest.raises(StockBeyondBelief):
        walk((Decimal("0.0001"), 10**12), (-(10**9), None))
    with pytest.raises(StockBeyondBelief):
        walk(*[(10**9, 0)] * 101)


@given(STEPS)
def test_values_add_up_and_a_piece_never_costs_less_than_nothing(steps):
    position = Position()
    total = 0
    for quantity, cost_minor in steps:
        before = position
        position, [(value, variance)] = walk((quantity, cost_minor), start=position)
        total += value + variance
        assert position.value_minor == total
        assert position.quantity == before.quantity + quantity
        assert position.value_minor * position.quantity >= 0
        assert (position.value_minor == 0) or (position.quantity != 0)
        assert variance == 0 or before.quantity < 0
        exact = Fraction(position.quantity) * position.basis_minor / Fraction(position.basis_quantity)
        assert abs(position.value_minor - exact) <= Fraction(1, 2)
        if cost_minor is None:
            assert value <= 0
