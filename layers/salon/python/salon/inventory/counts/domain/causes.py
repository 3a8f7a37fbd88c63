"""What the difference between the shelf and the ledger may come from. Pure.

First whatever would explain all of it at once, by a coincidence that is hard to have by chance: a line of an invoice,
whole packs, the neighbour on the shelf that is off by as much the other way. Then what is known to be missing in the
ledger, and what people are known to use beyond the norm, piece by piece. The rest stays unexplained, and is said to.
These are hints for whoever asks around, not findings (facts/domain.md §5.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

STEP = Decimal("0.0001")
NEARLY = Decimal("0.01")  # two figures that differ by no more than this share of the larger one are the same
MAX_VISITS = 5  # more forgotten visits than that would have been noticed


class CauseKind(StrEnum):
    """What kind of thing went wrong."""

    OVER_USE = "over_use"  # more is used than the norm says
    UNRECORDED = "unrecorded"  # used, and not in the ledger
    RECEIVING = "receiving"  # what an invoice said did not come, or came and was not entered
    COUNTING = "counting"
    UNEXPLAINED = "unexplained"


class Hint(StrEnum):
    """What exactly it looks like."""

    SWAPPED = "swapped"  # with a neighbour that is off by as much the other way
    NOT_DELIVERED = "not_delivered"  # a line of an invoice, or all of it but a pack
    DELIVERED_TWICE = "delivered_twice"  # and entered once
    PACKS_AS_UNITS = "packs_as_units"  # an invoice's packs were entered as single units
    UNITS_AS_PACKS = "units_as_packs"
    PACKS = "packs"  # whole packs: miscounted, or standing elsewhere
    VISITS_NOT_CLOSED = "visits_not_closed"  # took place, and nobody has said so
    VISITS_UNDER_WAY = "visits_under_way"  # had begun when it was counted, and were closed after
    NORM_NOT_LINKED = "norm_not_linked"  # the norm was not known to be of this item then
    UNBOOKED_VISITS = "unbooked_visits"  # as much as a few visits take
    ACTUALS = "actuals"  # where people say what they use, it is above the norm
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that it may be.

    Attributes:
        quantity: how much of the difference it would explain, base units, more than nothing.
        movement_id: of the ledger, for a receipt.
        other_item_id: the neighbour.
        count: packs or visits; None for neither.
    """

    kind: CauseKind
    hint: Hint
    quantity: Decimal
    staff_id: UUID | None = None
    service_id: UUID | None = None
    other_item_id: UUID | None = None
    movement_id: UUID | None = None
    source_id: UUID | None = None
    count: int | None = None

    def wire(self) -> dict[str, Any]:
        """As it is stored: ids and numbers; what is not known is left out."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            name: value if isinstance(value, int) else str(value) for name, value in values.items() if value is not None
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Cause:
        """What `wire` wrote."""
        ids = {name: UUID(value) for name, value in stored.items() if name.endswith("_id")}
        return cls(
            kind=CauseKind(stored["kind"]),
            hint=Hint(stored["hint"]),
            quantity=Decimal(stored["quantity"]),
            count=stored.get("count"),
            **ids,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUse:
    """What one person used of an item in one service since the count before.

    Attributes:
        norm: by the norms of all visits.
        said_norm: by the norms of those visits where somebody said what was really used.
        said: what they said.
    """

    staff_id: UUID | None
    service_id: UUID | None
    visits: int
    norm: Decimal
    said_norm: Decimal
    said: Decimal

    @property
    def hidden(self) -> Decimal:
        """What the other visits took beyond the norm, if they went like those of which somebody spoke."""
        if self.said_norm <= 0 or self.said <= self.said_norm:
            return Decimal(0)
        return ((self.norm - self.said_norm) * (self.said - self.said_norm) / self.said_norm).quantize(
            STEP, ROUND_HALF_EVEN
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVisits:
    """Visits that used the item by their norms, and whose use the ledger did not hold at the moment of counting."""

    hint: Hint
    staff_id: UUID | None
    service_id: UUID
    visits: int
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSeen:
    """A line of a confirmed invoice since the count before."""

    movement_id: UUID
    source_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sibling:
    """Another item of the same count and category that may be taken for this one."""

    item_id: UUID
    variance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that is known around one item's difference.

    Attributes:
        pack_quantity: base units in a pack; 1 where a pack is a piece, and says nothing.
        norms: what one visit of a service takes, by service.
    """

    pack_quantity: Decimal
    uses: tuple[ServiceUse, ...] = ()
    open_visits: tuple[OpenVisits, ...] = ()
    receipts: tuple[ReceiptSeen, ...] = ()
    siblings: tuple[Sibling, ...] = ()
    norms: Mapping[UUID, Decimal] | None = None


