"""What stands around the functions: queues and a messenger, over HTTP on loopback, in this process.

The queues are as SQS's: in no order, and some messages are handed over twice. The messenger answers like Telegram and
remembers what it was given.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from infra.bench.crowd.plan import SEED

_BOT = re.compile(r"/bot([^/]+)/(\w+)")
_HTTP_OK, _HTTP_BAD_REQUEST = 200, 400


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of a queue."""

    number: int
    body: str
    attributes: Mapping[str, Mapping[str, str]]

    def record(self, queue: str) -> dict[str, Any]:
        """The letter as AWS's trigger hands it over."""
        return {
            "messageId": f"{queue}-{self.number}",
            "receiptHandle": str(self.number),
            "body": self.body,
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {
                name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
                for name, value in self.attributes.items()
            },
            "md5OfBody": _digest(self.body),
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:ru-central1:000000000000:{queue}",
            "awsRegion": "ru-central1",
        }


class Line:
    """One queue: any letter may come next, and with a chance of `doubled` it stays in the queue and comes again."""

    def __init__(self, *, doubled: float, seed: int = SEED) -> None:
        self._doubled = doubled
        self._chance = random.Random(seed)  # noqa: S311 - a repeatable choice, nothing secret
        self._changed = threading.Condition()
        self._numbers = count(1)
        self._ready: list[Letter] = []
        self._delayed: list[tuple[float, int, Letter]] = []
        self._taken = 0
        self.put_in = 0

    def put(self, body: str, attributes: Mapping[str, Mapping[str, str]], delay_s: float = 0) -> None:
        """Send a letter, to be had after `delay_s` seconds."""
        with self._changed:
            letter = Letter(next(self._numbers), body, attributes)
            self.put_in += 1
            self._give(letter, delay_s)

    def take(self, limit: int, wait_s: float) -> list[Letter]:
        """Up to `limit` letters, hidden from others until `settle`; none if none comes within `wait_s` seconds."""
        with self._changed:
            self._ripen()
            if not self._ready:
                self._changed.wait(wait_s)
                self._ripen()
            taken: list[Letter] = []
            while self._ready and len(taken) < limit:
                place = self._chance.randrange(len(self._ready))
                self._ready[place], self._ready[-1] = self._ready[-1], self._ready[place]
                taken.append(self._ready.pop())
            self._ready += [letter for letter in taken if self._chance.random() < self._doubled]
            self._taken += len(taken)
            return taken

    def settle(self, taken: list[Letter], failed: set[str], queue: str) -> None:
        """Forget what was handled; what was named as failed comes back."""
        with self._changed:
            self._taken -= len(taken)
            for letter in taken:
                if f"{queue}-{letter.number}" in failed:
                    self._give(letter, 1.0)

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing in it, hidden and delayed letters included."""
        with self._changed:
            return not (self._ready or self._delayed or self._taken)

    def _give(self, letter: Letter, delay_s: float) -> None:
        if delay_s:
            heapq.heappush(self._delayed, (time.monotonic() + delay_s, letter.number, letter))
        else:
            self._ready.append(letter)
            self._changed.notify()

    def _ripen(self) -> None:
        while self._delayed and self._delayed[0][0] <= time.monotonic():
            self._ready.append(heapq.heappop(self._delayed)[2])


@dataclass(slots=True)
class Messenger:
    """What people were sent.

    Attributes:
        answers: the texts that each chat was sent, by (token, chat), in the order of their arrival.
        other_calls: how often other methods were called.
    """

    answers: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    other_calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def call(self, token: str, method: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """One call of the Bot API."""
        with self._lock:
            if method != "sendMessage":
                self.other_calls[method] += 1
                return {"ok": True, "result": True}
            self.answers[token, int(given["chat_id"])].append(str(given["text"]))
            chat = {"id": given["chat_id"], "type": "private"}
            return {"ok": True, "result": {"message_id": next(self._numbers), "date": 1_773_214_200, "chat": chat}}


class Outside:
    """Queues by name and a messenger behind one address.

    Attributes:
        base_url: where they are.
        lines: the queues that somebody reads.
        messenger: who is sent the answers.
    """

    def __init__(self, lines: Mapping[str, Line]) -> None:
        self.lines = lines
        self.messenger = Messenger()
        self.base_url = ""

    def answer(self, path: str, target: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer for one call."""
        if bot := _BOT.fullmatch(path):
            return _HTTP_OK, self.messenger.call(bot[1], bot[2], body)
        line = self.lines.get(str(body.get("QueueUrl", "")).rpartition("/")[2])
        match target:
            case "AmazonSQS.SendMessage":
                return _HTTP_OK, _accept(line, body)
            case "AmazonSQS.SendMessageBatch":
                sent = [{"Id": entry["Id"], **_accept(line, entry)} for entry in body["Entries"]]
                return _HTTP_OK, {"Successful": sent, "Failed": []}
        return _HTTP_BAD_REQUEST, {"__type": "com.amazonaws.sqs#UnsupportedOperation", "message": target}

    @contextmanager
    def running(self) -> Iterator[str]:
        """Answer until the block ends; the address."""
        server = _server(self)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        self.base_url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield self.base_url
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _accept(line: Line | None, sent: Mapping[str, Any]) -> dict[str, Any]:
    """A queue that nobody reads here forgets what it is sent."""
    if line is not None:
        line.put(sent["MessageBody"], sent.get("MessageAttributes") or {}, float(sent.get("DelaySeconds") or 0))
    return {"MessageId": "crowd", "MD5OfMessageBody": _digest(sent["MessageBody"])}


def _digest(body: str) -> str:
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def _server(outside: Outside) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # the functions keep their connections
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body leave together

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
            status, answer = outside.answer(self.path, self.headers.get("x-amz-target", ""), body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name for it
            """Say nothing: a line for each request would be measured too."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server
