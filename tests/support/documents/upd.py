"""УПД, статус 1: the invoice-and-transfer paper (постановление № 1137, письмо ФНС ММВ-20-3/96), on A4 across."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from .catalogue import OKEI, SPOKEN
from .content import Content, Line
from .looks import Looks, choose_looks, vary
from .numbers import amount_in_words
from .paper import Page
from .signatures import sign
from .tables import Column, Sheets, Table, fitted

WIDTH, HEIGHT, MARGIN = 297.0, 210.0, 6.0
STATUS = 27.0
"""The strip at the left edge, mm, that says which paper this is."""
LEAST_NAME = 46.0
"""Where the names' column would be narrower, the customs columns are left out."""
COUNTRIES = (("643", "Россия"), ("156", "Китай"), ("380", "Италия"), ("410", "Корея"), ("-", "-"))


def _columns(random: Random, *, customs: bool) -> list[Column]:
    unit = "Единица измерения"
    columns = [
        Column("code", random.choice(("Код товара/ работ, услуг", "Код товара")), vary(random, 15), "left", "", "А"),
        Column("n", "№\nп/п", 7.5, "center", "", "1"),
        Column(
            "name",
            "Наименование товара (описание выполненных работ, оказанных услуг), имущественного права",
            0,
            "left",
            "",
            "1а",
        ),
        Column("kind", "Код вида товара", vary(random, 11), "center", "", "1б"),
        Column("okei", "код", vary(random, 8), "center", unit, "2"),
        Column("unit", "условное обозна-\nчение", vary(random, 14), "center", unit, "2а"),
        Column("qty", "Коли-\nчество (объем)", vary(random, 13), "right", "", "3"),
        Column("price", "Цена (тариф) за единицу измерения", vary(random, 18), "right", "", "4"),
        Column(
            "sum",
            "Стоимость товаров (работ, услуг), имущест-\nвенных прав без налога - всего",
            vary(random, 21),
            "right",
            "",
            "5",
        ),
        Column("excise", "В том числе сумма акциза", vary(random, 13), "center", "", "6"),
        Column("rate", "Нало-\nговая ставка", vary(random, 12), "center", "", "7"),
        Column("vat", "Сумма налога, предъяв-\nляемая покупателю", vary(random, 18), "right", "", "8"),
        Column(
            "with_vat",
            "Стоимость товаров (работ, услуг), имущест-\nвенных прав с налогом - всего",
            vary(random, 21),
            "right",
            "",
            "9",
        ),
    ]
    if customs:
        origin = "Страна происхождения товара"
        columns += [
            Column("country", "циф-\nровой код", 9, "center", origin, "10"),
            Column("country_name", "краткое наиме-\nнование", 13, "center", origin, "10а"),
            Column("declaration", "Регистраци-\nонный номер декларации", 19, "left", "", "11"),
        ]
    return columns


def _cells(content: Content, random: Random) -> list[dict[str, str]]:
    figures = content.figures
    spoken = {unit: random.choice(SPOKEN.get(unit, (unit,))) for unit in OKEI}
    coded, excise = random.random() < 0.8, random.choice(("без акциза", "без акциза", "-", "без акциза"))
    rows = []
    for number, line in enumerate(content.lines, 1):
        taxed = line.rate.endswith("%")
        country, country_name = random.choice(COUNTRIES)
        rows.append({
            "code": line.good.code if coded else "",
            "n": str(number),
            "name": line.good.name,
            "kind": "-",
            "okei": OKEI[line.good.unit] or "-",
            "unit": spoken[line.good.unit],
            "qty": figures.quantity(line.quantity),
            "price": figures.rubles(line.price),
            "sum": figures.rubles(line.total),
            "excise": excise,
            "rate": line.rate,
            "vat": figures.rubles(line.vat) if taxed else "без НДС",
            "with_vat": figures.rubles(line.total_with_vat),
            "country": country,
            "country_name": country_name,
            "declaration": f"10702070/{content.day:%d%m%y}/3{random.randint(10**5, 10**6 - 1)}" if country.isdigit()
                           and country != "643" else "-",
        })  # fmt: skip
    return rows


