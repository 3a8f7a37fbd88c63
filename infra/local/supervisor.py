"""One process owns every child of the local cloud: starts in order, stops in reverse, leaves nothing running.

A child started through `processes.spawn` also dies when this process is killed outright (Linux).
"""

import contextlib
import dataclasses
import fcntl
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from infra.local import processes
from infra.local.processes import LocalCloudError


@dataclasses.dataclass(frozen=True)
class _Service:
    name: str
    stop: Callable[[], None]


class Supervisor:
    """The services of one state folder, in the order in which they started."""

    def __init__(self, state_dir: Path, *, grace_seconds: float = processes.STOP_GRACE_SECONDS) -> None:
        """Claim the state folder: two supervisors must not share it.

        Args:
            state_dir: The folder.
            grace_seconds: How long a program may take to end before it is killed.

        Raises:
            LocalCloudError: Another one has it.
        """
        self.state_dir = state_dir.resolve()
        self.state_dir.mkdir(parents=True, exist_ok=True)
        self._grace_seconds = grace_seconds
        self._services: list[_Service] = []
        self._lock_file = (self.state_dir / "supervisor.pid").open("a+")
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock_file.seek(0)
            other = self._lock_file.read().strip()
            self._lock_file.close()
            message = f"a local cloud already runs on {self.state_dir} (process {other}): stop it first"
            raise LocalCloudError(message) from error
        self._lock_file.truncate(0)
        self._lock_file.write(str(os.getpid()))
        self._lock_file.flush()

    def add(self, name: str, start: Callable[[], object], stop: Callable[[], None]) -> None:
        """Start a service; it is stopped before those that were added earlier, even when its start fails."""
        self._services.append(_Service(name, stop))
        start()

    def program(self, name: str, command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path) -> int:
        """Start a program as a child, its output in `logs/<name>.log`; returns its process id."""
        process = processes.spawn(command, env=env, cwd=cwd, log=self.state_dir / "logs" / f"{name}.log")
        self._services.append(_Service(name, lambda: self._stop_program(process)))
        return process.pid

    def stop(self) -> None:
        """Stop every service, the last one first; one that fails to stop does not keep the others running.

        Raises:
            ExceptionGroup: Of whatever the services raised, after all were stopped.
        """
        errors = []
        while self._services:
            service = self._services.pop()
            try:
                service.stop()
            except Exception as error:  # noqa: BLE001 - collected, and raised below
                error.add_note(f"while stopping {service.name}")
                errors.append(error)
        if not self._lock_file.closed:
            self._lock_file.close()
        if errors:
            raise ExceptionGroup("some services did not stop", errors)

    def _stop_program(self, process: "subprocess.Popen[bytes]") -> None:
        processes.stop(process, grace_seconds=self._grace_seconds)


@contextlib.contextmanager
def stop_signals() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into `KeyboardInterrupt` in the main thread, once.

    From then on they are ignored until the process ends: an impatient second Ctrl-C must not interrupt the stop.
    Sleep in short pieces inside: a signal that comes just before a long sleep waits for its end.
    """
    asked = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        if not asked:
            for number, handler in before.items():
                signal.signal(number, handler)
