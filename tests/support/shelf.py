"""A tenant with two locations and some items, and short words for moving its stock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from salon.inventory.items import use_cases as items
from salon.inventory.items.domain import BaseUnit, ItemDetails
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import Movement, MovementKind, Posted, Source
from salon.platform.db import Database, WriteSession
from salon.platform.ids import new_id
from support.factories import ACTOR, make_location
from support.fixtures import make_tenant

R, C, W, F = (MovementKind.RECEIPT, MovementKind.CONSUMPTION, MovementKind.WRITE_OFF, MovementKind.CORRECTION)


@dataclass(frozen=True)
class Shelf:
    """Where things lie, and what they are."""

    database: Database
    tenant_id: UUID
    now: datetime
    here: UUID
    there: UUID
    dye: UUID  # millilitres, tubes of 60
    foil: UUID  # pieces

    def write(self) -> Any:
        return self.database.transaction(self.tenant_id)

    def read(self) -> Any:
        return self.database.read(self.tenant_id)

    def movement(self, kind: MovementKind, quantity: Any, **more: Any) -> Movement:
        values = {
            "item_id": self.dye,
            "location_id": self.here,
            "source": Source("test", new_id()),
            "occurred_at": self.now,
        } | more
        return Movement(kind=kind, quantity=Decimal(str(quantity)), **values)

    def post(self, *movements: Movement) -> tuple[Posted, ...]:
        """In a transaction of its own."""
        with self.write() as session:
            return ledger.post(session, movements, actor=ACTOR, now=self.now)

    def receive(self, quantity: Any, cost_minor: int | None = None, **more: Any) -> Posted:
        return self.post(self.movement(R, quantity, cost_minor=cost_minor, **more))[0]

    def consume(self, quantity: Any, **more: Any) -> Posted:
        return self.post(self.movement(C, -Decimal(str(quantity)), **more))[0]

    def reverse(self, source: Source) -> tuple[Posted, ...]:
        with self.write() as session:
            return ledger.reverse(session, source, actor=ACTOR, now=self.now)

    def transfer(self, quantity: Any, **more: Any) -> tuple[Posted, ...]:
        lines = [ledger.StockLine(item_id=self.dye, quantity=Decimal(str(quantity)), **more)]
        with self.write() as session:
            return ledger.transfer_stock(
                session, lines, from_location_id=self.here, to_location_id=self.there, actor=ACTOR, now=self.now
            )

    def on_hand(self, item_id: UUID | None = None, location_id: UUID | None = None) -> tuple[Decimal, int]:
        """Quantity and worth; of the dye, here."""
        with self.read() as session:
            found = ledger.stock_on_hand(session, [item_id or self.dye], location_id or self.here)
        return (found[0].quantity, found[0].value_minor) if found else (Decimal(0), 0)

    def verify(self) -> ledger.Verdict:
        with self.read() as session:
            return ledger.verify_ledger(session)


def make_item(session: WriteSession, now: datetime, name: str, unit: BaseUnit, pack: Any = 1) -> UUID:
    details = ItemDetails(name=name, base_unit=unit, pack_quantity=Decimal(str(pack)))
    return items.create_item(session, details, actor=ACTOR, now=now).id


def make_shelf(database: Database, now: datetime, tenant_id: UUID | None = None) -> Shelf:
    """Another tenant's unless one is given."""
    tenant_id = tenant_id or make_tenant(database, now)
    with database.transaction(tenant_id) as session:
        return Shelf(
            database=database,
            tenant_id=tenant_id,
            now=now,
            here=make_location(session, now=now).id,
            there=make_location(session, now=now, name="Салон на Пресне").id,
            dye=make_item(session, now, "Краска 7/0", BaseUnit.MILLILITRE, 60),
            foil=make_item(session, now, "Фольга", BaseUnit.PIECE),
        )
