"""A salon's file, version 1. No personal data: no clients, no bookings, no accounts, no secrets.

Things refer to each other by `key`, which is the name unless two things share one. Wall times are «HH:MM», dates ISO,
prices whole minor units (kopecks) by grade, with «» for the general price. What is left out has the default said here,
except for the lists that stand for themselves (`hours`, `shifts`, `breaks`, `time_off`, `services` of a location,
`skills`, `pools`): left out, they stay as they are in the tenant; given, they replace what is there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictFloat,
    StrictInt,
    WithJsonSchema,
    model_validator,
)

from salon.availability.domain import RuleKind
from salon.catalog.domain import NormUnit, PoolKind
from salon.platform.http_fields import Day as OnDay
from salon.platform.http_fields import DecimalField

VERSION = 1
_WALL = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
MAX_MANY = 5_000  # things of a kind in one file; the largest chains have hundreds


def _wall(value: object) -> object:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not _WALL.fullmatch(value):
        raise ValueError("a time of day is written HH:MM")
    return time.fromisoformat(value)


def _quantity(value: Decimal) -> str:
    return format(value.normalize(), "f")


WallTime = Annotated[
    time,
    BeforeValidator(_wall),
    PlainSerializer(lambda at: at.isoformat("minutes"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_WALL.pattern}$"}),
]
Quantity = Annotated[
    DecimalField,
    Field(gt=0, allow_inf_nan=False),
    PlainSerializer(_quantity, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}], "exclusiveMinimum": 0}),
]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Key = Annotated[str, Field(min_length=1, max_length=220)]
Text = Annotated[str, Field(max_length=1_000)]
Day = Annotated[StrictInt, Field(ge=1, le=7, description="ISO weekday, 1 is Monday")]
ByGrade = dict[Annotated[str, Field(max_length=100)], StrictInt]


class Part(BaseModel):
    """Base of everything in the file: unknown fields are refused, because they are slips."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Keyed(Part):
    """A thing that others refer to."""

    name: Name
    key: Key | None = Field(default=None, description="what others call it in this file; the name, if left out")
    is_active: StrictBool = True

    @property
    def own_key(self) -> str:
        """What the other things of the file call it."""
        return self.key or self.name


class TenantPart(Part):
    """The business."""

    name: Name
    locale: Annotated[str, Field(max_length=8)] = "ru"
    quiet_from: WallTime = Field(default=time(22), description="from then on nobody is written to unasked")
    quiet_until: WallTime = time(9)


class OpeningPart(Part):
    """Opening hours as clients are told; what is bookable are `hours`."""

    days: tuple[Day, ...] = Field(min_length=1)
    start: WallTime = Field(alias="from")
    end: WallTime = Field(alias="to")


class RulePart(Part):
    """A rule of working time; what it is for, the list says that it stands in."""

    kind: RuleKind = RuleKind.WEEKLY
    location: Key | None = Field(default=None, description="of a person's rules: where; the home branch, if left out")
    service: Key | None = Field(default=None, description="for this service only")
    days: tuple[Day, ...] | None = None
    start: WallTime | None = Field(default=None, alias="from")
    end: WallTime | None = Field(default=None, alias="to", description="not after `from` means the next day")
    valid_from: OnDay | None = None
    valid_to: OnDay | None = None
    capacity: StrictInt = Field(default=1, ge=1, le=1000)
    granularity_min: StrictInt = Field(default=15, ge=1, le=1440)
    closed: StrictBool = Field(default=False, description="takes time away; breaks and time off always do")
    template: Key | None = Field(default=None, description="the template it was made from")
    group: StrictInt | None = Field(default=None, description="rules of one number were made together and go together")


Rules = tuple[RulePart, ...] | None


class WithRules(Keyed):
    """Whoever or whatever has working time."""

    hours: Rules = None
    shifts: Rules = None
    breaks: Rules = None
    time_off: Rules = None


class LocationPart(WithRules):
    """A branch; its hours are those of everybody there without hours of their own."""

    timezone: Name
    address: Text = ""
    phone: Annotated[str, Field(max_length=50)] = ""
    opening_hours: tuple[OpeningPart, ...] = ()
    latitude: StrictFloat | None = None
    longitude: StrictFloat | None = None
    travel_min: StrictInt = 0
    services: tuple[Key, ...] | None = Field(default=None, description="what it offers")


class PoolPart(Part):
    """Interchangeable chairs, rooms or devices."""

    name: Name
    kind: PoolKind


class ResourcePart(Part):
    """One chair, room or device."""

    name: Name
    location: Key
    pool: Name
    is_active: StrictBool = True


