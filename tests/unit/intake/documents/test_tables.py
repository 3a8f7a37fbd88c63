"""What the columns of a table mean, where names go on, and what a total vouches for."""

from dataclasses import replace
from decimal import Decimal

from tests.support.document_pages import HEIGHT, document, figures, grid, page, words

from salon.intake.documents.domain import FiscalCode, Flag, PageInfo, SourceKind
from salon.intake.documents.parsing.assemble import assemble, read_page
from salon.intake.documents.parsing.words import Page

_TORG12 = [40, 90, 420, 480, 540, 600, 650, 700, 750, 800, 880, 980, 1090, 1160, 1250]
_UPD = [40, 130, 180, 520, 580, 640, 700, 770, 880, 990, 1060, 1150, 1250]


def _ruled(*rows: list[tuple[str, float]], lefts: list[int]):
    return document(page(rows, grid(range(len(rows)), *lefts)))


def test_a_waybill_whose_every_column_is_numbered_is_no_transfer_document():
    numbers = [(str(i), left + 2) for i, left in enumerate(_TORG12, 1)]
    filled = [_TORG12[i] + 2 for i in (0, 1, 9, 10, 11, 12, 14)]

    def row(*texts: str):
        return list(zip(texts, filled, strict=True))

    read = _ruled(
        numbers,
        row("1", "Салфетки безворсовые", "24,000", "340,22", "8165,28", "0%", "8165,28"),
        row("2", "Топ без липкого слоя", "1,000", "730,00", "730,00", "0%", "730,00"),
        row("3", "Брашинг Mirazel", "6,000", "270,00", "1620,00", "0%", "1620,00"),
        [("Итого", 420), ("10515,28", filled[4]), ("10515,28", filled[6])],
        lefts=_TORG12,
    )

    assert figures(read) == [(24, Decimal("340.22"), 816_528), (1, 730, 73_000), (6, 270, 162_000)]


def test_columns_are_told_by_their_numbers_though_most_were_misread_and_no_row_holds():
    filled = [_UPD[i] + 2 for i in (1, 2, 5, 6, 7, 8, 10)]
    marks = ["a", "1", "%", "2", "2", "2", "3", "4", "$", "$", "7", "s", "$"]
    read = _ruled(
        [(mark, left + 2) for mark, left in zip(marks, _UPD, strict=True)],
        list(zip(["1", "Салфетки безворсовые", "уп", "4", "AN", "1800,00", "безНДС"], filled, strict=True)),
        list(zip(["2", "Шампунь-пилинг Scalp", "шт", "2", "536,15", "1132,30", "безНДС"], filled, strict=True)),
        list(zip(["3", "Парафин косметический", "шт", "2", "322,08", "640,00", "безНДС"], filled, strict=True)),
        lefts=_UPD,
    )

    assert [line.name.value for line in read.lines] == [
        "Салфетки безворсовые", "Шампунь-пилинг Scalp", "Парафин косметический",
    ]  # fmt: skip
    assert [line.sum_minor.value for line in read.lines] == [180_000, 113_230, 64_000]
    assert all(line.flags for line in read.lines)


def test_a_kopeck_does_not_tell_a_quantity_from_a_price():
    """«340,54» and a speck: it fits with a kopeck let pass, which quantities with a fraction alone are allowed."""
    rows = [
        [("Шапочка-шарлотта", 90), ("2", 602), ("170,27", 700), ("340,5442", 880)],
        [("Простыни одноразовые", 90), ("30", 602), ("520,00", 700), ("15600,00", 880)],
        [("Полотенца бумажные", 90), ("4", 602), ("504,35", 700), ("2017,40", 880)],
    ]
    read = _ruled(*rows, lefts=[40, 580, 680, 860])

    assert [line.qty.value for line in read.lines] == [2, 30, 4]


def test_pieces_in_packs_are_no_prices():
    """«2 в одном месте × 4 места = 8» multiplies out in every row, while the price was not read in any."""
    lefts = [40, 90, 420, 480, 540, 600, 650, 800, 980]
    rows = [
        list(zip(texts, [left + 2 for left in lefts if left not in {420, 650}], strict=True))
        for texts in (
            ("1", "Кисть для окрашивания", "2", "4", "8", "1376,00", "1472,32"),
            ("2", "Полоски для депиляции", "1", "10", "10", "2640,00", "2824,80"),
            ("3", "Праймер бескислотный", "5", "2", "10", "5210,00", "5574,70"),
        )
    ]
    read = _ruled(*rows, [("Итого", 420), ("28", 602), ("9226,00", 802), ("9871,82", 982)], lefts=lefts)

    assert not {800, 1_000} & {line.sum_minor.value for line in read.lines if not line.flags}


