"""How amounts stand on Russian paper: figures with their separators, and the amount in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

KOPECK = Decimal("0.01")
UNITS = ("", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять")
TEENS = ("десять", "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать",
         "семнадцать", "восемнадцать", "девятнадцать")  # fmt: skip
TENS = ("", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто")
HUNDREDS = ("", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот")
SCALES = (("рубль", "рубля", "рублей"), ("тысяча", "тысячи", "тысяч"), ("миллион", "миллиона", "миллионов"))


def money(value: Decimal) -> Decimal:
    """To the kopeck, half up, as accountants round."""
    return value.quantize(KOPECK, ROUND_HALF_UP)


@dataclass(frozen=True)
class Figures:
    """One document's way of writing numbers."""

    thousands: str = " "
    point: str = ","
    quantity_places: int = 0

    def decimal(self, value: Decimal) -> str:
        whole, _, part = f"{value:f}".partition(".")
        groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)]
        return self.thousands.join(reversed(groups)) + (self.point + part if part else "")

    def rubles(self, value: Decimal) -> str:
        """With at least two decimals; a price of a УПД may have more."""
        places = max(2, -int(value.normalize().as_tuple().exponent))
        return self.decimal(value.quantize(Decimal(1).scaleb(-places)))

    def quantity(self, value: Decimal) -> str:
        places = max(self.quantity_places, -int(value.normalize().as_tuple().exponent), 0)
        return self.decimal(value.quantize(Decimal(1).scaleb(-places)))


def _form(number: int, forms: tuple[str, str, str]) -> str:
    if number % 100 in range(11, 15):
        return forms[2]
    return forms[{1: 0, 2: 1, 3: 1, 4: 1}.get(number % 10, 2)]


def _hundreds(number: int, *, feminine: bool) -> list[str]:
    words = [HUNDREDS[number // 100]]
    tail = number % 100
    if tail in range(10, 20):
        words.append(TEENS[tail - 10])
    else:
        unit = UNITS[tail % 10]
        words += [TENS[tail // 10], {"один": "одна", "два": "две"}.get(unit, unit) if feminine else unit]
    return [word for word in words if word]


def number_in_words(number: int) -> str:
    """The cardinal (masculine) of a number below a thousand: «двенадцать»."""
    return " ".join(_hundreds(number, feminine=False)) or "ноль"


def amount_in_words(value: Decimal) -> str:
    """«Двенадцать тысяч триста сорок пять рублей 60 копеек»."""
    rubles, kopecks = divmod(int(money(value) * 100), 100)
    words: list[str] = []
    for scale in (2, 1, 0):
        part = rubles // 1000**scale % 1000
        words += _hundreds(part, feminine=scale == 1)
        if part or scale == 0:
            words.append(_form(part, SCALES[scale]))
    if rubles == 0:
        words.insert(0, "ноль")
    text = " ".join(words)
    return f"{text[0].upper()}{text[1:]} {kopecks:02d} {_form(kopecks, ('копейка', 'копейки', 'копеек'))}"
