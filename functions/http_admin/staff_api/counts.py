"""Counts of the stock: whoever counts enters what is there, and is told nothing of what is expected."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from salon.catalog.errors import LocationNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, ReadCall, WriteCall, changes, reads
from salon.inventory.counts import use_cases as counts
from salon.inventory.counts.domain import CountStatus
from salon.inventory.counts.errors import (
    BeingCounted,
    CountEmpty,
    CountersComplete,
    CountExpired,
    CountNotFound,
    CountNotOpen,
    CountOutdated,
    CountSenseless,
    CountStillOpen,
    CountUnsettled,
    EntrySenseless,
    ItemNotCounted,
    SecondLookNotYours,
)
from salon.inventory.items.errors import ItemNotFound
from salon.inventory.ledger.errors import StockBeyondBelief
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Instant, Zone
from salon.platform.timeranges import UnknownTimezone
from staff_api.common import Done, Ids, Items, ZoneNeeded, instant
from staff_api.counts_view import (
    CloseBody,
    CountView,
    EntryBody,
    EntryView,
    Hidden,
    OpenBody,
    PastView,
    PostBody,
    ReasonBody,
    ReportView,
    SheetView,
    ShelfBody,
    VarianceView,
)

ALL = "/admin/v1/stock/counts"
ONE = "/admin/v1/stock/counts/<count_id>"
Limit = Annotated[int, Query(ge=1, le=200)]


def hidden_from(call: ReadCall | WriteCall) -> Hidden:
    """Of which items and locations whoever asks is not shown how much there is, because it is being counted blindly.

    Of none to whoever may see money; of what they count themselves to whoever may correct the stock; of all to others.
    """
    if call.principal.may(Permission.MONEY_READ):
        return frozenset()
    is_judge = call.principal.may(Permission.STOCK_ADJUST)
    return counts.list_hidden(call.session, counter_id=call.actor.id if is_judge else None)


def _report(call: ReadCall | WriteCall, report: counts.CountReport) -> ReportView:
    return ReportView.of(report, with_sums=call.principal.may(Permission.MONEY_READ), hidden=hidden_from(call))


def add_count_routes(resolver: ApiResolver, api: Api) -> None:
    """`/stock/counts`, `/stock/shelves` and `/stock/snapshots`."""
    _add_counting(resolver, api)
    _add_closing(resolver, api)
    _add_undoing(resolver, api)


def _add_counting(resolver: ApiResolver, api: Api) -> None:
    @resolver.get(ALL, tags=["counts"], responses=reads())
    def list_counts(
        location_id: Annotated[UUID | None, Query()] = None,
        status: Annotated[CountStatus | None, Query()] = None,
        before: Annotated[UUID | None, Query(description="The last id of the page before.")] = None,
        limit: Limit = 50,
    ) -> Items[CountView]:
        with api.read(Permission.STOCK_COUNT) as call:
            statuses = [status] if status is not None else []
            found = counts.list_counts(
                call.session, location_id=location_id, statuses=statuses, before=before, limit=limit
            )
            return Items(items=[CountView.of(one) for one in found])

    @resolver.post(
        ALL, tags=["counts"], status_code=201, responses=changes(LocationNotFound, CountSenseless, status=201)
    )
    def open_count(body: Annotated[OpenBody, Body()]) -> CountView:
        with api.write(Permission.STOCK_RECEIVE) as call:
            made = counts.open_count(
                call.session,
                location_id=body.location_id,
                sections=body.sections,
                people=body.people,
                is_blind=body.is_blind,
                note=body.note,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(CountView.of(made))

    @resolver.get(f"{ONE}/sheet", tags=["counts"], responses=reads(CountNotFound))
    def get_sheet(count_id: UUID) -> SheetView:
        with api.read(Permission.STOCK_COUNT) as call:
            may = call.principal.may(Permission.STOCK_READ)
            sheet = counts.get_sheet(
                call.session, count_id, counter_id=call.actor.id, may_see_expected=may, hidden=hidden_from(call)
            )
            return SheetView.of(sheet)

    @resolver.post(
        f"{ONE}/entries",
        tags=["counts"],
        status_code=201,
        responses=changes(
            CountNotFound,
            CountExpired,
            CountNotOpen,
            ItemNotCounted,
            EntrySenseless,
            CountersComplete,
            SecondLookNotYours,
            UnknownTimezone,
            ZoneNeeded,
            status=201,
        ),
    )
    def enter_count(count_id: UUID, body: Annotated[EntryBody, Body()]) -> EntryView:
        with api.write(Permission.STOCK_COUNT) as call:
            counted_at = None
            if body.counted_at is not None:
                count = counts.get_count(call.session, count_id)
                counted_at = instant(call.session, body.counted_at, body.timezone, count.location_id)
            entry = counts.enter_count(
                call.session,
                count_id,
                item_id=body.item_id,
                packs=body.packs,
                remainder=body.remainder,
                counted_at=counted_at,
                may_settle=call.principal.may(Permission.STOCK_ADJUST),
                may_settle_own=call.principal.may(Permission.MONEY_WRITE),
                actor=call.actor,
                now=call.now,
            )
            return call.answer(EntryView.of(entry))

    @resolver.get(f"{ONE}/recount", tags=["counts"], responses=reads(CountNotFound))
    def list_recounts(count_id: UUID) -> Ids:
        with api.read(Permission.STOCK_COUNT) as call:
            return Ids(ids=counts.list_recounts(call.session, count_id))

    @resolver.put(
        "/admin/v1/stock/shelves",
        tags=["counts"],
        responses=changes(LocationNotFound, ItemNotFound, CountSenseless, BeingCounted),
    )
    def put_on_shelf(body: Annotated[ShelfBody, Body()]) -> Done:
        with api.write(Permission.STOCK_RECEIVE) as call:
            counts.put_on_shelf(
                call.session,
                body.location_id,
                body.item_ids,
                body.name,
                actor=call.actor,
                now=call.now,
                hidden=hidden_from(call),
            )
            return call.answer(Done())


def _add_closing(resolver: ApiResolver, api: Api) -> None:
    @resolver.get(ONE, tags=["counts"], responses=reads(CountNotFound))
    def get_count(count_id: UUID) -> CountView:
        with api.read(Permission.STOCK_COUNT) as call:
            return CountView.of(counts.get_count(call.session, count_id))

    @resolver.post(
        f"{ONE}/close",
        tags=["counts"],
        responses=changes(CountNotFound, CountExpired, CountNotOpen, CountEmpty, CountUnsettled, StockBeyondBelief),
    )
    def close_count(count_id: UUID, body: Annotated[CloseBody, Body()]) -> ReportView:
        with api.write(Permission.STOCK_RECEIVE) as call:
            report = counts.close_count(
                call.session,
                count_id,
                leave_out_unsettled=body.leave_out_unsettled,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(_report(call, report))

    @resolver.get(f"{ONE}/report", tags=["counts"], responses=reads(CountNotFound, CountStillOpen))
    def get_report(count_id: UUID) -> ReportView:
        with api.read(Permission.STOCK_READ) as call:
            report = counts.get_report(call.session, count_id)
            return _report(call, report)

    @resolver.get(
        "/admin/v1/stock/snapshots", tags=["counts"], responses=reads(UnknownTimezone, ZoneNeeded, LocationNotFound)
    )
    def list_snapshots(
        item_id: Annotated[UUID | None, Query()] = None,
        location_id: Annotated[UUID | None, Query()] = None,
        before: Annotated[Instant | None, Query(description="Closed before; the newest when it is left out.")] = None,
        timezone: Annotated[Zone | None, Query()] = None,
        limit: Limit = 50,
    ) -> Items[PastView]:
        with api.read(Permission.STOCK_READ) as call:
            moment: datetime | None = instant(call.session, before, timezone, location_id) if before else None
            found = counts.list_history(
                call.session, item_id=item_id, location_id=location_id, before=moment, limit=limit
            )
            with_sums, hidden = call.principal.may(Permission.MONEY_READ), hidden_from(call)
            views = [(VarianceView.of(one, with_sums=with_sums, hidden=hidden), status) for one, status in found]
            return Items(items=[PastView(status=status, found=view) for view, status in views])


def _add_undoing(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(f"{ONE}/reopen", tags=["counts"], responses=changes(CountNotFound, CountNotOpen))
    def reopen_count(count_id: UUID) -> CountView:
        with api.write(Permission.STOCK_ADJUST) as call:
            return call.answer(
                CountView.of(counts.reopen_count(call.session, count_id, actor=call.actor, now=call.now))
            )

    @resolver.post(
        f"{ONE}/post",
        tags=["counts"],
        responses=changes(CountNotFound, CountNotOpen, CountSenseless, CountOutdated, StockBeyondBelief),
    )
    def post_count(count_id: UUID, body: Annotated[PostBody, Body()]) -> CountView:
        with api.write(Permission.STOCK_ADJUST) as call:
            posted = counts.post_count(
                call.session,
                count_id,
                reason=body.reason,
                leave_out=body.leave_out,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(CountView.of(posted))

    @resolver.post(
        f"{ONE}/reverse",
        tags=["counts"],
        responses=changes(CountNotFound, CountNotOpen, CountSenseless, CountOutdated, StockBeyondBelief),
    )
    def reverse_count(count_id: UUID, body: Annotated[ReasonBody, Body()]) -> CountView:
        with api.write(Permission.STOCK_ADJUST) as call:
            back = counts.reverse_count(call.session, count_id, reason=body.reason, actor=call.actor, now=call.now)
            return call.answer(CountView.of(back))

    @resolver.post(f"{ONE}/cancel", tags=["counts"], responses=changes(CountNotFound, CountNotOpen, CountSenseless))
    def cancel_count(count_id: UUID, body: Annotated[ReasonBody, Body()]) -> CountView:
        with api.write(Permission.STOCK_ADJUST) as call:
            given_up = counts.cancel_count(call.session, count_id, reason=body.reason, actor=call.actor, now=call.now)
            return call.answer(CountView.of(given_up))
