"""What each column of a table means: by arithmetic first, by headers and the form's own numbers second.

Quantity × price = sum holds in most rows for one triple of columns only, whatever the form is called and however its
headers were read. Headers and numbers of columns settle ties, and stand in where too little was read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from salon.intake.documents.parsing.figures import KOPECK, Figure, clean, is_money, product, readings
from salon.intake.documents.parsing.tables import Slot, Table, has_letters
from salon.intake.documents.parsing.units import code_of, is_spelt_unit, unit_of

VAT_RATES = (0, 5, 7, 10, 18, 20, 22)
_MANY = 0.34
_HEADERS = {
    "name": re.compile(r"наимен|товар", re.IGNORECASE),
    "qty": re.compile(r"кол[\s\-.]*в|коли|кол\b|кол\.|нетто|объ[её]м|qty", re.IGNORECASE),
    "price": re.compile(r"цена|тариф|цeна|цен[аы]", re.IGNORECASE),
    "sum": re.compile(r"сумм|стоим|cумм|всего", re.IGNORECASE),
}
_GROSS = re.compile(r"с\s*уч[её]т|с\s*налогом|с\s*ндс|включая", re.IGNORECASE)
_VAT = re.compile(r"сумма\s*(ндс|налог)|ндс|налога", re.IGNORECASE)
_TORG12 = {"qty": "10", "price": "11", "sum": "12", "rate": "13", "vat": "14", "gross": "15"}
_TORG12_COLUMNS = 15
_UPD = {"qty": "3", "price": "4", "sum": "5", "rate": "7", "vat": "8", "gross": "9"}


class Role(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    NAME = "name"
    UNIT = "unit"
    OKEI = "okei"
    QTY = "qty"
    PRICE = "price"
    SUM = "sum"
    RATE = "rate"
    VAT = "vat"
    GROSS = "gross"


Roles = dict[Role, int]


@dataclass(frozen=True, slots=True)
class _Column:
    index: int
    quantities: tuple[tuple[Figure, ...], ...]
    sums: tuple[tuple[Figure, ...], ...]
    filled: int


def roles_of(table: Table) -> Roles:
    """The roles of a table's columns; without `SUM` it is no table of goods."""
    columns = [_column(table, i) for i in range(table.width)]
    figures = [column for column in columns if column.filled >= max(1, _MANY * len(table.rows))]
    numbers = _numbered(table)
    roles: Roles = {}
    best = max(_triples(table, figures, numbers), default=None, key=lambda item: item[0])
    if best is not None and best[0] > 0:
        roles[Role.QTY], roles[Role.PRICE], roles[Role.SUM] = best[1]
    elif not _by_header(table, {column.index for column in figures}, numbers, roles):
        return {}
    _taxes(table, columns, roles, numbers)
    _words(table, roles)
    return roles


def _column(table: Table, index: int) -> _Column:
    texts = [row[index].text for row in table.rows]
    usable = [text if not re.search(r"%", text) and len(clean(text)) < 18 else "" for text in texts]  # noqa: PLR2004 - letters
    quantities = tuple(_near(readings(text, is_quantity=True)) for text in usable)
    sums = tuple(_near(readings(text, is_quantity=False)) for text in usable)
    filled = sum(bool(amount or count) for amount, count in zip(sums, quantities, strict=True))  # «24 шт» is no amount
    return _Column(index, quantities, sums, filled)


def _near(found: tuple[Figure, ...]) -> tuple[Figure, ...]:
    return tuple(figure for figure in found if figure.cost <= 2)[:3]  # noqa: PLR2004 - the likelier ones


