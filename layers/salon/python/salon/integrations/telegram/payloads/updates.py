"""An `Update` in our words. Bodies come from outside: every field may be missing or of another type."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from salon.integrations.wire import (
    dict_of,
    digest_id,
    id_of,
    instant_of,
    list_of,
    load_object,
    text_of,
    whole_of,
    word_of,
)
from salon.messaging.domain import Attachment, AttachmentKind, Channel, EventKind, InboundEvent

_MESSAGE_KEYS = ("message", "edited_message")
_START = re.compile(r"/start(?:@\w{1,64})?(?:\s+(?P<param>\S.*)?)?\Z", re.DOTALL)
_START_PARAM = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_NAME_LIMIT = 256  # Telegram's own limit is 64 for each of the two names
_UNNAMED_EMOJI = "⭐"
_OTHER_CONTENT = ("poll", "dice", "story", "game", "paid_media", "checklist", "giveaway", "invoice")

_Event = dict[str, Any]


def external_id_of(body: bytes) -> str:
    """`update_id` as text; a digest of the body when there is none."""
    update = load_object(body) or {}
    number = whole_of(update.get("update_id"))
    return digest_id(body) if number is None else str(number)


def conversation_of(body: bytes) -> str:
    """The chat the update belongs to, "" when it has none."""
    update = load_object(body) or {}
    for key in (*_MESSAGE_KEYS, "my_chat_member", "message_reaction"):
        if key in update:
            return _chat_id(dict_of(update[key]))
    tap = dict_of(update.get("callback_query"))
    return _chat_id(dict_of(tap.get("message"))) or id_of(dict_of(tap.get("from")).get("id"))


def normalise(body: bytes) -> InboundEvent:
    """The update as an event; what cannot be read, or is none of our business, is IGNORED with a reason."""
    key = external_id_of(body)
    update = load_object(body)
    if update is None:
        return _ignored(key, "not a JSON object")
    for name, read in _READERS.items():
        if name in update:
            content = update[name]
            if not isinstance(content, dict):
                return _ignored(key, f"{name} is not an object")
            return read(key, content)
    return _ignored(key, "unknown kind of update")


def _ignored(key: str, why: str, **known: Any) -> InboundEvent:
    return InboundEvent(channel=Channel.TELEGRAM, external_id=key, kind=EventKind.IGNORED, why_ignored=why, **known)


def _chat_id(content: _Event) -> str:
    return id_of(dict_of(content.get("chat")).get("id"))


def _sender(person: _Event) -> dict[str, Any]:
    names = (text_of(person.get(part)).strip() for part in ("first_name", "last_name"))
    return {
        "user_id": id_of(person.get("id")),
        "display_name": " ".join(name for name in names if name)[:_NAME_LIMIT],
        "language": word_of(text_of(person.get("language_code"), limit=16)),
    }


def _is_group(chat: _Event) -> bool:
    return text_of(chat.get("type")) in {"group", "supergroup", "channel"}


def _foreign(chat: _Event, person: _Event) -> str | None:
    """Why an event from this chat and person is not for us, or None when it is."""
    if text_of(chat.get("type")) == "channel":
        return "channel"
    if not id_of(person.get("id")):
        return "no sender"
    if person.get("is_bot") is True:
        return "sent by a bot"
    return None


def _read_message(key: str, message: _Event) -> InboundEvent:
    return _message_event(key, message, edited=False)


def _read_edit(key: str, message: _Event) -> InboundEvent:
    return _message_event(key, message, edited=True)


def _message_event(key: str, message: _Event, *, edited: bool) -> InboundEvent:
    chat, person = dict_of(message.get("chat")), dict_of(message.get("from"))
    why = _foreign(chat, person)
    where: dict[str, Any] = {"chat_id": _chat_id(message), "is_group": _is_group(chat)}
    if why is None and not where["chat_id"]:
        why = "no chat"
    text = text_of(message.get("text")) or text_of(message.get("caption"))
    attachments = attachments_of(message)
    if why is None and not text and not attachments:
        why = "the group has another id now" if "migrate_to_chat_id" in message else "service message"
    if why is not None:
        return _ignored(key, why, **where)
    kind, start_param = EventKind.EDIT if edited else EventKind.MESSAGE, None
    start = None if edited else _START.match(text)
    if start is not None:
        kind = EventKind.START
        param = (start["param"] or "").strip()
        start_param = param if _START_PARAM.match(param) else None
    message_id = id_of(message.get("message_id")) or None
    return InboundEvent(
        channel=Channel.TELEGRAM,
        external_id=key,
        kind=kind,
        text=text,
        start_param=start_param,
        message_id=message_id,
        reply_to=message_id if edited else id_of(dict_of(message.get("reply_to_message")).get("message_id")) or None,
        sent_at=instant_of(message.get("edit_date") if edited else message.get("date")),
        attachments=attachments,
        **where,
        **_sender(person),
    )


def _read_tap(key: str, tap: _Event) -> InboundEvent:
    """A tap on a button. Its message may be missing (inline) or inaccessible (too old): then only ids are known."""
    message, person = dict_of(tap.get("message")), dict_of(tap.get("from"))
    chat = dict_of(message.get("chat"))
    why = _foreign(chat, person)
    # In a private chat the chat has the person's number, so an answer finds its way without the message.
    where: dict[str, Any] = {
        "chat_id": id_of(chat.get("id")) or id_of(person.get("id")),
        "is_group": _is_group(chat),
    }
    callback_id = word_of(text_of(tap.get("id"), limit=128))
    payload = tap.get("data")
    if why is None and (callback_id is None or not isinstance(payload, str)):
        why = "tap without data"
    if why is not None:
        return _ignored(key, why, callback_id=callback_id, **where)
    return InboundEvent(
        channel=Channel.TELEGRAM,
        external_id=key,
        kind=EventKind.CALLBACK,
        payload=text_of(payload),
        callback_id=callback_id,
        message_id=id_of(message.get("message_id")) or None,
        **where,
        **_sender(person),
    )


def _read_membership(key: str, change: _Event) -> InboundEvent:
    """We were blocked or unblocked (facts §1.3); in a group: thrown out or taken in."""
    chat, person = dict_of(change.get("chat")), dict_of(change.get("from"))
    why = _foreign(chat, person)
    where: dict[str, Any] = {"chat_id": _chat_id(change), "is_group": _is_group(chat)}
    status = text_of(dict_of(change.get("new_chat_member")).get("status"))
    kind = {"kicked": EventKind.BLOCKED, "member": EventKind.UNBLOCKED}.get(status)
    if where["is_group"]:
        kind = {"left": EventKind.BLOCKED, "administrator": EventKind.UNBLOCKED}.get(status, kind)
    if why is None and (kind is None or not where["chat_id"]):
        why = "unknown change of membership"
    if why is not None or kind is None:
        return _ignored(key, why or "unknown change of membership", **where)
    return InboundEvent(
        channel=Channel.TELEGRAM,
        external_id=key,
        kind=kind,
        sent_at=instant_of(change.get("date")),
        **where,
        **_sender(person),
    )


def _read_reaction(key: str, change: _Event) -> InboundEvent:
    """Somebody reacted to a message, or took that back; in groups one may do so unnamed."""
    chat, person = dict_of(change.get("chat")), dict_of(change.get("user"))
    why = _foreign(chat, person)
    where: dict[str, Any] = {"chat_id": _chat_id(change), "is_group": _is_group(chat)}
    message_id = id_of(change.get("message_id"))
    if why is None and not (where["chat_id"] and message_id):
        why = "reaction to nothing"
    if why is not None:
        return _ignored(key, why, **where)
    return InboundEvent(
        channel=Channel.TELEGRAM,
        external_id=key,
        kind=EventKind.REACTION,
        text=_emoji(list_of(change.get("new_reaction"))),
        reply_to=message_id,
        sent_at=instant_of(change.get("date")),
        **where,
        **_sender(person),
    )


def _emoji(reactions: list[Any]) -> str:
    """The first emoji; a star for those that are pictures of their own, "" when there is none."""
    emojis = (text_of(dict_of(reaction).get("emoji"), limit=32) for reaction in reactions)
    return next((emoji for emoji in emojis if emoji), _UNNAMED_EMOJI if reactions else "")


_READERS: dict[str, Callable[[str, _Event], InboundEvent]] = {
    "message": _read_message,
    "edited_message": _read_edit,
    "callback_query": _read_tap,
    "my_chat_member": _read_membership,
    "message_reaction": _read_reaction,
}


def attachments_of(message: _Event) -> tuple[Attachment, ...]:
    """What came with the message; Telegram sends one thing per message (an album is several messages)."""
    for key, kind in _FILES.items():
        if key in message:
            return (_file(kind, dict_of(message[key])),)
    if "photo" in message:
        sizes = [size for size in list_of(message["photo"]) if isinstance(size, dict)]
        return (_file(AttachmentKind.IMAGE, max(sizes, key=_area, default={}), mime="image/jpeg"),)
    if "contact" in message:
        return (_contact(dict_of(message["contact"]), dict_of(message.get("from"))),)
    if "location" in message:  # a venue carries a location as well
        title = word_of(text_of(dict_of(message.get("venue")).get("title"), limit=_NAME_LIMIT))
        place = dict_of(message["location"])
        latitude, longitude = _degrees(place.get("latitude"), 90), _degrees(place.get("longitude"), 180)
        return (Attachment(AttachmentKind.LOCATION, name=title, latitude=latitude, longitude=longitude),)
    if any(key in message for key in _OTHER_CONTENT):
        return (Attachment(AttachmentKind.OTHER),)
    return ()


def _area(size: _Event) -> int:
    return (whole_of(size.get("width")) or 0) * (whole_of(size.get("height")) or 0)


# In this order: an animation is sent as a document too.
_FILES = {
    "voice": AttachmentKind.VOICE,
    "audio": AttachmentKind.AUDIO,
    "video_note": AttachmentKind.VIDEO,
    "video": AttachmentKind.VIDEO,
    "sticker": AttachmentKind.STICKER,
    "animation": AttachmentKind.VIDEO,
    "document": AttachmentKind.FILE,
}


def _file(kind: AttachmentKind, item: _Event, *, mime: str | None = None) -> Attachment:
    return Attachment(
        kind,
        file_ref=word_of(item.get("file_id")),
        mime=word_of(text_of(item.get("mime_type"), limit=128)) or mime,
        size_bytes=whole_of(item.get("file_size")),
        duration_s=whole_of(item.get("duration")),
        name=word_of(text_of(item.get("file_name"), limit=_NAME_LIMIT)),
    )


def _contact(card: _Event, sender: _Event) -> Attachment:
    """A card is the sender's own only when it names the sender; anybody can forward anybody's card."""
    own = bool(id_of(card.get("user_id"))) and id_of(card.get("user_id")) == id_of(sender.get("id"))
    phone = text_of(card.get("phone_number"), limit=32).strip()
    if own and phone and not phone.startswith("+"):
        phone = f"+{phone}"  # a registered number is international; Telegram adds the plus on some platforms only
    names = (text_of(card.get(part)).strip() for part in ("first_name", "last_name"))
    name = " ".join(part for part in names if part)[:_NAME_LIMIT]
    return Attachment(AttachmentKind.CONTACT, phone=phone or None, name=name or None, is_own_contact=own)


def _degrees(value: object, limit: int) -> float | None:
    """An angle from -limit to limit, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -limit <= value <= limit:
        return None
    return float(value)
