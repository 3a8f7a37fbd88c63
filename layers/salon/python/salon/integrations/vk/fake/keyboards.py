"""A keyboard as VK checks it."""

from __future__ import annotations

import json
from typing import Any

from salon.integrations.fakes.faults import ApiCall
from salon.integrations.fakes.state import Key
from salon.integrations.vk.fake.words import Refused
from salon.integrations.vk.payloads.buttons import opened, unwrapped

_LIMITS = {True: (10, 6), False: (40, 10)}  # inline: buttons, rows
_PER_ROW = 5
_LABEL, _PAYLOAD = 40, 255
_COLOURS = frozenset({"primary", "secondary", "negative", "positive", "default"})
_KINDS = {"callback": "callback", "text": "text", "open_link": "url"}
_LINE_OF_THEIR_OWN = frozenset({"location", "vkpay", "open_app"})


def read_keyboard(call: ApiCall) -> tuple[list[list[Key]], dict[str, Any]]:
    """The rows of keys, and the keyboard itself; both empty when there is none.

    A key's `payload` is what our button carries; `json` is what was sent of it.

    Raises:
        Refused: 911, as VK refuses it.
    """
    text = str(call.params.get("keyboard") or "")
    if not text:
        return [], {}
    try:
        keyboard = json.loads(text)
    except ValueError:
        raise Refused(call, 100, "keyboard contains incorrect JSON") from None
    if not isinstance(keyboard, dict) or not isinstance(keyboard.get("buttons"), list):
        raise Refused(call, 911)
    rows = keyboard["buttons"]
    most, most_rows = _LIMITS[keyboard.get("inline") is True]
    if any(not isinstance(row, list) or not 1 <= len(row) <= _PER_ROW for row in rows) or len(rows) > most_rows:
        raise Refused(call, 911)
    if sum(len(row) for row in rows) > most or (keyboard.get("inline") is True and "one_time" in keyboard):
        raise Refused(call, 911)
    return [[_key(call, button, len(row)) for button in row] for row in rows], keyboard


def _key(call: ApiCall, button: Any, in_row: int) -> Key:
    action = button.get("action") if isinstance(button, dict) else None
    if not isinstance(action, dict):
        raise Refused(call, 911)
    kind = action.get("type")
    if kind in _LINE_OF_THEIR_OWN:
        if in_row > 1 or "color" in button:
            raise Refused(call, 911)
        return {"text": str(action.get("label") or kind), "payload": "", "url": "", "kind": str(kind)}
    label, payload = action.get("label"), action.get("payload", "")
    if kind not in _KINDS or not isinstance(label, str) or not 1 <= len(label.strip()) <= len(label) <= _LABEL:
        raise Refused(call, 911)
    if not isinstance(payload, str) or len(payload) > _PAYLOAD or (payload and not _is_json(payload)):
        raise Refused(call, 911)
    if kind == "open_link":
        link = action.get("link")
        if "color" in button or not isinstance(link, str) or not link.startswith(("http://", "https://")):
            raise Refused(call, 911)
        return {"text": label, "payload": "", "url": link, "kind": "url"}
    if kind == "callback" and not payload:
        raise Refused(call, 911)
    if button.get("color", "secondary") not in _COLOURS:
        raise Refused(call, 911)
    carried = unwrapped(opened(payload))
    return {"text": label, "payload": carried, "url": "", "kind": _KINDS[kind], "json": payload}


def _is_json(payload: str) -> bool:
    try:
        return isinstance(json.loads(payload), dict)
    except ValueError:
        return False
