"""From pages of words to a document, with everything it says about itself checked against each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from salon.intake.documents.domain import (
    DocumentKind,
    FiscalCode,
    Flag,
    LineRead,
    PageInfo,
    Read,
    RecognisedDocument,
    SourceKind,
)
from salon.intake.documents.parsing.amounts import kopecks_in_words
from salon.intake.documents.parsing.boxed import boxed_number
from salon.intake.documents.parsing.figures import clean, readings
from salon.intake.documents.parsing.header import Header, carriage_in, header_of, totals_in
from salon.intake.documents.parsing.judge import Evidence
from salon.intake.documents.parsing.lines import Style, figures_of, lines_of, style_of
from salon.intake.documents.parsing.loose import loose_table
from salon.intake.documents.parsing.names import Reread, box_of
from salon.intake.documents.parsing.receipts import receipt_lines
from salon.intake.documents.parsing.reconcile import Target, has_its_taxes, is_witnessed, reconciled, says_one_thing
from salon.intake.documents.parsing.roles import Role, Roles, roles_of
from salon.intake.documents.parsing.rows import rows_of
from salon.intake.documents.parsing.stuck import unstuck
from salon.intake.documents.parsing.tables import Table, ruled_table
from salon.intake.documents.parsing.words import Cell, Hint, Page
from salon.platform.money import to_minor

Totals = tuple[tuple[int, Read[int | None]], ...]
_NAMED = re.compile(r"наименований\D{0,3}(\d{1,3})\b", re.IGNORECASE)
_SOFT = frozenset({Flag.CORRECTED, Flag.UNVERIFIED})


@dataclass(frozen=True, slots=True)
class PageLines:
    """What one page gave.

    Attributes:
        totals: candidates for the document's total, with ranks.
        vat_totals: for its VAT.
        net_totals: for its sum without VAT.
        is_receipt: whether it is a till's.
        evidence: what each line was made of.
        number: the document's, where it stands in a box of its own.
    """

    lines: tuple[LineRead, ...]
    totals: Totals
    vat_totals: tuple[int, ...] = ()
    net_totals: tuple[int, ...] = ()
    is_receipt: bool = False
    evidence: tuple[Evidence, ...] = ()
    number: Read[str | None] | None = None


def read_page(page: Page, reread: Reread | None, *, first: int = 1) -> PageLines:
    """The lines and totals of a page.

    Args:
        page: its words.
        reread: reads cells again.
        first: number of its first line.
    """
    reread = _remembering(reread) if reread else None
    return replace(_read_page(page, reread, first), number=boxed_number(page, reread))


def _read_page(page: Page, reread: Reread | None, first: int) -> PageLines:
    rows = rows_of(page.words)
    named: Totals = tuple(totals_in(page, rows))
    tables = [ruled_table(page)] if page.grid else []
    for table in tables:
        found = _from_table(table, page, reread, first, named) if table else None
        if found:
            return replace(found, totals=(*found.totals, *named))
    receipt = receipt_lines(page, reread)
    loose = loose_table(page)
    loose = (unstuck(loose) or loose) if loose else None
    found = _from_table(loose, page, reread, first, named) if loose else None
    if receipt and (found is None or len(receipt) >= len(found.lines)):
        lines, evidence = zip(*receipt, strict=True)
        return PageLines(lines, named, is_receipt=True, evidence=evidence)
    return replace(found, totals=(*found.totals, *named)) if found else PageLines((), named)


def _remembering(reread: Reread) -> Reread:
    """Reads no cell twice."""
    known: dict[tuple[Cell, Hint], tuple[str, float]] = {}

    def read(cells: Sequence[tuple[Cell, Hint]]) -> Sequence[tuple[str, float]]:
        unknown = [cell for cell in cells if cell not in known]
        known.update(zip(unknown, reread(unknown) if unknown else (), strict=True))
        return [known[cell] for cell in cells]

    return read


def _from_table(table: Table | None, page: Page, reread: Reread | None, first: int, named: Totals) -> PageLines | None:
    if table is None or not table.rows:
        return None
    roles = roles_of(table)
    if Role.SUM not in roles:
        return None
    found = _lines_and_totals(table, roles, page, reread, first, kopecks=False)
    if found is None or page.is_exact or _adds_up(found, named):
        return found
    other = _lines_and_totals(table, roles, page, reread, first, kopecks=True)
    return other if other and _adds_up(other, named) else found


def _adds_up(found: PageLines, named: Totals) -> bool:
    amounts = [line.amount_minor for line in found.lines]
    return None not in amounts and sum(value or 0 for value in amounts) in {
        read.value for _, read in (*found.totals, *named)
    }


def _lines_and_totals(
    table: Table, roles: Roles, page: Page, reread: Reread | None, first: int, *, kopecks: bool
) -> PageLines | None:
    made = lines_of(table, roles, page, reread, first=first, kopecks=kopecks)
    if not made:
        return None
    lines, evidence = zip(*made, strict=True)
    column = roles.get(Role.GROSS, roles[Role.SUM])
    style = style_of([row[column].text for row in table.rows])  # «5141081» under «4591,42» has lost its point, too
    totals = [
        (3, Read(value, 0.9, box_of(row[column].cell, page)))
        for row in table.totals
        if (value := _figure(row[column].text, style)) is not None
    ]
    return PageLines(
        lines,
        tuple(totals),
        _column_totals(table, roles, Role.VAT),
        _column_totals(table, roles, Role.SUM),
        evidence=evidence,
    )


def _column_totals(table: Table, roles: Roles, role: Role) -> tuple[int, ...]:
    if role not in roles:
        return ()
    return tuple(value for row in table.totals if (value := _figure(row[roles[role]].text)) is not None)


def _figure(text: str, style: Style | None = None) -> int | None:
    bare = clean(text)
    found = figures_of(bare, is_quantity=False, style=style) if style else readings(bare, is_quantity=False)
    return to_minor(found[0].value) if found else None


def assemble(
    pages: Sequence[Page],
    parts: Sequence[PageLines],
    *,
    infos: Sequence[PageInfo],
    qr: FiscalCode | None,
    source: SourceKind,
    engine: str,
    engine_version: str,
) -> RecognisedDocument:
    """The document of these pages."""
    first = pages[0]
    rows = rows_of(first.words)
    is_receipt = qr is not None or (bool(parts) and parts[0].is_receipt)
    header = header_of(first, rows, is_receipt=is_receipt)
    lines = [line for part in parts for line in part.lines]
    text = "\n".join(row.text for page in pages for row in rows_of(page.words))
    evidence = [each for part in parts for each in part.evidence]
    nets = [value for part in parts for value in part.net_totals]
    told = _targets(parts, text, qr, nets)
    before = lines
    lines, by = reconciled(before, evidence, [target for target, _ in told])
    total, flags, confirmed = _total(lines, parts, text, qr)
    by_net = False
    if lines and None not in (summed := [line.sum_minor.value for line in lines]):
        by_net = sum(value or 0 for value in summed) in nets
        confirmed = confirmed or by_net
    mended = any(line is not read for line, read in zip(lines, before, strict=True))
    if by is not None and mended:
        confirmed = confirmed and dict(told)[by] > 1  # one reading of a total puts right, but proves nothing
    if (named := _NAMED.search(text)) and int(named[1]) > len(lines):
        flags.append(Flag.LINES_MISSING)
    lines = [
        _settled(
            replace(line, n=i),
            confirmed=confirmed and (by_net or has_its_taxes(line)) and not (mended and says_one_thing(line)),
            exact=first.is_exact,
        )
        for i, line in enumerate(lines, 1)
    ]
    vats = [value for part in parts for value in part.vat_totals]
    known_vat = [line.vat_minor.value for line in lines if line.vat_minor.value is not None]
    vat = next((value for value in vats if value == sum(known_vat)), vats[-1] if vats else None)
    return RecognisedDocument(
        kind=header.kind if header.kind is not DocumentKind.CASH_RECEIPT or is_receipt else DocumentKind.UNKNOWN,
        number=(parts[0].number if parts else None) or header.number,
        date=_date_of(header, qr),
        supplier=header.supplier,
        lines=tuple(lines),
        total_minor=total,
        vat_total_minor=Read(vat, 0.9 if vat is not None else 0.0),
        qr=qr,
        full_text=text,
        flags=tuple(flags),
        pages=tuple(infos),
        source=source,
        engine=engine,
        engine_version=engine_version,
    )


def _date_of(header: Header, qr: FiscalCode | None) -> Read[date | None]:
    """The fiscal code's day: it has no misread digits."""
    return Read(date.fromisoformat(qr.at[:10]), 0.99, header.date.box) if qr else header.date


