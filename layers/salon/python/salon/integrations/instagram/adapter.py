"""Instagram as messaging's channel. Verifying and unpacking need no HTTP, so httpx is imported at the first call."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

from salon.integrations.instagram.payloads import calls, webhooks
from salon.integrations.instagram.payloads.codes import judge
from salon.integrations.instagram.payloads.contents import sniffed
from salon.integrations.meta.webhook import SIGNATURE_HEADER, answer_handshake, is_signed
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
from salon.messaging.errors import MediaGone, MediaTooLarge, RetryLater, WindowClosed
from salon.messaging.ports import Acknowledgement

if TYPE_CHECKING:
    from salon.integrations.media import MediaFetcher
    from salon.integrations.meta.client import GraphClient

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


class InstagramAdapter:
    """The channel adapter for Instagram; fulfils `messaging.ports.ChannelAdapter`. Safe to share between threads.

    Args:
        base_url: the Graph API of Instagram Login without a version; only the fake has another.
        extra_hosts: `host:port` of a fake from which media may be fetched as well.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for one call.
        download_timeout_s: seconds for one file.
        proxy: an outgoing proxy, for networks from which Meta cannot be reached directly.
    """

    channel = Channel.INSTAGRAM
    acknowledgement = Acknowledgement()

    def __init__(
        self,
        base_url: str = DEFAULT_BASE_URL,
        *,
        extra_hosts: tuple[str, ...] = (),
        connect_timeout_s: float = 3.0,
        total_timeout_s: float = 10.0,
        download_timeout_s: float = 20.0,
        proxy: str | None = None,
    ) -> None:
        self._base_url = base_url
        self._extra_hosts = extra_hosts
        self._connect_timeout_s = connect_timeout_s
        self._total_timeout_s = total_timeout_s
        self._download_timeout_s = download_timeout_s
        self._proxy = proxy
        self._lock = Lock()
        self._client: GraphClient | None = None
        self._fetcher: MediaFetcher | None = None

    def handshake(
        self, method: str, query: Mapping[str, str], body: bytes, credentials: ChannelCredentials
    ) -> str | None:
        """The challenge to repeat; see `meta.webhook`."""
        del body
        return answer_handshake(method, query, credentials.verify_token)

    def verify(self, headers: dict[str, str], body: bytes, credentials: ChannelCredentials) -> bool:
        """Whether one of the app secrets signed the bytes: the Instagram app's, or the Meta app's (facts §5.2)."""
        return is_signed(body, headers.get(SIGNATURE_HEADER), credentials.webhook_secrets)

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
        if not attachment.file_ref:
            raise MediaGone("The attachment has no file.")
        if attachment.size_bytes is not None and attachment.size_bytes > max_bytes:
            raise MediaTooLarge(f"The file takes {attachment.size_bytes} bytes; {max_bytes} are taken.")
        data = self._media().fetch(attachment.file_ref, max_bytes=max_bytes, redirects=2)
        mime = sniffed(data, attachment.kind)
        return MediaContent(data=data, mime=mime, name=attachment.name or f"{attachment.kind}{_SUFFIXES.get(mime, '')}")

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        with self._lock:
            client, self._client = self._client, None
            fetcher, self._fetcher = self._fetcher, None
        if client is not None:
            client.close()
        if fetcher is not None:
            fetcher.close()

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

    def _api(self) -> GraphClient:
        with self._lock:
            if self._client is None:
                from salon.integrations.meta.client import GraphClient

                self._client = GraphClient(
                    self._base_url,
                    connect_timeout_s=self._connect_timeout_s,
                    total_timeout_s=self._total_timeout_s,
                    proxy=self._proxy,
                )
            return self._client

    def _media(self) -> MediaFetcher:
        with self._lock:
            if self._fetcher is None:
                from salon.integrations.media import MediaFetcher

                self._fetcher = MediaFetcher(
                    MEDIA_HOSTS, extra_hosts=self._extra_hosts, total_timeout_s=self._download_timeout_s
                )
            return self._fetcher
