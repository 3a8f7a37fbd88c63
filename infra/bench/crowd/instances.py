"""Instances of the functions, each a process that answers one call at a time, and what calls them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.bench.blueprint import PROJECT, functions, process_environment
from infra.bench.children import Child, ChildFailed, Gate
from infra.bench.crowd.outside import Line
from infra.bench.visitor import load, memory_mb

BATCH = 10
POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Worked:
    """What one instance did.

    Attributes:
        calls: how many it answered.
        cpu_s: seconds that its process worked for them.
        memory_mb: the most it ever had.
    """

    calls: int
    cpu_s: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Raised:
    """What left a function instead of an answer."""

    what: str


def serve(gate: Gate, folder: str, environment: Mapping[str, str]) -> Worked:
    """Load a function and answer call after call until None comes; in a process of its own."""
    handler = load(folder, environment)
    gate.announce("ready")
    calls, started = 0, time.process_time()
    while (event := gate.receive()) is not None:
        calls += 1
        try:
            gate.announce(handler(event, None))
        except Exception as error:  # noqa: BLE001 - whatever leaves a function, its caller is told
            gate.announce(Raised(f"{type(error).__name__}: {error}"))
    return Worked(calls, time.process_time() - started, memory_mb())


class Instances:
    """The instances of one function.

    Attributes:
        name: of the function.
        raised: what left it instead of answers.
        dead: instances that ended by themselves.
    """

    def __init__(self, name: str, children: Sequence[Child]) -> None:
        self.name = name
        self.raised: list[str] = []
        self.dead: set[int] = set()
        self._children = children

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self._children)

    def call(self, instance: int, event: Mapping[str, Any]) -> Any:
        """One call of one instance; None when it raised, or died."""
        child = self._children[instance]
        try:
            child.send(event)
            answer = child.take()
        except (ChildFailed, OSError) as error:
            self.dead.add(instance)
            answer = Raised(str(error))
        if isinstance(answer, Raised):
            self.raised.append(answer.what)
            return None
        return answer

    def retire(self) -> list[Worked]:
        """Let all of them end; what each has done."""
        alive = [child for instance, child in enumerate(self._children) if instance not in self.dead]
        for child in alive:
            child.send(None)
        return [child.take() for child in alive]


@contextmanager
def running(fleet: Mapping[str, int], variables: Mapping[str, str]) -> Iterator[dict[str, Instances]]:
    """So many instances of each function, loaded; they end with the block.

    Args:
        fleet: how many of each.
        variables: what differs from the values that the template gives them.
    """
    known = {function.name: function for function in functions()}
    with ExitStack() as stack:
        started: dict[str, list[Child]] = {}
        for name, number in fleet.items():
            environment = process_environment(known[name], Path("/nonexistent"), **variables)
            for _ in range(number):
                child = Child(serve, str(PROJECT / "functions" / name), environment)
                stack.callback(child.stop)
                started.setdefault(name, []).append(child)
        for children in started.values():
            for child in children:
                child.take()
        yield {name: Instances(name, children) for name, children in started.items()}


@contextmanager
def triggered(instances: Instances, line: Line, queue: str) -> Iterator[None]:
    """Hand over what the queue holds in batches, to all instances at the same time, for as long as the block runs."""
    stop = threading.Event()

    def feed(instance: int) -> None:
        while not stop.is_set() and instance not in instances.dead:
            letters = line.take(BATCH, POLL_S)
            if letters:
                answer = instances.call(instance, {"Records": [letter.record(queue) for letter in letters]})
                line.settle(letters, _failed(answer, letters, queue), queue)

    with threads(feed, instances.number):
        try:
            yield
        finally:
            stop.set()


@contextmanager
def threads(work: Callable[[int], None], number: int) -> Iterator[None]:
    """`number` threads that do `work`, each with its number; the block's end waits for theirs."""
    threads = [threading.Thread(target=work, args=(instance,), daemon=True) for instance in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def _failed(answer: Any, letters: Sequence[Any], queue: str) -> set[str]:
    """What comes back: what the answer names, or all when the function raised (AWS's rule)."""
    if answer is None:
        return {f"{queue}-{letter.number}" for letter in letters}
    return {item["itemIdentifier"] for item in answer.get("batchItemFailures", [])}
