"""What is done with suppliers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.inventory.suppliers import repository
from salon.inventory.suppliers.domain import Supplier, SupplierDetails, is_valid_inn
from salon.inventory.suppliers.errors import SupplierTwice
from salon.platform.db import ReadSession, WriteSession
from salon.platform.errors import DatabaseBusy


def find_or_create_supplier(
    session: WriteSession, details: SupplierDetails, *, actor: Actor, now: datetime
) -> Supplier:
    """The supplier that a document names: by a valid INN, else by name; a new one when it is not known.

    A supplier that was known by name alone gets the INN when a document brings a valid one. A document without a valid
    INN belongs to the supplier of that name, where there is just one.

    Raises:
        DatabaseBusy: another one was made at this very moment and is not committed; trying again finds it.
    """
    found = _find(session, details)
    if found is None:
        supplier_id = repository.add_if_new(session, details, now)
        if supplier_id is not None:
            _audit(session, "supplier_created", supplier_id, actor, now)
            return repository.get_supplier(session, supplier_id)
        found = _find(session, details)
        if found is None:
            raise DatabaseBusy("A supplier was made at this very moment.")
    if is_valid_inn(details.inn) and not found.inn_valid:
        repository.update_supplier(session, found.id, SupplierDetails(name=found.name, inn=details.inn))
        _audit(session, "supplier_identified", found.id, actor, now)
        return repository.get_supplier(session, found.id)
    return found


def create_supplier(session: WriteSession, details: SupplierDetails, *, actor: Actor, now: datetime) -> Supplier:
    """Add a supplier.

    Raises:
        SupplierTwice: another one has the INN, or, without a valid one, the name.
    """
    supplier_id = repository.add_if_new(session, details, now)
    if supplier_id is None:
        raise SupplierTwice
    _audit(session, "supplier_created", supplier_id, actor, now)
    return repository.get_supplier(session, supplier_id)


def change_supplier(
    session: WriteSession, supplier_id: UUID, details: SupplierDetails, *, actor: Actor, now: datetime
) -> Supplier:
    """Replace what is said about a supplier.

    Raises:
        SupplierNotFound: there is none.
        SupplierTwice: another one has the INN, or the name.
    """
    repository.update_supplier(session, supplier_id, details)
    _audit(session, "supplier_changed", supplier_id, actor, now)
    return repository.get_supplier(session, supplier_id)


def get_supplier(session: ReadSession, supplier_id: UUID) -> Supplier:
    """A supplier.

    Raises:
        SupplierNotFound: there is none.
    """
    return repository.get_supplier(session, supplier_id)


def list_suppliers(session: ReadSession) -> list[Supplier]:
    """Suppliers by name."""
    return repository.list_suppliers(session)


def read_suppliers(session: ReadSession, supplier_ids: Iterable[UUID]) -> dict[UUID, Supplier]:
    """Suppliers by id."""
    return repository.read_suppliers(session, supplier_ids)


def _find(session: ReadSession, details: SupplierDetails) -> Supplier | None:
    if details.inn is not None and is_valid_inn(details.inn):
        return repository.find_by_inn(session, details.inn) or repository.find_nameless_inn(session, details.name)
    namesakes = repository.list_by_name(session, details.name)
    return namesakes[0] if len(namesakes) == 1 else repository.find_nameless_inn(session, details.name)


def _audit(session: WriteSession, action: str, supplier_id: UUID, actor: Actor, now: datetime) -> None:
    record_audit(
        session,
        action=f"inventory.{action}",
        subject="inventory_supplier",
        subject_id=supplier_id,
        actor=actor,
        now=now,
    )
