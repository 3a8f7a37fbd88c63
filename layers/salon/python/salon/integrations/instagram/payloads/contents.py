"""What came with a message, and what its bytes are: Instagram names neither a type nor a size (facts §5.5)."""

from __future__ import annotations

from typing import Any

from salon.integrations.meta.envelope import objects_of
from salon.integrations.wire import dict_of, text_of, word_of
from salon.messaging.domain import Attachment, AttachmentKind

_URL_LIMIT = 4000
_NAME_LIMIT = 256
_KINDS = {
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.VOICE,  # the app records voice and attaches no other sound
    "file": AttachmentKind.FILE,
    "sticker": AttachmentKind.STICKER,
    "like_heart": AttachmentKind.STICKER,
}


def attachments_of(message: dict[str, Any]) -> tuple[Attachment, ...]:
    """The attachments; posts, reels and stories of others are not to be stored (policy), so they have no address."""
    found = [item for item in objects_of(message.get("attachments")) if isinstance(item, dict)]
    return tuple(_attachment(item) for item in found)


def _attachment(item: dict[str, Any]) -> Attachment:
    kind = _KINDS.get(text_of(item.get("type"), limit=40), AttachmentKind.OTHER)
    payload = dict_of(item.get("payload"))
    title = word_of(text_of(payload.get("title"), limit=_NAME_LIMIT))
    if kind is AttachmentKind.OTHER:
        return Attachment(kind, name=title)
    return Attachment(kind, file_ref=word_of(text_of(payload.get("url"), limit=_URL_LIMIT)), name=title)


def sniffed(data: bytes, kind: AttachmentKind) -> str:
    """The MIME type by the first bytes; what is declared cannot be relied upon."""
    if data[4:8] == b"ftyp":
        return "video/mp4" if kind is AttachmentKind.VIDEO else "audio/mp4"
    if data[:4] == b"RIFF":
        return "image/webp" if data[8:12] == b"WEBP" else "audio/wav"
    for start, mime in _STARTS:
        if data.startswith(start):
            return mime
    return "application/octet-stream"


_STARTS = (
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"%PDF-", "application/pdf"),
)
