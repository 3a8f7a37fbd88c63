"""One function process: started, given one event at a time, timed, killed and reaped."""

import contextlib
import dataclasses
import json
import os
import queue
import select
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .runtime_api import Answered, Died, InitFailed, Invocation, Ready, RuntimeApi, Signal
from .settings import BASE_ENVIRONMENT
from .spawner import SPAWNER

# Lambda's limit on a synchronous response.
MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100
LOG_BYTES_KEPT = 256 * 1024
STOP_GRACE_SECONDS = 0.5


class InvocationFailed(Exception):
    """The function gave no answer; `payload` is the error document that its caller gets."""

    def __init__(self, error_type: str, message: str, payload: bytes | None = None) -> None:
        """Describe the failure.

        Args:
            error_type: Lambda's name of the failure, such as `Sandbox.Timedout`.
            message: What happened, for a person.
            payload: The function's own error document, when it sent one.
        """
        super().__init__(message)
        self.payload = payload or json.dumps({"errorType": error_type, "errorMessage": message}).encode()


class InstanceGone(Exception):
    """The process died while it was idle: nothing was handed over, another process may take the event."""


@dataclasses.dataclass(frozen=True)
class Launch:
    """Everything that starts a process of one function.

    Attributes:
        function: The function's name: that of its folder.
        folder: Its code, and its working directory.
        handler: `module.name`.
        import_paths: Folders of its layers, put on PYTHONPATH.
        environment: What Lambda gives it, as texts.
        timeout_seconds: Its Timeout.
        init_seconds: How long it may take to import.
        interpreter: The Python that runs it; must have `awslambdaric`.
        guard: infra/local/guard.py.
        state: Folder for its log and process id.
    """

    function: str
    folder: Path
    handler: str
    import_paths: Sequence[Path]
    environment: Mapping[str, str]
    timeout_seconds: float
    init_seconds: float
    interpreter: str
    guard: str
    state: Path

    @property
    def log(self) -> Path:
        """Where the output of all its processes goes."""
        return self.state / "logs" / f"{self.function}.log"

    @property
    def process_ids(self) -> Path:
        """Folder with one file for each of its processes, named by process id."""
        return self.state / "functions" / self.function


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What an invocation came to."""

    body: bytes
    is_error: bool
    logs: str


class Instance:
    """A process of a function. Not for two threads at a time: the pool lends it to one."""

    def __init__(self, launch: Launch) -> None:
        """Start the process; `wait_until_ready` waits for it."""
        self.launch = launch
        self._api = RuntimeApi(launch.timeout_seconds)
        self._output = _Output(launch.log)
        self._ready = False
        launch.process_ids.mkdir(parents=True, exist_ok=True)
        try:
            self._process = SPAWNER.run(self._spawn)
        except OSError:
            self._api.close()
            self._output.close()
            raise
        self._output.process_started()
        self._pid_file = launch.process_ids / str(self._process.pid)
        self._pid_file.touch()
        self._reaper = threading.Thread(target=self._reap, name=f"reap-{launch.function}", daemon=True)
        self._reaper.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs; exact at once, where `poll` waits for the reaper to have been scheduled."""
        if self._process.returncode is not None:
            return False
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            return self._process.poll() is None
        try:
            return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return False

    def wait_until_ready(self) -> None:
        """Wait until the function's module is imported and asks for events.

        Raises:
            InvocationFailed: It could not be imported, the process ended, or it took too long.
        """
        if self._ready:
            return
        found = self._next_signal(self.launch.init_seconds)
        match found:
            case Ready():
                self._ready = True
                return
            case InitFailed(body):
                self.stop()
                raise InvocationFailed("Runtime.InitError", "the function could not be imported", body)
            case Died(status):
                raise InvocationFailed("Runtime.ExitError", f"the runtime {_ending(status)} before its first event")
            case _:
                self.stop()
                message = f"not ready after {self.launch.init_seconds:.0f} s; see {self.launch.log}"
                raise InvocationFailed("Sandbox.InitTimedout", message)

    def invoke(self, invocation: Invocation) -> Outcome:
        """Hand over one event and wait for the answer; a process that gave none is gone afterwards.

        Raises:
            InstanceGone: The process died before; nothing was handed over.
            InvocationFailed: Timed out, ended without an answer, or answered too much.
        """
        self.wait_until_ready()
        if not self.alive:
            raise InstanceGone(self.launch.function)
        self._output.take()
        self._api.hand_over(invocation)
        deadline = time.monotonic() + self.launch.timeout_seconds
        while True:
            found = self._next_signal(deadline - time.monotonic())
            match found:
                case Answered(invocation.request_id, body, is_error):
                    if len(body) > MAX_RESPONSE_BYTES:
                        message = f"Response payload size ({len(body)} bytes) exceeded {MAX_RESPONSE_BYTES} bytes."
                        raise InvocationFailed("Function.ResponseSizeTooLarge", message)
                    return Outcome(body, is_error, self._output.take())
                case Died(status):
                    message = f"RequestId: {invocation.request_id} Error: the runtime {_ending(status)}"
                    raise InvocationFailed("Runtime.ExitError", message)
                case None:
                    self.stop()
                    raise InvocationFailed(
                        "Sandbox.Timedout",
                        f"RequestId: {invocation.request_id} Error: Task timed out after"
                        f" {self.launch.timeout_seconds:.2f} seconds",
                    )
                case _:
                    continue  # an answer to somebody else's event

    def stop(self) -> None:
        """End the process and its own children, and wait for it."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_GRACE_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._reaper.join()

    def _next_signal(self, seconds: float) -> Signal | None:
        try:
            return self._api.signals.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def _spawn(self) -> "subprocess.Popen[bytes]":
        launch = self.launch
        command = [launch.interpreter, "-I", "-S", launch.guard, str(os.getpid()), str(int(signal.SIGKILL)), "-"]
        command += [launch.interpreter, "-m", "awslambdaric", launch.handler]
        return subprocess.Popen(
            command,
            cwd=launch.folder,
            env=function_environment(launch) | {"AWS_LAMBDA_RUNTIME_API": self._api.address},
            stdin=subprocess.DEVNULL,
            stdout=self._output.writing_end,
            stderr=self._output.writing_end,
            process_group=0,
        )

    def _reap(self) -> None:
        status = self._process.wait()
        self._pid_file.unlink(missing_ok=True)
        self._output.close()
        self._api.signals.put(Died(status))
        self._api.close()


def function_environment(launch: Launch) -> dict[str, str]:
    """The whole environment of a function process, save the address of its Runtime API."""
    own = {
        "HOME": str(launch.state / "functions"),
        "LAMBDA_TASK_ROOT": str(launch.folder),
        "_HANDLER": launch.handler,
        "PYTHONPATH": os.pathsep.join(str(path) for path in (launch.folder, *launch.import_paths)),
    }
    return BASE_ENVIRONMENT | dict(launch.environment) | own


def _ending(status: int) -> str:
    if status >= 0:
        return f"exited with status {status}"
    return f"was ended by {signal.Signals(-status).name}"


class _Output:
    """Copies a process's output to the function's log and keeps the end of what came since the last `take`."""

    def __init__(self, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self._file = log.open("ab", buffering=0)
        self._reading_end, self.writing_end = os.pipe()
        os.set_blocking(self._reading_end, False)
        self._lock = threading.Lock()
        self._kept = bytearray()
        self._closed = False

    def process_started(self) -> None:
        os.close(self.writing_end)
        self.writing_end = -1
        threading.Thread(target=self._copy, name="function-output", daemon=True).start()

    def take(self) -> str:
        """What was written since the last call; complete, because the process writes before it answers."""
        with self._lock:
            self._drain()
            text = self._kept.decode(errors="replace")
            self._kept.clear()
            return text

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._drain()
            self._closed = True
            self._file.close()
            os.close(self._reading_end)
            if self.writing_end >= 0:
                os.close(self.writing_end)

    def _copy(self) -> None:
        poller = select.poll()
        poller.register(self._reading_end, select.POLLIN)
        while True:
            poller.poll(1000)
            with self._lock:
                if self._closed or not self._drain():
                    return

    def _drain(self) -> bool:
        """Read what there is; False at the end of the output. Needs the lock."""
        while not self._closed:
            try:
                piece = os.read(self._reading_end, 65536)
            except BlockingIOError:
                return True
            if not piece:
                return False
            self._file.write(piece)
            self._kept += piece
            del self._kept[:-LOG_BYTES_KEPT]
        return False
