"""What people say in a count, and what they are shown of it. Sums are null for whoever may not see money."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StrictInt
from pydantic.dataclasses import dataclass

from salon.inventory.counts.domain import (
    Cause,
    CauseKind,
    CountStatus,
    Entry,
    Hint,
    Section,
    SectionKind,
    SheetLine,
    Snapshot,
    StockCount,
)
from salon.inventory.counts.use_cases import CountReport, CountSheet, ReportLine
from salon.platform.http_fields import DecimalField, Instant, Zone
from staff_api.common import STRICT

Hidden = frozenset[tuple[UUID, UUID]]
"""Items and locations of which whoever asks is not shown how much there is (`counts.list_hidden`)."""
Reason = Annotated[str, Field(min_length=1, max_length=1_000)]


@dataclass(frozen=True, config=STRICT)
class SectionBody(Section):
    """A category, or a shelf of the location."""


class OpenBody(BaseModel):
    """What is to be counted, and by how many people."""

    model_config = STRICT

    location_id: UUID
    sections: list[SectionBody] = Field(default_factory=list, max_length=50, description="None is everything.")
    people: StrictInt = Field(default=1, ge=1, le=2, description="Two count independently; what differs is recounted.")
    is_blind: StrictBool = Field(default=True, description="Nobody is shown what is expected before it is closed.")
    note: str = Field(default="", max_length=1_000)


class EntryBody(BaseModel):
    """What is there of one item."""

    model_config = STRICT

    item_id: UUID
    packs: DecimalField = Field(ge=0, description="Closed packs; of what comes in single pieces, the pieces.")
    remainder: DecimalField = Field(default=Decimal(0), ge=0, description="In opened packs, base units.")
    counted_at: Instant | None = Field(default=None, description="When it was seen; now when it is left out.")
    timezone: Zone | None = None


class CloseBody(BaseModel):
    """How to end it."""

    model_config = STRICT

    leave_out_unsettled: StrictBool = Field(
        default=False, description="Leave out what two people differ about, or one of them has not counted."
    )


class PostBody(BaseModel):
    """Why the ledger is corrected, and what of it is not to be."""

    model_config = STRICT

    reason: Reason
    leave_out: list[UUID] = Field(default_factory=list, max_length=5_000)


class ReasonBody(BaseModel):
    """Why."""

    model_config = STRICT

    reason: Reason


class ShelfBody(BaseModel):
    """Where items stand in a location; without a name, nowhere in particular."""

    model_config = STRICT

    location_id: UUID
    item_ids: list[UUID] = Field(min_length=1, max_length=500)
    name: str | None = Field(max_length=100)


class SectionView(BaseModel):
    """A part of what a location has."""

    kind: SectionKind
    name: str


class CountView(BaseModel):
    """A count, without a word about what it expects or has found."""

    id: UUID
    location_id: UUID
    status: CountStatus
    sections: list[SectionView]
    people: int
    is_blind: bool
    note: str
    reason: str
    opened_by: str
    opened_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    posted_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, count: StockCount) -> CountView:
        """From the count."""
        values = {name: getattr(count, name) for name in cls.model_fields if name != "sections"}
        return cls(**values, sections=[SectionView(kind=one.kind, name=one.name) for one in count.sections])


class EntryView(BaseModel):
    """What the person who asks has entered."""

    item_id: UUID
    packs: Decimal
    remainder: Decimal
    quantity: Decimal
    is_recount: bool
    counted_at: datetime

    @classmethod
    def of(cls, entry: Entry) -> EntryView:
        """From the entry."""
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


class SheetLineView(BaseModel):
    """An item to count."""

    item_id: UUID
    name: str
    category: str
    shelf: str
    base_unit: str
    pack_quantity: Decimal
    mine: EntryView | None
    counted_by: int = Field(description="How many people have counted it so far.")
    is_to_recount: bool = Field(description="Two people differ; by how much is not said.")
    expected: Decimal | None = Field(description="By the ledger; null while the count is blind and open.")

    @classmethod
    def of(cls, line: SheetLine) -> SheetLineView:
        """From the line."""
        values = {name: getattr(line, name) for name in cls.model_fields if name != "mine"}
        return cls(**values, mine=EntryView.of(line.mine) if line.mine is not None else None)


class SheetView(BaseModel):
    """What is to be counted."""

    count: CountView
    lines: list[SheetLineView]

    @classmethod
    def of(cls, sheet: CountSheet) -> SheetView:
        """From the sheet."""
        return cls(count=CountView.of(sheet.count), lines=[SheetLineView.of(line) for line in sheet.lines])


class CauseView(BaseModel):
    """One thing that a difference may come from; a hint, no finding."""

    kind: CauseKind
    hint: Hint
    quantity: Decimal
    staff_id: UUID | None
    service_id: UUID | None
    other_item_id: UUID | None
    movement_id: UUID | None
    source_id: UUID | None
    count: int | None

    @classmethod
    def of(cls, cause: Cause) -> CauseView:
        """From the cause."""
        return cls(**{name: getattr(cause, name) for name in cls.model_fields})


class VarianceView(BaseModel):
    """What was found of one item, against the ledger at the moment of counting it."""

    count_id: UUID
    location_id: UUID
    item_id: UUID
    is_hidden: bool = Field(description="A blind count of it is under way: only what was counted is shown.")
    expected: Decimal | None
    counted: Decimal
    variance: Decimal | None
    variance_minor: int | None
    unit_cost_minor: Decimal | None
    used: Decimal | None = Field(description="By services, since the count before.")
    since_at: datetime | None
    is_flagged: bool | None = Field(description="More than a twentieth of what was used, and than one unit.")
    causes: list[CauseView]
    counted_at: datetime

    @classmethod
    def of(cls, found: Snapshot, *, with_sums: bool, hidden: Hidden = frozenset()) -> VarianceView:
        """From what was frozen; `hidden` is what whoever asks may not know of now."""
        is_hidden = (found.item_id, found.location_id) in hidden
        own = {"is_hidden", "causes", "variance_minor", "unit_cost_minor"}
        figures = {"expected", "variance", "used", "is_flagged"}
        values: dict[str, Any] = {
            name: None if is_hidden and name in figures else getattr(found, name)
            for name in cls.model_fields
            if name not in own
        }
        return cls(
            **values,
            is_hidden=is_hidden,
            variance_minor=found.variance_minor if with_sums and not is_hidden else None,
            unit_cost_minor=found.unit_cost if with_sums else None,
            causes=[] if is_hidden else [CauseView.of(cause) for cause in found.causes],
        )


class ReportLineView(BaseModel):
    """An item with what was found of it."""

    name: str
    category: str
    shelf: str
    base_unit: str
    found: VarianceView

    @classmethod
    def of(cls, line: ReportLine, *, with_sums: bool, hidden: Hidden) -> ReportLineView:
        """From the line."""
        place = line.place
        return cls(
            name=place.name,
            category=place.category,
            shelf=place.shelf,
            base_unit=place.base_unit,
            found=VarianceView.of(line.snapshot, with_sums=with_sums, hidden=hidden),
        )


class ReportView(BaseModel):
    """What a count found, the dearest first."""

    count: CountView
    lines: list[ReportLineView]
    not_counted: list[UUID]
    shortage_minor: int | None
    surplus_minor: int | None

    @classmethod
    def of(cls, report: CountReport, *, with_sums: bool, hidden: Hidden) -> ReportView:
        """From the report."""
        lines = report.lines
        if hidden:  # the order would tell which differ most
            lines = tuple(sorted(lines, key=lambda line: line.place.name))
        return cls(
            count=CountView.of(report.count),
            lines=[ReportLineView.of(line, with_sums=with_sums, hidden=hidden) for line in lines],
            not_counted=list(report.not_counted),
            shortage_minor=report.shortage_minor if with_sums else None,
            surplus_minor=report.surplus_minor if with_sums else None,
        )


class PastView(BaseModel):
    """A former comparison, and what became of its count."""

    status: CountStatus
    found: VarianceView
