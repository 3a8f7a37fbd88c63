"""What our buttons carry, within the JSON that VK wants of a payload; what came back, unwrapped."""

from __future__ import annotations

import json
from typing import Any

from salon.integrations.wire import dict_of, text_of

PAYLOAD_LIMIT = 255  # characters of the JSON
_OURS = "p"
_FOREIGN_LIMIT = 1000


def wrapped(payload: str) -> str:
    """`payload` as VK takes it: a JSON object (facts §3.3)."""
    return json.dumps({_OURS: payload}, ensure_ascii=False, separators=(",", ":"))


def opened(value: object) -> Any:
    """A payload as a JSON value: VK sends it as text or as an object; text that is no JSON stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def unwrapped(value: object) -> str:
    """What our button carried; the JSON of somebody else's; "" when it carried nothing.

    Args:
        value: what `opened` gave.
    """
    ours = dict_of(value).get(_OURS)
    if isinstance(ours, str) and isinstance(value, dict) and len(value) == 1:
        return text_of(ours)
    if value is None or value in ("", {}, []):
        return ""
    if isinstance(value, str):
        return text_of(value, limit=_FOREIGN_LIMIT)
    try:
        return text_of(json.dumps(value, ensure_ascii=False, separators=(",", ":")), limit=_FOREIGN_LIMIT)
    except (ValueError, RecursionError):
        return ""


def is_start(value: object) -> bool:
    """Whether it is the payload of VK's own «Начать»."""
    return dict_of(value).get("command") == "start"
