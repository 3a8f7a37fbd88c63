"""Invoices for tests: documents as a reader would give them, and a salon's desk where they come in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from salon.intake import repository as intake
from salon.intake.documents.domain import (
    DocumentKind,
    FiscalCode,
    LineRead,
    PageInfo,
    Read,
    RecognisedDocument,
    SourceKind,
    SupplierRead,
)
from salon.intake.domain import NewUpload
from salon.intake.inference.domain import (
    BaseUnit,
    Category,
    LinePrediction,
    clean_name,
    contents_of,
    invoice_unit,
    read_pack,
    repaired,
    without,
)
from salon.intake.use_cases.uploads import announce_upload
from salon.inventory.drafts import use_cases as drafts
from salon.inventory.drafts.domain.drafts import DraftLine, LineDetails
from salon.inventory.drafts.domain.views import DraftView
from salon.inventory.items import use_cases as items
from salon.inventory.items.domain import BaseUnit as StockUnit
from salon.inventory.items.domain import Item, ItemDetails
from salon.inventory.ledger import use_cases as ledger
from salon.platform.db import Database
from support.factories import ACTOR, make_location

INN, OTHER_INN = "9901001239", "9901004568"
SUPPLIER, OTHER_SUPPLIER = "ООО «Ромашка-Опт»", "ООО «Василёк»"
ISSUED_ON = date(2026, 3, 9)


def line(name: str, unit: str, qty: object, price: object, *, n: int = 1, **more: Any) -> LineRead:
    """A line as it was read; `sum_minor` and anything else may be said otherwise."""
    quantity, roubles = Decimal(str(qty)), Decimal(str(price))
    return LineRead(
        n=n,
        name=Read(name, 0.97),
        unit=Read(unit, 0.9),
        qty=Read(quantity),
        price=Read(roubles),
        sum_minor=Read(more.pop("sum_minor", int(quantity * roubles * 100))),
        **more,
    )


def document(
    *lines: LineRead, number: str | None = "УТ-118", supplier: str = SUPPLIER, inn: str | None = INN, **more: Any
) -> RecognisedDocument:
    """A document with these lines, whose total is right."""
    total = sum(one.amount_minor or 0 for one in lines)
    return RecognisedDocument(
        kind=more.pop("kind", DocumentKind.TORG12),
        number=Read(number),
        date=Read(more.pop("on", ISSUED_ON)),
        supplier=SupplierRead(Read(supplier), Read(inn)),
        lines=tuple(replace(one, n=n) for n, one in enumerate(lines, start=1)),
        total_minor=Read(more.pop("total_minor", total)),
        vat_total_minor=Read(None),
        qr=more.pop("qr", None),
        full_text="",
        flags=more.pop("flags", ()),
        pages=(PageInfo(1654, 2339),),
        source=SourceKind.PHOTO,
        engine="tesseract",
        engine_version="5.5",
    )


def fiscal(sum_minor: int, *, number: str = "12345") -> FiscalCode:
    """The code of a cash receipt."""
    return FiscalCode("2026-03-09T10:56", sum_minor, "9999078900001234", number, "1234567890", 1)


def predict(read: RecognisedDocument) -> list[LinePrediction]:
    """What the grammar says of each line, without a model: the category is anybody's guess."""
    found = []
    for one in read.lines:
        text = repaired(one.name.value)
        contents = contents_of(read_pack(text), invoice_unit(one.unit.value), Category.OTHER)
        name = clean_name(without(text, contents.spans)) or text
        found.append(
            LinePrediction(
                item_name=name,
                brand=None,
                category=Category.OTHER,
                base_unit=BaseUnit(contents.base_unit),
                pack_quantity=contents.pack_quantity,
                packs_per_unit=contents.packs_per_unit,
                is_pack_sure=contents.is_sure,
                confidence=0.9,
                model="stock_item",
                version="test",
            )
        )
    return found


