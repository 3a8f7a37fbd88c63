"""What a person does with staff and what each can do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from salon.catalog.domain import Skill, Staff, StaffDetails, check_lengths
from salon.catalog.repository import locations, options, services, staff
from salon.catalog.use_cases.telling import audit, tell_slots_moved
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession


def create_staff(session: WriteSession, details: StaffDetails, *, actor: Actor, now: datetime) -> Staff:
    """Take on a member of staff.

    Raises:
        LocationNotFound: the location does not exist.
    """
    locations.get_location(session, details.location_id)
    person = staff.add_staff(session, details, now)
    audit(session, "staff.created", person.id, actor, now)
    return person


def change_staff(session: WriteSession, staff_id: UUID, details: StaffDetails, *, actor: Actor, now: datetime) -> None:
    """Replace what is said about a member of staff.

    Raises:
        StaffNotFound: there is none.
        LocationNotFound: the location does not exist.
    """
    locations.get_location(session, details.location_id)
    before = staff.get_staff(session, staff_id)
    staff.update_staff(session, staff_id, details)
    audit(session, "staff.changed", staff_id, actor, now)
    if details.location_id != before.location_id:
        tell_slots_moved(session, {before.location_id, details.location_id}, now)


def deactivate_staff(session: WriteSession, staff_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Let a member of staff go; bookings already made stay.

    The catalogue does not know of bookings: whoever lets somebody go asks booking first how many are ahead.

    Raises:
        StaffNotFound: there is none.
    """
    if staff.set_staff_active(session, staff_id, is_active=False):
        audit(session, "staff.deactivated", staff_id, actor, now)
        tell_slots_moved(session, _where_they_serve(session, staff_id), now)


def reactivate_staff(session: WriteSession, staff_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a member of staff back, with the skills from before.

    Raises:
        StaffNotFound: there is none.
    """
    if staff.set_staff_active(session, staff_id, is_active=True):
        audit(session, "staff.reactivated", staff_id, actor, now)
        tell_slots_moved(session, _where_they_serve(session, staff_id), now)


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


def assign_skills(
    session: WriteSession, staff_id: UUID, skills: Sequence[Skill], *, actor: Actor, now: datetime
) -> None:
    """Say what a member of staff can do, instead of what was said before.

    Raises:
        StaffNotFound: there is none.
        ServiceNotFound: a service does not exist.
        SkillTwice: a service is named twice.
        ServiceLengthImpossible: an own time is too short for the service's processing time or its options.
    """
    staff.get_staff(session, staff_id)
    own = {skill.service_id: skill.duration_min for skill in skills if skill.duration_min is not None}
    locked = services.lock_services(session, own)
    services.require_services(session, [skill.service_id for skill in skills])
    known_options = options.list_options(session, own, active_only=True) if own else []
    for service_id, minutes in own.items():
        of_service = [option for option in known_options if option.service_id == service_id]
        check_lengths(locked[service_id], [minutes], of_service)
    before = staff.list_skills(session, staff_id)
    staff.replace_skills(session, staff_id, skills)
    audit(
        session,
        "staff.skills_assigned",
        staff_id,
        actor,
        now,
        service_ids=[str(skill.service_id) for skill in skills],
    )
    changed = {skill.service_id for skill in set(before) ^ set(skills)}
    if changed:
        tell_slots_moved(session, locations.list_offering_locations(session, changed), now)


def list_skills(session: ReadSession, staff_id: UUID) -> list[Skill]:
    """What a member of staff can do."""
    return staff.list_skills(session, staff_id)


def _where_they_serve(session: ReadSession, staff_id: UUID) -> set[UUID]:
    """The branches whose slots hang on a person: wherever one of their services is offered, for rules may send them."""
    known = [skill.service_id for skill in staff.list_skills(session, staff_id)]
    return locations.list_offering_locations(session, known) if known else set()
