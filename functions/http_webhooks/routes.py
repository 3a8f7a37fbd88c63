"""The routes of http_webhooks: one for each channel, with the account's key in the path.

Telegram and MAX do not name the bot in what they send, and a handshake has no signature: the URL says whose it is.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import Response

from salon.messaging.domain import Channel
from salon.messaging.use_cases.webhook import AcceptWebhook, WebhookCall
from salon.platform.http import ApiResolver, build_resolver
from salon.platform.http_events import BodyTooLarge
from salon.platform.http_request import HttpRequest, current_request

META_MAX_BODY_BYTES = 3 * 1024 * 1024
"""Meta's own limit, for up to a thousand events (facts/channels.md §4.2, §5.2); of the body as it was sent."""

MAX_BODY_BYTES = {
    Channel.TELEGRAM: 1_000_000,
    Channel.MAX: 1_000_000,
    Channel.VK: 1_000_000,
    Channel.WHATSAPP: META_MAX_BODY_BYTES,
    Channel.INSTAGRAM: META_MAX_BODY_BYTES,
}


def build_routes(accept: AcceptWebhook) -> ApiResolver:
    """A POST and a GET for each channel; GET is the handshake of those that have one."""
    resolver = build_resolver(checks={"database": accept.ping}, max_body_bytes=META_MAX_BODY_BYTES, any_bytes=True)
    for channel in Channel:
        _add_channel(resolver, accept, channel)
    return resolver


def _add_channel(resolver: ApiResolver, accept: AcceptWebhook, channel: Channel) -> None:
    @resolver.route(f"/webhooks/{channel}/<account_key>", method=["GET", "POST"])
    def webhook(account_key: str) -> Response[Any]:
        """One call of the provider."""
        request = current_request()
        limit = MAX_BODY_BYTES[channel]
        if len(request.body) > limit:
            raise BodyTooLarge(f"The body is larger than {limit} bytes.")
        answer = accept(channel, account_key, _call_of(request))
        return Response(200, answer.content_type, answer.body)


def _call_of(request: HttpRequest) -> WebhookCall:
    query = {
        str(name): str((value[-1] if value else "") if isinstance(value, list | tuple) else value)
        for name, value in request.query.items()
    }
    return WebhookCall(request.method, query, dict(request.headers), request.body)
