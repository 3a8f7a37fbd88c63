"""What can go wrong at a provider, on demand, and the record of every call."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """How a call fails. The last four of the first group are carried out by the core, the others by the dialect."""

    TOO_MANY = "too_many"  # the provider's flood refusal, with `seconds` to wait where it says so
    BLOCKED = "blocked"  # the person wants nothing from us
    UNAUTHORIZED = "unauthorized"  # as if the token had been revoked
    WINDOW_CLOSED = "window_closed"  # too long since the person wrote
    NOT_READY = "not_ready"  # an upload has not been digested yet
    POLICY = "policy"  # the account is restricted
    REJECTED = "rejected"  # the request will never do
    MIGRATED = "migrated"  # Telegram: the group has another id now
    SERVER_ERROR = "server_error"  # 500 with a page in place of JSON
    SLOW = "slow"  # carried out at once, answered after `seconds`
    DROP_AFTER = "drop_after"  # carried out, then the connection breaks
    DROP_BEFORE = "drop_before"  # the connection breaks and nothing was carried out


CORE_FAULTS = frozenset({FaultKind.SERVER_ERROR, FaultKind.SLOW, FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE})


@dataclass(slots=True)
class Fault:
    """A fault that waits for calls.

    Attributes:
        left: calls it still strikes; None strikes until it is taken away.
        methods: the methods it strikes; None strikes all.
        seconds: to wait after TOO_MANY, the delay for SLOW.
        token: strikes only calls with this token.
        chat_id: strikes only calls for this chat.
        to_chat_id: where MIGRATED points to.
        code: the provider's own code to answer with, where a kind has several.
        is_chats: TOO_MANY: it is the chat that had too much, not the account.
    """

    kind: FaultKind
    left: int | None = 1
    methods: frozenset[str] | None = None
    seconds: float = 1.0
    token: str | None = None
    chat_id: int | str | None = None
    to_chat_id: int = 0
    code: int | str = ""
    is_chats: bool = False

    def strikes(self, call: ApiCall) -> bool:
        """Whether it strikes this call."""
        return (
            (self.left is None or self.left > 0)
            and (self.methods is None or call.method in self.methods)
            and (self.token is None or call.token == self.token)
            and (self.chat_id is None or call.chat_id == str(self.chat_id))
        )


@dataclass(slots=True)
class ApiCall:
    """A call that somebody made.

    Attributes:
        at: seconds after 1970.
        method: the dialect's name of what was called, `sendMessage`, `POST /messages`.
        params: everything that was said, files as {"name", "size"}.
        chat_id: the chat that it is for, "" where it is for none.
        account: key of the account that the dialect found; "" lets the core find it by the token.
        is_public: needs no token (a signed link to a file).
        status: the HTTP status answered, 0 until it was (and for a dropped connection).
        answer: the JSON answered, None for a page or a dropped connection.
        parts: files that came with a form, by field. Forgotten once the call has been answered.
        headers: lower-case names.
    """

    at: float
    token: str = field(repr=False)
    method: str
    params: dict[str, Any]
    chat_id: str = ""
    account: str = field(default="", repr=False)
    is_public: bool = False
    status: int = 0
    answer: Any = None
    fault: FaultKind | None = None
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    parts: dict[str, Part] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class Part:
    """A file in a form."""

    name: str
    mime: str
    data: bytes = field(repr=False)
