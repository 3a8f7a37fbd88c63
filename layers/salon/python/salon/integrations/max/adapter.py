"""MAX as messaging's channel. Verifying and normalising need no HTTP, so httpx is imported at the first call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from salon.integrations.attachments import reference_of
from salon.integrations.lazily import Lazy
from salon.integrations.max.payloads import updates
from salon.integrations.max.payloads.contents import VIDEO_TOKEN, sniffed
from salon.integrations.wire import dict_of, list_of, secret_matches, text_of, word_of
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
from salon.messaging.errors import MediaGone, RequestRejected, RetryLater
from salon.messaging.ports import Acknowledgement

if TYPE_CHECKING:
    from salon.integrations.max.client import MaxClient
    from salon.integrations.max.payloads.answers import Answer
    from salon.integrations.max.payloads.calls import Call
    from salon.integrations.media import MediaFetcher

DEFAULT_BASE_URL = "https://platform-api2.max.ru"
SECRET_HEADER = "x-max-bot-api-secret"  # noqa: S105 - the name of a header, not a secret
READY_DELAYS_S = (0.5, 1.0, 2.0, 4.0)
"""Pauses before a file that was just uploaded is named again; then the message waits its turn (facts §2.7)."""
_ALONE = frozenset({"audio", "file"})  # kinds of files that share their message with nothing, keys included
_FILMS = ("mp4_480", "mp4_720", "mp4_360", "mp4_240", "mp4_144", "mp4_1080")  # decent and small first


class MaxAdapter:
    """The channel adapter for MAX; fulfils `messaging.ports.ChannelAdapter`. Safe to share between threads.

    Args:
        base_url: the Bot API; only the fake has another.
        ca_file: a certificate authority to trust beside the usual ones: MAX's certificates are of the ministry's.
        extra_hosts: `host:port` of a fake that keeps files beside MAX's own hosts.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for one call.
        phone_label: what the button that shares the person's number says, where a message does not say it.
        pause: waits so many seconds for a file to be digested.
    """

    channel = Channel.MAX
    acknowledgement = Acknowledgement()

    def __init__(
        self,
        base_url: str = DEFAULT_BASE_URL,
        *,
        ca_file: str | None = None,
        extra_hosts: Iterable[str] = (),
        connect_timeout_s: float = 3.0,
        total_timeout_s: float = 10.0,
        phone_label: str = "Отправить мой номер",
        pause: Callable[[float], None] = time.sleep,
        ready_delays_s: Sequence[float] = READY_DELAYS_S,
    ) -> None:
        self._base_url = base_url
        self._ca_file = ca_file
        self._extra_hosts = tuple(extra_hosts)
        self._connect_timeout_s = connect_timeout_s
        self._total_timeout_s = total_timeout_s
        self._phone_label = phone_label
        self._pause, self._ready_delays_s = pause, tuple(ready_delays_s)
        self._api = Lazy(self._open)
        self._files = Lazy(self._open_files)

    # --- in

    def handshake(
        self, method: str, query: Mapping[str, str], body: bytes, credentials: ChannelCredentials
    ) -> str | None:
        """MAX has none."""
        del method, query, body, credentials
        return None

    def verify(self, headers: dict[str, str], body: bytes, credentials: ChannelCredentials) -> bool:
        """Whether the secret header is right; MAX does not sign the body."""
        del body
        return secret_matches(headers.get(SECRET_HEADER), credentials.webhook_secrets)

    def unpack(self, body: bytes) -> tuple[WireEvent, ...]:
        """The one update in the body, or those of the long-poll form; MAX names no account."""
        return updates.unpack(body)

    def normalise(self, body: bytes, credentials: ChannelCredentials) -> InboundEvent:
        """The update in our words; never raises."""
        return updates.normalise(body, bot_id=credentials.external_id, token=credentials.token)

    # --- out

    def send(
        self,
        message: OutboundMessage,
        credentials: ChannelCredentials,
        *,
        reference: str = "",
        media: MediaContent | None = None,
    ) -> str | None:
        """Carry out one call, with an upload before it where a file goes along. MAX knows no references.

        A file other than a picture has to be alone in its message: with keys it goes ahead of them, in a call of its
        own.

        Returns:
            The message's id; None for an answer to a tap, and for an edit of a message that is gone.

        Raises:
            RetryLater: see its attributes; `maybe_sent` also when the file has gone out and the words have not.
            RecipientGone, RequestRejected, AccountRejected: see `messaging.errors`.
        """
        del reference
        match message.kind:
            case OutboundKind.ANSWER_CALLBACK:
                self._answer(message, credentials)
                return None
            case OutboundKind.EDIT:
                return self._edit(message, credentials)
            case _:
                return self._say(message, credentials, media)

    def fetch(self, attachment: Attachment, credentials: ChannelCredentials, *, max_bytes: int) -> MediaContent:
        """Download an attachment from MAX's own hosts; no token goes along.

        Raises:
            MediaGone: no such file, or its address has expired or is not MAX's.
            MediaTooLarge: more than `max_bytes`.
            RetryLater, AccountRejected: see `messaging.errors`.
        """
        url = reference_of(attachment, max_bytes=max_bytes)
        if url.startswith(VIDEO_TOKEN):
            url = self._film(url.removeprefix(VIDEO_TOKEN), credentials)
        data = self._files().fetch(url, max_bytes=max_bytes)
        in_path = url.partition("?")[0].rpartition("/")[2]
        name = attachment.name or in_path or "file"
        return MediaContent(data=data, mime=sniffed(data, attachment.kind, name), name=name)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._api.close()
        self._files.close()

    # --- parts

    def _say(self, message: OutboundMessage, credentials: ChannelCredentials, media: MediaContent | None) -> str | None:
        from salon.integrations.max.payloads.calls import send_call

        label = self._phone_label
        if message.file is None or media is None:
            if message.file is not None:
                if not message.file.url:
                    raise RequestRejected("The file's bytes are missing, and it has no address that could be named.")
                message = replace(message, text=f"{message.text}\n{message.file.url}".strip())
            return self._sent(self._carry_out(send_call(message, phone_label=label), credentials))
        from salon.integrations.max.uploads import bring, kind_of

        goes_ahead = kind_of(message.file.mime) in _ALONE and (bool(message.buttons) or message.ask_phone)
        # What could not be said must not be uploaded, and no file sent ahead of it.
        send_call(message, phone_label=label, attachment=None if goes_ahead else {"type": "file"})
        attachment = bring(self._api(), credentials.token, message.file, media)
        if not goes_ahead:
            call = send_call(message, phone_label=label, attachment=attachment)
            return self._sent(self._carry_out_when_ready(call, credentials))
        alone = replace(message, text="", buttons=(), ask_phone=False)
        self._carry_out_when_ready(send_call(alone, phone_label=label, attachment=attachment), credentials)
        try:
            return self._sent(self._carry_out(send_call(message, phone_label=label), credentials))
        except RetryLater as later:  # repeating the whole would repeat the file
            later.maybe_sent = True
            raise

    def _edit(self, message: OutboundMessage, credentials: ChannelCredentials) -> str | None:
        from salon.integrations.max.payloads.calls import edit_call

        kept: list[dict[str, Any]] = []
        if not message.text.strip():  # only the buttons change; what else there is has to be said again
            found = self._as_it_is(message, credentials)
            if found is None:
                return None
            message, kept = found
        call = edit_call(message, phone_label=self._phone_label, kept=kept)
        answer = self._api().call(credentials.token, call)
        if answer.ok:
            return message.message_id
        if answer.is_edit_vain:
            return None
        raise answer.failure()

    def _as_it_is(
        self, message: OutboundMessage, credentials: ChannelCredentials
    ) -> tuple[OutboundMessage, list[dict[str, Any]]] | None:
        """The edit with the message's present text, and its attachments besides the keys; None when it is gone."""
        from salon.integrations.max.payloads.calls import Call, named_message

        path = f"/messages/{quote(named_message(message), safe='')}"
        answer = self._api().call(credentials.token, Call("GET", path))
        if not answer.ok and answer.is_edit_vain:
            return None
        if not answer.ok:
            raise answer.failure()
        told = dict_of(answer.result.get("message")) or answer.result
        body = dict_of(told.get("body"))
        kept = [again for item in list_of(body.get("attachments")) if (again := _named_again(dict_of(item)))]
        return replace(message, text=text_of(body.get("text"))), kept

    def _answer(self, message: OutboundMessage, credentials: ChannelCredentials) -> None:
        from salon.integrations.max.payloads.calls import answer_call

        answer = self._api().call(credentials.token, answer_call(message))
        if not answer.ok and not answer.is_tap_gone:
            raise answer.failure()

    def _carry_out(self, call: Call, credentials: ChannelCredentials) -> Answer:
        answer = self._api().call(credentials.token, call)
        if not answer.ok:
            raise answer.failure()
        return answer

    def _carry_out_when_ready(self, call: Call, credentials: ChannelCredentials) -> Answer:
        """Name a file that was just uploaded: MAX needs a moment to digest it."""
        for delay_s in self._ready_delays_s:
            answer = self._api().call(credentials.token, call)
            if not answer.is_not_ready:
                break
            self._pause(delay_s)
        else:
            answer = self._api().call(credentials.token, call)
        if not answer.ok:
            raise answer.failure()
        return answer

    @staticmethod
    def _sent(answer: Answer) -> str | None:
        return word_of(text_of(dict_of(dict_of(answer.result.get("message")).get("body")).get("mid")))

    def _film(self, token: str, credentials: ChannelCredentials) -> str:
        """Where a film lies."""
        from salon.integrations.max.payloads.calls import Call

        answer = self._api().call(credentials.token, Call("GET", f"/videos/{quote(token, safe='')}"))
        if not answer.ok and 400 <= answer.status < 500 and answer.status not in {401, 429}:  # noqa: PLR2004 - statuses
            raise MediaGone(f"MAX has no such film: {answer.status}.")
        if not answer.ok:
            raise answer.failure()
        urls = dict_of(answer.result.get("urls"))
        found = next((url for name in _FILMS if (url := text_of(urls.get(name)))), "")
        if not found:
            raise MediaGone("MAX tells no address of the film.")
        return found

    def _open(self) -> MaxClient:
        from salon.integrations.max.client import MaxClient

        return MaxClient(
            self._base_url,
            ca_file=self._ca_file,
            extra_hosts=self._extra_hosts,
            connect_timeout_s=self._connect_timeout_s,
            total_timeout_s=self._total_timeout_s,
        )

    def _open_files(self) -> MediaFetcher:
        from salon.integrations.max.client import MEDIA_HOSTS
        from salon.integrations.media import MediaFetcher

        return MediaFetcher(MEDIA_HOSTS, extra_hosts=self._extra_hosts, ca_file=self._ca_file)


def _named_again(item: dict[str, Any]) -> dict[str, Any] | None:
    """An attachment of a message of ours, as an edit names it; None for keys and for what has no token."""
    kind, token = text_of(item.get("type"), limit=32), text_of(dict_of(item.get("payload")).get("token"))
    return {"type": kind, "payload": {"token": token}} if token and kind != "inline_keyboard" else None
