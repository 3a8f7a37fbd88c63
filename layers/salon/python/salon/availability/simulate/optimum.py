"""The most that could have been sold on a day to one who knew every request beforehand: CP-SAT's answer.

A bound to measure against, not a way of offering. Cancellations and no-shows are known to it as well: it books only
who comes. Starts lie on the grid, and touch a neighbour off it only where every length is a multiple of the grid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any

from salon.availability.simulate.demand import Request, Scenario


class OrtoolsMissing(RuntimeError):
    """The optimum needs ortools, a development dependency."""

    def __init__(self) -> None:
        super().__init__("the optimum needs ortools: pip install -e '.[dev]', or leave it out with --optimum-days 0")


@dataclass(frozen=True, slots=True)
class Optimum:
    """Minutes of the best schedule found, and the bound that none can pass; equal when it is proven."""

    found: int
    bound: int


def find_optimum(
    scenario: Scenario, requests: Sequence[Request], *, seconds: float, gap: float, at_least: int = 0
) -> Optimum:
    """The best schedule of a day, at the latest after so many seconds or within a relative gap of the bound.

    `at_least` is what some way of offering has sold already: the search starts from there.

    Raises:
        OrtoolsMissing: ortools is not installed.
    """
    try:
        from ortools.sat.python import cp_model
    except ImportError as error:
        raise OrtoolsMissing from error
    come = [request for request in requests if request.cancels_at is None and not request.no_show]
    if not come:
        return Optimum(0, 0)
    unit = _unit(scenario, come)
    model = cp_model.CpModel()
    lanes: list[list[Any]] = [[] for _ in scenario.shifts]
    everyone: list[Any] = []
    taken: list[Any] = []
    for request in come:
        visit = _visit(model, scenario, request, lanes, unit)
        if visit is not None:
            start, booked = visit
            size = request.minutes // unit
            everyone.append(model.new_optional_fixed_size_interval_var(start, size, booked, ""))
            taken.append(size * booked)
    for lane in lanes:
        model.add_no_overlap(lane)
    # All staff together are a resource of their number: says nothing new, but bounds the search sooner.
    model.add_cumulative(everyone, [1] * len(everyone), len(lanes))
    model.add(sum(taken) <= scenario.capacity // unit)
    model.add(sum(taken) >= at_least // unit)
    model.maximize(sum(taken))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.relative_gap_limit = gap
    status = solver.solve(model)
    found = round(solver.objective_value) * unit if status in {cp_model.OPTIMAL, cp_model.FEASIBLE} else at_least
    return Optimum(found, max(found, int(solver.best_objective_bound) * unit))


def _unit(scenario: Scenario, requests: Sequence[Request]) -> int:
    """The longest step that every minute of the day is a multiple of: fewer steps, quicker search."""
    minutes = [m for r in requests for m in (r.minutes, r.wish, r.early, r.late)]
    return gcd(scenario.grid, *minutes, *(minute for shift in scenario.shifts for minute in shift))


def _visit(
    model: Any, scenario: Scenario, request: Request, lanes: list[list[Any]], unit: int
) -> tuple[Any, Any] | None:
    """Add one request: its start and whether it is booked; None when nobody could take it."""
    size = request.minutes // unit
    first, last = (request.wish - request.early) // unit, (request.wish + request.late) // unit
    start = model.new_int_var(first, last, "")
    served = []
    for staff in request.staff:
        opens, closes = (minute // unit for minute in scenario.shifts[staff])
        if max(first, opens) > min(last, closes - size):
            continue
        here = model.new_bool_var("")
        lanes[staff].append(model.new_optional_fixed_size_interval_var(start, size, here, ""))
        model.add(start >= opens).only_enforce_if(here)
        model.add(start <= closes - size).only_enforce_if(here)
        served.append(here)
    if not served:
        return None
    booked = model.new_bool_var("")
    model.add(sum(served) == booked)
    return start, booked
