"""What lines are counted in, and what counts as right when the reading is measured."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from tests.support.document_pages import document, figures, grid, page

from salon.intake.documents.domain import Box, Flag, Read
from salon.intake.documents.evaluation import Case, compare, unit_right
from salon.intake.documents.parsing.counted import for_quantity
from salon.intake.documents.parsing.units import code_of, parted, unit_in, unit_of


@pytest.mark.parametrize(
    ("read", "unit"),
    [
        ("24 лента", ("лента", True)), ("20уп", ("уп", True)), ("1|бан", ("бан", True)), ("1]KaH|/1", ("кан", False)),
        ("бупак", ("уп", False)), ("3шт", ("шт", True)), ("Alyn", ("уп", False)), ("6aH", ("бан", False)),
        ("флакoн", ("фл", False)), ("кг", ("кг", True)),
        ("шт уп", None), ("новая", None), ("12", None), ("20n", None),
    ],
)  # fmt: skip
def test_a_unit_that_stands_with_something_else_is_found(read, unit):
    assert unit_in(read) == unit


@pytest.mark.parametrize(
    ("read", "parts"),
    [
        ("24 лента", ("24", "лента", True)), ("20yn", ("20", "уп", False)), ("0,325 кг", ("0,325", "кг", True)),
        ("бупак", ("б", "уп", False)), ("1ш", ("1", "шт", False)), ("3 л", ("3", "л", True)),
        ("2n", None), ("24", None), ("шт", None), ("бут", None), ("50 шт белые", None),
    ],
)  # fmt: skip
def test_a_count_and_its_unit_are_parted(read, parts):
    assert parted(read) == parts


def test_one_spelling_for_each_unit_and_no_two_units_for_one():
    alike = [("упак.", "упаковка"), ("наб", "набор"), ("туба", "тюб"), ("банка", "бан"), ("канистра", "кан.")]
    assert [unit_of(one) == unit_of(other) for one, other in alike] == [True] * len(alike)
    apart = ["шт", "уп", "пач", "пак", "кор", "фл", "бут", "бан", "туб", "рул", "набор", "компл", "кг", "г", "л", "мл"]
    assert len({unit_of(unit) for unit in apart}) == len(apart)


def test_a_rule_before_a_code_is_no_digit_of_it():
    assert (code_of("1796"), code_of("|796"), code_of("1999"), code_of("2796")) == ("796", "796", None, None)


def _counted(*rows):
    """A ruled table whose cells of quantities say these."""
    lines = [
        [(f"{n}", 40), (f"Маска для волос {n}00", 110), (said, 620), ("100.00", 800), (total, 1010)]
        for n, (said, total) in enumerate(rows, 1)
    ]
    header = [("№", 40), ("Наименование", 110), ("Кол-во", 620), ("Цена", 800), ("Сумма", 1010)]
    return document(page([header, *lines], grid(range(len(lines) + 1), 30, 100, 610, 790, 1000, right=1200)))


def test_quantity_and_unit_in_one_cell_are_both_read():
    read = _counted(("24 шт", "2400.00"), ("6 уп", "600.00"), ("бупак", "600.00"), ("1 набор", "100.00"))

    assert figures(read) == [(24, 100, 240_000), (6, 100, 60_000), (6, 100, 60_000), (1, 100, 10_000)]
    assert [line.unit.value for line in read.lines] == ["шт", "уп", "уп", "набор"]
    assert not [line for line in read.lines if Flag.UNIT_UNSURE in line.all_flags]


def _united(unit, code=None, again=None, qty="2"):
    """The unit of one line whose cells say this."""
    header = [("Наименование", 40), ("Код", 500), ("Ед.", 610), ("Кол-во", 720), ("Цена", 850), ("Сумма", 1010)]
    total = f"{Decimal(qty.replace(',', '.')) * 100:.2f}"
    rows = [
        [("Шампунь", 40), ("796", 500), ("шт", 610), ("1", 720), ("100.00", 850), ("100.00", 1010)],
        [("Бальзам", 40), ("796", 500), ("шт", 610), ("3", 720), ("100.00", 850), ("300.00", 1010)],
        [("Маска", 40), (code or "", 500), (unit, 610), (qty, 720), ("100.00", 850), (total, 1010)],
    ]
    cells = grid(range(4), 30, 490, 600, 710, 840, 1000, right=1200)
    read = document(page([header, *rows], cells), (lambda wanted: [again for _ in wanted]) if again else None)
    return read.lines[-1].unit


def test_a_word_that_the_code_contradicts_is_doubted():
    assert _united("уп", "796").value == "уп"  # what is spelt
    assert (_united("м", "796").value, _united("м", "796").flags) == ("шт", (Flag.UNIT_UNSURE,))
    assert (_united("кг", "796").value, _united("л", "112").flags) == ("кг", ())
    assert (_united("wm", "796").value, _united("wm", "796").flags) == ("шт", ())
    assert (_united("6aH", "616").value, _united("6aH", "616").flags) == ("бан", (Flag.UNIT_UNSURE,))
    assert (_united("yn", "796").value, _united("yn", "796").flags) == ("шт", (Flag.UNIT_UNSURE,))


def test_a_cell_that_says_no_unit_is_read_again():
    assert (_united("~").value, _united("~").flags) == ("", (Flag.UNIT_UNSURE,))
    assert (_united("~", again=("уп", 0.9)).value, _united("~", again=("уп", 0.9)).flags) == ("уп", ())
    assert _united("~", again=("ma", 0.9)).flags == (Flag.UNIT_UNSURE,)


def test_a_measure_that_was_hardly_read_is_doubted_unless_the_quantity_is_weighed():
    assert (_united("n").value, _united("n").flags) == ("л", (Flag.UNIT_UNSURE,))
    assert (_united("n", qty="0,325").value, _united("n", qty="0,325").flags) == ("л", ())


def test_a_part_of_a_piece_is_doubted():
    printed, assumed = Read("шт", 0.9, Box(0, 0, 0, 1, 1)), Read("шт", 0.6)

    assert for_quantity(printed, Decimal("2.000")) == printed
    assert for_quantity(printed, Decimal("0.325")) == replace(printed, confidence=0.0, flags=(Flag.UNIT_UNSURE,))
    assert for_quantity(assumed, Decimal("0.325")) == Read("", 0.0, None, (Flag.UNIT_UNSURE,))
    assert for_quantity(Read("кг", 0.8), Decimal("0.325")) == Read("кг", 0.8)


def test_a_size_at_the_end_of_a_name_is_no_unit_of_the_line():
    read = document(
        page(
            [
                [("Наименование", 40), ("Кол-во", 700), ("Цена", 850), ("Сумма", 1010)],
                [("Шампунь увлажняющий 1000", 40), ("мл", 400), ("2", 720), ("250.00", 850), ("500.00", 1010)],
                [("Салфетки белые", 40), ("уп", 400), ("1", 720), ("300.00", 850), ("300.00", 1010)],
                [("Итого: 800.00", 850)],
            ]
        )
    )

    assert [line.name.value for line in read.lines] == ["Шампунь увлажняющий 1000 мл", "Салфетки белые"]
    assert [line.unit.value for line in read.lines] == ["шт", "уп"]


def test_what_counts_as_the_right_unit():
    line = _counted(("24 шт", "2400.00"), ("6 уп", "600.00")).lines[1]

    def right(unit, truth):
        return unit_right(replace(line, unit=unit), {"unit": truth})

    printed = Box(0, 0, 0, 1, 1)
    assert [right(Read("уп", 0.9, printed), truth) for truth in ("уп", "упак.", "шт", "пач", "")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert [right(Read("шт", 0.6), truth) for truth in ("", None, "шт", "кг")] == [True, True, True, False]
    assert not right(Read("шт", 0.9, printed), "")
    assert not right(Read("", 0.0), "шт")
    assert right(Read("", 0.0), "")


def test_right_units_are_counted():
    read = _counted(("24 шт", "2400.00"), ("6 уп", "600.00"))
    items = [
        {"name": "Маска для волос 100", "unit": "шт", "qty": 24, "price": 100, "sum": 2400},
        {"name": "Маска для волос 200", "unit": "кор", "qty": 6, "price": 100, "sum": 600},
    ]

    found, misses = compare(Case(Path("a.jpg"), {"items": items, "total": 3000}, "upd", "clean"), read, 1.0)

    assert (found.numeric, found.units, misses) == (2, 1, [])
