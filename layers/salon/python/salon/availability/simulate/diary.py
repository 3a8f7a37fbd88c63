"""A day as it fills up: who is busy when, and which starts are still free."""

from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from salon.availability.simulate.demand import Request, Scenario

Run = tuple[int, int]
ANY_TIME: Run = (-(10**6), 10**6)


@dataclass(frozen=True, slots=True)
class Place:
    """A start with a staff member and the free stretch it lies in, minutes from midnight."""

    start: int
    staff: int
    free_from: int
    free_until: int


class Diary:
    """The visits of one day. Placing where it is not free is a fault of the policy and is refused loudly."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.booked: dict[int, tuple[int, int, Request]] = {}  # number → staff, start, request
        self._visits: list[list[tuple[int, int, int]]] = [[] for _ in scenario.shifts]
        self._runs: list[list[Run]] = [[shift] for shift in scenario.shifts]

    def runs(self, staff: int) -> list[Run]:
        """The free stretches of one staff member, in order."""
        return self._runs[staff]

    def put(self, request: Request, staff: int, start: int) -> None:
        """Write a visit down."""
        end = start + request.minutes
        if not any(from_ <= start and end <= until for from_, until in self._runs[staff]):
            raise ValueError(f"staff {staff} is not free from {start} to {end}")
        insort(self._visits[staff], (start, end, request.number))
        self.booked[request.number] = (staff, start, request)
        self._find_runs(staff)

    def take_out(self, number: int) -> tuple[int, int, Request]:
        """Strike a visit out; says where it was."""
        staff, start, request = self.booked.pop(number)
        self._visits[staff].remove((start, start + request.minutes, number))
        self._find_runs(staff)
        return staff, start, request

    def load(self, staff: int) -> float:
        """How much of the shift is taken, 0 to 1."""
        opens, closes = self.scenario.shifts[staff]
        return 1 - sum(until - from_ for from_, until in self._runs[staff]) / (closes - opens)

    def places(
        self, minutes: int, staff: Iterable[int], *, grid: int, ends: bool = False, between: Run = ANY_TIME
    ) -> Iterator[Place]:
        """The free starts on the grid; with `ends` those that touch a neighbour off the grid as well.

        `between` is the first and the last start wanted.
        """
        earliest, latest = between
        for one in staff:
            for from_, until in self._runs[one]:
                last = until - minutes
                if last < from_ or from_ > latest or last < earliest:
                    continue
                lowest = max(from_, earliest)
                for start in range(lowest + -lowest % grid, min(last, latest) + 1, grid):
                    yield Place(start, one, from_, until)
                if ends and from_ % grid and from_ >= earliest:
                    yield Place(from_, one, from_, until)
                if ends and last % grid and last > from_ and last <= latest:
                    yield Place(last, one, from_, until)

    def hits(self, staff: int, start: int, end: int) -> list[int]:
        """The numbers of the visits of one staff member that an interval would overlap."""
        return [number for from_, until, number in self._visits[staff] if from_ < end and start < until]

    def _find_runs(self, staff: int) -> None:
        at, closes = self.scenario.shifts[staff]
        runs: list[Run] = []
        for start, end, _ in self._visits[staff]:
            if start > at:
                runs.append((at, start))
            at = end
        if closes > at:
            runs.append((at, closes))
        self._runs[staff] = runs
