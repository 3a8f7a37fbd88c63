"""The ways of offering that are compared, and one day under all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from salon.availability.packing import DEFAULT_WEIGHTS, PackingWeights
from salon.availability.simulate.demand import SCENARIOS, Scenario, draw_day
from salon.availability.simulate.optimum import Optimum, find_optimum
from salon.availability.simulate.play import Game, Outcome
from salon.availability.simulate.policies import Packed, adjacent, earliest, every, nearest

EARLIEST, OURS, WAITLIST, EVERYTHING = "earliest", "ours", "waitlist", "everything"

WAYS: Mapping[str, str] = {
    EARLIEST: "earliest first",
    "nearest": "nearest to the wish",
    "every_15": "all times, 15 min grid",
    "every_30": "all times, 30 min grid",
    "adjacent": "adjacency only",
    "earliest_waitlist": "earliest + waiting list",
    "ours_nearest": "ours, nearest always shown",
    OURS: "ours",
    WAITLIST: "ours + waiting list",
    EVERYTHING: "ours + list + shifts",
}
"""What each is called in the table."""


def game_of(way: str, scenario: Scenario, weights: PackingWeights = DEFAULT_WEIGHTS) -> Game:
    """A fresh day under one of `WAYS`."""
    ours = Packed(scenario, weights)
    # Whoever is on the waiting list has named a window: within it the wish does not count any more.
    filling = Packed(scenario, replace(weights, distance=0.0))
    games: dict[str, Callable[[], Game]] = {
        EARLIEST: lambda: Game(scenario, earliest),
        "nearest": lambda: Game(scenario, nearest),
        "every_15": lambda: Game(scenario, every(15)),
        "every_30": lambda: Game(scenario, every(30)),
        "adjacent": lambda: Game(scenario, adjacent),
        "earliest_waitlist": lambda: Game(scenario, earliest, filling),
        "ours_nearest": lambda: Game(scenario, Packed(scenario, weights, with_nearest=True)),
        OURS: lambda: Game(scenario, ours),
        WAITLIST: lambda: Game(scenario, ours, filling),
        EVERYTHING: lambda: Game(scenario, ours, filling, shifts=True),
    }
    return games[way]()


@dataclass(frozen=True, slots=True)
class Job:
    """One day to play; plain values, because it goes to another process.

    Attributes:
        optimum_seconds: How long CP-SAT may search; 0: not at all.
    """

    scenario: str
    cancels: float | None
    load: float
    seed: str
    ways: tuple[str, ...]
    optimum_seconds: float = 0.0
    optimum_gap: float = 0.005
    weights: PackingWeights = DEFAULT_WEIGHTS


@dataclass(frozen=True, slots=True)
class DayResult:
    """What each way made of the same requests; `optimum` is None where it was not looked for."""

    capacity: int
    outcomes: Mapping[str, Outcome]
    optimum: Optimum | None


def play_day(job: Job) -> DayResult:
    """One day under all the ways of a job, and its optimum if wanted."""
    scenario = SCENARIOS[job.scenario]
    if job.cancels is not None:
        scenario = replace(scenario, cancels=job.cancels)
    requests = draw_day(scenario, job.load, job.seed)
    outcomes = {way: game_of(way, scenario, job.weights).play(requests) for way in job.ways}
    optimum = None
    if job.optimum_seconds:
        most = max(outcome.sold for outcome in outcomes.values())
        optimum = find_optimum(scenario, requests, seconds=job.optimum_seconds, gap=job.optimum_gap, at_least=most)
    return DayResult(scenario.capacity, outcomes, optimum)
