"""The real WhatsApp adapter before the fake Cloud API, with one person who has written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from salon.integrations.fakes import FaultKind, Person
from salon.integrations.whatsapp.adapter import WhatsappAdapter
from salon.integrations.whatsapp.fake import FakeWhatsapp
from salon.integrations.whatsapp.keeper import WhatsappKeeper
from salon.messaging.domain import ChannelCredentials
from support.benches.meta import APP_SECRET, VERIFY_TOKEN, MetaHook, posted
from support.telegram import Request

CREDENTIALS = ChannelCredentials(
    token="EAAGtest-token_0123456789",
    webhook_secrets=(APP_SECRET,),
    verify_token=VERIFY_TOKEN,
    external_id="1055001",
    business_id="2077001",
    app_id="330011",
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
class WhatsappBench:
    """See the contract for the verbs."""

    adapter: WhatsappAdapter
    credentials: ChannelCredentials
    fake: FakeWhatsapp
    hook: MetaHook
    anna: Person

    stranger_chat_id = "79999999999"

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
        raise NotImplementedError("WhatsApp tells nobody of a block")

    def toast(self, callback_id: str) -> str | None:
        raise NotImplementedError("WhatsApp's buttons do not spin")

    def forget_files(self) -> None:
        self.fake.expire_files()


@contextmanager
def whatsapp_bench() -> Iterator[WhatsappBench]:
    """The bench, running; the person's window is open."""
    fake = FakeWhatsapp(webhook_base_delay_s=0.02, delivery_workers=2)
    fake.add_account(
        CREDENTIALS.token,
        external_id=CREDENTIALS.external_id,
        name="Салон «Верба»",
        app_id=CREDENTIALS.app_id,
        app_secret=APP_SECRET,
        business_id=CREDENTIALS.business_id,
    )
    anna = fake.add_person("Анна", "Лебедева", phone="79990000101")
    with ExitStack() as stack:
        hook = stack.enter_context(MetaHook())
        base_url = stack.enter_context(fake.running())
        adapter = WhatsappAdapter(base_url, extra_hosts=(fake.media_host,), total_timeout_s=1.0)
        stack.callback(adapter.close)
        keeper = WhatsappKeeper(base_url)
        stack.callback(keeper.close)
        keeper.register(f"{hook.url}/webhooks/whatsapp/main", CREDENTIALS)
        fake.say(anna, "Здравствуйте")
        fake.wait_delivered()
        yield WhatsappBench(adapter, CREDENTIALS, fake, hook, anna)
