"""Items, suppliers, levels, and what to buy."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from salon.catalog.errors import LocationNotFound
from salon.inventory.items import use_cases as items
from salon.inventory.items.domain import BaseUnit, ItemDetails, MinimumDetails, name_key
from salon.inventory.items.errors import ItemInStock, ItemNameTaken, ItemNotFound, ItemUnitFixed, MinimumNotFound
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.suppliers import use_cases as suppliers
from salon.inventory.suppliers.domain import SupplierDetails
from salon.inventory.suppliers.errors import SupplierNotFound, SupplierTwice
from salon.platform.errors import Invalid
from salon.platform.ids import new_id
from support.factories import ACTOR
from support.races import race

pytestmark = pytest.mark.database
INN = "7700000009"  # plainly invented, with a right control digit
WRONG_INN = "7700000008"
ANOTHER_INN = "7830002293"


@pytest.fixture
def who(clock):
    return {"actor": ACTOR, "now": clock.now()}


def details(name="Оксид 6 %", **more) -> ItemDetails:
    return ItemDetails(name=name, base_unit=more.pop("base_unit", BaseUnit.MILLILITRE), **more)


def test_an_item_lives_its_life(shelf, who):
    with shelf.write() as session:
        made = items.create_item(
            session, details(pack_quantity=Decimal(1000), barcode="4600000000001", category="Оксиды"), **who
        )
        assert items.get_item(session, made.id) == made
        assert items.find_item_by_name(session, " ОКСИД  6 %") == made
        assert (
            items.list_items(session, barcode="4600000000001") == items.list_items(session, category="Оксиды") == [made]
        )
        changed = items.change_item(session, made.id, details("Оксид 9 %", base_unit=BaseUnit.GRAM), **who)
        assert (changed.name, changed.base_unit) == ("Оксид 9 %", BaseUnit.GRAM)
        assert not items.archive_item(session, made.id, **who).is_active
        assert not items.archive_item(session, made.id, **who).is_active
        assert made.id not in {item.id for item in items.list_items(session)}
        assert made.id in {item.id for item in items.list_items(session, active_only=False)}
        assert items.restore_item(session, made.id, **who).is_active
        assert items.restore_item(session, made.id, **who).is_active
        with pytest.raises(ItemNotFound):
            items.get_item(session, new_id())


def test_two_active_items_never_share_a_name(shelf, who):
    with shelf.write() as session:
        first = items.create_item(session, details("Жёлтый пигмент"), **who)
    for attempt in (
        lambda session: items.create_item(session, details("ЖЕЛТЫЙ   пигмент"), **who),
        lambda session: items.change_item(
            session, shelf.foil, details("желтый пигмент", base_unit=BaseUnit.PIECE), **who
        ),
    ):
        with pytest.raises(ItemNameTaken), shelf.write() as session:
            attempt(session)
    with shelf.write() as session:
        items.archive_item(session, first.id, **who)
        items.create_item(session, details("Желтый пигмент"), **who)
    with pytest.raises(ItemNameTaken), shelf.write() as session:
        items.restore_item(session, first.id, **who)
    assert name_key("Ёж ６０ МЛ") == "еж 60 мл"


def test_what_is_in_stock_stays_and_keeps_its_unit(shelf, who):
    shelf.consume(1)
    with shelf.write() as session, pytest.raises(ItemInStock):
        items.archive_item(session, shelf.dye, **who)
    shelf.receive(1, 100)
    with shelf.write() as session:
        items.archive_item(session, shelf.dye, **who)
        with pytest.raises(ItemUnitFixed):
            items.change_item(session, shelf.dye, details("Краска 7/0", base_unit=BaseUnit.GRAM), **who)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"pack_quantity": Decimal(0)},
        {"pack_quantity": Decimal(-1)},
        {"pack_quantity": Decimal("0.00001")},
        {"sku": "я" * 65},
        {"brand": "я" * 201},
    ],
)
def test_an_item_makes_sense(wrong):
    with pytest.raises(Invalid):
        details(**wrong)


def test_a_supplier_is_known_by_inn_else_by_name(shelf, who):
    def find(name, inn=None):
        with shelf.write() as session:
            return suppliers.find_or_create_supplier(session, SupplierDetails(name=name, inn=inn), **who)

    named = find("ООО «Проба-Опт»")
    assert find("Проба-Опт, ООО").id == named.id
    wrong = find("ООО «Проба-Опт»", WRONG_INN)  # a number read wrong says nothing
    assert (wrong.id, wrong.inn_valid) == (named.id, False)
    identified = find("ООО Проба-Опт", INN)
    assert (identified.id, identified.inn, identified.inn_valid) == (named.id, INN, True)
    assert find("совсем другое имя", INN).id == named.id
    assert find("Проба-Опт").id == named.id  # the only one of that name
    assert find("Проба-Опт", ANOTHER_INN).id != named.id
    with shelf.read() as session:
        assert named.id in suppliers.read_suppliers(session, [named.id])
        assert suppliers.get_supplier(session, named.id).inn == INN
        with pytest.raises(SupplierNotFound):
            suppliers.get_supplier(session, new_id())


def test_namesakes_with_different_inns_are_two_suppliers(shelf, who):
    with shelf.write() as session:
        first = suppliers.create_supplier(session, SupplierDetails(name="ИП Пробный", inn=INN), **who)
        second = suppliers.find_or_create_supplier(
            session, SupplierDetails(name="ИП Пробный", inn="500100732259"), **who
        )
        third = suppliers.find_or_create_supplier(session, SupplierDetails(name="ИП Пробный"), **who)
        assert len({first.id, second.id, third.id}) == 3  # which of the two it is, nobody can say
        with pytest.raises(SupplierTwice):
            suppliers.create_supplier(session, SupplierDetails(name="Иное", inn=INN), **who)
        changed = suppliers.change_supplier(session, third.id, SupplierDetails(name="ИП Третий"), **who)
        assert (changed.name, len(suppliers.list_suppliers(session))) == ("ИП Третий", 3)
    with pytest.raises(SupplierTwice), shelf.write() as session:
        suppliers.change_supplier(session, third.id, SupplierDetails(name="ИП Третий", inn=INN), **who)


def test_one_supplier_is_made_by_many_at_once(shelf, who):
    def find():
        with shelf.write() as session:
            return suppliers.find_or_create_supplier(session, SupplierDetails(name="Проба", inn=INN), **who).id

    assert len(set(race(*[find] * 8))) == 1


def test_what_runs_short_is_told_once_and_bought_in_packs_where_it_was_last_bought(shelf, who, owner_engine):
    with shelf.write() as session:
        opt = suppliers.create_supplier(session, SupplierDetails(name="Опт"), **who)
        level = MinimumDetails(item_id=shelf.dye, location_id=shelf.here, minimum=Decimal(100), target=Decimal(250))
        items.set_minimum(session, level, **who)
        items.set_minimum(session, level, **who)
        foil = MinimumDetails(item_id=shelf.foil, location_id=shelf.there, minimum=Decimal(1), target=Decimal(3))
        items.set_minimum(session, foil, **who)
    shelf.receive(120, 24_000)
    shelf.receive(60, 15_001, supplier_id=opt.id)
    with shelf.read() as session:
        assert [line.item_id for line in ledger.suggest_purchase(session, shelf.here)] == []
    shelf.consume(80)  # 100 is left: not below
    shelf.consume(5)
    shelf.consume(5)
    with shelf.read() as session:
        lines = {line.item_id: line for line in ledger.suggest_purchase(session)}
        assert items.list_minimums(session, item_id=shelf.dye) == [level]
    dye, foil = lines[shelf.dye], lines[shelf.foil]
    assert (dye.on_hand, dye.packs, dye.quantity) == (90, 3, 180)  # 160 are missing: three tubes of 60
    assert (dye.supplier_id, dye.pack_cost_minor, dye.cost_minor) == (opt.id, 15_001, 45_003)
    assert (foil.on_hand, foil.packs, foil.supplier_id, foil.cost_minor) == (0, 3, None, None)
    with owner_engine.connect() as owner:
        told = owner.scalars(text("SELECT payload ->> 'on_hand' FROM outbox WHERE kind = 'stock.below_minimum'")).all()
    assert [Decimal(one) for one in told] == [95]
    with shelf.write() as session:
        items.remove_minimum(session, shelf.dye, shelf.here, **who)
        with pytest.raises(MinimumNotFound):
            items.remove_minimum(session, shelf.dye, shelf.here, **who)
        with pytest.raises(LocationNotFound):
            items.set_minimum(
                session,
                MinimumDetails(item_id=shelf.dye, location_id=new_id(), minimum=Decimal(0), target=Decimal(0)),
                **who,
            )
        assert [level.item_id for level in items.list_minimums(session, location_id=shelf.there)] == [shelf.foil]
    with pytest.raises(Invalid):
        MinimumDetails(item_id=shelf.dye, location_id=shelf.here, minimum=Decimal(2), target=Decimal(1))
