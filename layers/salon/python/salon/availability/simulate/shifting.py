"""Small shifts: which booked visits could move a little so that one more fits in.

A chain of displacements: the new visit pushes out those in its way, each of them goes to a free place near by or
pushes out one more, and nobody moves by more than `FARTHEST` minutes or to a staff member who was not wanted.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
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
    """Where the new visit goes, and the moves that make room for it."""

    staff: int
    start: int
    moves: tuple[Move, ...]


class Windows(Protocol):
    """What is known of the starts that booked clients would take."""

    def suits(self, visit: Request, start: int) -> bool | None:
        """Whether a start suits; None: not known."""
        ...


def find_plans(
    diary: Diary, request: Request, window: tuple[int, int], stay: Collection[int], windows: Windows
) -> Iterator[Plan]:
    """The plans that let a request start within the window: the fewest in the way first, then nearest to the wish.

    `stay` are visits that may not move; it may grow while the plans are gone through. The diary is as it was whenever
    a plan is handed out.
    """
    for staff, start, hit in _openings(diary, request, window):
        if any(number in stay for number in hit):
            continue
        before = dict(diary.booked)
        held = [(number, *diary.take_out(number)) for number in hit]
        diary.put(request, staff, start)
        moves: list[Move] = []
        found = _resolve(diary, held, moves, MOVES - len(hit), {*stay, request.number}, windows)
        for move in moves:
            diary.take_out(move.number)
        diary.take_out(request.number)
        for number in {*hit, *(move.number for move in moves)}:
            was_staff, was_start, other = before[number]
            diary.put(other, was_staff, was_start)
        if found:
            yield Plan(staff, start, tuple(moves))


Held = tuple[int, int, int, Request]


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


def _resolve(diary: Diary, held: list[Held], moves: list[Move], spare: int, stay: Collection[int], windows: Windows) -> bool:
    """Find a place for each of the displaced; `moves` says where, and is empty again when there is none."""
    if not held:
        return True
    held = sorted(held, key=lambda one: one[3].minutes)
    number, _, at, visit = held.pop()
    near = (at - FARTHEST, at + FARTHEST)
    free = diary.places(visit.minutes, visit.staff, grid=diary.scenario.grid, ends=True, between=near)
    suiting = []
    for place in free:
        suits = windows.suits(visit, place.start)
        if suits is not False:
            suiting.append((not suits, abs(place.start - at), place.start, place.staff))
    suiting.sort()
    for _, _, start, staff in suiting[:TRIES]:
        diary.put(visit, staff, start)
        moves.append(Move(number, staff, start))
        if _resolve(diary, held, moves, spare, stay, windows):
            return True
        moves.pop()
        diary.take_out(number)
    if spare <= 0:
        return False
    fixed = {*stay, number, *(move.number for move in moves)}
    for staff, start, pushed in _displacing(diary, visit, at, near, fixed, windows)[:TRIES]:
        out = (pushed, *diary.take_out(pushed))
        diary.put(visit, staff, start)
        moves.append(Move(number, staff, start))
        if _resolve(diary, [*held, out], moves, spare - 1, fixed, windows):
            return True
        moves.pop()
        diary.take_out(number)
        diary.put(out[3], out[1], out[2])
    return False


def _displacing(
    diary: Diary, visit: Request, at: int, near: tuple[int, int], fixed: Collection[int], windows: Windows
) -> list[tuple[int, int, int]]:
    """Starts near by at which exactly one other visit, one that may move, would be in the way."""
    grid = diary.scenario.grid
    found = []
    for staff in visit.staff:
        opens, closes = diary.scenario.shifts[staff]
        first, last = max(near[0], opens), min(near[1], closes - visit.minutes)
        for start in range(first + -first % grid, last + 1, grid):
            hit = diary.hits(staff, start, start + visit.minutes)
            if len(hit) == 1 and hit[0] not in fixed:
                suits = windows.suits(visit, start)
                if suits is not False:
                    found.append((not suits, abs(start - at), start, staff, hit[0]))
    found.sort()
    return [(staff, start, number) for _, _, start, staff, number in found]
