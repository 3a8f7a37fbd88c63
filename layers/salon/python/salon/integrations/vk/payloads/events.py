"""An event of the Callback API in our words. Bodies come from outside: every field may be missing or odd."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from salon.integrations.vk.payloads.buttons import is_start, opened, unwrapped
from salon.integrations.vk.payloads.content import attachments_in, text_in
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
from salon.messaging.domain import Channel, DeliveryStatus, EventKind, InboundEvent, StatusReport

CONFIRMATION = "confirmation"
FIRST_CHAT = 2_000_000_000  # peer ids from here on are group chats
_KEY_LIMIT = 200
_START_PARAM_LIMIT = 255
_LANGUAGES = {0: "ru", 1: "uk", 2: "be", 3: "en", 4: "es", 5: "fi", 6: "de", 7: "it"}
_REACTIONS = dict(enumerate("❤🔥😂👍💩❓😭😡👎👌😃🤔🙏😘😍🎉", start=1))
# Kinds that we know and have nothing to do with; others are "unknown kind of event", which somebody should look at.
_NOT_FOR_US = {
    "message_typing_state": "typing",
    "group_join": "joined the community",
    "group_leave": "left the community",
    "user_block": "banned by the community",
    "user_unblock": "no longer banned by the community",
    "group_change_settings": "the community's settings",
    "group_change_photo": "the community's settings",
    "group_officers_edit": "the community's settings",
    CONFIRMATION: "a handshake",
}

_Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every event is wrapped in.

    Attributes:
        key: the event's id, a digest of the body when it has none.
        group_id: the community it happened in, "" when it is not told.
        kind: VK's word for what happened.
        content: what belongs to it; empty when it is no object.
    """

    key: str
    group_id: str
    kind: str
    content: _Object


def read_envelope(body: bytes) -> Envelope | None:
    """The event in `body`; None when it is not a JSON object."""
    event = load_object(body)
    if event is None:
        return None
    told = event.get("event_id")
    key = id_of(told) if not isinstance(told, str) else text_of(told)
    return Envelope(
        key=key if 0 < len(key) <= _KEY_LIMIT else digest_id(body),
        group_id=_community(event.get("group_id")),
        kind=text_of(event.get("type"), limit=64),
        content=dict_of(event.get("object")),
    )


def conversation_of(event: Envelope) -> str:
    """The chat that an event belongs to, "" when it has none."""
    if event.kind in _WITH_MESSAGE:
        return _peer(_message_of(event.content))
    if event.kind in _READERS:
        names = (id_of(event.content.get(name)) for name in ("peer_id", "user_id", "from_id"))
        return next((name for name in names if name), "")
    return ""


def normalise(body: bytes) -> InboundEvent:
    """The event in our words; what cannot be read, or is none of our business, is IGNORED with a reason."""
    event = read_envelope(body)
    if event is None:
        return InboundEvent(Channel.VK, digest_id(body), EventKind.IGNORED, why_ignored="not a JSON object")
    read = _READERS.get(event.kind)
    if read is None:
        return _ignored(event, _NOT_FOR_US.get(event.kind, "unknown kind of event"))
    if not event.content:
        return _ignored(event, "an event without content")
    return read(event)


def _ignored(event: Envelope, why: str, **known: Any) -> InboundEvent:
    return InboundEvent(Channel.VK, event.key, EventKind.IGNORED, why_ignored=why, **known)


def _community(value: object) -> str:
    number = id_of(value)
    return number if number.isascii() and number.isdigit() else ""


def message_id_of(peer: str, number: object, global_id: object = None) -> str:
    """Our name of a message: chat and number in it, `5:130`; the community's own count where VK tells nothing else.

    Taps, readings and reactions name a message by its number in the chat, and in group chats there is no other id.
    """
    within = whole_of(number)
    if within:
        return f"{peer}:{within}"
    return str(whole_of(global_id) or "")


def _message_of(content: _Object) -> _Object:
    """The message: wrapped since 5.103, bare before, and either way in `message_edit` and `message_reply`."""
    inner = content.get("message")
    return inner if isinstance(inner, dict) else content


