"""From pages of words to a document, with everything it says about itself checked against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from salon.intake.documents.parsing.figures import clean, minor, readings
from salon.intake.documents.parsing.header import header_of, totals_in
from salon.intake.documents.parsing.lines import Reread, box_of, lines_of
from salon.intake.documents.parsing.receipts import receipt_lines
from salon.intake.documents.parsing.roles import Role, Roles, roles_of
from salon.intake.documents.parsing.rows import rows_of
from salon.intake.documents.parsing.tables import Table, loose_table, ruled_table
from salon.intake.documents.parsing.words import Page

_SOFT = frozenset({Flag.CORRECTED, Flag.UNVERIFIED})


@dataclass(frozen=True, slots=True)
class PageLines:
    """What one page gave.

    Attributes:
        totals: candidates for the document's total, with ranks.
        vat_totals: for its VAT.
        net_totals: for its sum without VAT.
        is_receipt: whether it is a till's.
    """

    lines: tuple[LineRead, ...]
    totals: tuple[tuple[int, Read[int | None]], ...]
    vat_totals: tuple[int, ...] = ()
    net_totals: tuple[int, ...] = ()
    is_receipt: bool = False


def read_page(page: Page, reread: Reread | None, *, first: int = 1) -> PageLines:
    """The lines and totals of a page.

    Args:
        page: its words.
        reread: reads cells again.
        first: number of its first line.
    """
    rows = rows_of(page.words)
    named = tuple(totals_in(page, rows))
    tables = [ruled_table(page)] if page.grid else []
    for table in tables:
        found = _from_table(table, page, reread, first) if table else None
        if found:
            return replace(found, totals=(*found.totals, *named))
    receipt = receipt_lines(page, reread)
    loose = loose_table(page)
    found = _from_table(loose, page, reread, first) if loose else None
    if receipt and (found is None or len(receipt) >= len(found.lines)):
        return PageLines(tuple(receipt), named, is_receipt=True)
    return replace(found, totals=(*found.totals, *named)) if found else PageLines((), named)


def _from_table(table: Table | None, page: Page, reread: Reread | None, first: int) -> PageLines | None:
    if table is None or not table.rows:
        return None
    roles = roles_of(table)
    if Role.SUM not in roles:
        return None
    lines = lines_of(table, roles, page, reread, first=first)
    if not lines:
        return None
    column = roles.get(Role.GROSS, roles[Role.SUM])
    totals = [
        (3, Read(value, 0.9, box_of(row[column].cell, page)))
        for row in table.totals
        if (value := _figure(row[column].text)) is not None
    ]
    return PageLines(
        tuple(lines),
        tuple(totals),
        _column_totals(table, roles, Role.VAT),
        _column_totals(table, roles, Role.SUM),
    )


def _column_totals(table: Table, roles: Roles, role: Role) -> tuple[int, ...]:
    if role not in roles:
        return ()
    return tuple(value for row in table.totals if (value := _figure(row[roles[role]].text)) is not None)


def _figure(text: str) -> int | None:
    found = readings(clean(text), is_quantity=False)
    return minor(found[0].value) if found else None


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
    total, flags, confirmed = _total(lines, parts, text, qr)
    nets = [value for part in parts for value in part.net_totals]
    summed = [line.sum_minor.value for line in lines]
    if lines and None not in summed and sum(value or 0 for value in summed) in nets:
        confirmed = True
    lines = [_settled(replace(line, n=i), confirmed=confirmed) for i, line in enumerate(lines, 1)]
    vats = [value for part in parts for value in part.vat_totals]
    known_vat = [line.vat_minor.value for line in lines if line.vat_minor.value is not None]
    vat = next((value for value in vats if value == sum(known_vat)), vats[-1] if vats else None)
    return RecognisedDocument(
        kind=header.kind if header.kind is not DocumentKind.CASH_RECEIPT or is_receipt else DocumentKind.UNKNOWN,
        number=header.number,
        date=header.date,
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


def _total(
    lines: Sequence[LineRead], parts: Sequence[PageLines], text: str, qr: FiscalCode | None
) -> tuple[Read[int | None], list[Flag], bool]:
    """The total, what is odd about it, and whether lines make it."""
    amounts = [line.amount_minor for line in lines]
    computed = sum(amount or 0 for amount in amounts) if lines and None not in amounts else None
    candidates = [item for part in parts for item in part.totals]
    words = kopecks_in_words(text)
    flags: list[Flag] = []
    confirming = [read for _, read in candidates if read.value == computed] if computed is not None else []
    if computed is not None and qr is not None and qr.sum_minor == computed:
        return (confirming[0] if confirming else Read(computed, 0.99)), flags, True
    if confirming:
        if words is not None and words != computed:
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


def _settled(line: LineRead, *, confirmed: bool) -> LineRead:
    """A correction stands when the line's arithmetic and the document's total both confirm it."""
    if not confirmed or not line.flags:
        return line
    return replace(line, flags=tuple(flag for flag in line.flags if flag not in _SOFT))
