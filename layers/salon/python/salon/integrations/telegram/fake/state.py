"""What the fake remembers: bots, people, their chats, files. Plain data that survives as JSON."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Bot:
    """A bot and its webhook."""

    token: str
    bot_id: int
    username: str
    name: str
    webhook_url: str = ""
    webhook_secret: str = ""
    allowed_updates: list[str] = field(default_factory=list)
    max_connections: int = 40
    last_error_at: int = 0
    last_error: str = ""
    next_update_id: int = 1
    next_message_id: int = 1

    def as_user(self) -> dict[str, Any]:
        """The bot as a `User`."""
        return {"id": self.bot_id, "is_bot": True, "first_name": self.name, "username": self.username}


@dataclass(slots=True)
class Person:
    """Somebody with a phone and the messenger on it."""

    user_id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    phone: str = ""
    language: str = "ru"
    deactivated: bool = False

    def as_user(self) -> dict[str, Any]:
        """The person as a `User`: what is empty is left out, as the real server does."""
        user: dict[str, Any] = {
            "id": self.user_id,
            "is_bot": False,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "username": self.username,
            "language_code": self.language,
        }
        return {key: value for key, value in user.items() if value != ""}

    def as_chat(self) -> dict[str, Any]:
        """The person's private chat as a `Chat`."""
        user = self.as_user()
        kept: dict[str, Any] = {key: user[key] for key in ("id", "first_name", "last_name", "username") if key in user}
        return {**kept, "type": "private"}


@dataclass(slots=True)
class Message:
    """A message in a chat.

    Attributes:
        content: the fields of a `Message` that say what it is: text, voice, photo, contact, entities…
        markup: the keyboard under it, as the bot sent it.
        history: the texts it had before it was edited.
    """

    message_id: int
    from_bot: bool
    date: int
    content: dict[str, Any]
    edit_date: int = 0
    markup: dict[str, Any] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says: the text, or the caption of a file."""
        return str(self.content.get("text") or self.content.get("caption") or "")

    @property
    def buttons(self) -> list[list[dict[str, Any]]]:
        """Rows of inline buttons."""
        return list(self.markup.get("inline_keyboard", []))

    @property
    def button_texts(self) -> list[str]:
        """What the inline buttons say, row after row."""
        return [button["text"] for row in self.buttons for button in row]

    @property
    def asks_phone(self) -> bool:
        """Whether it offers the button that shares the person's number."""
        return any(key.get("request_contact") for row in self.markup.get("keyboard", []) for key in row)


@dataclass(slots=True)
class Chat:
    """The private chat of a person with a bot."""

    token: str
    user_id: int
    started: bool = False
    blocked: bool = False
    messages: list[Message] = field(default_factory=list)
    typing_until: float = 0.0  # by the monotonic clock
    reply_keyboard: dict[str, Any] = field(default_factory=dict)

    def message(self, message_id: int) -> Message | None:
        """The message with that id."""
        return next((message for message in reversed(self.messages) if message.message_id == message_id), None)


@dataclass(slots=True)
class StoredFile:
    """A file that somebody sent."""

    file_id: str
    path: str
    mime: str
    name: str
    data: bytes
    expired: bool = False


@dataclass(slots=True)
class Tap:
    """A tap on a button, waiting for the bot's answer.

    Attributes:
        answer: the parameters of `answerCallbackQuery`, None until it came.
    """

    callback_id: str
    token: str
    user_id: int
    message_id: int
    data: str
    answer: dict[str, Any] | None = None
    expired: bool = False


@dataclass(slots=True)
class PendingUpdate:
    """An update that has not been delivered yet.

    Attributes:
        expires_at: seconds after 1970.
        message_id: the message it tells of, 0 for other updates; the sender's screen shows whether it arrived.
    """

    update_id: int
    body: str
    expires_at: float
    message_id: int = 0
    attempts: int = 0


ChatKey = tuple[str, int]


@dataclass(slots=True)
class State:
    """Everything that survives a restart."""

    bots: dict[str, Bot] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[ChatKey, Chat] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    taps: dict[str, Tap] = field(default_factory=dict)
    undelivered: dict[ChatKey, list[PendingUpdate]] = field(default_factory=dict)
    next_user_id: int = 700_000_001
    next_file: int = 1

    def as_json(self) -> dict[str, Any]:
        """A JSON value of it all."""
        return {
            "bots": [asdict(bot) for bot in self.bots.values()],
            "people": [asdict(person) for person in self.people.values()],
            "chats": [asdict(chat) for chat in self.chats.values()],
            "files": [{**asdict(file), "data": base64.b64encode(file.data).decode()} for file in self.files.values()],
            "taps": [asdict(tap) for tap in self.taps.values()],
            "undelivered": [
                {"token": token, "user_id": user_id, "updates": [asdict(update) for update in updates]}
                for (token, user_id), updates in self.undelivered.items()
                if updates
            ],
            "next_user_id": self.next_user_id,
            "next_file": self.next_file,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> State:
        """What `as_json` gave."""
        chats = [
            Chat(**{**row, "messages": [Message(**message) for message in row["messages"]], "typing_until": 0.0})
            for row in value["chats"]
        ]
        return cls(
            bots={row["token"]: Bot(**row) for row in value["bots"]},
            people={row["user_id"]: Person(**row) for row in value["people"]},
            chats={(chat.token, chat.user_id): chat for chat in chats},
            files={
                row["file_id"]: StoredFile(**{**row, "data": base64.b64decode(row["data"])}) for row in value["files"]
            },
            taps={row["callback_id"]: Tap(**row) for row in value["taps"]},
            undelivered={
                (row["token"], row["user_id"]): [PendingUpdate(**update) for update in row["updates"]]
                for row in value["undelivered"]
            },
            next_user_id=value["next_user_id"],
            next_file=value["next_file"],
        )
