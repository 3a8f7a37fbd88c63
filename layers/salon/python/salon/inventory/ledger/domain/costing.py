"""What stock is worth: the moving average, exactly. Pure.

A position keeps the average as a fraction, its basis: so many kopecks for so much. Its worth is always
`quantity × basis`, rounded once, half away from zero; a movement's value is the difference of two worths. So values
add up to the worth without a remainder, kopecks do not get stuck in a last drop, nothing left is worth nothing, and
worth is never of the other sign than the quantity: a piece never costs less than nothing.

Only what comes in with a cost of its own changes the basis. Stock that was used before it was received is a debt at the
last known cost; the receipt that settles it sets its own cost, and the difference is a variance (facts/domain.md §5.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from salon.inventory.ledger.domain.movements import COSTED, MADE_BY_THE_LEDGER, LedgerEntry
from salon.inventory.ledger.errors import StockBeyondBelief

SCALE = 10_000  # quantities count ten-thousandths of a base unit
MAX_WORTH_MINOR = 10**17
MAX_ON_HAND = Decimal(10**11)


@dataclass(frozen=True, slots=True)
class Position:
    """What of one item lies at one location.

    Attributes:
        quantity: on hand, in base units; less than nothing when more was used than received.
        value_minor: what it is worth, kopecks.
        basis_minor: the average cost, kopecks …
        basis_quantity: … of so many base units; more than nothing.
    """

    quantity: Decimal = Decimal(0)
    value_minor: int = 0
    basis_minor: int = 0
    basis_quantity: Decimal = Decimal(1)

    @property
    def unit_cost_minor(self) -> Decimal:
        """The average cost of one base unit in kopecks, to 28 digits; for showing, never for reckoning on."""
        return self.basis_minor / self.basis_quantity

    def worth(self, quantity: Decimal) -> int:
        """What so much costs on average, kopecks.

        Raises:
            StockBeyondBelief: more than the ledger can hold.
        """
        if abs(quantity) > MAX_ON_HAND:
            raise StockBeyondBelief
        found = round_half_up(_scaled(quantity) * self.basis_minor, _scaled(self.basis_quantity))
        if abs(found) > MAX_WORTH_MINOR:
            raise StockBeyondBelief
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """What a movement does to a position.

    Attributes:
        value_minor: of the movement itself.
        variance_minor: by how much more than that the worth changes.
    """

    after: Position
    value_minor: int
    variance_minor: int = 0


def take_in(position: Position, quantity: Decimal, cost_minor: int) -> Change:
    """Add what comes with a cost of its own.

    Args:
        position: before.
        quantity: more than nothing.
        cost_minor: of all of it, nothing or more.

    Raises:
        StockBeyondBelief: more than the ledger can hold.
    """
    if position.quantity < 0:
        basis_minor, basis_quantity = cost_minor, quantity
    else:
        basis_minor, basis_quantity = position.value_minor + cost_minor, position.quantity + quantity
    after = _settle(replace(position, basis_minor=basis_minor, basis_quantity=basis_quantity), quantity)
    return Change(after, cost_minor, after.value_minor - position.value_minor - cost_minor)


def move_at_average(position: Position, quantity: Decimal) -> Change:
    """Take something out, or put something in that has no cost of its own.

    Raises:
        StockBeyondBelief: more than the ledger can hold.
    """
    after = _settle(position, quantity)
    return Change(after, after.value_minor - position.value_minor)


def replay(entries: Iterable[LedgerEntry], without: Iterable[UUID] = ()) -> Position:
    """The position that rows of the ledger come to, in their order, as if some of them had never been.

    What stands in the ledger always comes to what `stock_positions` keeps: rows that were reversed are left out here,
    as their mirrors are, and what a reversal does to the worth is the difference.

    Args:
        entries: of one item and one location, by `seq`.
        without: ids of rows to leave out.
    """
    left_out = set(without)
    position = Position()
    for entry in entries:
        if entry.kind not in MADE_BY_THE_LEDGER and entry.id not in left_out:
            position = follow(position, entry)
    return position


def follow(position: Position, entry: LedgerEntry) -> Position:
    """What a row that is no reversal and no variance makes of a position."""
    if entry.kind in COSTED:
        return take_in(position, entry.quantity, entry.value_minor).after
    return move_at_average(position, entry.quantity).after


def round_half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number to a fraction; of two that are equally near, the one further from zero.

    Args:
        numerator: any.
        denominator: more than nothing.
    """
    whole = (2 * abs(numerator) + denominator) // (2 * denominator)
    return whole if numerator >= 0 else -whole


def _settle(position: Position, quantity: Decimal) -> Position:
    left = position.quantity + quantity
    return replace(position, quantity=left, value_minor=position.worth(left))


def _scaled(quantity: Decimal) -> int:
    return int(quantity * SCALE)
