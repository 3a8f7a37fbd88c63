"""A salon with everything that can stand in somebody's way, and as little else as possible: for random play."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from salon.availability import use_cases as availability
from salon.availability.domain import EVERY_DAY, Rule, RuleDetails, RuleKind
from salon.catalog import use_cases as catalog
from salon.catalog.domain import (
    LocationDetails,
    PoolKind,
    ResourceDetails,
    ResourcePoolDetails,
    ServiceDetails,
    ServiceOptionDetails,
    Skill,
    StaffDetails,
)
from salon.identity.use_cases import write_settings
from salon.platform.db import Database, WriteSession
from support.factories import ACTOR, TIMEZONE, make_client

HORIZON_DAYS = 1
HOURS = ("12:00", "16:00")


@dataclass
class SmallSalon:
    """Ids, by what they stand for; lists are in an order that does not depend on chance.

    Attributes:
        locations: two, half an hour from each other.
        services: «Стрижка» (a chair, cleaning after, an option that makes it longer), «Окрашивание» (a chair,
            preparation, the stylist is free while the colour works), «Урок» (a group), «Солярий» (nobody, one device).
        staff: Анна works at both locations on the same days, Борис at the first.
        chairs: one at each location, for two people at the first.
        longer: the option.
        hours, lessons: the first location's rules.
    """

    tenant_id: UUID
    now: datetime
    locations: list[UUID] = field(default_factory=list)
    services: dict[str, UUID] = field(default_factory=dict)
    staff: list[UUID] = field(default_factory=list)
    chairs: list[UUID] = field(default_factory=list)
    clients: list[UUID] = field(default_factory=list)
    longer: UUID | None = None
    hours: Rule | None = None
    lessons: Rule | None = None


def hours_of(location_id: UUID, hours: tuple[str, str], **more: Any) -> RuleDetails:
    """A weekly rule of every day with an hour between starts."""
    start, end = (datetime.strptime(at, "%H:%M").time() for at in hours)  # noqa: DTZ007 - a wall time
    return RuleDetails(
        location_id=location_id,
        kind=RuleKind.WEEKLY,
        start_time=start,
        end_time=end,
        days_of_week=EVERY_DAY,
        slot_granularity_min=60,
        **more,
    )


def furnish(database: Database, tenant_id: UUID, now: datetime) -> SmallSalon:
    """Furnish a tenant; its slots are made for today and tomorrow."""
    salon = SmallSalon(tenant_id, now)
    with database.transaction(tenant_id) as session:
        write_settings(session, "booking", {"horizon_days": HORIZON_DAYS}, actor=ACTOR, now=now)
        with catalog.gather_changes(session, now=now) as moved:
            _catalogue(session, salon)
            moved.clear()
        for location_id in salon.locations:
            availability.refresh_slots(session, location_id=location_id, now=now)
        salon.clients = [make_client(session, now=now, name=f"Клиент {number}").id for number in range(4)]
    return salon


def _catalogue(session: WriteSession, salon: SmallSalon) -> None:
    say: dict[str, Any] = {"actor": ACTOR, "now": salon.now}
    for name in ("Ближний", "Дальний"):
        details = LocationDetails(name=name, timezone=TIMEZONE, travel_min=15)
        salon.locations.append(catalog.create_location(session, details, **say).id)
    near, far = salon.locations
    for service in (
        ServiceDetails(name="Стрижка", duration_min=60, buffer_after_min=10),
        ServiceDetails(
            name="Окрашивание", duration_min=120, buffer_before_min=5, processing_from_min=30, processing_min=60
        ),
        ServiceDetails(name="Урок", duration_min=60),
        ServiceDetails(name="Солярий", duration_min=30, requires_staff=False),
    ):
        salon.services[service.name] = catalog.create_service(session, service, **say).id
    option = ServiceOptionDetails(name="Длинные волосы", extra_min=30)
    salon.longer = catalog.create_option(session, salon.services["Стрижка"], option, **say).id
    for location_id in salon.locations:
        catalog.offer_services(session, location_id, list(salon.services.values()), **say)
    _resources(session, salon, say)
    for name in ("Анна", "Борис"):
        person = catalog.create_staff(session, StaffDetails(location_id=near, name=name), **say)
        salon.staff.append(person.id)
        skills = [Skill(salon.services[known]) for known in ("Стрижка", "Окрашивание", "Урок")]
        catalog.assign_skills(session, person.id, skills, **say)
    create: Callable[..., Rule] = availability.create_rule
    salon.hours = create(session, hours_of(near, HOURS), refresh=False, **say)
    lesson = hours_of(near, HOURS, service_id=salon.services["Урок"], slot_capacity=2)
    salon.lessons = create(session, lesson, refresh=False, **say)
    create(session, hours_of(far, HOURS, staff_id=salon.staff[0]), refresh=False, **say)


def _resources(session: WriteSession, salon: SmallSalon, say: dict[str, Any]) -> None:
    chairs = catalog.create_resource_pool(session, ResourcePoolDetails(kind=PoolKind.CHAIR, name="Кресла"), **say)
    beds = catalog.create_resource_pool(session, ResourcePoolDetails(kind=PoolKind.DEVICE, name="Солярии"), **say)
    for location_id in salon.locations:
        chair = ResourceDetails(location_id=location_id, pool_id=chairs.id, name="Кресло")
        salon.chairs.append(catalog.create_resource(session, chair, **say).id)
    bed = ResourceDetails(location_id=salon.locations[0], pool_id=beds.id, name="Солярий")
    catalog.create_resource(session, bed, **say)
    for name, pool in (("Стрижка", chairs), ("Окрашивание", chairs), ("Солярий", beds)):
        catalog.need_pools(session, salon.services[name], [pool.id], **say)
