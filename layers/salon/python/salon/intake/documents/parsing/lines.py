"""Rows of a table to lines of a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median

from salon.intake.documents.domain import Flag, LineRead, Read
from salon.intake.documents.parsing.counted import for_quantity, unit_read
from salon.intake.documents.parsing.figures import Figure, clean, digits_for, fits, is_money, readings
from salon.intake.documents.parsing.judge import Evidence, Verdict, judge
from salon.intake.documents.parsing.names import Reread, box_of, name_of
from salon.intake.documents.parsing.roles import VAT_RATES, Role, Roles
from salon.intake.documents.parsing.rows import bounds, rows_of
from salon.intake.documents.parsing.tables import Slot, Table, has_letters, is_total
from salon.intake.documents.parsing.units import is_measure, unit_of
from salon.intake.documents.parsing.words import Cell, Hint, Page, Word
from salon.platform.money import to_minor

_FIGURES = ((Role.QTY, Hint.QUANTITY), (Role.PRICE, Hint.MONEY), (Role.SUM, Hint.MONEY))
_TAXES = ((Role.VAT, Hint.MONEY), (Role.GROSS, Hint.MONEY))
_EMPTY = LineRead(0, Read(""), Read(""), Read(None), Read(None), Read(None))


@dataclass(frozen=True, slots=True)
class Style:
    """How a column writes its figures.

    Attributes:
        kopecks: most have two decimals, so one without a point has lost it.
        thousandths: most have three.
    """

    kopecks: bool
    thousandths: bool


def style_of(texts: Sequence[str]) -> Style:
    """Of a column."""
    filled = [clean(text) for text in texts if re.search(r"\d", text)]
    kopecks = sum(bool(re.search(r"[.,\-]\s?\d{2}$", text)) for text in filled)
    thousandths = sum(bool(re.search(r"[.,]\d{3}$", text)) for text in filled)
    return Style(kopecks * 2 > len(filled), thousandths * 2 > len(filled))


def figures_of(text: str, *, is_quantity: bool, style: Style) -> tuple[Figure, ...]:
    """Readings of a cell, the column's habit considered."""
    found = readings(text, is_quantity=is_quantity)
    bare = re.sub(r"\s", "", clean(digits_for(clean(text))))
    if not bare.isdigit():
        return found
    if len(bare) <= 2:  # noqa: PLR2004 - too short for kopecks
        torn = not is_quantity and style.kopecks  # a piece of a figure where all others have kopecks
        return tuple(replace(figure, cost=figure.cost + 2) for figure in found) if torn else found
    whole = Decimal(bare)
    if not is_quantity and style.kopecks:
        return (Figure(whole.scaleb(-2), 1), Figure(whole, 2))
    if is_quantity and style.thousandths and len(bare) > 3:  # noqa: PLR2004 - three decimals and a digit
        return (Figure(whole.scaleb(-3), 1), Figure(whole, 2))
    return found


def lines_of(
    table: Table, roles: Roles, page: Page, reread: Reread | None, *, first: int = 1, kopecks: bool = False
) -> list[tuple[LineRead, Evidence]]:
    """The lines of a table, each with what it was made of.

    Args:
        table: with rows that hold figures.
        roles: what its columns mean.
        page: where the words come from.
        reread: reads cells again; None when the letters are certain.
        first: number of its first line.
        kopecks: all money has them, though the points were hardly read.
    """
    _take_back(table, roles)
    styles: dict[Role, Style] = {
        role: style_of([row[roles[role]].text for row in table.rows])
        for role in (Role.QTY, Role.PRICE, Role.SUM, Role.VAT, Role.GROSS)
        if role in roles
    }
    if kopecks:
        styles = {role: Style(kopecks=role is not Role.QTY, thousandths=role is Role.QTY) for role in styles}
    again = [_refilled(row, roles, table, reread) for row in table.weak] if reread else []
    again = [row for row in again if table.is_ruled or _is_priced(row, roles)]  # what is not ruled may be no row
    rows = [row for row in (*table.rows, *again) if _is_goods(row, roles)]
    rows.sort(key=lambda row: row[0].cell.top)
    return [_line(row, roles, styles, page, reread, n=first + i, table=table) for i, row in enumerate(rows)]


