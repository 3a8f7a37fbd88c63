"""A community at the fake VK, its server that answers as a webhook does, and the real adapter before them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from salon.integrations.fakes import FaultKind, Person
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
        try:
            told = self._adapter.handshake("POST", {}, request.body, self.credentials)
        except HandshakeRefused:
            return Reply(403, body=b"refused")
        if told is not None:
            return Reply(200, {"Content-Type": "text/plain"}, told.encode())
        return self.answer_events(request)


@dataclass
class VkBench:
    """One person who has written to the community. See the contract for the verbs."""

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
            "window": FaultKind.WINDOW_CLOSED,
            "rejected": FaultKind.REJECTED,
        }
        self.fake.fail_next(kinds[how], seconds=7)

    def received(self) -> list[str]:
        return [message.text for message in self.fake.sent_to(self.anna)]

    def buttons(self) -> list[list[str]]:
        return [[key["text"] for key in row] for row in self.fake.sent_to(self.anna)[-1].buttons]

    def posted(self, kind: str = "") -> Request:
        """The newest event, of that kind."""
        self.fake.wait_delivered()
        return next(one for one in reversed(self.hook.events) if kind in {"", json.loads(one.body)["type"]})

    def person_says(self, text: str) -> Request:
        self.fake.say(self.anna, text)
        return self.posted("message_new")

    def person_taps(self, message_id: str, button: str) -> Request:
        self.fake.tap(self.anna, message_id, button)
        return self.posted()

    def toast(self, callback_id: str) -> str | None:
        answer = self.fake.tap_of(callback_id).answer
        return None if answer is None else answer["text"]

    def person_speaks(self, data: bytes) -> Request:
        self.fake.send_voice(self.anna, data)
        return self.posted("message_new")

    def person_blocks(self) -> Request:
        self.fake.block(self.anna)
        return self.posted("message_deny")

    def forget_files(self) -> None:
        self.fake.expire_files()


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