def _peer(message: _Object) -> str:
    """The chat; before 5.80 a person or a numbered group chat."""
    peer = message.get("peer_id")
    if peer is None and (chat := whole_of(message.get("chat_id"))):
        peer = FIRST_CHAT + chat
    if peer is None:
        peer = message.get("user_id")
    return id_of(peer)


def _is_chat(peer: str) -> bool:
    return peer.isascii() and peer.isdigit() and int(peer) >= FIRST_CHAT


def _sender(message: _Object) -> str:
    sender = message.get("from_id")
    return id_of(message.get("user_id") if sender is None else sender)


def _where(message: _Object) -> dict[str, Any]:
    peer = _peer(message)
    return {
        "chat_id": peer,
        "is_group": _is_chat(peer),
        "message_id": message_id_of(peer, message.get("conversation_message_id"), message.get("id")) or None,
    }


def _is_ours(event: Envelope, message: _Object) -> bool:
    return message.get("out") in (1, True) or (bool(event.group_id) and _sender(message) == f"-{event.group_id}")


def _why_foreign(message: _Object) -> str | None:
    """Why a message is not for us, or None when it is."""
    if not _peer(message):
        return "no chat"
    sender = _sender(message)
    if not sender:
        return "no sender"
    if sender.startswith("-"):
        return "sent by a community"
    if dict_of(message.get("action")):
        return "service message"
    return None


def _client(content: _Object) -> dict[str, Any]:
    """What the person's app can do: `client_info` comes with new messages only."""
    told = dict_of(content.get("client_info"))
    shows, actions = told.get("inline_keyboard"), told.get("button_actions")
    can_tap = None
    if isinstance(shows, bool) or isinstance(actions, list):
        can_tap = shows is not False and (not isinstance(actions, list) or "callback" in list_of(actions))
    language = whole_of(told.get("lang_id"))
    return {"can_tap": can_tap, "language": None if language is None else _LANGUAGES.get(language)}


def _answered(message: _Object, peer: str) -> str | None:
    """The message that this one answers."""
    to = dict_of(message.get("reply_message"))
    return message_id_of(peer, to.get("conversation_message_id"), to.get("id")) or None


def _read_new(event: Envelope) -> InboundEvent:
    message = _message_of(event.content)
    if _is_ours(event, message):
        return _echo(event, message)
    where = _where(message)
    why = _why_foreign(message)
    text, attachments = text_in(message), attachments_in(message)
    carried = opened(message.get("payload"))
    payload = unwrapped(carried)
    if why is None and not text.strip() and not attachments and not payload:
        why = "an empty message"
    if why is not None:
        return _ignored(event, why, **where)
    kind = EventKind.MESSAGE
    if is_start(carried):
        kind = EventKind.START
    elif payload:  # a key of a text keyboard: the messenger wrote its label and sent what it carries
        kind = EventKind.CALLBACK
    ref = text_of(message.get("ref")) or text_of(message.get("ref_source"))
    return InboundEvent(
        channel=Channel.VK,
        external_id=event.key,
        kind=kind,
        user_id=_sender(message),
        text=text,
        payload=payload if kind is EventKind.CALLBACK else None,
        start_param=ref if 0 < len(ref) <= _START_PARAM_LIMIT else None,
        sent_at=instant_of(message.get("date")),
        attachments=attachments,
        reply_to=_answered(message, where["chat_id"]),
        **where,
        **_client(event.content),
    )


def _read_edit(event: Envelope) -> InboundEvent:
    message = _message_of(event.content)
    where = _where(message)
    why = "an edit of our own message" if _is_ours(event, message) else _why_foreign(message)
    if why is not None:
        return _ignored(event, why, **where)
    return InboundEvent(
        channel=Channel.VK,
        external_id=event.key,
        kind=EventKind.EDIT,
        user_id=_sender(message),
        text=text_in(message),
        sent_at=instant_of(message.get("update_time")) or instant_of(message.get("date")),
        attachments=attachments_in(message),
        reply_to=where["message_id"],
        **where,
    )


def _read_reply(event: Envelope) -> InboundEvent:
    return _echo(event, _message_of(event.content))


