"""The desk: making slots, looking at the diary, finding a client.

On the busy salon with a start every quarter of an hour (`infra.bench.busy`), each measured time from opening the
tenant's transaction to its end, through the use cases.

`slots.first` makes all slots of ten people and fifteen services for sixty days where there are none, `slots.again`
runs the same once more (it changes nothing), `slots.rule` is a change of one person's weekly hours, their slots of
the whole horizon made anew in the same transaction; `slots.day` the same for one day off. `desk.week` is the schedule
of ten people for a week, `desk.day` of a day; `desk.clients` a search among 100,000 clients by a name with a typo,
`desk.services` a search of services by a word with a typo.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import time as clock_time
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import text

from infra.bench.busy import FIRST_NAMES, LAST_NAMES, SEED, SERVICES, BusyWorld, busy_copy, generate
from infra.bench.children import in_fresh_process
from infra.bench.figures import Figure, Measured, median, spread
from infra.bench.salon import ACTOR, DAYS, Place, Server, autocommit
from salon.availability import use_cases as availability
from salon.availability.domain import EVERY_DAY, RuleDetails, RuleKind, SlotsGenerated
from salon.booking import use_cases as booking
from salon.catalog import use_cases as catalog
from salon.clients import use_cases as clients
from salon.platform.clock import SystemClock
from salon.platform.db import Database, ReadSession

STEP_MIN = 15
WARM_UP = 10
VIEW_P95_MS, SEARCH_P95_MS = 50.0, 100.0
TARGETS = {"week": VIEW_P95_MS, "day": VIEW_P95_MS, "clients": SEARCH_P95_MS, "services": SEARCH_P95_MS}
WEEK = 7
Done = TypeVar("Done")
SHORT = 3  # letters; so short a word is spelt right


def measure(server: Server, *, rounds: int, generations: int) -> Measured:
    """Look `rounds` times; make all slots `generations` times."""
    with busy_copy(server, STEP_MIN, "desk") as place:
        looks, found = in_fresh_process(look, place, rounds)
    makings: dict[str, list[float]] = {}
    slots = 0
    for _ in range(generations):
        with busy_copy(server, STEP_MIN, "slots", is_bare=True) as bare:
            made, slots = in_fresh_process(make, bare)
        for name, took in made.items():
            makings.setdefault(name, []).append(took)
    figures = [
        Figure(name=f"slots.{name}", measured=median(samples), unit="ms", peer=f"median of {len(samples)}")
        for name, samples in makings.items()
    ]
    for name, samples in looks.items():
        figures += spread(f"desk.{name}", samples, p95_target=TARGETS[name])
    notes = [
        f"{slots} slots of 10 people, 15 services, {DAYS} days: {slots / median(makings['first']) * 1000:.0f} a second",
        *(f"{name}: {count:.0f} found on average" for name, count in found.items()),
    ]
    return Measured(figures, notes)


def look(place: Place[BusyWorld], rounds: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Milliseconds of each kind of look, and how much each found on average."""
    world, database = place.world, place.database()
    chance = random.Random(SEED)  # noqa: S311 - a repeatable choice, nothing secret
    times: dict[str, list[float]] = {name: [] for name in TARGETS}
    found: dict[str, list[int]] = {name: [] for name in TARGETS}
    for number in range(-WARM_UP, rounds):
        for name, ask in _looks(world, number % (DAYS - WEEK), chance).items():
            started = time.perf_counter()
            with database.read(world.tenant_id) as session:
                rows = ask(session)
            took = (time.perf_counter() - started) * 1000
            if number >= 0:
                times[name].append(took)
                found[name].append(len(rows))
    return times, {name: sum(counts) / len(counts) for name, counts in found.items()}


def _looks(world: BusyWorld, day: int, chance: random.Random) -> dict[str, Callable[[ReadSession], Sequence[Any]]]:
    """One look of each kind."""
    somebody = misspelt(f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}", chance)
    something = misspelt(chance.choice(SERVICES)[0], chance)

    def schedule(session: ReadSession, *, days: int) -> Sequence[Any]:
        now, from_at, to_at = SystemClock().now(), world.local(day), world.local(day + days)
        return booking.list_schedule(session, from_at=from_at, to_at=to_at, now=now, location_id=world.location_id)

    return {
        "week": partial(schedule, days=WEEK),
        "day": partial(schedule, days=1),
        "clients": lambda session: clients.search_clients(session, somebody),
        "services": lambda session: catalog.search_services(session, something),
    }


def make(place: Place[BusyWorld]) -> tuple[dict[str, float], int]:
    """Milliseconds of each kind of making slots, and how many slots there are."""
    world, database, now = place.world, place.database(), SystemClock().now()
    first, created = _timed(lambda: generate(database, world, now))
    with autocommit(place.owner_url) as connection:
        connection.execute(text("VACUUM (ANALYZE) slot_instances"))
    again, same = _timed(lambda: generate(database, world, now))
    if same != SlotsGenerated():
        raise RuntimeError(f"Making the same slots again changed something: {same}")
    rule, _ = _timed(lambda: _say(database, world, _own_hours(world)))
    day, _ = _timed(lambda: _say(database, world, _day_off(world)))
    return {"first": first, "again": again, "rule": rule, "day": day}, created.created


def _own_hours(world: BusyWorld) -> RuleDetails:
    """Weekly hours of one person's own."""
    return RuleDetails(
        location_id=world.location_id,
        staff_id=world.staff_ids[0],
        kind=RuleKind.WEEKLY,
        days_of_week=EVERY_DAY,
        start_time=clock_time(12),
        end_time=clock_time(20),
        slot_granularity_min=STEP_MIN,
    )


def _day_off(world: BusyWorld) -> RuleDetails:
    """One day on which another person does not work."""
    day = world.day(20)
    return RuleDetails(
        location_id=world.location_id,
        staff_id=world.staff_ids[1],
        kind=RuleKind.EXCEPTION,
        valid_from=day,
        valid_to=day,
        is_closed=True,
    )


def _say(database: Database, world: BusyWorld, details: RuleDetails) -> None:
    with database.transaction(world.tenant_id) as session:
        availability.create_rule(session, details, actor=ACTOR, now=SystemClock().now())


def misspelt(words: str, chance: random.Random) -> str:
    """The words with one of their longer ones spelt wrong: two neighbouring letters swapped, or one left out."""
    parts = words.split()
    places = [place for place, part in enumerate(parts) if len(part) > SHORT]
    if not places:
        return words
    place = chance.choice(places)
    part = parts[place]
    at = chance.randrange(1, len(part) - 1)
    swapped, short = part[:at] + part[at + 1] + part[at] + part[at + 2 :], part[:at] + part[at + 1 :]
    parts[place] = chance.choice((swapped, short))
    return " ".join(parts)


def _somebody(chance: random.Random) -> str:
    return misspelt(f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}", chance)


def _timed(work: Callable[[], Done]) -> tuple[float, Done]:
    """Milliseconds that the work took, and what it returned."""
    started = time.perf_counter()
    done = work()
    return (time.perf_counter() - started) * 1000, done