def _sums(content: Content, lines: tuple[Line, ...]) -> dict[str, str]:
    figures = content.figures
    vat = sum((line.vat for line in lines), Decimal(0))
    return {
        "sum": figures.rubles(sum((line.total for line in lines), Decimal(0))),
        "excise": "Х",
        "rate": "Х",
        "vat": figures.rubles(vat) if vat else "без НДС",
        "with_vat": figures.rubles(sum((line.total_with_vat for line in lines), Decimal(0))),
    }


def _status(page: Page, looks: Looks) -> None:
    body, small = looks.body, looks.body.sized(0.82)
    y = page.paragraph(MARGIN, MARGIN, "Универсальный передаточный документ", body, STATUS - 3) + 3
    page.write(MARGIN, y, "Статус:", body)
    page.box(MARGIN + 15, y - 0.8, MARGIN + 20, y + body.line)
    page.write(MARGIN + 15, y, "1", body.strong(), align="center", width=5)
    y += body.line + 3
    page.paragraph(MARGIN, y, "1 - счет-фактура и передаточный документ (акт) 2 - передаточный документ (акт)", small,
                   STATUS - 3)  # fmt: skip


def _header(page: Page, content: Content, looks: Looks, random: Random) -> float:
    body, small, left = looks.body, looks.body.sized(0.8), MARGIN + STATUS
    _status(page, looks)
    room = WIDTH - MARGIN - left
    page.write(left, MARGIN, "Приложение № 1 к постановлению Правительства Российской Федерации от 26 декабря 2011 г. "
               "№ 1137", small, align="right", width=room)  # fmt: skip
    y = MARGIN + small.line + 1
    title = body.strong().sized(1.1)
    page.write(left + 2, y, f"Счет-фактура № {content.number} от {looks.day(content.day)}", title)
    page.write(left + 100, y, "(1)", body)
    y += title.line + 0.8
    page.write(left + 2, y, "Исправление № -- от --", body)
    page.write(left + 100, y, "(1а)", body)
    y += body.line + 1.2
    firm = content.supplier
    taxes = f"{firm.inn}/{firm.kpp}" if firm.kpp else firm.inn
    colon = random.choice((":", ""))
    rows = [
        ("Продавец", firm.name, "(2)"), ("Адрес", firm.address, "(2а)"), ("ИНН/КПП продавца", taxes, "(2б)"),
        ("Грузоотправитель и его адрес", "он же", "(3)"),
        ("Грузополучатель и его адрес", f"{content.buyer}, г. Москва, ул. Придуманная, д. 7", "(4)"),
        ("К платежно-расчетному документу №", "-- от --", "(5)"),
        ("Документ об отгрузке № п/п", f"1-{len(content.lines)} № {content.number} от {content.day:%d.%m.%Y}", "(5а)"),
        ("Покупатель", content.buyer, "(6)"), ("Адрес", "г. Москва, ул. Придуманная, д. 7", "(6а)"),
        ("ИНН/КПП покупателя", content.buyer_inn, "(6б)"),
        ("Валюта: наименование, код", "Российский рубль, 643", "(7)"),
    ]  # fmt: skip
    side_by_side = random.random() < 0.5
    columns = [rows[:7], rows[7:]] if side_by_side else [rows]
    bottom = y
    for number, part in enumerate(columns):
        x = left + 2 + number * (room / 2 + 6)
        label = 56.0 if side_by_side else 62.0
        end = (x + room / 2 - 6) if side_by_side else WIDTH - MARGIN - 8
        end = min(end, WIDTH - MARGIN - 8)
        down = y
        for name, value, mark in part:
            page.write(x, down, name + colon, body)
            below = page.paragraph(x + label, down, value, body, end - x - label - 1)
            page.line(x + label, below - 0.1, end, below - 0.1, 0.12)
            page.write(end + 1, down, mark, body.sized(0.9))
            down = below + 0.35
        bottom = max(bottom, down)
    page.line(left, MARGIN, left, bottom, 0.5)
    return bottom + 1.5


