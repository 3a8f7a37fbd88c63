"""One lock, a feed of changes for those who watch, faults and calls: what every part of a fake stands on."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from salon.integrations.fakes.dialect import Dialect
from salon.integrations.fakes.faults import CORE_FAULTS, ApiCall, Fault, FaultKind

_FEED_LENGTH = 5000
_CALLS_KEPT = 200_000
_Found = TypeVar("_Found")
CallHook = Callable[[str, ApiCall], None]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a watcher shows.

    Attributes:
        version: counts up; ask for what came after it.
        kind: message, edit, delete, reaction, tap, answer, typing, chat, person, bot, fault, delivered, undeliverable,
            status.
        account: the account's key, "" where it concerns none.
        user_id: the chat's number (a person, or a group below zero), 0 where it concerns none.
        details: what else there is to say.
    """

    version: int
    kind: str
    account: str = ""
    user_id: int = 0
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flood:
    """At most `calls` sends in `seconds` of the clock."""

    calls: int
    seconds: float = 1.0


class Watched(Dialect):
    """The lock, the feed, the faults and the calls. Every public method may be called from any thread."""

    def __init__(self, *, flood: Flood | None, chat_flood: Flood | None) -> None:
        self.lock = threading.RLock()
        self._moved = threading.Condition(self.lock)
        self._version = 0
        self._feed: deque[Change] = deque(maxlen=_FEED_LENGTH)
        self.calls: deque[ApiCall] = deque(maxlen=_CALLS_KEPT)
        self.faults: list[Fault] = []
        self._flood, self._chat_flood = flood, chat_flood
        self._sends: dict[tuple[str, str], deque[float]] = {}
        self._hooks: list[CallHook] = []

    def now(self) -> float:
        """Seconds after 1970."""
        raise NotImplementedError

    # --- faults and calls

    def fail_next(self, kind: FaultKind, times: int | None = 1, **limits: Any) -> Fault:
        """Let the next calls fail; `times=None` until `clear_faults`.

        Args:
            kind: how.
            times: how many calls; sends and edits, unless `methods` says otherwise (None: all methods).
            limits: the other attributes of `Fault`.

        Raises:
            LookupError: this provider has no such failure.
        """
        if kind not in CORE_FAULTS and kind not in self.fault_kinds:
            raise LookupError(f"{self.provider} has no failure {kind.value!r}.")
        with self.lock:
            fault = Fault(kind, times, **{"methods": self.sends, **limits})
            self.faults.append(fault)
            self.changed("fault")
            return fault

    def clear_faults(self) -> None:
        """From now on everything works."""
        with self.lock:
            self.faults.clear()
            self.changed("fault")

    def take_fault(self, call: ApiCall) -> Fault | None:
        """The fault that strikes this call, used up by one."""
        with self.lock:
            fault = next((fault for fault in self.faults if fault.strikes(call)), None)
            if fault is not None and fault.left is not None:
                fault.left -= 1
                if fault.left == 0:
                    self.faults.remove(fault)
                self.changed("fault")
            return fault

    def flood_of(self, call: ApiCall) -> Fault | None:
        """A TOO_MANY when the account, or the account in this chat, sends more than it may; others count."""
        if call.method not in self.sends:
            return None
        with self.lock:
            now, limits = self.now(), []
            for flood, chat in ((self._flood, ""), (self._chat_flood, call.chat_id)):
                if flood is None or (flood is self._chat_flood and not chat):
                    continue
                sent = self._sends.setdefault((call.account, chat), deque())
                while sent and sent[0] <= now - flood.seconds:
                    sent.popleft()
                if len(sent) >= flood.calls:
                    seconds = max(flood.seconds - (now - sent[0]), 0.001)
                    return Fault(FaultKind.TOO_MANY, seconds=seconds, is_chats=bool(chat))
                limits.append(sent)
            for sent in limits:
                sent.append(now)
            return None

    def on_call(self, hook: CallHook) -> None:
        """Have `hook("before" | "after", call)` called around the carrying out of each call, without the lock."""
        self._hooks.append(hook)

    def run_hooks(self, stage: str, call: ApiCall) -> None:
        """Tell the hooks."""
        for hook in list(self._hooks):
            hook(stage, call)

    def calls_of(self, method: str, token: str | None = None) -> list[ApiCall]:
        """The calls of one method so far."""
        with self.lock:
            return [call for call in self.calls if call.method == method and token in {None, call.token}]

    # --- watching

    def changed(self, kind: str, account: str = "", user_id: int = 0, **details: Any) -> None:
        """Tell the watchers. Call under the lock."""
        self._version += 1
        self._feed.append(Change(self._version, kind, account, user_id, details))
        self.touched()

    def touched(self) -> None:
        """Something moved that no watcher shows: wake those who wait. Call under the lock."""
        self._moved.notify_all()

    @property
    def version(self) -> int:
        """The newest change's number."""
        return self._version

    def changes_after(self, version: int, timeout_s: float) -> list[Change]:
        """What came after `version`; waits up to `timeout_s` for something to come."""
        with self._moved:
            self._moved.wait_for(lambda: self._version > version, timeout_s)
            return [change for change in self._feed if change.version > version]

    def wait_for(self, look: Callable[[], _Found], *, timeout_s: float = 10.0, what: str = "") -> _Found:
        """Wait until `look()` gives something true, and give it.

        Raises:
            TimeoutError: it did not within `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        with self._moved:
            while not (found := look()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"Waited {timeout_s} s in vain for {what or 'a change'}.")
                self._moved.wait(left)
            return found
