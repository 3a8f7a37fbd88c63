"""Booking: a hold and its confirmation, alone and under load.

Inside the measured time of `booking.hold` and `booking.confirm`: from opening the tenant's transaction to its commit
(fsync included), each with a transaction of its own, through the real use case, repositories, SQLAlchemy and pg8000:
the pool's test of the connection, the settings of the transaction, locks, seat, busy interval, booking, history, audit
log and the outbox row of the fact. Outside: what a handler adds (`infra.bench.edge` measures it), and sending the
fact's id to the queue after the commit. The slots are distinct, drawn at random over ten people and sixty days of which
about 60 % is sold. The statements are noted for the replay meanwhile, which costs each of them microseconds.

`booking.throughput` is hold + confirm pairs a second of four warm processes at once, each with one connection, as four
function instances would be, against `booking.pgbench`: pgbench running the same SQL with the same values on a copy of
the same database on the same server with as many connections (`infra.bench.replay`). The two take turns, so that a load
which comes and goes meets both, and `booking.ratio` is the median over the turns. pgbench's connections are new in each
turn; that costs it a few per cent. Clients and server share this machine's cores: the ratio tells what our Python and
its driver cost, not what the server can do.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

from sqlalchemy import create_engine, text

from infra.bench.children import Child, Gate, in_fresh_process
from infra.bench.figures import Figure, Measured, median, spread
from infra.bench.replay import Recording, recorded, replay
from infra.bench.salon import ACTOR, Place, Server, World
from salon.booking.use_cases import confirm_booking, hold_slot
from salon.platform.clock import SystemClock
from salon.platform.db import Database

P95_MS = 30.0
RATIO = 0.5
BOOKINGS_AN_HOUR = 10_000.0
SECONDS_AN_HOUR = 3600
PROCESSES = 4
WARM_UP = 20

# Slots of each process, turn by turn; the first turn warms up and is not measured.
Plan = Sequence[Sequence[Sequence[UUID]]]


class WorkDiffers(RuntimeError):
    """pgbench did not leave the same rows as the application: comparing them would mean nothing."""


@dataclass(frozen=True, slots=True)
class Alone:
    """What one process found that had the machine to itself.

    Attributes:
        holds: milliseconds of each hold.
        confirms: milliseconds of each confirmation.
        scripts: for each process of the load, for each turn, the same bookings as a pgbench script.
        statements: how many a hold and a confirmation send, BEGIN and COMMIT not counted.
    """

    holds: list[float]
    confirms: list[float]
    scripts: list[list[str]]
    statements: tuple[int, int]


def measure(server: Server, *, turns: int, pairs: int) -> Measured:
    """Book alone, then under load, in turns with pgbench.

    Args:
        server: with the salon.
        turns: of the load.
        pairs: holds with confirmation in each turn, of all processes together.
    """
    plan = share_out(server.world.slot_ids, turns, pairs)
    with server.copy("alone") as place:
        alone = in_fresh_process(book_alone, place, plan)
    rates = _take_turns(server, plan, alone.scripts)
    ratios = [ours / theirs for ours, theirs in rates]
    figures = [
        *spread("booking.hold", alone.holds, p95_target=P95_MS),
        *spread("booking.confirm", alone.confirms, p95_target=P95_MS),
        Figure(name="booking.throughput", measured=median([ours for ours, _ in rates]), unit="1/s"),
        Figure(
            name="booking.an_hour",
            measured=median([ours for ours, _ in rates]) * SECONDS_AN_HOUR,
            unit="1/h",
            target=BOOKINGS_AN_HOUR,
            is_floor=True,
            peer=f"{PROCESSES} processes",
        ),
        Figure(name="booking.pgbench", measured=median([theirs for _, theirs in rates]), unit="1/s"),
        Figure(
            name="booking.ratio",
            measured=median(ratios),
            unit="x",
            target=RATIO,
            is_floor=True,
            peer=f"pgbench; {min(ratios):.2f} to {max(ratios):.2f}",
        ),
    ]
    notes = [
        f"{len(alone.holds)} distinct slots one after another; {turns} turns of {PROCESSES} processes, {pairs} each",
        "hold sends {} statements, confirm {}, BEGIN and COMMIT not counted".format(*alone.statements),
        "pgbench -M extended, the very statements with their values; left out: the pool's SELECT 1",
        "the time is the use case's in its transaction; with HTTP around it: http.hold, http.confirm",
    ]
    return Measured(figures, notes)


def share_out(slot_ids: Sequence[UUID], turns: int, pairs: int) -> Plan:
    """Distinct slots for each process and turn.

    Raises:
        ValueError: there are not enough.
    """
    each = [WARM_UP] + [pairs // PROCESSES] * turns
    if sum(each) * PROCESSES > len(slot_ids):
        raise ValueError(f"{sum(each) * PROCESSES} bookings need as many free slots; there are {len(slot_ids)}.")
    slots = iter(slot_ids)
    return [[list(islice(slots, count)) for count in each] for _ in range(PROCESSES)]


def book_alone(place: Place[World], plan: Plan) -> Alone:
    """Book everything in the plan in one process; of the first process's warm-up only the statements are kept."""
    database = place.database()
    holds: list[float] = []
    confirms: list[float] = []
    recordings: list[list[Recording]] = []
    for process in plan:
        recordings.append([])
        for slots in process:
            with recorded(database.engine) as recording:
                for number, slot_id in enumerate(slots):
                    held, confirmed = _book(database, place, slot_id, number)
                    holds.append(held)
                    confirms.append(confirmed)
            recordings[-1].append(recording)
    hold, confirm = recordings[-1][-1].transactions[:2]
    scripts = [[recording.script() for recording in process] for process in recordings]
    return Alone(holds[WARM_UP:], confirms[WARM_UP:], scripts, (len(hold), len(confirm)))


