"""The HTTP functions: from the event in the handler's hands to its answer, on warm instances.

Inside the measured time: the real handlers of `http_booking` and `http_admin`, one call after another: the entry
point, routing, validation, the token, the rate limits (in a transaction of their own, the limits themselves raised),
the session, the idempotency key, the use case in its transaction, COMMIT (with fsync), the fact's id sent through boto
to a loopback HTTP server that answers and keeps nothing, log lines (written, to nowhere), the answer as JSON. On the
busy salon with a start every half hour (`infra.bench.busy`).

`http.mix` is a visitor's whole way to a booking: a session, the days, three days' slots, a hold, its confirmation, a
look at it: eight requests, one after another, by one instance alone. `http.mix.rate` is how many such requests one
instance answers a second, `http.mix.rate_of_4` four of them at once, on cores that they share with PostgreSQL.
`http.mix.cpu` is what a request costs the function's process, `http.mix.postgres_cpu` what it costs the server's.
`http.instances` extrapolates: instances that are busy at the same time when 5,000 such requests come in a second
(requests × mean time, Little's law), if PostgreSQL has the cores that `http.postgres_cores` says and then answers as
quickly as here.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

from infra.bench.blueprint import PROJECT, functions, process_environment
from infra.bench.busy import FIRST_NAMES, LAST_NAMES, SEED, BusyWorld, busy_copy
from infra.bench.children import Child
from infra.bench.desk import misspelt
from infra.bench.figures import Figure, Measured, spread
from infra.bench.queue_double import serve
from infra.bench.salon import ACTOR, DAYS, MASTER_KEYS, Place, Server, postgres_seconds
from infra.bench.visitor import Errand, Round, Visited, attend, visit, work
from salon.identity.tokens import SigningKeys, Tokens
from salon.identity.use_cases.sessions import open_user_session
from salon.platform.clock import SystemClock
from salon.platform.crypto import MasterKeys

STEP_MIN = 30
P95_MS = {"slots": 30.0, "hold": 30.0, "confirm": 30.0, "week": 50.0, "day": 50.0, "search": 100.0}
MEMORY_MB = 512.0
REQUESTS_A_SECOND = 5_000
PROCESSES = 4
WARM_UP = 10
NAMES = 100
UNLIMITED = str(1_000_000)
QUEUE = "_QUEUE_URL"
LIMITS = ("READS", "BOOKINGS", "CHANGES", "SESSIONS", "CONSOLE")


def measure(server: Server, *, rounds: int) -> Measured:
    """Visit `rounds` times, alone and four at once, and attend to the desk as often."""
    queue = Child(serve)
    try:
        endpoint = f"http://127.0.0.1:{queue.take()}"
        with busy_copy(server, STEP_MIN, "http") as place:
            salon = Salon(place, endpoint)
            [alone], postgres_s = salon.run("http_booking", visit, rounds, processes=1)
            together, _ = salon.run("http_booking", visit, rounds, processes=PROCESSES)
            [desk], _ = salon.run("http_admin", attend, rounds, processes=1)
    finally:
        queue.stop()
    figures: list[Figure] = []
    for name, times in (alone.times | desk.times).items():
        figures += spread(f"http.{name}", times, p95_target=P95_MS.get(name))
    figures += mix(alone, together, postgres_s)
    figures += [
        Figure(name=f"http.{name}.memory", measured=found.memory_mb, unit="MB", target=MEMORY_MB)
        for name, found in (("booking", alone), ("admin", desk))
        if found.memory_mb
    ]
    notes = [
        f"{rounds} visits of 8 requests by one instance, then by {PROCESSES} at once; {rounds} rounds at the desk",
        f"{REQUESTS_A_SECOND} requests a second: of the visitors' mix, PostgreSQL as quick as here under that load",
    ]
    return Measured(figures, notes)


def mix(alone: Visited, together: Sequence[Visited], postgres_s: float | None) -> list[Figure]:
    """What the visitors' requests cost on average, and what 5,000 of them a second would need.

    Args:
        alone: one instance.
        together: several at once.
        postgres_s: seconds that PostgreSQL worked for the first; None where that cannot be told.
    """
    mean_s = sum(sum(times) for times in alone.times.values()) / alone.requests / 1000
    rate = sum(found.requests / found.seconds for found in together)
    figures = [
        Figure(name="http.mix.mean", measured=mean_s * 1000, unit="ms"),
        Figure(name="http.mix.rate", measured=1 / mean_s, unit="1/s", peer="one instance"),
        Figure(name=f"http.mix.rate_of_{len(together)}", measured=rate, unit="1/s", peer=f"{os.cpu_count()} cores"),
        Figure(name="http.mix.cpu", measured=alone.cpu_seconds / alone.requests * 1000, unit="ms"),
        Figure(name="http.instances", measured=REQUESTS_A_SECOND * mean_s, unit="", peer="for 5,000 requests a second"),
    ]
    if postgres_s is not None:
        each_s = postgres_s / alone.requests
        figures += [
            Figure(name="http.mix.postgres_cpu", measured=each_s * 1000, unit="ms"),
            Figure(name="http.postgres_cores", measured=REQUESTS_A_SECOND * each_s, unit="", peer="for as many"),
        ]
    return figures


class Salon:
    """Sends processes with an errand to a salon."""

    def __init__(self, place: Place[BusyWorld], endpoint: str) -> None:
        self._place = place
        self._endpoint = endpoint
        self._keys = MasterKeys.generate()  # the same form as the signing keys'
        self._visited = 0

    def run(
        self, function: str, one_round: Round, rounds: int, *, processes: int
    ) -> tuple[list[Visited], float | None]:
        """What each process found, and the seconds that PostgreSQL's processes worked meanwhile."""
        with ExitStack() as stack:
            children: list[Child] = []
            for _ in range(processes):
                errand = self._errand(function, rounds)
                children.append(Child(work, errand, one_round))
                stack.callback(children[-1].stop)
            for child in children:
                child.take()
            before = postgres_seconds(self._place.owner_url)
            for child in children:
                child.go()
            found: list[Visited] = [child.take() for child in children]
            after = postgres_seconds(self._place.owner_url)
            return found, None if before is None or after is None else after - before

    def _errand(self, function: str, rounds: int) -> Errand:
        world = self._place.world
        self._visited += WARM_UP + rounds
        return Errand(
            folder=str(PROJECT / "functions" / function),
            environment=self._environment(function),
            ids={
                "tenant_id": str(world.tenant_id),
                "location_id": str(world.location_id),
                "service_ids": [str(service_id) for service_id in world.service_ids],
                "days": [world.day(number).isoformat() for number in range(1, DAYS - 2)],
                "names": _names(),
            },
            token=self._console_token(world.user_id),
            offset=self._visited,
            rounds=rounds,
            warm_up=WARM_UP,
        )

    def _environment(self, function: str) -> dict[str, str]:
        known = next(one for one in functions() if one.name == function)
        values = {"DATABASE_URL": self._place.url, "MASTER_KEYS": MASTER_KEYS, "JWT_SECRETS": self._keys}
        values |= {f"{name}_PER_MINUTE": UNLIMITED for name in LIMITS}
        values |= {name: f"{self._endpoint}/000000000000/{name}" for name in known.environment if name.endswith(QUEUE)}
        return process_environment(known, Path("/nonexistent"), **values, SQS_ENDPOINT_URL=self._endpoint)

    def _console_token(self, user_id: UUID) -> str:
        tokens, database = Tokens(lambda: SigningKeys.parse(self._keys)), self._place.database()
        try:
            with database.transaction(self._place.world.tenant_id) as session:
                return open_user_session(session, tokens, user_id, actor=ACTOR, now=SystemClock().now()).access_token
        finally:
            database.engine.dispose()


def _names() -> list[str]:
    chance = random.Random(SEED)  # noqa: S311 - a repeatable choice, nothing secret
    return [misspelt(f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}", chance) for _ in range(NAMES)]
