"""Arithmetic is the judge of a line's figures."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salon.intake.documents.domain import Flag
from salon.intake.documents.parsing.figures import Figure, product, readings
from salon.intake.documents.parsing.judge import Evidence, judge


def _evidence(qty: str, price: str, total: str, **more: object) -> Evidence:
    return Evidence(
        readings(qty, is_quantity=True), readings(price, is_quantity=False), readings(total, is_quantity=False), **more
    )


@pytest.mark.parametrize(
    ("qty", "price", "total", "expected"),
    [
        ("6", "640,00", "3 840,00]", ("6", "640", "3840")),
        ("3,000", "805.00", "2 415.00", ("3", "805", "2415")),
        ("12", "1 240-50", "14 886-00", ("12", "1240.50", "14886")),
        ("2", "3057.787", "6 115.57", ("2", "3057.787", "6115.57")),
        ("1З", "10,00", "130,00", ("13", "10", "130")),  # a letter for a digit
        ("5", "580.901", "2904.50", ("5", "580.90", "2904.50")),  # a rule of the table read as a one
    ],
)
def test_what_multiplies_out_is_taken_without_a_flag(qty, price, total, expected):
    verdict = judge(_evidence(qty, price, total))

    assert (verdict.qty, verdict.price, verdict.total) == tuple(map(Decimal, expected))
    assert verdict.flags == ()


def test_more_vat_than_the_sum_itself_contradicts_what_multiplies_out():
    verdict = judge(_evidence("2", "4", "8", vat=readings("96,32", is_quantity=False), rate=7))

    assert Flag.ARITHMETIC_MISMATCH in verdict.flags


def test_a_lost_quantity_is_derived_and_flagged():
    verdict = judge(_evidence("", "323,33", "9 699,90"))

    assert verdict.qty == 30
    assert verdict.flags == (Flag.DERIVED_QUANTITY,)


def test_a_quantity_that_would_be_odd_is_not_derived():
    verdict = judge(_evidence("", "323,33", "9 700,11"))

    assert verdict.qty is None
    assert verdict.flags == (Flag.INCOMPLETE,)


def test_a_quantity_beside_the_price_is_not_its_thousands():
    verdict = judge(_evidence("", "5 320,48", "1 602,40"))

    assert (verdict.qty, verdict.price) == (5, Decimal("320.48"))
    assert verdict.flags == (Flag.UNVERIFIED,)


def test_a_price_of_which_only_a_piece_was_read_does_not_outvote_the_quantity():
    piece = (Figure(Decimal(1), 2),)  # «1» in a column of kopecks
    verdict = judge(Evidence((Figure(Decimal(1), 0),), piece, (Figure(Decimal(170), 0),)))

    assert (verdict.qty, verdict.price) == (1, 170)
    assert verdict.flags == (Flag.DERIVED_PRICE,)


def test_one_wrong_digit_is_corrected_and_flagged():
    verdict = judge(_evidence("6", "640,00", "3 340,00"))  # 8 read as 3

    assert verdict.total == 3840
    assert Flag.CORRECTED in verdict.flags


def test_vat_is_a_second_witness():
    gross = readings("4 608,00", is_quantity=False)
    vat = readings("768,00", is_quantity=False)
    verdict = judge(_evidence("6", "640,00", "", vat=vat, gross=gross, rate=20))

    assert (verdict.total, verdict.confirmed, verdict.flags) == (Decimal(3840), True, ())


def test_certain_letters_are_never_corrected():
    verdict = judge(_evidence("6", "640,00", "3 340,00", exact=True))

    assert verdict.total == 3340
    assert verdict.flags == (Flag.ARITHMETIC_MISMATCH,)


_QTY = st.integers(1, 500).map(Decimal)
_PRICE = st.integers(1, 5_000_000).map(lambda kopecks: Decimal(kopecks) / 100)


@settings(max_examples=150, deadline=None)
@given(qty=_QTY, price=_PRICE)
def test_figures_as_printed_are_always_taken(qty, price):
    total = product(qty, price)
    verdict = judge(_evidence(f"{qty}", f"{price:.2f}".replace(".", ","), f"{total:.2f}"))

    assert (verdict.qty, verdict.price, verdict.total) == (qty, price, total)
    assert verdict.flags == ()


@settings(max_examples=150, deadline=None)
@given(qty=_QTY, price=_PRICE, place=st.integers(0, 12), digit=st.integers(1, 9))
def test_no_single_wrong_digit_passes_unflagged(qty, price, place, digit):
    printed = f"{product(qty, price):.2f}"
    place %= len(printed)
    if not printed[place].isdigit():
        place -= 1
    wrong = printed[:place] + str((int(printed[place]) + digit) % 10) + printed[place + 1 :]
    verdict = judge(_evidence(f"{qty}", f"{price:.2f}", wrong))

    assert verdict.flags or verdict.total == product(qty, price)


def test_a_digit_that_is_misread_throughout_is_put_right_by_the_sum_and_flagged():
    verdict = judge(_evidence("5", "2475.55", "7419.99"))

    assert (verdict.qty, verdict.price) == (3, Decimal("2473.33"))
    assert verdict.flags == (Flag.DERIVED_QUANTITY, Flag.DERIVED_PRICE)
    assert judge(_evidence("5", "2177.55", "7419.99")).flags == (Flag.ARITHMETIC_MISMATCH,)


def test_a_quantity_that_was_joined_to_a_price_of_any_length_is_parted():
    verdict = judge(_evidence("", "124000,00", "48000,00"))

    assert (verdict.qty, verdict.price, verdict.flags) == (12, 4000, (Flag.UNVERIFIED,))


def _taxed(qty: str, price: str, total: str, *, vat: str, gross: str):
    sums = {"vat": readings(vat, is_quantity=False), "gross": readings(gross, is_quantity=False)}
    return judge(_evidence(qty, price, total, rate=10, **sums))


def test_a_digit_that_was_misread_in_price_and_sum_alike_is_told_by_the_tax():
    verdict = _taxed("1,000", "530,00", "530,00", vat="33,00", gross="363,00")

    assert (verdict.price, verdict.total, verdict.flags) == (330, 330, (Flag.DERIVED_PRICE,))
    assert _taxed("1,000", "530,00", "530,00", vat="53,00", gross="583,00").flags == ()


def test_what_the_tax_contradicts_and_nothing_explains_is_flagged():
    verdict = _taxed("2,000", "100,00", "200,00", vat="91,10", gross="1 002,10")

    assert (verdict.total, verdict.flags) == (200, (Flag.ARITHMETIC_MISMATCH,))


def test_a_price_that_was_rounded_after_vat_was_taken_out_holds_where_vat_agrees():
    taxes = {"vat": (Figure(Decimal("842.25"), 0),), "gross": (Figure(Decimal("4670.68"), 0),), "rate": 22}
    verdict = judge(_evidence("2", "1914,22", "3828,43", **taxes))

    assert (verdict.qty, verdict.price, verdict.total) == (2, Decimal("1914.22"), Decimal("3828.43"))
    assert verdict.holds
    assert verdict.flags == ()
    assert judge(_evidence("2", "1914,23", "3828,43", **taxes)).flags  # another digit is farther off
    assert judge(_evidence("2", "1914,22", "3828,43")).flags  # and without VAT nothing tells


def test_digits_that_a_tick_put_before_a_price_are_told_by_the_sum_with_vat():
    taxes = {"gross": (Figure(Decimal("676.88"), 0),), "rate": 0}
    verdict = judge(_evidence("1,000", "2676,88", "176", **taxes))

    assert (verdict.qty, verdict.price, verdict.total) == (1, Decimal("676.88"), Decimal("676.88"))
    assert Flag.DERIVED_PRICE in verdict.flags


def test_what_multiplies_out_by_chance_does_not_outvote_the_sum_of_a_line_without_vat():
    scrap = (Figure(Decimal(2), 2),)
    verdict = judge(
        Evidence((Figure(Decimal(1), 0),), scrap, scrap, gross=(Figure(Decimal("739.02"), 0),), rate=0)
    )  # fmt: skip

    assert verdict.total == Decimal("739.02")
    assert verdict.flags
