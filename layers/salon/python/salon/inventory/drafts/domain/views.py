"""A draft beside what follows from everything else: prices of the past, and what is still to be said. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from salon.inventory.drafts.domain.drafts import Draft, DraftLine, LineFlag, Question


@dataclass(frozen=True, slots=True)
class PriceHint:
    """What a base unit of a line's item costs now, and what it cost the last time, kopecks."""

    unit_cost_minor: Decimal
    last_unit_cost_minor: Decimal
    last_at: datetime
    last_supplier_id: UUID | None
    has_jumped: bool


@dataclass(frozen=True, slots=True)
class CountSeen:
    """That an item of an invoice was counted on the invoice's day or later: its goods may be in the stock already.

    Attributes:
        counted_on: the last time, by the location's clock.
    """

    item_id: UUID
    location_id: UUID
    count_id: UUID
    counted_on: date


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft with what follows from everything else: prices of the past, and what is still to be said.

    Attributes:
        hints: by line, where the item was bought before.
        counted: what was counted since its day, by item and location; of a draft only.
        flags: of each line, all of them.
        questions: of each line that has any.
    """

    draft: Draft
    hints: Mapping[UUID, PriceHint] = field(default_factory=dict)
    counted: tuple[CountSeen, ...] = ()

    @property
    def flags(self) -> dict[UUID, tuple[str, ...]]:
        """Why a person should look, by line."""
        return {line.id: self._flags(line) for line in self.draft.lines}

    @property
    def questions(self) -> dict[UUID, tuple[Question, ...]]:
        """What is still to be said, by line; lines without a question are left out."""
        asked = {line.id: self._asked(line) for line in self.draft.stock_lines}
        return {line_id: questions for line_id, questions in asked.items() if questions}

    def _flags(self, line: DraftLine) -> tuple[str, ...]:
        hint = self.hints.get(line.id)
        found = list(line.all_flags)
        if hint is not None and hint.has_jumped:
            found.append(LineFlag.PRICE_JUMPED)
        if line.expires_on is not None and line.expires_on < self.draft.created_at.date():
            found.append(LineFlag.EXPIRED)
        return tuple(found)

    def _asked(self, line: DraftLine) -> tuple[Question, ...]:
        has_item = line.item_id is not None or line.takes_new
        asks = {
            Question.ITEM: not has_item,
            Question.QUANTITY: line.quantity is None,
            Question.SUM: line.amount_minor is None,
            Question.BASE_QUANTITY: has_item and not (line.base_quantity or line.quantity is None),
            Question.CHECK: not line.is_checked and bool(self._flags(line)),
        }
        return tuple(question for question, is_asked in asks.items() if is_asked)


def price_hint(line: DraftLine, last: PriceHint | None, percent: int) -> PriceHint | None:
    """The hint with this line's own price; None where it has none, or the item was never bought.

    Args:
        line: with item, quantity and sum.
        last: what was paid the last time; its own price counts for nothing.
        percent: by how much a price may differ before it has jumped.
    """
    quantity = line.base_quantity
    if last is None or not quantity or line.amount_minor is None:
        return None
    now = line.amount_minor / quantity
    change = abs(now - last.last_unit_cost_minor) * 100
    return PriceHint(
        now,
        last.last_unit_cost_minor,
        last.last_at,
        last.last_supplier_id,
        change > last.last_unit_cost_minor * percent,
    )
