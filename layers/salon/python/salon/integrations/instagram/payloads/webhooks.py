"""A webhook's body in our words (facts §5.3). It comes from outside: every field may be missing or of another type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from salon.integrations.instagram.payloads.contents import attachments_of
from salon.integrations.meta.envelope import Item, first_of, key_of, long_id_of, moment_of, objects_of, unpack
from salon.integrations.wire import dict_of, digest_id, text_of, whole_of, word_of
from salon.messaging.domain import Channel, DeliveryStatus, EventKind, InboundEvent, StatusReport, WireEvent

_KINDS = ("message", "postback", "reaction", "read", "referral", "message_edit")
_OF_MESSAGES = "messages"  # the field of `changes[]` that carries what `messaging[]` does
_TEST_ACCOUNT = "0"  # of the posts that the app's dashboard sends when somebody presses "Test"
_REF_LIMIT = 250

_Event = dict[str, Any]


def events_in(body: bytes) -> tuple[WireEvent, ...]:
    """The items of a body, each alone; at least one."""
    return unpack(body, _items_of)


def normalise(body: bytes) -> InboundEvent:
    """The (first) item of a body; what cannot be read, or is none of our business, is IGNORED with a reason."""
    item = first_of(body, _items_of)
    if item is None:
        return _ignored(digest_id(body), "not a webhook's body")
    known = {
        "chat_id": _person(item),
        "user_id": _person(item),
        "sent_at": moment_of(item.content.get("timestamp")) or moment_of(item.around.get("time")),
    }
    why = item.around.get("why")
    if why is not None:
        return _ignored(item.external_id, why, **known)
    return _READERS[item.kind](item, known)


def _ignored(key: str, why: str, **known: Any) -> InboundEvent:
    return InboundEvent(channel=Channel.INSTAGRAM, external_id=key, kind=EventKind.IGNORED, why_ignored=why, **known)


# --- taking a body apart


def _items_of(envelope: _Event) -> Iterator[Item]:
    for entry in objects_of(envelope.get("entry")):
        yield from _items_of_entry(envelope.get("object"), entry)


def _items_of_entry(described: Any, entry: Any) -> Iterator[Item]:
    given = dict_of(entry)
    kept: _Event = {key: given[key] for key in ("id", "time") if key in given}
    is_empty = True
    for name in ("messaging", "standby", "changes"):
        for content in objects_of(given.get(name)):
            is_empty = False
            yield _item(name, content, kept, {"object": described, "entry": [{**kept, name: [content]}]})
    if is_empty:
        yield _item("", entry, kept, {"object": described, "entry": [entry]})


def _item(name: str, content: Any, entry: _Event, alone: _Event) -> Item:
    """An item with its key; `around["why"]` says why it is none of our business, where it is not."""
    event: _Event = dict_of(content) if name else {}
    why: str | None = None
    account = long_id_of(entry.get("id"))
    if name == "changes":
        field = text_of(event.get("field"), limit=40)
        event = dict_of(event.get("value"))
        why = None if field == _OF_MESSAGES else f"field {field or '?'}"
    elif name == "standby":
        why = "standby: another app has this conversation"
    if account == _TEST_ACCOUNT:
        account, why = "", "test of the dashboard"
    kind = next((kind for kind in _KINDS if isinstance(event.get(kind), dict)), "")
    if not kind and why is None:
        others = [text_of(key, limit=40) for key in event if key not in {"sender", "recipient", "timestamp"}]
        why = f"unknown kind of event: {', '.join(sorted(others)[:3]) or '?'}"
    key, conversation = _KEYS[kind](event, account) if kind and why is None else ("", "")
    around = {**entry, "why": why}
    return Item(kind, event, around, key or key_of(content), conversation, account, alone)


def _sender(event: _Event) -> str:
    return long_id_of(dict_of(event.get("sender")).get("id"))


def _is_echo(event: _Event) -> bool:
    return dict_of(event.get("message")).get("is_echo") is True


def _person(item: Item) -> str:
    """The one on the other side."""
    if _is_echo(item.content) or _sender(item.content) == item.account:
        return long_id_of(dict_of(item.content.get("recipient")).get("id"))
    return _sender(item.content)


def _message_key(event: _Event, account: str) -> tuple[str, str]:
    del account
    message = dict_of(event.get("message"))
    mid = long_id_of(message.get("mid"))
    if _is_echo(event):  # an echo waits for no message of theirs
        return (f"echo:{mid}", f"echo:{mid}") if mid else ("", "")
    prefix = "deleted:" if message.get("is_deleted") is True else ""
    return prefix + mid if mid else "", _sender(event)


def _postback_key(event: _Event, account: str) -> tuple[str, str]:
    del account
    return long_id_of(dict_of(event.get("postback")).get("mid")), _sender(event)


def _reaction_key(event: _Event, account: str) -> tuple[str, str]:
    del account
    reaction = dict_of(event.get("reaction"))
    mid, action = long_id_of(reaction.get("mid")), text_of(reaction.get("action"), limit=20)
    at = text_of(event.get("timestamp"), limit=20) or str(whole_of(event.get("timestamp")) or "")
    return (f"reaction:{mid}:{_sender(event)}:{action}:{at}" if mid and at else ""), _sender(event)


def _read_key(event: _Event, account: str) -> tuple[str, str]:
    del account  # a receipt waits for no message of theirs
    mid = long_id_of(dict_of(event.get("read")).get("mid"))
    return (f"read:{mid}", f"status:{mid}") if mid else ("", "")


def _referral_key(event: _Event, account: str) -> tuple[str, str]:
    del account  # a referral has no id of its own: its digest holds the person and the time
    return "", _sender(event)


def _edit_key(event: _Event, account: str) -> tuple[str, str]:
    del account
    edit = dict_of(event.get("message_edit"))
    mid, number = long_id_of(edit.get("mid")), whole_of(edit.get("num_edit"))
    return (f"edit:{mid}:{number}" if mid and number is not None else ""), _sender(event)


_KEYS: dict[str, Callable[[_Event, str], tuple[str, str]]] = {
    "message": _message_key,
    "postback": _postback_key,
    "reaction": _reaction_key,
    "read": _read_key,
    "referral": _referral_key,
    "message_edit": _edit_key,
}


# --- reading an item


def _event(item: Item, kind: EventKind, known: dict[str, Any], text: str = "", **more: Any) -> InboundEvent:
    return InboundEvent(
        channel=Channel.INSTAGRAM, external_id=item.external_id, kind=kind, text=text, **{**known, **more}
    )


def _is_ours(item: Item) -> bool:
    """Whether this account itself sent it."""
    message = dict_of(item.content.get("message"))
    return message.get("is_self") is True or (bool(item.account) and _sender(item.content) == item.account)


def _ref(holder: _Event) -> str | None:
    """What a link or an advertisement carried here."""
    referral = dict_of(holder.get("referral"))
    advertisement = word_of(text_of(referral.get("ad_id"), limit=60))
    return word_of(text_of(referral.get("ref"), limit=_REF_LIMIT)) or (advertisement and f"ad:{advertisement}")


def _read_message(item: Item, known: dict[str, Any]) -> InboundEvent:
    message = dict_of(item.content.get("message"))
    mid = long_id_of(message.get("mid")) or None
    text, attachments = text_of(message.get("text")), attachments_of(message)
    known["message_id"] = mid
    if not known["chat_id"]:
        return _ignored(item.external_id, "nobody on the other side", **known)
    if _is_echo(item.content):  # by us, by a human in the app, or by another app: Instagram does not say
        return _event(item, EventKind.ECHO, known, text, attachments=attachments)
    if _is_ours(item):
        return _ignored(item.external_id, "our own message", **known)
    if message.get("is_deleted") is True:
        return _event(item, EventKind.DELETED, known, reply_to=mid)
    known["reply_to"] = long_id_of(dict_of(message.get("reply_to")).get("mid")) or None
    known["start_param"] = _ref(message)
    quick_reply = message.get("quick_reply")
    if isinstance(quick_reply, dict) and (payload := text_of(quick_reply.get("payload"))):
        known["message_id"] = known.pop("reply_to")  # which offer it answers is rarely said
        return _event(item, EventKind.CALLBACK, known, text, payload=payload)
    if not text and not attachments:
        why = "unsupported" if message.get("is_unsupported") is True else "empty message"
        return _ignored(item.external_id, why, **known)
    return _event(item, EventKind.MESSAGE, known, text, attachments=attachments)


def _read_postback(item: Item, known: dict[str, Any]) -> InboundEvent:
    """A tap on a button of a template, on an ice breaker, or in the menu."""
    postback = dict_of(item.content.get("postback"))
    known["start_param"] = _ref(postback)
    title, payload = text_of(postback.get("title")), text_of(postback.get("payload"))
    if not known["chat_id"] or _is_ours(item):
        return _ignored(item.external_id, "our own message" if known["chat_id"] else "no sender", **known)
    if not payload:
        return _ignored(item.external_id, "postback without a payload", **known)
    return _event(item, EventKind.CALLBACK, known, title, payload=payload)


def _read_reaction(item: Item, known: dict[str, Any]) -> InboundEvent:
    reaction = dict_of(item.content.get("reaction"))
    about = long_id_of(reaction.get("mid")) or None
    if not known["chat_id"] or about is None or _is_ours(item):
        return _ignored(item.external_id, "reaction of nobody, or to nothing", **known)
    is_taken_back = reaction.get("action") == "unreact"
    emoji = text_of(reaction.get("emoji"), limit=40) or text_of(reaction.get("reaction"), limit=40)
    return _event(item, EventKind.REACTION, known, "" if is_taken_back else emoji, reply_to=about)


def _read_receipt(item: Item, known: dict[str, Any]) -> InboundEvent:
    """Seen: that message, and with it everything that was sent before."""
    read = dict_of(item.content.get("read"))
    mid = long_id_of(read.get("mid"))
    up_to = moment_of(read.get("watermark")) or known["sent_at"]
    if not known["chat_id"] or (not mid and up_to is None):
        return _ignored(item.external_id, "read receipt without a reader or a message", **known)
    report = StatusReport(DeliveryStatus.READ, message_id=mid, up_to=up_to)
    return _event(item, EventKind.STATUS, known, status=report, message_id=mid or None)


def _read_referral(item: Item, known: dict[str, Any]) -> InboundEvent:
    """Somebody who has written before followed a link."""
    if not known["chat_id"]:
        return _ignored(item.external_id, "no sender", **known)
    return _event(item, EventKind.START, known, start_param=_ref(item.content))


def _read_edit(item: Item, known: dict[str, Any]) -> InboundEvent:
    """A real edit has a number and a text.

    Meta sends some without either around ordinary messages, and nothing else at all when the app is not subscribed to
    messages (facts §5.3): those tell nothing.
    """
    edit = dict_of(item.content.get("message_edit"))
    mid, text = long_id_of(edit.get("mid")), text_of(edit.get("text"))
    if not whole_of(edit.get("num_edit")) or not text:
        return _ignored(item.external_id, "edit without text", **known)
    if not known["chat_id"] or not mid or _is_ours(item):
        return _ignored(item.external_id, "edit by nobody, or of nothing", **known)
    return _event(item, EventKind.EDIT, known, text, message_id=mid, reply_to=mid)


_READERS: dict[str, Callable[[Item, dict[str, Any]], InboundEvent]] = {
    "message": _read_message,
    "postback": _read_postback,
    "reaction": _read_reaction,
    "read": _read_receipt,
    "referral": _read_referral,
    "message_edit": _read_edit,
}
