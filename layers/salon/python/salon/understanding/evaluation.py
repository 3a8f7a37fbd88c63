"""Measures the reading against phrases with known answers, and counts what is wrong in silence."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from salon.understanding.domain import Catalogue, Context, Intent, Match
from salon.understanding.errors import EvaluationFileUnreadable
from salon.understanding.repository import load_demo_catalogue
from salon.understanding.schemas import catalogue_of, hours_of, moment_of, when_to_json
from salon.understanding.use_cases import understand

_COMPARED = (
    "date", "date_from", "date_to", "dates", "excluded_dates", "time", "time_from", "time_to", "daypart",
    "finish_by", "shift_minutes", "shift_days",
)  # fmt: skip
_IF_STATED = ("approx", "asap")
_DATE_SIDE = {"date", "date_from", "date_to", "dates"}
_TIME_SIDE = {"time", "time_from", "time_to", "daypart"}
_DEFAULT_HOURS = "09:00-21:00"
_SURE = 0.5
"""The dialogue asks about a name that was understood with less confidence than this, unless a salon sets another."""
_DEFAULT_NOW = "2026-03-11T10:30:00+03:00"
_DEFAULT_ZONE = "Europe/Moscow"
_INTENTS = frozenset(intent.value for intent in Intent)
_SHOWN = 60


@dataclass(slots=True)
class Result:
    """What a file gave: counts, the rows that missed, counts by tag and, of intents, what was taken for what.

    ``by_tag`` has (exact, total) of each tag, ``confusion`` the rows of each (expected, got), ``unknown_intents`` the
    rows of each expected intent that does not exist: they can only miss.
    """

    total: int = 0
    exact: int = 0
    wrong_silently: int = 0
    asked: int = 0
    misses: list[dict[str, Any]] = field(default_factory=list)
    by_tag: dict[str, tuple[int, int]] = field(default_factory=dict)
    confusion: dict[tuple[str, str], int] = field(default_factory=dict)
    unknown_intents: dict[str, int] = field(default_factory=dict)

    def add(self, verdict: str, tags: list[str], miss: dict[str, Any]) -> None:
        """Count one row."""
        self.total += 1
        if verdict == "exact":
            self.exact += 1
        elif verdict == "asked":
            self.asked += 1
        else:
            self.wrong_silently += 1
        if verdict != "exact":
            self.misses.append({"verdict": verdict, **miss})
        for tag in tags:
            good, total = self.by_tag.get(tag, (0, 0))
            self.by_tag[tag] = (good + (verdict == "exact"), total + 1)

    def counts(self) -> dict[str, int]:
        """Return the four figures in the order of the documented format."""
        return {"total": self.total, "exact": self.exact, "wrong_silently": self.wrong_silently, "asked": self.asked}


def evaluate(rows: list[dict[str, Any]], catalogue: Catalogue | None = None) -> Result:
    """Evaluate date phrases, names or intents, whichever the rows are.

    Args:
        rows: As read from a file.
        catalogue: Read against this one, whatever the rows bring; None leaves them theirs, or the demo salon's.

    Raises:
        EvaluationFileUnreadable: A row lacks a field of its format, or is of another format than the first.
    """
    if not rows:
        raise EvaluationFileUnreadable("there are no rows")
    kinds = [kind for kind in _KINDS if kind in rows[0]]
    if not kinds:
        raise EvaluationFileUnreadable(
            "the first row is no date phrase (text, now, tz, expected), no intent (text, intent) and no names "
            "(services, staff, queries): it does not have the documented fields"
        )
    result = Result()
    for number, row in enumerate(rows, 1):
        try:
            _KINDS[kinds[0]](row, catalogue, result)
        except KeyError as error:
            raise EvaluationFileUnreadable(
                f"row {number} does not have the documented fields: {error} is missing"
            ) from error
        except (TypeError, ValueError, AttributeError) as error:
            raise EvaluationFileUnreadable(f"row {number} does not have the documented fields: {error}") from error
    return result


def add_phrase(row: dict[str, Any], catalogue: Catalogue | None, result: Result) -> None:
    """Count a date phrase.

    Exact: every field equals the expected or an ``alt`` reading, and no doubt is reported that the file does not
    share (an ``alt`` shares it, and so does ``ambiguous`` among the expected fields). Asked: a doubt is reported, or
    the whole side that differs (date or time) is empty. Everything else is wrong in silence.
    """
    known = catalogue or catalogue_of(row.get("catalogue", {}))
    context = Context(moment_of(row["now"]), row["tz"], hours_of(row.get("hours") or _DEFAULT_HOURS), known)
    got = when_to_json(understand(_text(row, "text"), context).when) or {}
    expected = row["expected"] | {key: row[key] for key in (*_COMPARED, *_IF_STATED) if key in row}
    readings = [expected, *(_with_alternative(expected, alt) for alt in row.get("alt") or ())]
    verdict = _verdict(got, readings)
    shown = {key: value for key, value in got.items() if value not in (None, [], False)}
    result.add(verdict, row.get("tags", []), {"text": row["text"], "expected": readings, "got": shown})


def _with_alternative(expected: dict[str, Any], alternative: dict[str, Any]) -> dict[str, Any]:
    """An alternative names what differs; a side it speaks about is replaced as a whole."""
    if not isinstance(alternative, dict):
        raise TypeError(f"an alternative is an object, not {alternative!r}")
    merged = dict(expected)
    for side in (_DATE_SIDE, _TIME_SIDE):
        if any(alternative.get(key) is not None for key in side):
            merged = {key: value for key, value in merged.items() if key not in side}
    return merged | {key: value for key, value in alternative.items() if value is not None}


def _verdict(got: dict[str, Any], readings: list[dict[str, Any]]) -> str:
    differences = [_different(got, reading) for reading in readings]
    doubtful = bool(got.get("ambiguous"))
    shared = len(readings) > 1 or bool(readings[0].get("ambiguous"))
    if any(not different for different in differences) and (not doubtful or shared):
        return "exact"
    if doubtful or not got:
        return "asked"
    return "asked" if any(_only_gaps(got, different) for different in differences) else "wrong_silently"


def _different(got: dict[str, Any], reading: dict[str, Any]) -> set[str]:
    stated = [key for key in _IF_STATED if key in reading]
    return {key for key in (*_COMPARED, *stated) if _empty(got.get(key)) != _empty(reading.get(key))}


def _empty(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(value) or None
    return None if value is False else value


def _only_gaps(got: dict[str, Any], different: set[str]) -> bool:
    """Tell whether all that is wrong is a side left empty, for which the dialogue asks anyway."""
    for side in (_DATE_SIDE, _TIME_SIDE):
        if different & side and any(_empty(got.get(key)) for key in side):
            return False
    return different <= _DATE_SIDE | _TIME_SIDE


def add_names(data: dict[str, Any], catalogue: Catalogue | None, result: Result) -> None:
    """Count queries whose service and staff are both right; a wrong id without alternatives is wrong in silence.

    ``service`` may be a list: several were asked for, and are to be found, each of them and no other.
    """
    context = _context(data, catalogue or catalogue_of(data))
    for query in data["queries"]:
        found = understand(_text(query, "text"), context)
        wanted = query.get("service")
        sides = [
            _names_verdict(found.services, wanted)
            if isinstance(wanted, list)
            else _name_verdict(found.service, wanted, found.services),
            _name_verdict(found.staff, query.get("staff"), ()),
        ]
        verdict = next((kind for kind in ("wrong_silently", "asked") if kind in sides), "exact")
        tags = [kind for kind in ("service", "staff") if query.get(kind)]
        got = {"service": found.services if isinstance(wanted, list) else found.service, "staff": found.staff}
        result.add(verdict, tags, {"text": query["text"], "expected": query, "got": got})


def _text(row: dict[str, Any], name: str) -> str:
    """A field of text.

    Raises:
        KeyError: It is missing.
        TypeError: It is something else.
    """
    value = row[name]
    if not isinstance(value, str):
        raise TypeError(f"{name!r} is to be a text, not {json.dumps(value)[:_SHOWN]}")
    return value


def _context(row: dict[str, Any], catalogue: Catalogue) -> Context:
    return Context(
        moment_of(row.get("now") or _DEFAULT_NOW),
        row.get("tz") or _DEFAULT_ZONE,
        hours_of(row.get("hours") or _DEFAULT_HOURS),
        catalogue,
        row.get("expecting"),
    )


def _name_verdict(match: Match | None, expected: str | None, everything: tuple[Match, ...]) -> str:
    """Tell a name that is right from one that is asked about: several may be meant, or one was hardly understood."""
    if match is None:
        return "exact" if expected is None else "asked"
    is_asked = bool(match.alternatives) or match.confidence < _SURE
    if match.id == expected and not is_asked and len(everything) < 2:  # noqa: PLR2004 - one was meant
        return "exact"
    if match.id == expected or is_asked or expected in {other.id for other in everything}:
        return "asked" if expected is not None or is_asked else "wrong_silently"
    return "wrong_silently"


def _names_verdict(found: tuple[Match, ...], expected: list[str]) -> str:
    """Tell several names that are right, in whatever order, from those of which one is asked about or missing."""
    wanted, got = set(expected), {match.id for match in found}
    if any(match.alternatives or match.confidence < _SURE for match in found) or got < wanted:
        return "asked"
    return "exact" if got == wanted else "wrong_silently"


def add_intent(row: dict[str, Any], catalogue: Catalogue | None, result: Result) -> None:
    """Count a message whose intent is known.

    Exact: the intent is the expected one. Asked: OTHER was said for it, or it is among two that are asked about.
    """
    wanted = _text(row, "intent")
    if wanted not in _INTENTS:
        result.unknown_intents[wanted] = result.unknown_intents.get(wanted, 0) + 1
    own = catalogue_of(row["catalogue"] if "catalogue" in row else load_demo_catalogue())
    found = understand(_text(row, "text"), _context(row, catalogue or own))
    asked = found.intent == "other" or wanted in found.intent_alternatives
    verdict = "exact" if found.intent == wanted else "asked" if asked else "wrong_silently"
    key = (wanted, found.intent.value)
    result.confusion[key] = result.confusion.get(key, 0) + 1
    got = f"{found.intent.value} {found.intent_confidence}"
    result.add(verdict, [wanted], {"text": row["text"], "expected": wanted, "got": got})


_KINDS: dict[str, Callable[[dict[str, Any], Catalogue | None, Result], None]] = {
    "queries": add_names, "intent": add_intent, "expected": add_phrase,
}  # fmt: skip
