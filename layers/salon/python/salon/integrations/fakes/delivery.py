"""Delivery of events to webhooks: one queue's in order, others beside it, as the dialect's policy says."""

from __future__ import annotations

import heapq
import http.client
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from salon.integrations.fakes.state import Account, Lane, Pending, Webhook

if TYPE_CHECKING:
    from salon.integrations.fakes.world import World

_MAX_RETRY_AFTER_S = 3600.0 * 3
_ANSWER_LIMIT_BYTES = 1_000_000


@dataclass(slots=True)
class _Flight:
    lane: Lane
    account: Account
    webhook: Webhook
    events: list[Pending]
    body: bytes
    attempt: int


@dataclass(slots=True)
class _Outcome:
    delivered: bool = False
    error: str = ""
    retry_after_s: float | None = None
    content: bytes = b""


class Deliveries:
    """Delivers what lies in the state's `undelivered`, with a few threads; `workers` deliveries at the same time."""

    def __init__(self, world: World, *, workers: int) -> None:
        self._world = world
        self._policy = world.policy
        self._workers = workers
        self._wake = threading.Condition(world.lock)
        self._due: list[tuple[float, int, Lane]] = []
        self._turn: dict[Lane, int] = {}  # a lane's valid entry in `_due`; others are left over from earlier
        self._flying: set[Lane] = set()  # lanes whose first event is on its way: nobody else may take them
        self._paused: dict[str, float] = {}  # until when a webhook rests, by the monotonic clock
        self._sequence = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads, and take up what was left over."""
        self._stopping = False
        with self._wake:
            for lane in self._world.state.undelivered:
                self._schedule(lane, 0.0)
        self._threads = [
            threading.Thread(target=self._work, name=f"fake-{self._world.provider}-webhook-{number}", daemon=True)
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

    def put(self, lane: Lane, event: Pending) -> None:
        """Queue an event behind its lane's others. Call under the world's lock."""
        self._world.state.undelivered.setdefault(lane, []).append(event)
        self._schedule(lane, 0.0)

    def wake(self, account: str) -> None:
        """Try an account's lanes now, because its webhook has changed. Call under the world's lock."""
        for lane in self._world.state.undelivered:
            if lane[0] == account:
                self._schedule(lane, 0.0, at_once=True)

    def drop(self, account: str, url: str | None = None) -> None:
        """Forget an account's pending events, those for `url` or all. Call under the world's lock."""
        gone = [lane for lane in self._world.state.undelivered if lane[0] == account and url in {None, lane[2]}]
        for lane in gone:
            del self._world.state.undelivered[lane]

    def pause(self, url: str, seconds: float) -> None:
        """Send nothing to a webhook for so long. Call under the world's lock."""
        self._paused[url] = time.monotonic() + seconds

    def resume(self) -> None:
        """End all pauses. Call under the world's lock."""
        self._paused.clear()
        for lane in self._world.state.undelivered:
            self._schedule(lane, 0.0, at_once=True)

    def pending(self, account: str | None = None) -> int:
        """Events that wait, of one account or of all. Call under the world's lock."""
        lanes = self._world.state.undelivered.items()
        return sum(len(events) for lane, events in lanes if account in {None, lane[0]})

    def waiting_in(self, account: str, chat: int) -> list[Pending]:
        """The events of one chat that wait. Call under the world's lock."""
        lanes = self._world.state.undelivered.items()
        return [event for lane, events in lanes if lane[0] == account for event in events if event.chat == chat]

    def is_idle(self) -> bool:
        """Nothing waits and nothing is on its way. Call under the world's lock."""
        return not self._flying and not self._world.state.undelivered

    def _schedule(self, lane: Lane, delay_s: float, *, at_once: bool = False) -> None:
        if lane in self._flying or (lane in self._turn and not at_once):
            return
        self._sequence += 1
        self._turn[lane] = self._sequence
        heapq.heappush(self._due, (time.monotonic() + delay_s, self._sequence, lane))
        self._wake.notify()

    def _work(self) -> None:
        while True:
            with self._wake:
                flight = self._next()
                if flight is None:
                    return
                url = flight.webhook.url
                headers = self._world.headers_of(flight.account, flight.webhook, flight.body, flight.attempt)
            outcome = self._deliver(url, headers, flight.body)
            with self._wake:
                self._settle(flight, outcome)

    def _next(self) -> _Flight | None:
        """Wait for a lane whose first event is due; None when it is time to stop."""
        while not self._stopping:
            if not self._due:
                self._wake.wait()
                continue
            at, turn, lane = self._due[0]
            if self._turn.get(lane) == turn and at > time.monotonic():
                self._wake.wait(at - time.monotonic())
                continue
            heapq.heappop(self._due)
            if self._turn.get(lane) != turn:
                continue
            del self._turn[lane]
            flight = self._take(lane)
            if flight is not None:
                return flight
        return None

    def _take(self, lane: Lane) -> _Flight | None:
        """The lane's first events that have not expired; None where there is nothing to do now."""
        account = self._world.state.accounts[lane[0]]
        queue = self._world.state.undelivered.get(lane, [])
        now = self._world.now()
        while queue and queue[0].expires_at <= now:
            queue.pop(0)
        if not queue:
            self._world.state.undelivered.pop(lane, None)
            self._world.touched()
            return None
        hooks = [hook for hook in account.webhooks if lane[2] in {"", hook.url}]
        if not hooks:  # without a webhook events wait until one is set
            return None
        rest_s = self._paused.get(hooks[0].url, 0.0) - time.monotonic()
        if rest_s > 0:
            self._schedule(lane, rest_s)
            return None
        events = queue[: self._policy.batch]
        body = self._world.body_of(account, hooks[0], [event.event for event in events])
        self._flying.add(lane)
        return _Flight(lane, account, hooks[0], events, body, events[0].attempts)

    def _settle(self, flight: _Flight, outcome: _Outcome) -> None:
        lane, account, webhook = flight.lane, flight.account, flight.webhook
        self._flying.discard(lane)
        for event in flight.events:
            event.attempts += 1
        delay, done = 0.0, outcome.delivered
        if outcome.delivered:
            webhook.failing_since, webhook.failures = 0.0, 0
        else:
            delay, done = self._failed(flight, outcome)
        queue = self._world.state.undelivered.get(lane, [])
        if done and queue and queue[0] is flight.events[0]:
            del queue[: len(flight.events)]
            delay = 0.0
            what = "delivered" if outcome.delivered else "undeliverable"
            for chat in {event.chat for event in flight.events}:
                self._world.changed(what, lane[0], chat)
        if queue:
            self._schedule(lane, delay)
        else:
            self._world.state.undelivered.pop(lane, None)
        if outcome.delivered:
            self._world.answered(account, webhook, outcome.content)
        self._world.touched()

    def _failed(self, flight: _Flight, outcome: _Outcome) -> tuple[float, bool]:
        """When to try again, and whether to give the events up."""
        policy, webhook, now = self._policy, flight.webhook, self._world.now()
        flight.account.last_error, flight.account.last_error_at = outcome.error, int(now)
        webhook.failing_since = webhook.failing_since or now
        webhook.failures += 1
        delay = min(policy.base_delay_s * policy.factor ** min(flight.attempt, 50), policy.max_delay_s)
        if policy.obeys_retry_after and outcome.retry_after_s is not None:
            delay = min(outcome.retry_after_s, _MAX_RETRY_AFTER_S)
        has_lasted = policy.patience_s is not None and now - webhook.failing_since >= policy.patience_s
        has_repeated = policy.patience_failures is not None and webhook.failures >= policy.patience_failures
        if (has_lasted or has_repeated) and webhook in flight.account.webhooks:
            webhook.failing_since, webhook.failures = 0.0, 0
            self._world.lost_patience(flight.account, webhook)
            self._world.changed("bot", flight.account.key)
        first = flight.events[0]
        is_over = policy.max_attempts is not None and first.attempts >= policy.max_attempts
        return delay, is_over or now + delay > first.expires_at

    def _deliver(self, url: str, headers: dict[str, str], body: bytes) -> _Outcome:
        sent = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate", **headers}
        try:
            status, reason, got, content = ask(url, "POST", body, sent, self._policy.timeout_s)
        except (OSError, http.client.HTTPException) as error:
            return _Outcome(error=f"Connection failed: {type(error).__name__}")
        if self._world.is_success(status, content):
            return _Outcome(delivered=True, content=content)
        return _Outcome(
            error=f"Wrong response from the webhook: {status} {reason}",
            retry_after_s=self._world.postponed_by(status, got.get("retry-after", "")),
        )


def ask(
    url: str, method: str, body: bytes | None, headers: dict[str, str], timeout_s: float = 10.0
) -> tuple[int, str, dict[str, str], bytes]:
    """One request to a webhook: status, reason, headers in lower case, body. Never call it under the lock.

    Raises:
        OSError, http.client.HTTPException: there was no answer.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=timeout_s)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        content = response.read(_ANSWER_LIMIT_BYTES)
        return response.status, response.reason, {k.lower(): v for k, v in response.getheaders()}, content
    finally:
        connection.close()
