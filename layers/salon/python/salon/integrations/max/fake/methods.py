"""The Bot API's methods, carried out on the fake's state with the checks and the words of MAX."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from salon.integrations.fakes.faults import ApiCall
from salon.integrations.fakes.state import Account, Chat, Item, Key, Message, Webhook
from salon.integrations.fakes.wire import Answer
from salon.integrations.max.fake.keyboards import read_keyboard
from salon.integrations.max.fake.shapes import bot_json, message_json, person_json
from salon.integrations.max.fake.uploads import KINDS, give_place, named
from salon.integrations.max.fake.words import Refused, no_such, senseless

if TYPE_CHECKING:
    from salon.integrations.max.fake.server import FakeMax

Method = Callable[["FakeMax", Account, ApiCall], Answer]
UPDATE_TYPES = frozenset({
    "message_created", "message_callback", "message_edited", "message_removed", "bot_started", "bot_stopped",
    "bot_added", "bot_removed", "user_added", "user_removed", "chat_title_changed", "dialog_muted", "dialog_unmuted",
    "dialog_cleared", "dialog_removed", "message_chat_created",
})  # fmt: skip
_TEXT_LIMIT = 4000
_EDITABLE_S = 7 * 86_400.0
_ALONE = frozenset({"audio", "file", "contact", "sticker"})
_SECRET = re.compile(r"[a-zA-Z0-9_-]{5,256}\Z")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class _Body:
    """A `NewMessageBody`.

    Attributes:
        text: None where it says nothing of a text.
        markup: the keyboard as it was sent.
        is_whole: it says what is attached, were it nothing.
    """

    text: str | None
    items: list[Item]
    buttons: list[list[Key]]
    markup: dict[str, Any]
    is_whole: bool


def _done() -> Answer:
    return Answer.json({"success": True})


def _send(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    chat = _open_chat(world, account, call)
    body = _content(world, account, call.params)
    if not body.text and not body.items:
        raise senseless("Message text or attachments must be not empty")
    about = _linked(chat, call.params.get("link"))
    shown = {"items": body.items, "buttons": body.buttons, "markup": body.markup}
    message = world.post_message(account, chat, text=body.text or "", reply_to=about, **shown)
    return Answer.json({"message": message_json(world, account, chat, message)})


def _edit(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    chat, message = _named_message(world, account, call)
    if not message.from_bot:
        raise Refused(403, "access.denied", "You can edit only messages of the bot")
    body = _content(world, account, call.params)
    if body.text not in {None, message.text} and world.now() - message.date >= _EDITABLE_S:
        return Answer.json({"success": False, "message": "Message is too old to be edited"})
    _change(world, chat, message, body)
    return _done()


def _change(world: FakeMax, chat: Chat, message: Message, body: _Body) -> None:
    """What is not named stays as it is; a list of attachments, even an empty one, replaces all of them."""
    if body.is_whole:
        message.items = body.items
        world.edit_message(chat, message, text=body.text, buttons=body.buttons, markup=body.markup)
    else:
        world.edit_message(chat, message, text=body.text)


def _remove(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    chat, message = _named_message(world, account, call)
    message.deleted = True
    world.changed("delete", chat.account, chat.user_id, message_id=message.message_id)
    return _done()


def _get_message(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    chat, message = _named_message(world, account, call)
    return Answer.json(message_json(world, account, chat, message))


def _answer(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    tap = world.state.taps.get(str(call.params.get("callback_id") or ""))
    notice, change = call.params.get("notification"), call.params.get("message")
    if not notice and not isinstance(change, dict):
        raise senseless("Either `message` or `notification` must be set")
    if tap is None or tap.account != account.key or tap.expired or tap.answer is not None:
        raise no_such("Callback")
    if isinstance(change, dict):
        chat = world.state.chats[account.key, tap.user_id]
        message, body = chat.message(tap.message_id), _content(world, account, change)
        if message is not None and not message.deleted:
            _change(world, chat, message, body)
    world.answer_tap(tap, text=str(notice or ""))
    return _done()


def _content(world: FakeMax, account: Account, params: dict[str, Any]) -> _Body:
    text, listed = params.get("text"), params.get("attachments")
    if text is not None and not isinstance(text, str):
        raise senseless("text: string expected")
    if text is not None and len(text) > _TEXT_LIMIT:
        raise senseless("text: size must be between 0 and 4000")
    if listed is not None and not (isinstance(listed, list) and all(isinstance(item, dict) for item in listed)):
        raise senseless("attachments: array of objects expected")
    kinds = [str(item.get("type")) for item in listed or ()]
    if len(kinds) > 1 and not _ALONE.isdisjoint(kinds):
        raise senseless("Must be only attachment in message")
    body = _Body(text, [], [], {}, listed is not None)
    for kind, item in zip(kinds, listed or (), strict=True):
        payload = item.get("payload")
        if kind == "inline_keyboard" and not body.buttons:
            body.buttons.extend(read_keyboard(payload))
            body.markup.update(payload)
        elif kind in KINDS:
            body.items.append(named(world, account, kind, payload))
        elif kind == "location":
            body.items.append(Item(kind, latitude=float(item["latitude"]), longitude=float(item["longitude"])))
        else:
            raise senseless(f"Unknown attachment type: {kind}")
    return body


def _linked(chat: Chat, link: Any) -> int:
    """The number of the message that a new one answers."""
    if link is None:
        return 0
    found = chat.message(str(link.get("mid"))) if isinstance(link, dict) else None
    if found is None:
        raise no_such("Linked message")
    return found.message_id


def _open_chat(world: FakeMax, account: Account, call: ApiCall) -> Chat:
    """The chat, when the bot may write there: named in the query, by its own number or a person's."""
    query = world.query_of(call)
    chat_id, user_id = str(query.get("chat_id") or ""), str(query.get("user_id") or "")
    if not chat_id and not user_id:
        raise senseless("Unknown recipient")
    chat = world.chat_named(account, chat_id) if chat_id else None
    person = world.person_named(user_id) if user_id else None
    if person is not None:
        chat = world.state.chats.get((account.key, person.user_id))
    if chat is None:
        raise Refused(404, "chat.not.found", f"Chat {chat_id or user_id} not found")
    reader = world.state.people.get(chat.user_id)
    if not chat.started or (reader is not None and reader.deactivated):
        raise Refused(403, "chat.denied", "error.dialog.notfound")
    if chat.blocked or account.settings.get("is_unmoderated"):
        raise Refused(403, "chat.denied", "error.dialog.suspended")
    return chat