def explain(variance: Decimal, evidence: Evidence) -> tuple[Cause, ...]:
    """What a difference may come from, the likeliest first; nothing for no difference.

    Causes that would explain all of it stand for each other, and nothing is left unexplained beside them. The others
    add up, and with the unexplained rest they make the whole.
    """
    if variance == 0:
        return ()
    amount = abs(variance)
    at_once = [*_swapped(variance, evidence), *_received(variance, evidence), *_packs(amount, evidence)]
    parts, left = [], amount
    if variance < 0:
        for cause in (*_unrecorded(evidence), *_over_use(evidence)):
            taken = min(cause.quantity, left)
            if taken > 0:
                parts.append(_with(cause, taken))
                left -= taken
    if at_once:
        return (*at_once, *parts)
    if variance < 0 and left > 0:
        unbooked = _unbooked(left, evidence)
        if unbooked is not None:
            return (*parts, unbooked)
    if left > 0:
        parts.append(Cause(kind=CauseKind.UNEXPLAINED, hint=Hint.NONE, quantity=left))
    return tuple(parts)


def _with(cause: Cause, quantity: Decimal) -> Cause:
    values = {name: getattr(cause, name) for name in cause.__dataclass_fields__}
    return Cause(**{**values, "quantity": quantity})


def _same(one: Decimal, other: Decimal) -> bool:
    return one > 0 and other > 0 and abs(one - other) <= max(one, other) * NEARLY


def _swapped(variance: Decimal, evidence: Evidence) -> Iterable[Cause]:
    for sibling in evidence.siblings:
        if sibling.variance * variance < 0 and _same(abs(sibling.variance), abs(variance)):
            yield Cause(
                kind=CauseKind.COUNTING, hint=Hint.SWAPPED, quantity=abs(variance), other_item_id=sibling.item_id
            )


def _received(variance: Decimal, evidence: Evidence) -> Iterable[Cause]:
    """The newest first: it is the one that is remembered."""
    amount, pack = abs(variance), evidence.pack_quantity
    for receipt in reversed(evidence.receipts):
        quantity = receipt.quantity
        readings = {
            (Hint.NOT_DELIVERED if variance < 0 else Hint.DELIVERED_TWICE): [quantity],
            (Hint.UNITS_AS_PACKS if variance < 0 else Hint.PACKS_AS_UNITS): [
                quantity - quantity / pack if variance < 0 else quantity * (pack - 1)
            ],
        }
        if quantity > 2 * pack:  # a pack more or less of one that is two packs could be anything
            readings[Hint.NOT_DELIVERED if variance < 0 else Hint.DELIVERED_TWICE] += [quantity - pack, quantity + pack]
        for hint, guesses in readings.items():
            if any(_same(amount, guess) for guess in guesses):
                yield Cause(
                    kind=CauseKind.RECEIVING,
                    hint=hint,
                    quantity=amount,
                    movement_id=receipt.movement_id,
                    source_id=receipt.source_id,
                )
                break


def _packs(amount: Decimal, evidence: Evidence) -> Iterable[Cause]:
    if evidence.pack_quantity <= 1:
        return
    packs = (amount / evidence.pack_quantity).quantize(Decimal(1), ROUND_HALF_EVEN)
    if packs >= 1 and abs(amount - packs * evidence.pack_quantity) <= evidence.pack_quantity * NEARLY:
        yield Cause(kind=CauseKind.COUNTING, hint=Hint.PACKS, quantity=amount, count=int(packs))


def _unrecorded(evidence: Evidence) -> Iterable[Cause]:
    for visits in sorted(evidence.open_visits, key=lambda one: -one.quantity):
        yield Cause(
            kind=CauseKind.UNRECORDED,
            hint=visits.hint,
            quantity=visits.quantity,
            staff_id=visits.staff_id,
            service_id=visits.service_id,
            count=visits.visits,
        )


def _over_use(evidence: Evidence) -> Iterable[Cause]:
    for use in sorted(evidence.uses, key=lambda one: -one.hidden):
        yield Cause(
            kind=CauseKind.OVER_USE,
            hint=Hint.ACTUALS,
            quantity=use.hidden,
            staff_id=use.staff_id,
            service_id=use.service_id,
            count=use.visits,
        )


def _unbooked(left: Decimal, evidence: Evidence) -> Cause | None:
    """A few visits of one service that nobody booked; the fewest, because that is the likeliest."""
    found = [
        (visits, service_id)
        for service_id, norm in (evidence.norms or {}).items()
        for visits in range(1, MAX_VISITS + 1)
        if _same(left, norm * visits)
    ]
    if not found:
        return None
    visits, service_id = min(found)
    return Cause(
        kind=CauseKind.UNRECORDED, hint=Hint.UNBOOKED_VISITS, quantity=left, service_id=service_id, count=visits
    )
