"""Real adapters for queue_inbound."""

from __future__ import annotations

from uuid import UUID

from salon.integrations.channels import channel_adapters
from salon.messaging.use_cases.receive import Receive
from salon.messaging.use_cases.talk import Links
from salon.platform.clock import SystemClock
from salon.platform.inbox import InboxDrain, InboxNudge
from salon.platform.metrics import LogMetrics
from salon.platform.settings import (
    BookingSettings,
    ChannelSettings,
    CloudSettings,
    InboundQueueSettings,
    MediaSettings,
    PublicSettings,
    RetrySettings,
    SecretSettings,
    VoiceSettings,
)
from salon.platform.storage import S3Storage, s3_client
from salon.platform.wiring import jitter, open_database
from salon.platform.wiring_light import queue


def wire() -> InboxDrain:
    """What works off the inbox.

    Raises:
        SettingsInvalid: naming what the environment lacks.
    """
    clock, metrics, database = SystemClock(), LogMetrics(), open_database()
    cloud, media = CloudSettings.load(), MediaSettings.load()
    receive = Receive(
        database,
        clock,
        metrics,
        adapters=channel_adapters(ChannelSettings.load()),
        storage=lambda: S3Storage(s3_client(cloud), media.media_bucket),  # most messages have no file
        media_max_bytes=media.media_max_bytes,
        booking=BookingSettings.load(),
        links=_links(PublicSettings.load().public_url),
        voice=VoiceSettings.load(),
    )
    return InboxDrain(
        database,
        clock,
        RetrySettings.load(),
        metrics,
        prepare=receive.prepare,
        handle=receive.handle,
        give_up=receive.give_up,
        jitter=jitter,
        requeue=InboxNudge(queue(InboundQueueSettings.load().inbound_queue_url)),
    )


def _links(public_url: str | None) -> Links | None:
    """Addresses of calendar files, with keys that open nothing else; none without a public address."""
    if not public_url:
        return None
    base = public_url.rstrip("/")

    def link(tenant_id: UUID, booking_id: UUID) -> str:
        from salon.identity.tokens import JWT_SECRETS, SigningKeys, Tokens  # here: few conversations come to this
        from salon.platform.secrets import secret_store

        store = secret_store(SecretSettings.load())
        tokens = Tokens(lambda: SigningKeys.parse(store.get(JWT_SECRETS)))
        return f"{base}/v1/bookings/{booking_id}/calendar.ics?key={tokens.link_key(tenant_id, booking_id)}"

    return link
