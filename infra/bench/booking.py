"""Booking: a hold and its confirmation, alone and under load.

Inside the measured time of `booking.hold` and `booking.confirm`: from opening the tenant's transaction to its commit
(fsync included), each with a transaction of its own, through the real use case, repositories, SQLAlchemy and pg8000:
the pool's test of the connection, the settings of the transaction, locks, seat, busy interval, booking, history, audit
log and the outbox row of the fact. Outside: what a handler adds (there is no HTTP function for booking yet; the
dialogue books inside the inbox's transaction), and sending the fact's id to the queue after the commit. The slots are
distinct, drawn at random over ten people and sixty days of which about 60 % is sold.

`booking.throughput` is hold + confirm pairs a second of four processes at once, each with one connection, as four
function instances would be, against `booking.pgbench`: pgbench running the same SQL with the same values on a copy of
the same database on the same server with as many connections (`infra.bench.replay`). Clients and server share this
machine's cores, so the ratio tells what our Python costs, not what the server can do.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine, text

from infra.bench.children import Child, Gate, in_fresh_process
from infra.bench.figures import Figure, Measured, spread
from infra.bench.replay import recorded, replay
from infra.bench.salon import ACTOR, Place, Server
from salon.booking.use_cases import confirm_booking, hold_slot
from salon.platform.clock import SystemClock
from salon.platform.db import Database

P95_MS = 30.0
RATIO = 0.5
PROCESSES = 4
WARM_UP = 20

Slots = Sequence[UUID]
Durations = tuple[list[float], list[float]]


class WorkDiffers(RuntimeError):
    """pgbench did not leave the same rows as the application: comparing them would mean nothing."""


def measure(server: Server, *, pairs: int, load_pairs: int) -> Measured:
    """Book alone, then under load, then replay the load.

    Args:
        server: with the salon.
        pairs: holds with confirmation, one after another.
        load_pairs: holds with confirmation of all processes together.
    """
    with server.copy("alone") as place:
        holds, confirms = in_fresh_process(book_in_turn, place, place.world.slot_ids[: WARM_UP + pairs])
    shares = _shares(server, load_pairs)
    ours, written = _load(server, shares)
    theirs, sent, replayed = _replay(server, shares)
    if written != replayed:
        raise WorkDiffers(f"The application wrote {written} rows of history, pgbench {replayed}.")
    figures = [
        *spread("booking.hold", holds, p95_target=P95_MS),
        *spread("booking.confirm", confirms, p95_target=P95_MS),
        Figure(name="booking.throughput", measured=ours, unit="1/s"),
        Figure(name="booking.pgbench", measured=theirs, unit="1/s"),
        Figure(
            name="booking.ratio",
            measured=ours / theirs,
            unit="x",
            target=RATIO,
            is_floor=True,
            peer=f"pgbench {theirs:.0f} 1/s",
        ),
    ]
    notes = [
        f"{pairs} distinct slots one after another; {PROCESSES} processes book {load_pairs} others at once",
        f"hold sends {sent[0]} statements, confirm {sent[1]}, BEGIN and COMMIT not counted",
        "pgbench -M extended, the very statements with their values; left out: the pool's SELECT 1",
        "no HTTP function books yet: the time is the use case's in its transaction",
    ]
    return Measured(figures, notes)


def book_in_turn(place: Place, slots: Slots) -> Durations:
    """Milliseconds of each hold and of each confirmation, after the warm-up."""
    database = place.database()
    holds: list[float] = []
    confirms: list[float] = []
    for number, slot_id in enumerate(slots):
        held, confirmed = _book(database, place, slot_id, number)
        holds.append(held)
        confirms.append(confirmed)
    return holds[WARM_UP:], confirms[WARM_UP:]


def _book(database: Database, place: Place, slot_id: UUID, number: int) -> tuple[float, float]:
    clock, world = SystemClock(), place.world
    client_id = world.client_ids[number % len(world.client_ids)]
    started = time.perf_counter()
    with database.transaction(world.tenant_id) as session:
        held = hold_slot(
            session, slot_id=slot_id, client_id=client_id, channel="telegram", actor=ACTOR, now=clock.now()
        )
    between = time.perf_counter()
    with database.transaction(world.tenant_id) as session:
        confirm_booking(session, held.id, actor=ACTOR, now=clock.now())
    return (between - started) * 1000, (time.perf_counter() - between) * 1000


def _shares(server: Server, pairs: int) -> list[Slots]:
    """For each process the slots of its warm-up and of its load."""
    each = WARM_UP + pairs // PROCESSES
    return [server.world.slot_ids[number * each : (number + 1) * each] for number in range(PROCESSES)]


def _load(server: Server, shares: Sequence[Slots]) -> tuple[float, int]:
    """Pairs a second of all processes together, and the rows of history that are there afterwards."""
    with server.copy("load") as place, ExitStack() as stack:
        children = [Child(book_at_once, place, share) for share in shares]
        for child in children:
            stack.callback(child.stop)
        for child in children:
            child.take()
        for child in children:
            child.go()
        spans = [child.take() for child in children]
        seconds = max(end for _, end in spans) - min(start for start, _ in spans)
        done = sum(len(share) - WARM_UP for share in shares)
        return done / seconds, _history(place)


def book_at_once(gate: Gate, place: Place, slots: Slots) -> tuple[float, float]:
    """Warm up, wait for the others, book; start and end on the clock that all processes share."""
    database = place.database()
    for number, slot_id in enumerate(slots[:WARM_UP]):
        _book(database, place, slot_id, number)
    gate.pass_through()
    started = time.perf_counter()
    for number, slot_id in enumerate(slots[WARM_UP:]):
        _book(database, place, slot_id, number)
    return started, time.perf_counter()


def _replay(server: Server, shares: Sequence[Slots]) -> tuple[float, tuple[int, int], int]:
    """Pairs a second that pgbench reaches, statements of a hold and of a confirmation, rows of history afterwards."""
    with server.copy("recorded") as place:
        scripts, sent = in_fresh_process(record, place, shares)
    with tempfile.TemporaryDirectory(prefix="salon-bench-") as folder, server.copy("replayed") as place:
        files = [Path(folder, f"{name}{number}.sql") for name in ("warm", "load") for number in range(len(shares))]
        for file, script in zip(files, scripts, strict=True):
            file.write_text(script, "utf-8")
        pgbench = server.cluster.bin("pgbench")
        replay(pgbench, place.url, files[: len(shares)])
        seconds = replay(pgbench, place.url, files[len(shares) :])
        rate = sum((len(share) - WARM_UP) / took for share, took in zip(shares, seconds, strict=True))
        return rate, sent, _history(place)


def record(place: Place, shares: Sequence[Slots]) -> tuple[list[str], tuple[int, int]]:
    """Scripts of all warm-ups, then of all loads; how many statements a hold and a confirmation send."""
    database = place.database()
    warm_ups: list[str] = []
    loads: list[str] = []
    for share in shares:
        for slots, scripts in ((share[:WARM_UP], warm_ups), (share[WARM_UP:], loads)):
            with recorded(database.engine) as recording:
                for number, slot_id in enumerate(slots):
                    _book(database, place, slot_id, number)
            scripts.append(recording.script())
            last = recording
    return warm_ups + loads, (len(last.transactions[0]), len(last.transactions[1]))


def _history(place: Place) -> int:
    engine = create_engine(place.owner_url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM booking_history")).scalar_one())
    finally:
        engine.dispose()