def draw(content: Content, random: Random) -> tuple[list[Page], Looks]:
    """The pages."""
    looks = choose_looks(random, families=("sans", "sans", "serif", "narrow", "condensed", "dejavu-serif"),
                         sizes=(7.25, 8.25))  # fmt: skip
    sheets = Sheets(WIDTH, HEIGHT, MARGIN)
    sheets.y = _header(sheets.page, content, looks, random)
    rows = _cells(content, random)
    lined = [{**row, "excise": "", "declaration": ""} for row in (*rows, _sums(content, content.lines))]
    wanted = _columns(random, customs=random.random() < 0.55)
    columns = fitted(wanted, lined, looks.body, padding=looks.padding, room=WIDTH - 2 * MARGIN)
    if columns[2].width < LEAST_NAME:
        columns = fitted(wanted[:13], lined, looks.body, padding=looks.padding, room=WIDTH - 2 * MARGIN)
    table = Table(columns, MARGIN, looks.body, looks.body.sized(0.88), looks.padding, numbered=True,
                  middle=looks.middle)  # fmt: skip
    sheets.y = table.draw_header(sheets.page, sheets.y)

    def close_page(first: int, last: int) -> None:
        if last < len(content.lines) and subtotals:
            sheets.y = table.draw_total(sheets.page, sheets.y, "Итого по странице",
                                        _sums(content, content.lines[first:last]))  # fmt: skip

    def open_page() -> None:
        head = f"Счет-фактура № {content.number} от {looks.day(content.day)}, лист {len(sheets.pages)}"
        sheets.page.write(MARGIN, sheets.y, head, looks.body.sized(0.9), align="right", width=WIDTH - 2 * MARGIN)
        sheets.y = table.draw_header(sheets.page, sheets.y + looks.body.line + 1)

    subtotals = random.random() < 0.5
    sheets.rows(table, rows, tail=6, close_page=close_page, open_page=open_page)
    label = random.choice(("Всего к оплате (9)", "Всего к оплате"))
    sheets.y = table.draw_total(sheets.page, sheets.y, label, _sums(content, content.lines), looks.body.strong())
    if sheets.room() < 45:
        sheets.turn_over()
    _footer(sheets, content, looks, random)
    return sheets.pages, looks


def _footer(sheets: Sheets, content: Content, looks: Looks, random: Random) -> None:
    page, body, y = sheets.page, looks.body, sheets.y + 2
    person = content.supplier.name.removeprefix("ИП ") if content.supplier.person else "Сказкин П. П."
    if random.random() < 0.3:
        y = page.paragraph(MARGIN + STATUS + 2, y, "Всего: " + amount_in_words(content.total), body, 180) + 1
    top = y
    for x, label in ((MARGIN + STATUS + 2, "Руководитель организации или иное уполномоченное лицо"),
                     (160.0, "Главный бухгалтер или иное уполномоченное лицо")):  # fmt: skip
        below = page.paragraph(x, y, label, body, 44)
        page.line(x + 46, below, x + 74, below)
        page.write(x + 78, below - body.line, person, body)
    y = below + 2.5
    page.line(MARGIN, y, WIDTH - MARGIN, y, 0.4)
    y += 1.2
    for label, value in (("Основание передачи (сдачи) / получения (приемки)", f"Договор № {random.randint(1, 300)}"),
                         ("Данные о транспортировке и грузе", "самовывоз")):  # fmt: skip
        page.write(MARGIN, y, label, body)
        page.write(MARGIN + 85, y, value, body)
        page.line(MARGIN + 84, y + body.line, WIDTH - MARGIN, y + body.line, 0.12)
        y += body.line + 1
    for x, label in ((MARGIN, "Товар (груз) передал / услуги, результаты работ, права сдал"),
                     (MARGIN + 145, "Товар (груз) получил / услуги, результаты работ, права принял")):  # fmt: skip
        page.write(x, y, label, body)
        page.line(x, y + 2.4 * body.line, x + 60, y + 2.4 * body.line)
        page.write(x + 64, y + 1.4 * body.line, "М.П.", body)
    page.write(MARGIN, y + 2.6 * body.line, f"Дата отгрузки, передачи (сдачи) {looks.day(content.day)}", body)
    sign(page, random, MARGIN + STATUS + 50, top - 1, stamp_at=(MARGIN + 50, y + 10))
