"""What a person puts right on a draft. Whoever changes it says which version they saw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.inventory.drafts import repository
from salon.inventory.drafts.domain.drafts import (
    MAX_LINES,
    Draft,
    DraftLine,
    HeaderDetails,
    LineDetails,
    NewItem,
    check_expiry,
)
from salon.inventory.drafts.domain.matching import MatchMethod
from salon.inventory.drafts.domain.twins import find_twin
from salon.inventory.drafts.domain.views import DraftView
from salon.inventory.drafts.errors import InvoiceLineNotFound, LineSenseless, TooManyLines
from salon.inventory.drafts.use_cases.finding import Finder, alike, find_supplier, held_of_new
from salon.inventory.drafts.use_cases.reading import get_invoice
from salon.inventory.items import use_cases as items
from salon.inventory.items.errors import ItemNotFound
from salon.platform.db import WriteSession
from salon.platform.ids import new_id

_FIGURES = (
    "item_id", "quantity", "base_per_unit", "price", "sum_minor", "vat_minor", "sum_with_vat_minor", "is_excluded",
    "lot", "expires_on",
)  # fmt: skip
"""What decides how much comes in, and at what cost: the audit log keeps it as it was and as it is."""


def change_header(
    session: WriteSession, draft_id: UUID, details: HeaderDetails, *, version: int, actor: Actor, now: datetime
) -> DraftView:
    """Say who sold, under which number, when, and for how much.

    Another supplier calls things by other names: the lines that nobody has decided on are matched anew.

    Raises:
        InvoiceNotFound, InvoiceSettled, InvoiceOutdated: there is no such draft to change.
    """
    draft = _open(session, draft_id, version)
    supplier = find_supplier(session, details.supplier_name, details.supplier_inn)
    supplier_id = supplier.id if supplier is not None else None
    changed = replace(
        draft,
        supplier_id=supplier_id,
        supplier_name=details.supplier_name.strip(),
        supplier_inn=details.supplier_inn,
        number=details.number.strip(),
        issued_on=details.issued_on,
        total_minor=details.total_minor,
    )
    twin = find_twin(changed, repository.list_twins(session, changed), alike)
    repository.put_header(session, replace(changed, duplicate_of=twin.id if twin is not None else None))
    if supplier_id != draft.supplier_id:
        finder = Finder(session, supplier_id)
        for line in draft.lines:
            if line.match_method is not MatchMethod.PERSON and not line.takes_new and not line.is_checked:
                repository.put_line(session, finder.settle(line))
    changes = _differences(draft, changed, ("total_minor", "supplier_id", "issued_on"))
    return _changed(session, draft, "invoice.header_changed", actor, now, changes=changes)


def change_line(
    session: WriteSession,
    draft_id: UUID,
    line_id: UUID,
    details: LineDetails,
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> DraftView:
    """Say what a line is. Without an item, a line whose name or unit changed is matched anew.

    Raises:
        InvoiceNotFound, InvoiceSettled, InvoiceOutdated: there is no such draft to change.
        InvoiceLineNotFound: it has no such line.
        ItemNotFound: there is no such item, or it is archived.
        LineSenseless: its goods keep for longer than any do.
    """
    draft = _open(session, draft_id, version)
    line = _decided(session, draft, _line_of(draft, line_id), details)
    repository.put_line(session, line)
    changes = _differences(_line_of(draft, line_id), line, _FIGURES)
    return _changed(session, draft, "invoice.line_changed", actor, now, line_id=line_id, changes=changes)


def accept_proposal(
    session: WriteSession, draft_id: UUID, line_id: UUID, *, version: int, actor: Actor, now: datetime
) -> DraftView:
    """Take the new item that is proposed for a line; it is made when the invoice is confirmed.

    Raises:
        InvoiceNotFound, InvoiceSettled, InvoiceOutdated: there is no such draft to change.
        InvoiceLineNotFound: it has no such line.
        LineSenseless: nothing is proposed for it.
    """
    draft = _open(session, draft_id, version)
    line = _line_of(draft, line_id)
    if line.proposal is None:
        raise LineSenseless("Nothing is proposed for this line.")
    held = line.base_per_unit
    if line.item_id is not None:  # what was known is of the item that it was taken for
        held = held_of_new(line)
    repository.put_line(
        session, replace(line, item_id=None, takes_new=True, base_per_unit=held, match_method=MatchMethod.NEW)
    )
    return _changed(session, draft, "invoice.proposal_accepted", actor, now, line_id=line_id)


def add_line(
    session: WriteSession, draft_id: UUID, details: LineDetails, *, version: int, actor: Actor, now: datetime
) -> DraftView:
    """Add a line that was overlooked.

    Raises:
        InvoiceNotFound, InvoiceSettled, InvoiceOutdated: there is no such draft to change.
        TooManyLines: it has as many as it may have.
        ItemNotFound: there is no such item, or it is archived.
        LineSenseless: its goods keep for longer than any do.
    """
    draft = _open(session, draft_id, version)
    if len(draft.lines) >= MAX_LINES:
        raise TooManyLines(MAX_LINES)
    position = max((line.position for line in draft.lines), default=0) + 1
    line = DraftLine(id=new_id(), position=position, read=None, name="")
    repository.add_line(session, draft_id, _decided(session, draft, line, details))
    return _changed(session, draft, "invoice.line_added", actor, now, line_id=line.id)


def remove_line(
    session: WriteSession, draft_id: UUID, line_id: UUID, *, version: int, actor: Actor, now: datetime
) -> DraftView:
    """Take out a line that is not on the paper. What is on it, and not for the stock, is excluded instead.

    Raises:
        InvoiceNotFound, InvoiceSettled, InvoiceOutdated: there is no such draft to change.
        InvoiceLineNotFound: it has no such line.
    """
    draft = _open(session, draft_id, version)
    line = _line_of(draft, line_id)
    repository.remove_line(session, draft_id, line_id)
    if line.read is not None:
        repository.note_spurious(session, draft_id)
    gone = {name: getattr(line, name) for name in _FIGURES}
    return _changed(session, draft, "invoice.line_removed", actor, now, line_id=line_id, was=gone)


def _open(session: WriteSession, draft_id: UUID, version: int) -> Draft:
    draft = repository.lock_draft(session, draft_id)
    draft.check_open(version)
    return draft


def _line_of(draft: Draft, line_id: UUID) -> DraftLine:
    for line in draft.lines:
        if line.id == line_id:
            return line
    raise InvoiceLineNotFound(line_id)


def _decided(session: WriteSession, draft: Draft, line: DraftLine, details: LineDetails) -> DraftLine:
    """The line as a person says it is, with what they left to be found out."""
    if details.item_id is not None and not items.get_item(session, details.item_id).is_active:
        raise ItemNotFound(details.item_id)
    check_expiry(details.expires_on, on=draft.created_at.date())
    is_renamed = (details.name.strip(), details.unit.strip()) != (line.name, line.unit)
    said = replace(
        line,
        name=details.name.strip(),
        unit=details.unit.strip(),
        quantity=details.quantity,
        price=details.price,
        sum_minor=details.sum_minor,
        vat_rate=details.vat_rate,
        vat_minor=details.vat_minor,
        sum_with_vat_minor=details.sum_with_vat_minor,
        is_checked=details.is_checked,
        is_excluded=details.is_excluded,
        lot=details.lot.strip(),
        expires_on=details.expires_on,
    )
    if details.item_id is None and details.new_item is None:
        if is_renamed or line.item_id is not None or line.takes_new:
            return _asked_anew(session, draft, line, said, is_renamed=is_renamed)
        return replace(said, base_per_unit=details.base_per_unit or line.base_per_unit)
    taken = _taken(said, details.item_id, details.new_item)
    held = details.base_per_unit
    if held is None:
        held = held_of_new(taken) if taken.item_id is None else _held(session, draft, taken)
    return replace(taken, base_per_unit=held)


def _asked_anew(
    session: WriteSession, draft: Draft, line: DraftLine, said: DraftLine, *, is_renamed: bool
) -> DraftLine:
    """Nobody says which item it is: the new name may; without one, what it was taken for is not it."""
    found = Finder(session, draft.supplier_id).settle(said)
    if not is_renamed or found.item_id == line.item_id:
        found = replace(found, item_id=None, match_method=MatchMethod.NONE, base_per_unit=None)
    return replace(found, name=said.name, unit=said.unit, flags=said.flags)


def _held(session: WriteSession, draft: Draft, line: DraftLine) -> Decimal | None:
    return Finder(session, draft.supplier_id, only=line.item_id).per_unit(line)


def _taken(line: DraftLine, item_id: UUID | None, new_item: NewItem | None) -> DraftLine:
    if new_item is not None:
        return replace(line, item_id=None, proposal=new_item, takes_new=True, match_method=MatchMethod.NEW)
    is_as_found = item_id == line.item_id and line.match_method is not MatchMethod.NONE
    method = line.match_method if is_as_found else MatchMethod.PERSON
    confidence = line.match_confidence if is_as_found else None
    return replace(line, item_id=item_id, takes_new=False, match_method=method, match_confidence=confidence)


def _differences(before: Draft | DraftLine, after: Draft | DraftLine, names: Iterable[str]) -> dict[str, list[object]]:
    """[before, after] of what is another now: whoever receives less than was delivered changes the paper to match."""
    pairs = {name: [getattr(before, name), getattr(after, name)] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _changed(
    session: WriteSession, draft: Draft, action: str, actor: Actor, now: datetime, **data: object
) -> DraftView:
    repository.touch(session, draft.id)
    record_audit(session, action=action, subject="invoice_draft", subject_id=draft.id, actor=actor, now=now, data=data)
    return get_invoice(session, draft.id)
