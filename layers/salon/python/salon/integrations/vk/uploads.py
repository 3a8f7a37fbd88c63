"""Bringing a picture or a file to VK, so that a message can name it: ask where to, post it there, save it."""

from __future__ import annotations

from typing import Any

from salon.integrations.http import Upload
from salon.integrations.vk.client import VkClient
from salon.integrations.vk.payloads.calls import Call
from salon.integrations.wire import dict_of, id_of, list_of, text_of
from salon.messaging.domain import MediaContent, OutboundFile
from salon.messaging.errors import RequestRejected, RetryLater

_PICTURES = frozenset({"image/jpeg", "image/png"})  # what VK shows as a picture; others are files


def bring(client: VkClient, token: str, peer: str, file: OutboundFile, media: MediaContent) -> str:
    """The file as `messages.send` names it: `photo-1_2_key`, `doc-1_3`.

    Raises:
        RetryLater: nothing was said to the person yet, so trying again repeats nothing.
        RequestRejected, AccountRejected, RecipientGone: see `messaging.errors`.
    """
    try:
        if file.mime in _PICTURES:
            return _picture(client, token, peer, file, media)
        return _document(client, token, peer, file, media)
    except RetryLater as later:
        later.maybe_sent = False
        raise


def _picture(client: VkClient, token: str, peer: str, file: OutboundFile, media: MediaContent) -> str:
    url = _address(client, token, Call("photos.getMessagesUploadServer", {"peer_id": peer}))
    posted = client.upload(url, Upload("photo", file.name, media.data, file.mime))
    picture = text_of(posted.get("photo"))
    if picture in {"", "[]"}:
        raise RequestRejected("VK did not take the picture.")
    saved = client.result_of(
        token,
        Call(
            "photos.saveMessagesPhoto",
            {"photo": picture, "server": id_of(posted.get("server")), "hash": text_of(posted.get("hash"))},
        ),
    )
    return _named("photo", dict_of(next(iter(list_of(saved)), None)))


def _document(client: VkClient, token: str, peer: str, file: OutboundFile, media: MediaContent) -> str:
    url = _address(client, token, Call("docs.getMessagesUploadServer", {"type": "doc", "peer_id": peer}))
    posted = client.upload(url, Upload("file", file.name, media.data, file.mime))
    name = text_of(posted.get("file"))
    if not name:
        raise RequestRejected(f"VK did not take the file: {text_of(posted.get('error'), limit=100) or 'no reason'}")
    saved = client.result_of(token, Call("docs.save", {"file": name, "title": file.name}))
    first = dict_of(next(iter(list_of(saved)), None)) or dict_of(saved)  # a list before 5.80
    return _named("doc", dict_of(first.get("doc")) or first)


def _address(client: VkClient, token: str, call: Call) -> str:
    url = text_of(dict_of(client.result_of(token, call)).get("upload_url"))
    if not url:
        raise RetryLater("VK gave no address to upload to.")
    return url


def _named(kind: str, saved: dict[str, Any]) -> str:
    owner, number, key = id_of(saved.get("owner_id")), id_of(saved.get("id")), text_of(saved.get("access_key"))
    if not owner or not number:
        raise RetryLater("VK gave no name to the file that it took.")
    return f"{kind}{owner}_{number}" + (f"_{key}" if key else "")
