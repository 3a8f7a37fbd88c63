"""Queries about suppliers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from salon.inventory.suppliers.domain import Supplier, SupplierDetails, is_valid_inn, supplier_key
from salon.inventory.suppliers.errors import SupplierNotFound, SupplierTwice
from salon.inventory.suppliers.models import SupplierRow
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id

on_constraint("ux_inventory_suppliers_inn", SupplierTwice)
on_constraint("ux_inventory_suppliers_name", SupplierTwice)


def _supplier(row: SupplierRow) -> Supplier:
    return Supplier(id=row.id, name=row.name, inn=row.inn, inn_valid=row.inn_valid)


def _get_row(session: ReadSession, supplier_id: UUID) -> SupplierRow:
    row = session.get(SupplierRow, supplier_id)
    if row is None:
        raise SupplierNotFound(supplier_id)
    return row


def add_if_new(session: WriteSession, details: SupplierDetails, now: datetime) -> UUID | None:
    """Store a supplier; None where one of that INN, or name, is there, or was added at this very moment."""
    statement = (
        upsert(SupplierRow)
        .values(
            id=new_id(),
            tenant_id=tenant_of(session),
            name=details.name,
            name_key=supplier_key(details.name),
            inn=details.inn,
            inn_valid=is_valid_inn(details.inn),
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(SupplierRow.id)
    )
    return session.execute(statement).scalar_one_or_none()


def get_supplier(session: ReadSession, supplier_id: UUID) -> Supplier:
    """A supplier.

    Raises:
        SupplierNotFound: there is none.
    """
    return _supplier(_get_row(session, supplier_id))


def find_by_inn(session: ReadSession, inn: str) -> Supplier | None:
    """The supplier of a valid INN."""
    query = select(SupplierRow).where(SupplierRow.inn == inn, SupplierRow.inn_valid)
    row = session.scalars(query).one_or_none()
    return None if row is None else _supplier(row)


def find_nameless_inn(session: ReadSession, name: str) -> Supplier | None:
    """The supplier of that name whose INN is not known, or not valid."""
    query = select(SupplierRow).where(SupplierRow.name_key == supplier_key(name), ~SupplierRow.inn_valid)
    row = session.scalars(query).one_or_none()
    return None if row is None else _supplier(row)


def list_by_name(session: ReadSession, name: str) -> list[Supplier]:
    """Suppliers of that name, whatever their INN, in the order in which they became known."""
    query = select(SupplierRow).where(SupplierRow.name_key == supplier_key(name)).order_by(SupplierRow.id)
    return [_supplier(row) for row in session.scalars(query)]


def list_suppliers(session: ReadSession) -> list[Supplier]:
    """Suppliers by name."""
    return [
        _supplier(row) for row in session.scalars(select(SupplierRow).order_by(SupplierRow.name_key, SupplierRow.id))
    ]


def read_suppliers(session: ReadSession, supplier_ids: Iterable[UUID]) -> dict[UUID, Supplier]:
    """Suppliers by id."""
    query = select(SupplierRow).where(SupplierRow.id.in_(list(supplier_ids)))
    return {row.id: _supplier(row) for row in session.scalars(query)}


def update_supplier(session: WriteSession, supplier_id: UUID, details: SupplierDetails) -> None:
    """Store what changed.

    Raises:
        SupplierNotFound: there is none.
        SupplierTwice: another one has the INN, or the name.
    """
    row = _get_row(session, supplier_id)
    row.name, row.name_key = details.name, supplier_key(details.name)
    row.inn, row.inn_valid = details.inn, is_valid_inn(details.inn)
    session.flush()
