"""What is free."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from schemas import DateOut, DatesOut, SlotOut, SlotsOut

from salon.availability.offers.errors import RoundOutOfRange, UnknownVariant
from salon.booking.errors import BookingNotFound
from salon.booking.visitors.errors import DatesSenseless
from salon.booking.visitors.use_cases import list_dates, show_slots
from salon.catalog.errors import (
    LocationNotFound,
    OptionNotFound,
    OptionNotOffered,
    OptionsExclusive,
    ServiceNotFound,
    StaffNotFound,
)
from salon.identity.access import Permission
from salon.identity.edge import Api, reads
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Day, Zone
from salon.platform.http_request import current_request
from salon.platform.metrics import BOOKING_FUNNEL
from salon.platform.timeranges import UnknownTimezone, zone

VARIANT_HEADER = "X-Exposure-Variant"
_CHOICE = (
    ServiceNotFound, LocationNotFound, StaffNotFound, OptionNotFound, OptionNotOffered, OptionsExclusive,
    UnknownTimezone,
)  # fmt: skip
Id = Annotated[UUID | None, Query()]
Ids = Annotated[list[UUID] | None, Query(max_length=20)]
InZone = Annotated[Zone | None, Query(description="Whose clock local times are on; the location's unless told.")]


def add_offers(resolver: ApiResolver, api: Api) -> None:
    """Days and starts."""

    @resolver.get(
        "/v1/dates",
        summary="List future days with the number of free slots",
        tags=["offers"],
        responses=reads(*_CHOICE, DatesSenseless),
    )
    def get_dates(
        *,
        service_id: Annotated[UUID, Query()],
        location_id: Id = None,
        staff_id: Id = None,
        option_ids: Ids = None,
        from_on: Annotated[Day | None, Query(description="First day; today unless told.")] = None,
        to_on: Annotated[Day | None, Query(description="Last day; a month later unless told.")] = None,
        timezone: InZone = None,
    ) -> DatesOut:
        with api.read(Permission.SELF_BOOK) as call:
            found = list_dates(
                call.session,
                service_id=service_id,
                now=call.now,
                location_id=location_id,
                staff_id=staff_id,
                option_ids=option_ids or (),
                from_on=from_on,
                to_on=to_on,
                timezone=timezone,
            )
            dates = [DateOut(on=on, free=free) for on, free in sorted(found.free.items())]
            return DatesOut(dates=dates, timezone=found.timezone)

    @resolver.get(
        "/v1/slots",
        summary="Show the few slots of a day",
        tags=["offers"],
        responses=reads(*_CHOICE, UnknownVariant, RoundOutOfRange, BookingNotFound),
    )
    def get_slots(
        *,
        service_id: Annotated[UUID, Query()],
        on: Annotated[Day, Query(description="The day, by the clock of the location, where the visit takes place.")],
        location_id: Id = None,
        staff_id: Id = None,
        option_ids: Ids = None,
        round: Annotated[int, Query(ge=1, le=3)] = 1,  # noqa: A002 - the word of the API
        leaving_booking_id: Annotated[UUID | None, Query(description="A booking of this session to be moved.")] = None,
        timezone: InZone = None,
        variant: Annotated[str | None, Header(alias=VARIANT_HEADER, max_length=32)] = None,
    ) -> SlotsOut:
        if timezone is not None:
            zone(timezone)
        with api.touch(Permission.SELF_BOOK) as call:
            shown = show_slots(
                call.session,
                call.principal,
                service_id=service_id,
                on=on,
                now=call.now,
                location_id=location_id,
                staff_id=staff_id,
                option_ids=option_ids or (),
                variant=variant or None,
                round=round,
                leaving_booking_id=leaving_booking_id,
                metrics=api.metrics,
            )
            exposure = shown.exposure
            current_request().add_header(VARIANT_HEADER, exposure.variant)
            api.metrics.count(BOOKING_FUNNEL, kind="offered", variant=exposure.variant)
            return SlotsOut(
                slots=[
                    SlotOut.of(offer.slot, timezone or shown.timezones[offer.slot.location_id], offer.incentive)
                    for offer in exposure.offers
                ],
                total=exposure.total,
                has_more=exposure.has_more,
                round=exposure.round,
                exposure_id=exposure.exposure_id,
                variant=exposure.variant,
                expires_at=exposure.expires_at,
            )
