"""Posting and taking back: once each, in full, with a trace."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from salon.inventory.items.errors import ItemNotFound
from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import BatchRef, Movement, MovementFilters, MovementKind, Source, WriteOffReason
from salon.inventory.ledger.errors import (
    NotEnoughInBatch,
    NotEnoughStock,
    PostedDifferently,
    TransferUnpaired,
)
from salon.platform.errors import Invalid
from salon.platform.ids import new_id
from support.factories import ACTOR
from support.shelf import C, F, R, W

pytestmark = pytest.mark.database
EARLY, LATE, GONE = BatchRef("A1", date(2026, 4, 1)), BatchRef("B2", date(2026, 9, 1)), BatchRef("C3", date(2026, 3, 1))
TODAY = date(2026, 3, 11)


def facts(owner_engine, kind: str) -> list[dict]:
    with owner_engine.connect() as owner:
        return list(owner.scalars(text("SELECT payload FROM outbox WHERE kind = :kind ORDER BY id"), {"kind": kind}))


def test_a_receipt_and_a_use_of_it(shelf, owner_engine):
    received = shelf.receive(120, 60_000)
    used = shelf.consume(35, source=Source("booking", new_id()))

    assert (received.seq, received.value_minor, received.on_hand) == (1, 60_000, 120)
    assert (used.seq, used.value_minor, used.on_hand, used.is_overdrawn) == (2, -17_500, 85, False)
    assert shelf.on_hand() == (85, 42_500)
    [fact] = facts(owner_engine, "stock.consumed")
    assert fact["source_kind"] == "booking"
    assert fact["lines"][0] | {"movement_id": ""} == {
        "movement_id": "",
        "item_id": str(shelf.dye),
        "location_id": str(shelf.here),
        "quantity": "-35.0000",
        "value_minor": -17_500,
        "variance_minor": 0,
    }


def test_the_audit_is_written_before_the_movement_and_goes_with_it(shelf, owner_engine):
    posted = shelf.receive(1, 100)
    with owner_engine.connect() as owner:
        [line] = owner.execute(
            text("SELECT data, id < :row AS is_before FROM audit_log WHERE action = 'stock.posted'"), {"row": posted.id}
        )
    assert line.data["movements"][0]["id"] == str(posted.id)
    with shelf.write() as session:
        ledger.post(session, [shelf.movement(R, 1, cost_minor=1)], actor=ACTOR, now=shelf.now)
        session.rollback()
    assert shelf.on_hand() == (1, 100)
    assert shelf.receive(1, 100).seq == 2  # the place in the chain was given back


def test_a_line_is_posted_once_and_never_in_two_ways(shelf):
    movement = shelf.movement(R, 10, cost_minor=999)
    [first] = shelf.post(movement)
    [again] = shelf.post(movement)
    assert (again.id, again.is_repeat, again.is_reversed, again.on_hand) == (first.id, True, False, 10)
    for other in ({"quantity": 11}, {"location_id": shelf.there}, {"item_id": shelf.foil}):
        quantity = other.pop("quantity", 10)
        with pytest.raises(PostedDifferently):
            shelf.post(shelf.movement(R, quantity, source=movement.source, **other))
    with pytest.raises(PostedDifferently):
        shelf.post(*[shelf.movement(R, 1, source=Source("test", new_id()), cost_minor=1)] * 2)
    [more] = shelf.post(shelf.movement(R, 5, source=movement.source, line=1))
    assert (more.is_repeat, more.on_hand) == (False, 15)
    shelf.reverse(movement.source)
    assert shelf.post(movement)[0].is_reversed
    [anew] = shelf.post(shelf.movement(R, 10, source=Source("test", movement.source.id, round=1), cost_minor=999))
    assert (anew.is_repeat, anew.on_hand) == (False, 10)


def test_only_consumption_and_counts_go_below_nothing(shelf, owner_engine):
    shelf.receive(5, 500)
    with pytest.raises(NotEnoughStock):
        shelf.post(shelf.movement(W, -6))
    with pytest.raises(NotEnoughStock):
        shelf.transfer(6)
    used = shelf.consume(8)
    assert (used.on_hand, used.value_minor, used.is_overdrawn) == (-3, -800, True)
    with shelf.read() as session:
        assert ledger.stock_on_hand(session)[0].is_overdrawn
    late = shelf.receive(10, 2_000)
    assert (late.value_minor, late.variance_minor) == (2_000, -300)
    assert shelf.on_hand() == (7, 1_400)
    assert shelf.post(shelf.movement(F, -9))[0].is_overdrawn
    assert facts(owner_engine, "stock.received")[1]["lines"][0]["variance_minor"] == -300


def test_what_makes_no_sense_is_refused(shelf):
    refused = [
        (R, -1, {}),
        (C, 1, {}),
        (F, 0, {}),
        (R, Decimal("0.00001"), {}),
        (R, 2 * 10**9, {}),
        (C, -1, {"cost_minor": 5}),
        (R, 1, {"cost_minor": -1}),
        (MovementKind.REVERSAL, 1, {}),
        (R, 1, {"note": "я" * 1001}),
    ]
    for kind, quantity, more in refused:
        with pytest.raises(Invalid):
            shelf.movement(kind, quantity, **more)
    with pytest.raises(Invalid):
        Source("Накладная", new_id())
    with pytest.raises(Invalid):
        BatchRef(" ")
    with pytest.raises(ItemNotFound):
        shelf.receive(1, 1, item_id=new_id())
    with pytest.raises(TransferUnpaired):
        shelf.post(shelf.movement(MovementKind.TRANSFER_IN, 1))
    assert shelf.verify().head.seq == 0


def test_a_transfer_takes_the_worth_along(shelf):
    shelf.receive(3, 100)
    out, into = shelf.transfer(1)
    assert (out.value_minor, into.value_minor) == (-33, 33)
    assert (shelf.on_hand(), shelf.on_hand(location_id=shelf.there)) == ((2, 67), (1, 33))
    shelf.reverse(out.source)
    assert (shelf.on_hand(), shelf.on_hand(location_id=shelf.there)) == ((3, 100), (0, 0))
    line = ledger.StockLine(item_id=shelf.dye, quantity=Decimal(1))
    with shelf.write() as session, pytest.raises(Invalid):
        ledger.transfer_stock(
            session, [line], from_location_id=shelf.here, to_location_id=shelf.here, actor=ACTOR, now=shelf.now
        )


def test_a_write_off_has_a_reason_and_somebody_who_answers_for_it(shelf, owner_engine):
    shelf.receive(10, 1_000)
    line = ledger.StockLine(item_id=shelf.dye, quantity=Decimal(4))
    with shelf.write() as session:
        about = {"location_id": shelf.here, "actor": ACTOR, "now": shelf.now}
        ledger.write_off_stock(session, [line], reason=WriteOffReason.DAMAGED, note="разбили", **about)
        with pytest.raises(Invalid):
            ledger.write_off_stock(session, [line], reason=WriteOffReason.OTHER, **about)
    with shelf.read() as session:
        [entry] = ledger.list_movements(session, MovementFilters(kind=W))
    assert (entry.reason, entry.note, entry.actor_id, entry.value_minor) == ("damaged", "разбили", ACTOR.id, -400)
    assert len(facts(owner_engine, "stock.written_off")) == 1


def test_a_wrong_price_is_taken_back_as_if_it_had_never_been(shelf):
    shelf.receive(10, 1_000)
    wrong = Source("invoice_draft", new_id())
    shelf.receive(10, 10_000, source=wrong)
    shelf.consume(5)  # booked at 550, ten times too dear
    [mirror] = shelf.reverse(wrong)
    assert (mirror.quantity, mirror.value_minor, mirror.variance_minor) == (-10, -10_000, 2_250)
    assert shelf.on_hand() == (5, 500)
    shelf.receive(10, 1_000, source=Source("invoice_draft", new_id()))
    assert shelf.on_hand() == (15, 1_500)
    assert shelf.reverse(wrong) == ()
    with shelf.read() as session:
        assert [point.cost_minor for point in ledger.price_history(session, shelf.dye)] == [1_000, 1_000]


def test_a_mirror_happened_when_its_original_did(shelf, owner_engine):
    before, source = shelf.now - timedelta(days=3), Source("invoice_draft", new_id())
    shelf.receive(10, 100, occurred_at=before, source=source)
    shelf.receive(1, 10)
    with shelf.read() as session:
        then = ledger.stock_on_hand(session, at=before)
        assert [(line.quantity, line.value_minor, line.unit_cost_minor) for line in then] == [(10, 100, None)]
        assert ledger.stock_on_hand(session, [shelf.foil], shelf.here, before) == []
    shelf.reverse(source)
    with shelf.read() as session:
        assert [line.quantity for line in ledger.stock_on_hand(session, at=before)] == [0]
        assert ledger.list_standing(session, "invoice_draft", source.id) == []
    [fact] = facts(owner_engine, "stock.reversed")
    assert (fact["kinds"], fact["lines"][0]["quantity"]) == (["receipt"], "-10.0000")


def test_batches_are_used_in_the_order_in_which_they_expire(shelf):
    for batch, quantity in ((LATE, 10), (EARLY, 4), (GONE, 7)):
        shelf.receive(quantity, quantity * 100, batch=batch)
    shelf.receive(2, 200)  # of no batch
    with shelf.read() as session:
        assert [
            (b.lot, b.quantity) for b in ledger.suggest_batches(session, shelf.dye, shelf.here, Decimal(6), on=TODAY)
        ] == [("A1", 4), ("B2", 2)]
        wanted = [shelf.movement(C, -6), shelf.movement(C, -10), shelf.movement(W, -1)]
        spread = ledger.spread_over_batches(session, wanted, on=TODAY)
    assert [(one.batch.lot if one.batch else None, one.quantity) for one in spread] == [
        ("A1", -4), ("B2", -2), ("B2", -8), (None, -2), (None, -1)
    ]  # fmt: skip
    shelf.post(*spread)
    with shelf.read() as session:
        again = ledger.spread_over_batches(session, wanted, on=TODAY)
        assert [(b.lot, b.quantity) for b in ledger.list_batches(session)] == [("C3", 7)]
        assert [
            b.lot for b in ledger.list_batches(session, expires_by=TODAY, item_id=shelf.dye, location_id=shelf.here)
        ] == ["C3"]
        assert ledger.list_batches(session, expires_by=date(2026, 2, 1)) == []
    repeated = shelf.post(*again)  # nothing is left to spread it over, and it is recognised all the same
    assert all(one.is_repeat for one in repeated)
    assert shelf.verify().head.seq == 9
    with pytest.raises(NotEnoughInBatch):
        shelf.consume(8, batch=GONE)
    with pytest.raises(NotEnoughInBatch):
        shelf.consume(1, batch=BatchRef("Z9"))
    shelf.post(shelf.movement(W, -6, batch=GONE))


def test_a_transfer_keeps_its_batch(shelf):
    shelf.receive(5, 500, batch=EARLY)
    shelf.transfer(2, batch=EARLY)
    with shelf.read() as session:
        found = {(b.location_id, b.lot): b.quantity for b in ledger.list_batches(session)}
    assert found == {(shelf.here, "A1"): 3, (shelf.there, "A1"): 2}


def test_movements_are_listed_page_by_page(shelf):
    for number in range(1, 4):
        shelf.receive(number, 100)
    with shelf.read() as session:
        page = ledger.list_movements(session, MovementFilters(item_id=shelf.dye, location_id=shelf.here), limit=2)
        rest = ledger.list_movements(session, MovementFilters(), before_seq=page[-1].seq)
        none = ledger.list_movements(
            session, MovementFilters(from_at=shelf.now + timedelta(days=1), source_kind="test")
        )
        until = ledger.list_movements(session, MovementFilters(to_at=shelf.now, source_id=page[0].source.id))
        assert str(ledger.ledger_head(session)).startswith("3:")
        assert ledger.average_cost(session, shelf.dye, shelf.here) == 50
        assert ledger.average_cost(session, shelf.foil, shelf.here) == 0
    assert ([entry.seq for entry in page], [entry.seq for entry in rest], none, until) == ([3, 2], [1], [], [])


def test_a_transaction_sees_what_it_has_posted(shelf):
    with shelf.write() as session:
        for on_hand in (10, 20):
            ledger.post(session, [shelf.movement(R, 10, cost_minor=100)], actor=ACTOR, now=shelf.now)
            assert [line.quantity for line in ledger.stock_on_hand(session)] == [on_hand]


def test_nothing_is_nothing(shelf):
    assert shelf.post() == ()
    with shelf.read() as session:
        assert ledger.spread_over_batches(session, [], on=TODAY) == ()
        assert ledger.ledger_head(session) is None
    with shelf.write() as session, pytest.raises(Invalid):
        ledger.write_off_stock(
            session, [], location_id=shelf.here, reason=WriteOffReason.LOST, actor=ACTOR, now=shelf.now
        )
    with pytest.raises(Invalid):
        ledger.StockLine(item_id=shelf.dye, quantity=Decimal(0))
    assert isinstance(shelf.movement(R, 1), Movement)