class OptionPart(Part):
    """An option of a service."""

    name: Name
    choice: Annotated[str, Field(max_length=200)] = Field(default="", description="of one choice, one can be taken")
    extra_min: StrictInt = 0
    position: StrictInt = 0
    is_active: StrictBool = True

    @property
    def own_key(self) -> str:
        """What price lists and norms call it: «Длина: длинные», «Уход»."""
        return option_key(self.choice, self.name)


def option_key(choice: str, name: str) -> str:
    """What an option is called in the file, among those of its service."""
    return f"{choice}: {name}" if choice else name


class ServicePart(Keyed):
    """What is sold as work."""

    category: Annotated[str, Field(max_length=200)] = ""
    synonyms: tuple[Name, ...] = ()
    duration_min: StrictInt = Field(ge=1, le=1440)
    buffer_before_min: StrictInt = 0
    buffer_after_min: StrictInt = 0
    requires_staff: StrictBool = True
    processing_from_min: StrictInt | None = None
    processing_min: StrictInt = 0
    min_notice_min: StrictInt | None = None
    options: tuple[OptionPart, ...] = ()
    pools: tuple[Name, ...] | None = Field(default=None, description="what it needs a unit of")


class StaffPart(WithRules):
    """Whoever serves. A name as clients are shown it, no more."""

    location: Key
    title: Annotated[str, Field(max_length=200)] = ""
    speciality: Annotated[str, Field(max_length=200)] = ""
    grade: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    skills: dict[Key, StrictInt | None] | None = Field(
        default=None, description="service to own minutes, null: the usual"
    )


class EntryPart(Part):
    """Hours of one day of a template."""

    day: StrictInt = Field(ge=1, description="1 is the first day of the cycle")
    start: WallTime = Field(alias="from")
    end: WallTime = Field(alias="to")
    granularity_min: StrictInt = 15
    is_break: StrictBool = False


class TemplatePart(Part):
    """A pattern of shifts that repeats."""

    name: Name
    cycle_days: StrictInt = Field(ge=1, le=56)
    entries: tuple[EntryPart, ...]


class PriceListPart(Part):
    """A version of the prices; a location and a first day tell it from the others."""

    name: Name
    valid_from: OnDay
    valid_to: OnDay | None = Field(default=None, description="null: until a newer one replaces it")
    location: Key | None = Field(default=None, description="null: of the whole tenant")
    currency: Annotated[str, Field(min_length=3, max_length=3)] = "RUB"
    prices: dict[Key, ByGrade] = Field(default={}, description="service, then grade, to minor units")
    option_prices: dict[Key, dict[Key, ByGrade]] = Field(default={}, description="service, option, grade")


class NormPart(Part):
    """How much a service uses of what."""

    service: Key
    option: Key | None = None
    staff: Key | None = None
    item: Name
    quantity: Quantity
    unit: NormUnit


class SalonFile(Part):
    """A whole salon."""

    version: Literal[1]
    tenant: TenantPart | None = None
    settings: dict[Annotated[str, Field(min_length=1, max_length=32)], dict[str, Any]] = {}
    resource_pools: tuple[PoolPart, ...] = Field(default=(), max_length=MAX_MANY)
    services: tuple[ServicePart, ...] = Field(default=(), max_length=MAX_MANY)
    templates: tuple[TemplatePart, ...] = Field(default=(), max_length=MAX_MANY)
    locations: tuple[LocationPart, ...] = Field(default=(), max_length=MAX_MANY)
    resources: tuple[ResourcePart, ...] = Field(default=(), max_length=MAX_MANY)
    staff: tuple[StaffPart, ...] = Field(default=(), max_length=MAX_MANY)
    price_lists: tuple[PriceListPart, ...] = Field(default=(), max_length=MAX_MANY)
    norms: tuple[NormPart, ...] = Field(default=(), max_length=MAX_MANY)

    @model_validator(mode="after")
    def _keys_are_unique(self) -> Self:
        named: Mapping[str, list[str]] = {
            "resource_pools": [pool.name for pool in self.resource_pools],
            "services": [service.own_key for service in self.services],
            "templates": [template.name for template in self.templates],
            "locations": [location.own_key for location in self.locations],
            "resources": [f"{unit.name} ({unit.location})" for unit in self.resources],
            "staff": [person.own_key for person in self.staff],
            "price_lists": [f"{prices.valid_from} ({prices.location or 'all'})" for prices in self.price_lists],
            **{
                f"options of «{service.own_key}»": [option.own_key for option in service.options]
                for service in self.services
            },
        }
        for what, keys in named.items():
            twice = [key for key, times in Counter(keys).items() if times > 1]
            if twice:
                raise ValueError(f"{what}: «{twice[0]}» stands there twice; give one of them another key")
        return self


def render(file: SalonFile) -> dict[str, Any]:
    """The file as JSON values, without what is left to its default: two equal salons render equally."""
    return {"version": VERSION} | file.model_dump(mode="json", by_alias=True, exclude_defaults=True)
