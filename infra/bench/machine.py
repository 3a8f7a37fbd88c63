"""Facts about the machine that the figures depend on, and whether it was idle enough to believe them."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from infra.bench.figures import median

PAGE = b"\0" * 8192
SYNCS = 50


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine as it was before the first measurement.

    Attributes:
        cores: how many this process may use.
        load: load average of the last minute.
        processor: its name, where the system tells.
        system: kernel and release.
        python: version of the interpreter.
        sync_ms: what it takes to write one page of 8 KB durably; every commit pays it at least once.
    """

    cores: int
    load: float
    processor: str
    system: str
    python: str
    sync_ms: float

    def as_json(self) -> dict[str, Any]:
        """The facts for a program."""
        return asdict(self)


def observe(folder: Path) -> Machine:
    """Look at this machine.

    Args:
        folder: where the database will lie, to be measured for durable writes.
    """
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        load=round(os.getloadavg()[0], 2),
        processor=_processor(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        sync_ms=round(_sync_ms(folder), 3),
    )


def doubts(machine: Machine, load_after: float | None = None) -> list[str]:
    """Why the figures may say more about the machine than about the program; empty when there is no reason.

    Only the load before the run counts against it: afterwards the bench's own work is in the average.

    Args:
        machine: as it was at the start.
        load_after: load average at the end, to be told beside a warning.
    """
    if machine.load <= machine.cores / 2:
        return []
    after = "" if load_after is None else f", {load_after:.2f} at its end"
    busy = f"load average {machine.load:.2f} at the start on {machine.cores} cores{after}: others were working"
    return [f"{busy}; the figures are unreliable (times too long, throughput too low)"]


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text("utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _sync_ms(folder: Path) -> float:
    file = folder / "sync-probe"
    times = []
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for _ in range(SYNCS):
            started = time.perf_counter()
            os.pwrite(descriptor, PAGE, 0)
            os.fdatasync(descriptor)
            times.append((time.perf_counter() - started) * 1000)
    finally:
        os.close(descriptor)
        file.unlink()
    return median(times)
