"""Tables without ruled rows: drawn with characters, with column rules alone, with figures that were not read."""

from decimal import Decimal

from tests.support.document_pages import document, figures, grid, page, words

from salon.intake.documents.domain import Flag
from salon.intake.documents.parsing.barred import counted_apart, without_bars
from salon.intake.documents.parsing.words import Cell, Hint, Page

_BARS = (80, 500, 580, 680, 820)


def _drawn(*rows: tuple[str, str, str, str, str, str], step: float = 24):
    """A table drawn with characters: the bar before a name is a part of the name's word."""
    found = []
    for i, (number, name, unit, qty, price, total) in enumerate(rows):
        top = 100 + step * i
        found += words(f"{number}|{name}", 80 - 12 * len(number), top)
        for text, bar in zip((unit, qty, price, total), _BARS[1:], strict=True):
            found += [*words("|", bar, top), *words(text, bar + 20, top)]
    return Page(0, 1500, 1200, (*found, *words("Итого:", 680, 400), *words("7'062.00", 840, 400)))


def test_a_table_drawn_with_characters_has_its_bars_for_columns():
    read = document(
        _drawn(
            ("1", "Гель-лак Ondessa «Вишнёвый", "фл", "6", "452.00", "2'712.00"),
            ("", "сон», 8 мл", "", "", "", ""),
            ("2", "Полоски для депиляции", "пач", "15", "290.00", "4'350.00"),
            ("", "7х20 см, 100 шт", "", "", "", ""),
        )
    )

    assert figures(read) == [(6, 452, 271_200), (15, 290, 435_000)]
    assert [line.name.value for line in read.lines] == [
        "Гель-лак Ondessa «Вишнёвый сон», 8 мл", "Полоски для депиляции 7х20 см, 100 шт",
    ]  # fmt: skip
    assert [line.unit.value for line in read.lines] == ["фл", "пач"]


def test_a_bar_or_two_that_a_pen_made_draw_no_table():
    found = [*words("1|Пудра", 40, 40), *words("2 Маска", 40, 80), *words("|", 400, 80)]

    assert without_bars(found, 20.0) == (found, [])


def test_a_quantity_is_told_from_the_unit_that_stands_close_to_it():
    row = [*words("Маска 100шт", 90, 40), *words("бупак", 600, 40), *words("235,50 1413,00", 800, 40)]

    assert [word.text for word in counted_apart(row, 20.0)] == ["Маска", "100шт", "6", "упак", "235,50", "1413,00"]


def test_rows_between_which_nothing_is_ruled_are_told_apart_by_their_figures():
    lefts = [40, 90, 600, 700, 900]
    title = [("№", 42), ("Наименование", 92), ("Кол-во", 610), ("Цена", 710), ("Сумма", 910)]
    body = tuple(
        Cell(left, 76, end, 232) for left, end in zip(lefts, (*lefts[1:], 1460.0), strict=True)
    )  # fmt: skip
    read = document(
        page(
            [
                title,
                [("1", 42), ("Маска для волос", 92), ("2", 610), ("100,00", 710), ("200,00", 910)],
                [("питательная", 92)],
                [("2", 42), ("Бальзам для волос", 92), ("3", 610), ("100,00", 710), ("300,00", 910)],
                [("с кератином", 92)],
                [("Итого", 710), ("500,00", 910)],
            ],
            (*grid(range(1), *lefts), *body, *grid(range(5, 6), *lefts)),
        )
    )

    assert figures(read) == [(2, 100, 20_000), (3, 100, 30_000)]
    assert [line.name.value for line in read.lines] == ["Маска для волос питательная", "Бальзам для волос с кератином"]


def test_titles_of_columns_tell_price_and_quantity_though_they_say_sum():
    lefts = [40, 90, 400, 560, 640, 800, 900]
    rows = [
        ("1", "Краска для бровей", "650.00 руб.", "10%", "585.00 руб.|", "10", "5850.00 руб."),
        ("2", "Кисть для окрашивания", "255.00 руб.", "15%", "216.75 py6.", "3", "650.25 руб,"),
    ]
    titles = ("№", "Наименование товара", "Цена", "Скидка", "Цена со скидкой", "Кол-во", "Сумма")
    read = document(
        page(
            [list(zip(texts, (left + 2 for left in lefts), strict=True)) for texts in (titles, *rows)],
            grid(range(3), *lefts),
        )
    )

    assert figures(read) == [(10, 585, 585_000), (3, Decimal("216.75"), 65_025)]


def test_a_row_with_a_name_and_rising_figures_is_no_row_of_numbers():
    lefts = [40, 90, 500, 600, 700, 900]
    rows = [
        [("1", 42), ("Лак для волос", 92), ("шт", 502), ("8", 602), ("470", 702), ("3760", 902)],
        [("2", 42), ("Баф шлифовальный", 92), ("шт", 502), ("1", 602), ("45", 702), ("45", 902)],
        [("Итого", 702), ("3805", 902)],
    ]
    read = document(page(rows, grid(range(3), *lefts)))

    assert figures(read) == [(8, 470, 376_000), (1, 45, 4_500)]


def _numbered(figures_of_last: list[tuple[str, float]]):
    return page(
        [
            [("1.", 40), ("Маска для волос", 90), ("2", 620), ("100,00", 750), ("200,00", 950)],
            [("2.", 40), ("Бальзам для волос", 90), ("3", 620), ("100,00", 750), ("300,00", 950)],
            [("3.", 40), ("Пудра для волос", 90), *figures_of_last],
            [("Итого", 750), ("900,00", 950)],
        ]
    )


def test_a_numbered_row_of_which_only_the_sum_was_read_is_a_line():
    read = document(_numbered([("400,00", 950)]))

    assert len(read.lines) == 3
    assert read.lines[2].sum_minor.value == 40_000
    assert read.lines[2].flags


def test_a_numbered_row_under_a_stamp_is_read_again_and_else_left_out():
    def sharper(cells):
        said = {Hint.QUANTITY: "4", Hint.MONEY: "100,00"}
        return [("400,00" if cell.left > 850 else said.get(hint, ""), 0.9) for cell, hint in cells]

    of = _numbered([])

    assert figures(document(of, sharper)) == [(2, 100, 20_000), (3, 100, 30_000), (4, 100, 40_000)]
    assert len(document(of, lambda cells: [("", 0.0)] * len(cells)).lines) == 2


def test_a_line_with_another_reading_does_not_take_the_total_from_the_others():
    """The total is a witness as long as no line was put right by it."""
    rows = [
        [("Маска для волос", 90), ("2", 600), ("100,00", 700), ("200,00", 900)],
        [("Бальзам для волос", 90), ("1", 600), ("11700,00", 700), ("1700,00", 900)],
        [("Итого", 700), ("1900,00", 900)],
    ]
    read = document(page(rows, grid(range(3), 40, 580, 680, 880)))

    assert read.lines[0].flags == ()
    assert figures(read)[1] == (1, 1700, 170_000)
    assert Flag.UNVERIFIED not in read.lines[0].flags
