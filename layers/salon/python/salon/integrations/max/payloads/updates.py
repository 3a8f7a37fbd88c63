"""An `Update` of MAX's in our words. Bodies come from outside: every field may be missing, null or of another type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from salon.integrations.max.payloads.contents import attachments_in, text_in
from salon.integrations.wire import (
    dict_of,
    digest_id,
    id_of,
    instant_of,
    list_of,
    load_object,
    text_of,
    whole_of,
    word_of,
)
from salon.messaging.domain import Channel, EventKind, InboundEvent, WireEvent

USER_CHAT = "user:"
"""Before a person's id it names the chat with them where MAX told no number of the chat: it takes either address."""
_ID_LIMIT = 400  # characters; ids of taps have some 120
_NAME_LIMIT = 256
_START = re.compile(r"/start(?:@\w{1,64})?(?:\s+(?P<param>\S.*)?)?\Z", re.DOTALL)
_START_PARAM = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
# Kinds that we know and have nothing to do with; others are "unknown kind of update", which somebody should look at.
# That the bot was stopped, or the dialog deleted, says nothing of who can be reached: many of those were written to
# for weeks after (facts §2.4). The answer to a send tells.
_NOT_FOR_US = {
    "bot_stopped": "the person stopped the bot",
    "dialog_removed": "the person deleted the dialog",
    "dialog_cleared": "the person cleared the dialog",
    "dialog_muted": "the person muted the dialog",
    "dialog_unmuted": "the person unmuted the dialog",
    "bot_added": "added to a group chat",
    "bot_removed": "removed from a group chat",
    "user_added": "somebody joined a group chat",
    "user_removed": "somebody left a group chat",
    "chat_title_changed": "a group chat's title",
    "message_chat_created": "a chat made by a button",
    "comment_created": "a comment in a channel",
    "comment_edited": "a comment in a channel",
    "comment_removed": "a comment in a channel",
}

_Update = dict[str, Any]


def unpack(body: bytes) -> tuple[WireEvent, ...]:
    """The updates in a body: one, or those of the long-poll form."""
    update = load_object(body)
    inner = _inner(update)
    if update is None or not inner:
        return (WireEvent(_key(update or {}, body), _conversation(update or {}), body),)
    found = []
    for one in inner:
        try:
            alone = json.dumps(one, separators=(",", ":")).encode()
        except (ValueError, RecursionError):  # nested so deeply that it can be read and not written
            return (WireEvent(digest_id(body), "", body),)
        # Read again, as `normalise` will: what is written is what counts.
        again = load_object(alone) or {}
        found.append(WireEvent(_key(again, alone), _conversation(again), alone))
    return tuple(found)


def normalise(body: bytes, *, bot_id: str = "", token: str = "") -> InboundEvent:
    """The update as an event; what cannot be read, or is none of our business, is IGNORED with a reason.

    Args:
        body: one update; of the long-poll form the first is read.
        bot_id: our bot's, "" when it is not known.
        token: the bot's, by which MAX vouches for a contact.
    """
    update = load_object(body)
    if update is None:
        return InboundEvent(Channel.MAX, digest_id(body), EventKind.IGNORED, why_ignored="not a JSON object")
    if _inner(update):
        first = unpack(body)[0]
        update, body = load_object(first.body) or {}, first.body
    return _Reader(update, _key(update, body), bot_id, token).event()


def _inner(update: _Update | None) -> list[Any]:
    """What the long-poll form holds; empty for an update."""
    if update is None or isinstance(update.get("update_type"), str):
        return []
    return list_of(update.get("updates"))


