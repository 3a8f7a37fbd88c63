"""УПД as XML, format 5.03 of приказ ФНС ЕД-7-26/970: the elements that a reader of goods needs, in their order."""

from __future__ import annotations

import uuid
from random import Random
from xml.etree.ElementTree import Element, SubElement, tostring

from .catalogue import OKEI
from .content import Content, Line
from .firms import Firm
from .numbers import money

FORMAT = "5.03"
FORM = "1115131"
"""КНД of the invoice-and-transfer document."""


def upd_xml(content: Content, random: Random) -> bytes:
    """The file in windows-1251, as the order has it."""
    day = f"{content.day:%d.%m.%Y}"
    seller = f"2BE{content.supplier.inn}{content.supplier.kpp or ''}"
    unique = uuid.UUID(int=random.getrandbits(128), version=4)
    name = f"ON_NSCHFDOPPR_2BE{content.buyer_inn}_{seller}_{content.day:%Y%m%d}_{unique}_0_0_0_0_0_00"
    file = Element("Файл", ИдФайл=name, ВерсФорм=FORMAT, ВерсПрог="Выдумка 1.0")
    document = SubElement(
        file, "Документ", КНД=FORM, Функция="СЧФДОП", ДатаИнфПр=day, ВремИнфПр="10.15.00",
        ПоФактХЖ="Документ об отгрузке товаров (выполнении работ), передаче имущественных прав (документ об оказании "
                 "услуг)",
        НаимДокОпр="Счет-фактура и документ об отгрузке товаров", НаимЭконСубСост=content.supplier.name,
    )  # fmt: skip
    _invoice(document, content, day)
    table = SubElement(document, "ТаблСчФакт")
    for number, line in enumerate(content.lines, 1):
        _line(table, number, line)
    total = SubElement(table, "ВсегоОпл", СтТовБезНДСВсего=f"{money(content.net)}",
                       СтТовУчНалВсего=f"{money(content.total)}")  # fmt: skip
    _tax(SubElement(total, "СумНалВсего"), content.vat if not content.simplified else None)
    handed = SubElement(SubElement(document, "СвПродПер"), "СвПер", СодОпер="Товары переданы", ДатаПер=day)
    SubElement(handed, "ОснПер", РеквНаимДок="Договор", РеквНомерДок=str(random.randint(1, 300)),
               РеквДатаДок=f"12.01.{content.day.year}")  # fmt: skip
    signer = SubElement(document, "Подписант", СпосПодтПолном="1", Должн="Директор")
    SubElement(signer, "ФИО", Фамилия="Выдумкина", Имя="Алёна", Отчество="Игоревна")
    return b'<?xml version="1.0" encoding="windows-1251"?>\n' + tostring(
        file, encoding="windows-1251", xml_declaration=False, short_empty_elements=True
    )


def _invoice(document: Element, content: Content, day: str) -> None:
    told = SubElement(document, "СвСчФакт", НомерДок=content.number, ДатаДок=day)
    _party(SubElement(told, "СвПрод"), content.supplier)
    SubElement(SubElement(told, "ГрузОт"), "ОнЖе").text = "он же"
    _party(SubElement(told, "СвПокуп"), Firm(content.buyer, content.buyer_inn, "000001001" if
           len(content.buyer_inn) == 10 else None, "000111, г. Москва, ул. Придуманная, д. 7", "", ""))  # fmt: skip
    SubElement(told, "ДенИзм", КодОКВ="643", НаимОКВ="Российский рубль")


def _party(side: Element, firm: Firm) -> None:
    who = SubElement(side, "ИдСв")
    if firm.kpp:
        SubElement(who, "СвЮЛУч", НаимОрг=firm.name, ИННЮЛ=firm.inn, КПП=firm.kpp)
    else:
        surname, name, patronymic = [*firm.name.removeprefix("ИП ").split(), "", ""][:3]
        SubElement(SubElement(who, "СвИП", ИННФЛ=firm.inn), "ФИО", Фамилия=surname, Имя=name, Отчество=patronymic)
    SubElement(SubElement(side, "Адрес"), "АдрИнф", КодСтр="643", НаимСтран="Россия", АдрТекст=firm.address)


def _line(table: Element, number: int, line: Line) -> None:
    good = SubElement(table, "СведТов", НомСтр=str(number), НаимТов=line.good.name)
    code = OKEI[line.good.unit]
    good.attrib |= {"ОКЕИ_Тов": code} if code else {"ДефОКЕИ_Тов": "-"}
    good.attrib |= {
        "НаимЕдИзм": line.good.unit,
        "КолТов": f"{line.quantity:f}",
        "ЦенаТов": f"{line.price:f}",
        "СтТовБезНДС": f"{money(line.total)}",
        "НалСт": line.rate,
        "СтТовУчНал": f"{money(line.total_with_vat)}",
    }
    SubElement(good, "ДопСведТов", ПрТовРаб="1", КодТов=line.good.code)
    SubElement(SubElement(good, "Акциз"), "БезАкциз").text = "без акциза"
    _tax(SubElement(good, "СумНал"), line.vat if line.rate.endswith("%") else None)


def _tax(place: Element, vat: object) -> None:
    if vat is None:
        SubElement(place, "БезНДС").text = "без НДС"
    else:
        SubElement(place, "СумНал").text = f"{vat:.2f}"
