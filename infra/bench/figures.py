"""Figures: what was measured against what it should be, as a table for a person and as JSON for a program."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

COLUMNS = ("name", "measured", "target", "peer", "verdict")


class Verdict(StrEnum):
    """Whether a figure reached its target."""

    REACHED = "reached"
    MISSED = "missed"
    NONE = "-"  # nothing was asked of it: it is there to explain the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure.

    Attributes:
        name: dotted, the part first: `booking.hold.p95`.
        measured: in `unit`.
        unit: `ms`, `1/s`, `x` for a ratio.
        target: what it should be; None when nothing is asked of it.
        is_floor: the target is the least it may be, not the most.
        peer: what it was compared with, in words and figures; "" for nothing.
    """

    name: str
    measured: float
    unit: str
    target: float | None = None
    is_floor: bool = False
    peer: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether the target was reached; exactly on target counts."""
        if self.target is None:
            return Verdict.NONE
        reached = self.measured >= self.target if self.is_floor else self.measured <= self.target
        return Verdict.REACHED if reached else Verdict.MISSED

    def as_json(self) -> dict[str, Any]:
        """The figure for a program; `comparison` says what `target` is."""
        return {
            "name": self.name,
            "measured": round(self.measured, 4),
            "unit": self.unit,
            "target": self.target,
            "comparison": None if self.target is None else "at_least" if self.is_floor else "at_most",
            "peer": self.peer or None,
            "verdict": self.verdict.value,
        }

    def cells(self) -> tuple[str, ...]:
        """The figure's line in the table, a text for each of `COLUMNS`."""
        sign = "≥" if self.is_floor else "≤"
        target = "" if self.target is None else f"{sign} {_readable(self.target, self.unit)}"
        return (self.name, _readable(self.measured, self.unit), target, self.peer, self.verdict.value)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one part of the bench found.

    Attributes:
        figures: in the order of the table.
        notes: what a reader must know to judge them.
    """

    figures: Sequence[Figure]
    notes: Sequence[str] = ()


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least `share` per cent of all samples do not exceed (nearest rank).

    Nearest rank never invents a value between two samples: a p99 is a time that somebody really waited.

    Raises:
        ValueError: there are no samples, or `share` is not in (0, 100].
    """
    if not samples:
        raise ValueError("A percentile needs samples.")
    if not 0 < share <= 100:  # noqa: PLR2004 - per cent
        raise ValueError(f"{share} is not a share between 0 and 100 per cent.")
    return sorted(samples)[math.ceil(len(samples) * share / 100) - 1]


def median(samples: Sequence[float]) -> float:
    """The middle sample; of an even number the lower one."""
    return percentile(samples, 50)


def spread(name: str, samples_ms: Sequence[float], *, p95_target: float | None = None) -> list[Figure]:
    """p50, p95 and p99 of durations in milliseconds; the target, if any, is the p95's."""
    return [
        Figure(
            name=f"{name}.p{share}",
            measured=percentile(samples_ms, share),
            unit="ms",
            target=p95_target if share == 95 else None,  # noqa: PLR2004 - the share that targets are stated for
        )
        for share in (50, 95, 99)
    ]


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines of aligned columns, with a header."""
    rows = [COLUMNS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def report(
    machine: Mapping[str, Any], parts: Mapping[str, Measured], warnings: Sequence[str], seconds: float
) -> dict[str, Any]:
    """The whole run as one JSON object.

    Args:
        machine: facts about the machine.
        parts: what was found, by part.
        warnings: why the figures may not be trusted.
        seconds: how long it took.
    """
    figures = [figure for part in parts.values() for figure in part.figures]
    return {
        "machine": dict(machine),
        "warnings": list(warnings),
        "figures": [figure.as_json() for figure in figures],
        "notes": {name: list(part.notes) for name, part in parts.items()},
        "missed": [figure.name for figure in figures if figure.verdict is Verdict.MISSED],
        "seconds": round(seconds, 1),
    }


def _readable(value: float, unit: str) -> str:
    if unit == "x":
        return f"{value:.2f} x"
    return f"{value:.0f} {unit}" if abs(value) >= 100 else f"{value:.3g} {unit}"  # noqa: PLR2004 - three digits do
