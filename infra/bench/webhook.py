"""The webhook: from the event in the handler's hands to its answer, on one warm instance.

Inside the measured time: `http_webhooks`' real handler, one call after another: the entry point, routing, the account's
secrets unsealed and checked, the rate limit, the update sealed and stored in the inbox, COMMIT (with fsync), the id
sent to the queue through boto, the log lines (written, to nowhere), the answer. Outside: the import and the first
calls, which open the connections.

`database` is the time inside the driver's calls, waiting included; `queue` is the time inside the queue port: boto and
a loopback HTTP server in another process, which answers SendMessage and keeps nothing; `code` is the rest. The target
is for all but the queue's call, because the figure of a real queue is its provider's. The updates are distinct text
messages to 20 accounts: one alone would run into its rate limit, which stays in force.
"""

from __future__ import annotations

import json
import os
import sys
import time
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pg8000.native import Connection as PgConnection

from infra.bench.blueprint import CREDENTIALS, PROJECT
from infra.bench.children import Child, in_fresh_process
from infra.bench.figures import Figure, Measured, spread
from infra.bench.queue_double import serve
from infra.bench.salon import MASTER_KEYS, WEBHOOK_SECRET, Place, World
from salon.messaging.use_cases.webhook import AcceptWebhook
from salon.platform.pg import PgDatabase
from salon.platform.queues import Queue
from salon.platform.settings import DatabaseSettings

OWN_P95_MS = 15.0
WARM_UP = 50
NAME = "http_webhooks"


