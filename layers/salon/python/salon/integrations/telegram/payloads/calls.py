"""An outbound message as calls of the Bot API. Limits are checked before anything leaves (facts §1.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from salon.messaging.domain import Button, MediaContent, OutboundKind, OutboundMessage
from salon.messaging.errors import RequestRejected

TEXT_LIMIT = 4096  # UTF-16 units, the stricter way to count "characters"
CAPTION_LIMIT = 1024
CALLBACK_TEXT_LIMIT = 200
PAYLOAD_LIMIT_BYTES = 64
ROW_LIMIT = 8  # buttons; wider rows are not shown properly
BUTTON_LIMIT = 100
PHOTO_LIMIT_BYTES = 10_000_000
FILE_LIMIT_BYTES = 50_000_000
_PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})  # others would lose something as a photo


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API.

    Attributes:
        params: as JSON values.
        media: a file that goes with them, as a form's field with the name `field`.
    """

    method: str
    params: dict[str, Any]
    media: MediaContent | None = field(default=None, repr=False)
    field: str = ""


def utf16_length(text: str) -> int:
    """How many UTF-16 units `text` takes: an emoji takes two."""
    return len(text) + sum(1 for char in text if char > "\uffff")


def _fitting(text: str, limit: int) -> int:
    """How many code points from the start fit into `limit` UTF-16 units."""
    units = 0
    for index, char in enumerate(text):
        units += 2 if char > "\uffff" else 1
        if units > limit:
            return index
    return len(text)


def call_for(message: OutboundMessage, *, phone_label: str, media: MediaContent | None = None) -> Call:
    """The one call that carries out `message`.

    Raises:
        RequestRejected: Telegram could not take it: no text, too long, a payload of more than 64 bytes.
    """
    if message.kind is OutboundKind.ANSWER_CALLBACK:
        return _answer_call(message)
    markup = _markup(message, phone_label)
    params: dict[str, Any] = {"chat_id": _chat_id(message.chat_id)}
    if message.kind is OutboundKind.EDIT:
        params["message_id"] = _message_id(message)
        params["reply_markup"] = markup
        if not message.text:  # only the buttons change
            return Call("editMessageReplyMarkup", params)
        _check_length("An edited text", message.text, TEXT_LIMIT)
        return Call("editMessageText", {**params, "text": message.text})
    if message.buttons or message.ask_phone:
        params["reply_markup"] = markup
    if message.file is not None or media is not None:
        return _file_call(message, params, media)
    if not message.text.strip():
        raise RequestRejected("A message without text cannot be sent.")
    _check_length("A text", message.text, TEXT_LIMIT)
    return Call("sendMessage", {**params, "text": message.text, "link_preview_options": {"is_disabled": True}})


def as_caption(call: Call) -> Call:
    """The same edit for a message whose text stands beside a file.

    Raises:
        RequestRejected: it is too long for a caption.
    """
    params = {name: value for name, value in call.params.items() if name != "text"}
    _check_length("An edited caption", call.params["text"], CAPTION_LIMIT)
    return Call("editMessageCaption", {**params, "caption": call.params["text"]})


def _file_call(message: OutboundMessage, params: dict[str, Any], media: MediaContent | None) -> Call:
    """The file by its bytes; by its public address where we have none."""
    _check_length("A caption", message.text, CAPTION_LIMIT)
    if message.text.strip():
        params["caption"] = message.text
    mime = media.mime if media is not None else message.file.mime if message.file else ""
    is_photo = mime in _PHOTOS and (media is None or len(media.data) <= PHOTO_LIMIT_BYTES)
    method, name = ("sendPhoto", "photo") if is_photo else ("sendDocument", "document")
    if media is None:
        address = message.file.url if message.file else ""
        if not address.startswith(("https://", "http://")):
            raise RequestRejected("The file's bytes are missing, and it has no public address.")
        return Call(method, {**params, name: address})
    if not 0 < len(media.data) <= FILE_LIMIT_BYTES:
        raise RequestRejected(f"The file takes {len(media.data)} bytes; Telegram takes 1 to {FILE_LIMIT_BYTES}.")
    return Call(method, params, media, name)


def _check_length(what: str, text: str, limit: int) -> None:
    if utf16_length(text) > limit:
        raise RequestRejected(f"{what} is longer than the {limit} characters that Telegram takes.")


def _answer_call(message: OutboundMessage) -> Call:
    if not message.callback_id:
        raise RequestRejected("There is no tap to answer: callback_id is missing.")
    params: dict[str, Any] = {"callback_query_id": message.callback_id}
    if message.text:
        text = message.text
        if utf16_length(text) > CALLBACK_TEXT_LIMIT:  # a toast says the gist; a refusal would leave the spinner on
            text = text[: _fitting(text, CALLBACK_TEXT_LIMIT - 1)].rstrip() + "…"
        params["text"] = text
    return Call("answerCallbackQuery", params)


def _markup(message: OutboundMessage, phone_label: str) -> dict[str, Any]:
    if message.ask_phone:
        if message.buttons or message.kind is not OutboundKind.MESSAGE:
            raise RequestRejected("Telegram shows one keyboard: a message asks for the phone or has buttons, not both.")
        button = {"text": message.phone_label or phone_label, "request_contact": True}
        return {"keyboard": [[button]], "resize_keyboard": True, "one_time_keyboard": True}
    if sum(map(len, message.buttons)) > BUTTON_LIMIT:
        raise RequestRejected(f"Telegram shows at most {BUTTON_LIMIT} buttons.")
    rows: list[list[dict[str, str]]] = []
    for row in message.buttons:
        shown = [_button(button) for button in row]
        rows += [shown[start : start + ROW_LIMIT] for start in range(0, len(shown), ROW_LIMIT)]
    return {"inline_keyboard": rows}


def _button(button: Button) -> dict[str, str]:
    if not button.text.strip():
        raise RequestRejected("A button needs a text.")
    if button.url:
        return {"text": button.text, "url": button.url}
    size = len(button.payload.encode("utf-8", "replace"))
    if not 1 <= size <= PAYLOAD_LIMIT_BYTES:
        raise RequestRejected(f"A button's payload takes {size} bytes; Telegram takes 1 to {PAYLOAD_LIMIT_BYTES}.")
    return {"text": button.text, "callback_data": button.payload}


def _chat_id(chat_id: str) -> int | str:
    """A number for the wire where it is one: the Bot API reads other text as a channel's @name."""
    bare = chat_id.removeprefix("-")
    if not (bare.isascii() and bare.isdigit()):
        raise RequestRejected("The chat's id is not a number.")
    return int(chat_id)


def _message_id(message: OutboundMessage) -> int:
    number = message.message_id or ""
    if not (number.isascii() and number.isdigit()):
        raise RequestRejected("The id of the message to edit is missing or not a number.")
    return int(number)
