"""Queries about chairs, rooms and devices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, select

from salon.catalog.domain import PoolKind, Resource, ResourceDetails, ResourcePool, ResourcePoolDetails
from salon.catalog.errors import PoolInUse, PoolNameTaken, PoolNotFound, ResourceNameTaken, ResourceNotFound
from salon.catalog.models import ResourcePoolRow, ResourceRow, ServiceResourceRow
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id

on_constraint("uq_resource_pools_name", PoolNameTaken)
on_constraint("uq_resources_name", ResourceNameTaken)


def _pool(row: ResourcePoolRow) -> ResourcePool:
    return ResourcePool(id=row.id, kind=PoolKind(row.kind), name=row.name)


def _resource(row: ResourceRow) -> Resource:
    return Resource(id=row.id, location_id=row.location_id, pool_id=row.pool_id, name=row.name, is_active=row.is_active)


def _get_pool_row(session: ReadSession, pool_id: UUID) -> ResourcePoolRow:
    row = session.get(ResourcePoolRow, pool_id)
    if row is None:
        raise PoolNotFound(pool_id)
    return row


def _get_resource_row(session: ReadSession, resource_id: UUID) -> ResourceRow:
    row = session.get(ResourceRow, resource_id)
    if row is None:
        raise ResourceNotFound(resource_id)
    return row


def add_pool(session: WriteSession, details: ResourcePoolDetails, now: datetime) -> ResourcePool:
    """Store a new pool.

    Raises:
        PoolNameTaken: another has this name.
    """
    row = ResourcePoolRow(
        id=new_id(), tenant_id=tenant_of(session), kind=details.kind.value, name=details.name, created_at=now
    )
    session.add(row)
    session.flush()
    return _pool(row)


def get_pool(session: ReadSession, pool_id: UUID) -> ResourcePool:
    """A pool.

    Raises:
        PoolNotFound: there is none.
    """
    return _pool(_get_pool_row(session, pool_id))


def list_pools(session: ReadSession) -> list[ResourcePool]:
    """Pools by name."""
    return [_pool(row) for row in session.scalars(select(ResourcePoolRow).order_by(ResourcePoolRow.name))]


def list_service_pools(session: ReadSession, service_id: UUID) -> list[ResourcePool]:
    """The pools a service needs a unit of, by name."""
    needed = select(ServiceResourceRow.pool_id).where(ServiceResourceRow.service_id == service_id)
    query = select(ResourcePoolRow).where(ResourcePoolRow.id.in_(needed)).order_by(ResourcePoolRow.name)
    return [_pool(row) for row in session.scalars(query)]


def replace_service_pools(session: WriteSession, service_id: UUID, pool_ids: Iterable[UUID]) -> None:
    """Store what a service needs, instead of what was stored."""
    session.execute(delete(ServiceResourceRow).where(ServiceResourceRow.service_id == service_id))
    tenant_id = tenant_of(session)
    session.add_all(
        ServiceResourceRow(tenant_id=tenant_id, service_id=service_id, pool_id=pool_id)
        for pool_id in dict.fromkeys(pool_ids)
    )
    session.flush()


def update_pool(session: WriteSession, pool_id: UUID, details: ResourcePoolDetails) -> None:
    """Store what a pool is now.

    Raises:
        PoolNotFound: there is none.
        PoolNameTaken: another has this name.
        PoolInUse: it has units, which are claimed as what it was; then its kind stays.
    """
    row = _get_pool_row(session, pool_id)
    if row.kind != details.kind and session.scalar(select(exists().where(ResourceRow.pool_id == pool_id))):
        raise PoolInUse(pool_id)
    row.kind, row.name = details.kind.value, details.name
    session.flush()


def remove_pool(session: WriteSession, pool_id: UUID) -> None:
    """Drop a pool.

    Raises:
        PoolNotFound: there is none.
        PoolInUse: it has units, or a service needs it.
    """
    row = _get_pool_row(session, pool_id)
    has_units = exists().where(ResourceRow.pool_id == pool_id)
    is_needed = exists().where(ServiceResourceRow.pool_id == pool_id)
    if session.scalar(select(has_units | is_needed)):
        raise PoolInUse(pool_id)
    session.delete(row)
    session.flush()


def add_resource(session: WriteSession, details: ResourceDetails, now: datetime) -> Resource:
    """Store a new unit.

    Raises:
        ResourceNameTaken: another of the location has this name.
    """
    row = ResourceRow(
        id=new_id(),
        tenant_id=tenant_of(session),
        location_id=details.location_id,
        pool_id=details.pool_id,
        name=details.name,
        is_active=True,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return _resource(row)


def get_resource(session: ReadSession, resource_id: UUID) -> Resource:
    """A unit.

    Raises:
        ResourceNotFound: there is none.
    """
    return _resource(_get_resource_row(session, resource_id))


def list_resources(
    session: ReadSession, *, location_id: UUID | None, pool_id: UUID | None, active_only: bool
) -> list[Resource]:
    """Units by name."""
    query = select(ResourceRow).order_by(ResourceRow.name, ResourceRow.id)
    if location_id is not None:
        query = query.where(ResourceRow.location_id == location_id)
    if pool_id is not None:
        query = query.where(ResourceRow.pool_id == pool_id)
    if active_only:
        query = query.where(ResourceRow.is_active)
    return [_resource(row) for row in session.scalars(query)]


def update_resource(session: WriteSession, resource_id: UUID, details: ResourceDetails) -> None:
    """Store what a unit is now.

    Raises:
        ResourceNotFound: there is none.
        ResourceNameTaken: another of the location has this name.
    """
    row = _get_resource_row(session, resource_id)
    row.location_id, row.pool_id, row.name = details.location_id, details.pool_id, details.name
    session.flush()


def set_resource_active(session: WriteSession, resource_id: UUID, *, is_active: bool) -> bool:
    """Store whether it can be used; whether that is news.

    Raises:
        ResourceNotFound: there is none.
    """
    row = _get_resource_row(session, resource_id)
    changed, row.is_active = row.is_active != is_active, is_active
    session.flush()
    return changed
