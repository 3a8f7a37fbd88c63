"""What the benches of WhatsApp and Instagram share: a webhook that shakes hands, and what it was sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support.telegram import LoopbackServer, Reply, Request

VERIFY_TOKEN = "verify-me_1"
APP_SECRET = "app-secret_1"


class MetaHook(LoopbackServer):
    """Answers Meta's handshake and keeps what is posted; `status` is what posts are answered with."""

    def __init__(self, verify_token: str = VERIFY_TOKEN) -> None:
        super().__init__(self._answer_request)
        self.status = 200
        self._verify_token = verify_token

    def _answer_request(self, request: Request) -> Reply:
        query = parse_qs(urlsplit(request.path).query)
        if not query:
            return Reply(self.status)
        challenge, token = query["hub.challenge"][0], query["hub.verify_token"][0]
        return Reply(200, body=challenge.encode()) if token == self._verify_token else Reply(403)

    @property
    def posts(self) -> list[Request]:
        """What events came in."""
        return [request for request in self.requests if "?" not in request.path]

    def bodies(self) -> list[dict[str, Any]]:
        """The events' bodies, read."""
        return [json.loads(request.body) for request in self.posts]


def posted(fake: Any, hook: MetaHook, act: Callable[[], object]) -> Request:
    """The one request that an act leads to."""
    fake.wait_delivered()
    before = len(hook.posts)
    act()
    fake.wait_delivered()
    (request,) = hook.posts[before:]
    return request
