"""What a person does with branches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from salon.catalog.domain import Location, LocationDetails
from salon.catalog.repository import locations, services
from salon.catalog.use_cases.telling import audit, tell_slots_moved
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession


def create_location(session: WriteSession, details: LocationDetails, *, actor: Actor, now: datetime) -> Location:
    """Open a branch."""
    location = locations.add_location(session, details, now)
    audit(session, "location.created", location.id, actor, now)
    return location


def change_location(
    session: WriteSession, location_id: UUID, details: LocationDetails, *, actor: Actor, now: datetime
) -> None:
    """Replace what is said about a branch. Another time zone moves its slots, not its bookings.

    Raises:
        LocationNotFound: there is none.
    """
    before = locations.get_location(session, location_id)
    locations.update_location(session, location_id, details)
    audit(session, "location.changed", location_id, actor, now)
    if details.timezone != before.timezone:
        tell_slots_moved(session, [location_id], now)


def deactivate_location(session: WriteSession, location_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Close a branch; its history stays, and so do the bookings already made there.

    The catalogue does not know of bookings: whoever closes a branch asks booking first how many are ahead.

    Raises:
        LocationNotFound: there is none.
    """
    if locations.set_location_active(session, location_id, is_active=False):
        audit(session, "location.deactivated", location_id, actor, now)
        tell_slots_moved(session, [location_id], now)


def reactivate_location(session: WriteSession, location_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Open a branch again.

    Raises:
        LocationNotFound: there is none.
    """
    if locations.set_location_active(session, location_id, is_active=True):
        audit(session, "location.reactivated", location_id, actor, now)
        tell_slots_moved(session, [location_id], now)


def get_location(session: ReadSession, location_id: UUID) -> Location:
    """A branch.

    Raises:
        LocationNotFound: there is none.
    """
    return locations.get_location(session, location_id)


def list_locations(session: ReadSession, *, active_only: bool = True) -> list[Location]:
    """Branches by name."""
    return locations.list_locations(session, active_only=active_only)


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
    before = locations.list_offered_services(session, location_id)
    services.require_services(session, offered)
    locations.replace_offered_services(session, location_id, offered)
    audit(
        session,
        "location.services_offered",
        location_id,
        actor,
        now,
        service_ids=[str(service_id) for service_id in offered],
    )
    if before != set(offered):
        tell_slots_moved(session, [location_id], now)
