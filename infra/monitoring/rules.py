"""The alerts as `alerts.json` states them; what its fields mean stands in the README beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

ALERTS = Path(__file__).with_name("alerts.json")
FORM = 1


class RulesInvalid(ValueError):
    """The file does not say what it should; the message names the alert."""


class Severity(StrEnum):
    """What an alert asks for."""

    PAGE = "page"  # somebody looks now, also at night
    TICKET = "ticket"  # somebody looks on the next working day


class Value(StrEnum):
    """How the figures of a window become one."""

    SUM = "sum"
    MAX = "max"
    MIN = "min"
    P95 = "p95"
    MINUTES = "minutes"  # in how many minutes of the window there was any


class Sign(StrEnum):
    """How a value is compared."""

    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"

    def holds(self, value: float, limit: float) -> bool:
        """Whether the value is so."""
        match self:
            case Sign.ABOVE:
                return value > limit
            case Sign.AT_LEAST:
                return value >= limit
            case Sign.BELOW:
                return value < limit


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison with a limit."""

    sign: Sign
    limit: float

    def holds(self, value: float) -> bool:
        """Whether a value fulfils it."""
        return self.sign.holds(value, self.limit)


@dataclass(frozen=True, slots=True)
class Series:
    """Which lines count, how they are kept apart, and how they are added up.

    Attributes:
        names: of a metric, or of events of the log; `*` stands for anything.
        is_metric: which of the two.
        where: fields that must match one of these patterns.
        unless: fields that must match none of these.
        by: fields that are kept apart.
        value: how the figures of a window become one; an event counts 1.
    """

    names: tuple[str, ...]
    is_metric: bool
    where: Mapping[str, tuple[str, ...]]
    unless: Mapping[str, tuple[str, ...]]
    by: tuple[str, ...]
    value: Value

    def takes(self, line: Mapping[str, Any]) -> bool:
        """Whether a line of the log is one of these."""
        if line.get("metric" if self.is_metric else "message") not in self.names:
            return False
        return all(_fits(line, name, patterns) for name, patterns in self.where.items()) and not any(
            _fits(line, name, patterns) for name, patterns in self.unless.items()
        )

    def figure(self, line: Mapping[str, Any]) -> float:
        """What the line says."""
        return float(line.get(str(line["metric"]), 0)) if self.is_metric else 1.0

    def group(self, line: Mapping[str, Any]) -> tuple[str, ...]:
        """What the line is kept apart by; "" for what it does not say."""
        return tuple(str(line.get(name, "")) for name in self.by)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    Attributes:
        series: what is looked at.
        window_min: over how many minutes.
        condition: when it fires.
        least: of `series`, before a share of `against` means anything.
        least_samples: lines in the window, before its value means anything.
        against: when given, `series` is divided by it; kept apart by fewer fields, or the same.
        meanwhile: when given, it must hold as well.
        means: for the owner and the developer.
        do: what to do about it.
    """

    name: str
    series: Series
    window_min: int
    condition: Condition
    severity: Severity
    means: str
    do: str
    least: float = 0.0
    least_samples: int = 1
    against: Series | None = None
    meanwhile: tuple[Series, Condition] | None = None
    all_series: tuple[Series, ...] = field(init=False)

    def __post_init__(self) -> None:
        others = (self.against, self.meanwhile[0] if self.meanwhile else None)
        object.__setattr__(self, "all_series", (self.series, *(one for one in others if one is not None)))


def read_alerts(path: Path = ALERTS) -> tuple[Alert, ...]:
    """The alerts of a file.

    Raises:
        RulesInvalid: it says something else than it may.
    """
    content = json.loads(path.read_text("utf-8"))
    if content.get("form") != FORM:
        raise RulesInvalid(f"The form is {content.get('form')!r}; this program reads {FORM}.")
    alerts = tuple(_alert(stated) for stated in content["alerts"])
    if len({alert.name for alert in alerts}) < len(alerts):
        raise RulesInvalid("Two alerts have the same name.")
    return alerts


_SERIES = {"metric", "event", "where", "except", "by", "value"}
_SIGNS = {sign.value for sign in Sign}
_PLAIN = {"name", "window_min", "condition", "severity", "means", "do", "least", "least_samples"}
_ALERT = {*_SERIES, *_PLAIN, "against", "while"}


def _alert(stated: Mapping[str, Any]) -> Alert:
    name = str(stated.get("name", "an alert without a name"))
    try:
        _demand_known(stated, _ALERT)
        meanwhile, against = stated.get("while"), stated.get("against")
        made = Alert(
            name=name,
            series=_series({key: stated[key] for key in _SERIES & stated.keys()}),
            window_min=int(stated["window_min"]),
            condition=_condition(stated["condition"]),
            severity=Severity(stated["severity"]),
            means=str(stated["means"]),
            do=str(stated["do"]),
            least=float(stated.get("least", 0)),
            least_samples=int(stated.get("least_samples", 1)),
            against=None if against is None else _series(against),
            meanwhile=None
            if meanwhile is None
            else (
                _series({key: meanwhile[key] for key in meanwhile.keys() - _SIGNS}),
                _condition({key: meanwhile[key] for key in meanwhile.keys() & _SIGNS}),
            ),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise RulesInvalid(f"{name}: {type(error).__name__}: {error}") from error
    others = {field for one in made.all_series[1:] for field in one.by}
    if not others <= set(made.series.by) or made.window_min < 1:
        raise RulesInvalid(f"{name}: what it is compared with is kept apart by more than it, or it has no window.")
    return made


def _series(stated: Mapping[str, Any]) -> Series:
    _demand_known(stated, _SERIES)
    if ("metric" in stated) == ("event" in stated):
        raise ValueError("either `metric` or `event`")
    names = stated["metric"] if "metric" in stated else stated["event"]
    return Series(
        names=tuple([names] if isinstance(names, str) else names),
        is_metric="metric" in stated,
        where=_patterns(stated.get("where", {})),
        unless=_patterns(stated.get("except", {})),
        by=tuple(stated.get("by", ())),
        value=Value(stated["value"]),
    )


def _patterns(stated: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(patterns) for name, patterns in stated.items()}


def _condition(stated: Mapping[str, float]) -> Condition:
    [(sign, limit)] = stated.items()
    return Condition(Sign(sign), float(limit))


def _demand_known(stated: Mapping[str, Any], known: Iterable[str]) -> None:
    if unknown := stated.keys() - set(known):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")


def _fits(line: Mapping[str, Any], name: str, patterns: Iterable[str]) -> bool:
    said = line.get(name)
    return said is not None and any(fnmatchcase(str(said), pattern) for pattern in patterns)
