"""A salon with things on its shelves: visits that use them up, and what the ledger says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from salon.booking import events as booking_events
from salon.booking import use_cases as booking
from salon.booking.domain import Booking
from salon.catalog import use_cases as catalog
from salon.catalog.domain import Norm, NormDetails, NormUnit, ServiceOptionDetails
from salon.inventory.consumption import use_cases as consumption
from salon.inventory.consumption.events import VISIT_FACTS
from salon.inventory.items import use_cases as items
from salon.inventory.items.domain import BaseUnit, Item, ItemDetails, MinimumDetails
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import Movement, MovementKind, Source
from salon.platform.db import Database
from salon.platform.facts import read_fact
from salon.platform.ids import new_id
from support.factories import ACTOR, Salon, make_salon


@dataclass
class StockWorld:
    """`now` only moves forward: `after` says by how much."""

    salon: Salon
    now: datetime
    slots: list[Any] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.salon.database

    @property
    def tenant_id(self) -> UUID:
        return self.salon.tenant_id

    @property
    def location_id(self) -> UUID:
        return self.salon.location.id

    def do(self, use_case: Any, *arguments: Any, **more: Any) -> Any:
        """One use case in a transaction of its own."""
        with self.database.transaction(self.tenant_id) as session:
            return use_case(session, *arguments, actor=ACTOR, now=self.now, **more)

    def read(self, use_case: Any, *arguments: Any, **more: Any) -> Any:
        with self.database.read(self.tenant_id) as session:
            return use_case(session, *arguments, **more)

    def after(self, **delta: int) -> datetime:
        self.now += timedelta(**delta)
        return self.now

    def item(self, name: str = "Краска 6/0", unit: BaseUnit = BaseUnit.MILLILITRE, pack: int = 60, **more: Any) -> Item:
        details = ItemDetails(name=name, base_unit=unit, pack_quantity=Decimal(pack), **more)
        return self.do(items.create_item, details)

    def option(self, name: str, choice: str = "") -> UUID:
        details = ServiceOptionDetails(name=name, choice=choice)
        return self.do(catalog.create_option, self.salon.service.id, details).id

    def norm(self, item: str, quantity: str, unit: NormUnit = NormUnit.MILLILITRE, **more: Any) -> Norm:
        details = NormDetails(
            service_id=self.salon.service.id, item=item, quantity=Decimal(quantity), unit=unit, **more
        )
        return self.do(catalog.create_norm, details)

    def minimum(self, item: Item, minimum: int, target: int) -> None:
        levels = MinimumDetails(
            item_id=item.id, location_id=self.location_id, minimum=Decimal(minimum), target=Decimal(target)
        )
        self.do(items.set_minimum, levels)

    def receive(self, item: Item, quantity: str, cost_minor: int = 10_000, location_id: UUID | None = None) -> UUID:
        """A confirmed line of an invoice; the invoice's id."""
        source = Source("invoice_draft", new_id())
        movement = Movement(
            item_id=item.id,
            location_id=location_id or self.location_id,
            kind=MovementKind.RECEIPT,
            quantity=Decimal(quantity),
            cost_minor=cost_minor,
            source=source,
            occurred_at=self.now,
        )
        self.do(ledger.post, [movement])
        return source.id

    def visit(self, option_ids: tuple[UUID, ...] = (), staff_id: UUID | None = None) -> Booking:
        """A confirmed booking of the next free slot, which has begun by now."""
        slot = next(one for one in self.slots if staff_id is None or one.staff_id == staff_id)
        self.slots.remove(slot)
        client_id = self.salon.client()
        with self.database.transaction(self.tenant_id) as session:
            held = booking.hold_slot(
                session,
                slot_id=slot.id,
                client_id=client_id,
                channel="console",
                actor=ACTOR,
                now=self.salon.now,
                option_ids=option_ids,
            )
            found = booking.confirm_booking(session, held.id, actor=ACTOR, now=self.salon.now)
        self.now = max(self.now, found.ends_at)
        return found

    def facts(self, *names: str) -> list[Any]:
        """What was told so far, in order."""
        with self.database.read(self.tenant_id) as session:
            rows = session.execute(
                text(
                    "SELECT kind, payload FROM outbox WHERE queue = 'events' AND kind = ANY(:names) ORDER BY sequence"
                ),
                {"names": list(names)},
            ).all()
        return [read_fact(row.kind, row.payload) for row in rows]

    def visit_facts(self, booking_id: UUID) -> list[Any]:
        """That a booking was completed or reopened."""
        return [one for one in self.facts(*VISIT_FACTS) if one.booking_id == booking_id]

    def hear(self, fact: booking_events.BookingFact) -> None:
        """The subscriber hears a fact."""
        with self.database.transaction(self.tenant_id) as session:
            consumption.on_visit_changed(session, fact, self.now)

    def hear_all(self, booking_id: UUID) -> None:
        for fact in self.visit_facts(booking_id):
            self.hear(fact)

    def complete(self, booking_id: UUID, *, heard: bool = True) -> None:
        self.do(booking.complete_booking, booking_id)
        if heard:
            self.hear(self.visit_facts(booking_id)[-1])

    def reopen(self, booking_id: UUID, *, heard: bool = True) -> None:
        self.do(booking.reopen_booking, booking_id)
        if heard:
            self.hear(self.visit_facts(booking_id)[-1])

    def on_hand(self, item: Item) -> Decimal:
        found = self.read(ledger.stock_on_hand, [item.id], self.location_id)
        return found[0].quantity if found else Decimal(0)

    def movements(self, item: Item) -> list[tuple[str, Decimal]]:
        with self.database.read(self.tenant_id) as session:
            rows = session.execute(
                text("SELECT kind, quantity FROM inventory_ledger WHERE item_id = :item ORDER BY seq"),
                {"item": item.id},
            )
            return [(row.kind, row.quantity) for row in rows]


def make_stock_world(database: Database, tenant_id: UUID, *, now: datetime, days: int = 7) -> StockWorld:
    """Two people who cut hair, a week of slots."""
    salon = make_salon(database, tenant_id, now=now, staff_names=("Анна", "Борис"), days=days)
    return StockWorld(salon, now, list(salon.slots(days=days)))