def _key(update: _Update, body: bytes) -> str:
    """What tells an update from all others (facts §2.3); a digest of the body where it has too little of its own."""
    kind, at = text_of(update.get("update_type"), limit=64), id_of(update.get("timestamp"))
    message = dict_of(update.get("message"))
    parts: tuple[str, ...]
    match kind:
        case "message_created" if _mid(message):
            parts = (_mid(message),)
        case "message_created":  # passed on without a word: it has no body of its own
            sender = id_of(dict_of(message.get("sender")).get("user_id"))
            linked = text_of(dict_of(dict_of(message.get("link")).get("message")).get("mid"))
            parts = ("forward", at, _chat(dict_of(message.get("recipient"))), sender, linked)
        case "message_edited":
            parts = ("edited", _mid(message), at)
        case "message_callback":
            tap = dict_of(update.get("callback"))
            parts = ("tap", text_of(tap.get("callback_id")), id_of(tap.get("timestamp")))
        case "message_removed":
            parts = ("removed", text_of(update.get("message_id")), at)
        case _:
            people = (dict_of(update.get("user")).get("user_id"), update.get("user_id"))
            parts = (kind, at, _chat(update), ".".join(id_of(person) for person in people).strip("."))
    key = ":".join(parts)
    return key if all(parts) and len(key) <= _ID_LIMIT else digest_id(body)


def _conversation(update: _Update) -> str:
    """The chat that an update belongs to, "" when it has none."""
    return _Reader(update, "", "", "").chat_id if isinstance(update.get("update_type"), str) else ""


def _mid(message: _Update) -> str:
    mid = text_of(dict_of(message.get("body")).get("mid"))
    return mid if len(mid) <= _ID_LIMIT else ""


def _chat(holder: _Update) -> str:
    chat = id_of(holder.get("chat_id"))
    return "" if chat == "0" else chat