def _take_back(table: Table, roles: Roles) -> None:
    """Rows without a name, or with a quantity read as a cross, were taken for totals; but totals have no price."""
    for row in list(table.totals):
        if is_total(" ".join(slot.text for slot in row)) or not {Role.QTY, Role.PRICE} <= roles.keys():
            continue
        named = Role.NAME in roles and has_letters(row[roles[Role.NAME]].text)
        priced = named and all(is_money(row[roles[role]].text) for role in (Role.PRICE, Role.SUM))
        if priced or _multiplies(row, roles):
            table.totals.remove(row)
            table.rows.append(row)


def _is_priced(row: Sequence[Slot], roles: Roles) -> bool:
    """Whether it multiplies out, or has a price and what may be its sum: a quantity of one digit is soon lost."""
    price, total = (row[roles[role]].text if role in roles else "" for role in (Role.PRICE, Role.SUM))
    return _multiplies(row, roles) or (is_money(price) and len(re.sub(r"\D", "", total)) > 2)  # noqa: PLR2004 - kopecks


def _multiplies(row: Sequence[Slot], roles: Roles) -> bool:
    """Whether quantity × price is the sum in some reading."""
    if any(role not in roles for role, _ in _FIGURES):
        return False
    qty, price, total = (readings(row[roles[role]].text, is_quantity=role is Role.QTY) for role, _ in _FIGURES)
    return any(fits(q.value, p.value, t.value) for q in qty for p in price for t in total if q.value > 0 < p.value)


def _refilled(row: Sequence[Slot], roles: Roles, table: Table, reread: Reread) -> list[Slot]:
    """A ruled row in which nothing was read, read cell by cell."""
    hints = {**dict(_FIGURES), **dict(_TAXES), Role.NAME: Hint.NAME, Role.UNIT: Hint.TEXT, Role.OKEI: Hint.QUANTITY}
    wanted = [(roles[role], hint) for role, hint in hints.items() if role in roles]
    cells = [(_inner(row[index], table, row), hint) for index, hint in wanted]
    filled = list(row)
    for (index, _), (cell, _), (text, sure) in zip(wanted, cells, reread(cells), strict=True):
        if text:
            word = Word(cell.left, cell.top, cell.right, cell.bottom, text=text, confidence=sure)
            filled[index] = replace(row[index], words=(word,))
    return filled


def _is_goods(row: Sequence[Slot], roles: Roles) -> bool:
    """Whether it has a name and a figure, or price and sum: the quantity can be told by those."""
    named = Role.NAME in roles and has_letters(row[roles[Role.NAME]].text)
    filled = {role for role, _ in _FIGURES if role in roles and readings(row[roles[role]].text, is_quantity=False)}
    return bool(filled) if named else {Role.PRICE, Role.SUM} <= filled


def _line(
    row: Sequence[Slot],
    roles: Roles,
    styles: dict[Role, Style],
    page: Page,
    reread: Reread | None,
    *,
    n: int,
    table: Table,
) -> tuple[LineRead, Evidence]:
    slots = {role: row[index] for role, index in roles.items()}
    if not table.is_ruled and Role.NAME in slots and Role.UNIT not in slots:
        slots |= _unit_apart(slots[Role.NAME])
    texts = {role: [slots[role].text] for role in styles}
    rate = rate_of(slots[Role.RATE].text) if Role.RATE in slots else None
    evidence = _evidence(texts, styles, rate, page)
    verdict = judge(evidence)
    sure = {role: slots[role].confidence for role in styles}
    if reread and (verdict.flags or verdict.cost > 1):
        wanted = [(role, hint) for role, hint in (*_FIGURES, *_TAXES) if role in slots]
        cells = [(_inner(slots[role], table, row), hint) for role, hint in wanted]
        for (role, _), (text, confidence) in zip(wanted, reread(cells), strict=True):
            if text:
                texts[role].insert(0 if confidence > sure[role] else 1, text)
                sure[role] = max(sure[role], confidence)
        evidence = _evidence(texts, styles, rate, page)
        verdict = judge(evidence)
    name = slots.get(Role.NAME)
    if name is None:
        told = Read("", 0.0, None, (Flag.NAME_UNSURE,))
    else:
        told = name_of(name.words, name.cell, page, n, reread=reread, again=_inner(name, table, (name,)))
    measured = slots.get(Role.UNIT)
    unit = unit_read(
        measured, slots.get(Role.OKEI), slots.get(Role.QTY), page, reread,
        inside=_inner(measured, table, row) if measured else None,
    )  # fmt: skip
    return _built(verdict, slots, sure, page, named=replace(_EMPTY, n=n, name=told, unit=unit), rate=rate), evidence


