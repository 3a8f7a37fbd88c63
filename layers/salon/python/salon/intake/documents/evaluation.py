"""Measures the reading against documents whose truth is known, and counts what is wrong without a flag."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from salon.intake.documents.domain import LineRead, RecognisedDocument
from salon.intake.documents.parsing.units import PIECE, unit_of
from salon.platform.money import to_minor

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".tif", ".tiff", ".pdf", ".xml"})
NAME_LIKE = 85
"""Similarity from which a name counts as read."""
_PAIRED = 60


class TruthUnreadable(ValueError):
    """A truth beside a picture does not have the documented format."""


@dataclass(slots=True)
class Figures:
    """Counts; those of two sets add up.

    Attributes:
        lines: of the truth.
        numeric: with quantity, price and sum right.
        full: with the name, too.
        units: with the unit right (`unit_right`).
        accepted: lines read that have no flag.
        wrong_unflagged: of these, with a figure or the name wrong, or which the truth does not have.
        wrong_numbers_unflagged: of these, with a figure wrong, or which the truth does not have.
        totals_right: documents with the right total.
        numbers_right: with the right number; `dates_right`, `inns_right` likewise.
        edits: characters to change in the whole text, of `characters`.
        refused: documents that were refused.
    """

    documents: int = 0
    pages: int = 0
    lines: int = 0
    numeric: int = 0
    full: int = 0
    units: int = 0
    accepted: int = 0
    wrong_unflagged: int = 0
    wrong_numbers_unflagged: int = 0
    totals_right: int = 0
    numbers_right: int = 0
    dates_right: int = 0
    inns_right: int = 0
    refused: int = 0
    edits: int = 0
    characters: int = 0
    seconds: float = 0.0

    def add(self, other: Figures) -> None:
        """Add another set."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def to_json(self) -> dict[str, Any]:
        """The documented figures, and ours."""
        return {
            "documents": self.documents,
            "lines": self.lines,
            "numeric": self.numeric,
            "full": self.full,
            "wrong_unflagged": self.wrong_unflagged,
            "totals_right": self.totals_right,
            "seconds_per_page": round(self.seconds / max(1, self.pages), 3),
            "wrong_numbers_unflagged": self.wrong_numbers_unflagged,
            "accepted": self.accepted,
            "units": self.units,
            "numbers_right": self.numbers_right,
            "dates_right": self.dates_right,
            "inns_right": self.inns_right,
            "refused": self.refused,
            "character_error_rate": round(self.edits / max(1, self.characters), 4),
        }


@dataclass(slots=True)
class Result:
    """Everything, and by kind and condition; what was missed, in words."""

    all: Figures = field(default_factory=Figures)
    by_kind: dict[str, Figures] = field(default_factory=dict)
    by_condition: dict[str, Figures] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)

    def add(self, case: Case, found: Figures, misses: list[str]) -> None:
        """Count one document."""
        self.all.add(found)
        self.by_kind.setdefault(case.kind, Figures()).add(found)
        self.by_condition.setdefault(case.condition, Figures()).add(found)
        self.misses += [f"{case.path.name}: {miss}" for miss in misses]


@dataclass(frozen=True, slots=True)
class Case:
    """A file and its truth."""

    path: Path
    truth: dict[str, Any]
    kind: str
    condition: str


def cases_in(folder: Path) -> Iterator[Case]:
    """Files with a truth beside them: `NAME.json`, or `invNN.json` for `invNN_<condition>.jpg`.

    Raises:
        TruthUnreadable: naming the file.
    """
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in SUFFIXES:
            continue
        stem, _, condition = path.stem.partition("_")
        beside = next((name for name in (path.with_suffix(".json"), folder / f"{stem}.json") if name.is_file()), None)
        if beside is None:
            continue
        try:
            truth = json.loads(beside.read_text(encoding="utf-8"))
            kind = str(truth["doc_type"])
            _ = [item["qty"] for item in truth["items"]], truth["total"]
        except (ValueError, KeyError, TypeError) as error:
            raise TruthUnreadable(f"{beside}: {error!r}") from error
        yield Case(path, truth, kind, condition or path.suffix.lstrip("."))


