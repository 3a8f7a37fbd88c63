"""WhatsApp as messaging's channel. Verifying and unpacking need no HTTP, so httpx is imported at the first call."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from salon.integrations.attachments import refuse_larger
from salon.integrations.meta.adapter import MetaAdapter
from salon.integrations.whatsapp.payloads import calls, webhooks
from salon.integrations.whatsapp.payloads.codes import judge
from salon.integrations.whatsapp.payloads.contents import MediaRef
from salon.integrations.wire import dict_of, list_of, text_of, whole_of
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

if TYPE_CHECKING:
    from salon.integrations.meta.answers import GraphAnswer

DEFAULT_BASE_URL = "https://graph.facebook.com"
MEDIA_HOSTS = ("lookaside.fbsbx.com",)
_USER_AGENT = "Mozilla/5.0 (compatible; SalonCore/1.0)"  # the media host turns away what does not look like a client
_SHA256_BYTES = 32
_MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")


class WhatsappAdapter(MetaAdapter):
    """The channel adapter for WhatsApp; fulfils `messaging.ports.ChannelAdapter`. Safe to share between threads."""

    channel = Channel.WHATSAPP
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
        """Carry out one call, or two for a file above a list. An answer to a tap does not exist here: None.

        `reference` comes back in the statuses; it prevents nothing. `message.template` is used when it has a name.

        Raises:
            WindowClosed: 24 hours have passed since the person wrote; only a template can be sent.
            RequestRejected: an edit, which does not exist; or what WhatsApp would not take.
            RetryLater, RecipientGone, AccountRejected: see `messaging.errors`.
        """
        if message.kind is OutboundKind.ANSWER_CALLBACK:
            return None
        part, upload = self._file_part(message, media)
        bodies = calls.bodies_for(message, file=part, reference=reference)  # refuses before anything is uploaded
        if upload is not None and part is not None:
            part = calls.FilePart(part.kind, {"id": self._upload(upload, credentials)}, part.name)
            bodies = calls.bodies_for(message, file=part, reference=reference)
        sent = ""
        for number, body in enumerate(bodies):
            try:
                sent = self._post(body, credentials)
            except RetryLater as later:
                if number:  # repeating the whole message would repeat its file
                    later.maybe_sent = True
                raise
        return sent

    def fetch(self, attachment: Attachment, credentials: ChannelCredentials, *, max_bytes: int) -> MediaContent:
        """The bytes of a file: from where the webhook said it lies, else from where the API says it does.

        Raises:
            MediaGone: no such file, or not at WhatsApp's host.
            MediaTooLarge: more than `max_bytes`.
            RetryLater, AccountRejected: see `messaging.errors`; also when the bytes are not what was announced.
        """
        ref = MediaRef.parse(attachment.file_ref or "")
        if not ref.media_id and not ref.url:
            raise MediaGone("The attachment has no file.")
        refuse_larger(attachment.size_bytes, max_bytes)
        from salon.integrations.meta.client import authorization

        headers = {**authorization(credentials.token), "user-agent": _USER_AGENT}
        failure = MediaGone("WhatsApp has no such file.")
        for url, mime, digest in self._places(ref, credentials, max_bytes):
            try:
                data = self._media().fetch(url, max_bytes=max_bytes, headers=headers, redirects=1)
            except MediaGone as gone:  # a link lives for some minutes; the next one is fresh
                failure = gone
                continue
            if _contradicts(data, ref.sha256, digest):
                raise RetryLater("The file is not the one that was announced.")
            kind = attachment.mime or mime or "application/octet-stream"
            return MediaContent(data=data, mime=kind, name=attachment.name or _name_for(kind))
        raise failure

    # --- parts

    def _post(self, body: calls.Body, credentials: ChannelCredentials) -> str:
        answer = self._api().post(credentials.token, credentials.external_id, "messages", value=body)
        if answer.error is not None:
            raise answer.failure(judge)
        made = next((dict_of(item) for item in list_of(answer.content.get("messages"))), {})
        message_id = text_of(made.get("id"))
        if not message_id:
            raise RetryLater("WhatsApp accepted the message and did not say which it is.", maybe_sent=True)
        return message_id

    def _file_part(
        self, message: OutboundMessage, media: MediaContent | None
    ) -> tuple[calls.FilePart | None, MediaContent | None]:
        """The file's place in the message, and what to upload for it; a link to it where there are no bytes."""
        file = message.file
        if file is None or message.kind is not OutboundKind.MESSAGE:
            return None, None
        kind = calls.kind_of(file)
        if not kind:
            raise RequestRejected(f"WhatsApp takes no files of the kind {file.mime}.")
        if media is not None:
            if len(media.data) > calls.SIZE_LIMITS[kind]:
                raise RequestRejected(f"The file takes {len(media.data)} bytes; WhatsApp takes fewer.")
            return calls.FilePart(kind, {"id": "to be uploaded"}, file.name), media
        if file.url:
            return calls.FilePart(kind, {"link": file.url}, file.name), None
        raise RequestRejected("A file has neither bytes nor an address.")

    def _upload(self, media: MediaContent, credentials: ChannelCredentials) -> str:
        from salon.integrations.http import Upload

        file = Upload("file", media.name or "file", media.data, media.mime)
        form = {"messaging_product": "whatsapp", "type": media.mime}
        try:
            answer = self._api().upload(credentials.token, credentials.external_id, "media", file=file, form=form)
            if answer.error is not None:
                raise answer.failure(judge)
        except RetryLater as later:
            later.maybe_sent = False  # nobody has seen a file that was uploaded twice
            raise
        media_id = text_of(answer.content.get("id"))
        if not media_id:
            raise RetryLater("WhatsApp took the file and did not say which it is.")
        return media_id

    def _places(self, ref: MediaRef, credentials: ChannelCredentials, max_bytes: int) -> Iterator[tuple[str, str, str]]:
        """Where the file may lie, with its MIME type and hash: the webhook's link, then fresh ones; two at most."""
        if ref.url:
            yield ref.url, "", ""
        for _ in range(1 if ref.url else 2):
            if ref.media_id:
                yield self._place(ref.media_id, credentials, max_bytes)

    def _place(self, media_id: str, credentials: ChannelCredentials, max_bytes: int) -> tuple[str, str, str]:
        if not _MEDIA_ID.match(media_id):
            raise MediaGone("The attachment's id is none.")
        query = {"phone_number_id": credentials.external_id} if credentials.external_id else None
        answer = self._api().get(credentials.token, media_id, query=query)
        if answer.error is not None:
            raise _media_failure(answer)
        size, url = whole_of(answer.content.get("file_size")), text_of(answer.content.get("url"))
        refuse_larger(size, max_bytes)
        if not url:
            raise MediaGone("WhatsApp gave no address for the file.")
        mime = text_of(answer.content.get("mime_type"), limit=128).partition(";")[0].strip().lower()
        return url, mime, text_of(answer.content.get("sha256"), limit=100)


def _media_failure(answer: GraphAnswer) -> Exception:
    """A refused question after a file: that it is not there will not change."""
    failure = answer.failure(judge)
    return MediaGone(str(failure)) if isinstance(failure, RequestRejected) else failure


def _contradicts(data: bytes, *announced: str) -> bool:
    """Whether the bytes hash to something else than was announced, in base64 or in hexadecimal (facts §4.5)."""
    wanted = next((digest for word in announced if (digest := _sha256_in(word))), None)
    return wanted is not None and not hmac.compare_digest(wanted, hashlib.sha256(data).digest())


def _sha256_in(word: str) -> bytes | None:
    """The digest that a word spells, or None: what is no SHA-256 says nothing."""
    try:
        if len(word) == 2 * _SHA256_BYTES:
            return bytes.fromhex(word)
        digest = base64.b64decode(word, validate=True)
    except (ValueError, binascii.Error):
        return None
    return digest if len(digest) == _SHA256_BYTES else None


def _name_for(mime: str) -> str:
    from mimetypes import guess_extension  # reads tables of the machine; the webhook's import time is a budget

    return f"file{guess_extension(mime) or ''}"
