"""The port `XmlReader`: УПД of formats 5.01 to 5.03 (приказы ФНС ММВ-7-15/820 and ЕД-7-26/970).

What comes in was made by a stranger: no document type, so no entities, nothing is fetched, and the size is capped.
The versions differ in names, and programs in what they leave out:

==================  =============================  ==============================================
what                5.01, 5.02                     5.03
==================  =============================  ==============================================
number, date        `НомерСчФ`, `ДатаСчФ`          `НомерДок`, `ДатаДок`
currency            `СвСчФакт/@КодОКВ`             `СвСчФакт/ДенИзм/@КодОКВ`
corrected anew      `ИспрСчФ/@НомИспрСчФ`          `ИспрДок/@НомИспр`
unit by name        `ДопСведТов/@НаимЕдИзм`        `СведТов/@НаимЕдИзм`
a person            `СвФЛУчастФХЖ`, later `СвФЛУч`  `СвФЛУч`
a foreign firm      `СвИнНеУч/@НаимОрг`            `СвИнНеУч/@Наим`
no figure           `ДефНДС`, `Деф…="-"`           left out, or the same
==================  =============================  ==============================================
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from salon.intake.documents.domain import (
    DocumentKind,
    Flag,
    Limits,
    PageInfo,
    Read,
    RecognisedDocument,
    SourceKind,
    SupplierRead,
)
from salon.intake.documents.errors import CorrectionNotRead, DocumentTooLarge, ForeignCurrency, NotADocument
from salon.intake.documents.parsing.header import is_inn
from salon.integrations.upd_xml.goods import line_of, totals_of
from salon.integrations.upd_xml.tree import ROOT, child, children, day, parse, said

_MOST_LINES = 5_000
_ROUBLE = frozenset({"", "643", "810"})
_UNNUMBERED = frozenset({"без номера", "б/н"})
"""What the format wants where there is no number."""


class LxmlUpd:
    """Reads an УПД."""

    def read(self, data: bytes, limits: Limits) -> RecognisedDocument:
        """The document (see the port)."""
        if len(data) > limits.max_xml_bytes:
            raise DocumentTooLarge(f"{len(data)} bytes of XML")
        root = parse(data)
        document = child(root, "Документ") if root.tag == ROOT else None
        table, told = child(document, "ТаблСчФакт"), child(document, "СвСчФакт")
        if child(document, "СвКСчФ", "ТаблКСчФ") is not None:
            raise CorrectionNotRead
        if table is None or told is None:
            raise NotADocument("XML, but no УПД")
        currency = said(told, "КодОКВ") or said(child(told, "ДенИзм"), "КодОКВ")
        if currency not in _ROUBLE:
            raise ForeignCurrency(currency)
        rows = list(children(table, "СведТов"))
        if len(rows) > _MOST_LINES:
            raise DocumentTooLarge(f"{len(rows)} lines")
        lines = tuple(line_of(row, n) for n, row in enumerate(rows, 1))
        total, vat, flags = totals_of(table, lines)
        number, on = _number(told), day(said(told, "ДатаДок", "ДатаСчФ"))
        return RecognisedDocument(
            kind=DocumentKind.UPD,
            number=Read(number, 1.0 if number else 0.0),
            date=Read(on, 1.0 if on else 0.0),
            supplier=_supplier(child(told, "СвПрод")),
            lines=lines,
            total_minor=Read(total, 1.0 if total is not None else 0.0),
            vat_total_minor=Read(vat, 1.0 if vat is not None else 0.0),
            qr=None,
            full_text="\n".join(_text(told, rows)),
            flags=flags,
            pages=(PageInfo(0, 0),),
            source=SourceKind.XML,
            engine="upd_xml",
            engine_version=said(root, "ВерсФорм"),
        )


def _number(told: Any) -> str | None:
    number = said(told, "НомерДок", "НомерСчФ")
    return None if not number or number.lower() in _UNNUMBERED else number


def _supplier(seller: Any) -> SupplierRead:
    who = child(seller, "ИдСв")
    who = seller if who is None else who
    firm, foreign = child(who, "СвЮЛУч"), child(who, "СвИнНеУч")
    trader, person = child(who, "СвИП"), child(who, "СвФЛУч", "СвФЛУчастФХЖ")
    name = said(firm, "НаимОрг") or said(foreign, "Наим", "НаимОрг") or _spelt(trader, "ИП") or _spelt(person)
    inn = said(firm, "ИННЮЛ") or said(trader, "ИННФЛ") or said(person, "ИННФЛ") or None
    name = name or said(seller, "СокрНаим", "КраткНазв")
    flags = (Flag.INN_INVALID,) if inn is not None and not is_inn(inn) else ()
    unsure = () if name else (Flag.SUPPLIER_UNSURE,)
    return SupplierRead(Read(name, 1.0 if name else 0.0, None, unsure), Read(inn, 1.0 if inn else 0.0, None, flags))


def _spelt(person: Any, title: str = "") -> str:
    named = child(person, "ФИО")
    parts = [part for key in ("Фамилия", "Имя", "Отчество") if (part := said(named, key))]
    return " ".join([title, *parts]).strip() if parts else ""


def _text(told: Any, rows: list[Any]) -> Iterator[str]:
    again = child(told, "ИспрДок", "ИспрСчФ")
    if said(again, "НомИспр", "НомИспрСчФ"):
        when = said(again, "ДатаИспр", "ДатаИспрСчФ")
        yield f"Исправление № {said(again, 'НомИспр', 'НомИспрСчФ')} от {when}".removesuffix(" от ")
    for row in rows:
        yield " ".join(said(row, key) for key in ("НомСтр", "НаимТов", "КолТов", "ЦенаТов", "СтТовБезНДС")).strip()
