"""Reads supplier documents, measures the reading, verifies the ledger: ``python -m salon.inventory --help``."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

from salon.intake.documents.codec import to_json
from salon.intake.documents.domain import Limits
from salon.intake.documents.errors import DocumentRefused, EngineUnavailable
from salon.intake.documents.evaluation import Case, Figures, Result, TruthUnreadable, cases_in, compare
from salon.intake.documents.ports import Engines
from salon.intake.documents.reading import read_document
from salon.intake.use_cases.wording import reason_in_words

_EXAMPLE = """examples:
  python -m salon.inventory read invoice.jpg
  python -m salon.inventory evaluate FOLDER --json
  python -m salon.inventory verify --help

read prints one JSON object a document (an array for several): the fields of the evaluation files with
`confidence`, `flags` and `boxes`, a line's `accepted`; a file that is refused has `error`, `code` and `reason`.
evaluate takes pictures, PDF and XML with their truth beside them: NAME.json, or invNN.json for
invNN_<condition>.jpg."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m salon.inventory",
        description="Supplier documents and the stock ledger.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    read = commands.add_parser("read", help="print recognised documents as JSON")
    read.add_argument(
        "photos", nargs="+", type=Path, metavar="PHOTO", help="JPEG, PNG, HEIC, WebP, TIFF, PDF or УПД as XML"
    )
    measure = commands.add_parser("evaluate", help="compare with the truth beside the pictures")
    measure.add_argument("folder", type=Path, metavar="FOLDER")
    measure.add_argument("--json", action="store_true", help="print one JSON object of figures")
    measure.add_argument("--processes", type=int, default=1, metavar="N", help="documents at once (default: 1)")
    measure.add_argument("--misses", action="store_true", help="print every line that was missed, too")
    commands.add_parser("verify", help="prove the ledger's chain, or name its first broken link", add_help=False)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 on success, 1 when a document was refused, 2 when it was asked what it cannot answer."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["verify"]:
        from salon.inventory.ledger.verifying import main as verify

        return verify(words[1:])
    given = _parser().parse_args(words)
    try:
        return _evaluate(given) if given.command == "evaluate" else _read(given.photos)
    except (EngineUnavailable, TruthUnreadable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


@cache
def _engines() -> Engines:
    from salon.integrations.documents import open_engines

    return open_engines()


def _read(photos: Sequence[Path]) -> int:
    answers = [_read_one(path) for path in photos]
    print(json.dumps(answers[0] if len(answers) == 1 else answers, ensure_ascii=False, indent=2))
    return int(any("error" in answer for answer in answers))


def _read_one(path: Path) -> dict[str, Any]:
    try:
        result = read_document(path.read_bytes(), engines=_engines(), limits=Limits(), tell=_ignore)
    except DocumentRefused as error:
        return {"file": path.name, "error": str(error), "code": error.code, "reason": reason_in_words(error.code)}
    return {"file": path.name, **to_json(result.document)}


def _ignore(_percent: int) -> None:
    """The command line shows no progress."""


def _evaluate(given: argparse.Namespace) -> int:
    if not given.folder.is_dir():
        raise TruthUnreadable(f"{given.folder} is no folder")
    cases = list(cases_in(given.folder))
    if not cases:
        raise TruthUnreadable(f"{given.folder}: no documents with a truth beside them")
    result = Result()
    for case, (found, misses) in zip(cases, _measured(cases, given.processes), strict=True):
        result.add(case, found, misses)
    if given.json:
        print(json.dumps({
            **result.all.to_json(),
            "by_kind": {name: figures.to_json() for name, figures in sorted(result.by_kind.items())},
            "by_condition": {name: figures.to_json() for name, figures in sorted(result.by_condition.items())},
        }))  # fmt: skip
        return 0
    _print_table(result)
    if given.misses:
        print("\n".join(["", *result.misses]))
    return 0


def _measured(cases: Sequence[Case], processes: int) -> Iterator[tuple[Figures, list[str]]]:
    if processes <= 1:
        yield from map(_measure, cases)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_measure, cases)


def _measure(case: Case) -> tuple[Figures, list[str]]:
    engines = _engines()
    started = perf_counter()
    try:
        document = read_document(case.path.read_bytes(), engines=engines, limits=Limits(), tell=_ignore).document
    except DocumentRefused:
        document = None
    return compare(case, document, perf_counter() - started)


def _print_table(result: Result) -> None:
    widths = {"docs": 5, "lines": 6, "CER": 6, "numeric": 8, "full": 7, "units": 7, "accepted": 8, "silent": 6}
    print(" " * 16, *(f"{name:>{width}}" for name, width in {**widths, "totals": 7, "s/page": 7}.items()))
    rows = [("all", result.all), *sorted(result.by_kind.items()), *sorted(result.by_condition.items())]
    for name, figures in rows:
        lines, documents = max(1, figures.lines), max(1, figures.documents)
        print(
            f"{name:>16} {figures.documents:5d} {figures.lines:6d} {figures.edits / max(1, figures.characters):6.3f} "
            f"{figures.numeric / lines:8.1%} {figures.full / lines:7.1%} {figures.units / lines:7.1%} "
            f"{figures.accepted / lines:8.1%} {figures.wrong_unflagged:6d} {figures.totals_right / documents:7.1%} "
            f"{figures.seconds / max(1, figures.pages):7.2f}"
        )


if __name__ == "__main__":
    sys.exit(main())
