"""Understanding: one message read by the rules, without any model.

Inside the measured time: `understand` for one message of the evaluation file, each once, against the demo catalogue.
Outside: loading the words, which the first message of a process pays (`understanding.first`), and the import of the
module with its libraries (`understanding.import`, in a fresh process, with `.pyc`).
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from infra.bench.blueprint import PROJECT
from infra.bench.children import in_fresh_process
from infra.bench.figures import Figure, Measured, median, spread

MESSAGE_P95_MS = 5.0
PHRASES = PROJECT / "tests/unit/understanding/phrases.jsonl"
WARM_UP = 20
IMPORTS = 3


def measure(*, phrases: int, file: Path = PHRASES) -> Measured:
    """Read `phrases` messages of the file, after some others that warm up what is compiled at first use."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]
    imports: list[float] = []
    firsts: list[float] = []
    times: list[float] = []
    for _ in range(IMPORTS):
        imported, first, times = in_fresh_process(read, rows[: WARM_UP + phrases])
        imports.append(imported)
        firsts.append(first)
    figures = [
        *spread("understanding.message", times, p95_target=MESSAGE_P95_MS),
        Figure(name="understanding.first", measured=median(firsts), unit="ms"),
        Figure(name="understanding.import", measured=median(imports), unit="ms"),
    ]
    return Measured(figures, [f"{len(times)} messages, each once; import and first: median of {IMPORTS} processes"])


def read(rows: list[dict[str, Any]]) -> tuple[float, float, list[float]]:
    """Milliseconds of the import, of the first message, and of each message after the warm-up."""
    started = time.perf_counter()
    from salon.understanding.repository import load_demo_catalogue
    from salon.understanding.schemas import catalogue_of, hours_of, moment_of
    from salon.understanding.use_cases import understand

    imported = (time.perf_counter() - started) * 1000
    from salon.understanding.domain import Context

    catalogue = catalogue_of(load_demo_catalogue())
    times = []
    for row in rows:
        hours = hours_of(row.get("hours") or "09:00-21:00")
        context = Context(moment_of(row["now"]), row["tz"], hours, catalogue)
        begun = time.perf_counter()
        understand(row["text"], context)
        times.append((time.perf_counter() - begun) * 1000)
    return imported, times[0], times[WARM_UP:]
