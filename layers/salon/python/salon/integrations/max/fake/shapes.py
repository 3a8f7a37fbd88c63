"""What happened, as MAX's JSON."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from salon.integrations.fakes.dialect import ActKind
from salon.integrations.fakes.state import Account, Act, Chat, Item, Message, Person

if TYPE_CHECKING:
    from salon.integrations.max.fake.server import FakeMax

_MASK = 2**64 - 1
_Json = dict[str, Any]


def person_json(person: Person, now_ms: int) -> _Json:
    """A person."""
    value: _Json = {
        "user_id": int(person.external_id),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "is_bot": False,
        "last_activity_time": now_ms // 1000 * 1000,
        "name": person.full_name,
    }
    return {**value, "username": person.username} if person.username else value


def bot_json(account: Account, now_ms: int) -> _Json:
    """A bot, as the sender of its messages and as `GET /me` tells it."""
    return {
        "user_id": account.bot_id,
        "first_name": account.name,
        "username": account.username,
        "is_bot": True,
        "last_activity_time": now_ms,
        "name": account.name,
    }


def sequence(message: Message) -> int:
    """`seq`: its moment, and its number within it; an int64."""
    return (message.date_ms << 16) | (message.message_id & 0xFFFF)


def mid_of(chat_id: int, message: Message) -> str:
    """The message's id: the chat and the moment, in hexadecimal."""
    return f"mid.{chat_id & _MASK:016x}{sequence(message) & _MASK:016x}"


def message_json(world: FakeMax, account: Account, chat: Chat, message: Message, *, to_bot: bool = True) -> _Json:
    """The message; in a dialog `recipient.user_id` is whom it was written to."""
    now_ms = world.now_ms()
    recipient: _Json = {"chat_id": int(chat.chat_id), "chat_type": "chat" if chat.is_group else "dialog"}
    person = world.state.people.get(chat.user_id)
    if person is not None:
        recipient["user_id"] = int(person.external_id) if message.from_bot or not to_bot else account.bot_id
    sender = bot_json(account, now_ms)
    if not message.from_bot:
        sender = person_json(world.state.people[message.sender_id], now_ms)
    value: _Json = {
        "recipient": recipient,
        "timestamp": message.date_ms,
        "body": body_json(world, account, message),
        "sender": sender,
    }
    answered = chat.message(message.reply_to) if message.reply_to else None
    if answered is not None:
        about = message_json(world, account, chat, answered)
        value["link"] = {"type": "reply", "message": about["body"], "sender": about["sender"]}
    forwarded = message.content.get("forwarded")
    if forwarded:
        value["link"] = {"type": "forward", **forwarded}
        value["body"] = None if not message.text else value["body"]
    return value


def body_json(world: FakeMax, account: Account, message: Message) -> _Json:
    """What the message says, and what goes with it; without attachments there is no such key."""
    value: _Json = {"mid": message.external_id, "seq": sequence(message), "text": message.text}
    attachments = [item_json(world, account, message, item) for item in message.items]
    if message.markup:
        attachments.append({"type": "inline_keyboard", "payload": message.markup})
    return {**value, "attachments": attachments} if attachments else value