@dataclass
class InvoiceDesk:
    """The front desk of a salon, where invoices come in."""

    database: Database
    tenant_id: UUID
    now: datetime
    location_id: UUID = field(init=False)

    def __post_init__(self) -> None:
        """Open a branch."""
        with self.database.transaction(self.tenant_id) as session:
            self.location_id = make_location(session, now=self.now).id

    def read(self, read: RecognisedDocument, *, job: tuple[UUID, UUID] | None = None) -> UUID:
        """A document is read; its draft."""
        predictions = predict(read)
        with self.database.transaction(self.tenant_id) as session:
            job_id, result_id = job or self._job(session, read, predictions)
            return drafts.draft_from_result(
                session,
                job_id=job_id,
                result_id=result_id,
                document=read,
                predictions=predictions,
                actor=ACTOR,
                now=self.now,
            )

    def _job(self, session: Any, read: RecognisedDocument, predictions: list[LinePrediction]) -> tuple[UUID, UUID]:
        new = NewUpload(file_name="photo.jpg", content_type="image/jpeg")
        job_id = announce_upload(session, new, actor=ACTOR, now=self.now).job_id
        return job_id, intake.add_result(session, job_id, document=read, predictions=predictions, pages=1, now=self.now)

    def view(self, draft_id: UUID) -> DraftView:
        """What a person sees."""
        with self.database.read(self.tenant_id) as session:
            return drafts.get_invoice(session, draft_id)

    def lines(self, draft_id: UUID) -> tuple[DraftLine, ...]:
        """The lines of a draft."""
        return self.view(draft_id).draft.lines

    def do(self, act: Callable[..., Any], draft_id: UUID, *more: Any, **named: Any) -> Any:
        """Something that a person does, with the version that stands unless another is given."""
        named.setdefault("version", self.view(draft_id).draft.version)
        with self.database.transaction(self.tenant_id) as session:
            return act(session, draft_id, *more, actor=ACTOR, now=self.now, **named)

    def change(self, draft_id: UUID, position: int, **changes: Any) -> DraftView:
        """Correct a line: what is not said stays."""
        one = self.lines(draft_id)[position - 1]
        details = details_of(one, **changes)
        return self.do(drafts.change_line, draft_id, one.id, details)

    def accept_all(self, draft_id: UUID) -> None:
        """Look at every line, and take what is proposed where nothing was found."""
        for one in self.lines(draft_id):
            if one.item_id is None and one.proposal is not None:
                self.do(drafts.accept_proposal, draft_id, one.id)

    def confirm(self, draft_id: UUID, **named: Any) -> DraftView:
        """Take it into the stock."""
        return self.do(drafts.confirm_invoice, draft_id, location_id=self.location_id, **named)

    def reverse(self, draft_id: UUID) -> DraftView:
        """Take it out again."""
        with self.database.transaction(self.tenant_id) as session:
            return drafts.reverse_invoice(session, draft_id, actor=ACTOR, now=self.now)

    def stock(self) -> dict[str, tuple[Decimal, int]]:
        """What is there, and what it is worth, by the item's name."""
        with self.database.read(self.tenant_id) as session:
            names = {one.id: one.name for one in items.list_items(session)}
            return {names[one.item_id]: (one.quantity, one.value_minor) for one in ledger.stock_on_hand(session)}

    def item(self, name: str, unit: str = "ml", pack: object = 1, **more: Any) -> Item:
        """An item that the salon has had all along."""
        details = ItemDetails(name=name, base_unit=StockUnit(unit), pack_quantity=Decimal(str(pack)), **more)
        with self.database.transaction(self.tenant_id) as session:
            return items.create_item(session, details, actor=ACTOR, now=self.now)


def details_of(one: DraftLine, **changes: Any) -> LineDetails:
    """A line as a person sends it back."""
    names: Iterable[str] = LineDetails.__dataclass_fields__.keys() - {"new_item", "is_checked"}
    said: dict[str, Any] = {name: getattr(one, name) for name in names}
    said["new_item"] = one.proposal if one.takes_new else None
    return LineDetails(**{**said, **changes})
