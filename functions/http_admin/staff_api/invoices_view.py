"""What people say about invoices, and how these are shown: what was read, where it stands, what is still to be said.

Whoever corrects a draft sees what the paper says, sums included. Of an invoice that is settled, and of prices of the
past, sums are null for whoever may not see money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, PlainSerializer

from salon.identity.access import Permission, Principal
from salon.intake.domain import preview_key
from salon.inventory.drafts.domain.drafts import (
    Draft,
    DraftLine,
    DraftStatus,
    NewItem,
    Question,
)
from salon.inventory.drafts.domain.matching import MatchMethod
from salon.inventory.drafts.domain.views import DraftView, PriceHint
from salon.inventory.items.domain import BaseUnit, Item
from salon.platform.storage import ObjectStorage

Figure = Annotated[Decimal, PlainSerializer(lambda figure: f"{figure.normalize():f}", return_type=str)]
COST_STEP = Decimal("0.0001")
# What the reader calls a field, and what it is called here.
_LINE_FIELDS = {
    "name": "name", "unit": "unit", "qty": "quantity", "price": "price", "sum": "sum_minor", "vat_rate": "vat_rate",
    "vat": "vat_minor", "sum_vat": "sum_with_vat_minor",
}  # fmt: skip
_HEADER_FIELDS = {
    "supplier_name": "supplier_name", "supplier_inn": "supplier_inn", "number": "number", "date": "issued_on",
    "total": "total_minor", "vat_total": "vat_total_minor",
}  # fmt: skip


class Pictures:
    """Addresses of the pages' pictures, good for a while; the storage is opened when the first one is asked for."""

    def __init__(self, storage: Callable[[], ObjectStorage], seconds: int) -> None:
        """Take what opens the media bucket, and for how long an address is good."""
        self._storage = storage
        self._seconds = seconds

    def address(self, tenant_id: UUID, job_id: UUID, page: int) -> str:
        """Where the straightened picture of a page may be looked at."""
        return self._storage().presigned_get(preview_key(tenant_id, job_id, page), expires_s=self._seconds)


class BoxView(BaseModel):
    """Where something stands: fractions 0 to 1 of the picture of its page."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class PageView(BaseModel):
    """A page's picture; the address is null in answers to changes, which are kept."""

    page: int
    width: int
    height: int
    url: str | None


class ItemView(BaseModel):
    """An item that a line is, or may be.

    Attributes:
        score: how sure that is, 0 to 1; null where somebody has said so.
    """

    item_id: UUID
    name: str
    base_unit: BaseUnit
    base_per_unit: Figure | None
    score: float | None


class NewItemView(BaseModel):
    """An item that would be made."""

    name: str
    base_unit: BaseUnit
    category: str
    brand: str
    pack_quantity: Figure | None
    confidence: float | None


class HintView(BaseModel):
    """What a base unit costs here, and what it cost the last time, kopecks."""

    unit_cost_minor: Figure
    last_unit_cost_minor: Figure
    last_at: datetime
    last_supplier_id: UUID | None


class LineView(BaseModel):
    """One line: as it stands, as it was read, where that is in the picture, and what it is taken for."""

    id: UUID
    position: int
    name: str
    unit: str
    quantity: Figure | None
    price: Figure | None
    sum_minor: int | None
    vat_rate: int | None
    vat_minor: int | None
    sum_with_vat_minor: int | None
    read: dict[str, str | float | None] | None = Field(description="By field, as read; null for a line added by hand.")
    confidence: dict[str, float]
    boxes: dict[str, BoxView]
    flags: list[str]
    questions: list[Question]
    item: ItemView | None
    candidates: list[ItemView]
    proposal: NewItemView | None
    takes_new: bool
    base_per_unit: Figure | None
    base_quantity: Figure | None
    match_method: MatchMethod
    match_confidence: float | None
    price_hint: HintView | None
    is_checked: bool
    is_excluded: bool
    lot: str
    expires_on: date | None


class CountedView(BaseModel):
    """That an item of the draft was counted on its day or later: the goods may be in the stock already."""

    item_id: UUID
    name: str
    location_id: UUID
    count_id: UUID
    counted_on: date


class InvoiceSummary(BaseModel):
    """An invoice in a list."""

    id: UUID
    job_id: UUID
    revision: int
    version: int
    status: DraftStatus
    kind: str
    source: str
    supplier_id: UUID | None
    supplier_name: str
    number: str
    issued_on: date | None
    total_minor: int | None
    line_count: int
    flags: list[str]
    duplicate_of: UUID | None
    location_id: UUID | None
    created_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, draft: Draft, principal: Principal) -> InvoiceSummary:
        """From the draft."""
        own = {"total_minor", "line_count", "flags"}
        return cls(
            **{name: getattr(draft, name) for name in cls.model_fields if name not in own},
            total_minor=draft.total_minor if shows_sums(draft, principal) else None,
            line_count=len(draft.lines),
            flags=list(draft.flags),
        )


