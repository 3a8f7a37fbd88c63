"""Bringing a picture or a file to MAX, so that a message can name it: ask where to, post it there."""

from __future__ import annotations

from typing import Any

from salon.integrations.http import Reply, Upload
from salon.integrations.max.client import MaxClient
from salon.integrations.max.payloads.calls import Call
from salon.integrations.wire import dict_of, text_of
from salon.messaging.domain import MediaContent, OutboundFile
from salon.messaging.errors import RequestRejected, RetryLater

_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/tiff", "image/bmp", "image/heic"})
_FIELDS = ("data", "file")  # the documented field, and the one that some of MAX's storages insist on (facts §2.5)
_OK, _BAD_FILE, _TOO_LARGE, _WRONG_FIELD = 200, 400, 413, 415


def kind_of(mime: str) -> str:
    """What MAX calls such a file: image, video, audio or file."""
    if mime in _PICTURES:
        return "image"
    head = mime.partition("/")[0]
    return head if head in {"audio", "video"} else "file"


def bring(client: MaxClient, token: str, file: OutboundFile, media: MediaContent) -> dict[str, Any]:
    """The file as an attachment of a message.

    Raises:
        RetryLater: nothing was said to the person yet, so trying again repeats nothing.
        RequestRejected: MAX does not take this file.
        AccountRejected: see `messaging.errors`.
    """
    kind = kind_of(file.mime)
    try:
        answer = client.call(token, Call("POST", "/uploads", {"type": kind}))
        if not answer.ok:
            raise answer.failure()
        reply = _post(client, text_of(answer.result.get("url")), file, media)
        return {"type": kind, "payload": _payload(reply, text_of(answer.result.get("token")))}
    except RetryLater as later:
        later.maybe_sent = False
        raise


def _post(client: MaxClient, url: str, file: OutboundFile, media: MediaContent) -> Reply:
    if not url:
        raise RetryLater("MAX gave no address to upload to.")
    for field in _FIELDS:
        reply = client.upload(url, Upload(field, file.name, media.data, file.mime))
        if reply.status != _WRONG_FIELD:
            break
    if reply.status == _OK:
        return reply
    if reply.status in {_BAD_FILE, _TOO_LARGE, _WRONG_FIELD}:
        raise RequestRejected(f"MAX does not take the file: {reply.status}.")
    raise RetryLater(f"The upload was answered with {reply.status}.")


def _payload(reply: Reply, token: str) -> dict[str, Any]:
    """What names the file: by kind told in the answer, in the JSON of the answer before, or both."""
    told = reply.json_object()
    if told is None:  # <retval>1</retval>: sound and film have got their token before
        if not token:
            raise RetryLater("MAX gave no name to the file that it took.")
        return {"token": token}
    if "error_code" in told:  # some hosts answer failures with 200
        raise RequestRejected(f"MAX does not take the file: {text_of(str(told['error_code']), limit=40)}.")
    photos = dict_of(told.get("photos"))
    if photos:
        return {"photos": photos}
    named = text_of(told.get("token")) or token
    if not named:
        raise RetryLater("MAX gave no name to the file that it took.")
    return {"token": named}
