"""What a beauty supplier sells. Brands, lines and shades are made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random

BRANDS = ("Lumorelle", "Vestrana", "KOLORIMA", "Nordelia Pro", "Ardexia", "MIRELUX", "Tavolina", "Zefirelle",
          "Brumaire Paris", "ORLEVO", "Silvanta", "Quintessa Lab")  # fmt: skip
NAIL_BRANDS = ("Naelys", "GELVARA", "Polimirra", "LakTori", "Kamisoft")
LINES = ("Color Veil", "Intense", "Silk Touch", "Pure", "Nuance", "Deep", "Soft Care", "Expert")
SHADE_NAMES = ("блондин пепельный", "светло-русый", "тёмно-русый золотистый", "шатен", "медный", "ультра блонд",
               "бежевый", "жемчужный", "коричневый холодный", "красное дерево")  # fmt: skip
OKEI = {"шт": "796", "уп": "778", "кг": "166", "г": "163", "л": "112", "мл": "111", "пар": "715", "рул": "736",
        "набор": "704", "кор": "", "фл": "872"}  # fmt: skip
"""The code of a unit in ОК 015-94; a box («кор») has none of its own there."""
SPOKEN = {"шт": ("шт", "шт."), "уп": ("уп", "упак", "упак.", "уп."), "пар": ("пар", "пар."), "кор": ("кор", "кор."),
          "рул": ("рул", "рул.")}  # fmt: skip


@dataclass(frozen=True)
class Good:
    """A catalogue line: `price` includes VAT, in roubles."""

    name: str
    unit: str
    price: Decimal
    quantities: tuple[str, ...]
    code: str


FEW = ("1", "2", "3", "4", "5", "6", "8")
MANY = ("1", "2", "3", "4", "5", "6", "8", "10", "12", "15", "20", "24", "30", "36", "50")
WEIGHED = ("0.25", "0.5", "0.75", "1", "1.5", "2.35", "0.8", "3.125")


def _price(random: Random, low: int, high: int) -> Decimal:
    rubles = random.randint(low, high)
    if random.random() < 0.4:
        rubles = max(low, rubles // 10 * 10)
    kopecks = random.choice((0, 0, 0, 50, 90, 99, random.randint(1, 99)))
    return Decimal(rubles) + Decimal(kopecks) / 100


def _shade(random: Random) -> str:
    depth, tone = random.randint(1, 12), random.choice(("0", "1", "3", "12", "16", "18", "34", "43", "71", "77", "81"))
    return f"{depth}{random.choice('./-.')}{tone}"


def _dye(random: Random) -> tuple[str, str, Decimal, tuple[str, ...]]:
    brand, volume = random.choice(BRANDS), random.choice((60, 60, 100, 90))
    name = random.choice(
        (
            f"Крем-краска {brand} {_shade(random)} {random.choice(SHADE_NAMES)} {volume} мл",
            f"Краска для волос {brand} {random.choice(LINES)} {_shade(random)}, {volume} мл",
            f"{brand} {random.choice(LINES)} {_shade(random)} {random.choice(SHADE_NAMES).capitalize()} {volume}мл",
            f"Краситель стойкий {brand} тон {_shade(random)} {volume} мл",
        )
    )
    return name, "шт", _price(random, 240, 1490), MANY


def _oxidant(random: Random) -> tuple[str, str, Decimal, tuple[str, ...]]:
    brand, percent = random.choice(BRANDS), random.choice(("1,5%", "3%", "6%", "9%", "12%", "1,9%"))
    name = random.choice(
        (
            f"Оксидант {brand} {percent} {random.choice((900, 1000))} мл",
            f"Окислитель {brand} Oxy 1000 мл {percent}",
            f"Крем-оксид {percent} {brand} 1 л",
            f"Активатор {brand} {random.choice(LINES)} {percent} 60 мл",
        )
    )
    return name, random.choice(("шт", "шт", "фл")), _price(random, 190, 990), FEW


def _care(random: Random) -> tuple[str, str, Decimal, tuple[str, ...]]:
    brand = random.choice(BRANDS)
    what = random.choice(("Шампунь", "Бальзам", "Маска", "Кондиционер", "Шампунь-пилинг"))
    for_whom = random.choice(("для окрашенных волос", "для повреждённых волос", "увлажняющий", "для объёма", ""))
    volume = random.choice(("250 мл", "300 мл", "500 мл", "1000 мл", "1 л", "5 л"))
    return (" ".join(f"{what} {brand} {random.choice(LINES)} {for_whom} {volume}".split()), "шт",
            _price(random, 350, 2890), FEW)  # fmt: skip


def _nails(random: Random) -> tuple[str, str, Decimal, tuple[str, ...]]:
    brand, volume = random.choice(NAIL_BRANDS), random.choice((8, 10, 12, 15))
    name = random.choice(
        (
            f"Гель-лак {brand} №{random.randint(1, 380):03d} {volume} мл",
            f"База каучуковая {brand} Cover {volume} мл",
            f"Топ без липкого слоя {brand} {volume} мл",
            f"Гель-лак {brand} {random.choice(LINES)} тон {random.randint(2, 99)}, {volume} мл",
        )
    )
    return name, "шт", _price(random, 210, 890), MANY


def _hands(random: Random) -> tuple[str, str, Decimal, tuple[str, ...]]:
    size = random.choice(("S", "M", "L", "XS"))
    colour = random.choice(("чёрные", "голубые", "розовые"))
    if random.random() < 0.3:
        return f"Перчатки латексные р. {size}", "пар", _price(random, 9, 45), ("25", "50", "100", "150", "200")
    return (f"Перчатки нитриловые {colour} {size}, {random.choice(('100 шт', '50 пар', '200 шт/уп'))}", "уп",
            _price(random, 390, 1290), FEW)  # fmt: skip


def _paper(random: Random) -> tuple[str, str, Decimal, tuple[str, ...]]:
    name, unit = random.choice(
        (
            ("Полотенца одноразовые спанлейс 45х90 см, 50 шт", "уп"),
            ("Полотенце одноразовое 35х70 белое в рулоне 100 шт", "рул"),
            ("Воротнички бумажные с липким слоем 5х100 шт", "кор"),
            ("Фольга для окрашивания 16 мкм 12 см х 100 м", "рул"),
            ("Фольга профессиональная 18 мкм, 50 м", "шт"),
            ("Шапочки полиэтиленовые 100 шт/уп", "уп"),
            ("Салфетки безворсовые 5х5 см 500 шт", "уп"),
            ("Пеньюар одноразовый 100х160 см 50 шт", "уп"),
            ("Апельсиновые палочки 100 шт", "уп"),
            ("Простыни одноразовые 70х200, 20 шт", "уп"),
        )
    )
    return name, unit, _price(random, 120, 1690), FEW


def _boxes(random: Random) -> tuple[str, str, Decimal, tuple[str, ...]]:
    brand = random.choice(BRANDS)
    name, unit = random.choice(
        (
            (f"Ампулы для волос {brand} Repair 12х10 мл", random.choice(("кор", "уп"))),
            (f"Краска {brand} {_shade(random)} 12х60 мл", "кор"),
            (f"Лосьон {brand} против выпадения 10 х 6 мл", "уп"),
            (f"Набор {brand} Botox Home 3х150 мл", "набор"),
            (f"Оксидант {brand} 6% 6х1000 мл", "кор"),
        )
    )
    return name, unit, _price(random, 990, 12900), FEW


def _bulk(random: Random) -> tuple[str, str, Decimal, tuple[str, ...]]:
    brand = random.choice(BRANDS)
    name, unit, quantities = random.choice(
        (
            ("Воск плёночный в гранулах " + brand, "кг", WEIGHED),
            (f"Пудра осветляющая {brand} Blond Plus", "кг", WEIGHED),
            (f"Кератин для выпрямления {brand} Smooth", "л", ("0.5", "1", "2", "1.5")),
            (f"Шампунь технический {brand} налив", "л", ("5", "10", "2.5", "20")),
            ("Масло массажное миндальное", "мл", ("250", "500", "1000")),
            ("Паста сахарная средняя", "кг", WEIGHED),
        )
    )
    if unit == "мл":
        return name, unit, _price(random, 1, 5), quantities
    return name, unit, _price(random, 690, 5900), quantities


def _tools(random: Random) -> tuple[str, str, Decimal, tuple[str, ...]]:
    brand = random.choice((*BRANDS, *NAIL_BRANDS))
    name = random.choice(
        (
            f"Пудра обесцвечивающая {brand} 500 г",
            f"Кератин {brand} Keratin Smooth 1000 мл",
            f"Хна для бровей {brand} коричневая 10 г",
            f"Клей для ресниц {brand} 5 мл",
            f"Кисть для окрашивания {brand} узкая",
            "Пилка для ногтей 180/240 бумеранг",
            f"Спрей {brand} термозащита 200 мл",
            f"Жидкость для снятия гель-лака {brand} 500 мл",
            f"Лак для волос {brand} Strong экстрасильной фиксации профессиональный 500 мл",
        )
    )
    return name, "шт", _price(random, 60, 4900), FEW


MAKERS: tuple[tuple[Callable[[Random], tuple[str, str, Decimal, tuple[str, ...]]], int], ...] = (
    (_dye, 6), (_oxidant, 3), (_care, 3), (_nails, 3), (_hands, 2), (_paper, 2), (_boxes, 2), (_bulk, 1), (_tools, 3),
)  # fmt: skip


def draw_goods(random: Random, count: int, *, pieces_only: bool = False) -> list[Good]:
    """So many different goods; `pieces_only` for papers that print no unit."""
    goods: dict[str, Good] = {}
    makers, weights = zip(*MAKERS, strict=True)
    while len(goods) < count:
        name, unit, price, quantities = random.choices(makers, weights)[0](random)
        if pieces_only and unit != "шт":
            continue
        code = random.choice((f"{random.randint(1, 99999):05d}", f"НФ-{random.randint(1, 99999):05d}",
                              f"{random.choice('ABKMT')}{random.randint(100, 9999)}"))  # fmt: skip
        goods.setdefault(name, Good(name, unit, price, quantities, code))
    return list(goods.values())
