"""A recognised document as JSON: the wire and storage format, and what `python -m salon.inventory read` prints.

Fields are those of the evaluation files (number, date DD.MM.YYYY, supplier, items with qty, price and sum in roubles,
total); beside them stand `confidence`, `flags`, `field_flags` and `boxes` (page, left, top, right, bottom; fractions of
the preview) by field name, and a line's `accepted`. Figures are JSON numbers of at most 15 digits, so they survive as
decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from salon.intake.documents.domain import (
    Box,
    DocumentKind,
    FiscalCode,
    Flag,
    LineRead,
    PageInfo,
    Read,
    RecognisedDocument,
    SourceKind,
    SupplierRead,
)
from salon.platform.money import to_minor

FORMAT = 1
_T = TypeVar("_T")
_DATE = "%d.%m.%Y"


def to_json(document: RecognisedDocument) -> dict[str, Any]:
    """The document as plain values of JSON."""
    header: dict[str, Read[Any]] = {
        "number": document.number,
        "date": document.date,
        "supplier_name": document.supplier.name,
        "supplier_inn": document.supplier.inn,
        "total": document.total_minor,
        "vat_total": document.vat_total_minor,
    }
    on = document.date.value
    return {
        "format": FORMAT,
        "doc_type": document.kind.value,
        "number": document.number.value,
        "date": on.strftime(_DATE) if on else None,
        "supplier": {"name": document.supplier.name.value, "inn": document.supplier.inn.value},
        "items": [_line(line) for line in document.lines],
        "total": _roubles(document.total_minor.value),
        "vat_total": _roubles(document.vat_total_minor.value),
        "qr": document.qr.text if document.qr else None,
        "full_text": document.full_text,
        "flags": [flag.value for flag in document.flags],
        **_notes(header),
        "pages": [
            {"width": page.width, "height": page.height, "turned": page.turned, "seconds": round(page.seconds, 3)}
            for page in document.pages
        ],
        "source": document.source.value,
        "engine": document.engine,
        "engine_version": document.engine_version,
        "reader_version": document.reader_version,
    }


def from_json(value: Mapping[str, Any]) -> RecognisedDocument:
    """The document again.

    Raises:
        KeyError, ValueError, TypeError: it is not what `to_json` made.
    """
    read = _reader(value)
    supplier = value["supplier"]
    on = datetime.strptime(value["date"], _DATE).date() if value["date"] else None  # noqa: DTZ007 - a date has no zone
    return RecognisedDocument(
        kind=DocumentKind(value["doc_type"]),
        number=read("number", value["number"]),
        date=_typed(date | None, read("date", on)),
        supplier=SupplierRead(read("supplier_name", supplier["name"]), read("supplier_inn", supplier["inn"])),
        lines=tuple(_line_of(item) for item in value["items"]),
        total_minor=read("total", _minor(value["total"])),
        vat_total_minor=read("vat_total", _minor(value["vat_total"])),
        qr=fiscal_of(value["qr"]) if value["qr"] else None,
        full_text=value["full_text"],
        flags=tuple(Flag(flag) for flag in value["flags"]),
        pages=tuple(PageInfo(**page) for page in value["pages"]),
        source=SourceKind(value["source"]),
        engine=value["engine"],
        engine_version=value["engine_version"],
        reader_version=value["reader_version"],
    )


def fiscal_of(text: str) -> FiscalCode | None:
    """The fiscal code that a QR code's text is; None when it is another code.

    ``t=20260319T1056&s=19369.60&fn=<16 digits>&i=<ФД>&fp=<ФП>&n=1``; `t` may have seconds.
    """
    parts = dict(part.split("=", 1) for part in text.strip().split("&") if "=" in part)
    try:
        stamp, fn, operation = parts["t"], parts["fn"], int(parts["n"])
        pattern = "%Y%m%dT%H%M%S" if len(stamp) == len("20260319T105601") else "%Y%m%dT%H%M"
        at = datetime.strptime(stamp, pattern)  # noqa: DTZ007 - printed without a zone
        sum_minor = Decimal(parts["s"]) * 100
        if sum_minor != int(sum_minor) or not (fn + parts["i"] + parts["fp"]).isdigit():
            return None
        at_text = at.isoformat(timespec="seconds" if pattern.endswith("%S") else "minutes")
        return FiscalCode(at_text, int(sum_minor), fn, parts["i"], parts["fp"], operation)
    except (KeyError, ValueError, ArithmeticError):
        return None


def _line(line: LineRead) -> dict[str, Any]:
    return {
        "n": line.n,
        "name": line.name.value,
        "unit": line.unit.value,
        "qty": _number(line.qty.value),
        "price": _number(line.price.value),
        "sum": _roubles(line.sum_minor.value),
        "vat_rate": line.vat_rate.value,
        "vat": _roubles(line.vat_minor.value),
        "sum_vat": _roubles(line.sum_with_vat_minor.value),
        "accepted": line.accepted,
        "flags": [flag.value for flag in line.flags],
        **_notes(line.reads),
    }


def _line_of(item: Mapping[str, Any]) -> LineRead:
    read = _reader(item)
    return LineRead(
        n=item["n"],
        name=read("name", item["name"]),
        unit=read("unit", item["unit"]),
        qty=read("qty", _decimal(item["qty"])),
        price=read("price", _decimal(item["price"])),
        sum_minor=read("sum", _minor(item["sum"])),
        vat_rate=read("vat_rate", item["vat_rate"]),
        vat_minor=read("vat", _minor(item["vat"])),
        sum_with_vat_minor=read("sum_vat", _minor(item["sum_vat"])),
        flags=tuple(Flag(flag) for flag in item["flags"]),
    )


def _notes(reads: Mapping[str, Read[Any]]) -> dict[str, Any]:
    return {
        "confidence": {name: round(read.confidence, 3) for name, read in reads.items()},
        "field_flags": {name: [flag.value for flag in read.flags] for name, read in reads.items() if read.flags},
        "boxes": {
            name: [
                read.box.page,
                *(round(side, 5) for side in (read.box.left, read.box.top, read.box.right, read.box.bottom)),
            ]
            for name, read in reads.items()
            if read.box
        },
    }


def _reader(value: Mapping[str, Any]) -> Callable[[str, _T], Read[_T]]:
    def read(name: str, content: _T) -> Read[_T]:
        box = value["boxes"].get(name)
        return Read(
            content,
            float(value["confidence"].get(name, 1.0)),
            Box(int(box[0]), *map(float, box[1:])) if box else None,
            tuple(Flag(flag) for flag in value["field_flags"].get(name, ())),
        )

    return read


def _typed(_kind: Any, read: Read[Any]) -> Read[Any]:
    return read


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _roubles(minor: int | None) -> int | float | None:
    return None if minor is None else _number(Decimal(minor) / 100)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _minor(value: Any) -> int | None:
    return None if value is None else to_minor(Decimal(str(value)))
