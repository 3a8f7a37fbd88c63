"""What a difference may come from, on histories made by hand. No database."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.inventory.counts.domain import (
    Cause,
    CauseKind,
    Compared,
    Evidence,
    Hint,
    OpenVisits,
    ReceiptSeen,
    ServiceUse,
    Sibling,
    explain,
)
from support.fixtures import NOW

ANNA, BORIS, COLOUR, CUT, INVOICE = (UUID(int=n) for n in range(1, 6))
TUBE = Decimal(60)


def receipt(quantity, number=1):
    return ReceiptSeen(movement_id=UUID(int=50 + number), source_id=INVOICE, quantity=Decimal(quantity))


def use(norm, said_norm="0", said="0", staff=ANNA, visits=5):
    return ServiceUse(
        staff_id=staff,
        service_id=COLOUR,
        visits=visits,
        norm=Decimal(norm),
        said_norm=Decimal(said_norm),
        said=Decimal(said),
    )


def visits(quantity, hint=Hint.VISITS_NOT_CLOSED, number=1):
    return OpenVisits(hint=hint, staff_id=ANNA, service_id=COLOUR, visits=number, quantity=Decimal(quantity))


def found(variance, **known):
    return [(cause.hint, cause.quantity) for cause in explain(Decimal(variance), Evidence(pack_quantity=TUBE, **known))]


@pytest.mark.parametrize(
    ("variance", "known", "expected"),
    [
        ("0", {}, []),
        ("-17", {}, [(Hint.NONE, 17)]),
        ("17", {"uses": (use("100", "50", "90"),)}, [(Hint.NONE, 17)]),  # over-use explains no surplus
        ("-720", {"receipts": (receipt(720),)}, [(Hint.NOT_DELIVERED, 720), (Hint.PACKS, 720)]),
        ("-660", {"receipts": (receipt(720),)}, [(Hint.NOT_DELIVERED, 660), (Hint.PACKS, 660)]),  # all but a tube
        ("700", {"receipts": (receipt(700),)}, [(Hint.DELIVERED_TWICE, 700)]),
        ("708", {"receipts": (receipt(12),)}, [(Hint.PACKS_AS_UNITS, 708)]),  # 12 tubes were entered as 12 ml
        ("-708", {"receipts": (receipt(720),)}, [(Hint.UNITS_AS_PACKS, 708)]),  # 12 ml were entered as 12 tubes
        ("-120", {}, [(Hint.PACKS, 120)]),
        ("-47", {"siblings": (Sibling(item_id=CUT, variance=Decimal(47)),)}, [(Hint.SWAPPED, 47)]),
        ("-47", {"siblings": (Sibling(item_id=CUT, variance=Decimal(-47)),)}, [(Hint.NONE, 47)]),
        ("-50", {"open_visits": (visits(40),)}, [(Hint.VISITS_NOT_CLOSED, 40), (Hint.NONE, 10)]),
        ("-30", {"open_visits": (visits(40),)}, [(Hint.VISITS_NOT_CLOSED, 30)]),
        ("-35", {"uses": (use("120", "40", "50"),)}, [(Hint.ACTUALS, 20), (Hint.NONE, 15)]),
        ("-35", {"uses": (use("120", "40", "40"),)}, [(Hint.NONE, 35)]),
        ("-82", {"norms": {COLOUR: Decimal(41)}}, [(Hint.UNBOOKED_VISITS, 82)]),
        ("-287", {"norms": {COLOUR: Decimal(41)}}, [(Hint.NONE, 287)]),  # seven would have been noticed
    ],
)
def test_what_it_may_be(variance, known, expected):
    assert found(variance, **known) == expected


def test_who_is_named():
    [cause, rest] = explain(
        Decimal(-35), Evidence(pack_quantity=TUBE, uses=(use("80", staff=BORIS), use("120", "40", "50")))
    )
    assert (cause.kind, cause.staff_id, cause.service_id, cause.count) == (CauseKind.OVER_USE, ANNA, COLOUR, 5)
    assert (rest.kind, rest.quantity) == (CauseKind.UNEXPLAINED, 15)


@given(
    variance=st.decimals(min_value=-2000, max_value=2000, places=1),
    waiting=st.lists(st.decimals(min_value=1, max_value=200, places=1), max_size=3),
    over=st.lists(st.decimals(min_value=1, max_value=200, places=1), max_size=3),
    came=st.lists(st.integers(1, 900), max_size=2),
)
def test_no_more_is_explained_than_there_is_and_all_of_it_is_spoken_of(variance, waiting, over, came):
    causes = explain(
        variance,
        Evidence(
            pack_quantity=TUBE,
            open_visits=tuple(visits(quantity) for quantity in waiting),
            uses=tuple(use(quantity * 2, quantity, quantity * 2) for quantity in over),
            receipts=tuple(receipt(quantity, number) for number, quantity in enumerate(came)),
        ),
    )
    amount = abs(variance)
    assert all(0 < cause.quantity <= amount for cause in causes)
    adding = [cause for cause in causes if cause.kind not in {CauseKind.COUNTING, CauseKind.RECEIVING}]
    assert sum(cause.quantity for cause in adding) <= amount
    if len(adding) == len(causes):
        assert sum(cause.quantity for cause in causes) == amount
    assert [Cause.read(cause.wire()) for cause in causes] == list(causes)


@pytest.mark.parametrize(
    ("variance", "used", "is_flagged"),
    [("1", "0", False), ("-1.1", "0", True), ("5", "100", False), ("-6", "100", True)],
)
def test_what_is_worth_a_look(variance, used, is_flagged):
    one = Compared(
        item_id=CUT,
        expected=Decimal(100),
        counted=Decimal(100) + Decimal(variance),
        unit_cost=Decimal("10.05"),
        used=Decimal(used),
        since_at=None,
        ledger_seq=1,
        counted_at=NOW,
    )
    assert one.is_flagged is is_flagged
    assert one.variance_minor == round(Decimal(variance) * Decimal("10.05") + Decimal("0.0000001"))
