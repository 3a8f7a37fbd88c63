"""Товарный чек and its sisters (товарная or расходная накладная of a small shop): A5 or A4 upright."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from .catalogue import OKEI, SPOKEN
from .content import Content
from .looks import Looks, choose_looks, vary
from .numbers import amount_in_words
from .paper import Page
from .signatures import sign
from .tables import Column, Sheets, Table, fitted

FEW = 4
"""So many lines and the foot stand on half a sheet."""
LEAST_NAME = 36.0
"""Of the names' column, mm; a paper whose columns would leave less is set in smaller type."""
PAPERS = ((148.0, 210.0), (210.0, 297.0), (210.0, 148.0))


def _columns(content: Content, random: Random, room: float) -> list[Column]:
    discounted = any(line.discount is not None for line in content.lines)
    coded = room > 150 and random.random() < 0.4
    columns = [Column("n", random.choice(("№", "№ п/п", "N")), 10, "center")]
    if coded:
        columns.append(Column("code", random.choice(("Артикул", "Код")), vary(random, 22), "left"))
    columns.append(Column("name", random.choice(("Наименование товара", "Наименование", "Товар",
                                                 "Наименование, характеристика товара")), 0, "left"))  # fmt: skip
    unit = Column("unit", random.choice(("Ед. изм.", "Ед.", "Единица")), vary(random, 12), "center")
    quantity = Column("qty", random.choice(("Кол-во", "Количество", "Кол.")), vary(random, 17))
    both = [unit, quantity] if random.random() < 0.5 else [quantity, unit]
    columns += both if content.prints_units else [quantity]
    if discounted:
        columns += [Column("full_price", "Цена", vary(random, 17)),
                    Column("discount", random.choice(("Скидка, %", "Скидка")), vary(random, 15)),
                    Column("price", "Цена со скидкой", vary(random, 18))]  # fmt: skip
    else:
        columns.append(Column("price", random.choice(("Цена", "Цена, руб.", "Цена за ед.")), vary(random, 19)))
    columns.append(Column("sum", random.choice(("Сумма", "Сумма, руб.", "Стоимость")), vary(random, 22)))
    return columns


def _cells(content: Content, random: Random) -> list[dict[str, str]]:
    figures = content.figures
    spoken = {unit: random.choice(SPOKEN.get(unit, (unit,))) for unit in OKEI}
    return [
        {
            "n": str(number),
            "code": line.good.code,
            "name": line.good.name,
            "unit": spoken[line.good.unit],
            "qty": figures.quantity(line.quantity),
            "full_price": figures.rubles(line.full_price) if line.full_price is not None else "",
            "discount": f"{line.discount}%" if line.discount else "",
            "price": figures.rubles(line.price),
            "sum": figures.rubles(line.total),
        }
        for number, line in enumerate(content.lines, 1)
    ]


def _head(sheets: Sheets, content: Content, looks: Looks, random: Random) -> None:
    page, body, room = sheets.page, looks.body, sheets.width - 2 * sheets.margin
    firm = content.supplier
    y = sheets.y
    seller = f"{random.choice(('Продавец: ', 'Поставщик: ', ''))}{firm.name}"
    title = f"{random.choice(('Товарный чек', 'ТОВАРНЫЙ ЧЕК'))} № {content.number} от {looks.day(content.day)}"
    above = random.random() < 0.6
    big = body.strong().sized(1.4)
    if not above:
        y = page.paragraph(sheets.margin, y, title, big, room, align="center") + 2
    y = page.paragraph(sheets.margin, y, seller, body.strong(), room)
    y = page.paragraph(sheets.margin, y, f"ИНН {firm.inn}" + (f" КПП {firm.kpp}" if firm.kpp else ""), body, room)
    y = page.paragraph(sheets.margin, y, f"{firm.address}, тел. {firm.phone}", body, room)
    if random.random() < 0.4:
        y = page.paragraph(sheets.margin, y, f"Покупатель: {content.buyer}", body, room)
    if above:
        y = page.paragraph(sheets.margin, y + 3, title, big, room, align="center")
    sheets.y = y + 3


def draw(content: Content, random: Random) -> tuple[list[Page], Looks]:
    """The pages."""
    discounted = any(line.discount is not None for line in content.lines)
    papers = PAPERS[1:] if discounted else PAPERS  # three more columns need the wider sheet
    width, height = random.choice(papers if len(content.lines) <= FEW else papers[: len(papers) - 1])
    looks = choose_looks(
        random,
        families=("sans", "serif", "dejavu", "dejavu-serif", "narrow", "mono"),
        sizes=(8.0, 10.5) if width < 200 else (9.0, 11.5),
    )
    margin = random.uniform(9, 13)
    room = width - 2 * margin
    rows, sums = _cells(content, random), {"sum": content.figures.rubles(content.total)}
    wanted = _columns(content, random, room)
    words = [word for line in content.lines for word in line.good.name.split()]
    while True:
        columns = fitted(wanted, [*rows, sums], looks.body.strong(), padding=looks.padding, room=room)
        name = next(column.width for column in columns if column.key == "name")
        if name >= max(LEAST_NAME, max(map(looks.body.width, words)) + 2 * looks.padding):
            break
        looks = replace(looks, size=looks.size * 0.95)
    sheets = Sheets(width, height, margin)
    _head(sheets, content, looks, random)
    table = Table(columns, sheets.margin, looks.body,
                  looks.body.strong().sized(0.95), looks.padding, ruled=random.random() < 0.85,
                  middle=looks.middle, gap=random.uniform(0.4, 1.2))  # fmt: skip
    sheets.y = table.draw_header(sheets.page, sheets.y)
    bottom_rule = not table.ruled

    def close_page(first: int, last: int) -> None:
        if bottom_rule:
            sheets.page.line(table.left, sheets.y + 0.5, table.right, sheets.y + 0.5)
            sheets.y += 1

    def open_page() -> None:
        sheets.y = table.draw_header(sheets.page, sheets.y)

    sheets.rows(table, rows, tail=8, close_page=close_page, open_page=open_page)
    sheets.y = table.draw_total(sheets.page, sheets.y, random.choice(("Итого:", "Итого", "ИТОГО", "Всего:")),
                                sums, looks.body.strong())  # fmt: skip
    if sheets.room() < 45:
        sheets.turn_over()
    _foot(sheets, content, looks, random)
    return sheets.pages, looks


def _foot(sheets: Sheets, content: Content, looks: Looks, random: Random) -> None:
    page, body, room, y = sheets.page, looks.body, sheets.width - 2 * sheets.margin, sheets.y + 3
    if not content.simplified and random.random() < 0.5:
        main = max((line.rate for line in content.lines), key=[line.rate for line in content.lines].count)
        if all(line.rate == main for line in content.lines):
            y = page.paragraph(sheets.margin, y, f"В том числе НДС {main}: {content.figures.rubles(content.vat)}", body,
                               room)  # fmt: skip
    elif content.simplified:
        y = page.paragraph(sheets.margin, y, "Без НДС", body, room)
    count = f"Всего наименований {len(content.lines)}, на сумму {content.figures.rubles(content.total)} руб."
    y = page.paragraph(sheets.margin, y, count, body, room)
    y = page.paragraph(sheets.margin, y, amount_in_words(content.total), body.strong(), room) + 3
    page.write(sheets.margin, y, random.choice(("Продавец", "Отпустил")) + " ______________________", body)
    sign(page, random, sheets.margin + 25, y - 4, stamp_at=(sheets.margin + 75, y + 6))
