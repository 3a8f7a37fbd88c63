"""What the salon has to offer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Query
from schemas import LocationOut, MoneyOut, OptionOut, ServiceOut, StaffOut

from salon.booking.visitors.use_cases import list_menu
from salon.catalog import use_cases as catalog
from salon.catalog.errors import LocationNotFound, ServiceNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, reads
from salon.platform.http import ApiResolver


def add_catalogue(resolver: ApiResolver, api: Api) -> None:
    """Locations, services with options and prices, staff."""

    @resolver.get("/v1/locations", summary="List locations", tags=["catalogue"], responses=reads())
    def list_locations() -> list[LocationOut]:
        with api.read(Permission.SELF_BOOK) as call:
            return [LocationOut.of(place) for place in catalog.list_locations(call.session)]

    @resolver.get(
        "/v1/services",
        summary="List services with their options and today's prices",
        tags=["catalogue"],
        responses=reads(LocationNotFound),
    )
    def list_services(location_id: Annotated[UUID | None, Query()] = None) -> list[ServiceOut]:
        with api.read(Permission.SELF_BOOK) as call:
            return [
                ServiceOut(
                    id=item.service.id,
                    location_id=item.location_id,
                    name=item.service.name,
                    category=item.service.category,
                    duration_min=item.service.duration_min,
                    requires_staff=item.service.requires_staff,
                    price=MoneyOut.of(item.price),
                    options=[
                        OptionOut(
                            id=option.id,
                            choice=option.choice,
                            name=option.name,
                            extra_min=option.extra_min,
                            price=MoneyOut.of(price),
                        )
                        for option, price in item.options
                    ],
                )
                for item in list_menu(call.session, location_id=location_id, now=call.now)
            ]

    @resolver.get(
        "/v1/staff",
        summary="List staff, all or those who do a service",
        tags=["catalogue"],
        responses=reads(LocationNotFound, ServiceNotFound),
    )
    def list_staff(
        location_id: Annotated[UUID | None, Query()] = None, service_id: Annotated[UUID | None, Query()] = None
    ) -> list[StaffOut]:
        with api.read(Permission.SELF_BOOK) as call:
            if location_id is not None:
                catalog.get_location(call.session, location_id)
            if service_id is None:
                found = catalog.list_staff(call.session, location_id=location_id)
            else:
                catalog.get_service(call.session, service_id)
                found = catalog.list_staff_for(call.session, service_id, location_id=location_id)
            return [StaffOut.of(person) for person in found]
