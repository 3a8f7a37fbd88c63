"""The real MAX adapter before the fake Bot API, with one person who has pressed «Начать»."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from salon.integrations.fakes import Person
from salon.integrations.max.adapter import MaxAdapter
from salon.integrations.max.fake import FakeMax
from salon.integrations.max.keeper import MaxKeeper
from salon.messaging.domain import ChannelCredentials, InboundEvent
from support.telegram import LoopbackServer, Request

TOKEN = "f9LHodD0cOI-test-token_0123456789"
SECRET = "hook-secret-1"
BOT_ID = "277639678"
CREDENTIALS = ChannelCredentials(TOKEN, (SECRET,), external_id=BOT_ID)


@dataclass
class MaxBench:
    """See `benches.Bench`; `pauses` are those that the adapter made for files to be digested."""

    adapter: MaxAdapter
    keeper: MaxKeeper
    fake: FakeMax
    hook: LoopbackServer
    anna: Person
    pauses: list[float] = field(default_factory=list)
    credentials: ChannelCredentials = CREDENTIALS

    stranger_chat_id = "999999999"

    @property
    def url(self) -> str:
        return f"{self.hook.url}/webhooks/max/main"

    @property
    def chat_id(self) -> str:
        return self.fake.chat_of(self.anna).chat_id

    def received(self) -> list[str]:
        """The texts in the person's chat as they read now."""
        return [message.text for message in self.fake.sent_to(self.anna) if not message.deleted]

    def posted(self, kind: str = "") -> Request:
        """The newest update, of that kind."""
        self.fake.wait_delivered()
        fits = (one for one in reversed(self.hook.requests) if kind in {"", json.loads(one.body)["update_type"]})
        return next(fits)

    def read(self, kind: str = "") -> InboundEvent:
        """The same in our words."""
        return self.adapter.normalise(self.posted(kind).body, self.credentials)


@contextmanager
def max_bench(**stage: Any) -> Iterator[MaxBench]:
    """The bench, running, the webhook registered."""
    fake = FakeMax(**{"webhook_base_delay_s": 0.02, "delivery_workers": 2, **stage})
    fake.add_account(TOKEN, external_id=BOT_ID, name="Салон «Верба»", username="verba_bot")
    anna = fake.add_person("Анна", "Лебедева", phone="79990000101")
    pauses: list[float] = []
    with ExitStack() as stack:
        hook = stack.enter_context(LoopbackServer())
        base_url = stack.enter_context(fake.running())
        adapter = MaxAdapter(base_url, extra_hosts=(fake.media_host,), total_timeout_s=1.0, pause=pauses.append)
        stack.callback(adapter.close)
        keeper = MaxKeeper(base_url, total_timeout_s=2.0)
        stack.callback(keeper.close)
        bench = MaxBench(adapter, keeper, fake, hook, anna, pauses)
        keeper.register(bench.url, CREDENTIALS)
        fake.start(anna)
        fake.wait_delivered()
        yield bench
