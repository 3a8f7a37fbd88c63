"""Number, day, supplier and total of a document, where other papers' stand beside them."""

from datetime import date

import pytest
from tests.support.document_pages import document, page

from salon.intake.documents.domain import Flag
from salon.intake.documents.parsing.header import carriage_in, date_in

_GOODS = (
    [("Наименование", 40), ("Кол-во", 700), ("Цена", 850), ("Сумма", 1010)],
    [("Шампунь увлажняющий", 40), ("2", 720), ("250.00", 850), ("500.00", 1010)],
    [("Маска для волос", 40), ("1", 720), ("300.00", 850), ("300.00", 1010)],
)


def _read(*above, below=()):
    """A document with this above and below two lines of goods that make 800 roubles."""
    return document(page([*([(text, 40)] for text in above), *_GOODS, *([(text, 40)] for text in below)]))


def test_the_number_is_the_titles_though_the_forms_appendix_stands_beside_it():
    read = _read(
        "Счёт-фактура № 842/12 от 13 февраля 2026 г. (1) Приложение № 1 к постановлению от 26 декабря 2011 г. № 1137",
        "Документ об отгрузке: № п/п 1-2 № 77 от 14.02.2026 (5а)",
        below=["Основание передачи: Заказ № 101 [10]"],
    )

    assert (read.number.value, read.date.value) == ("842/12", date(2026, 2, 13))


def test_the_number_of_an_order_that_a_bill_is_based_on_is_not_its_own():
    read = _read("Основание: Счёт на оплату № 934 от 01.02.2026", "Счёт на оплату № УТ-15 от 3 марта 2026 г.")

    assert (read.number.value, read.date.value) == ("УТ-15", date(2026, 3, 3))


def test_a_title_in_letters_of_the_other_alphabet_is_a_title():
    assert _read("3aka3 No 261033", "oT 22.01.2026").number.value == "261033"


def test_a_code_of_goods_is_no_number_of_the_document():
    read = _read("Заказ 22.01.2026", below=["NK-6089 Краска для бровей 5/4, 15 мл"])

    assert read.number.value != "K-6089"
    assert date_in("Краска для бровей 5/4, 15 мл") is None


@pytest.mark.parametrize("title", ["Чек № 294 Смена № 7", "Чех № 294 Смена № 7"])
def test_the_number_of_a_till_is_found_though_a_letter_of_its_title_was_misread(title):
    read = document(
        page([[("КАССОВЫЙ ЧЕК", 40)], [(title, 40)], [("Маска", 40)], [("2 x 150.00", 40), ("=300.00", 600)]])
    )

    assert read.number.value == "294"


def test_a_lone_b_may_be_either_of_two_letters():
    assert _read("Накладная № B-67/7 от 05.08.2026").number.flags == (Flag.NUMBER_UNSURE,)
    assert _read("Накладная № ЦБ-67/7 от 05.08.2026").number.flags == ()


def test_the_year_of_a_form_is_no_year_of_a_document():
    assert date_in("постановлением Госкомстата России от 25.12.98 № 132") is None
    assert (date_in("07.07.26"), date_in("7/7/26"), date_in("7.7,2026")) == (date(2026, 7, 7),) * 3


def test_the_supplier_is_no_bank_and_has_all_initials():
    read = _read(
        "АО «Банк Верхнереченский» БИК 042578086 Сч. № 30101810309475542815",
        "ИП Тюльпанова ‘M.B., ИНН 7707083893",
        "Покупатель ООО «Студия Локон», ИНН 7736050003",
    )

    assert (read.supplier.name.value, read.supplier.inn.value) == ("ИП Тюльпанова М.В.", "7707083893")


def test_a_caption_on_the_buyers_row_does_not_make_them_the_seller():
    read = _read(
        "ООО «Снабсалон», ИНН 7707083893, г. Небывалов",
        "Грузополучатель ООО «Студия Локон», организация-грузоотправитель, ИНН 7736050003, адрес, телефон",
    )

    assert (read.supplier.name.value, read.supplier.inn.value) == ("ООО «Снабсалон»", "7707083893")


def test_a_tax_number_that_was_misread_is_taken_from_where_it_is_printed_again():
    read = _read("ООО «Снабсалон», ИНН 7707083893", "Поставщик ООО «Снабсалон», ИНН 7707083898")

    assert (read.supplier.inn.value, read.supplier.inn.flags) == ("7707083893", ())
    other = _read("ООО «Студия», ИНН 7736050003", "Поставщик ООО «Снабсалон», ИНН 7707083898")
    assert (other.supplier.inn.value, other.supplier.inn.flags) == ("7707083898", (Flag.INN_INVALID,))


@pytest.mark.parametrize(
    ("row", "total"),
    [
        ("Итого: 11'258.60", 1_125_860), ("К оплате 25’192.00", 2_519_200), ("Итого: 20,665.00", 2_066_500),
        ("Всего к оплате: 1,020,665.00", 102_066_500), ("Итого по странице: 13,378.60", None),
        ("Итого на этой странице 500.00", None),
    ],
)  # fmt: skip
def test_a_total_is_one_however_its_thousands_are_marked_and_a_pages_is_none(row, total):
    assert document(page([[("Накладная № 5 от 01.02.2026", 40)], [(row, 40)]])).total_minor.value == total


def test_what_is_paid_includes_the_delivery():
    below = ["Сумма: 800.00", "Доставка: 490.00", "Итого к оплате: 1290.00"]
    read = _read("Заказ № 5 от 01.02.2026", below=below)

    assert (read.total_minor.value, read.flags) == (129_000, ())
    assert all(line.accepted for line in read.lines)
    assert (carriage_in("Доставка: бесплатно"), carriage_in("Доставка: 490.00")) == (None, 49_000)


def test_a_tills_total_is_found_by_its_mark_or_by_cash_and_change():
    lines = [[("КАССОВЫЙ ЧЕК", 40)], [("Маска для волос", 40)], [("2 x 150.00", 40), ("=300.00", 600)]]
    marked = document(page([*lines, [("ATO", 40), ("=300.00", 600)], [("НДС", 40), ("=54.10", 600)]]))
    paid = document(page([*lines, [("НАЛИЧНЫМИ", 40), ("=500.00", 600)], [("СДАЧА", 40), ("=200.00", 600)]]))

    assert [(read.total_minor.value, read.flags) for read in (marked, paid)] == [(30_000, ()), (30_000, ())]
    other = document(page([*lines, [("НАЛИЧНЫМИ", 40), ("=500.00", 600)], [("СДАЧА", 40), ("=100.00", 600)]]))
    assert Flag.TOTAL_MISMATCH in other.flags


def test_a_total_has_lost_its_point_where_all_the_sums_have_theirs():
    read = _read("Накладная № 5 от 01.02.2026")
    rows = [[("Накладная № 5 от 01.02.2026", 40)], *_GOODS, [("Итого", 40), ("80000", 1010)]]

    assert read.total_minor.value is None
    assert document(page(rows)).total_minor.value == 80_000
