"""A community at the fake VK, its server that answers as a webhook does, and the real adapter before them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from salon.integrations.fakes import Person
from salon.integrations.vk.adapter import VkAdapter
from salon.integrations.vk.fake import FakeVk
from salon.integrations.vk.keeper import VkKeeper
from salon.messaging.domain import ChannelCredentials
from salon.messaging.errors import HandshakeRefused
from support.telegram import LoopbackServer, Reply, Request

TOKEN = "vk1.a.test-token_0123456789"
SECRET = "hook-secret-1"
GROUP = "7001"
CREDENTIALS = ChannelCredentials(TOKEN, (SECRET,), external_id=GROUP)


class Webhook(LoopbackServer):
    """Answers handshakes by what is stored, and events with `ok`; `events` are those that came."""

    def __init__(self, adapter: VkAdapter, credentials: ChannelCredentials) -> None:
        super().__init__(self._answer)
        self.credentials = credentials
        self.answer_events = lambda _: Reply(200, {"Content-Type": "text/plain"}, b"ok")
        self._adapter = adapter

    @property
    def events(self) -> list[Request]:
        return [request for request in self.requests if json.loads(request.body)["type"] != "confirmation"]

    def _answer(self, request: Request) -> Reply:
        body = json.loads(request.body)
        # The secret may be newer than what a test has stored; that a wrong one is refused is tested without HTTP.
        known = replace(self.credentials, webhook_secrets=(str(body.get("secret", "")),))
        try:
            told = self._adapter.handshake("POST", {}, request.body, known)
        except HandshakeRefused:
            return Reply(403, body=b"refused")
        if told is not None:
            return Reply(200, {"Content-Type": "text/plain"}, told.encode())
        return self.answer_events(request)


@dataclass
class VkBench:
    """See `benches.Bench`."""

    adapter: VkAdapter
    keeper: VkKeeper
    credentials: ChannelCredentials
    fake: FakeVk
    hook: Webhook
    anna: Person

    stranger_chat_id = "999999999"

    @property
    def url(self) -> str:
        return f"{self.hook.url}/vk/main"

    @property
    def chat_id(self) -> str:
        return self.anna.external_id

    def posted(self, kind: str) -> Request:
        """The newest event of that kind."""
        self.fake.wait_delivered()
        return next(one for one in reversed(self.hook.events) if json.loads(one.body)["type"] == kind)


@contextmanager
def vk_bench() -> Iterator[VkBench]:
    """The bench, running, its server registered."""
    fake = FakeVk(webhook_base_delay_s=0.02, delivery_workers=2)
    fake.add_account(TOKEN, external_id=GROUP, name="Салон «Верба»")
    anna = fake.add_person("Анна", "Лебедева")
    with ExitStack() as stack:
        base_url = stack.enter_context(fake.running())
        adapter = VkAdapter(base_url, extra_hosts=(fake.media_host,), total_timeout_s=1.0)
        keeper = VkKeeper(base_url, total_timeout_s=2.0)
        stack.callback(adapter.close)
        stack.callback(keeper.close)
        known = replace(CREDENTIALS, confirmation=keeper.prepare_handshake(CREDENTIALS).confirmation)
        hook = stack.enter_context(Webhook(adapter, known))
        bench = VkBench(adapter, keeper, known, fake, hook, anna)
        keeper.register(bench.url, known)
        fake.start(anna)
        fake.wait_delivered()
        yield bench
