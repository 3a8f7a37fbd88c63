"""The real Instagram adapter before the fake of its API, with one person who has written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from salon.integrations.fakes import FaultKind, Person
from salon.integrations.instagram.adapter import InstagramAdapter
from salon.integrations.instagram.fake import FakeInstagram
from salon.integrations.instagram.keeper import InstagramKeeper
from salon.messaging.domain import ChannelCredentials
from support.benches.meta import APP_SECRET, VERIFY_TOKEN, MetaHook, posted
from support.telegram import Request

CREDENTIALS = ChannelCredentials(
    token="IGAAtest-token_0123456789",
    webhook_secrets=(APP_SECRET,),
    verify_token=VERIFY_TOKEN,
    external_id="17841472110558136",
    app_id="330012",
)
FAULTS = {
    "too_many": FaultKind.TOO_MANY,
    "blocked": FaultKind.BLOCKED,
    "server_error": FaultKind.SERVER_ERROR,
    "revoked": FaultKind.UNAUTHORIZED,
    "slow": FaultKind.SLOW,
    "dropped": FaultKind.DROP_AFTER,
    "window_closed": FaultKind.WINDOW_CLOSED,
}


@dataclass
class InstagramBench:
    """See the contract for the verbs."""

    adapter: InstagramAdapter
    credentials: ChannelCredentials
    fake: FakeInstagram
    hook: MetaHook
    anna: Person

    stranger_chat_id = "999999999999999"

    @property
    def chat_id(self) -> str:
        return self.fake.chat_of(self.anna).chat_id

    def fail(self, how: str) -> None:
        if how == "unreachable":
            self.fake.stop_server()
        else:
            self.fake.fail_next(FAULTS[how], seconds=7)

    def received(self) -> list[str]:
        return [message.text for message in self.fake.sent_to(self.anna)]

    def buttons(self) -> list[list[str]]:
        return [[key["text"] for key in row] for row in self.fake.sent_to(self.anna)[-1].buttons]

    def person_says(self, text: str) -> Request:
        return posted(self.fake, self.hook, lambda: self.fake.say(self.anna, text))

    def person_taps(self, message_id: str, button: str) -> Request:
        return posted(self.fake, self.hook, lambda: self.fake.tap(self.anna, message_id, button))

    def person_speaks(self, data: bytes) -> Request:
        return posted(self.fake, self.hook, lambda: self.fake.send_voice(self.anna, data))

    def person_blocks(self) -> Request:
        raise NotImplementedError("Instagram tells nobody of a block")

    def toast(self, callback_id: str) -> str | None:
        raise NotImplementedError("Instagram's buttons do not spin")

    def forget_files(self) -> None:
        self.fake.expire_files()


@contextmanager
def instagram_bench() -> Iterator[InstagramBench]:
    """The bench, running; the person's window is open."""
    fake = FakeInstagram(webhook_base_delay_s=0.02, delivery_workers=2)
    fake.add_account(
        CREDENTIALS.token,
        external_id=CREDENTIALS.external_id,
        username="verba",
        app_id=CREDENTIALS.app_id,
        app_secret=APP_SECRET,
    )
    anna = fake.add_person("Анна", "Лебедева", username="anna.l")
    with ExitStack() as stack:
        hook = stack.enter_context(MetaHook())
        base_url = stack.enter_context(fake.running())
        adapter = InstagramAdapter(base_url, extra_hosts=(fake.media_host,), total_timeout_s=1.0)
        stack.callback(adapter.close)
        keeper = InstagramKeeper(base_url)
        stack.callback(keeper.close)
        keeper.register(f"{hook.url}/webhooks/instagram/main", CREDENTIALS)
        fake.say(anna, "Здравствуйте")
        fake.wait_delivered()
        yield InstagramBench(adapter, CREDENTIALS, fake, hook, anna)