def is_said_by(total: int, words: int) -> bool:
    """Whether kopecks in words say the total, or its end: a stamp lies where the words begin."""
    return any(total % (100 * 10**digits) == words for digits in range(1, len(str(total))))


def _total(
    lines: Sequence[LineRead], parts: Sequence[PageLines], text: str, qr: FiscalCode | None
) -> tuple[Read[int | None], list[Flag], bool]:
    """The total, what is odd about it, and whether lines make it."""
    amounts = [line.amount_minor for line in lines]
    computed = sum(amount or 0 for amount in amounts) if lines and None not in amounts else None
    candidates = [item for part in parts for item in part.totals]
    words = kopecks_in_words(text)
    flags: list[Flag] = []
    confirming = _confirming(computed, candidates, text) if computed is not None else []
    if computed is not None and qr is not None and qr.sum_minor == computed:
        return (confirming[0] if confirming else Read(computed, 0.99)), flags, True
    if confirming:
        if words is not None and not is_said_by(confirming[0].value or 0, words):
            flags.append(Flag.WORDS_MISMATCH)
        if qr is not None:
            flags.append(Flag.QR_MISMATCH)
        return replace(confirming[0], confidence=0.99), flags, True
    if computed is not None and words == computed:
        return Read(computed, 0.95), flags, True
    if qr is not None:
        return Read(qr.sum_minor, 0.99), [Flag.TOTAL_MISMATCH], False
    if words is not None and any(read.value == words for _, read in candidates):
        return Read(words, 0.97), [Flag.TOTAL_MISMATCH], False
    if not candidates:
        return (
            Read(words, 0.6 if words is not None else 0.0),
            [Flag.TOTAL_MISSING if words is None else Flag.TOTAL_MISMATCH],
            False,
        )
    _, best = max(candidates, key=lambda item: (item[0], sum(item[1].value == other.value for _, other in candidates)))
    return replace(best, confidence=min(best.confidence, 0.8)), [Flag.TOTAL_MISMATCH], False


