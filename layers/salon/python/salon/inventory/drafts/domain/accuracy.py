"""How much of a document was read right, and what its corrections teach. Pure.

What a person confirmed is taken for the truth: they had the picture beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from salon.inventory.drafts.domain.drafts import Draft, DraftLine, number_key
from salon.inventory.drafts.domain.matching import Similarity
from salon.inventory.drafts.domain.names import fold
from salon.inventory.drafts.domain.units import plain_unit
from salon.platform.money import to_minor

MISREAD_ALIKE = 0.5
"""Words less alike than this were not misread but written anew."""
MIN_WORD = 3


@dataclass(frozen=True, slots=True)
class Misreading:
    """What was read, folded, and what it should have been; `field` is `word` or `unit`."""

    field: str
    misread: str
    corrected: str


def count_fields(draft: Draft) -> dict[str, dict[str, int]]:
    """Of each field, how often it was read and how often that was right.

    A field that was empty on the paper, and was left so, counts for nothing; one that a person had to fill in was read
    wrong.
    """
    counts: dict[str, Counter[str]] = {}
    for field, is_right in _verdicts(draft):
        counts.setdefault(field, Counter())["right" if is_right else "wrong"] += 1
    return {field: {"right": found["right"], "wrong": found["wrong"]} for field, found in sorted(counts.items())}


def misreadings(line: DraftLine, alike: Similarity) -> Iterator[Misreading]:
    """What a person put right in a line.

    Only words without figures are learned: a shade that was misread once is another shade the next time.
    """
    if line.read is None:
        return
    read_unit, unit = plain_unit(str(line.read.get("unit") or "")), plain_unit(line.unit)
    if read_unit and unit and read_unit != unit:
        yield Misreading("unit", read_unit, line.unit)
    was, now = str(line.read.get("name") or "").split(), line.name.split()
    if len(was) != len(now):
        return
    for misread, corrected in zip(was, now, strict=True):
        before, after = fold(misread), fold(corrected)
        if before == after or not before.isalpha() or not after.isalpha() or len(after) < MIN_WORD:
            continue
        if alike(before, after) >= MISREAD_ALIKE:
            yield Misreading("word", before, corrected)


def _verdicts(draft: Draft) -> Iterator[tuple[str, bool]]:
    supplier = draft.read.get("supplier") or {}
    pairs: dict[str, tuple[Any, Any]] = {
        "supplier": (fold(supplier.get("name") or ""), fold(draft.supplier_name)),
        "inn": (supplier.get("inn") or "", draft.supplier_inn),
        "number": (number_key(draft.read.get("number") or ""), number_key(draft.number)),
        "date": (_day(draft.read.get("date")), draft.issued_on),
        "total": (_minor(draft.read.get("total")), draft.total_minor),
    }
    for line in draft.lines:
        yield "line", line.read is not None  # one that was added by hand was overlooked
        if line.read is not None:
            yield from _of_pairs(_line_pairs(line, line.read))
    yield from _of_pairs(pairs)
    for _ in range(int(draft.accuracy.get("spurious", 0))):
        yield "line", False  # it was read, and is not on the paper


def _line_pairs(line: DraftLine, read: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        "name": (fold(read.get("name") or ""), fold(line.name)),
        "unit": (plain_unit(read.get("unit") or ""), plain_unit(line.unit)),
        "quantity": (_decimal(read.get("qty")), line.quantity),
        "price": (_decimal(read.get("price")), line.price),
        "sum": (_minor(read.get("sum")), line.sum_minor),
    }


def _of_pairs(pairs: Mapping[str, tuple[Any, Any]]) -> Iterator[tuple[str, bool]]:
    for field, (read, confirmed) in pairs.items():
        if read not in (None, "") or confirmed not in (None, ""):
            yield field, read == confirmed


def _decimal(figure: object) -> Decimal | None:
    return None if figure is None else Decimal(str(figure))


def _minor(roubles: object) -> int | None:
    return None if roubles is None else to_minor(Decimal(str(roubles)))


def _day(written: object) -> date | None:
    return datetime.strptime(str(written), "%d.%m.%Y").date() if written else None  # noqa: DTZ007 - a date has no zone
