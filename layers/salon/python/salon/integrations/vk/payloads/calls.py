"""An outbound message as a call of VK's API. Limits are checked before anything leaves (facts §3.4)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salon.integrations.vk.payloads.buttons import PAYLOAD_LIMIT, wrapped
from salon.integrations.vk.payloads.events import FIRST_CHAT
from salon.messaging.domain import Button, OutboundMessage
from salon.messaging.errors import RequestRejected

API_VERSION = "5.199"
TEXT_LIMIT = 4096
LABEL_LIMIT = 40
PAYLOAD_LIMIT_BYTES = 64  # of Button.payload, the tightest messenger's limit
SNACKBAR_LIMIT = 90
ROW_LIMIT = 5
_INLINE = (10, 6)  # buttons, rows
_BELOW = (40, 10)  # of a keyboard below the field where one writes
_NO_BUTTONS = '{"inline":true,"buttons":[]}'
_INT32 = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API: the method and its parameters as a form's fields."""

    method: str
    params: dict[str, str]


def send_call(message: OutboundMessage, *, reference: str, attachment: str = "") -> Call:
    """`messages.send` to one chat.

    `peer_ids` with one peer in place of `peer_id`: only then does VK tell the message's number in the chat, by which
    taps name it and edits need it.

    Args:
        message: what to say.
        reference: our id of the message; the same one is not sent twice (VK remembers for about an hour).
        attachment: what was uploaded before, as VK names it.

    Raises:
        RequestRejected: VK could not take it.
    """
    if not message.text.strip() and not attachment:
        raise RequestRejected("A message without text cannot be sent.")
    params = {
        "peer_ids": peer_of(message.chat_id),
        "random_id": str(random_id_of(reference)),
        "message": _checked_text(message.text),
        "dont_parse_links": "1",
        "disable_mentions": "1",
    }
    if attachment:
        params["attachment"] = attachment
    if message.buttons:
        params["keyboard"] = keyboard_of(message.buttons, uses_text_keys=message.uses_text_keys)
    return Call("messages.send", params)


def edit_call(message: OutboundMessage, *, text: str, attachment: str = "") -> Call:
    """`messages.edit`: replaces the text and the buttons.

    Args:
        message: what to edit, and the buttons.
        text: the new text; VK takes no edit of the buttons alone.
        attachment: what the message is to have beside its text; what is not named is taken off.

    Raises:
        RequestRejected: VK could not take it.
    """
    params = {
        "peer_id": peer_of(message.chat_id),
        **named_message(message),
        "message": _checked_text(text),
        # Named even when there are none: buttons that are not mentioned would have to be guessed at.
        "keyboard": keyboard_of(message.buttons) if message.buttons else _NO_BUTTONS,
        "dont_parse_links": "1",
        "disable_mentions": "1",
    }
    if attachment:
        params["attachment"] = attachment
    return Call("messages.edit", params)


def answer_call(message: OutboundMessage) -> Call:
    """`messages.sendMessageEventAnswer`: stops the spinner, and shows `text` for some seconds.

    Raises:
        RequestRejected: it is not said which tap, or whose.
    """
    if not message.callback_id:
        raise RequestRejected("There is no tap to answer: callback_id is missing.")
    peer = peer_of(message.chat_id)
    person = message.user_id or ("" if int(peer) >= FIRST_CHAT else peer)  # a private chat has the person's number
    if not person:
        raise RequestRejected("In a group chat VK wants to know whose tap is answered: user_id is missing.")
    params = {"event_id": message.callback_id, "user_id": peer_of(person), "peer_id": peer}
    text = message.text.strip()
    if text:
        if len(text) > SNACKBAR_LIMIT:  # it says the gist; a refusal would leave the spinner on
            text = text[: SNACKBAR_LIMIT - 1].rstrip() + "…"
        params["event_data"] = _json({"type": "show_snackbar", "text": text})
    return Call("messages.sendMessageEventAnswer", params)


def peer_of(chat_id: str) -> str:
    """A chat's number, checked.

    Raises:
        RequestRejected: it is none.
    """
    bare = chat_id.removeprefix("-")
    if not (bare.isascii() and bare.isdigit()):
        raise RequestRejected("The chat's id is not a number.")
    return chat_id


def named_message(message: OutboundMessage) -> dict[str, str]:
    """The parameter that names the message: `cmid` within the chat, `message_id` within the community.

    Raises:
        RequestRejected: there is no name, or it is of another chat.
    """
    peer, between, number = (message.message_id or "").rpartition(":")
    if not (number.isascii() and number.isdigit()) or (between and peer != message.chat_id):
        raise RequestRejected("The id of the message to edit is missing, malformed or of another chat.")
    return {"cmid": number} if between else {"message_id": number}


def random_id_of(reference: str) -> int:
    """A positive int32 of the reference; 0, which promises nothing, when there is none.

    VK looks for it among the messages to the same person, so two of the same chat would have to meet within an hour.
    """
    if not reference:
        return 0
    digest = hashlib.sha256(reference.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") % _INT32 + 1


def keyboard_of(rows: Sequence[Sequence[Button]], *, uses_text_keys: bool = False) -> str:
    """The keyboard as JSON: under the message, or below the field where one writes.

    Raises:
        RequestRejected: more buttons than VK shows, or one that says or carries nothing.
    """
    shown = [list(row[start : start + ROW_LIMIT]) for row in rows for start in range(0, len(row), ROW_LIMIT)]
    buttons = [button for row in shown for button in row]
    most, most_rows = _BELOW if uses_text_keys else _INLINE
    if len(buttons) > most:
        raise RequestRejected(f"{len(buttons)} buttons; VK shows {most}.")
    if len(shown) > most_rows:  # many short rows become fewer full ones
        width = -(-len(buttons) // most_rows)
        shown = [buttons[start : start + width] for start in range(0, len(buttons), width)]
    kind = "text" if uses_text_keys else "callback"
    made = [[_button(button, kind) for button in row] for row in shown]
    place: dict[str, Any] = {"one_time": True, "inline": False} if uses_text_keys else {"inline": True}
    return _json({**place, "buttons": made})


def _button(button: Button, kind: str) -> dict[str, Any]:
    label = button.text.strip()
    if not label:
        raise RequestRejected("A button needs a text.")
    if len(label) > LABEL_LIMIT:  # a shorter label is better than no message
        label = label[: LABEL_LIMIT - 1].rstrip() + "…"
    if button.url:
        return {"action": {"type": "open_link", "link": button.url, "label": label}}
    size = len(button.payload.encode("utf-8", "replace"))
    payload = wrapped(button.payload)
    if not 1 <= size <= PAYLOAD_LIMIT_BYTES or len(payload) > PAYLOAD_LIMIT:
        raise RequestRejected(f"A button's payload takes {size} bytes; 1 to {PAYLOAD_LIMIT_BYTES} are taken.")
    return {"action": {"type": kind, "label": label, "payload": payload}, "color": "secondary"}


def _checked_text(text: str) -> str:
    if len(text) > TEXT_LIMIT:
        raise RequestRejected(f"A text of {len(text)} characters; VK shows {TEXT_LIMIT}.")
    return text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
