"""Which alerts fire on a log: every window that ends with a minute of the log is looked at. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.monitoring.rules import Alert, Series, Sign, Value

SECONDS = 60
Group = tuple[str, ...]
Minutes = dict[int, list[float]]


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fires.

    Attributes:
        alert: which.
        labels: what it is about, by the fields that the alert keeps apart.
        first_at, last_at: the ends of the first and of the last window that set it off, whole minutes.
        worst: the value furthest beyond the limit.
    """

    alert: Alert
    labels: Mapping[str, str]
    first_at: datetime
    last_at: datetime
    worst: float

    def as_json(self) -> dict[str, Any]:
        """For a program."""
        return {
            "name": self.alert.name,
            "severity": self.alert.severity.value,
            "labels": dict(self.labels),
            "first_at": self.first_at.isoformat(),
            "last_at": self.last_at.isoformat(),
            "worst": round(self.worst, 4) if math.isfinite(self.worst) else None,  # a share of nothing
            "limit": self.alert.condition.limit,
            "means": self.alert.means,
            "do": self.alert.do,
        }


@dataclass(slots=True)
class Tally:
    """The figures of one series, by group and minute."""

    series: Series
    groups: dict[Group, Minutes] = field(default_factory=dict)

    def add(self, minute: int, line: Mapping[str, Any]) -> None:
        """Count a line, if it is of the series."""
        if self.series.takes(line):
            minutes = self.groups.setdefault(self.series.group(line), {})
            minutes.setdefault(minute, []).append(self.series.figure(line))

    def window(self, group: Group, end: int, length: int) -> list[list[float]]:
        """The figures of a group, minute by minute, in the minutes up to `end` that have any."""
        minutes = self.groups.get(group, {})
        return [minutes[one] for one in range(end - length + 1, end + 1) if one in minutes]


def evaluate(alerts: Sequence[Alert], lines: Iterable[Mapping[str, Any]]) -> list[Firing]:
    """What fires on these lines, in the alerts' order; of each alert and group once.

    Args:
        alerts: to be looked at.
        lines: of the log, in any order; those without a time are left out.
    """
    looked = [(alert, [Tally(series) for series in alert.all_series]) for alert in alerts]
    minutes: set[int] = set()
    for line in lines:
        at = time_of(line)
        if at is None:
            continue
        minute = int(at.timestamp() // SECONDS)
        minutes.add(minute)
        for _, tallies in looked:
            for tally in tallies:
                tally.add(minute, line)
    if not minutes:
        return []
    span = range(min(minutes), max(minutes) + 1)
    return [firing for alert, tallies in looked for firing in _firings(alert, tallies, span)]


def time_of(line: Mapping[str, Any]) -> datetime | None:
    """When a line was written; None when it does not say so."""
    said = line.get("timestamp")
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _firings(alert: Alert, tallies: Sequence[Tally], span: range) -> Iterator[Firing]:
    own = tallies[0]
    falls = alert.condition.sign is Sign.BELOW
    # That something is missing can be said only of a window that lies in the log, and of what has no group of its own.
    ends = span[alert.window_min - 1 :] if falls else span
    for group in sorted(own.groups) or ([()] if falls and not alert.series.by else []):
        fired = [(end, value) for end in ends if (value := _value(alert, tallies, group, end)) is not None]
        if fired:
            worst = min if falls else max
            yield Firing(
                alert,
                dict(zip(alert.series.by, group, strict=True)),
                _instant(fired[0][0]),
                _instant(fired[-1][0]),
                worst(value for _, value in fired),
            )


def _value(alert: Alert, tallies: Sequence[Tally], group: Group, end: int) -> float | None:
    """The value of the window, if it sets the alert off."""
    own, *others = tallies
    window = own.window(group, end, alert.window_min)
    samples = sum(map(len, window))
    falls = alert.condition.sign is Sign.BELOW
    if not falls and samples < alert.least_samples:
        return None
    value = _together(alert.series.value, window)
    if not falls and value < alert.least:
        return None
    if alert.meanwhile is not None:
        series, condition = alert.meanwhile
        other = others.pop().window(_shared(alert, series, group), end, alert.window_min)
        if not condition.holds(_together(series.value, other)):
            return None
    if alert.against is not None:
        other = others.pop().window(_shared(alert, alert.against, group), end, alert.window_min)
        base = _together(alert.against.value, other)
        value = value / base if base else math.inf
    return value if alert.condition.holds(value) else None


def _shared(alert: Alert, other: Series, group: Group) -> Group:
    """The group of another series that belongs to a group of the alert's own."""
    labels = dict(zip(alert.series.by, group, strict=True))
    return tuple(labels[name] for name in other.by)


def _together(value: Value, window: Sequence[Sequence[float]]) -> float:
    figures = sorted(figure for minute in window for figure in minute)
    match value:
        case Value.SUM:
            return math.fsum(figures)
        case Value.MINUTES:
            return float(len(window))
        case _ if not figures:
            return 0.0
        case Value.MAX:
            return figures[-1]
        case Value.MIN:
            return figures[0]
        case Value.P95:
            return figures[math.ceil(len(figures) * 0.95) - 1]


def _instant(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * SECONDS, UTC)
