"""How a draft ends: confirmed, and then perhaps reversed; or discarded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from salon.catalog import use_cases as catalog
from salon.catalog.errors import LocationNotFound
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.inventory.drafts import repository
from salon.inventory.drafts.domain.accuracy import count_fields, misreadings
from salon.inventory.drafts.domain.drafts import Draft, DraftLine, DraftStatus, NewItem
from salon.inventory.drafts.domain.matching import Alias
from salon.inventory.drafts.domain.names import fold
from salon.inventory.drafts.domain.twins import find_twin
from salon.inventory.drafts.domain.units import plain_unit
from salon.inventory.drafts.domain.views import DraftView
from salon.inventory.drafts.errors import (
    InvoiceCounted,
    InvoiceDiffers,
    InvoiceDuplicate,
    InvoiceEmpty,
    InvoiceIncomplete,
    InvoiceNotConfirmed,
    InvoicePredatesCount,
)
from salon.inventory.drafts.events import InvoiceConfirmed, InvoiceReversed
from salon.inventory.drafts.use_cases.finding import alike, find_same
from salon.inventory.drafts.use_cases.reading import counted_since, get_invoice, read_policy, view_of
from salon.inventory.items import use_cases as items
from salon.inventory.items.domain import ItemDetails
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import Movement, MovementKind, Source
from salon.inventory.ledger.repository import posting
from salon.inventory.suppliers import use_cases as suppliers
from salon.inventory.suppliers.domain import SupplierDetails
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import SalonError
from salon.platform.metrics import OCR_FIELDS, Metrics
from salon.platform.outbox import emit

_T = TypeVar("_T")
SOURCE = "invoice_draft"
"""The kind of the ledger's source."""


def confirm_invoice(  # the three words of consent are the person's own
    session: WriteSession,
    draft_id: UUID,
    *,
    location_id: UUID,
    version: int,
    actor: Actor,
    now: datetime,
    despite_duplicate: bool = False,
    despite_difference: bool = False,
    despite_count: bool = False,
) -> DraftView:
    """Take an invoice into the stock of a location, once, and learn from what was corrected.

    The goods came in now, whatever the paper's day: whatever was counted before was counted without them. Where a count
    was posted on the paper's day or later, that is not sure, and whoever confirms has to say so. Locks the draft and
    its twins, then what it makes or learns, and the ledger last, so that other postings wait as short as may be.

    Args:
        session: whose transaction it is.
        draft_id: the draft.
        location_id: where the goods are.
        version: the one that the person saw.
        actor: who confirms.
        now: the current instant.
        despite_duplicate: confirm it although the same document seems to be there already.
        despite_difference: confirm it although the lines do not add up to the total.
        despite_count: confirm it although its items were counted since: the goods were not there when they were.

    Raises:
        InvoiceNotFound, InvoiceSettled, InvoiceOutdated: there is no such draft to confirm.
        LocationNotFound: no such location, or it is closed.
        InvoiceEmpty: no line would come in.
        InvoiceIncomplete: something of a line is not said, or was not looked at.
        InvoiceDuplicate, InvoiceDiffers, InvoicePredatesCount: and nobody said that it is right all the same.
        ItemNameTaken: a new item has the name of one that is there, and is another.
    """
    draft, twins = repository.lock_with_twins(session, draft_id)
    draft.check_open(version)
    if not catalog.get_location(session, location_id).is_active:
        raise LocationNotFound(location_id)
    _check_settled(view_of(session, draft))
    twin = find_twin(draft, twins, alike)
    _check_consent(draft, twin, despite_duplicate=despite_duplicate, despite_difference=despite_difference)
    _check_counted(session, draft, location_id, despite_count=despite_count)
    taken = replace(draft, location_id=location_id, duplicate_of=twin.id if twin is not None else None)
    _record_consent(session, taken, actor, now, despite_count=despite_count)
    taken = replace(taken, supplier_id=_supplier(session, draft, actor, now))
    lines = _with_items(session, draft.stock_lines, actor, now)
    _close(session, taken, lines, actor, now)
    receipts = _receipts(session, taken, lines, now)
    posting.lock_head(session)
    _check_counted(session, draft, location_id, despite_count=despite_count)  # a count may have been posted meanwhile
    ledger.post(session, receipts, actor=actor, now=now)
    return get_invoice(session, draft_id)


