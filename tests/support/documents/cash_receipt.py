"""Кассовый чек: a thermal tape of 57 or 80 mm, in several makers' layouts, with the fiscal QR code."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

import numpy as np
import zxingcpp

from .content import Content, Line
from .looks import Looks, choose_looks
from .paper import Page, Stamp, Style, wrap


@dataclass
class Tape:
    """A strip that grows downwards."""

    page: Page
    style: Style
    margin: float
    y: float = field(default=4)

    @property
    def room(self) -> float:
        return self.page.width - 2 * self.margin

    def centre(self, text: str, style: Style | None = None) -> None:
        self.y = self.page.paragraph(self.margin, self.y, text, style or self.style, self.room, align="center")

    def left(self, text: str, style: Style | None = None) -> None:
        self.y = self.page.paragraph(self.margin, self.y, text, style or self.style, self.room)

    def right(self, text: str, style: Style | None = None) -> None:
        self.y = self.page.paragraph(self.margin, self.y, text, style or self.style, self.room, align="right")

    def pair(self, left: str, right: str, style: Style | None = None) -> None:
        """Left and right on one line; two lines where they do not fit."""
        style = style or self.style
        if style.width(left) + style.width(right) + style.width("  ") > self.room:
            self.left(left, style)
            self.right(right, style)
            return
        self.page.write(self.margin, self.y, left, style)
        self.page.write(self.margin, self.y, right, style, align="right", width=self.room)
        self.y += style.line

    def rule(self, sign: str) -> None:
        count = int(self.room / self.style.width(sign))
        self.page.write(self.margin, self.y, sign * count, self.style)
        self.y += self.style.line


def _unit(content: Content, line: Line) -> str:
    return f" {line.good.unit}" if content.prints_units else ""


def _stacked(tape: Tape, content: Content, number: int, line: Line, variant: int) -> None:
    """The name, and below it what it costs, in one of several ways."""
    figures = content.figures
    quantity, price, total = figures.quantity(line.quantity), figures.rubles(line.price), figures.rubles(line.total)
    unit = _unit(content, line)
    names = (f"{number}. {line.good.name}", line.good.name, f"{number}: {line.good.name}", line.good.name)
    tape.left(names[variant])
    if variant == 0:
        tape.pair(f"   {quantity}{unit} x {price}", f"={total}")
    elif variant == 1:
        tape.right(f"{quantity}{unit} * {price} = {total}")
    elif variant == 2:
        tape.pair(f"{price} x {quantity}{unit}", total)
    else:
        tape.pair(f"{quantity}{unit} X {price}", f"{total}")
    if content.simplified or not content.fiscal.get("line_vat"):
        return
    tape.pair(f"НДС {line.rate}", figures.rubles(line.vat))


def _columns(tape: Tape, content: Content) -> None:
    """Name, quantity, price and sum side by side, where the tape is wide enough."""
    figures, style = content.figures, tape.style
    rows = [("Кол-во", "Цена", "Сумма")]
    rows += [
        (figures.quantity(line.quantity) + _unit(content, line), figures.rubles(line.price), figures.rubles(line.total))
        for line in content.lines
    ]
    widths = [max(map(style.width, cells)) + style.width("00") for cells in zip(*rows, strict=True)]
    name = tape.room - sum(widths)
    titles = ["Наименование", *(f"{number} {line.good.name}" for number, line in enumerate(content.lines, 1))]
    for number, (title, cells) in enumerate(zip(titles, rows, strict=True)):
        left = tape.margin + name
        for width, cell in zip(widths, cells, strict=True):
            tape.page.write(left, tape.y, cell, style, align="right", width=width)
            left += width
        for line in wrap(title, style, name - 1):
            tape.page.write(tape.margin, tape.y, line, style)
            tape.y += style.line
        if number == 0:
            tape.rule("-")
    tape.rule("-")


def draw(content: Content, random: Random) -> tuple[list[Page], Looks]:
    """One page: the tape."""
    wide = random.random() < 0.6
    looks = choose_looks(random, families=("mono", "dejavu-mono", "condensed", "sans", "narrow"),
                         sizes=(7.5, 9.0) if wide else (6.75, 7.75), dpi=(300, 330, 360))  # fmt: skip
    tape = Tape(Page(80.0 if wide else 58.0, 900.0), looks.body, random.uniform(3, 5))
    firm, total = content.supplier, content.figures.rubles(content.total)
    content.fiscal["line_vat"] = random.choice(("", "yes"))
    sign = random.choice("-=*_")
    bold = tape.style.strong()
    tape.centre(firm.name, bold)
    for text in random.sample([firm.address, f"ИНН {firm.inn}", "Магазин профессиональной косметики"], k=3):
        tape.centre(text)
    tape.centre(random.choice(("КАССОВЫЙ ЧЕК", "Кассовый чек / Приход", "КАССОВЫЙ ЧЕК. ПРИХОД")), bold)
    moment = f"{content.day:{random.choice(('%d.%m.%Y', '%d.%m.%Y', '%d.%m.%y'))}} {content.fiscal['time']}"
    if random.random() < 0.5:
        tape.pair(f"ЧЕК № {content.number}", moment)
    else:
        tape.left(f"Чек № {content.number} от {moment}")
    tape.pair(f"Смена № {random.randint(1, 400)}", f"Кассир {random.choice(('Небылицына А.', 'Выдумкин И.'))}")
    tape.rule(sign)
    _goods(tape, content, random, wide=wide)
    tape.rule(sign)
    big = bold.sized(random.uniform(1.15, 1.5))
    tape.pair(
        random.choice(("ИТОГ", "ИТОГО", "ИТОГО К ОПЛАТЕ")), random.choice(("={}", "= {}", "{}")).format(total), big
    )
    tape.pair(random.choice(("БЕЗНАЛИЧНЫМИ", "НАЛИЧНЫМИ", "Безналичными", "ЭЛЕКТРОННЫМИ")), f"={total}")
    _taxes(tape, content)
    _fiscal(tape, content, random)
    tape.page.height = tape.y + 8
    return [tape.page], looks


def _goods(tape: Tape, content: Content, random: Random, *, wide: bool) -> None:
    variant = random.randrange(5)
    if variant == 4 and wide and tape.style.width("0") < 1.65:
        _columns(tape, content)
        return
    for number, line in enumerate(content.lines, 1):
        _stacked(tape, content, number, line, variant % 4)
        tape.y += 0.4


def _taxes(tape: Tape, content: Content) -> None:
    if content.simplified:
        tape.pair("СУММА БЕЗ НДС", "=" + content.figures.rubles(content.total))
        return
    for rate in dict.fromkeys(line.rate for line in content.lines):
        vat = sum((line.vat for line in content.lines if line.rate == rate), Decimal(0))
        tape.pair(f"СУММА НДС {rate}", "=" + content.figures.rubles(vat))


def _fiscal(tape: Tape, content: Content, random: Random) -> None:
    told = content.fiscal
    tape.pair("СНО:", "УСН доход" if content.simplified else "ОСН")
    rows = [("ЗН ККТ", f"{random.randint(10**9, 10**10 - 1)}"), ("РН ККТ", f"000{random.randint(10**12, 10**13 - 1)}"),
            ("ФН №", told["fn"]), ("ФД №", told["fd"]), ("ФП", told["fp"])]  # fmt: skip
    for label, value in rows:
        tape.pair(label, value)
    tape.centre("Сайт ФНС: www.nalog.gov.ru")
    tape.y += 2
    side = random.uniform(24, 32)
    code = zxingcpp.create_barcode(content.qr or "", zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules = np.asarray(zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False), dtype=np.uint8)
    left = random.choice((tape.margin, (tape.page.width - side) / 2))
    tape.page.stamps.append(Stamp(left, tape.y, side, modules))
    tape.y += side + 2
    tape.centre(random.choice(("СПАСИБО ЗА ПОКУПКУ!", "Спасибо, приходите ещё")))
