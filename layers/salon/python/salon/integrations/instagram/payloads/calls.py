"""An outbound message as bodies of `POST /me/messages`. Limits are checked before anything leaves (facts §5.4)."""

from __future__ import annotations

from typing import Any

from salon.messaging.domain import Button, OutboundFile, OutboundKind, OutboundMessage
from salon.messaging.errors import RequestRejected

TEXT_LIMIT_BYTES = 1000
QUICK_REPLIES = 13
TEMPLATE_BUTTONS = 3
TEMPLATE_TEXT_LIMIT = 640
BUTTON_TEXT_LIMIT = 20
PAYLOAD_LIMIT_BYTES = 64  # of `Button.payload`; Instagram itself takes more
_FILE_KINDS = {
    "image/jpeg": "image",
    "image/png": "image",
    "application/pdf": "file",
    "video/mp4": "video",
    "audio/mp4": "audio",
    "audio/aac": "audio",
    "audio/wav": "audio",
}

Body = dict[str, Any]


def bodies_for(message: OutboundMessage) -> tuple[Body, ...]:
    """The calls that carry out `message`: a text and a file cannot be in one, so the file goes ahead.

    Raises:
        RequestRejected: Instagram could not take it: nothing to say, too long, a file without a public address.
    """
    if message.kind is not OutboundKind.MESSAGE:
        raise RequestRejected("Instagram cannot change a message that was sent.")
    if not message.chat_id.strip():
        raise RequestRejected("There is nobody to send to: chat_id is empty.")
    contents: list[Body] = []
    text = message.text.strip()
    if message.file is not None:
        kind = _FILE_KINDS.get(message.file.mime.partition(";")[0].strip().lower(), "")
        address = _address_of(message.file)
        if kind:
            contents.append({"attachment": {"type": kind, "payload": {"url": address}}})
        else:  # a calendar entry, say: Instagram takes no such file, and everybody can open its address
            text = f"{text}\n{message.file.name}: {address}".strip()
    if text or message.buttons or not contents:
        contents.append(_said(text, [button for row in message.buttons for button in row]))
    return tuple(
        {"recipient": {"id": message.chat_id}, "messaging_type": "RESPONSE", "message": content} for content in contents
    )


def by_human(body: Body) -> Body:
    """The same, as an answer that a human gives within seven days instead of one."""
    return {**body, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


def _address_of(file: OutboundFile) -> str:
    if not file.url:
        raise RequestRejected("Instagram fetches files itself: a file needs an address on the public web.")
    return file.url


def _said(text: str, buttons: list[Button]) -> Body:
    """A text with what can be tapped: links and a few buttons stay under it, quick replies vanish once used."""
    for button in buttons:
        _check(button)
    links = [button for button in buttons if button.url]
    replies = [button for button in buttons if not button.url]
    if links and len(buttons) <= TEMPLATE_BUTTONS and 0 < len(text) <= TEMPLATE_TEXT_LIMIT and _fits(text):
        shown = [_template_button(button) for button in buttons]
        payload = {"template_type": "button", "text": text, "buttons": shown}
        return {"attachment": {"type": "template", "payload": payload}}
    text = "\n".join((text, *(f"{link.text}: {link.url}" for link in links))).strip()
    if not text:
        raise RequestRejected("A message without text cannot be sent.")
    if not _fits(text):
        raise RequestRejected(f"A text takes more than {TEXT_LIMIT_BYTES} bytes.")
    if len(replies) > QUICK_REPLIES:
        raise RequestRejected(f"There are {len(replies)} buttons; Instagram takes {QUICK_REPLIES}.")
    if not replies:
        return {"text": text}
    keys = [{"content_type": "text", "title": key.text.strip(), "payload": key.payload} for key in replies]
    return {"text": text, "quick_replies": keys}


def _fits(text: str) -> bool:
    return len(text.encode("utf-8", "replace")) <= TEXT_LIMIT_BYTES


def _check(button: Button) -> None:
    label = button.text.strip()
    if not label:
        raise RequestRejected("A button needs a text.")
    if button.url:
        return
    if len(label) > BUTTON_TEXT_LIMIT:
        raise RequestRejected(f"A button's text is longer than {BUTTON_TEXT_LIMIT} characters.")
    size = len(button.payload.encode("utf-8", "replace"))
    if not 1 <= size <= PAYLOAD_LIMIT_BYTES:
        raise RequestRejected(f"A button's payload takes {size} bytes; 1 to {PAYLOAD_LIMIT_BYTES} are taken.")


def _template_button(button: Button) -> Body:
    label = button.text.strip()
    if button.url:
        shown = label if len(label) <= BUTTON_TEXT_LIMIT else label[: BUTTON_TEXT_LIMIT - 1].rstrip() + "…"
        return {"type": "web_url", "title": shown, "url": button.url}
    return {"type": "postback", "title": label, "payload": button.payload}
