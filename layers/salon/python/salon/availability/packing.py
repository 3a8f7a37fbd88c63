"""Which free start packs a day best: a pure score, no clock, no database, no randomness.

Every number of minutes is counted from one common zero (midnight of the location, say). An interval is what a visit
keeps busy, buffers included: that, and not the service's bare length, decides what still fits beside it.

The score grew out of `facts/domain.md` §4.2. What it adds: the charge for a leftover gap follows the salon's own
services instead of fixed thresholds; an hour in which few others are free costs more (`Contest`); later messages of
a conversation come nearer to the wish (`PackingWeights.in_round`); and a message holds nothing that the client would
rather take than the best, unless it packs as well (`pick_message`). The weights were chosen by
`python -m salon.availability.simulate --tune`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from math import isfinite

APART_MIN = 30
"""Two starts in one message differ by at least this many minutes, or they are one choice to a person."""


@dataclass(frozen=True)
class Durations:
    """How long the salon's own services keep a staff member busy (minutes, buffers included), and how often each.

    `shares` are counts or probabilities in the order of `minutes`; left empty, every length is as likely.

    Raises:
        ValueError: There is no length, one is not positive, a share is negative, or the two differ in number.
    """

    minutes: tuple[int, ...]
    shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.minutes or min(self.minutes) <= 0:
            raise ValueError("durations need at least one length, each above zero minutes")
        if self.shares and (len(self.shares) != len(self.minutes) or min(self.shares) < 0 or sum(self.shares) <= 0):
            raise ValueError("shares must be as many as the durations, not negative and not all zero")

    @cached_property
    def shortest(self) -> int:
        """The shortest length anyone asks for: a gap below it is lost."""
        return min(minutes for minutes, share in self._weighted if share > 0)

    @cached_property
    def mean(self) -> float:
        """The mean length of what is asked for, minutes."""
        return sum(minutes * share for minutes, share in self._weighted)

    def share_fitting(self, gap: int) -> float:
        """The share (0 to 1) of what clients ask for that fits into a gap of so many minutes."""
        if gap <= 0:
            return 0.0
        return self._fitting[gap] if gap < len(self._fitting) else 1.0

    def wastes(self, power: float) -> tuple[float, ...]:
        """For each gap from zero minutes up: how useless it is, 0 to 1; a longer gap than listed is no waste."""
        found = self._wastes.get(power)
        if found is None:
            found = self._wastes[power] = (0.0, *((1.0 - share) ** power for share in self._fitting[1:]))
        return found

    @cached_property
    def _weighted(self) -> tuple[tuple[int, float], ...]:
        shares = self.shares or (1.0,) * len(self.minutes)
        total = sum(shares)
        return tuple((minutes, share / total) for minutes, share in zip(self.minutes, shares, strict=True))

    @cached_property
    def _fitting(self) -> tuple[float, ...]:
        gaps = range(max(self.minutes) + 1)
        return tuple(min(1.0, sum(share for minutes, share in self._weighted if minutes <= gap)) for gap in gaps)

    @cached_property
    def _wastes(self) -> dict[float, tuple[float, ...]]:
        return {}


@dataclass(frozen=True, slots=True)
class PackingWeights:
    """What the score charges for, in points; lower is better. A tenant's settings may replace any of them.

    Attributes:
        fragment: For a leftover gap that nothing fits into; a gap that something fits is charged less.
        fragment_power: How fast that charge falls as more of the salon's services fit (1: in proportion).
        detached: For a start that touches neither the visit before nor the one after (nor the shift's ends).
        contest: For an hour at the peak in which nobody else is free (`Candidate.contested` 1): the flexible are
            led away from hours that others cannot avoid.
        distance: For each minute between the start and the time the client named, in the first message.
        nearer: How many times more the distance counts in each further message: first what packs, then what was asked.
        balance: For a staff member whose day is full (times load 0 to 1): spreads the visits.
        off_peak: Taken off for an hour that nobody asks for (times 1 - density).
        band: A start nearer to the wish than the best is shown beside it only if it costs at most so much more.
        threshold: A start that costs more than the best by this many points is demoted below those within.

    Raises:
        ValueError: A weight is negative or not finite.
    """

    fragment: float = 90.0
    fragment_power: float = 1.0
    detached: float = 10.0
    contest: float = 100.0
    distance: float = 0.016
    nearer: float = 6.0
    balance: float = 1.0
    off_peak: float = 10.0
    band: float = 3.0
    threshold: float = 60.0

    def __post_init__(self) -> None:
        for weight in fields(self):
            value = getattr(self, weight.name)
            if not isfinite(value) or value < 0:
                raise ValueError(f"the packing weight {weight.name} must be a number from zero up, not {value}")

    def in_round(self, number: int) -> "PackingWeights":
        """The weights of the n-th message of a conversation (1 is the first): the wish counts for more each time."""
        return self if number <= 1 else replace(self, distance=self.distance * self.nearer ** (number - 1))


DEFAULT_WEIGHTS = PackingWeights()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A start that could be offered, with what the score needs to know of the day around it.

    Attributes:
        start, end: What the visit would keep busy, minutes from the common zero, buffers included.
        free_from, free_until: The free stretch of that staff member's day in which it would lie.
        load: How much of that staff member's shift is taken already, 0 to 1.
        density: How sought-after the hour is, 0 (never asked for) to 1 (the peak).
        distance: Minutes between the visible start and the time the client named; 0 when none was named.
        contested: How few others are free in those hours, and how sought-after they are: `Contest.between`; 0 when
            that is not known.
    """

    start: int
    end: int
    free_from: int
    free_until: int
    load: float = 0.0
    density: float = 0.0
    distance: int = 0
    contested: float = 0.0


@dataclass(frozen=True, slots=True, order=True)
class Scored:
    """A candidate's cost and its place in the list that was ranked; sorts best first, then by start."""

    cost: float
    start: int
    index: int
    candidate: Candidate = field(compare=False)


class Contest:
    """How contested each quarter of an hour of a day is: sought-after, and few staff members free.

    A quarter counts its density (0 to 1) shared by the staff members free through it: 1 when the last one at the peak
    would be taken, less while others are there to serve whoever cannot come at another time.
    """

    STEP = 15

    def __init__(self, opens: int, free: Iterable[Sequence[tuple[int, int]]], density: Sequence[float]) -> None:
        """Read a day.

        Args:
            opens: The minute that the first quarter starts at.
            free: For each staff member, the stretches that are free, minutes from the common zero.
            density: For each quarter from `opens` on, how sought-after it is, 0 to 1.
        """
        counts = [0] * len(density)
        for stretches in free:
            for from_, until in stretches:
                first = max(0, -((opens - from_) // self.STEP))
                for quarter in range(first, min(len(counts), (until - opens) // self.STEP)):
                    counts[quarter] += 1
        self._opens = opens
        self._sums = [0.0]
        for sought, count in zip(density, counts, strict=True):
            self._sums.append(self._sums[-1] + sought / max(count, 1))

    def between(self, start: int, end: int) -> float:
        """The mean over the quarters that an interval touches, 0 to 1; outside the day nothing is contested."""
        last = len(self._sums) - 1
        first = min(last, max(0, (start - self._opens) // self.STEP))
        until = min(last, max(0, -((self._opens - end) // self.STEP)))
        return (self._sums[until] - self._sums[first]) / max(1, until - first)


def cost(candidate: Candidate, weights: PackingWeights, durations: Durations) -> float:
    """What taking this start does to the day, in points; lower is better, comparable within one day only."""
    before = candidate.start - candidate.free_from
    after = candidate.free_until - candidate.end
    wastes = durations.wastes(weights.fragment_power)
    longest = len(wastes)
    points = (
        weights.contest * candidate.contested
        + weights.distance * candidate.distance
        + weights.balance * candidate.load
        - weights.off_peak * (1.0 - candidate.density)
    )
    if 0 < before < longest:
        points += weights.fragment * wastes[before]
    if 0 < after < longest:
        points += weights.fragment * wastes[after]
    if before > 0 and after > 0:
        points += weights.detached
    return points


def rank(candidates: Iterable[Candidate], weights: PackingWeights, durations: Durations) -> list[Scored]:
    """The candidates, best first; equal costs by start, then by their order. `index` leads back to the input."""
    return sorted(
        Scored(cost(candidate, weights, durations), candidate.start, index, candidate)
        for index, candidate in enumerate(candidates)
    )


def above_threshold(ranked: Sequence[Scored], weights: PackingWeights, *, at_least: int = 5) -> list[Scored]:
    """Those of a ranking worth showing first: within the threshold of the best, and never fewer than `at_least`.

    The threshold demotes, it never hides: while the good ones are fewer than `at_least`, the next best fill up, so the
    last free starts of a day stay visible.
    """
    if not ranked:
        return []
    limit = ranked[0].cost + weights.threshold
    good = sum(1 for scored in ranked if scored.cost <= limit)
    return list(ranked[: max(good, at_least)])


def pick_message(
    ranked: Sequence[Scored], weights: PackingWeights, count: int, *, apart_min: int = APART_MIN
) -> list[Scored]:
    """Up to `count` of a ranking for one message, best first, their starts `apart_min` or more apart.

    A client takes the acceptable start nearest to the wish. So a start that is nearer than the best, and packs worse by
    more than the band, waits for a later message: it would be taken in the best one's stead.
    """
    if not ranked:
        return []
    best = ranked[0]
    limit = best.cost + weights.band
    chosen: list[Scored] = []
    for scored in ranked:
        if len(chosen) == count:
            break
        if scored.cost > limit and scored.candidate.distance < best.candidate.distance:
            continue
        if all(abs(scored.start - other.start) >= apart_min for other in chosen):
            chosen.append(scored)
    return chosen


def round_wish(minute: int, granularity: int) -> tuple[int, ...]:
    """The starts on the grid next to a named minute: «09:17» is 09:15 and 09:30 on a quarter-hour grid.

    A minute that lies on the grid is its own only neighbour. Minutes are counted from the grid's zero.

    Raises:
        ValueError: The granularity is not positive.
    """
    if granularity <= 0:
        raise ValueError("the granularity must be above zero minutes")
    below = minute - minute % granularity
    return (below,) if below == minute else (below, below + granularity)
