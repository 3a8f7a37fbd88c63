"""The way out of a network that does not let through to foreign messengers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from salon.integrations.channels import account_keepers, channel_adapters
from salon.messaging.domain import Channel, ChannelCredentials, OutboundKind, OutboundMessage
from salon.messaging.errors import DeliveryFailed
from salon.platform.settings import ChannelSettings

FOREIGN = [Channel.TELEGRAM, Channel.WHATSAPP, Channel.INSTAGRAM]
OURS = [Channel.MAX, Channel.VK]
CREDENTIALS = ChannelCredentials(
    token="123456:" + "a" * 35, webhook_secrets=("secret",), external_id="77", business_id="78", app_id="79"
)


class Proxy(BaseHTTPRequestHandler):
    """Remembers what it was asked for and lets nothing through."""

    asked: list[str]

    def refuse(self) -> None:
        self.asked.append(self.path)
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(502)
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_POST = refuse  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Asked", (Proxy,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def settings(proxy: str) -> ChannelSettings:
    names = ("telegram_api_base", "max_api_base", "vk_api_base", "graph_api_base", "ig_graph_api_base")
    return ChannelSettings(channel_proxy=proxy, **dict.fromkeys(names, "http://nowhere.invalid"))


@pytest.mark.parametrize("channel", [*FOREIGN, *OURS])
def test_foreign_messengers_are_reached_through_it_and_ours_are_not(channel, proxy) -> None:
    address, asked = proxy
    adapter, keeper = channel_adapters(settings(address))[channel], account_keepers(settings(address))[channel]
    with pytest.raises(DeliveryFailed):
        adapter.send(OutboundMessage(OutboundKind.MESSAGE, chat_id="12345", text="Здравствуйте"), CREDENTIALS)
    sent = len(asked)
    try:
        keeper.check("https://salon.invalid/webhooks/x", CREDENTIALS)
    except DeliveryFailed:
        pass  # what it makes of a dead proxy is not the question
    finally:
        adapter.close()
        keeper.close()
    if channel in FOREIGN:
        assert 0 < sent < len(asked)
        assert all(path.startswith("http://nowhere.invalid/") for path in asked)
    else:
        assert asked == []
