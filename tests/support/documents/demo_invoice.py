"""The invoice of the demo salon: `python -m tests.support.documents.demo_invoice` draws it again.

Its goods are what the demo salon's colouring, washing and nails consume; one comes as a box of twelve tubes.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import numpy as np

from . import torg12
from .catalogue import Good
from .content import Content, net_line
from .firms import Firm, inn
from .numbers import Figures
from .papers import Paper
from .photograph import encoded, laid_under_a_lamp, sheet_of, sized

TRUTH = Path(__file__).with_name("demo_invoice.json")
PICTURE = Path(__file__).parents[3] / "shared" / "demo" / "invoice.jpg"
SIDE = 2000
QUALITY = 74
SEED = 27
GOODS = (
    (Good("Крем-краска Vestrana 7.1 русый пепельный 60 мл", "шт", Decimal("488.00"), (), "VS-00711"), "12"),
    (Good("Крем-краска Vestrana 8.0 светло-русый 12х60 мл", "кор", Decimal("5490.00"), (), "VS-00800"), "1"),
    (Good("Оксидант Vestrana 6% 1000 мл", "шт", Decimal("610.00"), (), "VS-06100"), "3"),
    (Good("Шампунь Vestrana Pure для окрашенных волос 1000 мл", "шт", Decimal("1159.00"), (), "VS-03310"), "2"),
    (Good("Гель-лак Naelys №024 10 мл", "шт", Decimal("341.60"), (), "NL-00024"), "6"),
    (Good("Перчатки нитриловые чёрные M, 100 шт", "уп", Decimal("732.00"), (), "PN-00100"), "4"),
)


def demo_paper() -> Paper:
    """The ТОРГ-12 of six lines."""
    tax_number = inn("001234567")
    home = "000111, г. Вымыслов, ул. Придуманная, д. 12"
    account = "40702810" + "0" * 12
    supplier = Firm('ООО "Вымысел Бьюти"', tax_number, f"{tax_number[:4]}01001", home, "+7 900 000-00-12", account)
    content = Content(
        kind="torg12",
        number="УТ-01187",
        day=date(2026, 11, 16),
        supplier=supplier,
        buyer='ООО "Салон Берёзка"',
        buyer_inn=inn("007654321"),
        lines=tuple(net_line(good, Decimal(quantity), "22%", places=2) for good, quantity in GOODS),
        figures=Figures(),
        prints_vat=True,
        simplified=False,
    )
    pages, looks = torg12.draw(content, Random(SEED))
    return Paper(content, tuple(pages), looks)


def demo_photograph(paper: Paper) -> bytes:
    """As the front desk would take it with a phone."""
    dice = np.random.default_rng(SEED)
    laid = laid_under_a_lamp(sheet_of(paper.pages[0], 260, dice), dice, tilt=0.025, turn=-2.2, grain=1.2)
    return encoded(sized(laid, SIDE), "jpg", QUALITY)


def main() -> None:
    """Write the picture and its truth."""
    paper = demo_paper()
    PICTURE.write_bytes(demo_photograph(paper))
    TRUTH.write_text(json.dumps(paper.truth(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(f"{PICTURE.name}: {PICTURE.stat().st_size // 1024} kB\n")


if __name__ == "__main__":
    main()
