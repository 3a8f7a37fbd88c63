"""Small shifts: which booked visits could move a little so that one more fits in.

A chain of displacements: the new visit pushes out those in its way, each of them goes to a free place near by or
pushes out one more, and nobody moves by more than `FARTHEST` minutes or to a staff member who was not wanted.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from salon.availability.simulate.demand import Request
from salon.availability.simulate.diary import Diary

FARTHEST = 60
"""Minutes that one shift may move a visit by."""
MOVES = 3
"""Visits that one plan may move."""
TRIES = 5
"""Places looked at for each displaced visit, nearest first."""


@dataclass(frozen=True, slots=True)
class Move:
    """A visit and where it would go."""

    number: int
    staff: int
    start: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the new visit goes, the moves that make room for it, and how useless the gaps are that stay (`_waste`)."""

    staff: int
    start: int
    moves: tuple[Move, ...]
    waste: float


class Windows(Protocol):
    """What is known of the starts that booked clients would take."""

    def suits(self, visit: Request, start: int) -> bool | None:
        """Whether a start suits; None: not known."""
        ...


Held = tuple[int, int, Request]
"""A displaced visit: its number, where it started, and whose it is."""


def find_plans(
    diary: Diary, request: Request, window: tuple[int, int], stay: Collection[int], windows: Windows
) -> Iterator[Plan]:
    """The plans that let a request start within the window: the fewest in the way first, then nearest to the wish.

    `stay` are visits that may not move. The diary is as it was whenever a plan is handed out.
    """
    for staff, start, hit in _openings(diary, request, window):
        if any(number in stay for number in hit):
            continue
        before = dict(diary.booked)
        held: list[Held] = []
        for number in hit:
            _, at, visit = diary.take_out(number)
            held.append((number, at, visit))
        diary.put(request, staff, start)
        search = _Search(diary, windows, frozenset({*stay, request.number}))
        found = search.resolve(held, MOVES - len(hit))
        waste = _waste(diary) if found else 0.0
        for move in search.moves:
            diary.take_out(move.number)
        diary.take_out(request.number)
        for number in {*hit, *(move.number for move in search.moves)}:
            was_staff, was_start, visit = before[number]
            diary.put(visit, was_staff, was_start)
        if found:
            yield Plan(staff, start, tuple(search.moves), waste)


def _waste(diary: Diary) -> float:
    """How useless the free stretches of a day are, added up: 1 for each that nothing fits into."""
    wastes = diary.scenario.durations.wastes(1.0)
    lengths = (until - from_ for staff in range(len(diary.scenario.shifts)) for from_, until in diary.runs(staff))
    return sum(wastes[length] for length in lengths if length < len(wastes))


def _openings(diary: Diary, request: Request, window: tuple[int, int]) -> list[tuple[int, int, list[int]]]:
    grid = diary.scenario.grid
    found = []
    for staff in request.staff:
        opens, closes = diary.scenario.shifts[staff]
        first, last = max(window[0], opens), min(window[1], closes - request.minutes)
        for start in range(first + -first % grid, last + 1, grid):
            hit = diary.hits(staff, start, start + request.minutes)
            if 0 < len(hit) <= MOVES:
                found.append((len(hit), abs(start - request.wish), start, staff, hit))
    found.sort()
    return [(staff, start, hit) for _, _, start, staff, hit in found]


@dataclass
class _Search:
    """Depth first for places of the displaced; `moves` says where they went, and is empty when there is no way."""

    diary: Diary
    windows: Windows
    fixed: frozenset[int]
    moves: list[Move] = field(default_factory=list)

    def resolve(self, held: list[Held], spare: int) -> bool:
        """Find a place for each of the displaced, pushing out `spare` more visits at most."""
        if not held:
            return True
        held = sorted(held, key=lambda one: one[2].minutes)
        number, at, visit = held.pop()
        for staff, start in self._free(visit, at)[:TRIES]:
            self._put(number, visit, staff, start)
            if self.resolve(held, spare):
                return True
            self._undo(number)
        if spare <= 0:
            return False
        for staff, start, pushed in self._displacing(number, visit, at)[:TRIES]:
            was_staff, was_start, other = self.diary.take_out(pushed)
            self._put(number, visit, staff, start)
            if self.resolve([*held, (pushed, was_start, other)], spare - 1):
                return True
            self._undo(number)
            self.diary.put(other, was_staff, was_start)
        return False

    def _put(self, number: int, visit: Request, staff: int, start: int) -> None:
        self.diary.put(visit, staff, start)
        self.moves.append(Move(number, staff, start))

    def _undo(self, number: int) -> None:
        self.moves.pop()
        self.diary.take_out(number)

    def _free(self, visit: Request, at: int) -> list[tuple[int, int]]:
        """Free starts near by: those that surely suit first, then the nearest; without those that surely do not."""
        near = (at - FARTHEST, at + FARTHEST)
        grid = self.diary.scenario.grid
        found = []
        for place in self.diary.places(visit.minutes, visit.staff, grid=grid, ends=True, between=near):
            suits = self.windows.suits(visit, place.start)
            if suits is not False:
                found.append((not suits, abs(place.start - at), place.start, place.staff))
        found.sort()
        return [(staff, start) for _, _, start, staff in found]

    def _displacing(self, number: int, visit: Request, at: int) -> list[tuple[int, int, int]]:
        """Starts near by at which exactly one other visit, one that may move, would be in the way."""
        grid = self.diary.scenario.grid
        moved = {number, *(move.number for move in self.moves)}
        found = []
        for staff in visit.staff:
            opens, closes = self.diary.scenario.shifts[staff]
            first, last = max(at - FARTHEST, opens), min(at + FARTHEST, closes - visit.minutes)
            for start in range(first + -first % grid, last + 1, grid):
                hit = self.diary.hits(staff, start, start + visit.minutes)
                if len(hit) == 1 and hit[0] not in self.fixed and hit[0] not in moved:
                    suits = self.windows.suits(visit, start)
                    if suits is not False:
                        found.append((not suits, abs(start - at), start, staff, hit[0]))
        found.sort()
        return [(staff, start, pushed) for _, _, start, staff, pushed in found]