class InvoiceView(InvoiceSummary):
    """An invoice beside its pictures."""

    result_id: UUID
    supplier_inn: str
    vat_total_minor: int | None
    lines_minor: int | None = Field(description="What all lines come to.")
    difference_minor: int | None = Field(description="Lines less total; null where there is no total.")
    read: dict[str, str | float | None]
    confidence: dict[str, float]
    boxes: dict[str, BoxView]
    pages: list[PageView]
    lines: list[LineView]
    counted: list[CountedView] = Field(
        description="Confirming it at such a location needs `despite_count`; empty unless it is a draft."
    )

    @classmethod
    def show(
        cls, view: DraftView, items: Mapping[UUID, Item], principal: Principal, address: Callable[[int], str] | None
    ) -> InvoiceView:
        """From the draft.

        Args:
            view: the draft, with what follows from everything else.
            items: those that lines are or may be.
            principal: who looks.
            address: of a page's picture; None to show none.
        """
        draft, with_sums = view.draft, shows_sums(view.draft, principal)
        may_see_money = principal.may(Permission.MONEY_READ)
        summary = InvoiceSummary.of(draft, principal).model_dump()
        header = {"supplier_name": draft.read.get("supplier", {}).get("name"), **draft.read}
        header["supplier_inn"] = draft.read.get("supplier", {}).get("inn")
        flags, questions = view.flags, view.questions
        lines = [
            _line(
                line,
                items,
                flags=flags[line.id],
                questions=questions.get(line.id, ()),
                hint=view.hints.get(line.id) if may_see_money else None,
                with_sums=with_sums,
            )
            for line in draft.lines
        ]
        return cls(
            **summary,
            result_id=draft.result_id,
            supplier_inn=draft.supplier_inn,
            vat_total_minor=draft.vat_total_minor if with_sums else None,
            lines_minor=draft.lines_minor if with_sums else None,
            difference_minor=draft.difference_minor if with_sums else None,
            read=_read(header, _HEADER_FIELDS, with_sums=with_sums),
            confidence=_renamed(draft.read.get("confidence", {}), _HEADER_FIELDS),
            boxes=_boxes(draft.read, _HEADER_FIELDS),
            pages=_pages(draft, address) if with_sums else [],
            lines=lines,
            counted=[
                CountedView(
                    item_id=one.item_id,
                    name=items[one.item_id].name,
                    location_id=one.location_id,
                    count_id=one.count_id,
                    counted_on=one.counted_on,
                )
                for one in view.counted
            ],
        )


def shows_sums(draft: Draft, principal: Principal) -> bool:
    """Whether somebody sees what the goods cost: whoever works on the draft, and whoever may see money."""
    is_at_work = draft.status is DraftStatus.DRAFT and principal.may(Permission.STOCK_RECEIVE)
    return is_at_work or principal.may(Permission.MONEY_READ)


def item_ids(draft: Draft) -> set[UUID]:
    """The items that its lines are or may be."""
    found = {candidate.item_id for line in draft.lines for candidate in line.candidates}
    return found | {line.item_id for line in draft.lines if line.item_id is not None}


def _line(
    line: DraftLine,
    items: Mapping[UUID, Item],
    *,
    flags: Iterable[str],
    questions: Iterable[Question],
    hint: PriceHint | None,
    with_sums: bool,
) -> LineView:
    plain = (
        "id", "position", "name", "unit", "quantity", "vat_rate", "takes_new", "base_per_unit", "base_quantity",
        "match_method", "match_confidence", "is_checked", "is_excluded", "lot", "expires_on",
    )  # fmt: skip
    money = ("price", "sum_minor", "vat_minor", "sum_with_vat_minor")
    own = items.get(line.item_id) if line.item_id is not None else None
    read = line.read or {}
    values: dict[str, Any] = {name: getattr(line, name) for name in plain}
    values |= {name: getattr(line, name) if with_sums else None for name in money}
    return LineView(
        **values,
        read=_read(read, _LINE_FIELDS, with_sums=with_sums) if line.read is not None else None,
        confidence=_renamed(read.get("confidence", {}), _LINE_FIELDS),
        boxes=_boxes(read, _LINE_FIELDS),
        flags=list(flags),
        questions=list(questions),
        item=_item(own, line.base_per_unit, line.match_confidence) if own is not None else None,
        candidates=[
            _item(items[one.item_id], one.base_per_unit, one.score) for one in line.candidates if one.item_id in items
        ],
        proposal=_proposal(line.proposal) if line.proposal is not None else None,
        price_hint=_hint(hint) if hint is not None else None,
    )


def _item(item: Item, base_per_unit: Decimal | None, score: float | None) -> ItemView:
    return ItemView(item_id=item.id, name=item.name, base_unit=item.base_unit, base_per_unit=base_per_unit, score=score)


def _proposal(new: NewItem) -> NewItemView:
    return NewItemView(**{name: getattr(new, name) for name in NewItemView.model_fields})


def _hint(hint: PriceHint) -> HintView:
    return HintView(
        unit_cost_minor=hint.unit_cost_minor.quantize(COST_STEP),
        last_unit_cost_minor=hint.last_unit_cost_minor.quantize(COST_STEP),
        last_at=hint.last_at,
        last_supplier_id=hint.last_supplier_id,
    )


def _read(read: Mapping[str, Any], fields: Mapping[str, str], *, with_sums: bool) -> dict[str, Any]:
    """The values as read; sums in kopecks, as everywhere here."""
    found: dict[str, Any] = {}
    for theirs, ours in fields.items():
        value = read.get(theirs)
        if ours.endswith("_minor") and value is not None:
            value = int((Decimal(str(value)) * 100).to_integral_value())
        is_hidden = not with_sums and (ours.endswith("_minor") or ours == "price")
        found[ours] = None if is_hidden else value
    return found


def _renamed(values: Mapping[str, float], fields: Mapping[str, str]) -> dict[str, float]:
    return {fields[name]: value for name, value in values.items() if name in fields}


def _boxes(read: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, BoxView]:
    return {
        fields[name]: BoxView(page=int(page), left=left, top=top, right=right, bottom=bottom)
        for name, (page, left, top, right, bottom) in read.get("boxes", {}).items()
        if name in fields
    }


def _pages(draft: Draft, address: Callable[[int], str] | None) -> list[PageView]:
    """The pages of which there is a picture: a document that came as XML has none."""
    return [
        PageView(page=n, width=page["width"], height=page["height"], url=address(n) if address is not None else None)
        for n, page in enumerate(draft.read.get("pages", ()))
        if page["width"] > 0
    ]
