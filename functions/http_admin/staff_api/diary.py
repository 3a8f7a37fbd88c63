"""The diary by day and week, search of services, and figures about offers."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel, Field, StrictInt

from salon.booking import use_cases as booking
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Service
from salon.catalog.errors import LocationNotFound
from salon.identity.access import Permission, Principal
from salon.identity.edge import Api, reads
from salon.identity.errors import PermissionDenied
from salon.insights import use_cases as insights
from salon.insights.domain import VariantFunnel
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Day, Instant, Zone
from salon.platform.timeranges import UnknownTimezone, local_instant
from staff_api.booking_view import BookingView
from staff_api.common import REPEATABLE, STRICT, Items, ZoneNeeded, instant

WEEK_DAYS = 7


class View(StrEnum):
    """How much of the diary."""

    DAY = "day"
    WEEK = "week"


class EntryView(BaseModel):
    """A booking with the names that the diary shows."""

    booking: BookingView
    client_name: str
    service_name: str
    staff_name: str | None


class ScheduleView(BaseModel):
    """The diary from an instant to another, by staff."""

    from_at: datetime
    to_at: datetime
    timezone: str
    entries: list[EntryView]


class SearchBody(BaseModel):
    """What somebody types: a service's name or another word for it, with typos."""

    model_config = STRICT

    text: str = Field(min_length=1, max_length=200)
    limit: StrictInt = Field(default=20, ge=1, le=50)


def _own_diary(principal: Principal) -> UUID:
    """Whose diary a stylist sees.

    Raises:
        PermissionDenied: nobody's.
    """
    if principal.staff_id is None:
        raise PermissionDenied(principal.role, Permission.SCHEDULE_OWN)
    return principal.staff_id


def add_diary_routes(resolver: ApiResolver, api: Api) -> None:
    """`/schedule`, `/services/search`, `/reports`."""

    @resolver.get("/admin/v1/schedule", tags=["schedule"], responses=reads(LocationNotFound, UnknownTimezone))
    def schedule(
        location_id: Annotated[UUID, Query()],
        on: Annotated[Day, Query(description="The local day, or the first of the week.")],
        view: Annotated[View, Query()] = View.DAY,
        staff_id: Annotated[UUID | None, Query()] = None,
        timezone: Annotated[Zone | None, Query()] = None,
    ) -> ScheduleView:
        """A stylist sees the own diary, whatever is asked for."""
        with api.read(Permission.SCHEDULE_READ, Permission.SCHEDULE_OWN) as call:
            if not call.principal.may(Permission.SCHEDULE_READ):
                staff_id = _own_diary(call.principal)
            zone = timezone or catalog.get_location(call.session, location_id).timezone
            from_at = local_instant(on, time.min, zone)
            days = WEEK_DAYS if view is View.WEEK else 1
            to_at = local_instant(on + timedelta(days=days), time.min, zone)
            found = booking.list_schedule(
                call.session, from_at=from_at, to_at=to_at, now=call.now, location_id=location_id, staff_id=staff_id
            )
            entries = [
                EntryView(
                    booking=BookingView.of(one.booking),
                    client_name=one.client_name,
                    service_name=one.service_name,
                    staff_name=one.staff_name,
                )
                for one in found
            ]
            return ScheduleView(from_at=from_at, to_at=to_at, timezone=zone, entries=entries)

    @resolver.post("/admin/v1/services/search", tags=["services"], responses=reads(), openapi_extensions=REPEATABLE)
    def search_services(body: Annotated[SearchBody, Body()]) -> Items[Service]:
        with api.read(Permission.CATALOG_READ) as call:
            return Items(items=catalog.search_services(call.session, body.text, body.limit))

    @resolver.get("/admin/v1/reports/offers", tags=["reports"], responses=reads(UnknownTimezone, ZoneNeeded))
    def offers_report(
        from_at: Annotated[Instant, Query()],
        to_at: Annotated[Instant, Query()],
        timezone: Annotated[Zone | None, Query()] = None,
    ) -> Items[VariantFunnel]:
        """What became of the offers, by experiment variant."""
        with api.read(Permission.SETTINGS_READ) as call:
            return Items(
                items=insights.exposure_funnel(
                    call.session,
                    from_at=instant(call.session, from_at, timezone),
                    to_at=instant(call.session, to_at, timezone),
                )
            )
