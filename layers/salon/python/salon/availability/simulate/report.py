"""Figures of many days: means, paired changes and shares with 95 % confidence intervals; as a table and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from salon.availability.simulate.ways import EARLIEST, EVERYTHING, OURS, WAITLIST, WAYS, DayResult

NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and half the width of its 95 % confidence interval."""

    value: float
    margin: float


def ratio(above: Sequence[float], below: Sequence[float]) -> Estimate:
    """Sum over sum of paired days, with the interval of a ratio estimator (linearised); 0 where nothing is below."""
    number, total = len(below), sum(below)
    if not total:
        return Estimate(0.0, 0.0)
    value = sum(above) / total
    if number < 2:  # noqa: PLR2004 - one day has no spread
        return Estimate(value, 0.0)
    spread = sum((a - value * b) ** 2 for a, b in zip(above, below, strict=True)) / (number - 1)
    return Estimate(value, NORMAL_95 * sqrt(spread / number) / (total / number))


@dataclass(frozen=True, slots=True)
class Row:
    """One way of offering at one load; minutes and heads are means over the days."""

    way: str
    utilisation: float
    sold: float
    change: Estimate
    unsellable: float
    refused: float
    distance: Estimate
    moved: float
    asked: float


def rows_of(days: Sequence[DayResult]) -> list[Row]:
    """One row for each way that was played; changes are against earliest first on the same days."""
    base = [float(day.outcomes[EARLIEST].sold) for day in days]
    rows = []
    for way in days[0].outcomes:
        outcomes = [day.outcomes[way] for day in days]
        sold = [float(outcome.sold) for outcome in outcomes]
        change = ratio([a - b for a, b in zip(sold, base, strict=True)], base)
        rows.append(
            Row(
                way=way,
                utilisation=sum(sold) / sum(day.capacity for day in days),
                sold=sum(sold) / len(days),
                change=change,
                unsellable=sum(outcome.unsellable for outcome in outcomes) / len(days),
                refused=sum(outcome.refused for outcome in outcomes) / len(days),
                distance=ratio([o.distance for o in outcomes], [o.visits for o in outcomes]),
                moved=sum(outcome.moved for outcome in outcomes) / len(days),
                asked=sum(outcome.asked for outcome in outcomes) / len(days),
            )
        )
    return rows


@dataclass(frozen=True, slots=True)
class Shares:
    """The clairvoyant optimum over the days it was looked for, and what each way is of it.

    Attributes:
        found: Utilisation of the best schedules found; `bound` is what none can pass.
        of: For each way its share of what was found.
        of_bound: «Everything» as a share of the bound: no less than this is certain.
        proven: Days on which found and bound agree.
    """

    days: int
    proven: int
    found: float
    bound: float
    of: Mapping[str, Estimate]
    of_bound: float


def shares_of(days: Sequence[DayResult]) -> Shares | None:
    """None when the optimum was looked for on no day."""
    known = [(day, day.optimum) for day in days if day.optimum is not None]
    if not known:
        return None
    found = [float(optimum.found) for _, optimum in known]
    bound = [float(optimum.bound) for _, optimum in known]
    capacity = sum(day.capacity for day, _ in known)
    of = {way: ratio([day.outcomes[way].sold for day, _ in known], found) for way in days[0].outcomes}
    most = ratio([day.outcomes[EVERYTHING].sold for day, _ in known], bound) if EVERYTHING in of else Estimate(0, 0)
    proven = sum(1 for a, b in zip(found, bound, strict=True) if a == b)
    return Shares(len(known), proven, sum(found) / capacity, sum(bound) / capacity, of, most.value)


def as_json(loads: Mapping[float, Sequence[DayResult]]) -> dict[str, Any]:
    """The object of `facts/domain.md` §8: 0.08 is 8 % more minutes sold; further keys say how sure that is.

    `distance_minutes` is that of ours without waiting list, `share_of_optimum` that of everything together (null
    where the optimum was not looked for).
    """
    return {"loads": {str(load): _load_as_json(days) for load, days in loads.items()}}


def _load_as_json(days: Sequence[DayResult]) -> dict[str, Any]:
    rows = {row.way: row for row in rows_of(days)}
    shares = shares_of(days)
    found: dict[str, Any] = {
        "ours_vs_earliest": _round(rows[OURS].change.value),
        "waitlist_vs_earliest": _round(rows[WAITLIST].change.value),
        "share_of_optimum": _round(shares.of[EVERYTHING].value) if shares else None,
        "distance_minutes": _round(rows[OURS].distance.value, 1),
        "everything_vs_earliest": _round(rows[EVERYTHING].change.value),
        "margins_95": {
            "ours_vs_earliest": _round(rows[OURS].change.margin),
            "waitlist_vs_earliest": _round(rows[WAITLIST].change.margin),
            "everything_vs_earliest": _round(rows[EVERYTHING].change.margin),
            "share_of_optimum": _round(shares.of[EVERYTHING].margin) if shares else None,
        },
        "days": len(days),
    }
    if shares:
        found["optimum"] = {
            "days": shares.days,
            "proven": shares.proven,
            "utilisation": _round(shares.found),
            "bound": _round(shares.bound),
            "share_of_bound": _round(shares.of_bound),
        }
    return found


def _round(value: float, digits: int = 4) -> float:
    return round(value, digits)


def as_table(load: float, days: Sequence[DayResult]) -> str:
    """One load as a table for people."""
    shares = shares_of(days)
    head = f"{'':<28}{'util.':>6}{'sold min':>10}{'vs earliest':>17}{'unsellable':>11}{'refused':>9}"
    head += f"{'from wish':>12}{'moved/asked':>13}{'of optimum':>16}"
    lines = [f"load {load}: {len(days)} days", head]
    for row in rows_of(days):
        change = "" if row.way == EARLIEST else f"{row.change.value:+.1%} ±{100 * row.change.margin:.1f}"
        share = f"{shares.of[row.way].value:.3f} ±{shares.of[row.way].margin:.3f}" if shares else ""
        moved = f"{row.moved:.1f}/{row.asked:.1f}" if row.asked else ""
        lines.append(
            f"{WAYS[row.way]:<28}{row.utilisation:>6.3f}{row.sold:>10.0f}{change:>17}{row.unsellable:>11.0f}"
            f"{row.refused:>9.1f}{f'{row.distance.value:.0f} ±{row.distance.margin:.1f}':>12}{moved:>13}{share:>16}"
        )
    if shares:
        lines.append(
            f"{'optimum (CP-SAT)':<28}{shares.found:>6.3f}  bound {shares.bound:.3f}, {shares.days} days, proven on "
            f"{shares.proven}; ours + list + shifts is {shares.of_bound:.3f} of the bound"
        )
    return "\n".join(lines)
