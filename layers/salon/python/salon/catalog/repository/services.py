"""Queries about services."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from salon.catalog.domain import Service, ServiceDetails
from salon.catalog.errors import ServiceNotFound
from salon.catalog.models import LocationServiceRow, ServiceRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id


def _service(row: ServiceRow) -> Service:
    return Service(
        id=row.id,
        name=row.name,
        category=row.category,
        synonyms=tuple(row.synonyms),
        duration_min=row.duration_min,
        buffer_before_min=row.buffer_before_min,
        buffer_after_min=row.buffer_after_min,
        requires_staff=row.requires_staff,
        is_active=row.is_active,
    )


def _service_values(details: ServiceDetails) -> dict[str, Any]:
    return {
        "name": details.name,
        "category": details.category,
        "synonyms": list(details.synonyms),
        "duration_min": details.duration_min,
        "buffer_before_min": details.buffer_before_min,
        "buffer_after_min": details.buffer_after_min,
        "requires_staff": details.requires_staff,
    }


def add_service(session: WriteSession, details: ServiceDetails, now: datetime) -> Service:
    """Store a new service."""
    row = ServiceRow(
        id=new_id(), tenant_id=tenant_of(session), is_active=True, created_at=now, **_service_values(details)
    )
    session.add(row)
    session.flush()
    return _service(row)


def get_service(session: ReadSession, service_id: UUID) -> Service:
    """A service.

    Raises:
        ServiceNotFound: there is none.
    """
    row = session.get(ServiceRow, service_id)
    if row is None:
        raise ServiceNotFound(service_id)
    return _service(row)


def list_services(session: ReadSession, *, location_id: UUID | None, active_only: bool) -> list[Service]:
    """Services by category and name; with a location, those it offers."""
    query = select(ServiceRow).order_by(ServiceRow.category, ServiceRow.name, ServiceRow.id)
    if location_id is not None:
        offered = select(LocationServiceRow.service_id).where(LocationServiceRow.location_id == location_id)
        query = query.where(ServiceRow.id.in_(offered))
    if active_only:
        query = query.where(ServiceRow.is_active)
    return [_service(row) for row in session.scalars(query)]


def update_service(session: WriteSession, service_id: UUID, details: ServiceDetails) -> None:
    """Store what changed.

    Raises:
        ServiceNotFound: there is none.
    """
    query = update(ServiceRow).where(ServiceRow.id == service_id).values(**_service_values(details))
    if session.execute(query.returning(ServiceRow.id)).first() is None:
        raise ServiceNotFound(service_id)


def deactivate_service(session: WriteSession, service_id: UUID) -> None:
    """Store that it is out of use.

    Raises:
        ServiceNotFound: there is none.
    """
    query = update(ServiceRow).where(ServiceRow.id == service_id).values(is_active=False)
    if session.execute(query.returning(ServiceRow.id)).first() is None:
        raise ServiceNotFound(service_id)
