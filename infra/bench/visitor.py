"""What the measuring processes of the HTTP functions run: one warm instance that answers request after request.

It imports nothing of ours but the function, and that the way the cloud does, so that its memory is the function's.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from infra.bench.children import Gate

SUCCESS, CONFLICT = frozenset({200, 201}), 409
Handler = Callable[[Any, Any], dict[str, Any]]


class RequestFailed(RuntimeError):
    """A request was not answered with success; with what was answered."""


@dataclass(slots=True)
class Visited:
    """What a process has found.

    Attributes:
        times: milliseconds of each request, by its name.
        seconds: from the first request to the last answer.
        cpu_seconds: that this process has worked for them.
        memory_mb: the most it has ever had in memory, from its start on; 0 where the system does not tell.
    """

    times: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    memory_mb: float = 0.0

    @property
    def requests(self) -> int:
        """How many there were."""
        return sum(len(times) for times in self.times.values())


@dataclass(frozen=True, slots=True)
class Errand:
    """What a process is to do.

    Attributes:
        folder: of the function.
        environment: all of it.
        ids: of the salon, by what they are of; `service_id` and `on` are lists.
        tokens: to authorise with; one for each visitor, or one of the console.
        offset: where in the lists of services and days it begins, so that processes do not get in each other's way.
        rounds: visits.
        warm_up: visits before that.
    """

    folder: str
    environment: Mapping[str, str]
    ids: Mapping[str, Any]
    token: str
    offset: int
    rounds: int
    warm_up: int


class Caller:
    """Sends requests to a handler as the gateway does, and keeps how long each took."""

    def __init__(self, handler: Handler) -> None:
        self.found = Visited()
        self._handler = handler
        self._number = 0

    def send(
        self, name: str, method: str, target: str, token: str = "", body: object = None, *, may_be_taken: bool = False
    ) -> Any:
        """One request; what its answer says.

        Args:
            name: what its times are kept under.
            method: GET or POST.
            target: path and query.
            token: to authorise with.
            body: to be sent as JSON.
            may_be_taken: a conflict is an answer too, None: somebody else was quicker.

        Raises:
            RequestFailed: it was not a success.
        """
        self._number += 1
        event = request_event(method, target, token, body, key=f"bench-{os.getpid()}-{self._number}")
        started = time.perf_counter()
        answer = self._handler(event, None)
        took = (time.perf_counter() - started) * 1000
        if may_be_taken and answer["statusCode"] == CONFLICT:
            self.found.times.setdefault("taken", []).append(took)
            return None
        if answer["statusCode"] not in SUCCESS:
            raise RequestFailed(f"{method} {target} was answered with {answer['statusCode']}: {answer['body']}")
        self.found.times.setdefault(name, []).append(took)
        return json.loads(answer["body"])


Round = Callable[[Caller, Errand, int], None]


def visit(caller: Caller, errand: Errand, number: int) -> None:
    """A visitor's way to a booking: a session, the days, three days' slots, a hold, its confirmation, a look at it."""
    ids = errand.ids
    service_id = ids["service_ids"][number % len(ids["service_ids"])]
    token = caller.send("session", "POST", "/v1/sessions", body={"tenant_id": ids["tenant_id"]})["access_token"]
    caller.send("dates", "GET", f"/v1/dates?service_id={service_id}&location_id={ids['location_id']}", token)
    shown: list[dict[str, Any]] = []
    for more in range(3):
        on = ids["days"][(number * 3 + more) % len(ids["days"])]
        target = f"/v1/slots?service_id={service_id}&on={on}&location_id={ids['location_id']}"
        shown = caller.send("slots", "GET", target, token)["slots"] or shown
    for slot in shown:  # another process may have been quicker
        wanted = {"slot_id": slot["id"], "client": {"name": "Гость", "phone": f"+7900{number:07d}"}}
        held = caller.send("hold", "POST", "/v1/bookings", token, wanted, may_be_taken=True)
        if held is not None:
            caller.send("confirm", "POST", f"/v1/bookings/{held['id']}/confirm", token, {})
            caller.send("booking", "GET", f"/v1/bookings/{held['id']}", token)
            return


def attend(caller: Caller, errand: Errand, number: int) -> None:
    """The front desk: the week, the day, a client by a misspelt name, the bookings of the day."""
    ids = errand.ids
    on, place = ids["days"][number % len(ids["days"])], ids["location_id"]
    caller.send("week", "GET", f"/admin/v1/schedule?location_id={place}&on={on}&view=week", errand.token)
    caller.send("day", "GET", f"/admin/v1/schedule?location_id={place}&on={on}", errand.token)
    name = ids["names"][number % len(ids["names"])]
    caller.send("search", "POST", "/admin/v1/clients/search", errand.token, {"text": name})
    caller.send("bookings", "GET", f"/admin/v1/bookings?location_id={place}&limit=50", errand.token)
    caller.send("services", "GET", "/admin/v1/services", errand.token)


def work(gate: Gate, errand: Errand, one_round: Round) -> None:
    """Load the function, warm up, wait for `go`, make the rounds, hand over what was found, wait to be let go."""
    caller = Caller(load(errand.folder, errand.environment))
    for number in range(errand.warm_up):
        one_round(caller, errand, errand.offset + number)
    gate.pass_through()
    caller.found = Visited()
    started, worked = time.perf_counter(), time.process_time()
    for number in range(errand.warm_up, errand.warm_up + errand.rounds):
        one_round(caller, errand, errand.offset + number)
    found = caller.found
    found.seconds, found.cpu_seconds = time.perf_counter() - started, time.process_time() - worked
    found.memory_mb = memory_mb()
    gate.announce(found)
    gate.pass_through()


def load(folder: str, environment: Mapping[str, str]) -> Handler:
    """A function's handler, imported as the cloud does it.

    Args:
        folder: the function's.
        environment: all that its process has.
    """
    os.environ.clear()
    os.environ.update(environment)
    sys.path.insert(0, folder)
    handler: Handler = importlib.import_module("app").handler
    return handler


def memory_mb() -> float:
    """The most this process has ever had in memory; 0 where the system does not tell.

    `getrusage` would not do: it counts what the process had before it became this program.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    lines = dict(line.split(":", 1) for line in status.read_text("ascii").splitlines() if ":" in line)
    return int(lines["VmHWM"].split()[0]) / 1024


def request_event(method: str, target: str, token: str, body: object, *, key: str) -> dict[str, Any]:
    """A request as AWS's gateway hands it over."""
    path, query = urlsplit(target).path, parse_qsl(urlsplit(target).query)
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return {
        "version": "1.0",
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _gathered(query) or None,
        "pathParameters": {"proxy": path.lstrip("/")},
        "stageVariables": None,
        "requestContext": {
            "requestId": key,
            "httpMethod": method,
            "path": path,
            "stage": "Prod",
            "identity": {"sourceIp": "203.0.113.7"},
        },
        "body": None if body is None else json.dumps(body, ensure_ascii=False),
        "isBase64Encoded": False,
    }


def _gathered(query: Iterable[tuple[str, str]]) -> dict[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for name, value in query:
        found.setdefault(name, []).append(value)
    return dict(found)
