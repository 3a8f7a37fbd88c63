"""Ways of offering times. Each sees the diary, and of a request only length, wish and whom it may go to."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from salon.availability.packing import (
    APART_MIN,
    DEFAULT_WEIGHTS,
    Candidate,
    Contest,
    PackingWeights,
    pick_message,
    rank,
)
from salon.availability.simulate.demand import OPENS, PARTS, Request, Scenario
from salon.availability.simulate.diary import Diary, Place

ROUNDS = 3
PER_MESSAGE = 3

Message = Sequence[Place]
Policy = Callable[[Diary, Request], Iterable[Message]]


def earliest(diary: Diary, request: Request) -> Iterator[Message]:
    """The first free times of the part of the day that was named, then the first of the rest."""
    part = bisect_right(PARTS, request.wish)
    return _messages(
        sorted(
            diary.places(request.minutes, request.staff, grid=diary.scenario.grid),
            key=lambda place: (bisect_right(PARTS, place.start) != part, place.start, place.staff),
        )
    )


def nearest(diary: Diary, request: Request) -> Iterator[Message]:
    """The free times nearest to the wish."""
    return _messages(
        sorted(
            diary.places(request.minutes, request.staff, grid=diary.scenario.grid),
            key=lambda place: (abs(place.start - request.wish), place.start, place.staff),
        )
    )


def every(grid: int) -> Policy:
    """All free times of a grid in one message, as a booking page shows them."""

    def show(diary: Diary, request: Request) -> Iterator[Message]:
        yield list(diary.places(request.minutes, request.staff, grid=grid))

    return show


def adjacent(diary: Diary, request: Request) -> Iterator[Message]:
    """Only times that touch another visit or an end of the shift: the rule of the commercial products."""
    yield [
        place
        for place in diary.places(request.minutes, request.staff, grid=diary.scenario.grid, ends=True)
        if place.start == place.free_from or place.start + request.minutes == place.free_until
    ]


@dataclass(frozen=True)
class Packed:
    """Ours: `packing.rank` and `packing.pick_message`, as in production, with the weights given.

    What it knows beside the diary is the past: the salon's durations and how sought-after its hours are.
    `with_nearest` puts the free time nearest to the wish into the first message whatever it costs.
    """

    scenario: Scenario
    weights: PackingWeights = DEFAULT_WEIGHTS
    with_nearest: bool = False

    def __call__(self, diary: Diary, request: Request) -> Iterator[Message]:
        places = list(diary.places(request.minutes, request.staff, grid=self.scenario.grid, ends=True))
        shown: set[int] = set()
        for number in range(1, ROUNDS + 1):
            left = [place for place in places if place.start not in shown]
            if not left:
                return
            message = self.choose(diary, request, left, self.weights.in_round(number), PER_MESSAGE)
            if self.with_nearest and number == 1:
                nearest_one = min(left, key=lambda place: abs(place.start - request.wish))
                message = [nearest_one, *(p for p in message if abs(p.start - nearest_one.start) >= APART_MIN)]
            shown.update(place.start for place in message[:PER_MESSAGE])
            yield message[:PER_MESSAGE]

    def choose(
        self, diary: Diary, request: Request, places: Sequence[Place], weights: PackingWeights, count: int
    ) -> list[Place]:
        """The best of these places for one message."""
        scenario, minutes = self.scenario, request.minutes
        loads = {staff: diary.load(staff) for staff in request.staff}
        contest = Contest(OPENS, (diary.runs(staff) for staff in range(len(scenario.shifts))), scenario.densities)
        sought = {place.start: scenario.density(place.start, minutes) for place in places}
        contested = {start: contest.between(start, start + minutes) for start in sought}
        ranked = rank(
            (
                Candidate(
                    start=place.start,
                    end=place.start + minutes,
                    free_from=place.free_from,
                    free_until=place.free_until,
                    load=loads[place.staff],
                    density=sought[place.start],
                    distance=abs(place.start - request.wish),
                    contested=contested[place.start],
                )
                for place in places
            ),
            weights,
            scenario.durations,
        )
        return [places[scored.index] for scored in pick_message(ranked, weights, count)]


def _messages(ordered: Sequence[Place]) -> Iterator[Message]:
    shown: set[int] = set()
    for _ in range(ROUNDS):
        message: list[Place] = []
        for place in ordered:
            if len(message) == PER_MESSAGE:
                break
            if place.start not in shown and all(abs(place.start - other.start) >= APART_MIN for other in message):
                message.append(place)
        if not message:
            return
        shown.update(place.start for place in message)
        yield message
