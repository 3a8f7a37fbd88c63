"""Queries about staff and what each can do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from salon.catalog.domain import Skill, Staff, StaffDetails
from salon.catalog.errors import SkillTwice, StaffNotFound
from salon.catalog.models import LocationServiceRow, StaffRow, StaffServiceRow
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id

on_constraint("uq_staff_services_tenant_id_staff_id_service_id", SkillTwice)


def _staff(row: StaffRow) -> Staff:
    return Staff(
        id=row.id,
        location_id=row.location_id,
        name=row.name,
        title=row.title,
        speciality=row.speciality,
        grade=row.grade,
        is_active=row.is_active,
    )


def _staff_values(details: StaffDetails) -> dict[str, Any]:
    return {
        "location_id": details.location_id,
        "name": details.name,
        "title": details.title,
        "speciality": details.speciality,
        "grade": details.grade,
    }


def add_staff(session: WriteSession, details: StaffDetails, now: datetime) -> Staff:
    """Store a new member of staff."""
    row = StaffRow(id=new_id(), tenant_id=tenant_of(session), is_active=True, created_at=now, **_staff_values(details))
    session.add(row)
    session.flush()
    return _staff(row)


def get_staff(session: ReadSession, staff_id: UUID) -> Staff:
    """A member of staff.

    Raises:
        StaffNotFound: there is none.
    """
    row = session.get(StaffRow, staff_id)
    if row is None:
        raise StaffNotFound(staff_id)
    return _staff(row)


def list_staff(
    session: ReadSession, *, service_id: UUID | None, location_id: UUID | None, active_only: bool
) -> list[Staff]:
    """Staff by name; with a service, those who can do it where it is offered."""
    query = select(StaffRow).order_by(StaffRow.name, StaffRow.id)
    if service_id is not None:
        skilled = select(StaffServiceRow.staff_id).where(StaffServiceRow.service_id == service_id)
        offering = select(LocationServiceRow.location_id).where(LocationServiceRow.service_id == service_id)
        query = query.where(StaffRow.id.in_(skilled), StaffRow.location_id.in_(offering))
    if location_id is not None:
        query = query.where(StaffRow.location_id == location_id)
    if active_only:
        query = query.where(StaffRow.is_active)
    return [_staff(row) for row in session.scalars(query)]


def update_staff(session: WriteSession, staff_id: UUID, details: StaffDetails) -> None:
    """Store what changed.

    Raises:
        StaffNotFound: there is none.
    """
    query = update(StaffRow).where(StaffRow.id == staff_id).values(**_staff_values(details))
    if session.execute(query.returning(StaffRow.id)).first() is None:
        raise StaffNotFound(staff_id)


def set_staff_active(session: WriteSession, staff_id: UUID, *, is_active: bool) -> bool:
    """Store whether somebody works here; whether that is news.

    Raises:
        StaffNotFound: there is none.
    """
    row = session.get(StaffRow, staff_id)
    if row is None:
        raise StaffNotFound(staff_id)
    changed, row.is_active = row.is_active != is_active, is_active
    session.flush()
    return changed


def replace_skills(session: WriteSession, staff_id: UUID, skills: Sequence[Skill]) -> None:
    """Store what a member of staff can do, instead of what was stored."""
    session.execute(delete(StaffServiceRow).where(StaffServiceRow.staff_id == staff_id))
    tenant_id = tenant_of(session)
    session.add_all(
        StaffServiceRow(tenant_id=tenant_id, staff_id=staff_id, service_id=s.service_id, duration_min=s.duration_min)
        for s in skills
    )
    session.flush()


def list_skills(session: ReadSession, staff_id: UUID) -> list[Skill]:
    """What a member of staff can do."""
    query = select(StaffServiceRow).where(StaffServiceRow.staff_id == staff_id).order_by(StaffServiceRow.service_id)
    return [Skill(row.service_id, row.duration_min) for row in session.scalars(query)]


def list_own_durations(session: ReadSession, service_id: UUID) -> list[int]:
    """The minutes of those who do a service in a time of their own."""
    query = select(StaffServiceRow.duration_min).where(
        StaffServiceRow.service_id == service_id, StaffServiceRow.duration_min.is_not(None)
    )
    return [minutes for minutes in session.scalars(query) if minutes is not None]
