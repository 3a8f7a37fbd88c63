"""What a person does with items and their levels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from salon.catalog import use_cases as catalog
from salon.identity.domain import Actor
from salon.identity.use_cases import record_audit
from salon.inventory.items import repository
from salon.inventory.items.domain import Item, ItemDetails, MinimumDetails
from salon.inventory.items.errors import ItemInDraft, ItemInStock, ItemUnitFixed, MinimumNotFound
from salon.platform.db import ReadSession, WriteSession

__all__ = [
    "archive_item",
    "change_item",
    "create_item",
    "find_item_by_name",
    "get_item",
    "list_items",
    "list_minimums",
    "read_items",
    "remove_minimum",
    "restore_item",
    "set_minimum",
]


def create_item(session: WriteSession, details: ItemDetails, *, actor: Actor, now: datetime) -> Item:
    """Add something that the salon buys.

    Raises:
        ItemNameTaken: another active item has the name.
    """
    item = repository.add_item(session, details, now)
    _audit(session, "item_created", item.id, actor, now, base_unit=item.base_unit.value)
    return item


def change_item(session: WriteSession, item_id: UUID, details: ItemDetails, *, actor: Actor, now: datetime) -> Item:
    """Replace what is said about an item.

    Raises:
        ItemNotFound: there is none.
        ItemNameTaken: another active item has the name.
        ItemUnitFixed: it has moved in another unit.
        ItemInDraft: an invoice that is not settled counts it in another unit.
    """
    before = repository.get_item(session, item_id)
    if before.base_unit is not details.base_unit:
        if repository.has_moved(session, item_id):
            raise ItemUnitFixed
        if repository.is_in_draft(session, item_id):
            raise ItemInDraft
    repository.update_item(session, item_id, details)
    _audit(session, "item_changed", item_id, actor, now, pack_quantity=details.pack_quantity)
    return repository.get_item(session, item_id)


def archive_item(session: WriteSession, item_id: UUID, *, actor: Actor, now: datetime) -> Item:
    """Take an item out of the lists; its movements stay.

    Raises:
        ItemNotFound: there is none.
        ItemInStock: some of it is there, or was used before it was received.
        ItemInDraft: an invoice that is not settled would bring some of it.
    """
    if repository.has_stock(session, item_id):
        raise ItemInStock
    if repository.is_in_draft(session, item_id):
        raise ItemInDraft
    if repository.set_item_active(session, item_id, is_active=False):
        _audit(session, "item_archived", item_id, actor, now)
    return repository.get_item(session, item_id)


def restore_item(session: WriteSession, item_id: UUID, *, actor: Actor, now: datetime) -> Item:
    """Put an archived item back.

    Raises:
        ItemNotFound: there is none.
        ItemNameTaken: another one has taken its name meanwhile.
    """
    if repository.set_item_active(session, item_id, is_active=True):
        _audit(session, "item_restored", item_id, actor, now)
    return repository.get_item(session, item_id)


def get_item(session: ReadSession, item_id: UUID) -> Item:
    """An item.

    Raises:
        ItemNotFound: there is none.
    """
    return repository.get_item(session, item_id)


def find_item_by_name(session: ReadSession, name: str) -> Item | None:
    """The active item of that name, whatever its capitals, «ё» and blanks."""
    return repository.find_item_by_name(session, name)


def read_items(session: ReadSession, item_ids: Iterable[UUID]) -> dict[UUID, Item]:
    """Items by id, archived ones too."""
    return repository.read_items(session, item_ids)


def list_items(
    session: ReadSession, *, active_only: bool = True, category: str | None = None, barcode: str | None = None
) -> list[Item]:
    """Items by name."""
    return repository.list_items(session, active_only=active_only, category=category, barcode=barcode)


def set_minimum(session: WriteSession, details: MinimumDetails, *, actor: Actor, now: datetime) -> MinimumDetails:
    """Say how much of an item a location should have.

    Raises:
        ItemNotFound: there is no such item.
        LocationNotFound: there is no such location.
    """
    repository.get_item(session, details.item_id)
    catalog.get_location(session, details.location_id)
    stored = repository.write_minimum(session, details, now)
    _audit(
        session,
        "minimum_set",
        details.item_id,
        actor,
        now,
        location_id=details.location_id,
        minimum=stored.minimum,
        target=stored.target,
    )
    return stored


def remove_minimum(session: WriteSession, item_id: UUID, location_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Forget how much of an item a location should have.

    Raises:
        MinimumNotFound: nobody had said so.
    """
    if not repository.remove_minimum(session, item_id, location_id):
        raise MinimumNotFound(item_id, location_id)
    _audit(session, "minimum_removed", item_id, actor, now, location_id=location_id)


def list_minimums(
    session: ReadSession, *, item_id: UUID | None = None, location_id: UUID | None = None
) -> list[MinimumDetails]:
    """How much there should be of active items, by location and item."""
    return repository.list_minimums(session, item_id=item_id, location_id=location_id)


def _audit(session: WriteSession, action: str, item_id: UUID, actor: Actor, now: datetime, **data: object) -> None:
    record_audit(
        session,
        action=f"inventory.{action}",
        subject="inventory_item",
        subject_id=item_id,
        actor=actor,
        now=now,
        data=data,
    )
