"""What a person does with the catalogue.

Every change is audited with ids only. Changes here do not move slots by themselves: whoever changes skills, hours or
what a location offers has the slots generated anew (`availability.use_cases.generate_slots`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from salon.catalog.domain import (
    Lexicon,
    Location,
    LocationDetails,
    NamedThing,
    PriceList,
    PriceListDetails,
    Service,
    ServiceDetails,
    Skill,
    Staff,
    StaffDetails,
)
from salon.catalog.repository import locations, prices, services, staff
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.platform.db import ReadSession, WriteSession
from salon.platform.money import Money


def create_location(session: WriteSession, details: LocationDetails, *, actor: Actor, now: datetime) -> Location:
    """Open a branch."""
    location = locations.add_location(session, details, now)
    record_audit(
        session, action="catalog.location.created", subject="location", subject_id=location.id, actor=actor, now=now
    )
    return location


def change_location(
    session: WriteSession, location_id: UUID, details: LocationDetails, *, actor: Actor, now: datetime
) -> None:
    """Replace what is said about a branch.

    Raises:
        LocationNotFound: there is none.
    """
    locations.update_location(session, location_id, details)
    record_audit(
        session, action="catalog.location.changed", subject="location", subject_id=location_id, actor=actor, now=now
    )


def deactivate_location(session: WriteSession, location_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Close a branch for good; its history stays.

    Raises:
        LocationNotFound: there is none.
    """
    locations.deactivate_location(session, location_id)
    record_audit(
        session, action="catalog.location.deactivated", subject="location", subject_id=location_id, actor=actor, now=now
    )


def get_location(session: ReadSession, location_id: UUID) -> Location:
    """A branch.

    Raises:
        LocationNotFound: there is none.
    """
    return locations.get_location(session, location_id)


def list_locations(session: ReadSession, *, active_only: bool = True) -> list[Location]:
    """Branches by name."""
    return locations.list_locations(session, active_only=active_only)


def create_staff(session: WriteSession, details: StaffDetails, *, actor: Actor, now: datetime) -> Staff:
    """Take on a member of staff.

    Raises:
        LocationNotFound: the location does not exist.
    """
    locations.get_location(session, details.location_id)
    person = staff.add_staff(session, details, now)
    record_audit(session, action="catalog.staff.created", subject="staff", subject_id=person.id, actor=actor, now=now)
    return person


def change_staff(session: WriteSession, staff_id: UUID, details: StaffDetails, *, actor: Actor, now: datetime) -> None:
    """Replace what is said about a member of staff.

    Raises:
        StaffNotFound: there is none.
        LocationNotFound: the location does not exist.
    """
    locations.get_location(session, details.location_id)
    staff.update_staff(session, staff_id, details)
    record_audit(session, action="catalog.staff.changed", subject="staff", subject_id=staff_id, actor=actor, now=now)


