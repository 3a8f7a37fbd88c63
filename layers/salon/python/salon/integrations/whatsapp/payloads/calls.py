"""An outbound message as bodies of `POST /<number>/messages`, checked before anything leaves (facts §4.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from salon.messaging.domain import Button, OutboundFile, OutboundKind, OutboundMessage, TemplateUse
from salon.messaging.errors import RequestRejected

TEXT_LIMIT = 4096
BUTTONED_TEXT_LIMIT = 1024
CAPTION_LIMIT = 1024
REPLY_BUTTONS = 3
BUTTON_TEXT_LIMIT = 20
LIST_ROWS = 10
ROW_TITLE_LIMIT = 24
ROW_DESCRIPTION_LIMIT = 72
PAYLOAD_LIMIT_BYTES = 64  # of `Button.payload`; WhatsApp itself takes more
IMAGE_MIMES = frozenset({"image/jpeg", "image/png"})
DOCUMENT_MIMES = frozenset({
    "application/pdf",
    "text/plain",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
})  # fmt: skip
SIZE_LIMITS = {"image": 5_000_000, "document": 100_000_000}
_NUMBER = re.compile(r"[0-9]{5,20}\Z")
_BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}\Z")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file as WhatsApp takes it.

    Attributes:
        kind: `image` or `document`.
        ref: `{"id": …}` of what was uploaded, or `{"link": …}` to what WhatsApp fetches itself.
        name: as the person sees it; documents only.
    """

    kind: str
    ref: dict[str, str]
    name: str = ""

    def as_object(self, caption: str = "") -> Body:
        """The media object."""
        named = {"filename": self.name} if self.kind == "document" and self.name else {}
        return {**self.ref, **named, **({"caption": caption} if caption else {})}


def kind_of(file: OutboundFile) -> str:
    """`image`, `document`, or "" for what WhatsApp does not take: an `.ics`, a GIF."""
    mime = file.mime.partition(";")[0].strip().lower()
    if mime in IMAGE_MIMES:
        return "image"
    return "document" if mime in DOCUMENT_MIMES else ""


def bodies_for(message: OutboundMessage, *, file: FilePart | None = None, reference: str = "") -> tuple[Body, ...]:
    """The calls that carry out `message`, mostly one; a list has no place for a file, so that one goes ahead.

    Raises:
        RequestRejected: WhatsApp could not take it: nothing to say, too long, too many buttons.
    """
    if message.kind is not OutboundKind.MESSAGE:
        raise RequestRejected("WhatsApp cannot change a message that was sent.")
    to = _recipient(message.chat_id)
    if reference:
        to["biz_opaque_callback_data"] = reference[:512]
    if message.template is not None and message.template.name:
        return ({**to, "type": "template", "template": _template(message.template)},)
    replies = _replies(message)
    links = [button for row in message.buttons for button in row if button.url]
    text = message.text.strip()
    if len(links) == 1 and not replies and len(text) <= BUTTONED_TEXT_LIMIT:
        return (_interactive(to, _link_button(links[0]), text, file, BUTTONED_TEXT_LIMIT),)
    text = "\n".join((text, *(f"{link.text}: {link.url}" for link in links))).strip()
    if not replies:
        return (_plain(to, text, file),)
    if _fit_as_keys(message, replies):
        return (_interactive(to, _keys(replies), text, file, BUTTONED_TEXT_LIMIT),)
    choice = _interactive(to, _list(replies, text), text, None, TEXT_LIMIT)
    return (choice,) if file is None else (_plain(to, "", file), choice)


def _recipient(chat_id: str) -> Body:
    """Whom to send to: a number, a person who hides theirs, or a group."""
    base: Body = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    if _NUMBER.match(chat_id):
        return {**base, "to": chat_id}
    if _BSUID.match(chat_id):
        return {**base, "recipient": chat_id}
    if not chat_id.strip():
        raise RequestRejected("There is nobody to send to: chat_id is empty.")
    return {**base, "recipient_type": "group", "to": chat_id}


def _plain(to: Body, text: str, file: FilePart | None) -> Body:
    if file is not None:
        if len(text) > CAPTION_LIMIT:
            raise RequestRejected(f"A caption is longer than {CAPTION_LIMIT} characters.")
        return {**to, "type": file.kind, file.kind: file.as_object(text)}
    if not text:
        raise RequestRejected("A message without text cannot be sent.")
    if len(text) > TEXT_LIMIT:
        raise RequestRejected(f"A text is longer than {TEXT_LIMIT} characters.")
    return {**to, "type": "text", "text": {"body": text, "preview_url": False}}


