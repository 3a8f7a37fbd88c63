"""A webhook's body in our words (facts §4.3). It comes from outside: every field may be missing or of another type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from salon.integrations.meta.answers import NO_CODE, read_error
from salon.integrations.meta.envelope import Item, first_of, key_of, long_id_of, moment_of, objects_of, unpack
from salon.integrations.whatsapp.payloads.codes import judge
from salon.integrations.whatsapp.payloads.contents import attachments_of, text_in
from salon.integrations.whatsapp.payloads.people import Person, person_of, phone_of
from salon.integrations.wire import dict_of, digest_id, list_of, text_of, word_of
from salon.messaging.domain import (
    Channel,
    DeliveryStatus,
    EventKind,
    FailureClass,
    InboundEvent,
    StatusReport,
    WireEvent,
)

_LISTS = ("messages", "statuses", "user_preferences", "message_echoes")
_TEST_ENTRY = "0"  # of the posts that the app's dashboard sends when somebody presses "Test"
_KEPT_OF_ENTRY = ("id", "time")
_KEPT_OF_VALUE = ("messaging_product", "metadata", "errors")
_WHO = ("from", "from_user_id", "to", "to_user_id", "recipient_id", "recipient_user_id", "wa_id", "user_id")
# A deep link can only prefill a text, `wa.me/<number>?text=start%20<code>`. Without the stroke a code has a digit, a
# hyphen or an underscore: people write "start tomorrow", too.
_START = re.compile(r"(?:/start\s+|start\s+(?=\S*[0-9_-]))(?P<param>[A-Za-z0-9_-]{1,64})\Z", re.IGNORECASE)
_STATUSES = {
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "played": DeliveryStatus.READ,
    "failed": DeliveryStatus.FAILED,
}
_PREFERENCES = {"stop": EventKind.OPTED_OUT, "resume": EventKind.OPTED_IN, "signup": EventKind.OPTED_IN}
_NEW_NUMBER = ("user_changed_number", "customer_changed_number")

_Event = dict[str, Any]


def events_in(body: bytes) -> tuple[WireEvent, ...]:
    """The items of a body, each alone; at least one."""
    return unpack(body, _items_of)


def normalise(body: bytes) -> InboundEvent:
    """The (first) item of a body; what cannot be read, or is none of our business, is IGNORED with a reason."""
    item = first_of(body, _items_of)
    if item is None:
        return _ignored(digest_id(body), "not a webhook's body")
    read = _READERS.get(item.kind)
    if read is None:
        field = text_of(item.around.get("field"), limit=40)
        return _ignored(item.external_id, f"field {field}" if field else "unknown kind of event")
    return read(item)


def _ignored(key: str, why: str, **known: Any) -> InboundEvent:
    return InboundEvent(channel=Channel.WHATSAPP, external_id=key, kind=EventKind.IGNORED, why_ignored=why, **known)


# --- taking a body apart


def _items_of(envelope: _Event) -> Iterator[Item]:
    for entry in objects_of(envelope.get("entry")):
        changes = objects_of(dict_of(entry).get("changes"))
        kept = {key: dict_of(entry)[key] for key in _KEPT_OF_ENTRY if key in dict_of(entry)}
        if not changes:
            yield _unplaced(entry, {"object": envelope.get("object"), "entry": [entry]})
        for change in changes:
            yield from _items_of_change(envelope, kept, change)


def _items_of_change(envelope: _Event, entry: _Event, change: Any) -> Iterator[Item]:
    field, value = dict_of(change).get("field"), dict_of(dict_of(change).get("value"))
    contacts = [contact for contact in list_of(value.get("contacts")) if isinstance(contact, dict)]
    known = _by_id(contacts)
    shared = {key: value[key] for key in _KEPT_OF_VALUE if key in value}
    account = long_id_of(dict_of(value.get("metadata")).get("phone_number_id"))
    if long_id_of(entry.get("id")) == _TEST_ENTRY:
        yield _unplaced(change, _alone(envelope, entry, change), field="of a test by the dashboard")
        return
    is_empty = True
    for kind in _LISTS:
        for content in objects_of(value.get(kind)):
            is_empty = False
            own = {**shared, "contacts": _contacts_of(dict_of(content), contacts, known), kind: [content]}
            alone = _alone(envelope, entry, {"field": field, "value": own})
            if isinstance(content, dict):
                key, conversation = _KEYS[kind](content, person_of(content, own["contacts"]))
                yield Item(kind, content, own, key or key_of(content), conversation, account, alone)
            else:
                yield _unplaced(content, alone, account=account)
    if is_empty:
        alone = _alone(envelope, entry, change)
        yield _unplaced(change, alone, account=account, field=field)


def _alone(envelope: _Event, entry: _Event, change: Any) -> _Event:
    return {"object": envelope.get("object"), "entry": [{**entry, "changes": [change]}]}


def _unplaced(content: Any, alone: _Event, *, account: str = "", field: Any = "") -> Item:
    return Item("", {}, {"field": field}, key_of(content), "", account, alone)


def _contacts_of(content: _Event, contacts: list[_Event], known: dict[str, _Event]) -> list[_Event]:
    """The people that an item is about: a batch may name a thousand."""
    if len(contacts) <= 1:
        return contacts
    found = (known.get(_text(content.get(name))) for name in _WHO)
    return list({id(contact): contact for contact in found if contact is not None}.values())


def _by_id(contacts: list[_Event]) -> dict[str, _Event]:
    named = ((_text(contact.get(name)), contact) for contact in contacts for name in ("wa_id", "user_id"))
    return {word: contact for word, contact in named if word}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _message_key(message: _Event, person: Person) -> tuple[str, str]:
    return long_id_of(message.get("id")), long_id_of(message.get("group_id")) or person.chat_id


def _status_key(status: _Event, person: Person) -> tuple[str, str]:
    del person  # a status waits for no message of theirs
    message_id, word = long_id_of(status.get("id")), text_of(status.get("status"), limit=40)
    return (f"status:{message_id}:{word}", f"status:{message_id}") if message_id and word else ("", "")


def _preference_key(preference: _Event, person: Person) -> tuple[str, str]:
    parts = (text_of(preference.get(name), limit=40) for name in ("category", "value"))
    at = moment_of(preference.get("timestamp"))
    if not person.chat_id or at is None:
        return "", person.chat_id
    return ":".join(("preference", person.chat_id, *parts, str(int(at.timestamp())))), person.chat_id


def _echo_key(echo: _Event, person: Person) -> tuple[str, str]:
    del person  # an echo waits for no message of theirs
    message_id = long_id_of(echo.get("id"))
    return (f"echo:{message_id}", f"echo:{message_id}") if message_id else ("", "")


_KEYS: dict[str, Callable[[_Event, Person], tuple[str, str]]] = {
    "messages": _message_key,
    "statuses": _status_key,
    "user_preferences": _preference_key,
    "message_echoes": _echo_key,
}


# --- reading an item


def _who(item: Item, person: Person) -> dict[str, Any]:
    group = long_id_of(item.content.get("group_id"))
    return {
        "chat_id": group or person.chat_id,
        "user_id": person.user_id,
        "is_group": bool(group),
        "display_name": person.name,
        "phone": person.phone,
        "sent_at": moment_of(item.content.get("timestamp")),
    }


def _read_message(item: Item) -> InboundEvent:
    message = item.content
    known = _who(item, person_of(message, objects_of(item.around.get("contacts"))))
    kind = text_of(message.get("type"), limit=40)
    if not known["chat_id"]:
        return _ignored(item.external_id, "no sender", **known)
    known["message_id"] = long_id_of(message.get("id")) or None
    context = dict_of(message.get("context"))
    known["reply_to"] = long_id_of(context.get("id")) or None
    known["start_param"] = _advertisement(dict_of(message.get("referral")))
    match kind:
        case "interactive" | "button":
            return _tap(item, kind, known)
        case "edit" | "revoke" | "reaction":
            return _about_another(item, kind, known)
        case "system":
            return _system(item, known)
        case "unsupported":
            return _ignored(item.external_id, _unsupported(message), **known)
    text, attachments = text_in(message, kind), attachments_of(message, kind)
    if not text and not attachments:
        return _ignored(item.external_id, f"message of type {kind or '?'} without anything to read", **known)
    start = _START.match(text.strip())
    if start is not None and not known["is_group"]:
        known["start_param"] = start["param"]
    return _event(
        item, EventKind.START if start and not known["is_group"] else EventKind.MESSAGE, known, text, attachments
    )


def _event(item: Item, kind: EventKind, known: dict[str, Any], text: str, attachments: Any = ()) -> InboundEvent:
    return InboundEvent(
        channel=Channel.WHATSAPP,
        external_id=item.external_id,
        kind=kind,
        text=text,
        attachments=attachments,
        **known,
    )


def _advertisement(referral: _Event) -> str | None:
    """The advertisement that led here, in the way of a deep link's parameter."""
    source = word_of(text_of(referral.get("source_id"), limit=60))
    return f"ad:{source}" if source else None


