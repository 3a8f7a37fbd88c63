"""Uploads: where to, the storage's own answers, and what a message names afterwards (facts §2.5)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from salon.integrations.fakes.faults import ApiCall
from salon.integrations.fakes.state import Account, Item
from salon.integrations.fakes.wire import Answer
from salon.integrations.max.fake.words import senseless

if TYPE_CHECKING:
    from salon.integrations.max.fake.server import FakeMax

KINDS = {"image": "photo", "video": "video", "audio": "voice", "file": "document"}
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".tiff", ".bmp", ".heic")
_FORBIDDEN = (".exe", ".apk", ".bat")


def give_place(world: FakeMax, account: Account, call: ApiCall) -> Answer:
    """An address that takes one file; sound and film get their token here already."""
    kind = str(call.params.get("type") or "")
    if kind not in KINDS:
        raise senseless(f"Unknown upload type: {kind}")
    key = _secret(account, "upload")
    place = {"account": account.key, "kind": kind}
    answer = {"url": f"{world.base_url}/upload/{kind}?sig={key}"}
    if kind in {"audio", "video"}:
        place["token"] = answer["token"] = _secret(account, "token")
    world.state.extra.setdefault("uploads", {})[key] = place
    return Answer.json(answer)


def take_upload(world: FakeMax, call: ApiCall) -> Answer:
    """The storage, which asks for no token and answers in its own way."""
    kind = call.method.removeprefix("upload.")
    key = str(call.params.get("sig"))
    place = world.state.extra.get("uploads", {}).get(key)
    if place is None or place["kind"] != kind:
        return Answer.json({"error_code": "4", "error_data": "BAD_REQUEST"})
    part = call.parts.get(world.upload_fields[kind])
    if part is None:
        return Answer.text("Unsupported Media Type", 415)
    if not part.data or part.name.lower().endswith(_FORBIDDEN):
        return Answer.json({"error_code": "5", "error_data": "File extension is forbidden"})
    if kind == "image" and not part.name.lower().endswith(_PICTURES):
        return Answer.json({"error_code": "5", "error_data": "File extension is forbidden"})
    del world.state.extra["uploads"][key]
    account = world.state.accounts[place["account"]]
    token = place.get("token") or _secret(account, "token")
    file = world.store_file(f"{kind}s", part.data, name=part.name, mime=part.mime, account=account.key, kind=kind)
    world.state.extra.setdefault("tokens", {})[token] = file.file_id
    if kind in {"audio", "video"}:
        return Answer(200, b"<retval>1</retval>", "application/xml")
    if kind == "image":
        return Answer.json({"photos": {_secret(account, "photo"): {"token": token}}})
    return Answer.json({"fileId": account.count("file", first=4_400_000_001), "token": token})


def named(world: FakeMax, account: Account, kind: str, payload: Any) -> Item:
    """The uploaded file that an attachment names.

    Raises:
        Refused: 400, it names none of this bot's.
    """
    given = payload if isinstance(payload, dict) else {}
    photos = given.get("photos")
    inner: dict[str, Any] = next(iter(photos.values()), {}) if kind == "image" and isinstance(photos, dict) else {}
    token = str(given.get("token") or inner.get("token") or "")
    if not token:
        raise senseless("Missing `token` in video attachment")  # the real one says so of every kind
    file = world.state.files.get(world.state.extra.get("tokens", {}).get(token, ""))
    if file is None or file.extra.get("account") != account.key or file.extra.get("kind") != kind:
        raise senseless("Invalid attachment token")
    return Item(KINDS[kind], file.file_id, file.mime, file.name, len(file.data), extra={"token": token})


def _secret(account: Account, series: str) -> str:
    """Something that nobody guesses and that is the same in every run."""
    number = account.count(f"{series} secret")
    return hashlib.sha256(f"{account.key}:{series}:{number}".encode()).hexdigest()
