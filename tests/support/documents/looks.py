"""What varies between two papers of the same kind: the words, the faces, the places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from .paper import Style

MONTHS = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
          "декабря")  # fmt: skip
DAY_FORMS = ("{day:%d.%m.%Y}", "{number} {month} {year} г.", "«{day:%d}» {month} {year} г.")


@dataclass(frozen=True)
class Looks:
    """A document's typography."""

    family: str
    size: float
    """Of the table, points."""
    padding: float
    middle: bool
    dpi: int
    day_form: str

    @property
    def body(self) -> Style:
        return Style(self.family, self.size)

    def day(self, day: date) -> str:
        month = MONTHS[day.month - 1]
        return self.day_form.format(day=day, number=day.day, month=month, year=day.year)


def choose_looks(random: Random, *, families: tuple[str, ...], sizes: tuple[float, float],
                 dpi: tuple[int, ...] = (205, 220, 235, 250)) -> Looks:  # fmt: skip
    """Looks from a seed."""
    return Looks(
        random.choice(families),
        round(random.uniform(*sizes) * 4) / 4,
        random.uniform(0.5, 1.1),
        random.random() < 0.35,
        random.choice(dpi),
        random.choices(DAY_FORMS, (5, 3, 1))[0],
    )


def vary(random: Random, width: float) -> float:
    """A column's width, give or take a tenth."""
    return width * random.uniform(0.92, 1.1)
