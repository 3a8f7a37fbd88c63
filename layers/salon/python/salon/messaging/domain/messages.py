"""What is said, whichever messenger carries it. No provider's words in here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Channel(StrEnum):
    """A messenger."""

    TELEGRAM = "telegram"


class EventKind(StrEnum):
    """What a provider tells us about."""

    MESSAGE = "message"
    CALLBACK = "callback"  # a tap on one of our buttons
    START = "start"  # the person opened the conversation, perhaps by a deep link
    EDIT = "edit"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    IGNORED = "ignored"  # authentic, and nothing for us: a group chat, an unknown kind, ourselves


class AttachmentKind(StrEnum):
    """What came with a message."""

    VOICE = "voice"
    AUDIO = "audio"
    IMAGE = "image"
    VIDEO = "video"
    FILE = "file"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that came with a message, by reference; the bytes are fetched later by `file_ref`."""

    kind: AttachmentKind
    file_ref: str | None = None
    mime: str | None = None
    size_bytes: int | None = None
    duration_s: int | None = None
    name: str | None = None
    phone: str | None = None  # contacts only
    is_own_contact: bool = False  # the sender's own number, vouched for by the provider


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """One normalised event from a messenger.

    Attributes:
        external_id: the provider's own key, unique within the account; deduplication hangs on it.
        chat_id: where an answer goes; text, because providers' ids outgrow 2^53.
        user_id: who it is from.
        payload: what our button carried, for CALLBACK.
        callback_id: what the provider wants to hear back after a tap.
        message_id: the message itself; for CALLBACK the message that carried the button.
        start_param: the deep link's parameter, for START.
        why_ignored: a word for the log, for IGNORED.
    """

    channel: Channel
    external_id: str
    kind: EventKind
    chat_id: str = ""
    user_id: str = ""
    is_group: bool = False
    text: str = ""
    payload: str | None = None
    callback_id: str | None = None
    message_id: str | None = None
    start_param: str | None = None
    display_name: str = ""
    language: str | None = None
    sent_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    why_ignored: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message.

    Attributes:
        text: what it says.
        payload: what comes back when it is tapped; at most 64 bytes, the tightest provider's limit (Telegram).
    """

    text: str
    payload: str


class OutboundKind(StrEnum):
    """What we ask a provider to do."""

    MESSAGE = "message"
    EDIT = "edit"  # replace the text and the buttons of a message sent before
    ANSWER_CALLBACK = "answer_callback"  # stop the spinner on a tapped button


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One call to a provider.

    Attributes:
        buttons: rows of buttons; empty removes them on EDIT.
        message_id: the message to edit.
        callback_id: the tap to answer.
        ask_phone: offer the messenger's own "share my number" button.
    """

    kind: OutboundKind
    chat_id: str
    text: str = ""
    buttons: tuple[tuple[Button, ...], ...] = ()
    message_id: str | None = None
    callback_id: str | None = None
    ask_phone: bool = False


@dataclass(frozen=True, slots=True)
class ChannelCredentials:
    """What an adapter needs to speak for one account of one tenant. Never logged.

    Attributes:
        token: the bot's token at the provider.
        webhook_secrets: secrets that are valid now; two while one is being changed. Empty refuses everything.
    """

    token: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class MediaContent:
    """Bytes of an attachment, fetched from the provider."""

    data: bytes = field(repr=False)
    mime: str
    name: str


def conversation_key(channel: Channel, account_id: UUID, chat_id: str) -> str:
    """What serialises the events of one chat: the inbox's `conversation_key`."""
    return f"{channel}:{account_id}:{chat_id}"


def chat_of(key: str) -> str:
    """The chat in a `conversation_key`."""
    return key.split(":", 2)[2]