def _interactive(to: Body, choice: Body, text: str, file: FilePart | None, limit: int) -> Body:
    if not text:
        raise RequestRejected("Buttons need a text above them.")
    if len(text) > limit:
        raise RequestRejected(f"A text above buttons is longer than {limit} characters.")
    header = {"header": {"type": file.kind, file.kind: file.as_object()}} if file else {}
    return {**to, "type": "interactive", "interactive": {**choice, **header, "body": {"text": text}}}


def _replies(message: OutboundMessage) -> list[Button]:
    replies = [button for row in message.buttons for button in row if not button.url]
    for button in replies:
        size = len(button.payload.encode("utf-8", "replace"))
        if not 1 <= size <= PAYLOAD_LIMIT_BYTES:
            raise RequestRejected(f"A button's payload takes {size} bytes; 1 to {PAYLOAD_LIMIT_BYTES} are taken.")
    if any(not button.text.strip() for row in message.buttons for button in row):
        raise RequestRejected("A button needs a text.")
    if len({button.payload for button in replies}) < len(replies):
        raise RequestRejected("Two buttons carry the same; WhatsApp takes each once.")
    if len(replies) > LIST_ROWS:
        raise RequestRejected(f"There are {len(replies)} buttons; WhatsApp takes {LIST_ROWS}.")
    return replies


def _fit_as_keys(message: OutboundMessage, replies: list[Button]) -> bool:
    """Whether the buttons can be keys: few, short, each saying something of its own, under a text of decent length."""
    labels = {button.text.strip() for button in replies}
    return (
        not message.is_listed
        and len(labels) == len(replies) <= REPLY_BUTTONS
        and all(len(label) <= BUTTON_TEXT_LIMIT for label in labels)
        and len(message.text) <= BUTTONED_TEXT_LIMIT
    )


def _keys(replies: list[Button]) -> Body:
    buttons = [{"type": "reply", "reply": {"id": key.payload, "title": key.text.strip()}} for key in replies]
    return {"type": "button", "action": {"buttons": buttons}}


def _link_button(link: Button) -> Body:
    shown = _cut(link.text.strip(), BUTTON_TEXT_LIMIT)
    return {
        "type": "cta_url",
        "action": {"name": "cta_url", "parameters": {"display_text": shown, "url": link.url}},
    }


def _list(replies: list[Button], text: str) -> Body:
    """A list to open: the label of a row, and the rest of one that is too long below it."""
    rows: list[dict[str, str]] = []
    seen: set[str] = set()
    for number, button in enumerate(replies, 1):
        title, rest = _halves(button.text.strip())
        if title in seen:  # two rows must not have one title
            title, rest = _halves(f"{number}. {button.text.strip()}")
        seen.add(title)
        rows.append({"id": button.payload, "title": title, **({"description": rest} if rest else {})})
    opens = "Выбрать" if _CYRILLIC.search(text) else "Choose"  # in the language of the text above it
    return {"type": "list", "action": {"button": opens, "sections": [{"rows": rows}]}}


def _halves(label: str) -> tuple[str, str]:
    """A label as title and description, cut between two words where both halves are short enough then."""
    if len(label) <= ROW_TITLE_LIMIT:
        return label, ""
    at = label.rfind(" ", 0, ROW_TITLE_LIMIT + 1)
    if at <= 0 or len(label) - at - 1 > ROW_DESCRIPTION_LIMIT:
        at = ROW_TITLE_LIMIT
    return label[:at].rstrip(), _cut(label[at:].strip(), ROW_DESCRIPTION_LIMIT)


def _template(use: TemplateUse) -> Body:
    components: list[Body] = []
    if use.values:
        # A place takes no line breaks and no more than four spaces in a row.
        places = [{"type": "text", "text": " ".join(value.split()) or "—"} for value in use.values]
        components.append({"type": "body", "parameters": places})
    components += [
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": str(index),
            "parameters": [{"type": "payload", "payload": payload}],
        }
        for index, payload in enumerate(use.payloads)
    ]
    template: Body = {"name": use.name, "language": {"code": use.language or "ru"}}
    return {**template, "components": components} if components else template


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
