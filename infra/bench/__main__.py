"""`make bench`: measures what the design promises, on real parts, and says what is reached.

    python -m infra.bench                         # all parts, a table, about seven minutes
    python -m infra.bench --quick                 # fewer samples, about two minutes
    python -m infra.bench --only webhook,booking  # some parts
    python -m infra.bench --json                  # one JSON object instead of the table

The database is the embedded PostgreSQL, migrated, reached through the application role, with fsync on: without it a
commit costs nothing and every figure below would be a lie. A missed target is told in the column `verdict` and does not
fail the command: figures depend on the machine, and a command that fails on a busy one teaches people to ignore it.
The status is 1 only when something could not be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from infra.bench.figures import Figure, Measured, Verdict, report, table
from infra.bench.machine import Machine, doubts, observe

PARTS = ("import", "webhook", "booking", "offers", "desk", "http", "messages", "understanding", "speech", "documents")
NEED_DATABASE = frozenset({"webhook", "booking", "offers", "desk", "http", "messages"})


@dataclass(frozen=True, slots=True)
class Effort:
    """How many samples each part takes.

    Attributes:
        functions: whose import is timed; none means all.
        imports: fresh processes of each kind for each function.
        source_imports: those of them that find no `.pyc`.
        updates: webhook calls.
        turns: of the booking load and pgbench.
        pairs: holds with confirmation in each turn.
        questions: of each kind, for offers.
        looks: of each kind, at the desk.
        generations: of all slots.
        visits: by HTTP.
        people: who write ten messages each.
        phrases: messages to read.
        listens: to each recording.
        papers: to photograph and read, in six conditions each.
        with_small: whether speech is also measured with the dimensions of the production default.
    """

    functions: tuple[str, ...]
    imports: int
    source_imports: int
    updates: int
    turns: int
    pairs: int
    questions: int
    looks: int
    generations: int
    visits: int
    people: int
    phrases: int
    listens: int
    papers: int
    with_small: bool


FULL = Effort(
    functions=(),
    imports=7,
    source_imports=1,
    updates=800,
    turns=3,
    pairs=320,
    questions=150,
    looks=100,
    generations=3,
    visits=100,
    people=200,
    phrases=200,
    listens=5,
    papers=4,
    with_small=True,
)
QUICK = Effort(
    functions=("http_webhooks", "queue_inbound", "timer_sweep"),
    imports=3,
    source_imports=0,
    updates=300,
    turns=2,
    pairs=80,
    questions=40,
    looks=30,
    generations=1,
    visits=20,
    people=40,
    phrases=200,
    listens=2,
    papers=1,
    with_small=False,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    options = _options(arguments)
    effort = QUICK if options.quick else FULL
    started = time.monotonic()
    machine = observe(Path(tempfile.gettempdir()))
    _tell(f"{machine.cores} cores, load {machine.load}, one durable write {machine.sync_ms:.2f} ms")
    found = run(options.only, effort)
    warnings = doubts(machine, os.getloadavg()[0])
    seconds = time.monotonic() - started
    if options.json:
        print(json.dumps(report(machine.as_json(), found, warnings, seconds), ensure_ascii=False))
    else:
        _print(machine, found, warnings, seconds)
    return 0


def run(only: Sequence[str], effort: Effort) -> dict[str, Measured]:
    """Measure some parts, one after another; PostgreSQL runs only while a part needs it.

    Args:
        only: names of parts.
        effort: how many samples.
    """
    found: dict[str, Measured] = {}
    with ExitStack() as stack:
        if "import" in only:
            from infra.bench import imports

            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="salon-bench-")))
            found["import"] = _timed(
                "import",
                lambda: imports.measure(
                    folder, rounds=effort.imports, source_rounds=effort.source_imports, only=effort.functions
                ),
            )
        if "understanding" in only:
            from infra.bench import reading

            found["understanding"] = _timed("understanding", lambda: reading.measure(phrases=effort.phrases))
        if "speech" in only:
            from infra.bench import speech

            found["speech"] = _timed(
                "speech", lambda: speech.measure(rounds=effort.listens, with_small=effort.with_small)
            )
        if "documents" in only:
            from infra.bench import papers

            found["documents"] = _timed("documents", lambda: papers.measure(documents=effort.papers))
    if NEED_DATABASE & set(only):
        found |= _on_a_database(only, effort)
    return {name: found[name] for name in PARTS if name in found}


def _on_a_database(only: Sequence[str], effort: Effort) -> dict[str, Measured]:
    from infra.bench import booking, desk, edge, offers, webhook
    from infra.bench.crowd import measure as messages
    from infra.bench.salon import Server

    found: dict[str, Measured] = {}
    with Server() as server:
        if "webhook" in only:
            with server.copy("webhook") as place:
                found["webhook"] = _timed("webhook", lambda: webhook.measure(place, updates=effort.updates))
        if "offers" in only:
            found["offers"] = _timed("offers", lambda: offers.measure(server, rounds=effort.questions))
        if "desk" in only:
            found["desk"] = _timed(
                "desk", lambda: desk.measure(server, rounds=effort.looks, generations=effort.generations)
            )
        if "http" in only:
            found["http"] = _timed("http", lambda: edge.measure(server, rounds=effort.visits))
        if "messages" in only:
            found["messages"] = _timed("messages", lambda: messages.measure(server, people=effort.people))
        if "booking" in only:
            found["booking"] = _timed(
                "booking", lambda: booking.measure(server, turns=effort.turns, pairs=effort.pairs)
            )
    return found


def _timed(name: str, measure: Callable[[], Measured]) -> Measured:
    started = time.monotonic()
    found = measure()
    _tell(f"{name}: {time.monotonic() - started:.0f} s")
    return found


def _print(machine: Machine, found: dict[str, Measured], warnings: Sequence[str], seconds: float) -> None:
    figures: list[Figure] = [figure for part in found.values() for figure in part.figures]
    print(f"{machine.processor}, {machine.cores} cores, load {machine.load} at the start, Python {machine.python}")
    print(f"PostgreSQL: embedded, fsync on; one durable write of a page takes {machine.sync_ms:.2f} ms here\n")
    print(table(figures))
    print()
    for name, part in found.items():
        for note in part.notes:
            print(f"{name}: {note}")
    missed = [figure.name for figure in figures if figure.verdict is Verdict.MISSED]
    asked = sum(figure.target is not None for figure in figures)
    print(f"\n{asked - len(missed)} of {asked} targets reached in {seconds:.0f} s")
    for warning in warnings:
        print(f"WARNING: {warning}")


def _tell(line: str) -> None:
    """Progress, on standard error: standard output is the result alone."""
    print(line, file=sys.stderr, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=_parts, default=PARTS, metavar="PART,…", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="fewer samples")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(arguments)


def _parts(text: str) -> tuple[str, ...]:
    wanted = tuple(part.strip() for part in text.split(",") if part.strip())
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown or not wanted:
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(unknown) or text!r}; there are {', '.join(PARTS)}")
    return wanted


if __name__ == "__main__":
    sys.exit(main())
