"""A line's arithmetic, what its goods cost, and what is learned from its corrections."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from rapidfuzz import fuzz

from salon.inventory.drafts.domain.accuracy import misreadings
from salon.inventory.drafts.domain.drafts import Costing, DraftLine, HeaderDetails, number_key
from salon.inventory.drafts.domain.policy import InvoicePolicy, policy_from
from salon.inventory.drafts.errors import HeaderSenseless, InvoiceSettingSenseless


def line(**said):
    return DraftLine(**{"id": UUID(int=1), "position": 1, "read": None, "name": "Воск", **said})


@pytest.mark.parametrize(
    ("quantity", "price", "sum_minor", "flags"),
    [
        ("3", "10.50", 31_50, ()),
        ("3", "10.50", 31_51, ("sum_off",)),
        ("3", "10.505", 31_52, ()),  # 31.515 kopecks rounded up
        ("7", "14.2857", 100_00, ()),  # a price of four decimals was divided out of the sum
        ("7", "14.2857", 101_00, ("sum_off",)),
        ("3", "33.33", 100_00, ("sum_off",)),  # two decimals are what the price is
        (None, "10.50", 31_50, ()),
    ],
)
def test_a_sum_that_is_not_quantity_times_price_is_flagged(quantity, price, sum_minor, flags):
    found = line(quantity=quantity and Decimal(quantity), price=Decimal(price), sum_minor=sum_minor)
    assert found.all_flags == flags


def test_vat_is_added_up():
    assert line(sum_minor=100, vat_minor=22, sum_with_vat_minor=122).all_flags == ()
    assert line(sum_minor=100, vat_minor=22, sum_with_vat_minor=120).all_flags == ("vat_off",)


@pytest.mark.parametrize(
    ("said", "with_vat", "without_vat"),
    [
        ({"sum_minor": 100, "vat_minor": 22, "sum_with_vat_minor": 122}, 122, 100),
        ({"vat_minor": 22, "sum_with_vat_minor": 122}, 122, 100),
        ({"sum_minor": 122, "vat_minor": 22}, 122, 100),  # a receipt's sum has VAT in it
        ({"sum_minor": 122}, 122, 122),
        ({}, 0, 0),
    ],
)
def test_goods_cost_what_was_paid_or_what_is_left_of_it(said, with_vat, without_vat):
    found = line(**said)
    assert (found.cost_minor(Costing.WITH_VAT), found.cost_minor(Costing.WITHOUT_VAT)) == (with_vat, without_vat)


@pytest.mark.parametrize(
    ("read", "now", "learned"),
    [
        (("Шамлунь Curex", "wт"), ("Шампунь Curex", "шт"), {("unit", "wт", "шт"), ("word", "шamлyhь", "Шампунь")}),
        (("Краска 6/0", "шт"), ("Краска 6/1", "шт"), set()),  # a shade is never learned
        (("Краска", "шт"), ("Бальзам", "шт"), set()),  # written anew, not misread
        (("Краска", "шт"), ("Краска Londa", "шт"), set()),
        (("Краска Londa", "шт"), ("КРАСКА Lоndа", "шт."), set()),  # the same
    ],
)
def test_misread_words_and_units_are_learned_and_figures_never(read, now, learned):
    found = misreadings(
        line(read={"name": read[0], "unit": read[1]}, name=now[0], unit=now[1]), lambda a, b: fuzz.ratio(a, b) / 100
    )
    assert {(one.field, one.misread, one.corrected) for one in found} == learned


def test_numbers_are_compared_without_their_dress():
    assert number_key("УТ-000118") == number_key("ут 000118") == number_key("YT000118")
    assert number_key("№ 0118") == number_key("118")
    assert number_key("118/1") != number_key("118")


def test_settings_and_headers_that_make_no_sense_are_refused():
    assert policy_from({}) == InvoicePolicy(Costing.WITH_VAT, 30)
    assert policy_from({"costing": "without_vat", "price_jump_percent": 50}) == InvoicePolicy(Costing.WITHOUT_VAT, 50)
    for senseless in ({"costing": "gross"}, {"price_jump_percent": 0}, {"price_jump_percent": True}, {"vat": 1}):
        with pytest.raises(InvoiceSettingSenseless):
            policy_from(senseless)
    for nonsense in ({"supplier_inn": "123"}, {"number": "1" * 65}, {"total_minor": -1}):
        with pytest.raises(HeaderSenseless):
            HeaderDetails(**nonsense)
