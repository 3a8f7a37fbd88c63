"""What can go wrong at a provider, on demand, and the record of every call."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SENDS = frozenset({"sendMessage", "editMessageText", "editMessageReplyMarkup", "sendPhoto", "sendDocument"})


class FaultKind(StrEnum):
    """How a call fails."""

    TOO_MANY = "too_many"  # 429 with retry_after
    BLOCKED = "blocked"  # 403: the bot was blocked by the user
    UNAUTHORIZED = "unauthorized"  # 401, as if the token had been revoked
    SERVER_ERROR = "server_error"  # 500 with a page in place of JSON
    SLOW = "slow"  # carried out at once, answered after `seconds`
    DROP_AFTER = "drop_after"  # carried out, then the connection breaks
    DROP_BEFORE = "drop_before"  # the connection breaks and nothing was carried out
    MIGRATED = "migrated"  # 400 with migrate_to_chat_id


@dataclass(slots=True)
class Fault:
    """A fault that waits for calls.

    Attributes:
        left: calls it still strikes; None strikes until it is taken away.
        methods: the methods it strikes; None strikes all.
        seconds: `retry_after` for TOO_MANY, the delay for SLOW.
        token: strikes only this bot's calls.
        chat_id: strikes only calls for this chat.
        to_chat_id: where MIGRATED points to.
    """

    kind: FaultKind
    left: int | None = 1
    methods: frozenset[str] | None = SENDS
    seconds: float = 1.0
    token: str | None = None
    chat_id: int | None = None
    to_chat_id: int = 0

    def strikes(self, call: ApiCall) -> bool:
        """Whether it strikes this call."""
        return (
            (self.left is None or self.left > 0)
            and (self.methods is None or call.method in self.methods)
            and (self.token is None or call.token == self.token)
            and (self.chat_id is None or str(call.params.get("chat_id")) == str(self.chat_id))
        )


@dataclass(slots=True)
class ApiCall:
    """A call that a bot made.

    Attributes:
        at: seconds after 1970.
        params: as they came, files as {"name", "size"}.
        status: the HTTP status answered, 0 until it was (and for a dropped connection).
        answer: the JSON answered, None for a page or a dropped connection.
    """

    at: float
    token: str = field(repr=False)
    method: str
    params: dict[str, Any]
    status: int = 0
    answer: dict[str, Any] | None = None
    fault: FaultKind | None = None
