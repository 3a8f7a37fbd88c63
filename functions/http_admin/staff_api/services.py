"""Services, their options, and the chairs and devices that they need."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic.dataclasses import dataclass

from salon.catalog import use_cases as catalog
from salon.catalog.domain import ResourcePool, Service, ServiceDetails, ServiceOption, ServiceOptionDetails
from salon.catalog.errors import (
    OptionNameTaken,
    OptionNotFound,
    PoolNotFound,
    ServiceLengthImpossible,
    ServiceNotFound,
)
from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.platform.http import ApiResolver
from staff_api.common import STRICT, Ids, Items

ONE = "/admin/v1/services/<service_id>"
OPTION = "/admin/v1/options/<option_id>"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ServiceBody(ServiceDetails):
    """What a person says about a service."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class OptionBody(ServiceOptionDetails):
    """What a person says about an option."""


def add_service_routes(resolver: ApiResolver, api: Api) -> None:
    """`/services` and `/options`."""
    _add_services(resolver, api)
    _add_options(resolver, api)


def _add_services(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/services", tags=["services"], responses=reads())
    def list_services(
        location_id: Annotated[UUID | None, Query()] = None,
        include_inactive: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query's flag
    ) -> Items[Service]:
        with api.read(Permission.CATALOG_READ) as call:
            found = catalog.list_services(call.session, location_id=location_id, active_only=not include_inactive)
            return Items(items=found)

    @resolver.post(
        "/admin/v1/services", tags=["services"], status_code=201, responses=changes(ServiceLengthImpossible, status=201)
    )
    def create_service(details: Annotated[ServiceBody, Body()]) -> Service:
        with api.write(Permission.CATALOG_WRITE) as call:
            return call.answer(catalog.create_service(call.session, details, actor=call.actor, now=call.now))

    @resolver.get(ONE, tags=["services"], responses=reads(ServiceNotFound))
    def get_service(service_id: UUID) -> Service:
        with api.read(Permission.CATALOG_READ) as call:
            return catalog.get_service(call.session, service_id)

    @resolver.put(ONE, tags=["services"], responses=changes(ServiceNotFound, ServiceLengthImpossible))
    def change_service(service_id: UUID, details: Annotated[ServiceBody, Body()]) -> Service:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.change_service(call.session, service_id, details, actor=call.actor, now=call.now)
            return call.answer(catalog.get_service(call.session, service_id))

    @resolver.delete(ONE, tags=["services"], responses=changes(ServiceNotFound))
    def deactivate_service(service_id: UUID) -> Service:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.deactivate_service(call.session, service_id, actor=call.actor, now=call.now)
            return call.answer(catalog.get_service(call.session, service_id))

    @resolver.post(f"{ONE}/reactivate", tags=["services"], responses=changes(ServiceNotFound))
    def reactivate_service(service_id: UUID) -> Service:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.reactivate_service(call.session, service_id, actor=call.actor, now=call.now)
            return call.answer(catalog.get_service(call.session, service_id))

    @resolver.get(f"{ONE}/pools", tags=["services"], responses=reads(ServiceNotFound))
    def list_service_pools(service_id: UUID) -> Items[ResourcePool]:
        with api.read(Permission.CATALOG_READ) as call:
            catalog.get_service(call.session, service_id)
            return Items(items=catalog.list_service_pools(call.session, service_id))

    @resolver.put(f"{ONE}/pools", tags=["services"], responses=changes(ServiceNotFound, PoolNotFound))
    def need_pools(service_id: UUID, pools: Annotated[Ids, Body()]) -> Items[ResourcePool]:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.need_pools(call.session, service_id, pools.ids, actor=call.actor, now=call.now)
            return call.answer(Items(items=catalog.list_service_pools(call.session, service_id)))


def _add_options(resolver: ApiResolver, api: Api) -> None:
    @resolver.get(f"{ONE}/options", tags=["options"], responses=reads(ServiceNotFound))
    def list_options(
        service_id: UUID,
        include_inactive: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query's flag
    ) -> Items[ServiceOption]:
        with api.read(Permission.CATALOG_READ) as call:
            catalog.get_service(call.session, service_id)
            return Items(items=catalog.list_options(call.session, service_id, active_only=not include_inactive))

    @resolver.post(
        f"{ONE}/options",
        tags=["options"],
        status_code=201,
        responses=changes(ServiceNotFound, OptionNameTaken, ServiceLengthImpossible, status=201),
    )
    def create_option(service_id: UUID, details: Annotated[OptionBody, Body()]) -> ServiceOption:
        with api.write(Permission.CATALOG_WRITE) as call:
            return call.answer(catalog.create_option(call.session, service_id, details, actor=call.actor, now=call.now))

    @resolver.put(OPTION, tags=["options"], responses=changes(OptionNotFound, OptionNameTaken, ServiceLengthImpossible))
    def change_option(option_id: UUID, details: Annotated[OptionBody, Body()]) -> ServiceOption:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.change_option(call.session, option_id, details, actor=call.actor, now=call.now)
            return call.answer(catalog.get_option(call.session, option_id))

    @resolver.delete(OPTION, tags=["options"], responses=changes(OptionNotFound))
    def deactivate_option(option_id: UUID) -> ServiceOption:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.deactivate_option(call.session, option_id, actor=call.actor, now=call.now)
            return call.answer(catalog.get_option(call.session, option_id))

    @resolver.post(f"{OPTION}/reactivate", tags=["options"], responses=changes(OptionNotFound, ServiceLengthImpossible))
    def reactivate_option(option_id: UUID) -> ServiceOption:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.reactivate_option(call.session, option_id, actor=call.actor, now=call.now)
            return call.answer(catalog.get_option(call.session, option_id))