def _book(database: Database, place: Place[World], slot_id: UUID, number: int) -> tuple[float, float]:
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


def _take_turns(server: Server, plan: Plan, scripts: list[list[str]]) -> list[tuple[float, float]]:
    """Pairs a second of the application and of pgbench, turn by turn without the warm-up."""
    pgbench, rates = server.cluster.bin("pgbench"), []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="salon-bench-")))
        ours, theirs = stack.enter_context(server.copy("load")), stack.enter_context(server.copy("replayed"))
        children = [Child(book_in_turns, ours, turns) for turns in plan]
        for child in children:
            stack.callback(child.stop)
        for turn in range(len(plan[0])):
            counts = [len(turns[turn]) for turns in plan]
            ours_rate = sum(counts) / _turn(children)
            files = [folder / f"{number}.sql" for number in range(len(plan))]
            for file, texts in zip(files, scripts, strict=True):
                file.write_text(texts[turn], "utf-8")
            seconds = replay(pgbench, theirs.url, files)
            theirs_rate = sum(count / took for count, took in zip(counts, seconds, strict=True))
            rates.append((ours_rate, theirs_rate))
        if _history(ours) != _history(theirs):
            raise WorkDiffers(f"The application wrote {_history(ours)} rows of history, pgbench {_history(theirs)}.")
    return rates[1:]


def _turn(children: Sequence[Child]) -> float:
    """Let all processes start together; seconds from the first start to the last end."""
    for child in children:
        child.take()
    for child in children:
        child.go()
    spans = [child.take() for child in children]
    return float(max(end for _, end in spans) - min(start for start, _ in spans))


def book_in_turns(gate: Gate, place: Place[World], turns: Sequence[Sequence[UUID]]) -> None:
    """In each turn wait for the others, book, tell start and end on the clock that all processes share."""
    database = place.database()
    for slots in turns:
        gate.pass_through()
        started = time.perf_counter()
        for number, slot_id in enumerate(slots):
            _book(database, place, slot_id, number)
        gate.announce((started, time.perf_counter()))


def _history(place: Place[World]) -> int:
    engine = create_engine(place.owner_url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM booking_history")).scalar_one())
    finally:
        engine.dispose()
