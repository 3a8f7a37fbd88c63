"""The routes of http_webhooks."""

from __future__ import annotations

from salon.messaging.domain import Channel
from salon.messaging.use_cases.webhook import AcceptWebhook
from salon.platform.http import ApiResolver, build_resolver, lower_headers, raw_body

MAX_BODY_BYTES = 1_000_000


def build_routes(accept: AcceptWebhook) -> ApiResolver:
    """One route for each channel; the account's key stands in the path, because Telegram does not name the bot."""
    resolver = build_resolver(checks={"database": accept.ping}, max_body_bytes=MAX_BODY_BYTES, any_bytes=True)

    @resolver.post("/webhooks/telegram/<account_key>")
    def telegram(account_key: str) -> dict[str, bool]:
        """One update of a Telegram bot."""
        event = resolver.current_event.raw_event
        accept(Channel.TELEGRAM, account_key, lower_headers(event), raw_body(event))
        return {"ok": True}

    return resolver
