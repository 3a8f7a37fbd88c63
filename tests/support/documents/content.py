"""What a document says, before anybody draws it: lines whose arithmetic holds to the kopeck, and the truth file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from .catalogue import Good, draw_goods
from .firms import BUYERS, Firm, make_firm
from .numbers import Figures, money

KINDS = ("torg12", "upd", "sales_receipt", "cash_receipt")
NEW_RATE_SINCE = date(2026, 1, 1)
"""VAT is 22 % since this day (425-ФЗ); 20 % before."""


@dataclass(frozen=True)
class Line:
    """A line as printed. `price` and `total` are those of the printed columns: without VAT where `vat` is printed."""

    good: Good
    quantity: Decimal
    price: Decimal
    total: Decimal
    rate: str
    """«22%», «10%», «без НДС»."""
    vat: Decimal
    total_with_vat: Decimal
    full_price: Decimal | None = None
    """The price before the discount, where a discount is printed."""
    discount: Decimal | None = None
    """In percent."""


@dataclass(frozen=True)
class Content:
    """A document without its looks."""

    kind: str
    number: str
    day: date
    supplier: Firm
    buyer: str
    buyer_inn: str
    lines: tuple[Line, ...]
    figures: Figures
    prints_vat: bool
    """Lines carry rate, VAT and the sum with it; prices are then without VAT."""
    simplified: bool
    """УСН: no VAT at all."""
    prints_units: bool = True
    """Where it does not, everything is sold by the piece."""
    qr: str | None = None
    fiscal: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """To pay."""
        return sum((line.total_with_vat for line in self.lines), Decimal(0))

    @property
    def net(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal(0))

    @property
    def vat(self) -> Decimal:
        return sum((line.vat for line in self.lines), Decimal(0))

    def truth(self, full_text: str) -> dict[str, object]:
        """The truth file, as `facts/domain.md` §8 names its fields."""
        items = []
        for number, line in enumerate(self.lines, 1):
            item: dict[str, object] = {
                "n": number,
                "name": line.good.name,
                "unit": line.good.unit,
                "qty": plain(line.quantity),
                "price": plain(line.price),
                "sum": plain(line.total),
            }
            if self.prints_vat:
                item |= {"vat_rate": line.rate, "vat": plain(line.vat), "sum_vat": plain(line.total_with_vat)}
            items.append(item)
        truth: dict[str, object] = {
            "doc_type": self.kind,
            "number": self.number,
            "date": f"{self.day:%d.%m.%Y}",
            "supplier": {"name": self.supplier.name, "inn": self.supplier.inn},
            "items": items,
            "total": plain(self.total),
        }
        if self.qr:
            truth["qr"] = self.qr
        return truth | {"full_text": full_text}


def plain(value: Decimal) -> int | float:
    """As a JSON number; the shortest form of at most 15 digits, so it reads back as the same decimal."""
    return int(value) if value == value.to_integral_value() else float(value)


def _percent(rate: str) -> Decimal:
    return Decimal(rate.rstrip("%")) / 100 if rate.endswith("%") else Decimal(0)


def net_line(good: Good, quantity: Decimal, rate: str, *, places: int) -> Line:
    """A line of a paper that prints VAT apart: the price without it has `places` decimals (2 or more)."""
    percent = _percent(rate)
    price = (good.price / (1 + percent)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    total = money(price * quantity)
    vat = money(total * percent)
    return Line(good, quantity, price, total, rate, vat, total + vat)


def gross_line(good: Good, quantity: Decimal, rate: str, *, discount: Decimal | None = None) -> Line:
    """A line of a receipt: the price holds the VAT."""
    price = good.price if discount is None else money(good.price * (100 - discount) / 100)
    total = money(price * quantity)
    percent = _percent(rate)
    vat = money(total * percent / (1 + percent))
    full_price = None if discount is None else good.price
    return Line(good, quantity, price, total, rate, vat, total, full_price, discount)


def _rates(random: Random, day: date, count: int, *, simplified: bool) -> list[str]:
    if simplified:
        return ["без НДС"] * count
    main = "22%" if day >= NEW_RATE_SINCE else "20%"
    mixed = random.random() < 0.25
    return ["10%" if mixed and random.random() < 0.3 else main for _ in range(count)]


def _number(random: Random, kind: str) -> str:
    plain_number = str(random.randint(1, 9999))
    if kind in ("sales_receipt", "cash_receipt"):
        return plain_number if random.random() < 0.6 else plain_number.zfill(random.choice((4, 5, 6)))
    return random.choice((plain_number, plain_number.zfill(6), f"УТ-{random.randint(1, 99999):05d}",
                          f"НФ{random.randint(1, 99999):08d}", f"{plain_number}/{random.randint(1, 12)}",
                          f"Б-{random.randint(1, 9999)}"))  # fmt: skip


def _count(random: Random, kind: str, lines: tuple[int, int] | None) -> int:
    if lines:
        return random.randint(*lines)
    if kind in ("torg12", "upd") and random.random() < 0.12:
        return random.randint(16, 32)  # more than a page
    return random.randint(2, 8) if kind == "cash_receipt" else random.randint(3, 10)


def _fiscal(random: Random, content_total: Decimal, day: date) -> tuple[str, dict[str, str]]:
    """The QR of a receipt in the tax service's form, and what it says in words on the tape."""
    at = f"{random.randint(9, 20):02d}:{random.randint(0, 59):02d}"
    storage = "7" * 4 + "".join(str(random.randrange(10)) for _ in range(12))
    number, sign = str(random.randint(1, 99999)), f"{random.randint(10**8, 4 * 10**9)}"
    seconds = random.choice(("", "", f"{random.randint(0, 59):02d}"))
    qr = f"t={day:%Y%m%d}T{at.replace(':', '')}{seconds}&s={content_total:.2f}&fn={storage}&i={number}&fp={sign}&n=1"
    return qr, {"time": at, "fn": storage, "fd": number, "fp": sign}


