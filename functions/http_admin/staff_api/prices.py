"""Versioned price lists and consumption norms."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import BaseModel
from pydantic.dataclasses import dataclass

from salon.catalog import use_cases as catalog
from salon.catalog.domain import Norm, NormDetails, PriceList, PriceListDetails
from salon.catalog.errors import (
    LocationNotFound,
    NormNotFound,
    NormTwice,
    OptionNotFound,
    PriceListInUse,
    PriceListNotFound,
    PriceListsOverlap,
    ServiceNotFound,
    StaffNotFound,
)
from salon.identity.access import Permission
from salon.identity.edge import Api, changes, reads
from salon.platform.http import ApiResolver
from salon.platform.http_fields import Day, DecimalField
from staff_api.common import STRICT, Done, Items

LIST = "/admin/v1/price-lists/<price_list_id>"
NORM = "/admin/v1/norms/<norm_id>"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PriceListBody(PriceListDetails):
    """One version of the prices."""

    valid_from: Day
    valid_to: Day | None = None


@dataclass(frozen=True, kw_only=True, config=STRICT)
class NormBody(NormDetails):
    """How much a service uses of what."""

    quantity: DecimalField


class EndBody(BaseModel):
    """The last day on which a price list is valid."""

    model_config = STRICT

    valid_to: Day


def add_price_routes(resolver: ApiResolver, api: Api) -> None:
    """`/price-lists` and `/norms`."""
    _add_lists(resolver, api)
    _add_norms(resolver, api)


def _add_lists(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/price-lists", tags=["prices"], responses=reads())
    def list_price_lists(on: Annotated[Day | None, Query()] = None) -> Items[PriceList]:
        with api.read(Permission.PRICES_READ) as call:
            return Items(items=catalog.list_price_lists(call.session, on=on))

    @resolver.post(
        "/admin/v1/price-lists",
        tags=["prices"],
        status_code=201,
        responses=changes(
            LocationNotFound, ServiceNotFound, OptionNotFound, PriceListsOverlap, PriceListInUse, status=201
        ),
    )
    def publish_price_list(details: Annotated[PriceListBody, Body()]) -> PriceList:
        with api.write(Permission.PRICES_WRITE) as call:
            return call.answer(catalog.publish_price_list(call.session, details, actor=call.actor, now=call.now))

    @resolver.get(LIST, tags=["prices"], responses=reads(PriceListNotFound))
    def get_price_list(price_list_id: UUID) -> PriceList:
        with api.read(Permission.PRICES_READ) as call:
            return catalog.get_price_list(call.session, price_list_id)

    @resolver.put(
        LIST,
        tags=["prices"],
        responses=changes(
            PriceListNotFound, LocationNotFound, ServiceNotFound, OptionNotFound, PriceListsOverlap, PriceListInUse
        ),
    )
    def change_price_list(price_list_id: UUID, details: Annotated[PriceListBody, Body()]) -> PriceList:
        with api.write(Permission.PRICES_WRITE) as call:
            catalog.change_price_list(call.session, price_list_id, details, actor=call.actor, now=call.now)
            return call.answer(catalog.get_price_list(call.session, price_list_id))

    @resolver.post(
        f"{LIST}/end", tags=["prices"], responses=changes(PriceListNotFound, PriceListsOverlap, PriceListInUse)
    )
    def end_price_list(price_list_id: UUID, body: Annotated[EndBody, Body()]) -> PriceList:
        with api.write(Permission.PRICES_WRITE) as call:
            catalog.end_price_list(call.session, price_list_id, body.valid_to, actor=call.actor, now=call.now)
            return call.answer(catalog.get_price_list(call.session, price_list_id))

    @resolver.delete(LIST, tags=["prices"], responses=changes(PriceListNotFound, PriceListInUse))
    def withdraw_price_list(price_list_id: UUID) -> Done:
        with api.write(Permission.PRICES_WRITE) as call:
            catalog.withdraw_price_list(call.session, price_list_id, actor=call.actor, now=call.now)
            return call.answer(Done())


def _add_norms(resolver: ApiResolver, api: Api) -> None:
    @resolver.get("/admin/v1/norms", tags=["norms"], responses=reads())
    def list_norms(service_id: Annotated[UUID | None, Query()] = None) -> Items[Norm]:
        with api.read(Permission.CATALOG_READ) as call:
            return Items(items=catalog.list_norms(call.session, service_id=service_id))

    @resolver.post(
        "/admin/v1/norms",
        tags=["norms"],
        status_code=201,
        responses=changes(ServiceNotFound, OptionNotFound, StaffNotFound, NormTwice, status=201),
    )
    def create_norm(details: Annotated[NormBody, Body()]) -> Norm:
        with api.write(Permission.CATALOG_WRITE) as call:
            return call.answer(catalog.create_norm(call.session, details, actor=call.actor, now=call.now))

    @resolver.put(
        NORM,
        tags=["norms"],
        responses=changes(NormNotFound, ServiceNotFound, OptionNotFound, StaffNotFound, NormTwice),
    )
    def change_norm(norm_id: UUID, details: Annotated[NormBody, Body()]) -> Norm:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.change_norm(call.session, norm_id, details, actor=call.actor, now=call.now)
            return call.answer(catalog.get_norm(call.session, norm_id))

    @resolver.delete(NORM, tags=["norms"], responses=changes(NormNotFound))
    def remove_norm(norm_id: UUID) -> Done:
        with api.write(Permission.CATALOG_WRITE) as call:
            catalog.remove_norm(call.session, norm_id, actor=call.actor, now=call.now)
            return call.answer(Done())
