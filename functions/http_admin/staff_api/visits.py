"""Several services in a row, and visits that repeat."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field, StrictBool, StrictInt

from salon.booking import use_cases as booking
from salon.booking.domain import CancelReason, Visit, VisitWish
from salon.booking.errors import AlreadyBooked, HoldExpired, PaymentRequired, VisitNotFound, VisitSenseless
from salon.booking.series import use_cases as series
from salon.booking.series.domain import MissReason, Series, SeriesResult
from salon.booking.series.errors import SeriesNeedsDeposit, SeriesNotActive, SeriesNotFound, SeriesSenseless
from salon.catalog.errors import LocationNotFound, ServiceNotFound, StaffNotFound
from salon.clients.errors import ClientNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Day, Instant, WallTime, Zone
from salon.platform.timeranges import UnknownTimezone
from staff_api.booking_view import BookingView
from staff_api.bookings import CHANNEL, OPTIONS, OVER, TAKING
from staff_api.common import REPEATABLE, STRICT, Items, ZoneNeeded, instant

VISIT = "/admin/v1/visits/<visit_id>"
SERIES = "/admin/v1/series/<series_id>"


class WishBody(BaseModel):
    """One service of a visit."""

    model_config = STRICT

    service_id: UUID
    staff_id: UUID | None = None
    option_ids: list[UUID] = Field(default_factory=list, max_length=20)


class FindBody(BaseModel):
    """Services that are to happen one after another, and when the first begins."""

    model_config = STRICT

    wishes: list[WishBody] = Field(min_length=1, max_length=5)
    from_at: Instant
    to_at: Instant
    timezone: Zone | None = None
    location_id: UUID | None = None
    max_gap_min: StrictInt = Field(default=30, ge=0, le=240)
    any_order: StrictBool = False
    limit: StrictInt = Field(default=3, ge=1, le=20)


class VisitOfferView(BaseModel):
    """Slots one after another."""

    slot_ids: list[UUID]
    starts_at: datetime
    ends_at: datetime
    wait_min: int


class HoldVisitBody(BaseModel):
    """Slots in a row for a client; agreed at once unless `confirm` is false."""

    model_config = STRICT

    slot_ids: list[UUID] = Field(min_length=1, max_length=5)
    client_id: UUID
    option_ids: list[list[UUID]] = Field(default_factory=list, max_length=5)
    note: str | None = Field(default=None, max_length=1_000)
    confirm: StrictBool = True


class VisitView(BaseModel):
    """Bookings that belong together."""

    id: UUID
    bookings: list[BookingView]

    @classmethod
    def of(cls, visit: Visit) -> VisitView:
        """The view of a visit."""
        return cls(id=visit.id, bookings=[BookingView.of(one) for one in visit.bookings])


class CancelBody(BaseModel):
    """Why."""

    model_config = STRICT

    reason: CancelReason = CancelReason.SALON


class SeriesBody(BaseModel):
    """A visit every so many days at the same wall time."""

    model_config = STRICT

    client_id: UUID
    location_id: UUID
    service_id: UUID
    staff_id: UUID | None = None
    option_ids: list[UUID] = Field(default_factory=list, max_length=20)
    first_on: Day
    local_time: WallTime = Field(description="By the location's clock.")
    every_days: StrictInt = Field(ge=1, le=366)
    occurrences: StrictInt = Field(ge=1, le=104)
    tolerance_min: StrictInt = Field(default=0, ge=0, le=720)


class SeriesChangeBody(BaseModel):
    """What holds for the visits that are not made yet."""

    model_config = STRICT

    local_time: WallTime
    staff_id: UUID | None
    occurrences: StrictInt = Field(ge=1, le=104)
    tolerance_min: StrictInt = Field(ge=0, le=720)


class SeriesCancelBody(BaseModel):
    """From which local day on, and why."""

    model_config = STRICT

    from_on: Day | None = None
    reason: CancelReason = CancelReason.SALON


class MissView(BaseModel):
    """A visit that could not be, and the nearest free slots of its day."""

    on: date
    reason: MissReason
    alternatives: list[UUID]


class SeriesView(BaseModel):
    """A series with what it made."""

    series: Series
    bookings: list[BookingView]
    misses: list[MissView]

    @classmethod
    def of(cls, result: SeriesResult) -> SeriesView:
        """The view of a series."""
        misses = [
            MissView(on=miss.on, reason=miss.reason, alternatives=list(miss.alternative_slot_ids))
            for miss in result.misses
        ]
        return cls(series=result.series, bookings=[BookingView.of(one) for one in result.bookings], misses=misses)


def add_visit_routes(resolver: ApiResolver, api: Api) -> None:
    """`/visits` and `/series`."""
    _add_visits(resolver, api)
    _add_series(resolver, api)


def _add_visits(resolver: ApiResolver, api: Api) -> None:
    @resolver.post(
        "/admin/v1/visits/find",
        tags=["visits"],
        responses=reads(VisitSenseless, *OPTIONS, LocationNotFound, UnknownTimezone, ZoneNeeded),
        openapi_extensions=REPEATABLE,
    )
    def find_visits(body: Annotated[FindBody, Body()]) -> Items[VisitOfferView]:
        with api.read(Permission.BOOKINGS_READ) as call:
            wishes = [
                VisitWish(service_id=one.service_id, staff_id=one.staff_id, option_ids=tuple(one.option_ids))
                for one in body.wishes
            ]
            found = booking.find_visit_offers(
                call.session,
                wishes=wishes,
                from_at=instant(call.session, body.from_at, body.timezone, body.location_id),
                to_at=instant(call.session, body.to_at, body.timezone, body.location_id),
                now=call.now,
                location_id=body.location_id,
                max_gap_min=body.max_gap_min,
                any_order=body.any_order,
                limit=body.limit,
            )
            items = [
                VisitOfferView(
                    slot_ids=[slot.id for slot in offer.slots],
                    starts_at=offer.starts_at,
                    ends_at=offer.ends_at,
                    wait_min=int(offer.wait.total_seconds()) // 60,
                )
                for offer in found
            ]
            return Items(items=items)

    @resolver.post(
        "/admin/v1/visits",
        tags=["visits"],
        status_code=201,
        responses=changes(
            ClientNotFound, VisitSenseless, *TAKING, *OPTIONS, AlreadyBooked, PaymentRequired, status=201
        ),
    )
    def create_visit(body: Annotated[HoldVisitBody, Body()]) -> VisitView:
        with api.write(Permission.BOOKINGS_WRITE) as call:
            visit = booking.hold_visit(
                call.session,
                slot_ids=body.slot_ids,
                client_id=body.client_id,
                channel=CHANNEL,
                actor=call.actor,
                now=call.now,
                option_ids=body.option_ids,
                note=body.note,
            )
            if body.confirm:
                visit = booking.confirm_visit(call.session, visit.id, actor=call.actor, now=call.now)
            return call.answer(VisitView.of(visit))

    @resolver.get(VISIT, tags=["visits"], responses=reads(VisitNotFound))
    def get_visit(visit_id: UUID) -> VisitView:
        with api.read(Permission.BOOKINGS_READ) as call:
            return VisitView.of(booking.get_visit(call.session, visit_id))

    @resolver.post(
        f"{VISIT}/confirm", tags=["visits"], responses=changes(VisitNotFound, *OVER, HoldExpired, PaymentRequired)
    )
    def confirm_visit(visit_id: UUID) -> VisitView:
        with api.write(Permission.BOOKINGS_WRITE) as call:
            return call.answer(
                VisitView.of(booking.confirm_visit(call.session, visit_id, actor=call.actor, now=call.now))
            )

    @resolver.post(f"{VISIT}/cancel", tags=["visits"], responses=changes(VisitNotFound, *OVER))
    def cancel_visit(visit_id: UUID, body: Annotated[CancelBody, Body()]) -> VisitView:
        with api.write(Permission.BOOKINGS_WRITE) as call:
            visit = booking.cancel_visit(call.session, visit_id, reason=body.reason, actor=call.actor, now=call.now)
            return call.answer(VisitView.of(visit))


def _add_series(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/series", tags=["series"], responses=reads())
    def list_series(
        client_id: Annotated[UUID | None, Query()] = None,
        location_id: Annotated[UUID | None, Query()] = None,
        after: Annotated[UUID | None, Query(description="The last id of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Items[Series]:
        with api.read(Permission.BOOKINGS_READ) as call:
            found = series.list_series(
                call.session, client_id=client_id, location_id=location_id, after=after, limit=limit
            )
            return Items(items=found)

    @resolver.post(
        "/admin/v1/series",
        tags=["series"],
        status_code=201,
        responses=changes(
            ClientNotFound,
            LocationNotFound,
            ServiceNotFound,
            StaffNotFound,
            SeriesSenseless,
            SeriesNeedsDeposit,
            *OPTIONS,
            status=201,
        ),
    )
    def create_series(body: Annotated[SeriesBody, Body()]) -> SeriesView:
        with api.write(Permission.BOOKINGS_WRITE) as call:
            made = series.create_series(
                call.session,
                client_id=body.client_id,
                location_id=body.location_id,
                service_id=body.service_id,
                staff_id=body.staff_id,
                option_ids=body.option_ids,
                first_on=body.first_on,
                local_time=body.local_time,
                every_days=body.every_days,
                occurrences=body.occurrences,
                tolerance_min=body.tolerance_min,
                channel=CHANNEL,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(SeriesView.of(made))

    @resolver.get(SERIES, tags=["series"], responses=reads(SeriesNotFound))
    def get_series(series_id: UUID) -> SeriesView:
        with api.read(Permission.BOOKINGS_READ) as call:
            return SeriesView.of(series.get_series(call.session, series_id))

    @resolver.put(
        SERIES, tags=["series"], responses=changes(SeriesNotFound, SeriesNotActive, SeriesSenseless, StaffNotFound)
    )
    def change_series(series_id: UUID, body: Annotated[SeriesChangeBody, Body()]) -> Series:
        with api.write(Permission.BOOKINGS_WRITE) as call:
            changed = series.change_series(
                call.session,
                series_id,
                local_time=body.local_time,
                staff_id=body.staff_id,
                occurrences=body.occurrences,
                tolerance_min=body.tolerance_min,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(changed)

    @resolver.post(f"{SERIES}/cancel", tags=["series"], responses=changes(SeriesNotFound))
    def cancel_series(series_id: UUID, body: Annotated[SeriesCancelBody, Body()]) -> Items[BookingView]:
        with api.write(Permission.BOOKINGS_WRITE) as call:
            gone = series.cancel_series(
                call.session,
                series_id,
                from_on=body.from_on,
                reason=body.reason,
                actor=call.actor,
                now=call.now,
            )
            return call.answer(Items(items=[BookingView.of(one) for one in gone]))
