"""Taking back what a person has moved by hand: once, in full, and never at the cost of stock that is not there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import BatchRef, MovementFilters, Source, WriteOffReason
from salon.inventory.ledger.errors import (
    AlreadyReversed,
    MovementNotFound,
    NotEnoughInBatch,
    NotEnoughStock,
)
from salon.platform.errors import Invalid
from support.factories import ACTOR

pytestmark = pytest.mark.database
LOT = BatchRef("A1", date(2026, 9, 1))


def undo(shelf, kind, source_id, **more):
    with shelf.write() as session:
        more = {"reason": "ошиблись полкой", "actor": ACTOR, "now": shelf.now} | more
        return ledger.take_back(session, Source(kind, source_id), **more)


def write_off(shelf, quantity):
    line = ledger.StockLine(item_id=shelf.dye, quantity=Decimal(quantity))
    more = {"location_id": shelf.here, "reason": WriteOffReason.LOST, "actor": ACTOR, "now": shelf.now}
    with shelf.write() as session:
        return ledger.write_off_stock(session, [line], **more)[0].source.id


def test_a_write_off_is_taken_back_once_with_a_reason_and_somebody_who_answers_for_it(shelf, owner_engine):
    shelf.receive(10, 1_000)
    gone = write_off(shelf, 4)
    with pytest.raises(Invalid):
        undo(shelf, ledger.WRITE_OFF, gone, reason=" ")
    with pytest.raises(MovementNotFound):  # it is no transfer
        undo(shelf, ledger.TRANSFER, gone)
    [mirror] = undo(shelf, ledger.WRITE_OFF, gone)
    assert (mirror.quantity, mirror.value_minor, shelf.on_hand()) == (4, 400, (10, 1_000))
    with pytest.raises(AlreadyReversed):
        undo(shelf, ledger.WRITE_OFF, gone)
    with shelf.read() as session:
        found = ledger.list_movements(session, MovementFilters(source_id=gone))
        assert ledger.list_reversed(session, [one.id for one in found]) == {found[1].id}
    assert (found[0].note, found[0].actor_id, found[0].reverses_id) == ("ошиблись полкой", ACTOR.id, found[1].id)
    with owner_engine.connect() as owner:
        query = text("SELECT action, data FROM audit_log WHERE subject_id = :gone ORDER BY at, id")
        said = [(row.action, row.data.get("reason")) for row in owner.execute(query, {"gone": str(gone)})]
    assert said == [
        ("stock.posted", None),
        ("write_off.reversed", "ошиблись полкой"),
        ("stock.reversal_posted", None),
    ]
    assert shelf.verify().head.seq == 3


def test_a_transfer_is_taken_back_as_long_as_its_goods_are_there(shelf):
    shelf.receive(5, 500, batch=LOT)
    carried = shelf.transfer(4, batch=LOT)[0].source.id
    used = shelf.consume(1, location_id=shelf.there, batch=LOT)
    with pytest.raises(NotEnoughStock):
        undo(shelf, ledger.TRANSFER, carried)
    shelf.receive(9, 900, location_id=shelf.there)  # others of the same: the batch is gone all the same
    with pytest.raises(NotEnoughInBatch):
        undo(shelf, ledger.TRANSFER, carried)
    assert (shelf.on_hand(), shelf.on_hand(location_id=shelf.there)) == ((1, 100), (12, 1_200))
    shelf.reverse(used.source)
    undo(shelf, ledger.TRANSFER, carried)
    assert (shelf.on_hand(), shelf.on_hand(location_id=shelf.there)) == ((5, 500), (9, 900))
    with shelf.read() as session:
        left = {(one.location_id, one.lot): one.quantity for one in ledger.list_batches(session)}
    assert left == {(shelf.here, "A1"): 5}
    with pytest.raises(AlreadyReversed):
        undo(shelf, ledger.TRANSFER, carried)