def item_json(world: FakeMax, account: Account, message: Message, item: Item) -> _Json:
    """One attachment."""
    token = item.extra.get("token") or hashlib.sha256(f"{account.key}:{item.file_id}".encode()).hexdigest()
    payload: _Json = {"token": token}
    if item.file_id:
        payload["url"] = world.link_to(item.file_id)
    match item.kind:
        case "voice":
            payload["id"] = int(item.file_id.removeprefix(world.file_prefix) or 0)
            return {"type": "audio", "payload": payload, "transcription": item.transcript or None}
        case "photo":
            number = int(item.file_id.removeprefix(world.file_prefix) or 0)
            return {"type": "image", "payload": {"photo_id": number, **payload}}
        case "document" | "audio":
            return {"type": "file", "payload": payload, "filename": item.name, "size": item.size}
        case "video":
            page = {**payload, "url": f"{world.base_url}/player/{token}"}
            size = {"width": 640, "height": 360, "duration": item.duration_s}
            return {"type": "video", "payload": page, "thumbnail": {"url": payload.get("url", "")}, **size}
        case "sticker":
            code = {"url": payload.get("url", ""), "code": f"sticker-{item.extra.get('emoji', '')}"}
            return {"type": "sticker", "payload": code, "width": 168, "height": 168}
        case "location":
            return {"type": "location", "latitude": item.latitude, "longitude": item.longitude}
        case "contact":
            return {"type": "contact", "payload": _card(world, account, message, item)}
        case _:
            return {"type": item.kind, "payload": payload}


def _card(world: FakeMax, account: Account, message: Message, item: Item) -> _Json:
    """A card; one that was shared by the key is vouched for by a digest made with the bot's token."""
    vcf = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:ez-vcard 0.10.3\r\n"
        f"TEL;TYPE=cell:{item.phone.removeprefix('+')}\r\nFN:{item.name}\r\nEND:VCARD\r\n"
    )
    if not item.own:
        return {"vcf_info": vcf}
    digest = hmac.new(account.token.encode(), vcf.encode(), hashlib.sha256).hexdigest()
    sender = person_json(world.state.people[message.sender_id], world.now_ms())
    return {"vcf_info": vcf, "hash": digest, "max_info": sender}


def happened(world: FakeMax, account: Account, chat: Chat, act: Act) -> list[_Json]:
    """The updates that MAX tells of an act; none for what it tells nobody: deliveries, readings, reactions."""
    person = world.state.people.get(act.user_id)
    locale = {"user_locale": person.language} if person and not chat.is_group else {}
    told = _told(world, account, chat, act)
    return [{**what, "timestamp": act.at_ms, **locale, "update_type": kind} for kind, what in told]


def _told(world: FakeMax, account: Account, chat: Chat, act: Act) -> list[tuple[str, _Json]]:
    """The kinds of the updates, and what they hold of their own."""
    message = chat.message(act.message_id) if act.message_id else None
    person = world.state.people.get(act.user_id)
    here: _Json = {"chat_id": int(chat.chat_id), "user": person_json(person, act.at_ms) if person else None}
    written = [("message_created", {"message": message_json(world, account, chat, message)})] if message else []
    match act.kind:
        case ActKind.START:
            return [("bot_started", {**here, **({"payload": act.text} if act.text else {})}), *written]
        case ActKind.MESSAGE | ActKind.ECHO:
            return written
        case ActKind.TAP:
            return written or _tapped(world, account, chat, act)
        case ActKind.EDIT:
            return [("message_edited", what) for _, what in written]
        case ActKind.DELETE if message is not None and person is not None:
            who = {"chat_id": int(chat.chat_id), "user_id": int(person.external_id)}
            return [("message_removed", {"message_id": message.external_id, **who})]
        case ActKind.BLOCK | ActKind.UNBLOCK:
            return [("bot_stopped" if act.kind == ActKind.BLOCK else "bot_started", here)]
        case ActKind.OTHER:
            return [(str(act.extra["update_type"]), {**here, **act.extra.get("with", {})})]
        case _:
            return []


def _tapped(world: FakeMax, account: Account, chat: Chat, act: Act) -> list[tuple[str, _Json]]:
    if act.extra.get("kind") != "callback":
        return []
    about = chat.message(act.about_id)
    tap = {
        "timestamp": act.at_ms,
        "callback_id": act.callback_id,
        "user": person_json(world.state.people[act.user_id], act.at_ms),
        "payload": act.payload,
    }
    shown = None if about is None or about.deleted else message_json(world, account, chat, about, to_bot=False)
    return [("message_callback", {"callback": tap, "message": shown})]
