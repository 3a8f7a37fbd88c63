"""What the page is shown of the fake's state: JSON values without tokens."""

from __future__ import annotations

import time
from typing import Any

from salon.integrations.telegram.fake import Bot, Chat, FakeTelegram, Message, Person
from salon.integrations.telegram.fake.faults import Fault
from salon.integrations.telegram.fake.world import Change


def world(fake: FakeTelegram) -> dict[str, Any]:
    """Bots, people, and their chats with the last message each."""
    with fake.lock:
        state = fake.state
        return {
            "version": fake.version,
            "bots": [_bot(fake, bot) for bot in state.bots.values()],
            "people": [_person(person) for person in state.people.values()],
            "chats": [_chat(fake, chat) for chat in state.chats.values() if chat.messages],
            "faults": [_fault(fault) for fault in fake.faults],
        }


def chat(fake: FakeTelegram, bot: Bot, user_id: int) -> dict[str, Any]:
    """One chat with all its messages."""
    with fake.lock:
        the_chat = fake.chat_of(user_id, bot)
        waiting = fake.state.undelivered.get((bot.token, user_id), [])
        spinning = {
            (tap.message_id, tap.data): tap.callback_id
            for tap in fake.state.taps.values()
            if tap.token == bot.token and tap.user_id == user_id and tap.answer is None and not tap.expired
        }
        undelivered = {update.message_id for update in waiting if update.message_id}
        return {
            **_chat(fake, the_chat),
            "asks_phone": bool(the_chat.reply_keyboard),
            "phone_label": _phone_label(the_chat),
            "typing": the_chat.typing_until > time.monotonic(),
            "messages": [_message(message, spinning, undelivered) for message in the_chat.messages],
        }


def change(fake: FakeTelegram, item: Change) -> dict[str, Any]:
    """A change as the page hears of it."""
    bot = fake.state.bots.get(item.token)
    return {
        "version": item.version,
        "kind": item.kind,
        "bot": bot.bot_id if bot else 0,
        "user": item.user_id,
        **item.details,
    }


def _bot(fake: FakeTelegram, bot: Bot) -> dict[str, Any]:
    return {
        "id": bot.bot_id,
        "name": bot.name,
        "username": bot.username,
        "webhook": bot.webhook_url,
        "pending": fake.deliveries.pending(bot.token),
        "last_error": bot.last_error,
        "last_error_at": bot.last_error_at,
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.user_id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone": person.phone,
        "deactivated": person.deactivated,
    }


def _chat(fake: FakeTelegram, the_chat: Chat) -> dict[str, Any]:
    last = the_chat.messages[-1] if the_chat.messages else None
    return {
        "bot": fake.state.bots[the_chat.token].bot_id,
        "user": the_chat.user_id,
        "started": the_chat.started,
        "blocked": the_chat.blocked,
        "last": _message(last, {}, set()) if last else None,
    }


def _message(message: Message, spinning: dict[tuple[int, str], str], undelivered: set[int]) -> dict[str, Any]:
    rows = [
        [
            {
                "text": str(button.get("text", "")),
                "data": str(button.get("callback_data", "")),
                "url": str(button.get("url", "")),
                "busy": (message.message_id, button.get("callback_data")) in spinning,
            }
            for button in row
        ]
        for row in message.buttons
    ]
    return {
        "id": message.message_id,
        "from_bot": message.from_bot,
        "date": message.date,
        "edited": message.edit_date > 0 and bool(message.history),
        "text": message.text,
        "media": _media(message.content),
        "buttons": rows,
        "delivered": message.message_id not in undelivered,
    }


def _media(content: dict[str, Any]) -> dict[str, Any] | None:
    if "voice" in content:
        return {"kind": "voice", "file": content["voice"]["file_id"], "duration": content["voice"]["duration"]}
    if "photo" in content:
        return {"kind": "photo", "file": content["photo"][-1]["file_id"]}
    if "document" in content:
        document = content["document"]
        return {
            "kind": "document",
            "file": document["file_id"],
            "name": document.get("file_name", ""),
            "size": document.get("file_size", 0),
        }
    if "contact" in content:
        card = content["contact"]
        return {"kind": "contact", "name": card["first_name"], "phone": card["phone_number"]}
    if "location" in content:
        return {"kind": "location", **content["location"]}
    return None


def _phone_label(the_chat: Chat) -> str:
    keys = [key for row in the_chat.reply_keyboard.get("keyboard", []) for key in row]
    return next((str(key.get("text", "")) for key in keys if key.get("request_contact")), "")


def _fault(fault: Fault) -> dict[str, Any]:
    return {"kind": fault.kind.value, "left": fault.left}
