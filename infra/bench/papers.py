"""Documents: a page read by our engines, beside the `tesseract` command on the same picture.

Both as processor seconds of one thread, so that what else the machine does counts for neither. The pictures are the
generator's, made for the run. The limit is half as much again as the command takes, over all pictures together;
Tesseract alone gives words, we give a document.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from infra.bench.children import ChildFailed
from infra.bench.figures import Figure, Measured

PROJECT = Path(__file__).resolve().parents[2]
MAX_RATIO = 1.5  # of the tesseract command's time
MAX_MEGABYTES = 2048.0
SEED = 31
CONDITIONS = ("clean", "rotated", "perspective", "noisy", "low_light", "telegram")
ENVIRONMENT = {**os.environ, "OMP_THREAD_LIMIT": "1", "PYTHONPATH": str(PROJECT / "layers" / "salon" / "python")}


def measure(*, documents: int) -> Measured:
    """Read `documents` papers in every condition.

    Raises:
        ChildFailed: a process ended without its result.
    """
    if shutil.which("tesseract") is None:
        return Measured(figures=(), notes=("there is no tesseract command to compare with: `make setup` as root",))
    with tempfile.TemporaryDirectory(prefix="salon-bench-") as folder:
        _run("-m", "tests.support.documents", "--out", folder, "--seed", str(SEED),
                    "--documents", str(documents), "--conditions", *CONDITIONS)  # fmt: skip
        pictures = sorted(map(str, Path(folder).glob("*.jpg")))
        ours = json.loads(_run("-m", "infra.bench.papers", *pictures).splitlines()[-1])
        theirs = {picture: _command(picture) for picture in pictures}
    return Measured(figures=tuple(_figures(ours, theirs)), notes=(f"{len(pictures)} pictures of {documents} papers",))


def _figures(ours: dict[str, float], theirs: dict[str, float]) -> list[Figure]:
    memory = ours.pop("megabytes")
    by: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for picture, seconds in ours.items():
        by[re.sub(r"^[^_]*_", "", Path(picture).stem)].append((seconds, theirs[picture]))
    mine, peer = sum(ours.values()), sum(theirs.values())
    found = [
        Figure(
            name="documents.page",
            measured=1000 * mine / len(ours),
            unit="ms",
            peer=f"the tesseract command {1000 * peer / len(ours):.0f} ms",
        ),
        _ratio("documents.ratio", mine, peer),
    ]
    for condition, pairs in sorted(by.items()):
        found.append(_ratio(f"documents.ratio.{condition}", *(sum(side) for side in zip(*pairs, strict=True))))
    return [*found, Figure(name="documents.memory", measured=memory, unit="MB", target=MAX_MEGABYTES)]


def _ratio(name: str, mine: float, peer: float) -> Figure:
    return Figure(name=name, measured=mine / peer, unit="x", target=MAX_RATIO, peer="the tesseract command")


def _run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], env=ENVIRONMENT, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ChildFailed(done.stderr[-2000:])
    return done.stdout


def _command(picture: str) -> float:
    """Processor seconds of the command: as it is, with both languages."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        ["tesseract", picture, "stdout", "-l", "rus+eng"], env=ENVIRONMENT, check=True, capture_output=True
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(pictures: list[str]) -> None:
    """What runs in a process of its own: read each picture, after one for nothing, as a warm function does."""
    from salon.intake.documents.domain import Limits
    from salon.intake.documents.reading import read_document
    from salon.integrations.documents import open_engines

    engines, found = open_engines(), {}
    for picture in (pictures[0], *pictures):
        data = Path(picture).read_bytes()
        started = time.process_time()
        read_document(data, engines=engines, limits=Limits(), tell=lambda _percent: None)
        found[picture] = time.process_time() - started
    most = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    print(json.dumps({**found, "megabytes": int(most[1]) / 1024 if most else 0.0}))


if __name__ == "__main__":
    main(sys.argv[1:])
