"""The fake's HTTP on the loopback interface: reads a request, lets faults strike, has the dialect carry it out."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from salon.integrations.fakes.faults import CORE_FAULTS, ApiCall, Fault, FaultKind
from salon.integrations.fakes.screen import Screen
from salon.integrations.fakes.wire import Answer, ApiRefusal, Request

_BODY_LIMIT_BYTES = 60_000_000


class FakeMessenger(Screen):
    """A whole fake, once a dialect has filled in the hooks. `start_server` or `running()` opens the HTTP side."""

    _server: _Server | None = None
    _thread: threading.Thread | None = None

    def start_server(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Serve the API, and begin to deliver events; the base URL.

        Args:
            port: 0 takes a free one.
            host: the loopback interface unless told otherwise.
        """
        server = _Server((host, port), _Handler)
        server.world = self
        self._server = server
        name = f"fake-{self.provider}"
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), name=name, daemon=True)
        self._thread.start()
        self._start_world()
        return self.base_url

    def stop_server(self) -> None:
        """Stop serving and delivering, save the state. Harmless when nothing runs."""
        server, self._server = self._server, None
        if server is None:
            return
        server.stopping.set()
        server.shutdown()
        server.server_close()
        server.break_connections()
        if self._thread is not None:
            self._thread.join()
        self._stop_world()

    @property
    def base_url(self) -> str:
        """What the product's base URL setting has to be.

        Raises:
            RuntimeError: the server does not run.
        """
        if self._server is None:
            raise RuntimeError("The fake does not run; start_server() first.")
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def media_host(self) -> str:
        """`host:port`, for the allow-list of media hosts (`extra_hosts`)."""
        return self.base_url.partition("://")[2]

    @contextmanager
    def running(self, port: int = 0) -> Iterator[str]:
        """Serve within a `with` block; gives the base URL."""
        try:
            yield self.start_server(port)
        finally:
            self.stop_server()

    def call_of(self, request: Request, method: str, *, token: str = "", **known: Any) -> ApiCall:
        """The call that `request` makes, with all its parameters and files; for `read_call`.

        Raises:
            ValueError, RecursionError: the body is not what its type says; answered with `unreadable`.
        """
        params, parts = request.params(), request.parts()
        shown = {name: {"name": part.name, "size": len(part.data)} for name, part in parts.items()}
        call = ApiCall(self.now(), token, method, {**params, **shown}, parts=parts, headers=request.headers)
        call.chat_id = str(known.pop("chat_id", None) or params.get("chat_id") or "")
        for name, value in known.items():
            setattr(call, name, value)
        return call

    def unreadable(self) -> Answer:
        """What a body that cannot be read is answered with."""
        return Answer.json({"error": "can't parse the request"}, 400)

    def carry_out_public(self, call: ApiCall) -> Answer:
        """Give the file at `params["path"]`; 404 when it is not there or has expired."""
        file = self.file_at(str(call.params.get("path") or ""))
        return Answer.text("Not Found", 404) if file is None else Answer(200, file.data, file.mime)

    def respond(self, request: Request, stopping: threading.Event) -> Answer | None:
        """The answer to a request; None breaks the connection."""
        try:
            call = self.read_call(request)
        except (ValueError, RecursionError):
            return self.unreadable()
        if isinstance(call, Answer):
            return call
        with self.lock:
            self.calls.append(call)
            found = self.state.accounts.get(call.account) or self.account_with(call.token)
        if found is None and not call.is_public:
            return self._noted(call, self.refusal(Fault(FaultKind.UNAUTHORIZED), call))
        call.account = found.key if found else ""
        fault = self.flood_of(call) or self.take_fault(call)
        call.fault = fault.kind if fault else None
        if fault and fault.kind is FaultKind.DROP_BEFORE:
            return None
        if fault and fault.kind is FaultKind.SERVER_ERROR:
            return self._noted(call, Answer(500, self.error_page, "text/html"))
        if fault and fault.kind not in CORE_FAULTS:
            return self._noted(call, self.refusal(fault, call))
        self.run_hooks("before", call)
        try:
            with nullcontext() if call.method in self.unlocked else self.lock:
                answer = self.carry_out(found, call) if found else self.carry_out_public(call)
        except ApiRefusal as refused:
            answer = refused.answer
        self._noted(call, answer)
        self.run_hooks("after", call)
        if fault and fault.kind is FaultKind.DROP_AFTER:
            return None
        if fault and fault.kind is FaultKind.SLOW:
            stopping.wait(fault.seconds)
        return answer

    @staticmethod
    def _noted(call: ApiCall, answer: Answer) -> Answer:
        call.status, call.answer, call.parts = answer.status, answer.value, {}
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    world: FakeMessenger

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection and remember it: stopping has to break those that are kept alive."""
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def break_connections(self) -> None:
        """Close what clients keep alive."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not worth a traceback."""
        del request, client_address


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "nginx"
    sys_version = ""
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815 - the names are the base class's

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """No log: URLs and headers carry tokens."""

    def _serve(self) -> None:
        server = cast("_Server", self.server)
        parts = urlsplit(self.path)
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), _BODY_LIMIT_BYTES))
        request = Request(
            self.command,
            unquote(parts.path),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
        )
        answer = server.world.respond(request, server.stopping)
        if answer is None:
            self.close_connection = True
            return
        with suppress(OSError):  # the caller may have given up waiting
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)
