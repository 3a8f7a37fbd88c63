"""Reads one message, or measures a file of them: ``python -m salon.understanding --help``."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import Any

from salon.platform.errors import SalonError
from salon.understanding.domain import Catalogue, Context
from salon.understanding.errors import ContextNotUsable, EvaluationFileUnreadable, LexiconNotFound
from salon.understanding.evaluation import Result, evaluate
from salon.understanding.repository import load_demo_catalogue
from salon.understanding.schemas import NOT_JSON, catalogue_of, hours_of, moment_of, read_rows, understood_to_json
from salon.understanding.use_cases import understand

_COLUMN = 6
_EXAMPLE = """example:
  python -m salon.understanding "завтра в 9 вечера на стрижку" --now 2026-03-11T10:30:00+03:00 --tz Europe/Moscow

The answer is one JSON object; what was not said is null. Times are local to --tz. A non-empty when.ambiguous
names what must be asked before anything is booked.

--evaluate takes date phrases (JSON lines: text, now, tz, hours, expected, alt, tags), names (one object: services,
staff, queries) or intents (JSON lines: text, intent), and prints counts, for intents a table of what was taken for
what, and every miss; with --json one object of counts alone."""


def _moment(text: str) -> datetime:
    try:
        return moment_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not a moment with an offset: {error}") from error


def _hours(text: str) -> Any:
    try:
        return hours_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m salon.understanding",
        description="Read a Russian message as the booking dialogue does: intent, service, staff, date and time.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("text", nargs="?", help="the message")
    parser.add_argument(
        "--now", type=_moment, help="moment of the message, ISO 8601 with offset (required with a text)"
    )
    parser.add_argument("--tz", default="Europe/Moscow", help="the salon's time zone, IANA name (default: %(default)s)")
    parser.add_argument("--hours", type=_hours, default="09:00-21:00", help="opening hours (default: %(default)s)")
    parser.add_argument(
        "--catalogue",
        type=Path,
        metavar="FILE.json",
        help="services and staff; without it a demo salon's, or what the evaluated file brings",
    )
    parser.add_argument("--expecting", choices=("service", "when", "staff"), help="what the dialogue has just asked")
    parser.add_argument("--evaluate", type=Path, metavar="FILE", help="measure a file instead of reading a message")
    parser.add_argument("--json", action="store_true", help="with --evaluate: print one JSON object of figures")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 on success, 2 when it was asked in a way it cannot answer."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if (given.text is None) == (given.evaluate is None):
        parser.error("give either a message or --evaluate FILE")
    if given.text is not None and given.now is None:
        parser.error("--now is required: a message is read against a moment")
    try:
        return _evaluate(given) if given.evaluate else _read(given)
    except (ContextNotUsable, EvaluationFileUnreadable, LexiconNotFound, SalonError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _read(given: argparse.Namespace) -> int:
    catalogue = _catalogue(given.catalogue) or catalogue_of(load_demo_catalogue())
    context = Context(given.now, given.tz, given.hours, catalogue, given.expecting)
    with redirect_stdout(sys.stderr):  # where the log goes: standard output is the answer's alone
        answer = understood_to_json(understand(given.text, context))
    print(json.dumps(answer, ensure_ascii=False, indent=2))
    return 0


def _catalogue(path: Path | None) -> Catalogue | None:
    if path is None:
        return None
    try:
        return catalogue_of(json.loads(path.read_text(encoding="utf-8")))
    except NOT_JSON as error:  # or no UTF-8, or another shape
        raise EvaluationFileUnreadable(f"{path}: {error}") from error


def _evaluate(given: argparse.Namespace) -> int:
    rows = read_rows(given.evaluate)
    with redirect_stdout(sys.stderr):
        result = evaluate(rows, _catalogue(given.catalogue))
    for label, count in sorted(result.unknown_intents.items()):
        print(f"warning: {label!r} is no intent of ours; rows that expect it: {count}", file=sys.stderr)
    if given.json:
        counts = result.counts()
        print(json.dumps({"total": counts["total"], "exact": counts["exact"]} if result.confusion else counts))
        return 0
    _print_table(result)
    return 0


def _print_table(result: Result) -> None:
    for name, count in result.counts().items():
        print(f"{name:>16} {count:5d} {count / max(1, result.total):7.1%}")
    for tag, (good, total) in sorted(result.by_tag.items()):
        print(f"{tag:>16} {good:5d} of {total}")
    if result.confusion:
        _print_confusion(result.confusion)
    for miss in result.misses:
        print(f"{miss['verdict']}: {miss['text']!r}\n    expected {miss['expected']}\n    got      {miss['got']}")


def _print_confusion(confusion: dict[tuple[str, str], int]) -> None:
    """A row for each intent that was meant, a column for each that was read."""
    meant = sorted({wanted for wanted, _ in confusion})
    read = sorted({got for _, got in confusion})
    print(f"\n{'meant, and read as':>18} " + " ".join(f"{name[:_COLUMN]:>{_COLUMN}}" for name in read))
    for wanted in meant:
        cells = (confusion.get((wanted, got), 0) for got in read)
        print(f"{wanted[:18]:>18} " + " ".join(f"{count or '.':>{_COLUMN}}" for count in cells))
    print()


if __name__ == "__main__":
    sys.exit(main())
