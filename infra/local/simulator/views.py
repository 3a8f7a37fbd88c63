"""What the page is shown of a fake's state: JSON values without tokens."""

from __future__ import annotations

import time
from typing import Any

from salon.integrations.fakes.driving import Messenger
from salon.integrations.fakes.faults import Fault
from salon.integrations.fakes.state import Account, Chat, Item, Key, Message, Person
from salon.integrations.fakes.watching import Change

NAMES = {"telegram": "Telegram", "max": "MAX", "vk": "VK", "whatsapp": "WhatsApp", "instagram": "Instagram"}
_BESIDE_THE_BOX = frozenset({"text", "phone", "location"})  # kinds of keys that stand under the box one writes in


def channels(fakes: dict[str, Messenger]) -> dict[str, Any]:
    """Which messengers there are."""
    return {"channels": [{"id": name, "name": NAMES.get(name, name)} for name in fakes]}


def world(fake: Messenger) -> dict[str, Any]:
    """Accounts, people, and their chats with the last message each."""
    with fake.lock:
        state = fake.state
        return {
            "version": fake.version,
            "bots": [_account(fake, account) for account in state.accounts.values()],
            "people": [_person(person) for person in state.people.values()],
            "chats": [_chat(fake, chat) for chat in state.chats.values() if chat.messages and not chat.is_group],
            "faults": [_fault(fault) for fault in fake.faults],
            "cannot": dict(getattr(fake, "cannot", {})),
        }


def chat(fake: Messenger, account: Account, user_id: int) -> dict[str, Any]:
    """One chat with all its messages."""
    with fake.lock:
        the_chat = fake.chat_of(user_id, account)
        person = fake.state.people[user_id]
        waiting = [
            pending.message_id
            for (key, number, _), queue in fake.state.undelivered.items()
            for pending in queue
            if key == account.key and user_id in {number, pending.chat}
        ]
        held = [act.message_id for act in fake.state.held if act.chat == user_id and act.account == account.key]
        spinning = {
            (tap.message_id, tap.data): tap.callback_id
            for tap in fake.state.taps.values()
            if tap.account == account.key and tap.user_id == user_id and tap.answer is None and not tap.expired
        }
        return {
            **_chat(fake, the_chat),
            "offline": person.offline,
            "keyboard": [[_key(key, 0, {}) for key in row] for row in the_chat.keyboard],
            "keyboard_of": _keyboard_message(the_chat),
            "typing": the_chat.typing_until > time.monotonic(),
            "messages": [
                _message(fake, message, spinning, {*waiting, *held})
                for message in the_chat.messages
                if not message.deleted
            ],
        }


def change(fake: Messenger, item: Change) -> dict[str, Any]:
    """A change as the page hears of it."""
    account = fake.state.accounts.get(item.account)
    return {
        "version": item.version,
        "kind": item.kind,
        "bot": account.external_id if account else "",
        "user": item.user_id,
        **{name: value for name, value in item.details.items() if isinstance(value, str | int | bool)},
    }


def _account(fake: Messenger, account: Account) -> dict[str, Any]:
    pending = sum(len(queue) for (key, _, _), queue in fake.state.undelivered.items() if key == account.key)
    return {
        "id": account.external_id,
        "name": account.name,
        "username": account.username,
        "webhook": account.webhook_url,
        "pending": pending,
        "last_error": account.last_error,
        "last_error_at": account.last_error_at,
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.user_id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone": person.phone,
        "deactivated": person.deactivated,
        "offline": person.offline,
    }


def _chat(fake: Messenger, the_chat: Chat) -> dict[str, Any]:
    last = next((message for message in reversed(the_chat.messages) if not message.deleted), None)
    account = fake.state.accounts[the_chat.account]
    return {
        "bot": account.external_id,
        "user": the_chat.user_id,
        "started": the_chat.started,
        "blocked": the_chat.blocked,
        "last": _message(fake, last, {}, set()) if last else None,
    }


def _message(
    fake: Messenger, message: Message, spinning: dict[tuple[int, str], str], undelivered: set[int]
) -> dict[str, Any]:
    rows = [
        [_key(key, message.message_id, spinning) for key in row if key.get("kind") not in _BESIDE_THE_BOX]
        for row in message.buttons
    ]
    return {
        "id": message.message_id,
        "from_bot": message.from_bot,
        "by_human": message.by_human,
        "date": message.date,
        "edited": message.edit_date > 0 and bool(message.history),
        "text": message.text,
        "media": _media(fake, message.items[0]) if message.items else None,
        "buttons": [row for row in rows if row],
        "delivered": message.message_id not in undelivered,
        "status": message.status,
        "reactions": sorted(set(message.reactions.values())),
    }


def _keyboard_message(the_chat: Chat) -> int:
    """The message that brought the keys under the box, 0 when there are none."""
    kinds = (
        (message.message_id, {key.get("kind") for row in message.buttons for key in row})
        for message in the_chat.messages
    )
    return max((number for number, found in kinds if found & _BESIDE_THE_BOX), default=0)


def _key(key: Key, message_id: int, spinning: dict[tuple[int, str], str]) -> dict[str, Any]:
    return {
        "text": str(key.get("text", "")),
        "data": str(key.get("payload", "")),
        "url": str(key.get("url", "")),
        "kind": str(key.get("kind", "")),
        "busy": (message_id, key.get("payload")) in spinning,
    }


def _media(fake: Messenger, item: Item) -> dict[str, Any]:
    kind = {"audio": "voice", "video": "document"}.get(item.kind, item.kind)
    stored = fake.state.files.get(item.file_id)
    match kind:
        case "voice":
            return {"kind": kind, "file": item.file_id, "duration": item.duration_s or 3}
        case "photo":
            return {"kind": kind, "file": item.file_id}
        case "document":
            name = item.name or (stored.name if stored else "")
            return {"kind": kind, "file": item.file_id, "name": name, "size": item.size}
        case "contact":
            return {"kind": kind, "name": item.name, "phone": item.phone}
        case "location":
            return {"kind": kind, "latitude": item.latitude, "longitude": item.longitude}
        case _:
            return {"kind": "sticker", "name": item.name or kind}


def _fault(fault: Fault) -> dict[str, Any]:
    return {"kind": fault.kind.value, "left": fault.left}
