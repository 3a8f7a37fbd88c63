"""What WhatsApp tells webhooks of an act: the items of facts §4.3."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from salon.integrations.fakes import Account, Act, ActKind, Chat, Item, Message, Person, StoredFile
from salon.integrations.fakes.state import State

Json = dict[str, Any]
_FILES = {"voice": "audio", "audio": "audio", "photo": "image", "video": "video", "document": "document"}
_CODES = {
    "131026": "Message undeliverable",
    "131047": "Re-engagement message",
    "131049": "This message was not delivered to maintain healthy ecosystem engagement",
    "131050": "User has stopped receiving marketing messages",
}


def wa_id_of(person: Person) -> str:
    """The number, "" when the person hides it."""
    return "" if person.extra.get("hides_number") else str(person.extra["wa_id"])


class Teller:
    """Words of one account's events.

    Args:
        state: of the fake.
        account: whose webhook it is.
        chat: where it happened.
        link_of: the address of a file, "" where webhooks name none.
    """

    def __init__(self, state: State, account: Account, chat: Chat, link_of: Any) -> None:
        self._state = state
        self._account = account
        self._chat = chat
        self._link_of = link_of

    def person(self, act: Act) -> Person:
        """Whom the act is about."""
        return self._state.people[act.user_id or self._chat.user_id]

    def value(self, person: Person | None, **lists: Any) -> Json:
        """The `value` of a change."""
        value: Json = {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": self._account.settings["number"],
                "phone_number_id": self._account.external_id,
            },
        }
        if person is not None:
            number = wa_id_of(person)
            contact: Json = {"profile": {"name": person.full_name}, "user_id": person.external_id}
            value["contacts"] = [{**contact, "wa_id": number} if number else contact]
        return {**value, **lists}

    def message(self, act: Act) -> Json | None:
        """The item of `messages` that an act is; None for an act that is none."""
        match act.kind:
            case ActKind.MESSAGE | ActKind.START:
                written = self._chat.message(act.message_id) if act.message_id else None
                return None if written is None else {**self._head(act, written), **self._content(written)}
            case ActKind.EDIT:
                return self._about(act, "edit", act.message_id, message=self._text(act.message_id))
            case ActKind.DELETE:
                return self._about(act, "revoke", act.message_id)
            case ActKind.REACTION:
                about = self._chat.message(act.about_id)
                reaction = {"message_id": about.external_id if about else "", "emoji": act.text}
                return {**self._head(act), "type": "reaction", "reaction": reaction}
            case ActKind.TAP:
                return self._tap(act)
        return None

    def _head(self, act: Act, written: Message | None = None) -> Json:
        person = self.person(act)
        seconds = written.date if written else act.at_ms // 1000
        head: Json = {"from_user_id": person.external_id, "timestamp": str(seconds)}
        if wa_id_of(person):
            head["from"] = wa_id_of(person)
        head["id"] = written.external_id if written else self._new_id()
        if self._chat.is_group:
            head["group_id"] = self._chat.chat_id
        about = self._chat.message(written.reply_to) if written and written.reply_to else None
        if about is not None:
            head["context"] = {"from": self._account.settings["number"], "id": about.external_id}
        return head

    def _new_id(self) -> str:
        return wamid(self._account, self._account.count("act"), "A")

    def _about(self, act: Act, kind: str, number: int, **more: Any) -> Json:
        about = self._chat.message(number)
        return {
            **self._head(act),
            "type": kind,
            kind: {"original_message_id": about.external_id if about else "", **more},
        }

    def _text(self, number: int) -> Json:
        message = self._chat.message(number)
        return self._content(message) if message else {}

    def _content(self, message: Message) -> Json:
        if not message.items:
            return {"type": "text", "text": {"body": message.text}}
        item = message.items[0]
        if item.kind == "contact":
            return {"type": "contacts", "contacts": [_card(item)]}
        if item.kind == "location":
            return {"type": "location", "location": {"latitude": item.latitude, "longitude": item.longitude}}
        kind = _FILES.get(item.kind, item.kind)
        return {"type": kind, kind: self._file(item, message.text)}

    def _file(self, item: Item, caption: str) -> Json:
        file = self._state.files[item.file_id]
        found: Json = {"id": file.file_id, "mime_type": item.mime, "sha256": sha256_of(file)}
        if item.kind in {"voice", "audio"}:
            found |= {"voice": item.kind == "voice"}
            found["mime_type"] += "; codecs=opus" if item.kind == "voice" else ""
        if item.kind == "document":
            found["filename"] = item.name
        if caption:
            found["caption"] = caption
        link = self._link_of(file)
        return {**found, "url": link} if link else found

    def _tap(self, act: Act) -> Json:
        """A tapped button or a chosen row: a message of its own; of a screen that is out of date a nameless one."""
        written = self._chat.message(act.message_id) if act.message_id else None
        about = self._chat.message(act.about_id)
        head = self._head(act, written)
        head["context"] = {"from": self._account.settings["number"], "id": about.external_id if about else ""}
        title = act.text or act.payload
        if act.extra.get("of_template"):
            return {**head, "type": "button", "button": {"payload": act.payload, "text": title}}
        kind = "list_reply" if act.extra.get("kind") == "list" else "button_reply"
        reply = {"id": act.payload, "title": title}
        if act.extra.get("description"):
            reply["description"] = act.extra["description"]
        return {**head, "type": "interactive", "interactive": {"type": kind, kind: reply}}

    def status(self, act: Act, message: Message, word: str) -> Json:
        """An item of `statuses`."""
        person = self._state.people.get(self._chat.user_id)
        found: Json = {"id": message.external_id, "status": word, "timestamp": str(act.at_ms // 1000)}
        if person is None:
            found |= {"recipient_id": self._chat.chat_id, "recipient_type": "group"}
        elif wa_id_of(person):
            found["recipient_id"] = wa_id_of(person)
        else:
            found["recipient_user_id"] = person.external_id
        if message.content.get("reference"):
            found["biz_opaque_callback_data"] = message.content["reference"]
        if word == "failed":
            title = title_of(act.text)
            code = int(act.text) if act.text.isdecimal() else 131000
            found["errors"] = [{"code": code, "title": title, "message": title, "error_data": {"details": title}}]
        else:
            found["pricing"] = {"billable": False, "pricing_model": "PMP", "category": "service"}
        return found

    def echo(self, act: Act, message: Message) -> Json:
        """An item of `message_echoes`."""
        person = self.person(act)
        head = {"from": self._account.settings["number"], "to_user_id": person.external_id}
        return {
            **head,
            **({"to": wa_id_of(person)} if wa_id_of(person) else {}),
            "id": message.external_id,
            "timestamp": str(message.date),
            **self._content(message),
        }


def title_of(code: str) -> str:
    """What WhatsApp calls a failure."""
    return _CODES.get(code, "Something went wrong")


def wamid(account: Account, number: int, kind: str = "M") -> str:
    """An id that looks like WhatsApp's."""
    return "wamid." + base64.b64encode(f"HBgL{account.external_id}{kind}{number:08d}".encode()).decode()


def sha256_of(file: StoredFile) -> str:
    """The hash of a file, as webhooks write it."""
    return base64.b64encode(hashlib.sha256(file.data).digest()).decode()


def _card(item: Item) -> Json:
    phone: Json = {"phone": f"+{item.phone.lstrip('+')}", "type": "CELL"}
    digits = "".join(char for char in item.phone if char.isdecimal())
    if digits:
        phone["wa_id"] = digits
    return {"name": {"formatted_name": item.name, "first_name": item.name}, "phones": [phone]}
