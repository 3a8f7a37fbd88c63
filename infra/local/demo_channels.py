"""The four messengers beside Telegram in the local cloud: a fake of each, and the demo salon's account at it.

The accounts are made and registered as a salon's administrator would: through the use cases behind the staff API, and
over HTTP to the provider, which here is a fake.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from salon.identity.domain import ChannelConfig, ChannelDetails, system
from salon.identity.use_cases.channels import (
    change_channel_secrets,
    create_channel_account,
    list_channel_accounts,
)
from salon.integrations.channels import account_keepers
from salon.integrations.fakes.driving import Messenger
from salon.integrations.instagram.fake import FakeInstagram
from salon.integrations.max.fake import FakeMax
from salon.integrations.vk.fake import FakeVk
from salon.integrations.whatsapp.fake import FakeWhatsapp
from salon.messaging.domain import Channel
from salon.messaging.templates.domain import TemplateDetails
from salon.messaging.templates.use_cases import choose_template
from salon.messaging.use_cases.accounts import AccountDesk
from salon.platform.clock import SystemClock
from salon.platform.db import Database
from salon.platform.metrics import MemoryMetrics
from salon.platform.settings import ChannelSettings

ACTOR = system("demo")
NAME = "Салон «Берёзка»"
PARAMETERS = {
    Channel.MAX: "MaxApiBase",
    Channel.VK: "VkApiBase",
    Channel.WHATSAPP: "GraphApiBase",
    Channel.INSTAGRAM: "IgGraphApiBase",
}
EXTERNAL_IDS = {
    Channel.MAX: "7001",
    Channel.VK: "203000001",
    Channel.WHATSAPP: "110000000000001",
    Channel.INSTAGRAM: "17840000000000001",
}
TEMPLATES = {
    "remind_day_before": "Напоминаем: {{1}}, в {{2}} вы записаны на услугу «{{3}}», мастер {{4}}, {{5}}.",
    "remind_soon": "Ждём вас {{1}}, в {{2}}: {{3}}, мастер {{4}}, {{5}}.",
    "feedback_ask": "Как вам визит «{{1}}», мастер {{2}}? Оцените, пожалуйста.",
}


@dataclass
class DemoChannels:
    """The fakes of four messengers.

    Attributes:
        folder: where the fakes keep their chats between runs; None keeps nothing.
        tokens: the account's token at each messenger.
        app_secret: with which WhatsApp and Instagram sign.
    """

    folder: Path | None
    tokens: Mapping[str, str] = field(repr=False)
    app_secret: str = field(repr=False)
    fakes: dict[Channel, Messenger] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the fakes, with the salon's account at each."""
        makers: dict[Channel, type[Any]] = {
            Channel.MAX: FakeMax,
            Channel.VK: FakeVk,
            Channel.WHATSAPP: FakeWhatsapp,
            Channel.INSTAGRAM: FakeInstagram,
        }
        for channel, make in makers.items():
            file = self.folder / f"{channel}.json" if self.folder else None
            self.fakes[channel] = make(state_file=file, webhook_base_delay_s=0.5)
            signs = channel in {Channel.WHATSAPP, Channel.INSTAGRAM}
            settings = {"app_id": "5000000000000001", "app_secret": self.app_secret} if signs else {}
            self.fakes[channel].add_account(
                self.tokens[channel],
                external_id=EXTERNAL_IDS[channel],
                name=NAME,
                username="beryozka",
                **settings,
            )

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Serve all of them for the block."""
        with ExitStack() as stack:
            for fake in self.fakes.values():
                fake.start_server()
                stack.callback(fake.stop_server)
            yield

    def parameters(self) -> dict[str, str]:
        """The template's parameters that lead to the fakes."""
        bases = {PARAMETERS[channel]: fake.base_url for channel, fake in self.fakes.items()}
        return {**bases, "ExtraMediaHosts": ",".join(sorted({fake.media_host for fake in self.fakes.values()}))}

    def settings(self, telegram_base: str) -> ChannelSettings:
        """The same for what runs here."""
        return ChannelSettings(
            telegram_api_base=telegram_base,
            max_api_base=self.fakes[Channel.MAX].base_url,
            vk_api_base=self.fakes[Channel.VK].base_url,
            graph_api_base=self.fakes[Channel.WHATSAPP].base_url,
            ig_graph_api_base=self.fakes[Channel.INSTAGRAM].base_url,
            extra_media_hosts=self.parameters()["ExtraMediaHosts"],
        )

    def add_people(self, people: tuple[tuple[str, str, str], ...]) -> None:
        """The same invented people in each messenger, unless somebody is there already."""
        for fake in self.fakes.values():
            if not fake.state.people:
                for first_name, last_name, phone in people:
                    fake.add_person(first_name, last_name, phone=phone)

    def connect(self, database: Database, tenant_id: UUID, public_url: str, telegram_base: str) -> None:
        """Have the salon's accounts, and have every messenger send its events to us.

        Raises:
            ProviderRefused, ProviderUnreachable: a fake does not do what the real one would.
        """
        with database.transaction(tenant_id) as session:
            known = {account.channel: account.id for account in list_channel_accounts(session)}
            now = SystemClock().now()
            for channel in self.fakes:
                given = self._secrets(channel)
                if channel in known:
                    change_channel_secrets(session, known[channel], given, actor=ACTOR, now=now)
                    continue
                made = create_channel_account(session, channel, self._details(channel), given, actor=ACTOR, now=now)
                known[channel] = made.id
                if channel is Channel.WHATSAPP:
                    for purpose in TEMPLATES:
                        details = TemplateDetails(name=purpose, provider_language="ru")
                        choose_template(session, made.id, purpose, "ru", details, actor=ACTOR, now=now)
        self._approve_templates()
        with contextlib.closing(_Keepers(self.settings(telegram_base))) as keepers:
            desk = AccountDesk(
                database, SystemClock(), MemoryMetrics(), keepers=keepers.by_channel, public_url=public_url
            )
            for channel in self.fakes:
                desk.register(tenant_id, known[channel], actor=ACTOR)

    def _secrets(self, channel: Channel) -> dict[str, Any]:
        signs = channel in {Channel.WHATSAPP, Channel.INSTAGRAM}
        return {"token": self.tokens[channel], **({"webhook_secrets": [self.app_secret]} if signs else {})}

    def _details(self, channel: Channel) -> ChannelDetails:
        account = self.fakes[channel].the_bot()
        config = ChannelConfig(
            app_id=str(account.settings.get("app_id", "")), business_id=str(account.settings.get("business_id", ""))
        )
        return ChannelDetails(name=NAME, external_id=EXTERNAL_IDS[channel], config=config)

    def _approve_templates(self) -> None:
        whatsapp = self.fakes[Channel.WHATSAPP]
        if isinstance(whatsapp, FakeWhatsapp) and not whatsapp.the_bot().settings.get("templates"):
            for name, body in TEMPLATES.items():
                whatsapp.add_template(name, body)


class _Keepers:
    """The keepers, closed together."""

    def __init__(self, settings: ChannelSettings) -> None:
        self.by_channel = account_keepers(settings)

    def close(self) -> None:
        for channel in PARAMETERS:
            self.by_channel[channel].close()
