"""What the adapters of WhatsApp and Instagram have in common: Meta's handshake, signature, connections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from salon.integrations.lazily import Lazy
from salon.integrations.meta.webhook import SIGNATURE_HEADER, answer_handshake, is_signed
from salon.messaging.domain import ChannelCredentials
from salon.messaging.ports import Acknowledgement

if TYPE_CHECKING:
    from salon.integrations.media import MediaFetcher
    from salon.integrations.meta.client import GraphClient


class MetaAdapter:
    """The part of `messaging.ports.ChannelAdapter` that both fulfil alike. Safe to share between threads.

    Args:
        base_url: the Graph API without a version; Meta's unless said otherwise, and only a fake says so.
        extra_hosts: `host:port` of a fake from which media may be fetched as well.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for one call.
        download_timeout_s: seconds for one file.
        proxy: an outgoing proxy, for networks from which Meta cannot be reached directly.
    """

    acknowledgement = Acknowledgement()
    default_base_url: ClassVar[str]
    """The Graph API that knows this channel."""

    media_hosts: ClassVar[tuple[str, ...]]
    """Where the channel keeps files."""

    def __init__(
        self,
        base_url: str | None = None,
        *,
        extra_hosts: tuple[str, ...] = (),
        connect_timeout_s: float = 3.0,
        total_timeout_s: float = 10.0,
        download_timeout_s: float = 20.0,
        proxy: str | None = None,
    ) -> None:
        self._base_url = base_url or self.default_base_url
        self._extra_hosts = extra_hosts
        self._connect_timeout_s = connect_timeout_s
        self._total_timeout_s = total_timeout_s
        self._download_timeout_s = download_timeout_s
        self._proxy = proxy
        self._api = Lazy(self._open)
        self._media = Lazy(self._open_media)

    def handshake(
        self, method: str, query: Mapping[str, str], body: bytes, credentials: ChannelCredentials
    ) -> str | None:
        """The challenge to repeat; see `meta.webhook`."""
        del body
        return answer_handshake(method, query, credentials.verify_token)

    def verify(self, headers: dict[str, str], body: bytes, credentials: ChannelCredentials) -> bool:
        """Whether one of the app secrets signed the bytes: Instagram's own, or the Meta app's (facts §5.2)."""
        return is_signed(body, headers.get(SIGNATURE_HEADER), credentials.webhook_secrets)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._api.close()
        self._media.close()

    def _open(self) -> GraphClient:
        from salon.integrations.meta.client import GraphClient

        return GraphClient(
            self._base_url,
            connect_timeout_s=self._connect_timeout_s,
            total_timeout_s=self._total_timeout_s,
            proxy=self._proxy,
        )

    def _open_media(self) -> MediaFetcher:
        from salon.integrations.media import MediaFetcher

        return MediaFetcher(
            self.media_hosts,
            extra_hosts=self._extra_hosts,
            total_timeout_s=self._download_timeout_s,
            proxy=self._proxy,
        )
