"""An image function behind HTTP, for Yandex Serverless Containers: a trigger POSTs its event, as it would call it.

Any path takes events, because the trigger's own path is a setting of the trigger; `/healthz` answers GET. A 2xx is a
success and anything else a failure, which the trigger repeats (facts/yandex.md §1.6, §3). The container is private:
only the trigger's service account may call it, so nothing here asks who calls.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any

from salon.platform.logs import logger
from salon.platform.settings import ServerSettings
from salon.platform.triggers import BatchFailed, UnknownTriggerShape

log = logger(__name__)
MAX_BODY_BYTES = 3_700_000
"""A little above what the platform lets through."""
READ_TIMEOUT_S = 10.0
Handler = Callable[[Any, Any], Any]


class EventServer(ThreadingHTTPServer):
    """Calls `handler` with each event that is posted; `server_close` waits for those that are being worked on."""

    daemon_threads = False
    block_on_close = True

    def __init__(self, host: str, port: int, handler: Handler) -> None:
        super().__init__((host, port), _Request)
        self.handle_event = handler

    def run_until_stopped(self) -> None:
        """Serve until SIGTERM or SIGINT; work that has begun is finished first. Main thread only."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            threading.Thread(target=self.shutdown, daemon=True).start()  # here it would wait for itself

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        with self:
            self.serve_forever(poll_interval=0.1)


class _Request(BaseHTTPRequestHandler):
    """One request."""

    server: EventServer
    timeout = READ_TIMEOUT_S
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Tell that we are here."""
        if self.path == "/healthz":
            self._answer(HTTPStatus.OK, {"status": "ok"})
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"code": "NOT_FOUND"})

    def do_POST(self) -> None:
        """Work an event off."""
        body = self._body()
        if body is None:
            return
        try:
            event = json.loads(body)
        except ValueError:
            self._answer(HTTPStatus.BAD_REQUEST, {"code": "MALFORMED"})
            return
        try:
            self.server.handle_event(event, None)
        except UnknownTriggerShape as error:
            log.exception("server.unknown_event")
            self._answer(HTTPStatus.BAD_REQUEST, {"code": error.code})
        except BatchFailed as error:  # why, has been logged
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"code": error.code})
        except Exception:
            log.exception("server.event_failed")
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"code": "INTERNAL"})
        else:
            self._answer(HTTPStatus.OK, {})

    def _body(self) -> bytes | None:
        """What was posted; None when that has been refused."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._answer(HTTPStatus.LENGTH_REQUIRED, {"code": "LENGTH_REQUIRED"})
            return None
        if int(length) > MAX_BODY_BYTES:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"code": "TOO_LARGE"})
            return None
        return self.rfile.read(int(length))

    def _answer(self, status: HTTPStatus, content: dict[str, str]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")  # an idle connection would be waited for at the end
        with contextlib.suppress(ConnectionError):  # whoever asked has hung up: what was done is done
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Nothing: the events themselves are logged, by their ids."""


def serve_function() -> None:
    """Serve the `app.handler` of the function whose image this is, until stopped.

    By HTTP where the platform names a port (Yandex), by Lambda's runtime client elsewhere. The port decides, and not
    Lambda's variables: Yandex's functions set those as well (facts/yandex.md §1.5).
    """
    settings = ServerSettings.load()
    if settings.port is None:
        os.execv(sys.executable, [sys.executable, "-m", "awslambdaric", "app.handler"])  # noqa: S606 - ourselves
    handler = importlib.import_module("app").handler
    EventServer(settings.host, settings.port, handler).run_until_stopped()
