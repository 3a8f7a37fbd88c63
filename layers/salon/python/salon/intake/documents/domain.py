"""What a supplier's document says, as far as it could be read. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

READER_VERSION = "6"
"""Of the rules that make lines out of words; raised whenever the same words may give other lines."""

_T_co = TypeVar("_T_co", covariant=True)


class DocumentKind(StrEnum):
    """What the paper is."""

    TORG12 = "torg12"
    """Товарная накладная, form ТОРГ-12 or one like it."""
    UPD = "upd"
    """Универсальный передаточный документ, or a счёт-фактура."""
    SALES_RECEIPT = "sales_receipt"
    """Товарный чек, накладная of a shop."""
    CASH_RECEIPT = "cash_receipt"
    """Кассовый чек."""
    UNKNOWN = "unknown"


class SourceKind(StrEnum):
    """What was read, the most trusted first."""

    XML = "xml"
    PDF_TEXT = "pdf_text"
    QR = "qr"
    """Only the fiscal code could be read: identity and sum, no lines."""
    SCAN = "scan"
    """A PDF without a text layer."""
    PHOTO = "photo"


class Flag(StrEnum):
    """Why a person should look. A line is accepted when it, and each of its fields, has none."""

    DERIVED_QUANTITY = "derived_quantity"
    """Not read: sum divided by price."""
    DERIVED_PRICE = "derived_price"
    DERIVED_SUM = "derived_sum"
    CORRECTED = "corrected"
    """A digit was changed so that the arithmetic holds, and nothing else confirms it."""
    ARITHMETIC_MISMATCH = "arithmetic_mismatch"
    """Quantity × price is not the sum."""
    INCOMPLETE = "incomplete"
    """Quantity, price or sum is missing and cannot be derived."""
    ALTERNATIVE_READING = "alternative_reading"
    """Another reading of the same figures fits as well."""
    NAME_UNSURE = "name_unsure"
    UNIT_UNSURE = "unit_unsure"
    NUMBER_UNSURE = "number_unsure"
    DATE_UNSURE = "date_unsure"
    INN_INVALID = "inn_invalid"
    """The check digits of the supplier's INN do not fit: says nothing of the lines."""
    SUPPLIER_UNSURE = "supplier_unsure"
    TOTAL_MISMATCH = "total_mismatch"
    """The sums of the lines do not make the total."""
    TOTAL_MISSING = "total_missing"
    TOTAL_UNSURE = "total_unsure"
    WORDS_MISMATCH = "words_mismatch"
    """The amount in words is not the total."""
    QR_MISMATCH = "qr_mismatch"
    """The fiscal code's sum or date is not what the paper says."""
    UNVERIFIED = "unverified"
    """Lines are consistent in themselves, but nothing else of the document confirms them."""
    LINES_MISSING = "lines_missing"
    """Numbers of lines have gaps, or nothing but the total could be read."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where something stands: fractions 0..1 of the straightened picture of a page, which is the preview.

    Attributes:
        page: from 0.
    """

    page: int
    left: float
    top: float
    right: float
    bottom: float

    def union(self, other: Box) -> Box:
        """The smallest box around both, which stand on one page (of two pages the first remains)."""
        if self.page != other.page:
            return self
        return Box(
            self.page,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Read(Generic[_T_co]):
    """One field as it was read.

    Attributes:
        value: what it says.
        confidence: 0..1; 1 for what came as text.
        box: where it stands; None for what stands nowhere (XML, derived).
        flags: why a person should look at this field.
    """

    value: _T_co
    confidence: float = 1.0
    box: Box | None = None
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class SupplierRead:
    """Whoever sold.

    Attributes:
        name: as printed; empty when it was not found.
        inn: 10 or 12 digits; None when it was not found.
    """

    name: Read[str]
    inn: Read[str | None]


@dataclass(frozen=True, slots=True)
class LineRead:
    """One line.

    Attributes:
        n: its number on the paper, or its place, from 1.
        name: what is sold, with volume and pack as printed, without item codes.
        unit: as on the list of OKEI's abbreviations («шт», «уп», «мл»); «шт» without a box where the paper prints none
            and the quantity is whole; empty where it could not be told.
        qty: in that unit.
        price: roubles of one unit; may have more than two decimals (УПД).
        sum_minor: kopecks, qty × price.
        vat_rate: percent; None where there is none printed, or «без НДС».
        vat_minor: kopecks.
        sum_with_vat_minor: kopecks; None where the form has no such column.
        flags: of the line itself; those of its fields stand there.
    """

    n: int
    name: Read[str]
    unit: Read[str]
    qty: Read[Decimal | None]
    price: Read[Decimal | None]
    sum_minor: Read[int | None]
    vat_rate: Read[int | None] = field(default=Read(None))
    vat_minor: Read[int | None] = field(default=Read(None))
    sum_with_vat_minor: Read[int | None] = field(default=Read(None))
    flags: tuple[Flag, ...] = ()

    @property
    def reads(self) -> dict[str, Read[object]]:
        """The fields by the names of the wire format."""
        return {
            "name": self.name,
            "unit": self.unit,
            "qty": self.qty,
            "price": self.price,
            "sum": self.sum_minor,
            "vat_rate": self.vat_rate,
            "vat": self.vat_minor,
            "sum_vat": self.sum_with_vat_minor,
        }

    @property
    def all_flags(self) -> tuple[Flag, ...]:
        """Its own and its fields', each once."""
        return tuple(dict.fromkeys((*self.flags, *(flag for read in self.reads.values() for flag in read.flags))))

    @property
    def accepted(self) -> bool:
        """Whether nothing of it asks for a person's eye."""
        return not self.all_flags

    @property
    def amount_minor(self) -> int | None:
        """What is to be paid for it, kopecks: with VAT where the form says so."""
        with_vat = self.sum_with_vat_minor.value
        return self.sum_minor.value if with_vat is None else with_vat


@dataclass(frozen=True, slots=True)
class FiscalCode:
    """What the QR code of a cash receipt says (54-ФЗ): identity and sum, never the lines.

    Attributes:
        at: local date and time as printed, ISO without a zone.
        sum_minor: kopecks.
        fn: number of the fiscal drive; with `document` and `sign` it names the receipt for ever.
        document: ФД.
        sign: ФП.
        operation: 1 sale, 2 refund of a sale, 3 purchase, 4 refund of a purchase.
    """

    at: str
    sum_minor: int
    fn: str
    document: str
    sign: str
    operation: int

    @property
    def text(self) -> str:
        """As in the code."""
        stamp = self.at.replace("-", "").replace(":", "")
        roubles, kopecks = divmod(self.sum_minor, 100)
        return f"t={stamp}&s={roubles}.{kopecks:02d}&fn={self.fn}&i={self.document}&fp={self.sign}&n={self.operation}"


@dataclass(frozen=True, slots=True)
class PageInfo:
    """One page.

    Attributes:
        width: of the preview, pixels; 0 where there is none (XML).
        height: as above.
        turned: degrees clockwise the picture was turned by to stand upright.
        seconds: spent on it.
    """

    width: int
    height: int
    turned: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RecognisedDocument:
    """A document as far as it could be read.

    Attributes:
        number: of the document; None when it was not found.
        date: of the document.
        lines: in the order of the paper.
        total_minor: kopecks to pay, with VAT.
        vat_total_minor: kopecks.
        qr: of a cash receipt.
        full_text: everything that was read, row by row.
        flags: of the document as a whole; say nothing of a single line.
        engine: what read the letters: `tesseract`, `pdfplumber`, `upd_xml`.
        engine_version: its version and that of its models.
    """

    kind: DocumentKind
    number: Read[str | None]
    date: Read[date | None]
    supplier: SupplierRead
    lines: tuple[LineRead, ...]
    total_minor: Read[int | None]
    vat_total_minor: Read[int | None]
    qr: FiscalCode | None
    full_text: str
    flags: tuple[Flag, ...]
    pages: tuple[PageInfo, ...]
    source: SourceKind
    engine: str
    engine_version: str
    reader_version: str = READER_VERSION


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read at all; more is refused with a reason.

    Attributes:
        max_bytes: of the file.
        max_pages: of a PDF or a TIFF.
        max_pixels: of one page, before anything is decoded.
        max_side: of one page, pixels.
        max_xml_bytes: of a УПД as XML.
    """

    max_bytes: int = 20_000_000
    max_pages: int = 10
    max_pixels: int = 40_000_000
    max_side: int = 20_000
    max_xml_bytes: int = 5_000_000


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A document, and its straightened pages as JPEG, which its boxes lie in (none for XML)."""

    document: RecognisedDocument
    previews: tuple[bytes, ...]
