"""What can be sent, with Instagram's checks: the message as it will be seen, or the refusal (facts §5.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from salon.integrations.fakes import ApiRefusal, Item, Key
from salon.integrations.meta.fake import refused

_TEXT_LIMIT_BYTES = 1000
_QUICK_REPLIES = 13
_TITLE_LIMIT = 20
_PAYLOAD_LIMIT = 1000
_TEMPLATE_TEXT_LIMIT = 640
_TEMPLATE_BUTTONS = 3
_SHOWN = {"image": "photo", "audio": "voice", "video": "video", "file": "document"}


@dataclass(slots=True)
class Shown:
    """A message as the person will see it."""

    text: str = ""
    items: list[Item] = field(default_factory=list)
    buttons: list[list[Key]] = field(default_factory=list)


def _bad(what: str) -> ApiRefusal:
    return refused(100, f"Invalid parameter: {what}")


def shown_of(message: Any) -> Shown:
    """What the `message` of a call shows.

    Raises:
        ApiRefusal: something is missing or too long.
    """
    if not isinstance(message, dict) or ("text" in message) == ("attachment" in message):
        raise _bad("a message has a text or an attachment")
    if "text" in message:
        text = _words(message, "text")
        if len(text.encode()) > _TEXT_LIMIT_BYTES:
            raise _bad("Length of param message[text] must be less than or equal to 1000")
        return Shown(text, buttons=_quick_replies(message))
    attachment = message["attachment"]
    kind = attachment.get("type") if isinstance(attachment, dict) else None
    payload = attachment.get("payload") if isinstance(attachment, dict) else None
    if not isinstance(payload, dict):
        raise _bad("an attachment has a payload")
    if kind == "template":
        return _template(payload)
    if kind not in _SHOWN:
        raise _bad(f"attachments of the type {kind} cannot be sent")
    url = _words(payload, "url")
    if not url.startswith(("https://", "http://")):
        raise _bad("the url is not valid")
    return Shown(items=[Item(_SHOWN[kind], extra={"link": url})])


def _words(holder: Any, name: str, limit: int | None = None) -> str:
    text = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise _bad(f"{name} is required")
    if limit is not None and len(text) > limit:
        raise _bad(f"{name} has more than {limit} characters")
    return text


def _quick_replies(message: dict[str, Any]) -> list[list[Key]]:
    given = message.get("quick_replies") or []
    if not isinstance(given, list) or len(given) > _QUICK_REPLIES:
        raise _bad("there are too many quick replies")
    keys = [
        {
            "text": _words(one, "title", _TITLE_LIMIT),
            "payload": _words(one, "payload", _PAYLOAD_LIMIT),
            "url": "",
            "kind": "reply",
        }
        for one in given
    ]
    return [keys] if keys else []


def _template(payload: dict[str, Any]) -> Shown:
    if payload.get("template_type") != "button":
        raise _bad("only button templates are known here")
    text, given = _words(payload, "text", _TEMPLATE_TEXT_LIMIT), payload.get("buttons")
    if not isinstance(given, list) or not 1 <= len(given) <= _TEMPLATE_BUTTONS:
        raise _bad("a button template has one to three buttons")
    keys = []
    for one in given:
        title, is_link = _words(one, "title", _TITLE_LIMIT), one.get("type") == "web_url"
        key = {"text": title, "payload": "", "url": "", "kind": "url" if is_link else "postback"}
        key["url" if is_link else "payload"] = _words(one, "url" if is_link else "payload", _PAYLOAD_LIMIT)
        keys.append([key])
    return Shown(text, buttons=keys)
