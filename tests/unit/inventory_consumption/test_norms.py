"""Which norms hold, what they come to in the stock, and which settings make sense. No database."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.catalog.domain import Norm, NormUnit
from salon.inventory.consumption.domain import (
    FACTORS,
    ConsumptionPolicy,
    HairLength,
    LineState,
    choose_norms,
    in_base_units,
    link_by_name,
    policy_from,
    work_out,
)
from salon.inventory.consumption.errors import ConsumptionSettingsSenseless
from salon.inventory.items.domain import BaseUnit, Item

SERVICE, ANNA, BORIS = UUID(int=1), UUID(int=2), UUID(int=3)
LONG, TINT, TRIM = UUID(int=11), UUID(int=12), UUID(int=13)
POLICY = ConsumptionPolicy()


def norm(number, quantity="10", item="Краска", unit=NormUnit.MILLILITRE, **more):
    return Norm(id=UUID(int=100 + number), service_id=SERVICE, item=item, quantity=Decimal(quantity), unit=unit, **more)


def item(number, name="Краска", unit=BaseUnit.MILLILITRE, pack="60", *, is_active=True):
    return Item(id=UUID(int=200 + number), name=name, base_unit=unit, pack_quantity=Decimal(pack), is_active=is_active)


def test_two_names_of_one_item_are_one_thing():
    general, hers = norm(1, item="Краска 6/0"), norm(2, item="Краска для Анны", staff_id=ANNA)
    same = {general.id: UUID(int=201), hers.id: UUID(int=201)}
    assert choose_norms([general, hers], option_ids=(), staff_id=ANNA, items=same) == [hers]
    assert len(choose_norms([general, hers], option_ids=(), staff_id=ANNA, items={})) == 2
    assert choose_norms([general, hers], option_ids=(), staff_id=None, items=same) == [general]


@given(
    chosen=st.sets(st.sampled_from([LONG, TINT, TRIM])),
    has=st.sets(st.tuples(st.sampled_from([None, LONG, TINT, TRIM]), st.sampled_from([None, ANNA, BORIS]))),
    staff=st.sampled_from([None, ANNA, BORIS]),
)
def test_each_option_counts_once_and_never_beside_the_general_norm(chosen, has, staff):
    norms = [norm(n, option_id=option, staff_id=person) for n, (option, person) in enumerate(sorted(has, key=str))]
    found = choose_norms(norms, option_ids=chosen, staff_id=staff, items={})
    options = [one.option_id for one in found]
    fitting = {option for option, person in has if person in {None, staff} and option in {None, *chosen}}
    assert len(options) == len(set(options))
    assert set(options) == (fitting - {None} or fitting)
    for one in found:
        assert one.staff_id == staff or (one.option_id, staff) not in has or staff is None


@pytest.mark.parametrize(
    ("unit", "base", "pack", "grams", "found"),
    [
        (NormUnit.GRAM, BaseUnit.GRAM, "400", None, "10"),
        (NormUnit.PIECE, BaseUnit.MILLILITRE, "60", None, "600"),
        (NormUnit.PIECE, BaseUnit.PIECE, "100", None, "10"),
        (NormUnit.GRAM, BaseUnit.PIECE, "100", "1", None),
        (NormUnit.GRAM, BaseUnit.MILLILITRE, "60", None, None),
        (NormUnit.GRAM, BaseUnit.MILLILITRE, "60", "0.8", "12.5"),
        (NormUnit.MILLILITRE, BaseUnit.GRAM, "60", "0.8", "8"),
        (NormUnit.PIECE, BaseUnit.MILLILITRE, "999999999", None, None),
    ],
)
def test_units(unit, base, pack, grams, found):
    policy = ConsumptionPolicy(grams_per_ml=Decimal(grams) if grams else None)
    expected = Decimal(found) if found else None
    assert in_base_units(Decimal(10), unit, item(1, unit=base, pack=pack), policy) == expected


def test_a_name_means_the_only_active_item_of_that_name_and_a_link_any():
    active, former = item(1, "Краска  6/0"), item(2, "Оксид", is_active=False)
    by_name, by_link, lost = norm(1, item="КРАСКА 6/0"), norm(2, item_id=former.id), norm(3, item="Воск")
    assert link_by_name([by_name, by_link, lost], [active, former]) == {by_name.id: active, by_link.id: former}


def test_lines():
    paint, gloves = item(1), item(2, "Перчатки", BaseUnit.PIECE, "1")
    norms = [
        norm(1, "40"),
        norm(2, "15", option_id=TINT),
        norm(3, "2", "Перчатки", NormUnit.PIECE),
        norm(4, "5", "Воск"),
    ]
    known = {norms[0].id: paint, norms[1].id: paint, norms[2].id: gloves}
    lines = work_out(norms, items=known, actuals={}, hair_length=HairLength.LONG, policy=POLICY)
    assert [(line.used, line.state) for line in lines] == [
        (60, LineState.POSTED),
        (15, LineState.POSTED),
        (2, LineState.POSTED),
        (None, LineState.UNLINKED),
    ]
    other = UUID(int=999)
    said = work_out(
        norms, items=known, actuals={paint.id: Decimal(33), other: Decimal(1)}, hair_length=None, policy=POLICY
    )
    assert [(line.item_id, line.used, line.is_actual) for line in said] == [
        (paint.id, 33, True),
        (paint.id, 0, True),
        (gloves.id, 2, False),
        (None, None, False),
        (other, 1, True),
    ]


def test_settings():
    policy = policy_from({"factors": {"long": "1.4"}, "grams_per_ml": 1})
    assert policy.factors == {**FACTORS, HairLength.LONG: Decimal("1.4")}
    assert policy.grams_per_ml == 1
    assert policy_from({}) == POLICY


@pytest.mark.parametrize(
    "values",
    [
        {"factor": {}},
        {"factors": {"bald": "1"}},
        {"factors": {"long": 1.4}},
        {"factors": {"long": "0"}},
        {"factors": []},
        {"grams_per_ml": "NaN"},
        {"grams_per_ml": "a"},
        {"grams_per_ml": True},
    ],
)
def test_settings_that_make_no_sense_are_refused(values):
    with pytest.raises(ConsumptionSettingsSenseless):
        policy_from(values)