def _unit_apart(name: Slot) -> dict[Role, Slot]:
    """Name and unit, where a unit stands by itself at the end of a name's row."""
    for row in rows_of(name.words):
        *before, last = row.words
        said = unit_of(last.text)
        is_size = said is not None and is_measure(said[0]) and bool(before) and before[-1].text[-1:].isdigit()  # 500 мл
        if before and said and not is_size and last.left - before[-1].right > 1.2 * last.height:
            rest = tuple(word for word in name.words if word is not last)
            return {Role.NAME: replace(name, words=rest), Role.UNIT: Slot(last, (last,))}
    return {}


def _inner(slot: Slot, table: Table, row: Sequence[Slot]) -> Cell:
    """What to read again: a ruled cell without its rules, or the place where words should stand."""
    cell = slot.cell
    if table.is_ruled:
        return Cell(cell.left + 3, cell.top + 3, cell.right - 3, cell.bottom - 3)
    if slot.words:
        around = bounds(slot.words)
        pad = 0.35 * median(word.height for word in slot.words)
        return Cell(around.left - pad, around.top - pad, around.right + pad, around.bottom + pad)
    figures = [other for other in row if other.words and re.search(r"\d[.,]\d\d", other.text)]
    if not figures:
        return cell
    line = bounds([word for other in figures for word in other.words])
    return Cell(cell.left, line.top - 6, cell.right, line.bottom + 6)


def _evidence(texts: dict[Role, list[str]], styles: dict[Role, Style], rate: int | None, page: Page) -> Evidence:
    def figures(role: Role) -> tuple[Figure, ...]:
        found: dict[Decimal, int] = {}
        for text in texts.get(role, ()):
            for figure in figures_of(text, is_quantity=role is Role.QTY, style=styles[role]):
                found[figure.value] = min(figure.cost, found.get(figure.value, 9))
        return tuple(Figure(value, cost) for value, cost in sorted(found.items(), key=lambda item: item[1]))

    return Evidence(
        figures(Role.QTY), figures(Role.PRICE), figures(Role.SUM), figures(Role.VAT), figures(Role.GROSS),
        rate, page.is_exact,
    )  # fmt: skip


def rate_of(text: str) -> int | None:
    """The VAT rate of a cell, percent; 0 for «без НДС», None when it cannot be told."""
    if re.search(r"без|ндс", text, re.IGNORECASE):
        return 0
    match = re.search(r"\d{1,2}", digits_for(text))
    return int(match[0]) if match and int(match[0]) in VAT_RATES else None


def _built(
    verdict: Verdict, slots: dict[Role, Slot], sure: dict[Role, float], page: Page, *, named: LineRead, rate: int | None
) -> LineRead:
    def read(role: Role, value: Decimal | None) -> Read[Decimal | None]:
        slot = slots.get(role)
        return Read(value, _confidence(verdict, sure.get(role, 0.0), value), box_of(slot.cell, page) if slot else None)

    def kopecks(role: Role, value: Decimal | None) -> Read[int | None]:
        found = read(role, value)
        return Read(None if value is None else to_minor(value), found.confidence, found.box)

    has_rate = rate is not None and rate > 0
    return replace(
        named,
        unit=for_quantity(named.unit, verdict.qty),
        qty=read(Role.QTY, verdict.qty),
        price=read(Role.PRICE, verdict.price),
        sum_minor=kopecks(Role.SUM, verdict.total),
        vat_rate=Read(rate if has_rate else None, 1.0, box_of(slots[Role.RATE].cell, page) if has_rate else None),
        vat_minor=kopecks(Role.VAT, verdict.vat) if Role.VAT in slots and rate != 0 else Read(None),
        sum_with_vat_minor=kopecks(Role.GROSS, verdict.gross) if Role.GROSS in slots else Read(None),
        flags=verdict.flags,
    )


def _confidence(verdict: Verdict, sure: float, value: Decimal | None) -> float:
    if value is None:
        return 0.0
    if verdict.flags:
        return round(min(sure, 0.5), 3)
    return round(max(sure, 0.99 if verdict.confirmed else 0.97), 3) if verdict.holds else round(sure, 3)
