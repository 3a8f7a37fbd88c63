"""Offers: what somebody who looks for a time waits for.

Inside the measured time of the `offers.*` figures with a set: from opening the tenant's transaction to its commit
(fsync included), `expose_slots` for one service and one whole local day with anybody, with holds that ran out ended
first, as `GET /v1/slots` calls it. `fresh` is a question that nobody has asked, `sticky` the same one again, `third`
the third round after the first two, `wish` a fresh one with a time of day («14:17»). `list` is `list_free_slots` for
such a day, `count` is `count_free_by_date` over all sixty days. Ten people, fifteen services, chairs, about 60 % sold
in broken-up diaries (`infra.bench.busy`), with a start every quarter of an hour (`quarter`) and every half (`half`).
Services and days alternate; all on one warm connection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time as clock_time
from typing import Any
from uuid import uuid4

from infra.bench.busy import BusyWorld, busy_copy
from infra.bench.children import in_fresh_process
from infra.bench.figures import Figure, Measured, spread
from infra.bench.salon import DAYS, Place, Server
from salon.availability import use_cases as availability
from salon.availability.offers.use_cases import expose_slots
from salon.booking import use_cases as booking
from salon.platform.clock import SystemClock
from salon.platform.db import ReadSession, WriteSession

P95_MS = 20.0
WISH = clock_time(14, 17)
WARM_UP = 20
LAST_DAY = DAYS - 2  # the horizon ends with the sixtieth day from now
GRIDS = {"quarter": 15, "half": 30}
TARGETS = {"fresh": P95_MS, "sticky": P95_MS, "third": P95_MS, "wish": P95_MS, "list": P95_MS}


def measure(server: Server, *, rounds: int) -> Measured:
    """Ask `rounds` questions of each kind on each grid."""
    figures: list[Figure] = []
    notes = [f"{rounds} questions of each kind on each grid, services and days in turn, transaction included"]
    for name, step_min in GRIDS.items():
        with busy_copy(server, step_min, "offers") as place:
            times, free = in_fresh_process(ask, place, rounds)
        for kind, samples in times.items():
            figures += spread(f"offers.{name}.{kind}", samples, p95_target=TARGETS.get(kind))
        notes.append(
            f"{name}: {place.world.slots} slots, {place.world.full:.0%} of the working time sold;"
            f" on average {free:.0f} free slots a day to choose from"
        )
    return Measured(figures, notes)


def ask(place: Place[BusyWorld], rounds: int) -> tuple[dict[str, list[float]], float]:
    """Milliseconds of each kind of question, and the mean number of slots that were free."""
    asking = Asking(place)
    for number in range(-WARM_UP, rounds):
        if number == 0:
            asking.times, asking.free = {}, []
        asking.about(number + WARM_UP)
    return asking.times, sum(asking.free) / len(asking.free)


class Asking:
    """Asks, and keeps how long each answer took."""

    def __init__(self, place: Place[BusyWorld]) -> None:
        self.times: dict[str, list[float]] = {}
        self.free: list[int] = []
        self._world = place.world
        self._database = place.database()
        self._clock = SystemClock()

    def about(self, number: int) -> None:
        """All kinds of questions about one service on one day."""
        world = self._world
        service_id, day = world.service_ids[number % len(world.service_ids)], 1 + number % (LAST_DAY - 1)
        on, now = world.day(day), self._clock.now()

        def show(session: WriteSession, **more: Any) -> int:
            shown = expose_slots(session, service_id=service_id, on=on, now=now, refresh=booking.expire_holds, **more)
            return shown.total

        subject = str(uuid4())
        self.free.append(self._write("fresh", lambda session: show(session, subject=subject)))
        self._write("sticky", lambda session: show(session, subject=subject))
        self._write("second", lambda session: show(session, subject=subject, round=2))
        self._write("third", lambda session: show(session, subject=subject, round=3))
        self._write("wish", lambda session: show(session, subject=str(uuid4()), wish=WISH))
        span: dict[str, Any] = {"service_id": service_id, "now": now}
        with self._timed("list"), self._database.read(world.tenant_id) as session:
            availability.list_free_slots(session, from_at=world.local(day), to_at=world.local(day + 1), **span)
        with self._timed("count"), self._database.read(world.tenant_id) as session:
            self._count(session, span)

    def _count(self, session: ReadSession, span: dict[str, Any]) -> None:
        availability.count_free_by_date(session, from_at=span["now"], to_at=self._world.local(DAYS), **span)

    def _write(self, kind: str, work: Callable[[WriteSession], int]) -> int:
        with self._timed(kind), self._database.transaction(self._world.tenant_id) as session:
            return work(session)

    @contextmanager
    def _timed(self, kind: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.times.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
