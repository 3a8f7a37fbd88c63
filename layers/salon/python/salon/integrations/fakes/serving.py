"""A fake's HTTP on the loopback interface: reads requests, has somebody answer them, and breaks connections off."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from salon.integrations.fakes.wire import Answer, Request

_BODY_LIMIT_BYTES = 60_000_000


class Responder(Protocol):
    """Who answers."""

    def respond(self, request: Request, stopping: threading.Event) -> Answer | None:
        """The answer; None breaks the connection. Called from many threads; `stopping` ends a wait."""
        ...


class Serving:
    """A server in threads of its own, from its making until `stop`.

    Args:
        responder: who answers.
        name: of its thread.
        port: 0 takes a free one.
        host: the loopback interface unless told otherwise.
    """

    def __init__(self, responder: Responder, name: str, *, port: int = 0, host: str = "127.0.0.1") -> None:
        self._server = _Server((host, port), _Handler)
        self._server.responder = responder
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name=name, daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        """Where it is."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def stop(self) -> None:
        """Stop serving, and break what clients keep alive."""
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.break_connections()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    responder: Responder

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
        answer = server.responder.respond(request, server.stopping)
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
