"""What messaging needs from a messenger's adapter. Each adapter passes `tests/contract/test_channel.py`."""

from __future__ import annotations

from typing import Protocol

from salon.messaging.domain import (
    Attachment,
    Channel,
    ChannelCredentials,
    InboundEvent,
    MediaContent,
    OutboundMessage,
)


class ChannelAdapter(Protocol):
    """One messenger, in and out."""

    channel: Channel

    def verify(self, headers: dict[str, str], body: bytes, credentials: ChannelCredentials) -> bool:
        """Whether the provider sent this. Header names are lower-case. Constant time; an empty secret refuses."""
        ...

    def external_id(self, body: bytes) -> str:
        """The provider's own key of the event; a digest of the body when it carries none or cannot be read."""
        ...

    def conversation_of(self, body: bytes) -> str:
        """The chat the event belongs to ("" when it has none); its events are handled one after another."""
        ...

    def normalise(self, body: bytes) -> InboundEvent:
        """The event in our words. Never raises: what cannot be read is IGNORED with a reason."""
        ...

    def send(self, message: OutboundMessage, credentials: ChannelCredentials) -> str | None:
        """Carry out one call; the provider's id of the message where there is one.

        Raises:
            DeliveryFailed: by class, what to do next.
        """
        ...

    def fetch(self, attachment: Attachment, credentials: ChannelCredentials, *, max_bytes: int) -> MediaContent:
        """The bytes of an attachment.

        Raises:
            MediaGone, MediaTooLarge: and will stay so.
            RetryLater: may be had later.
        """
        ...