def test_rows_of_a_name_stand_closer_than_names_do():
    lines = [
        (40, "1", "Крем-краска стойкая", ("2", "100,00", "200,00")),
        (100, "2", "Маска-кондиционер интенсивно", ("12", "1420,00", "17040,00")),
        (127, "", "восстанавливающая для волос", ()),
        (150, "", "Lunavie Expert 300 мл", ()),
        (187, "3", "Сахарная паста средняя", ("15", "810,00", "12150,00")),
        (247, "4", "Воск матовый Clay 75 мл", ("30", "770,00", "23100,00")),
    ]
    found = []
    for top, number, name, money in lines:
        found += [*words(number, 40, top), *words(name, 90, top)]
        for text, left in zip(money, (700, 850, 1050), strict=False):
            found += words(text, left, top)
    found += words("Итого:", 850, 300) + words("52490,00", 1050, 300)
    read = document(Page(0, 1500, 1200, tuple(found)))

    assert HEIGHT == 20.0  # the distances above are measured in it
    assert [line.name.value for line in read.lines] == [
        "Крем-краска стойкая", "Маска-кондиционер интенсивно восстанавливающая для волос Lunavie Expert 300 мл",
        "Сахарная паста средняя", "Воск матовый Clay 75 мл",
    ]  # fmt: skip


def test_a_name_of_four_rows_beside_whose_first_the_figures_stand_is_whole():
    read = document(
        Page(0, 1500, 1200, tuple(
            word
            for top, name, money in (
                (40, "Краска для волос", ("2", "414,00", "828,00")),
                (64, "Lab Soft Care 60 мл", ()),
                (92, "Лак для волос", ("3", "4040,00", "12120,00")),
                (116, "Zefirelle Strong", ()),
                (140, "экстрасильной фиксации", ()),
                (165, "профессиональный 500 мл", ()),
                (191, "Фольга профессиональная", ("1", "1470,00", "1470,00")),
                (215, "18 мкм 50 м", ()),
                (270, "Итого", ("", "", "14418,00")),
            )
            for text, left in zip((name, *money), (90, 700, 850, 1050), strict=False)
            for word in words(text, left, top)
        ))
    )  # fmt: skip

    assert [line.name.value for line in read.lines] == [
        "Краска для волос Lab Soft Care 60 мл",
        "Лак для волос Zefirelle Strong экстрасильной фиксации профессиональный 500 мл",
        "Фольга профессиональная 18 мкм 50 м",
    ]


def _receipt(total: str, kopecks: int, *lines: tuple[str, str, str]):
    rows = [[("КАССОВЫЙ ЧЕК", 40)]]
    for i, (qty, price, amount) in enumerate(lines):
        rows += [[(f"{i + 1}. Маска для волос", 40)], [(f"{qty} x {price}", 40), (amount, 600)]]
    of = page([*rows, [("ИТОГ", 40), (total, 600)]])
    code = FiscalCode("2026-09-10T19:10", kopecks, "9739963209254187", "56334", "1606442824", 1)
    return assemble(
        [of], [read_page(of, None)],
        infos=[PageInfo(1500, 1200)], qr=code, source=SourceKind.PHOTO, engine="t", engine_version="",
    )  # fmt: skip


def test_a_total_that_put_another_line_right_vouches_for_no_single_figure():
    """One piece: price and sum are the same figure, and a second misread line can hide what it lacks."""
    sound = _receipt("1482.04", 148_204, ("3", "300.00", "900.00"), ("1", "582.04", "582.04"))
    mended = _receipt("1482.04", 148_204, ("3", "300.00", "100.00"), ("1", "582.04", "582.04"))

    assert [line.flags for line in sound.lines] == [(), ()]
    assert figures(mended)[0] == (3, 300, 90_000)
    assert mended.lines[1].flags == (Flag.UNVERIFIED,)


def test_a_quantity_that_stuck_to_the_price_is_told_by_the_sum():
    read = document(
        page(
            [
                [("Товар", 90), ("Кол-во Цена", 700), ("Сумма", 900)],
                [("1 Лезвия сменные 10 шт", 40), ("5363,77", 700), ("1818,85", 900)],
                [("2 База каучуковая 15 мл", 40), ("30900,00", 700), ("27000,00", 900)],
                [("3 Распылитель для воды", 40), ("1443,41", 700), ("443,41", 900)],
                [("Итого:", 700), ("29262,26", 900)],
            ]
        )
    )

    assert figures(read) == [(5, Decimal("363.77"), 181_885), (30, 900, 2_700_000), (1, Decimal("443.41"), 44_341)]


def test_a_row_that_a_fold_made_two_of_is_read_once():
    lefts = [40, 90, 600, 700, 900]
    rows = [
        [("1", 42), ("Маска для волос", 92), ("2", 610), ("100,00", 710), ("200,00", 910)],
        [("2", 42), ("Бальзам для волос", 92), ("3", 610), ("100,00", 710), ("300,00", 910)],
        [("Итого", 710), ("500,00", 910)],
    ]
    bent = [replace(cell, top=cell.top + 9, bottom=cell.bottom + 11) for cell in grid(range(1), *lefts)]
    read = document(page(rows, (*grid(range(3), *lefts), *bent)))

    assert figures(read) == [(2, 100, 20_000), (3, 100, 30_000)]
