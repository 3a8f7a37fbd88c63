"""Chairs, rooms and devices, and the pools that they are interchangeable in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic.dataclasses import dataclass

from salon.catalog import use_cases as catalog
from salon.catalog.domain import Resource, ResourceDetails, ResourcePool, ResourcePoolDetails
from salon.catalog.errors import (
    LocationNotFound,
    PoolInUse,
    PoolNameTaken,
    PoolNotFound,
    ResourceNameTaken,
    ResourceNotFound,
)
from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.platform.http import ApiResolver
from staff_api.common import STRICT, Done, Items

POOL = "/admin/v1/pools/<pool_id>"
ONE = "/admin/v1/resources/<resource_id>"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PoolBody(ResourcePoolDetails):
    """What a person says about a pool."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ResourceBody(ResourceDetails):
    """What a person says about one chair, room or device."""


def add_resource_routes(resolver: ApiResolver, api: Api) -> None:
    """`/pools` and `/resources`."""
    _add_pools(resolver, api)
    _add_units(resolver, api)


def _add_pools(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/pools", tags=["resources"], responses=reads())
    def list_pools() -> Items[ResourcePool]:
        with api.read(Permission.CATALOG_READ) as call:
            return Items(items=catalog.list_resource_pools(call.session))

    @resolver.post("/admin/v1/pools", tags=["resources"], status_code=201, responses=changes(PoolNameTaken, status=201))
    def create_pool(details: Annotated[PoolBody, Body()]) -> ResourcePool:
        with api.write(Permission.CATALOG_WRITE) as call:
            return call.answer(catalog.create_resource_pool(call.session, details, actor=call.actor, now=call.now))

    @resolver.put(POOL, tags=["resources"], responses=changes(PoolNotFound, PoolNameTaken))
    def change_pool(pool_id: UUID, details: Annotated[PoolBody, Body()]) -> ResourcePool:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.change_resource_pool(call.session, pool_id, details, actor=call.actor, now=call.now)
            return call.answer(catalog.get_resource_pool(call.session, pool_id))

    @resolver.delete(POOL, tags=["resources"], responses=changes(PoolNotFound, PoolInUse))
    def remove_pool(pool_id: UUID) -> Done:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.remove_resource_pool(call.session, pool_id, actor=call.actor, now=call.now)
            return call.answer(Done())


def _add_units(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/resources", tags=["resources"], responses=reads())
    def list_resources(
        location_id: Annotated[UUID | None, Query()] = None,
        include_inactive: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query's flag
    ) -> Items[Resource]:
        with api.read(Permission.CATALOG_READ) as call:
            found = catalog.list_resources(call.session, location_id=location_id, active_only=not include_inactive)
            return Items(items=found)

    @resolver.post(
        "/admin/v1/resources",
        tags=["resources"],
        status_code=201,
        responses=changes(LocationNotFound, PoolNotFound, ResourceNameTaken, status=201),
    )
    def create_resource(details: Annotated[ResourceBody, Body()]) -> Resource:
        with api.write(Permission.CATALOG_WRITE) as call:
            return call.answer(catalog.create_resource(call.session, details, actor=call.actor, now=call.now))

    @resolver.put(
        ONE,
        tags=["resources"],
        responses=changes(ResourceNotFound, LocationNotFound, PoolNotFound, ResourceNameTaken),
    )
    def change_resource(resource_id: UUID, details: Annotated[ResourceBody, Body()]) -> Resource:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.change_resource(call.session, resource_id, details, actor=call.actor, now=call.now)
            return call.answer(catalog.get_resource(call.session, resource_id))

    @resolver.delete(ONE, tags=["resources"], responses=changes(ResourceNotFound))
    def deactivate_resource(resource_id: UUID) -> Resource:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.deactivate_resource(call.session, resource_id, actor=call.actor, now=call.now)
            return call.answer(catalog.get_resource(call.session, resource_id))

    @resolver.post(f"{ONE}/reactivate", tags=["resources"], responses=changes(ResourceNotFound))
    def reactivate_resource(resource_id: UUID) -> Resource:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.reactivate_resource(call.session, resource_id, actor=call.actor, now=call.now)
            return call.answer(catalog.get_resource(call.session, resource_id))
