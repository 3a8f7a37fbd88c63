"""The fake's state in the Bot API's shapes: users, chats, messages, and the updates that acts become."""

from __future__ import annotations

import re
from typing import Any

from salon.integrations.fakes import Account, Act, ActKind, Chat, Item, Message, Person
from salon.integrations.fakes.state import State

_COMMAND = re.compile(r"/[a-z0-9_]{1,32}(?:@\w+)?(?=\s|\Z)")
Json = dict[str, Any]


def bot_user(bot: Account) -> Json:
    """The bot as a `User`."""
    return {"id": bot.bot_id, "is_bot": True, "first_name": bot.name, "username": bot.username}


def user_of(person: Person) -> Json:
    """The person as a `User`: what is empty is left out, as the real server does."""
    user: Json = {
        "id": person.user_id,
        "is_bot": False,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
        "language_code": person.language,
    }
    return {key: value for key, value in user.items() if value != ""}


def chat_json(state: State, chat: Chat) -> Json:
    """The chat as a `Chat`."""
    if chat.is_group:
        return {"id": int(chat.chat_id), "title": chat.title, "type": "supergroup"}
    user = user_of(state.people[chat.user_id])
    kept: Json = {key: user[key] for key in ("id", "first_name", "last_name", "username") if key in user}
    return {**kept, "type": "private"}


def message_json(state: State, bot: Account, chat: Chat, message: Message) -> Json:
    """The message as a `Message`."""
    value: Json = {
        "message_id": message.message_id,
        "from": bot_user(bot) if message.from_bot else user_of(state.people[message.sender_id]),
        "chat": chat_json(state, chat),
        "date": message.date,
    }
    if message.edit_date:
        value["edit_date"] = message.edit_date
    answered = chat.message(message.reply_to) if message.reply_to else None
    if answered is not None:
        value["reply_to_message"] = message_json(state, bot, chat, answered)
    if "album" in message.content:
        value["media_group_id"] = message.content["album"]
    for item in message.items:
        value |= _item_json(item, message.sender_id)
    if message.text:
        value["caption" if message.items else "text"] = message.text
    command = None if message.from_bot or message.items else _COMMAND.match(message.text)
    if command:
        value["entities"] = [{"type": "bot_command", "offset": 0, "length": command.end()}]
    return {**value, "reply_markup": message.markup} if "inline_keyboard" in message.markup else value


def _file_json(file_id: str, size: int) -> Json:
    return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": size}


def _item_json(item: Item, sender_id: int) -> Json:
    """What goes with a message, under the key that the Bot API has for it."""
    file = _file_json(item.file_id, item.size)
    match item.kind:
        case "photo":
            small = _file_json(str(item.extra.get("small") or item.file_id), item.size)
            return {"photo": [{**small, "width": 90, "height": 68}, {**file, "width": 1280, "height": 960}]}
        case "contact":
            card: Json = {"phone_number": item.phone, "first_name": item.name}
            return {"contact": {**card, "user_id": sender_id} if item.own else card}
        case "location":
            return {"location": {"latitude": item.latitude, "longitude": item.longitude}}
        case "sticker":
            look = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular"}
            return {"sticker": {**file, **look, "emoji": item.extra.get("emoji", "")}}
        case "document":
            return {"document": {"file_name": item.name, "mime_type": item.mime, **file}}
        case "video":
            return {"video": {"width": 640, "height": 360, "duration": item.duration_s, "mime_type": item.mime, **file}}
        case "audio":
            return {"audio": {"duration": item.duration_s, "mime_type": item.mime, "file_name": item.name, **file}}
        case _:
            return {item.kind: {"duration": item.duration_s, "mime_type": item.mime, **file}}


def update_of(state: State, bot: Account, chat: Chat, act: Act) -> tuple[str, Json] | None:
    """The kind and the content of the update that tells of an act; None where Telegram tells nothing."""
    message = chat.message(act.message_id)
    match act.kind:
        case ActKind.START | ActKind.MESSAGE if message is not None:
            return "message", message_json(state, bot, chat, message)
        case ActKind.EDIT if message is not None:
            return "edited_message", message_json(state, bot, chat, message)
        case ActKind.TAP:
            return "callback_query", _tap_json(state, bot, chat, act)
        case ActKind.REACTION:
            return "message_reaction", _reaction_json(state, chat, act)
        case ActKind.BLOCK | ActKind.UNBLOCK:
            return "my_chat_member", _membership_json(state, bot, chat, act)
        case _:
            return None


def _tap_json(state: State, bot: Account, chat: Chat, act: Act) -> Json:
    tapped = chat.message(act.about_id)
    shown = message_json(state, bot, chat, tapped) if tapped else {"message_id": act.about_id, "date": 0}
    return {
        "id": act.callback_id,
        "from": user_of(state.people[act.user_id]),
        "message": shown,
        "chat_instance": f"-{act.user_id}{bot.bot_id}",
        "data": act.payload,
    }


def _reaction_json(state: State, chat: Chat, act: Act) -> Json:
    before, after = str(act.extra.get("before") or ""), act.text
    return {
        "chat": chat_json(state, chat),
        "message_id": act.about_id,
        "user": user_of(state.people[act.user_id]),
        "date": act.at_ms // 1000,
        "old_reaction": [{"type": "emoji", "emoji": before}] if before else [],
        "new_reaction": [{"type": "emoji", "emoji": after}] if after else [],
    }


def _membership_json(state: State, bot: Account, chat: Chat, act: Act) -> Json:
    kicked = {"user": bot_user(bot), "status": "kicked", "until_date": 0}
    member = {"user": bot_user(bot), "status": "member"}
    is_blocked = act.kind == ActKind.BLOCK
    return {
        "chat": chat_json(state, chat),
        "from": user_of(state.people[act.user_id]),
        "date": act.at_ms // 1000,
        "old_chat_member": member if is_blocked else kicked,
        "new_chat_member": kicked if is_blocked else member,
    }