def _named_message(world: FakeMax, account: Account, call: ApiCall) -> tuple[Chat, Message]:
    found = world.message_with(str(call.params.get("message_id") or ""))
    if found is None or found[0].account != account.key or found[1].deleted:
        raise no_such("Message")
    return found


def _me(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    del call
    return Answer.json({**bot_json(account, world.now_ms()), "description": "", "commands": []})


def _chat(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    chat = world.chat_named(account, call.chat_id)
    if chat is None:
        raise Refused(404, "chat.not.found", f"Chat {call.chat_id} not found")
    value: dict[str, Any] = {
        "chat_id": int(chat.chat_id),
        "type": "chat" if chat.is_group else "dialog",
        "status": "active",
        "participants_count": len(chat.members) + 1 if chat.is_group else 2,
        "is_public": False,
    }
    person = world.state.people.get(chat.user_id)
    return Answer.json({**value, "dialog_with_user": person_json(person, world.now_ms())} if person else value)


def _act(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    chat = world.chat_named(account, call.chat_id)
    if chat is None:
        raise Refused(404, "chat.not.found", f"Chat {call.chat_id} not found")
    if call.params.get("action") == "typing_on":
        world.mark_typing(chat)
    return _done()


def _subscriptions(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    del world, call
    listed = [
        {"url": hook.url, "time": hook.settings.get("time", 0), "update_types": hook.kinds or None, "version": "0.0.1"}
        for hook in account.webhooks
    ]
    return Answer.json({"subscriptions": listed})


def _subscribe(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    """One more address beside the others; the same address again replaces what was set for it."""
    url, secret, kinds = str(call.params.get("url") or ""), call.params.get("secret"), call.params.get("update_types")
    parts = urlsplit(url)
    # The stage's webhooks lie on the loopback interface, without TLS; the real one takes port 443 alone.
    if parts.hostname not in _LOOPBACK and (parts.scheme != "https" or parts.port is not None or not parts.hostname):
        raise senseless("url: must be https on port 443")
    if secret is not None and not (isinstance(secret, str) and _SECRET.match(secret)):
        raise senseless("secret: must match ^[a-zA-Z0-9_-]{5,256}$")
    if kinds is not None and not (isinstance(kinds, list) and UPDATE_TYPES.issuperset(kinds)):
        raise senseless("update_types: unknown type")
    world.add_webhook(account, Webhook(url, secret or "", list(kinds or []), {"time": world.now_ms()}))
    return _done()


def _unsubscribe(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    if world.remove_webhook(account, str(call.params.get("url") or "")):
        return _done()
    return Answer.json({"success": False, "message": "Subscription not found"})


def _video(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    """Where a film lies, whichever chat of the bot's it came to."""
    token = str(call.params.get("video_token") or "")
    for chat in world.state.chats.values():
        for message in chat.messages:
            for item in message.items:
                about = message_json(world, account, chat, message)["body"] if item.kind == "video" else None
                tokens = [each["payload"]["token"] for each in (about or {}).get("attachments", ())]
                if chat.account == account.key and token in tokens:
                    url = world.link_to(item.file_id)
                    return Answer.json({"token": token, "urls": {"mp4_720": url, "mp4_480": url}, "duration": 5})
    raise no_such("Video")


def carry_out(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    """Carry out a method under the world's lock.

    Raises:
        Refused: as MAX refuses it.
    """
    run = METHODS.get(call.method)
    if run is None:
        path = call.method.partition(" ")[2]
        is_known = any(known.partition(" ")[2] == path for known in METHODS)
        raise Refused(405, "method.not.allowed") if is_known else Refused(404, "not.found", "Unknown path")
    try:
        return run(world, account, call)
    except (ValueError, TypeError, AttributeError, KeyError):  # a parameter of a type that makes no sense
        raise senseless("Invalid request") from None


METHODS: dict[str, Method] = {
    "POST /messages": _send,
    "PUT /messages": _edit,
    "DELETE /messages": _remove,
    "GET /messages/{id}": _get_message,
    "POST /answers": _answer,
    "GET /me": _me,
    "GET /chats/{id}": _chat,
    "POST /chats/{id}/actions": _act,
    "GET /subscriptions": _subscriptions,
    "POST /subscriptions": _subscribe,
    "DELETE /subscriptions": _unsubscribe,
    "POST /uploads": give_place,
    "GET /videos/{id}": _video,
}
