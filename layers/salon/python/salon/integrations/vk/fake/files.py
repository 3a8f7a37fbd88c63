"""Uploads: where to, the upload itself, and the saving that gives a file its name."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from salon.integrations.fakes.faults import ApiCall
from salon.integrations.fakes.state import Account, Item
from salon.integrations.fakes.wire import Answer
from salon.integrations.vk.fake.words import Refused, number, word

if TYPE_CHECKING:
    from salon.integrations.vk.fake.messages import Method
    from salon.integrations.vk.fake.server import FakeVk

_PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".gif")
_REFUSED_ENDINGS = (".exe", ".mp3", ".apk")
_TITLE_LIMIT = 255


def _place(world: FakeVk, account: Account, kind: str) -> str:
    key = secrets.token_hex(8)
    world.state.extra.setdefault("uploads", {})[key] = {"account": account.key, "kind": kind}
    return f"{world.base_url}/upload/{kind}?act=do_add&hash={key}"


def _photo_server(world: FakeVk, account: Account, call: ApiCall) -> Any:
    number(call, "peer_id", default=0)
    return {"upload_url": _place(world, account, "photo"), "album_id": -64, "group_id": int(account.external_id)}


def _document_server(world: FakeVk, account: Account, call: ApiCall) -> Any:
    if call.params.get("type", "doc") not in {"doc", "audio_message", "graffiti"}:
        raise Refused(call, 100, "type is invalid")
    number(call, "peer_id")
    return {"upload_url": _place(world, account, "doc")}


def take_upload(world: FakeVk, call: ApiCall) -> Answer:
    """The upload server, which asks for no token and answers in its own way."""
    kind = call.method.removeprefix("upload.")
    place = world.state.extra.get("uploads", {}).pop(str(call.params.get("hash")), None)
    part = call.parts.get("photo" if kind == "photo" else "file")
    if place is None or place["kind"] != kind:
        return Answer.text("Bad Request", 400)
    name = part.name.lower() if part else ""
    if part is None or not part.data:
        return Answer.json({"error": "no_file", "error_descr": "file not found"})
    if kind == "photo" and not name.endswith(_PICTURE_ENDINGS):
        return Answer.json({"server": 1, "photo": "[]", "hash": "0"})
    if name.endswith(_REFUSED_ENDINGS):
        return Answer.json({"error": "wrong_file_ext", "error_descr": "the extension is not allowed"})
    file = world.store_file(f"{kind}s", part.data, name=part.name, mime=part.mime, account=place["account"])
    if kind == "photo":
        sizes = json.dumps([{"photo": file.file_id, "sizes": []}])
        return Answer.json({"server": 854_128, "photo": sizes, "hash": secrets.token_hex(8)})
    return Answer.json({"file": f"{place['account']}|{file.file_id}"})


def _save_photo(world: FakeVk, account: Account, call: ApiCall) -> Any:
    number(call, "server")
    word(call, "hash")
    try:
        file_id = str(json.loads(word(call, "photo"))[0]["photo"])
    except (ValueError, LookupError, TypeError):
        raise Refused(call, 100, "photos_list is invalid") from None
    named = _keep(world, account, call, "photo", file_id)
    return [{**named, "album_id": -64, "sizes": [{"type": "s", "url": world.link_to(file_id), "width": 75}]}]


def _save_document(world: FakeVk, account: Account, call: ApiCall) -> Any:
    file_id = word(call, "file").rpartition("|")[2]
    title = str(call.params.get("title") or "")
    if len(title) > _TITLE_LIMIT:
        raise Refused(call, 100, "title is too long")
    named = _keep(world, account, call, "doc", file_id, title=title)
    return {"type": "doc", "doc": {**named, "url": world.page_of(file_id)}}


def _keep(
    world: FakeVk, account: Account, call: ApiCall, kind: str, file_id: str, *, title: str = ""
) -> dict[str, Any]:
    file = world.state.files.get(file_id)
    if file is None or file.extra.get("account") != account.key:
        raise Refused(call, 100, f"{kind} is invalid")
    named = {"id": account.count(kind, first=457_239_017), "owner_id": -int(account.external_id)}
    kept = {**named, "access_key": secrets.token_hex(6), "file_id": file_id, "name": title or file.name}
    world.state.extra.setdefault("attachments", {})[f"{kind}{named['owner_id']}_{named['id']}"] = kept
    return {**named, "access_key": kept["access_key"], "title": kept["name"]}


def attached(world: FakeVk, account: Account, name: str) -> Item | None:
    """What `photo-1_2_key` names; None when it names nothing of this account's."""
    parts = name.split("_")
    kept = world.state.extra.get("attachments", {}).get("_".join(parts[:2]))
    file = world.state.files.get(kept["file_id"]) if kept else None
    if (
        kept is None
        or file is None
        or file.extra.get("account") != account.key
        or parts[2:] not in ([], [kept["access_key"]])
    ):
        return None
    kind = "photo" if name.startswith("photo") else "document"
    about = {key: kept[key] for key in ("id", "owner_id", "access_key")}
    return Item(kind, file.file_id, file.mime, kept["name"], len(file.data), extra=about)


METHODS: dict[str, Method] = {
    "photos.getMessagesUploadServer": _photo_server,
    "photos.saveMessagesPhoto": _save_photo,
    "docs.getMessagesUploadServer": _document_server,
    "docs.save": _save_document,
}
