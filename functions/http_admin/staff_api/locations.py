"""Branches, and what each offers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic.dataclasses import dataclass

from salon.catalog import use_cases as catalog
from salon.catalog.domain import Location, LocationDetails
from salon.catalog.errors import LocationNotFound, ServiceNotFound
from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.platform.http import ApiResolver
from staff_api.common import STRICT, Done, Ids, Items


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LocationBody(LocationDetails):
    """What a person says about a branch."""


def add_location_routes(resolver: ApiResolver, api: Api) -> None:
    """`/locations`."""

    @resolver.get("/admin/v1/locations", tags=["locations"], responses=reads())
    def list_locations(include_inactive: Annotated[bool, Query()] = False) -> Items[Location]:  # noqa: FBT002 - a query's flag
        with api.read(Permission.CATALOG_READ) as call:
            return Items(items=catalog.list_locations(call.session, active_only=not include_inactive))

    @resolver.post("/admin/v1/locations", tags=["locations"], status_code=201, responses=changes(status=201))
    def create_location(details: Annotated[LocationBody, Body()]) -> Location:
        with api.write(Permission.CATALOG_WRITE) as call:
            return call.answer(catalog.create_location(call.session, details, actor=call.actor, now=call.now))

    @resolver.get("/admin/v1/locations/<location_id>", tags=["locations"], responses=reads(LocationNotFound))
    def get_location(location_id: UUID) -> Location:
        with api.read(Permission.CATALOG_READ) as call:
            return catalog.get_location(call.session, location_id)

    @resolver.put("/admin/v1/locations/<location_id>", tags=["locations"], responses=changes(LocationNotFound))
    def change_location(location_id: UUID, details: Annotated[LocationBody, Body()]) -> Location:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.change_location(call.session, location_id, details, actor=call.actor, now=call.now)
            return call.answer(catalog.get_location(call.session, location_id))

    @resolver.delete("/admin/v1/locations/<location_id>", tags=["locations"], responses=changes(LocationNotFound))
    def deactivate_location(location_id: UUID) -> Location:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.deactivate_location(call.session, location_id, actor=call.actor, now=call.now)
            return call.answer(catalog.get_location(call.session, location_id))

    @resolver.post(
        "/admin/v1/locations/<location_id>/reactivate", tags=["locations"], responses=changes(LocationNotFound)
    )
    def reactivate_location(location_id: UUID) -> Location:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.reactivate_location(call.session, location_id, actor=call.actor, now=call.now)
            return call.answer(catalog.get_location(call.session, location_id))

    @resolver.put(
        "/admin/v1/locations/<location_id>/services",
        tags=["locations"],
        responses=changes(LocationNotFound, ServiceNotFound),
    )
    def offer_services(location_id: UUID, services: Annotated[Ids, Body()]) -> Done:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.offer_services(call.session, location_id, services.ids, actor=call.actor, now=call.now)
            return call.answer(Done())
