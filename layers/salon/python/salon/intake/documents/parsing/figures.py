"""Figures as printed in Russian documents, and what else a misread one may have been."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from salon.intake.documents.parsing.units import parted

KOPECK = Decimal("0.01")
_ALIKE = str.maketrans({
    "O": "0", "О": "0", "о": "0", "o": "0", "Q": "0", "D": "0", "З": "3", "з": "3", "Э": "3", "э": "3", "б": "6",
    "Б": "6", "В": "8", "B": "8", "S": "5", "s": "5", "l": "1", "I": "1", "|": "1", "!": "1", "i": "1", "Г": "1",
    "Т": "7", "Ч": "4", "ч": "4", "Z": "2", "g": "9", "д": "9", "а": "4", "A": "4", "А": "4",
})  # fmt: skip
_CONFUSED = {
    "0": "689", "1": "74", "2": "7", "3": "859", "4": "19", "5": "639", "6": "058", "7": "12", "8": "3069", "9": "0438",
}  # fmt: skip
_EDGES = " |[](){}_‘’'\"`:;“”«»*°^~<>=≈—–-+№."
_MONEY = re.compile(r"^\d{1,3}(?: ?\d{3})*[.,\-]\d{2}$")
_PLAIN = re.compile(r"^\d+(?:[.,]\d+)?$")
_CURRENCY = re.compile(r"(?<=\d)[\s|]*(?:руб(?:лей|ля|ль)?|py[6бb]|р|p|₽)[.,]?$", re.IGNORECASE)  # «585.00 руб.|»
_THOUSANDS = re.compile(r"(?<=\d)['’`‘](?=\d{3}(?!\d))")  # «1'567.00»


@dataclass(frozen=True, slots=True)
class Figure:
    """One way to read a figure.

    Attributes:
        value: what it is then.
        cost: how far it is from what was read: 0 as printed, 1 a point that was lost or stray marks, 2 and more a digit
            that was changed.
    """

    value: Decimal
    cost: int


def clean(text: str) -> str:
    """Without rules of the table and marks that were read along with it, the currency and marks of thousands."""
    text = re.sub(r"\s+", " ", text.replace("\N{NO-BREAK SPACE}", " ")).strip(_EDGES)
    text = _THOUSANDS.sub("", _CURRENCY.sub("", text)).strip(_EDGES)
    return re.sub(r"(?<=\d)\s?([.,])\s?(?=\d{2}$)", r"\1", text)


def digits_for(text: str) -> str:
    """Letters that were read for digits, put right."""
    return text.translate(_ALIKE)


def is_money(text: str) -> bool:
    """Whether it has roubles and kopecks."""
    return bool(_MONEY.match(clean(text)))


def money(text: str) -> Decimal | None:
    """The sum as printed; None when it is not one."""
    return next((figure.value for figure in readings(text, is_quantity=False) if figure.cost <= 1), None)


def readings(text: str, *, is_quantity: bool) -> tuple[Figure, ...]:
    """All ways to read a figure, the nearest to what was printed first, digits unchanged.

    Args:
        text: of the cell.
        is_quantity: three decimals and no kopecks are usual then, and thousands are rare.
    """
    found: dict[Decimal, int] = {}
    for figure in _readings(text, is_quantity=is_quantity):
        if figure.value not in found or found[figure.value] > figure.cost:
            found[figure.value] = figure.cost
    return tuple(Figure(value, cost) for value, cost in sorted(found.items(), key=lambda item: item[1]))


def _readings(text: str, *, is_quantity: bool) -> Iterator[Figure]:
    bare = clean(text)
    counted = parted(bare) if is_quantity else None
    if counted:  # «24 шт» in one cell
        yield from _plain(clean(digits_for(counted[0])), 0 if counted[2] else 1, is_quantity=True)
        return
    repaired = clean(digits_for(bare))
    cost = 0 if repaired == bare else 1
    if not re.search(r"\d", repaired):
        return
    if re.search(r"[^\d\s.,\-']", repaired):
        pieces = re.findall(r"\d[\d\s.,']*", repaired)
        for piece in pieces:
            if len(piece.strip()) * 2 >= len(repaired):
                yield from _plain(clean(piece), 2, is_quantity=is_quantity)
        return
    yield from _plain(repaired, cost, is_quantity=is_quantity)


def _plain(text: str, cost: int, *, is_quantity: bool) -> Iterator[Figure]:
    tight = re.sub(r"[\s']", "", text).replace("-", ",")
    parts = [part for part in re.split(r"[.,]", tight) if part]
    if not parts:
        return
    joined = "".join(parts)
    if len(joined) > 12:  # noqa: PLR2004 - no figure of an invoice is longer
        return
    if len(parts) == 1:
        yield Figure(Decimal(joined), cost)
        if not is_quantity and len(joined) > 2:  # noqa: PLR2004 - the point was lost
            yield Figure(Decimal(joined).scaleb(-2), cost + 1)
        if is_quantity and len(joined) > 3:  # noqa: PLR2004 - as above
            yield Figure(Decimal(joined).scaleb(-3), cost + 1)
        return
    whole, fraction = "".join(parts[:-1]), parts[-1]
    if len(fraction) == 3:  # noqa: PLR2004 - thousands, or three decimals
        yield Figure(Decimal(f"{whole}.{fraction}"), cost if is_quantity else cost + 1)
        if not is_quantity:
            yield Figure(Decimal(joined), cost + 1)
            yield Figure(Decimal(f"{whole}.{fraction[:2]}"), cost + 1 + (fraction[2] != "1"))  # a rule is read as a one
            yield Figure(Decimal(joined).scaleb(-2), cost + 2)
        return
    yield Figure(Decimal(f"{whole}.{fraction}"), cost)
    if not is_quantity and len(fraction) != 2:  # noqa: PLR2004 - kopecks
        yield Figure(Decimal(joined).scaleb(-2), cost + 2)


def changed(value: Decimal) -> Iterator[Decimal]:
    """What else it may be, with one digit taken for another, lost at the front, or added there."""
    text = f"{value:f}"
    for i, digit in enumerate(text):
        for other in _CONFUSED.get(digit, ""):
            yield Decimal(text[:i] + other + text[i + 1 :])
    if len(text.split(".", maxsplit=1)[0]) > 1:
        yield Decimal(text[1:])


def are_alike(one: str, other: str) -> bool:
    """Whether a digit is taken for another."""
    return other in _CONFUSED.get(one, "") or one in _CONFUSED.get(other, "")


def product(quantity: Decimal, price: Decimal) -> Decimal:
    """Quantity × price to the kopeck."""
    return (quantity * price).quantize(KOPECK, ROUND_HALF_UP)


def fits(quantity: Decimal, price: Decimal, total: Decimal) -> bool:
    """Whether quantity × price is the sum to the kopeck.

    Where prices have more than two decimals, or sums were rounded the other way, a kopeck is let pass.
    """
    return abs(product(quantity, price) - total) <= (KOPECK if quantity != quantity.to_integral_value() else 0)


def rounds(quantity: Decimal, price: Decimal, total: Decimal) -> bool:
    """Whether the price is what the sum leaves for one, to the kopeck: 3828,43 / 2 is printed as 1914,22.

    VAT is taken out of a line's sum, and the price is rounded afterwards. A price with another digit is farther off.
    """
    return abs(quantity * price - total) <= quantity * KOPECK / 2


def first(figures: Iterable[Figure]) -> Decimal | None:
    """The value of the first."""
    return next((figure.value for figure in figures), None)
