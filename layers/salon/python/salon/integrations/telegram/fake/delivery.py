"""Delivery of updates to webhooks: one chat's in order, others beside it, until a 2xx or the expiry (facts §1.2)."""

from __future__ import annotations

import heapq
import http.client
import json
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from salon.integrations.telegram.fake.state import Bot, ChatKey, PendingUpdate

if TYPE_CHECKING:
    from salon.integrations.telegram.fake.world import World

_MAX_DELAY_S = 60.0
_MAX_RETRY_AFTER_S = 3600.0
_ANSWER_LIMIT_BYTES = 1_000_000


class Deliveries:
    """Delivers what lies in the state's `undelivered`, with a few threads.

    Args:
        world: whose lock guards the queues.
        base_delay_s: seconds before the first repeat; doubles up to a minute. The real server's is 1.
        timeout_s: seconds a webhook may take.
        workers: deliveries at the same time, over all chats.
    """

    def __init__(self, world: World, *, base_delay_s: float, timeout_s: float, workers: int) -> None:
        self._world = world
        self._base_delay_s = base_delay_s
        self._timeout_s = timeout_s
        self._workers = workers
        self._wake = threading.Condition(world.lock)
        self._due: list[tuple[float, int, ChatKey]] = []
        self._turn: dict[ChatKey, int] = {}  # a chat's valid entry in `_due`; others are left over from earlier
        self._flying: set[ChatKey] = set()  # chats whose first update is on its way: nobody else may take them
        self._sequence = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads, and take up what was left over."""
        self._stopping = False
        with self._wake:
            for key in self._world.state.undelivered:
                self._schedule(key, 0.0)
        self._threads = [
            threading.Thread(target=self._work, name=f"fake-telegram-webhook-{number}", daemon=True)
            for number in range(self._workers)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop after the deliveries under way; what is undelivered stays in the state."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads = []
        self._due.clear()
        self._turn.clear()

    def put(self, key: ChatKey, update: PendingUpdate) -> None:
        """Queue an update behind its chat's others. Call under the world's lock."""
        self._world.state.undelivered.setdefault(key, []).append(update)
        self._schedule(key, 0.0)

    def wake(self, token: str) -> None:
        """Try a bot's chats now, because its webhook has changed. Call under the world's lock."""
        for key in self._world.state.undelivered:
            if key[0] == token:
                self._schedule(key, 0.0, at_once=True)

    def drop(self, token: str) -> None:
        """Forget a bot's pending updates. Call under the world's lock."""
        for key in [key for key in self._world.state.undelivered if key[0] == token]:
            del self._world.state.undelivered[key]

    def pending(self, token: str | None = None) -> int:
        """Updates that wait, of one bot or of all. Call under the world's lock."""
        queues = self._world.state.undelivered.items()
        return sum(len(updates) for key, updates in queues if token in {None, key[0]})

    def is_idle(self) -> bool:
        """Nothing waits and nothing is on its way. Call under the world's lock."""
        return not self._flying and not self._world.state.undelivered

    def _schedule(self, key: ChatKey, delay_s: float, *, at_once: bool = False) -> None:
        if key in self._flying or (key in self._turn and not at_once):
            return
        self._sequence += 1
        self._turn[key] = self._sequence
        heapq.heappush(self._due, (time.monotonic() + delay_s, self._sequence, key))
        self._wake.notify()

    def _work(self) -> None:
        while True:
            with self._wake:
                taken = self._next()
                if taken is None:
                    return
                key, bot, update = taken
                url, secret = bot.webhook_url, bot.webhook_secret
            outcome = _post(url, secret, update.body, self._timeout_s)
            with self._wake:
                self._settle(key, bot, update, outcome)

    def _next(self) -> tuple[ChatKey, Bot, PendingUpdate] | None:
        """Wait for a chat whose first update is due; None when it is time to stop."""
        while not self._stopping:
            if not self._due:
                self._wake.wait()
                continue
            at, turn, key = self._due[0]
            if self._turn.get(key) == turn and at > time.monotonic():
                self._wake.wait(at - time.monotonic())
                continue
            heapq.heappop(self._due)
            if self._turn.get(key) != turn:
                continue
            del self._turn[key]
            bot = self._world.state.bots[key[0]]
            update = self._first(key)
            if update is not None and bot.webhook_url:  # without a webhook updates wait until one is set
                self._flying.add(key)
                return key, bot, update
        return None

    def _first(self, key: ChatKey) -> PendingUpdate | None:
        """The chat's first update that has not expired."""
        queue = self._world.state.undelivered.get(key, [])
        while queue and queue[0].expires_at <= self._world.now():
            queue.pop(0)
        if queue:
            return queue[0]
        self._world.state.undelivered.pop(key, None)
        self._world.touched()
        return None

    def _settle(self, key: ChatKey, bot: Bot, update: PendingUpdate, outcome: _Outcome) -> None:
        self._flying.discard(key)
        update.attempts += 1
        delay = 0.0
        done = outcome.delivered
        if not outcome.delivered:
            bot.last_error, bot.last_error_at = outcome.error, int(self._world.now())
            delay = min(self._base_delay_s * 2 ** (update.attempts - 1), _MAX_DELAY_S)
            if outcome.retry_after_s is not None:
                delay = min(outcome.retry_after_s, _MAX_RETRY_AFTER_S)
            done = self._world.now() + delay > update.expires_at  # given up, as the real server does
        queue = self._world.state.undelivered.get(key, [])
        if done and queue and queue[0] is update:
            queue.pop(0)
            delay = 0.0
            self._world.changed("delivered" if outcome.delivered else "undeliverable", *key)
        if queue:
            self._schedule(key, delay)
        else:
            self._world.state.undelivered.pop(key, None)
        if outcome.reply is not None:
            self._world.reply_in_response(bot, outcome.reply)
        self._world.touched()


class _Outcome:
    """What became of one delivery."""

    def __init__(self, *, error: str = "", retry_after_s: float | None = None, reply: Any = None) -> None:
        self.delivered = not error
        self.error = error
        self.retry_after_s = retry_after_s
        self.reply = reply


def _post(url: str, secret: str, body: str, timeout_s: float) -> _Outcome:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=timeout_s)
    headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate"}
    if secret:
        headers["X-Telegram-Bot-Api-Secret-Token"] = secret
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body.encode(), headers)
        response = connection.getresponse()
        content = response.read(_ANSWER_LIMIT_BYTES)
    except (OSError, http.client.HTTPException) as error:
        return _Outcome(error=f"Connection failed: {type(error).__name__}")
    finally:
        connection.close()
    if 200 <= response.status < 300:  # noqa: PLR2004 - the class of statuses, named by itself
        return _Outcome(reply=_call_in(content))
    after = response.headers.get("Retry-After", "")
    return _Outcome(
        error=f"Wrong response from the webhook: {response.status} {response.reason}",
        retry_after_s=float(after) if after.isdecimal() else None,
    )


def _call_in(content: bytes) -> dict[str, Any] | None:
    """A webhook may answer with one method call; its outcome is told to nobody."""
    try:
        value = json.loads(content)
    except ValueError:
        return None
    return value if isinstance(value, dict) and isinstance(value.get("method"), str) else None
