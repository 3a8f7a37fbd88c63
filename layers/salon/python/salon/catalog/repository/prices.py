"""Queries about price lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, or_, select, text, update

from salon.catalog.domain import OptionPrice, PriceItem, PriceList, PriceListDetails
from salon.catalog.errors import (
    OptionPricedTwice,
    PriceListNotFound,
    PriceListsOverlap,
    ServicePricedTwice,
    StaffNotFound,
)
from salon.catalog.models import OptionPriceRow, PriceListItemRow, PriceListRow
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id
from salon.platform.money import Money

on_constraint("ex_price_lists_validity", PriceListsOverlap)
on_constraint("uq_price_list_items_one_price", ServicePricedTwice)
on_constraint("uq_option_prices_one_price", OptionPricedTwice)

# Of each thing the location's own price goes before the tenant's, and of those the grade's before the general one.
_PRICE = text("""
    SELECT DISTINCT ON (said.thing) said.thing, said.price_minor, said.currency,
        CAST(:staff_id AS uuid) IS NULL OR EXISTS (SELECT FROM staff WHERE id = :staff_id) AS is_staff_known
    FROM (
        SELECT price_list_id, service_id AS thing, staff_grade, price_minor, currency FROM price_list_items
        WHERE service_id = :service_id
        UNION ALL
        SELECT price_list_id, option_id, staff_grade, price_minor, currency FROM option_prices
        WHERE option_id = ANY(CAST(:option_ids AS uuid[]))
    ) said
    JOIN price_lists list ON list.id = said.price_list_id
    WHERE (said.staff_grade IS NULL OR said.staff_grade = (SELECT grade FROM staff WHERE id = :staff_id))
        AND (list.location_id IS NULL OR list.location_id = :location_id)
        AND list.valid_from <= :on AND (list.valid_to IS NULL OR list.valid_to >= :on)
    ORDER BY said.thing, list.location_id IS NULL, said.staff_grade IS NULL
