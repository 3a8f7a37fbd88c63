"""Words in places become lines: forms that no template knows, and what a photograph does to them."""

from dataclasses import replace
from decimal import Decimal

from tests.support.document_pages import document as _document
from tests.support.document_pages import figures as _figures
from tests.support.document_pages import grid as _grid
from tests.support.document_pages import page as _page

from salon.intake.documents.domain import Flag


def test_a_table_without_rules_whose_price_stands_before_the_quantity():
    document = _document(
        _page(
            [
                [("Расходная накладная № 17 от 05.03.2026", 40)],
                [("Товар", 40), ("Цена", 800), ("Кол-во", 1000), ("Сумма", 1200)],
                [("Маска для волос 500 мл", 40), ("390,00", 800), ("10", 1000), ("3 900,00", 1200)],
                [("Пилка 180/240", 40), ("14,44", 800), ("4", 1000), ("57,76", 1200)],
                [("Воск плёночный 1 кг", 40), ("1 277,93", 800), ("24", 1000), ("30 670,32", 1200)],
                [("Итого:", 1000), ("34 628,08", 1200)],
            ]
        )
    )

    assert _figures(document) == [
        (Decimal(10), Decimal(390), 390_000), (Decimal(4), Decimal("14.44"), 5776),
        (Decimal(24), Decimal("1277.93"), 3_067_032),
    ]  # fmt: skip
    assert [line.name.value for line in document.lines][1] == "Пилка 180/240"
    assert (document.number.value, document.total_minor.value, document.flags) == ("17", 3_462_808, ())
    assert all(line.accepted for line in document.lines)


def test_a_ruled_table_whose_quantity_was_lost():
    grid = _grid(range(2, 6), 40, 100, 700, 900, 1100, 1300)
    rows = [
        [("Товарный чек № 5 от 16.01.2026", 40)],
        [],
        [("№", 50), ("Наименование", 110), ("Кол", 710), ("Ед", 910), ("Цена", 1110), ("Сумма", 1310)],
        [("1", 50), ("Гель-лак Kodi №120 8 мл", 110), ("2", 710), ("шт", 910), ("450,00", 1110), ("900,00", 1310)],
        [("2", 50), ("База каучуковая 15 г", 110), ("wt", 910), ("323,33", 1110), ("9 699,90", 1310)],
        [("3", 50), ("Топ 12 мл", 110), ("6", 710), ("шт", 910), ("640,00", 1110), ("3 340,00", 1310)],
        [("Итого:", 1110), ("14 439,90", 1310)],
    ]
    document = _document(_page(rows, grid))

    assert [line.qty.value for line in document.lines] == [2, 30, 6]
    assert [line.unit.value for line in document.lines] == ["шт"] * 3
    first, second, third = document.lines
    assert first.accepted
    assert second.flags == (Flag.DERIVED_QUANTITY,)
    assert (third.sum_minor.value, third.flags) == (384_000, ())  # the total says so, too


def test_a_till_prints_names_above_their_figures():
    document = _document(
        _page(
            [
                [("КАССОВЫЙ ЧЕК / ПРИХОД", 40)],
                [("ЧЕК № 3161 08.09.2025 18:43", 40)],
                [("1. Маска Tavolina Soft Care", 40)],
                [("увлажняющая 1000 мл", 40)],
                [("3 x 2 390.00 =7 170.00", 300)],
                [("НДС 20% 1 195.00", 40)],
                [("2. Воск плёночный", 40)],
                [("зх 819.00 =2 457.00", 300)],
                [("ИТОГ =9 627.00", 40)],
            ]
        )
    )

    assert _figures(document) == [(3, 2390, 717_000), (3, 819, 245_700)]
    assert [line.name.value for line in document.lines] == [
        "Маска Tavolina Soft Care увлажняющая 1000 мл",
        "Воск плёночный",
    ]
    assert (document.kind.value, document.total_minor.value) == ("cash_receipt", 962_700)


def test_an_invalid_tax_number_flags_the_supplier_only():
    document = _document(
        _page(
            [
                [("Поставщик: ООО «Лукоморье Профи» ИНН 9832959251", 40)],
                [("Товарный чек № 5 от 16.01.2026", 40)],
                [("Маска для волос", 40), ("10", 800), ("390,00", 1000), ("3 900,00", 1200)],
                [("Пилка", 40), ("4", 800), ("14,44", 1000), ("57,76", 1200)],
                [("Итого:", 1000), ("3 957,76", 1200)],
            ]
        )
    )

    assert document.supplier.inn.flags == (Flag.INN_INVALID,)
    assert document.supplier.name.value == "ООО «Лукоморье Профи»"
    assert all(line.accepted for line in document.lines)


