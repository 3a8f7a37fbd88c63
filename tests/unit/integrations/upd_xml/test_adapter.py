"""УПД as XML in each version of the format, and what programs make of it: every field, every refusal."""

import json
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.intake.documents.codec import from_json, to_json
from salon.intake.documents.domain import DocumentKind, Flag, Limits, SourceKind
from salon.intake.documents.errors import (
    CorrectionNotRead,
    DocumentDamaged,
    DocumentRefused,
    DocumentTooLarge,
    ForeignCurrency,
    NotADocument,
)
from salon.intake.documents.reading import kind_of
from salon.intake.domain import Reason
from salon.intake.use_cases.wording import reason_in_words
from salon.integrations.upd_xml.adapter import LxmlUpd
from salon.platform.texts import texts

FIRM, TRADER = "0000123450", "000012345627"


@dataclass(frozen=True)
class Dialect:
    """How a version of the format says it."""

    version: str
    number: str
    on: str
    is_currency_inside: bool
    is_unit_inside: bool  # of what else is told of the goods
    again: str = "ИспрСчФ"
    again_number: str = "НомИспрСчФ"
    again_on: str = "ДатаИспрСчФ"


V501 = Dialect("5.01", "НомерСчФ", "ДатаСчФ", is_currency_inside=False, is_unit_inside=True)
V502 = replace(V501, version="5.02")
V503 = Dialect(
    "5.03", "НомерДок", "ДатаДок", is_currency_inside=True, is_unit_inside=False,
    again="ИспрДок", again_number="НомИспр", again_on="ДатаИспр",
)  # fmt: skip
DIALECTS = pytest.mark.parametrize("dialect", [V501, V502, V503], ids=lambda one: one.version)
SELLER = f'<СвЮЛУч НаимОрг="ООО «Ландыш»" ИННЮЛ="{FIRM}" КПП="770001001"/>'
TAX = "<СумНал>%s</СумНал>"
NO_TAX = "<БезНДС>без НДС</БезНДС>"


def _attributes(**values):
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value is not None)


def _good(dialect, /, tax=TAX % "1056.00", inside="", unit="шт", **changes):
    """A line of 24 pieces at 200 roubles and 22 %; a change to None leaves the attribute out."""
    values = {
        "НомСтр": "1", "НаимТов": "Краска для волос 5/0, 60 мл", "ОКЕИ_Тов": "796", "КолТов": "24", "ЦенаТов": "200.00",
        "СтТовБезНДС": "4800.00", "НалСт": "22%", "СтТовУчНал": "5856.00", **changes,
    }  # fmt: skip
    named = {"НаимЕдИзм": unit}
    return (
        f"<СведТов{_attributes(**values, **({} if dialect.is_unit_inside else named))}>"
        f"<Акциз><БезАкциз>без акциза</БезАкциз></Акциз><СумНал>{tax}</СумНал>"
        f"<ДопСведТов{_attributes(ПрТовРаб='1', **(named if dialect.is_unit_inside else {}))}>{inside}</ДопСведТов>"
        "</СведТов>"
    )


def _upd(dialect, *goods, total="5856.00", tax=TAX % "1056.00", seller=SELLER, head="", function="СЧФДОП", **changes):
    """A whole document, as text without a declaration."""
    values = {dialect.number: "УТ-17", dialect.on: "03.11.2026", **changes}
    currency = '<ДенИзм КодОКВ="643" НаимОКВ="Российский рубль"/>' if dialect.is_currency_inside else ""
    if not dialect.is_currency_inside:
        values.setdefault("КодОКВ", "643")
    sums = _attributes(СтТовБезНДСВсего="4800.00", СтТовУчНалВсего=total)
    whole = "" if total is None else f"<ВсегоОпл{sums}><СумНалВсего>{tax}</СумНалВсего></ВсегоОпл>"
    return (
        f'<Файл ИдФайл="ON_NSCHFDOPPR_1" ВерсФорм="{dialect.version}" ВерсПрог="Проба"><Документ КНД="1115131"'
        f' Функция="{function}" ДатаИнфПр="04.11.2026"><СвСчФакт{_attributes(**values)}>{head}'
        f'<СвПрод><ИдСв>{seller}</ИдСв></СвПрод><СвПокуп><ИдСв><СвЮЛУч НаимОрг="ООО «Покупатель»" ИННЮЛ="0000543215"/>'
        f"</ИдСв></СвПокуп>{currency}</СвСчФакт><ТаблСчФакт>{''.join(goods or [_good(dialect)])}{whole}</ТаблСчФакт>"
        "</Документ></Файл>"
    )