def reverse_invoice(
    session: WriteSession,
    draft_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    despite_count: bool = False,
) -> DraftView:
    """Take a confirmed invoice out of the stock again; the document may be drafted anew afterwards.

    Goods that never came are missing in the next count, which takes them out of the books; whoever then takes back the
    invoice, as the count's report suggests, would take them out a second time. So that needs a word of its own.

    Raises:
        InvoiceNotFound: there is none.
        InvoiceNotConfirmed: nothing of it stands in the stock.
        InvoiceCounted: a count has corrected some of it since, and nobody said that it is right all the same.
    """
    draft = repository.lock_draft(session, draft_id)
    if draft.status is not DraftStatus.CONFIRMED or draft.location_id is None:
        raise InvoiceNotConfirmed(draft_id, draft.status)
    posting.lock_head(session)  # no count is posted between looking and taking back
    counted = posting.list_counted_since(session, SOURCE, draft_id)
    if counted and not despite_count:
        raise InvoiceCounted(counted)
    record_audit(
        session,
        action="invoice.reversed",
        subject="invoice_draft",
        subject_id=draft_id,
        actor=actor,
        now=now,
        data={"despite_count": bool(counted)},
    )
    repository.put_status(session, replace(draft, status=DraftStatus.REVERSED, closed_at=now, closed_by=_name(actor)))
    emit(
        session,
        InvoiceReversed(
            occurred_at=now, draft_id=draft_id, location_id=draft.location_id, item_ids=_item_ids(draft.stock_lines)
        ),
    )
    ledger.reverse(session, Source(SOURCE, draft_id), actor=actor, now=now, note=reason)
    return get_invoice(session, draft_id)


def discard_invoice(session: WriteSession, draft_id: UUID, *, version: int, actor: Actor, now: datetime) -> DraftView:
    """Put a draft away; nothing of it comes into the stock.

    Raises:
        InvoiceNotFound, InvoiceSettled, InvoiceOutdated: there is no such draft to discard.
    """
    draft = repository.lock_draft(session, draft_id)
    draft.check_open(version)
    repository.put_status(session, replace(draft, status=DraftStatus.DISCARDED, closed_at=now, closed_by=_name(actor)))
    record_audit(
        session, action="invoice.discarded", subject="invoice_draft", subject_id=draft_id, actor=actor, now=now
    )
    return get_invoice(session, draft_id)


def count_accuracy(metrics: Metrics, view: DraftView) -> None:
    """Tell how much of a confirmed invoice was read right, field by field; call it once, after the confirmation."""
    engine = str(view.draft.read.get("engine") or "none")
    for field, counts in view.draft.accuracy.get("fields", {}).items():
        for outcome, times in counts.items():
            if times:
                metrics.count(OCR_FIELDS, times, kind=field, outcome=outcome, source=view.draft.source, model=engine)


def _check_settled(view: DraftView) -> None:
    if not view.draft.stock_lines:
        raise InvoiceEmpty(view.draft.id)
    questions = view.questions
    if questions:
        positions = {line.id: line.position for line in view.draft.lines}
        raise InvoiceIncomplete({positions[line_id]: asked for line_id, asked in questions.items()})


def _check_consent(draft: Draft, twin: Draft | None, *, despite_duplicate: bool, despite_difference: bool) -> None:
    """Refuses what looks wrong on the paper itself, unless somebody knows of that."""
    if twin is not None and not despite_duplicate:
        raise InvoiceDuplicate(twin.id)
    if draft.difference_minor and not despite_difference:
        raise InvoiceDiffers(draft.difference_minor)


def _check_counted(session: WriteSession, draft: Draft, location_id: UUID, *, despite_count: bool) -> None:
    """Refuses what was counted there since the paper's day, unless somebody knows of that."""
    counted = [one for one in counted_since(session, draft) if one.location_id == location_id]
    if counted and not despite_count:
        raise InvoicePredatesCount([one.item_id for one in counted], max(one.counted_on for one in counted))


def _record_consent(session: WriteSession, taken: Draft, actor: Actor, now: datetime, *, despite_count: bool) -> None:
    record_audit(
        session,
        action="invoice.confirmed",
        subject="invoice_draft",
        subject_id=taken.id,
        actor=actor,
        now=now,
        data={
            "location_id": taken.location_id,
            "despite_duplicate": taken.duplicate_of,
            "despite_difference": taken.difference_minor or 0,
            "despite_count": despite_count,
        },
    )


