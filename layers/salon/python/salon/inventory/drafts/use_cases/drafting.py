"""From what was read to a draft that a person can look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import zip_longest
from typing import Any
from uuid import UUID

from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.intake.documents.codec import to_json
from salon.intake.documents.domain import Flag, LineRead, RecognisedDocument
from salon.intake.inference.domain import BaseUnit, Category, LinePrediction
from salon.inventory.drafts import repository
from salon.inventory.drafts.domain.drafts import (
    LIVE,
    MAX_LINES,
    MAX_NUMBER_CHARS,
    MAX_PRICE,
    MAX_QUANTITY,
    MAX_SUM_MINOR,
    MAX_SUPPLIER_CHARS,
    MAX_VAT_RATE,
    PRICE_STEP,
    Draft,
    DraftLine,
    DraftStatus,
)
from salon.inventory.drafts.domain.names import MAX_NAME_CHARS
from salon.inventory.drafts.domain.twins import find_twin
from salon.inventory.drafts.domain.units import MAX_UNIT_CHARS, QUANTITY_STEP
from salon.inventory.drafts.errors import InvoiceStillStands
from salon.inventory.drafts.events import InvoiceDrafted
from salon.inventory.drafts.use_cases.finding import Finder, alike, find_supplier
from salon.platform.db import WriteSession
from salon.platform.errors import SalonError
from salon.platform.ids import new_id
from salon.platform.names import is_visible
from salon.platform.outbox import emit

_DIGITS = frozenset("0123456789")  # `isdigit` takes those of other scripts as well


def draft_from_result(
    session: WriteSession,
    *,
    job_id: UUID,
    result_id: UUID,
    document: RecognisedDocument,
    predictions: Sequence[LinePrediction],
    actor: Actor,
    now: datetime,
) -> UUID:
    """Make the draft of what a job has read, in the transaction that stores the result; its id.

    A job has its draft made once, whatever has become of it since. Lines are matched to the items that there are; what
    is not certain is left open. Nothing reaches the ledger.

    Args:
        session: that transaction.
        job_id: the job.
        result_id: what it came to.
        document: what was read.
        predictions: one for each line, in their order; none where nobody predicts.
        actor: who handed the document in.
        now: the current instant.
    """
    present = repository.find_of_job(session, job_id)
    if present is not None:
        return present
    draft = _draft(
        session,
        job_id=job_id,
        result_id=result_id,
        revision=1,
        document=document,
        predictions=predictions,
        now=now,
    )
    if not repository.add_draft(session, draft):
        other = repository.find_of_job(session, job_id)
        if other is None:
            raise SalonError(f"The draft of job {job_id} was there and then was not.")
        return other
    _tell(session, draft, actor, now)
    return draft.id


def draft_again(session: WriteSession, draft_id: UUID, *, actor: Actor, now: datetime) -> UUID:
    """Begin anew with what was read, after the draft was reversed or discarded; the new draft's id.

    Raises:
        InvoiceNotFound: there is none.
        InvoiceStillStands: it, or a later one of the same document, is open or confirmed.
    """
    from salon.intake.use_cases.jobs import get_result  # a tenth of a start, for what is done once a month

    before = repository.lock_draft(session, draft_id)
    latest_id = repository.find_of_job(session, before.job_id)
    latest = before if latest_id in (None, draft_id) else repository.get_draft(session, latest_id)
    if latest.status in LIVE:
        raise InvoiceStillStands(latest.id)
    result = get_result(session, before.result_id)
    predictions = [prediction_of(stored) for stored in result.predictions]
    draft = _draft(
        session,
        job_id=before.job_id,
        result_id=before.result_id,
        revision=latest.revision + 1,
        document=result.document,
        predictions=predictions,
        now=now,
    )
    if not repository.add_draft(session, draft):
        raise InvoiceStillStands(latest.id)
    _tell(session, draft, actor, now)
    return draft.id


def prediction_of(stored: Mapping[str, Any]) -> LinePrediction:
    """A prediction as `intake` keeps it."""
    pack = stored["pack_quantity"]
    return LinePrediction(
        **{
            **stored,
            "category": Category(stored["category"]),
            "base_unit": BaseUnit(stored["base_unit"]),
            "pack_quantity": Decimal(pack) if pack is not None else None,
        }
    )


def _tell(session: WriteSession, draft: Draft, actor: Actor, now: datetime) -> None:
    emit(
        session,
        InvoiceDrafted(occurred_at=now, draft_id=draft.id, job_id=draft.job_id, duplicate_of=draft.duplicate_of),
    )
    record_audit(
        session,
        action="invoice.drafted",
        subject="invoice_draft",
        subject_id=draft.id,
        actor=actor,
        now=now,
        data={"job_id": draft.job_id, "revision": draft.revision, "lines": len(draft.lines)},
    )


def _draft(
    session: WriteSession,
    *,
    job_id: UUID,
    result_id: UUID,
    revision: int,
    document: RecognisedDocument,
    predictions: Sequence[LinePrediction],
    now: datetime,
) -> Draft:
    name = _text(document.supplier.name.value, MAX_SUPPLIER_CHARS)
    inn = "".join(letter for letter in document.supplier.inn.value or "" if letter in _DIGITS)[:12]
    supplier = find_supplier(session, name, inn)
    stored = _storable(to_json(document) | {"full_text": ""})
    items = stored.pop("items")
    finder = Finder(session, supplier.id if supplier is not None else None)
    lines = [
        finder.settle(_line(position, line, item), prediction)
        for position, (line, item, prediction) in enumerate(
            zip_longest(document.lines[:MAX_LINES], items[:MAX_LINES], predictions[: len(items[:MAX_LINES])]), start=1
        )
    ]
    flags = [*document.flags, *document.number.flags, *document.date.flags]
    flags += [*document.supplier.name.flags, *document.supplier.inn.flags, *document.total_minor.flags]
    if len(document.lines) > MAX_LINES:
        flags.append(Flag.LINES_MISSING)
    qr = document.qr
    draft = Draft(
        id=new_id(),
        job_id=job_id,
        result_id=result_id,
        revision=revision,
        version=1,
        status=DraftStatus.DRAFT,
        kind=document.kind.value,
        source=document.source.value,
        read=stored,
        flags=tuple(dict.fromkeys(flag.value for flag in flags)),
        page_count=len(document.pages),
        supplier_id=supplier.id if supplier is not None else None,
        supplier_name=name,
        supplier_inn=inn,
        number=_text(document.number.value or "", MAX_NUMBER_CHARS),
        fiscal_key=f"{qr.fn}:{qr.document}:{qr.sign}" if qr is not None else None,
        issued_on=document.date.value,
        total_minor=_sum(document.total_minor.value),
        vat_total_minor=_sum(document.vat_total_minor.value),
        location_id=None,
        duplicate_of=None,
        accuracy={},
        created_at=now,
        closed_at=None,
        closed_by=None,
        lines=tuple(lines),
    )
    twin = find_twin(draft, repository.list_twins(session, draft), alike)
    return replace(draft, duplicate_of=twin.id if twin is not None else None)


def _line(position: int, line: LineRead, stored: Mapping[str, Any]) -> DraftLine:
    rate = line.vat_rate.value
    return DraftLine(
        id=new_id(),
        position=position,
        read=stored,
        flags=tuple(flag.value for flag in line.all_flags),
        name=_text(line.name.value, MAX_NAME_CHARS) or f"№ {line.n}",
        unit=_text(line.unit.value, MAX_UNIT_CHARS),
        quantity=_figure(line.qty.value, MAX_QUANTITY, QUANTITY_STEP) or None,
        price=_figure(line.price.value, MAX_PRICE, PRICE_STEP),
        sum_minor=_sum(line.sum_minor.value),
        vat_rate=rate if rate is not None and 0 <= rate <= MAX_VAT_RATE else None,
        vat_minor=_sum(line.vat_minor.value),
        sum_with_vat_minor=_sum(line.sum_with_vat_minor.value),
    )


def _figure(read: Decimal | None, most: Decimal, step: Decimal) -> Decimal | None:
    """The figure as the stock can hold it; None for what cannot be one."""
    if read is None or not read.is_finite() or not 0 <= read <= most:
        return None
    return read.quantize(step, ROUND_HALF_EVEN)


def _sum(read: int | None) -> int | None:
    return read if read is not None and 0 <= read <= MAX_SUM_MINOR else None


def _text(read: str, most: int) -> str:
    text = str(_storable(read)).strip()[:most].strip()
    return text if is_visible(text) else ""


def _storable(value: Any) -> Any:
    """The same without what PostgreSQL takes in no text: a PDF's letters may be anything."""
    if isinstance(value, str):
        return "".join(letter for letter in value if letter != "\x00" and not "\ud800" <= letter <= "\udfff")
    if isinstance(value, dict):
        return {name: _storable(content) for name, content in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list) else value
