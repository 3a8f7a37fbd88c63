"""Offers: what a dialogue asks before it shows buttons.

Inside the measured time of `offers.day`: `list_free_slots` for one service on one whole local day with anybody (ten
people, 24 starts each, out of sixty days of three services' slots with about 60 % of the time sold) and
`choose_offers`: building the query, PostgreSQL under row-level security, reading the rows, choosing three.
`offers.month` is `count_free_by_date` over all sixty days. Outside: opening the transaction (`offers.begin` says what
that takes) and its end. Each run asks about another day, in a transaction of its own, on one warm connection.
"""

from __future__ import annotations

import time
from datetime import datetime
from datetime import time as clock_time
from itertools import cycle, islice

from infra.bench.children import in_fresh_process
from infra.bench.figures import Figure, Measured, spread
from infra.bench.salon import DAYS, Place, World
from salon.availability import use_cases as availability
from salon.availability.domain import Wish, choose_offers
from salon.platform.clock import SystemClock
from salon.platform.db import ReadSession

DAY_P95_MS = 20.0
NOON = clock_time(12)
WARM_UP = 20
EACH = 5  # days between two counts


def measure(place: Place, *, rounds: int) -> Measured:
    """Ask for offers `rounds` times, and count free slots a fifth as often."""
    begun, days, months, seen, free = in_fresh_process(ask, place, rounds)
    figures: list[Figure] = [
        *spread("offers.day", days, p95_target=DAY_P95_MS),
        *spread("offers.month", months),
        *spread("offers.begin", begun),
    ]
    notes = [f"{rounds} days asked for; on average {seen:.0f} free slots to choose from, {free} free in {DAYS} days"]
    return Measured(figures, notes)


def ask(place: Place, rounds: int) -> tuple[list[float], list[float], list[float], float, int]:
    """Times in milliseconds of begin, day and month; slots seen on an average day; free slots in all."""
    begun: list[float] = []
    days: list[float] = []
    months: list[float] = []
    seen = free = 0
    database, now = place.database(), SystemClock().now()
    for number, day in enumerate(islice(cycle(range(1, DAYS)), WARM_UP + rounds)):
        started = time.perf_counter()
        with database.read(place.world.tenant_id) as session:
            entered = time.perf_counter()
            slots = _choose(session, place.world, day, now)
            took = time.perf_counter() - entered
        if number % EACH == 0:
            with database.read(place.world.tenant_id) as session:
                counting = time.perf_counter()
                free = _count(session, place.world, now)
                months.append((time.perf_counter() - counting) * 1000)
        if number >= WARM_UP:
            begun.append((entered - started) * 1000)
            days.append(took * 1000)
            seen += slots
    return begun, days, months[WARM_UP // EACH :], seen / rounds, free


def _choose(session: ReadSession, world: World, day: int, now: datetime) -> int:
    """Offers for a day, wished for at noon; how many there were to choose from."""
    slots = availability.list_free_slots(
        session, service_id=world.service_id, from_at=world.local(day), to_at=world.local(day + 1), now=now
    )
    choose_offers(slots, Wish(world.local(day, NOON)))
    return len(slots)


def _count(session: ReadSession, world: World, now: datetime) -> int:
    counted = availability.count_free_by_date(
        session, service_id=world.service_id, from_at=now, to_at=world.local(DAYS), now=now
    )
    return sum(counted.values())
