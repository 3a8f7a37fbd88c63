"""The most that could have been sold on a day to one who knew every request beforehand: CP-SAT's answer.

A bound to measure against, not a way of offering. Cancellations and no-shows are known to it as well: it books only
who comes. Starts lie on the grid, and touch a neighbour off it only where every length is a multiple of the grid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

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
    unit = gcd(*(m for request in come for m in (request.minutes, request.wish, request.early, request.late)), 15)
    unit = gcd(unit, *(minute for shift in scenario.shifts for minute in shift))
    model = cp_model.CpModel()
    lanes: list[list[cp_model.IntervalVar]] = [[] for _ in scenario.shifts]
    everyone = []
    taken = []
    for request in come:
        size = request.minutes // unit
        served = []
        first = max(request.wish - request.early, min(scenario.shifts[s][0] for s in request.staff))
        last = min(request.wish + request.late, max(scenario.shifts[s][1] for s in request.staff) - request.minutes)
        if first > last:
            continue
        start = model.new_int_var(-(-first // unit), last // unit, "")
        for staff in request.staff:
            opens, closes = scenario.shifts[staff]
            if last < opens or first + request.minutes > closes:
                continue
            here = model.new_bool_var("")
            lanes[staff].append(model.new_optional_fixed_size_interval_var(start, size, here, ""))
            if first < opens:
                model.add(start >= opens // unit).only_enforce_if(here)
            if last + request.minutes > closes:
                model.add(start + size <= closes // unit).only_enforce_if(here)
            served.append(here)
        if not served:
            continue
        if len(served) > 1:
            any_ = model.new_bool_var("")
            model.add(sum(served) == any_)
        else:
            any_ = served[0]
        everyone.append(model.new_optional_fixed_size_interval_var(start, size, any_, ""))
        taken.append(size * any_)
    for lane in lanes:
        model.add_no_overlap(lane)
    # All staff together are a resource of their number: says nothing new, but bounds the search much sooner.
    model.add_cumulative(everyone, [1] * len(everyone), len(lanes))
    model.add(sum(taken) <= scenario.capacity // unit)
    model.maximize(sum(taken))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.relative_gap_limit = gap
    if at_least:
        model.add(sum(taken) >= at_least // unit)
    status = solver.solve(model)
    found = round(solver.objective_value) * unit if status in {cp_model.OPTIMAL, cp_model.FEASIBLE} else at_least
    return Optimum(found, max(found, int(solver.best_objective_bound) * unit))
