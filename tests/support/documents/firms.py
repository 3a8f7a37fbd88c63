"""Invented suppliers. Their tax numbers have right check digits and a region that no tax office has."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

REGIONS = ("00", "98")
"""First digits of an INN that belong to no region of Russia: such a number cannot be anybody's."""
WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
NAMES = (
    "Вымысел Бьюти", "Сказка-Опт", "Небылица", "Придуманная Косметика", "Лукоморье Профи", "Выдумка и Ко",
    "Фантазия Трейд", "Тридевятое Снабжение", "Мираж-Бьюти", "Небывальщина", "Град Китеж Снаб", "Чудо-Юдо Косметик",
)  # fmt: skip
PERSONS = ("Небылицын Фома Фомич", "Выдумкина Алёна Игоревна", "Сказкин Пётр Петрович", "Миражова Зоя Львовна",
           "Фантазёров Глеб Ильич")  # fmt: skip
STREETS = ("ул. Придуманная", "ул. Сказочная", "пр-т Вымышленный", "пер. Несуществующий", "наб. Небывалая")
CITIES = ("г. Небывальск", "г. Лукоморск", "г. Тридевятый", "г. Вымыслов")
BUYERS = ('ООО "Салон Берёзка"', 'ООО "Салон Придуманный"', "ИП Сочинялова Вера Павловна")


@dataclass(frozen=True)
class Firm:
    """A side of a document."""

    name: str
    inn: str
    kpp: str | None
    address: str
    phone: str
    account: str

    @property
    def person(self) -> bool:
        """A sole proprietor (ИП)."""
        return self.kpp is None


def inn(head: str) -> str:
    """The INN that begins with these 9 (firm) or 10 (person) digits.

    The weights of the check digits are those of the tax service's rule (приказ ФНС ЕД-7-14/559).
    """
    digits = [int(char) for char in head]
    for weights in (WEIGHTS[2:],) if len(head) == 9 else (WEIGHTS[1:], WEIGHTS):
        digits.append(sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11 % 10)
    return "".join(map(str, digits))


def inn_is_right(number: str) -> bool:
    """Whether the check digits fit."""
    return len(number) in (10, 12) and number.isdigit() and inn(number[: 9 if len(number) == 10 else 10]) == number


def _digits(random: Random, count: int) -> str:
    return "".join(str(random.randrange(10)) for _ in range(count))


def make_firm(random: Random, *, names: tuple[str, ...] = (), person: bool | None = None) -> Firm:
    """A firm or, at times, a sole proprietor."""
    is_person = random.random() < 0.25 if person is None else person
    region = random.choice(REGIONS)
    tax_number = inn(region + _digits(random, 8 if is_person else 7))
    quoted = random.choice(('ООО "{}"', "ООО «{}»", "АО «{}»", 'ООО "{}"'))
    name = f"ИП {random.choice(PERSONS)}" if is_person else quoted.format(random.choice(NAMES))
    if names:
        name = random.choice(names)
        is_person = name.startswith("ИП")
        tax_number = inn(region + _digits(random, 8 if is_person else 7))
    return Firm(
        name,
        tax_number,
        None if is_person else f"{tax_number[:4]}01001",
        f"{random.choice(('000111', '000222', '000345'))}, {random.choice(CITIES)}, "
        f"{random.choice(STREETS)}, д. {random.randint(1, 99)}",
        f"+7 900 000-{random.randint(0, 99):02d}-{random.randint(0, 99):02d}",
        "40702810" + _digits(random, 12),
    )