def compose(kind: str, random: Random, *, lines: tuple[int, int] | None = None) -> Content:
    """A document of this kind; `lines` bounds their count."""
    day = date(2025, 9, 1) + timedelta(days=random.randint(0, 420))
    supplier = make_firm(random)
    simplified = random.random() < (0.6 if supplier.person else 0.15)
    prints_vat = kind in ("torg12", "upd")
    pieces_only = random.random() < {"cash_receipt": 0.6, "sales_receipt": 0.12}.get(kind, 0)
    goods = draw_goods(random, _count(random, kind, lines), pieces_only=pieces_only)
    rates = _rates(random, day, len(goods), simplified=simplified)
    places = random.choice((2, 2, 3, 4, 6)) if kind == "upd" else 2
    discounted = kind == "sales_receipt" and random.random() < 0.25
    made = []
    for good, rate in zip(goods, rates, strict=True):
        quantity = Decimal(random.choice(good.quantities[:8] if kind == "cash_receipt" else good.quantities))
        if prints_vat:
            made.append(net_line(good, quantity, rate, places=places))
        else:
            discount = Decimal(random.choice((0, 3, 5, 7, 10, 15))) if discounted else None
            made.append(gross_line(good, quantity, rate, discount=discount))
    figures = Figures(
        random.choice(("", " ", " ", "\u00a0", "\u2009")),
        "." if kind == "cash_receipt" and random.random() < 0.7 else random.choice((",", ",", ",", ".")),
        3 if random.random() < (0.25 if kind != "sales_receipt" else 0.1) else 0,
    )
    content = Content(kind, _number(random, kind), day, supplier, random.choice(BUYERS), make_firm(random).inn,
                      tuple(made), figures, prints_vat, simplified, prints_units=not pieces_only)  # fmt: skip
    if kind != "cash_receipt":
        return content
    qr, fiscal = _fiscal(random, content.total, day)
    return replace(content, qr=qr, fiscal=fiscal)
