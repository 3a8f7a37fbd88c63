"""A crowd is served: delivered to the webhooks, worked off by the functions, until nobody has anything more to do."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from infra.bench.crowd.instances import Instances, Worked, running, threads, triggered
from infra.bench.crowd.outside import Line, Messenger, Outside
from infra.bench.crowd.plan import SEED, Crowd, webhook_call

FLEET = {"http_webhooks": 3, "queue_inbound": 4, "queue_outbound": 4}
DOUBLED = 0.05
"""The share of queue messages that are handed over twice: queues promise at least once, no more."""

PATIENCE_S = 240.0
WAIT_S = 0.05
REPEAT_AFTER_S = 1.0
_HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class Served:
    """What became of a crowd.

    Attributes:
        messenger: what the people were sent.
        seconds: from the first delivery to the last answer.
        accepted_seconds: from the first delivery to the last acknowledgement.
        worked: what the instances of each function did.
        postgres_s: seconds that PostgreSQL worked; None where that cannot be told.
        refused: deliveries that were not acknowledged and came again, by status.
        raised: what left functions instead of answers.
        nudges: messages that were put into each queue.
        is_finished: whether everything came to rest in time.
    """

    messenger: Messenger
    seconds: float
    accepted_seconds: float
    worked: Mapping[str, list[Worked]]
    postgres_s: float | None
    refused: Mapping[int, int]
    raised: list[str]
    nudges: Mapping[str, int]
    is_finished: bool

    @property
    def functions_s(self) -> float:
        """Seconds that the functions' processes worked."""
        return sum(one.cpu_s for instances in self.worked.values() for one in instances)


class Deliveries:
    """The messenger's side of the webhooks: any person may be next, but each in order, and what failed comes again."""

    def __init__(self, crowd: Crowd, *, seed: int = SEED) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a repeatable choice, nothing secret
        self._lock = threading.Lock()
        self._steps = [list(reversed(groups)) for groups in crowd.steps]
        self._open = [0] * len(crowd.chats)  # of the group under way: what has not been acknowledged
        self._ready: list[tuple[int, tuple[int, ...]]] = []
        self._begun: list[tuple[int, int]] = []  # the rest of a group: at the same moment as its first
        self._refused: list[tuple[float, int, int]] = []
        self._left = crowd.deliveries
        self.refused: dict[int, int] = {}
        for number in range(len(crowd.chats)):
            self._go_on(number)

    @property
    def is_done(self) -> bool:
        """Whether everything was acknowledged."""
        with self._lock:
            return not self._left

    def next(self) -> tuple[int, int] | None:
        """A conversation and a question to be delivered now; None when there is none at the moment."""
        with self._lock:
            if self._begun:
                return self._begun.pop()
            if self._refused and self._refused[0][0] <= time.monotonic():
                return self._refused.pop(0)[1:]
            if not self._ready:
                return None
            place = self._chance.randrange(len(self._ready))
            self._ready[place], self._ready[-1] = self._ready[-1], self._ready[place]
            number, (first, *rest) = self._ready.pop()
            self._begun += [(number, question) for question in rest]
            return number, first

    def answered(self, number: int, question: int, status: int) -> None:
        """What the webhook said to a delivery."""
        with self._lock:
            if status != _HTTP_OK:
                self.refused[status] = self.refused.get(status, 0) + 1
                self._refused.append((time.monotonic() + REPEAT_AFTER_S, number, question))
                return
            self._left -= 1
            self._open[number] -= 1
            if not self._open[number]:
                self._go_on(number)

    def _go_on(self, number: int) -> None:
        if self._steps[number]:
            group = self._steps[number].pop()
            self._open[number] = len(group)
            self._ready.append((number, group))


def serve_crowd(
    crowd: Crowd,
    variables: Mapping[str, str],
    *,
    fleet: Mapping[str, int] = FLEET,
    postgres_s: Callable[[], float | None] = lambda: None,
    patience_s: float = PATIENCE_S,
) -> Served:
    """Deliver everything and wait until it has been worked off.

    Args:
        crowd: what is written, to bots whose salons are in the database.
        variables: the database's URL and the keys, for the functions' environments.
        fleet: how many instances of each function.
        postgres_s: tells how long PostgreSQL has worked.
        patience_s: when to give up waiting; what is missing then is lost.
    """
    lines = {name: Line(doubled=DOUBLED) for name in ("inbound", "tx")}
    outside = Outside(lines)
    with ExitStack() as stack:
        base = stack.enter_context(outside.running())
        instances = stack.enter_context(running(fleet, _environment(base, variables)))
        deliveries = Deliveries(crowd)
        before, started = postgres_s(), time.perf_counter()
        with ExitStack() as work:
            work.enter_context(triggered(instances["queue_outbound"], lines["tx"], "tx"))
            work.enter_context(triggered(instances["queue_inbound"], lines["inbound"], "inbound"))
            until = time.monotonic() + patience_s
            _deliver(crowd, deliveries, instances["http_webhooks"], until)
            accepted = time.perf_counter()
            while not _at_rest(lines) and time.monotonic() < until:
                time.sleep(WAIT_S)
            ended, after = time.perf_counter(), postgres_s()
            is_finished = deliveries.is_done and _at_rest(lines)
        worked = {name: found.retire() for name, found in instances.items()}
    return Served(
        messenger=outside.messenger,
        seconds=ended - started,
        accepted_seconds=accepted - started,
        worked=worked,
        postgres_s=None if before is None or after is None else after - before,
        refused=deliveries.refused,
        raised=[what for found in instances.values() for what in found.raised],
        nudges={name: line.put_in for name, line in lines.items()},
        is_finished=is_finished,
    )


def _deliver(crowd: Crowd, deliveries: Deliveries, webhooks: Instances, until: float) -> None:
    """Deliver everything, to all instances at the same time."""

    def deliver(instance: int) -> None:
        while not deliveries.is_done and instance not in webhooks.dead and time.monotonic() < until:
            chosen = deliveries.next()
            if chosen is None:
                time.sleep(WAIT_S / 10)
                continue
            number, question = chosen
            answer = webhooks.call(instance, webhook_call(crowd.chats[number], question)) or {}
            deliveries.answered(number, question, int(answer.get("statusCode", 0)))

    with threads(deliver, webhooks.number):
        pass


def _at_rest(lines: Mapping[str, Line]) -> bool:
    """Nothing is in the queues; in this order, for what comes in is what brings about what goes out."""
    return all(lines[name].is_idle for name in ("inbound", "tx"))


def _environment(base: str, variables: Mapping[str, str]) -> dict[str, str]:
    names = ("inbound", "tx", "mk", "reminder", "events")
    queues = {f"{name.upper()}_QUEUE_URL": f"{base}/000000000000/{name}" for name in names}
    return {**queues, "SQS_ENDPOINT_URL": base, "TELEGRAM_API_BASE": base, **variables}
