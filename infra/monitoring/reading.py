"""The functions' log lines, as they are or wrapped as the clouds export them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_WRAPPED = ("json_payload", "jsonPayload")


@dataclass(slots=True)
class Reader:
    """Reads lines and counts those that are none of ours.

    Attributes:
        read: log lines that were understood.
        strange: lines that were not, such as the runtime's own `START` and `REPORT`.
    """

    read: int = 0
    strange: int = 0

    def lines(self, text: Iterable[str]) -> Iterator[dict[str, Any]]:
        """The log lines among these lines of text."""
        for one in text:
            found = _line_of(one)
            if found is not None:
                self.read += 1
                yield found
            elif one.strip():
                self.strange += 1


def _line_of(text: str) -> dict[str, Any] | None:
    """The object in a line; whatever stands before it (an instant, a stream's name) is left out."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        found = json.loads(text[start:])
    except ValueError:
        return None
    return _unwrapped(found) if isinstance(found, dict) else None


def _unwrapped(found: dict[str, Any]) -> dict[str, Any] | None:
    """Our line out of an export's: Yandex has it under `json_payload`, CloudWatch as text under `message`."""
    for name in _WRAPPED:
        if isinstance(found.get(name), dict):
            inner: dict[str, Any] = found[name]
            return {"timestamp": found.get("timestamp"), "message": found.get("message"), **inner}
    message = found.get("message")
    if isinstance(message, str) and message.lstrip().startswith("{"):
        return _line_of(message)
    return found if isinstance(message, str) else None
