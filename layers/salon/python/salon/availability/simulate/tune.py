"""Chooses the weights again: a random walk that keeps what sells more on the tuning days."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from math import exp
from random import Random

from salon.availability.packing import DEFAULT_WEIGHTS, PackingWeights
from salon.availability.simulate.ways import EARLIEST, EVERYTHING, OURS, WAITLIST, DayResult, Job

TUNED = ("fragment", "fragment_power", "detached", "contest", "distance", "nearer", "balance", "off_peak", "band")
"""The weights that are chosen. The threshold only orders what the draw may take from, which is not simulated."""

MINUTE_WORTH = 0.0003
"""What a minute's distance from the wish weighs against sold minutes: ten minutes are worth 0.3 %."""

Play = Callable[[Sequence[Job]], list[DayResult]]


@dataclass(frozen=True, slots=True)
class Tuned:
    """Weights and their value: the mean gain of offers, waiting list and everything, less the distance's worth."""

    weights: PackingWeights
    value: float


def tune(play: Play, *, days: int, seed: int, steps: int, say: Callable[[str], None]) -> Tuned:
    """The best of `steps` neighbours of the default weights, each better than the last, at load 1.0."""
    random = Random(f"tune/{seed}")  # noqa: S311 - a random walk, no secret
    best = Tuned(DEFAULT_WEIGHTS, value_of(DEFAULT_WEIGHTS, play, days=days, seed=seed))
    say(f"tuning: the default weights are worth {best.value:+.4f}")
    for step in range(steps):
        weights = neighbour(best.weights, random)
        value = value_of(weights, play, days=days, seed=seed)
        if value > best.value:
            best = Tuned(weights, value)
            say(f"tuning: step {step + 1} of {steps}, {value:+.4f}: {asdict(weights)}")
    return best


def neighbour(weights: PackingWeights, random: Random) -> PackingWeights:
    """The weights with about a third of them changed by a factor."""
    changed = [name for name in TUNED if random.random() < 1 / 3] or [random.choice(TUNED)]
    return replace(
        weights, **{name: float(f"{getattr(weights, name) * exp(random.gauss(0, 0.6)):.3g}") for name in changed}
    )


def value_of(weights: PackingWeights, play: Play, *, days: int, seed: int) -> float:
    """What weights are worth on the tuning days, whose seeds no test day has."""
    ways = (EARLIEST, OURS, WAITLIST, EVERYTHING)
    jobs = [Job("standard", None, 1.0, seed_of_tuning_day(seed, day), ways, weights=weights) for day in range(days)]
    results = play(jobs)
    sold = {way: sum(day.outcomes[way].sold for day in results) for way in ways}
    visits = sum(day.outcomes[OURS].visits for day in results)
    distance = sum(day.outcomes[OURS].distance for day in results) / max(1, visits)
    gain = sum(sold[way] / max(1, sold[EARLIEST]) - 1 for way in ways[1:]) / (len(ways) - 1)
    return gain - MINUTE_WORTH * distance


def seed_of_tuning_day(seed: int, day: int) -> str:
    """The seed of a tuning day."""
    return f"tuning/{seed}/{day}"


def seed_of_day(seed: int, scenario: str, load: float, day: int) -> str:
    """The seed of a test day; never one of a tuning day, whatever the numbers."""
    return f"test/{seed}/{scenario}/{load}/{day}"
