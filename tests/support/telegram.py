"""A webhook to deliver to, a server that misbehaves, and Telegram's bench for the channel contract."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from salon.integrations.telegram.adapter import TelegramAdapter
from salon.integrations.telegram.fake import FakeTelegram, FaultKind, Person
from salon.messaging.domain import ChannelCredentials

TOKEN = "1001:AAtest-token_0123456789"
SECRET = "hook-secret_1"
CREDENTIALS = ChannelCredentials(TOKEN, (SECRET,))


@dataclass
class Request:
    """What a server was sent; header names in lower case, as handlers get them."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """What a server answers."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is what some tests are about."""


class LoopbackServer:
    """Records requests and answers as `answer` says; a context manager."""

    def __init__(self, answer: Callable[[Request], Reply] = lambda _: Reply()) -> None:
        self.requests: list[Request] = []
        self.answer = answer
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                request = Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                outer.requests.append(request)
                reply = outer.answer(request)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if isinstance(reply.body, bytes) and "Transfer-Encoding" not in reply.headers:
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                for part in [reply.body] if isinstance(reply.body, bytes) else reply.body:
                    self.wfile.write(part)
                    self.wfile.flush()

            def do_GET(self):
                self.do_POST()

            def log_message(self, *args):
                pass

        self._server = _QuietServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class TelegramBench:
    """The real adapter before the fake Bot API, with one person who has written. See the contract for the verbs."""

    adapter: TelegramAdapter
    credentials: ChannelCredentials
    fake: FakeTelegram
    hook: LoopbackServer
    anna: Person

    @property
    def chat_id(self) -> str:
        return str(self.anna.user_id)

    stranger_chat_id = "999999999999"

    def fail(self, how: str) -> None:
        if how == "unreachable":
            self.fake.stop_server()
            return
        kinds = {
            "too_many": FaultKind.TOO_MANY,
            "blocked": FaultKind.BLOCKED,
            "server_error": FaultKind.SERVER_ERROR,
            "revoked": FaultKind.UNAUTHORIZED,
            "slow": FaultKind.SLOW,
            "dropped": FaultKind.DROP_AFTER,
        }
        self.fake.fail_next(kinds[how], seconds=7)

    def received(self) -> list[str]:
        return [message.text for message in self.fake.sent_to(self.anna)]

    def buttons(self) -> list[list[str]]:
        return [[key["text"] for key in row] for row in self.fake.sent_to(self.anna)[-1].buttons]

    def _posted(self) -> Request:
        self.fake.wait_delivered()
        return self.hook.requests[-1]

    def person_says(self, text: str) -> Request:
        self.fake.say(self.anna, text)
        return self._posted()

    def person_taps(self, message_id: str, button: str) -> Request:
        self.fake.tap(self.anna, int(message_id), button)
        return self._posted()

    def toast(self, callback_id: str) -> str | None:
        answer = self.fake.tap_of(callback_id).answer
        return None if answer is None else answer["text"]

    def person_speaks(self, data: bytes) -> Request:
        self.fake.send_voice(self.anna, data)
        return self._posted()

    def person_blocks(self) -> Request:
        self.fake.block(self.anna)
        return self._posted()

    def forget_files(self) -> None:
        self.fake.expire_files()


@contextmanager
def telegram_bench() -> Iterator[TelegramBench]:
    """The bench, running."""
    fake = FakeTelegram(webhook_base_delay_s=0.02, delivery_workers=2)
    fake.add_bot(TOKEN)
    anna = fake.add_person("Анна", "Лебедева", phone="79990000101")
    with ExitStack() as stack:
        hook = stack.enter_context(LoopbackServer())
        adapter = TelegramAdapter(stack.enter_context(fake.running()), total_timeout_s=1.0)
        stack.callback(adapter.close)
        adapter.register_webhook(f"{hook.url}/telegram/main", SECRET, CREDENTIALS)
        fake.start(anna)
        fake.wait_delivered()
        yield TelegramBench(adapter, CREDENTIALS, fake, hook, anna)
