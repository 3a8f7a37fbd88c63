"""What can be sent, with the Cloud API's checks: the message as it will be seen, or the refusal (facts §4.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from salon.integrations.fakes import Account, ApiRefusal, Item, Key
from salon.integrations.fakes.state import State
from salon.integrations.meta.fake import refused

_PLACE = re.compile(r"\{\{(\d+)\}\}")
_APPROVED = "APPROVED"


@dataclass(slots=True)
class Shown:
    """A message as the person will see it."""

    text: str = ""
    items: list[Item] = field(default_factory=list)
    buttons: list[list[Key]] = field(default_factory=list)
    is_template: bool = False


def _bad(details: str, code: int = 131009) -> ApiRefusal:
    names = {100: "Invalid parameter", 131008: "Required parameter is missing", 131009: "Parameter value is not valid"}
    return refused(code, names.get(code, "Parameter value is not valid"), details=details)


def shown_of(state: State, account: Account, params: dict[str, Any]) -> Shown:
    """What a call of `/messages` shows.

    Raises:
        ApiRefusal: something is missing, too long, unknown, or not approved.
    """
    kind = str(params.get("type") or "text")
    content = params.get(kind)
    if not isinstance(content, dict):
        raise _bad(f"{kind} is required", 131008 if content is None else 100)
    match kind:
        case "text":
            return Shown(_words(content, "body", 4096))
        case "interactive":
            return _interactive(state, content)
        case "image" | "document" | "audio" | "video":
            caption = str(content.get("caption") or "")
            if len(caption) > 1024:  # noqa: PLR2004 - the limit of the facts sheet
                raise _bad("caption is too long")
            return Shown(caption, [_file(state, kind, content)])
        case "template":
            return _template(account, content)
        case "reaction":
            return Shown(str(content.get("emoji") or ""))
    raise _bad(f"type {kind} is not supported", 100)


def _words(holder: Any, name: str, limit: int) -> str:
    text = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise _bad(f"{name} is required", 131008)
    if len(text) > limit:
        raise _bad(f"{name} has more than {limit} characters")
    return text


def _interactive(state: State, content: dict[str, Any]) -> Shown:
    kind, action = content.get("type"), content.get("action")
    if not isinstance(action, dict):
        raise _bad("action is required", 131008)
    text = _words(content.get("body"), "text", 4096 if kind == "list" else 1024)
    items = _header(state, content.get("header"), takes_files=kind != "list")
    if kind == "button":
        return Shown(text, items, [[key] for key in _keys(action)])
    if kind == "list":
        return Shown(text, items, [[key] for key in _rows(action)])
    if kind == "cta_url":
        parameters = action.get("parameters")
        label, url = _words(parameters, "display_text", 20), _words(parameters, "url", 2000)
        if not url.startswith(("https://", "http://")):
            raise _bad("url is not valid")
        return Shown(text, items, [[{"text": label, "payload": "", "url": url, "kind": "url"}]])
    raise _bad(f"interactive type {kind} is not supported", 100)


def _header(state: State, header: Any, *, takes_files: bool) -> list[Item]:
    if header is None:
        return []
    kind = str(header.get("type")) if isinstance(header, dict) else ""
    if kind == "text":
        return []
    if not takes_files or kind not in {"image", "document", "video"}:
        raise _bad(f"a header of type {kind} is not supported here")
    return [_file(state, kind, header.get(kind) or {})]


def _keys(action: dict[str, Any]) -> list[Key]:
    given = action.get("buttons")
    if not isinstance(given, list) or not 1 <= len(given) <= 3:  # noqa: PLR2004 - the limit of the facts sheet
        raise _bad("there must be one to three buttons")
    replies = [button.get("reply") for button in given if isinstance(button, dict)]
    keys = [
        {"text": _words(reply, "title", 20), "payload": _words(reply, "id", 256), "url": "", "kind": "reply"}
        for reply in replies
    ]
    return _distinct(keys)


def _rows(action: dict[str, Any]) -> list[Key]:
    _words(action, "button", 20)
    sections = action.get("sections")
    if not isinstance(sections, list) or not sections:
        raise _bad("sections are required", 131008)
    rows = []
    for section in sections:
        if len(sections) > 1:
            _words(section, "title", 24)
        rows += list(section.get("rows") or []) if isinstance(section, dict) else []
    if not 1 <= len(rows) <= 10:  # noqa: PLR2004 - the limit of the facts sheet
        raise _bad("there must be one to ten rows")
    keys = []
    for row in rows:
        description = str(row.get("description") or "")
        if len(description) > 72:  # noqa: PLR2004 - the limit of the facts sheet
            raise _bad("description has more than 72 characters")
        title = _words(row, "title", 24)
        key = {"text": title, "payload": _words(row, "id", 200), "url": "", "kind": "list", "description": description}
        keys.append(key)
    return _distinct(keys)


def _distinct(keys: list[Key]) -> list[Key]:
    for name in ("text", "payload"):
        if len({key[name] for key in keys}) < len(keys):
            raise _bad("ids and titles must be unique")
    return keys


def _file(state: State, kind: str, content: dict[str, Any]) -> Item:
    """A file by its id or by a link to it."""
    shown = {"image": "photo"}.get(kind, kind)
    name = str(content.get("filename") or "")
    if content.get("link"):
        return Item(shown, name=name, extra={"link": str(content["link"])})
    file = state.files.get(str(content.get("id") or ""))
    if file is None or file.expired:
        raise _bad("the media id is not valid", 100)
    if kind == "image" and file.mime not in {"image/jpeg", "image/png"}:
        raise refused(131053, "Media upload error", details=f"{file.mime} is not an image that can be shown")
    return Item(shown, file_id=file.file_id, mime=file.mime, name=name or file.name, size=len(file.data))


def _template(account: Account, content: dict[str, Any]) -> Shown:
    name, language = _words(content, "name", 512), str((content.get("language") or {}).get("code") or "")
    templates = account.settings.get("templates", [])
    found = next((one for one in templates if (one["name"], one["language"]) == (name, language)), None)
    if found is None or found["status"] in {"PENDING", "REJECTED"}:
        raise refused(
            132001, "Template name does not exist in the translation", status=404, details=f"{name} {language}"
        )
    if found["status"] == "PAUSED":
        raise refused(132015, "Template is paused")
    if found["status"] != _APPROVED:
        raise refused(132016, "Template is disabled")
    components = [part for part in content.get("components") or [] if isinstance(part, dict)]
    values = [
        str(value.get("text") or "")
        for part in components
        if part.get("type") == "body"
        for value in part.get("parameters") or []
    ]
    wanted = len(set(_PLACE.findall(found["body"])))
    if len(values) != wanted:
        raise refused(132000, "Number of parameters does not match", details=f"{len(values)} given, {wanted} expected")
    if any(not value or re.search(r"[\n\t]| {5}", value) for value in values):
        raise refused(132018, "A parameter is empty, or has line breaks, tabs or more than four spaces in a row")
    text = _PLACE.sub(lambda place: values[int(place[1]) - 1], found["body"])
    return Shown(text, buttons=[[key] for key in _template_keys(found, components)], is_template=True)


def _template_keys(found: dict[str, Any], components: list[dict[str, Any]]) -> list[Key]:
    payloads: dict[int, str] = {}
    for part in components:
        if part.get("type") == "button" and part.get("sub_type") == "quick_reply":
            number = int(part.get("index") or 0)
            if number >= len(found["buttons"]):
                raise refused(132000, "Number of parameters does not match", details="no such button")
            payloads[number] = str(part["parameters"][0]["payload"])
    return [
        {"text": label, "payload": payloads.get(number, label), "url": "", "kind": "reply", "of_template": True}
        for number, label in enumerate(found["buttons"])
    ]
