"""Receipts of tills whose rows were read badly, and boxes that hold a form's number."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.support.document_pages import document, figures, grid, page

from salon.intake.documents.domain import FiscalCode, Flag, PageInfo, SourceKind
from salon.intake.documents.parsing.assemble import assemble, read_page
from salon.intake.documents.parsing.boxed import number_right


def test_a_row_that_ends_where_the_sums_end_is_one_though_its_sign_was_lost():
    read = document(
        page(
            [
                [("КАССОВЫЙ ЧЕК", 40)],
                [("1. Краска для бровей", 40)],
                [("5 шт * 460.00", 40), ("2300.00", 600)],
                [("2. База каучуковая Sivarra", 40)],
                [("25 м1 878.70", 40), ("13180.50", 588)],
                [("3. Полоски для депиляции", 40)],
                [("<> 181.02", 40), ("724.08", 612)],
                [("4. Пеньюар одноразовый", 40)],
                [("1 шт * 434.84", 40), ("434.84", 612)],
                [("ИТОГ", 40), ("=16639.42", 576)],
            ]
        )
    )

    assert figures(read) == [
        (5, 460, 230_000), (15, Decimal("878.70"), 1_318_050), (4, Decimal("181.02"), 72_408),
        (1, Decimal("434.84"), 43_484),
    ]  # fmt: skip
    assert [line.name.value for line in read.lines] == [
        "Краска для бровей", "База каучуковая Sivarra", "Полоски для депиляции", "Пеньюар одноразовый",
    ]  # fmt: skip
    assert [line.flags for line in read.lines] == [(), (Flag.DERIVED_QUANTITY,), (Flag.DERIVED_QUANTITY,), ()]


def test_the_tax_under_a_line_is_no_part_of_the_next_name():
    read = document(
        page(
            [
                [("КАССОВЫЙ ЧЕК", 40)],
                [("Крафт-пакеты 100 шт", 40)],
                [("8 x 516.48", 40), ("=4131.84", 600)],
                [("HAC 22%", 40)],
                [("Оксид 12% 1 л", 40)],
                [("2 x 450.46", 40), ("=900.92", 612)],
                [("ИТОГ =5032.76", 40)],
            ]
        )
    )

    assert [line.name.value for line in read.lines] == ["Крафт-пакеты 100 шт", "Оксид 12% 1 л"]


def test_a_total_whose_title_was_not_read_is_no_line():
    read = document(
        page(
            [
                [("КАССОВЫЙ ЧЕК", 40)],
                [("Маска для волос", 40)],
                [("2 x 150.00", 40), ("=300.00", 600)],
                [("WTOR", 40), ("=300.00", 600)],
            ]
        )
    )

    assert figures(read) == [(2, 150, 30_000)]


def test_the_day_of_a_receipt_is_that_of_its_fiscal_code():
    of = page([[("КАССОВЫЙ ЧЕК 19.09.26 19:18", 40)], [("Маска", 40)], [("2 x 150.00 =300.00", 40)]])
    code = FiscalCode("2026-09-10T19:10", 30_000, "9739963209254187", "56334", "1606442824", 1)

    read = assemble(
        [of], [read_page(of, None)],
        infos=[PageInfo(1500, 1200)], qr=code, source=SourceKind.PHOTO, engine="t", engine_version="",
    )  # fmt: skip

    assert read.date.value == date(2026, 9, 10)


def _form(number: str, again: tuple[str, float] | None = None):
    rows = [
        [("Номер документа", 600), ("Дата составления", 900)],
        [("ТОВАРНАЯ НАКЛАДНАЯ", 100), (number, 640), ("19.04.2026", 930)],
        [("№", 50), ("Товар", 110), ("Кол-во", 710), ("Цена", 1110), ("Сумма", 1310)],
        [("1", 50), ("Маска", 110), ("2", 710), ("450,00", 1110), ("900,00", 1310)],
    ]
    of = page(rows, (*grid(range(1), 590, 890, right=1200), *grid(range(1, 2), 590, 890, right=1200)))
    return document(of, (lambda cells: [again for _ in cells]) if again else None)


def test_the_number_in_the_box_of_its_own_is_the_forms():
    assert _form("YT073353").number.value == "УТ073353"
    assert _form("~", ("| 4 217", 0.9)).number.value is None  # two figures are no number
    assert _form("~", ("|ТН-380", 0.9)).number.value == "ТН-380"
    assert _form("~", ("|TH-380", 0.4)).number.flags == (Flag.NUMBER_UNSURE,)


@pytest.mark.parametrize(
    ("read", "number"),
    [
        ("yT049130", "УТ049130"), ("ООВМ-005551", "00БП-005551"), ("005П-009296", "00БП-009296"),
        ("yYT088630", "УТ088630"),
        ("TH-380", "ТН-380"), ("A-157", "А-157"),
        ("ООВII-090086", "00БП-090086"), ("УТо67407", "УТ067407"),
        ("17/3", "17/3"), ("УТО49130", "УТ049130"), ("3468", "3468"),
    ],
)  # fmt: skip
def test_letters_of_numbers_are_russian_capitals(read, number):
    assert number_right(read) == number


def test_rows_of_which_one_figure_was_misread_are_rows():
    read = document(
        page(
            [
                [("Наименование товара", 40), ("Количество", 780), ("Цена", 1000), ("Сумма", 1200)],
                [("Бахилы 50 пар", 40), ("1,000", 800), ("172,55", 1000), ("ТИ 55", 1210)],
                [("Шапочка 100 шт", 40), ("6,000", 800), ("260,00", 1000), ("1 560,00", 1200)],
                [("Патчи 50 пар", 40), ("6,000", 800), ("546,22", 1000), ("В 27/32", 1210)],
                [("Итого:", 1000), ("5 009,87", 1200)],
            ]
        )
    )

    assert [line.name.value for line in read.lines] == ["Бахилы 50 пар", "Шапочка 100 шт", "Патчи 50 пар"]
    assert [line.qty.value for line in read.lines] == [1, 6, 6]
    assert (read.lines[1].sum_minor.value, read.total_minor.value) == (156_000, 500_987)
    assert [line.accepted for line in read.lines] == [False, True, False]


def test_a_receipt_in_which_no_sign_was_read_has_its_lines_by_their_sums():
    read = document(
        page(
            [
                [("КАССОВЫЙ ЧЕК", 40)],
                [("1. Фольга парикмахерская 12 см х", 40)],
                [("м", 40)],
                [("ТО > ЭТ.97", 40), ("=8879.70", 600)],
                [("HOC 22%", 40)],
                [("2. Ресницы MIX", 40)],
                [("6 < 776.03", 40), ("=4656.18", 600)],
                [("ИТОГ =13535.88", 40)],
            ]
        )
    )

    assert [(line.name.value, line.sum_minor.value) for line in read.lines] == [
        ("Фольга парикмахерская 12 см х м", 887_970), ("Ресницы MIX", 465_618),
    ]  # fmt: skip
    assert not read.lines[0].accepted
    assert (read.lines[1].qty.value, read.lines[1].price.value) == (6, Decimal("776.03"))


def test_a_price_is_made_from_a_proven_sum_and_a_printed_quantity_and_flagged():
    read = document(
        page(
            [
                [("КАССОВЫЙ ЧЕК", 40)],
                [("Маска для волос", 40)],
                [("10 x 887.97 =8879.70", 40)],
                [("Ресницы MIX", 40)],
                [("6 x 1160.03 =4656.18", 40)],
                [("ИТОГ =13535.88", 40)],
            ]
        )
    )

    assert figures(read)[1] == (6, Decimal("776.03"), 465_618)
    assert Flag.DERIVED_PRICE in read.lines[1].flags


def test_a_space_after_the_point_of_a_sum_is_no_end_of_it():
    read = document(
        page(
            [
                [("КАССОВЫЙ ЧЕК", 40)],
                [("Полигель 18", 40)],
                [("48 x 1032, 78 =49573, 44", 40)],
                [("Маска 500 г", 40)],
                [("2х 747,03 =1494, 06", 40)],
                [("ИТОГ =51067,50", 40)],
            ]
        )
    )

    assert figures(read) == [(48, Decimal("1032.78"), 4_957_344), (2, Decimal("747.03"), 149_406)]


def test_a_figure_whose_place_reaches_into_the_next_column_does_not_join_the_columns():
    of = page(
        [
            [("Товар", 40), ("Кол-во", 800), ("Цена", 1000), ("Сумма", 1200)],
            [("Полигель 30 г", 40), ("10,000", 800), ("540-00", 1000), ("5 400-00", 1200)],
            [("Пилка ногтевая", 40), ("1,000", 800), ("175-89", 1000), ("175-89", 1224)],
            [("Шапочка", 40), ("2,000", 800), ("410-00", 1000), ("820-00", 1224)],
            [("Итого:", 1000), ("6 395-89", 1200)],
        ]
    )
    wide = [replace(word, right=1290) if (word.text, word.left) == ("540-00", 1000) else word for word in of.words]

    assert figures(document(replace(of, words=tuple(wide)))) == [
        (10, 540, 540_000), (1, Decimal("175.89"), 17_589), (2, 410, 82_000),
    ]  # fmt: skip


def test_a_digit_that_sticks_to_sign_and_unit_is_a_digit():
    read = document(
        page(
            [
                [("КАССОВЫЙ ЧЕК", 40)],
                [("Шампунь для волос 1000 мл", 40)],
                [("ЗшТХ 780.90", 40), ("2342.70", 600)],
                [("1: Пеньюар одноразовый 50 шт", 40)],
                [("1 250.90 хбуп", 40), ("7 505.40", 600)],
                [("2: Кератин Smooth 1000 мл", 40)],
                [("3 091.00 x 4 шт", 40), ("12 364.00", 588)],
                [("ИТОГ", 40), ("22 212.10", 588)],
            ]
        )
    )

    assert figures(read) == [(3, Decimal("780.90"), 234_270), (6, Decimal("1250.90"), 750_540), (4, 3091, 1_236_400)]
    assert [line.flags for line in read.lines] == [(), (), ()]


def _till(*rows):
    """A till's receipt of these rows."""
    return document(page([[("КАССОВЫЙ ЧЕК", 40)], *rows]))


