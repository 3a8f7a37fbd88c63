"""Fifty people confirm one invoice, and it comes in once; with the guards taken away it comes in more than once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event

import pytest
from sqlalchemy import event, text

from salon.inventory.counts import use_cases as counts
from salon.inventory.drafts import use_cases as drafts
from salon.platform.errors import Refusal
from support import races
from support.factories import ACTOR
from support.invoices import InvoiceDesk, document, line

pytestmark = [pytest.mark.database, pytest.mark.concurrency]
MANY, FEW = 50, 12
ROWS = text("SELECT id FROM invoice_drafts WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
DYE = line("Краска Londa 6/0 60 мл", "шт", 10, 250)


@pytest.fixture
def desk(database, tenant_id, clock):
    return InvoiceDesk(database, tenant_id, clock.now())


@pytest.fixture
def draft(desk):
    """An invoice that lacks nothing but a person's word."""

    def make():
        draft_id = desk.read(document(DYE))
        for one in desk.lines(draft_id):
            if one.item_id is None:
                desk.do(drafts.accept_proposal, draft_id, one.id)
        return draft_id

    return make


def receipts(owner_engine):
    with owner_engine.connect() as owner:
        return owner.scalar(text("SELECT count(*) FROM inventory_ledger WHERE kind = 'receipt'"))


def facts(owner_engine):
    with owner_engine.connect() as owner:
        return owner.scalar(text("SELECT count(*) FROM outbox WHERE kind = 'invoice.confirmed'"))


def confirm(database, desk, draft_id, version, **named):
    with database.transaction(desk.tenant_id) as session:
        drafts.confirm_invoice(
            session, draft_id, location_id=desk.location_id, version=version, actor=ACTOR, now=desk.now, **named
        )
        return "confirmed"


def at_once(owner_engine, draft_ids, attempts) -> list:
    """Start the attempts while the drafts' rows are locked, each when the one before waits; let go when all do."""
    somebody_ended = Event()

    def run(attempt):
        try:
            return attempt()
        except Refusal as refused:
            return refused.code
        finally:
            somebody_ended.set()

    with ThreadPoolExecutor(len(attempts)) as pool:
        with owner_engine.begin() as owner:
            owner.execute(ROWS, {"ids": list(draft_ids)})
            futures = []
            for number, attempt in enumerate(attempts, start=1):
                futures.append(pool.submit(run, attempt))
                are_there = races.inside(owner_engine, number)
                while not are_there():
                    assert not somebody_ended.wait(races.POLL_SECONDS), "somebody needed no lock"
        return [future.result() for future in futures]


def blind_the_ledger(engine, owner_engine):
    """Let the ledger know no source again, and accept it again: the very same code runs without its key."""
    with owner_engine.begin() as owner:
        owner.execute(text("DROP INDEX ux_inventory_ledger_source"))

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def blind(_connection, _cursor, statement, parameters, *_):
        if "inventory_ledger.source_round) IN" in statement:
            statement = statement.replace(" ORDER BY", " AND false ORDER BY")
        return statement, parameters


@pytest.mark.parametrize(
    ("has_locks", "has_key"),
    [
        pytest.param(True, True, id="as it is"),
        pytest.param(True, False, id="the draft's lock alone"),
        pytest.param(False, True, id="the ledger's key alone"),
        pytest.param(False, False, id="control: neither"),
    ],
)
def test_an_invoice_that_many_confirm_comes_in_once(
    *, desk, draft, owner_engine, database_settings, master_keys, has_locks, has_key
):
    draft_id = draft()
    version = desk.view(draft_id).draft.version
    crowd = MANY if has_locks and has_key else FEW
    with races.patient(database_settings, master_keys, crowd) as many:
        if not has_locks:
            races.drop_row_locks(many.engine)
        if not has_key:
            blind_the_ledger(many.engine, owner_engine)
        attempts = [lambda: confirm(many, desk, draft_id, version)] * crowd
        outcomes = at_once(owner_engine, [draft_id], attempts)

    expected = {"confirmed": 1, "INVOICE_SETTLED": crowd - 1} if has_locks else {"confirmed": crowd}
    assert Counter(outcomes) == expected
    assert facts(owner_engine) == expected["confirmed"]
    assert receipts(owner_engine) == (1 if has_locks or has_key else crowd)


@pytest.mark.parametrize("has_locks", [pytest.param(True, id="as it is"), pytest.param(False, id="control: no lock")])
def test_of_two_drafts_of_one_paper_one_comes_in(
    *, desk, draft, owner_engine, database_settings, master_keys, has_locks
):
    """The second is said to be none of the first, and comes in; then the first would be the second time."""
    twins = [draft(), draft()]
    versions = {draft_id: desk.view(draft_id).draft.version for draft_id in twins}
    with races.patient(database_settings, master_keys, 2) as many:
        if not has_locks:
            races.drop_row_locks(many.engine)
        first, second = twins
        outcomes = at_once(
            owner_engine,
            twins,
            [
                lambda: confirm(many, desk, second, versions[second], despite_duplicate=True),
                lambda: confirm(many, desk, first, versions[first]),
            ],
        )
    assert outcomes == ["confirmed", "INVOICE_DUPLICATE" if has_locks else "confirmed"]


@pytest.mark.parametrize("has_locks", [pytest.param(True, id="as it is"), pytest.param(False, id="control: no lock")])
def test_a_count_that_is_closed_meanwhile_is_not_overlooked(
    *, desk, draft, owner_engine, database_settings, master_keys, has_locks
):
    """Somebody confirms while the same goods are entered in a count that is closed: they look once more when it is."""
    first = draft()
    confirm(desk.database, desk, first, desk.view(first).draft.version)
    [dye] = desk.lines(first)
    later = desk.read(document(DYE, number="УТ-119"))
    version, known = desk.view(later).draft.version, {"actor": ACTOR, "now": desk.now}
    with desk.database.transaction(desk.tenant_id) as session:
        count_id = counts.open_count(session, location_id=desk.location_id, **known).id
    with races.patient(database_settings, master_keys, 1) as other, ThreadPoolExecutor(1) as pool:
        if not has_locks:
            races.drop_row_locks(other.engine)
        with desk.database.transaction(desk.tenant_id) as session:
            counts.enter_count(session, count_id, item_id=dye.item_id, packs=Decimal(20), **known)
            counts.close_count(session, count_id, **known)
            racing = pool.submit(races.race, lambda: confirm(other, desk, later, version))
            waits = races.inside(owner_engine, 1)
            while not waits():
                assert not racing.done(), "nobody needed a lock"
        [outcome] = racing.result()
    assert outcome == ("INVOICE_PREDATES_COUNT" if has_locks else "confirmed")
    assert receipts(owner_engine) == (1 if has_locks else 2)


def test_a_job_that_is_told_twice_at_once_has_one_draft(desk, owner_engine):
    read = document(DYE, number="7")
    draft = desk.view(desk.read(read)).draft
    with owner_engine.begin() as owner:
        owner.execute(text("DELETE FROM invoice_drafts"))
    job = (draft.job_id, draft.result_id)
    made = races.race(*[lambda: desk.read(read, job=job)] * FEW)
    assert len(set(made)) == 1
    with owner_engine.connect() as owner:
        assert owner.scalar(text("SELECT count(*) FROM invoice_drafts")) == 1
