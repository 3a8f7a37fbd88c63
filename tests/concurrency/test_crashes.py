"""The connection dies between any two statements: either everything has happened or nothing has."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, text

from salon.availability.errors import SlotAlreadyTaken
from salon.booking import use_cases as booking
from salon.booking.domain import CancelReason
from salon.platform.db import Database, make_engine
from salon.platform.errors import DatabaseUnavailable
from support.consistency import find_contradictions
from support.factories import ACTOR, hold, make_salon

pytestmark = [pytest.mark.database, pytest.mark.concurrency]
MAX_STATEMENTS = 60


class FailingDatabase:
    """A database whose server process is killed before the n-th statement of a transaction."""

    def __init__(self, settings, master_keys, owner_engine):
        self._owner = owner_engine
        self._left = None
        self.database = Database(settings, engine=make_engine(settings), master=lambda: master_keys)
        event.listen(self.database.engine, "before_cursor_execute", self._before)

    def crash_before(self, statement_number):
        self._left = statement_number

    @property
    def has_crashed(self):
        return self._left is None

    def _before(self, _connection, cursor, *_):
        if self._left is None:
            return
        self._left -= 1
        if self._left == 0:
            self._left = None
            cursor.execute("SELECT pg_backend_pid()", ())
            (process_id,) = cursor.fetchone()
            with self._owner.connect() as owner:
                owner.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": process_id})


@pytest.fixture
def failing(database_settings, master_keys, owner_engine):
    failing = FailingDatabase(database_settings, master_keys, owner_engine)
    yield failing
    failing.database.engine.dispose()


def snapshot(owner_engine):
    """Everything that the steps below may change."""
    tables = ("bookings", "booking_history", "slot_instances", "busy_intervals", "outbox", "audit_log")
    with owner_engine.connect() as owner:
        return {
            table: sorted(owner.scalars(text(f"SELECT t::text FROM {table} t")))  # noqa: S608 - the list above
            for table in tables
        }


def test_a_crash_before_any_statement_leaves_nothing_half_done(database, failing, tenant_id, clock, owner_engine):
    salon = make_salon(database, tenant_id, now=clock.now(), staff_names=("Анна", "Борис"))
    slots = salon.slots()
    client_id, now = salon.client(), salon.now
    mine = salon.hold(slots[0].id, client_id)
    steps = {
        "hold": lambda session: hold(session, slot_id=slots[4].id, client_id=client_id, now=now),
        "confirm": lambda session: booking.confirm_booking(session, mine.id, actor=ACTOR, now=now),
        "reschedule": lambda session: booking.reschedule_booking(
            session, mine.id, slot_id=slots[8].id, actor=ACTOR, now=now
        ),
        "cancel": lambda session: booking.cancel_booking(
            session, mine.id, reason=CancelReason.CLIENT, actor=ACTOR, now=now
        ),
        "restore": lambda session: booking.restore_booking(session, mine.id, actor=ACTOR, now=now),
    }
    crashes = {}
    for name, step in steps.items():
        before = snapshot(owner_engine)
        for number in range(1, MAX_STATEMENTS):
            failing.crash_before(number)
            try:
                with failing.database.transaction(tenant_id) as session:
                    step(session)
            except DatabaseUnavailable:
                assert snapshot(owner_engine) == before, f"{name}, statement {number}"
                crashes[name] = number
            else:
                failing.crash_before(None)
                break
        assert snapshot(owner_engine) != before
        assert find_contradictions(owner_engine) == {}
    assert min(crashes.values()) >= 3
    assert crashes.keys() == steps.keys()


def test_rivals_whose_connections_die_and_who_try_again_take_exactly_the_seats(
    database, tenant_id, clock, owner_engine
):
    seats, rivals = 5, 20
    salon = make_salon(database, tenant_id, now=clock.now(), capacity=seats, days=1)
    slot = salon.slots()[0]
    clients = [salon.client() for _ in range(rivals)]
    done = threading.Event()
    killed = []

    def kill():
        """Kill a connection that is in the middle of a transaction, again and again."""
        chance = random.Random(20260311)
        query = text("SELECT pid FROM pg_stat_activity WHERE usename = 'salon_app' AND xact_start IS NOT NULL")
        with owner_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
            while not done.wait(0.005) and len(killed) < 2 * rivals:
                busy = list(owner.scalars(query))
                if busy:
                    killed.append(owner.scalar(text("SELECT pg_terminate_backend(:pid)"), {"pid": chance.choice(busy)}))

    def try_until_told(client_id):
        while True:
            try:
                return salon.hold(slot.id, client_id).id
            except SlotAlreadyTaken as refused:
                return refused.code
            except DatabaseUnavailable:
                continue  # the caller cannot know whether the commit came through; asking again finds the hold

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ThreadPoolExecutor(rivals) as pool:
            outcomes = list(pool.map(try_until_told, clients))
    finally:
        done.set()
        killer.join()
    assert killed
    assert outcomes.count("SLOT_FULL") == rivals - seats
    assert salon.slot(slot.id).held == seats
    assert find_contradictions(owner_engine) == {}
