"""What people see of an invoice."""

from __future__ import annotations

from uuid import UUID

from salon.identity.use_cases import read_settings
from salon.inventory.drafts import repository
from salon.inventory.drafts.domain.drafts import Draft, DraftStatus
from salon.inventory.drafts.domain.policy import SETTINGS, InvoicePolicy, policy_from
from salon.inventory.drafts.domain.views import CountSeen, DraftView, PriceHint, price_hint
from salon.inventory.drafts.use_cases.finding import find_same
from salon.inventory.ledger.repository import reading as ledger
from salon.platform.db import ReadSession

PAGE = 50


def get_invoice(session: ReadSession, draft_id: UUID) -> DraftView:
    """An invoice with everything that a person needs beside the picture.

    Raises:
        InvoiceNotFound: there is none.
    """
    return view_of(session, repository.get_draft(session, draft_id))


def list_invoices(
    session: ReadSession,
    *,
    status: DraftStatus | None = None,
    job_id: UUID | None = None,
    before_id: UUID | None = None,
    limit: int = PAGE,
) -> list[Draft]:
    """Invoices, the latest first; after `before_id` in that order.

    Of one job there is more than one when it was drafted again.
    """
    return repository.list_drafts(session, status=status, job_id=job_id, before_id=before_id, limit=limit)


def read_policy(session: ReadSession) -> InvoicePolicy:
    """What the salon has decided about its invoices."""
    return policy_from(read_settings(session, SETTINGS))


def view_of(session: ReadSession, draft: Draft) -> DraftView:
    """The draft beside its items' last prices and counts; what is settled already is compared with nothing."""
    if draft.status is not DraftStatus.DRAFT:
        return DraftView(draft)
    counted = counted_since(session, draft)
    item_ids = {line.item_id for line in draft.stock_lines if line.item_id is not None}
    if not item_ids:
        return DraftView(draft, counted=counted)
    last = {
        item_id: PriceHint(point.unit_cost_minor, point.unit_cost_minor, point.occurred_at, point.supplier_id, False)
        for item_id, point in ledger.list_last_prices(session, item_ids).items()
    }
    percent = read_policy(session).price_jump_percent
    hints = {
        line.id: price_hint(line, last.get(line.item_id), percent)
        for line in draft.stock_lines
        if line.item_id is not None
    }
    return DraftView(draft, {line_id: hint for line_id, hint in hints.items() if hint is not None}, counted)


def counted_since(session: ReadSession, draft: Draft) -> tuple[CountSeen, ...]:
    """Which of the items that would come in were counted since the paper's day, and where."""
    found = [find_same(session, line.proposal) for line in draft.stock_lines if line.takes_new and line.proposal]
    item_ids = {line.item_id for line in draft.stock_lines if line.item_id is not None}
    item_ids |= {item.id for item in found if item is not None}
    return tuple(repository.list_counted_since(session, item_ids, draft.paper_on)) if item_ids else ()