""")


def _price_list(
    row: PriceListRow, items: Iterable[PriceListItemRow], option_items: Iterable[OptionPriceRow]
) -> PriceList:
    return PriceList(
        id=row.id,
        name=row.name,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        location_id=row.location_id,
        items=tuple(
            PriceItem(item.service_id, Money(item.price_minor, item.currency), item.staff_grade) for item in items
        ),
        option_items=tuple(
            OptionPrice(item.option_id, Money(item.price_minor, item.currency), item.staff_grade)
            for item in option_items
        ),
    )


def _same_reach(location_id: UUID | None) -> ColumnElement[bool]:
    return PriceListRow.location_id.is_(None) if location_id is None else PriceListRow.location_id == location_id


def _valid_on(day: date) -> ColumnElement[bool]:
    return (PriceListRow.valid_from <= day) & or_(PriceListRow.valid_to.is_(None), PriceListRow.valid_to >= day)


def _get_row(session: ReadSession, price_list_id: UUID) -> PriceListRow:
    row = session.get(PriceListRow, price_list_id)
    if row is None:
        raise PriceListNotFound(price_list_id)
    return row


def add_price_list(session: WriteSession, details: PriceListDetails, now: datetime) -> PriceList:
    """Store a version of the prices.

    Raises:
        PriceListsOverlap: another list of the same reach is valid on some of the days.
        ServicePricedTwice: the same service and grade come twice.
        OptionPricedTwice: the same option and grade come twice.
    """
    row = PriceListRow(
        id=new_id(),
        tenant_id=tenant_of(session),
        location_id=details.location_id,
        name=details.name,
        valid_from=details.valid_from,
        valid_to=details.valid_to,
        created_at=now,
    )
    session.add(row)
    session.flush()
    _add_items(session, row.id, details)
    return replace(_price_list(row, (), ()), items=details.items, option_items=details.option_items)


def _add_items(session: WriteSession, price_list_id: UUID, details: PriceListDetails) -> None:
    tenant_id = tenant_of(session)
    session.add_all(
        PriceListItemRow(
            tenant_id=tenant_id,
            price_list_id=price_list_id,
            service_id=item.service_id,
            staff_grade=item.staff_grade,
            price_minor=item.price.minor,
            currency=item.price.currency,
        )
        for item in details.items
    )
    session.add_all(
        OptionPriceRow(
            tenant_id=tenant_id,
            price_list_id=price_list_id,
            option_id=item.option_id,
            staff_grade=item.staff_grade,
            price_minor=item.price.minor,
            currency=item.price.currency,
        )
        for item in details.option_items
    )
    session.flush()


def replace_price_list(session: WriteSession, price_list_id: UUID, details: PriceListDetails) -> None:
    """Store what a list says now; its reach stays.

    Raises:
        PriceListNotFound: there is none.
        PriceListsOverlap, ServicePricedTwice, OptionPricedTwice: as for a new one.
    """
    row = _get_row(session, price_list_id)
    row.name, row.valid_from, row.valid_to = details.name, details.valid_from, details.valid_to
    session.flush()
    _remove_items(session, price_list_id)
    _add_items(session, price_list_id, details)


def remove_price_list(session: WriteSession, price_list_id: UUID) -> None:
    """Drop a list.

    Raises:
        PriceListNotFound: there is none.
    """
    row = _get_row(session, price_list_id)
    _remove_items(session, price_list_id)
    session.delete(row)
    session.flush()


def _remove_items(session: WriteSession, price_list_id: UUID) -> None:
    session.execute(delete(PriceListItemRow).where(PriceListItemRow.price_list_id == price_list_id))
    session.execute(delete(OptionPriceRow).where(OptionPriceRow.price_list_id == price_list_id))


def get_price_list(session: ReadSession, price_list_id: UUID) -> PriceList:
    """A version of the prices.

    Raises:
        PriceListNotFound: there is none.
    """
    return _with_items(session, [_get_row(session, price_list_id)])[0]


def list_price_lists(session: ReadSession, *, on: date | None) -> list[PriceList]:
    """Versions with what they say, the newest first; with `on`, those valid on that day."""
    query = select(PriceListRow).order_by(PriceListRow.valid_from.desc(), PriceListRow.location_id, PriceListRow.id)
    if on is not None:
        query = query.where(_valid_on(on))
    return _with_items(session, session.scalars(query).all())


def find_list_ending(session: ReadSession, location_id: UUID | None, valid_to: date | None) -> PriceList | None:
    """The list of this reach whose last day it is; with None, the one that has no end."""
    ends = PriceListRow.valid_to.is_(None) if valid_to is None else PriceListRow.valid_to == valid_to
    row = session.scalars(select(PriceListRow).where(_same_reach(location_id), ends)).one_or_none()
    return _with_items(session, [row])[0] if row else None


def _with_items(session: ReadSession, rows: Sequence[PriceListRow]) -> list[PriceList]:
    ids = [row.id for row in rows]
    items: dict[UUID, list[PriceListItemRow]] = defaultdict(list)
    option_items: dict[UUID, list[OptionPriceRow]] = defaultdict(list)
    if ids:
        for item in session.scalars(
            select(PriceListItemRow).where(PriceListItemRow.price_list_id.in_(ids)).order_by(PriceListItemRow.id)
        ):
            items[item.price_list_id].append(item)
        for option_item in session.scalars(
            select(OptionPriceRow).where(OptionPriceRow.price_list_id.in_(ids)).order_by(OptionPriceRow.id)
        ):
            option_items[option_item.price_list_id].append(option_item)
    return [_price_list(row, items[row.id], option_items[row.id]) for row in rows]


def find_overlapping(
    session: ReadSession, details: PriceListDetails, *, except_ids: Iterable[UUID]
) -> PriceList | None:
    """The first list of the same reach that is valid on some of the days."""
    query = (
        select(PriceListRow)
        .where(
            _same_reach(details.location_id),
            PriceListRow.id.not_in(list(except_ids)),
            or_(PriceListRow.valid_to.is_(None), PriceListRow.valid_to >= details.valid_from),
        )
        .order_by(PriceListRow.valid_from)
    )
    if details.valid_to is not None:
        query = query.where(PriceListRow.valid_from <= details.valid_to)
    row = session.scalars(query.limit(1)).one_or_none()
    return _price_list(row, (), ()) if row else None


def end_price_list(session: WriteSession, price_list_id: UUID, valid_to: date | None) -> None:
    """Store a list's last day; None for no end.

    Raises:
        PriceListNotFound: there is none.
    """
    query = update(PriceListRow).where(PriceListRow.id == price_list_id).values(valid_to=valid_to)
    if session.execute(query.returning(PriceListRow.id)).first() is None:
        raise PriceListNotFound(price_list_id)


def find_price(
    session: ReadSession,
    *,
    service_id: UUID,
    location_id: UUID,
    staff_id: UUID | None,
    on: date,
    option_ids: Iterable[UUID],
) -> Money | None:
    """The price on a day, with options, in one statement; None when no list has the service.

    Raises:
        StaffNotFound: there is no such member of staff.
    """
    parameters = {
        "service_id": service_id,
        "location_id": location_id,
        "staff_id": staff_id,
        "on": on,
        "option_ids": list(option_ids),
    }
    prices: dict[UUID, Money] = {}
    for row in session.execute(_PRICE, parameters):
        if not row.is_staff_known and staff_id is not None:
            raise StaffNotFound(staff_id)
        prices[row.thing] = Money(row.price_minor, row.currency)
    total = prices.pop(service_id, None)
    if total is None:
        return None
    for extra in prices.values():
        total += extra
    return Money(max(0, total.minor), total.currency)


def list_prices(session: ReadSession, location_id: UUID, on: date) -> dict[tuple[UUID, str | None], Money]:
    """Every price of a service at a location on a day, by service and grade; see `use_cases.price_list_of`."""
    query = (
        select(
            PriceListItemRow.service_id.label("thing"),
            PriceListItemRow.staff_grade,
            PriceListItemRow.price_minor,
            PriceListItemRow.currency,
        )
        .join(PriceListRow, PriceListRow.id == PriceListItemRow.price_list_id)
        .where(or_(PriceListRow.location_id.is_(None), PriceListRow.location_id == location_id), _valid_on(on))
        .order_by(PriceListRow.location_id.is_(None), PriceListItemRow.id)
        .add_columns(PriceListRow.location_id.is_(None).label("is_general"))
    )
    return _by_precedence(session.execute(query).all())


def list_option_prices(session: ReadSession, location_id: UUID, on: date) -> dict[tuple[UUID, str | None], Money]:
    """Every price of an option at a location on a day, by option and grade."""
    query = (
        select(
            OptionPriceRow.option_id.label("thing"),
            OptionPriceRow.staff_grade,
            OptionPriceRow.price_minor,
            OptionPriceRow.currency,
        )
        .join(PriceListRow, PriceListRow.id == OptionPriceRow.price_list_id)
        .where(or_(PriceListRow.location_id.is_(None), PriceListRow.location_id == location_id), _valid_on(on))
        .order_by(PriceListRow.location_id.is_(None), OptionPriceRow.id)
        .add_columns(PriceListRow.location_id.is_(None).label("is_general"))
    )
    return _by_precedence(session.execute(query).all())


def _by_precedence(rows: Sequence[Row[Any]]) -> dict[tuple[UUID, str | None], Money]:
    """Prices of the location itself hide the tenant's; its general one hides the tenant's for every grade."""
    found: dict[tuple[UUID, str | None], Money] = {}
    settled: set[UUID] = set()
    for row in rows:  # the location's own come first
        if row.is_general and row.thing in settled:
            continue
        found.setdefault((row.thing, row.staff_grade), Money(row.price_minor, row.currency))
        if not row.is_general and row.staff_grade is None:
            settled.add(row.thing)
    return found
