"""What a person does with chairs, rooms and devices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from salon.catalog.domain import Resource, ResourceDetails, ResourcePool, ResourcePoolDetails
from salon.catalog.repository import locations, resources, services
from salon.catalog.use_cases.telling import audit
from salon.identity.domain import Actor
from salon.platform.db import ReadSession, WriteSession


def create_resource_pool(
    session: WriteSession, details: ResourcePoolDetails, *, actor: Actor, now: datetime
) -> ResourcePool:
    """Name a kind of chair, room or device whose units stand in for each other.

    Raises:
        PoolNameTaken: another pool has this name.
    """
    pool = resources.add_pool(session, details, now)
    audit(session, "resource_pool.created", pool.id, actor, now)
    return pool


def change_resource_pool(
    session: WriteSession, pool_id: UUID, details: ResourcePoolDetails, *, actor: Actor, now: datetime
) -> None:
    """Replace what is said about a pool.

    Raises:
        PoolNotFound: there is none.
        PoolNameTaken: another pool has this name.
        PoolInUse: units are claimed as what the pool was; its kind cannot change while it has any.
    """
    resources.update_pool(session, pool_id, details)
    audit(session, "resource_pool.changed", pool_id, actor, now)


def remove_resource_pool(session: WriteSession, pool_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Drop a pool without units that no service needs.

    Raises:
        PoolNotFound: there is none.
        PoolInUse: it has units, or a service needs it.
    """
    resources.remove_pool(session, pool_id)
    audit(session, "resource_pool.removed", pool_id, actor, now)


def get_resource_pool(session: ReadSession, pool_id: UUID) -> ResourcePool:
    """A pool.

    Raises:
        PoolNotFound: there is none.
    """
    return resources.get_pool(session, pool_id)


def list_resource_pools(session: ReadSession) -> list[ResourcePool]:
    """Pools by name."""
    return resources.list_pools(session)


def need_pools(
    session: WriteSession, service_id: UUID, pool_ids: Iterable[UUID], *, actor: Actor, now: datetime
) -> None:
    """Say which pools a service needs a unit of, instead of what was said before; for its whole time.

    Raises:
        ServiceNotFound: there is no such service.
        PoolNotFound: a pool does not exist.
    """
    needed = list(dict.fromkeys(pool_ids))
    services.get_service(session, service_id)
    for pool_id in needed:
        resources.get_pool(session, pool_id)
    resources.replace_service_pools(session, service_id, needed)
    audit(session, "service.pools_needed", service_id, actor, now, pool_ids=[str(pool_id) for pool_id in needed])


def list_service_pools(session: ReadSession, service_id: UUID) -> list[ResourcePool]:
    """The pools that a service needs a unit of, by name."""
    return resources.list_service_pools(session, service_id)


def create_resource(session: WriteSession, details: ResourceDetails, *, actor: Actor, now: datetime) -> Resource:
    """Put a chair, room or device into a location.

    Raises:
        LocationNotFound: there is no such location.
        PoolNotFound: there is no such pool.
        ResourceNameTaken: another of the location has this name.
    """
    _check(session, details)
    resource = resources.add_resource(session, details, now)
    audit(session, "resource.created", resource.id, actor, now)
    return resource


def change_resource(
    session: WriteSession, resource_id: UUID, details: ResourceDetails, *, actor: Actor, now: datetime
) -> None:
    """Replace what is said about a chair, room or device.

    Raises:
        ResourceNotFound: there is none.
        LocationNotFound, PoolNotFound: what it refers to does not exist.
        ResourceNameTaken: another of the location has this name.
    """
    _check(session, details)
    resources.update_resource(session, resource_id, details)
    audit(session, "resource.changed", resource_id, actor, now)


def deactivate_resource(session: WriteSession, resource_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a chair, room or device out of use; bookings that have claimed it stay.

    The catalogue does not know of bookings: whoever takes it out asks booking first how many are ahead.

    Raises:
        ResourceNotFound: there is none.
    """
    if resources.set_resource_active(session, resource_id, is_active=False):
        audit(session, "resource.deactivated", resource_id, actor, now)


def reactivate_resource(session: WriteSession, resource_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Use a chair, room or device again.

    Raises:
        ResourceNotFound: there is none.
    """
    if resources.set_resource_active(session, resource_id, is_active=True):
        audit(session, "resource.reactivated", resource_id, actor, now)


def get_resource(session: ReadSession, resource_id: UUID) -> Resource:
    """A chair, room or device.

    Raises:
        ResourceNotFound: there is none.
    """
    return resources.get_resource(session, resource_id)


def list_resources(
    session: ReadSession, *, location_id: UUID | None = None, pool_id: UUID | None = None, active_only: bool = True
) -> list[Resource]:
    """Chairs, rooms and devices by name."""
    return resources.list_resources(session, location_id=location_id, pool_id=pool_id, active_only=active_only)


def _check(session: ReadSession, details: ResourceDetails) -> None:
    locations.get_location(session, details.location_id)
    resources.get_pool(session, details.pool_id)
