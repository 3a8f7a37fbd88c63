"""Queries about price lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update

from salon.catalog.domain import PriceItem, PriceList, PriceListDetails
from salon.catalog.errors import PriceListNotFound, PriceListsOverlap, ServicePricedTwice
from salon.catalog.models import PriceListItemRow, PriceListRow
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id
from salon.platform.money import Money

on_constraint("ex_price_lists_validity", PriceListsOverlap)
on_constraint("uq_price_list_items_one_price", ServicePricedTwice)


def _price_list(row: PriceListRow, items: Iterable[PriceListItemRow]) -> PriceList:
    return PriceList(
        id=row.id,
        name=row.name,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        location_id=row.location_id,
        items=tuple(
            PriceItem(item.service_id, Money(item.price_minor, item.currency), item.staff_grade) for item in items
        ),
    )


def _same_reach(location_id: UUID | None) -> ColumnElement[bool]:
    return PriceListRow.location_id.is_(None) if location_id is None else PriceListRow.location_id == location_id


def end_price_list_before(session: WriteSession, location_id: UUID | None, valid_from: date) -> None:
    """Let the list that is valid on `valid_from`, and has no end yet, end the day before."""
    session.execute(
        update(PriceListRow)
        .where(_same_reach(location_id), PriceListRow.valid_from < valid_from, PriceListRow.valid_to.is_(None))
        .values(valid_to=valid_from - timedelta(days=1))
    )


def add_price_list(session: WriteSession, details: PriceListDetails, now: datetime) -> PriceList:
    """Store a version of the prices.

    Raises:
        PriceListsOverlap: another list of the same reach is valid on some of the days.
        ServicePricedTwice: the same service and grade come twice.
    """
    tenant_id = tenant_of(session)
    row = PriceListRow(
        id=new_id(),
        tenant_id=tenant_id,
        location_id=details.location_id,
        name=details.name,
        valid_from=details.valid_from,
        valid_to=details.valid_to,
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.add_all(
        PriceListItemRow(
            tenant_id=tenant_id,
            price_list_id=row.id,
            service_id=item.service_id,
            staff_grade=item.staff_grade,
            price_minor=item.price.minor,
            currency=item.price.currency,
        )
        for item in details.items
    )
    session.flush()
    return replace(_price_list(row, ()), items=details.items)


def get_price_list(session: ReadSession, price_list_id: UUID) -> PriceList:
    """A version of the prices.

    Raises:
        PriceListNotFound: there is none.
    """
    row = session.get(PriceListRow, price_list_id)
    if row is None:
        raise PriceListNotFound(price_list_id)
    items = session.scalars(
        select(PriceListItemRow).where(PriceListItemRow.price_list_id == price_list_id).order_by(PriceListItemRow.id)
    )
    return _price_list(row, items)


def end_price_list(session: WriteSession, price_list_id: UUID, valid_to: date) -> None:
    """Store a list's last day.

    Raises:
        PriceListNotFound: there is none.
    """
    query = update(PriceListRow).where(PriceListRow.id == price_list_id).values(valid_to=valid_to)
    if session.execute(query.returning(PriceListRow.id)).first() is None:
        raise PriceListNotFound(price_list_id)


def find_price(
    session: ReadSession, *, service_id: UUID, location_id: UUID, staff_grade: str | None, on: date
) -> Money | None:
    """The price on a day: a location's own list goes before the tenant's, a grade's own price before the general."""
    query = (
        select(PriceListItemRow.price_minor, PriceListItemRow.currency)
        .join(PriceListRow, PriceListRow.id == PriceListItemRow.price_list_id)
        .where(
            PriceListItemRow.service_id == service_id,
            or_(PriceListItemRow.staff_grade.is_(None), PriceListItemRow.staff_grade == staff_grade),
            or_(PriceListRow.location_id.is_(None), PriceListRow.location_id == location_id),
            PriceListRow.valid_from <= on,
            or_(PriceListRow.valid_to.is_(None), PriceListRow.valid_to >= on),
        )
        .order_by(PriceListRow.location_id.is_(None), PriceListItemRow.staff_grade.is_(None))
        .limit(1)
    )
    found = session.execute(query).first()
    return Money(found.price_minor, found.currency) if found else None
