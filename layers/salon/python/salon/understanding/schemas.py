"""The wire: catalogue files, evaluation files (facts: formats for evaluation files) and the printed answer."""

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from salon.understanding.domain import Catalogue, CatalogueEntry, Match, Understood, When
from salon.understanding.errors import EvaluationFileUnreadable

WHEN_FIELDS = (
    "date", "date_from", "date_to", "dates", "excluded_dates", "time", "time_from", "time_to", "daypart", "approx",
    "asap", "finish_by", "shift_minutes", "shift_days", "ambiguous",
)  # fmt: skip

NOT_JSON = (ValueError, RecursionError)
"""What reading JSON raises: it is none, it has a number beyond all measure, or brackets within brackets without end."""

_NEVER_NULL = {"approx", "asap", "ambiguous"}


def catalogue_of(data: Any) -> Catalogue:
    """Make a catalogue of ``{"services": {id: name}, "staff": {id: name}}``.

    A value may also be ``{"name": ..., "synonyms": [...]}``.

    Raises:
        EvaluationFileUnreadable: The data has another shape.
    """
    if not isinstance(data, dict) or not all(isinstance(data.get(key, {}), dict) for key in ("services", "staff")):
        raise EvaluationFileUnreadable('a catalogue is {"services": {id: name}, "staff": {id: name}}')
    return Catalogue(_entries(data.get("services", {})), _entries(data.get("staff", {})))


def _entries(data: dict[str, Any]) -> tuple[CatalogueEntry, ...]:
    entries = []
    for key, value in data.items():
        if isinstance(value, str):
            entries.append(CatalogueEntry(key, value))
        elif isinstance(value, dict) and isinstance(value.get("name"), str):
            entries.append(CatalogueEntry(key, value["name"], tuple(value.get("synonyms", ()))))
        else:
            raise EvaluationFileUnreadable(f"the catalogue's entry {key!r} has no name")
    return tuple(entries)


def hours_of(value: str | list[str]) -> tuple[time, time]:
    """Read opening hours written ``09:00-21:00`` or as a pair; 24:00 is midnight.

    Raises:
        ValueError: They are neither.
    """
    parts = value.split("-") if isinstance(value, str) else list(value)
    if len(parts) != 2:  # noqa: PLR2004 - opening and closing
        raise ValueError(f"opening hours are HH:MM-HH:MM, not {value!r}")
    opening, closing = (_clock(str(part).strip()) for part in parts)
    return opening, closing


def _clock(text: str) -> time:
    if text.isdecimal():
        text += ":00"
    return time(0) if text.startswith("24") else time.fromisoformat(text.zfill(5))


def moment_of(text: str) -> datetime:
    """Read an ISO moment with an offset.

    Raises:
        ValueError: It is no moment, or it is naive.
    """
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError(f"{text!r} has no offset: write 2026-03-11T10:30:00+03:00")
    return moment


def when_to_json(when: When | None) -> dict[str, Any] | None:
    """Write the wishes about date and time with every field present; what was not said is null."""
    if when is None:
        return None
    written = {name: _plain(getattr(when, name)) or None for name in WHEN_FIELDS if name not in _NEVER_NULL}
    return written | {"approx": when.approx, "asap": when.asap, "ambiguous": list(when.ambiguous)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return value


def match_to_json(match: Match | None) -> dict[str, Any] | None:
    """Write a match."""
    if match is None:
        return None
    return {
        "id": match.id, "name": match.name, "confidence": match.confidence, "span": list(match.span),
        "alternatives": list(match.alternatives),
    }  # fmt: skip


def _evidence_to_json(when: When | None) -> dict[str, Any] | None:
    """Write where date and time were read and how sure that is."""
    if when is None:
        return None
    return {"confidence": when.confidence, "span": list(when.span) if when.span else None}


def understood_to_json(found: Understood) -> dict[str, Any]:
    """Write a reading: ids on top, the matches in full below."""
    return {
        "text": found.text,
        "intent": found.intent.value,
        "intent_confidence": found.intent_confidence,
        "intent_alternatives": [intent.value for intent in found.intent_alternatives],
        "intent_span": list(found.intent_span) if found.intent_span else None,
        "service": found.service.id if found.service else None,
        "services": [match.id for match in found.services],
        "staff": found.staff.id if found.staff else None,
        "when": when_to_json(found.when),
        "confidence": found.confidence,
        "phone": found.phone,
        "email": found.email,
        "negated_services": list(found.negated_services),
        "negated_staff": list(found.negated_staff),
        "unknown_staff": found.unknown_staff,
        "matches": {
            "services": [match_to_json(match) for match in found.services],
            "staff": match_to_json(found.staff),
            "when": _evidence_to_json(found.when),
        },
        "wishes": [understood_to_json(wish) for wish in found.wishes],
        "versions": found.versions,
    }


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read an evaluation file: one JSON object a line, or one object for names.

    Raises:
        EvaluationFileUnreadable: The file is no UTF-8 text, or a line is not a JSON object.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise EvaluationFileUnreadable(f"{path} is no UTF-8 text: {error}") from error
    try:
        whole = json.loads(text)
        if isinstance(whole, dict):
            return [whole]
        rows = whole if isinstance(whole, list) else []
    except NOT_JSON:
        rows = []
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            try:
                rows.append(json.loads(line))
            except NOT_JSON as error:
                raise EvaluationFileUnreadable(f"{path}, line {number}: {error}") from error
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise EvaluationFileUnreadable(f"{path}: every line must be a JSON object")
    return rows