def _tap(item: Item, kind: str, known: dict[str, Any]) -> InboundEvent:
    """A tapped button or a chosen row; of a template's button the text stands for a payload that is missing."""
    if kind == "button":
        button = dict_of(item.content.get("button"))
        label = text_of(button.get("text"))
        payload = word_of(button.get("payload")) or label
    else:
        inner = dict_of(item.content.get("interactive"))
        reply = next((dict_of(inner[name]) for name in ("button_reply", "list_reply") if name in inner), {})
        label, payload = text_of(reply.get("title")), text_of(reply.get("id"))
    known["message_id"] = known.pop("reply_to")
    if not payload:
        return _ignored(item.external_id, f"{kind} without a choice", **known)
    return InboundEvent(
        channel=Channel.WHATSAPP,
        external_id=item.external_id,
        kind=EventKind.CALLBACK,
        text=label,
        payload=payload,
        **known,
    )


def _about_another(item: Item, kind: str, known: dict[str, Any]) -> InboundEvent:
    """An edit, a deletion or a reaction: `reply_to` is the message that it is about."""
    about = dict_of(item.content.get(kind))
    known["reply_to"] = long_id_of(about.get("message_id" if kind == "reaction" else "original_message_id")) or None
    if known["reply_to"] is None:
        return _ignored(item.external_id, f"{kind} of no message", **known)
    if kind == "revoke":
        return _event(item, EventKind.DELETED, known, "")
    if kind == "reaction":
        return _event(item, EventKind.REACTION, known, text_of(about.get("emoji"), limit=40))
    edited = dict_of(about.get("message"))
    inner = text_of(edited.get("type"), limit=40)
    text, attachments = text_in(edited, inner), attachments_of({**edited, "from": item.content.get("from")}, inner)
    if not text and not attachments:
        return _ignored(item.external_id, "edit without anything to read", **known)
    return _event(item, EventKind.EDIT, known, text, attachments)


