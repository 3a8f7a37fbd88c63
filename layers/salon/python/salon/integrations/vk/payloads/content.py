"""What a message of VK's carries beside its text. Bodies come from outside: every field may be missing or odd."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from salon.integrations.wire import dict_of, list_of, text_of, whole_of, word_of
from salon.messaging.domain import Attachment, AttachmentKind

_NAME_LIMIT = 256
_URL_LIMIT = 4000
_TRANSCRIPT_LIMIT = 10_000
_FORWARD_DEPTH = 3  # forwards nest; deeper ones tell us nothing
_MOST_ATTACHMENTS = 20  # VK takes ten to a message; forwards add theirs

_MIMES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "gif": "image/gif",
    "txt": "text/plain",
    "csv": "text/csv",
    "ics": "text/calendar",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "xml": "application/xml",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

_Object = dict[str, Any]


def text_in(message: _Object) -> str:
    """What a message says: its own words, otherwise those of what it forwards (`body` is the name before 5.80)."""
    own = _words(message)
    if own.strip() or list_of(message.get("attachments")):
        return own
    return "\n".join(text for text in map(_words, _forwards(message)) if text.strip())


def attachments_in(message: _Object) -> tuple[Attachment, ...]:
    """What came with a message, what it forwards included; at most twenty."""
    found: list[Attachment] = []
    for each in (message, *_forwards(message)):
        found += [read for item in list_of(each.get("attachments")) if (read := _read(item)) is not None]
        place = _place(each.get("geo"))
        if place is not None:
            found.append(place)
    return tuple(found[:_MOST_ATTACHMENTS])


def _words(message: _Object) -> str:
    return text_of(message.get("text")) or text_of(message.get("body"))


def _forwards(message: _Object, depth: int = _FORWARD_DEPTH) -> list[_Object]:
    found: list[_Object] = []
    for each in list_of(message.get("fwd_messages")) if depth else []:
        if isinstance(each, dict):
            found += [each, *_forwards(each, depth - 1)]
    return found[:100]


def _read(item: object) -> Attachment | None:
    """One attachment; its type names the field that holds it."""
    kind = text_of(dict_of(item).get("type"))
    if not kind:
        return None
    read = _READERS.get(kind)
    content = dict_of(dict_of(item).get(kind))
    return read(content) if read else Attachment(AttachmentKind.OTHER, name=kind[:_NAME_LIMIT])


def _url(*candidates: object) -> str | None:
    """The first address that is one; an overlong one is none, because half an address leads elsewhere."""
    return next((url for url in map(text_of, candidates) if 0 < len(url) <= _URL_LIMIT), None)


def _name(value: object) -> str | None:
    return word_of(text_of(value, limit=_NAME_LIMIT).strip())


def _largest(sizes: Iterable[object]) -> str | None:
    """The address of the largest picture by area: the order of VK's types of size says nothing (facts §3.3)."""
    found = [size for size in sizes if isinstance(size, dict) and _url(size.get("url"), size.get("src"))]
    best = max(found, key=_area, default={})
    return _url(best.get("url"), best.get("src"))


def _area(size: _Object) -> int:
    return (whole_of(size.get("width")) or 0) * (whole_of(size.get("height")) or 0)


def _voice(content: _Object) -> Attachment:
    ogg, mp3 = _url(content.get("link_ogg")), _url(content.get("link_mp3"))
    state = content.get("transcript_state")
    is_done = state is None or state == "done"
    return Attachment(
        AttachmentKind.VOICE,
        file_ref=ogg or mp3,
        mime="audio/mpeg" if mp3 and not ogg else "audio/ogg",
        duration_s=whole_of(content.get("duration")),
        transcript=word_of(text_of(content.get("transcript"), limit=_TRANSCRIPT_LIMIT).strip()) if is_done else None,
    )


def _photo(content: _Object) -> Attachment:
    old = [content.get(f"photo_{width}") for width in (2560, 1280, 807, 604, 130, 75)]  # before 5.77
    best = _largest((*list_of(content.get("sizes")), content.get("orig_photo")))
    return Attachment(AttachmentKind.IMAGE, file_ref=best or _url(*old), mime="image/jpeg")


def _document(content: _Object) -> Attachment:
    spoken = dict_of(dict_of(content.get("preview")).get("audio_msg"))  # voice messages before 5.88
    if spoken:
        return _voice(spoken)
    ending = text_of(content.get("ext"), limit=16).lower()
    return Attachment(
        AttachmentKind.FILE,
        file_ref=_url(content.get("url")),
        mime=_MIMES.get(ending),
        size_bytes=whole_of(content.get("size")),
        name=_name(content.get("title")),
    )


def _sticker(content: _Object) -> Attachment:
    pictures = (*list_of(content.get("images")), *list_of(content.get("images_with_background")))
    return Attachment(AttachmentKind.STICKER, file_ref=_largest(pictures), mime="image/png")


def _graffiti(content: _Object) -> Attachment:
    return Attachment(
        AttachmentKind.IMAGE, file_ref=_url(content.get("url"), content.get("photo_586")), mime="image/png"
    )


def _video(content: _Object) -> Attachment:
    """A video has no address of its own (facts §3.3)."""
    return Attachment(
        AttachmentKind.VIDEO, duration_s=whole_of(content.get("duration")), name=_name(content.get("title"))
    )


def _audio(content: _Object) -> Attachment:
    parts = (text_of(content.get(key)).strip() for key in ("artist", "title"))
    return Attachment(
        AttachmentKind.AUDIO,
        file_ref=_url(content.get("url")),
        mime="audio/mpeg",
        duration_s=whole_of(content.get("duration")),
        name=_name(" – ".join(part for part in parts if part)),
    )


_READERS: dict[str, Callable[[_Object], Attachment]] = {
    "audio_message": _voice,
    "photo": _photo,
    "doc": _document,
    "sticker": _sticker,
    "ugc_sticker": _sticker,
    "graffiti": _graffiti,
    "video": _video,
    "video_message": _video,
    "audio": _audio,
}


def _place(geo: object) -> Attachment | None:
    """A shared place; before 5.80 its coordinates are two numbers in a text."""
    if not isinstance(geo, dict) or not geo:
        return None
    at = geo.get("coordinates")
    if isinstance(at, dict):
        latitude, longitude = _degrees(at.get("latitude"), 90), _degrees(at.get("longitude"), 180)
    else:
        first, _, second = text_of(at, limit=100).strip().partition(" ")
        latitude, longitude = _degrees(_number(first), 90), _degrees(_number(second), 180)
    if latitude is None or longitude is None:
        latitude = longitude = None
    title = _name(dict_of(geo.get("place")).get("title"))
    return Attachment(AttachmentKind.LOCATION, name=title, latitude=latitude, longitude=longitude)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _degrees(value: object, most: int) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and abs(value) <= most else None
