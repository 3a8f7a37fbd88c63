"""Queries about items and minimums."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, literal_column, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from salon.inventory.items.domain import QUANTITY_STEP, BaseUnit, Item, ItemDetails, MinimumDetails, name_key
from salon.inventory.items.errors import ItemNameTaken, ItemNotFound
from salon.inventory.items.models import ItemRow, MinimumRow
from salon.platform.db import ReadSession, WriteSession, on_constraint, tenant_of
from salon.platform.ids import new_id

on_constraint("ux_inventory_items_name", ItemNameTaken)
AS_IT_IS = {"populate_existing": True}
"""Of rows that are written by upsert: a session that has seen one before would give it back as it was."""
_HAS_STOCK = text("SELECT EXISTS (SELECT FROM stock_positions WHERE item_id = :item_id AND quantity <> 0)")
_HAS_MOVED = text("SELECT EXISTS (SELECT FROM inventory_ledger WHERE item_id = :item_id)")

_IS_IN_DRAFT = text("""
    SELECT EXISTS (
        SELECT FROM invoice_draft_lines line JOIN invoice_drafts draft ON draft.id = line.draft_id
        WHERE line.item_id = :item_id AND draft.status = 'draft'
    )
""")


def _item(row: ItemRow) -> Item:
    return Item(
        id=row.id,
        name=row.name,
        category=row.category,
        brand=row.brand,
        base_unit=BaseUnit(row.base_unit),
        pack_quantity=row.pack_quantity,
        sku=row.sku,
        barcode=row.barcode,
        is_active=row.is_active,
    )


def _values(details: ItemDetails) -> dict[str, Any]:
    return {
        "name": details.name,
        "name_key": name_key(details.name),
        "category": details.category,
        "brand": details.brand,
        "base_unit": details.base_unit.value,
        "pack_quantity": details.pack_quantity.quantize(QUANTITY_STEP),
        "sku": details.sku,
        "barcode": details.barcode,
    }


def _get_row(session: ReadSession, item_id: UUID) -> ItemRow:
    row = session.get(ItemRow, item_id)
    if row is None:
        raise ItemNotFound(item_id)
    return row


def add_item(session: WriteSession, details: ItemDetails, now: datetime) -> Item:
    """Store a new item.

    Raises:
        ItemNameTaken: another active one has the name.
    """
    row = ItemRow(id=new_id(), tenant_id=tenant_of(session), is_active=True, created_at=now, **_values(details))
    session.add(row)
    session.flush()
    return _item(row)


def get_item(session: ReadSession, item_id: UUID) -> Item:
    """An item.

    Raises:
        ItemNotFound: there is none.
    """
    return _item(_get_row(session, item_id))


def find_item_by_name(session: ReadSession, name: str) -> Item | None:
    """The active item of that name, however it is written."""
    query = select(ItemRow).where(ItemRow.name_key == name_key(name), ItemRow.is_active)
    row = session.scalars(query).one_or_none()
    return None if row is None else _item(row)


def list_items(
    session: ReadSession, *, active_only: bool, category: str | None = None, barcode: str | None = None
) -> list[Item]:
    """Items by name."""
    query = select(ItemRow).order_by(ItemRow.name_key, ItemRow.id)
    if active_only:
        query = query.where(ItemRow.is_active)
    if category is not None:
        query = query.where(ItemRow.category == category)
    if barcode is not None:
        query = query.where(ItemRow.barcode == barcode)
    return [_item(row) for row in session.scalars(query)]


def read_items(session: ReadSession, item_ids: Iterable[UUID]) -> dict[UUID, Item]:
    """Items by id, archived ones too; those that do not exist are not among them."""
    query = select(ItemRow).where(ItemRow.id.in_(list(item_ids)))
    return {row.id: _item(row) for row in session.scalars(query)}


def require_items(session: ReadSession, item_ids: Collection[UUID]) -> None:
    """Refuse ids of which there is no item.

    Raises:
        ItemNotFound: of the first such.
    """
    known = set(session.scalars(select(ItemRow.id).where(ItemRow.id.in_(list(item_ids)))))
    for item_id in sorted(item_ids):
        if item_id not in known:
            raise ItemNotFound(item_id)


def update_item(session: WriteSession, item_id: UUID, details: ItemDetails) -> None:
    """Store what changed.

    Raises:
        ItemNotFound: there is none.
        ItemNameTaken: another active one has the name.
    """
    row = _get_row(session, item_id)
    for name, value in _values(details).items():
        setattr(row, name, value)
    session.flush()


def set_item_active(session: WriteSession, item_id: UUID, *, is_active: bool) -> bool:
    """Store whether an item is in use; whether that is news.

    Raises:
        ItemNotFound: there is none.
        ItemNameTaken: another active one has taken the name meanwhile.
    """
    row = _get_row(session, item_id)
    changed, row.is_active = row.is_active != is_active, is_active
    session.flush()
    return changed


def has_stock(session: ReadSession, item_id: UUID) -> bool:
    """Whether some of it lies, or is owed, anywhere. The ledger's table by name: its module imports this one."""
    return bool(session.execute(_HAS_STOCK, {"item_id": item_id}).scalar_one())


def has_moved(session: ReadSession, item_id: UUID) -> bool:
    """Whether the ledger knows the item."""
    return bool(session.execute(_HAS_MOVED, {"item_id": item_id}).scalar_one())


def is_in_draft(session: ReadSession, item_id: UUID) -> bool:
    """Whether an invoice that is not settled yet has a line of it. The tables by name, as above."""
    return bool(session.execute(_IS_IN_DRAFT, {"item_id": item_id}).scalar_one())


def _minimum(row: MinimumRow) -> MinimumDetails:
    return MinimumDetails(item_id=row.item_id, location_id=row.location_id, minimum=row.minimum, target=row.target)


def write_minimum(session: WriteSession, details: MinimumDetails, now: datetime) -> MinimumDetails:
    """Store how much there should be, instead of what was said before; as it is stored."""
    details = replace(
        details, minimum=details.minimum.quantize(QUANTITY_STEP), target=details.target.quantize(QUANTITY_STEP)
    )
    levels = {"minimum": details.minimum, "target": details.target, "updated_at": now}
    place = {"item_id": details.item_id, "location_id": details.location_id}
    statement = upsert(MinimumRow).values(id=new_id(), tenant_id=tenant_of(session), **place, **levels)
    session.execute(statement.on_conflict_do_update(constraint="uq_inventory_minimums_place", set_=levels))
    return details


def remove_minimum(session: WriteSession, item_id: UUID, location_id: UUID) -> bool:
    """Forget how much there should be; whether somebody had said so."""
    statement = delete(MinimumRow).where(MinimumRow.item_id == item_id, MinimumRow.location_id == location_id)
    return session.execute(statement.returning(MinimumRow.id)).first() is not None


def list_minimums(
    session: ReadSession, *, item_id: UUID | None = None, location_id: UUID | None = None
) -> list[MinimumDetails]:
    """How much there should be of active items, by location and item."""
    is_active = exists(select(literal_column("1"))).where(ItemRow.id == MinimumRow.item_id, ItemRow.is_active)
    query = select(MinimumRow).where(is_active).order_by(MinimumRow.location_id, MinimumRow.item_id)
    if item_id is not None:
        query = query.where(MinimumRow.item_id == item_id)
    if location_id is not None:
        query = query.where(MinimumRow.location_id == location_id)
    return [_minimum(row) for row in session.scalars(query, execution_options=AS_IT_IS)]
