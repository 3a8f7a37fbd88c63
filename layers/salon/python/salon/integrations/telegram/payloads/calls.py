"""An outbound message as calls of the Bot API. Limits are checked before anything leaves (facts §1.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from salon.messaging.domain import OutboundKind, OutboundMessage
from salon.messaging.errors import RequestRejected

TEXT_LIMIT = 4096  # UTF-16 units, the stricter way to count "characters"
CALLBACK_TEXT_LIMIT = 200
PAYLOAD_LIMIT_BYTES = 64
ROW_LIMIT = 8  # buttons; wider rows are not shown properly
_BORDERS = ("\n\n", "\n", ". ", "! ", "? ", "… ", " ")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API: the method and its parameters as JSON values."""

    method: str
    params: dict[str, Any]


def split_message(message: OutboundMessage) -> tuple[OutboundMessage, ...]:
    """The message in pieces that Telegram takes, buttons under the last one; most messages are one piece.

    Whoever keeps a row per send can split first, so that a failure between two pieces repeats neither.
    """
    if message.kind is not OutboundKind.MESSAGE:
        return (message,)
    *heads, last = split_text(message.text) or [""]
    return (
        *(replace(message, text=text, buttons=(), ask_phone=False) for text in heads),
        replace(message, text=last),
    )


def split_text(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """`text` cut into pieces of at most `limit` UTF-16 units, at the end of a paragraph, a sentence or a word."""
    pieces = []
    rest = text.strip()
    while utf16_length(rest) > limit:
        cut = _cut(rest[: _fitting(rest, limit)])
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


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


def _cut(head: str) -> int:
    """Where to cut: after the last border of the best kind that leaves a piece of decent length."""
    for border in _BORDERS:
        at = head.rfind(border)
        if at >= len(head) // 4:
            return at + len(border)
    return len(head)


def call_for(message: OutboundMessage, *, phone_label: str) -> Call:
    """The one call that carries out `message` (a long text has been split before).

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
        if utf16_length(message.text) > TEXT_LIMIT:
            raise RequestRejected(
                f"An edited text is longer than {TEXT_LIMIT} characters; only a new one can be split."
            )
        return Call("editMessageText", {**params, "text": message.text})
    if not message.text.strip():
        raise RequestRejected("A message without text cannot be sent.")
    params |= {"text": message.text, "link_preview_options": {"is_disabled": True}}
    if message.buttons or message.ask_phone:
        params["reply_markup"] = markup
    return Call("sendMessage", params)


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
        button = {"text": phone_label, "request_contact": True}
        return {"keyboard": [[button]], "resize_keyboard": True, "one_time_keyboard": True}
    rows: list[list[dict[str, str]]] = []
    for row in message.buttons:
        shown = [_button(button.text, button.payload) for button in row]
        rows += [shown[start : start + ROW_LIMIT] for start in range(0, len(shown), ROW_LIMIT)]
    return {"inline_keyboard": rows}


def _button(text: str, payload: str) -> dict[str, str]:
    size = len(payload.encode("utf-8", "replace"))
    if not 1 <= size <= PAYLOAD_LIMIT_BYTES:
        raise RequestRejected(f"A button's payload takes {size} bytes; Telegram takes 1 to {PAYLOAD_LIMIT_BYTES}.")
    if not text.strip():
        raise RequestRejected("A button needs a text.")
    return {"text": text, "callback_data": payload}


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
