"""An outbound message as calls of MAX's Bot API. Limits are checked before anything leaves (facts §2.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from salon.integrations.max.payloads.updates import USER_CHAT
from salon.messaging.domain import Button, OutboundMessage
from salon.messaging.domain.fitting import clip
from salon.messaging.errors import RequestRejected

TEXT_LIMIT = 4000
BUTTON_LIMIT, ROW_COUNT_LIMIT = 210, 30
ROW_LIMIT, SPECIAL_ROW_LIMIT = 7, 3  # buttons; three where one of them opens a page or shares something
BUTTON_TEXT_LIMIT = 128
PAYLOAD_LIMIT = 1024
URL_LIMIT = 2048
TOAST_LIMIT = 200
SILENT_TOAST = "✓"
"""What a tap is answered with when there is nothing to say: an answer must not be empty."""
_NUMBER = re.compile(r"-?[0-9]{1,19}\Z")
_ID_LIMIT = 512
_CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the method, the path, what stands in the query, the body's JSON (None: no body)."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None


def send_call(message: OutboundMessage, *, phone_label: str, attachment: dict[str, Any] | None = None) -> Call:
    """A new message, with an uploaded file where there is one.

    Raises:
        RequestRejected: MAX could not take it: nothing in it, too long, a payload of more than 1024 characters.
    """
    attachments = [*([attachment] if attachment else []), *_keyboard(message, phone_label)]
    if not message.text.strip() and not attachment:
        raise RequestRejected("A message without text cannot be sent.")
    body: dict[str, Any] = {"text": _text(message.text)}
    if attachments:
        body["attachments"] = attachments
    return Call("POST", "/messages", {**_to(message.chat_id), "disable_link_preview": "true"}, body)


def edit_call(message: OutboundMessage, *, phone_label: str, kept: list[dict[str, Any]] | None = None) -> Call:
    """Another text and other buttons for a message that was sent.

    Args:
        message: without buttons it loses those that it has.
        phone_label: what the button that shares one's number says.
        kept: the attachments besides the buttons that it goes on to have.

    Raises:
        RequestRejected: as for `send_call`, or it does not say which message.
    """
    # An empty list removes everything; null would leave the buttons where they are.
    attachments = [*(kept or []), *_keyboard(message, phone_label)]
    body: dict[str, Any] = {"text": _text(message.text), "attachments": attachments}
    return Call("PUT", "/messages", {"message_id": named_message(message)}, body)


def answer_call(message: OutboundMessage) -> Call:
    """The answer to a tap.

    Raises:
        RequestRejected: it does not say to which tap.
    """
    if not message.callback_id or len(message.callback_id) > _ID_LIMIT:
        raise RequestRejected("There is no tap to answer: callback_id is missing.")
    notice = clip(message.text.strip(), TOAST_LIMIT) or SILENT_TOAST
    return Call("POST", "/answers", {"callback_id": message.callback_id}, {"notification": notice})


def named_message(message: OutboundMessage) -> str:
    """The id of the message to edit.

    Raises:
        RequestRejected: there is none.
    """
    if not message.message_id or len(message.message_id) > _ID_LIMIT:
        raise RequestRejected("The id of the message to edit is missing.")
    return message.message_id


def _to(chat_id: str) -> dict[str, str]:
    """Recipients stand in the query; in a body they are refused."""
    number = chat_id.removeprefix(USER_CHAT)
    if not _NUMBER.match(number):
        raise RequestRejected("The chat's id is not a number.")
    return {"user_id": number} if number != chat_id else {"chat_id": chat_id}


def _text(text: str) -> str:
    if len(text) > TEXT_LIMIT:
        raise RequestRejected(f"The text is longer than {TEXT_LIMIT} characters.")
    return text


def _keyboard(message: OutboundMessage, phone_label: str) -> list[dict[str, Any]]:
    """The buttons as an attachment; none where there are none."""
    rows = [[_button(button) for button in row] for row in message.buttons if row]
    if message.ask_phone:
        rows.append([{"type": "request_contact", "text": message.phone_label or phone_label}])
    wrapped = [piece for row in rows for piece in _wrapped(row)]
    if len(wrapped) > ROW_COUNT_LIMIT or sum(len(row) for row in wrapped) > BUTTON_LIMIT:
        raise RequestRejected(f"MAX takes {BUTTON_LIMIT} buttons in {ROW_COUNT_LIMIT} rows at most.")
    return [{"type": "inline_keyboard", "payload": {"buttons": wrapped}}] if wrapped else []


def _wrapped(row: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    """The row in rows that are shown: narrow ones where something special is among the buttons."""
    width = ROW_LIMIT if all(button["type"] == _CALLBACK for button in row) else SPECIAL_ROW_LIMIT
    return [row[start : start + width] for start in range(0, len(row), width)]


def _button(button: Button) -> dict[str, str]:
    if not button.text.strip() or len(button.text) > BUTTON_TEXT_LIMIT:
        raise RequestRejected(f"A button needs a text of at most {BUTTON_TEXT_LIMIT} characters.")
    if button.url:
        if len(button.url) > URL_LIMIT or not button.url.startswith(("https://", "http://")):
            raise RequestRejected(f"A button's address begins with http and has at most {URL_LIMIT} characters.")
        return {"type": "link", "text": button.text, "url": button.url}
    size = len(button.payload)
    if not 1 <= size <= PAYLOAD_LIMIT:
        raise RequestRejected(f"A button's payload has {size} characters; MAX takes 1 to {PAYLOAD_LIMIT}.")
    return {"type": _CALLBACK, "text": button.text, "payload": button.payload}
