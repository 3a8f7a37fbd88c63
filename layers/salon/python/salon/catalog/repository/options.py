"""Queries about the options of services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from salon.catalog.domain import ServiceOption, ServiceOptionDetails
from salon.catalog.domain.services import shown_order
from salon.catalog.errors import OptionNameTaken, OptionNotFound
from salon.catalog.models import ServiceOptionRow
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id

on_constraint("uq_service_options_name", OptionNameTaken)


def _option(row: ServiceOptionRow) -> ServiceOption:
    return ServiceOption(
        id=row.id,
        service_id=row.service_id,
        choice=row.choice,
        name=row.name,
        extra_min=row.extra_min,
        position=row.position,
        is_active=row.is_active,
    )


def _values(details: ServiceOptionDetails) -> dict[str, Any]:
    return {
        "choice": details.choice,
        "name": details.name,
        "extra_min": details.extra_min,
        "position": details.position,
    }


def _get_row(session: ReadSession, option_id: UUID) -> ServiceOptionRow:
    row = session.get(ServiceOptionRow, option_id)
    if row is None:
        raise OptionNotFound(option_id)
    return row


def add_option(session: WriteSession, service_id: UUID, details: ServiceOptionDetails, now: datetime) -> ServiceOption:
    """Store a new option.

    Raises:
        OptionNameTaken: the service has one of this choice and name.
    """
    row = ServiceOptionRow(
        id=new_id(),
        tenant_id=tenant_of(session),
        service_id=service_id,
        is_active=True,
        created_at=now,
        **_values(details),
    )
    session.add(row)
    session.flush()
    return _option(row)


def get_option(session: ReadSession, option_id: UUID) -> ServiceOption:
    """An option.

    Raises:
        OptionNotFound: there is none.
    """
    return _option(_get_row(session, option_id))


def list_options(session: ReadSession, service_ids: Iterable[UUID] | None, *, active_only: bool) -> list[ServiceOption]:
    """Options of these services, None for all, in the order they are shown."""
    query = select(ServiceOptionRow)
    if service_ids is not None:
        query = query.where(ServiceOptionRow.service_id.in_(list(service_ids)))
    if active_only:
        query = query.where(ServiceOptionRow.is_active)
    return sorted((_option(row) for row in session.scalars(query)), key=shown_order)


def update_option(session: WriteSession, option_id: UUID, details: ServiceOptionDetails) -> None:
    """Store what an option is now.

    Raises:
        OptionNotFound: there is none.
        OptionNameTaken: the service has one of this choice and name.
    """
    row = _get_row(session, option_id)
    for name, value in _values(details).items():
        setattr(row, name, value)
    session.flush()


def set_option_active(session: WriteSession, option_id: UUID, *, is_active: bool) -> bool:
    """Store whether it is offered; whether that is news.

    Raises:
        OptionNotFound: there is none.
    """
    row = _get_row(session, option_id)
    changed, row.is_active = row.is_active != is_active, is_active
    session.flush()
    return changed


def require_options(session: ReadSession, option_ids: Iterable[UUID]) -> None:
    """Refuse ids of options that do not exist.

    Raises:
        OptionNotFound: naming one of them.
    """
    wanted = set(option_ids)
    query = select(ServiceOptionRow.id).where(ServiceOptionRow.id.in_(wanted))
    known = set(session.scalars(query)) if wanted else set()
    for option_id in sorted(wanted - known):
        raise OptionNotFound(option_id)
