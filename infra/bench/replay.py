"""The statements that the application sends, recorded with their values and replayed by pgbench.

pgbench gets what the engine's events have seen between BEGIN and COMMIT, value for value, and works on a copy of the
database that the recording began with: the same rows are locked, the same rows written, the same constraints checked.
Left out are the pool's `SELECT 1` before each transaction, which is the application's own care for frozen instances,
and nothing else.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

SECONDS = 120
_PLACEHOLDER = re.compile(r"%[s%]")
_LATENCY = re.compile(r"^latency average = ([\d.]+) ms$", re.MULTILINE)
_VARIABLE = re.compile(r":(?=\w)")


class NotRecordable(TypeError):
    """A parameter of a type that has no literal here."""


class PgbenchFailed(RuntimeError):
    """pgbench did not run its script to the end; with what it said."""


@dataclass(slots=True)
class Recording:
    """Transactions in the order of their commits; each is a list of statements with their values.

    Values are written out only when a script is asked for: while it records, somebody may be measuring.
    """

    transactions: list[list[tuple[str, Sequence[Any]]]] = field(default_factory=list)

    def script(self) -> str:
        """All transactions as one pgbench script."""
        lines = []
        for statements in self.transactions:
            lines += ["BEGIN;", *(f"{written_out(*statement)};" for statement in statements), "COMMIT;"]
        return "\n".join(lines) + "\n"


@contextmanager
def recorded(engine: Engine) -> Iterator[Recording]:
    """Record the transactions that `engine` commits inside the block."""
    recording, running = Recording(), list[tuple[str, Sequence[Any]]]()

    def on_execute(_connection: Any, _cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        (_context, is_many) = rest
        for values in parameters if is_many else [parameters]:
            running.append((statement, values))

    def on_commit(_connection: Any) -> None:
        recording.transactions.append(running.copy())
        running.clear()

    def on_rollback(_connection: Any) -> None:
        running.clear()

    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": on_execute,
        "commit": on_commit,
        "rollback": on_rollback,
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield recording
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)


def written_out(statement: str, parameters: Sequence[Any]) -> str:
    """A statement in the driver's `%s` style with its values in their places.

    Raises:
        NotRecordable: there is no literal for a value.
    """
    values = iter(parameters)
    text = _PLACEHOLDER.sub(lambda found: "%" if found.group() == "%%" else literal(next(values)), statement)
    return text.strip().rstrip(";")


def literal(value: object) -> str:
    """A value as SQL; untyped where the driver sends it untyped, so that PostgreSQL infers the same type.

    Raises:
        NotRecordable: its type is not known here.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return _quoted("\\x" + bytes(value).hex())
    if isinstance(value, Enum):
        return literal(value.value)
    if isinstance(value, (str, UUID)):
        return _quoted(str(value))
    if isinstance(value, (datetime, date, time, timedelta)):
        return _quoted(_when(value))
    if isinstance(value, (list, tuple)):
        return f"ARRAY[{', '.join(literal(item) for item in value)}]" if value else "'{}'"
    raise NotRecordable(f"There is no literal for a {type(value).__name__}.")


def _when(value: datetime | date | time | timedelta) -> str:
    if isinstance(value, timedelta):
        return f"{value.days} days {value.seconds} seconds {value.microseconds} microseconds"
    return value.isoformat()


def _quoted(text: str) -> str:
    """A string; pgbench would take `:word` inside it for a variable of its own, hence the escaped colon."""
    doubled = text.replace("'", "''")
    if not _VARIABLE.search(doubled):
        return f"'{doubled}'"
    escaped = _VARIABLE.sub(r"\\072", doubled.replace("\\", "\\\\"))
    return f"E'{escaped}'"


def replay(pgbench: Path, url: str, scripts: Sequence[Path]) -> list[float]:
    """Run each script once, all at the same time, each by a pgbench of its own; the seconds that each took.

    A pgbench for each script, because the clients of one pgbench would run the same values. Its own figure is used: it
    begins when the connection is there. The extended protocol, like the driver's.

    Raises:
        PgbenchFailed: a statement failed.
    """
    address = make_url(url)
    environment = {**os.environ, "PGPASSWORD": address.password or ""}
    target = ["-h", str(address.host), "-p", str(address.port), "-U", str(address.username), str(address.database)]
    running = [
        subprocess.Popen(
            [pgbench, "--no-vacuum", "-M", "extended", "-c", "1", "-t", "1", "-f", script, *target],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for script in scripts
    ]
    try:
        return [_seconds(process) for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()


def _seconds(process: subprocess.Popen[str]) -> float:
    out, problems = process.communicate(timeout=SECONDS)
    found = _LATENCY.search(out)
    if process.returncode or found is None:
        raise PgbenchFailed(f"pgbench ended with {process.returncode}:\n{problems[-2000:]}\n{out[-1000:]}")
    return float(found.group(1)) / 1000