def _triples(
    table: Table, columns: Sequence[_Column], numbers: dict[str, int]
) -> Iterator[tuple[float, tuple[int, int, int]]]:
    """Every (quantity, price, sum) in that order, and how well it does."""
    ordered = [*combinations(columns, 3), *((b, a, c) for a, b, c in combinations(columns, 3))]
    for quantity, price, total in ordered:
        held = sum(
            any(
                abs(product(q.value, p.value) - s.value) <= KOPECK  # whichever of the two is the quantity
                for q in quantity.quantities[r] for p in price.sums[r] for s in total.sums[r]
                if q.value > 0 and p.value > 0
            )
            for r in range(len(table.rows))
        )  # fmt: skip
        places = {"qty": quantity.index, "price": price.index, "sum": total.index}
        if held and _counts_packs(table, price.index, total.index):
            continue
        if not held and any(numbers.get(name) != index for name, index in places.items()):
            continue
        score = 10.0 * held - 1.5 * (quantity.index > price.index)
        for name, index in places.items():
            score += 5.0 * bool(_HEADERS[name].search(table.headers[index]))
            score += 6.0 * (numbers.get(name) == index)
            score += 0.1 * (max(columns[-1].index, 1) - index)
        if _GROSS.search(table.headers[total.index]):
            score -= 2.0
        score += sum(is_money(row[price.index].text) for row in table.rows) / max(1, len(table.rows))
        score -= 2.0 * sum(is_money(row[quantity.index].text) for row in table.rows) / max(1, len(table.rows))
        money = sum(is_money(row[total.index].text) for row in table.rows) / max(1, len(table.rows))
        yield score + 4.0 * money, (quantity.index, price.index, total.index)


def _counts_packs(table: Table, price: int, total: int) -> bool:
    """«2 в одном месте × 4 места = 8»: no kopecks in either column, and one further right has them in every row."""
    if any(is_money(row[index].text) for row in table.rows for index in (price, total)):
        return False
    return any(all(is_money(row[index].text) for row in table.rows) for index in range(total + 1, table.width))


def _by_header(table: Table, figures: set[int], numbers: dict[str, int], roles: Roles) -> bool:
    """Where no row holds: headers and numbers alone."""
    for name, role in (("qty", Role.QTY), ("price", Role.PRICE), ("sum", Role.SUM)):
        index = numbers.get(name)
        if index is None:
            index = next(
                (
                    i for i, header in enumerate(table.headers)
                    if _HEADERS[name].search(header) and i > max(roles.values(), default=-1)
                    and (i in figures or not _HEADERS["name"].search(header))
                ),
                None,
            )  # fmt: skip
        if index is not None:
            roles[role] = index
    return {Role.PRICE, Role.SUM} <= roles.keys()


def _numbered(table: Table) -> dict[str, int]:
    """Columns by the form's own numbers."""
    texts = [text.replace(" ", "").lower().replace("a", "а") for text in table.numbered]
    if len(texts) < table.width or not texts:
        return {}
    is_upd = any(text.endswith(("а", "б")) and text[:1].isdigit() for text in texts)
    votes = [(_UPD, _offset(_UPD, texts, least=1))]  # «1а», «1б» and «2а» stand before its «3»
    if len(texts) >= _TORG12_COLUMNS and not is_upd:
        votes.append((_TORG12, _offset(_TORG12, texts, least=-2)))
    form, (offset, agreed) = max(votes, key=lambda vote: vote[1][1])
    if agreed < (1 if is_upd else 2):
        return {}
    return {name: int(mark) + offset for name, mark in form.items() if 0 <= int(mark) + offset < table.width}


def _offset(form: dict[str, str], texts: Sequence[str], *, least: int) -> tuple[int, int]:
    """How far to the right of its number each column stands, and how many marks say so; some were misread."""
    offsets = Counter(index - int(mark) for mark in form.values() for index, text in enumerate(texts) if text == mark)
    return max(((offset, count) for offset, count in offsets.items() if offset >= least),
               key=lambda vote: vote[1], default=(0, 0))  # fmt: skip


def _values(table: Table, index: int) -> list[tuple[Figure, ...]]:
    return [_near(readings(row[index].text, is_quantity=False)) for row in table.rows]


