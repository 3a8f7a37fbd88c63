"""Queries about locations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from salon.catalog.domain import Location, LocationDetails, OpeningHours
from salon.catalog.errors import LocationNotFound
from salon.catalog.models import LocationRow, LocationServiceRow
from salon.platform.db import ReadSession, WriteSession, tenant_of
from salon.platform.ids import new_id


def _hours_to_json(hours: OpeningHours) -> dict[str, Any]:
    return {
        str(day): [[opens.isoformat("minutes"), closes.isoformat("minutes")] for opens, closes in ranges]
        for day, ranges in sorted(hours.items())
    }


def _hours_from_json(stored: dict[str, Any]) -> OpeningHours:
    return {
        int(day): tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in ranges)
        for day, ranges in stored.items()
    }


def _location(row: LocationRow) -> Location:
    return Location(
        id=row.id,
        name=row.name,
        timezone=row.timezone,
        address=row.address,
        phone=row.phone,
        opening_hours=_hours_from_json(row.opening_hours),
        latitude=row.latitude,
        longitude=row.longitude,
        travel_min=row.travel_min,
        is_active=row.is_active,
    )


def _location_values(details: LocationDetails) -> dict[str, Any]:
    return {
        "name": details.name,
        "timezone": details.timezone,
        "address": details.address,
        "phone": details.phone,
        "opening_hours": _hours_to_json(details.opening_hours),
        "latitude": details.latitude,
        "longitude": details.longitude,
        "travel_min": details.travel_min,
    }


def add_location(session: WriteSession, details: LocationDetails, now: datetime) -> Location:
    """Store a new branch."""
    row = LocationRow(
        id=new_id(), tenant_id=tenant_of(session), is_active=True, created_at=now, **_location_values(details)
    )
    session.add(row)
    session.flush()
    return _location(row)


def get_location(session: ReadSession, location_id: UUID) -> Location:
    """A branch.

    Raises:
        LocationNotFound: there is none.
    """
    row = session.get(LocationRow, location_id)
    if row is None:
        raise LocationNotFound(location_id)
    return _location(row)


def list_locations(session: ReadSession, *, active_only: bool) -> list[Location]:
    """Branches by name."""
    query = select(LocationRow).order_by(LocationRow.name, LocationRow.id)
    if active_only:
        query = query.where(LocationRow.is_active)
    return [_location(row) for row in session.scalars(query)]


def update_location(session: WriteSession, location_id: UUID, details: LocationDetails) -> None:
    """Store what changed.

    Raises:
        LocationNotFound: there is none.
    """
    query = update(LocationRow).where(LocationRow.id == location_id).values(**_location_values(details))
    if session.execute(query.returning(LocationRow.id)).first() is None:
        raise LocationNotFound(location_id)


def set_location_active(session: WriteSession, location_id: UUID, *, is_active: bool) -> bool:
    """Store whether it is in use; whether that is news.

    Raises:
        LocationNotFound: there is none.
    """
    row = session.get(LocationRow, location_id)
    if row is None:
        raise LocationNotFound(location_id)
    changed, row.is_active = row.is_active != is_active, is_active
    session.flush()
    return changed


def list_offered_services(session: ReadSession, location_id: UUID) -> set[UUID]:
    """What a location offers, whether in use or not."""
    return set(
        session.scalars(select(LocationServiceRow.service_id).where(LocationServiceRow.location_id == location_id))
    )


def list_offering_locations(session: ReadSession, service_ids: Iterable[UUID]) -> set[UUID]:
    """The locations, closed ones too, that offer any of these services."""
    query = select(LocationServiceRow.location_id).where(LocationServiceRow.service_id.in_(set(service_ids)))
    return set(session.scalars(query.distinct()))


def replace_offered_services(session: WriteSession, location_id: UUID, service_ids: Iterable[UUID]) -> None:
    """Store what a location offers, instead of what was stored."""
    session.execute(delete(LocationServiceRow).where(LocationServiceRow.location_id == location_id))
    tenant_id = tenant_of(session)
    session.add_all(
        LocationServiceRow(tenant_id=tenant_id, location_id=location_id, service_id=service_id)
        for service_id in dict.fromkeys(service_ids)
    )
    session.flush()
