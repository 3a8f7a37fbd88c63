"""What is said, whichever messenger carries it. No provider's words in here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Channel(StrEnum):
    """A messenger."""

    TELEGRAM = "telegram"
    MAX = "max"
    VK = "vk"
    WHATSAPP = "whatsapp"
    INSTAGRAM = "instagram"


class EventKind(StrEnum):
    """What a provider tells us about."""

    MESSAGE = "message"
    CALLBACK = "callback"  # a tap on one of our buttons
    START = "start"  # the person opened the conversation, perhaps by a deep link
    EDIT = "edit"
    DELETED = "deleted"  # the person took a message back
    REACTION = "reaction"  # to a message of ours; `text` is the emoji, "" when it was taken back
    STATUS = "status"  # what became of a message of ours
    ECHO = "echo"  # a message to the person that this account sent, by us or by a human in the provider's own app
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    OPTED_OUT = "opted_out"  # the person told the provider that we shall send no marketing
    OPTED_IN = "opted_in"
    RENUMBERED = "renumbered"  # the person's id at the provider has changed; `new_user_id` says to what
    IGNORED = "ignored"  # authentic, and nothing for us: an unknown kind, another bot, somebody typing


class DeliveryStatus(StrEnum):
    """How far a message of ours has come, in rising order; `failed` stands apart."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class FailureClass(StrEnum):
    """Why a message did not arrive, by what to do about it; the words of `messaging.errors` for a late answer."""

    RETRY = "retry"
    RECIPIENT = "recipient"
    WINDOW = "window"
    REQUEST = "request"
    ACCOUNT = "account"


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
    file_ref: str | None = None  # the provider's id of the file, or its address
    mime: str | None = None
    size_bytes: int | None = None
    duration_s: int | None = None
    name: str | None = None
    phone: str | None = None  # contacts only
    is_own_contact: bool = False  # the sender's own number, vouched for by the provider
    transcript: str | None = None  # what was said, where the messenger itself has written it down
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What a provider says about a message of ours, later than its answer to the call.

    Attributes:
        status: how far it came.
        message_id: the provider's id of the message; "" when only a watermark is known.
        reference: what we gave it to be told back, our id of the message; "" where a provider has no such thing.
        up_to: every message sent to the chat until then has come so far: a watermark, for READ.
        failure: why, for FAILED.
        code: the provider's own number or word for the reason.
    """

    status: DeliveryStatus
    message_id: str = ""
    reference: str = ""
    up_to: datetime | None = None
    failure: FailureClass | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class WireEvent:
    """One event of a webhook's body, as the inbox keeps it; a body may hold a thousand.

    Attributes:
        external_id: the provider's own key, unique within the account; a digest of the event when it carries none.
        conversation: the chat it belongs to ("" when it has none); its events are handled one after another.
        body: what `normalise` reads: the whole body, or the same envelope with this event alone.
        account: the account that the event itself names, "" where the provider names none.
    """

    external_id: str
    conversation: str
    body: bytes = field(repr=False)
    account: str = ""


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
        start_param: the deep link's parameter, for START; also of a message that came by one.
        is_group: more people than one read the chat.
        is_by_human: for ECHO, whether a human of the salon wrote it; None when the provider does not say.
        phone: the sender's number, where the provider knows people by it (WhatsApp); vouched for.
        new_user_id: for RENUMBERED.
        status: for STATUS.
        reply_to: the message that this one answers, or that it edits, deletes or reacts to.
        can_tap: whether the person's app shows buttons under messages; None when the provider does not say.
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
    is_by_human: bool | None = None
    phone: str | None = None
    new_user_id: str | None = None
    status: StatusReport | None = None
    reply_to: str | None = None
    can_tap: bool | None = None
    why_ignored: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message.

    Attributes:
        text: what it says.
        payload: what comes back when it is tapped; at most 64 bytes, the tightest provider's limit (Telegram).
        url: opens this page instead; then nothing comes back.
    """

    text: str
    payload: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class OutboundFile:
    """A picture or a file that goes with a message; the bytes lie in the bucket.

    Attributes:
        media_key: where.
        name: as the person sees it.
        mime: `image/…` is shown as a picture, everything else as a file.
        url: where the same is on the public web, for providers that fetch it themselves or take no such file.
    """

    media_key: str
    name: str
    mime: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A text that the provider approved beforehand, filled in: all that may be said outside its window.

    Attributes:
        purpose: what for, `remind_soon`; the account's settings say which template of the provider's that is.
        values: what its places are filled with, in order.
        payloads: what its quick-reply buttons carry, in order.
        name, language: of the template at the provider; filled in when the message is sent.
    """

    purpose: str
    values: tuple[str, ...] = ()
    payloads: tuple[str, ...] = ()
    name: str = ""
    language: str = ""


class Purpose(StrEnum):
    """Why a message of ours is sent; says what becomes of it when it cannot go now."""

    REPLY = "reply"
    REMINDER = "reminder"
    FEEDBACK = "feedback"
    MARKETING = "marketing"
    NOTICE = "notice"  # to the people of the salon, about something that happened
    HUMAN = "human"  # written by a human of the salon


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
        callback_id: the tap to answer; `text` is then a short notice, may be "".
        ask_phone: offer the messenger's own "share my number" button.
        phone_label: what that button says; "" leaves it to the adapter.
        user_id: who tapped, for ANSWER_CALLBACK.
        file: goes with the text.
        template: what to say instead when the provider's window is closed; None says nothing then.
        is_by_human: a human of the salon wrote it.
        is_listed: the buttons are a choice to be shown as a list rather than as keys, where a provider knows lists.
        uses_text_keys: the person's app shows no buttons under messages: keys that write instead (VK).
    """

    kind: OutboundKind
    chat_id: str
    text: str = ""
    buttons: tuple[tuple[Button, ...], ...] = ()
    message_id: str | None = None
    callback_id: str | None = None
    ask_phone: bool = False
    user_id: str = ""
    file: OutboundFile | None = None
    template: TemplateUse | None = None
    is_by_human: bool = False
    is_listed: bool = False
    uses_text_keys: bool = False
    phone_label: str = ""


@dataclass(frozen=True, slots=True)
class ChannelCredentials:
    """What an adapter needs to speak for one account of one tenant. Never logged.

    Attributes:
        token: the account's token at the provider.
        webhook_secrets: secrets that are valid now; two while one is being changed. Empty refuses everything. For
            WhatsApp and Instagram the app secrets that sign.
        verify_token: what WhatsApp and Instagram repeat in their handshake.
        confirmation: what VK wants to hear in its handshake.
        external_id: the account at its provider: bot id, VK group, WhatsApp phone number id, Instagram account id.
        business_id: what the account belongs to: the WhatsApp business account.
        app_id: the provider's app that the webhook hangs on.
    """

    token: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    verify_token: str = field(default="", repr=False)
    confirmation: str = field(default="", repr=False)
    external_id: str = ""
    business_id: str = ""
    app_id: str = ""


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