def _file(text, encoding="windows-1251", *, declares="windows-1251"):
    head = f'<?xml version="1.0" encoding="{declares}"?>' if declares else ""
    return (head + text).encode(encoding)


def _read(text):
    data = text if isinstance(text, bytes) else _file(text, "utf-8", declares="UTF-8")
    assert kind_of(data) == "xml"
    document = LxmlUpd().read(data, Limits())
    assert from_json(json.loads(json.dumps(to_json(document)))) == document
    return document


def _figures(line):
    return {name: read.value for name, read in line.reads.items()}


@DIALECTS
def test_every_field_of_each_version_is_read(dialect):
    gloves = _good(
        dialect, TAX % "24.55", unit="упак", НомСтр="2", НаимТов="Перчатки  нитриловые\n М", ОКЕИ_Тов="778",
        КолТов="1.5", ЦенаТов="163.6666667", СтТовБезНДС="245.50", НалСт="10%", СтТовУчНал="270.05",
    )  # fmt: skip
    document = _read(_upd(dialect, _good(dialect), gloves, total="6126.05", tax=TAX % "1080.55"))

    assert (document.kind, document.source, document.engine) == (DocumentKind.UPD, SourceKind.XML, "upd_xml")
    assert (document.engine_version, document.flags) == (dialect.version, ())
    assert (document.number.value, document.date.value) == ("УТ-17", date(2026, 11, 3))
    assert (document.supplier.name.value, document.supplier.inn.value) == ("ООО «Ландыш»", FIRM)
    assert document.supplier.inn.flags == document.supplier.name.flags == ()
    assert (document.total_minor.value, document.vat_total_minor.value) == (612_605, 108_055)
    assert [_figures(line) for line in document.lines] == [
        {"name": "Краска для волос 5/0, 60 мл", "unit": "шт", "qty": 24, "price": 200, "sum": 480_000, "vat_rate": 22,
         "vat": 105_600, "sum_vat": 585_600},
        {"name": "Перчатки нитриловые М", "unit": "уп", "qty": Decimal("1.5"), "price": Decimal("163.666667"),
         "sum": 24_550, "vat_rate": 10, "vat": 2_455, "sum_vat": 27_005},
    ]  # fmt: skip
    assert [line.n for line in document.lines] == [1, 2]
    assert all(line.accepted for line in document.lines)
    assert "Перчатки нитриловые М" in document.full_text


@pytest.mark.parametrize(
    ("seller", "name", "inn"),
    [
        (f'<СвИП ИННФЛ="{TRADER}"><ФИО Фамилия="Ива" Имя="Нина" Отчество="Львовна"/></СвИП>', "ИП Ива Нина Львовна",
         TRADER),
        (f'<СвИП ИННФЛ="{TRADER}"><ФИО Фамилия="Ива" Имя="Нина"/></СвИП>', "ИП Ива Нина", TRADER),
        (f'<СвФЛУч ИННФЛ="{TRADER}"><ФИО Фамилия="Ива" Имя="Нина"/></СвФЛУч>', "Ива Нина", TRADER),
        (f'<СвФЛУчастФХЖ ИННФЛ="{TRADER}"><ФИО Фамилия="Ива" Имя="Нина"/></СвФЛУчастФХЖ>', "Ива Нина", TRADER),
        ('<СвИнНеУч НаимОрг="Beauty GmbH"/>', "Beauty GmbH", None),
        ('<СвИнНеУч Наим="Beauty GmbH"/>', "Beauty GmbH", None),
        ('<СвЮЛУч НаимОрг="ООО «Тень»" ДефИННЮЛ="-"/>', "ООО «Тень»", None),
    ],
)  # fmt: skip
def test_sellers_of_every_kind_are_known(seller, name, inn):
    supplier = _read(_upd(V502, seller=seller)).supplier

    assert (supplier.name.value, supplier.inn.value) == (name, inn)
    assert (supplier.name.flags, supplier.inn.flags) == ((), ())