def test_a_unit_after_the_quantity_is_the_lines():
    read = _till(
        [("1. Глина голубая весовая", 40)],
        [("561.00 x 0.325 кг", 40), ("182.33", 600)],
        [("2. Пилки для ногтей", 40)],
        [("557.00 x 10 уп", 40), ("5570.00", 600)],
        [("3. Масло разливное", 40)],
        [("1165.00 x 0.325 n", 40), ("378.63", 600)],
        [("4. Праймер бескислотный", 40)],
        [("374.00 x 2", 40), ("748.00", 600)],
        [("ИТОГ", 40), ("=6878.96", 600)],
    )

    assert [(line.qty.value, line.unit.value) for line in read.lines] == [
        (Decimal("0.325"), "кг"), (10, "уп"), (Decimal("0.325"), "л"), (2, "шт"),
    ]  # fmt: skip
    assert [line.unit.box is None for line in read.lines] == [False, False, False, True]  # the last is not printed
    assert read.flags == ()


def test_a_part_of_something_without_a_unit_is_asked_about():
    read = _till([("Глина голубая", 40)], [("561.00 x 0.325", 40), ("182.33", 600)], [("ИТОГ", 40), ("=182.33", 600)])

    assert [(line.unit.value, line.all_flags) for line in read.lines] == [("", (Flag.UNIT_UNSURE,))]


