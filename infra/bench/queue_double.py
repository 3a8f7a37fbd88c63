"""A queue service of a few lines: answers SQS's SendMessage over HTTP on loopback, and keeps nothing.

It runs in a process of its own, so that its work is not counted as the handler's.
"""

from __future__ import annotations

import hashlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from infra.bench.children import Gate


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # boto keeps its connection
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        status, answer = answer_to(self.headers.get("x-amz-target", ""), body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name for it
        """Say nothing: a line for each request would be measured too."""


def answer_to(target: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and answer for one call; anything but SendMessage is refused."""
    if target != "AmazonSQS.SendMessage":
        return 400, {"__type": "com.amazonaws.sqs#UnsupportedOperation", "message": target}
    digest = hashlib.md5(body["MessageBody"].encode(), usedforsecurity=False).hexdigest()
    return 200, {"MessageId": str(uuid4()), "MD5OfMessageBody": digest}


def serve(gate: Gate) -> None:
    """Tell the port, then answer until the process is stopped."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        gate.announce(server.server_address[1])
        server.serve_forever()
