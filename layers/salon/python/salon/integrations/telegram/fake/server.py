"""The fake's HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>` on the loopback interface."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from salon.integrations.telegram.fake.crowd import Crowd
from salon.integrations.telegram.fake.faults import ApiCall, Fault, FaultKind
from salon.integrations.telegram.fake.methods import ApiError, carry_out
from salon.integrations.telegram.fake.state import StoredFile

_BODY_LIMIT_BYTES = 60_000_000
_PAGE = b"<html>\r\n<head><title>500 Internal Server Error</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"


class FakeTelegram(Crowd):
    """The whole fake. `start_server` or `running()` opens the HTTP side; webhooks are delivered meanwhile."""

    _server: _Server | None = None
    _thread: threading.Thread | None = None

    def start_server(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Serve the Bot API, and begin to deliver updates; the base URL.

        Args:
            port: 0 takes a free one.
            host: the loopback interface unless told otherwise.
        """
        server = _Server((host, port), _Handler)
        server.world = self
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="fake-telegram", daemon=True)
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

    @contextmanager
    def running(self, port: int = 0) -> Iterator[str]:
        """Serve within a `with` block; gives the base URL."""
        try:
            yield self.start_server(port)
        finally:
            self.stop_server()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    world: FakeTelegram

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

    def do_POST(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """No log: the URL carries the token."""

    @property
    def _world(self) -> FakeTelegram:
        return cast("_Server", self.server).world

    def _serve(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/file/bot"):
            token, _, file_path = path.removeprefix("/file/bot").partition("/")
            self._serve_file(token, file_path)
            return
        token, _, method = path.removeprefix("/bot").partition("/")
        if not path.startswith("/bot") or not method:
            self._json(404, ApiError(404, "Not Found").as_json())
            return
        self._serve_call(token, method)

    def _serve_call(self, token: str, method: str) -> None:
        world = self._world
        bot = world.state.bots.get(token)
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), _BODY_LIMIT_BYTES))
        call = ApiCall(world.now(), token, method, {})
        with world.lock:
            world.calls.append(call)
        if bot is None:
            self._answer(call, 401, ApiError(401, "Unauthorized").as_json())
            return
        try:
            params = self._params(body)
        except (ValueError, RecursionError):
            self._answer(call, 400, ApiError(400, "Bad Request: can't parse the request").as_json())
            return
        call.params = {
            key: {"name": value.name, "size": len(value.data)} if isinstance(value, StoredFile) else value
            for key, value in params.items()
        }
        fault = Fault(FaultKind.TOO_MANY) if world.is_flooded_by(call) else world.take_fault(call)
        call.fault = fault.kind if fault else None
        if fault and self._fails_before(fault, call):
            return
        world.run_hooks("before", call)
        try:
            with world.lock:
                status, answer = 200, {"ok": True, "result": carry_out(world, bot, method, params)}
        except ApiError as error:
            status, answer = error.status, error.as_json()
        call.status, call.answer = status, answer
        world.run_hooks("after", call)
        if fault and fault.kind is FaultKind.DROP_AFTER:
            self.close_connection = True
            return
        if fault and fault.kind is FaultKind.SLOW:
            cast("_Server", self.server).stopping.wait(fault.seconds)
        with suppress(OSError):  # the caller may have given up waiting
            self._answer(call, status, answer)

    def _fails_before(self, fault: Fault, call: ApiCall) -> bool:
        """Answer in place of carrying out; False where the fault comes later."""
        match fault.kind:
            case FaultKind.DROP_BEFORE:
                self.close_connection = True
            case FaultKind.SERVER_ERROR:
                call.status = 500
                self._bytes(500, _PAGE, "text/html")
            case FaultKind.TOO_MANY:
                seconds = max(1, round(fault.seconds))
                error = ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
                self._answer(call, 429, error.as_json())
            case FaultKind.BLOCKED:
                self._answer(call, 403, ApiError(403, "Forbidden: bot was blocked by the user").as_json())
            case FaultKind.UNAUTHORIZED:
                self._answer(call, 401, ApiError(401, "Unauthorized").as_json())
            case FaultKind.MIGRATED:
                said = "Bad Request: group chat was upgraded to a supergroup chat"
                self._answer(call, 400, ApiError(400, said, migrate_to_chat_id=fault.to_chat_id).as_json())
            case _:
                return False
        return True

    def _serve_file(self, token: str, file_path: str) -> None:
        world = self._world
        if token not in world.state.bots:
            self._json(401, ApiError(401, "Unauthorized").as_json())
            return
        with world.lock:
            file = next((file for file in world.state.files.values() if file.path == file_path), None)
        if file is None or file.expired:
            self._json(404, ApiError(404, "Not Found").as_json())
            return
        self._bytes(200, file.data, "application/octet-stream")

    def _params(self, body: bytes) -> dict[str, Any]:
        """Parameters from the query, and from a body of JSON, a form, or a form with files."""
        params: dict[str, Any] = dict(parse_qsl(urlsplit(self.path).query))
        content_type = self.headers.get("content-type", "")
        if content_type.startswith("application/json"):
            value = json.loads(body or b"{}")
            if not isinstance(value, dict):
                raise ValueError("object expected")
            return {**params, **value}
        if content_type.startswith("multipart/form-data"):
            return {**params, **self._form(content_type, body)}
        return {**params, **dict(parse_qsl(body.decode()))}

    def _form(self, content_type: str, body: bytes) -> dict[str, Any]:
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        fields: dict[str, Any] = {}
        for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            content = part.get_payload(decode=True) or b""
            data = content if isinstance(content, bytes) else b""
            file_name = part.get_filename()
            if file_name is None:
                fields[name] = data.decode()
            else:
                fields[name] = self._world.store_file("documents", data, name=file_name, mime=part.get_content_type())
        return fields

    def _answer(self, call: ApiCall, status: int, answer: dict[str, Any]) -> None:
        call.status, call.answer = status, answer
        self._json(status, answer)

    def _json(self, status: int, value: dict[str, Any]) -> None:
        self._bytes(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")

    def _bytes(self, status: int, content: bytes, mime: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", mime)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
