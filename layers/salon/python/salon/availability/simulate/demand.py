"""Who asks for what, when: one day of a salon, drawn from a seed.

The standard scenario is `facts/domain.md` §4.3: 4 staff members × 10 h, durations of 30 to 180 minutes (mean 79),
wishes heavy in the evening, tolerance ±30 (20 %), ±90 (50 %), ±240 (30 %), half want a certain staff member, 10 %
cancel, 60 % of the refused join the waiting list. What it leaves open is filled in so that its table comes out:

* The number of requests is Poisson with mean load × capacity / mean duration. That gives the optimum's utilisation at
  load 1.0 (.90) and its ratio to earliest-first (1.28); a fixed number leaves the optimum at .93.
* Durations and hours as in `STANDARD`; wishes lie on the quarter hour and are clamped to what the shift can hold.
* Requests come in an order that has nothing to do with the time they wish for; a named staff member is any of the
  four alike.
* Cancellations come when everybody has asked (that section's figures are «after 10 % cancellations, before
  refilling»): nothing but a waiting list can sell the time again.
* A wish named in words says a part of the day: morning until 13:00, day until 16:00, evening (`PARTS`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from random import Random

from salon.availability.packing import Durations

OPENS = 10 * 60
"""Minutes from midnight to the zero of the standard day: hours below count from midnight."""

LATE = 0.4
"""Cancellations come from moment 1 until then; walk-ins, who come on the day itself, after that."""

QUESTIONS = 3
"""Times that one client may be asked to move."""

PARTS = (13 * 60, 16 * 60)
"""Where the parts of the day meet, in minutes from midnight."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A salon and its clients. Minutes count from midnight; chances are 0 to 1.

    Attributes:
        shifts: When each staff member works.
        durations: What is asked for, and how often.
        hours: How sought-after each hour is, from `OPENS` on, as weights.
        tolerances: Minutes that a client accepts either side of the wish, and how many are so.
        named: Share of the clients who ask for a certain staff member.
        cancels: Share of those who asked that cancel.
        joins: Share of the refused that join the waiting list.
        consents: How often a booked client who could come at another time agrees to be moved.
        skills: For each staff member the durations (as services) they know; None: all of them.
        walk_ins: Share of the demand that comes in from the street on the day and waits half an hour at most.
        no_shows: Share of the visits that nobody comes to; their time is lost.
        grid: Starts lie on multiples of so many minutes.
    """

    shifts: tuple[tuple[int, int], ...]
    durations: Durations
    hours: tuple[float, ...]
    tolerances: tuple[tuple[int, float], ...] = ((30, 0.2), (90, 0.5), (240, 0.3))
    named: float = 0.5
    cancels: float = 0.1
    joins: float = 0.6
    consents: float = 0.7
    skills: tuple[frozenset[int] | None, ...] = ()
    walk_ins: float = 0.0
    no_shows: float = 0.0
    grid: int = 15

    @property
    def capacity(self) -> int:
        """Minutes of all shifts."""
        return sum(until - from_ for from_, until in self.shifts)

    @property
    def densities(self) -> tuple[float, ...]:
        """How sought-after each quarter of an hour is, from `OPENS` on, 0 to 1."""
        return _densities(self.hours)

    def density(self, start: int, minutes: int) -> float:
        """How sought-after the hours of a visit are, 0 to 1."""
        quarters = self.densities
        first = min(max((start - OPENS) // 15, 0), len(quarters) - 1)
        touched = quarters[first : max(first + 1, -(-(start + minutes - OPENS) // 15))]
        return sum(touched) / len(touched)

    def able(self, minutes: int) -> tuple[int, ...]:
        """The staff members who know the service of that length."""
        skills = self.skills or (None,) * len(self.shifts)
        return tuple(staff for staff, known in enumerate(skills) if known is None or minutes in known)


@lru_cache
def _densities(hours: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(weight / max(hours) for weight in hours for _ in range(4))


STANDARD = Scenario(
    shifts=((OPENS, OPENS + 600),) * 4,
    durations=Durations((30, 45, 60, 90, 120, 180), (0.20, 0.10, 0.26, 0.20, 0.14, 0.10)),
    hours=(0.75, 0.8, 0.85, 0.85, 0.9, 0.95, 1.1, 1.35, 1.4, 1.05),
)
RICH = Scenario(
    shifts=((OPENS, OPENS + 600), (OPENS, OPENS + 600), (OPENS, OPENS + 360), (OPENS + 240, OPENS + 600)),
    durations=Durations((25, 35, 50, 60, 80, 95, 120, 175), (0.14, 0.12, 0.16, 0.18, 0.12, 0.10, 0.10, 0.08)),
    hours=STANDARD.hours,
    skills=(None, frozenset({25, 35, 50, 60, 80, 95}), frozenset({25, 35, 60, 80, 120}), None),
    walk_ins=0.1,
    no_shows=0.05,
)
SCENARIOS = {"standard": STANDARD, "rich": RICH}


@dataclass(frozen=True, slots=True)
class Request:
    """One client. What an online method may see is `minutes`, `wish`, `staff` and `named`; the rest is the client's.

    Attributes:
        at: The moment of asking, 0 to 1.
        staff: Whoever may serve: the one asked for by name, or all who know the service.
        cancels_at: The moment of cancelling, should there be a booking; None: never.
        early, late: Minutes before and after the wish that suit as well.
        joins: Whether a refused client joins the waiting list (and names the window, which is then known).
        answers: What a booked client says when asked to move, question by question, should the new start suit at all;
            nobody is asked more often than that.
    """

    number: int
    at: float
    minutes: int
    wish: int
    early: int
    late: int
    staff: tuple[int, ...]
    named: bool
    cancels_at: float | None = None
    joins: bool = False
    answers: tuple[bool, ...] = ()
    no_show: bool = False

    def accepts(self, start: int) -> bool:
        """Whether the client would come then."""
        return self.wish - self.early <= start <= self.wish + self.late


def draw_day(scenario: Scenario, load: float, seed: str) -> tuple[Request, ...]:
    """The requests of one day in the order they come. The same seed gives the same day."""
    random = Random(seed)  # noqa: S311 - a simulated day, no secret
    durations = scenario.durations
    shares = durations.shares or (1.0,) * len(durations.minutes)
    mean = sum(m * s for m, s in zip(durations.minutes, shares, strict=True)) / sum(shares)
    number = _poisson(random, load * scenario.capacity / mean)
    moments = sorted(random.random() for _ in range(number))
    return tuple(_draw_request(scenario, random, n, at, shares) for n, at in enumerate(moments))


def _draw_request(scenario: Scenario, random: Random, number: int, at: float, shares: Sequence[float]) -> Request:
    minutes = random.choices(scenario.durations.minutes, shares)[0]
    able = scenario.able(minutes)
    named = random.random() < scenario.named
    staff = (random.choice(able),) if named else able
    hour = random.choices(range(len(scenario.hours)), scenario.hours)[0]
    wish = OPENS + hour * 60 + random.randrange(0, 60, 15)
    opens = min(scenario.shifts[s][0] for s in staff)
    closes = max(scenario.shifts[s][1] for s in staff)
    wish = max(opens, min(wish, (closes - minutes) // 15 * 15))
    tolerance = random.choices([t for t, _ in scenario.tolerances], [s for _, s in scenario.tolerances])[0]
    cancels, moment = random.random() < scenario.cancels, random.random()
    joins, no_show = random.random() < scenario.joins, random.random() < scenario.no_shows
    answers = tuple(random.random() < scenario.consents for _ in range(QUESTIONS))
    early = late = tolerance
    if random.random() < scenario.walk_ins:
        at, early, late, named, staff = 1 + LATE + wish / 1440, 0, 30, False, able
        cancels = joins = no_show = False
        answers = ()
    cancels_at = 1 + LATE * moment if cancels else None
    return Request(number, at, minutes, wish, early, late, staff, named, cancels_at, joins, answers, no_show)


def _poisson(random: Random, mean: float) -> int:
    """Knuth's product of uniforms; the means here are below a hundred, where it is exact and quick enough."""
    limit, product, number = exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        number += 1
    return number
