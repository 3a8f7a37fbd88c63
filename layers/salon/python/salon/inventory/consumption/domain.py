"""Which norms hold for a visit, how the length of the hair changes them, and what that is in the stock. Pure.

A visit is worked out from scratch each time: from its norms, the length of the hair, what was entered, and the items.
Nothing is remembered but what the ledger holds, so facts that come twice or in the wrong order come to the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from salon.catalog.domain import Norm, NormUnit
from salon.inventory.consumption.errors import ConsumptionSettingsSenseless
from salon.inventory.items.domain import BaseUnit, Item, name_key

STEP = Decimal("0.0001")
"""Quantities of the ledger have four decimal places at most."""
SETTINGS = "consumption"
MAX_QUANTITY = Decimal(10**6)
MAX_BASE = Decimal(10**9)  # what the ledger holds
_LEAST, _MOST = Decimal("0.1"), Decimal(10)


class HairLength(StrEnum):
    """How long the client's hair is, as the salon's people say."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"
    EXTRA = "extra"


FACTORS: Mapping[HairLength, Decimal] = MappingProxyType(
    {
        HairLength.SHORT: Decimal("0.7"),
        HairLength.MEDIUM: Decimal(1),
        HairLength.LONG: Decimal("1.5"),
        HairLength.EXTRA: Decimal(2),
    }
)
"""Of a norm that is given for medium hair; a salon sets its own. The figures are a guess of ours, not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumptionPolicy:
    """A tenant's rules: the settings section `consumption`.

    Attributes:
        factors: what a norm is multiplied by, by length of hair.
        grams_per_ml: how much a millilitre weighs, for norms in grams of what the stock has in millilitres and the
            other way about; None: such norms are not consumed, and shown among the unlinked ones.
    """

    factors: Mapping[HairLength, Decimal] = field(default_factory=lambda: FACTORS)
    grams_per_ml: Decimal | None = None


def policy_from(values: Mapping[str, Any]) -> ConsumptionPolicy:
    """The policy that settings describe: `{"factors": {"long": "1.4"}, "grams_per_ml": "1"}`; the rest has defaults.

    Raises:
        ConsumptionSettingsSenseless: a value is no decimal number, or out of its limits; says which.
    """
    for name in values.keys() - {"factors", "grams_per_ml"}:
        raise ConsumptionSettingsSenseless(f"{SETTINGS}.{name}", "is no setting of this section")
    said = values.get("factors", {})
    if not isinstance(said, Mapping) or not said.keys() <= set(HairLength):
        raise ConsumptionSettingsSenseless(f"{SETTINGS}.factors", "has short, medium, long and extra")
    factors = {HairLength(name): _number(f"factors.{name}", value) for name, value in said.items()}
    grams = values.get("grams_per_ml")
    return ConsumptionPolicy(
        factors={**FACTORS, **factors},
        grams_per_ml=_number("grams_per_ml", grams) if grams is not None else None,
    )


def _number(name: str, value: object) -> Decimal:
    is_plain = isinstance(value, str | int) and not isinstance(value, bool)
    try:
        number = Decimal(str(value)) if is_plain else None
    except ArithmeticError:
        number = None
    if number is None or not number.is_finite() or not _LEAST <= number <= _MOST:
        raise ConsumptionSettingsSenseless(f"{SETTINGS}.{name}", f"is a decimal number from {_LEAST} to {_MOST}")
    return number


class LineState(StrEnum):
    """What became of a norm."""

    POSTED = "posted"
    NONE = "none"  # a person said that nothing of it was used
    UNLINKED = "unlinked"  # no item of the stock is known by that name
    OTHER_UNIT = "other_unit"  # the item is kept in a unit that the norm's does not turn into


LOST = frozenset({LineState.UNLINKED, LineState.OTHER_UNIT})
"""What was used and the ledger does not know of; shown until somebody mends the norm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One norm or actual of a visit, worked out.

    Attributes:
        norm_id: None for an actual that no norm speaks of.
        item_text: the norm's words; empty without one.
        norm_quantity: what the norm says, in `norm_unit`; None without a norm.
        by_length: whether the norm grows with the length of the hair.
        norm_base: with that, in the item's base units; None where it cannot be said.
        used: what the stock is told, in base units; None where the stock cannot be told.
        is_actual: a person has said so.
    """

    norm_id: UUID | None
    item_text: str
    item_id: UUID | None
    norm_quantity: Decimal | None
    norm_unit: NormUnit | None
    by_length: bool
    norm_base: Decimal | None
    used: Decimal | None
    is_actual: bool
    state: LineState


def choose_norms(
    norms: Iterable[Norm], *, option_ids: Collection[UUID], staff_id: UUID | None, items: Mapping[UUID, UUID]
) -> list[Norm]:
    """The norms of a service that hold for a visit, by their words.

    Of one thing the norms of the chosen options go before the others: each option that has one adds its own, because
    a tint on top of long hair takes both. Of the norms that are otherwise alike, that of the person who serves goes
    before the one for everybody. What one thing is, is told by the item; by the norm's words where it has none.

    Args:
        norms: of the booked service, all of them.
        option_ids: that were chosen.
        staff_id: who served; None for nobody.
        items: the item of each norm that has one.
    """
    by_thing: dict[UUID | str, list[Norm]] = defaultdict(list)
    for norm in norms:
        if (norm.option_id is None or norm.option_id in option_ids) and norm.staff_id in {None, staff_id}:
            by_thing[items.get(norm.id) or name_key(norm.item)].append(norm)
    chosen: list[Norm] = []
    for same in by_thing.values():
        of_options: dict[UUID | None, list[Norm]] = defaultdict(list)
        for norm in same:
            of_options[norm.option_id].append(norm)
        if len(of_options) > 1:
            of_options.pop(None, None)
        chosen += [
            min(group, key=lambda norm: (norm.staff_id is None, norm.item, norm.id)) for group in of_options.values()
        ]
    return sorted(chosen, key=lambda norm: (norm.item, norm.id))


def grows(norm: Norm) -> bool:
    """Whether a norm grows with the hair: as said; else what is weighed or measured does, and no option's norm.

    An option is often the length itself («длинные волосы»), and its norm says what that takes.
    """
    if norm.by_length is not None:
        return norm.by_length
    return norm.unit is not NormUnit.PIECE and norm.option_id is None


def in_base_units(quantity: Decimal, unit: NormUnit, item: Item, policy: ConsumptionPolicy) -> Decimal | None:
    """A norm's quantity in the units that the item is kept in; None where it cannot be said.

    A piece of what is weighed or measured is a pack of it: one tube of 60 ml.
    """
    if unit.value == item.base_unit.value:
        base = quantity
    elif unit is NormUnit.PIECE:
        base = quantity * item.pack_quantity
    elif item.base_unit is BaseUnit.PIECE or policy.grams_per_ml is None:
        return None
    else:
        base = quantity / policy.grams_per_ml if unit is NormUnit.GRAM else quantity * policy.grams_per_ml
    return base.quantize(STEP, ROUND_HALF_EVEN) if base <= MAX_BASE else None


def work_out(
    norms: Sequence[Norm],
    *,
    items: Mapping[UUID, Item],
    actuals: Mapping[UUID, Decimal],
    hair_length: HairLength | None,
    policy: ConsumptionPolicy,
) -> list[Line]:
    """What a visit used, line by line.

    An actual takes the place of all norms of its item: it stands on the first of their lines, the others say none.

    Args:
        norms: that hold for the visit (`choose_norms`).
        items: the item of each norm that has one.
        actuals: what a person said was used, base units by item.
        hair_length: None when nobody has said: the norm as it is.
        policy: the tenant's.
    """
    factor = policy.factors[hair_length] if hair_length is not None else Decimal(1)
    lines, left = [], dict(actuals)
    for norm in norms:
        quantity = norm.quantity * factor if grows(norm) else norm.quantity
        item = items.get(norm.id)
        base = in_base_units(quantity, norm.unit, item, policy) if item is not None else None
        is_actual = item is not None and item.id in actuals
        used = left.pop(item.id, Decimal(0)) if item is not None and is_actual else base
        lines.append(
            Line(
                norm_id=norm.id,
                item_text=norm.item,
                item_id=item.id if item is not None else None,
                norm_quantity=norm.quantity,
                norm_unit=norm.unit,
                by_length=grows(norm),
                norm_base=base,
                used=used,
                is_actual=is_actual,
                state=_state_of(item, used),
            )
        )
    for item_id, used in left.items():
        lines.append(
            Line(
                norm_id=None,
                item_text="",
                item_id=item_id,
                norm_quantity=None,
                norm_unit=None,
                by_length=False,
                norm_base=None,
                used=used,
                is_actual=True,
                state=LineState.POSTED if used else LineState.NONE,
            )
        )
    return lines


def _state_of(item: Item | None, used: Decimal | None) -> LineState:
    if item is None:
        return LineState.UNLINKED
    if used is None:
        return LineState.OTHER_UNIT
    return LineState.POSTED if used else LineState.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitConsumption:
    """What one booking used, and whether the ledger holds it now.

    Attributes:
        generation: grows with each posting.
        completed_version: of the booking, at the completion that the generation is of; None before the first.
        location_id, service_id, staff_id: where, what and by whom, when it was posted.
    """

    id: UUID
    booking_id: UUID
    hair_length: HairLength | None
    generation: int
    is_posted: bool
    completed_version: int | None
    location_id: UUID | None
    service_id: UUID | None
    staff_id: UUID | None
    posted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A norm, and what it is in the stock.

    Attributes:
        item_id: None where nothing fits, or several items do.
        is_by_name: found by its words; nobody has said so.
        fits_unit: whether the norm's unit turns into the item's; False without an item.
        visits: how many visits used it and the ledger does not know.
        proposals: items whose names are like it, the likest first.
    """

    norm: Norm
    item_id: UUID | None
    is_by_name: bool
    fits_unit: bool
    visits: int = 0
    proposals: tuple[Item, ...] = ()


def link_by_name(norms: Iterable[Norm], items: Iterable[Item]) -> dict[UUID, Item]:
    """The item of each norm that has one: said by a person, else the only one of that name."""
    by_id = {item.id: item for item in items}
    by_name: dict[str, list[Item]] = defaultdict(list)
    for item in by_id.values():
        by_name[name_key(item.name)].append(item)
    found = {}
    for norm in norms:
        if norm.item_id is not None:
            if norm.item_id in by_id:
                found[norm.id] = by_id[norm.item_id]
        elif len(same := by_name[name_key(norm.item)]) == 1:
            found[norm.id] = same[0]
    return found