def _system(item: Item, known: dict[str, Any]) -> InboundEvent:
    system = dict_of(item.content.get("system"))
    what = text_of(system.get("type"), limit=40)
    fresh = long_id_of(system.get("wa_id")) or long_id_of(system.get("new_wa_id"))
    if what not in _NEW_NUMBER or not fresh or fresh == known["chat_id"]:
        return _ignored(item.external_id, f"system: {what or '?'}", **known)
    return _event(item, EventKind.RENUMBERED, {**known, "new_user_id": fresh, "phone": phone_of(fresh)}, "")


def _unsupported(message: _Event) -> str:
    error = read_error(next(iter(objects_of(message.get("errors"))), {}))
    inner = text_of(dict_of(message.get("unsupported")).get("type"), limit=40)
    return f"unsupported: {inner or 'unknown type'} ({error.code})"


def _read_status(item: Item) -> InboundEvent:
    content = item.content
    word = text_of(content.get("status"), limit=40)
    person = person_of(content, objects_of(item.around.get("contacts")))
    known: dict[str, Any] = {
        "chat_id": person.chat_id,
        "user_id": person.user_id,
        "is_group": content.get("recipient_type") == "group",
        "sent_at": moment_of(content.get("timestamp")),
        "message_id": long_id_of(content.get("id")) or None,
    }
    status = _STATUSES.get(word)
    if status is None or known["message_id"] is None:
        return _ignored(item.external_id, f"status: {word or '?'}", **known)
    failure, code = _failure_of(content) if status is DeliveryStatus.FAILED else (None, "")
    report = StatusReport(
        status,
        message_id=known["message_id"],
        reference=text_of(content.get("biz_opaque_callback_data"), limit=512),
        failure=failure,
        code=code,
    )
    return _event(item, EventKind.STATUS, {**known, "status": report}, "")


def _failure_of(content: _Event) -> tuple[FailureClass, str]:
    """Why a message failed: the first code that says what to do; one that nobody knows will not be repeated."""
    errors = [read_error(error) for error in objects_of(content.get("errors"))]
    for error in errors:
        verdict = judge(error)
        if verdict is not None:
            return verdict.failure, str(error.code)
    code = errors[0].code if errors else NO_CODE
    return FailureClass.REQUEST, "" if code == NO_CODE else str(code)


def _read_preference(item: Item) -> InboundEvent:
    content = item.content
    word, category = (text_of(content.get(name), limit=40) for name in ("value", "category"))
    known = _who(item, person_of(content, objects_of(item.around.get("contacts"))))
    kind = _PREFERENCES.get(word)
    if kind is None or category not in {"marketing_messages", ""} or not known["chat_id"]:
        return _ignored(item.external_id, f"preference: {category or '?'} {word or '?'}", **known)
    return _event(item, kind, known, "")


def _read_echo(item: Item) -> InboundEvent:
    """What a human of the salon wrote in the phone's own app; `from` and `to` are seen the other way round, too."""
    echo = item.content
    metadata = dict_of(item.around.get("metadata"))
    ours = {_text(metadata.get("display_phone_number")), _text(metadata.get("phone_number_id"))}
    is_turned = _text(echo.get("to")) in ours - {""}
    swapped = echo if is_turned else {"from": echo.get("to"), "from_user_id": echo.get("to_user_id")}
    known = _who(item, person_of(swapped, objects_of(item.around.get("contacts"))))
    known["message_id"] = long_id_of(echo.get("id")) or None
    known["phone"] = None
    kind = text_of(echo.get("type"), limit=40)
    if kind == "revoke" or not known["chat_id"]:
        return _ignored(item.external_id, "echo of a deletion" if kind == "revoke" else "echo to nobody", **known)
    content = echo
    if kind == "edit":
        edit = dict_of(echo.get("edit"))
        known["reply_to"] = long_id_of(edit.get("original_message_id")) or None
        content = dict_of(edit.get("message"))
        kind = text_of(content.get("type"), limit=40)
    return _event(
        item,
        EventKind.ECHO,
        {**known, "is_by_human": True},
        text_in(content, kind),
        attachments_of(content, kind),
    )


_READERS: dict[str, Callable[[Item], InboundEvent]] = {
    "messages": _read_message,
    "statuses": _read_status,
    "user_preferences": _read_preference,
    "message_echoes": _read_echo,
}
