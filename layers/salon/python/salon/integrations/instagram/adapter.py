"""Instagram as messaging's channel. Verifying and unpacking need no HTTP, so httpx is imported at the first call."""

from __future__ import annotations

from salon.integrations.attachments import reference_of
from salon.integrations.instagram.payloads import calls, webhooks
from salon.integrations.instagram.payloads.codes import judge
from salon.integrations.instagram.payloads.contents import sniffed
from salon.integrations.meta.adapter import MetaAdapter
from salon.integrations.wire import text_of
from salon.messaging.domain import (
    Attachment,
    Channel,
    ChannelCredentials,
    InboundEvent,
    MediaContent,
    OutboundKind,
    OutboundMessage,
    WireEvent,
)
from salon.messaging.errors import RetryLater, WindowClosed

DEFAULT_BASE_URL = "https://graph.instagram.com"
MEDIA_HOSTS = ("lookaside.fbsbx.com", "*.fbcdn.net", "*.cdninstagram.com")
_SUFFIXES = {
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/aac": ".aac",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
}


class InstagramAdapter(MetaAdapter):
    """The channel adapter for Instagram; fulfils `messaging.ports.ChannelAdapter`. Safe to share between threads."""

    channel = Channel.INSTAGRAM
    default_base_url = DEFAULT_BASE_URL
    media_hosts = MEDIA_HOSTS

    def unpack(self, body: bytes) -> tuple[WireEvent, ...]:
        """Up to a thousand items, each in an envelope of its own."""
        return webhooks.events_in(body)

    def normalise(self, body: bytes, credentials: ChannelCredentials) -> InboundEvent:
        """The item in our words; never raises."""
        del credentials
        return webhooks.normalise(body)

    def send(
        self,
        message: OutboundMessage,
        credentials: ChannelCredentials,
        *,
        reference: str = "",
        media: MediaContent | None = None,
    ) -> str | None:
        """Carry out one call, or two for a file with a text. An answer to a tap does not exist here: None.

        Instagram knows no references and takes no bytes: a file goes by its public address. What a human wrote goes out
        under the tag for humans when the window has closed; the tag needs a permission, so it is not used before.

        Raises:
            WindowClosed: 24 hours have passed since the person wrote, or seven days for a human.
            RequestRejected: an edit, which does not exist; or what Instagram would not take.
            RetryLater, RecipientGone, AccountRejected: see `messaging.errors`.
        """
        del reference, media
        if message.kind is OutboundKind.ANSWER_CALLBACK:
            return None
        sent = ""
        for number, body in enumerate(calls.bodies_for(message)):
            try:
                sent = self._post(body, credentials, is_by_human=message.is_by_human)
            except RetryLater as later:
                if number:  # repeating the whole message would repeat its file
                    later.maybe_sent = True
                raise
        return sent

    def fetch(self, attachment: Attachment, credentials: ChannelCredentials, *, max_bytes: int) -> MediaContent:
        """The bytes of a file, from Instagram's own hosts, without a token; what they are is seen by their beginning.

        Raises:
            MediaGone: no address, an address of somebody else's, or one that has expired; there is no other.
            MediaTooLarge: more than `max_bytes`.
            RetryLater: see `messaging.errors`.
        """
        del credentials
        data = self._media().fetch(reference_of(attachment, max_bytes=max_bytes), max_bytes=max_bytes, redirects=2)
        mime = sniffed(data, attachment.kind)
        return MediaContent(data=data, mime=mime, name=attachment.name or f"{attachment.kind}{_SUFFIXES.get(mime, '')}")

    def _post(self, body: calls.Body, credentials: ChannelCredentials, *, is_by_human: bool) -> str:
        answer = self._api().post(credentials.token, "me", "messages", value=body)
        if answer.error is not None:
            failure = answer.failure(judge)
            if is_by_human and isinstance(failure, WindowClosed):
                return self._post(calls.by_human(body), credentials, is_by_human=False)
            raise failure
        message_id = text_of(answer.content.get("message_id"))
        if not message_id:
            raise RetryLater("Instagram accepted the message and did not say which it is.", maybe_sent=True)
        return message_id
