"""Telegram as messaging's channel. Verifying and normalising need no HTTP, so httpx is imported at the first call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from salon.integrations.attachments import reference_of, refuse_larger
from salon.integrations.lazily import Lazy
from salon.integrations.telegram.payloads import updates
from salon.integrations.telegram.payloads.calls import Call, as_caption, call_for
from salon.integrations.wire import dict_of, id_of, secret_matches, text_of, whole_of
from salon.messaging.domain import (
    Attachment,
    Channel,
    ChannelCredentials,
    InboundEvent,
    MediaContent,
    OutboundMessage,
    WireEvent,
)
from salon.messaging.errors import MediaGone, MediaTooLarge
from salon.messaging.ports import Acknowledgement

if TYPE_CHECKING:
    from salon.integrations.telegram.client import TelegramClient

DEFAULT_BASE_URL = "https://api.telegram.org"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header, not a secret
DOWNLOAD_LIMIT_BYTES = 20_000_000  # bots may download no more


class TelegramAdapter:
    """The channel adapter for Telegram; fulfils `messaging.ports.ChannelAdapter`. Safe to share between threads.

    Args:
        base_url: the Bot API; only the fake, or an own Bot API server, has another.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for one call.
        proxy: an outgoing proxy, for networks from which Telegram cannot be reached directly.
        phone_label: what the button that shares the person's number says, where a message does not say it.
    """

    channel = Channel.TELEGRAM
    acknowledgement = Acknowledgement()

    def __init__(
        self,
        base_url: str = DEFAULT_BASE_URL,
        *,
        connect_timeout_s: float = 3.0,
        total_timeout_s: float = 10.0,
        proxy: str | None = None,
        phone_label: str = "Отправить мой номер",
    ) -> None:
        self._base_url = base_url
        self._connect_timeout_s = connect_timeout_s
        self._total_timeout_s = total_timeout_s
        self._proxy = proxy
        self._phone_label = phone_label
        self._api = Lazy(self._open)

    def handshake(
        self, method: str, query: Mapping[str, str], body: bytes, credentials: ChannelCredentials
    ) -> str | None:
        """Telegram has none."""
        del method, query, body, credentials
        return None

    def verify(self, headers: dict[str, str], body: bytes, credentials: ChannelCredentials) -> bool:
        """Whether the secret header is right; Telegram does not sign the body."""
        del body
        return secret_matches(headers.get(SECRET_HEADER), credentials.webhook_secrets)

    def unpack(self, body: bytes) -> tuple[WireEvent, ...]:
        """The one update in the body."""
        return (WireEvent(updates.external_id_of(body), updates.conversation_of(body), body),)

    def normalise(self, body: bytes, credentials: ChannelCredentials) -> InboundEvent:
        """The update in our words; never raises."""
        del credentials
        return updates.normalise(body)

    def send(
        self,
        message: OutboundMessage,
        credentials: ChannelCredentials,
        *,
        reference: str = "",
        media: MediaContent | None = None,
    ) -> str | None:
        """Carry out one call. Telegram knows no references: a repeat is a second message.

        Returns:
            The id of the message; None for an answer to a tap, and for an edit of a message that is gone.

        Raises:
            RetryLater: see its attributes.
            RecipientGone, RequestRejected, AccountRejected: see `messaging.errors`.
        """
        del reference
        return self._carry_out(call_for(message, phone_label=self._phone_label, media=media), credentials)

    def fetch(self, attachment: Attachment, credentials: ChannelCredentials, *, max_bytes: int) -> MediaContent:
        """Ask for the file's path, then download it, counting bytes.

        Raises:
            MediaGone: no such file, or its link has expired and cannot be renewed.
            MediaTooLarge: more than `max_bytes`, or than the 20 MB that bots may download.
            RetryLater, AccountRejected: see `messaging.errors`.
        """
        cap = min(max_bytes, DOWNLOAD_LIMIT_BYTES)
        file = self._file(reference_of(attachment, max_bytes=cap), credentials)
        refuse_larger(whole_of(file.get("file_size")), cap)
        path = text_of(file.get("file_path"))
        if not path:
            raise MediaGone("Telegram gave no path for the file.")
        data = self._api().download(credentials.token, path, max_bytes=cap)
        from mimetypes import guess_type  # reads tables of the machine; the webhook's import time is a budget

        name = attachment.name or path.rpartition("/")[2]
        mime = attachment.mime or guess_type(path)[0] or "application/octet-stream"
        return MediaContent(data=data, mime=mime, name=name)

    def register_webhook(
        self, url: str, secret: str, credentials: ChannelCredentials, *, max_connections: int = 40
    ) -> None:
        """Have updates sent to `url` with `secret` in a header; replaces what was set before.

        Raises:
            RequestRejected: the secret is empty or has characters Telegram does not take, or the URL is refused.
            RetryLater, AccountRejected: see `messaging.errors`.
        """
        from salon.integrations.telegram.keeper import webhook_call

        self._carry_out(webhook_call(url, secret, max_connections=max_connections), credentials)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._api.close()

    def _carry_out(self, call: Call, credentials: ChannelCredentials) -> str | None:
        answer = self._api().carry_out(credentials.token, call)
        if answer.migrate_to_chat_id and "chat_id" in call.params:
            call = replace(call, params={**call.params, "chat_id": int(answer.migrate_to_chat_id)})
            answer = self._api().carry_out(credentials.token, call)
        if answer.is_about_caption and call.method == "editMessageText":
            call = as_caption(call)
            answer = self._api().carry_out(credentials.token, call)
        if answer.ok:
            return id_of(dict_of(answer.result).get("message_id")) or None
        if answer.is_as_good_as_done:
            unchanged = "not modified" in answer.description.lower()
            return id_of(call.params.get("message_id")) or None if unchanged else None
        raise answer.failure()

    def _file(self, file_ref: str, credentials: ChannelCredentials) -> dict[str, Any]:
        answer = self._api().call(credentials.token, "getFile", {"file_id": file_ref})
        if answer.ok:
            return dict_of(answer.result)
        if answer.is_file_gone:
            raise MediaGone(f"Telegram has no such file: {answer.description}")
        if answer.is_file_too_big:
            raise MediaTooLarge(f"Telegram gives bots no such large file: {answer.description}")
        raise answer.failure()

    def _open(self) -> TelegramClient:
        from salon.integrations.telegram.client import TelegramClient

        return TelegramClient(
            self._base_url,
            connect_timeout_s=self._connect_timeout_s,
            total_timeout_s=self._total_timeout_s,
            proxy=self._proxy,
        )
