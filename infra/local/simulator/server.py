"""The page's server: static files, a small JSON API over the fake messengers, and a stream of changes of each."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from infra.local.simulator import views
from infra.local.simulator.acts import ACTS, Refused, bot_of
from infra.local.simulator.desk import Desk
from salon.integrations.fakes.driving import Messenger
from salon.integrations.fakes.state import Account

_STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_UPLOAD_LIMIT_BYTES = 50_000_000
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
_HEARTBEAT_S = 15.0
# A person's camera and recorder make these; anything else is offered as a download, never shown as a page.
_SHOWN_INLINE = {"image/jpeg", "image/png", "image/webp", "image/gif", "audio/ogg", "audio/mpeg", "audio/mp4"} | {
    "audio/webm",
    "audio/wav",
}


class Simulator:
    """A running simulator.

    Attributes:
        url: where the page is.
    """

    def __init__(self, fakes: Mapping[str, Messenger], port: int, desk: Desk | None = None) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.fakes = dict(fakes)
        self._server.desk = desk
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="chat-simulator", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop serving; the fakes go on."""
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.break_connections()
        self._thread.join()


def start_simulator(fakes: Mapping[str, Messenger], port: int = 0, desk: Desk | None = None) -> Simulator:
    """Serve the page for fakes, by channel, on the loopback interface; port 0 takes a free one.

    With a desk the page can also hand in invoices as the salon's front desk.
    """
    return Simulator(fakes, port, desk)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    fakes: dict[str, Messenger]
    desk: Desk | None = None

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection and remember it, because streams outlive the accepting."""
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def break_connections(self) -> None:
        """Close what browsers keep open."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away is not worth a traceback."""
        del request, client_address


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """No log: the stream of changes is the page's."""

    @property
    def _fakes(self) -> dict[str, Messenger]:
        return cast("_Server", self.server).fakes

    @property
    def _fake(self) -> Messenger:
        """The messenger that the request is about; the first one when it does not say.

        Raises:
            Refused: there is none of that name.
        """
        return self._fake_of(self._word("channel"))

    def _fake_of(self, name: object) -> Messenger:
        fake = self._fakes.get(str(name)) if name else next(iter(self._fakes.values()))
        if fake is None:
            raise Refused("Нет такого мессенджера.")
        return fake

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if not self._is_ours():
            return
        if path == "/api/events":
            self._stream()
        elif path == "/api/channels":
            self._json(200, views.channels(self._fakes))
        elif path == "/api/desk":
            self._answer(self._show_desk)
        elif path == "/api/world":
            self._answer(lambda: views.world(self._fake))
        elif path == "/api/chat":
            self._answer(lambda: views.chat(self._fake, self._bot(), self._number("user")))
        elif path.startswith("/api/files/"):
            self._file(path.removeprefix("/api/files/"))
        else:
            self._static(path)

    def do_POST(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        if size > _UPLOAD_LIMIT_BYTES:
            self.close_connection = True
            self._json(413, {"error": "Файл больше 50 МБ."})
            return
        body = self.rfile.read(size)
        # A foreign page cannot set this header without asking first, and the answer to that question is no.
        if not self._is_ours() or self.headers.get("x-simulator") != "1":
            self._json(403, {"error": "Запрос не со страницы симулятора."})
            return
        path = urlsplit(self.path).path
        if path == "/api/upload":
            self._answer(lambda: self._upload(body))
        elif path == "/api/act":
            self._answer(lambda: self._act(body))
        elif path == "/api/desk/invoice":
            self._answer(self._send_invoice)
        else:
            self._json(404, {"error": "Нет такого адреса."})

    # --- acts

    def _act(self, body: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(body)
        except ValueError:
            raise Refused("Запрос не разобран.") from None
        act = ACTS.get(str(asked.get("do"))) if isinstance(asked, dict) else None
        if act is None:
            raise Refused("Нет такого действия.")
        return act(self._fake_of(asked.get("channel")), asked) or {}

    def _upload(self, data: bytes) -> dict[str, Any]:
        bot, user, fake = self._bot(), self._number("user"), self._fake
        name, mime, caption = self._word("name") or "file", self._word("mime"), self._word("caption")
        if not data:
            raise Refused("Файл пуст.")
        match self._word("kind"):
            case "voice":
                seconds = max(1, self._number("duration"))
                fake.send_voice(user, data, duration_s=seconds, mime=mime or "audio/ogg", bot=bot)
            case "photo":
                fake.send_photo(user, data, caption=caption, bot=bot)
            case "document":
                fake.send_file(user, data, name=name, mime=mime or "application/octet-stream", caption=caption, bot=bot)
            case _:
                raise Refused("Нет такого вида вложений.")
        return {}

    # --- the front desk

    def _show_desk(self) -> dict[str, Any]:
        desk = cast("_Server", self.server).desk
        return {} if desk is None else desk.shown(self._fake_of(desk.channel).the_bot())

    def _send_invoice(self) -> dict[str, Any]:
        desk = cast("_Server", self.server).desk
        if desk is None:
            raise Refused("Здесь нет администратора, который принимает накладные.")
        fake = self._fake_of(desk.channel)
        desk.send_sample(fake, fake.the_bot())
        return {}

    # --- reading the request

    def _is_ours(self) -> bool:
        """Refuse other names for this address: a foreign page could point its own name here."""
        host = (self.headers.get("host") or "").rpartition(":")[0] or self.headers.get("host") or ""
        if host in _LOOPBACK:
            return True
        self.close_connection = True
        self._json(403, {"error": "Симулятор отвечает только на localhost."})
        return False

    def _word(self, name: str) -> str:
        return parse_qs(urlsplit(self.path).query).get(name, [""])[0]

    def _number(self, name: str) -> int:
        word = self._word(name)
        if not (word.isascii() and word.isdigit()):
            raise Refused(f"Нет числа «{name}».")
        return int(word)

    def _bot(self) -> Account:
        return bot_of(self._fake, self._word("bot"))

    # --- answering

    def _answer(self, make: Callable[[], dict[str, Any]]) -> None:
        try:
            value = make()
        except (Refused, LookupError) as refusal:
            self._json(422, {"error": str(refusal)})
            return
        self._json(200, value)

    def _stream(self) -> None:
        try:
            fake = self._fake
        except Refused as refusal:
            self._json(422, {"error": str(refusal)})
            return
        after = self._word("after")
        version = int(after) if after.isascii() and after.isdigit() else fake.version
        self.close_connection = True
        self._head(200, "text/event-stream; charset=utf-8", None)
        stopping = cast("_Server", self.server).stopping
        with suppress(OSError):
            while not stopping.is_set():
                changes = fake.changes_after(version, _HEARTBEAT_S)
                if not changes:
                    self.wfile.write(b": still here\n\n")
                for change in changes:
                    version = change.version
                    line = json.dumps(views.change(fake, change), ensure_ascii=False)
                    self.wfile.write(f"id: {version}\ndata: {line}\n\n".encode())
                self.wfile.flush()

    def _file(self, file_id: str) -> None:
        try:
            fake = self._fake
        except Refused:
            fake = next(iter(self._fakes.values()))
        with fake.lock:
            file = fake.state.files.get(file_id)
        if file is None:
            self._json(404, {"error": "Нет такого файла."})
            return
        mime = file.mime.partition(";")[0]
        self._head(200, mime if mime in _SHOWN_INLINE else "application/octet-stream", len(file.data))
        self.wfile.write(file.data)

    def _static(self, path: str) -> None:
        file = _STATIC / ("index.html" if path == "/" else path.removeprefix("/"))
        if file.parent != _STATIC or file.suffix not in _TYPES or not file.is_file():
            self._json(404, {"error": "Нет такого адреса."})
            return
        content = file.read_bytes()
        self._head(200, _TYPES[file.suffix], len(content))
        self.wfile.write(content)

    def _json(self, status: int, value: dict[str, Any]) -> None:
        content = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        self._head(status, "application/json; charset=utf-8", len(content))
        self.wfile.write(content)

    def _head(self, status: int, mime: str, length: int | None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", mime)
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:  # said, so that nobody asks the next question on a connection that is closing
            self.send_header("Connection", "close")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
