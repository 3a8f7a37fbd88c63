"""Many people move the stock of one salon at once: nothing is lost, nobody waits crosswise, one after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event

import pytest
from sqlalchemy import text

from salon.inventory.ledger import use_cases as ledger
from salon.inventory.ledger.domain import BreakKind, MovementKind, Source
from salon.platform.ids import new_id
from support.factories import ACTOR
from support.races import POLL_SECONDS, drop_row_locks, inside, patient, race
from support.shelf import C, R, make_shelf

pytestmark = [pytest.mark.database, pytest.mark.concurrency]
CROWD = 12
HEAD = text("SELECT seq FROM inventory_ledger_heads WHERE tenant_id = :tenant FOR UPDATE")


@pytest.fixture
def crowded(database_settings, master_keys, clock):
    """A shelf whose database has a connection for each of the crowd; with 1,000 ml at a rouble each."""
    with patient(database_settings, master_keys, CROWD + 2) as database:
        shelf = make_shelf(database, clock.now())
        shelf.receive(1_000, 100_000)
        yield shelf


def at_once(shelf, owner_engine, attempts) -> list:
    """Start all attempts while the head is locked, and let go when each of them waits for it."""
    somebody_ended = Event()

    def run(attempt):
        try:
            return attempt()
        finally:
            somebody_ended.set()

    with ThreadPoolExecutor(len(attempts)) as pool:
        with owner_engine.begin() as owner:
            owner.execute(HEAD, {"tenant": shelf.tenant_id})
            futures = [pool.submit(run, attempt) for attempt in attempts]
            is_everybody_there = inside(owner_engine, len(attempts))
            while not is_everybody_there():
                assert not somebody_ended.wait(POLL_SECONDS), "somebody needed no lock"
        return [future.result() for future in futures]


def test_what_many_take_at_once_is_gone(crowded, owner_engine):
    posted = at_once(crowded, owner_engine, [lambda: crowded.consume(7)] * CROWD)
    assert sorted(one.on_hand for one in posted) == [1_000 - 7 * number for number in range(CROWD, 0, -1)]
    assert crowded.on_hand() == (1_000 - 7 * CROWD, 100_000 - 700 * CROWD)
    assert crowded.verify().broken is None


def test_without_the_lock_the_stock_drifts(crowded, owner_engine):
    drop_row_locks(crowded.database.engine)
    at_once(crowded, owner_engine, [lambda: crowded.consume(7)] * CROWD)
    broken = crowded.verify().broken
    assert broken.kind is BreakKind.POSITION_DIFFERS  # everybody took seven of the same thousand
    assert crowded.on_hand()[0] == 1_000 - 7


def test_one_source_posts_once_however_many_post_it(crowded, owner_engine):
    movement = crowded.movement(R, 5, cost_minor=500)
    posted = at_once(crowded, owner_engine, [lambda: crowded.post(movement)[0]] * CROWD)
    assert [one.is_repeat for one in posted].count(False) == 1
    assert len({one.id for one in posted}) == 1
    assert crowded.on_hand() == (1_005, 100_500)


def test_one_source_is_taken_back_once_however_many_take_it_back(crowded, owner_engine):
    source = Source("invoice_draft", new_id())
    crowded.receive(5, 500, source=source)
    mirrors = at_once(crowded, owner_engine, [lambda: crowded.reverse(source)] * CROWD)
    assert sorted(map(len, mirrors)) == [0] * (CROWD - 1) + [1]
    assert crowded.on_hand() == (1_000, 100_000)


def test_nobody_waits_crosswise(crowded):
    """Each posts twice in one transaction, half of them the items in the other order, and carries stock about."""

    def attempt(number: int):
        places = [(crowded.dye, crowded.here), (crowded.foil, crowded.there)]
        source = Source("test", new_id())
        with crowded.write() as session:
            for line, (item_id, location_id) in enumerate(places if number % 2 else reversed(places)):
                movement = crowded.movement(C, -1, item_id=item_id, location_id=location_id, source=source, line=line)
                ledger.post(session, [movement], actor=ACTOR, now=crowded.now)
        return crowded.transfer(2)[1].kind

    outcomes = race(*[lambda number=number: attempt(number) for number in range(CROWD)])
    assert outcomes == [MovementKind.TRANSFER_IN] * CROWD
    assert crowded.on_hand()[0] == 1_000 - 3 * CROWD
    assert crowded.on_hand(crowded.foil, crowded.there) == (Decimal(-CROWD), 0)
    assert crowded.verify().broken is None


def test_the_very_first_posting_of_a_tenant_is_one_after_the_other_too(crowded, database_settings, clock):
    shelf = make_shelf(crowded.database, clock.now())
    race(*[lambda: shelf.receive(10, 1_000)] * CROWD)
    assert shelf.on_hand() == (10 * CROWD, 1_000 * CROWD)
    assert shelf.verify().broken is None


def test_the_check_runs_while_people_post(crowded):
    def look():
        return [crowded.verify().broken for _ in range(10)]

    def move():
        return [crowded.consume(1).kind for _ in range(10)]

    outcomes = race(look, move, move, look)
    assert outcomes[0] == outcomes[3] == [None] * 10
