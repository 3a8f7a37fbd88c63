"""The stock: items, what lies where, every movement, and what a person moves by hand. Sums need `money.read`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from salon.catalog.errors import LocationNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, WriteCall, changes, reads
from salon.identity.errors import PermissionDenied
from salon.inventory.items import use_cases as items
from salon.inventory.items.domain import Item, MinimumDetails
from salon.inventory.items.errors import (
    ItemInDraft,
    ItemInStock,
    ItemNameTaken,
    ItemNotFound,
    ItemUnitFixed,
    MinimumNotFound,
)
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import MovementFilters, MovementKind, Posted, Source
from salon.inventory.ledger.errors import (
    AlreadyReversed,
    MovedAndCounted,
    MovementNotFound,
    NotEnoughInBatch,
    NotEnoughStock,
    StockBeyondBelief,
)
from salon.inventory.suppliers import use_cases as suppliers
from salon.inventory.suppliers.domain import Supplier
from salon.inventory.suppliers.errors import SupplierNotFound, SupplierTwice
from salon.platform.errors import Invalid
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Day, Instant, Zone
from salon.platform.pagination import CursorInvalid, decode_cursor, encode_cursor
from salon.platform.timeranges import UnknownTimezone
from staff_api.common import Done, Items, Page, ZoneNeeded, instant
from staff_api.counts import hidden_from
from staff_api.stock_view import (
    BatchView,
    ItemBody,
    MinimumBody,
    MovementView,
    OnHandView,
    PostedView,
    PriceView,
    PurchaseView,
    SupplierBody,
    TransferBody,
    UndoBody,
    WriteOffBody,
)

ITEM = "/admin/v1/stock/items/<item_id>"
SUPPLIER = "/admin/v1/stock/suppliers/<supplier_id>"
MAX_SEQ_DIGITS = 18
Limit = Annotated[int, Query(ge=1, le=200)]


def add_stock_routes(resolver: ApiResolver, api: Api) -> None:
    """`/stock/…`, except counts."""
    _add_items(resolver, api)
    _add_suppliers(resolver, api)
    _add_minimums(resolver, api)
    _add_reports(resolver, api)
    _add_movements(resolver, api)
    _add_undoing(resolver, api)


def _add_items(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/stock/items", tags=["stock"], responses=reads())
    def list_stock_items(
        category: Annotated[str | None, Query(max_length=200)] = None,
        barcode: Annotated[str | None, Query(max_length=64)] = None,
        include_inactive: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query's flag
    ) -> Items[Item]:
        with api.read(Permission.STOCK_READ) as call:
            found = items.list_items(call.session, active_only=not include_inactive, category=category, barcode=barcode)
            return Items(items=found)

    @resolver.post(
        "/admin/v1/stock/items", tags=["stock"], status_code=201, responses=changes(ItemNameTaken, status=201)
    )
    def create_stock_item(details: Annotated[ItemBody, Body()]) -> Item:
        with api.write(Permission.STOCK_ADJUST) as call:
            return call.answer(items.create_item(call.session, details, actor=call.actor, now=call.now))

    @resolver.get(ITEM, tags=["stock"], responses=reads(ItemNotFound))
    def get_stock_item(item_id: UUID) -> Item:
        with api.read(Permission.STOCK_READ) as call:
            return items.get_item(call.session, item_id)

    @resolver.put(ITEM, tags=["stock"], responses=changes(ItemNotFound, ItemNameTaken, ItemUnitFixed, ItemInDraft))
    def change_stock_item(item_id: UUID, details: Annotated[ItemBody, Body()]) -> Item:
        with api.write(Permission.STOCK_ADJUST) as call:
            return call.answer(items.change_item(call.session, item_id, details, actor=call.actor, now=call.now))

    @resolver.delete(ITEM, tags=["stock"], responses=changes(ItemNotFound, ItemInStock, ItemInDraft))
    def archive_stock_item(item_id: UUID) -> Item:
        with api.write(Permission.STOCK_ADJUST) as call:
            return call.answer(items.archive_item(call.session, item_id, actor=call.actor, now=call.now))

    @resolver.post(f"{ITEM}/reactivate", tags=["stock"], responses=changes(ItemNotFound, ItemNameTaken))
    def reactivate_stock_item(item_id: UUID) -> Item:
        with api.write(Permission.STOCK_ADJUST) as call:
            return call.answer(items.restore_item(call.session, item_id, actor=call.actor, now=call.now))


def _add_suppliers(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/stock/suppliers", tags=["stock"], responses=reads())
    def list_suppliers() -> Items[Supplier]:
        with api.read(Permission.STOCK_READ) as call:
            return Items(items=suppliers.list_suppliers(call.session))

    @resolver.post(
        "/admin/v1/stock/suppliers", tags=["stock"], status_code=201, responses=changes(SupplierTwice, status=201)
    )
    def create_supplier(details: Annotated[SupplierBody, Body()]) -> Supplier:
        with api.write(Permission.STOCK_ADJUST) as call:
            return call.answer(suppliers.create_supplier(call.session, details, actor=call.actor, now=call.now))

    @resolver.put(SUPPLIER, tags=["stock"], responses=changes(SupplierNotFound, SupplierTwice))
    def change_supplier(supplier_id: UUID, details: Annotated[SupplierBody, Body()]) -> Supplier:
        with api.write(Permission.STOCK_ADJUST) as call:
            changed = suppliers.change_supplier(call.session, supplier_id, details, actor=call.actor, now=call.now)
            return call.answer(changed)


def _add_minimums(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/stock/minimums", tags=["stock"], responses=reads())
    def list_minimums(
        item_id: Annotated[UUID | None, Query()] = None, location_id: Annotated[UUID | None, Query()] = None
    ) -> Items[MinimumDetails]:
        with api.read(Permission.STOCK_READ) as call:
            return Items(items=items.list_minimums(call.session, item_id=item_id, location_id=location_id))

    @resolver.put("/admin/v1/stock/minimums", tags=["stock"], responses=changes(ItemNotFound, LocationNotFound))
    def set_minimum(details: Annotated[MinimumBody, Body()]) -> MinimumDetails:
        with api.write(Permission.STOCK_ADJUST) as call:
            return call.answer(items.set_minimum(call.session, details, actor=call.actor, now=call.now))

    @resolver.delete(
        "/admin/v1/stock/minimums/<item_id>/<location_id>", tags=["stock"], responses=changes(MinimumNotFound)
    )
    def remove_minimum(item_id: UUID, location_id: UUID) -> Done:
        with api.write(Permission.STOCK_ADJUST) as call:
            items.remove_minimum(call.session, item_id, location_id, actor=call.actor, now=call.now)
            return call.answer(Done())


def _add_reports(resolver: ApiResolver, api: Api) -> None:
    @resolver.get(
        "/admin/v1/stock/on-hand", tags=["stock"], responses=reads(UnknownTimezone, ZoneNeeded, LocationNotFound)
    )
    def list_on_hand(
        item_id: Annotated[UUID | None, Query()] = None,
        location_id: Annotated[UUID | None, Query()] = None,
        at: Annotated[Instant | None, Query(description="As it was then; now when it is left out.")] = None,
        timezone: Annotated[Zone | None, Query()] = None,
    ) -> Items[OnHandView]:
        with api.read(Permission.STOCK_READ) as call:
            moment = instant(call.session, at, timezone, location_id) if at else None
            wanted = None if item_id is None else [item_id]
            found = ledger.stock_on_hand(call.session, wanted, location_id, moment)
            known = items.read_items(call.session, {line.item_id for line in found})
            with_sums, hidden = call.principal.may(Permission.MONEY_READ), hidden_from(call)
            views = [OnHandView.of(line, known[line.item_id], with_sums=with_sums, hidden=hidden) for line in found]
            return Items(items=views)

    @resolver.get("/admin/v1/stock/batches", tags=["stock"], responses=reads())
    def list_batches(
        item_id: Annotated[UUID | None, Query()] = None,
        location_id: Annotated[UUID | None, Query()] = None,
        expires_by: Annotated[Day | None, Query(description="Only those that expire on this day or earlier.")] = None,
    ) -> Items[BatchView]:
        with api.read(Permission.STOCK_READ) as call:
            found = ledger.list_batches(call.session, item_id=item_id, location_id=location_id, expires_by=expires_by)
            hidden = hidden_from(call)
            return Items(items=[BatchView.of(batch, hidden=hidden) for batch in found])

    @resolver.get("/admin/v1/stock/purchase-suggestion", tags=["stock"], responses=reads())
    def suggest_purchase(location_id: Annotated[UUID | None, Query()] = None) -> Items[PurchaseView]:
        with api.read(Permission.STOCK_READ) as call:
            hidden = hidden_from(call)  # that something is below its minimum says how much there is
            short = ledger.suggest_purchase(call.session, location_id)
            found = [line for line in short if (line.item_id, line.location_id) not in hidden]
            known = items.read_items(call.session, {line.item_id for line in found})
            with_sums = call.principal.may(Permission.MONEY_READ)
            return Items(items=[PurchaseView.of(line, known[line.item_id], with_sums=with_sums) for line in found])

    @resolver.get("/admin/v1/stock/price-history", tags=["stock"], responses=reads())
    def list_price_history(
        item_id: Annotated[UUID | None, Query()] = None,
        supplier_id: Annotated[UUID | None, Query()] = None,
        limit: Limit = 50,
    ) -> Items[PriceView]:
        with api.read(Permission.MONEY_READ) as call:
            found = ledger.price_history(call.session, item_id, supplier_id=supplier_id, limit=limit)
            return Items(items=[PriceView.of(point) for point in found])


def _add_movements(resolver: ApiResolver, api: Api) -> None:
    @resolver.get(
        "/admin/v1/stock/movements",
        tags=["stock"],
        responses=reads(CursorInvalid, UnknownTimezone, ZoneNeeded, LocationNotFound),
    )
    def list_movements(
        *,
        item_id: Annotated[UUID | None, Query()] = None,
        location_id: Annotated[UUID | None, Query()] = None,
        kind: Annotated[MovementKind | None, Query()] = None,
        source_id: Annotated[UUID | None, Query()] = None,
        from_at: Annotated[Instant | None, Query()] = None,
        to_at: Annotated[Instant | None, Query()] = None,
        timezone: Annotated[Zone | None, Query()] = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Limit = 50,
    ) -> Page[MovementView]:
        with api.read(Permission.STOCK_READ) as call:
            filters = MovementFilters(
                item_id=item_id,
                location_id=location_id,
                kind=kind,
                source_id=source_id,
                from_at=instant(call.session, from_at, timezone, location_id) if from_at else None,
                to_at=instant(call.session, to_at, timezone, location_id) if to_at else None,
            )
            before_seq = _seq(cursor) if cursor is not None else None
            found = ledger.list_movements(call.session, filters, before_seq=before_seq, limit=limit + 1)
            with_sums = call.principal.may(Permission.MONEY_READ)
            following = encode_cursor(str(found[limit - 1].seq), found[limit - 1].id) if len(found) > limit else None
            hidden = hidden_from(call)
            undone = ledger.list_reversed(call.session, [entry.id for entry in found[:limit]])
            shown = [
                MovementView.of(entry, with_sums=with_sums, hidden=hidden, is_reversed=entry.id in undone)
                for entry in found[:limit]
            ]
            return Page(items=shown, next_cursor=following)

    @resolver.post(
        "/admin/v1/stock/transfers",
        tags=["stock"],
        status_code=201,
        responses=changes(
            ItemNotFound, LocationNotFound, NotEnoughStock, NotEnoughInBatch, StockBeyondBelief, Invalid, status=201
        ),
    )
    def transfer_stock(body: Annotated[TransferBody, Body()]) -> Items[PostedView]:
        with api.write(Permission.STOCK_RECEIVE) as call:
            posted = ledger.transfer_stock(
                call.session,
                body.lines,
                from_location_id=body.from_location_id,
                to_location_id=body.to_location_id,
                note=body.note,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(_posted(call, posted))

    @resolver.post(
        "/admin/v1/stock/write-offs",
        tags=["stock"],
        status_code=201,
        responses=changes(
            ItemNotFound, LocationNotFound, NotEnoughStock, NotEnoughInBatch, StockBeyondBelief, Invalid, status=201
        ),
    )
    def write_off_stock(body: Annotated[WriteOffBody, Body()]) -> Items[PostedView]:
        with api.write(Permission.STOCK_RECEIVE) as call:
            posted = ledger.write_off_stock(
                call.session,
                body.lines,
                location_id=body.location_id,
                reason=body.reason,
                note=body.note,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(_posted(call, posted))


def _add_undoing(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(
        "/admin/v1/stock/transfers/<transfer_id>/reverse",
        tags=["stock"],
        responses=changes(
            MovementNotFound,
            AlreadyReversed,
            MovedAndCounted,
            NotEnoughStock,
            NotEnoughInBatch,
            StockBeyondBelief,
            Invalid,
        ),
    )
    def reverse_transfer(transfer_id: UUID, body: Annotated[UndoBody, Body()]) -> Items[PostedView]:
        with api.write(Permission.STOCK_RECEIVE) as call:
            return call.answer(_taken_back(call, Source(ledger.TRANSFER, transfer_id), body))

    @resolver.post(
        "/admin/v1/stock/write-offs/<write_off_id>/reverse",
        tags=["stock"],
        responses=changes(MovementNotFound, AlreadyReversed, MovedAndCounted, StockBeyondBelief, Invalid),
    )
    def reverse_write_off(write_off_id: UUID, body: Annotated[UndoBody, Body()]) -> Items[PostedView]:
        with api.write(Permission.STOCK_RECEIVE) as call:
            return call.answer(_taken_back(call, Source(ledger.WRITE_OFF, write_off_id), body))


def _taken_back(call: WriteCall, source: Source, body: UndoBody) -> Items[PostedView]:
    """Whoever did the deed may undo it; but what a count has settled only those who may post counts."""
    if body.despite_count and not call.principal.may(Permission.STOCK_ADJUST):
        raise PermissionDenied(call.principal.role, Permission.STOCK_ADJUST)
    posted = ledger.take_back(call.session, source, **body.model_dump(), actor=call.actor, now=call.now)
    return _posted(call, posted)


def _posted(call: WriteCall, posted: Sequence[Posted]) -> Items[PostedView]:
    with_sums, hidden = call.principal.may(Permission.MONEY_READ), hidden_from(call)
    return Items(items=[PostedView.of(one, with_sums=with_sums, hidden=hidden) for one in posted])


def _seq(cursor: str) -> int:
    written, _ = decode_cursor(cursor, str)
    if not (written.isascii() and written.isdigit() and len(written) <= MAX_SEQ_DIGITS):
        raise CursorInvalid
    return int(written)