def _moment(milliseconds: object) -> datetime | None:
    whole = whole_of(milliseconds)
    at = instant_of(whole // 1000) if whole else None
    return at + timedelta(milliseconds=(whole or 0) % 1000) if at else None


class _Reader:
    """One update, and what is in it."""

    def __init__(self, update: _Update, key: str, bot_id: str, token: str) -> None:
        self._update, self._key, self._bot_id, self._token = update, key, bot_id, token
        self._kind = text_of(update.get("update_type"), limit=64)
        self._message = dict_of(update.get("message"))
        self._recipient = dict_of(self._message.get("recipient"))

    def event(self) -> InboundEvent:
        """The update in our words."""
        readers: dict[str, Callable[[], InboundEvent]] = {
            "message_created": self._read_message,
            "message_edited": self._read_edit,
            "message_callback": self._read_tap,
            "message_removed": self._read_removal,
            "bot_started": self._read_start,
        }
        read = readers.get(self._kind)
        return self._ignored(_NOT_FOR_US.get(self._kind, "unknown kind of update")) if read is None else read()

    @property
    def chat_id(self) -> str:
        """Where an answer goes: the chat's number, or the person's own where MAX told no chat."""
        chat = _chat(self._recipient) or _chat(self._update)
        if chat or self._is_group_by_type():
            return chat
        person = id_of(self._person().get("user_id"))
        if self._person().get("is_bot") is True and self._kind != "message_callback":
            person = id_of(self._recipient.get("user_id"))  # whom the bot wrote to
        has_chat = self._kind in {"message_created", "message_edited", "message_callback", "bot_started"}
        return f"{USER_CHAT}{person}" if has_chat and person else ""

    def _is_group_by_type(self) -> bool:
        return text_of(self._recipient.get("chat_type")) in {"chat", "channel"}

    def _is_group(self) -> bool:
        """Whether more than one reads the chat: as MAX says, otherwise by the sign of the chat's number."""
        kind = text_of(self._recipient.get("chat_type"))
        return kind != "dialog" if kind else self.chat_id.startswith("-")

    def _person(self) -> _Update:
        """Who did it."""
        match self._kind:
            case "message_callback":
                return dict_of(dict_of(self._update.get("callback")).get("user"))
            case "message_created" | "message_edited":
                return dict_of(self._message.get("sender"))
            case _:
                return dict_of(self._update.get("user")) or {"user_id": self._update.get("user_id")}

    def _is_by_bot(self) -> bool:
        person = self._person()
        return person.get("is_bot") is True or (bool(self._bot_id) and id_of(person.get("user_id")) == self._bot_id)

    def _make(self, kind: EventKind, **known: Any) -> InboundEvent:
        person = self._person()
        parts = (text_of(person.get(part)).strip() for part in ("first_name", "last_name"))
        name = " ".join(part for part in parts if part) or text_of(person.get("name")).strip()
        everything: dict[str, Any] = {
            "chat_id": self.chat_id,
            "user_id": id_of(person.get("user_id")),
            "is_group": self._is_group(),
            "display_name": name[:_NAME_LIMIT],
            "language": word_of(text_of(self._update.get("user_locale"), limit=16)),
            "sent_at": _moment(self._update.get("timestamp")),
            **known,
        }
        return InboundEvent(channel=Channel.MAX, external_id=self._key, kind=kind, **everything)

    def _ignored(self, why: str, **known: Any) -> InboundEvent:
        return self._make(EventKind.IGNORED, why_ignored=why, **known)

    def _read_message(self) -> InboundEvent:
        text, attachments = text_in(self._message), attachments_in(self._message, token=self._token)
        sent_at = _moment(self._message.get("timestamp")) or _moment(self._update.get("timestamp"))
        said: dict[str, Any] = {"message_id": _mid(self._message) or None, "sent_at": sent_at}
        why = self._why_foreign()
        if why is None and not text.strip() and not attachments:
            why = "an empty message"
        if why is not None:
            return self._ignored(why, **said)
        said |= {"text": text, "attachments": attachments, "reply_to": self._answered()}
        if self._is_by_bot():
            # Written in the bot's name: by a call of ours, or by a manager in an application of MAX's. It does not say.
            person = id_of(self._recipient.get("user_id"))
            said |= {"user_id": "" if self._is_group() else person, "display_name": "", "language": None}
            return self._make(EventKind.ECHO, **said)
        start = _START.match(text)
        if start is None:
            return self._make(EventKind.MESSAGE, **said)
        return self._make(EventKind.START, start_param=_param((start["param"] or "").strip()), **said)

    def _why_foreign(self) -> str | None:
        """Why a message is not for us, or None when it is."""
        if not id_of(self._person().get("user_id")):
            return "no sender"
        if not self.chat_id:
            return "no chat"
        if text_of(self._recipient.get("chat_type")) == "channel":
            return "channel"
        is_ours = bool(self._bot_id) and id_of(self._person().get("user_id")) == self._bot_id
        if self._is_by_bot() and self._is_group() and not is_ours:
            return "sent by a bot"
        return None

    def _answered(self) -> str | None:
        link = dict_of(self._message.get("link"))
        if text_of(link.get("type")) != "reply":
            return None
        return word_of(text_of(dict_of(link.get("message")).get("mid"), limit=_ID_LIMIT))

    def _read_edit(self) -> InboundEvent:
        mid = _mid(self._message)
        why = "an edit of a bot's message" if self._is_by_bot() else self._why_foreign()
        if why is not None or not mid:
            return self._ignored(why or "an edit of nothing", message_id=mid or None)
        return self._make(
            EventKind.EDIT,
            text=text_in(self._message),
            attachments=attachments_in(self._message, token=self._token),
            message_id=mid,
            reply_to=mid,
        )

    def _read_tap(self) -> InboundEvent:
        """A tap on a button. Its message is null where it was deleted meanwhile."""
        tap = dict_of(self._update.get("callback"))
        callback_id, payload = text_of(tap.get("callback_id")), tap.get("payload")
        known: dict[str, Any] = {
            "callback_id": callback_id if 0 < len(callback_id) <= _ID_LIMIT else None,
            "message_id": _mid(self._message) or None,
            "sent_at": _moment(tap.get("timestamp")) or _moment(self._update.get("timestamp")),
        }
        if not id_of(self._person().get("user_id")):
            return self._ignored("a tap of nobody", **known)
        if known["callback_id"] is None or not text_of(payload):
            return self._ignored("a tap without data", **known)
        return self._make(EventKind.CALLBACK, payload=text_of(payload), **known)

    def _read_removal(self) -> InboundEvent:
        mid = text_of(self._update.get("message_id"), limit=_ID_LIMIT)
        if not mid or not self.chat_id:
            return self._ignored("a removal of nothing")
        if self._is_by_bot():
            return self._ignored("removed by the bot", message_id=mid)
        return self._make(EventKind.DELETED, message_id=mid, reply_to=mid)

    def _read_start(self) -> InboundEvent:
        if not id_of(self._person().get("user_id")):
            return self._ignored("no sender")
        return self._make(EventKind.START, start_param=_param(text_of(self._update.get("payload"))))


def _param(told: str) -> str | None:
    return told if _START_PARAM.match(told) else None
