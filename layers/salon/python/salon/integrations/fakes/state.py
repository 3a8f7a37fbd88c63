"""What a fake messenger remembers: accounts, people, chats, messages, files. Plain data that survives as JSON.

Nothing here is any provider's: a dialect keeps what only its provider has in the `settings` and `extra` fields.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Key = dict[str, Any]
"""A button, normalised: `text`, `payload` ("" when none), `url` ("" when none), `kind`; a dialect may add its own.

Kinds: `callback` (spins until it is answered), `url`, `phone` (shares the number), `location`, and those that write a
message when they are tapped: `text` (a key under the box), `reply`, `list`, `postback`.
"""
WRITING_KEYS = frozenset({"text", "reply", "list", "postback"})
MessageRef = int | str
"""The fake's own number of a message, or the provider's id of it."""


@dataclass(slots=True)
class Webhook:
    """Where an account's events go.

    Attributes:
        kinds: the events that were asked for; empty means all.
        settings: what only a dialect understands (VK's server id, API version).
        failing_since: seconds after 1970 of the first failure since the last success; 0 while it works.
        failures: in a row.
    """

    url: str
    secret: str = field(default="", repr=False)
    kinds: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    failing_since: float = 0.0
    failures: int = 0


@dataclass(slots=True)
class Account:
    """A salon's account: a bot, a community, a business number.

    Attributes:
        key: names it within the fake; its first token unless told otherwise (one token may serve two numbers).
        external_id: the provider's id of it.
        tokens: those that are valid now; the first is `token`.
        settings: what only a dialect understands (the app's secret, templates, allowed updates).
        counters: the last number given, by name.
    """

    key: str = field(repr=False)
    tokens: list[str] = field(repr=False)
    external_id: str
    name: str
    username: str = ""
    webhooks: list[Webhook] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict, repr=False)
    counters: dict[str, int] = field(default_factory=dict)
    last_error_at: int = 0
    last_error: str = ""

    @property
    def token(self) -> str:
        """The token that it was added with, or the one that replaced it."""
        return self.tokens[0] if self.tokens else ""

    @property
    def bot_id(self) -> int:
        """`external_id` as a number, 0 when it is none."""
        return int(self.external_id) if self.external_id.isdecimal() else 0

    @property
    def webhook_url(self) -> str:
        """Where events go, "" when nowhere."""
        return self.webhooks[0].url if self.webhooks else ""

    @webhook_url.setter
    def webhook_url(self, url: str) -> None:
        if not url:
            self.webhooks.clear()
        elif self.webhooks:
            self.webhooks[0].url = url
        else:
            self.webhooks.append(Webhook(url))

    @property
    def webhook_secret(self) -> str:
        """The first webhook's secret."""
        return self.webhooks[0].secret if self.webhooks else ""

    def count(self, name: str, *, first: int = 1) -> int:
        """The next number of a series. Call under the lock."""
        number = self.counters.get(name, first - 1) + 1
        self.counters[name] = number
        return number


@dataclass(slots=True)
class Person:
    """Somebody with a phone and the messenger on it.

    Attributes:
        user_id: the fake's own number of the person.
        external_id: the provider's id of the person (`Dialect.id_of_person` makes it).
        offline: the phone has no network: acts wait on it, and nothing reaches it.
        extra: what only a dialect understands.
    """

    user_id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    phone: str = ""
    language: str = "ru"
    external_id: str = ""
    deactivated: bool = False
    offline: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Item:
    """Something that goes with a message.

    Attributes:
        kind: voice, audio, photo, video, document, sticker, contact, location, or a dialect's own word.
        file_id: of a `StoredFile`, for what has bytes.
        own: a contact is the sender's own number.
        extra: what only a dialect understands.
    """

    kind: str
    file_id: str = ""
    mime: str = ""
    name: str = ""
    size: int = 0
    duration_s: int = 0
    phone: str = ""
    own: bool = False
    latitude: float = 0.0
    longitude: float = 0.0
    transcript: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Message:
    """A message in a chat.

    Attributes:
        message_id: the fake's own number, counting up within the account.
        external_id: the provider's id of it (`Dialect.id_of_message` makes it); what `send` returns.
        from_bot: the account wrote it, by us or (`by_human`) by a human of the salon in the provider's own app.
        date_ms: milliseconds after 1970.
        sender_id: who wrote it, 0 for the account.
        text: what it says; beside a file the caption.
        buttons: rows of keys that came with it, under it or under the box one writes in.
        markup: the keyboard as it was sent.
        content: what only a dialect understands.
        history: the texts it had before it was edited.
        status: of the account's messages: sent, delivered, read, failed.
        reply_to: number of the message that it answers.
        reactions: emoji by person.
    """

    message_id: int
    from_bot: bool
    date_ms: int
    external_id: str = ""
    sender_id: int = 0
    text: str = ""
    items: list[Item] = field(default_factory=list)
    buttons: list[list[Key]] = field(default_factory=list)
    markup: dict[str, Any] = field(default_factory=dict)
    content: dict[str, Any] = field(default_factory=dict)
    edit_date: int = 0
    history: list[str] = field(default_factory=list)
    status: str = "sent"
    by_human: bool = False
    deleted: bool = False
    reply_to: int = 0
    reactions: dict[str, str] = field(default_factory=dict)

    @property
    def date(self) -> int:
        """Seconds after 1970."""
        return self.date_ms // 1000

    @property
    def button_texts(self) -> list[str]:
        """What the buttons say, row after row."""
        return [key["text"] for row in self.buttons for key in row]

    @property
    def asks_phone(self) -> bool:
        """Whether it offers the button that shares the person's number."""
        return any(key.get("kind") == "phone" for row in self.buttons for key in row)

    def key(self, named: str) -> Key | None:
        """The button with that text or payload."""
        keys = (key for row in self.buttons for key in row)
        return next((key for key in keys if named in {key.get("text"), key.get("payload")}), None)


@dataclass(slots=True)
class Chat:
    """A person's chat with an account, or a group.

    Attributes:
        account: the account's key.
        user_id: the person's number; of a group a negative one.
        chat_id: the provider's id of the chat, where answers go (`Dialect.id_of_chat` makes it).
        started: the account may write there.
        blocked: the person wants nothing from the account.
        last_inbound_at: when the person last wrote or tapped, seconds after 1970: the start of a window.
        typing_until: by the monotonic clock.
        keyboard: keys that stay under the box one writes in.
        title, members: of a group.
    """

    account: str
    user_id: int
    chat_id: str = ""
    started: bool = False
    blocked: bool = False
    last_inbound_at: float = 0.0
    messages: list[Message] = field(default_factory=list)
    typing_until: float = 0.0
    keyboard: list[list[Key]] = field(default_factory=list)
    title: str = ""
    members: list[int] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_group(self) -> bool:
        """More people than one read it."""
        return self.user_id < 0

    def message(self, ref: MessageRef) -> Message | None:
        """The message with that number, or that id of the provider's."""
        number = int(ref) if isinstance(ref, int) or ref.isdecimal() else 0
        return next(
            (m for m in reversed(self.messages) if str(ref) == m.external_id or (number and m.message_id == number)),
            None,
        )


@dataclass(slots=True)
class StoredFile:
    """A file that somebody sent or uploaded.

    Attributes:
        path: below the fake's address.
        extra: what only a dialect understands.
    """

    file_id: str
    path: str
    mime: str
    name: str
    data: bytes = field(repr=False)
    expired: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Tap:
    """A tap on a button.

    Attributes:
        answer: what the account answered (`{"text": …}`), None while the button spins.
        reply_id: number of the message that the tap wrote, 0 where taps write none.
    """

    callback_id: str
    account: str
    user_id: int
    message_id: int
    data: str
    answer: dict[str, Any] | None = None
    expired: bool = False
    reply_id: int = 0


@dataclass(slots=True)
class Act:
    """Something that happened in a chat and that the provider may tell a webhook of.

    Attributes:
        kind: see `dialect.ActKind`.
        user_id: who did it, 0 for the account.
        message_id: number of the message that came of it (or was edited, deleted, sent, read up to).
        about_id: number of the message that it concerns: tapped, reacted to, answered.
        text: the emoji, the start parameter, the text before an edit, the code of a failure.
        payload: what the tapped button carried.
        at_ms: milliseconds after 1970, when the provider learned of it.
        by_person: a person's phone has to be online for the provider to learn of it.
    """

    kind: str
    account: str
    chat: int
    user_id: int = 0
    message_id: int = 0
    about_id: int = 0
    callback_id: str = ""
    text: str = ""
    payload: str = ""
    at_ms: int = 0
    by_person: bool = True
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Pending:
    """An event that has not been delivered yet.

    Attributes:
        event: what `Dialect.body_of` makes a body of.
        expires_at: seconds after 1970.
        chat, message_id: what it tells of; the sender's screen shows whether it arrived.
    """

    event: str
    expires_at: float
    chat: int = 0
    message_id: int = 0
    attempts: int = 0


AccountRef = Account | str | None
"""An account, its key or one of its tokens; None is the first account."""
User = Person | int
ChatKey = tuple[str, int]
Lane = tuple[str, int, str]
"""Account, chat (0 where a policy keeps one queue per account), webhook's address ("" for the first webhook)."""


@dataclass(slots=True)
class State:
    """Everything that survives a restart."""

    accounts: dict[str, Account] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[ChatKey, Chat] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    taps: dict[str, Tap] = field(default_factory=dict)
    undelivered: dict[Lane, list[Pending]] = field(default_factory=dict)
    held: list[Act] = field(default_factory=list)  # acts on phones without network
    next_user_id: int = 700_000_001
    next_group: int = -1_001
    next_file: int = 1
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def bots(self) -> dict[str, Account]:
        """The accounts, by the name that Telegram has for them."""
        return self.accounts