@dataclass(slots=True)
class Stopwatch:
    """Adds up the time inside something."""

    total_ms: float = 0.0

    def timed(self, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Make the call and add its time, also when it raises."""
        started = time.perf_counter()
        try:
            return call(*given, **named)
        finally:
            self.total_ms += (time.perf_counter() - started) * 1000


@dataclass(slots=True)
class Split:
    """Durations of the measured calls in milliseconds, by where the time went."""

    total: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    queue: list[float] = field(default_factory=list)

    @property
    def own(self) -> list[float]:
        """All but the queue's call."""
        return [whole - sending for whole, sending in zip(self.total, self.queue, strict=True)]

    @property
    def code(self) -> list[float]:
        """Neither database nor queue."""
        return [own - waiting for own, waiting in zip(self.own, self.database, strict=True)]


def measure(place: Place[World], *, updates: int) -> Measured:
    """Deliver `updates` distinct updates and split the time."""
    server = Child(serve)
    try:
        endpoint = f"http://127.0.0.1:{server.take()}"
        split = in_fresh_process(deliver, place, endpoint, updates)
    finally:
        server.stop()
    figures: list[Figure] = [
        *spread("webhook.total", split.total),
        *spread("webhook.own", split.own, p95_target=OWN_P95_MS),
        *spread("webhook.database", split.database),
        *spread("webhook.code", split.code),
        *spread("webhook.queue", split.queue),
    ]
    notes = [f"{updates} distinct updates one after another; own = database + code, all but the queue's call"]
    return Measured(figures, notes)


def deliver(place: Place[World], endpoint: str, updates: int) -> Split:
    """Import the function with timed adapters and call its handler; in a process of its own."""
    clocks = {"database": Stopwatch(), "queue": Stopwatch()}
    handler = _handler(place, endpoint, clocks)
    split = Split()
    for number in range(WARM_UP + updates):
        event = _event(place.world.account_keys[number % len(place.world.account_keys)], number)
        for clock in clocks.values():
            clock.total_ms = 0.0
        started = time.perf_counter()
        answer = handler(event, None)
        took = (time.perf_counter() - started) * 1000
        if answer["statusCode"] != 200:  # noqa: PLR2004 - HTTP's own number for success
            raise RuntimeError(f"The webhook answered {answer['statusCode']}: {answer['body']}")
        if number >= WARM_UP:
            split.total.append(took)
            split.database.append(clocks["database"].total_ms)
            split.queue.append(clocks["queue"].total_ms)
    return split


def _handler(
    place: Place[World], endpoint: str, clocks: Mapping[str, Stopwatch]
) -> Callable[[Any, Any], dict[str, Any]]:
    """The function's own `app` and `routes` over a bootstrap whose database and queue are timed."""
    os.environ.update(
        CREDENTIALS,
        DATABASE_URL=place.url,
        MASTER_KEYS=MASTER_KEYS,
        INBOUND_QUEUE_URL=f"{endpoint}/000000000000/bench-inbound",
        SQS_ENDPOINT_URL=endpoint,
    )
    sys.path.insert(0, str(PROJECT / "functions" / NAME))
    import bootstrap  # type: ignore[import-not-found] # of the function's folder

    timed = types.ModuleType("bootstrap")
    timed.wire = lambda: _with_timed_adapters(bootstrap.wire(), place, clocks)  # type: ignore[attr-defined]  # a module made here
    sys.modules["bootstrap"] = timed
    import app  # type: ignore[import-not-found] # of the function's folder

    handler: Callable[[Any, Any], dict[str, Any]] = app.handler
    return handler


def _with_timed_adapters(accept: AcceptWebhook, place: Place[World], clocks: Mapping[str, Stopwatch]) -> AcceptWebhook:
    """What the function has wired, with a stopwatch around its two adapters."""
    accept._database = TimedPgDatabase(place.settings(), clocks["database"])  # noqa: SLF001 - no switch in the product for a bench
    accept._inbound = TimedQueue(accept._inbound, clocks["queue"])  # type: ignore[assignment] # noqa: SLF001 - as above
    return accept


class TimedConnection:
    """The driver's connection with a stopwatch around its one method that waits."""

    def __init__(self, connection: PgConnection, clock: Stopwatch) -> None:
        self._connection = connection
        self._clock = clock

    def run(self, sql: str, **parameters: Any) -> Any:
        """Run one statement, timed."""
        return self._clock.timed(self._connection.run, sql, **parameters)


class TimedPgDatabase(PgDatabase):
    """The webhook's database; BEGIN, every statement and COMMIT are timed."""

    def __init__(self, settings: DatabaseSettings, clock: Stopwatch) -> None:
        super().__init__(settings)
        self._clock = clock

    def _begin(self) -> Any:
        return TimedConnection(self._clock.timed(super()._begin), self._clock)


class TimedQueue:
    """A queue with a stopwatch around the method that the webhook calls."""

    def __init__(self, queue: Queue, clock: Stopwatch) -> None:
        self._queue = queue
        self._clock = clock

    def send(self, body: Mapping[str, Any], *, delay_s: int = 0) -> None:
        """Send one message, timed."""
        self._clock.timed(self._queue.send, body, delay_s=delay_s)


def _event(account_key: str, number: int) -> dict[str, Any]:
    """A text message as AWS's gateway hands it over."""
    person = {"id": 700_000 + number, "is_bot": False, "first_name": "Проба", "language_code": "ru"}
    update = {
        "update_id": 10_000_000 + number,
        "message": {
            "message_id": number,
            "from": person,
            "chat": {"id": person["id"], "first_name": "Проба", "type": "private"},
            "date": 1_773_214_200 + number,
            "text": f"Здравствуйте! Можно записаться на стрижку завтра после обеда? {number}",
        },
    }
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
    path = f"/webhooks/telegram/{account_key}"
    return {
        "version": "1.0",
        "resource": "/webhooks/{proxy+}",
        "path": path,
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": f"telegram/{account_key}"},
        "stageVariables": None,
        "requestContext": {"requestId": f"bench-request-{number}", "httpMethod": "POST", "path": path, "stage": "Prod"},
        "body": json.dumps(update, ensure_ascii=False),
        "isBase64Encoded": False,
    }
