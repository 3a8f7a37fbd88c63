"""`python -m tests.support.documents --out FOLDER --seed 7 --documents 12`: a set of documents for the reader."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from .content import KINDS
from .papers import make_paper
from .photograph import CONDITIONS, EXTRA
from .writing import RENDITIONS, write


def main() -> None:
    """Write the set and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--documents", type=int, default=12)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument(
        "--conditions", nargs="+", choices=(*CONDITIONS, *EXTRA, *RENDITIONS), default=tuple(CONDITIONS)
    )
    parser.add_argument("--lines", type=int, nargs=2, metavar=("LEAST", "MOST"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    started, lines, pictures = time.perf_counter(), Counter(), 0
    for number in range(asked.documents):
        kind = asked.kinds[number % len(asked.kinds)]
        paper = make_paper(kind, f"{asked.seed}:{number}", lines=tuple(asked.lines) if asked.lines else None)
        name = f"inv{number:02d}"
        (asked.out / f"{name}.json").write_text(json.dumps(paper.truth(), ensure_ascii=False, indent=1), "utf-8")
        lines[kind] += len(paper.content.lines)
        for condition in asked.conditions:
            pictures += len(write(paper, condition, asked.out / f"{name}_{condition}", seed=f"{asked.seed}:{number}"))
    spent = time.perf_counter() - started
    summary = [f"{asked.documents} documents, {pictures} files, {spent:.1f} s ({spent / max(1, pictures):.2f} s each)"]
    summary += [f"  {kind}: {count} lines" for kind, count in lines.items()]
    sys.stdout.write("\n".join(summary) + "\n")


if __name__ == "__main__":
    main()
