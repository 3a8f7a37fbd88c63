"""A salon into a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any, Protocol
from uuid import UUID

from salon.availability.domain import Rule, RuleDetails, RuleKind, RulePurpose, Template
from salon.availability.repository import rules, templates
from salon.availability.salon_file.schemas import (
    EntryPart,
    LocationPart,
    NormPart,
    OpeningPart,
    OptionPart,
    PoolPart,
    PriceListPart,
    ResourcePart,
    RulePart,
    SalonFile,
    ServicePart,
    StaffPart,
    TemplatePart,
    TenantPart,
    option_key,
)
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Location, PriceItem, PriceList, Service, Staff
from salon.catalog.domain.prices import OptionPrice
from salon.identity.use_cases import list_settings
from salon.identity.use_cases.business import get_business
from salon.platform.db import ReadSession

MINUTES_OF_HOUR = 60
# The lists of the file that rules stand in, by what the rules are for.
LISTS: Mapping[RulePurpose, str] = {
    RulePurpose.HOURS: "hours",
    RulePurpose.SHIFT: "shifts",
    RulePurpose.BREAK: "breaks",
    RulePurpose.TIME_OFF: "time_off",
}


class _Named(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...


def export_salon(session: ReadSession) -> SalonFile:
    """Everything a salon is made of, without clients, bookings, accounts and users.

    Importing it into an empty tenant and exporting that one gives the same file.
    """
    return _Export(session).file()


class _Export:
    """What the parts refer to, by id."""

    def __init__(self, session: ReadSession) -> None:
        self._session = session
        self._locations = sorted(catalog.list_locations(session, active_only=False), key=_by_name)
        self._services = sorted(catalog.list_services(session, active_only=False), key=_by_name)
        self._staff = sorted(catalog.list_staff(session, active_only=False), key=_by_name)
        self._pools = {pool.id: pool.name for pool in catalog.list_resource_pools(session)}
        self._templates = {template.id: template for template in templates.list_templates(session)}
        self._keys = keys_of(self._locations) | keys_of(self._services) | keys_of(self._staff)
        self._options = {
            option.id: option
            for service in self._services
            for option in catalog.list_options(session, service.id, active_only=False)
        }
        self._rules: dict[UUID, list[Rule]] = defaultdict(list)
        for rule in rules.list_rules(session):
            self._rules[rule.staff_id or rule.location_id].append(rule)
        self._groups: dict[UUID, int] = {}

    def file(self) -> SalonFile:
        session = self._session
        business = get_business(session)
        hours = business.quiet_hours
        return SalonFile(
            version=1,
            tenant=TenantPart(
                name=business.name,
                locale=business.locale,
                quiet_from=_clock(hours.start_min),
                quiet_until=_clock(hours.end_min),
            ),
            settings=dict(sorted(list_settings(session).items())),
            resource_pools=tuple(
                PoolPart(name=pool.name, kind=pool.kind) for pool in catalog.list_resource_pools(session)
            ),
            services=tuple(self._service(service) for service in self._services),
            templates=tuple(_template(template) for template in self._templates.values()),
            locations=tuple(self._location(location) for location in self._locations),
            resources=tuple(
                ResourcePart(
                    name=unit.name,
                    location=self._keys[unit.location_id],
                    pool=self._pools[unit.pool_id],
                    is_active=unit.is_active,
                )
                for unit in sorted(
                    catalog.list_resources(session, active_only=False),
                    key=lambda one: (self._keys[one.location_id], one.name),
                )
            ),
            staff=tuple(self._person(person) for person in self._staff),
            price_lists=tuple(
                self._price_list(prices)
                for prices in sorted(
                    catalog.list_price_lists(session),
                    key=lambda one: (one.valid_from, self._keys[one.location_id] if one.location_id else ""),
                )
            ),
            norms=self._norms(),
        )

    def _service(self, service: Service) -> ServicePart:
        return ServicePart(
            **self._own_name(service),
            is_active=service.is_active,
            category=service.category,
            synonyms=service.synonyms,
            duration_min=service.duration_min,
            buffer_before_min=service.buffer_before_min,
            buffer_after_min=service.buffer_after_min,
            requires_staff=service.requires_staff,
            processing_from_min=service.processing_from_min,
            processing_min=service.processing_min,
            min_notice_min=service.min_notice_min,
            options=tuple(
                OptionPart(
                    name=option.name,
                    choice=option.choice,
                    extra_min=option.extra_min,
                    position=option.position,
                    is_active=option.is_active,
                )
                for option in self._options.values()
                if option.service_id == service.id
            ),
            pools=tuple(pool.name for pool in catalog.list_service_pools(self._session, service.id)),
        )

    def _location(self, location: Location) -> LocationPart:
        offered = catalog.list_services(self._session, location_id=location.id, active_only=False)
        return LocationPart(
            **self._own_name(location),
            **self._working_time(location.id, home_id=location.id),
            is_active=location.is_active,
            timezone=location.timezone,
            address=location.address,
            phone=location.phone,
            opening_hours=_opening(location),
            latitude=location.latitude,
            longitude=location.longitude,
            travel_min=location.travel_min,
            services=tuple(sorted(self._keys[service.id] for service in offered)),
        )

    def _person(self, person: Staff) -> StaffPart:
        skills = {
            self._keys[skill.service_id]: skill.duration_min for skill in catalog.list_skills(self._session, person.id)
        }
        return StaffPart(
            **self._own_name(person),
            **self._working_time(person.id, home_id=person.location_id),
            is_active=person.is_active,
            location=self._keys[person.location_id],
            title=person.title,
            speciality=person.speciality,
            grade=person.grade,
            skills=dict(sorted(skills.items())),
        )

    def _own_name(self, thing: _Named) -> dict[str, Any]:
        key = self._keys[thing.id]
        return {"name": thing.name, "key": None if key == thing.name else key}

    def _working_time(self, owner_id: UUID, *, home_id: UUID) -> dict[str, Any]:
        found = self._rules[owner_id]
        return {
            name: tuple(
                self._rule(rule, home_id)
                for rule in sorted(
                    (rule for rule in found if rule.purpose is purpose),
                    key=lambda rule: self._rule_order(rule, home_id),
                )
            )
            for purpose, name in LISTS.items()
        }

    def _rule_order(self, rule: Rule, home_id: UUID) -> tuple[object, ...]:
        """An order by what rules say, not by when they were made: an import makes them anew."""
        return (
            list(RuleKind).index(rule.kind),
            rule.valid_from or date.min,
            rule.valid_to or date.max,
            sorted(rule.days_of_week or ()),
            rule.start_time or time.min,
            rule.end_time or time.min,
            "" if rule.location_id == home_id else self._keys[rule.location_id],
            self._keys[rule.service_id] if rule.service_id else "",
            rule.is_closed,
        )

    def _rule(self, rule: Rule, home_id: UUID) -> RulePart:
        group = None
        if rule.group_id is not None:
            group = self._groups.setdefault(rule.group_id, len(self._groups) + 1)
        return RulePart(
            kind=rule.kind,
            location=None if rule.location_id == home_id else self._keys[rule.location_id],
            service=self._keys[rule.service_id] if rule.service_id else None,
            days=tuple(sorted(rule.days_of_week)) if rule.days_of_week is not None else None,
            start=rule.start_time,
            end=rule.end_time,
            valid_from=rule.valid_from,
            valid_to=rule.valid_to,
            capacity=rule.slot_capacity,
            granularity_min=rule.slot_granularity_min,
            closed=rule.is_closed and not is_always_closed(rule),
            template=self._templates[rule.template_id].name if rule.template_id else None,
            group=group,
        )

    def _price_list(self, prices: PriceList) -> PriceListPart:
        services: dict[str, list[PriceItem]] = defaultdict(list)
        options: dict[str, dict[str, list[OptionPrice]]] = defaultdict(lambda: defaultdict(list))
        for item in prices.items:
            services[self._keys[item.service_id]].append(item)
        for option_item in prices.option_items:
            option = self._options[option_item.option_id]
            options[self._keys[option.service_id]][option_key(option.choice, option.name)].append(option_item)
        currencies = [item.price.currency for item in prices.items]
        currencies += [item.price.currency for item in prices.option_items]
        return PriceListPart(
            name=prices.name,
            valid_from=prices.valid_from,
            valid_to=prices.valid_to,
            location=self._keys[prices.location_id] if prices.location_id else None,
            currency=currencies[0] if currencies else "RUB",
            prices={key: _by_grade(items) for key, items in sorted(services.items())},
            option_prices={
                key: {name: _by_grade(items) for name, items in sorted(of_service.items())}
                for key, of_service in sorted(options.items())
            },
        )

    def _norms(self) -> tuple[NormPart, ...]:
        parts = []
        for norm in catalog.list_norms(self._session):
            option = self._options[norm.option_id] if norm.option_id else None
            parts.append(
                NormPart(
                    service=self._keys[norm.service_id],
                    option=option_key(option.choice, option.name) if option else None,
                    staff=self._keys[norm.staff_id] if norm.staff_id else None,
                    item=norm.item,
                    quantity=norm.quantity,
                    unit=norm.unit,
                )
            )
        return tuple(sorted(parts, key=lambda one: (one.service, one.item, one.option or "", one.staff or "")))


def is_always_closed(rule: RuleDetails) -> bool:
    """Whether rules of this purpose take time away without saying so."""
    return rule.purpose in {RulePurpose.BREAK, RulePurpose.TIME_OFF}


def keys_of(things: Sequence[_Named]) -> dict[UUID, str]:
    """Things of one kind to what the file calls them: the name, and of namesakes the second with a number."""
    keys: dict[UUID, str] = {}
    names = {thing.name for thing in things}
    taken: set[str] = set()
    for thing in sorted(things, key=lambda one: one.id):
        key, number = thing.name, 1
        while key in taken or (number > 1 and key in names):
            number += 1
            key = f"{thing.name} #{number}"
        taken.add(key)
        keys[thing.id] = key
    return keys


def _by_name(thing: _Named) -> tuple[str, UUID]:
    return (thing.name, thing.id)


def _by_grade(items: Iterable[PriceItem | OptionPrice]) -> dict[str, int]:
    return dict(sorted((item.staff_grade or "", item.price.minor) for item in items))


def _template(template: Template) -> TemplatePart:
    return TemplatePart(
        name=template.name,
        cycle_days=template.cycle_days,
        entries=tuple(
            EntryPart(
                day=entry.day,
                start=entry.start,
                end=entry.end,
                granularity_min=entry.granularity_min,
                is_break=entry.is_break,
            )
            for entry in template.entries
        ),
    )


def _opening(location: Location) -> tuple[OpeningPart, ...]:
    """Days of the same hours together."""
    days: dict[tuple[tuple[time, time], ...], list[int]] = defaultdict(list)
    for day, hours in sorted(location.opening_hours.items()):
        days[hours].append(day)
    return tuple(
        OpeningPart(days=tuple(same), start=start, end=end) for hours, same in days.items() for start, end in hours
    )


def _clock(minute: int) -> time:
    return time(*divmod(minute, MINUTES_OF_HOUR))