def compare(case: Case, document: RecognisedDocument | None, seconds: float) -> tuple[Figures, list[str]]:
    """How a document was read; None for one that was refused."""
    items = case.truth["items"]
    found = Figures(documents=1, pages=1, lines=len(items), seconds=seconds)
    if document is None:
        found.refused = 1
        return found, ["refused"]
    found.pages = max(1, len(document.pages))
    misses = _lines(found, items, document)
    found.accepted = sum(line.accepted for line in document.lines)
    found.totals_right = int(document.total_minor.value == _minor(case.truth["total"]))
    found.numbers_right = int(_same(document.number.value, case.truth.get("number")))
    on = document.date.value
    found.dates_right = int((on.strftime("%d.%m.%Y") if on else None) == case.truth.get("date"))
    found.inns_right = int(document.supplier.inn.value == (case.truth.get("supplier") or {}).get("inn"))
    text = _bare(case.truth.get("full_text") or "")
    if text:
        found.characters = len(text)
        found.edits = min(len(text), Levenshtein.distance(text, _bare(document.full_text)))
    return found, misses


def _lines(found: Figures, items: list[dict[str, Any]], document: RecognisedDocument) -> list[str]:
    misses = []
    partners = _partners(items, document.lines)
    left = [line for i, line in enumerate(document.lines) if i not in partners.values()]
    for place, item in enumerate(items):
        if place not in partners:
            misses.append(f"missing {item['name']!r}")
            continue
        line = document.lines[partners[place]]
        numeric, name = numbers_right(line, item), name_right(line, item)
        found.numeric += numeric
        found.full += numeric and name
        found.units += unit_right(line, item)
        if not (numeric and name):
            found.wrong_unflagged += line.accepted
            found.wrong_numbers_unflagged += line.accepted and not numeric
            silent = "SILENT " if line.accepted else ""
            misses.append(
                f"{silent}{item['name']!r} {item['qty']} × {item['price']} = {item['sum']} read as {line.name.value!r} "
                f"{line.qty.value} × {line.price.value} = {line.sum_minor.value} {'/'.join(line.all_flags)}"
            )
    for line in left:
        found.wrong_unflagged += line.accepted
        found.wrong_numbers_unflagged += line.accepted
        misses.append(f"{'SILENT ' if line.accepted else ''}invented {line.name.value!r} {line.sum_minor.value}")
    return misses


def _partners(items: list[dict[str, Any]], lines: tuple[LineRead, ...]) -> dict[int, int]:
    """Which line is which item: the likest pairs first."""
    pairs = sorted(
        ((_likeness(item, line) + 15 * (i == k), i, k) for i, item in enumerate(items) for k, line in enumerate(lines)),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    partners: dict[int, int] = {}
    for likeness, i, k in pairs:
        if likeness >= _PAIRED and i not in partners and k not in partners.values():
            partners[i] = k
    return partners


def _likeness(item: dict[str, Any], line: LineRead) -> float:
    return (
        fuzz.ratio(line.name.value.lower(), str(item["name"]).lower())
        + 30 * (line.sum_minor.value == _minor(item["sum"]))
        + 20 * (line.qty.value == _decimal(item["qty"]))
    )


def numbers_right(line: LineRead, item: dict[str, Any]) -> bool:
    """Whether quantity, price and sum are those of the truth."""
    price = line.price.value
    return (
        line.qty.value == _decimal(item["qty"])
        and price is not None
        and abs(price - (_decimal(item["price"]) or Decimal(0))) < Decimal("0.005")
        and line.sum_minor.value == _minor(item["sum"])
    )


def unit_right(line: LineRead, item: dict[str, Any]) -> bool:
    """Whether the unit is that of the truth, however either of them is shortened: «упак.» is «уп», «наб.» «набор».

    Where the paper prints none, as most tills do, none is right, and so is to assume whole pieces (a unit without a
    box): whoever checks such a line has nothing to change. Whatever else claims to be printed there is wrong.
    """
    told = str(item.get("unit") or "").strip()
    if not told:
        return not line.unit.value or (line.unit.value == PIECE and line.unit.box is None)
    known = unit_of(told)
    return line.unit.value == (known[0] if known and known[1] else told.rstrip("."))


def name_right(line: LineRead, item: dict[str, Any]) -> bool:
    """Whether the name is like that of the truth."""
    return fuzz.ratio(_bare(line.name.value).lower(), _bare(str(item["name"])).lower()) >= NAME_LIKE


def _bare(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _same(read: str | None, truth: object) -> bool:
    return read is not None and read == str(truth)


def _decimal(value: object) -> Decimal | None:
    try:
        return Decimal(str(value).replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        return None


def _minor(value: object) -> int | None:
    number = _decimal(value)
    return None if number is None else to_minor(number)
