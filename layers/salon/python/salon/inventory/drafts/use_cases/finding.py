"""Which items the lines of a document are, and who its supplier is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from rapidfuzz import fuzz

from salon.intake.documents.domain import Flag
from salon.intake.inference.domain import InvoiceUnit, LinePrediction, invoice_unit
from salon.intake.inference.domain.names import repaired
from salon.inventory.drafts import repository
from salon.inventory.drafts.domain.drafts import DraftLine, NewItem
from salon.inventory.drafts.domain.matching import Match, MatchMethod, Stock, StockItem
from salon.inventory.drafts.domain.names import take_apart
from salon.inventory.drafts.domain.units import per_unit, plain_unit
from salon.inventory.items import use_cases as items
from salon.inventory.items.domain import BaseUnit, Item, name_key
from salon.inventory.suppliers import repository as suppliers
from salon.inventory.suppliers.domain import Supplier, is_valid_inn
from salon.platform.db import ReadSession
from salon.platform.names import is_visible

LEARNED_WORD = 2
"""So often must a word have been corrected before it is put right without asking."""
LEARNED_UNIT = 1
_WRITTEN = {BaseUnit.MILLILITRE: "мл", BaseUnit.GRAM: "г", BaseUnit.PIECE: "шт"}
_OF_WORDS = frozenset({Flag.NAME_UNSURE, Flag.UNIT_UNSURE})


def alike(first: str, second: str) -> float:
    """How alike two strings are, 0 to 1."""
    return fuzz.ratio(first, second) / 100


def find_supplier(session: ReadSession, name: str, inn: str) -> Supplier | None:
    """The supplier that is known by a valid INN, else by name, where just one has it; None where none is."""
    if is_valid_inn(inn):
        return suppliers.find_by_inn(session, inn) or suppliers.find_nameless_inn(session, name)
    found = suppliers.list_by_name(session, name) if name.strip() else []
    return found[0] if len(found) == 1 else None


class Finder:
    """Finds items for the lines of one document; reads everything that it needs once."""

    def __init__(self, session: ReadSession, supplier_id: UUID | None, *, only: UUID | None = None) -> None:
        """Read the items, or only one that is decided on, and what was learned of this supplier."""
        words = repository.list_corrections(session, supplier_id, times=LEARNED_WORD)
        units = repository.list_corrections(session, supplier_id, times=LEARNED_UNIT)
        self._units = {misread: unit for (field, misread), unit in units.items() if field == "unit"}
        found = items.list_items(session) if only is None else [items.get_item(session, only)]
        self._by_name = {name_key(item.name): item for item in found}
        self._stock = Stock(
            [stock_item(item) for item in found],
            repository.list_aliases(session, supplier_id),
            alike,
            {misread: word for (field, misread), word in words.items() if field == "word"},
        )

    def settle(self, line: DraftLine, prediction: LinePrediction | None = None) -> DraftLine:
        """The line with the item that it is, or with what may be asked about it.

        Args:
            line: as it was read, or as somebody has changed it.
            prediction: what the model says of it; None to keep the proposal that is there.
        """
        unit = self._units.get(plain_unit(line.unit), line.unit)
        match = self._stock.match(line.name, unit)
        proposal = line.proposal if prediction is None else self._proposal(line.name, prediction)
        settled = replace(_with(line, unit, match), proposal=proposal)
        if match.item_id is not None or proposal is None:
            return settled
        held = _held_of_new(line.name, unit, proposal, prediction)
        method = MatchMethod.NONE if match.candidates else MatchMethod.NEW
        return replace(settled, base_per_unit=held, match_method=method)

    def per_unit(self, line: DraftLine) -> Decimal | None:
        """Base units of the line's item in one unit of the document; None is to be asked."""
        if line.item_id is None:
            return None
        match = self._stock.match(line.name, line.unit)
        if match.item_id == line.item_id and match.base_per_unit is not None:
            return match.base_per_unit  # as a person has said before
        return self._stock.per_unit(line.item_id, line.name, line.unit)

    def _proposal(self, name: str, prediction: LinePrediction) -> NewItem | None:
        proposed = (prediction.item_name if is_visible(prediction.item_name) else name).strip()[:180].strip()
        if not is_visible(proposed):
            return None
        base, pack = BaseUnit(prediction.base_unit.value), prediction.pack_quantity
        known = self._by_name.get(name_key(proposed))
        if known is not None and pack is not None and (known.base_unit, known.pack_quantity) != (base, pack):
            proposed = f"{proposed} {pack.normalize():f} {_WRITTEN[base]}"  # the same name in another size
        return NewItem(
            name=proposed,
            base_unit=base,
            category=prediction.category.value,
            brand=(prediction.brand or "")[:200],
            pack_quantity=pack,
            confidence=prediction.confidence,
        )


def find_same(session: ReadSession, proposal: NewItem) -> Item | None:
    """The item that a new one would be once more: the same name, unit and pack; None where there is none."""
    known = items.find_item_by_name(session, proposal.name)
    pack = proposal.pack_quantity or Decimal(1)
    is_same = known is not None and (known.base_unit, known.pack_quantity) == (proposal.base_unit, pack)
    return known if is_same else None


def stock_item(item: Item) -> StockItem:
    """An item as matching sees it: a pack of one is no volume."""
    knows_pack = item.base_unit is not BaseUnit.PIECE and item.pack_quantity > 1
    codes = frozenset(code for code in (item.sku, item.barcode) if code)
    return StockItem(item.id, item.name, item.brand, item.base_unit, item.pack_quantity if knows_pack else None, codes)


def held_of_new(line: DraftLine) -> Decimal | None:
    """Base units of the new item that is proposed for a line in one unit of the document; None is to be asked."""
    return _held_of_new(line.name, line.unit, line.proposal, None) if line.proposal is not None else None


def _held_of_new(name: str, unit: str, proposal: NewItem, prediction: LinePrediction | None) -> Decimal | None:
    """What is read strictly, or what the model's grammar is sure of; where they contradict each other, it is asked."""
    strict = per_unit(unit, take_apart(repaired(name)), proposal.base_unit)
    sure = prediction.quantity_per_unit if prediction is not None and prediction.is_pack_sure else None
    if strict is not None and sure is not None and strict != sure:
        return None
    return strict if strict is not None else sure


def _with(line: DraftLine, unit: str, match: Match) -> DraftLine:
    is_known = match.method is MatchMethod.ALIAS
    is_put_right = invoice_unit(unit) is not InvoiceUnit.UNKNOWN and unit != line.unit
    quiet = _OF_WORDS if is_known else frozenset({Flag.UNIT_UNSURE}) if is_put_right else frozenset()
    return replace(
        line,
        name=match.name or line.name,
        unit=unit,
        flags=tuple(flag for flag in line.flags if flag not in quiet),
        item_id=match.item_id,
        takes_new=False,
        base_per_unit=match.base_per_unit,
        match_method=match.method,
        match_confidence=match.confidence,
        candidates=match.candidates,
    )
