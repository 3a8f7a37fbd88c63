"""Which item a line of an invoice is: tricky pairs, units, aliases; what is not certain is asked."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from uuid import UUID

import pytest
from rapidfuzz import fuzz

from infra.training.stock_item.corpus import noised
from salon.intake.inference.domain import (
    Category,
    clean_name,
    contents_of,
    invoice_unit,
    read_pack,
    repaired,
    without,
)
from salon.inventory.drafts.domain.matching import Alias, MatchMethod, Stock, StockItem
from salon.inventory.drafts.domain.names import Amount, fold, take_apart
from salon.inventory.drafts.domain.units import base_quantity, per_unit
from salon.inventory.items.domain import BaseUnit
from support.documents.catalogue import draw_goods

ML, G, PCS = BaseUnit.MILLILITRE, BaseUnit.GRAM, BaseUnit.PIECE


def alike(first, second):
    return fuzz.ratio(first, second) / 100


def item(number, name, base=ML, pack=None, *, brand="", codes=()):
    return StockItem(UUID(int=number), name, brand, base, None if pack is None else Decimal(pack), frozenset(codes))


def stock(*items, aliases=(), corrections=None):
    return Stock(items, aliases, alike, corrections or {})


# (what the paper says, its unit, an item of the stock, base unit, pack): the same ware
SAME = [
    ("Краска Londa 6/0 60 мл", "шт", "Краска Londa 6/0", ML, 60),
    ("КРАСКА  LONDA 6.0, 60мл.", "шт", "Краска Londa 6/0", ML, 60),
    ("Крем-краска Londa 6/0 60мл", "шт", "Краска Londa 6/0", ML, 60),
    ("Краска Лонда 6/0 60 мл", "шт", "Краска Londa 6/0", ML, 60),
    ("Kpacкa Lоndа 6/0 60 mл", "шт", "Краска Londa 6/0", ML, 60),  # letters of the other alphabet
    ("Краска Lonba 6/0 60 мл", "шт", "Краска Londa 6/0", ML, 60),  # one letter misread
    ("Londa краска для волос профессиональная 6/0 туба 60 мл", "шт", "Краска Londa 6/0", ML, 60),
    ("Оксидант Estel 6% 1 л", "шт", "Окислитель Estel 6%", ML, 1000),
    ("Оксид Estel 20 vol 1000 мл", "шт", "Окислитель Estel 6%", ML, 1000),
    ("Шамп. Estel Curex 1 л", "шт", "Шампунь Estel Curex", ML, 1000),
    ("Порошок осветляющий Blond 0,5 кг", "шт", "Порошок осветляющий Blond", G, 500),
    ("Перчатки нитриловые M 100 шт/уп", "уп", "Перчатки нитриловые М", PCS, 1),
    ("Фольга для волос 12 см", "рул", "Фольга 12 см", PCS, 1),
]
# as above: another ware, never even offered
OTHER = [
    ("Краска Londa 6/1 60 мл", "шт", "Краска Londa 6/0", ML, 60),
    ("Краска Londa 6/0 100 мл", "шт", "Краска Londa 6/0", ML, 60),
    ("Краска Londa 6/00 60 мл", "шт", "Краска Londa 6/0", ML, 60),
    ("Краска Londa 10/16 60 мл", "шт", "Краска Londa 10/1", ML, 60),
    ("Краска Redken 7NB 60 мл", "шт", "Краска Redken 7N", ML, 60),
    ("Окислитель Estel 3% 1 л", "шт", "Окислитель Estel 6%", ML, 1000),
    ("Окислитель Estel 10 vol 1 л", "шт", "Окислитель Estel 6%", ML, 1000),
    ("Окислитель Estel 1,5% 1 л", "шт", "Окислитель Estel 5% ", ML, 1000),
    ("Перчатки нитриловые L 100 шт", "уп", "Перчатки нитриловые M", PCS, 1),
    ("Фиксатор Olaplex №2 100 мл", "шт", "Фиксатор Olaplex №1", ML, 100),
    ("Порошок Blond 500 г", "шт", "Порошок Blond", ML, 500),
]
# as above: may be, so it is offered and asked
ASKED = [
    ("Краска Londa 60 мл", "шт", "Краска Londa 6/0", ML, 60),  # which shade?
    ("Краска Londa 6/0 60 мл", "шт", "Краска Londa", ML, 60),
    ("Краска Londa 60 60 мл", "шт", "Краска Londa 6/0", ML, 60),  # a stroke was lost
    ("Шампунь Londa Visible Repair 250 мл", "шт", "Бальзам Londa Visible Repair", ML, 250),
    ("Londa Visible Repair 250 мл", "шт", "Шампунь Londa Visible Repair", ML, 250),
    ("Шампунь Londa Color 250 мл", "шт", "Шампунь Wella Color", ML, 250),
    ("Шампунь Londa 250 мл", "шт", "Шампунь Londa", PCS, 1),  # of which volume the piece is nobody says
    ("Набор Londa шампунь 250 мл бальзам 200 мл", "шт", "Шампунь бальзам Londa", ML, 250),
    ("Окислитель Estel 1 л", "шт", "Окислитель Estel 6%", ML, 1000),
    ("Лак чёрный Estel 300 мл", "шт", "Лак белый Estel", ML, 300),
]


@pytest.mark.parametrize(("name", "unit", "known", "base", "pack"), SAME)
def test_the_same_ware_is_recognised(name, unit, known, base, pack):
    found = stock(item(1, known, base, pack), item(2, "Воск тёплый 400 мл", ML, 400)).match(name, unit)
    assert (found.item_id, found.method) == (UUID(int=1), MatchMethod.NAME)


@pytest.mark.parametrize(("name", "unit", "known", "base", "pack"), OTHER)
def test_another_ware_is_not_offered(name, unit, known, base, pack):
    found = stock(item(1, known, base, pack)).match(name, unit)
    assert (found.item_id, found.candidates) == (None, ())


@pytest.mark.parametrize(("name", "unit", "known", "base", "pack"), ASKED)
def test_what_may_be_is_asked(name, unit, known, base, pack):
    found = stock(item(1, known, base, pack)).match(name, unit)
    assert found.item_id is None
    assert [candidate.item_id for candidate in found.candidates] == [UUID(int=1)]


def test_two_items_that_fit_are_asked():
    one, two = item(1, "Маска Estel Curex", brand="Estel"), item(2, "Маска Curex", brand="Estel")
    found = stock(one, two).match("Маска Estel Curex 500 мл", "шт")
    assert found.item_id is None
    assert len(found.candidates) == 2


def test_a_brand_that_stands_apart_counts():
    kept = item(1, "Краска 6/0", pack=60, brand="Londa")
    assert stock(kept).match("Краска Londa 6/0 60 мл", "шт").item_id == kept.id
    assert stock(kept).match("Краска Wella 6/0 60 мл", "шт").item_id is None


def test_a_code_decides_unless_the_figures_say_no():
    kept = item(1, "Краска Londa 6/0", pack=60, codes=["81234567", "ln-60"])
    assert stock(kept).match("81234567 Кр. перм. 6/0", "шт").method is MatchMethod.CODE
    assert stock(kept).match("Кр. перм. 6/0 арт. LN-60", "шт").method is MatchMethod.CODE
    assert stock(kept).match("81234567 Кр. перм. 6/1", "шт").item_id is None


ALIASES = [
    Alias(fold("Кр. перм. Л. 6/0"), "шт", "Краска Londa 6/0", UUID(int=1), Decimal(60)),
    Alias(fold("Кр. перм. Л. 6/0"), "кор", "Краска Londa 6/0", UUID(int=1), Decimal(720)),
    Alias(fold("Перчатки нитрил M"), "уп", "Перчатки M", UUID(int=2), Decimal(100)),
]
TWO = (item(1, "Краска Londa 6/0", pack=60), item(2, "Перчатки M", PCS, 1))


@pytest.mark.parametrize(
    ("name", "unit", "expected"),
    [
        ("Кр. перм. Л. 6/0", "шт.", (MatchMethod.ALIAS, 1, 60)),
        ("КР ПЕРМ Л 6/0", "кор", (MatchMethod.ALIAS, 1, 720)),
        ("Кр. перм. Л. 6/0", "ящ", (MatchMethod.ALIAS, 1, None)),  # the item is known, what a crate holds is not
        ("Кр. псрм. Л. 6/0", "шт", (MatchMethod.ALIAS_ALIKE, 1, 60)),
        ("Кр. перм. Л. 6/1", "шт", (MatchMethod.NONE, None, None)),
        ("Перчатки нитрил L", "уп", (MatchMethod.NONE, None, None)),
        ("Перчатки нитрил. М", "уп", (MatchMethod.ALIAS, 2, 100)),
    ],
)
def test_what_a_person_said_once_is_not_asked_again(name, unit, expected):
    found = stock(*TWO, aliases=ALIASES).match(name, unit)
    number = found.item_id.int if found.item_id else None
    assert (found.method, number, found.base_per_unit) == expected


def test_an_alias_of_an_item_that_is_gone_is_none():
    assert stock(TWO[1], aliases=ALIASES).match("Кр. перм. Л. 6/0", "шт").item_id is None


def test_a_word_that_is_always_misread_is_put_right():
    kept = item(1, "Шампунь Estel Curex", pack=1000)
    line = "IIlамлунь Estel Curex 1 л", "шт"
    assert stock(kept).match(*line).item_id is None
    assert stock(kept, corrections={fold("IIlамлунь"): "Шампунь"}).match(*line).item_id == kept.id


@pytest.mark.parametrize(
    ("unit", "name", "base", "pack", "expected"),
    [
        ("шт", "Краска 60 мл", ML, None, 60),
        ("кор", "Краска 12 × 60 мл", ML, None, 720),
        ("уп", "Краска 12х60мл", ML, None, 720),
        ("уп.", "Краска 60 мл x 12 шт", ML, None, 720),
        ("кор", "Краска 60 мл, 12 шт/кор", ML, None, 720),
        ("шт", "Краска 12 × 60 мл", ML, None, None),  # the tube or the box?
        ("уп", "Краска 60 мл", ML, None, None),  # how many in it?
        ("шт", "Краска", ML, None, None),
        ("шт", "Краска", ML, 60, 60),
        ("кг", "Порошок", G, None, 1000),
        ("г", "Порошок", G, None, 1),
        ("л", "Окислитель", ML, None, 1000),
        ("шт", "Окислитель 0,9 л", ML, None, 900),
        ("кг", "Окислитель", ML, None, None),  # nobody knows the density
        ("шт", "Порошок 500 г", ML, 500, None),
        ("шт", "Перчатки", PCS, None, 1),
        ("уп", "Перчатки 100 шт/уп", PCS, None, 100),
        ("уп", "Перчатки (уп. 100 шт)", PCS, None, 100),
        ("шт", "Перчатки 100 шт", PCS, None, None),
        ("уп", "Перчатки 100 шт (50 пар)", PCS, None, None),
        ("уп", "Перчатки 50 пар", PCS, None, None),  # fifty, or a hundred?
        ("шт", "Краска 60 мл, 1 шт", ML, None, 60),
        ("пар", "Перчатки", PCS, None, None),
        ("???", "Краска 60 мл", ML, 60, None),
    ],
)
def test_units_are_converted_or_asked(unit, name, base, pack, expected):
    assert per_unit(unit, take_apart(name), base, pack=None if pack is None else Decimal(pack)) == expected


def test_quantities_keep_four_decimals():
    assert base_quantity(Decimal("1.2345"), Decimal(1000)) == Decimal("1234.5000")
    assert base_quantity(Decimal("0.0001"), Decimal("0.4")) == 0


def test_a_name_is_taken_apart():
    parts = take_apart("Краска Londa 7/43, 12 шт × 60 мл, окисл. 6 %, арт. 00123, №5 4607001234567")
    assert parts.shades == {"7/43"}
    assert (parts.count, parts.size) == (12, Amount(Decimal(60), ML))
    assert parts.percents == {Decimal(6)}
    assert parts.numbers == {"5"}
    assert parts.codes == {"00123", "4607001234567"}
    assert [word.latin for word in parts.words] == ["kraska", "londa", "okisl"]


def contents(good):
    """What the item of a ware is called and counted in, as it was proposed when the ware first came."""
    text = repaired(good.name)
    found = contents_of(read_pack(text), invoice_unit(good.unit), Category.OTHER)
    is_measured = found.base_unit != PCS
    return (
        clean_name(without(text, found.spans)),
        BaseUnit(found.base_unit),
        found.pack_quantity if is_measured else None,
    )


@pytest.mark.parametrize(("rate", "least"), [(0, 0.97), (0.03, 0.7)])
def test_nothing_is_taken_for_another_ware(rate, least):
    """Of a catalogue's wares every second is in the stock; figures of each name spoilt as a bad photo spoils them."""
    goods = {good.name: good for seed in range(25) for good in draw_goods(Random(seed), 12)}
    items, ids = {}, {}
    for good in list(goods.values())[::2]:
        details = contents(good)
        ids[good.name] = items.setdefault(details, item(len(items) + 1, *details)).id
    names = {one.id: one.name for one in items.values()}
    shelf, draw = stock(*items.values()), Random(11)
    found = {good.name: shelf.match(noised(good.name, draw, rate), good.unit) for good in goods.values()}

    taken = {name: names[match.item_id] for name, match in found.items() if match.item_id is not None}
    assert {name: item for name, item in taken.items() if item != contents(goods[name])[0]} == {}
    recognised = sum(found[name].item_id == item_id for name, item_id in ids.items())
    assert recognised >= least * len(ids)
