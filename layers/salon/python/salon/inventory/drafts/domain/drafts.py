"""An invoice on its way into the stock: its lines, its status, and what is still to be settled. Values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from salon.inventory.drafts.domain.matching import Candidate, MatchMethod
from salon.inventory.drafts.domain.names import MAX_NAME_CHARS, fold
from salon.inventory.drafts.domain.units import MAX_UNIT_CHARS, QUANTITY_STEP, base_quantity
from salon.inventory.drafts.errors import HeaderSenseless, InvoiceOutdated, InvoiceSettled, LineSenseless
from salon.inventory.items.domain import BaseUnit
from salon.inventory.ledger.domain import MAX_LOT_CHARS, BatchRef
from salon.platform.names import is_visible

MAX_LINES = 500
MAX_QUANTITY = Decimal(10**9)
MAX_PRICE = Decimal(10**9)
MAX_SUM_MINOR = 10**12
MAX_NUMBER_CHARS = 64
MAX_SUPPLIER_CHARS = MAX_ITEM_CHARS = 200
MAX_VAT_RATE = 100
MAX_EXPIRY_YEARS = 10
"""Cosmetics keep for five years at most, tools that say a date for some more; a bound of ours, against «2062»."""
PRICE_STEP = Decimal("0.000001")
_INN = re.compile(r"\d{10}(\d\d)?", re.ASCII)


class DraftStatus(StrEnum):
    """The life of an invoice."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    REVERSED = "reversed"
    DISCARDED = "discarded"


LIVE = frozenset({DraftStatus.DRAFT, DraftStatus.CONFIRMED})
"""Of a document, at most one such invoice."""


class Question(StrEnum):
    """What a person still has to say about a line."""

    ITEM = "item"
    QUANTITY = "quantity"
    SUM = "sum"
    BASE_QUANTITY = "base_quantity"
    """How much of the item one unit of the document holds."""
    CHECK = "check"
    """It is flagged, and nobody has said yet that they looked at it."""


class LineFlag(StrEnum):
    """Why a person should look, beside what the reader itself has flagged."""

    SUM_OFF = "sum_off"
    """Quantity × price is not the sum."""
    VAT_OFF = "vat_off"
    """Sum and VAT do not make the sum with VAT."""
    PRICE_JUMPED = "price_jumped"
    """A base unit costs a third more, or less, than the last time."""
    EXPIRED = "expired"
    """It had expired before the document was handed in."""


