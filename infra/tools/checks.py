"""Every check that is not a test, side by side: `make lint`, the beginning of `make test`, the pre-commit hooks.

    python -m infra.tools.checks                # all
    python -m infra.tools.checks ruff types     # some
    python -m infra.tools.checks --list

A line for each; what a failed one printed follows. The exit status is the number of failures.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LAYER = "layers/salon/python"
Command = Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """How one check went."""

    name: str
    passed: bool
    output: str
    seconds: float


def commands() -> dict[str, list[Command]]:
    """Check → the commands it runs one after another, until one fails."""
    python = sys.executable
    # A cache of its own: runs by hand, with other paths, would leave theirs in it.
    mypy = (python, "-m", "mypy", "--cache-dir=.mypy_cache/checks")
    tools = Path(python).parent
    functions = sorted(path.parent for path in (PROJECT / "functions").glob("*/app.py"))
    return {
        "types": [
            (*mypy, "layers"),
            *(_types_of(function, mypy) for function in functions),
            ("env", f"MYPYPATH=.:{LAYER}", *mypy, "--explicit-package-bases", "infra"),
        ],
        "cfn-lint": [(str(tools / "cfn-lint"), "template.yaml")],
        "ruff": [(python, "-m", "ruff", "check", "--output-format=concise", ".")],
        "format": [(python, "-m", "ruff", "format", "--check", ".")],
        "imports": [(str(tools / "lint-imports"), "--no-logo")],
        "own-lints": [(python, "-m", "infra.tools.lints")],
        "schemas": [(python, "-m", "infra.tools.schemas", "--check")],
        "openapi": [(python, "-m", "infra.tools.openapi", "--check")],
        "diagram": [(python, "-m", "infra.tools.diagram", "--check")],
    }


def _types_of(function: Path, mypy: Command) -> Command:
    """A function's modules are top-level and called alike, so mypy sees one function at a time."""
    folder = function.relative_to(PROJECT).as_posix()
    return ("env", f"MYPYPATH={folder}:{LAYER}", *mypy, folder)


def run_check(name: str, steps: Sequence[Command]) -> Outcome:
    """Run the commands of one check."""
    started = time.monotonic()
    for step in steps:
        done = subprocess.run(
            step, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode != 0:
            return Outcome(name, passed=False, output=done.stdout, seconds=time.monotonic() - started)
    return Outcome(name, passed=True, output="", seconds=time.monotonic() - started)


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    known = commands()
    parser = argparse.ArgumentParser(prog="python -m infra.tools.checks", description=__doc__)
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=f"any of: {', '.join(known)}")
    parser.add_argument("--list", action="store_true", help="name the checks")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        print("\n".join(known))
        return 0
    unknown = sorted(set(chosen.checks) - set(known))
    if unknown:
        parser.error(f"there is no check {', '.join(unknown)}; there are: {', '.join(known)}")
    failed = 0
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        running = [pool.submit(run_check, name, known[name]) for name in chosen.checks or known]
        for future in as_completed(running):
            outcome = future.result()
            failed += not outcome.passed
            print(f"{'ok    ' if outcome.passed else 'FAILED'} {outcome.name:<10} {outcome.seconds:6.1f} s", flush=True)
            if not outcome.passed:
                print(outcome.output, flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