def _echo(event: Envelope, message: _Object) -> InboundEvent:
    """What the community wrote: by a call of ours, or by a human in VK's own inbox, who is then named."""
    where = _where(message)
    if not where["chat_id"]:
        return _ignored(event, "no chat", **where)
    return InboundEvent(
        channel=Channel.VK,
        external_id=event.key,
        kind=EventKind.ECHO,
        user_id="" if where["is_group"] else where["chat_id"],  # whom the chat is with: a private one has their number
        text=text_in(message),
        sent_at=instant_of(message.get("date")),
        attachments=attachments_in(message),
        is_by_human=bool(whole_of(message.get("admin_author_id"))),
        **where,
    )


def _read_tap(event: Envelope) -> InboundEvent:
    content = event.content
    peer, person = id_of(content.get("peer_id")), id_of(content.get("user_id"))
    where: dict[str, Any] = {
        "chat_id": peer or person,
        "is_group": _is_chat(peer),
        "message_id": message_id_of(peer or person, content.get("conversation_message_id")) or None,
        "callback_id": word_of(text_of(content.get("event_id"), limit=_KEY_LIMIT)),
    }
    payload = unwrapped(opened(content.get("payload")))
    if not payload or not person or not where["callback_id"]:
        return _ignored(event, "a tap without payload, person or id", **where)
    return InboundEvent(
        channel=Channel.VK, external_id=event.key, kind=EventKind.CALLBACK, user_id=person, payload=payload, **where
    )


def _read_permission(event: Envelope) -> InboundEvent:
    person = id_of(event.content.get("user_id"))
    if not person:
        return _ignored(event, "no person")
    allows = event.kind == "message_allow"
    return InboundEvent(
        channel=Channel.VK,
        external_id=event.key,
        kind=EventKind.UNBLOCKED if allows else EventKind.BLOCKED,
        chat_id=person,
        user_id=person,
        start_param=word_of(text_of(event.content.get("key"), limit=_START_PARAM_LIMIT)) if allows else None,
    )


def _read_reading(event: Envelope) -> InboundEvent:
    """The person has read the chat up to a message; VK tells no time."""
    content = event.content
    peer, reader = id_of(content.get("peer_id")), id_of(content.get("from_id"))
    chat = peer or reader
    last = message_id_of(chat, content.get("conversation_message_id"), content.get("read_message_id"))
    if not chat or reader.startswith("-") or not last:
        return _ignored(event, "a reading of ours, or of nothing", chat_id=chat, is_group=_is_chat(chat))
    return InboundEvent(
        channel=Channel.VK,
        external_id=event.key,
        kind=EventKind.STATUS,
        chat_id=chat,
        user_id=reader,
        is_group=_is_chat(chat),
        message_id=last,
        status=StatusReport(DeliveryStatus.READ, message_id=last),
    )


def _read_reaction(event: Envelope) -> InboundEvent:
    content = event.content
    peer, person = id_of(content.get("peer_id")), id_of(content.get("reacted_id"))
    number = content.get("cmid")
    if number is None:
        number = content.get("conversation_message_id")
    about = message_id_of(peer, number, content.get("message_id")) or None
    if not peer or not person or person.startswith("-"):
        return _ignored(event, "a reaction of ours, or of nobody", chat_id=peer, is_group=_is_chat(peer))
    reaction = whole_of(content.get("reaction_id")) or 0
    return InboundEvent(
        channel=Channel.VK,
        external_id=event.key,
        kind=EventKind.REACTION,
        chat_id=peer,
        user_id=person,
        is_group=_is_chat(peer),
        text=_REACTIONS.get(reaction, "•") if reaction else "",  # a newer one than we know is a reaction all the same
        message_id=about,
        reply_to=about,
    )


_WITH_MESSAGE = frozenset({"message_new", "message_edit", "message_reply"})
_READERS: dict[str, Callable[[Envelope], InboundEvent]] = {
    "message_new": _read_new,
    "message_edit": _read_edit,
    "message_reply": _read_reply,
    "message_event": _read_tap,
    "message_allow": _read_permission,
    "message_deny": _read_permission,
    "message_read": _read_reading,
    "message_reaction_event": _read_reaction,
}
