"""How VK says no: errors come with HTTP 200, and repeat what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salon.integrations.fakes.faults import ApiCall
from salon.integrations.fakes.wire import Answer, ApiRefusal

TEXTS: Mapping[int, str] = {
    3: "Unknown method passed",
    5: "User authorization failed: invalid access_token (4).",
    6: "Too many requests per second",
    7: "Permission to perform this action is denied",
    8: "Invalid request: v (version) is required",
    9: "Flood control",
    10: "Internal server error: Unknown error, try later",
    15: "Access denied",
    18: "User was deleted or banned",
    29: "Rate limit reached",
    100: "One of the parameters specified was missing or invalid",
    125: "Invalid group id",
    900: "Can't send messages for users from blacklist",
    901: "Can't send messages for users without permission",
    902: "Can't send messages to this user due to their privacy settings",
    909: "Can't edit this message, because it's too old",
    911: "Keyboard format is invalid",
    912: "This is a chat bot feature, change this status in settings",
    914: "Message is too long",
    917: "You don't have access to this chat",
    950: "Reply timed out",
    2000: "Servers number limit is reached",
}
OF_RECIPIENT = frozenset({18, 900, 901, 902, 917, 950})
"""Told of one recipient: within the list, where the call named recipients by `peer_ids`."""


def result(value: Any) -> Answer:
    """What a call gave."""
    return Answer.json({"response": value})


def refusal(call: ApiCall, code: int, about: str = "") -> Answer:
    """An error as VK words it."""
    said = TEXTS.get(code, "Unknown error occurred") + (f": {about}" if about else "")
    if code in OF_RECIPIENT and call.method == "messages.send" and "peer_ids" in call.params:
        return result([recipient_error(call, code)])
    asked = [{"key": "method", "value": call.method}, {"key": "oauth", "value": "1"}]
    asked += [{"key": key, "value": str(value)} for key, value in call.params.items()]
    return Answer.json({"error": {"error_code": code, "error_msg": said, "request_params": asked}})


def recipient_error(call: ApiCall, code: int) -> dict[str, Any]:
    """The row of a recipient who got nothing."""
    peer = str(call.params.get("peer_ids", "")).partition(",")[0]
    error = {"code": code, "description": TEXTS[code]}
    return {"peer_id": int(peer) if peer.isdecimal() else 0, "message_id": 0, "error": error}


class Refused(ApiRefusal):
    """VK refuses a call."""

    def __init__(self, call: ApiCall, code: int, about: str = "") -> None:
        super().__init__(refusal(call, code, about))
        self.code = code


def number(call: ApiCall, name: str, *, default: int | None = None) -> int:
    """A parameter that has to be a whole number.

    Raises:
        Refused: 100, as VK refuses it.
    """
    text = str(call.params.get(name, ""))
    if not text and default is not None:
        return default
    bare = text.removeprefix("-")
    if not (bare.isascii() and bare.isdecimal()):
        about = f"{name} is a required parameter" if not text else f"{name} should be integer"
        raise Refused(call, 100, about)
    return int(text)


def word(call: ApiCall, name: str) -> str:
    """A parameter that has to be there.

    Raises:
        Refused: 100, as VK refuses it.
    """
    text = str(call.params.get(name, ""))
    if not text:
        raise Refused(call, 100, f"{name} is a required parameter")
    return text
