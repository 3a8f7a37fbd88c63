"""What happened, as VK's JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from salon.integrations.fakes.dialect import ActKind
from salon.integrations.fakes.state import Account, Act, Chat, Item, Message
from salon.integrations.vk.payloads.buttons import wrapped

if TYPE_CHECKING:
    from salon.integrations.vk.fake.server import FakeVk

REACTIONS = dict(zip("❤🔥😂👍💩❓😭😡👎👌😃🤔🙏😘😍🎉", range(1, 17), strict=True))
ADMIN_ID = 77_007  # the human of the salon who answers in VK's own inbox
NEW_APP: dict[str, Any] = {
    "button_actions": ["text", "vkpay", "open_app", "location", "open_link", "callback", "intent_subscribe"],
    "keyboard": True,
    "inline_keyboard": True,
    "carousel": True,
    "lang_id": 0,
}
OLD_APP: dict[str, Any] = {
    "button_actions": ["text"],
    "keyboard": True,
    "inline_keyboard": False,
    "carousel": False,
    "lang_id": 0,
}


def number_in_chat(message: Message) -> int:
    """`conversation_message_id`."""
    return int(message.external_id.rpartition(":")[2])


def message_json(world: FakeVk, account: Account, chat: Chat, message: Message) -> dict[str, Any]:
    """The message as VK has it; in a group chat its `id` is 0."""
    group = int(account.external_id)
    value: dict[str, Any] = {
        "date": message.date,
        "from_id": -group if message.from_bot else message.sender_id,
        "id": 0 if chat.is_group else message.message_id,
        "out": int(message.from_bot),
        "version": 10_000 + message.message_id,
        "attachments": [made for item in message.items if (made := item_json(world, item))],
        "conversation_message_id": number_in_chat(message),
        "fwd_messages": [],
        "important": False,
        "is_hidden": False,
        "peer_id": int(chat.chat_id),
        "random_id": message.content.get("random_id", 0),
        "text": message.text,
    }
    value |= {name: message.content[name] for name in ("payload", "ref", "ref_source") if message.content.get(name)}
    place = next((item for item in message.items if item.kind == "location"), None)
    if place is not None:
        at = {"latitude": place.latitude, "longitude": place.longitude}
        value["geo"] = {"type": "point", "coordinates": at, "showmap": 1}
    answered = chat.message(message.reply_to) if message.reply_to else None
    if answered is not None and not message.content.get("payload"):
        value["reply_message"] = message_json(world, account, chat, answered)
    if message.edit_date:
        value["update_time"] = message.edit_date
    if message.by_human:
        value["admin_author_id"] = ADMIN_ID
    if message.markup.get("inline"):
        value["keyboard"] = message.markup
    return value


def item_json(world: FakeVk, item: Item) -> dict[str, Any]:
    """An attachment; {} for what lies beside the attachments."""
    owner, number = item.extra.get("owner_id", 5), item.extra.get("id", 457_239_017)
    named = {"id": number, "owner_id": owner, "access_key": item.extra.get("access_key", "8d73b853538b295088")}
    match item.kind:
        case "voice":
            spoken = {
                "duration": item.duration_s,
                "link_mp3": world.link_to(item.file_id, format="mp3"),
                "waveform": [0, 5, 9],
            }
            spoken["link_ogg"] = world.link_to(item.file_id)
            if item.transcript:
                spoken |= {"transcript": item.transcript, "transcript_state": "done"}
            return {"type": "audio_message", "audio_message": {**named, **spoken}}
        case "photo":
            widths = (("s", 75, 56), ("w", 1280, 960), ("m", 130, 98))
            sizes = [
                {"type": kind, "url": world.link_to(item.file_id, size=f"{width}x{height}"), "width": width}
                | {"height": height}
                for kind, width, height in widths
            ]
            return {"type": "photo", "photo": {**named, "album_id": -3, "text": "", "sizes": sizes}}
        case "document":
            ending = item.name.rpartition(".")[2] if "." in item.name else "bin"
            about = {
                "title": item.name,
                "size": item.size,
                "ext": ending,
                "type": 1,
                "url": world.page_of(item.file_id),
            }
            return {"type": "doc", "doc": {**named, **about}}
        case "audio":
            about = {"artist": "Исполнитель", "title": item.name, "duration": item.duration_s}
            return {"type": "audio", "audio": {**named, **about, "url": world.link_to(item.file_id, format="mp3")}}
        case "video":
            return {"type": "video", "video": {**named, "title": item.name, "duration": item.duration_s}}
        case "sticker":
            images = [
                {"url": world.link_to(item.file_id, size=str(side)), "width": side, "height": side}
                for side in (64, 512)
            ]
            return {"type": "sticker", "sticker": {"product_id": 1, "sticker_id": 2, "images": images}}
        case _:
            return {}


def happened(world: FakeVk, account: Account, chat: Chat, act: Act) -> tuple[str, dict[str, Any]] | None:
    """VK's name of what happened, and its object; None for what VK tells nobody."""
    message = chat.message(act.message_id) if act.message_id else None
    peer = int(chat.chat_id)
    match act.kind:
        case ActKind.START | ActKind.MESSAGE if message is not None:
            if act.kind == ActKind.START:
                message.content |= {"payload": '{"command":"start"}', "ref": act.text}
            return "message_new", _new(world, account, chat, message, act.user_id)
        case ActKind.TAP:
            return _tapped(world, account, chat, act, message)
        case ActKind.EDIT if message is not None:
            return "message_edit", message_json(world, account, chat, message)
        case ActKind.SENT | ActKind.ECHO if message is not None:
            return "message_reply", message_json(world, account, chat, message)
        case ActKind.REACTION:
            about = chat.message(act.about_id)
            value = {"reacted_id": act.user_id, "peer_id": peer, "cmid": number_in_chat(about) if about else 0}
            return "message_reaction_event", value | ({"reaction_id": REACTIONS[act.text]} if act.text else {})
        case ActKind.READ if message is not None:
            value = {"from_id": act.user_id, "peer_id": peer, "read_message_id": message.message_id}
            return "message_read", {**value, "conversation_message_id": number_in_chat(message)}
        case ActKind.BLOCK | ActKind.UNBLOCK:
            allows = act.kind == ActKind.UNBLOCK
            return ("message_allow" if allows else "message_deny"), {"user_id": act.user_id, "key": ""}
        case _:
            return None


def _new(world: FakeVk, account: Account, chat: Chat, message: Message, person: int) -> dict[str, Any]:
    app = world.state.people[person].extra.get("client_info", NEW_APP)
    return {"message": message_json(world, account, chat, message), "client_info": app}


def _tapped(
    world: FakeVk, account: Account, chat: Chat, act: Act, written: Message | None
) -> tuple[str, dict[str, Any]]:
    sent = str(act.extra.get("json") or wrapped(act.payload))  # a stale tap names what our button carried
    if written is not None:  # a key that writes its label
        written.content["payload"] = sent
        return "message_new", _new(world, account, chat, written, act.user_id)
    about = chat.message(act.about_id)
    value = {
        "user_id": act.user_id,
        "peer_id": int(chat.chat_id),
        "event_id": act.callback_id,
        "payload": json.loads(sent),  # an object, whatever the schema says
        "conversation_message_id": number_in_chat(about) if about else 0,
    }
    return "message_event", value