def test_a_total_that_the_lines_do_not_make_is_said():
    document = _document(
        _page(
            [
                [("Маска для волос", 40), ("10", 800), ("390,00", 1000), ("3 900,00", 1200)],
                [("Пилка", 40), ("4", 800), ("14,44", 1000), ("57,76", 1200)],
                [("Итого:", 1000), ("4 957,76", 1200)],
            ]
        )
    )

    assert document.flags == (Flag.TOTAL_MISMATCH,)
    assert [line.flags for line in document.lines] == [(Flag.UNVERIFIED,)] * 2


def test_without_a_total_a_person_looks_unless_vat_is_a_second_equation():
    header = [
        ("Товар", 40),
        ("Кол", 500),
        ("Цена", 620),
        ("Сумма", 760),
        ("Ставка", 920),
        ("НДС", 1040),
        ("Всего", 1200),
    ]
    document = _document(
        _page(
            [
                header,
                [("Маска для волос", 40), ("10", 500), ("390,10", 620), ("3901,00", 760),
                 ("20%", 920), ("780,20", 1040), ("4681,20", 1200)],
                [("Воск плёночный", 40), ("10", 500), ("390,00", 620), ("3900,00", 760),
                 ("20%", 920), ("780,00", 1040), ("4680,00", 1200)],
                [("Пилка ногтевая", 40), ("4", 500), ("14,44", 620), ("57,76", 760),
                 ("20%", 920), ("19,55", 1040), ("79,31", 1200)],
            ]
        )
    )  # fmt: skip

    first, whole, wrong = document.lines
    assert first.accepted
    assert whole.flags == (Flag.UNVERIFIED,)  # were all its points lost, its equations would hold as well
    assert wrong.flags == (Flag.UNVERIFIED,)


def test_the_cashier_stands_above_the_first_name_but_is_no_part_of_it():
    document = _document(
        _page(
            [
                [("КАССОВЫЙ ЧЕК / ПРИХОД", 40)],
                [("03.09.2026 14:36 Кассир: Макетов И. Д.", 40)],
                [("Топ без липкого слоя 15 мл", 40)],
                [("8 x 790.00 =6320.00", 300)],
                [("Шампунь 250 мл", 40)],
                [("3 ^ 580.05 =1740.15", 300)],  # the sign was misread
                [("ИТОГ =8060.15", 40)],
            ]
        )
    )

    assert _figures(document) == [(8, 790, 632_000), (3, Decimal("580.05"), 174_015)]
    assert [line.name.value for line in document.lines] == ["Топ без липкого слоя 15 мл", "Шампунь 250 мл"]
    assert all(line.accepted for line in document.lines)


def test_a_till_that_prints_the_price_first_tells_so_by_kopecks():
    def receipt(odd: str, odd_sum: str, total: str):
        return _document(
            _page(
                [
                    [("КАССОВЫЙ ЧЕК", 40)],
                    [("Маска для волос", 40)],
                    [(f"{odd} x 2.00 ={odd_sum}", 300)],
                    [("Пилка ногтевая", 40)],
                    [("150.00 x 4.00 =600.00", 300)],
                    [(f"ИТОГ ={total}", 40)],
                ]
            )
        )

    told = receipt("14.45", "28.90", "628.90")
    assert _figures(told) == [(2, Decimal("14.45"), 2890), (4, 150, 60_000)]
    assert all(line.accepted for line in told.lines)

    untold = receipt("14.00", "28.00", "628.00")
    assert all(line.flags == (Flag.ALTERNATIVE_READING,) for line in untold.lines)


def test_a_row_whose_name_was_not_read_is_goods_and_no_total():
    lefts = (40, 100, 700, 900, 1100, 1300)
    rows = [
        [("Товарный чек № 5 от 16.01.2026", 40)],
        [],
        [("№", 50), ("Наименование", 110), ("Кол", 710), ("Ед", 910), ("Цена", 1110), ("Сумма", 1310)],
        [("1", 50), ("Гель-лак Kodi 8 мл", 110), ("2", 710), ("шт", 910), ("450,00", 1110), ("900,00", 1310)],
        [("6", 710), ("шт", 910), ("680,00", 1110), ("4 080,00", 1310)],
        [("х", 710), ("х", 1110), ("4 980,00", 1310)],
        [("го к оплате", 910), ("4 980,00", 1310)],
    ]
    document = _document(_page(rows, _grid(range(2, 7), *lefts)))

    assert _figures(document) == [(2, 450, 90_000), (6, 680, 408_000)]
    assert (document.total_minor.value, document.flags) == (498_000, ())
    assert [line.all_flags for line in document.lines] == [(), (Flag.NAME_UNSURE,)]


