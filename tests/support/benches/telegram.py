"""The real Telegram adapter before the fake Bot API, with one person who has written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from salon.integrations.telegram.adapter import TelegramAdapter
from salon.integrations.telegram.fake import FakeTelegram, Person
from salon.integrations.telegram.keeper import TelegramKeeper
from salon.messaging.domain import ChannelCredentials
from support.telegram import CREDENTIALS, TOKEN, LoopbackServer


@dataclass
class TelegramBench:
    """See `benches.Bench`."""

    adapter: TelegramAdapter
    keeper: TelegramKeeper
    credentials: ChannelCredentials
    fake: FakeTelegram
    hook: LoopbackServer
    anna: Person
    url: str

    stranger_chat_id = "999999999999"

    @property
    def chat_id(self) -> str:
        return self.fake.chat_of(self.anna).chat_id


@contextmanager
def telegram_bench() -> Iterator[TelegramBench]:
    """The bench, running."""
    fake = FakeTelegram(webhook_base_delay_s=0.02, delivery_workers=2)
    fake.add_bot(TOKEN)
    anna = fake.add_person("Анна", "Лебедева", phone="79990000101")
    with ExitStack() as stack:
        hook = stack.enter_context(LoopbackServer())
        base_url = stack.enter_context(fake.running())
        adapter, keeper = TelegramAdapter(base_url, total_timeout_s=1.0), TelegramKeeper(base_url, total_timeout_s=1.0)
        stack.callback(adapter.close)
        stack.callback(keeper.close)
        url = f"{hook.url}/webhooks/telegram/main"
        keeper.register(url, CREDENTIALS)
        fake.start(anna)
        fake.wait_delivered()
        yield TelegramBench(adapter, keeper, CREDENTIALS, fake, hook, anna, url)
