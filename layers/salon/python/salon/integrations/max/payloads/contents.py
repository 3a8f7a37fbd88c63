"""What a message of MAX's says and what came with it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any

from salon.integrations.wire import dict_of, id_of, list_of, text_of, whole_of, word_of
from salon.messaging.domain import Attachment, AttachmentKind

VIDEO_TOKEN = "video:"  # noqa: S105 - the beginning of a reference, not a secret
"""Before a film's token: its address leads to a page with a player; `GET /videos/{token}` tells where the film is."""
_NAME_LIMIT = 256
_URL_LIMIT = 4096
_TEL = re.compile(r"^(?:item\d{1,3}\.)?TEL\b[^:\r\n]*:(?:tel:)?([+0-9 ().-]{3,40})", re.IGNORECASE | re.MULTILINE)
_FULL_NAME = re.compile(r"^FN\b[^:\r\n]*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_SOUNDS = (".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav", ".aac", ".amr")
_PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
# MAX names no type of any file: its first bytes do (facts §2.6).
_MAGIC = (
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"#!AMR", "audio/amr"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_FTYP_AT, _BRAND_AT = slice(4, 8), slice(8, 12)
_HEIC = (b"heic", b"heix", b"mif1", b"heif")

_Object = dict[str, Any]


def text_in(message: _Object) -> str:
    """What the message says; of a message that was only passed on, what that one says."""
    return text_of(dict_of(message.get("body")).get("text")) or text_of(_forwarded(message).get("text"))


def attachments_in(message: _Object, *, token: str) -> tuple[Attachment, ...]:
    """What came with the message, and with the one that it passes on.

    Args:
        message: as MAX has it.
        token: the bot's, by which MAX vouches for a card that the sender shared as their own.
    """
    sender = id_of(dict_of(message.get("sender")).get("user_id"))
    own = _listed(dict_of(message.get("body")), token=token, sender=sender)
    # A card that was passed on is never the sender's own, whatever it carries.
    return own + _listed(_forwarded(message), token="", sender="")


def sniffed(data: bytes, kind: AttachmentKind, name: str = "") -> str:
    """What the bytes are; by the file's name, or a plain binary, where they say nothing."""
    for magic, mime in _MAGIC:
        if data.startswith(magic):
            return mime
    if data.startswith(b"RIFF"):
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(data[_BRAND_AT], "application/octet-stream")
    if data[_FTYP_AT] == b"ftyp":
        if data[_BRAND_AT] in _HEIC:
            return "image/heic"
        return "audio/mp4" if kind in {AttachmentKind.VOICE, AttachmentKind.AUDIO} else "video/mp4"
    from mimetypes import guess_type  # reads tables of the machine; the webhook's import time is a budget

    return guess_type(name)[0] or "application/octet-stream"


def _forwarded(message: _Object) -> _Object:
    link = dict_of(message.get("link"))
    return dict_of(link.get("message")) if text_of(link.get("type")) == "forward" else {}


def _listed(body: _Object, *, token: str, sender: str) -> tuple[Attachment, ...]:
    found = (_attachment(dict_of(item), token, sender) for item in list_of(body.get("attachments")))
    return tuple(attachment for attachment in found if attachment is not None)


def _attachment(item: _Object, token: str, sender: str) -> Attachment | None:
    payload = dict_of(item.get("payload"))
    url = word_of(text_of(payload.get("url"), limit=_URL_LIMIT))
    kind = text_of(item.get("type"), limit=32)
    match kind:
        case "contact":
            return _contact(payload, token, sender)
        case "location":
            return _place(item)
        case "inline_keyboard" | "reply_keyboard" | "":
            return None
    read = _FILES.get(kind)
    return Attachment(AttachmentKind.OTHER, name=_title(item, payload)) if read is None else read(item, payload, url)


def _title(item: _Object, payload: _Object) -> str | None:
    """What a shared page is called."""
    return word_of(text_of(item.get("title"), limit=_NAME_LIMIT) or text_of(payload.get("url"), limit=_NAME_LIMIT))


def _sound(item: _Object, payload: _Object, url: str | None) -> Attachment:
    """Speech: MAX has no other sound than what was spoken into it; music comes as a file."""
    del payload
    said = text_of(item.get("transcription")).strip()
    return Attachment(
        AttachmentKind.VOICE, file_ref=url, duration_s=whole_of(item.get("duration")), transcript=said or None
    )


def _picture(item: _Object, payload: _Object, url: str | None) -> Attachment:
    del item, payload
    return Attachment(AttachmentKind.IMAGE, file_ref=url)


def _film(item: _Object, payload: _Object, url: str | None) -> Attachment:
    key = text_of(payload.get("token"), limit=_URL_LIMIT)
    where = f"{VIDEO_TOKEN}{key}" if key else url
    return Attachment(AttachmentKind.VIDEO, file_ref=where, duration_s=whole_of(item.get("duration")))


def _sticker(item: _Object, payload: _Object, url: str | None) -> Attachment:
    del item
    return Attachment(AttachmentKind.STICKER, file_ref=url, name=word_of(text_of(payload.get("code"), limit=64)))


def _file(item: _Object, payload: _Object, url: str | None) -> Attachment:
    del payload
    name = text_of(item.get("filename"), limit=_NAME_LIMIT)
    suffix = f".{name.rpartition('.')[2].lower()}"
    kind = AttachmentKind.AUDIO if suffix in _SOUNDS else AttachmentKind.FILE
    size = whole_of(item.get("size"))
    return Attachment(kind, file_ref=url, mime=_PICTURES.get(suffix), size_bytes=size, name=name or None)


_FILES: dict[str, Callable[[_Object, _Object, str | None], Attachment]] = {
    "audio": _sound,
    "image": _picture,
    "video": _film,
    "sticker": _sticker,
    "file": _file,
}


def _place(item: _Object) -> Attachment:
    latitude, longitude = (_degrees(item.get(name)) for name in ("latitude", "longitude"))
    if latitude is None or longitude is None:
        latitude = longitude = None
    return Attachment(AttachmentKind.LOCATION, latitude=latitude, longitude=longitude)


def _degrees(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if -180 <= value <= 180 else None  # noqa: PLR2004 - degrees; NaN is in no range


def _contact(payload: _Object, token: str, sender: str) -> Attachment:
    card = payload.get("vcf_info")
    raw = card if isinstance(card, str) else ""
    about = dict_of(payload.get("max_info"))
    is_own = _is_vouched_for(raw, payload.get("hash"), token) and id_of(about.get("user_id")) in {"", sender}
    # Folded lines are joined only to be read: what is signed is the text as it came.
    told = re.sub(r"\r?\n[ \t]", "", text_of(raw, limit=20_000))
    number, full_name = _TEL.search(told), _FULL_NAME.search(told)
    phone = number[1].strip() if number else ""
    if is_own and phone and not phone.startswith("+"):
        phone = f"+{phone}"  # a registered number is international
    parts = (text_of(about.get(part)).strip() for part in ("first_name", "last_name"))
    name = (full_name[1].strip() if full_name else "") or " ".join(part for part in parts if part)
    return Attachment(
        AttachmentKind.CONTACT,
        phone=phone or None,
        name=name[:_NAME_LIMIT] or None,
        is_own_contact=is_own and bool(phone),
    )


def _is_vouched_for(card: str, told: object, token: str) -> bool:
    """Whether MAX made this card for this bot, of the sender's own number: HMAC by the bot's token (facts §2.4)."""
    if not token or not card or not isinstance(told, str) or not _HASH.match(told.lower()):
        return False
    right = hmac.new(token.encode("utf-8", "surrogatepass"), card.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return hmac.compare_digest(right.hexdigest(), told.lower())