def test_points_that_were_lost_in_a_whole_table_are_found_by_its_total():
    lefts = (40, 100, 700, 900, 1100, 1300)
    rows = [
        [("Товарный чек № 5 от 16.01.2026", 40)],
        [],
        [("№", 50), ("Наименование", 110), ("Кол", 710), ("Ед", 910), ("Цена", 1110), ("Сумма", 1310)],
        [("1", 50), ("Гель-лак Kodi 8 мл", 110), ("1000", 710), ("шт", 910), ("1000,00", 1110), ("100000", 1310)],
        [("2", 50), ("Топ 12 мл", 110), ("3000", 710), ("шт", 910), ("42553", 1110), ("127659", 1310)],
        [("Итого:", 1110), ("2276,59", 1310)],
    ]
    document = _document(_page(rows, _grid(range(2, 6), *lefts)))

    assert _figures(document) == [(1, 1000, 100_000), (3, Decimal("425.53"), 127_659)]
    assert all(line.accepted for line in document.lines)


def test_a_document_that_names_more_lines_than_were_read_says_so():
    document = _document(
        _page(
            [
                [("Маска для волос", 40), ("10", 800), ("390,00", 1000), ("3 900,00", 1200)],
                [("Всего наименований 2, на сумму 3 957,76 руб.", 40)],
            ]
        )
    )

    assert document.flags == (Flag.TOTAL_MISMATCH, Flag.LINES_MISSING)


def test_a_line_of_a_till_whose_figures_were_not_read_is_there_all_the_same():
    document = _document(
        _page(
            [
                [("КАССОВЫЙ ЧЕК", 40)],
                [("Маска для волос", 40)],
                [("2 штх150.00 =300.00", 300)],
                [("Пилка ногтевая", 40)],
                [("ТХ (72 95 =772.95", 300)],
                [("ИТОГ =1072.95", 40)],
            ]
        )
    )

    assert [(line.name.value, line.sum_minor.value) for line in document.lines] == [
        ("Маска для волос", 30_000), ("Пилка ногтевая", 77_295),
    ]  # fmt: skip
    assert [line.flags for line in document.lines] == [(), (Flag.INCOMPLETE,)]


def test_a_row_without_rules_whose_price_was_not_read_is_no_part_of_its_neighbour():
    document = _document(
        _page(
            [
                [("Товар", 40), ("Кол-во", 800), ("Цена", 1000), ("Сумма", 1200)],
                [("Маска для волос", 40), ("10", 800), ("390,00", 1000), ("3 900,00", 1200)],
                [("Пилка ногтевая", 40), ("4", 800), ("14,44", 1000), ("57,76", 1200)],
                [("Патчи для глаз", 40), ("6", 800), ("УЗ", 1020), ("4 423,32", 1200)],
                [("Итого:", 1000), ("8 381,08", 1200)],
            ]
        )
    )

    assert [line.name.value for line in document.lines] == ["Маска для волос", "Пилка ногтевая", "Патчи для глаз"]
    assert (document.lines[2].price.value, document.lines[2].flags) == (Decimal("737.22"), (Flag.DERIVED_PRICE,))


def test_rows_that_a_fold_made_one_with_the_headers_are_read():
    lefts = (40, 100, 700, 900, 1100, 1300)
    rows = [
        [("Товарный чек № 5 от 16.01.2026", 40)],
        [],
        [("№", 50), ("Наименование", 110), ("Кол", 710), ("Ед", 910), ("Цена", 1110), ("Сумма", 1310)],
        [("1", 50), ("Гель-лак Kodi 8 мл", 110), ("2", 710), ("шт", 910), ("450,00", 1110), ("900,00", 1310)],
        [("2", 50), ("Топ 12 мл", 110), ("6", 710), ("шт", 910), ("640,00", 1110), ("3 840,00", 1310)],
        [("3", 50), ("База 12 мл", 110), ("1", 710), ("шт", 910), ("500,00", 1110), ("500,00", 1310)],
        [("Итого:", 1110), ("5 240,00", 1310)],
    ]
    whole = _grid(range(2, 4), *lefts)
    merged = tuple(replace(top, bottom=below.bottom) for top, below in zip(whole[:6], whole[6:], strict=True))
    document = _document(_page(rows, (*merged, *_grid(range(4, 7), *lefts))))

    assert _figures(document) == [(2, 450, 90_000), (6, 640, 384_000), (1, 500, 50_000)]