def test_a_seller_who_is_not_named_is_unsure_and_the_buyer_is_never_taken_for_one():
    supplier = _read(_upd(V503, seller="")).supplier

    assert (supplier.name.value, supplier.inn.value, supplier.name.flags) == ("", None, (Flag.SUPPLIER_UNSURE,))


@pytest.mark.parametrize(
    ("encoding", "declares"),
    [
        ("windows-1251", "windows-1251"), ("windows-1251", None), ("windows-1251", "UTF-8"), ("utf-8", "UTF-8"),
        ("utf-8", None), ("utf-8-sig", "windows-1251"), ("utf-8", "windows-1251"), ("utf-16", "utf-16"),
    ],
)  # fmt: skip
def test_an_encoding_is_found_whatever_the_file_says(encoding, declares):
    document = _read(_file(_upd(V501), encoding, declares=declares))

    assert (document.lines[0].name.value, document.flags) == ("Краска для волос 5/0, 60 мл", ())
    assert document.supplier.name.value == "ООО «Ландыш»"


def test_blanks_before_the_declaration_do_no_harm():
    assert _read(b"\r\n " + _file(_upd(V503))).lines[0].accepted


def test_name_spaces_do_not_matter():
    plain = _read(_upd(V503))
    spaced = _upd(V503).replace("<Файл ", '<Файл xmlns="urn:upd" xmlns:x="urn:upd" ', 1)
    prefixed = spaced.replace("<СвПрод>", "<x:СвПрод>").replace("</СвПрод>", "</x:СвПрод>")
    of_attributes = spaced.replace(" НомерДок=", " x:НомерДок=")

    assert _read(spaced) == _read(prefixed) == _read(of_attributes) == plain


def test_a_document_without_vat_has_no_rate_and_no_tax():
    """Функция ДОП of somebody who pays no VAT."""
    good = _good(V501, NO_TAX, НалСт="без НДС", СтТовУчНал="4800.00")
    document = _read(_upd(V501, good, total="4800.00", tax=NO_TAX, function="ДОП"))
    [line] = document.lines

    assert (line.vat_rate.value, line.vat_minor.value, line.sum_with_vat_minor.value) == (None, None, 480_000)
    assert (document.vat_total_minor.value, document.flags, line.accepted) == (None, (), True)


@pytest.mark.parametrize("changes", [{"НалСт": None}, {"НалСт": None, "СтТовУчНал": None}])
def test_a_line_that_does_not_speak_of_tax_costs_what_it_costs(changes):
    good = _good(V503, "", **({"СтТовУчНал": "4800.00"} | changes))
    document = _read(_upd(V503, good, total="4800.00", tax=NO_TAX, function="ДОП"))

    assert (document.lines[0].amount_minor, document.flags, document.lines[0].accepted) == (480_000, (), True)


@pytest.mark.parametrize(
    ("spelt", "rate"),
    [
        ("5%", 5), ("7%", 7), ("10%", 10), ("18%", 18), ("20%", 20), ("22%", 22), ("22/122", 22), ("20/120", 20),
        ("5/105", 5), ("10/110", 10), ("0%", 0), ("без НДС", None), ("НДС исчисляется налоговым агентом", None),
    ],
)  # fmt: skip
def test_rates_of_the_format(spelt, rate):
    assert _read(_upd(V503, _good(V503, НалСт=spelt))).lines[0].vat_rate.value == rate


