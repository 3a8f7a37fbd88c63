"""Queries about consumption norms."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from salon.catalog.domain import Norm, NormDetails, NormUnit
from salon.catalog.errors import NormNotFound, NormTwice
from salon.catalog.models import ConsumptionNormRow
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id

on_constraint("uq_consumption_norms_item", NormTwice)


def _norm(row: ConsumptionNormRow) -> Norm:
    return Norm(
        id=row.id,
        service_id=row.service_id,
        option_id=row.option_id,
        staff_id=row.staff_id,
        item=row.item,
        quantity=row.quantity,
        unit=NormUnit(row.unit),
        item_id=row.item_id,
        by_length=row.by_length,
    )


def _values(details: NormDetails) -> dict[str, Any]:
    return {
        "service_id": details.service_id,
        "option_id": details.option_id,
        "staff_id": details.staff_id,
        "item": details.item,
        "quantity": details.quantity,
        "unit": details.unit.value,
    }


def _get_row(session: ReadSession, norm_id: UUID) -> ConsumptionNormRow:
    row = session.get(ConsumptionNormRow, norm_id)
    if row is None:
        raise NormNotFound(norm_id)
    return row


def add_norm(session: WriteSession, details: NormDetails, now: datetime) -> Norm:
    """Store a new norm.

    Raises:
        NormTwice: there is one for this item, service, option and person.
    """
    row = ConsumptionNormRow(id=new_id(), tenant_id=tenant_of(session), created_at=now, **_values(details))
    session.add(row)
    session.flush()
    return _norm(row)


def get_norm(session: ReadSession, norm_id: UUID) -> Norm:
    """A norm.

    Raises:
        NormNotFound: there is none.
    """
    return _norm(_get_row(session, norm_id))


def list_norms(session: ReadSession, *, service_id: UUID | None) -> list[Norm]:
    """Norms of a service, None for all, by item; the general one before those of an option or a person."""
    query = select(ConsumptionNormRow).order_by(
        ConsumptionNormRow.item,
        ConsumptionNormRow.option_id.is_not(None),
        ConsumptionNormRow.staff_id.is_not(None),
        ConsumptionNormRow.id,
    )
    if service_id is not None:
        query = query.where(ConsumptionNormRow.service_id == service_id)
    return [_norm(row) for row in session.scalars(query)]


def update_norm(session: WriteSession, norm_id: UUID, details: NormDetails) -> None:
    """Store what a norm says now.

    Raises:
        NormNotFound: there is none.
        NormTwice: there is another one for this.
    """
    row = _get_row(session, norm_id)
    if row.item != details.item:
        row.item_id = None  # another thing is meant now; whoever knows the stock says which
    for name, value in _values(details).items():
        setattr(row, name, value)
    session.flush()


def link_norm(session: WriteSession, norm_id: UUID, *, item_id: UUID | None, by_length: bool | None) -> None:
    """Store what a norm means in the stock.

    Raises:
        NormNotFound: there is none.
    """
    row = _get_row(session, norm_id)
    row.item_id, row.by_length = item_id, by_length
    session.flush()


def remove_norm(session: WriteSession, norm_id: UUID) -> None:
    """Drop a norm.

    Raises:
        NormNotFound: there is none.
    """
    session.delete(_get_row(session, norm_id))
    session.flush()
