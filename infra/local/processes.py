"""Child processes of the local cloud: started so that they die with us, stopped by id, never by name."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.local.localstack.executor.salon_process_executor.spawner import SPAWNER

GUARD = Path(__file__).resolve().parent / "guard.py"
STOP_GRACE_SECONDS = 10.0
LOG_TAIL_BYTES = 4_000


class LocalCloudError(RuntimeError):
    """Something of the local cloud did not start or stop; the message is for the person at the keyboard."""


@dataclass(frozen=True)
class Owner:
    """The unprivileged user a child runs as."""

    user_id: int
    group_id: int


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    owner: Owner | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> "subprocess.Popen[bytes]":
    """Start a program in a process group of its own that dies with this process.

    Args:
        command: The program, as an absolute path, and its arguments.
        env: Its whole environment.
        cwd: Its working directory.
        log: File that gets its output, appended.
        owner: User to become first; None keeps ours.
        death_signal: What the kernel sends it when this process dies (Linux).
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    who = "-" if owner is None else f"{owner.user_id}:{owner.group_id}"
    guarded = [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), str(int(death_signal)), who]

    def start() -> "subprocess.Popen[bytes]":
        with log.open("ab") as output:
            return subprocess.Popen(
                [*guarded, *(str(part) for part in command)],
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,  # Ctrl-C reaches the supervisor only, which stops its children in order
            )

    return SPAWNER.run(start)


def stop(
    process: "subprocess.Popen[bytes]",
    *,
    polite: signal.Signals = signal.SIGTERM,
    grace_seconds: float = STOP_GRACE_SECONDS,
) -> int:
    """Ask a child to end, kill its process group when it does not, reap it and return its exit status."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(polite)
        try:
            return process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            kill_group(process)
    return process.wait()


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL a child started by `spawn` together with its own children, and reap it."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.wait()


def is_alive(process_id: int) -> bool:
    """Whether a process with this id exists and is not a zombie."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def command_line(process_id: int) -> str:
    """The command line of a process, empty when there is none."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    ps = shutil.which("ps")
    if ps is None:
        return ""
    found = subprocess.run([ps, "-ww", "-o", "args=", "-p", str(process_id)], capture_output=True, check=False)
    return found.stdout.decode(errors="replace")


def free_port(preferred: int = 0) -> int:
    """A loopback port that nobody listens on now; another process may still take it first.

    Args:
        preferred: Taken if it is free.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def log_tail(log: Path) -> str:
    """The end of a log, for an error message."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOG_TAIL_BYTES))
        return file.read().decode(errors="replace").strip()