@pytest.mark.parametrize(
    ("changes", "tax", "sums", "flags"),
    [
        ({"СтТовУчНал": None}, TAX % "1056.00", (480_000, 585_600), ()),
        ({"СтТовУчНал": None, "ДефСтТовУчНал": "-"}, "<ДефНДС>-</ДефНДС>", (480_000, 585_600), (Flag.DERIVED_SUM,)),
        ({"СтТовБезНДС": None}, TAX % "1056.00", (480_000, 585_600), ()),
        ({"СтТовБезНДС": None}, "<ДефНДС>-</ДефНДС>", (480_000, 585_600), (Flag.DERIVED_SUM,)),
        ({"СтТовБезНДС": None, "СтТовУчНал": None}, TAX % "1056.00", (480_000, 585_600), (Flag.DERIVED_SUM,)),
        ({"СтТовБезНДС": "4800,00", "ЦенаТов": "200,00", "КолТов": "24,000"}, TAX % "1056,00", (480_000, 585_600), ()),
        ({"ЦенаТов": None}, TAX % "1056.00", (480_000, 585_600), (Flag.DERIVED_PRICE,)),
    ],
)  # fmt: skip
def test_what_is_left_out_is_made_from_the_rest_and_flagged_where_it_is_not_sure(changes, tax, sums, flags):
    document = _read(_upd(V501, _good(V501, tax, **changes)))
    [line] = document.lines

    assert ((line.sum_minor.value, line.sum_with_vat_minor.value), line.all_flags) == (sums, flags)
    assert (line.qty.value, line.price.value, document.flags) == (24, 200, ())


def test_the_tax_that_is_restored_is_not_the_tax_of_the_line():
    """`ДопСведТов/СумНалВосст` holds a `СумНал` of its own."""
    good = _good(V503, NO_TAX, f"<СумНалВосст>{TAX % '999.00'}</СумНалВосст>", НалСт="без НДС", СтТовУчНал="4800.00")
    [line] = _read(_upd(V503, good, total="4800.00", tax=NO_TAX)).lines

    assert (line.vat_minor.value, line.accepted) == (None, True)


@pytest.mark.parametrize("changes", [{"ЦенаТов": "0.00"}, {"ЦенаТов": "0"}, {"ЦенаТов": None}])
def test_a_gift_costs_nothing(changes):
    gift = _good(V502, TAX % "0.00", НомСтр="1", НаимТов="Пробник", СтТовБезНДС="0.00", СтТовУчНал="0.00", **changes)
    document = _read(_upd(V502, _good(V502), gift))
    line = document.lines[1]

    assert (line.price.value, line.sum_minor.value, line.qty.value, line.all_flags) == (0, 0, 24, ())
    assert [one.n for one in document.lines] == [1, 2]  # though the file numbers both «1»
    assert document.flags == ()


@pytest.mark.parametrize(
    ("quantity", "price", "cost", "kept"),
    [
        ("0.125", "8000.00", "1000.00", "8000"),
        ("3", "33.33333333333", "100.00", "33.333333"),
        ("1000", "1.2345", "1234.50", "1.2345"),
        ("7", "99999.12345678901", "699993.86", "99999.123457"),
    ],
)
def test_fractions_of_pieces_and_of_kopecks_are_kept(quantity, price, cost, kept):
    good = _good(V503, NO_TAX, КолТов=quantity, ЦенаТов=price, СтТовБезНДС=cost, СтТовУчНал=cost, НалСт="без НДС")
    document = _read(_upd(V503, good, total=cost, tax=NO_TAX))
    [line] = document.lines

    assert (line.qty.value, line.price.value, line.all_flags) == (Decimal(quantity), Decimal(kept), ())
    assert (line.sum_minor.value, document.flags) == (int(Decimal(cost) * 100), ())


