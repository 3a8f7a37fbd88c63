"""ТОРГ-12, the goods note of форма № ТОРГ-12 (постановление Госкомстата 25.12.1998 № 132), on A4 across."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from .catalogue import OKEI, SPOKEN
from .content import Content, Line
from .looks import Looks, choose_looks, vary
from .numbers import amount_in_words, number_in_words
from .paper import Page, Style
from .signatures import sign
from .tables import Column, Sheets, Table, fitted

WIDTH, HEIGHT, MARGIN = 297.0, 210.0, 8.0


def _columns(random: Random) -> list[Column]:
    code = vary(random, 16)
    packed = random.random() < 0.8
    columns = [
        Column("n", random.choice(("Но-\nмер\nпо\nпо-\nрядку", "№\nп/п", "Номер по порядку")), 9, "center", "", "1"),
        Column("name", "наименование, характеристика, сорт, артикул товара", 0, "left", "Товар", "2"),
        Column("code", "код", code, "left", "Товар", "3"),
        Column("unit", "наиме-\nнование", vary(random, 12), "center", "Единица измерения", "4"),
        Column("okei", "код по ОКЕИ", vary(random, 11), "center", "Единица измерения", "5"),
    ]
    if packed:
        columns += [
            Column("pack", "Вид упаковки", vary(random, 12), "center", "", "6"),
            Column("in_place", "в одном месте", vary(random, 11), "right", "Количество", "7"),
            Column("places", "мест, штук", vary(random, 10), "right", "Количество", "8"),
            Column("gross", "Масса брутто", vary(random, 12), "right", "", "9"),
        ]
    columns += [
        Column("qty", "Количество (масса нетто)", vary(random, 17), "right", "", "10"),
        Column("price", "Цена, руб. коп.", vary(random, 19), "right", "", "11"),
        Column("sum", "Сумма без учета НДС, руб. коп.", vary(random, 22), "right", "", "12"),
        Column("rate", "ставка, %", vary(random, 14), "center", "НДС", "13"),
        Column("vat", "сумма, руб. коп.", vary(random, 18), "right", "НДС", "14"),
        Column("with_vat", "Сумма с учетом НДС, руб. коп.", vary(random, 22), "right", "", "15"),
    ]
    return columns


def _cells(content: Content, random: Random) -> list[dict[str, str]]:
    figures = content.figures
    spoken = {unit: random.choice(SPOKEN.get(unit, (unit,))) for unit in OKEI}
    with_sign = random.random() < 0.5
    coded, packed = random.random() < 0.7, random.random() < 0.3
    rows = []
    for number, line in enumerate(content.lines, 1):
        unit = line.good.unit
        taxed = line.rate.endswith("%")
        places = random.randint(1, 4)
        packing = {
            "pack": random.choice(("кор", "ящ", "уп")),
            "in_place": figures.quantity(line.quantity / places),
            "places": str(places),
            "gross": figures.decimal(Decimal(random.randint(5, 300)) / 10) if random.random() < 0.5 else "",
        }
        rows.append(
            {
                **(packing if packed and line.quantity % places == 0 else {}),
                "n": str(number),
                "name": line.good.name,
                "code": line.good.code if coded else "",
                "unit": spoken[unit],
                "okei": OKEI[unit],
                "qty": figures.quantity(line.quantity),
                "price": figures.rubles(line.price),
                "sum": figures.rubles(line.total),
                "rate": line.rate if with_sign or not taxed else line.rate.rstrip("%"),
                "vat": figures.rubles(line.vat) if taxed else random.choice(("", "-", "без НДС")),
                "with_vat": figures.rubles(line.total_with_vat),
            }
        )
    return rows


def _header(page: Page, content: Content, looks: Looks, random: Random) -> float:
    small, body = looks.body.sized(0.8), looks.body
    y = MARGIN
    page.write(WIDTH - 108, y, "Унифицированная форма № ТОРГ-12", small, align="right", width=100)
    page.write(WIDTH - 108, y + small.line, "Утверждена постановлением Госкомстата России от 25.12.98 № 132", small,
               align="right", width=100)  # fmt: skip
    _codes(page, y + 3 * small.line, small, random)
    y += 3 * small.line
    firm = content.supplier
    told = f"{firm.name}, ИНН {firm.inn}" + (f", КПП {firm.kpp}" if firm.kpp else "") + f", {firm.address}"
    told += random.choice(("", f", тел.: {firm.phone}", f", р/с {firm.account}"))
    y = page.paragraph(MARGIN, y, told, body, 215)
    page.line(MARGIN, y, 225, y)
    page.write(MARGIN, y, "организация-грузоотправитель, адрес, телефон, факс, банковские реквизиты", small,
               align="center", width=215)  # fmt: skip
    y += small.line + 2
    buyer = f"{content.buyer}, ИНН {content.buyer_inn}, г. Москва, ул. Придуманная, д. 7"
    basis = f"Договор поставки № {random.randint(1, 400)} от 12.01.{content.day.year}"
    sides = [("Грузополучатель", buyer), ("Поставщик", told), ("Плательщик", buyer), ("Основание", basis)]
    for label, value in sides[0 if random.random() < 0.8 else 1 :]:
        page.write(MARGIN, y, label, body)
        y = page.paragraph(MARGIN + 27, y, value, body, 188)
        page.line(MARGIN + 27, y, 225, y)
        y += 0.8
    return y + 1.5


def _codes(page: Page, top: float, small: Style, random: Random) -> None:
    """The box of codes at the right edge."""
    left, right, y = WIDTH - MARGIN - 26, WIDTH - MARGIN, top
    for label, value in (("", "Коды"), ("Форма по ОКУД", "0330212"), ("по ОКПО", str(random.randint(10**7, 10**8))),
                         ("Вид деятельности по ОКДП", ""), ("по ОКПО", ""), ("по ОКПО", "")):  # fmt: skip
        page.write(left - 42, y + 0.4, label, small, align="right", width=40)
        page.write(left, y + 0.4, value, small, align="center", width=right - left)
        page.box(left, y, right, y + small.line + 0.8)
        y += small.line + 0.8


def _title(page: Page, y: float, content: Content, looks: Looks, random: Random) -> float:
    head, small = looks.body.strong().sized(1.25), looks.body.sized(0.85)
    day = looks.day(content.day)
    if random.random() < 0.6:
        left = 95.0
        page.write(left - 52, y + small.line + 1, "ТОВАРНАЯ НАКЛАДНАЯ", head)
        for label, value, width in (("Номер документа", content.number, 34), ("Дата составления", day, 34)):
            page.box(left, y, left + width, y + 2 * small.line + 2.6)
            page.write(left, y + 0.3, label, small, align="center", width=width)
            page.line(left, y + small.line + 0.6, left + width, y + small.line + 0.6)
            page.write(left, y + small.line + 1, value, looks.body.strong(), align="center", width=width)
            left += width
        return y + 2 * small.line + 5
    words = random.choice(("ТОВАРНАЯ НАКЛАДНАЯ № {} от {}", "Товарная накладная № {} от {}"))
    page.write(MARGIN, y, words.format(content.number, day), head, align="center", width=WIDTH - 2 * MARGIN)
    return y + head.line + 2


def _sums(content: Content, lines: tuple[Line, ...]) -> dict[str, str]:
    figures = content.figures
    vat = sum((line.vat for line in lines), Decimal(0))
    return {
        "qty": figures.quantity(sum((line.quantity for line in lines), Decimal(0))),
        "price": "X",
        "sum": figures.rubles(sum((line.total for line in lines), Decimal(0))),
        "rate": "X",
        "vat": figures.rubles(vat) if vat else "",
        "with_vat": figures.rubles(sum((line.total_with_vat for line in lines), Decimal(0))),
    }


def draw(content: Content, random: Random) -> tuple[list[Page], Looks]:
    """The pages."""
    looks = choose_looks(random, families=("sans", "sans", "serif", "dejavu-serif", "narrow", "condensed"),
                         sizes=(7.5, 8.75))  # fmt: skip
    sheets = Sheets(WIDTH, HEIGHT, MARGIN)
    sheets.y = _header(sheets.page, content, looks, random)
    sheets.y = _title(sheets.page, sheets.y, content, looks, random)
    rows = _cells(content, random)
    columns = fitted(_columns(random), [*rows, _sums(content, content.lines)], looks.body, padding=looks.padding,
                     room=WIDTH - 2 * MARGIN)  # fmt: skip
    table = Table(columns, MARGIN, looks.body, looks.body.sized(0.9), looks.padding, numbered=True,
                  middle=looks.middle)  # fmt: skip
    sheets.y = table.draw_header(sheets.page, sheets.y)

    def close_page(first: int, last: int) -> None:
        sheets.y = table.draw_total(sheets.page, sheets.y, "Итого", _sums(content, content.lines[first:last]))

    def open_page() -> None:
        head = f"Товарная накладная № {content.number} от {looks.day(content.day)}"
        sheets.page.write(MARGIN, sheets.y, head, looks.body.sized(0.9))
        sheets.page.write(MARGIN, sheets.y, f"Страница {len(sheets.pages)}", looks.body.sized(0.9), align="right",
                          width=WIDTH - 2 * MARGIN)  # fmt: skip
        sheets.y = table.draw_header(sheets.page, sheets.y + looks.body.line + 1)

    sheets.rows(table, rows, tail=14, close_page=close_page, open_page=open_page)
    sheets.y = table.draw_total(sheets.page, sheets.y, "Всего по накладной", _sums(content, content.lines))
    if sheets.room() < 42:
        sheets.turn_over()
    _footer(sheets, content, looks, random)
    return sheets.pages, looks


def _footer(sheets: Sheets, content: Content, looks: Looks, random: Random) -> None:
    page, body, y = sheets.page, looks.body, sheets.y + 2
    counted = number_in_words(len(content.lines))
    page.write(MARGIN, y, "Товарная накладная имеет приложение на ______ листах", body)
    y += body.line + 0.8
    page.write(MARGIN, y, f"и содержит {counted} порядковых номеров записей", body)
    y += body.line + 1.5
    page.write(MARGIN, y, "Всего отпущено на сумму", body)
    y = page.paragraph(MARGIN, y + body.line + 0.3, amount_in_words(content.total), body.strong(), 135)
    y += 2
    top = y
    person = content.supplier.name.removeprefix("ИП ") if content.supplier.person else "Выдумкина А. И."
    for label in ("Отпуск разрешил", "Главный (старший) бухгалтер", "Отпуск груза произвел"):
        page.write(MARGIN, y, label, body)
        page.line(MARGIN + 50, y + body.line, MARGIN + 85, y + body.line)
        page.write(MARGIN + 90, y, person, body)
        y += body.line + 1.6
    page.write(MARGIN + 8, y, "М.П.", body)
    page.write(MARGIN + 35, y, looks.day(content.day), body)
    y = top
    for label in ("По доверенности № ______ от ______", "Груз принял ______________________",
                  "Груз получил грузополучатель ______________"):  # fmt: skip
        page.write(155, y, label, body)
        y += body.line + 1.6
    sign(page, random, MARGIN + 55, top - 2, stamp_at=(MARGIN + 30, top + 8))
