"""Suppliers' invoices: what was read from a document, corrected beside its picture, confirmed into the stock."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from salon.catalog.errors import LocationNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, ReadCall, WriteCall, changes, reads
from salon.intake.errors import ResultNotFound
from salon.inventory.drafts import use_cases as drafts
from salon.inventory.drafts.domain.drafts import DraftStatus
from salon.inventory.drafts.domain.views import DraftView
from salon.inventory.drafts.errors import (
    HeaderSenseless,
    InvoiceCounted,
    InvoiceDiffers,
    InvoiceDuplicate,
    InvoiceEmpty,
    InvoiceIncomplete,
    InvoiceLineNotFound,
    InvoiceNotConfirmed,
    InvoiceNotFound,
    InvoiceOutdated,
    InvoicePredatesCount,
    InvoiceSettled,
    InvoiceStillStands,
    LineSenseless,
    TooManyLines,
)
from salon.inventory.items import use_cases as items
from salon.inventory.items.errors import ItemNameTaken, ItemNotFound
from salon.inventory.ledger.errors import StockBeyondBelief
from salon.platform.db import tenant_of
from salon.platform.http import ApiResolver
from salon.platform.pagination import CursorInvalid, decode_cursor, encode_cursor
from staff_api.common import Made, Page
from staff_api.invoices_body import ConfirmBody, HeaderBody, LineBody, ReverseBody, VersionBody
from staff_api.invoices_view import InvoiceSummary, InvoiceView, Pictures, item_ids

ONE = "/admin/v1/invoices/<invoice_id>"
LINE = f"{ONE}/lines/<line_id>"
OPEN = (InvoiceNotFound, InvoiceSettled, InvoiceOutdated)
SAID = (*OPEN, LineSenseless, ItemNotFound)


def add_invoice_routes(resolver: ApiResolver, api: Api, pictures: Pictures) -> None:
    """`/invoices`."""
    _add_reading(resolver, api, pictures)
    _add_correcting(resolver, api)
    _add_closing(resolver, api)


def _show(call: ReadCall | WriteCall, view: DraftView, pictures: Pictures | None = None) -> InvoiceView:
    draft, tenant_id = view.draft, tenant_of(call.session)
    known = items.read_items(call.session, item_ids(draft) | {one.item_id for one in view.counted})
    address = None if pictures is None else lambda page: pictures.address(tenant_id, draft.job_id, page)
    return InvoiceView.show(view, known, call.principal, address)


def _add_reading(resolver: ApiResolver, api: Api, pictures: Pictures) -> None:
    @resolver.get("/admin/v1/invoices", tags=["invoices"], responses=reads(CursorInvalid))
    def list_invoices(
        status: Annotated[DraftStatus | None, Query()] = None,
        job_id: Annotated[UUID | None, Query(description="Those that came of this job.")] = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
    ) -> Page[InvoiceSummary]:
        with api.read(Permission.STOCK_READ) as call:
            before_id = decode_cursor(cursor, datetime)[1] if cursor is not None else None
            found = drafts.list_invoices(
                call.session, status=status, job_id=job_id, before_id=before_id, limit=limit + 1
            )
            shown = found[:limit]
            following = encode_cursor(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
            return Page(items=[InvoiceSummary.of(one, call.principal) for one in shown], next_cursor=following)

    @resolver.get(ONE, tags=["invoices"], responses=reads(InvoiceNotFound))
    def get_invoice(invoice_id: UUID) -> InvoiceView:
        with api.read(Permission.STOCK_READ) as call:
            return _show(call, drafts.get_invoice(call.session, invoice_id), pictures)


def _add_correcting(resolver: ApiResolver, api: Api) -> None:
    @resolver.put(ONE, tags=["invoices"], responses=changes(*OPEN, HeaderSenseless))
    def change_invoice(invoice_id: UUID, body: Annotated[HeaderBody, Body()]) -> InvoiceView:
        with api.write(Permission.STOCK_RECEIVE) as call:
            view = drafts.change_header(
                call.session, invoice_id, body.details(), version=body.version, actor=call.actor, now=call.now
            )
            return call.answer(_show(call, view))

    @resolver.post(
        f"{ONE}/lines", tags=["invoices"], status_code=201, responses=changes(*SAID, TooManyLines, status=201)
    )
    def add_invoice_line(invoice_id: UUID, body: Annotated[LineBody, Body()]) -> InvoiceView:
        with api.write(Permission.STOCK_RECEIVE) as call:
            view = drafts.add_line(
                call.session, invoice_id, body.details(), version=body.version, actor=call.actor, now=call.now
            )
            return call.answer(_show(call, view))

    @resolver.put(LINE, tags=["invoices"], responses=changes(*SAID, InvoiceLineNotFound))
    def change_invoice_line(invoice_id: UUID, line_id: UUID, body: Annotated[LineBody, Body()]) -> InvoiceView:
        with api.write(Permission.STOCK_RECEIVE) as call:
            view = drafts.change_line(
                call.session, invoice_id, line_id, body.details(), version=body.version, actor=call.actor, now=call.now
            )
            return call.answer(_show(call, view))

    @resolver.post(f"{LINE}/accept", tags=["invoices"], responses=changes(*OPEN, InvoiceLineNotFound, LineSenseless))
    def accept_invoice_proposal(invoice_id: UUID, line_id: UUID, body: Annotated[VersionBody, Body()]) -> InvoiceView:
        with api.write(Permission.STOCK_RECEIVE) as call:
            view = drafts.accept_proposal(
                call.session, invoice_id, line_id, version=body.version, actor=call.actor, now=call.now
            )
            return call.answer(_show(call, view))

    @resolver.delete(LINE, tags=["invoices"], responses=changes(*OPEN, InvoiceLineNotFound))
    def remove_invoice_line(invoice_id: UUID, line_id: UUID, version: Annotated[int, Query(ge=1)]) -> InvoiceView:
        with api.write(Permission.STOCK_RECEIVE) as call:
            view = drafts.remove_line(
                call.session, invoice_id, line_id, version=version, actor=call.actor, now=call.now
            )
            return call.answer(_show(call, view))


def _add_closing(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(
        f"{ONE}/confirm",
        tags=["invoices"],
        responses=changes(
            *OPEN,
            LocationNotFound,
            InvoiceEmpty,
            InvoiceIncomplete,
            InvoiceDuplicate,
            InvoiceDiffers,
            InvoicePredatesCount,
            ItemNameTaken,
            ItemNotFound,
            StockBeyondBelief,
        ),
    )
    def confirm_invoice(invoice_id: UUID, body: Annotated[ConfirmBody, Body()]) -> InvoiceView:
        with api.write(Permission.STOCK_RECEIVE) as call:
            view = drafts.confirm_invoice(call.session, invoice_id, **body.model_dump(), actor=call.actor, now=call.now)
            drafts.count_accuracy(api.metrics, view)
            return call.answer(_show(call, view))

    @resolver.post(f"{ONE}/discard", tags=["invoices"], responses=changes(*OPEN))
    def discard_invoice(invoice_id: UUID, body: Annotated[VersionBody, Body()]) -> InvoiceView:
        with api.write(Permission.STOCK_RECEIVE) as call:
            view = drafts.discard_invoice(
                call.session, invoice_id, version=body.version, actor=call.actor, now=call.now
            )
            return call.answer(_show(call, view))

    @resolver.post(
        f"{ONE}/reverse", tags=["invoices"], responses=changes(InvoiceNotFound, InvoiceNotConfirmed, InvoiceCounted)
    )
    def reverse_invoice(invoice_id: UUID, body: Annotated[ReverseBody, Body()]) -> InvoiceView:
        with api.write(Permission.STOCK_ADJUST) as call:
            view = drafts.reverse_invoice(call.session, invoice_id, **body.model_dump(), actor=call.actor, now=call.now)
            return call.answer(_show(call, view))

    @resolver.post(
        f"{ONE}/draft-again",
        tags=["invoices"],
        status_code=201,
        responses=changes(InvoiceNotFound, InvoiceStillStands, ResultNotFound, status=201),
    )
    def draft_invoice_again(invoice_id: UUID) -> Made:
        with api.write(Permission.STOCK_RECEIVE) as call:
            return call.answer(Made(id=drafts.draft_again(call.session, invoice_id, actor=call.actor, now=call.now)))