class Costing(StrEnum):
    """What of an invoice is the cost of the goods."""

    WITH_VAT = "with_vat"
    WITHOUT_VAT = "without_vat"


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item that would be made of a line.

    Attributes:
        pack_quantity: base units in one piece of it; None where nobody says.
        confidence: of the category, as the model has it; None when a person wrote it.
    """

    name: str
    base_unit: BaseUnit
    category: str = ""
    brand: str = ""
    pack_quantity: Decimal | None = None
    confidence: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no item.

        Raises:
            LineSenseless: that.
        """
        if not is_visible(self.name) or len(self.name) > MAX_ITEM_CHARS:
            raise LineSenseless(f"An item has a name, of at most {MAX_ITEM_CHARS} characters.")
        if self.pack_quantity is not None:
            check_figure("A pack", self.pack_quantity, MAX_QUANTITY, QUANTITY_STEP, least=QUANTITY_STEP)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """One line.

    Attributes:
        read: as it was read (`intake.documents.codec`: values, confidence, flags, boxes); None when a person added it.
        flags: the reader's.
        price: roubles for one unit, with up to six decimals.
        sum_minor, vat_minor, sum_with_vat_minor: kopecks.
        vat_rate: percent; None where there is none.
        takes_new: the proposal was accepted.
        base_per_unit: base units of the item in one unit of the document.
        is_checked: a person has looked at it.
        is_excluded: it stands on the paper, and nothing of it comes into the stock: delivery, for example.
        lot, expires_on: the batch, as a person read it off the goods; no paper of ours prints it.
    """

    id: UUID
    position: int
    read: Mapping[str, Any] | None
    flags: tuple[str, ...] = ()
    name: str
    unit: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    sum_minor: int | None = None
    vat_rate: int | None = None
    vat_minor: int | None = None
    sum_with_vat_minor: int | None = None
    item_id: UUID | None = None
    proposal: NewItem | None = None
    takes_new: bool = False
    base_per_unit: Decimal | None = None
    match_method: MatchMethod = MatchMethod.NONE
    match_confidence: float | None = None
    candidates: tuple[Candidate, ...] = ()
    is_checked: bool = False
    is_excluded: bool = False
    lot: str = ""
    expires_on: date | None = None

    @property
    def amount_minor(self) -> int | None:
        """What is to be paid for it, kopecks: with VAT where the form says so."""
        return self.sum_minor if self.sum_with_vat_minor is None else self.sum_with_vat_minor

    @property
    def base_quantity(self) -> Decimal | None:
        """How much of the item comes in, in its base units; None while that is not said."""
        if self.quantity is None or self.base_per_unit is None:
            return None
        return base_quantity(self.quantity, self.base_per_unit)

    @property
    def batch(self) -> BatchRef | None:
        """The batch that comes in; None where nobody has said."""
        return BatchRef(self.lot, self.expires_on) if self.lot or self.expires_on is not None else None

    @property
    def all_flags(self) -> tuple[str, ...]:
        """The reader's, and those that follow from the figures as they stand."""
        found = list(self.flags)
        if None not in (self.quantity, self.price, self.sum_minor) and self._sum_is_off():
            found.append(LineFlag.SUM_OFF)
        if None not in (self.sum_minor, self.vat_minor, self.sum_with_vat_minor) and self._vat_is_off():
            found.append(LineFlag.VAT_OFF)
        return tuple(dict.fromkeys(found))

    def cost_minor(self, costing: Costing) -> int:
        """What the goods of this line cost, kopecks."""
        if costing is Costing.WITH_VAT or self.amount_minor is None:
            return self.amount_minor or 0
        if self.sum_with_vat_minor is not None:
            return self.sum_minor if self.sum_minor is not None else self.sum_with_vat_minor - (self.vat_minor or 0)
        return max(0, self.amount_minor - (self.vat_minor or 0))

    def _sum_is_off(self) -> bool:
        """A sum may be the printed price times the quantity, or the printed sum divided to a rounded price."""
        quantity, price = self.quantity or Decimal(0), self.price or Decimal(0)
        exact = quantity * price * 100
        digits = -int(price.normalize().as_tuple().exponent)
        slack = quantity * Decimal(10) ** -max(2, digits) * 50 if digits > 2 else Decimal(0)  # noqa: PLR2004 - kopecks
        return abs(exact.quantize(Decimal(1), ROUND_HALF_UP) - (self.sum_minor or 0)) > slack

    def _vat_is_off(self) -> bool:
        made = (self.sum_minor or 0) + (self.vat_minor or 0)
        return made != (self.sum_with_vat_minor or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An invoice.

    Attributes:
        revision: which draft of its document.
        version: how often it was changed; pass it back, so that nobody overwrites another's work.
        kind: of the document (`intake.documents.domain.DocumentKind`).
        source: what was read (`intake.documents.domain.SourceKind`).
        read: the header as it was read; a person's word is in the fields.
        flags: of the document as a whole.
        fiscal_key: fn, number and sign of a cash receipt, which name it for ever.
        total_minor: to pay, kopecks, with VAT.
        duplicate_of: the invoice that it seems to repeat.
        accuracy: confirmed against read; empty until it was confirmed.
        closed_by: who confirmed, reversed or discarded it last.
    """

    id: UUID
    job_id: UUID
    result_id: UUID
    revision: int
    version: int
    status: DraftStatus
    kind: str
    source: str
    read: Mapping[str, Any]
    flags: tuple[str, ...]
    page_count: int
    supplier_id: UUID | None
    supplier_name: str
    supplier_inn: str
    number: str
    fiscal_key: str | None
    issued_on: date | None
    total_minor: int | None
    vat_total_minor: int | None
    location_id: UUID | None
    duplicate_of: UUID | None
    accuracy: Mapping[str, Any]
    created_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    lines: tuple[DraftLine, ...] = ()

    @property
    def number_key(self) -> str:
        """The number as it is compared."""
        return number_key(self.number)

    @property
    def paper_on(self) -> date:
        """The day on which the paper was there at the latest: its own, or that on which it was handed in, by UTC."""
        handed_in_on = self.created_at.date()
        return handed_in_on if self.issued_on is None else min(self.issued_on, handed_in_on)

    @property
    def stock_lines(self) -> tuple[DraftLine, ...]:
        """The lines that come into the stock."""
        return tuple(line for line in self.lines if not line.is_excluded)

    @property
    def lines_minor(self) -> int:
        """What all lines come to, kopecks, those that are not for the stock included."""
        return sum(line.amount_minor or 0 for line in self.lines)

    @property
    def difference_minor(self) -> int | None:
        """Lines less total, kopecks; None where there is no total."""
        return None if self.total_minor is None else self.lines_minor - self.total_minor

    def check_open(self, version: int | None) -> None:
        """Refuse to touch what is settled, or what was changed meanwhile.

        Raises:
            InvoiceSettled, InvoiceOutdated: that.
        """
        if self.status is not DraftStatus.DRAFT:
            raise InvoiceSettled(self.id, self.status)
        if version is not None and version != self.version:
            raise InvoiceOutdated(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderDetails:
    """What a person says about the document."""

    supplier_name: str = ""
    supplier_inn: str = ""
    number: str = ""
    issued_on: date | None = None
    total_minor: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no document says.

        Raises:
            HeaderSenseless: that.
        """
        if len(self.supplier_name) > MAX_SUPPLIER_CHARS or len(self.number) > MAX_NUMBER_CHARS:
            raise HeaderSenseless("The supplier's name or the number is too long.")
        if self.supplier_name.strip() and not is_visible(self.supplier_name):
            raise HeaderSenseless("Nothing can be seen of the supplier's name.")
        if self.supplier_inn and not _INN.fullmatch(self.supplier_inn):
            raise HeaderSenseless("An INN has 10 or 12 digits.")
        if self.total_minor is not None and not 0 <= self.total_minor <= MAX_SUM_MINOR:
            raise HeaderSenseless("The total is nothing or more, and not beyond belief.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDetails:
    """What a person says about a line; all of it, as it is to stand.

    Attributes:
        item_id: the item that it is.
        new_item: the item that is to be made of it; with it, no `item_id`.
        base_per_unit: None to have it worked out from the name and the unit, or asked.
        is_checked: whoever says so has looked at it.
        lot, expires_on: the batch, where it is known.
    """

    name: str
    unit: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    sum_minor: int | None = None
    vat_rate: int | None = None
    vat_minor: int | None = None
    sum_with_vat_minor: int | None = None
    item_id: UUID | None = None
    new_item: NewItem | None = None
    base_per_unit: Decimal | None = None
    is_checked: bool = True
    is_excluded: bool = False
    lot: str = ""
    expires_on: date | None = None

    def __post_init__(self) -> None:
        """Refuse what no line says.

        Raises:
            LineSenseless: that.
        """
        if not is_visible(self.name) or len(self.name) > MAX_NAME_CHARS or len(self.unit) > MAX_UNIT_CHARS:
            raise LineSenseless("A line has a name, and neither it nor the unit is endless.")
        if self.item_id is not None and self.new_item is not None:
            raise LineSenseless("A line is an item that there is, or a new one.")
        if self.lot.strip() and not is_visible(self.lot):
            raise LineSenseless("Nothing can be seen of the lot.")
        if len(self.lot) > MAX_LOT_CHARS or "\x00" in self.lot:
            raise LineSenseless(f"A lot has at most {MAX_LOT_CHARS} characters.")
        if self.vat_rate is not None and not 0 <= self.vat_rate <= MAX_VAT_RATE:
            raise LineSenseless("VAT is 0 to 100 per cent.")
        check_figure("A quantity", self.quantity, MAX_QUANTITY, QUANTITY_STEP, least=QUANTITY_STEP)
        check_figure("A unit", self.base_per_unit, MAX_QUANTITY, QUANTITY_STEP, least=QUANTITY_STEP)
        check_figure("A price", self.price, MAX_PRICE, PRICE_STEP)
        for sum_minor in (self.sum_minor, self.vat_minor, self.sum_with_vat_minor):
            if sum_minor is not None and not 0 <= sum_minor <= MAX_SUM_MINOR:
                raise LineSenseless("A sum is nothing or more, and not beyond belief.")


def check_expiry(expires_on: date | None, *, on: date) -> None:
    """Refuse a day that is a slip of the pen. One that has passed is none: such goods may come, and are flagged.

    Args:
        expires_on: what a person read off the goods.
        on: when the document was handed in.

    Raises:
        LineSenseless: more than MAX_EXPIRY_YEARS from then, either way.
    """
    if expires_on is not None and abs(expires_on.year - on.year) > MAX_EXPIRY_YEARS:
        raise LineSenseless(f"An expiry date lies within {MAX_EXPIRY_YEARS} years: look at the year once more.")


def check_figure(
    what: str, figure: Decimal | None, most: Decimal, step: Decimal, *, least: Decimal = Decimal(0)
) -> None:
    """Refuse a figure that the stock could not hold.

    Raises:
        LineSenseless: naming it.
    """
    if figure is None:
        return
    if not figure.is_finite() or not least <= figure <= most or figure != figure.quantize(step):
        raise LineSenseless(f"{what} is a number of {least:f} to {most:f}, in steps of {step:f}.")


def number_key(number: str) -> str:
    """A document's number as it is compared: without signs, blanks and leading noughts, one form of like letters."""
    return "".join(letter for letter in fold(number) if letter.isalnum()).lstrip("0")
