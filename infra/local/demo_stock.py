"""The demo salon's shelves: items, levels, what lay there when it began to count, and what its services use.

Data: `shared/demo/stock.json`. Five of the six goods of the sample invoice (`shared/demo/invoice.jpg`) are items here,
the sixth is new. Everything is made through the use cases, in one transaction and once: a later load finds the opening
stock in the ledger and leaves all of it alone, whatever a person has changed meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from infra.local.demo_bookings import withdraw_facts
from infra.local.demo_salon import ACTOR, DemoSalon
from salon.catalog import use_cases as catalog
from salon.catalog.domain import NormDetails, NormUnit
from salon.inventory.consumption import use_cases as consumption
from salon.inventory.items import use_cases as items
from salon.inventory.items.domain import BaseUnit, Item, ItemDetails, MinimumDetails
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import Movement, MovementKind, Source
from salon.inventory.suppliers import use_cases as suppliers
from salon.inventory.suppliers.domain import SupplierDetails
from salon.platform.db import Database, WriteSession
from salon.platform.shared_data import shared_path

OPENING = Source("opening", UUID("5a100000-0000-7000-8000-000000000001"))
"""What the opening stock comes from; invented, and the same in every demo."""


@dataclass(frozen=True, slots=True)
class DemoStock:
    """What a load did.

    Attributes:
        is_new: whether this load made it.
        items_made: new items.
        norms_made: new consumption norms, each linked to its item.
    """

    is_new: bool
    items_made: int = 0
    norms_made: int = 0


def load(database: Database, salon: DemoSalon, *, now: datetime) -> DemoStock:
    """Have the demo salon's stock. The facts of it are withdrawn: nobody is told of invented goods.

    Args:
        database: with the demo salon in it.
        salon: what loading that has found or made.
        now: the current instant; the goods came some weeks before.
    """
    with database.transaction(salon.tenant_id) as session:
        if ledger.list_standing(session, OPENING.kind, OPENING.id):
            return DemoStock(is_new=False)
        data: dict[str, Any] = json.loads((shared_path("demo") / "stock.json").read_text(encoding="utf-8"))
        opened_at = now - timedelta(days=data["opened_days_ago"])
        made = {each["name"]: _have_item(session, each, salon, opened_at) for each in data["items"]}
        norms_made = _make_norms(session, data["norms"], made, salon, opened_at)
        _fill(session, data, made, salon, opened_at)
        withdraw_facts(session, now=now)
    return DemoStock(is_new=True, items_made=len(made), norms_made=norms_made)


def _have_item(session: WriteSession, data: Mapping[str, Any], salon: DemoSalon, at: datetime) -> Item:
    """The item, with its levels at every location that still has its name."""
    item = items.find_item_by_name(session, data["name"])
    if item is None:
        details = ItemDetails(
            name=data["name"],
            category=data["category"],
            brand=data["brand"],
            base_unit=BaseUnit(data["base_unit"]),
            pack_quantity=Decimal(data["pack_quantity"]),
        )
        item = items.create_item(session, details, actor=ACTOR, now=at)
    for place, level in data["levels"].items():
        if place in salon.locations:
            minimum = MinimumDetails(
                item_id=item.id,
                location_id=salon.locations[place],
                minimum=Decimal(level["minimum"]),
                target=Decimal(level["target"]),
            )
            items.set_minimum(session, minimum, actor=ACTOR, now=at)
    return item


def _make_norms(
    session: WriteSession,
    norms: Mapping[str, Mapping[str, str]],
    made: Mapping[str, Item],
    salon: DemoSalon,
    at: datetime,
) -> int:
    """Norms of services that have none yet: those that a person has entered hold."""
    count = 0
    for service, uses in norms.items():
        service_id = salon.services.get(service)
        if service_id is None or catalog.list_norms(session, service_id=service_id):
            continue
        for name, said in uses.items():
            quantity, unit = said.split()
            details = NormDetails(service_id=service_id, item=name, quantity=Decimal(quantity), unit=NormUnit(unit))
            norm = catalog.create_norm(session, details, actor=ACTOR, now=at)
            consumption.link_norm(session, norm.id, item_id=made[name].id, by_length=None, actor=ACTOR, now=at)
            count += 1
    return count


def _fill(
    session: WriteSession, data: Mapping[str, Any], made: Mapping[str, Item], salon: DemoSalon, at: datetime
) -> None:
    """The opening stock, at what its packs had cost: the last price that an invoice is compared with."""
    supplier = suppliers.find_or_create_supplier(session, SupplierDetails(**data["supplier"]), actor=ACTOR, now=at)
    movements: list[Movement] = []
    for each in data["items"]:
        item = made[each["name"]]
        for place, level in each["levels"].items():
            if place not in salon.locations:
                continue
            quantity = Decimal(level["opening"])
            cost = each["pack_cost_minor"] * quantity / Decimal(each["pack_quantity"])
            movements.append(
                Movement(
                    item_id=item.id,
                    location_id=salon.locations[place],
                    kind=MovementKind.RECEIPT,
                    quantity=quantity,
                    cost_minor=int(cost.to_integral_value()),
                    supplier_id=supplier.id,
                    source=OPENING,
                    line=len(movements),
                    reason="opening",
                    note=data["opening_note"],
                    occurred_at=at,
                )
            )
    ledger.post(session, movements, actor=ACTOR, now=at)