def _confirming(computed: int, candidates: Sequence[tuple[int, Read[int | None]]], text: str) -> list[Read[int | None]]:
    """Totals that the lines make: with the delivery, where they make one so, for that is what is paid."""
    carriage = carriage_in(text)
    sums = (computed + carriage, computed) if carriage else (computed,)
    return [read for value in sums for _, read in candidates if read.value == value]


def _targets(
    parts: Sequence[PageLines], text: str, qr: FiscalCode | None, nets: Sequence[int]
) -> list[tuple[Target, int]]:
    """Totals that the document tells, with how many places tell them; the most trusted first."""
    told: Counter[Target] = Counter()
    if qr is not None:
        told[Target(qr.sum_minor)] += 3
    words = kopecks_in_words(text)
    if words:
        told[Target(words)] += 2
    told.update(Target(read.value) for part in parts for _, read in part.totals if read.value)
    told.update(Target(value, is_net=True) for value in nets if value)
    return told.most_common()


def _settled(line: LineRead, *, confirmed: bool, exact: bool) -> LineRead:
    """A correction stands when the line's arithmetic and the document's total both confirm it.

    Without the total a line stands only if VAT and the sum with it are a second equation; otherwise a person looks.
    """
    if confirmed:
        return replace(line, flags=tuple(flag for flag in line.flags if flag not in _SOFT)) if line.flags else line
    if line.flags or (is_witnessed(line) and (exact or _has_points(line))):
        return line
    return replace(line, flags=(Flag.UNVERIFIED,))


def _has_points(line: LineRead) -> bool:
    """Whether a sum of it has kopecks: where the points of a whole row were lost, its equations hold all the same."""
    sums = (line.sum_minor.value, line.vat_minor.value, line.sum_with_vat_minor.value)
    return any(value is not None and value % 100 for value in sums)
