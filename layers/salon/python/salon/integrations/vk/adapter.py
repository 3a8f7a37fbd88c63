"""VK as messaging's channel. Verifying and normalising need no HTTP, so httpx is imported at the first call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from salon.integrations.attachments import reference_of
from salon.integrations.lazily import Lazy
from salon.integrations.vk.payloads import events
from salon.integrations.vk.payloads.answers import read_sent
from salon.integrations.vk.payloads.calls import Call, answer_call, edit_call, named_message, peer_of, send_call
from salon.integrations.wire import dict_of, digest_id, id_of, list_of, load_object, secret_matches, text_of
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
from salon.messaging.errors import HandshakeRefused, RequestRejected
from salon.messaging.ports import Acknowledgement

if TYPE_CHECKING:
    from salon.integrations.media import MediaFetcher
    from salon.integrations.vk.client import VkClient

DEFAULT_BASE_URL = "https://api.vk.com"
_REDIRECTS = 2  # a document's address on vk.com leads to the host that has the bytes


class VkAdapter:
    """The channel adapter for VK; fulfils `messaging.ports.ChannelAdapter`. Safe to share between threads.

    Args:
        base_url: VK's API; an equivalent host, or the fake.
        ca_file: a certificate authority to trust beside the usual ones, for hosts with a certificate of the ministry.
        extra_hosts: `host:port` of a fake that keeps files beside VK's own hosts.
        connect_timeout_s: seconds to open a connection.
        total_timeout_s: seconds for one call.
    """

    channel = Channel.VK
    acknowledgement = Acknowledgement("ok", "text/plain")

    def __init__(
        self,
        base_url: str = DEFAULT_BASE_URL,
        *,
        ca_file: str | None = None,
        extra_hosts: Iterable[str] = (),
        connect_timeout_s: float = 3.0,
        total_timeout_s: float = 10.0,
    ) -> None:
        self._base_url = base_url
        self._ca_file = ca_file
        self._extra_hosts = tuple(extra_hosts)
        self._connect_timeout_s = connect_timeout_s
        self._total_timeout_s = total_timeout_s
        self._api = Lazy(self._open)
        self._files = Lazy(self._open_files)

    # --- in

    def handshake(
        self, method: str, query: Mapping[str, str], body: bytes, credentials: ChannelCredentials
    ) -> str | None:
        """The confirmation string, for VK's question about this community; None for any other request.

        Raises:
            HandshakeRefused: it asks for another community, or with a wrong secret, or no string is known.
        """
        del query
        event = load_object(body) if method.upper() == "POST" else None
        if event is None or event.get("type") != events.CONFIRMATION:
            return None
        is_ours = bool(credentials.external_id) and id_of(event.get("group_id")) == credentials.external_id
        secret = event.get("secret")  # sent when the server has one; the string itself is no secret (facts §3.1)
        is_right = secret is None or secret_matches(secret, credentials.webhook_secrets)
        if not is_ours or not is_right or not credentials.confirmation:
            raise HandshakeRefused
        return credentials.confirmation

    def verify(self, headers: dict[str, str], body: bytes, credentials: ChannelCredentials) -> bool:
        """Whether the secret in the body is right; VK signs nothing and sends no header."""
        del headers
        return secret_matches((load_object(body) or {}).get("secret"), credentials.webhook_secrets)

    def unpack(self, body: bytes) -> tuple[WireEvent, ...]:
        """The one event in the body, and the community that it names."""
        event = events.read_envelope(body)
        if event is None:
            return (WireEvent(digest_id(body), "", body),)
        return (WireEvent(event.key, events.conversation_of(event), body, event.group_id),)

    def normalise(self, body: bytes, credentials: ChannelCredentials) -> InboundEvent:
        """The event in our words; never raises."""
        del credentials
        return events.normalise(body)

    # --- out

    def send(
        self,
        message: OutboundMessage,
        credentials: ChannelCredentials,
        *,
        reference: str = "",
        media: MediaContent | None = None,
    ) -> str | None:
        """Carry out one call, with an upload before it where a file goes along.

        VK has no key that shares one's number: with `ask_phone` the text alone goes out. `reference` makes VK drop a
        repeat: after `maybe_sent` the same message may be sent again.

        Returns:
            `chat:number` of the message; None for an answer to a tap, and for an edit of a message that is gone.

        Raises:
            RetryLater: see its attributes.
            RecipientGone, RequestRejected, WindowClosed, AccountRejected: see `messaging.errors`.
        """
        match message.kind:
            case OutboundKind.ANSWER_CALLBACK:
                self._answer(message, credentials)
                return None
            case OutboundKind.EDIT:
                return self._edit(message, credentials)
            case _:
                return self._say(message, credentials, reference, media)

    def fetch(self, attachment: Attachment, credentials: ChannelCredentials, *, max_bytes: int) -> MediaContent:
        """Download an attachment from VK's own hosts; no token goes along.

        Raises:
            MediaGone: no such file, or its address has expired or is not VK's.
            MediaTooLarge: more than `max_bytes`.
            RetryLater: see `messaging.errors`.
        """
        del credentials
        url = reference_of(attachment, max_bytes=max_bytes)
        data = self._files().fetch(url, max_bytes=max_bytes, redirects=_REDIRECTS)
        from mimetypes import guess_type  # reads tables of the machine; the webhook's import time is a budget

        in_path = url.partition("?")[0].rpartition("/")[2]
        name = attachment.name or in_path or "file"
        mime = attachment.mime or guess_type(name)[0] or guess_type(in_path)[0] or "application/octet-stream"
        return MediaContent(data=data, mime=mime, name=name)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._api.close()
        self._files.close()

    # --- parts

    def _say(
        self, message: OutboundMessage, credentials: ChannelCredentials, reference: str, media: MediaContent | None
    ) -> str | None:
        attachment = ""
        if message.file is not None and media is not None:
            from salon.integrations.vk.uploads import bring

            # What VK could not take must not be uploaded first.
            send_call(message, reference=reference, attachment="photo0_0")
            attachment = bring(self._api(), credentials.token, peer_of(message.chat_id), message.file, media)
        elif message.file is not None:
            if not message.file.url:
                raise RequestRejected("The file's bytes are missing, and it has no address that could be named.")
            message = replace(message, text=f"{message.text}\n{message.file.url}".strip())
        call = send_call(message, reference=reference, attachment=attachment)
        answer = read_sent(self._api().call(credentials.token, call))
        if not answer.ok:
            raise answer.failure()
        row = answer.result if isinstance(answer.result, dict) else {"message_id": answer.result}
        number = row.get("conversation_message_id")
        return (
            events.message_id_of(message.chat_id, row.get("cmid") if number is None else number, row.get("message_id"))
            or None
        )

    def _edit(self, message: OutboundMessage, credentials: ChannelCredentials) -> str | None:
        text, attachment = message.text, ""
        if not text.strip():  # only the buttons change; VK wants the text all the same
            found = self._as_it_is(message, credentials)
            if found is None:
                return None
            text, attachment = found
        answer = self._api().call(credentials.token, edit_call(message, text=text, attachment=attachment))
        if answer.ok:
            return message.message_id
        if answer.is_edit_vain:
            return None
        raise answer.failure()

    def _as_it_is(self, message: OutboundMessage, credentials: ChannelCredentials) -> tuple[str, str] | None:
        """Text and attachments of a message that we sent; None when it is gone."""
        named = named_message(message)
        if "cmid" in named:
            params = {"peer_id": peer_of(message.chat_id), "conversation_message_ids": named["cmid"]}
            call = Call("messages.getByConversationMessageId", params)
        else:
            call = Call("messages.getById", {"message_ids": named["message_id"]})
        found = dict_of(next(iter(list_of(dict_of(self._api().result_of(credentials.token, call)).get("items"))), None))
        text = text_of(found.get("text"))
        attachment = ",".join(name for item in list_of(found.get("attachments")) if (name := _name_of(dict_of(item))))
        return (text, attachment) if text or attachment else None

    def _answer(self, message: OutboundMessage, credentials: ChannelCredentials) -> None:
        answer = self._api().call(credentials.token, answer_call(message))
        if not answer.ok and not answer.is_tap_gone:
            raise answer.failure()

    def _open(self) -> VkClient:
        from salon.integrations.vk.client import VkClient

        return VkClient(
            self._base_url,
            ca_file=self._ca_file,
            extra_hosts=self._extra_hosts,
            connect_timeout_s=self._connect_timeout_s,
            total_timeout_s=self._total_timeout_s,
        )

    def _open_files(self) -> MediaFetcher:
        from salon.integrations.media import MediaFetcher
        from salon.integrations.vk.client import HOSTS

        return MediaFetcher(HOSTS, extra_hosts=self._extra_hosts, ca_file=self._ca_file)


def _name_of(item: dict[str, Any]) -> str:
    """An attachment of ours as `messages.edit` names it; "" for what cannot be named."""
    kind = text_of(item.get("type"), limit=32)
    content = dict_of(item.get(kind))
    owner, number, key = id_of(content.get("owner_id")), id_of(content.get("id")), text_of(content.get("access_key"))
    return f"{kind}{owner}_{number}" + (f"_{key}" if key else "") if kind and owner and number else ""
