"""A keyboard as MAX checks it (facts §2.5)."""

from __future__ import annotations

from typing import Any

from salon.integrations.fakes.state import Key
from salon.integrations.max.fake.words import senseless

_MOST, _MOST_ROWS, _PER_ROW, _PER_SPECIAL_ROW = 210, 30, 7, 3
_TEXT, _PAYLOAD, _URL = 128, 1024, 2048
_SPECIAL = frozenset({"link", "open_app", "request_geo_location", "request_contact"})
_KINDS = {
    "callback": "callback",
    "link": "url",
    "request_contact": "phone",
    "request_geo_location": "location",
    "message": "text",
    "open_app": "open_app",
    "clipboard": "clipboard",
}


def read_keyboard(payload: Any) -> list[list[Key]]:
    """The rows of keys.

    Raises:
        Refused: 400, as MAX refuses it.
    """
    rows = payload.get("buttons") if isinstance(payload, dict) else None
    if not isinstance(rows, list) or not rows or any(not isinstance(row, list) or not row for row in rows):
        raise senseless("Missing `buttons` in keyboard")
    if len(rows) > _MOST_ROWS or sum(len(row) for row in rows) > _MOST:
        raise senseless("Keyboard has too many buttons")
    return [_row(row) for row in rows]


def _row(row: list[Any]) -> list[Key]:
    kinds = {button.get("type") for button in row if isinstance(button, dict)}
    if len(row) > (_PER_SPECIAL_ROW if kinds & _SPECIAL else _PER_ROW):
        raise senseless("Keyboard row has too many buttons")
    return [_key(button) for button in row]


def _key(button: Any) -> Key:
    kind = button.get("type") if isinstance(button, dict) else None
    if kind not in _KINDS:
        raise senseless(f"Unknown button type: {kind}")
    text, payload, url = button.get("text"), button.get("payload"), button.get("url")
    if not isinstance(text, str) or not 1 <= len(text) <= _TEXT:
        raise senseless("text: size must be between 1 and 128")
    if kind in {"callback", "clipboard"} and not (isinstance(payload, str) and 1 <= len(payload) <= _PAYLOAD):
        raise senseless("payload: size must be between 1 and 1024")
    if kind == "link" and not (isinstance(url, str) and len(url) <= _URL and url.startswith(("http://", "https://"))):
        raise senseless("url: invalid link")
    return {
        "text": text,
        "payload": payload if kind == "callback" else "",
        "url": url if kind == "link" else "",
        "kind": _KINDS[kind],
    }