@pytest.mark.parametrize(
    ("changes", "tax", "flag"),
    [
        ({"КолТов": "-24"}, TAX % "1056.00", Flag.INCOMPLETE),
        ({"КолТов": None}, TAX % "1056.00", Flag.INCOMPLETE),
        ({"КолТов": "0"}, TAX % "1056.00", Flag.INCOMPLETE),
        ({"ЦенаТов": "-200.00"}, TAX % "1056.00", Flag.INCOMPLETE),
        ({"СтТовБезНДС": "-4800.00"}, TAX % "1056.00", Flag.INCOMPLETE),
        ({"СтТовУчНал": "-5856.00"}, TAX % "1056.00", Flag.INCOMPLETE),
        ({}, TAX % "-1056.00", Flag.INCOMPLETE),
        ({"ЦенаТов": "по договорённости"}, TAX % "1056.00", Flag.INCOMPLETE),
        ({"КолТов": "1e2"}, TAX % "1056.00", Flag.INCOMPLETE),
        ({"КолТов": "NaN"}, TAX % "1056.00", Flag.INCOMPLETE),
        ({"КолТов": "9" * 40}, TAX % "1056.00", Flag.INCOMPLETE),
        ({"ЦенаТов": "210.00"}, TAX % "1056.00", Flag.ARITHMETIC_MISMATCH),
        ({}, TAX % "156.00", Flag.ARITHMETIC_MISMATCH),
        ({"НалСт": "без НДС"}, NO_TAX, Flag.ARITHMETIC_MISMATCH),
        ({"НаимТов": None}, TAX % "1056.00", Flag.NAME_UNSURE),
    ],
)
def test_a_line_that_is_odd_is_flagged_and_nothing_below_zero_comes_in(changes, tax, flag):
    [line] = _read(_upd(V503, _good(V503, tax, **changes))).lines

    assert line.all_flags == (flag,)
    assert all(value is None or isinstance(value, str) or value >= 0 for value in _figures(line).values())


@pytest.mark.parametrize(
    ("total", "flags", "minor"),
    [
        ("5856.01", (Flag.TOTAL_MISMATCH,), 585_601),
        ("-5856.00", (Flag.TOTAL_MISMATCH,), None),
        ("много", (Flag.TOTAL_MISMATCH,), None),
        ("-", (Flag.TOTAL_MISSING,), 585_600),
        (None, (Flag.TOTAL_MISSING,), 585_600),
    ],
)
def test_a_total_that_does_not_agree_is_flagged(total, flags, minor):
    document = _read(_upd(V501, total=total))

    assert (document.flags, document.total_minor.value) == (flags, minor)


def test_a_document_without_goods_says_that_lines_are_missing():
    text = _upd(V503, "<!-- ничего -->", total="100.00")
    document = _read(text)

    assert (document.lines, document.flags) == ((), (Flag.LINES_MISSING, Flag.TOTAL_MISMATCH))


@pytest.mark.parametrize(
    ("changes", "unit"),
    [
        ({"unit": "шт."}, "шт"), ({"unit": "ШТ"}, "шт"), ({"unit": None}, "шт"), ({"unit": "-"}, "шт"),
        ({"unit": None, "ОКЕИ_Тов": "6"}, "м"), ({"unit": None, "ОКЕИ_Тов": None, "ДефОКЕИ_Тов": "-"}, ""),
        ({"unit": "туба", "ОКЕИ_Тов": None}, "туба"), ({"unit": "ведро", "ОКЕИ_Тов": "0000"}, "ведро"),
        ({"unit": "мл", "ОКЕИ_Тов": "111"}, "мл"),
    ],
)  # fmt: skip
@DIALECTS
def test_the_unit_is_told_by_name_or_else_by_code(dialect, changes, unit):
    assert _read(_upd(dialect, _good(dialect, **changes))).lines[0].unit.value == unit


@pytest.mark.parametrize("number", ["Без номера", "б/н", "", "-", None])
def test_no_number_is_no_number(number):
    document = _read(_upd(V501, НомерСчФ=number, ДатаСчФ=None))

    assert (document.number.value, document.number.confidence) == (None, 0)
    assert (document.date.value, document.date.confidence) == (None, 0)


@pytest.mark.parametrize("on", ["31.02.2026", "2026-11-03", "03.11.0026", "завтра"])
def test_a_date_that_is_none_is_none(on):
    assert _read(_upd(V503, ДатаДок=on)).date.value is None


