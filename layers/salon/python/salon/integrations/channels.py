"""Every messenger's adapter, each imported when it is first asked for: a webhook loads one of five."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import TypeVar

from salon.messaging.domain import Channel
from salon.messaging.ports import AccountKeeper, ChannelAdapter
from salon.platform.settings import ChannelSettings

_Made = TypeVar("_Made")


class Lazily(Mapping[Channel, _Made]):
    """A mapping that makes what it holds when it is asked for it. Safe to share between threads."""

    def __init__(self, makers: Mapping[Channel, Callable[[], _Made]]) -> None:
        self._makers = makers
        self._made: dict[Channel, _Made] = {}
        self._lock = Lock()

    def __getitem__(self, channel: Channel) -> _Made:
        with self._lock:
            if channel not in self._made:
                self._made[channel] = self._makers[channel]()
            return self._made[channel]

    def __iter__(self) -> Iterator[Channel]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def channel_adapters(settings: ChannelSettings) -> Mapping[Channel, ChannelAdapter]:
    """The adapters, by the providers' addresses in the settings."""
    return Lazily({
        Channel.TELEGRAM: lambda: _telegram(settings),
        Channel.MAX: lambda: _max(settings),
        Channel.VK: lambda: _vk(settings),
        Channel.WHATSAPP: lambda: _whatsapp(settings),
        Channel.INSTAGRAM: lambda: _instagram(settings),
    })  # fmt: skip


def account_keepers(settings: ChannelSettings) -> Mapping[Channel, AccountKeeper]:
    """What looks after accounts, by the providers' addresses in the settings."""
    return Lazily({
        Channel.TELEGRAM: lambda: _telegram_keeper(settings),
        Channel.MAX: lambda: _max_keeper(settings),
        Channel.VK: lambda: _vk_keeper(settings),
        Channel.WHATSAPP: lambda: _whatsapp_keeper(settings),
        Channel.INSTAGRAM: lambda: _instagram_keeper(settings),
    })  # fmt: skip


def _telegram(settings: ChannelSettings) -> ChannelAdapter:
    from salon.integrations.telegram.adapter import TelegramAdapter

    return TelegramAdapter(settings.telegram_api_base, proxy=settings.channel_proxy)


def _max(settings: ChannelSettings) -> ChannelAdapter:
    from salon.integrations.max.adapter import MaxAdapter

    return MaxAdapter(settings.max_api_base, ca_file=settings.max_ca_file, extra_hosts=settings.media_hosts)


def _vk(settings: ChannelSettings) -> ChannelAdapter:
    from salon.integrations.vk.adapter import VkAdapter

    return VkAdapter(settings.vk_api_base, ca_file=settings.vk_ca_file, extra_hosts=settings.media_hosts)


def _whatsapp(settings: ChannelSettings) -> ChannelAdapter:
    from salon.integrations.whatsapp.adapter import WhatsappAdapter

    return WhatsappAdapter(settings.graph_api_base, extra_hosts=settings.media_hosts, proxy=settings.channel_proxy)


def _instagram(settings: ChannelSettings) -> ChannelAdapter:
    from salon.integrations.instagram.adapter import InstagramAdapter

    return InstagramAdapter(settings.ig_graph_api_base, extra_hosts=settings.media_hosts, proxy=settings.channel_proxy)


def _telegram_keeper(settings: ChannelSettings) -> AccountKeeper:
    from salon.integrations.telegram.keeper import TelegramKeeper

    return TelegramKeeper(settings.telegram_api_base, proxy=settings.channel_proxy)


def _max_keeper(settings: ChannelSettings) -> AccountKeeper:
    from salon.integrations.max.keeper import MaxKeeper

    return MaxKeeper(settings.max_api_base, ca_file=settings.max_ca_file)


def _vk_keeper(settings: ChannelSettings) -> AccountKeeper:
    from salon.integrations.vk.keeper import VkKeeper

    return VkKeeper(settings.vk_api_base, ca_file=settings.vk_ca_file)


def _whatsapp_keeper(settings: ChannelSettings) -> AccountKeeper:
    from salon.integrations.whatsapp.keeper import WhatsappKeeper

    return WhatsappKeeper(settings.graph_api_base, proxy=settings.channel_proxy)


def _instagram_keeper(settings: ChannelSettings) -> AccountKeeper:
    from salon.integrations.instagram.keeper import InstagramKeeper

    return InstagramKeeper(settings.ig_graph_api_base, proxy=settings.channel_proxy)
