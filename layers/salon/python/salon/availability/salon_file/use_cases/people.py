"""Branches and staff of a file."""

from __future__ import annotations

from collections import defaultdict
from datetime import time

from salon.availability.salon_file.domain import Outcome
from salon.availability.salon_file.schemas import LocationPart, SalonFile, StaffPart
from salon.availability.salon_file.use_cases.exporting import keys_of
from salon.availability.salon_file.use_cases.tally import details_of, match_things
from salon.availability.salon_file.use_cases.workplace import Workplace
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Location, LocationDetails, Skill, Staff, StaffDetails


def import_locations(place: Workplace, file: SalonFile) -> None:
    """Branches and what each offers."""
    stored = {location.id: location for location in catalog.list_locations(place.session, active_only=False)}
    for location_id, key in keys_of(list(stored.values())).items():
        place.tally.know("location", key, location_id)
    found = match_things(
        [(part.name,) for part in file.locations], {known: (one.name,) for known, one in stored.items()}
    )
    for number, (part, known_id) in enumerate(zip(file.locations, found, strict=True), start=1):
        location: Location | None = None
        with place.tally.thing(f"locations {number} «{part.own_key}»") as done:
            details = _location_details(part)
            location = stored[known_id] if known_id else None
            if location is None:
                location = catalog.create_location(place.session, details, actor=place.actor, now=place.now)
                place.moved.add(location.id)
                done(Outcome.CREATED)
            elif details != details_of(location, LocationDetails):
                catalog.change_location(place.session, location.id, details, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
            if part.is_active != location.is_active:
                act = catalog.reactivate_location if part.is_active else catalog.deactivate_location
                act(place.session, location.id, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
            if part.services is not None:
                wanted = place.tally.resolve_all("service", part.services)
                offered = catalog.list_services(place.session, location_id=location.id, active_only=False)
                if set(wanted) != {service.id for service in offered}:
                    catalog.offer_services(place.session, location.id, wanted, actor=place.actor, now=place.now)
                    done(Outcome.CHANGED)
        place.note("location", part.own_key, location.id if location else None)


def _location_details(part: LocationPart) -> LocationDetails:
    hours: dict[int, list[tuple[time, time]]] = defaultdict(list)
    for opening in part.opening_hours:
        for day in opening.days:
            hours[day].append((opening.start, opening.end))
    return LocationDetails(
        name=part.name,
        timezone=part.timezone,
        address=part.address,
        phone=part.phone,
        opening_hours={day: tuple(ranges) for day, ranges in sorted(hours.items())},
        latitude=part.latitude,
        longitude=part.longitude,
        travel_min=part.travel_min,
    )


def import_staff(place: Workplace, file: SalonFile) -> None:
    """People and what each can do."""
    stored = {person.id: person for person in catalog.list_staff(place.session, active_only=False)}
    for staff_id, key in keys_of(list(stored.values())).items():
        place.tally.know("staff", key, staff_id)
    found = match_things(
        [(part.name, str(place.tally.find("location", part.location))) for part in file.staff],
        {known: (person.name, str(person.location_id)) for known, person in stored.items()},
    )
    for number, (part, known_id) in enumerate(zip(file.staff, found, strict=True), start=1):
        person: Staff | None = None
        with place.tally.thing(f"staff {number} «{part.own_key}»") as done:
            details = StaffDetails(
                location_id=place.tally.resolve("location", part.location),
                name=part.name,
                title=part.title,
                speciality=part.speciality,
                grade=part.grade,
            )
            person = stored[known_id] if known_id else None
            if person is None:
                person = catalog.create_staff(place.session, details, actor=place.actor, now=place.now)
                done(Outcome.CREATED)
            elif details != details_of(person, StaffDetails):
                catalog.change_staff(place.session, person.id, details, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
            if part.is_active != person.is_active:
                act = catalog.reactivate_staff if part.is_active else catalog.deactivate_staff
                act(place.session, person.id, actor=place.actor, now=place.now)
                done(Outcome.CHANGED)
            if part.skills is not None and _assign(place, part, person):
                done(Outcome.CHANGED)
        place.note("staff", part.own_key, person.id if person else None)


def _assign(place: Workplace, part: StaffPart, person: Staff) -> bool:
    """Give somebody the skills of the file; whether they were other ones."""
    wanted = [Skill(place.tally.resolve("service", key), minutes) for key, minutes in (part.skills or {}).items()]
    if set(wanted) == set(catalog.list_skills(place.session, person.id)):
        return False
    catalog.assign_skills(place.session, person.id, wanted, actor=place.actor, now=place.now)
    return True
