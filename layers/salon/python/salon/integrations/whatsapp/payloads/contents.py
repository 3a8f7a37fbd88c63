"""What a message holds: its text, and what came with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from salon.integrations.meta.envelope import long_id_of, objects_of
from salon.integrations.whatsapp.payloads.people import phone_of
from salon.integrations.wire import dict_of, text_of, whole_of, word_of
from salon.messaging.domain import Attachment, AttachmentKind

_NAME_LIMIT = 256
_URL_LIMIT = 4000
_FILES = {
    "audio": AttachmentKind.AUDIO,
    "voice": AttachmentKind.VOICE,  # an older form
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "document": AttachmentKind.FILE,
    "sticker": AttachmentKind.STICKER,
}
_OTHER_CONTENT = ("order", "product", "poll")


@dataclass(frozen=True, slots=True)
class MediaRef:
    """What is needed to fetch a file: its id, where it lies for some minutes, and what its bytes hash to.

    In an attachment it is one word per part, `id sha256 url`, and `-` for what is not known.
    """

    media_id: str
    sha256: str = ""
    url: str = ""

    def __str__(self) -> str:
        return " ".join(part if part and " " not in part else "-" for part in (self.media_id, self.sha256, self.url))

    @classmethod
    def parse(cls, ref: str) -> MediaRef:
        """What `str` gave; a bare id is one, too."""
        parts = [*("" if part == "-" else part for part in ref.split(" ")), "", ""]
        return cls(parts[0], parts[1], parts[2])


def text_in(message: dict[str, Any], kind: str) -> str:
    """The text, or the caption of a file."""
    content = dict_of(message.get(kind))
    if kind == "text":
        return text_of(content.get("body"))
    if kind == "order":
        return text_of(content.get("text"))
    return text_of(content.get("caption"))


def attachments_of(message: dict[str, Any], kind: str) -> tuple[Attachment, ...]:
    """What came with the message: one thing, or several cards."""
    content = dict_of(message.get(kind))
    if kind in _FILES and kind in message:
        is_voice = kind == "voice" or content.get("voice") is True
        return (_file(AttachmentKind.VOICE if kind in {"audio", "voice"} and is_voice else _FILES[kind], content),)
    if kind == "location":
        return (_location(content),)
    if kind == "contacts":
        cards = [card for card in objects_of(message.get("contacts")) if isinstance(card, dict)]
        return tuple(_contact(card, long_id_of(message.get("from"))) for card in cards)
    return (Attachment(AttachmentKind.OTHER),) if kind in _OTHER_CONTENT else ()


def _file(kind: AttachmentKind, item: dict[str, Any]) -> Attachment:
    media_id = long_id_of(item.get("id"))
    ref = MediaRef(media_id, text_of(item.get("sha256"), limit=100), text_of(item.get("url"), limit=_URL_LIMIT))
    return Attachment(
        kind,
        file_ref=str(ref) if media_id or ref.url else None,
        mime=word_of(text_of(item.get("mime_type"), limit=128).partition(";")[0].strip().lower()),
        size_bytes=whole_of(item.get("file_size")),
        name=word_of(text_of(item.get("filename"), limit=_NAME_LIMIT)),
    )


def _location(item: dict[str, Any]) -> Attachment:
    title = text_of(item.get("name"), limit=_NAME_LIMIT) or text_of(item.get("address"), limit=_NAME_LIMIT)
    return Attachment(
        AttachmentKind.LOCATION,
        name=word_of(title),
        latitude=_degrees(item.get("latitude"), 90.0),
        longitude=_degrees(item.get("longitude"), 180.0),
    )


def _degrees(value: object, limit: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -limit <= value <= limit else None  # a NaN is not between anything


def _contact(card: dict[str, Any], sender: str) -> Attachment:
    """A card is the sender's own only when it carries the sender's number; anybody can forward anybody's card."""
    phones = [phone for phone in objects_of(card.get("phones")) if isinstance(phone, dict)]
    own = next((phone for phone in phones if sender and long_id_of(phone.get("wa_id")) == sender), None)
    shown = own or next(iter(phones), {})
    number = phone_of(long_id_of(shown.get("wa_id"))) or text_of(shown.get("phone"), limit=32).strip()
    name = text_of(dict_of(card.get("name")).get("formatted_name"), limit=_NAME_LIMIT).strip()
    return Attachment(
        AttachmentKind.CONTACT, phone=number or None, name=name or None, is_own_contact=own is not None and bool(number)
    )