@DIALECTS
def test_a_document_made_anew_says_so(dialect):
    again = f"<{dialect.again}{_attributes(**{dialect.again_number: '2', dialect.again_on: '05.11.2026'})}/>"

    assert _read(_upd(dialect, head=again)).full_text.startswith("Исправление № 2 от 05.11.2026\n")
    assert "Исправление" not in _read(_upd(dialect, head=f'<{dialect.again} ДефНомИспрСчФ="-"/>')).full_text


CORRECTION = (
    '<Файл ИдФайл="ON_NKORSCHFDOPPR_1" ВерсФорм="5.01"><Документ КНД="1115133" Функция="КСЧФДИС">'
    '<СвКСчФ НомерКСчФ="1" ДатаКСчФ="03.11.2026"/><ТаблКСчФ><СведТов НомСтр="1"/></ТаблКСчФ></Документ></Файл>'
)
BUYERS = '<Файл ИдФайл="ON_NSCHFDOPPOK_1" ВерсФорм="5.01"><ИнфПок><СодФХЖ4/></ИнфПок></Файл>'
WAYBILL = '<Файл ИдФайл="DP_TOVTORGPR_1" ВерсФорм="5.02"><Документ КНД="1175010"><СвДокПТПрКроме/></Документ></Файл>'


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (CORRECTION, CorrectionNotRead),
        (CORRECTION.replace("<Файл ", '<Файл xmlns="urn:x" '), CorrectionNotRead),
        (BUYERS, NotADocument),
        (WAYBILL, NotADocument),
        ("<Файл/>", NotADocument),
        ('<Письмо xmlns="urn:x"/>', NotADocument),
        (_upd(V501, КодОКВ="840"), ForeignCurrency),
        (_upd(V503).replace("643", "978"), ForeignCurrency),
        (_upd(V503, *["<СведТов/>"] * 5_001), DocumentTooLarge),
        (_upd(V503)[:-9], DocumentDamaged),
        (_upd(V503).replace("УТ-17", "&amp;x &lol;"), DocumentDamaged),
        ("<!DOCTYPE Файл [<!ENTITY lol 'ха'>]>" + _upd(V503).replace("УТ-17", "&lol;"), DocumentDamaged),
        ("<!DOCTYPE Файл SYSTEM 'http://localhost/upd.dtd'>" + _upd(V503), DocumentDamaged),
    ],
)
def test_what_is_no_incoming_invoice_is_refused_in_words(text, refusal):
    with pytest.raises(DocumentRefused) as caught:
        LxmlUpd().read(_file(text), Limits())

    assert type(caught.value) is refusal
    assert Reason.of(refusal.code) == refusal.code
    words = {language: reason_in_words(refusal.code, texts(language)) for language in ("ru", "en")}
    assert all(said and "job-reason" not in said for said in words.values())


def test_a_file_of_more_bytes_is_not_even_parsed():
    with pytest.raises(DocumentTooLarge):
        LxmlUpd().read(b"<" * 101, Limits(max_xml_bytes=100))


_NAMES = st.sampled_from(["КолТов", "ЦенаТов", "СтТовБезНДС", "СтТовУчНал", "НалСт", "ОКЕИ_Тов", "НаимТов", "НомСтр"])
_ODD = st.text("0123456789.,-+eE %/абвБНДС\N{NO-BREAK SPACE}\u0661", max_size=30)
_VALUES = st.none() | _ODD | st.decimals(allow_nan=True, allow_infinity=True).map(str)


@given(st.dictionaries(_NAMES, _VALUES), st.sampled_from([V501, V503]), st.sampled_from(["", NO_TAX, TAX % "-1", TAX]))
def test_whatever_the_attributes_say_it_is_read_and_written_again(changes, dialect, tax):
    document = _read(_upd(dialect, _good(dialect, tax, **changes)))

    for line in document.lines:
        is_whole = not line.all_flags
        assert not is_whole or (line.qty.value and line.price.value is not None and line.sum_minor.value is not None)
