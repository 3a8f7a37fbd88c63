"""The front door on a fixed port: hides the API's id, which changes with every deployment, and its stage."""

import functools
import http.client
import socketserver
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

# Above the gateway's own limit of 29 seconds.
UPSTREAM_SECONDS = 60.0
POLL_SECONDS = 0.1  # how long closing may take
MAX_BODY_BYTES = 32 * 1024 * 1024
HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-authenticate", "proxy-authorization"}) | frozenset(
    {"te", "trailer", "transfer-encoding", "upgrade"}
)
# LocalStack decodes a function's Base64 answer only for types that the API names as binary, so a compressed text would
# reach the browser as Base64. Asked for without, answers come plain.
NOT_FORWARDED = frozenset({"host", "content-length", "expect", "accept-encoding"})
RESTARTING = "The local cloud is starting or restarting: try again in a moment.\n"
BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


class FrontProxy:
    """Forwards every request to the API behind it: method, path, query, headers and body, unchanged.

    But for `Accept-Encoding`: see `NOT_FORWARDED`.
    """

    def __init__(self, port: int = 0) -> None:
        """Open a loopback port; until `point_at` is called every request is answered with 503.

        Args:
            port: The port; 0 picks a free one.
        """
        self._server = _Server(port)
        serve = functools.partial(self._server.serve_forever, poll_interval=POLL_SECONDS)
        threading.Thread(target=serve, name="front-proxy", daemon=True).start()

    @property
    def port(self) -> int:
        """The loopback port."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address to open, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def point_at(self, port: int, prefix: str) -> None:
        """Forward to this loopback port, below this path."""
        self._server.target = (port, prefix.rstrip("/"))

    def point_at_nothing(self) -> None:
        """Answer 503 until the next `point_at`."""
        self._server.target = None

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, port: int) -> None:
        self.target: tuple[int, str] | None = None
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle of a request is nothing to report."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120  # seconds that an idle keep-alive connection may hold its thread

    def _forward(self) -> None:
        try:
            body = self._body()
        except ValueError as error:
            self.close_connection = True
            self._say(HTTPStatus.BAD_REQUEST, f"{error}\n")
            return
        target = cast("_Server", self.server).target
        if target is None:
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, RESTARTING)
            return
        port, prefix = target
        upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=UPSTREAM_SECONDS)
        try:
            self._send_upstream(upstream, prefix, port, body)
            answer = upstream.getresponse()
            content = answer.read()
        except ConnectionRefusedError:
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, RESTARTING)
        except TimeoutError:
            self._say(HTTPStatus.GATEWAY_TIMEOUT, f"The local cloud gave no answer in {UPSTREAM_SECONDS:.0f} s.\n")
        except (OSError, http.client.HTTPException) as error:
            self._say(HTTPStatus.BAD_GATEWAY, f"The local cloud broke off: {type(error).__name__}. {RESTARTING}")
        else:
            self._answer(answer.status, answer.getheaders(), content)
        finally:
            upstream.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _forward  # noqa: N815 - http.server's

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing: the functions log their own requests."""

    def _send_upstream(self, upstream: http.client.HTTPConnection, prefix: str, port: int, body: bytes) -> None:
        upstream.putrequest(self.command, prefix + self._target_path(), skip_host=True, skip_accept_encoding=True)
        upstream.putheader("Host", f"127.0.0.1:{port}")  # LocalStack routes by it
        named = {name.strip().lower() for name in self.headers.get("Connection", "").split(",")}
        for name, value in self.headers.items():
            if name.lower() not in HOP_BY_HOP | named | NOT_FORWARDED:
                upstream.putheader(name, value)
        upstream.putheader("X-Forwarded-Host", self.headers.get("Host", ""))
        if body or self.command in ("POST", "PUT", "PATCH"):
            upstream.putheader("Content-Length", str(len(body)))
        upstream.endheaders(body or None)

    def _target_path(self) -> str:
        """The request's path and query as they came, percent escapes and all."""
        return self.path if self.path.startswith("/") else "/" + self.path.partition("//")[2].partition("/")[2]

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            chunks, total = [], 0
            while size := int(self.rfile.readline(64).split(b";")[0], 16):
                total += size
                if total > MAX_BODY_BYTES:
                    raise ValueError("the body is too large")
                chunks.append(self.rfile.read(size))
                self.rfile.readline(64)
            while self.rfile.readline(65536).strip():  # trailers
                pass
            return b"".join(chunks)
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= MAX_BODY_BYTES:
            raise ValueError("the body is too large")
        return self.rfile.read(length)

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        if self.command == "HEAD":
            length = next((value for name, value in headers if name.lower() == "content-length"), None)
            content = b""
            if length is not None:
                self.send_header("Content-Length", length)
        elif status not in BODILESS:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _say(self, status: HTTPStatus, text: str) -> None:
        headers = [("Content-Type", "text/plain; charset=utf-8")]
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers.append(("Retry-After", "1"))
        self._answer(status, headers, text.encode())
