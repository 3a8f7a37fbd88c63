"""A person before the whole cloud, in any of the five messengers: a fake of each, and the salon's account at it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from salon.identity.domain import ChannelConfig, ChannelDetails, SendRate
from salon.identity.use_cases.channels import create_channel_account
from salon.integrations.channels import account_keepers
from salon.integrations.fakes.driving import Messenger
from salon.integrations.fakes.state import Message, Person
from salon.messaging.domain import Channel
from salon.messaging.use_cases.accounts import AccountDesk
from salon.platform.clock import SystemClock
from salon.platform.db import Database
from salon.platform.metrics import MemoryMetrics
from salon.platform.settings import ChannelSettings
from support.cloud import Cloud, gateway, open_cloud
from support.salon_world import ACTOR, SalonWorld

FAKES = {
    Channel.TELEGRAM: ("salon.integrations.telegram.fake", "FakeTelegram"),
    Channel.MAX: ("salon.integrations.max.fake", "FakeMax"),
    Channel.VK: ("salon.integrations.vk.fake", "FakeVk"),
    Channel.WHATSAPP: ("salon.integrations.whatsapp.fake", "FakeWhatsapp"),
    Channel.INSTAGRAM: ("salon.integrations.instagram.fake", "FakeInstagram"),
}
BASES = {
    Channel.TELEGRAM: "TelegramApiBase",
    Channel.MAX: "MaxApiBase",
    Channel.VK: "VkApiBase",
    Channel.WHATSAPP: "GraphApiBase",
    Channel.INSTAGRAM: "IgGraphApiBase",
}
APP_SECRET = "app-secret-of-the-tests"
SIGNED = {Channel.WHATSAPP, Channel.INSTAGRAM}


def make_fake(channel: Channel, **options: Any) -> Messenger:
    """A fake of a messenger, quick to repeat itself."""
    module, name = FAKES[channel]
    options = {"webhook_base_delay_s": 0.02, "delivery_workers": 2, **options}
    return getattr(importlib.import_module(module), name)(**options)


def add_account(fake: Messenger, channel: Channel, number: int = 1) -> tuple[str, str]:
    """A salon's account at a messenger: its token and its id there."""
    token = f"{5000 + number}:token-of-the-{channel}-{number:04d}"
    settings = {"app_id": "900001", "app_secret": APP_SECRET} if channel in SIGNED else {}
    external_id = "" if channel is Channel.TELEGRAM else f"20300000{number}"
    account = fake.add_account(token, external_id=external_id, name="Салон «Проба»", username="proba", **settings)
    return token, account.external_id


def have_account(session: Any, fake: Messenger, channel: Channel, now: Any, *, number: int = 1) -> UUID:
    """The same account on our side, as an administrator enters it."""
    token, external_id = add_account(fake, channel, number)
    settings = fake.the_bot(token).settings
    secrets: dict[str, Any] = {"token": token}
    if channel in SIGNED:
        secrets["webhook_secrets"] = [APP_SECRET]
    config = ChannelConfig(
        app_id=str(settings.get("app_id", "")),
        business_id=str(settings.get("business_id", "")),
        chat_rate=SendRate(capacity=1_000, per_second=1_000),  # a test talks faster than people do
    )
    details = ChannelDetails(name="Проба", external_id=external_id, config=config)
    return create_channel_account(session, channel, details, secrets, actor=ACTOR, now=now).id


def settings_for(channel: Channel, fake: Messenger) -> ChannelSettings:
    """Where the messengers are: one fake, and nothing else."""
    names = {
        Channel.TELEGRAM: "telegram_api_base",
        Channel.MAX: "max_api_base",
        Channel.VK: "vk_api_base",
        Channel.WHATSAPP: "graph_api_base",
        Channel.INSTAGRAM: "ig_graph_api_base",
    }
    return ChannelSettings(**{names[channel]: fake.base_url, "extra_media_hosts": fake.media_host})


@dataclass
class Front:
    """A person in one messenger, the whole cloud behind it."""

    channel: Channel
    fake: Messenger
    cloud: Cloud
    database: Database
    world: SalonWorld
    account_id: UUID
    person: Person

    def settle(self) -> None:
        """Until nobody has anything more to say: webhooks bring answers, answers bring statuses and echoes."""
        for _ in range(20):
            self.fake.wait_delivered()
            if not self.cloud.pump() and not self.fake.state.undelivered:
                return
        raise AssertionError("it goes on and on")

    def write(self, words: str) -> str:
        """What the salon answers to some words."""
        return self.heard(lambda: self.fake.say(self.person, words))

    def press(self, label: str) -> str:
        """Tap the newest button with these words on it, or the number that stands for it; what the salon answers."""
        message, key = self.key(label)
        return self.heard(lambda: self.fake.tap(self.person, message.message_id, key))

    def key(self, label: str) -> tuple[Message, str]:
        """The newest message that offers something of this name, and the button's payload."""
        for message in reversed(self.fake.sent_to(self.person)):
            for row in message.buttons:
                for key in row:
                    if label in key["text"]:
                        return message, key["payload"] or key["text"]
            number = _numbered(message.text, label)
            if number:
                found = next(key for row in message.buttons for key in row if key["text"].strip() == number)
                return message, found["payload"] or found["text"]
        raise LookupError(f"Nothing offers {label!r}:\n" + "\n".join(self.fake.transcript(self.person)))

    def heard(self, act: Any) -> str:
        """What the salon says after something was done."""
        before = len(self.fake.sent_to(self.person))
        act()
        self.settle()
        return "\n".join(message.text for message in self.fake.sent_to(self.person)[before:])

    def rows(self, sql: str, **values: Any) -> list[Any]:
        """What the database has."""
        with self.database.read(self.world.tenant_id) as session:
            return list(session.execute(text(sql), values))


def _numbered(said: str, label: str) -> str:
    """The number of the line with these words: labels that are too long for keys are written out."""
    for line in said.splitlines():
        number, dot, rest = line.partition(". ")
        if dot and number.strip().isdecimal() and label in rest:
            return number.strip()
    return ""


@contextmanager
def open_front(
    channel: Channel, place: tuple[str, str, str], database: Database, world: SalonWorld, **options: Any
) -> Iterator[Front]:
    """Everything, with the webhook registered as an administrator has it registered.

    Args:
        channel: which messenger.
        place: the cloud's flavour, the database's owner, the endpoint of queues and bucket.
        database: the same database.
        world: the salon in it.
        options: of the fake.
    """
    flavour, owner_url, endpoint = place
    fake = make_fake(channel, **options)
    with fake.running() as base:
        parameters = {BASES[channel]: base, "ExtraMediaHosts": fake.media_host, "PublicUrl": "http://salon.invalid"}
        with open_cloud(flavour, owner_url, endpoint, **parameters) as cloud, gateway(cloud) as url:
            clock = SystemClock()
            with database.transaction(world.tenant_id) as session:
                account_id = have_account(session, fake, channel, clock.now())
            keepers = account_keepers(settings_for(channel, fake))
            desk = AccountDesk(database, clock, MemoryMetrics(), keepers=keepers, public_url=url)
            state = desk.register(world.tenant_id, account_id, actor=ACTOR)
            assert not [problem for problem in state.problems if problem.is_fatal], state.problems
            person = fake.add_person("Лукерья", "Образцова", phone="79000000777")
            yield Front(channel, fake, cloud, database, world, account_id, person)
            keepers[channel].close()
