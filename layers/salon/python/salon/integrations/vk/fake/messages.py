"""`messages.*`, carried out on the fake's state with the checks and the words of VK."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from salon.integrations.fakes.faults import ApiCall
from salon.integrations.fakes.state import Account, Chat, Item, Message
from salon.integrations.vk.fake.keyboards import read_keyboard
from salon.integrations.vk.fake.shapes import message_json, number_in_chat
from salon.integrations.vk.fake.words import Refused, number, word

if TYPE_CHECKING:
    from salon.integrations.vk.fake.server import FakeVk

Method = Callable[["FakeVk", Account, ApiCall], Any]
_FIRST_CHAT = 2_000_000_000
_TEXT_LIMIT = 4096
_ATTACHMENT_LIMIT = 10
_REMEMBERED_S = 3600.0  # for how long a random_id is known
_EDITABLE_S = 86_400.0
_TAP_LIFE_S = 60.0
_EVENT_DATA_LIMIT, _SNACKBAR_LIMIT = 1000, 90


def _send(world: FakeVk, account: Account, call: ApiCall) -> Any:
    random_id = number(call, "random_id")
    if "peer_ids" in call.params:
        peers = [text for text in str(call.params["peer_ids"]).split(",") if text]
        if len(peers) != 1:
            raise Refused(call, 100, "the fake takes one of peer_ids")
        number(call, "peer_ids")
    peer = str(number(call, "peer_ids" if "peer_ids" in call.params else "peer_id"))
    chat = _open_chat(world, account, call, peer)
    text, items = _content(world, account, call)
    buttons, markup = read_keyboard(call)
    if markup and account.settings.get("bots_capabilities", 1) in (0, False):
        raise Refused(call, 912)
    message = _sent_before(world, chat, random_id)
    if message is None:
        message = world.post_message(
            account, chat, text=text, items=items, buttons=buttons, markup=markup, random_id=random_id
        )
        if random_id:
            known = chat.extra.setdefault("random_ids", {})
            known[str(random_id)] = [message.message_id, world.now()]
        if markup and not markup.get("inline"):
            chat.keyboard = buttons
    if "peer_ids" not in call.params:
        return message.message_id
    row = {"peer_id": int(peer), "message_id": message.message_id}
    return [{**row, "conversation_message_id": number_in_chat(message)}]


def _sent_before(world: FakeVk, chat: Chat, random_id: int) -> Message | None:
    """The message to the same chat that came with the same number within the last hour."""
    known = chat.extra.get("random_ids", {}).get(str(random_id))
    if not random_id or known is None or world.now() - known[1] >= _REMEMBERED_S:
        return None
    return chat.message(known[0])


def _open_chat(world: FakeVk, account: Account, call: ApiCall, peer: str) -> Chat:
    """The chat, when the account may write there."""
    chat = world.chat_named(account, peer)
    if int(peer) > _FIRST_CHAT and chat is None:
        raise Refused(call, 917)
    if chat is None or not chat.started or chat.blocked:
        raise Refused(call, 901)
    person = world.state.people.get(chat.user_id)
    if person is not None and person.deactivated:
        raise Refused(call, 18)
    return chat


def _content(world: FakeVk, account: Account, call: ApiCall) -> tuple[str, list[Item]]:
    text = str(call.params.get("message") or "")
    names = [name for name in str(call.params.get("attachment") or "").split(",") if name]
    items = [world.attached(account, name) for name in names]
    if any(item is None for item in items) or len(items) > _ATTACHMENT_LIMIT:
        raise Refused(call, 100, "attachment is invalid")
    if not text.strip() and not items:
        raise Refused(call, 100, "message is empty or invalid")
    if len(text) > _TEXT_LIMIT:
        raise Refused(call, 914)
    return text, [item for item in items if item is not None]


def _named_message(world: FakeVk, account: Account, call: ApiCall) -> tuple[Chat, Message]:
    chat = world.chat_named(account, str(number(call, "peer_id")))
    if chat is None:
        raise Refused(call, 100, "peer_id is invalid")
    name = next((name for name in ("cmid", "conversation_message_id", "message_id") if name in call.params), "cmid")
    wanted = number(call, name)
    if name == "message_id":
        found = next((message for message in chat.messages if message.message_id == wanted), None)
    else:
        found = next((message for message in chat.messages if number_in_chat(message) == wanted), None)
    if found is None:
        raise Refused(call, 100, f"{name} is invalid")
    return chat, found


def _edit(world: FakeVk, account: Account, call: ApiCall) -> Any:
    chat, message = _named_message(world, account, call)
    if not message.from_bot or message.by_human:
        raise Refused(call, 15, "message can not be edited")
    if world.now() - message.date >= _EDITABLE_S:
        raise Refused(call, 909)
    text, items = _content(world, account, call)
    buttons, markup = read_keyboard(call)
    message.items = items  # what an edit does not name is taken off
    world.edit_message(chat, message, text=text, buttons=buttons, markup=markup)
    return 1


def _answer_event(world: FakeVk, account: Account, call: ApiCall) -> Any:
    event_id, person = word(call, "event_id"), number(call, "user_id")
    peer = str(number(call, "peer_id"))
    tap = world.state.taps.get(event_id)
    chat = world.chat_named(account, peer)
    is_its = tap is not None and chat is not None and tap.account == account.key and tap.user_id == chat.user_id
    if tap is None or not is_its or (tap.user_id > 0 and person != tap.user_id):
        raise Refused(call, 100, "invalid event_id")
    if tap.expired or tap.answer is not None or world.now() - world.tapped_at(event_id) >= _TAP_LIFE_S:
        raise Refused(call, 100, "invalid event_id")
    world.answer_tap(tap, text=_snackbar(call))
    return 1


def _snackbar(call: ApiCall) -> str:
    told = str(call.params.get("event_data") or "")
    if not told:
        return ""
    try:
        data = json.loads(told)
    except ValueError:
        raise Refused(call, 100, "event_data is invalid") from None
    kind = data.get("type") if isinstance(data, dict) else None
    text = str(data.get("text") or "") if kind == "show_snackbar" else ""
    if kind not in {"show_snackbar", "open_link", "open_app"} or len(told) > _EVENT_DATA_LIMIT:
        raise Refused(call, 100, "event_data is invalid")
    if kind == "show_snackbar" and not 1 <= len(text) <= _SNACKBAR_LIMIT:
        raise Refused(call, 100, "event_data text is invalid")
    return text


def _by_number(world: FakeVk, account: Account, call: ApiCall) -> Any:
    chat = world.chat_named(account, str(number(call, "peer_id")))
    wanted = word(call, "conversation_message_ids").split(",")
    found = [message for message in chat.messages if str(number_in_chat(message)) in wanted] if chat else []
    items = [message_json(world, account, chat, message) for message in found] if chat else []
    return {"count": len(items), "items": items}


def _by_id(world: FakeVk, account: Account, call: ApiCall) -> Any:
    wanted = word(call, "message_ids").split(",")
    chats = [chat for chat in world.state.chats.values() if chat.account == account.key]
    found = [(chat, message) for chat in chats for message in chat.messages if str(message.message_id) in wanted]
    items = [message_json(world, account, chat, message) for chat, message in found]
    return {"count": len(items), "items": items}


def _set_activity(world: FakeVk, account: Account, call: ApiCall) -> Any:
    chat = _open_chat(world, account, call, str(number(call, "peer_id")))
    if call.params.get("type") not in {"typing", "audiomessage"}:
        raise Refused(call, 100, "type is invalid")
    world.mark_typing(chat)
    return 1


def _mark_as_read(world: FakeVk, account: Account, call: ApiCall) -> Any:
    del world, account
    number(call, "peer_id")
    return 1


def _is_allowed(world: FakeVk, account: Account, call: ApiCall) -> Any:
    chat = world.chat_named(account, str(number(call, "user_id")))
    return {"is_allowed": int(chat is not None and chat.started and not chat.blocked)}


def _users(world: FakeVk, account: Account, call: ApiCall) -> Any:
    del account
    found = [world.person_named(text) for text in word(call, "user_ids").split(",")]
    return [
        {"id": person.user_id, "first_name": person.first_name, "last_name": person.last_name, "is_closed": True}
        for person in found
        if person is not None
    ]


METHODS: dict[str, Method] = {
    "messages.send": _send,
    "messages.edit": _edit,
    "messages.sendMessageEventAnswer": _answer_event,
    "messages.getByConversationMessageId": _by_number,
    "messages.getById": _by_id,
    "messages.setActivity": _set_activity,
    "messages.markAsRead": _mark_as_read,
    "messages.isMessagesFromGroupAllowed": _is_allowed,
    "users.get": _users,
}
