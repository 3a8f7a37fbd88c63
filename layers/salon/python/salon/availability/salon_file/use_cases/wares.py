"""Services, what they need and use, and prices of a file."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from salon.availability.salon_file.domain import Outcome
from salon.availability.salon_file.schemas import OptionPart, PriceListPart, SalonFile, ServicePart, option_key
from salon.availability.salon_file.use_cases.exporting import keys_of
from salon.availability.salon_file.use_cases.tally import details_of, match_things
from salon.availability.salon_file.use_cases.workplace import Workplace
from salon.catalog import use_cases as catalog
from salon.catalog.domain import (
    NormDetails,
    OptionPrice,
    PriceItem,
    PriceList,
    PriceListDetails,
    ResourceDetails,
    ResourcePoolDetails,
    Service,
    ServiceDetails,
    ServiceOption,
    ServiceOptionDetails,
)
from salon.platform.money import Money


def import_pools(place: Workplace, file: SalonFile) -> None:
    """Pools of chairs, rooms and devices."""
    stored = {pool.name: pool for pool in catalog.list_resource_pools(place.session)}
    for name, pool in stored.items():
        place.tally.know("resource_pool", name, pool.id)
    for number, part in enumerate(file.resource_pools, start=1):
        pool_id: UUID | None = None
        with place.tally.thing(f"resource pools {number} «{part.name}»") as done:
            details = ResourcePoolDetails(kind=part.kind, name=part.name)
            known = stored.get(part.name)
            if known is None:
                pool_id = catalog.create_resource_pool(place.session, details, actor=place.actor, now=place.now).id
                done(Outcome.CREATED)
            else:
                pool_id = known.id
                if details != details_of(known, ResourcePoolDetails):
                    catalog.change_resource_pool(place.session, pool_id, details, actor=place.actor, now=place.now)
                    done(Outcome.CHANGED)
        place.note("resource_pool", part.name, pool_id)


def import_services(place: Workplace, file: SalonFile) -> None:
    """Services, their options and the pools they need."""
    stored = {service.id: service for service in catalog.list_services(place.session, active_only=False)}
    for service_id, key in keys_of(list(stored.values())).items():
        place.tally.know("service", key, service_id)
        for option in catalog.list_options(place.session, service_id, active_only=False):
            place.tally.know(_options_of(service_id), option_key(option.choice, option.name), option.id)
    found = match_things(
        [(part.name,) for part in file.services], {known: (one.name,) for known, one in stored.items()}
    )
    for number, (part, known_id) in enumerate(zip(file.services, found, strict=True), start=1):
        service: Service | None = None
        words = f"services {number} «{part.own_key}»"
        with place.tally.thing(words) as done:
            service = stored[known_id] if known_id else None
            details = _service_details(part)
            if service is None:
                service = catalog.create_service(place.session, details, actor=place.actor, now=place.now)
                done(Outcome.CREATED)
            elif details != details_of(service, ServiceDetails):
                catalog.change_service(place.session, service.id, details, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
            if part.is_active != service.is_active:
                act = catalog.reactivate_service if part.is_active else catalog.deactivate_service
                act(place.session, service.id, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
            if part.pools is not None:
                wanted = place.tally.resolve_all("resource_pool", part.pools)
                needed = catalog.list_service_pools(place.session, service.id)
                if set(wanted) != {pool.id for pool in needed}:
                    catalog.need_pools(place.session, service.id, wanted, actor=place.actor, now=place.now)
                    done(Outcome.CHANGED)
        if place.note("service", part.own_key, service.id if service else None) and service:
            _import_options(place, words, part, service.id)


def _service_details(part: ServicePart) -> ServiceDetails:
    return ServiceDetails(
        name=part.name,
        category=part.category,
        synonyms=part.synonyms,
        duration_min=part.duration_min,
        buffer_before_min=part.buffer_before_min,
        buffer_after_min=part.buffer_after_min,
        requires_staff=part.requires_staff,
        processing_from_min=part.processing_from_min,
        processing_min=part.processing_min,
        min_notice_min=part.min_notice_min,
    )


def _options_of(service_id: UUID) -> str:
    """Keys of options are known apart for each service."""
    return f"option of {service_id}"


def _import_options(place: Workplace, words: str, service: ServicePart, service_id: UUID) -> None:
    stored = {
        (option.choice, option.name): option
        for option in catalog.list_options(place.session, service_id, active_only=False)
    }
    for number, part in enumerate(service.options, start=1):
        option: ServiceOption | None = None
        with place.tally.thing(f"{words}, options {number} «{part.own_key}»") as done:
            details = _option_details(part)
            option = stored.get((part.choice, part.name))
            if option is None:
                option = catalog.create_option(place.session, service_id, details, actor=place.actor, now=place.now)
                done(Outcome.CREATED)
            elif details != details_of(option, ServiceOptionDetails):
                catalog.change_option(place.session, option.id, details, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
            if part.is_active != option.is_active:
                act = catalog.reactivate_option if part.is_active else catalog.deactivate_option
                act(place.session, option.id, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
        place.note(_options_of(service_id), part.own_key, option.id if option else None)


def _option_details(part: OptionPart) -> ServiceOptionDetails:
    return ServiceOptionDetails(name=part.name, choice=part.choice, extra_min=part.extra_min, position=part.position)


def import_resources(place: Workplace, file: SalonFile) -> None:
    """Chairs, rooms and devices."""
    stored = {(unit.location_id, unit.name): unit for unit in catalog.list_resources(place.session, active_only=False)}
    for number, part in enumerate(file.resources, start=1):
        with place.tally.thing(f"resources {number} «{part.name}»") as done:
            details = ResourceDetails(
                location_id=place.tally.resolve("location", part.location),
                pool_id=place.tally.resolve("resource_pool", part.pool),
                name=part.name,
            )
            unit = stored.get((details.location_id, part.name))
            if unit is None:
                unit = catalog.create_resource(place.session, details, actor=place.actor, now=place.now)
                done(Outcome.CREATED)
            elif details != details_of(unit, ResourceDetails):
                catalog.change_resource(place.session, unit.id, details, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
            if part.is_active != unit.is_active:
                act = catalog.reactivate_resource if part.is_active else catalog.deactivate_resource
                act(place.session, unit.id, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)


def import_prices(place: Workplace, file: SalonFile) -> None:
    """Versions of the prices, the oldest first, so that each ends the one before."""
    stored = {(prices.location_id, prices.valid_from): prices for prices in catalog.list_price_lists(place.session)}
    numbered = sorted(enumerate(file.price_lists, start=1), key=lambda one: one[1].valid_from)
    for number, part in numbered:
        with place.tally.thing(f"price lists {number} «{part.name}» from {part.valid_from}") as done:
            details = _price_list_details(place, part)
            known = stored.get((details.location_id, part.valid_from))
            if known is None:
                catalog.publish_price_list(place.session, details, actor=place.actor, now=place.now)
                done(Outcome.CREATED)
            elif not _says_the_same(known, details):
                corrected = details if part.valid_to else replace(details, valid_to=known.valid_to)
                catalog.change_price_list(place.session, known.id, corrected, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
            elif part.valid_to is not None and part.valid_to != known.valid_to:
                catalog.end_price_list(place.session, known.id, part.valid_to, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)


def _price_list_details(place: Workplace, part: PriceListPart) -> PriceListDetails:
    items = [
        PriceItem(place.tally.resolve("service", key), Money(minor, part.currency), grade or None)
        for key, by_grade in part.prices.items()
        for grade, minor in by_grade.items()
    ]
    option_items = []
    for key, of_service in part.option_prices.items():
        service_id = place.tally.resolve("service", key)
        for name, by_grade in of_service.items():
            option_id = place.tally.resolve(_options_of(service_id), name)
            option_items += [
                OptionPrice(option_id, Money(minor, part.currency), grade or None) for grade, minor in by_grade.items()
            ]
    return PriceListDetails(
        name=part.name,
        valid_from=part.valid_from,
        valid_to=part.valid_to,
        location_id=place.tally.resolve("location", part.location) if part.location else None,
        items=tuple(items),
        option_items=tuple(option_items),
    )


def _says_the_same(known: PriceList, details: PriceListDetails) -> bool:
    return (known.name, set(known.items), set(known.option_items)) == (
        details.name,
        set(details.items),
        set(details.option_items),
    )


def import_norms(place: Workplace, file: SalonFile) -> None:
    """How much services use of what."""
    stored = {
        (norm.service_id, norm.option_id, norm.staff_id, norm.item): norm for norm in catalog.list_norms(place.session)
    }
    for number, part in enumerate(file.norms, start=1):
        with place.tally.thing(f"norms {number} «{part.item}» of «{part.service}»") as done:
            service_id = place.tally.resolve("service", part.service)
            details = NormDetails(
                service_id=service_id,
                item=part.item,
                quantity=part.quantity,
                unit=part.unit,
                option_id=place.tally.resolve(_options_of(service_id), part.option) if part.option else None,
                staff_id=place.tally.resolve("staff", part.staff) if part.staff else None,
            )
            known = stored.get((service_id, details.option_id, details.staff_id, part.item))
            if known is None:
                catalog.create_norm(place.session, details, actor=place.actor, now=place.now)
                done(Outcome.CREATED)
            elif details != details_of(known, NormDetails):
                catalog.change_norm(place.session, known.id, details, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