def _supplier(session: WriteSession, draft: Draft, actor: Actor, now: datetime) -> UUID | None:
    name = draft.supplier_name or (f"ИНН {draft.supplier_inn}" if draft.supplier_inn else "")
    if not name:
        return None
    details = SupplierDetails(name=name, inn=draft.supplier_inn or None)
    return suppliers.find_or_create_supplier(session, details, actor=actor, now=now).id


def _with_items(session: WriteSession, lines: Sequence[DraftLine], actor: Actor, now: datetime) -> list[DraftLine]:
    """The lines, each with an item: the accepted proposals become items, the same one once."""
    made: list[DraftLine] = []
    for line in lines:
        if not line.takes_new or line.proposal is None:
            made.append(line)
            continue
        item_id = _item_of(session, line.proposal, actor, now)
        made.append(replace(line, item_id=item_id, takes_new=False))
        repository.put_line(session, made[-1])
    return made


def _item_of(session: WriteSession, proposal: NewItem, actor: Actor, now: datetime) -> UUID:
    known = find_same(session, proposal)
    if known is not None:
        return known.id
    details = ItemDetails(
        name=proposal.name,
        base_unit=proposal.base_unit,
        pack_quantity=proposal.pack_quantity or Decimal(1),
        category=proposal.category,
        brand=proposal.brand,
    )
    return items.create_item(session, details, actor=actor, now=now).id


def _close(session: WriteSession, taken: Draft, lines: Sequence[DraftLine], actor: Actor, now: datetime) -> None:
    """The draft is confirmed: its status, how well it was read, what that teaches, and the fact."""
    confirmed = replace(
        taken,
        status=DraftStatus.CONFIRMED,
        accuracy={**taken.accuracy, "fields": count_fields(taken)},
        closed_at=now,
        closed_by=_name(actor),
    )
    repository.put_status(session, confirmed)
    _learn(session, taken.supplier_id, lines, now)
    emit(
        session,
        InvoiceConfirmed(
            occurred_at=now,
            draft_id=taken.id,
            location_id=_known(taken.location_id),
            supplier_id=taken.supplier_id,
            item_ids=_item_ids(lines),
        ),
    )


def _receipts(session: ReadSession, taken: Draft, lines: Sequence[DraftLine], now: datetime) -> list[Movement]:
    """What the lines bring into the location."""
    costing = read_policy(session).costing
    return [
        Movement(
            item_id=_known(line.item_id),
            location_id=_known(taken.location_id),
            kind=MovementKind.RECEIPT,
            quantity=_known(line.base_quantity),
            cost_minor=line.cost_minor(costing),
            batch=line.batch,
            supplier_id=taken.supplier_id,
            source=Source(SOURCE, taken.id),
            line=line.position,
            occurred_at=now,
        )
        for line in lines
    ]


def _learn(session: WriteSession, supplier_id: UUID | None, lines: Sequence[DraftLine], now: datetime) -> None:
    """Remember what the supplier's words are, as they were read and as they were put right; in one order for all."""
    aliases = {
        (raw, unit): Alias(raw, unit, line.name, _known(line.item_id), _known(line.base_per_unit))
        for line in lines
        for raw, unit in _names_of(line)
    }
    for key in sorted(aliases):
        repository.learn_alias(session, supplier_id, aliases[key], now)
    found = {(one.field, one.misread): one for line in lines for one in misreadings(line, alike)}
    for pair in sorted(found):
        repository.learn_correction(session, supplier_id, found[pair], now)


def _names_of(line: DraftLine) -> set[tuple[str, str]]:
    unit = plain_unit(line.unit)
    names = {(fold(line.name), unit)}
    if line.read is not None:
        read = fold(str(line.read.get("name") or ""))
        names |= {(read, unit), (read, plain_unit(str(line.read.get("unit") or "")))}
    return {(name, unit) for name, unit in names if name}


def _item_ids(lines: Sequence[DraftLine]) -> tuple[UUID, ...]:
    return tuple(sorted({line.item_id for line in lines if line.item_id is not None}))


def _name(actor: Actor) -> str:
    return f"{actor.kind}:{actor.id}"[:64]


def _known(value: _T | None) -> _T:
    """What was made sure of before anything was taken in."""
    if value is None:
        raise SalonError("An invoice without a location, or a line without an item or a quantity, was let through.")
    return value
