"""That something runs out is told to those who buy it, once, with what is left and what to order."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from salon.identity.access import Role
from salon.inventory.items import use_cases as items
from salon.inventory.items.domain import BaseUnit, ItemDetails, MinimumDetails
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import Movement, MovementKind, Source
from salon.inventory.ledger.events import StockBelowMinimum
from salon.inventory.suppliers import use_cases as suppliers
from salon.inventory.suppliers.domain import SupplierDetails
from salon.messaging.people.use_cases.stock import on_stock_fact
from salon.platform.ids import new_id
from support.salon_world import ACTOR

pytestmark = pytest.mark.database


@pytest.fixture
def owner(desk):
    boss = desk.bound(80, Role.OWNER, "Инна Владельцева")
    boss.hear()
    return boss


@pytest.fixture
def manager(desk):
    boss = desk.bound(81, Role.MANAGER, "Ольга Управляющая")
    boss.hear()
    return boss


@pytest.fixture
def paint(desk):
    """Ten tubes, of which at least five should be there."""
    details = ItemDetails(name="Краска 6/0", base_unit=BaseUnit.MILLILITRE, pack_quantity=Decimal(60))
    now, place = desk.clock.now(), desk.world.location_id

    def make(session):
        item = items.create_item(session, details, actor=ACTOR, now=now)
        levels = MinimumDetails(item_id=item.id, location_id=place, minimum=Decimal(300), target=Decimal(600))
        items.set_minimum(session, levels, actor=ACTOR, now=now)
        shop = suppliers.create_supplier(session, SupplierDetails(name="ООО «Пробный опт»"), actor=ACTOR, now=now)
        move(session, item, Decimal(600), MovementKind.RECEIPT, cost_minor=6_000, supplier_id=shop.id)
        return item

    def move(session, item, quantity, kind=MovementKind.CONSUMPTION, **more):
        movement = Movement(
            item_id=item.id,
            location_id=place,
            kind=kind,
            quantity=quantity,
            source=Source("booking", new_id()),
            occurred_at=now,
            **more,
        )
        ledger.post(session, [movement], actor=ACTOR, now=now)

    item = desk.do(make)
    desk.use = lambda quantity: desk.do(lambda session: move(session, item, -Decimal(quantity)))
    desk.buy = lambda quantity: desk.do(
        lambda session: move(session, item, Decimal(quantity), MovementKind.RECEIPT, cost_minor=1)
    )
    return item


def hear(desk, item):
    fact = StockBelowMinimum(
        occurred_at=desk.clock.now(),
        item_id=item.id,
        location_id=desk.world.location_id,
        on_hand=Decimal(0),
        minimum=Decimal(300),
    )
    desk.do(lambda session: on_stock_fact(session, fact, desk.clock.now()))


def test_the_bosses_are_told_what_is_left_and_what_to_order(desk, owner, manager, olga, paint):
    olga.hear()
    desk.use(350)
    hear(desk, paint)
    hear(desk, paint)  # told again at once: nobody is

    words = owner.hear()
    assert words == (
        "Заканчивается: Краска 6/0 (Салон на Пробной). Осталось 250 мл, меньше нужных 300.\n"
        "Предлагаю заказать 6 упаковок (360 мл) у поставщика: ООО «Пробный опт»."
    )
    assert manager.hear() == words
    assert olga.hear() == ""


def test_what_was_bought_meanwhile_is_not_told_and_a_new_lack_is(desk, owner, paint):
    desk.use(350)
    desk.buy(300)
    hear(desk, paint)
    assert owner.hear() == ""
    desk.use(550)
    hear(desk, paint)
    assert "Не осталось совсем" in owner.hear()
    desk.clock.advance(timedelta(hours=2))
    desk.use("12.5")
    hear(desk, paint)
    assert "не хватает 12,5 мл" in owner.hear()
