"""Says which alerts fire on the functions' log.

    python -m infra.monitoring FILE…           # the functions' JSON lines; - reads standard input
    python -m infra.monitoring --json FILE…    # one JSON object
    python -m infra.monitoring --list          # every alert, without reading anything

The status is 0 when nothing fires, 1 when something does, and 2 when a file cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.monitoring.evaluate import Firing, evaluate
from infra.monitoring.reading import Reader
from infra.monitoring.rules import Alert, read_alerts

ALL_QUIET, SOMETHING_FIRES, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    options = _options(arguments)
    alerts = read_alerts()
    if options.list:
        _list(alerts, as_json=options.json)
        return ALL_QUIET
    reader = Reader()
    try:
        firings = evaluate(alerts, reader.lines(_text(options.files)))
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return UNREADABLE
    if options.json:
        told = {"lines": reader.read, "strange": reader.strange, "firing": [one.as_json() for one in firings]}
        print(json.dumps(told, ensure_ascii=False))
    else:
        _tell(firings, reader)
    return SOMETHING_FIRES if firings else ALL_QUIET


def _text(files: Sequence[str]) -> Iterator[str]:
    for name in files:
        if name == "-":
            yield from sys.stdin
        else:
            with Path(name).open(encoding="utf-8", errors="replace") as file:
                yield from file


def _tell(firings: Sequence[Firing], reader: Reader) -> None:
    for one in firings:
        about = ", ".join(f"{name} {value}" for name, value in one.labels.items() if value)
        print(f"{one.alert.severity.value.upper()} {one.alert.name}" + (f" ({about})" if about else ""))
        print(f"  {one.first_at:%Y-%m-%d %H:%M} to {one.last_at:%H:%M} UTC, worst {one.worst:.4g}, {_limit(one.alert)}")
        print(f"  {one.alert.means}\n  {one.alert.do}\n")
    print(f"{len(firings)} firing on {reader.read} log lines; {reader.strange} lines were none of ours.")


def _list(alerts: Sequence[Alert], *, as_json: bool) -> None:
    if as_json:
        told = [{"name": one.name, "severity": one.severity, "means": one.means, "do": one.do} for one in alerts]
        print(json.dumps(told, ensure_ascii=False))
        return
    for one in alerts:
        print(f"{one.severity.value:6} {one.name}: {_limit(one)}. {one.means}")


def _limit(alert: Alert) -> str:
    signs = {"above": "above", "at_least": "at least", "below": "below"}
    return f"{signs[alert.condition.sign]} {alert.condition.limit:g} in {alert.window_min} min"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infra.monitoring", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="with log lines; - for standard input")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--list", action="store_true", help="list the alerts")
    options = parser.parse_args(arguments)
    if not options.files and not options.list:
        parser.error("say which files, or --list")
    return options


if __name__ == "__main__":
    sys.exit(main())