@pytest.mark.parametrize("tax", ["HAC 22/122 =151.48", "НДС 10/110 =76.36"])
def test_the_tax_as_a_fraction_is_no_part_of_the_next_name(tax):
    read = _till(
        [("Баф шлифовальный", 40)],
        [("35.00 x 24", 40), ("=840.00", 600)],
        [(tax, 40)],
        [("Маска для волос", 40)],
        [("150.00 x 2", 40), ("=300.00", 600)],
        [("ИТОГ", 40), ("=1140.00", 600)],
    )

    assert [line.name.value for line in read.lines] == ["Баф шлифовальный", "Маска для волос"]


def test_a_speck_between_a_name_and_its_figures_does_not_part_them_and_a_lone_letter_belongs_to_the_name():
    of = page(
        [
            [("КАССОВЫЙ ЧЕК", 40)],
            [("Миска для краски", 40)],
            [("|", 4)],
            [("255.89 x 15", 40), ("=3838.35", 600)],
            [("Порошок осветляющий белый 500", 40)],
            [("г", 40)],
            [("950.00 x 6", 40), ("=5700.00", 600)],
            [("ИТОГ", 40), ("=9538.35", 600)],
        ]
    )
    faint = tuple(replace(word, confidence=0.3) if word.text == "г" else word for word in of.words)

    read = document(replace(of, words=faint))

    assert [line.name.value for line in read.lines] == ["Миска для краски", "Порошок осветляющий белый 500 г"]
