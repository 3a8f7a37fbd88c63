"""Races on real connections: how they are started, proved to overlap, and robbed of their guards."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, event, text

from salon.platform.crypto import MasterKeys
from salon.platform.db import Database, make_engine
from salon.platform.errors import ConstraintViolated, DatabaseBusy, Refusal
from salon.platform.settings import DatabaseSettings

Attempt = Callable[[], Any]
PATIENCE_MS = 60_000
POLL_SECONDS = 0.02  # the race needs the interpreter more than whoever watches it
_ROW_LOCK = re.compile(r"\s+FOR (NO KEY )?UPDATE( OF \w+)?( NOWAIT| SKIP LOCKED)?")
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


def race(*attempts: Attempt) -> list[Any]:
    """Run all attempts at the same moment; each gives its result or its refusal's code."""
    start = Barrier(len(attempts))

    def run(attempt: Attempt) -> Any:
        start.wait()
        try:
            return attempt()
        except Refusal as refused:
            return refused.code

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def rush(
    owner_engine: Engine, slot_ids: Sequence[UUID], attempts: Iterable[Attempt], *, has_begun: Callable[[], bool]
) -> list[Any]:
    """Start all attempts while the slots' rows are locked, and let go when the race `has_begun`.

    That makes the overlap a fact, whatever the machine: see `inside`. An attempt gives its result, or the code of its
    refusal; a lost deadlock and a constraint that refuses count as such, by their classes' names.
    """
    attempts = list(attempts)
    somebody_ended = Event()

    def run(attempt: Attempt) -> Any:
        try:
            return attempt()
        except Refusal as refused:
            return refused.code
        except (DatabaseBusy, ConstraintViolated) as stopped:
            return type(stopped).__name__
        finally:
            somebody_ended.set()

    with ThreadPoolExecutor(len(attempts)) as pool:
        futures: list[Future[Any]] = []
        with owner_engine.begin() as owner:
            lock = text("SELECT id FROM slot_instances WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
            owner.execute(lock, {"ids": list(slot_ids)})
            futures += [pool.submit(run, attempt) for attempt in attempts]
            while not has_begun():
                assert not somebody_ended.wait(POLL_SECONDS), "somebody needed no lock"
        return [future.result() for future in futures]


def inside(owner_engine: Engine, number: int) -> Callable[[], bool]:
    """Whether so many connections wait for a lock now: each has begun its transaction, and none has ended it."""

    def are_there() -> bool:
        with owner_engine.connect() as owner:  # anew each time: within a transaction PostgreSQL repeats its answer
            return int(owner.execute(_WAITING).scalar_one()) >= number

    return are_there


def refusals(outcomes: Iterable[Any]) -> Counter[str]:
    """How often each code came."""
    return Counter(outcome for outcome in outcomes if isinstance(outcome, str))


@contextmanager
def patient(settings: DatabaseSettings, master_keys: MasterKeys, connections: int) -> Iterator[Database]:
    """The application's database with so many connections, whose transactions outwait a crowd."""
    waits = {"database_lock_timeout_ms": PATIENCE_MS, "database_statement_timeout_ms": PATIENCE_MS}
    settings = settings.model_copy(update=waits)
    engine = make_engine(settings, pool_size=connections)
    yield Database(settings, engine=engine, master=lambda: master_keys)
    engine.dispose()


def drop_row_locks(engine: Engine) -> None:
    """Take FOR UPDATE off every statement of this engine: the very same code runs without its row locks."""

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def unlock(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        return _ROW_LOCK.sub("", statement), parameters


def drop_exclusions(owner_engine: Engine) -> None:
    """Put constraints that never refuse in the place of all exclusions, so that the very same code runs."""
    with owner_engine.begin() as owner:
        names = "SELECT conname FROM pg_constraint WHERE contype = 'x' AND conrelid = 'busy_intervals'::regclass"
        for name in owner.scalars(text(names)).all():
            owner.execute(text(f"ALTER TABLE busy_intervals DROP CONSTRAINT {name}"))
            owner.execute(text(f"ALTER TABLE busy_intervals ADD CONSTRAINT {name} EXCLUDE USING gist (id WITH =)"))


def drop_seat_check(owner_engine: Engine) -> None:
    """Let a slot count more seats than it has."""
    with owner_engine.begin() as owner:
        owner.execute(text("ALTER TABLE slot_instances DROP CONSTRAINT ck_slot_instances_seats"))
