"""What Instagram tells webhooks of an act: the items of facts §5.3."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from salon.integrations.fakes import Account, Act, ActKind, Chat, Item, Message, Person, StoredFile

Json = dict[str, Any]
_KINDS = {"voice": "audio", "photo": "image", "video": "video", "document": "file", "sticker": "like_heart"}
_LOVE = "❤"


class Teller:
    """Words of one account's events.

    Args:
        account: whose webhook it is.
        chat: where it happened.
        person: the one on the other side.
        link_of: the address of a file.
    """

    def __init__(self, account: Account, chat: Chat, person: Person, link_of: Callable[[Item], str]) -> None:
        self._account = account
        self._chat = chat
        self._person = person
        self._link_of = link_of

    def item(self, act: Act) -> tuple[str, Json] | None:
        """The field that an act belongs to, and the item; None for what Instagram does not tell."""
        message = self._chat.message(act.message_id) if act.message_id else None
        found: tuple[str, Json] | None = None
        match act.kind:
            case ActKind.MESSAGE if message is not None:
                found = "messages", self._from_person(act, message=self.content(message))
            case ActKind.START if act.text:
                referral = {"ref": act.text, "source": "SHORTLINK", "type": "OPEN_THREAD"}
                found = "messaging_referral", self._from_person(act, referral=referral)
            case ActKind.EDIT if message is not None:
                edit = {"mid": message.external_id, "text": message.text, "num_edit": len(message.history)}
                found = "message_edit", self._from_person(act, message_edit=edit)
            case ActKind.DELETE if message is not None:
                found = "messages", self._from_person(act, message={"mid": message.external_id, "is_deleted": True})
            case ActKind.REACTION:
                found = "message_reactions", self._from_person(act, reaction=self._reaction(act))
            case ActKind.TAP:
                found = self._tap(act, message)
            case ActKind.READ if message is not None:
                found = "messaging_seen", self._from_person(act, read={"mid": message.external_id})
            case ActKind.SENT | ActKind.ECHO if message is not None:
                found = "messages", self._echo(act, message)
        return found

    def content(self, message: Message) -> Json:
        """A `message`."""
        found: Json = {"mid": message.external_id}
        if message.text:
            found["text"] = message.text
        if message.items:
            found["attachments"] = [self._attachment(item) for item in message.items]
        about = self._chat.message(message.reply_to) if message.reply_to else None
        if about is not None:
            found["reply_to"] = {"mid": about.external_id}
        return found

    def _attachment(self, item: Item) -> Json:
        return {"type": _KINDS.get(item.kind, item.kind), "payload": {"url": self._link_of(item)}}

    def _reaction(self, act: Act) -> Json:
        about = self._chat.message(act.about_id)
        found: Json = {"mid": about.external_id if about else "", "action": "react" if act.text else "unreact"}
        if act.text:
            found |= {"reaction": "love" if act.text == _LOVE else "other", "emoji": act.text}
        return found

    def _tap(self, act: Act, written: Message | None) -> tuple[str, Json]:
        mid = written.external_id if written else mid_of(self._account, self._account.count("act"), "T")
        title = act.text or act.payload
        if act.extra.get("kind") == "postback":
            postback = {"mid": mid, "title": title, "payload": act.payload}
            return "messaging_postbacks", self._from_person(act, postback=postback)
        quick = {"mid": mid, "text": title, "quick_reply": {"payload": act.payload}}
        return "messages", self._from_person(act, message=quick)

    def _from_person(self, act: Act, **content: Json) -> Json:
        sides = {"sender": {"id": self._person.external_id}, "recipient": {"id": self._account.external_id}}
        return {**sides, "timestamp": act.at_ms, **content}

    def _echo(self, act: Act, message: Message) -> Json:
        content = {**self.content(message), "is_echo": True}
        content.pop("reply_to", None)
        if not message.by_human:
            content["app_id"] = self._account.settings["app_id"]
        sides = {"sender": {"id": self._account.external_id}, "recipient": {"id": self._person.external_id}}
        return {**sides, "timestamp": act.at_ms, "message": content}


def mid_of(account: Account, number: int, kind: str = "M") -> str:
    """An id that looks like Instagram's: long, and the same for nobody else."""
    said = f"ig_dm_message:{account.external_id}:{kind}{number:012d}:{'0' * 60}"
    return "aWdf" + base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def link_path(file: StoredFile, seal: str) -> str:
    """Where a file lies, for everybody who knows the address."""
    return f"/ig_messaging_cdn/?asset_id={file.file_id}&signature={seal}"