def deactivate_staff(session: WriteSession, staff_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Let a member of staff go; bookings already made stay.

    Raises:
        StaffNotFound: there is none.
    """
    staff.deactivate_staff(session, staff_id)
    record_audit(
        session, action="catalog.staff.deactivated", subject="staff", subject_id=staff_id, actor=actor, now=now
    )


def get_staff(session: ReadSession, staff_id: UUID) -> Staff:
    """A member of staff.

    Raises:
        StaffNotFound: there is none.
    """
    return staff.get_staff(session, staff_id)


def list_staff(session: ReadSession, *, location_id: UUID | None = None, active_only: bool = True) -> list[Staff]:
    """Staff by name."""
    return staff.list_staff(session, service_id=None, location_id=location_id, active_only=active_only)


def list_staff_for(session: ReadSession, service_id: UUID, *, location_id: UUID | None = None) -> list[Staff]:
    """Active staff who can do a service where it is offered, by name."""
    return staff.list_staff(session, service_id=service_id, location_id=location_id, active_only=True)


def create_service(session: WriteSession, details: ServiceDetails, *, actor: Actor, now: datetime) -> Service:
    """Add a service to the tenant's range; a location then has to offer it and staff have to be able to do it."""
    service = services.add_service(session, details, now)
    record_audit(
        session, action="catalog.service.created", subject="service", subject_id=service.id, actor=actor, now=now
    )
    return service


def change_service(
    session: WriteSession, service_id: UUID, details: ServiceDetails, *, actor: Actor, now: datetime
) -> None:
    """Replace what is said about a service; bookings keep the length and price they were made with.

    Raises:
        ServiceNotFound: there is none.
    """
    services.update_service(session, service_id, details)
    record_audit(
        session, action="catalog.service.changed", subject="service", subject_id=service_id, actor=actor, now=now
    )


def deactivate_service(session: WriteSession, service_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Stop selling a service.

    Raises:
        ServiceNotFound: there is none.
    """
    services.deactivate_service(session, service_id)
    record_audit(
        session, action="catalog.service.deactivated", subject="service", subject_id=service_id, actor=actor, now=now
    )


def get_service(session: ReadSession, service_id: UUID) -> Service:
    """A service.

    Raises:
        ServiceNotFound: there is none.
    """
    return services.get_service(session, service_id)


def list_services(session: ReadSession, *, location_id: UUID | None = None, active_only: bool = True) -> list[Service]:
    """Services by category and name; with a location, those it offers."""
    return services.list_services(session, location_id=location_id, active_only=active_only)


def assign_skills(
    session: WriteSession, staff_id: UUID, skills: Sequence[Skill], *, actor: Actor, now: datetime
) -> None:
    """Say what a member of staff can do, instead of what was said before.

    Raises:
        StaffNotFound: there is none.
        ServiceNotFound: a service does not exist.
    """
    staff.get_staff(session, staff_id)
    for skill in skills:
        services.get_service(session, skill.service_id)
    staff.replace_skills(session, staff_id, skills)
    record_audit(
        session,
        action="catalog.staff.skills_assigned",
        subject="staff",
        subject_id=staff_id,
        actor=actor,
        now=now,
        data={"service_ids": [str(skill.service_id) for skill in skills]},
    )


def list_skills(session: ReadSession, staff_id: UUID) -> list[Skill]:
    """What a member of staff can do."""
    return staff.list_skills(session, staff_id)


def offer_services(
    session: WriteSession, location_id: UUID, service_ids: Iterable[UUID], *, actor: Actor, now: datetime
) -> None:
    """Say what a location offers, instead of what was said before.

    Raises:
        LocationNotFound: there is none.
        ServiceNotFound: a service does not exist.
    """
    offered = list(dict.fromkeys(service_ids))
    locations.get_location(session, location_id)
    for service_id in offered:
        services.get_service(session, service_id)
    locations.replace_offered_services(session, location_id, offered)
    record_audit(
        session,
        action="catalog.location.services_offered",
        subject="location",
        subject_id=location_id,
        actor=actor,
        now=now,
        data={"service_ids": [str(service_id) for service_id in offered]},
    )


def publish_price_list(session: WriteSession, details: PriceListDetails, *, actor: Actor, now: datetime) -> PriceList:
    """Make prices valid from a day on; the list before them, if open-ended, ends the day before.

    Prices on bookings already made are copies and do not change.

    Raises:
        LocationNotFound: the location does not exist.
        ServiceNotFound: a service does not exist.
        PriceListsOverlap: another list of the same reach is valid on some of the days.
        ServicePricedTwice: the same service and grade come twice.
    """
    if details.location_id is not None:
        locations.get_location(session, details.location_id)
    for service_id in {item.service_id for item in details.items}:
        services.get_service(session, service_id)
    prices.end_price_list_before(session, details.location_id, details.valid_from)
    price_list = prices.add_price_list(session, details, now)
    record_audit(
        session,
        action="catalog.price_list.published",
        subject="price_list",
        subject_id=price_list.id,
        actor=actor,
        now=now,
        data={"valid_from": details.valid_from.isoformat()},
    )
    return price_list


def end_price_list(session: WriteSession, price_list_id: UUID, valid_to: date, *, actor: Actor, now: datetime) -> None:
    """Make a price list end after `valid_to`.

    Raises:
        PriceListNotFound: there is none.
    """
    prices.end_price_list(session, price_list_id, valid_to)
    record_audit(
        session,
        action="catalog.price_list.ended",
        subject="price_list",
        subject_id=price_list_id,
        actor=actor,
        now=now,
        data={"valid_to": valid_to.isoformat()},
    )


def get_price_list(session: ReadSession, price_list_id: UUID) -> PriceList:
    """A version of the prices.

    Raises:
        PriceListNotFound: there is none.
    """
    return prices.get_price_list(session, price_list_id)


def price_of(
    session: ReadSession, *, service_id: UUID, location_id: UUID, staff_id: UUID | None, on: date
) -> Money | None:
    """What a service costs at a location with a member of staff on a day there; None when no list says.

    A location's own list goes before the tenant's, the price of the person's grade before the general one.

    Raises:
        StaffNotFound: there is no such member of staff.
    """
    grade = staff.get_staff(session, staff_id).grade if staff_id is not None else None
    return prices.find_price(session, service_id=service_id, location_id=location_id, staff_grade=grade, on=on)


def list_lexicon(session: ReadSession) -> Lexicon:
    """All the words for active services, staff and locations: what understanding is given."""
    return Lexicon(
        services=tuple(
            NamedThing(service.id, service.name, service.synonyms)
            for service in services.list_services(session, location_id=None, active_only=True)
        ),
        staff=tuple(
            NamedThing(person.id, person.name)
            for person in staff.list_staff(session, service_id=None, location_id=None, active_only=True)
        ),
        locations=tuple(
            NamedThing(place.id, place.name, (place.address,) if place.address else ())
            for place in locations.list_locations(session, active_only=True)
        ),
    )
