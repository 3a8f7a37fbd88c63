"""Words in places become lines: forms that no template knows, and what a photograph does to them."""

from decimal import Decimal

from salon.intake.documents.domain import Flag, PageInfo, SourceKind
from salon.intake.documents.parsing.assemble import assemble, read_page
from salon.intake.documents.parsing.words import Cell, Page, Word

_HEIGHT = 20.0


def _words(text: str, left: float, top: float) -> list[Word]:
    words = []
    for part in text.split():
        words.append(Word(left, top, left + 12 * len(part), top + _HEIGHT, text=part, confidence=0.95))
        left += 12 * len(part) + 8
    return words


def _page(rows: list[list[tuple[str, float]]], grid: tuple[Cell, ...] = ()) -> Page:
    words = [word for i, row in enumerate(rows) for text, left in row for word in _words(text, left, 40.0 + 40 * i)]
    return Page(0, 1500, 1200, tuple(words), grid)


def _document(page: Page):
    part = read_page(page, None)
    return assemble(
        [page], [part], infos=[PageInfo(1500, 1200)], qr=None, source=SourceKind.PHOTO, engine="t", engine_version=""
    )


def _figures(document):
    return [(line.qty.value, line.price.value, line.sum_minor.value) for line in document.lines]


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
    lefts, tops = (40, 100, 700, 900, 1100, 1300), (120, 160, 200, 240)
    grid = tuple(
        Cell(left, top - 4, right, top + 32)
        for top in tops
        for left, right in zip(lefts, (*lefts[1:], 1460), strict=True)
    )
    rows = [
        [("Товарный чек № 5 от 16.01.2026", 40)],
        [],
        [("№", 50), ("Наименование", 110), ("Кол", 710), ("Ед", 910), ("Цена", 1110), ("Сумма", 1310)],
        [("1", 50), ("Гель-лак Kodi №120 8 мл", 110), ("2", 710), ("шт", 910), ("450,00", 1110), ("900,00", 1310)],
        [("2", 50), ("База каучуковая 15 г", 110), ("wt", 910), ("323,33", 1110), ("9 699,90", 1310)],
        [("3", 50), ("Топ 12 мл", 110), ("6", 710), ("шт", 910), ("640,00", 1110), ("3 340,00", 1310)],
    ]
    document = _document(_page(rows, grid))

    assert [line.qty.value for line in document.lines] == [2, 30, 6]
    assert [line.unit.value for line in document.lines] == ["шт"] * 3
    first, second, third = document.lines
    assert first.accepted
    assert second.flags == (Flag.DERIVED_QUANTITY,)
    assert (third.sum_minor.value, Flag.CORRECTED in third.flags) == (384_000, True)


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