def _taxes(table: Table, columns: Sequence[_Column], roles: Roles, numbers: dict[str, int]) -> None:
    """VAT and the sum with it, to the right of the sum or between price and sum."""
    total = roles[Role.SUM]
    after = [column for column in columns if column.index > roles[Role.PRICE] and column.index != total]
    rate = next((column.index for column in after if _is_rate(table, column.index)), None)
    if rate is None and numbers.get("rate") is not None:
        rate = numbers["rate"]
    if rate is not None:
        roles[Role.RATE] = rate
    sums = _values(table, total)
    best: tuple[float, int, int] | None = None
    right = [column for column in after if column.index > total and column.index != rate and column.filled]
    for vat, gross in combinations(right, 2):
        held = sum(_adds(sums[r], vat.sums[r], gross.sums[r]) for r in range(len(table.rows)))
        score = held + 0.5 * (numbers.get("vat") == vat.index) + 0.5 * (numbers.get("gross") == gross.index)
        if held and (best is None or score > best[0]):
            best = (score, vat.index, gross.index)
    if best is not None:
        _, roles[Role.VAT], roles[Role.GROSS] = best
        return
    same = [column for column in right if sum(_equal(sums[r], column.sums[r]) for r in range(len(table.rows))) * 2
            > len(table.rows)]  # fmt: skip
    if same:
        roles[Role.GROSS] = same[-1].index
    elif numbers.get("gross", -1) > total:
        roles[Role.GROSS] = numbers["gross"]
        if numbers.get("vat", -1) > total:
            roles[Role.VAT] = numbers["vat"]
    else:
        _taxes_by_header(table, roles, [column.index for column in after if column.filled and column.index != rate])


def _taxes_by_header(table: Table, roles: Roles, candidates: Sequence[int]) -> None:
    for index in candidates:
        header = table.headers[index]
        if index > roles[Role.SUM] and _GROSS.search(header) and Role.GROSS not in roles:
            roles[Role.GROSS] = index
        elif _VAT.search(header) and Role.VAT not in roles:
            roles[Role.VAT] = index


def _is_rate(table: Table, index: int) -> bool:
    texts = [row[index].text for row in table.rows]
    marked = sum(bool(re.search(r"\d\s*%|без\s*ндс", text, re.IGNORECASE)) for text in texts)
    return marked * 2 >= len(texts)


def _adds(sums: Sequence[Figure], vat: Sequence[Figure], gross: Sequence[Figure]) -> bool:
    return any(s.value + v.value == g.value for s in sums for v in vat for g in gross if v.value > 0)


def _equal(sums: Sequence[Figure], gross: Sequence[Figure]) -> bool:
    return any(s.value == g.value for s in sums for g in gross)


def _words(table: Table, roles: Roles) -> None:
    """Name, unit, code and row number among what is left."""
    taken = set(roles.values())
    free = [i for i in range(table.width) if i not in taken]
    left = [i for i in free if i < roles.get(Role.QTY, roles[Role.PRICE])] or free

    def share(index: int, test: object) -> float:
        return sum(bool(test(row[index])) for row in table.rows) / max(1, len(table.rows))  # type: ignore[operator]  # a test of words

    def letters(index: int) -> float:
        return sum(len(re.sub(r"[\W\d]", "", row[index].text)) for row in table.rows)

    if left:
        name = max(left, key=letters)
        if letters(name) > 0:
            roles[Role.NAME] = name
    near = [i for i in range(table.width) if i not in roles.values()]
    units = [(share(i, lambda slot: unit_of(clean(slot.text)) is not None)
              + share(i, lambda slot: is_spelt_unit(clean(slot.text))), -i) for i in near]  # fmt: skip
    if units and max(units)[0] >= 0.5:  # noqa: PLR2004 - half of the rows
        roles[Role.UNIT] = -max(units)[1]
    codes = [i for i in near if i != roles.get(Role.UNIT) and share(i, _is_code) >= 0.5]  # noqa: PLR2004 - as above
    if codes:
        roles[Role.OKEI] = codes[0]
    first = [i for i in near if i < roles.get(Role.NAME, 0) and i not in roles.values()]
    rising = [i for i in first if _rises(table, i)]
    if rising:
        roles[Role.NUMBER] = rising[-1]


def _is_code(slot: Slot) -> bool:
    return code_of(clean(slot.text)) is not None


def _rises(table: Table, index: int) -> bool:
    texts = [clean(row[index].text).rstrip(".") for row in table.rows]
    right = sum(text == str(i + 1) for i, text in enumerate(texts))
    return right * 3 >= len(texts) and not any(has_letters(text) for text in texts)
