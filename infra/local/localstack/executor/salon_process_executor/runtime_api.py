"""The Lambda Runtime API for one function process, on a loopback port of its own.

The function's runtime client asks for events with `GET /2018-06-01/runtime/invocation/next` and answers with
`POST …/invocation/{id}/response`, `POST …/invocation/{id}/error` or `POST …/init/error`.
"""

import dataclasses
import functools
import json
import queue
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

PREFIX = "/2018-06-01/runtime"
# How long closing may take.
POLL_SECONDS = 0.1


@dataclasses.dataclass(frozen=True)
class Invocation:
    """One event on its way to a function."""

    request_id: str
    payload: bytes
    function_arn: str
    trace_id: str = ""


@dataclasses.dataclass(frozen=True)
class Ready:
    """The process asks for its first event: its module is imported."""


@dataclasses.dataclass(frozen=True)
class Answered:
    """The function returned, or raised (`is_error`)."""

    request_id: str
    body: bytes
    is_error: bool


@dataclasses.dataclass(frozen=True)
class InitFailed:
    """The function's module could not be imported."""

    body: bytes


@dataclasses.dataclass(frozen=True)
class Died:
    """The process is gone; negative `status` is the signal that ended it."""

    status: int


Signal = Ready | Answered | InitFailed | Died


class RuntimeApi:
    """Serves one process; what the process tells arrives in `signals`."""

    def __init__(self, timeout_seconds: float) -> None:
        """Open the port.

        Args:
            timeout_seconds: The function's timeout, told to it as a deadline.
        """
        self.timeout_seconds = timeout_seconds
        self.signals: queue.SimpleQueue[Signal] = queue.SimpleQueue()
        self._events: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._asked = False
        self._server = _Server(self)
        serve = functools.partial(self._server.serve_forever, poll_interval=POLL_SECONDS)
        threading.Thread(target=serve, name="runtime-api", daemon=True).start()

    @property
    def address(self) -> str:
        """Host and port, as `AWS_LAMBDA_RUNTIME_API` wants them."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def hand_over(self, invocation: Invocation) -> None:
        """Give the process its next event."""
        self._events.put(invocation)

    def close(self) -> None:
        """Free the port and whoever waits for an event."""
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()

    def next_event(self) -> Invocation | None:
        """Wait for an event; None when the process is being stopped."""
        if not self._asked:
            self._asked = True
            self.signals.put(Ready())
        return self._events.get()


class _Server(socketserver.ThreadingTCPServer):
    """Not `http.server.HTTPServer`: that one asks the name service for our own name, slow without a network."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A process that is killed in the middle of a request is nothing to report."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path != f"{PREFIX}/invocation/next":
            self._reply(404, b"{}")
            return
        api = cast("_Server", self.server).api
        event = api.next_event()
        if event is None:
            self.close_connection = True
            return
        deadline = int((time.time() + api.timeout_seconds) * 1000)
        headers = {
            "Lambda-Runtime-Aws-Request-Id": event.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline),
            "Lambda-Runtime-Invoked-Function-Arn": event.function_arn,
        }
        if event.trace_id:
            headers["Lambda-Runtime-Trace-Id"] = event.trace_id
        self._reply(200, event.payload, headers)

    def do_POST(self) -> None:
        body = self._body()
        signals = cast("_Server", self.server).api.signals
        match self.path.removeprefix(PREFIX).split("/"):
            case ["", "invocation", request_id, "response"]:
                signals.put(Answered(request_id, body, is_error=False))
            case ["", "invocation", request_id, "error"]:
                signals.put(Answered(request_id, body, is_error=True))
            case ["", "init", "error"]:
                signals.put(InitFailed(body))
            case _:
                self._reply(404, b"{}")
                return
        self._reply(202, json.dumps({"status": "OK"}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing: a line for each request of each function would drown the log."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return b"".join(chunks)

    def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        # One segment: headers and body apart would wait for each other (Nagle's algorithm, delayed acknowledgement).
        self._headers_buffer.append(b"\r\n" + body)  # type: ignore[attr-defined]  # the list exists once headers were sent
        self.flush_headers()
