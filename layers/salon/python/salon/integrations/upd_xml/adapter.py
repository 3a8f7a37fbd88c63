"""The port `XmlReader`: УПД of formats 5.01 to 5.03 (приказы ФНС ММВ-7-15/820 and ЕД-7-26/970).

What comes in was made by a stranger: no document type, so no entities, nothing is fetched, and the size is capped.
Elements are found by their names wherever they stand, since the formats differ in order and nesting.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from salon.intake.documents.domain import (
    DocumentKind,
    Flag,
    Limits,
    LineRead,
    PageInfo,
    Read,
    RecognisedDocument,
    SourceKind,
    SupplierRead,
)
from salon.intake.documents.errors import DocumentDamaged, DocumentTooLarge, NotADocument
from salon.intake.documents.parsing.figures import product
from salon.intake.documents.parsing.header import is_inn
from salon.intake.documents.parsing.lines import rate_of
from salon.intake.documents.parsing.units import OKEI, unit_of
from salon.platform.money import to_minor

_KOPECK = Decimal("0.01")
_DIGITS = 15
_MOST_LINES = 5_000


class LxmlUpd:
    """Reads an УПД."""

    def read(self, data: bytes, limits: Limits) -> RecognisedDocument:
        """The document (see the port)."""
        if len(data) > limits.max_xml_bytes:
            raise DocumentTooLarge(f"{len(data)} bytes of XML")
        root = _parsed(data)
        table = _find(root, "ТаблСчФакт")
        told = _find(root, "СвСчФакт")
        if root.tag != "Файл" or table is None or told is None:
            raise NotADocument("XML, but no УПД")
        rows = list(table.iter("СведТов"))
        if len(rows) > _MOST_LINES:
            raise DocumentTooLarge(f"{len(rows)} lines")
        lines = tuple(_line(row, n) for n, row in enumerate(rows, 1))
        total, vat, flags = _totals(table, lines)
        number = told.get("НомерДок") or told.get("НомерСчФ")
        on = _date(told.get("ДатаДок") or told.get("ДатаСчФ"))
        return RecognisedDocument(
            kind=DocumentKind.UPD,
            number=Read(number, 1.0 if number else 0.0),
            date=Read(on, 1.0 if on else 0.0),
            supplier=_supplier(told),
            lines=lines,
            total_minor=Read(total, 1.0 if total is not None else 0.0),
            vat_total_minor=Read(vat, 1.0 if vat is not None else 0.0),
            qr=None,
            full_text="\n".join(_text(root)),
            flags=flags,
            pages=(PageInfo(0, 0),),
            source=SourceKind.XML,
            engine="upd_xml",
            engine_version=root.get("ВерсФорм", ""),
        )


def _parsed(data: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise DocumentDamaged("not well-formed") from error
    if root.getroottree().docinfo.doctype:
        raise DocumentDamaged("a document type")
    return root


def _find(root: Any, name: str) -> Any:
    return next(root.iter(name), None)


def _supplier(told: Any) -> SupplierRead:
    seller = _find(told, "СвПрод")
    name, inn = "", None
    if seller is not None:
        firm, trader = _find(seller, "СвЮЛУч"), _find(seller, "СвИП")
        if firm is not None:
            name, inn = firm.get("НаимОрг", ""), firm.get("ИННЮЛ")
        elif trader is not None:
            person = _find(trader, "ФИО")
            parts = [person.get(part, "") for part in ("Фамилия", "Имя", "Отчество")] if person is not None else []
            name, inn = " ".join(["ИП", *filter(None, parts)]), trader.get("ИННФЛ")
    flags = (Flag.INN_INVALID,) if inn is not None and not is_inn(inn) else ()
    unsure = () if name else (Flag.SUPPLIER_UNSURE,)
    return SupplierRead(Read(name, 1.0 if name else 0.0, None, unsure), Read(inn, 1.0 if inn else 0.0, None, flags))


def _line(row: Any, n: int) -> LineRead:
    more = _find(row, "ДопСведТов")
    qty, price = _decimal(row.get("КолТов")), _decimal(row.get("ЦенаТов"))
    net, gross = _decimal(row.get("СтТовБезНДС")), _decimal(row.get("СтТовУчНал"))
    vat = _tax(row, "СумНал")
    rate = rate_of(row.get("НалСт", ""))
    if net is None and gross is not None:
        net = gross - (vat or 0)
    flags: tuple[Flag, ...] = ()
    if qty is None or price is None or net is None:
        flags = (Flag.INCOMPLETE,)
    elif abs(product(qty, price) - net) > max(_KOPECK, qty * _KOPECK / 2):  # a price is rounded to the kopeck
        flags = (Flag.ARITHMETIC_MISMATCH,)
    name = " ".join(row.get("НаимТов", "").split())
    return LineRead(
        n=n,
        name=Read(name, 1.0, None, () if name else (Flag.NAME_UNSURE,)),
        unit=Read(_unit(row, more)),
        qty=Read(qty),
        price=Read(price),
        sum_minor=Read(None if net is None else to_minor(net)),
        vat_rate=Read(rate or None),
        vat_minor=Read(None if vat is None else to_minor(vat)),
        sum_with_vat_minor=Read(None if gross is None else to_minor(gross)),
        flags=flags,
    )


def _unit(row: Any, more: Any) -> str:
    spelt = row.get("НаимЕдИзм") or (more.get("НаимЕдИзм") if more is not None else None) or ""
    known = unit_of(spelt)
    if known and known[1]:
        return known[0]
    return OKEI.get(row.get("ОКЕИ_Тов", ""), str(spelt))


def _totals(table: Any, lines: tuple[LineRead, ...]) -> tuple[int | None, int | None, tuple[Flag, ...]]:
    total = _find(table, "ВсегоОпл")
    amounts = [line.amount_minor for line in lines]
    made = sum(amount or 0 for amount in amounts)
    if total is None:
        return (made if lines else None), None, (Flag.TOTAL_MISSING,)
    said, vat = _decimal(total.get("СтТовУчНалВсего")), _tax(total, "СумНалВсего")
    said_minor = None if said is None else to_minor(said)
    flags = () if said_minor == made and None not in amounts else (Flag.TOTAL_MISMATCH,)
    return said_minor, (None if vat is None else to_minor(vat)), flags


def _tax(place: Any, name: str) -> Decimal | None:
    for child in place.iter(name):
        for inner in child.iter("СумНал"):
            if inner.text and inner.text.strip():
                return _decimal(inner.text)
    return None


def _decimal(text: str | None) -> Decimal | None:
    try:
        value = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    is_usable = (
        value.is_finite() and value >= 0 and len(value.as_tuple().digits) <= _DIGITS and value.adjusted() < _DIGITS
    )
    return value.normalize() + 0 if is_usable else None


def _date(text: str | None) -> date | None:
    try:
        return datetime.strptime(text or "", "%d.%m.%Y").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return None


def _text(root: Any) -> Iterator[str]:
    for row in root.iter("СведТов"):
        yield " ".join(row.get(key, "") for key in ("НомСтр", "НаимТов", "КолТов", "ЦенаТов", "СтТовБезНДС")).strip()
